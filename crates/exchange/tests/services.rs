//! Imports into real services: the same mappings, through the one write path.

mod common;

use async_trait::async_trait;
use common::{Seen, counts};
use exchange::mapping::Mapping;
use exchange::peers::Asking;
use exchange::pipeline::{Executor, Import, Report, Write};
use exchange::ready;
use expr::Context;
use kernel::command::{Answer, List, Query};
use kernel::{Command, Problem, View};
use std::path::Path;
use testkit::world::World;
use types::{Instant, Uuid};

/// Writes through the services' own write path; states and numbers stay what the path gives.
struct Through(Asking);

#[async_trait]
impl Executor for Through {
    async fn by_external(
        &self,
        entity: &str,
        name: &str,
        keys: &[String],
    ) -> Result<Vec<(String, View)>, Problem> {
        self.0.by_external(entity, name, keys).await
    }

    async fn by_field(
        &self,
        entity: &str,
        field: &str,
        values: &[String],
    ) -> Result<Vec<(String, View)>, Problem> {
        self.0.by_field(entity, field, values).await
    }

    async fn write(
        &self,
        writes: Vec<Write>,
        _: bool,
    ) -> Result<Vec<Result<Uuid, Problem>>, Problem> {
        let service = writes[0].entity.split('.').next().unwrap_or_default().to_owned();
        let plain = |write: Write| Write { state: None, number: None, ..write }.into_command();
        let commands: Vec<Command> = writes.into_iter().map(plain).collect();
        let call = self.0.call.clone();
        let answers = self.0.peers.execute_all(&service, call, commands, "import", false).await?;
        let id = |answer: Answer| match answer {
            Answer::Record(view) => view.record.id(),
            _ => Uuid::nil(),
        };
        Ok(answers.into_iter().map(|answer| answer.map(id)).collect())
    }
}

async fn import(asking: &Asking, mapping: &Mapping, source: &Path) -> (Report, Seen) {
    let executor = Through(asking.clone());
    let context = Context::new(Instant(0), "UTC", vec![]);
    let import = Import {
        mapping,
        source,
        registry: &asking.registry,
        executor: &executor,
        journal: &(),
        context,
        dry_run: false,
        rows: None,
    };
    let mut seen = Seen::default();
    let report = import.run(&mut seen).await.unwrap();
    (report, seen)
}

async fn how_many(asking: &Asking, entity: &str) -> u64 {
    let list = List { entity: entity.to_owned(), page_size: 1, count: true, ..List::default() };
    let service = entity.split('.').next().unwrap();
    let answer = asking.peers.ask(service, asking.call.clone(), Query::List(list)).await;
    match answer.unwrap() {
        Answer::Page(page) => page.total_size.unwrap(),
        other => panic!("{other:?}"),
    }
}

async fn world() -> (World, Asking) {
    let world = World::sqlite(|| vec![operations::service(), hr::service()]).await;
    let asking = Asking {
        peers: world.peers.clone(),
        registry: world.registry.clone(),
        call: kernel::Call { change_set: Some(IMPORT), ..world.call() },
        system: None,
    };
    (world, asking)
}

const IMPORT: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);
const UNDO: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0002);

#[tokio::test]
async fn a_data_set_goes_into_real_services_once_and_comes_out_whole() {
    let (world, asking) = world().await;
    for name in ["chinook", "adventureworks-oltp"] {
        let folder = common::data(name);
        let mapping = ready::named(name).unwrap();
        let (first, seen) = import(&asking, &mapping, &folder).await;
        assert_eq!(seen.reasons(), [], "{name}");
        assert_eq!(counts(&first)[2..], [0, 0], "{name}");
        let (again, seen) = import(&asking, &mapping, &folder).await;
        assert_eq!(seen.reasons(), [], "{name}");
        assert_eq!(counts(&again)[..2], [0, 0], "{name}");
    }
    assert_eq!(how_many(&asking, "operations.sales_order").await, 1);
    assert_eq!(how_many(&asking, "hr.employee").await, 4);
    let call = kernel::Call { change_set: Some(UNDO), ..world.call() };
    for service in ["operations", "hr"] {
        let undone = asking.peers.undo(service, call.clone(), IMPORT, false).await.unwrap();
        assert!(undone.conflicts.is_empty(), "{service}: {:?}", undone.conflicts);
    }
    for entity in
        ["operations.sales_order", "operations.customer", "operations.item", "hr.employee"]
    {
        assert_eq!(how_many(&asking, entity).await, 0, "{entity}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_small_northwind_meets_every_rule_of_the_services() {
    let (world, asking) = world().await;
    let mapping = ready::named("northwind").unwrap();
    let (first, seen) = import(&asking, &mapping, &common::data("northwind")).await;
    assert_eq!(seen.reasons(), []);
    let (again, _) = import(&asking, &mapping, &common::data("northwind")).await;
    assert_eq!(counts(&again), [0, 0, first.total.created, 0]);
    world.end().await;
}

#[tokio::test]
async fn every_data_set_meets_every_rule_of_the_services() {
    for (name, orders, customers) in
        [("northwind", 830, 93), ("chinook", 412, 59), ("adventureworks-oltp", 0, 0)]
    {
        let Some(folder) = testkit::data::set(name, 6) else { continue };
        let (world, asking) = world().await;
        let mapping = ready::find(&folder).unwrap().expect("the folder is recognised");
        let (first, seen) = import(&asking, &mapping, &folder).await;
        assert_eq!(seen.reasons(), [], "{name}");
        let (again, seen) = import(&asking, &mapping, &folder).await;
        assert_eq!(seen.reasons(), [], "{name}");
        assert_eq!(counts(&again), [0, 0, first.total.read, 0], "{name}");
        assert_eq!(how_many(&asking, "operations.sales_order").await, orders, "{name}");
        assert_eq!(how_many(&asking, "operations.customer").await, customers, "{name}");
        testkit::data::report_checks(6);
        world.end().await;
    }
}
