//! The ground that tests of every database stand on: a service with one field of each kind.

use async_trait::async_trait;
use kernel::keys::{HeadSigner, Keys};
use kernel::log::{Head, SignedHead};
use kernel::ports::{Chance, Clock, Placement, Source, Store};
use kernel::rights::{Facts, OrgFacts};
use kernel::schema::{Accumulator, EntityKind, SumBound};
use kernel::service::{Peers, Registry, Undone};
use kernel::{
    Answer, Call, Command, Declare, Entity, Field, Input, Kind, Known, List, Problem, Query,
    Record, Runtime, Service, Verb, View,
};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use types::{Instant, Uuid, Value};

/// The organisation of most tests.
pub const ORG: Uuid = Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001);
/// Another one on the same database.
pub const OTHER: Uuid = Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0002);

/// A thing with one field of each way to store a value.
pub struct Thing;

impl Declare for Thing {
    fn entity() -> Entity {
        let field = |name: &str, kind: Kind| Field::new(name, kind, "A field.");
        Entity::new("yard", "thing", "things", "thi")
            .field(field("name", Kind::text(200)))
            .field(field("code", Kind::text(20)).unique())
            .field(field("plain", Kind::text(200)))
            .field(field("flag", Kind::Boolean))
            .field(field("count", Kind::integer()).indexed())
            .field(field("fine", Kind::Decimal { scale: 4 }))
            .field(field("coarse", Kind::Decimal { scale: 2 }).indexed())
            .field(field("price", Kind::Money))
            .field(field("paid", Kind::Money))
            .field(field("on", Kind::Date).indexed())
            .field(field("at", Kind::Instant))
            .field(field("span", Kind::Duration))
            .field(field("wall", Kind::WallTime))
            .field(field("colour", Kind::choice(&["red", "green", "blue"])))
            .field(field("notes", Kind::LongText { max: 10_000 }).searchable())
            .field(field("parent", Kind::link("yard.thing")))
            .field(field("friends", Kind::Links { entity: "yard.thing".into() }))
            .field(field("extra", Kind::Json))
            .field(field("secret_name", Kind::text(100)).personal())
            .title("name")
    }
}

/// What was taken, with lines, a number and a sum.
pub struct Receipt;

impl Declare for Receipt {
    fn entity() -> Entity {
        let lines = Kind::Children { entity: "yard.entry".into() };
        Entity::new("yard", "receipt", "receipts", "rec")
            .field(Field::new("thing", Kind::link("yard.thing"), "What was taken."))
            .field(Field::new("amount", Kind::integer(), "How much."))
            .field(Field::new("entries", lines, "What was taken in detail."))
            .numbered("R-{seq:3}", "create")
            .accumulate(Accumulator {
                name: "taken".into(),
                by: vec!["thing".into()],
                sums: vec!["amount".into()],
                bounds: vec![SumBound { sum: 0, min: None, max: Some(100) }],
                ..Accumulator::default()
            })
    }
}

/// A line of a receipt.
pub struct Entry;

impl Declare for Entry {
    fn entity() -> Entity {
        Entity::new("yard", "entry", "entries", "ent")
            .kind(EntityKind::Child)
            .field(Field::new("what", Kind::text(100), "What."))
            .field(Field::new("thing", Kind::link("yard.thing"), "Which."))
            .field(Field::new("quantity", Kind::Quantity, "How many."))
    }
}

/// The service.
pub fn service() -> Service {
    Service::new("yard").entity::<Thing>().entity::<Receipt>().entity::<Entry>()
}

/// A signer that keeps what it publishes.
pub struct Signer {
    keys: Arc<Keys>,
    /// The heads that were published, in order.
    pub heads: Mutex<Vec<SignedHead>>,
}

impl HeadSigner for Signer {
    fn sign(&self, head: Head) -> SignedHead {
        self.keys.sign(head)
    }
    fn publish(&self, head: &SignedHead) {
        self.heads.lock().unwrap().push(head.clone());
    }
}

/// The keys of every test.
pub fn keys() -> Arc<Keys> {
    Arc::new(Keys::new(&[7; 32], &[9; 32]).unwrap())
}

/// A signer with these keys.
pub fn signer() -> Arc<Signer> {
    Arc::new(Signer { keys: keys(), heads: Mutex::default() })
}

struct Ticks(AtomicI64);

impl Clock for Ticks {
    fn now(&self) -> Instant {
        Instant(1_760_000_000_000_000 + self.0.fetch_add(1_000, Ordering::Relaxed))
    }
}

struct Counted;

impl Chance for Counted {
    fn fill(&self, buffer: &mut [u8]) {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        for chunk in buffer.chunks_mut(8) {
            let next = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&next.to_le_bytes()[..chunk.len()]);
        }
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
    async fn execute_all(
        &self,
        _: &str,
        _: Call,
        _: Vec<Command>,
        _: &str,
        _: bool,
    ) -> Result<Vec<Result<Answer, Problem>>, Problem> {
        Err(Problem::not_found("service"))
    }
    async fn undo(&self, _: &str, _: Call, _: Uuid, _: bool) -> Result<Undone, Problem> {
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

/// The service at work on a database.
pub struct Ground {
    /// The service.
    pub runtime: Arc<Runtime>,
    clock: Arc<Ticks>,
}

impl Ground {
    /// The service on the stores of `placement`.
    pub fn new(placement: Arc<dyn Placement>) -> Ground {
        let service = service();
        let registry = Arc::new(Registry::new(service.entities.iter().cloned()));
        let clock = Arc::new(Ticks(AtomicI64::new(0)));
        Ground {
            clock: clock.clone(),
            runtime: Arc::new(Runtime {
                service,
                registry,
                placement,
                source: Source { clock, chance: Arc::new(Counted) },
                keys: keys(),
                peers: Arc::new(Alone),
                facts: Arc::new(Alone),
                plans: Default::default(),
                compiled: Default::default(),
            }),
        }
    }

    /// The entity of a name.
    pub fn entity(&self, name: &str) -> Arc<Entity> {
        self.runtime.own(&format!("yard.{name}")).unwrap()
    }

    /// The store of an organisation.
    pub async fn store(&self, org: Uuid) -> Arc<dyn Store> {
        self.runtime.store(org).await.unwrap()
    }

    /// Runs a command as the system.
    pub async fn run(&self, org: Uuid, command: Command) -> Result<Answer, Problem> {
        self.runtime.execute(&Call::system(org, "test"), &command).await
    }

    /// Creates a record.
    pub async fn create(&self, org: Uuid, entity: &str, input: Input) -> Result<Record, Problem> {
        let entity = format!("yard.{entity}");
        Ok(record(self.run(org, Command { entity, verb: Verb::Create, input }).await?))
    }

    /// Creates a thing with a name.
    pub async fn thing(&self, org: Uuid, name: &str) -> Record {
        self.create(org, "thing", Input::new().set("name", name)).await.unwrap()
    }

    /// Changes a record, whatever its version.
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

    /// Reads a record.
    pub async fn get(&self, org: Uuid, record: &Record) -> Result<Record, Problem> {
        let (entity, id) = (record.entity.full_name(), record.id());
        let query = Query::Get { entity, id, known_at: None };
        Ok(self::record(self.runtime.ask(&Call::system(org, "test"), &query).await?))
    }

    /// The names of the things in a list, all pages together.
    pub async fn names(&self, org: Uuid, list: List) -> Vec<String> {
        let mut list = List { entity: "yard.thing".into(), ..list };
        let mut names = Vec::new();
        loop {
            let query = Query::List(list.clone());
            let answer = self.runtime.ask(&Call::system(org, "test"), &query).await.unwrap();
            let Answer::Page(page) = answer else { panic!("not a page") };
            names.extend(page.items.iter().map(name));
            list.page_token = page.next_page_token;
            if list.page_token.is_empty() {
                return names;
            }
        }
    }

    /// Lets hours pass.
    pub fn pass(&self, hours: i64) {
        self.clock.0.fetch_add(hours * 3_600_000_000, Ordering::Relaxed);
    }

    /// Waits until so many events are sealed.
    pub async fn sealed(&self, org: Uuid, size: u64) {
        let mut sealed = self.store(org).await.sealed();
        sealed.wait_for(|sealed| *sealed >= size).await.unwrap();
    }
}

fn name(view: &View) -> String {
    match view.record.get("name") {
        Value::Text(name) => name.clone(),
        _ => String::new(),
    }
}

/// The record of an answer.
pub fn record(answer: Answer) -> Record {
    match answer {
        Answer::Record(view) => view.record,
        other => panic!("{other:?}"),
    }
}
