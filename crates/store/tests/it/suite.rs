//! What holds on every database, driven through the kernel's write and read paths.
//!
//! Each function takes a ground on an empty database.

use crate::ground::{Ground, ORG, OTHER};
use crate::linked;
use kernel::command::Idempotency;
use kernel::log::Frontier;
use kernel::ports::{AggregatePlan, Bucket, GroupKey, Measure};
use kernel::schema::slot;
use kernel::{Actor, Call, Command, Input, List, ProblemKind, Verb};
use types::{Currency, Duration, Instant, Money, Uuid, Value, WallTime};

/// Runs everything, each part on a ground of its own.
pub async fn all<F, G>(mut ground: F)
where
    F: FnMut() -> G,
    G: Future<Output = Ground>,
{
    every_value_reads_back(&ground().await).await;
    changes_are_versioned(&ground().await).await;
    unique_values_are_unique_in_their_organisation(&ground().await).await;
    lists_are_ordered_and_paged(&ground().await).await;
    full_text_follows_changes(&ground().await).await;
    lines_live_inside_their_record(&ground().await).await;
    numbers_have_no_gap(&ground().await).await;
    bounds_of_sums_hold(&ground().await).await;
    a_repeated_request_is_answered_once(&ground().await).await;
    keys_of_requests_are_kept_for_a_day_and_then_removed(&ground().await).await;
    a_change_set_is_whole_right_after_its_last_commit(&ground().await).await;
    racing_commands_do_not_lose_updates(&ground().await).await;
    groups_are_counted_and_summed(&ground().await).await;
    links_are_found_from_the_other_end(&ground().await).await;
    keys_elsewhere_are_found(&ground().await).await;
    linked::lists_are_ordered_through_links(&ground().await).await;
    linked::groups_are_made_through_links(&ground().await).await;
    linked::what_cannot_be_seen_is_none(&ground().await).await;
    a_destroyed_key_stays_away(&ground().await).await;
    cursors_move_forward_only_and_effects_happen_once(&ground().await).await;
}

fn money(minor: i64, currency: Currency) -> Money {
    Money { minor, currency }
}

/// The log of an organisation is dense and under its signed head.
pub async fn check_log(ground: &Ground, org: Uuid, size: u64) {
    ground.sealed(org, size).await;
    let store = ground.store(org).await;
    let entries = store.log(0, 100_000).await.unwrap();
    let positions: Vec<u64> = entries.iter().map(|entry| entry.position).collect();
    assert_eq!(positions, (1..=size).collect::<Vec<_>>());
    let head = store.head().await.unwrap().unwrap();
    assert!(head.is_genuine());
    let mut frontier = Frontier::default();
    entries.iter().for_each(|entry| frontier.push(entry.leaf()));
    assert_eq!((frontier.size(), frontier.root()), (head.head.size, head.head.root));
    assert_eq!(store.log(size, 10).await.unwrap(), []);
}

async fn every_value_reads_back(ground: &Ground) {
    let friend = ground.thing(ORG, "friend").await;
    let wall = WallTime::parse("2026-07-04T09:30:00[Europe/Berlin]").unwrap();
    let input = Input::new()
        .set("name", "Vins 'é' \\ \u{1f377}")
        .set("code", "VINET")
        .set("flag", false)
        .set("count", i64::MIN)
        .set("fine", "-99999999999999.0001".parse::<types::Decimal>().unwrap())
        .set("price", money(-1, Currency::EUR))
        .set("on", "0001-01-01".parse::<types::Date>().unwrap())
        .set("at", Instant(-1))
        .set("span", Duration(-5_000_000))
        .set("wall", wall)
        .set("colour", "green")
        .set("parent", friend.id())
        .set("friends", Value::List(vec![Value::Id(friend.id())]))
        .set("extra", Value::Json("{\"b\": 1.0,  \"a\": [ ]}".into()))
        .set("secret_name", "nobody knows");
    let made = ground.create(ORG, "thing", input).await.unwrap();
    let read = ground.get(ORG, &made).await.unwrap();
    assert_eq!(read, made);
    let empty = ground.create(ORG, "thing", Input::new()).await.unwrap();
    assert_eq!(ground.get(ORG, &empty).await.unwrap(), empty);
    check_log(ground, ORG, 3).await;
}

async fn changes_are_versioned(ground: &Ground) {
    let made = ground.thing(ORG, "first").await;
    let changed = ground.update(ORG, &made, Input::new().set("name", "second")).await.unwrap();
    assert_eq!(changed.version(), 2);
    assert_eq!(ground.get(ORG, &made).await.unwrap(), changed);
    let store = ground.store(ORG).await;
    let snapshot = store.snapshot().await.unwrap();
    assert_eq!(snapshot.get(&made.entity, made.id(), &[]).await.unwrap().as_ref(), Some(&changed));
    ground.delete(ORG, &made).await.unwrap();
    let seen = snapshot.get(&made.entity, made.id(), &[]).await.unwrap();
    assert_eq!(seen, Some(changed), "a snapshot stays as it was");
    assert_eq!(ground.get(ORG, &made).await.unwrap_err().kind, ProblemKind::NotFound);
    let fresh = store.snapshot().await.unwrap();
    assert_eq!(fresh.events_of(made.id()).await.unwrap().len(), 3);
    check_log(ground, ORG, 3).await;
}

async fn unique_values_are_unique_in_their_organisation(ground: &Ground) {
    let code = |code: &str| Input::new().set("name", "n").set("code", code);
    ground.create(ORG, "thing", code("A")).await.unwrap();
    ground.create(OTHER, "thing", code("A")).await.unwrap();
    let problem = ground.create(ORG, "thing", code("A")).await.unwrap_err();
    assert_eq!(
        (problem.code.as_str(), problem.errors[0].pointer.as_str()),
        ("already_exists", "/code")
    );
    let second = ground.create(ORG, "thing", code("B")).await.unwrap();
    let problem = ground.update(ORG, &second, code("A")).await.unwrap_err();
    assert_eq!(problem.code, "already_exists");
    ground.create(ORG, "thing", Input::new()).await.unwrap();
    ground.create(ORG, "thing", Input::new()).await.unwrap();
    check_log(ground, ORG, 4).await;
    check_log(ground, OTHER, 1).await;
    assert_eq!(ground.get(OTHER, &second).await.unwrap_err().kind, ProblemKind::NotFound);
}

async fn lists_are_ordered_and_paged(ground: &Ground) {
    let rows: [(&str, Option<i64>); 8] = [
        ("zebra", Some(1)),
        ("Ähre", None),
        ("apfel", Some(3)),
        ("Zebra", Some(1)),
        ("Apfel", Some(2)),
        ("ahorn", None),
        ("öl", Some(1)),
        ("ofen", Some(3)),
    ];
    for (name, count) in rows {
        let input = Input::new()
            .set("name", name)
            .set("count", count)
            .set("coarse", types::Decimal::new(5, 1));
        ground.create(ORG, "thing", input).await.unwrap();
        ground.thing(OTHER, "stranger").await;
    }
    let by_name = ["ahorn", "Ähre", "apfel", "Apfel", "ofen", "öl", "zebra", "Zebra"];
    for (order_by, expected) in [
        ("name", by_name.to_vec()),
        ("name desc", by_name.iter().rev().copied().collect()),
        ("count", vec!["zebra", "Zebra", "öl", "Apfel", "apfel", "ofen", "Ähre", "ahorn"]),
        ("count desc", vec!["apfel", "ofen", "Apfel", "zebra", "Zebra", "öl", "Ähre", "ahorn"]),
        (
            "count desc, name",
            vec!["apfel", "ofen", "Apfel", "öl", "zebra", "Zebra", "ahorn", "Ähre"],
        ),
        (
            "coarse, plain, count desc, name desc",
            vec!["ofen", "apfel", "Apfel", "Zebra", "zebra", "öl", "Ähre", "ahorn"],
        ),
        (
            "created_at desc",
            vec!["ofen", "öl", "ahorn", "Apfel", "Zebra", "apfel", "Ähre", "zebra"],
        ),
    ] {
        for page_size in [1, 3, 100] {
            let list = List { order_by: order_by.into(), page_size, ..List::default() };
            assert_eq!(ground.names(ORG, list).await, expected, "{order_by} by {page_size}");
        }
        // The second filter is decided record by record.
        for filter in ["", "!(on + 1 > date('2000-01-01'))"] {
            for skip in [0, 1, 5, 8, 9] {
                let list = List { order_by: order_by.into(), skip, ..List::default() };
                let list = List { filter: filter.into(), page_size: 100, ..list };
                let left = &expected[expected.len().min(skip as usize)..];
                assert_eq!(ground.names(ORG, list).await, left, "{order_by} after {skip}");
            }
        }
    }
}

async fn full_text_follows_changes(ground: &Ground) {
    let found = async |text: &str| {
        let mut names = ground.names(ORG, List { text: text.into(), ..List::default() }).await;
        names.sort();
        names
    };
    let one = ground.thing(ORG, "Crème brûlée").await;
    let input = Input::new().set("name", "Bread").set("notes", "crusty, with creme fraiche");
    let two = ground.create(ORG, "thing", input).await.unwrap();
    ground.thing(OTHER, "Creme").await;
    assert_eq!(found("creme").await, ["Bread", "Crème brûlée"]);
    assert_eq!(found("BRU").await, ["Crème brûlée"]);
    assert_eq!(found("creme crusty").await, ["Bread"]);
    assert_eq!(found("cre bread").await, Vec::<String>::new(), "only the last is a beginning");
    assert_eq!(found("\"creme* OR").await, Vec::<String>::new());
    ground.update(ORG, &one, Input::new().set("name", "Soup")).await.unwrap();
    ground.update(ORG, &two, Input::new().set("notes", Value::Null)).await.unwrap();
    assert_eq!(found("creme").await, Vec::<String>::new());
    assert_eq!(found("so").await, ["Soup"]);
    ground.delete(ORG, &one).await.unwrap();
    assert_eq!(found("so").await, Vec::<String>::new());
    let snapshot = ground.store(ORG).await.snapshot().await.unwrap();
    let hits = snapshot.search(&["bread".into()], 10).await.unwrap();
    assert_eq!(hits, [("yard.thing".to_owned(), two.id())]);
}

async fn lines_live_inside_their_record(ground: &Ground) {
    let width = ground.entity("entry").fields.len();
    let line = |what: &str| {
        let mut row = vec![Value::Null; width];
        row[slot::FIRST] = what.into();
        row
    };
    let lines = |all: &[&str]| Value::Rows(all.iter().map(|what| line(what)).collect());
    let input = Input::new().set("entries", lines(&["a", "b", "c"]));
    let made = ground.create(ORG, "receipt", input).await.unwrap();
    assert_eq!(ground.get(ORG, &made).await.unwrap(), made);
    let changed =
        ground.update(ORG, &made, Input::new().set("entries", lines(&["d"]))).await.unwrap();
    assert_eq!(ground.get(ORG, &made).await.unwrap(), changed);
    let same = ground.update(ORG, &made, Input::new().set("amount", 1i64)).await.unwrap();
    assert_eq!(same.get("entries"), changed.get("entries"));
    assert_eq!(ground.get(ORG, &made).await.unwrap(), same);
    ground.delete(ORG, &made).await.unwrap();
}

async fn numbers_have_no_gap(ground: &Ground) {
    for expected in ["R-001", "R-002"] {
        let made = ground.create(ORG, "receipt", Input::new()).await.unwrap();
        assert_eq!(made.values[slot::NUMBER], Value::from(expected));
        assert_eq!(ground.get(ORG, &made).await.unwrap(), made);
    }
    let thing = ground.thing(ORG, "t").await;
    let too_much = Input::new().set("thing", thing.id()).set("amount", 101i64);
    ground.create(ORG, "receipt", too_much).await.unwrap_err();
    let made = ground.create(ORG, "receipt", Input::new()).await.unwrap();
    assert_eq!(made.values[slot::NUMBER], Value::from("R-003"), "a refused command draws none");
    check_log(ground, ORG, 4).await;
    let log = ground.store(ORG).await.log(3, 1).await.unwrap();
    assert_eq!(log[0].number, "R-003");
}

async fn bounds_of_sums_hold(ground: &Ground) {
    let thing = ground.thing(ORG, "t").await;
    let take = |amount: i64| Input::new().set("thing", thing.id()).set("amount", amount);
    let first = ground.create(ORG, "receipt", take(60)).await.unwrap();
    ground.create(ORG, "receipt", take(41)).await.unwrap_err();
    ground.create(ORG, "receipt", take(40)).await.unwrap();
    ground.update(ORG, &first, Input::new().set("amount", 10i64)).await.unwrap();
    let snapshot = ground.store(ORG).await.snapshot().await.unwrap();
    let totals = snapshot.totals("yard.receipt/taken", None, 0, "", "").await.unwrap();
    assert_eq!((totals.len(), totals[0].count, &totals[0].sums), (1, 2, &vec![50]));
    let key = totals[0].key.clone();
    let one = snapshot.totals("yard.receipt/taken", Some(&key), 0, "", "").await.unwrap();
    assert_eq!(one, totals);
    assert_eq!(snapshot.totals("yard.receipt/taken", Some(b"?"), 0, "", "").await.unwrap(), []);
}

async fn a_repeated_request_is_answered_once(ground: &Ground) {
    let call = Call {
        idempotency: Some(Idempotency { key: "k".into(), fingerprint: [1; 32] }),
        ..Call::system(ORG, "test")
    };
    let input = Input::new().set("name", "once");
    let command = Command { entity: "yard.thing".into(), verb: Verb::Create, input };
    let twice = futures::future::join_all((0..8).map(|_| ground.runtime.execute(&call, &command)));
    let mut ids = Vec::new();
    for answer in twice.await {
        ids.push(crate::ground::record(answer.unwrap()).id());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    check_log(ground, ORG, 1).await;
    let snapshot = ground.store(ORG).await.snapshot().await.unwrap();
    assert!(snapshot.idempotent(Actor::System.user(), "k").await.unwrap().is_some());
    assert!(snapshot.idempotent(Actor::System.user(), "other").await.unwrap().is_none());
}

async fn keys_of_requests_are_kept_for_a_day_and_then_removed(ground: &Ground) {
    let create = async |key: &str| {
        let idempotency = Some(Idempotency { key: key.into(), fingerprint: [1; 32] });
        let call = Call { idempotency, ..Call::system(ORG, "test") };
        let input = Input::new().set("name", key);
        let command = Command { entity: "yard.thing".into(), verb: Verb::Create, input };
        ground.runtime.execute(&call, &command).await.unwrap();
    };
    let kept = async || {
        // The second of two events is sealed after a look for old keys that the first one caused.
        let size = ground.store(ORG).await.log(0, 1_000).await.unwrap().len() as u64;
        ground.thing(ORG, "unkeyed").await;
        ground.sealed(ORG, size + 1).await;
        let snapshot = ground.store(ORG).await.snapshot().await.unwrap();
        let mut kept = Vec::new();
        for key in ["a", "b", "c", "d"] {
            if snapshot.idempotent(Actor::System.user(), key).await.unwrap().is_some() {
                kept.push(key);
            }
        }
        kept
    };
    create("a").await;
    ground.pass(1);
    create("b").await;
    ground.pass(22);
    create("c").await;
    ground.sealed(ORG, 3).await;
    assert_eq!(kept().await, ["a", "b", "c"]);
    ground.pass(26);
    create("d").await;
    ground.sealed(ORG, 5).await;
    assert_eq!(kept().await, ["c", "d"]);
    // What was forgotten is a new request.
    create("a").await;
    check_log(ground, ORG, 7).await;
}

async fn a_change_set_is_whole_right_after_its_last_commit(ground: &Ground) {
    let set = Uuid::from_u128(77);
    for round in 1..=5 {
        let creates = (0..20).map(async |n| {
            let call = Call { change_set: Some(set), ..Call::system(ORG, "test") };
            let input = Input::new().set("name", format!("{round} {n}"));
            let command = Command { entity: "yard.thing".into(), verb: Verb::Create, input };
            ground.runtime.execute(&call, &command).await.unwrap();
        });
        futures::future::join_all(creates).await;
        let snapshot = ground.store(ORG).await.snapshot().await.unwrap();
        let found = snapshot.events_in(set, u64::MAX, 1_000).await.unwrap();
        let positions: Vec<u64> = found.iter().map(|(position, _)| *position).collect();
        assert_eq!(positions, (1..=round * 20).rev().collect::<Vec<_>>());
    }
}

async fn racing_commands_do_not_lose_updates(ground: &Ground) {
    let made = ground.thing(ORG, "raced").await;
    let fields = ["name", "plain", "notes", "secret_name"];
    let changes = fields.map(|field| ground.update(ORG, &made, Input::new().set(field, "won")));
    for changed in futures::future::join_all(changes).await {
        changed.unwrap();
    }
    let read = ground.get(ORG, &made).await.unwrap();
    assert_eq!(read.version(), 5);
    fields.iter().for_each(|field| assert_eq!(read.get(field), &Value::from("won")));
    check_log(ground, ORG, 5).await;
}

async fn groups_are_counted_and_summed(ground: &Ground) {
    let rows: [(&str, &str, i64, &str, i64); 4] = [
        ("red", "2026-01-31", 1, "1.25", 100),
        ("red", "2026-02-01", i64::MAX, "2.50", 200),
        ("blue", "2026-02-28", i64::MAX, "-0.75", 300),
        ("red", "2025-12-31", 4, "0.00", 400),
    ];
    for (colour, on, count, fine, minor) in rows {
        let currency = if minor == 200 { Currency::USD } else { Currency::EUR };
        let input = Input::new()
            .set("colour", colour)
            .set("on", on.parse::<types::Date>().unwrap())
            .set("at", Instant::parse(&format!("{on}T23:59:59.999999Z")).unwrap())
            .set("count", count)
            .set("fine", fine.parse::<types::Decimal>().unwrap().normalize())
            .set("price", money(minor, currency));
        ground.create(ORG, "thing", input).await.unwrap();
        ground.thing(OTHER, "stranger").await;
    }
    let entity = ground.entity("thing");
    let at = |name: &str| entity.slot(name).unwrap();
    let snapshot = ground.store(ORG).await.snapshot().await.unwrap();
    let ask = async |groups: Vec<GroupKey>, measures: Vec<Measure>| {
        let entity = entity.clone();
        let plan = AggregatePlan {
            entity,
            predicates: vec![],
            tokens: vec![],
            through: vec![],
            among: None,
            groups,
            measures,
            limit: 100,
        };
        snapshot.aggregate(&plan).await.unwrap()
    };
    let text = |text: &str| Value::from(text);
    let decimal = |text: &str| Value::Decimal(text.parse::<types::Decimal>().unwrap());
    let colour = GroupKey { hop: None, slot: at("colour"), bucket: None };
    let answer =
        ask(vec![colour], vec![Measure::Count, Measure::Sum(at("fine")), Measure::Max(at("on"))])
            .await;
    let day = |text: &str| Value::Date(text.parse().unwrap());
    assert_eq!(
        answer,
        [
            vec![text("blue"), Value::Int(1), decimal("-0.75"), day("2026-02-28")],
            vec![text("red"), Value::Int(3), decimal("3.75"), day("2026-02-01")],
        ]
    );
    for slot in [at("on"), at("at")] {
        let month = GroupKey { hop: None, slot, bucket: Some(Bucket::Month) };
        let answer = ask(vec![month], vec![Measure::Sum(at("count"))]).await;
        let large = decimal("18446744073709551614");
        assert_eq!(
            answer,
            [
                vec![text("2025-12"), decimal("4")],
                vec![text("2026-01"), decimal("1")],
                vec![text("2026-02"), large],
            ]
        );
    }
    let answer = ask(vec![], vec![Measure::Sum(at("price")), Measure::Count]).await;
    assert_eq!(
        answer,
        [
            vec![Value::Money(money(800, Currency::EUR)), Value::Int(3)],
            vec![Value::Money(money(200, Currency::USD)), Value::Int(1)],
        ]
    );
    assert_eq!(ask(vec![], vec![Measure::Count]).await, [vec![Value::Int(4)]]);
}

async fn links_are_found_from_the_other_end(ground: &Ground) {
    let target = ground.thing(ORG, "target").await;
    let input = Input::new().set("parent", target.id());
    let child = ground.create(ORG, "thing", input).await.unwrap();
    let input = Input::new().set("friends", Value::List(vec![Value::Id(target.id())]));
    let friend = ground.create(ORG, "thing", input).await.unwrap();
    let entry = ground.entity("entry");
    let mut line = vec![Value::Null; entry.fields.len()];
    line[entry.slot("thing").unwrap()] = target.id().into();
    let lines = Value::Rows(vec![line.clone(), line]);
    let receipt = ground.create(ORG, "receipt", Input::new().set("entries", lines)).await.unwrap();
    let thing = ground.entity("thing");
    let snapshot = ground.store(ORG).await.snapshot().await.unwrap();
    for (entity, field, expected) in
        [(&thing, "parent", &child), (&entry, "thing", &receipt), (&thing, "friends", &friend)]
    {
        let slot = entity.slot(field).unwrap();
        let found = snapshot.linking(entity, slot, target.id(), 10).await.unwrap();
        assert_eq!(found, [expected.id()], "{field}");
        assert!(snapshot.linking(entity, slot, child.id(), 10).await.unwrap().is_empty());
    }
    drop(snapshot);
    assert!(ground.delete(ORG, &target).await.is_err(), "a linked record stays");
    ground.delete(ORG, &child).await.unwrap();
}

async fn keys_elsewhere_are_found(ground: &Ground) {
    let keys = |text: &str| Input::new().set("external_ids", Value::Json(text.into()));
    let one = ground.create(ORG, "thing", keys(r#"{"old":"1","crm":"x"}"#)).await.unwrap();
    let two = ground.create(ORG, "thing", keys(r#"{"old":"2"}"#)).await.unwrap();
    let entity = ground.entity("thing");
    let found = async |name: &str, keys: &[&str]| {
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        let snapshot = ground.store(ORG).await.snapshot().await.unwrap();
        let mut found = snapshot.by_external(&entity, name, &keys).await.unwrap();
        found.sort();
        found
    };
    let row = |key: &str, record: &kernel::Record| (key.to_owned(), record.id());
    assert_eq!(found("old", &["1", "2", "3"]).await, [row("1", &one), row("2", &two)]);
    assert_eq!(found("crm", &["1", "x"]).await, [row("x", &one)]);
    ground.update(ORG, &one, keys(r#"{"old":"3"}"#)).await.unwrap();
    assert_eq!(found("old", &["1", "2", "3"]).await, [row("2", &two), row("3", &one)]);
    ground.delete(ORG, &two).await.unwrap();
    assert_eq!(found("old", &["2"]).await, []);
}

async fn a_destroyed_key_stays_away(ground: &Ground) {
    let made = ground.create(ORG, "thing", Input::new().set("secret_name", "x")).await.unwrap();
    let store = ground.store(ORG).await;
    let key = async || store.snapshot().await.unwrap().subject_key(made.id()).await.unwrap();
    assert!(key().await.is_some());
    store.destroy_key(made.id()).await.unwrap();
    assert_eq!(key().await, None);
    check_log(ground, ORG, 1).await;
}

async fn cursors_move_forward_only_and_effects_happen_once(ground: &Ground) {
    let store = ground.store(ORG).await;
    let at = async || store.snapshot().await.unwrap().cursor("reader").await.unwrap();
    assert_eq!(at().await, 0);
    for (to, expected) in [(3, 3), (2, 3), (7, 7)] {
        store.advance("reader", to).await.unwrap();
        assert_eq!(at().await, expected);
    }
    ground.thing(ORG, "cause").await;
    ground.sealed(ORG, 1).await;
    let entry = store.log(0, 1).await.unwrap().remove(0);
    let event = kernel::log::Event::parse(&entry.bytes).unwrap();
    let (reader, position) = ("effects".to_owned(), entry.position);
    let delivery = kernel::service::Delivery { org: ORG, reader, position, event };
    let input = Input::new().set("name", "effect");
    let command = Command { entity: "yard.thing".into(), verb: Verb::Create, input };
    for _ in 0..3 {
        ground.runtime.effect(&delivery, &command).await.unwrap();
    }
    assert_eq!(ground.names(ORG, List::default()).await, ["cause", "effect"]);
    assert_eq!(store.snapshot().await.unwrap().cursor("effects").await.unwrap(), 1);
    check_log(ground, ORG, 2).await;
}
