//! Two small services: a shop with customers and orders, a depot with crates of goods.

use futures::future::BoxFuture;
use kernel::Problem;
use kernel::command::{Known, Verb};
use kernel::field::OnDelete;
use kernel::mirror::Reference;
use kernel::ports::Change;
use kernel::schema::{Accumulator, EntityKind, Move, States};
use kernel::service::Work;
use kernel::{Answer, Call, Command, Declare, Entity, Field, Input, Kind, Query, Record, Service};
use testkit::world::World;
use types::{Uuid, Value};

/// Someone who buys.
pub struct Customer;

impl Declare for Customer {
    fn entity() -> Entity {
        Entity::new("shop", "customer", "customers", "cus")
            .field(Field::new("name", Kind::text(200), "The name.").required())
            .field(Field::new("code", Kind::text(20), "The code.").unique())
            .field(Field::new("phone", Kind::text(40), "The phone.").personal())
            .title("name")
    }
}

/// What the shop publishes of a customer.
pub fn customer_ref() -> Reference {
    Reference::new("shop", "customer", "cus")
        .title(Field::new("name", Kind::text(200), "The name."))
        .field(Field::new("phone", Kind::text(40), "The phone.").personal())
}

/// What the depot publishes of a crate.
pub fn crate_ref() -> Reference {
    Reference::new("depot", "crate", "crt").title(Field::new(
        "label",
        Kind::text(100),
        "What stands on it.",
    ))
}

/// What a customer ordered.
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
            .accumulate(Accumulator {
                name: "ordered".into(),
                by: vec!["customer".into()],
                sums: vec!["amount".into()],
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
            .field(Field::new("crate", Kind::link("depot.crate"), "What it lies in."))
    }

    fn references() -> Vec<Reference> {
        vec![crate_ref()]
    }
}

/// A remark that goes with its customer.
pub struct Remark;

impl Declare for Remark {
    fn entity() -> Entity {
        let customer = Kind::Link { entity: "shop.customer".into(), on_delete: OnDelete::Cascade };
        Entity::new("shop", "remark", "remarks", "rem")
            .field(Field::new("customer", customer, "Whom it is about.").required())
            .field(Field::new("text", Kind::text(200), "What it says."))
    }
}

/// A claim, which gets its number and an entry in the journal when it is posted.
pub struct Bill;

impl Declare for Bill {
    fn entity() -> Entity {
        let step = |from: &str, act: &str, to: &str| Move {
            from: from.to_owned(),
            act: act.to_owned(),
            to: to.to_owned(),
        };
        Entity::new("shop", "bill", "bills", "bil")
            .field(Field::new("amount", Kind::integer(), "How much."))
            .states(States {
                names: ["draft", "checked", "posted"].map(str::to_owned).to_vec(),
                moves: vec![
                    step("draft", "check", "checked"),
                    step("checked", "enter", "checked"),
                    step("draft", "strike", "draft"),
                    step("checked", "post", "posted"),
                ],
            })
            .numbered("B-{seq:3}", "post")
    }
}

/// What was entered, for good.
pub struct Entry;

impl Declare for Entry {
    fn entity() -> Entity {
        Entity::new("shop", "entry", "entries", "ent")
            .kind(EntityKind::AppendOnly)
            .field(Field::new("bill", Kind::link("shop.bill"), "Which bill.").required())
    }
}

/// Raises the bill and enters it into the journal, in one commit.
fn enter<'a>(work: &'a mut Work<'_>) -> BoxFuture<'a, Result<(), Problem>> {
    Box::pin(async move {
        let amount = work.record.get("amount").as_int().unwrap_or(0);
        work.record.set("amount", Value::Int(amount + 1));
        let entity = work.registry.get("shop.entry").unwrap().clone();
        let mut entry = Record::empty(entity);
        entry.set("id", work.source.id());
        entry.set("bill", work.record.id());
        work.others.push(Change::Insert(entry));
        Ok(())
    })
}

/// Settles the bill by striking a customer from the books, and the orders that are named.
fn strike<'a>(work: &'a mut Work<'_>) -> BoxFuture<'a, Result<(), Problem>> {
    Box::pin(async move {
        for (name, value) in work.input.values.clone() {
            let entity = work.registry.get(&format!("shop.{name}")).unwrap().clone();
            let found = work.read(&entity, value.as_id().unwrap()).await?;
            work.others.extend(found.map(Change::Delete));
        }
        Ok(())
    })
}

/// Goods in a crate.
pub struct Crate;

impl Declare for Crate {
    fn entity() -> Entity {
        Entity::new("depot", "crate", "crates", "crt")
            .field(Field::new("label", Kind::text(100), "What stands on it.").required())
            .field(Field::new("owner", Kind::link("shop.customer"), "Whose they are."))
            .title("label")
    }

    fn references() -> Vec<Reference> {
        vec![customer_ref()]
    }
}

/// Both services.
pub fn services() -> Vec<Service> {
    vec![
        Service::new("shop")
            .entity::<Customer>()
            .entity::<Order>()
            .entity::<Line>()
            .entity::<Remark>()
            .entity::<Bill>()
            .entity::<Entry>()
            .act::<Bill>("enter", enter)
            .act::<Bill>("strike", strike)
            .publish::<Customer>(customer_ref()),
        Service::new("depot").entity::<Crate>().publish::<Crate>(crate_ref()),
    ]
}

/// A command that makes a record.
pub fn create(entity: &str, input: Input) -> Command {
    Command { entity: entity.to_owned(), verb: Verb::Create, input }
}

/// A command that changes a record.
pub fn update(record: &Record, input: Input) -> Command {
    let verb = Verb::Update { id: record.id(), known: Known::Nothing };
    Command { entity: record.entity.full_name(), verb, input }
}

/// A command that deletes a record.
pub fn delete(record: &Record) -> Command {
    let verb = Verb::Delete { id: record.id(), known: Known::Nothing };
    Command { entity: record.entity.full_name(), verb, input: Input::new() }
}

/// A command that does an act.
pub fn act(record: &Record, act: &str) -> Command {
    let verb = Verb::Act { id: record.id(), act: act.to_owned(), known: Known::Nothing };
    Command { entity: record.entity.full_name(), verb, input: Input::new() }
}

/// A customer's values.
pub fn customer(name: &str, code: &str) -> Input {
    Input::new().set("name", name).set("code", code).set("phone", "030 123")
}

/// An order's values, with one line.
pub fn order(of: &Record, amount: i64) -> Input {
    let width = Line::entity().fields.len();
    let mut line = vec![Value::Null; width];
    line[Line::entity().slot("item").unwrap()] = "Chai".into();
    let mut input = Input::new().set("customer", of.id()).set("amount", Value::Int(amount));
    input.values.push(("lines".to_owned(), Value::Rows(vec![line])));
    input
}

/// A call under a change set.
pub fn under(world: &World, change_set: Uuid) -> Call {
    Call { change_set: Some(change_set), ..world.call() }
}

/// Executes a command that answers a record.
pub async fn run(world: &World, call: Call, command: Command) -> Record {
    match world.execute(call, command).await.unwrap() {
        Answer::Record(view) => view.record,
        other => panic!("{other:?}"),
    }
}

/// Everything there is to see, of records, sums and search: values without who changed them last.
pub async fn picture(world: &World) -> Vec<String> {
    let mut seen = Vec::new();
    for entity in ["shop.customer", "shop.order", "shop.remark", "depot.crate"] {
        for record in world.list(entity, "").await.unwrap() {
            // A list comes without lines.
            let mut record = world.get(entity, record.id()).await.unwrap();
            for slot in ["version", "updated_at", "updated_by"] {
                record.set(slot, Value::Null);
            }
            seen.push(format!("{entity} {:?}", record.values));
        }
    }
    let store = world.store(world.org, "shop").await.unwrap();
    let snapshot = store.snapshot().await.unwrap();
    let totals = snapshot.totals("shop.order/ordered", None, 0, "", "").await.unwrap();
    let counted = totals.iter().filter(|total| total.count != 0);
    seen.extend(counted.map(|total| format!("{:?} {} {:?}", total.key, total.count, total.sums)));
    for (service, word) in [("shop", "alfreds"), ("shop", "maria"), ("depot", "apples")] {
        let query = Query::Search { text: word.to_owned(), limit: 10 };
        let found = world.peers.ask(service, world.call(), query).await.unwrap();
        let Answer::Hits(hits) = found else { panic!("{found:?}") };
        let ids: Vec<String> = hits.iter().map(|hit| hit.record.public_id()).collect();
        seen.push(format!("{word}: {ids:?}"));
    }
    seen
}
