//! What administrators ask to keep their organisation in order, of a running server.

use crate::client::Client;
use crate::rights::people::{get, post};
use crate::site::{Site, signed_in};
use crate::tamper::{CHANGES, Change, EVENTS, fill, in_file};
use serde_json::{Value, json};
use testkit::data::report_checks;
use testkit::postgres::cluster::psql;

const LOG: &str = "/api/v1/platform/log";
const HEALTH: &str = "/api/v1/platform/health";

/// Waits until a job that was answered has ended well.
pub fn wait_for(client: &mut Client, job: &Value) -> Value {
    let path = format!("/api/v1/platform/jobs/{}", job["id"].as_str().expect("a job"));
    for _ in 0..1_200 {
        let now = get(client, &path);
        match now.json["state"].as_str() {
            Some("done") => return now.json,
            Some("queued" | "running") => {
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            _ => panic!("the job did not end well: {now:?}"),
        }
    }
    panic!("the job does not end");
}

/// The log of `operations` after a verification that was asked for over HTTP.
fn verified(site: &Site) -> Value {
    let server = site.serve();
    let mut client = signed_in(&server);
    let begun = client.ask("POST", &format!("{LOG}:verify"), "").expect("up");
    assert_eq!(begun.status, 202, "{begun:?}");
    wait_for(&mut client, &begun.json);
    let logs = get(&mut client, LOG).json["items"].clone();
    let logs = logs.as_array().expect("logs");
    let services: Vec<&str> = logs.iter().filter_map(|log| log["service"].as_str()).collect();
    assert_eq!(services, ["users", "platform", "hr", "operations"], "{}", site.name());
    for other in logs.iter().filter(|log| log["service"] != "operations") {
        assert_eq!(other["verified"]["ok"], json!(true), "{}: {other}", site.name());
    }
    let log = logs.last().expect("a log").clone();
    let health = get(&mut client, HEALTH).json;
    let check = |name: &str| {
        let checks = health["checks"].as_array().expect("checks").iter();
        checks.clone().find(|check| check["name"] == name).expect(name)["state"].clone()
    };
    assert_eq!(check("database"), "ok", "{health}");
    let expected = if log["verified"]["ok"] == json!(true) { "ok" } else { "degraded" };
    assert_eq!(check("log"), expected, "{health}");
    assert_eq!(health["jobs"], json!({"waiting": 0, "running": 0, "failed": 0}));
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(server.stop(), 0);
    log
}

fn change(site: &Site, change: &Change) {
    match &site.database {
        None => in_file(&site.org_file(), change.sqlite),
        Some(database) => drop(psql(&database.admin_url, change.postgres).expect("it runs")),
    }
}

#[test]
fn a_tampered_log_is_found_by_a_verification_that_an_administrator_asks_for() {
    let mut checks = 0;
    for site in Site::each() {
        fill(&site);
        let whole = verified(&site);
        let what = format!("{}: {whole}", site.name());
        assert_eq!(whole["position"], json!(EVENTS), "{what}");
        assert_eq!(whole["verified"]["position"], json!(EVENTS), "{what}");
        assert_eq!(whole["verified"]["findings"], json!([]), "{what}");
        assert_eq!(whole["unsealed"], json!(0), "{what}");
        assert!(whole["sealed_at"].is_string(), "{what}");
        let hex = |name: &str| whole[name].as_str().map(str::len) == Some(64);
        assert!(hex("root") && hex("signed_by"), "{what}");

        // One byte of the fifth event, then the last event as well.
        let mut expected = Vec::new();
        for tampering in [&CHANGES[0], &CHANGES[2]] {
            change(&site, tampering);
            expected.push((json!(tampering.position), json!(tampering.code)));
            let found = verified(&site);
            let what = format!("{} on {}: {found}", tampering.name, site.name());
            assert_eq!(found["verified"]["ok"], json!(false), "{what}");
            let findings = found["verified"]["findings"].as_array().expect("findings");
            for (position, code) in &expected {
                let is_it = |f: &&Value| f["position"] == *position && f["code"] == *code;
                let one = findings.iter().find(is_it).unwrap_or_else(|| panic!("{what}"));
                assert!(one["message"].as_str().is_some_and(|text| !text.is_empty()), "{what}");
                checks += 1;
            }
        }
    }
    report_checks(checks);
}

const EVENTS_OF_ALL: &str = "/api/v1/platform/log/events";

#[test]
fn the_events_of_all_logs_are_told_newest_first_and_filtered() {
    let mut checks = 0;
    for site in Site::each() {
        let server = site.serve();
        let mut client = signed_in(&server);
        let mut make = |path: &str, body: Value| {
            let made = post(&mut client, &format!("/api/v1/{path}"), &body);
            assert_eq!(made.status, 201, "{made:?}");
            made.id().to_owned()
        };
        let alfreds = make("operations/customers", json!({"name": "Alfreds", "notes": "new"}));
        make("hr/departments", json!({"name": "Sales", "code": "S"}));
        make("operations/customers", json!({"name": "Berglunds"}));
        let one = format!("/api/v1/operations/customers/{alfreds}");
        let patched = client.ask("PATCH", &one, r#"{"notes":"old"}"#).expect("up");
        assert_eq!(patched.status, 200, "{patched:?}");
        assert_eq!(client.ask("DELETE", &one, "").expect("up").status, 204);
        let own = get(&mut client, "/api/v1/auth/me").json["user"].clone();

        // On PostgreSQL an event is told as soon as it is sealed.
        let mut events = Value::Null;
        for _ in 0..400 {
            let page = get(&mut client, &format!("{EVENTS_OF_ALL}?actor={}", text(&own["id"])));
            assert_eq!(page.status, 200, "{page:?}");
            events = page.json["items"].clone();
            if events.as_array().is_some_and(|all| all.len() >= 5) {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let told: Vec<(String, String, String)> = events
            .as_array()
            .expect("events")
            .iter()
            .map(|event| {
                let record = &event["records"][0];
                let parts = [&event["service"], &event["verb"], &record["title"]];
                let [service, verb, title] = parts.map(text);
                (service, verb, title)
            })
            .collect();
        let row = |service: &str, verb: &str, title: &str| {
            (service.to_owned(), verb.to_owned(), title.to_owned())
        };
        let expected = [
            row("operations", "delete", "Alfreds"),
            // It is gone, and this event does not say what it was called.
            row("operations", "update", ""),
            row("operations", "create", "Berglunds"),
            row("hr", "create", "Sales"),
            row("operations", "create", "Alfreds"),
        ];
        assert_eq!(told[..5], expected, "{}: {events}", site.name());
        let update = &events[1];
        let change = json!([{"field": "notes", "before": "new", "after": "old", "erased": false}]);
        assert_eq!(update["changes"], change, "{update}");
        assert_eq!(update["actor"]["title"], own["name"], "{update}");
        assert_eq!(update["records"][0]["id"], json!(alfreds));
        assert_eq!(update["record_count"], json!(1));

        for (query, verbs) in [
            (format!("record={alfreds}"), vec!["delete", "update", "create"]),
            ("service=hr&verb=create".to_owned(), vec!["create"]),
            ("service=operations&from=2".to_owned(), vec!["create", "create"]),
            (format!("record={alfreds}&verb=update"), vec!["update"]),
            ("service=hr&verb=delete".to_owned(), vec![]),
        ] {
            let page = get(&mut client, &format!("{EVENTS_OF_ALL}?{query}")).json;
            let found: Vec<String> =
                page["items"].as_array().expect("items").iter().map(|e| text(&e["verb"])).collect();
            assert_eq!(found, verbs, "{}: {query}: {page}", site.name());
            checks += 1;
        }
        // Page by page everything comes once.
        let whole = get(&mut client, &format!("{EVENTS_OF_ALL}?page_size=1000")).json;
        let names = |page: &Value| -> Vec<String> {
            page["items"].as_array().expect("items").iter().map(|e| text(&e["event"])).collect()
        };
        let (mut seen, mut token) = (Vec::new(), String::new());
        for _ in 0..200 {
            let path = format!("{EVENTS_OF_ALL}?page_size=2&page_token={token}");
            let page = get(&mut client, &path).json;
            seen.extend(names(&page));
            token = text(&page["next_page_token"]);
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(seen, names(&whole), "{}", site.name());
        for (query, code) in [
            ("service=space", "unknown_service"),
            ("from=3", "needs_service"),
            ("page_token=x", "invalid_page_token"),
            ("record=x", "invalid_id"),
            ("whom=x", "unknown_parameter"),
        ] {
            let refused = get(&mut client, &format!("{EVENTS_OF_ALL}?{query}"));
            assert_eq!((refused.status, refused.code()), (400, code), "{query}: {refused:?}");
            checks += 1;
        }
        assert_eq!(server.stop(), 0);
    }
    report_checks(checks);
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
