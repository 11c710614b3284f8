//! What only PostgreSQL can get wrong: walls between organisations, commits that come late,
//! several processes on one database, a server that goes away.

mod groups;
mod outage;
mod raw;
mod schema;
mod together;

use crate::ground::{self, Ground, ORG, OTHER, Signer, record};
use crate::suite::{self, check_log};
use crate::{linked, lowering};
use async_trait::async_trait;
use kernel::ports::{Effect, Placement, Store};
use kernel::{Call, Command, Input, List, Problem, ProblemKind, Query, Record, Verb};
use std::sync::Arc;
use store::postgres::Cluster;
use testkit::postgres::{TestDatabase, database};
use testkit::rounds::{EXPRESSIONS_POSTGRES, LINKS_POSTGRES};
use tokio_postgres::NoTls;
use types::Uuid;

/// One process on a database.
pub struct Process {
    /// Its service.
    pub ground: Ground,
    /// What signs its heads.
    pub signer: Arc<Signer>,
    /// Its stores.
    pub cluster: Arc<Cluster>,
}

struct On(Arc<Cluster>);

#[async_trait]
impl Placement for On {
    async fn store(&self, org: Uuid, service: &str) -> Result<Arc<dyn Store>, Problem> {
        Ok(self.0.store(org, service))
    }
}

impl Process {
    /// Opens a database; prepares it if it has an administrator's address.
    pub async fn open(service_url: &str, admin_url: Option<&str>) -> Process {
        let signer = ground::signer();
        let entities = ground::service().entities;
        let opened = Cluster::open(service_url, admin_url, &entities, signer.clone()).await;
        let cluster = opened.unwrap();
        Process { ground: Ground::new(Arc::new(On(cluster.clone()))), signer, cluster }
    }

    /// Creates a thing with a name and a code.
    pub async fn thing(&self, org: Uuid, name: &str, code: &str) -> Result<Record, Problem> {
        let input = Input::new().set("name", name).set("code", code);
        self.ground.create(org, "thing", input).await
    }

    /// The store of an organisation.
    pub fn store(&self, org: Uuid) -> Arc<dyn Store> {
        self.cluster.store(org, "yard")
    }
}

async fn open(database: &TestDatabase) -> Process {
    Process::open(&database.service_url, Some(&database.admin_url)).await
}

/// A plain connection, past the store.
async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn the_suite_of_every_database_passes() {
    let databases: std::cell::RefCell<Vec<TestDatabase>> = Default::default();
    suite::all(|| {
        let database = database();
        let (service, admin) = (database.service_url.clone(), database.admin_url.clone());
        databases.borrow_mut().push(database);
        async move { Process::open(&service, Some(&admin)).await.ground }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_in_sql_and_the_interpreter_agree() {
    let database = database();
    lowering::sql_and_interpreter_agree(&open(&database).await.ground, &EXPRESSIONS_POSTGRES).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_through_links_and_the_interpreter_agree() {
    let database = database();
    linked::sql_and_interpreter_agree(&open(&database).await.ground, &LINKS_POSTGRES).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_role_sees_one_organisation_and_changes_no_event() {
    let database = database();
    let process = open(&database).await;
    process.thing(ORG, "Mine", "M").await.unwrap();
    process.thing(OTHER, "Theirs", "T").await.unwrap();
    let service = connect(&database.service_url).await;
    let names = |rows: Vec<tokio_postgres::Row>| {
        rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>()
    };
    let list = "SELECT name FROM yard.thing";
    let unset = service.query(list, &[]).await.unwrap_err();
    assert!(unset.to_string().contains("db error"), "{unset}");
    for (org, expected) in [("1", vec!["Mine"]), ("2", vec!["Theirs"]), ("3", vec![])] {
        service.batch_execute(&format!("SET megalith.org = '{org}'")).await.unwrap();
        assert_eq!(names(service.query(list, &[]).await.unwrap()), expected);
        let events = service.query_one("SELECT count(*) FROM yard._event", &[]).await.unwrap();
        assert_eq!(events.get::<_, i64>(0), expected.len() as i64);
    }
    service.batch_execute("SET megalith.org = '1'").await.unwrap();
    for (statement, state) in [
        ("INSERT INTO yard._cursor (_org, reader, position) VALUES (2, 'x', 1)", "42501"),
        ("UPDATE yard.thing SET _org = 2", "42501"),
        ("UPDATE yard._event SET bytes = ''", "42501"),
        ("DELETE FROM yard._event", "42501"),
        ("SELECT * FROM megalith.org", "42501"),
        ("CREATE TABLE yard.mine (id int)", "42501"),
        ("ALTER TABLE yard.thing DISABLE ROW LEVEL SECURITY", "42501"),
    ] {
        let refused = service.batch_execute(statement).await.unwrap_err();
        assert_eq!(refused.code().map(|code| code.code()), Some(state), "{statement}");
    }
    let unwalled = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace \
                    WHERE nspname = 'yard' AND relkind = 'r' \
                    AND NOT (relrowsecurity AND relforcerowsecurity)";
    assert_eq!(service.query_one(unwalled, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_commit_gets_a_later_position_and_no_reader_misses_it() {
    let database = database();
    // The gate may stay closed for longer than a writing transaction usually lives.
    let patient = format!("{}?options=-c%20statement_timeout%3D120000", database.service_url);
    let process = Process::open(&patient, Some(&database.admin_url)).await;
    let admin = connect(&database.admin_url).await;
    // Commits of records named "late" wait, with their stamp drawn, until the gate opens.
    admin
        .batch_execute(
            "CREATE FUNCTION yard.gate() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
             BEGIN
                 IF position('late'::bytea IN NEW.bytes) > 0 THEN
                     PERFORM pg_advisory_xact_lock_shared(42);
                 END IF;
                 RETURN NEW;
             END $$;
             CREATE CONSTRAINT TRIGGER gate AFTER INSERT ON yard._event
                 DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION yard.gate();
             SELECT pg_advisory_lock(42)",
        )
        .await
        .unwrap();
    // Connections and statements are there before the gate closes.
    let (one, two) = tokio::join!(process.thing(ORG, "a", "A"), process.thing(OTHER, "b", "B"));
    one.and(two).unwrap();
    let mut late = std::pin::pin!(process.thing(ORG, "late", "L"));
    assert!(futures::poll!(&mut late).is_pending());
    // The late one holds its stamp once it waits at the gate.
    let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted \
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let mut seen = 0;
    for _ in 0..10_000 {
        assert!(futures::poll!(&mut late).is_pending());
        seen = admin.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0);
        if seen > 0 {
            break;
        }
    }
    assert_eq!(seen, 1);
    process.thing(ORG, "early", "E").await.unwrap();
    process.ground.sealed(ORG, 2).await;
    let before = process.store(ORG).log(0, 100).await.unwrap();
    assert_eq!(before.len(), 2);
    admin.batch_execute("SELECT pg_advisory_unlock(42)").await.unwrap();
    late.await.unwrap();
    process.thing(ORG, "after", "F").await.unwrap();
    check_log(&process.ground, ORG, 4).await;
    let after = process.store(ORG).log(2, 100).await.unwrap();
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
        let (a, b) = tokio::join!(one.thing(ORG, "One", &code), two.thing(ORG, "Two", &code));
        let problem = match (a, b) {
            (Ok(_), Err(problem)) | (Err(problem), Ok(_)) => problem,
            (a, b) => panic!("{a:?} {b:?}"),
        };
        assert_eq!(problem.kind, ProblemKind::Conflict, "{problem}");
        assert_eq!(problem.errors[0].pointer, "/code");
    }
    check_log(&one.ground, ORG, 20).await;
    check_log(&two.ground, ORG, 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_seal_one_log_without_a_gap_or_a_double() {
    let database = database();
    let one = open(&database).await;
    let two = Process::open(&database.service_url, None).await;
    let writes = (0..60).map(|at| {
        let process = if at % 2 == 0 { &one } else { &two };
        async move { process.thing(ORG, "Name", &format!("C{at}")).await.unwrap() }
    });
    futures::future::join_all(writes).await;
    check_log(&one.ground, ORG, 60).await;
    check_log(&two.ground, ORG, 60).await;
    for signer in [&one.signer, &two.signer] {
        let heads = signer.heads.lock().unwrap();
        assert!(heads.is_sorted_by_key(|head| head.head.size));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_one_record_follow_each_other() {
    let database = database();
    let process = open(&database).await;
    let thing = process.thing(ORG, "Name", "C").await.unwrap();
    let updates =
        (0..24).map(|at| process.ground.update(ORG, &thing, Input::new().set("count", at)));
    let outcomes = futures::future::join_all(updates).await;
    let done = outcomes.iter().filter(|outcome| outcome.is_ok()).count() as u64;
    for problem in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        assert_eq!(problem.kind, ProblemKind::Conflict, "{problem}");
    }
    let get = Query::Get { entity: "yard.thing".into(), id: thing.id(), known_at: None };
    let read = process.ground.runtime.ask(&Call::system(ORG, "test"), &get).await.unwrap();
    assert_eq!(record(read).version(), 1 + done);
    assert!(done > 0);
    check_log(&process.ground, ORG, 1 + done).await;
    let snapshot = process.store(ORG).snapshot().await.unwrap();
    let events = snapshot.events_of(thing.id()).await.unwrap();
    let versions: Vec<u64> = events
        .iter()
        .map(|event| kernel::log::Event::parse(&event.bytes).unwrap().changes[0].version)
        .collect();
    assert_eq!(versions, (1..=1 + done).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_in_use_stays_whoever_is_faster() {
    let database = database();
    let process = open(&database).await;
    for round in 0..12 {
        let thing = process.thing(ORG, "Name", &format!("C{round}")).await.unwrap();
        let order = Input::new().set("thing", thing.id());
        let (ordered, deleted) = tokio::join!(
            process.ground.create(ORG, "receipt", order),
            process.ground.delete(ORG, &thing)
        );
        assert!(ordered.is_ok() != deleted.is_ok(), "{ordered:?} {deleted:?}");
    }
    let admin = connect(&database.admin_url).await;
    let dangling = "SELECT count(*) FROM yard.receipt o \
                    LEFT JOIN yard.thing c ON c.id = o.thing WHERE c.id IS NULL";
    assert_eq!(admin.query_one(dangling, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_effect_happens_once_and_a_cursor_never_moves_back() {
    let database = database();
    let process = open(&database).await;
    process.thing(ORG, "Cause", "C").await.unwrap();
    process.ground.sealed(ORG, 1).await;
    let entry = process.store(ORG).log(0, 1).await.unwrap().remove(0);
    let effect = Effect { reader: "yard.effects".into(), position: entry.position };
    let delivery = kernel::service::Delivery {
        org: ORG,
        reader: effect.reader.clone(),
        position: effect.position,
        event: kernel::log::Event::parse(&entry.bytes).unwrap(),
    };
    let command = Command {
        entity: "yard.thing".into(),
        verb: Verb::Create,
        input: Input::new().set("name", "Effect"),
    };
    for _ in 0..3 {
        process.ground.runtime.effect(&delivery, &command).await.unwrap();
    }
    assert_eq!(process.ground.names(ORG, List::default()).await, ["Cause", "Effect"]);
    let store = process.store(ORG);
    for (position, expected) in [(7, 7), (3, 7), (9, 9)] {
        store.advance("yard.effects", position).await.unwrap();
        let snapshot = store.snapshot().await.unwrap();
        assert_eq!(snapshot.cursor("yard.effects").await.unwrap(), expected);
    }
}
