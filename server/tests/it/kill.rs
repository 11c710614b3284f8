//! A server killed at any moment: what was acknowledged is there, once and whole.

use crate::client::{Client, escaped};
use crate::process::{PASSWORD, Server, megalith};
use crate::site::{CUSTOMERS, Site};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;
use testkit::data::report_checks;
use testkit::postgres::cluster::random;
use testkit::rounds::{KILL_POSTGRES, KILL_SQLITE, Rounds};

const ITEMS: &str = "/api/v1/operations/items";
const PRICE_LISTS: &str = "/api/v1/operations/price-lists";
const USERS: &str = "/api/v1/users/users";
const WRITERS: usize = 8;
/// Rounds on one installation before the next one is made, so that its log stays short.
const ROUNDS_OF_A_SITE: usize = 25;
/// The lines of each price list.
const LINES: usize = 3;

/// A request to create something, as it can be sent again.
#[derive(Clone, Debug)]
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

    /// Sends it, again if the answer is to come back later: a busy machine may take longer than a
    /// statement may.
    fn send(&self, client: &mut Client) -> std::io::Result<crate::client::Answer> {
        let headers = [("idempotency-key", self.key.as_str())];
        loop {
            let answer = client.send("POST", self.path, &headers, self.body.as_bytes())?;
            if answer.status != 503 {
                return Ok(answer);
            }
            answer.says_what_to_do();
        }
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
            Ok(answer) => assert!([200, 503].contains(&answer.status), "{answer:?}"),
            Err(_) => return,
        }
    }
}

/// An installation on which servers are killed, and what its logs have told so far.
struct Victim {
    site: Site,
    item: String,
    user: String,
    /// Tells the administrator on every server: a token lives on when its server does not.
    token: String,
    told: Told,
}

/// What was read of the logs: each is read once, on from where it was read before.
#[derive(Default)]
struct Told {
    next: BTreeMap<(&'static str, &'static str), u64>,
    /// Deactivations of the user, as their effects name them.
    causes: BTreeSet<String>,
    effects: BTreeSet<String>,
    /// How often each record was created.
    created: BTreeMap<String, usize>,
}

impl Told {
    fn new_events(&mut self, site: &Site, org: &'static str, service: &'static str) -> Vec<Value> {
        let next = self.next.entry((org, service)).or_insert(1);
        let events = site.events(org, service, *next);
        *next += events.len() as u64;
        events
    }
}

impl Victim {
    /// An item to price, and a user with a password who can be signed out; gives its first server.
    fn prepare(site: Site) -> (Victim, Server) {
        let server = site.serve();
        let token = server.sign_in();
        let mut client = Client::new(&server.address, &token);
        let item = client.ask("POST", ITEMS, r#"{"name":"Chai"}"#).expect("up").id().to_owned();
        let email = "leaver@example.org";
        let mut create = megalith(site.folder.data(), &["user", "create", email, "--json"]);
        let output = create.env("MEGALITH_PASSWORD", PASSWORD).output().expect("the binary starts");
        let made: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        let user = made["id"].as_str().expect("an id").to_owned();
        (Victim { site, item, user, token, told: Told::default() }, server)
    }

    /// Lets writers work on a server and kills it; gives what they know.
    fn kill(&self, server: Server, prefix: &str) -> Vec<Known> {
        let client = || Client::new(&server.address, &self.token);
        let (sender, receiver) = channel();
        let mut threads: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (client, sender) = (client(), sender.clone());
                let (prefix, item) = (prefix.to_owned(), self.item.clone());
                std::thread::spawn(move || write(client, writer, prefix, item, sender))
            })
            .collect();
        let (leaver, user) = (client(), self.user.clone());
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
        known
    }

    /// Holds what the next server has against what the writers know; gives how many records
    /// that are.
    fn hold(&mut self, server: &Server, prefix: &str, known: Vec<Known>) -> usize {
        let mut client = Client::new(&server.address, &self.token);
        let mut by_path: BTreeMap<&str, BTreeMap<String, Write>> = BTreeMap::new();
        for known in known {
            let (write, id) = match known {
                Known::Acknowledged(write, id) => (write, id),
                Known::Unknown(write) => {
                    let answer = write.send(&mut client).expect("up");
                    assert_eq!(answer.status, 201, "{} cannot be repeated: {answer:?}", write.key);
                    (write, answer.id().to_owned())
                }
            };
            by_path.entry(write.path).or_default().insert(id, write);
        }
        // Each is there once and whole, and nothing else is.
        for (path, expected) in &by_path {
            let filter = escaped(&format!("notes.startsWith('{prefix}-')"));
            let lines = if *path == PRICE_LISTS { "&expand=lines" } else { "" };
            let page = format!("{path}?filter={filter}&page_size=1000&count=true{lines}");
            let page = client.ask("GET", &page, "").expect("up").json;
            let items = page["items"].as_array().unwrap_or_else(|| panic!("{page}"));
            let found: BTreeSet<&str> = items.iter().filter_map(|i| i["id"].as_str()).collect();
            let lost: Vec<&Write> =
                expected.iter().filter(|e| !found.contains(e.0.as_str())).map(|e| e.1).collect();
            assert!(lost.is_empty(), "acknowledged writes are lost: {lost:?}");
            assert_eq!(found, expected.keys().map(String::as_str).collect(), "{path}");
            let count = (items.len(), &page["total_size"]);
            assert_eq!(count, (expected.len(), &json!(expected.len())));
            for item in items {
                expected[item["id"].as_str().unwrap_or_default()].is_whole(item);
            }
        }
        self.effects_happened_once();
        self.events_tell_the_same(&by_path);
        by_path.values().map(BTreeMap::len).sum()
    }

    /// Every deactivation of the user signed them out, and none did so twice.
    fn effects_happened_once(&mut self) {
        until(|| {
            for event in self.told.new_events(&self.site, "system", "users") {
                if event["changes"].as_array().is_some_and(|all| all.iter().any(is_deactivation)) {
                    let id = event["id"].as_str().expect("an id");
                    self.told.causes.insert(format!("effect of {id}"));
                }
            }
            for event in self.told.new_events(&self.site, "system", "auth") {
                if event["act"] == "sign_out" {
                    let cause = event["reason"].as_str().expect("a reason").to_owned();
                    assert!(self.told.effects.insert(cause), "an effect happened twice: {event}");
                }
            }
            self.told.causes == self.told.effects
        });
        let odd: Vec<_> = self.told.causes.symmetric_difference(&self.told.effects).collect();
        assert!(odd.is_empty(), "effects without a cause, or causes without an effect: {odd:?}");
    }

    /// The log has one creation for each record, and no other.
    fn events_tell_the_same(&mut self, by_path: &BTreeMap<&str, BTreeMap<String, Write>>) {
        let expected = by_path.values().flat_map(BTreeMap::keys);
        let once: BTreeMap<String, usize> = expected.map(|id| (id.clone(), 1)).collect();
        until(|| {
            for event in self.told.new_events(&self.site, "northwind", "operations") {
                let change = &event["changes"][0];
                let prefix = match change["entity"].as_str() {
                    Some("operations.customer") => "cus",
                    Some("operations.price_list") => "pl",
                    _ => continue,
                };
                let record = serde_json::from_value(change["record"].clone()).expect("an id");
                *self.told.created.entry(types::format_id(prefix, record)).or_default() += 1;
            }
            self.told.created.len() >= once.len()
        });
        assert_eq!(std::mem::take(&mut self.told.created), once, "creations in the log");
    }
}

/// Looks again until it is so, or for half a minute: what was committed is sealed and taken in
/// some milliseconds later.
fn until(mut is_so: impl FnMut() -> bool) {
    for _ in 0..600 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn is_deactivation(change: &Value) -> bool {
    change["entity"] == "users.user" && change["after"]["active"] == json!(false)
}

/// Rounds of writers at work, a kill, and a new start, which is also the server of the next round.
fn survives(make: fn() -> Site, rounds: &'static Rounds) {
    let (mut counter, mut checks, mut effects) = (rounds.begin(), 0, 0);
    while counter.done() < rounds.count() {
        let (mut victim, mut server) = Victim::prepare(make());
        for _ in 0..ROUNDS_OF_A_SITE.min(rounds.count() - counter.done()) {
            let prefix = format!("r{}", counter.done());
            let known = victim.kill(server, &prefix);
            // Files are verified as the kill left them; a database is always asked through someone.
            if victim.site.database.is_none() {
                victim.site.verify();
            }
            server = victim.site.serve();
            checks += victim.hold(&server, &prefix, known);
            counter.one_more();
        }
        victim.site.verify();
        assert_eq!(server.stop(), 0);
        effects += victim.told.effects.len();
    }
    assert!(effects > 0, "effects were under way");
    counter.report();
    report_checks(checks);
}

#[test]
fn a_kill_loses_nothing_that_was_acknowledged_and_leaves_nothing_half_done_on_sqlite() {
    survives(Site::sqlite, &KILL_SQLITE);
}

#[test]
fn a_kill_loses_nothing_that_was_acknowledged_and_leaves_nothing_half_done_on_postgresql() {
    survives(Site::postgres, &KILL_POSTGRES);
}
