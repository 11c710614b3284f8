//! A world: services at work on a database of their own, with a clock and chance that the test
//! drives.
//!
//! A scenario is an async function of a [`World`]; [`everywhere`] runs it on SQLite and on
//! PostgreSQL, plain and in wire mode. In wire mode every call, answer and event goes over bytes,
//! each service has databases of its own, events come late and out of step with those of other
//! services, and one call in a hundred is lost.
//!
//! ```text
//! #[test]
//! fn a_customer_is_found_by_its_code() {
//!     testkit::world::everywhere(|| vec![operations::service()], async |world| {
//!         let made = world.create("operations.customer", Input::new().set("code", "ALFKI")).await;
//!         …
//!     });
//! }
//! ```

mod ground;
mod source;
mod stores;

pub use ground::{Ground, WorldFacts};
pub use source::{Signer, TestChance, TestClock};

use bus::{Bus, Transport};
use contracts::Contract;
use kernel::command::{List, Verb};
use kernel::env::Compiled;
use kernel::keys::Keys;
use kernel::ports::{Placement, Source};
use kernel::rights::{ADMINISTRATOR, Plans};
use kernel::service::{Peers, Registry};
use kernel::{Actor, Answer, Call, Command, Input, Problem, Query, Record, Runtime, Service, View};
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use stores::Stores;
use types::Uuid;

/// Makes the services of a world.
pub type Services = fn() -> Vec<Service>;

/// Makes the services reachable for each other.
type Connect = Box<dyn FnOnce(&[Arc<Runtime>]) + Send>;

/// The seed of losses and delays in wire mode.
const SEED: u64 = 20_260_704;
/// One call in so many is lost in wire mode.
const LOST_ONE_IN: u64 = 100;

/// Services at work, and an organisation with an administrator.
pub struct World {
    /// The entities of all services.
    pub registry: Arc<Registry>,
    /// What time it is; only the test moves it.
    pub clock: Arc<TestClock>,
    /// Time and chance as the services have them.
    pub source: Source,
    /// The installation's keys.
    pub keys: Arc<Keys>,
    /// Reaches the services.
    pub peers: Arc<dyn Peers>,
    /// What organisations decided; tests may change it.
    pub facts: Arc<WorldFacts>,
    /// The organisation that calls are in unless they say otherwise.
    pub org: Uuid,
    /// The user who administers it.
    pub administrator: Uuid,
    ground: Arc<Ground>,
    stores: Arc<Stores>,
    runtimes: Vec<Arc<Runtime>>,
    bus: Bus,
    requests: AtomicU64,
}

/// A world that is yet to be made: await it.
pub struct Setup {
    ground: Ground,
}

impl Setup {
    /// Makes it in wire mode.
    pub fn wire(mut self) -> Setup {
        self.ground.wire = true;
        self
    }
}

impl IntoFuture for Setup {
    type Output = World;
    type IntoFuture = Pin<Box<dyn Future<Output = World> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(World::on(Arc::new(self.ground)))
    }
}

impl World {
    /// A world on SQLite, in a temporary folder.
    pub fn sqlite(services: Services) -> Setup {
        Setup { ground: Ground::sqlite(services) }
    }

    /// A world on PostgreSQL, in a database of its own.
    pub fn postgres(services: Services) -> Setup {
        Setup { ground: Ground::postgres(services) }
    }

    /// A world on a ground, which keeps its databases when the world ends.
    pub async fn on(ground: Arc<Ground>) -> World {
        let services = (ground.services)();
        let entities: Vec<_> = services.iter().flat_map(|s| s.stored().cloned()).collect();
        let registry = Arc::new(Registry::new(entities.clone()));
        let (clock, chance) = (ground.clock.clone(), ground.chance.clone());
        let source = Source { clock: clock.clone(), chance };
        let keys = ground.keys.clone();
        let stores = Stores::new(ground.clone(), &services).await;

        let (peers, connect): (Arc<dyn Peers>, Connect) = if ground.wire {
            let faults = link::Faults::new(SEED, LOST_ONE_IN);
            let wire = link::Wire::new(faults, source.clone());
            (wire.clone(), Box::new(move |all| wire.connect(all)))
        } else {
            let local = link::Local::new();
            (local.clone(), Box::new(move |all| local.connect(all)))
        };
        let org = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_00a1);
        let names = services.iter().map(|service| service.name.clone()).collect();
        let facts = WorldFacts::new(org, Arc::downgrade(&peers), names);
        let runtimes: Vec<Arc<Runtime>> = services
            .into_iter()
            .map(|service| {
                Arc::new(Runtime {
                    service,
                    registry: registry.clone(),
                    placement: stores.clone(),
                    source: source.clone(),
                    keys: keys.clone(),
                    peers: peers.clone(),
                    facts: facts.clone(),
                    plans: Plans::default(),
                    compiled: Compiled::default(),
                })
            })
            .collect();
        connect(&runtimes);
        let transport = if ground.wire { Transport::wire(SEED) } else { Transport::Direct };
        let bus = Bus::new(runtimes.clone(), transport);
        let administrator = user_of(ADMINISTRATOR);
        let requests = AtomicU64::new(0);
        World {
            registry,
            clock,
            source,
            keys,
            peers,
            facts,
            org,
            administrator,
            ground,
            stores,
            runtimes,
            bus,
            requests,
        }
    }

    /// Ends this world and begins one on the same databases, as after a restart.
    pub async fn restart(self) -> World {
        let ground = self.ground.clone();
        self.end().await;
        World::on(ground).await
    }

    /// Ends the world: nothing is delivered any more, files are closed.
    pub async fn end(self) {
        self.bus.stop().await;
    }

    /// What the world stands on.
    pub fn ground(&self) -> &Arc<Ground> {
        &self.ground
    }

    /// The run time of a service, for what no call reaches.
    ///
    /// # Panics
    /// When the world has no such service.
    pub fn runtime(&self, service: &str) -> &Arc<Runtime> {
        let found = self.runtimes.iter().find(|runtime| runtime.service.name == service);
        found.unwrap_or_else(|| panic!("this world has no service {service}"))
    }

    /// A call by the organisation's administrator.
    pub fn call(&self) -> Call {
        self.call_as(ADMINISTRATOR)
    }

    /// A call by a user who has one role; each role has a user of its own.
    pub fn call_as(&self, role: &str) -> Call {
        let roles = Arc::from([role.to_owned()]);
        Call { roles, ..self.call_of(Actor::User(user_of(role)), self.org) }
    }

    /// A call by a user without any role.
    pub fn stranger(&self) -> Call {
        self.call_of(Actor::User(user_of("stranger")), self.org)
    }

    /// A call by the system in an organisation.
    pub fn system(&self, org: Uuid) -> Call {
        Call { reason: Some("a test".to_owned()), ..self.call_of(Actor::System, org) }
    }

    fn call_of(&self, actor: Actor, org: Uuid) -> Call {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let request_id = format!("req_{number}");
        Call { actor, request_id, reason: None, ..Call::system(org, "") }
    }

    /// Executes a command at the service that owns its entity.
    ///
    /// # Errors
    /// What the service answers.
    pub async fn execute(&self, call: Call, command: Command) -> Result<Answer, Problem> {
        self.peers.execute(call, command).await
    }

    /// Answers a query at the service that owns its entity.
    ///
    /// # Errors
    /// What the service answers.
    ///
    /// # Panics
    /// For a search, which names no entity: ask the service through `peers`.
    pub async fn ask(&self, call: Call, query: Query) -> Result<Answer, Problem> {
        let entity = match &query {
            Query::Get { entity, .. }
            | Query::External { entity, .. }
            | Query::Explain { entity, .. }
            | Query::History { entity, .. } => entity,
            Query::List(list) => &list.entity,
            Query::Aggregate(aggregate) => &aggregate.entity,
            Query::Totals(totals) => &totals.entity,
            other => panic!("{other:?} names no entity"),
        };
        let service = entity.split('.').next().unwrap_or_default().to_owned();
        self.peers.ask(&service, call, query).await
    }

    /// Makes a contract call as the system, in the system organisation.
    ///
    /// # Errors
    /// What the service answers.
    pub async fn contract<C: Contract>(&self, request: &C::Request) -> Result<C::Answer, Problem> {
        contracts::call::<C>(&*self.peers, self.system(contracts::SYSTEM_ORG), request).await
    }

    /// Creates a record as the administrator.
    ///
    /// # Errors
    /// What the service answers.
    pub async fn create(&self, entity: &str, input: Input) -> Result<Record, Problem> {
        let command = Command { entity: entity.to_owned(), verb: Verb::Create, input };
        self.execute(self.call(), command).await.map(|answer| view(answer).record)
    }

    /// Reads a record as the administrator.
    ///
    /// # Errors
    /// What the service answers.
    pub async fn get(&self, entity: &str, id: Uuid) -> Result<Record, Problem> {
        let query = Query::Get { entity: entity.to_owned(), id, known_at: None };
        self.ask(self.call(), query).await.map(|answer| view(answer).record)
    }

    /// The first thousand records that a filter lets through, as the administrator sees them.
    ///
    /// # Errors
    /// What the service answers.
    pub async fn list(&self, entity: &str, filter: &str) -> Result<Vec<Record>, Problem> {
        let (entity, filter) = (entity.to_owned(), filter.to_owned());
        let list = List { entity, filter, page_size: 1000, ..List::default() };
        match self.ask(self.call(), Query::List(list)).await? {
            Answer::Page(page) => Ok(page.items.into_iter().map(|view| view.record).collect()),
            other => panic!("a list answered {other:?}"),
        }
    }

    /// Waits until every committed event is sealed and taken in by all its listeners.
    ///
    /// # Panics
    /// When a listener refuses an event again and again.
    pub async fn settle(&self) {
        loop {
            for org in self.stores.orgs() {
                let attended = self.bus.attend(org).await;
                attended.unwrap_or_else(|problem| panic!("{org} is not attended: {problem}"));
            }
            let before = self.stores.committed();
            self.stores.sealed().await;
            self.bus.settled().await.unwrap_or_else(|stuck| panic!("{stuck}"));
            if self.stores.committed() == before {
                return;
            }
        }
    }

    /// The store of a service in an organisation.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn store(
        &self,
        org: Uuid,
        service: &str,
    ) -> Result<Arc<dyn kernel::ports::Store>, Problem> {
        self.stores.store(org, service).await
    }
}

/// The record of an answer.
///
/// # Panics
/// When the answer is of another sort.
pub fn view(answer: Answer) -> View {
    match answer {
        Answer::Record(view) => view,
        other => panic!("expected a record, got {other:?}"),
    }
}

/// The user of a role: its bytes follow from the name.
fn user_of(role: &str) -> Uuid {
    let bits = role.bytes().fold(0u128, |bits, byte| (bits << 5) ^ u128::from(byte));
    Uuid::from_u128((0x0190_0000_0000_7000_8000 << 48) | (bits & 0xffff_ffff_ffff))
}

/// Runs a scenario on SQLite and on PostgreSQL, plain and in wire mode.
///
/// # Panics
/// When the scenario does; the world it failed in is named on standard error first.
pub fn everywhere(services: Services, scenario: impl AsyncFn(World)) {
    for (name, setup) in [
        ("SQLite", World::sqlite(services)),
        ("SQLite, wire", World::sqlite(services).wire()),
        ("PostgreSQL", World::postgres(services)),
        ("PostgreSQL, wire", World::postgres(services).wire()),
    ] {
        on(name, setup, &scenario);
    }
}

/// Runs a scenario on SQLite, plain and in wire mode.
///
/// # Panics
/// As [`everywhere`].
pub fn on_sqlite(services: Services, scenario: impl AsyncFn(World)) {
    on("SQLite", World::sqlite(services), &scenario);
    on("SQLite, wire", World::sqlite(services).wire(), &scenario);
}

fn on(name: &str, setup: Setup, scenario: &impl AsyncFn(World)) {
    let _named = Named(name);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.unwrap_or_else(|why| panic!("no run time: {why}"));
    runtime.block_on(async {
        let world = setup.await;
        scenario(world).await;
    });
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
}

/// Says which world a panic happened in.
struct Named<'a>(&'a str);

impl Drop for Named<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("this happened in the world: {}", self.0);
        }
    }
}
