//! Input that nobody should send: it is refused with a reason and a place, or it comes back as it
//! went in; never an error of the server's own, never a panic (which `Server` looks for).

use crate::client::{Answer, Client, escaped};
use crate::process::{EMAIL, Folder, PASSWORD};
use crate::site::{CUSTOMERS, Site, signed_in};
use contracts::auth::{IssueSetUpToken, SetUp};
use contracts::platform::CreateOrg;
use gateway::{Config, Edge, Gateway};
use kernel::{Declare, Entity, Field, Kind, Service};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use testkit::data::{report_checks, set};
use testkit::world::World;

/// A text that is, or is not, JSON: its file's name and its bytes.
type Text = (String, Vec<u8>);

/// The texts of the suite whose names begin with `kind`: `y` must be read, `n` must be refused,
/// `i` may be either.
fn suite(kind: char, count: usize) -> Vec<Text> {
    let Some(set) = set("json-suite", count) else { return Vec::new() };
    let folder = Folder::new();
    std::fs::create_dir_all(folder.data()).expect("a folder");
    let mut unpack = Command::new("tar");
    unpack.arg("-xf").arg(set.join("raw.tar.xz")).arg("-C").arg(folder.data());
    assert!(unpack.status().is_ok_and(|status| status.success()), "tar and xz are installed");
    let texts: Vec<Text> = std::fs::read_dir(folder.data().join("raw/test_parsing"))
        .expect("the texts")
        .map(|entry| entry.expect("an entry"))
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
        .filter(|(name, _)| name.starts_with(kind))
        .map(|(name, path)| (name, std::fs::read(path).expect("a text")))
        .collect();
    assert_eq!(texts.len(), count);
    texts
}

/// Checks that an answer is a problem in full: its code, and where it says so the place.
fn is_problem(answer: &Answer, what: &str) {
    assert!((400..500).contains(&answer.status), "{what}: {answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
    assert!(!answer.code().is_empty(), "{what}: {answer:?}");
    for error in answer.json["errors"].as_array().map(Vec::as_slice).unwrap_or_default() {
        for member in ["pointer", "code", "message"] {
            assert!(error[member].is_string(), "{what}: {error}");
        }
    }
}

/// Sends bytes as a body; a connection that the server closed is opened once more.
fn post(client: &mut Client, path: &str, body: &[u8]) -> Answer {
    client.send("POST", path, &[], body).expect("the server answers")
}

#[test]
fn what_is_no_json_is_refused_and_what_is_json_is_read() {
    let site = Site::sqlite();
    let server = site.serve();
    let mut client = signed_in(&server);
    let mut checks = 0;
    for (name, text) in suite('n', 188) {
        let inside = [br#"{"name": "x", "address": "#, text.as_slice(), b"}"].concat();
        // What is no JSON alone may be some inside an object.
        for (what, body) in [("alone", &text), ("inside", &inside)] {
            if what == "inside" && serde_json::from_slice::<Value>(body).is_ok() {
                continue;
            }
            let answer = post(&mut client, CUSTOMERS, body);
            is_problem(&answer, &format!("{name} {what}"));
            assert_eq!(answer.status, 400, "{name} {what}: {answer:?}");
            let unread = ["malformed_json", "invalid_utf8", "too_deep", "not_an_object"];
            assert!(unread.contains(&answer.code()), "{name} {what}: {answer:?}");
            checks += 1;
        }
    }
    for (name, text) in suite('y', 95) {
        let answer = post(&mut client, CUSTOMERS, &text);
        // JSON, and no customer: a list, a number, members that no customer has.
        is_problem(&answer, &name);
        let unread = ["malformed_json", "invalid_utf8", "too_deep"];
        assert!(!unread.contains(&answer.code()), "{name} was not read: {answer:?}");
        checks += 1;
    }
    for (name, text) in suite('i', 35) {
        is_problem(&post(&mut client, CUSTOMERS, &text), &name);
        checks += 1;
    }
    report_checks(checks);
    assert_eq!(server.stop(), 0);
}

#[test]
fn every_naughty_string_comes_back_as_it_went_in() {
    let Some(set) = set("naughty-strings", 515) else { return };
    let text = std::fs::read(set.join("raw/blns.json")).expect("the strings");
    let strings: Vec<String> = serde_json::from_slice(&text).expect("JSON");
    assert_eq!(strings.len(), 515);
    for site in Site::each() {
        let server = site.serve();
        let mut client = signed_in(&server);
        for string in &strings {
            let body = json!({"name": "Naughty", "notes": string}).to_string();
            let made = post(&mut client, CUSTOMERS, body.as_bytes());
            assert_eq!(made.status, 201, "{string:?}: {made:?}");
            let path = format!("{CUSTOMERS}/{}", made.id());
            let read = client.ask("GET", &path, "").expect("up");
            assert_eq!(read.json["notes"], json!(string), "{}", site.name());
            // As words to look for, and as a text in a filter.
            let quoted = json!(string).to_string();
            for query in [
                "q=".to_owned() + &escaped(string),
                format!("filter={}", escaped(&format!("notes == {quoted}"))),
            ] {
                let found = client.ask("GET", &format!("{CUSTOMERS}?{query}&page_size=1"), "");
                let found = found.expect("up");
                assert!(
                    found.status < 500 && [200, 400].contains(&found.status),
                    "{string:?}: {found:?}"
                );
            }
        }
        let refused = post(&mut client, CUSTOMERS, br#"{"name": "x", "notes": "a\u0000b"}"#);
        assert_eq!(
            (refused.status, &refused.json["errors"][0]["pointer"]),
            (422, &json!("/notes"))
        );
        report_checks(strings.len() * 4);
        assert_eq!(server.stop(), 0);
    }
}

#[test]
fn bodies_of_any_size_depth_and_encoding_are_refused_at_their_place() {
    let site = Site::sqlite();
    let server = site.serve();
    let token = server.sign_in();
    let ask = |path: &str, body: &[u8]| post(&mut Client::new(&server.address, &token), path, body);
    let long = |bytes: usize| format!(r#"{{"name":"{}"}}"#, "a".repeat(bytes)).into_bytes();
    let deep =
        |n: usize| [br#"{"address":"#.as_slice(), &b"[".repeat(n), &b"]".repeat(n), b"}"].concat();
    let objects = [br#"{"a":"#.repeat(50_000), b"1".to_vec(), b"}".repeat(50_000)].concat();
    let many: Vec<String> = (0..10_000).map(|n| format!("\"a{n}\":1")).collect();
    let rows: [(&str, Vec<u8>, u16, &str, &str); 18] = [
        ("two megabytes", long(2 << 20), 413, "too_large", ""),
        ("eleven megabytes", long(11 << 20), 413, "too_large", ""),
        ("deep lists", deep(100_000), 400, "too_deep", ""),
        ("deep objects", objects, 400, "too_deep", ""),
        ("many members", format!("{{{}}}", many.join(",")).into_bytes(), 422, "invalid", "/a0"),
        ("no UTF-8", b"{\"name\":\"\xff\xfe\"}".to_vec(), 400, "invalid_utf8", ""),
        ("half a surrogate", br#"{"name":"\ud800"}"#.to_vec(), 422, "", "/name"),
        ("a surrogate in bytes", b"{\"name\":\"\xed\xa0\x80\"}".to_vec(), 400, "invalid_utf8", ""),
        ("a cut-off character", b"{\"name\":\"\xe2\x82\"}".to_vec(), 400, "invalid_utf8", ""),
        ("a byte order mark", b"\xef\xbb\xbf{\"name\":\"x\"}".to_vec(), 400, "malformed_json", ""),
        ("an unknown field", br#"{"name":"x","nots":"y"}"#.to_vec(), 422, "unknown_field", "/nots"),
        ("a name twice", br#"{"name":"x","name":"y"}"#.to_vec(), 400, "duplicate_key", ""),
        ("a number for a text", br#"{"name":5}"#.to_vec(), 422, "", "/name"),
        ("a text for a boolean", br#"{"name":"x","active":"yes"}"#.to_vec(), 422, "", "/active"),
        (
            "a float for money",
            br#"{"name":"x","credit_limit":1.5}"#.to_vec(),
            422,
            "",
            "/credit_limit",
        ),
        (
            "a link to nowhere",
            br#"{"name":"x","created_by":"usr_1"}"#.to_vec(),
            422,
            "",
            "/created_by",
        ),
        ("a list for an object", br#"{"name":"x","address":[]}"#.to_vec(), 422, "", "/address"),
        ("an empty name", br#"{"name":null}"#.to_vec(), 422, "", "/name"),
    ];
    for (what, body, status, code, pointer) in &rows {
        let answer = ask(CUSTOMERS, body);
        is_problem(&answer, what);
        assert_eq!(answer.status, *status, "{what}: {answer:?}");
        let first = &answer.json["errors"][0];
        let codes = [answer.code(), first["code"].as_str().unwrap_or_default()];
        assert!(code.is_empty() || codes.contains(code), "{what}: {answer:?}");
        assert!(pointer.is_empty() || first["pointer"] == **pointer, "{what}: {answer:?}");
    }
    let mistyped = ask(CUSTOMERS, br#"{"name":"x","nots":"y"}"#);
    let message = mistyped.json["errors"][0]["message"].as_str().unwrap_or_default().to_owned();
    assert!(message.contains("did you mean notes?"), "{message}");
    assert_eq!(
        server.ask("GET", &format!("{CUSTOMERS}?count=true"), &token, "").1["total_size"],
        0
    );
    report_checks(rows.len());
    assert_eq!(server.stop(), 0);
}

#[test]
fn a_hostile_filter_is_refused_with_the_position_of_the_error() {
    let nested = format!("{}1{}", "(".repeat(5_000), ")".repeat(5_000));
    let not = "!".repeat(5_000) + "active";
    // The filter, and the column that the refusal names; 0 where it is about the whole.
    let rows: [(&str, usize); 21] = [
        ("nme == 'a'", 1),
        ("name == 'a' && nots == 'b'", 16),
        ("name ==", 8),
        ("name == 'a", 9),
        ("name == 1", 0),
        ("name == 'a' OR 1=1", 13),
        ("name == 'a'; DROP TABLE customers", 12),
        ("name == 'a' --", 0),
        ("'", 1),
        ("\u{0}", 1),
        ("name == '\u{0}'", 0),
        ("💥", 1),
        ("name == 'ü' && 💥", 16),
        ("99999999999999999999999 == 1", 1),
        ("name.matches('(a+)+$')", 0),
        ("__proto__ == 1", 1),
        ("name", 0),
        ("1 / 0 == 1 && (", 0),
        ("date('2026-02-30') == date('2026-01-01')", 0),
        (&nested, 0),
        (&not, 0),
    ];
    for site in Site::each() {
        let server = site.serve();
        let mut client = signed_in(&server);
        for (filter, column) in rows {
            let path = format!("{CUSTOMERS}?filter={}", escaped(filter));
            let answer = client.ask("GET", &path, "").expect("up");
            let what: String = filter.chars().take(60).collect();
            is_problem(&answer, &what);
            assert!([400, 414].contains(&answer.status), "{what}: {answer:?}");
            if answer.status == 400 && filter.len() < 60 {
                let error = &answer.json["errors"][0];
                let message = error["message"].as_str().unwrap_or_default();
                assert_eq!(error["pointer"], "?filter", "{what}: {answer:?}");
                assert!(message.starts_with("column "), "{what}: {answer:?}");
                let at = format!("column {column}:");
                assert!(column == 0 || message.starts_with(&at), "{what}: {message}");
            }
        }
        report_checks(rows.len());
        assert_eq!(server.stop(), 0);
    }
}

/// A sheet that holds any JSON.
struct Sheet;

impl Declare for Sheet {
    fn entity() -> Entity {
        Entity::new("yard", "sheet", "sheets", "sht")
            .doc("Something that is kept as it came.", "")
            .field(Field::new("name", Kind::text(200), "The name.").required())
            .field(Field::new("content", Kind::Json, "The content."))
            .title("name")
    }
}

fn services() -> Vec<Service> {
    let mut all = server::wiring::services();
    all.push(Service::new("yard").entity::<Sheet>());
    all
}

/// Serves a world over HTTP on loopback; gives its address once an administrator is made.
async fn serve(world: &World) -> String {
    let token = world.contract::<IssueSetUpToken>(&IssueSetUpToken).await.expect("a token");
    let org = CreateOrg {
        slug: "northwind".to_owned(),
        name: "Northwind".to_owned(),
        country: None,
        currency: None,
        zone: None,
        placement: None,
    };
    let request = SetUp {
        token: token.expect("nobody administers it yet"),
        name: "Ada".to_owned(),
        email: EMAIL.to_owned(),
        password: PASSWORD.to_owned(),
        org,
        client: Default::default(),
    };
    world.contract::<SetUp>(&request).await.expect("an administrator");
    world.settle().await;
    let edge = Edge::new(Gateway {
        peers: world.peers.clone(),
        registry: world.registry.clone(),
        keys: world.keys.clone(),
        source: world.source.clone(),
        config: Config::default(),
        facts: world.facts.clone(),
        ready: Arc::new(|| Box::pin(async { Ok(()) })),
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    tokio::spawn(gateway::serve(listener, edge, std::future::pending()));
    address
}

#[test]
fn every_json_text_is_kept_as_it_came() {
    let texts = Arc::new(suite('y', 95));
    testkit::world::everywhere(services, async |world| {
        let address = serve(&world).await;
        let texts = texts.clone();
        let kept = tokio::task::spawn_blocking(move || keep(&address, &texts));
        report_checks(kept.await.expect("all texts come back"));
        world.settle().await;
        world.end().await;
    });
}

/// Sends each text as the content of a sheet and reads it back.
fn keep(address: &str, texts: &[Text]) -> usize {
    let mut client = Client::new(address, "");
    let login = json!({"email": EMAIL, "password": PASSWORD}).to_string();
    let signed = client.ask("POST", "/api/v1/auth/login", &login).expect("up");
    let token = signed.json["access_token"].as_str().unwrap_or_else(|| panic!("{signed:?}"));
    let mut client = Client::new(address, token);
    for (name, text) in texts {
        let text = std::str::from_utf8(text).expect("what must be read is UTF-8");
        let body = format!(r#"{{"name":"{name}","content":{text}}}"#);
        let made = post(&mut client, "/api/v1/yard/sheets", body.as_bytes());
        assert_eq!(made.status, 201, "{name}: {made:?}");
        let path = format!("/api/v1/yard/sheets/{}", made.id());
        let read = client.ask("GET", &path, "").expect("up");
        for answer in [made, read] {
            let raw: HashMap<String, &RawValue> =
                serde_json::from_slice(&answer.body).expect("an object");
            // Blanks around a value belong to the body, not to the value.
            assert_eq!(raw["content"].get(), text.trim(), "{name}");
        }
    }
    texts.len() * 2
}

#[test]
fn a_path_that_leads_nowhere_is_not_found_and_none_leads_out() {
    let site = Site::sqlite();
    let server = site.serve();
    let mut client = signed_in(&server);
    let secret = Path::new("megalith.lock");
    assert!(site.folder.data().join(secret).exists());
    for path in [
        "/../../megalith.lock",
        "/%2e%2e/%2e%2e/megalith.lock",
        "/api/v1/operations/customers/..%2f..%2f..%2fmegalith.lock",
        "/api/v1/operations/customers/%00",
        "/api/v1/operations/customers/cus_%ff",
        "/api/v1/operations/customers/cus_00000000000000000000000000",
        "/api/v1/operations/customers/usr_00000000000000000000000000",
        "/api/v1/system/users",
        "//api/v1/operations/customers",
    ] {
        for method in ["GET", "PATCH", "DELETE"] {
            let body = if method == "PATCH" { "{}" } else { "" };
            let answer = client.ask(method, path, body).expect("up");
            let what = format!("{method} {path}: {answer:?}");
            assert!([400, 404, 405].contains(&answer.status), "{what}");
        }
    }
    assert_eq!(server.stop(), 0);
}
