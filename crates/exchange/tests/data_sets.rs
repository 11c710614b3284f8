//! The ready mappings on the data sets they are for.

mod common;

use common::*;
use exchange::ready;
use kernel::schema::slot;
use std::collections::HashMap;
use types::{Currency, Decimal, Money, Rounding, Value};

fn total(memory: &Memory, field: &str) -> Money {
    let orders = memory.all("operations.sales_order");
    let amounts = orders.iter().map(|order| match order.get(field) {
        Value::Money(money) => *money,
        _ => Money::zero(Currency::USD),
    });
    amounts.fold(Money::zero(Currency::USD), |sum, money| sum.checked_add(money).unwrap())
}

#[tokio::test]
async fn northwind_goes_in_whole_and_a_second_time_nothing_changes() {
    let Some(folder) = testkit::data::set("northwind", 20) else { return };
    let mapping = ready::find(&folder).unwrap().expect("the folder is recognised");
    assert_eq!(mapping.name, "northwind");
    let memory = Memory::new();
    let (report, seen) = import(&memory, &mapping, &folder, &(), true).await;
    assert_eq!(seen.reasons(), [], "a dry run finds nothing to refuse");
    let dry = report.unwrap();
    assert_eq!(memory.all("operations.customer").len(), 0);
    let (report, seen) = import(&memory, &mapping, &folder, &(), false).await;
    assert_eq!(seen.reasons(), []);
    let report = report.unwrap();
    assert_eq!(report, dry, "a dry run counts as the real one");
    assert_eq!(counts(&report)[1..], [0, 0, 0]);
    for (entity, expected) in [
        ("operations.sales_order", 830),
        ("operations.customer", 93),
        ("operations.item", 77),
        ("operations.supplier", 29),
        ("operations.carrier", 3),
        ("operations.item_category", 8),
        ("hr.employee", 9),
    ] {
        assert_eq!(memory.all(entity).len(), expected, "{entity}");
    }
    assert_eq!(report.steps.last().unwrap().counts.lines, 2_155);
    let orders = memory.all("operations.sales_order");
    assert_eq!(orders.iter().map(|order| rows(order, "lines").len()).sum::<usize>(), 2_155);
    assert_eq!(total(&memory, "net").to_string(), "1265793.29 USD");
    assert_eq!(total(&memory, "freight").to_string(), "64942.69 USD");
    let states = |state| orders.iter().filter(|order| order.state() == Some(state)).count();
    assert_eq!((states("shipped"), states("confirmed")), (809, 21));
    let first = memory.external("operations.sales_order", "northwind", "10248");
    assert_eq!(first.values[slot::NUMBER], Value::from("10248"));
    assert_eq!(first.get("ordered_on").clone(), Value::Date("1996-07-04".parse().unwrap()));
    assert_eq!(member(first.get("ship_address"), "country"), "FR");
    let employees = memory.all("hr.employee");
    let reports: HashMap<_, usize> =
        employees.iter().fold(HashMap::new(), |mut count, employee| {
            *count.entry(employee.get("manager").as_id()).or_default() += 1;
            count
        });
    let id = |key| Some(memory.external("hr.employee", "northwind", key).id());
    assert_eq!((reports[&None], reports[&id("2")], reports[&id("5")]), (1, 5, 3));
    let (again, seen) = import(&memory, &mapping, &folder, &(), false).await;
    assert_eq!(seen.reasons(), []);
    let [created, updated, unchanged, refused] = counts(&again.unwrap());
    assert_eq!((created, updated, refused), (0, 0, 0));
    assert_eq!(unchanged, report.total.created);
    testkit::data::report_checks(20);
}

#[test]
fn lines_of_northwind_round_half_up_one_by_one() {
    let Some(folder) = testkit::data::set("northwind", 2) else { return };
    for (rounding, expected) in
        [(Rounding::HalfUp, "1265793.29 USD"), (Rounding::HalfEven, "1265793.02 USD")]
    {
        let table = exchange::source::open(&folder.join("OrderDetails.csv"), &Default::default());
        let mut sum = Money::zero(Currency::USD);
        for row in table.unwrap() {
            let row = row.unwrap();
            let number = |at: usize| row.cells[at].parse::<Decimal>().unwrap();
            let amount = number(2) * number(3) * (Decimal::ONE - number(4));
            let amount = Money::round(amount, Currency::USD, rounding).unwrap();
            sum = sum.checked_add(amount).unwrap();
        }
        assert_eq!(sum.to_string(), expected);
    }
    testkit::data::report_checks(2);
}

#[tokio::test]
async fn chinook_goes_in_whole_and_a_second_time_nothing_changes() {
    let Some(folder) = testkit::data::set("chinook", 10) else { return };
    let mapping = ready::find(&folder).unwrap().expect("the folder is recognised");
    assert_eq!(mapping.name, "chinook");
    let memory = Memory::new();
    let (report, seen) = import(&memory, &mapping, &folder, &(), false).await;
    assert_eq!(seen.reasons(), []);
    let report = report.unwrap();
    for (entity, expected) in [
        ("operations.sales_order", 412),
        ("operations.customer", 59),
        ("operations.item", 3_503),
        ("operations.item_category", 275 + 347),
        ("hr.employee", 8),
    ] {
        assert_eq!(memory.all(entity).len(), expected, "{entity}");
    }
    assert_eq!(report.steps.last().unwrap().counts.lines, 2_240);
    assert_eq!(total(&memory, "net").to_string(), "2328.60 USD");
    let (again, _) = import(&memory, &mapping, &folder, &(), false).await;
    assert_eq!(counts(&again.unwrap())[..2], [0, 0]);
    testkit::data::report_checks(10);
}

#[tokio::test]
async fn adventureworks_takes_its_columns_from_its_script() {
    let Some(folder) = testkit::data::set("adventureworks-oltp", 12) else { return };
    let mapping = ready::find(&folder).unwrap().expect("the folder is recognised");
    assert_eq!(mapping.name, "adventureworks-oltp");
    let memory = Memory::new();
    let (report, seen) = import(&memory, &mapping, &folder, &(), false).await;
    assert_eq!(seen.reasons(), []);
    counts(&report.unwrap());
    for (entity, expected) in [
        ("operations.unit", 38),
        ("operations.carrier", 5),
        ("operations.item_category", 4 + 37),
        ("operations.supplier", 104),
        ("operations.item", 504),
        ("hr.department", 16),
        ("hr.employee", 290),
    ] {
        assert_eq!(memory.all(entity).len(), expected, "{entity}");
    }
    let chief = memory.external("hr.employee", "adventureworks", "1");
    assert_eq!(chief.get("last_name").as_text(), Some("ken0"));
    assert_eq!(chief.get("job_title").as_text(), Some("Chief Executive Officer"));
    assert!(memory.all("hr.employee").iter().all(|one| !one.get("department").is_null()));
    let (again, _) = import(&memory, &mapping, &folder, &(), false).await;
    assert_eq!(counts(&again.unwrap())[..2], [0, 0]);
    testkit::data::report_checks(12);
}
