//! Groups, counts and lists: what the database computes equals what is computed record by record.

use super::fixture::{Process, entities};
use super::{ORG, OTHER, open};
use kernel::ports::{AggregatePlan, Bucket, GroupKey, ListPlan, Measure, OrderKey};
use kernel::service::Registry;
use kernel::{Input, Predicate};
use testkit::postgres::database;
use types::{Currency, Duration, Instant, Money, Value};

/// True for every record, and without an SQL form, so that the store decides it itself.
fn undecided() -> Predicate {
    let all = entities();
    let registry = Registry::new(all.clone());
    kernel::env::predicate(&all[0], "rank * 1 == rank || rank == null", &registry).unwrap()
}

async fn fill(process: &Process) {
    for at in 0..60i64 {
        let currency = if at % 3 == 0 { Currency::EUR } else { Currency::USD };
        let mut input = Input::new()
            .set("name", format!("Name {}", at % 7))
            .set("rank", at % 5)
            .set("active", at % 2 == 0)
            .set("seen_at", Instant((at - 30) * 86_400_000_000 - 1))
            .set("patience", Duration(at));
        if at % 4 != 0 {
            input = input
                .set("rebate", types::Decimal::new(at * 7, 3))
                .set("limit", Money { minor: at * 1_000_003, currency })
                .set(
                    "since",
                    format!("20{:02}-0{}-01", at % 3, at % 9 + 1).parse::<types::Date>().unwrap(),
                );
        }
        process.create(ORG, "customer", input).await.unwrap();
    }
    process.customer(OTHER, "Elsewhere", "E").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_the_same_in_the_database_and_record_by_record() {
    let database = database();
    let process = open(&database).await;
    fill(&process).await;
    let entity = entities().remove(0);
    let slot = |name: &str| entity.slot(name).unwrap();
    let key = |name: &str, bucket| GroupKey { slot: slot(name), bucket };
    let snapshot = process.store(ORG).snapshot().await.unwrap();
    let numbers = ["rank", "rebate", "limit", "patience"];
    let sums = || numbers.iter().map(|name| Measure::Sum(slot(name)));
    let extremes = |names: &[&str]| -> Vec<Measure> {
        let both = |name: &&str| [Measure::Min(slot(name)), Measure::Max(slot(name))];
        names.iter().flat_map(both).collect()
    };
    for (groups, measures) in [
        (vec![], vec![Measure::Count]),
        (vec![], sums().filter(|sum| *sum != Measure::Sum(slot("limit"))).collect()),
        (vec![], extremes(&["name", "rank", "rebate", "since", "seen_at", "active", "id"])),
        (vec![key("active", None)], std::iter::once(Measure::Count).chain(sums()).collect()),
        (vec![key("since", Some(Bucket::Month))], vec![Measure::Sum(slot("rebate"))]),
        (vec![key("seen_at", Some(Bucket::Year)), key("rank", None)], vec![Measure::Count]),
        (vec![key("seen_at", Some(Bucket::Day))], vec![Measure::Count]),
        (vec![key("limit", None)], vec![Measure::Count]),
        (vec![key("name", None)], extremes(&["limit", "patience"])),
    ] {
        let plan = |predicates: Vec<Predicate>| AggregatePlan {
            entity: entity.clone(),
            predicates,
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
    let entity = entities().remove(0);
    let snapshot = process.store(ORG).snapshot().await.unwrap();
    let order = |name: &str, descending| OrderKey { slot: entity.slot(name).unwrap(), descending };
    for order in [
        vec![],
        vec![order("since", false)],
        vec![order("rebate", true), order("name", false)],
        vec![order("limit", true)],
    ] {
        let plan = |predicates: Vec<Predicate>, after, limit| ListPlan {
            entity: entity.clone(),
            predicates,
            tokens: vec!["name".into()],
            order: order.clone(),
            after,
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

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_found_by_its_keys_elsewhere_as_long_as_it_has_them() {
    let database = database();
    let process = open(&database).await;
    let keys = |text: &str| Input::new().set("external_ids", Value::Json(text.into()));
    let input = keys("{\"northwind\": \"VINET\", \"crm\": \"7\"}").set("name", "Vins");
    let customer = process.create(ORG, "customer", input).await.unwrap();
    let find = |name: &'static str, key: &'static str| {
        let (store, entity) = (process.store(ORG), customer.entity.clone());
        async move {
            let snapshot = store.snapshot().await.unwrap();
            snapshot.by_external(&entity, name, &["other".into(), key.into()]).await.unwrap()
        }
    };
    assert_eq!(find("northwind", "VINET").await, [("VINET".to_owned(), customer.id())]);
    assert_eq!(find("northwind", "7").await, []);
    process.update(ORG, &customer, keys("{\"crm\": \"8\", \"northwind\": \"NEW\"}")).await.unwrap();
    assert_eq!(find("northwind", "VINET").await, []);
    assert_eq!(find("crm", "8").await, [("8".to_owned(), customer.id())]);
    process.delete(ORG, &customer).await.unwrap();
    assert_eq!(find("crm", "8").await, []);
}
