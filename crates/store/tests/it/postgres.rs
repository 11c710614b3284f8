//! What only PostgreSQL can get wrong: walls between organisations, commits that come late,
//! several processes on one database, a server that goes away.

mod fixture;
mod groups;
mod outage;
mod schema;

use fixture::{Process, record};
use kernel::log::Frontier;
use kernel::ports::Effect;
use kernel::{Call, Command, Input, List, ProblemKind, Query, Verb};
use testkit::postgres::{TestDatabase, database};
use tokio_postgres::NoTls;
use types::{Currency, Duration, Instant, Money, Uuid, Value, WallTime};

const ORG: Uuid = Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001);
const OTHER: Uuid = Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0002);

async fn open(database: &TestDatabase) -> Process {
    Process::open(&database.service_url, Some(&database.admin_url)).await
}

/// A plain connection, past the store.
async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// The log's entries: dense, each once, and under the signed head.
async fn check_log(process: &Process, size: u64) {
    process.sealed(ORG, size).await;
    let entries = process.store(ORG).log(0, 100_000).await.unwrap();
    let positions: Vec<u64> = entries.iter().map(|entry| entry.position).collect();
    assert_eq!(positions, (1..=entries.len() as u64).collect::<Vec<_>>());
    let mut ids: Vec<Uuid> = entries.iter().map(|entry| entry.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), entries.len());
    let head = process.store(ORG).head().await.unwrap().unwrap();
    assert!(head.is_genuine());
    let mut frontier = Frontier::default();
    entries.iter().take(head.head.size as usize).for_each(|entry| frontier.push(entry.leaf()));
    assert_eq!((frontier.size(), frontier.root()), (head.head.size, head.head.root));
    assert!(head.head.size >= size);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_value_reads_back_as_it_was_written() {
    let database = database();
    let process = open(&database).await;
    let friend = process.customer(ORG, "A friend", "F").await.unwrap();
    let input = Input::new()
        .set("name", "Vins et alcools Chevalier 'é' \\ \u{1f377}")
        .set("code", "VINET")
        .set("active", true)
        .set("rank", i64::MIN)
        .set("rebate", "-99999999999999.0001".parse::<types::Decimal>().unwrap())
        .set("limit", Money { minor: -1, currency: Currency::EUR })
        .set("since", "1999-12-31".parse::<types::Date>().unwrap())
        .set("seen_at", Instant(-1))
        .set("patience", Duration(9_000_000_000))
        .set("opens", WallTime::parse("2026-07-04T09:30:00[Europe/Berlin]").unwrap())
        .set("notes", "long")
        .set("friends", Value::List(vec![friend.id().into()]))
        .set("extra", Value::Json("{\"b\": 1,  \"a\": [1.50]}".into()));
    let written = process.create(ORG, "customer", input).await.unwrap();
    let get = Query::Get { entity: "shop.customer".into(), id: written.id(), known_at: None };
    let read = process.runtime.ask(&Call::system(ORG, "test"), &get).await.unwrap();
    assert_eq!(record(read), written);

    let mut input = Input::new();
    for name in ["active", "rank", "rebate", "limit", "since", "seen_at", "opens", "extra"] {
        input = input.set(name, Value::Null);
    }
    let emptied = process.update(ORG, &written, input).await.unwrap();
    assert_eq!(emptied.version(), 2);
    let read = process.runtime.ask(&Call::system(ORG, "test"), &get).await.unwrap();
    assert_eq!(record(read), emptied);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_come_in_peoples_order_page_by_page() {
    let database = database();
    let process = open(&database).await;
    for (at, name) in ["Zoe", "émile", "Emil", "zoë", "Ångström", "Abel"].iter().enumerate() {
        let input = Input::new().set("name", *name).set("rank", at as i64);
        process.create(ORG, "customer", input).await.unwrap();
        process.create(OTHER, "customer", Input::new().set("name", *name)).await.unwrap();
    }
    let list = |order_by: &str, page_token: &str| List {
        order_by: order_by.into(),
        page_token: page_token.into(),
        page_size: 2,
        ..List::default()
    };
    for (order_by, expected) in [
        ("name", ["Abel", "Ångström", "Emil", "émile", "Zoe", "zoë"]),
        ("name desc", ["zoë", "Zoe", "émile", "Emil", "Ångström", "Abel"]),
        ("rank desc", ["Abel", "Ångström", "zoë", "Emil", "émile", "Zoe"]),
    ] {
        let (mut found, mut token) = (Vec::new(), String::new());
        for _ in 0..3 {
            let (names, next) = process.page(ORG, list(order_by, &token)).await;
            found.extend(names);
            token = next;
        }
        assert_eq!((found, token), (expected.map(String::from).to_vec(), String::new()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_and_words_find_the_same_records_as_the_interpreter() {
    let database = database();
    let process = open(&database).await;
    for at in 0..40i64 {
        let input = Input::new()
            .set("name", format!("Customer {at}"))
            .set("rank", at)
            .set("rebate", types::Decimal::new(at, 2))
            .set("limit", Money { minor: at * 100, currency: Currency::EUR })
            .set("notes", if at % 2 == 0 { "Straße nach Köln" } else { "rue de Cologne" })
            .set("since", format!("2026-01-{:02}", at % 28 + 1).parse::<types::Date>().unwrap());
        process.create(ORG, "customer", input).await.unwrap();
    }
    for (filter, text, expected) in [
        ("rank < 3", "", 3),
        ("rebate >= 0.385", "", 1),
        ("limit > money('37.50', 'EUR')", "", 2),
        ("limit > money('37.50', 'USD')", "", 0),
        ("since == date('2026-01-02')", "", 2),
        ("name == 'Customer 7'", "", 1),
        ("name.startsWith('Customer 1') && !(rank == 1)", "", 10),
        ("", "strasse koln", 20),
        ("rank < 10", "STRASSE kö", 5),
        ("", "customer 3", 11),
        ("", "nowhere", 0),
    ] {
        let list = List {
            filter: filter.into(),
            text: text.into(),
            page_size: 100,
            count: true,
            ..List::default()
        };
        let names = process.names(ORG, list).await;
        assert_eq!(names.len(), expected, "{filter} {text}: {names:?}");
        assert_eq!(
            process.names(OTHER, List { filter: filter.into(), ..List::default() }).await,
            [""; 0]
        );
    }
    let snapshot = process.store(ORG).snapshot().await.unwrap();
    let hits = snapshot.search(&["customer".into(), "39".into()], 10).await.unwrap();
    assert_eq!(hits.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_live_and_change_with_their_record() {
    let database = database();
    let process = open(&database).await;
    let customer = process.customer(ORG, "A", "A").await.unwrap();
    let slots = fixture::entities()[2].fields.len();
    let row = |item: &str| {
        let mut row = vec![Value::Null; slots];
        row[kernel::schema::slot::FIRST] = item.into();
        row
    };
    let rows = |items: &[&str]| Value::Rows(items.iter().map(|item| row(item)).collect());
    let input = Input::new().set("customer", customer.id()).set("lines", rows(&["a", "b", "c"]));
    let order = process.create(ORG, "order", input).await.unwrap();
    let get = Query::Get { entity: "shop.order".into(), id: order.id(), known_at: None };
    let read =
        || async { record(process.runtime.ask(&Call::system(ORG, "test"), &get).await.unwrap()) };
    assert_eq!(read().await, order);
    let items = |record: &kernel::Record| match record.get("lines") {
        Value::Rows(rows) => {
            rows.iter().map(|row| row[kernel::schema::slot::FIRST].clone()).collect()
        }
        _ => Vec::new(),
    };
    for wanted in [&["a", "x", "c", "d"][..], &["a"], &[], &["z"]] {
        let changed = process.update(ORG, &order, Input::new().set("lines", rows(wanted))).await;
        assert_eq!(items(&changed.unwrap()), items(&read().await));
        let expected: Vec<Value> = wanted.iter().map(|item| (*item).into()).collect();
        assert_eq!(items(&read().await), expected);
    }
    process.delete(ORG, &order).await.unwrap();
    let admin = connect(&database.admin_url).await;
    let left = admin.query_one("SELECT count(*) FROM shop.order__lines", &[]).await.unwrap();
    assert_eq!(left.get::<_, i64>(0), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_role_sees_one_organisation_and_changes_no_event() {
    let database = database();
    let process = open(&database).await;
    process.customer(ORG, "Mine", "M").await.unwrap();
    process.customer(OTHER, "Theirs", "T").await.unwrap();
    let service = connect(&database.service_url).await;
    let names = |rows: Vec<tokio_postgres::Row>| {
        rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>()
    };
    let list = "SELECT name FROM shop.customer";
    let unset = service.query(list, &[]).await.unwrap_err();
    assert!(unset.to_string().contains("db error"), "{unset}");
    for (org, expected) in [("1", vec!["Mine"]), ("2", vec!["Theirs"]), ("3", vec![])] {
        service.batch_execute(&format!("SET megalith.org = '{org}'")).await.unwrap();
        assert_eq!(names(service.query(list, &[]).await.unwrap()), expected);
        let events = service.query_one("SELECT count(*) FROM shop._event", &[]).await.unwrap();
        assert_eq!(events.get::<_, i64>(0), expected.len() as i64);
    }
    service.batch_execute("SET megalith.org = '1'").await.unwrap();
    for (statement, state) in [
        ("INSERT INTO shop._cursor (_org, reader, position) VALUES (2, 'x', 1)", "42501"),
        ("UPDATE shop.customer SET _org = 2", "42501"),
        ("UPDATE shop._event SET bytes = ''", "42501"),
        ("DELETE FROM shop._event", "42501"),
        ("SELECT * FROM megalith.org", "42501"),
        ("CREATE TABLE shop.mine (id int)", "42501"),
        ("ALTER TABLE shop.customer DISABLE ROW LEVEL SECURITY", "42501"),
    ] {
        let refused = service.batch_execute(statement).await.unwrap_err();
        assert_eq!(refused.code().map(|code| code.code()), Some(state), "{statement}");
    }
    let unwalled = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace \
                    WHERE nspname = 'shop' AND relkind = 'r' \
                    AND NOT (relrowsecurity AND relforcerowsecurity)";
    assert_eq!(service.query_one(unwalled, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_commit_gets_a_later_position_and_no_reader_misses_it() {
    let database = database();
    let process = open(&database).await;
    let admin = connect(&database.admin_url).await;
    // Commits of records named "late" wait, with their stamp drawn, until the gate opens.
    admin
        .batch_execute(
            "CREATE FUNCTION shop.gate() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
             BEGIN
                 IF position('late'::bytea IN NEW.bytes) > 0 THEN
                     PERFORM pg_advisory_xact_lock_shared(42);
                 END IF;
                 RETURN NEW;
             END $$;
             CREATE CONSTRAINT TRIGGER gate AFTER INSERT ON shop._event
                 DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION shop.gate();
             SELECT pg_advisory_lock(42)",
        )
        .await
        .unwrap();
    let mut late = std::pin::pin!(process.customer(ORG, "late", "L"));
    assert!(futures::poll!(&mut late).is_pending());
    // The late one holds its stamp once it waits at the gate.
    let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
    let mut seen = 0;
    for _ in 0..10_000 {
        assert!(futures::poll!(&mut late).is_pending());
        seen = admin.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0);
        if seen > 0 {
            break;
        }
    }
    assert_eq!(seen, 1);
    for at in 0..5 {
        process.customer(ORG, &format!("early {at}"), &format!("E{at}")).await.unwrap();
    }
    process.sealed(ORG, 5).await;
    let before = process.store(ORG).log(0, 100).await.unwrap();
    assert_eq!(before.len(), 5);
    admin.batch_execute("SELECT pg_advisory_unlock(42)").await.unwrap();
    late.await.unwrap();
    process.customer(ORG, "after", "A").await.unwrap();
    check_log(&process, 7).await;
    let after = process.store(ORG).log(5, 100).await.unwrap();
    assert_eq!(after.len(), 2);
    let has_late =
        |entry: &kernel::log::LogEntry| entry.bytes.windows(4).any(|window| window == b"late");
    assert!(!before.iter().any(has_late) && has_late(&after[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_race_for_a_unique_value_and_one_wins() {
    let database = database();
    let one = open(&database).await;
    let two = Process::open(&database.service_url, None).await;
    for round in 0..20 {
        let code = format!("C{round}");
        let (a, b) = tokio::join!(one.customer(ORG, "One", &code), two.customer(ORG, "Two", &code));
        let problem = match (a, b) {
            (Ok(_), Err(problem)) | (Err(problem), Ok(_)) => problem,
            (a, b) => panic!("{a:?} {b:?}"),
        };
        assert_eq!(problem.kind, ProblemKind::Conflict, "{problem}");
        assert_eq!(problem.errors[0].pointer, "/code");
    }
    check_log(&one, 20).await;
    check_log(&two, 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_seal_one_log_without_a_gap_or_a_double() {
    let database = database();
    let one = open(&database).await;
    let two = Process::open(&database.service_url, None).await;
    let writes = (0..60).map(|at| {
        let process = if at % 2 == 0 { &one } else { &two };
        async move { process.customer(ORG, "Name", &format!("C{at}")).await.unwrap() }
    });
    futures::future::join_all(writes).await;
    check_log(&one, 60).await;
    check_log(&two, 60).await;
    for signer in [&one.signer, &two.signer] {
        let heads = signer.heads.lock().unwrap();
        assert!(heads.is_sorted_by_key(|head| head.head.size));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_one_record_follow_each_other() {
    let database = database();
    let process = open(&database).await;
    let customer = process.customer(ORG, "Name", "C").await.unwrap();
    let updates = (0..24).map(|at| process.update(ORG, &customer, Input::new().set("rank", at)));
    let outcomes = futures::future::join_all(updates).await;
    let done = outcomes.iter().filter(|outcome| outcome.is_ok()).count() as u64;
    for problem in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        assert_eq!(problem.kind, ProblemKind::Conflict, "{problem}");
    }
    let get = Query::Get { entity: "shop.customer".into(), id: customer.id(), known_at: None };
    let read = process.runtime.ask(&Call::system(ORG, "test"), &get).await.unwrap();
    assert_eq!(record(read).version(), 1 + done);
    assert!(done > 0);
    check_log(&process, 1 + done).await;
    let snapshot = process.store(ORG).snapshot().await.unwrap();
    let events = snapshot.events_of(customer.id()).await.unwrap();
    let versions: Vec<u64> = events
        .iter()
        .map(|bytes| kernel::log::Event::parse(bytes).unwrap().changes[0].version)
        .collect();
    assert_eq!(versions, (1..=1 + done).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_in_use_stays_whoever_is_faster() {
    let database = database();
    let process = open(&database).await;
    for round in 0..12 {
        let customer = process.customer(ORG, "Name", &format!("C{round}")).await.unwrap();
        let order = Input::new().set("customer", customer.id());
        let (ordered, deleted) =
            tokio::join!(process.create(ORG, "order", order), process.delete(ORG, &customer));
        assert!(ordered.is_ok() != deleted.is_ok(), "{ordered:?} {deleted:?}");
    }
    let admin = connect(&database.admin_url).await;
    let dangling = "SELECT count(*) FROM shop.order o \
                    LEFT JOIN shop.customer c ON c.id = o.customer WHERE c.id IS NULL";
    let dangling = dangling.replace("shop.order ", "shop.\"order\" ");
    assert_eq!(admin.query_one(&dangling, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_have_no_gap_and_sums_keep_their_bound() {
    let database = database();
    let process = open(&database).await;
    let customer = process.customer(ORG, "Name", "C").await.unwrap();
    let orders = (0..16).map(|_| {
        let input = Input::new().set("customer", customer.id()).set("amount", 10i64);
        process.create(ORG, "order", input)
    });
    let outcomes = futures::future::join_all(orders).await;
    let mut numbers: Vec<String> = outcomes
        .iter()
        .filter_map(|outcome| outcome.as_ref().ok())
        .map(|order| order.get("number").as_text().unwrap().to_owned())
        .collect();
    numbers.sort();
    let expected: Vec<String> = (1..=10).map(|count| format!("ORD-{count:05}")).collect();
    assert_eq!(numbers, expected);
    check_log(&process, 11).await;
    let entries = process.store(ORG).log(1, 100).await.unwrap();
    assert!(entries.iter().all(|entry| entry.number.starts_with("ORD-")));
    let snapshot = process.store(ORG).snapshot().await.unwrap();
    let totals = snapshot.totals("shop.order/open", None, 0, "", "").await.unwrap();
    assert_eq!(totals.len(), 1);
    assert_eq!((totals[0].count, totals[0].sums.as_slice()), (10, &[100][..]));
    let found = snapshot.search(&["ord".into(), "00007".into()], 10).await.unwrap();
    assert_eq!(found.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_twin_request_commits_once() {
    let database = database();
    let process = open(&database).await;
    let mut call = Call::system(ORG, "test");
    call.idempotency = Some(kernel::command::Idempotency { key: "k".into(), fingerprint: [1; 32] });
    let command = Command {
        entity: "shop.customer".into(),
        verb: Verb::Create,
        input: Input::new().set("name", "Twin").set("code", "T"),
    };
    let twins = (0..8).map(|_| process.runtime.execute(&call, &command));
    let outcomes = futures::future::join_all(twins).await;
    let mut ids: Vec<Uuid> =
        outcomes.into_iter().map(|outcome| record(outcome.unwrap()).id()).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1);
    check_log(&process, 1).await;
    assert_eq!(process.names(ORG, List::default()).await, ["Twin"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_effect_happens_once_and_a_cursor_never_moves_back() {
    let database = database();
    let process = open(&database).await;
    process.customer(ORG, "Cause", "C").await.unwrap();
    process.sealed(ORG, 1).await;
    let entry = process.store(ORG).log(0, 1).await.unwrap().remove(0);
    let effect = Effect { reader: "shop.effects".into(), position: entry.position };
    let delivery = kernel::service::Delivery {
        org: ORG,
        reader: effect.reader.clone(),
        position: effect.position,
        event: kernel::log::Event::parse(&entry.bytes).unwrap(),
    };
    let command = Command {
        entity: "shop.customer".into(),
        verb: Verb::Create,
        input: Input::new().set("name", "Effect"),
    };
    for _ in 0..3 {
        process.runtime.effect(&delivery, &command).await.unwrap();
    }
    assert_eq!(process.names(ORG, List::default()).await, ["Cause", "Effect"]);
    let store = process.store(ORG);
    for (position, expected) in [(7, 7), (3, 7), (9, 9)] {
        store.advance("shop.effects", position).await.unwrap();
        let snapshot = store.snapshot().await.unwrap();
        assert_eq!(snapshot.cursor("shop.effects").await.unwrap(), expected);
    }
}
