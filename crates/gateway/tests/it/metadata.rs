//! What the records are: for each who asks, only what they may know.

use crate::Site;
use crate::fake::CLERK;
use serde_json::{Value, json};
use std::io::Read as _;

const SCHEMA: &str = "/api/v1/platform/schema";

/// The description of an entity, if it is in the document.
fn entity<'a>(document: &'a Value, name: &str) -> Option<&'a Value> {
    document["entities"].as_array()?.iter().find(|entity| entity["name"] == name)
}

fn field<'a>(entity: &'a Value, name: &str) -> Option<&'a Value> {
    entity["fields"].as_array()?.iter().find(|field| field["name"] == name)
}

#[tokio::test]
async fn an_administrator_finds_every_entity_with_its_fields_states_and_acts() {
    let site = Site::new();
    let got = site.ann("GET", SCHEMA, &[], "").await;
    assert_eq!(got.check(SCHEMA).status, 200, "{}", got.json());
    let document = got.json();
    assert_eq!(document["services"][0], json!({"name": "operations", "label": "Operations"}));
    let customer = entity(&document, "operations.customer").expect("customers");
    for (member, expected) in [
        ("label", json!("Customer")),
        ("label_plural", json!("Customers")),
        ("path", json!("/api/v1/operations/customers")),
        ("kind", json!("normal")),
        ("title", json!("name")),
        ("summary", json!("Who buys from us.")),
        (
            "acts",
            json!([{"name": "archive", "label": "Archive"}, {"name": "restore", "label": "Restore"}]),
        ),
    ] {
        assert_eq!(customer[member], expected, "{member}");
    }
    assert_eq!(
        customer["states"]["moves"][0],
        json!({"from": "active", "act": "archive", "to": "archived"})
    );
    assert_eq!(customer["rights"]["archive"], true);
    let name = field(customer, "name").expect("a name");
    assert_eq!(
        (&name["kind"], &name["max"], &name["required"]),
        (&json!("text"), &json!(200), &json!(true))
    );
    let credit = field(customer, "credit").expect("a credit");
    assert_eq!((&credit["min"], &credit["max"]), (&json!("0"), &json!("1000000")));
    let conditions = json!({"visible_if": "state == 'active'", "required_if": null,
        "read_only_if": "email == null"});
    assert_eq!(credit["conditions"], conditions);
    assert_eq!(name.get("conditions"), None);
    assert_eq!((&customer["importable"], &customer["row_conditions"]), (&json!(true), &json!({})));
    assert_eq!(field(customer, "parent").expect("a parent")["target"], "operations.customer");
    assert_eq!(field(customer, "state").expect("a state")["choices"][1]["label"], "Archived");
    assert_eq!(field(customer, "created_at").expect("an instant")["writable"], false);
    // A secret leaves no surface of the platform.
    assert_eq!(field(customer, "pin"), None);
    let entry = entity(&document, "operations.entry").expect("entries");
    assert_eq!((&entry["kind"], entry["rights"].get("delete")), (&json!("append_only"), None));
    assert!(entity(&document, "users.user").is_some(), "Ann administers the installation");
}

#[tokio::test]
async fn a_clerk_finds_what_the_clerks_rules_show_and_nothing_of_the_rest() {
    let site = Site::new();
    let clerk = format!("Bearer {CLERK}");
    let headers = [("authorization", clerk.as_str())];
    let got = site.raw("GET", SCHEMA, &headers, b"").await;
    let document = got.json();
    let names: Vec<&Value> =
        document["entities"].as_array().expect("entities").iter().map(|e| &e["name"]).collect();
    assert_eq!(names, ["operations.customer"]);
    let customer = entity(&document, "operations.customer").expect("customers");
    assert_eq!(customer["rights"]["read"], true);
    assert_eq!(customer["rights"]["create"], false);
    assert_eq!(field(customer, "email"), None);
    assert_eq!(field(customer, "credit").expect("a credit")["writable"], false);
    assert_eq!(field(customer, "name").expect("a name")["writable"], true);
    // What a condition asks for is hidden from the clerk, and so is the condition.
    let conditions = json!({"visible_if": "state == 'active'", "required_if": null,
        "read_only_if": null});
    assert_eq!(field(customer, "credit").expect("a credit")["conditions"], conditions);
    let rows = json!({"update": "credit < 10", "archive": null});
    assert_eq!((&customer["row_conditions"], &customer["importable"]), (&rows, &json!(false)));

    let tag = got.header("etag").to_owned();
    let again = [headers[0], ("if-none-match", tag.as_str())];
    assert_eq!(site.raw("GET", SCHEMA, &again, b"").await.status, 304);
    let packed = [headers[0], ("accept-encoding", "gzip, br")];
    let packed = site.raw("GET", SCHEMA, &packed, b"").await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert_ne!(packed.header("etag"), tag, "another form has another tag");
    let mut text = String::new();
    flate2::read::GzDecoder::new(&packed.body[..]).read_to_string(&mut text).expect("gzip");
    assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), document);
    // Another's description is another document.
    assert_eq!(site.ann("GET", SCHEMA, &[("if-none-match", tag.as_str())], "").await.status, 200);
    assert_eq!(site.raw("GET", SCHEMA, &[], b"").await.check("nobody").status, 401);
}
