//! Groups, counts and lists: what the database computes equals what is computed record by record.

use super::{ORG, OTHER, Process, open};
use crate::ground;
use kernel::ports::{AggregatePlan, Bucket, GroupKey, ListPlan, Measure, OrderKey};
use kernel::service::Registry;
use kernel::{Input, Predicate};
use testkit::postgres::database;
use types::{Currency, Duration, Instant, Money, Value};

/// True for every record, and without an SQL form, so that the store decides it itself.
fn undecided() -> Predicate {
    let all = ground::service().entities;
    let registry = Registry::new(all.clone());
    kernel::env::predicate(&all[0], "count * 1 == count || count == null", &registry).unwrap()
}

async fn fill(process: &Process) {
    for at in 0..60i64 {
        let currency = if at % 3 == 0 { Currency::EUR } else { Currency::USD };
        let mut input = Input::new()
            .set("name", format!("Name {}", at % 7))
            .set("count", at % 5)
            .set("flag", at % 2 == 0)
            .set("at", Instant((at - 30) * 86_400_000_000 - 1))
            .set("span", Duration(at));
        if at % 4 != 0 {
            input = input
                .set("fine", types::Decimal::new(at * 7, 3))
                .set("price", Money { minor: at * 1_000_003, currency })
                .set(
                    "on",
                    format!("20{:02}-0{}-01", at % 3, at % 9 + 1).parse::<types::Date>().unwrap(),
                );
        }
        process.ground.create(ORG, "thing", input).await.unwrap();
    }
    process.thing(OTHER, "Elsewhere", "E").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_the_same_in_the_database_and_record_by_record() {
    let database = database();
    let process = open(&database).await;
    fill(&process).await;
    let entity = ground::service().entities.remove(0);
    let slot = |name: &str| entity.slot(name).unwrap();
    let key = |name: &str, bucket| GroupKey { hop: None, slot: slot(name), bucket };
    let snapshot = process.store(ORG).snapshot().await.unwrap();
    let numbers = ["count", "fine", "price", "span"];
    let sums = || numbers.iter().map(|name| Measure::Sum(slot(name)));
    let extremes = |names: &[&str]| -> Vec<Measure> {
        let both = |name: &&str| [Measure::Min(slot(name)), Measure::Max(slot(name))];
        names.iter().flat_map(both).collect()
    };
    for (groups, measures) in [
        (vec![], vec![Measure::Count]),
        (vec![], sums().filter(|sum| *sum != Measure::Sum(slot("price"))).collect()),
        (vec![], extremes(&["name", "count", "fine", "on", "at", "flag", "id"])),
        (vec![key("flag", None)], std::iter::once(Measure::Count).chain(sums()).collect()),
        (vec![key("on", Some(Bucket::Month))], vec![Measure::Sum(slot("fine"))]),
        (vec![key("at", Some(Bucket::Year)), key("count", None)], vec![Measure::Count]),
        (vec![key("at", Some(Bucket::Day))], vec![Measure::Count]),
        (vec![key("price", None)], vec![Measure::Count]),
        (vec![key("name", None)], extremes(&["price", "span"])),
    ] {
        let plan = |predicates: Vec<Predicate>| AggregatePlan {
            entity: entity.clone(),
            predicates,
            tokens: vec![],
            through: vec![],
            among: None,
            groups: groups.clone(),
            measures: measures.clone(),
            limit: 1_000,
        };
        let sorted = |mut rows: Vec<Vec<Value>>| {
            rows.sort_by_key(|row| format!("{row:?}"));
            rows
        };
        let fast = sorted(snapshot.aggregate(&plan(vec![])).await.unwrap());
        let slow = sorted(snapshot.aggregate(&plan(vec![undecided()])).await.unwrap());
        assert_eq!(fast, slow, "{groups:?} {measures:?}");
        assert!(!fast.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_sifted_record_by_record_is_the_same_list() {
    let database = database();
    let process = open(&database).await;
    fill(&process).await;
    let entity = ground::service().entities.remove(0);
    let snapshot = process.store(ORG).snapshot().await.unwrap();
    let order = |name: &str, descending| OrderKey {
        hop: None,
        slot: entity.slot(name).unwrap(),
        descending,
    };
    for order in [
        vec![],
        vec![order("on", false)],
        vec![order("fine", true), order("name", false)],
        vec![order("price", true)],
    ] {
        let plan = |predicates: Vec<Predicate>, after, limit| ListPlan {
            entity: entity.clone(),
            predicates,
            tokens: vec!["name".into()],
            through: Vec::new(),
            order: order.clone(),
            after,
            skip: 0,
            limit,
            lines: true,
        };
        let whole = snapshot.list(&plan(vec![], None, 1_000)).await.unwrap();
        assert_eq!(whole.len(), 60);
        assert_eq!(snapshot.count(&plan(vec![undecided()], None, 0)).await.unwrap(), 60);
        let (mut pieces, mut after) = (Vec::new(), None);
        for _ in 0..9 {
            let piece = snapshot.list(&plan(vec![undecided()], after, 7)).await.unwrap();
            after = piece.last().map(|last| {
                let values = order.iter().map(|key| last.values[key.slot].clone());
                (values.collect(), last.id())
            });
            pieces.extend(piece);
        }
        assert!(pieces == whole, "{order:?}");
    }
}
