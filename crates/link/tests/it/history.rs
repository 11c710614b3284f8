//! What happened to a record, as each who asks may know it.

use crate::shop::{Line, act, create, customer, delete, order, run, services, under, update};
use kernel::command::{FieldChange, Happening, History};
use kernel::rights::Rule;
use kernel::schema::slot;
use kernel::{Answer, Call, Declare, Input, Problem, Query, Record};
use testkit::world::{World, everywhere};
use types::{Uuid, Value};

const SET: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0d01);
const UNDO: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0d02);

async fn page(
    world: &World,
    call: Call,
    (entity, id): (&str, Uuid),
    (page_size, page_token): (u32, String),
) -> Result<History, Problem> {
    let query = Query::History { entity: entity.to_owned(), id, page_size, page_token };
    match world.ask(call, query).await? {
        Answer::History(history) => Ok(history),
        other => panic!("a history answered {other:?}"),
    }
}

async fn told(world: &World, call: Call, record: &Record) -> Vec<String> {
    let of = (record.entity.full_name(), record.id());
    let page = page(world, call, (&of.0, of.1), (0, String::new())).await.unwrap();
    page.items.iter().map(in_words).collect()
}

fn value(value: &Option<Value>) -> String {
    match value {
        None => "?".to_owned(),
        Some(Value::Null) => "-".to_owned(),
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Int(number)) => number.to_string(),
        Some(Value::Id(_)) => "id".to_owned(),
        Some(other) => format!("{other:?}"),
    }
}

fn changes(all: &[FieldChange]) -> String {
    let one = |one: &FieldChange| {
        let erased = if one.erased { "!" } else { "" };
        format!("{} {}>{}{erased}", one.field, value(&one.before), value(&one.after))
    };
    all.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn in_words(item: &Happening) -> String {
    let through = item.through.as_ref().map_or(String::new(), |act| format!(" by {act}"));
    let mut text = format!("{}{through} v{}: {}", item.verb, item.version, changes(&item.changes));
    for line in &item.lines {
        text += &format!("; {} {} {}", line.field, line.change.name(), changes(&line.changes));
    }
    text
}

fn line(id: Option<&Value>, item: &str) -> Vec<Value> {
    let mut row = vec![Value::Null; Line::entity().fields.len()];
    row[slot::ID] = id.cloned().unwrap_or_default();
    row[Line::entity().slot("item").unwrap()] = item.into();
    row
}

fn lines(rows: Vec<Vec<Value>>) -> Input {
    Input::new().set("lines", Value::Rows(rows))
}

fn rows(record: &Record) -> &[Vec<Value>] {
    match record.get("lines") {
        Value::Rows(rows) => rows,
        other => panic!("no lines but {other:?}"),
    }
}

#[test]
fn a_record_tells_all_that_happened_to_it_the_newest_first() {
    everywhere(services, async |world| {
        let alfreds = create("shop.customer", customer("Alfreds", "ALFKI"));
        let alfreds = run(&world, world.call(), alfreds).await;
        let made = run(&world, world.call(), create("shop.order", order(&alfreds, 5))).await;
        let first = rows(&made)[0][slot::ID].clone();
        let more = lines(vec![line(Some(&first), "Chai"), line(None, "Tea")]);
        let made = run(&world, world.call(), update(&made, more)).await;
        let second = rows(&made)[1][slot::ID].clone();
        let other = lines(vec![line(Some(&second), "Green tea")]).set("amount", 6_i64);
        run(&world, under(&world, SET), update(&made, other)).await;
        let last = "update v3: amount 5>6; lines changed item Tea>Green tea; \
                    lines removed item Chai>-";
        let before = [
            last,
            "update v2: ; lines added item ->Tea",
            "create v1: customer ->id, amount ->5; lines added item ->Chai",
        ];
        assert_eq!(told(&world, world.call(), &made).await, before);

        // What an undo puts back is told like any other change, with the reason and the change set.
        world.settle().await;
        let call = Call { reason: Some("a mistake".to_owned()), ..under(&world, UNDO) };
        world.peers.undo("shop", call, SET, false).await.unwrap();
        let entity = ("shop.order", made.id());
        let newest = page(&world, world.call(), entity, (1, String::new())).await.unwrap();
        let [undone] = newest.items.as_slice() else { panic!("{newest:?}") };
        assert_eq!(
            in_words(undone),
            "update by undo v4: amount 6>5; lines added item ->Chai; \
             lines changed item Green tea>Tea"
        );
        assert!(undone.reason.contains("a mistake"), "{undone:?}");
        assert_eq!(undone.change_set, Some(UNDO));
        assert_eq!(undone.actor, Some(world.administrator));

        // Page by page it is the same.
        let (mut token, mut paged) = (newest.next_page_token, vec![in_words(undone)]);
        while !token.is_empty() {
            let next = page(&world, world.call(), entity, (1, token)).await.unwrap();
            assert_eq!(next.items.len(), 1);
            paged.extend(next.items.iter().map(in_words));
            token = next.next_page_token;
        }
        assert_eq!(paged[1..], before);
        assert_eq!(paged, told(&world, world.call(), &made).await);
        let wrong = page(&world, world.call(), entity, (1, "00".to_owned())).await.unwrap_err();
        assert_eq!((wrong.kind.status(), &*wrong.code), (400, "invalid_page_token"));
        let large = page(&world, world.call(), entity, (1001, String::new())).await.unwrap_err();
        assert_eq!(large.kind.status(), 400);
        world.end().await;
    });
}

#[test]
fn acts_numbers_deletions_and_erased_values_are_told() {
    everywhere(services, async |world| {
        let bill = run(&world, world.call(), create("shop.bill", Input::new())).await;
        for verb in ["check", "enter", "post"] {
            run(&world, world.call(), act(&bill, verb)).await;
        }
        assert_eq!(
            told(&world, world.call(), &bill).await,
            [
                "post v4: state checked>posted, number ->B-001",
                "enter v3: amount ->1",
                "check v2: state draft>checked",
                "create v1: state ->draft",
            ]
        );
        let entry = world.list("shop.entry", "").await.unwrap().remove(0);
        assert_eq!(told(&world, world.call(), &entry).await, ["create v1: bill ->id"]);

        let gone = run(&world, world.call(), create("shop.customer", customer("M", "MAISD"))).await;
        let id = ("shop.customer", gone.id());
        world.execute(under(&world, SET), delete(&gone)).await.unwrap();
        let made = "create v1: name ->M, code ->MAISD, phone ->030 123";
        let deleted = "delete v0: name M>-, code MAISD>-, phone 030 123>-";
        assert_eq!(told(&world, world.call(), &gone).await, [deleted, made]);
        world.settle().await;
        world.peers.undo("shop", under(&world, UNDO), SET, false).await.unwrap();
        let back = "create by undo v2: name ->M, code ->MAISD, phone ->030 123";
        assert_eq!(told(&world, world.call(), &gone).await, [back, deleted, made]);

        let store = world.store(world.org, "shop").await.unwrap();
        store.destroy_key(gone.id()).await.unwrap();
        assert_eq!(
            told(&world, world.call(), &gone).await,
            [back, deleted, made].map(|one| one
                .replace("phone ->030 123", "phone ->-!")
                .replace("phone 030 123>-", "phone ->-!"))
        );
        // Another kind of record has no history under this id.
        let other = page(&world, world.call(), ("shop.order", id.1), (0, String::new())).await;
        assert_eq!(other.unwrap_err().kind.status(), 404);
        world.end().await;
    });
}

fn rule(entity: &str, condition: &str, hidden: &[&str]) -> Rule {
    Rule {
        name: entity.to_owned(),
        role: "clerk".to_owned(),
        entity: entity.to_owned(),
        verb: "read".to_owned(),
        allow: true,
        condition: condition.to_owned(),
        hidden: hidden.iter().map(|name| (*name).to_owned()).collect(),
        read_only: Vec::new(),
    }
}

#[test]
fn a_history_holds_what_its_reader_may_read_and_nothing_else() {
    everywhere(services, async |world| {
        let alfreds = create("shop.customer", customer("Alfreds", "ALFKI"));
        let alfreds = run(&world, world.call(), alfreds).await;
        let made = run(&world, world.call(), create("shop.order", order(&alfreds, 5))).await;
        for amount in [6_i64, 4, 9] {
            let change = update(&made, Input::new().set("amount", amount));
            run(&world, world.call(), change).await;
        }
        let clerk = || world.call_as("clerk");
        let all =
            |text: &str| ["update v4", "update v3", "update v2"].map(|v| format!("{v}: {text}"));
        let cells: [(Vec<Rule>, Vec<String>); 4] = [
            (
                vec![rule("shop.order", "", &["amount"])],
                [
                    all("").to_vec(),
                    vec!["create v1: customer ->id; lines added item ->Chai".into()],
                ]
                .concat(),
            ),
            (
                vec![rule("shop.order", "", &["amount", "customer", "lines"])],
                [all("").to_vec(), vec!["create v1: ".into()]].concat(),
            ),
            (
                vec![rule("shop.order", "", &["amount"]), rule("shop.line", "", &["item"])],
                [all("").to_vec(), vec!["create v1: customer ->id; lines added ".into()]].concat(),
            ),
            // The record exists for the clerk while its amount is above 5.
            (
                vec![rule("shop.order", "amount > 5", &["customer", "lines"])],
                ["update v4: amount ?>9", "update v3: amount 6>?", "update v2: amount ?>6"]
                    .map(str::to_owned)
                    .to_vec(),
            ),
        ];
        for (rules, expected) in cells {
            world.facts.rule(world.org, rules);
            assert_eq!(told(&world, clerk(), &made).await, expected);
        }
        // Whom the stamps hide, the history does not name.
        world.facts.rule(world.org, vec![rule("shop.order", "", &["updated_by"])]);
        let whole = page(&world, clerk(), ("shop.order", made.id()), (0, String::new())).await;
        let named: Vec<bool> = whole.unwrap().items.iter().map(|one| one.actor.is_some()).collect();
        assert_eq!(named, [false, false, false, true]);
        // A record that does not exist for the clerk has no history, gone or not.
        world.facts.rule(world.org, vec![rule("shop.order", "amount > 10", &[])]);
        let of = ("shop.order", made.id());
        let status = async || {
            let asked = page(&world, clerk(), of, (0, String::new())).await;
            asked.map_or_else(|problem| problem.kind.status(), |_| 200)
        };
        assert_eq!(status().await, 404);
        world.execute(world.call(), delete(&made)).await.unwrap();
        assert_eq!(status().await, 404);
        world.facts.rule(world.org, vec![rule("shop.order", "amount > 8", &[])]);
        assert_eq!(status().await, 200, "it was seen last");
        world.facts.rule(world.org, vec![rule("shop.customer", "", &[])]);
        assert_eq!(status().await, 404);
        world.end().await;
    });
}
