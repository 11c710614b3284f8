//! A server killed at any moment: what was acknowledged is there, once and whole.

use crate::client::{Client, escaped};
use crate::process::{PASSWORD, Server, megalith};
use crate::site::{CUSTOMERS, Site, signed_in};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;
use testkit::data::{long_rounds, report_checks};
use testkit::postgres::cluster::random;

const ITEMS: &str = "/api/v1/operations/items";
const PRICE_LISTS: &str = "/api/v1/operations/price-lists";
const USERS: &str = "/api/v1/users/users";
const WRITERS: usize = 8;
/// Rounds on one installation before the next one is made, so that its log stays short.
const ROUNDS_OF_A_SITE: usize = 25;
/// The lines of each price list.
const LINES: usize = 3;

/// A request to create something, as it can be sent again.
#[derive(Clone)]
struct Write {
    path: &'static str,
    /// Also the name, and the key that makes a repetition harmless.
    key: String,
    body: String,
}

impl Write {
    /// Every other writer makes documents with lines, the rest makes customers.
    fn new(writer: usize, key: String, item: &str) -> Write {
        let (path, body) = if writer.is_multiple_of(2) {
            let body = json!({"name": key, "code": key, "email": format!("{key}@example.org"), "notes": key});
            (CUSTOMERS, body)
        } else {
            let line =
                |n: usize| json!({"item": item, "min_quantity": n.to_string(), "price": "1"});
            let lines: Vec<Value> = (1..=LINES).map(line).collect();
            (PRICE_LISTS, json!({"name": key, "currency": "EUR", "notes": key, "lines": lines}))
        };
        Write { path, key, body: body.to_string() }
    }

    fn send(&self, client: &mut Client) -> std::io::Result<crate::client::Answer> {
        let headers = [("idempotency-key", self.key.as_str())];
        client.send("POST", self.path, &headers, self.body.as_bytes())
    }

    /// Checks that a record is this one, with all that belongs to it.
    fn is_whole(&self, record: &Value) {
        assert_eq!((&record["name"], &record["notes"]), (&json!(self.key), &json!(self.key)));
        if self.path == PRICE_LISTS {
            assert_eq!(record["lines"].as_array().map(Vec::len), Some(LINES), "{record}");
        }
    }
}

/// What a writer knows when its server is gone.
enum Known {
    /// The server said that it is done: the record's id.
    Acknowledged(Write, String),
    /// The server was gone before it answered.
    Unknown(Write),
}

/// Writes until the server is gone, and says what it knows of each write.
fn write(mut client: Client, writer: usize, prefix: String, item: String, known: Sender<Known>) {
    for number in 0.. {
        let write = Write::new(writer, format!("{prefix}-{writer}-{number}"), &item);
        match write.send(&mut client) {
            Ok(answer) => {
                assert_eq!(answer.status, 201, "{answer:?}");
                let id = answer.id().to_owned();
                let _ = known.send(Known::Acknowledged(write, id));
            }
            Err(_) => {
                let _ = known.send(Known::Unknown(write));
                return;
            }
        }
    }
}

/// Deactivates and activates a user until the server is gone; each deactivation has an effect in
/// another service.
fn come_and_go(mut client: Client, user: String) {
    let path = format!("{USERS}/{user}");
    for active in [false, true].into_iter().cycle() {
        match client.ask("PATCH", &path, &json!({ "active": active }).to_string()) {
            Ok(answer) => assert_eq!(answer.status, 200, "{answer:?}"),
            Err(_) => return,
        }
    }
}

/// One round: writers at work, a kill, a new start. Gives how many writes were acknowledged or
/// repeated, and how many effects the site has seen so far.
fn round(site: &Site, prefix: &str, item: &str, user: &str) -> (usize, usize) {
    let server = site.serve();
    let token = server.sign_in();
    let client = || Client::new(&server.address, &token);
    let (sender, receiver) = channel();
    let mut threads: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (client, sender) = (client(), sender.clone());
            let (prefix, item) = (prefix.to_owned(), item.to_owned());
            std::thread::spawn(move || write(client, writer, prefix, item, sender))
        })
        .collect();
    let (leaver, user) = (client(), user.to_owned());
    threads.push(std::thread::spawn(move || come_and_go(leaver, user)));
    drop(sender);
    // Killed after some acknowledged write, and some microseconds more.
    let mut known: Vec<Known> = receiver.iter().take(1 + (random() % 120) as usize).collect();
    let moment = std::time::Instant::now() + Duration::from_micros(random() % 4_000);
    while std::time::Instant::now() < moment {
        std::hint::spin_loop();
    }
    server.kill();
    known.extend(receiver.iter());
    threads.into_iter().for_each(|thread| thread.join().expect("a writer"));
    site.verify();

    let server = site.serve();
    let mut client = signed_in(&server);
    let mut by_path: BTreeMap<&str, BTreeMap<String, Write>> = BTreeMap::new();
    for known in known {
        let (write, id) = match known {
            Known::Acknowledged(write, id) => {
                let read = client.ask("GET", &format!("{}/{id}", write.path), "").expect("up");
                assert_eq!(
                    read.status, 200,
                    "an acknowledged write is lost: {} {read:?}",
                    write.key
                );
                write.is_whole(&read.json);
                (write, id)
            }
            Known::Unknown(write) => {
                let answer = write.send(&mut client).expect("up");
                assert_eq!(answer.status, 201, "{} cannot be repeated: {answer:?}", write.key);
                (write, answer.id().to_owned())
            }
        };
        by_path.entry(write.path).or_default().insert(id, write);
    }
    // Each is there once, and nothing else is.
    for (path, expected) in &by_path {
        let filter = escaped(&format!("notes.startsWith('{prefix}-')"));
        let lines = if *path == PRICE_LISTS { "&expand=lines" } else { "" };
        let page = format!("{path}?filter={filter}&page_size=1000&count=true{lines}");
        let page = client.ask("GET", &page, "").expect("up").json;
        let items = page["items"].as_array().unwrap_or_else(|| panic!("{page}"));
        let found: BTreeSet<&str> = items.iter().filter_map(|item| item["id"].as_str()).collect();
        assert_eq!(found, expected.keys().map(String::as_str).collect(), "{path}");
        assert_eq!((items.len(), &page["total_size"]), (expected.len(), &json!(expected.len())));
        for item in items {
            expected[item["id"].as_str().unwrap_or_default()].is_whole(item);
        }
    }
    let effects = effects_happened_once(site);
    assert_eq!(server.stop(), 0);
    events_tell_the_same(site, &by_path);
    (by_path.values().map(BTreeMap::len).sum(), effects)
}

/// Every deactivation of the user signed them out, and none did so twice; gives how many did.
fn effects_happened_once(site: &Site) -> usize {
    let off = |event: &Value| {
        let changes = event["changes"].as_array().map(Vec::as_slice).unwrap_or_default();
        changes.iter().any(|c| c["entity"] == "users.user" && c["after"]["active"] == json!(false))
    };
    let mut waited = 0;
    loop {
        let users = site.events("system", "users", 1);
        let causes: BTreeSet<String> = users
            .iter()
            .filter(|event| off(event))
            .map(|event| format!("effect of {}", event["id"].as_str().unwrap_or_default()))
            .collect();
        let effects: Vec<String> = site
            .events("system", "auth", 1)
            .iter()
            .filter(|event| event["act"] == "sign_out")
            .map(|event| event["reason"].as_str().unwrap_or_default().to_owned())
            .collect();
        let distinct: BTreeSet<String> = effects.iter().cloned().collect();
        assert_eq!(distinct.len(), effects.len(), "an effect happened twice");
        if causes == distinct {
            return distinct.len();
        }
        waited += 1;
        assert!(waited < 600, "effects are missing: {:?}", causes.difference(&distinct));
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The log has one creation for each record, and no other.
fn events_tell_the_same(site: &Site, by_path: &BTreeMap<&str, BTreeMap<String, Write>>) {
    let mut created: BTreeMap<String, usize> = BTreeMap::new();
    for event in site.events("northwind", "operations", 1) {
        let (record, entity) =
            (&event["changes"][0]["record"], event["changes"][0]["entity"].as_str());
        let prefix = match entity {
            Some("operations.customer") => "cus",
            Some("operations.price_list") => "pl",
            _ => continue,
        };
        let id: types::Uuid = serde_json::from_value(record.clone()).expect("an id");
        *created.entry(types::format_id(prefix, id)).or_default() += 1;
    }
    for id in by_path.values().flat_map(BTreeMap::keys) {
        assert_eq!(created.get(id), Some(&1), "{id} in the log");
    }
}

/// An item to price, and a user with a password who can be signed out.
fn prepare(site: &Site) -> (String, String) {
    let server = site.serve();
    let mut client = signed_in(&server);
    let item = client.ask("POST", ITEMS, r#"{"name":"Chai"}"#).expect("up").id().to_owned();
    let email = "leaver@example.org";
    let mut create = megalith(site.folder.data(), &["user", "create", email, "--json"]);
    let output = create.env("MEGALITH_PASSWORD", PASSWORD).output().expect("the binary starts");
    let made: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    stop(server);
    (item, made["id"].as_str().expect("an id").to_owned())
}

fn stop(server: Server) {
    assert_eq!(server.stop(), 0);
}

fn survives(make: fn() -> Site) {
    let rounds = if long_rounds() { 1_000 } else { 4 };
    let (mut checks, mut effects) = (0, 0);
    let mut current = None;
    for number in 0..rounds {
        if number % ROUNDS_OF_A_SITE == 0 {
            let site = make();
            let (item, user) = prepare(&site);
            current = Some((site, item, user));
        }
        let Some((site, item, user)) = &current else { continue };
        let written;
        (written, effects) = round(site, &format!("r{number}"), item, user);
        checks += written;
    }
    assert!(effects > 0, "effects were under way");
    report_checks(checks);
}

#[test]
fn a_kill_loses_nothing_that_was_acknowledged_and_leaves_nothing_half_done_on_sqlite() {
    survives(Site::sqlite);
}

#[test]
fn a_kill_loses_nothing_that_was_acknowledged_and_leaves_nothing_half_done_on_postgresql() {
    survives(Site::postgres);
}
