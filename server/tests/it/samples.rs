//! Sample data of a running server: made, seen, built upon, taken out.

use crate::client::Client;
use crate::rights::people::{get, post};
use crate::site::{Site, signed_in};
use crate::upkeep::wait_for;
use serde_json::{Value, json};
use testkit::data::report_checks;

const SAMPLES: &str = "/api/v1/platform/sample-data";
/// What the samples hold, at least and at most.
const HELD: [(&str, u64, u64); 11] = [
    ("hr/departments", 7, 7),
    ("hr/employees", 8, 8),
    ("operations/customers", 12, 12),
    ("operations/contacts", 6, 6),
    ("operations/suppliers", 10, 10),
    ("operations/item-categories", 10, 10),
    ("operations/items", 25, 25),
    ("operations/price-lists", 1, 1),
    ("operations/sales-orders", 28, 56),
    ("operations/purchase-orders", 5, 20),
    ("operations/stock-moves", 60, 260),
];

fn count(client: &mut Client, path: &str) -> u64 {
    let page = get(client, &format!("/api/v1/{path}?count=true&page_size=1"));
    page.json["total_size"].as_u64().unwrap_or_else(|| panic!("{path}: {page:?}"))
}

fn state(client: &mut Client) -> (String, u64) {
    let now = get(client, SAMPLES).json;
    let state = now["state"].as_str().unwrap_or_else(|| panic!("{now}"));
    (state.to_owned(), now["records"].as_u64().unwrap_or_default())
}

/// Begins and waits for the end.
fn job(client: &mut Client, method: &str) -> Value {
    let begun = client.ask(method, SAMPLES, "").expect("up");
    assert_eq!(begun.status, 202, "{begun:?}");
    wait_for(client, &begun.json)
}

#[test]
fn samples_are_made_as_one_change_set_and_taken_out_unless_something_is_built_upon_them() {
    let mut checks = 0;
    for site in Site::each() {
        let server = site.serve();
        let mut client = signed_in(&server);
        assert_eq!(state(&mut client), ("absent".to_owned(), 0));
        let nothing = client.ask("DELETE", SAMPLES, "").expect("up");
        assert_eq!((nothing.status, nothing.code()), (409, "no_sample_data"), "{nothing:?}");

        let begun = client.ask("POST", SAMPLES, "").expect("up");
        assert_eq!(begun.status, 202, "{begun:?}");
        assert!(begun.json["id"].as_str().is_some_and(|id| id.starts_with("job_")), "{begun:?}");
        let again = client.ask("POST", SAMPLES, "").expect("up");
        assert_eq!((again.status, again.code()), (409, "sample_data_present"), "{again:?}");
        let done = wait_for(&mut client, &begun.json);
        assert_eq!(done["progress"]["done"], done["progress"]["total"], "{done}");
        let (name, records) = state(&mut client);
        assert_eq!((name.as_str(), records > 200), ("present", true), "{records} records");
        let again = client.ask("POST", SAMPLES, "").expect("up");
        assert_eq!((again.status, again.code()), (409, "sample_data_present"), "{again:?}");
        for (path, least, most) in HELD {
            let held = count(&mut client, path);
            assert!((least..=most).contains(&held), "{}: {held} {path}", site.name());
            checks += 1;
        }
        let own = get(&mut client, "/api/v1/auth/me").json["user"]["id"].clone();
        let first = get(&mut client, "/api/v1/operations/sales-orders?page_size=1").json;
        assert_eq!(first["items"][0]["created_by"], own, "they are the administrator's");
        for filter in ["draft", "confirmed", "shipped", "closed"] {
            let path = "operations/sales-orders?count=true&page_size=1&filter=state%20==%20";
            let page = get(&mut client, &format!("/api/v1/{path}'{filter}'"));
            assert!(page.json["total_size"].as_u64() > Some(0), "{filter}: {page:?}");
        }
        let set = get(&mut client, SAMPLES).json["change_set"].clone();
        let set = format!("/api/v1/platform/change-sets/{}", set.as_str().expect("a change set"));
        let set = get(&mut client, &set).json;
        assert_eq!((&set["title"], &set["state"]), (&json!("Sample data"), &json!("closed")));
        assert_eq!(set["created"], json!(records), "{set}");

        // Someone orders for a sample's customer: it stays.
        let customers = get(&mut client, "/api/v1/operations/customers?page_size=1").json;
        let customer = &customers["items"][0]["id"];
        let orders = "/api/v1/operations/sales-orders";
        let made = post(&mut client, orders, &json!({"customer": customer}));
        assert_eq!(made.status, 201, "{made:?}");
        let refused = client.ask("DELETE", SAMPLES, "").expect("up");
        assert_eq!((refused.status, refused.code()), (409, "in_use"), "{refused:?}");
        let errors = refused.json["errors"].as_array().expect("consequences");
        let named = errors.iter().find(|error| {
            let message = error["message"].as_str().unwrap_or_default();
            message.contains(customer.as_str().expect("an id"))
        });
        assert!(named.is_some_and(|error| error["code"] == "in_use"), "{refused:?}");
        assert_eq!(state(&mut client), ("present".to_owned(), records), "nothing was touched");

        let one = format!("{orders}/{}", made.id());
        assert_eq!(client.ask("DELETE", &one, "").expect("up").status, 204);
        job(&mut client, "DELETE");
        assert_eq!(state(&mut client), ("absent".to_owned(), 0));
        for (path, ..) in HELD {
            assert_eq!(count(&mut client, path), 0, "{}: {path}", site.name());
            checks += 1;
        }
        // And once more from the beginning.
        job(&mut client, "POST");
        assert_eq!(state(&mut client).0, "present");
        assert_eq!(server.stop(), 0);
        site.verify();
    }
    report_checks(checks);
}

#[test]
fn a_server_that_is_stopped_at_a_job_ends_in_order_and_the_next_one_goes_on_with_it_at_once() {
    for site in Site::each() {
        let server = site.serve();
        let mut client = signed_in(&server);
        let begun = client.ask("POST", SAMPLES, "").expect("up");
        assert_eq!(begun.status, 202, "{begun:?}");
        let path = format!("/api/v1/platform/jobs/{}", begun.id());
        while get(&mut client, &path).json["progress"].is_null() {
            std::thread::yield_now();
        }
        assert_eq!(server.stop(), 0, "{}", site.name());

        let server = site.serve();
        let mut client = signed_in(&server);
        let done = wait_for(&mut client, &begun.json);
        assert_eq!(done["attempts"], 2, "{}: it was cut off once: {done}", site.name());
        let (name, records) = state(&mut client);
        assert_eq!((name.as_str(), json!(records)), ("present", done["progress"]["total"].clone()));
        let set = get(&mut client, SAMPLES).json["change_set"].clone();
        let set = format!("/api/v1/platform/change-sets/{}", set.as_str().expect("a change set"));
        let set = get(&mut client, &set).json;
        assert_eq!((&set["state"], &set["created"]), (&json!("closed"), &json!(records)), "{set}");
        for (path, least, most) in HELD {
            let held = count(&mut client, path);
            assert!((least..=most).contains(&held), "{}: {held} {path}", site.name());
        }
        assert_eq!(server.stop(), 0, "{}", site.name());
        site.verify();
    }
}

#[test]
fn samples_that_do_not_fit_leave_nothing_behind() {
    let site = Site::sqlite();
    let server = site.serve();
    let mut client = signed_in(&server);
    let unit = json!({"code": "pcs", "name": "Piece"});
    assert_eq!(post(&mut client, "/api/v1/operations/units", &unit).status, 201);
    let begun = client.ask("POST", SAMPLES, "").expect("up");
    assert_eq!(begun.status, 202, "{begun:?}");
    let path = format!("/api/v1/platform/jobs/{}", begun.id());
    let mut last = Value::Null;
    for _ in 0..1_200 {
        last = get(&mut client, &path).json;
        if last["state"] == "failed" {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(last["state"], "failed", "{last}");
    let error = last["error"].as_str().unwrap_or_default();
    assert!(error.contains("Nothing was kept"), "{last}");
    assert_eq!(state(&mut client), ("absent".to_owned(), 0));
    for (path, ..) in HELD {
        assert_eq!(count(&mut client, path), 0, "{path}");
    }
}
