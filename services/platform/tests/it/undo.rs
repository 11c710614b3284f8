//! Change sets and jobs, on both databases, plain and in wire mode.

use async_trait::async_trait;
use contracts::platform::{
    ChangeSetKind, CloseChangeSet, Counts, CreateOrg, Enqueue, OpenChangeSet, Undo,
};
use kernel::command::{Known, Verb};
use kernel::{
    Answer, Call, Command, Declare, Entity, Field, Input, Kind, Problem, Record, Service,
};
use platform::jobs::{JobContext, JobKind, Worker};
use platform::{ChangeSet, Job};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use testkit::world::{World, everywhere, on_sqlite, view};
use tokio::sync::watch;
use types::{Instant, Uuid, Value};

/// Something that a shop sells.
struct Ware;

impl Declare for Ware {
    fn entity() -> Entity {
        Entity::new("shop", "ware", "wares", "war")
            .field(Field::new("name", Kind::text(100), "The name.").required())
            .title("name")
    }
}

/// Where a depot keeps it.
struct Shelf;

impl Declare for Shelf {
    fn entity() -> Entity {
        Entity::new("depot", "shelf", "shelves", "shf")
            .field(Field::new("name", Kind::text(100), "The name.").required())
            .title("name")
    }
}

fn services() -> Vec<Service> {
    vec![
        platform::service(),
        Service::new("shop").entity::<Ware>(),
        Service::new("depot").entity::<Shelf>(),
    ]
}

/// An organisation, and a call by its administrator.
async fn org(world: &World) -> Call {
    let request = CreateOrg {
        slug: "northwind".to_owned(),
        name: "Northwind Traders".to_owned(),
        country: None,
        currency: None,
        zone: None,
        placement: None,
    };
    let made = world.contract::<CreateOrg>(&request).await.unwrap();
    Call { org: made.id, ..world.call() }
}

async fn run(world: &World, call: Call, entity: &str, verb: Verb, input: Input) -> Record {
    let command = Command { entity: entity.to_owned(), verb, input };
    view(world.execute(call, command).await.unwrap()).record
}

async fn make(world: &World, call: &Call, entity: &str, name: &str) -> Record {
    run(world, fresh(world, call), entity, Verb::Create, Input::new().set("name", name)).await
}

/// The call under a request id of its own.
fn fresh(world: &World, call: &Call) -> Call {
    Call { request_id: world.call().request_id, ..call.clone() }
}

/// Opens a change set, makes one record in each of two services under it, and closes it.
async fn two_changes(world: &World, call: &Call) -> (Uuid, Record, Record) {
    let request = OpenChangeSet {
        org: call.org,
        title: "Wares of May".to_owned(),
        kind: ChangeSetKind::Import,
        source: Some("wares.csv".to_owned()),
    };
    let set = contracts::call::<OpenChangeSet>(&*world.peers, fresh(world, call), &request);
    let set = set.await.unwrap();
    let under = Call { change_set: Some(set), ..call.clone() };
    let ware = make(world, &under, "shop.ware", "Chai").await;
    let shelf = make(world, &under, "depot.shelf", "A 1").await;
    let counts = Counts { read: 2, created: 2, ..Counts::default() };
    let request = CloseChangeSet { org: call.org, change_set: set, counts };
    let closed = contracts::call::<CloseChangeSet>(&*world.peers, fresh(world, call), &request);
    closed.await.unwrap();
    world.settle().await;
    (set, ware, shelf)
}

async fn set_of(world: &World, call: &Call, id: Uuid) -> Record {
    let runtime = world.runtime("platform");
    contracts::own::get(runtime, call.org, ChangeSet::ENTITY, id).await.unwrap().unwrap()
}

async fn is_there(world: &World, call: &Call, record: &Record) -> bool {
    let entity = record.entity.full_name();
    let runtime = world.runtime(&record.entity.service);
    contracts::own::get(runtime, call.org, &entity, record.id()).await.unwrap().is_some()
}

async fn act(world: &World, call: &Call, id: Uuid, act: &str) -> Result<Answer, Problem> {
    let verb = Verb::Act { id, act: act.to_owned(), known: Known::Nothing };
    let command = Command { entity: ChangeSet::ENTITY.to_owned(), verb, input: Input::new() };
    world.execute(fresh(world, call), command).await
}

#[test]
fn a_change_set_says_what_it_came_to_and_is_undone_across_services() {
    everywhere(services, async |world| {
        let call = org(&world).await;
        let (set, ware, shelf) = two_changes(&world, &call).await;
        let record = set_of(&world, &call, set).await;
        assert_eq!(record.state(), Some("closed"));
        assert_eq!(record.values[ChangeSet::CREATED], Value::Int(2));
        assert_eq!(record.values[ChangeSet::ACTOR].as_id(), Some(call.actor.user()));

        let ask = async |call: &Call, change_set: Uuid, preview: bool| {
            let request = Undo { org: call.org, change_set, preview };
            contracts::call::<Undo>(&*world.peers, fresh(&world, call), &request).await
        };
        let preview = ask(&call, set, true).await.unwrap();
        assert_eq!((preview.undone, preview.conflicts.len()), (2, 0));
        assert!(is_there(&world, &call, &ware).await);
        let clerk = Call { roles: Arc::from(["viewer".to_owned()]), ..call.clone() };
        assert_eq!(ask(&clerk, set, true).await.unwrap_err().kind.status(), 403);

        let undone = ask(&call, set, false).await.unwrap();
        assert_eq!((undone.undone, undone.conflicts.len()), (2, 0));
        assert!(!is_there(&world, &call, &ware).await && !is_there(&world, &call, &shelf).await);
        let record = set_of(&world, &call, set).await;
        assert_eq!(record.state(), Some("undone"));
        let undo = record.values[ChangeSet::UNDONE_BY].as_id().unwrap();
        assert_eq!(Some(undo), undone.change_set);
        world.settle().await;

        let redone = ask(&call, undo, false).await.unwrap();
        assert_eq!((redone.undone, redone.conflicts.len()), (2, 0));
        assert!(is_there(&world, &call, &ware).await && is_there(&world, &call, &shelf).await);
        assert_eq!(set_of(&world, &call, set).await.state(), Some("closed"));
        assert_eq!(set_of(&world, &call, undo).await.state(), Some("undone"));
        world.end().await;
    });
}

#[test]
fn the_act_leaves_the_work_to_a_job_that_does_it_once() {
    everywhere(services, async |world| {
        let call = org(&world).await;
        let (set, ware, shelf) = two_changes(&world, &call).await;
        act(&world, &call, set, "undo").await.unwrap();
        assert_eq!(set_of(&world, &call, set).await.state(), Some("undoing"));
        assert!(is_there(&world, &call, &ware).await);
        let workers = [(); 2].map(|()| Worker::new(world.runtime("platform").clone()));
        for worker in &workers {
            assert_eq!(worker.run_due(call.org).await.unwrap(), None);
        }
        assert!(!is_there(&world, &call, &ware).await && !is_there(&world, &call, &shelf).await);
        assert_eq!(set_of(&world, &call, set).await.state(), Some("undone"));
        let runtime = world.runtime("platform");
        let jobs = contracts::own::all(runtime, call.org, Job::ENTITY).await.unwrap();
        let [job] = jobs.as_slice() else { panic!("{jobs:?}") };
        assert_eq!((job.state(), job.values[Job::ATTEMPTS].as_int()), (Some("done"), Some(1)));
        world.end().await;
    });
}

/// A job that breaks off in its first attempt, having done one of two steps.
struct TwoSteps {
    done: Arc<AtomicU32>,
}

#[async_trait]
impl JobKind for TwoSteps {
    fn name(&self) -> &'static str {
        "two_steps"
    }

    async fn run(&self, ctx: JobContext) -> Result<(), Problem> {
        let first: u32 = ctx.resumed().await?.unwrap_or(0);
        for step in first..2 {
            self.done.fetch_add(1, Ordering::Relaxed);
            ctx.report(&(step + 1)).await?;
            if ctx.attempt() == 1 {
                return Err(Problem::unavailable("broken", "It broke off.", 1));
            }
        }
        Ok(())
    }
}

/// A job that nobody can do.
struct Hopeless;

#[async_trait]
impl JobKind for Hopeless {
    fn name(&self) -> &'static str {
        "hopeless"
    }

    async fn run(&self, _: JobContext) -> Result<(), Problem> {
        Err(Problem::not_found("file"))
    }
}

#[test]
fn a_job_goes_on_where_it_broke_off_after_a_pause_and_a_hopeless_one_ends() {
    everywhere(services, async |world| {
        let call = org(&world).await;
        let enqueue = async |kind: &str, key: Option<&str>| {
            let request = Enqueue {
                org: call.org,
                kind: kind.to_owned(),
                payload: "{}".to_owned(),
                key: key.map(str::to_owned),
                run_at: None,
            };
            world.contract::<Enqueue>(&request).await.unwrap()
        };
        let first = enqueue("two_steps", Some("nightly")).await;
        assert_eq!(enqueue("two_steps", Some("nightly")).await, first, "one of a key");
        let hopeless = enqueue("hopeless", None).await;
        let done = Arc::new(AtomicU32::new(0));
        let runtime = world.runtime("platform");
        let worker =
            Worker::new(runtime.clone()).with(TwoSteps { done: done.clone() }).with(Hopeless);
        let job = async |id: Uuid| {
            contracts::own::get(runtime, call.org, Job::ENTITY, id).await.unwrap().unwrap()
        };
        let due = worker.run_due(call.org).await.unwrap().unwrap();
        assert_eq!(job(first).await.state(), Some("queued"));
        assert_eq!(job(hopeless).await.state(), Some("failed"));
        assert!(job(hopeless).await.values[Job::ERROR].as_text().is_some());
        assert_eq!(worker.run_due(call.org).await.unwrap(), Some(due), "not before the pause");
        world.clock.set(due);
        assert_eq!(worker.run_due(call.org).await.unwrap(), None);
        assert_eq!(job(first).await.state(), Some("done"));
        assert_eq!(done.load(Ordering::Relaxed), 2, "each step once");
        assert_ne!(enqueue("two_steps", Some("nightly")).await, first, "the key is free again");
        world.end().await;
    });
}

#[test]
fn a_job_whose_worker_is_gone_is_taken_when_its_lease_runs_out_and_not_before() {
    everywhere(services, async |world| {
        let call = org(&world).await;
        let request = Enqueue {
            org: call.org,
            kind: "two_steps".to_owned(),
            payload: "{}".to_owned(),
            key: None,
            run_at: None,
        };
        let id = world.contract::<Enqueue>(&request).await.unwrap();
        let end = Instant(world.source.clock.now().0 + 60_000_000);
        let lease = async |version: u64| {
            let input = Input::new().set("holder", "gone").set("leased_until", end);
            let verb = Verb::Act { id, act: "lease".to_owned(), known: Known::Exactly(version) };
            let command = Command { entity: Job::ENTITY.to_owned(), verb, input };
            world.execute(world.system(call.org), command).await
        };
        lease(1).await.unwrap();
        assert_eq!(lease(1).await.unwrap_err().code, "version_mismatch");
        assert_eq!(lease(2).await.unwrap_err().code, "leased");
        let runtime = world.runtime("platform");
        let done = Arc::new(AtomicU32::new(0));
        let worker = Worker::new(runtime.clone()).with(TwoSteps { done: done.clone() });
        assert_eq!(worker.run_due(call.org).await.unwrap(), Some(end));
        assert_eq!(done.load(Ordering::Relaxed), 0);
        world.clock.set(end);
        assert_eq!(worker.run_due(call.org).await.unwrap(), None);
        let job = contracts::own::get(runtime, call.org, Job::ENTITY, id).await.unwrap().unwrap();
        assert_eq!((job.state(), job.values[Job::ATTEMPTS].as_int()), (Some("done"), Some(2)));
        let by_hand = async |call: Call| {
            let input = Input::new().set("kind", "undo");
            let command = Command { entity: Job::ENTITY.to_owned(), verb: Verb::Create, input };
            world.execute(call, command).await.map(drop)
        };
        let refused = by_hand(fresh(&world, &call)).await.unwrap_err();
        assert_eq!(refused.errors[0].code, "made_by_platform");
        world.end().await;
    });
}

/// Work that only the process can do which its payload names.
struct Elsewhere {
    here: &'static str,
}

/// How long another process may say nothing.
const SILENCE: Duration = Duration::from_secs(900);

#[async_trait]
impl JobKind for Elsewhere {
    fn name(&self) -> &'static str {
        "elsewhere"
    }

    fn takes(&self, payload: &str) -> bool {
        payload.contains(self.here)
    }

    fn given_up_after(&self) -> Option<Duration> {
        Some(SILENCE)
    }

    fn takes_long(&self) -> bool {
        self.here == "south"
    }

    async fn run(&self, ctx: JobContext) -> Result<(), Problem> {
        if self.here == "south" && ctx.payload::<String>()?.contains("for ever") {
            std::future::pending::<()>().await;
        }
        ctx.report(&self.here).await
    }
}

#[test]
fn a_job_of_a_process_that_says_nothing_for_long_is_given_up_by_another() {
    everywhere(services, async |world| {
        let call = org(&world).await;
        let enqueue = async |payload: &str, run_at: Option<Instant>| {
            let request = Enqueue {
                org: call.org,
                kind: "elsewhere".to_owned(),
                payload: format!("\"{payload}\""),
                key: None,
                run_at,
            };
            world.contract::<Enqueue>(&request).await.unwrap()
        };
        let id = enqueue("south", None).await;
        let runtime = world.runtime("platform");
        let job = async || {
            contracts::own::get(runtime, call.org, Job::ENTITY, id).await.unwrap().unwrap()
        };
        let later =
            |from: Instant, by: Duration| Instant(from.0 + i64::try_from(by.as_micros()).unwrap());
        let here = Worker::new(runtime.clone()).with(Elsewhere { here: "north" });
        let there = Worker::new(runtime.clone()).with(Elsewhere { here: "south" });
        let due = job().await.values[Job::RUN_AT].as_instant().unwrap();
        let end = later(due, SILENCE);
        assert_eq!(here.run_due(call.org).await.unwrap(), Some(end));
        // The process that can do it lives, and has no place free.
        for nth in 0..4 {
            enqueue(&format!("south for ever {nth}"), Some(Instant::default())).await;
        }
        world.clock.set(later(due, SILENCE / 2));
        there.run_due(call.org).await.unwrap();
        assert_eq!(job().await.state(), Some("queued"));
        world.clock.set(end);
        let due = here.run_due(call.org).await.unwrap().unwrap();
        assert_eq!((job().await.state(), due > end), (Some("queued"), true));
        world.clock.set(due);
        here.run_due(call.org).await.unwrap();
        let job = job().await;
        assert_eq!(job.state(), Some("done"));
        assert_eq!(job.values[Job::PROGRESS], Value::Json("\"north\"".to_owned()));
        world.end().await;
    });
}

/// Says that it began, and does not end.
struct Endless;

#[async_trait]
impl JobKind for Endless {
    fn name(&self) -> &'static str {
        "endless"
    }

    async fn run(&self, ctx: JobContext) -> Result<(), Problem> {
        ctx.report(&"begun").await?;
        std::future::pending().await
    }
}

#[test]
fn a_worker_that_ends_gives_its_job_back_for_the_next_one_to_go_on_with() {
    everywhere(services, async |world| {
        let call = org(&world).await;
        let request = Enqueue {
            org: call.org,
            kind: "endless".to_owned(),
            payload: "{}".to_owned(),
            key: None,
            run_at: None,
        };
        let id = world.contract::<Enqueue>(&request).await.unwrap();
        let runtime = world.runtime("platform");
        let job = async || {
            contracts::own::get(runtime, call.org, Job::ENTITY, id).await.unwrap().unwrap()
        };
        for attempt in 1..=2 {
            let (stop, stopped) = watch::channel(false);
            let worker = Arc::new(Worker::new(runtime.clone()).with(Endless));
            let mut sealed = world.store(call.org, "platform").await.unwrap().sealed();
            let at_work = tokio::spawn(worker.run(stopped));
            let is_begun = |job: &Record| {
                job.values[Job::ATTEMPTS].as_int() == Some(attempt)
                    && !job.values[Job::PROGRESS].is_null()
            };
            while !is_begun(&job().await) {
                sealed.changed().await.unwrap();
            }
            stop.send(true).unwrap();
            at_work.await.unwrap();
            let given_back = job().await;
            assert_eq!(given_back.state(), Some("queued"));
            assert!(given_back.values[Job::HOLDER].is_null());
            assert!(given_back.values[Job::ERROR].is_null(), "nothing went wrong");
            assert!(given_back.values[Job::RUN_AT].as_instant() <= Some(world.source.clock.now()));
        }
        world.end().await;
    });
}

#[test]
fn a_worker_at_work_finds_jobs_by_itself() {
    on_sqlite(services, async |world| {
        let call = org(&world).await;
        let (set, ware, _) = two_changes(&world, &call).await;
        let (stop, stopped) = watch::channel(false);
        let worker = Arc::new(Worker::new(world.runtime("platform").clone()));
        let at_work = tokio::spawn(worker.clone().run(stopped));
        let mut sealed = world.store(call.org, "platform").await.unwrap().sealed();
        act(&world, &call, set, "undo").await.unwrap();
        while set_of(&world, &call, set).await.state() != Some("undone") {
            sealed.changed().await.unwrap();
        }
        assert!(!is_there(&world, &call, &ware).await);
        stop.send(true).unwrap();
        at_work.await.unwrap();
        world.end().await;
    });
}
