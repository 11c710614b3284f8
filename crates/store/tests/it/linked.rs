//! Filters, orders and groups that read through links: in SQL they mean what they mean for values
//! at hand, for whoever asks.

use crate::ground::{Ground, ORG, OTHER};
use crate::lowering::{Dice, condition, row};
use expr::Joined;
use kernel::linked::{Beyond, Hop, Reach};
use kernel::ports::{ListPlan, OrderKey};
use kernel::rights::{OrgFacts, Rule};
use kernel::{Actor, Answer, Call, Input, List, Predicate, Query, Record, env};
use std::collections::HashMap;
use std::sync::Arc;
use store::sql::{About, Bound, Dialect, Sql, conditions};
use store::tables::Catalog;
use testkit::rounds::Rounds;
use types::{Instant, Uuid, Value};

/// Rows of one run.
const ROWS: usize = 90;
/// The fields that conditions name.
const FIELDS: &[&str] = &[
    "name",
    "plain",
    "flag",
    "count",
    "fine",
    "coarse",
    "price",
    "paid",
    "on",
    "at",
    "span",
    "wall",
    "colour",
    "parent",
    "friends",
    "extra",
    "created_at",
];

/// The same condition with some of its fields behind links, one or two deep.
fn reaching(dice: &mut Dice, text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next() {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = match first {
            '\'' => {
                let mut escaped = false;
                let close = rest[1..].char_indices().find(|(_, c)| {
                    let closes = *c == '\'' && !escaped;
                    escaped = *c == '\\' && !escaped;
                    closes
                });
                close.map_or(rest.len(), |(at, _)| at + 2)
            }
            c if word(c) => rest.find(|c| !word(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let (piece, after) = rest.split_at(end);
        if FIELDS.contains(&piece) && !out.ends_with('.') && !after.starts_with('(') {
            out.push_str(dice.pick(&["", "parent.", "parent.", "parent.parent."]));
        }
        out.push_str(piece);
        rest = after;
    }
    out
}

/// A condition on keys in other systems.
fn by_key(dice: &mut Dice) -> String {
    dice.pick(&[
        "external_ids.old == '1'",
        "external_ids.old != '1'",
        "external_ids.old in ['1', '2', '3']",
        "has(external_ids.crm)",
        "external_ids.nothing == null",
        "external_ids.crm.startsWith('a') || external_ids.old == '1'",
        "external_ids.crm == name",
        "!(external_ids.crm > 'a')",
    ])
    .to_owned()
}

/// The values of what lies beyond a record, as the actor may know them.
fn sources<'a>(
    record: &'a Record,
    beyond: &[Beyond],
    all: &'a HashMap<Uuid, Record>,
    sees: &dyn Fn(&Hop, &Record) -> bool,
) -> Vec<Vec<Value>> {
    let reach = |hop: &Arc<Hop>| {
        let mut at = record;
        for hop in hop.chain() {
            at = all.get(&at.values[hop.link].as_id()?).filter(|target| sees(hop, target))?;
        }
        Some(at.values.clone())
    };
    let key = |name: &str| {
        let Value::Json(text) = record.get("external_ids") else { return vec![Value::Null] };
        let keys: HashMap<String, String> = serde_json::from_str(text).unwrap();
        vec![keys.get(name).cloned().into()]
    };
    let of = |beyond: &Beyond| match beyond {
        Beyond::Linked(hop) => reach(hop).unwrap_or_default(),
        Beyond::Key(name) => key(name),
    };
    beyond.iter().map(of).collect()
}

fn rule(role: &str, condition: &str) -> Rule {
    Rule {
        name: role.to_owned(),
        role: role.to_owned(),
        entity: "yard.thing".to_owned(),
        verb: "read".to_owned(),
        allow: true,
        condition: condition.to_owned(),
        hidden: Vec::new(),
        read_only: Vec::new(),
    }
}

fn user(roles: &[&str]) -> Call {
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    Call { actor: Actor::User(Uuid::from_u128(7)), roles, ..Call::system(ORG, "test") }
}

/// Random rows, random conditions through links and by keys elsewhere, asked by someone who sees
/// all and by someone who does not: what the database selects is what the interpreter selects when
/// it is given the linked values.
pub async fn sql_and_interpreter_agree(ground: &Ground, rounds: &'static Rounds) {
    let mut dice = Dice(7);
    let mut ids = Vec::new();
    for at in 0..ROWS {
        // The first are linked to, some of them by each other.
        let made = ground.create(ORG, "thing", row(&mut dice, &ids)).await.unwrap();
        ground.create(OTHER, "thing", row(&mut dice, &[])).await.unwrap();
        if at < 12 {
            ids.push(made.id());
        }
    }
    let public: Vec<String> = ids.iter().map(|id| types::format_id("thi", *id)).collect();
    let entity = ground.entity("thing");
    let snapshot = ground.store(ORG).await.snapshot().await.unwrap();
    let plan = |predicates: Vec<Predicate>| ListPlan {
        entity: entity.clone(),
        predicates,
        tokens: vec![],
        through: Vec::new(),
        order: vec![],
        after: None,
        skip: 0,
        limit: 10_000,
        lines: false,
    };
    let records = snapshot.list(&plan(vec![])).await.unwrap();
    let all: HashMap<Uuid, Record> = records.iter().map(|r| (r.id(), r.clone())).collect();
    assert_eq!(all.len(), ROWS);
    let now = Instant(1_760_000_000_500_000);
    let sees_some =
        "has(parent) || count != 1 && !(colour in ['red', null]) || created_by == user.id";
    let facts = OrgFacts { epoch: 1, rules: vec![rule("some", sees_some)], ..OrgFacts::default() };
    let runtime = &*ground.runtime;
    let (mut checked, mut some, mut reached) = (0, 0, 0);
    let mut counter = rounds.begin();
    while counter.done() < rounds.count() {
        counter.one_more();
        let call = if dice.roll(2) == 0 { Call::system(ORG, "test") } else { user(&["some"]) };
        let mut text = condition(&mut dice, 2, &public);
        text = reaching(&mut dice, &text);
        if dice.roll(4) == 0 {
            text = format!("({text}) {} {}", dice.pick(&["&&", "||"]), by_key(&mut dice));
        }
        let reach = Reach { runtime, call: &call, facts: &facts };
        let own = runtime.plans.of(&call, &entity, &facts, &*runtime.registry).unwrap();
        let Ok(predicate) = runtime.compiled.filter(&entity, &text, &own, &reach) else {
            continue;
        };
        let sees = |hop: &Hop, record: &Record| {
            hop.see.iter().all(|predicate| env::holds(predicate, record, &call, now))
        };
        let context = env::context(&call, now);
        let holds = |record: &&Record| {
            let sources = sources(record, &predicate.beyond, &all, &sees);
            let sources: Vec<&[Value]> = sources.iter().map(Vec::as_slice).collect();
            let joined = Joined { own: &record.values, sources: &sources };
            predicate.expr.eval_bool(&joined, &context)
        };
        let expected: Vec<Uuid> = records.iter().filter(holds).map(Record::id).collect();
        let bound = env::bind(&predicate, &call, now);
        let found = snapshot.list(&plan(vec![bound.clone()])).await;
        let found = found.unwrap_or_else(|e| panic!("{text}: {e}"));
        let found: Vec<Uuid> = found.iter().map(Record::id).collect();
        assert_eq!(found, expected, "{text} as {:?}", call.roles);
        let count = snapshot.count(&plan(vec![bound])).await;
        let count = count.unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(count, expected.len() as u64, "{text}");
        checked += 1;
        reached += usize::from(!predicate.beyond.is_empty());
        some += usize::from(!expected.is_empty() && expected.len() < all.len());
    }
    assert!(checked > rounds.count() / 2, "only {checked} conditions compile");
    assert!(reached > checked / 2, "only {reached} of {checked} conditions read beyond the record");
    assert!(some > checked / 3, "only {some} of {checked} conditions tell rows apart");
    counter.report();
    testkit::data::report_checks(checked);
}

/// A filter of things as a statement that finds their ids, in the organisation and the table of
/// these numbers.
pub fn statement(ground: &Ground, filter: &str, dialect: Dialect, number: i64) -> Sql {
    let (call, facts) = (Call::system(ORG, "test"), OrgFacts::default());
    let (runtime, entity) = (&*ground.runtime, ground.entity("thing"));
    let reach = Reach { runtime, call: &call, facts: &facts };
    let plan = runtime.plans.of(&call, &entity, &facts, &*runtime.registry).unwrap();
    let predicate = runtime.compiled.filter(&entity, filter, &plan, &reach).unwrap();
    let catalog = Catalog::new(&runtime.service.entities);
    let table = catalog.get("yard.thing").unwrap();
    let mut sql = Sql::new(dialect);
    sql.push("SELECT id FROM ").table(table).push(" WHERE _org = ").bind(Bound::Int(1));
    let about = About { table, number, catalog: &catalog, org: 1 };
    let left = conditions(&mut sql, &about, &[env::bind(&predicate, &call, Instant(0))]).unwrap();
    assert!(left.is_empty(), "{filter}");
    sql
}

/// Grandparents, parents, and what links to them or to nothing.
async fn family(ground: &Ground) {
    let named = |name: &str, count: Option<i64>, parent: Option<Uuid>| {
        Input::new().set("name", name).set("count", count).set("parent", parent)
    };
    let make = async |name: &str, count, parent| {
        ground.create(ORG, "thing", named(name, count, parent)).await.unwrap().id()
    };
    let old = make("öl", Some(2), None).await;
    let elder = make("Ofen", None, None).await;
    let zebra = make("zebra", Some(1), Some(old)).await;
    let apfel = make("Apfel", Some(3), Some(elder)).await;
    let apfel2 = make("apfel", None, None).await;
    for (at, parent) in
        [Some(zebra), None, Some(apfel), Some(apfel2), Some(zebra), Some(apfel), None, Some(apfel2)]
            .into_iter()
            .enumerate()
    {
        make(&format!("child {at}"), Some(at as i64 % 3), parent).await;
    }
}

/// An order by a field behind links, on pages of every size and where a part of the filter is
/// decided record by record.
pub async fn lists_are_ordered_through_links(ground: &Ground) {
    family(ground).await;
    for (order_by, expected) in [
        (
            "parent.name",
            "child 3, child 7, child 2, child 5, Apfel, zebra, child 0, child 4, öl, Ofen, apfel, \
             child 1, child 6",
        ),
        (
            "parent.name desc, name desc",
            "child 4, child 0, zebra, Apfel, child 5, child 2, child 7, child 3, öl, Ofen, \
             child 6, child 1, apfel",
        ),
        (
            "parent.count desc",
            "child 2, child 5, zebra, child 0, child 4, öl, Ofen, Apfel, apfel, child 1, child 3, \
             child 6, child 7",
        ),
        (
            "parent.parent.name, count desc",
            "child 2, child 5, child 4, child 0, Apfel, öl, zebra, child 1, child 7, child 3, \
             child 6, Ofen, apfel",
        ),
    ] {
        for page_size in [1, 2, 5, 100] {
            for filter in ["", "on == null || on + 1 > on"] {
                let list = List {
                    order_by: order_by.into(),
                    filter: filter.into(),
                    page_size,
                    ..List::default()
                };
                let names = ground.names(ORG, list).await.join(", ");
                assert_eq!(names, expected, "{order_by} by {page_size} where {filter}");
            }
        }
    }
}

/// Groups by a field behind links.
pub async fn groups_are_made_through_links(ground: &Ground) {
    family(ground).await;
    let ask = async |group_by: &str, filter: &str, having: &str| {
        let question = kernel::command::Aggregate {
            entity: "yard.thing".into(),
            filter: filter.into(),
            group_by: group_by.into(),
            select: "count(), sum(count)".into(),
            having: having.into(),
            ..Default::default()
        };
        let call = Call::system(ORG, "test");
        let Answer::Groups(groups) =
            ground.runtime.ask(&call, &Query::Aggregate(question)).await.unwrap()
        else {
            panic!("not groups")
        };
        let text = |value: &Value| match value {
            Value::Text(text) => text.clone(),
            Value::Int(int) => int.to_string(),
            Value::Decimal(sum) => sum.to_string(),
            other => format!("{other:?}"),
        };
        let rows = groups.rows.iter().map(|row| row.iter().map(text).collect::<Vec<_>>().join(" "));
        rows.collect::<Vec<_>>().join(", ")
    };
    let by_name = "Apfel 2 4, Ofen 1 3, apfel 2 1, zebra 2 1, öl 1 1, Null 5 3";
    assert_eq!(ask("parent.name", "", "").await, by_name);
    // A part that the interpreter decides leaves the groups as they are.
    assert_eq!(ask("parent.name", "on == null || on + 1 > on", "").await, by_name);
    assert_eq!(ask("parent.name", "parent.count >= 1", "").await, "Apfel 2 4, zebra 2 1, öl 1 1");
    assert_eq!(ask("parent.parent.count", "has(parent.parent)", "").await, "2 2 1, Null 2 4");
    assert_eq!(ask("parent.name", "", "parent.name == 'zebra'").await, "zebra 2 1");
    assert_eq!(ask("year(parent.created_at)", "", "").await, "2025 8 10, Null 5 3");
}

/// A record that the actor cannot see is as good as none for order, cursor and groups.
pub async fn what_cannot_be_seen_is_none(ground: &Ground) {
    family(ground).await;
    let facts = OrgFacts {
        epoch: 1,
        rules: vec![rule("few", "name != 'zebra'"), rule("none", "name == 'nobody'")],
        ..OrgFacts::default()
    };
    let runtime = &*ground.runtime;
    let entity = ground.entity("thing");
    let snapshot = ground.store(ORG).await.snapshot().await.unwrap();
    for (role, filter, expected) in [
        ("few", "parent.name == 'zebra'", 0),
        ("few", "parent.name != 'zebra'", 13),
        ("few", "has(parent) && parent.name == null", 2),
        ("few", "parent.count == 1", 0),
        ("few", "parent.parent.name == 'öl'", 0),
        ("few", "parent.parent.name == 'Ofen'", 2),
        ("none", "has(parent.id)", 0),
        ("none", "parent.name.contains('') || parent.count < 100", 0),
    ] {
        let call = user(&[role]);
        let reach = Reach { runtime, call: &call, facts: &facts };
        let plan = runtime.plans.of(&call, &entity, &facts, &*runtime.registry).unwrap();
        let predicate = runtime.compiled.filter(&entity, filter, &plan, &reach).unwrap();
        let now = Instant(1_760_000_000_500_000);
        let bound = env::bind(&predicate, &call, now);
        let Some(Beyond::Linked(hop)) = bound.beyond.first().cloned() else { panic!("{filter}") };
        let slot = entity.slot("name").unwrap();
        let order = vec![OrderKey { hop: Some(hop), slot, descending: true }];
        let list = ListPlan {
            entity: entity.clone(),
            predicates: vec![bound],
            tokens: vec![],
            through: Vec::new(),
            order,
            after: None,
            skip: 0,
            limit: 100,
            lines: false,
        };
        let found = snapshot.list(&list).await.unwrap();
        assert_eq!(found.len(), expected, "{role}: {filter}");
        let of_zebra =
            |record: &Record| ["child 0", "child 4"].map(Value::from).contains(record.get("name"));
        if expected == 13 {
            // They come last, with those that link to nothing.
            let last: Vec<usize> = (0..13).filter(|at| of_zebra(&found[*at])).collect();
            assert!(last.iter().all(|at| *at > 5), "{last:?}");
        }
    }
}
