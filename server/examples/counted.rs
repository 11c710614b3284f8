//! Fixed operations, for `cargo xtask test` to count the instructions that each costs.
//!
//! Run by itself it does them once and shows nothing of interest. Under callgrind each call of
//! [`segment_ends`] closes a count; the line printed before it says which operation that was and
//! how often it ran. Clock, ids and chance are driven and everything awaits in one thread, so that
//! two runs do the same; what is left of chance (the seeds of hash maps, the turns of the thread
//! that writes) is far below one in a hundred.

use async_trait::async_trait;
use exchange::mapping::Mapping;
use exchange::pipeline::{Executor, Import, Observer, Write};
use expr::{Context, Names, Type};
use kernel::command::{List, Verb};
use kernel::keys::Keys;
use kernel::log::{ChangeRecord, Event, EventValue, Frontier, Head, LogEntry, event};
use kernel::service::Registry;
use kernel::{Answer, Command, Input, Problem, Query, View};
use std::hint::black_box;
use std::path::Path;
use testkit::world::{World, view};
use types::{Decimal, Instant, Uuid, Value};

const CUSTOMER: &str = "operations.customer";
/// Customers that are there before anything is counted.
const BEFORE: usize = 40;
/// Rows of the table that is mapped.
const ROWS: usize = 100;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a run time").block_on(async {
        let world = World::sqlite(|| vec![operations::service()]).await;
        records(&world).await;
        let folder = world.ground().folder().expect("a folder").clone();
        expressions();
        events();
        mapped(&folder).await;
        world.end().await;
    });
}

/// Closes what was counted since the last call: it was `name`, done `times` times.
fn segment(name: &str, times: usize) {
    println!("segment: {times} {name}");
    segment_ends();
}

/// Where callgrind writes down its count and begins a new one.
#[inline(never)]
fn segment_ends() {
    black_box(());
}

/// Does it three times uncounted, so that what is compiled and cached once is not counted.
async fn counted(name: &str, times: usize, mut what: impl AsyncFnMut(usize)) {
    for number in 0..3 {
        what(number).await;
    }
    segment("", 0);
    for number in 3..3 + times {
        what(number).await;
    }
    segment(name, times);
}

async fn records(world: &World) {
    let customer = |number: usize| {
        let name = format!("Customer {number:04}");
        let input = Input::new().set("name", name).set("code", format!("C{number:04}"));
        let input = input.set("email", format!("c{number}@example.org"));
        Command { entity: CUSTOMER.to_owned(), verb: Verb::Create, input }
    };
    let mut ids = Vec::new();
    for number in 0..BEFORE {
        let made = world.execute(world.call(), customer(number)).await.expect("a customer");
        ids.push(view(made).record.id());
    }
    counted("create a customer on SQLite", 20, async |number| {
        let made = world.execute(world.call(), customer(BEFORE + number)).await;
        black_box(made.expect("a customer"));
    })
    .await;
    counted("read a customer", 50, async |number| {
        let id = ids[number % ids.len()];
        let query = Query::Get { entity: CUSTOMER.to_owned(), id, known_at: None };
        black_box(world.ask(world.call(), query).await.expect("the customer"));
    })
    .await;
    counted("list 50 customers by name", 5, async |_| {
        let entity = CUSTOMER.to_owned();
        let order_by = "name".to_owned();
        let list = List { entity, order_by, page_size: 50, ..List::default() };
        let page = world.ask(world.call(), Query::List(list)).await.expect("a page");
        let Answer::Page(page) = page else { panic!("a list answers a page") };
        assert_eq!(page.items.len(), 50);
    })
    .await;
}

fn expressions() {
    let names = Names::new()
        .field("country", Type::Text)
        .field("quantity", Type::Int)
        .field("price", Type::Decimal(Some(2)));
    let text = "country == 'DE' && quantity > 10 && price + 1 < 100.00";
    let filter = expr::compile(text, &names, Some(&Type::Bool)).expect("a condition");
    let row = vec![Value::from("DE"), Value::Int(12), Value::Decimal(Decimal::new(1999, 2))];
    let context = Context::new(Instant(0), "UTC", Vec::new());
    const TIMES: usize = 1_000;
    segment("", 0);
    for _ in 0..TIMES {
        black_box(filter.eval_bool(black_box(&row), &context));
    }
    segment("evaluate five operators", TIMES);
}

fn events() {
    let keys = Keys::new(&[1; 32], &[2; 32]).expect("keys");
    let (org, mut frontier) = (Uuid::from_u128(1), Frontier::default());
    let field = |name: &str, value: &str| (name.to_owned(), EventValue::Plain(value.into()));
    let mut seal = |position: u64| {
        let change = ChangeRecord {
            entity: CUSTOMER.to_owned(),
            record: Uuid::from_u128(u128::from(position)),
            version: 1,
            before: Vec::new(),
            after: vec![field("code", "ALFKI"), field("country", "DE"), field("city", "Berlin")],
        };
        let sealed = Event {
            id: Uuid::from_u128(u128::from(position)),
            org,
            service: "operations".to_owned(),
            at: Instant(1_783_157_400_000_000),
            actor: Uuid::from_u128(3),
            actor_kind: "user".to_owned(),
            act: "create".to_owned(),
            reason: String::new(),
            request_id: "req_1".to_owned(),
            change_set: None,
            premises: Vec::new(),
            changes: vec![change],
        };
        let (bytes, number) = (sealed.bytes(), String::new());
        let entry = LogEntry { position, id: sealed.id, hash: event::hash(&bytes), bytes, number };
        frontier.push(entry.leaf());
        let (service, root) = (sealed.service.clone(), frontier.root());
        black_box(keys.sign(Head { org, service, size: position, root, at: sealed.at }));
    };
    const TIMES: u64 = 50;
    (1..4).for_each(&mut seal);
    segment("", 0);
    (4..4 + TIMES).for_each(&mut seal);
    segment("seal an event and sign the head", TIMES as usize);
}

/// Takes what is mapped and keeps nothing.
struct Nowhere;

#[async_trait]
impl Executor for Nowhere {
    async fn by_external(
        &self,
        _: &str,
        _: &str,
        _: &[String],
    ) -> Result<Vec<(String, View)>, Problem> {
        Ok(Vec::new())
    }

    async fn by_field(
        &self,
        _: &str,
        _: &str,
        _: &[String],
    ) -> Result<Vec<(String, View)>, Problem> {
        Ok(Vec::new())
    }

    async fn write(
        &self,
        writes: Vec<Write>,
        _: bool,
    ) -> Result<Vec<Result<Uuid, Problem>>, Problem> {
        let ids = (1..=writes.len()).map(|number| Ok(Uuid::from_u128(number as u128)));
        Ok(ids.collect())
    }
}

impl Observer for Nowhere {}

const MAPPING: &str = r#"
name = "counted"
title = "Counted rows"

[[step]]
file = "customers.csv"
entity = "operations.customer"
key = "Code"
[step.fields]
name = "Name"
code = "Code"
country = "Country"
"#;

async fn mapped(folder: &Path) {
    let mut table = String::from("Code,Name,Country\n");
    for number in 0..ROWS {
        table += &format!("C{number:04},\"Customer, {number}\",DE\n");
    }
    std::fs::write(folder.join("customers.csv"), table).expect("a file");
    let registry = Registry::new(operations::service().entities);
    let mapping = Mapping::parse(MAPPING).unwrap_or_else(|why| panic!("{why}"));
    let import = Import {
        mapping: &mapping,
        source: folder,
        registry: &registry,
        executor: &Nowhere,
        journal: &(),
        context: Context::new(Instant(0), "UTC", Vec::new()),
        dry_run: false,
        rows: None,
    };
    let run = async || {
        let report = import.run(&mut Nowhere).await.unwrap_or_else(|why| panic!("{why}"));
        assert_eq!((report.total.read, report.total.created), (ROWS as u64, ROWS as u64));
    };
    run().await;
    segment("", 0);
    run().await;
    segment("map 100 rows of CSV", 1);
}
