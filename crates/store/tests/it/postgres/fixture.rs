//! A service with customers and orders on a database of its own.

use async_trait::async_trait;
use kernel::keys::{HeadSigner, Keys};
use kernel::log::{Head, SignedHead};
use kernel::ports::{Chance, Clock, Placement, Source, Store};
use kernel::rights::{Facts, OrgFacts};
use kernel::schema::{Accumulator, EntityKind, SumBound};
use kernel::service::{Peers, Registry};
use kernel::{
    Answer, Call, Command, Declare, Entity, Field, Input, Kind, Known, List, Problem, Query,
    Record, Runtime, Service, Verb,
};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use store::postgres::Cluster;
use types::{Instant, Uuid, Value};

/// Someone who buys; one field of each way to store a value.
pub struct Customer;

impl Declare for Customer {
    fn entity() -> Entity {
        let field = |name: &str, kind: Kind| Field::new(name, kind, "A field.");
        Entity::new("shop", "customer", "customers", "cus")
            .field(field("name", Kind::text(200)).required())
            .field(field("code", Kind::text(20)).unique())
            .field(field("active", Kind::Boolean))
            .field(field("rank", Kind::integer()).indexed())
            .field(field("rebate", Kind::Decimal { scale: 4 }).indexed())
            .field(field("limit", Kind::Money))
            .field(field("since", Kind::Date))
            .field(field("seen_at", Kind::Instant))
            .field(field("patience", Kind::Duration))
            .field(field("opens", Kind::WallTime))
            .field(field("notes", Kind::LongText { max: 10_000 }).searchable())
            .field(field("friends", Kind::Links { entity: "shop.customer".into() }))
            .field(field("extra", Kind::Json))
            .title("name")
    }
}

/// What a customer asked for.
pub struct Order;

impl Declare for Order {
    fn entity() -> Entity {
        Entity::new("shop", "order", "orders", "ord")
            .field(Field::new("customer", Kind::link("shop.customer"), "Who buys.").required())
            .field(Field::new("amount", Kind::integer(), "How much."))
            .field(Field::new(
                "lines",
                Kind::Children { entity: "shop.line".into() },
                "What is bought.",
            ))
            .numbered("ORD-{seq:5}", "create")
            .accumulate(Accumulator {
                name: "open".into(),
                by: vec!["customer".into()],
                sums: vec!["amount".into()],
                bounds: vec![SumBound { sum: 0, min: None, max: Some(100) }],
                ..Accumulator::default()
            })
    }
}

/// A line of an order.
pub struct Line;

impl Declare for Line {
    fn entity() -> Entity {
        Entity::new("shop", "line", "lines", "lin")
            .kind(EntityKind::Child)
            .field(Field::new("item", Kind::text(100), "What.").required())
            .field(Field::new("quantity", Kind::Quantity, "How many."))
    }
}

/// Keys that keep what they publish.
pub struct Signer {
    keys: Arc<Keys>,
    /// The heads that were published, in order.
    pub heads: Mutex<Vec<SignedHead>>,
}

impl Signer {
    /// A signer with these keys.
    pub fn new(keys: Arc<Keys>) -> Signer {
        Signer { keys, heads: Mutex::default() }
    }
}

impl HeadSigner for Signer {
    fn sign(&self, head: Head) -> SignedHead {
        self.keys.sign(head)
    }

    fn publish(&self, head: &SignedHead) {
        self.heads.lock().unwrap().push(head.clone());
    }
}

/// A clock that moves a millisecond with each look.
struct Ticks(AtomicI64);

impl Clock for Ticks {
    fn now(&self) -> Instant {
        Instant(1_760_000_000_000_000 + self.0.fetch_add(1_000, Ordering::Relaxed))
    }
}

/// Numbers that do not repeat within a process.
struct Counted;

impl Chance for Counted {
    fn fill(&self, buffer: &mut [u8]) {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let next = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        buffer.iter_mut().enumerate().for_each(|(at, b)| *b = (next >> (at % 8 * 8)) as u8);
    }
}

struct Alone;

#[async_trait]
impl Peers for Alone {
    async fn execute(&self, _: Call, _: Command) -> Result<Answer, Problem> {
        Err(Problem::not_found("service"))
    }
    async fn ask(&self, _: &str, _: Call, _: Query) -> Result<Answer, Problem> {
        Err(Problem::not_found("service"))
    }
    async fn contract(&self, _: &str, _: &str, _: Call, _: Vec<u8>) -> Result<Vec<u8>, Problem> {
        Err(Problem::not_found("service"))
    }
}

#[async_trait]
impl Facts for Alone {
    async fn of(&self, _: Uuid) -> Result<Arc<OrgFacts>, Problem> {
        Ok(Arc::default())
    }
}

struct On(Arc<Cluster>);

#[async_trait]
impl Placement for On {
    async fn store(&self, org: Uuid, service: &str) -> Result<Arc<dyn Store>, Problem> {
        Ok(self.0.store(org, service))
    }
}

/// One process: a cluster and a service on it.
pub struct Process {
    pub cluster: Arc<Cluster>,
    pub runtime: Arc<Runtime>,
    pub signer: Arc<Signer>,
}

/// The entities of the service.
pub fn entities() -> Vec<Arc<Entity>> {
    service().entities
}

fn service() -> Service {
    Service::new("shop").entity::<Customer>().entity::<Order>().entity::<Line>()
}

impl Process {
    /// Opens a database; prepares it if it has an administrator's address.
    pub async fn open(service_url: &str, admin_url: Option<&str>) -> Process {
        let keys = Arc::new(Keys::new(&[7; 32], &[9; 32]).unwrap());
        let signer = Arc::new(Signer::new(keys.clone()));
        let entities = entities();
        let cluster =
            Cluster::open(service_url, admin_url, &entities, signer.clone()).await.unwrap();
        let runtime = Arc::new(Runtime {
            service: service(),
            registry: Arc::new(Registry::new(entities)),
            placement: Arc::new(On(cluster.clone())),
            source: Source { clock: Arc::new(Ticks(AtomicI64::new(0))), chance: Arc::new(Counted) },
            keys,
            peers: Arc::new(Alone),
            facts: Arc::new(Alone),
            plans: Default::default(),
            compiled: Default::default(),
        });
        Process { cluster, runtime, signer }
    }

    /// The store of an organisation.
    pub fn store(&self, org: Uuid) -> Arc<dyn Store> {
        self.cluster.store(org, "shop")
    }

    /// Runs a command as the system.
    pub async fn run(&self, org: Uuid, command: Command) -> Result<Answer, Problem> {
        self.runtime.execute(&Call::system(org, "test"), &command).await
    }

    /// Creates a record and answers it.
    pub async fn create(&self, org: Uuid, entity: &str, input: Input) -> Result<Record, Problem> {
        let entity = format!("shop.{entity}");
        let answer = self.run(org, Command { entity, verb: Verb::Create, input }).await?;
        Ok(record(answer))
    }

    /// Creates a customer with a name and a code.
    pub async fn customer(&self, org: Uuid, name: &str, code: &str) -> Result<Record, Problem> {
        self.create(org, "customer", Input::new().set("name", name).set("code", code)).await
    }

    /// Changes a record.
    pub async fn update(
        &self,
        org: Uuid,
        record: &Record,
        input: Input,
    ) -> Result<Record, Problem> {
        let verb = Verb::Update { id: record.id(), known: Known::Nothing };
        let entity = record.entity.full_name();
        Ok(self::record(self.run(org, Command { entity, verb, input }).await?))
    }

    /// Deletes a record.
    pub async fn delete(&self, org: Uuid, record: &Record) -> Result<(), Problem> {
        let verb = Verb::Delete { id: record.id(), known: Known::Nothing };
        let entity = record.entity.full_name();
        self.run(org, Command { entity, verb, input: Input::new() }).await.map(|_| ())
    }

    /// The customers' names of a list.
    pub async fn names(&self, org: Uuid, list: List) -> Vec<String> {
        self.page(org, list).await.0
    }

    /// The customers' names of a page, and the token of the next.
    pub async fn page(&self, org: Uuid, list: List) -> (Vec<String>, String) {
        let list = List { entity: "shop.customer".into(), ..list };
        let answer = self.runtime.ask(&Call::system(org, "test"), &Query::List(list)).await;
        let Answer::Page(page) = answer.unwrap() else { panic!("not a page") };
        let name = |view: &kernel::View| match view.record.get("name") {
            Value::Text(name) => name.clone(),
            other => panic!("{other:?}"),
        };
        (page.items.iter().map(name).collect(), page.next_page_token)
    }

    /// Waits until so many events are sealed.
    pub async fn sealed(&self, org: Uuid, size: u64) {
        let mut sealed = self.store(org).sealed();
        sealed.wait_for(|sealed| *sealed >= size).await.unwrap();
    }
}

/// The record of an answer.
pub fn record(answer: Answer) -> Record {
    match answer {
        Answer::Record(view) => view.record,
        other => panic!("{other:?}"),
    }
}
