//! Proposed mappings: they read, bind, and import what they understood.

mod common;

use common::*;
use exchange::mapping::Mapping;
use exchange::propose::propose;

#[tokio::test]
async fn a_folder_that_nobody_described_goes_in_by_names_and_looks() {
    let folder = data("proposed");
    let text = propose(&folder, "Our data", &registry()).unwrap();
    for line in [
        "name = \"our-data\"",
        "entity = \"operations.customer\"",
        "key = \"Client ID\"",
        "name = \"Company\"",
        "email = \"E-Mail\"",
        "postal_code = \"ZIP\"",
        "# Not used: Favourite colour",
        "hired_on = { column = \"Hire date\", format = \"%d.%m.%Y\" }",
        "manager = { key = \"Reports to\" }",
        "supplier = { key = \"Vendor ID\" }",
        "price = { column = \"Unit price\", decimal = \",\" }",
        "# mystery.csv: no entity of this name was found.",
    ] {
        assert!(text.lines().any(|known| known == line), "{line} in\n{text}");
    }
    let at = |name: &str| text.find(name).unwrap_or_else(|| panic!("{name} in\n{text}"));
    assert!(at("file = \"vendors.csv\"") < at("file = \"products.csv\""), "links lead backwards");
    let mapping = Mapping::parse(&text).unwrap();
    let memory = Memory::new();
    let (report, seen) = import(&memory, &mapping, &folder, &(), false).await;
    assert_eq!(seen.reasons(), []);
    assert_eq!(counts(&report.unwrap()), [8, 0, 0, 0]);
    let nut = memory.external("operations.item", "our-data", "10");
    assert_eq!(format!("{:?}", nut.get("price")), "Decimal(1.5)");
    let again = import(&memory, &mapping, &folder, &(), false).await.0.unwrap();
    assert_eq!(counts(&again), [0, 0, 8, 0]);
}

#[test]
fn a_proposal_for_northwind_names_its_tables() {
    let Some(folder) = testkit::data::set("northwind", 6) else { return };
    let text = propose(&folder, "northwind", &registry()).unwrap();
    for line in [
        "entity = \"operations.customer\"",
        "entity = \"operations.supplier\"",
        "entity = \"operations.item\"",
        "entity = \"operations.carrier\"",
        "entity = \"hr.employee\"",
        "supplier = { key = \"SupplierID\" }",
    ] {
        assert!(text.lines().any(|known| known == line), "{line} in\n{text}");
    }
    assert!(Mapping::parse(&text).is_ok());
    testkit::data::report_checks(6);
}
