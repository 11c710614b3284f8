//! Races on rules that no shipped entity has yet: a limit on a sum, and a lock that every write
//! asks; in one process on either database, and in two on one PostgreSQL.

use kernel::command::{Known, Verb};
use kernel::schema::{Accumulator, SumBound};
use kernel::service::Work;
use kernel::{
    Answer, Command, Declare, Entity, Field, FieldProblem, Input, Kind, Problem, Record, Service,
};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use testkit::data::report_checks;
use testkit::world::{World, view};
use types::{Uuid, Value};

const CALLERS: usize = 64;
/// The most that may be withdrawn from one account.
const LIMIT: i64 = 500;
/// How many writes arrive while a lock is set, and after how many it is.
const WRITES: usize = 10_000;
const LOCKED_AFTER: usize = 1_500;
/// How often a write that the database was too busy for is sent again.
const PATIENCE: usize = 1_000;

struct Withdrawal;

impl Declare for Withdrawal {
    fn entity() -> Entity {
        Entity::new("yard", "withdrawal", "withdrawals", "wdr")
            .doc("What was taken from an account.", "")
            .field(Field::new("account", Kind::text(20), "Which account.").required())
            .field(Field::new("amount", Kind::integer(), "How much.").required())
            .accumulate(Accumulator {
                name: "withdrawn".into(),
                by: vec!["account".into()],
                sums: vec!["amount".into()],
                bounds: vec![SumBound { sum: 0, min: None, max: Some(LIMIT) }],
                ..Accumulator::default()
            })
    }
}

struct Period;

impl Declare for Period {
    fn entity() -> Entity {
        Entity::new("yard", "period", "periods", "per")
            .doc("A time that can be locked.", "")
            .field(Field::new("locked", Kind::Boolean, "Whether nothing may be added any more."))
    }
}

struct Posting;

impl Declare for Posting {
    fn entity() -> Entity {
        Entity::new("yard", "posting", "postings", "pst")
            .doc("Something that happened in a period.", "")
            .field(Field::new("period", Kind::link("yard.period"), "When.").required())
    }
}

/// Refuses a posting into a locked period.
fn is_open<'a>(
    work: &'a mut Work<'_>,
) -> Pin<Box<dyn Future<Output = Result<(), Problem>> + Send + 'a>> {
    Box::pin(async move {
        let period = work.registry.get("yard.period").cloned();
        let (Some(period), Some(id)) = (period, work.record.get("period").as_id()) else {
            return Ok(());
        };
        let found = work.read(&period, id).await?;
        if found.is_some_and(|period| *period.get("locked") == Value::Bool(true)) {
            work.problems.push(FieldProblem::new("/period", "locked", "is locked"));
        }
        Ok(())
    })
}

fn services() -> Vec<Service> {
    let yard = Service::new("yard").entity::<Withdrawal>().entity::<Period>().entity::<Posting>();
    vec![yard.prepare::<Posting>(is_open)]
}

/// Runs a scenario on SQLite, on PostgreSQL, and in two processes on one PostgreSQL: what makes
/// them two is that they share nothing but the database and the keys.
fn everywhere(scenario: impl AsyncFn(&[Arc<World>])) {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).enable_all().build().expect("a run time");
    runtime.block_on(async {
        for (setup, processes) in [
            (World::sqlite(services), 1),
            (World::postgres(services), 1),
            (World::postgres(services), 2),
        ] {
            let mut worlds = vec![Arc::new(setup.await)];
            while worlds.len() < processes {
                worlds.push(Arc::new(World::on(worlds[0].ground().clone()).await));
            }
            scenario(&worlds).await;
            for world in worlds {
                Arc::into_inner(world).expect("all callers are done").end().await;
            }
        }
    });
}

fn create(entity: &str, input: Input) -> Command {
    Command { entity: entity.to_owned(), verb: Verb::Create, input }
}

async fn execute(world: &World, command: Command) -> Result<Answer, Problem> {
    world.execute(world.call(), command).await
}

/// All events of the service, with their positions, when everything is sealed.
async fn log(world: &World) -> Vec<kernel::log::Event> {
    world.settle().await;
    let store = world.store(world.org, "yard").await.expect("a store");
    let mut events = Vec::new();
    loop {
        let page = store.log(events.len() as u64, 1_000).await.expect("a log");
        if page.is_empty() {
            return events;
        }
        for entry in page {
            assert_eq!(entry.position, events.len() as u64 + 1);
            events.push(kernel::log::Event::parse(&entry.bytes).expect("an event"));
        }
    }
}

#[test]
fn a_limit_on_a_sum_lets_exactly_as_many_through_as_it_has_room_for() {
    everywhere(async |worlds| {
        // Ten or eleven withdrawals of 100 from each account.
        const ACCOUNTS: usize = 6;
        let withdraw = |account: usize| {
            let account = format!("A{account}");
            create("yard.withdrawal", Input::new().set("account", account).set("amount", 100i64))
        };
        let tasks: Vec<_> = (0..CALLERS)
            .map(|n| {
                let (world, command) = (worlds[n % worlds.len()].clone(), withdraw(n % ACCOUNTS));
                tokio::spawn(async move { execute(&world, command).await })
            })
            .collect();
        let mut taken: Vec<Vec<Record>> = vec![Vec::new(); ACCOUNTS];
        for (n, task) in tasks.into_iter().enumerate() {
            match task.await.expect("a caller") {
                Ok(answer) => taken[n % ACCOUNTS].push(view(answer).record),
                Err(problem) => assert_eq!(problem.code, "out_of_bounds", "{problem}"),
            }
        }
        assert_eq!(taken.iter().map(Vec::len).collect::<Vec<_>>(), [5; ACCOUNTS]);
        // What is given back can be taken again, once.
        let verb = Verb::Delete { id: taken[0][0].id(), known: Known::Nothing };
        let back = Command { entity: "yard.withdrawal".into(), verb, input: Input::new() };
        execute(&worlds[0], back).await.expect("it is given back");
        execute(&worlds[worlds.len() - 1], withdraw(0)).await.expect("there is room");
        let full = execute(&worlds[0], withdraw(0)).await.expect_err("there is none");
        assert_eq!(full.code, "out_of_bounds");
        assert_eq!(log(&worlds[0]).await.len(), 5 * ACCOUNTS + 2);
        report_checks(CALLERS);
    });
}

#[test]
fn nothing_is_committed_after_a_lock_was_set_however_many_writes_arrive() {
    everywhere(async |worlds| {
        let open = create("yard.period", Input::new().set("locked", false));
        let period = view(execute(&worlds[0], open).await.expect("a period")).record;
        let (begun, made) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let posters: Vec<_> = (0..CALLERS)
            .map(|n| {
                let (world, begun, made) =
                    (worlds[n % worlds.len()].clone(), begun.clone(), made.clone());
                tokio::spawn(post(world, period.id(), begun, made))
            })
            .collect();
        // Set by the last process, in the midst of it.
        let world = worlds[worlds.len() - 1].clone();
        let done = made.clone();
        let locker = tokio::spawn(async move {
            while done.load(Ordering::SeqCst) < LOCKED_AFTER {
                tokio::task::yield_now().await;
            }
            let verb = Verb::Update { id: period.id(), known: Known::Nothing };
            let input = Input::new().set("locked", true);
            let entity = "yard.period".to_owned();
            execute(&world, Command { entity, verb, input }).await.map(drop)
        });
        let mut refused = 0;
        for poster in posters {
            refused += poster.await.expect("a caller");
        }
        locker.await.expect("the one who locks").expect("the lock is set");
        let events = log(&worlds[0]).await;
        let (last, before) = events.split_last().expect("events");
        assert_eq!((last.act.as_str(), last.changes[0].entity.as_str()), ("update", "yard.period"));
        let made = made.load(Ordering::SeqCst);
        assert_eq!((before.len(), made + refused), (made + 1, WRITES));
        assert!(refused > 0, "writes arrived after the lock");
        report_checks(WRITES);
    });
}

/// Posts until all writes have arrived; gives how many were refused because of the lock.
async fn post(
    world: Arc<World>,
    period: Uuid,
    begun: Arc<AtomicUsize>,
    made: Arc<AtomicUsize>,
) -> usize {
    let mut refused = 0;
    while begun.fetch_add(1, Ordering::SeqCst) < WRITES {
        let posting = || create("yard.posting", Input::new().set("period", period));
        let mut posted = execute(&world, posting()).await;
        // On a busy machine a statement may take longer than it may: whoever asks asks again.
        for _ in 0..PATIENCE {
            if !posted.as_ref().is_err_and(|problem| problem.code == "database_unavailable") {
                break;
            }
            posted = execute(&world, posting()).await;
        }
        match posted {
            Ok(_) => {
                made.fetch_add(1, Ordering::SeqCst);
            }
            Err(problem) => {
                let codes: Vec<&str> = problem.errors.iter().map(|e| e.code.as_str()).collect();
                assert_eq!(codes, ["locked"], "{problem}");
                refused += 1;
            }
        }
    }
    refused
}
