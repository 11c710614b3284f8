//! Imports over HTTP: a file is uploaded, mapped, looked at, started as a job, told of and undone.

use crate::client::{Answer, Client, escaped};
use crate::site::{CUSTOMERS, Site, signed_in};
use serde_json::{Value, json};
use std::time::Duration;

pub const IMPORTS: &str = "/api/v1/platform/imports";
const COUNTS: [&str; 5] = ["read", "created", "updated", "unchanged", "refused"];

/// Five customers, of whom two are refused, and one whose name a spreadsheet would calculate.
const ROWS: &str = "Nr;Name;Land;Grund\n1;Åse;DE;\n2;Bo;FR;\n3;Cy;Atlantis;=cmd()\n\
                    4;Dan;DE;\n5;;DE;\"+1\n2\"\n";

/// Sends a file.
pub fn upload(client: &mut Client, name: &str, bytes: &[u8]) -> Answer {
    let path = format!("{IMPORTS}:upload?filename={}", escaped(name));
    client.send("POST", &path, &[], bytes).expect("up")
}

/// Asks for an act on an import.
pub fn act(client: &mut Client, import: &str, act: &str, body: &Value) -> Answer {
    client.ask("POST", &format!("{IMPORTS}/{import}:{act}"), &body.to_string()).expect("up")
}

pub fn counts(import: &Value) -> [u64; 5] {
    COUNTS.map(|name| import[name].as_u64().unwrap_or(u64::MAX))
}

/// The record of an import when it is at work no more.
pub fn ended(client: &mut Client, import: &str) -> Value {
    for _ in 0..1_200 {
        let record = client.ask("GET", &format!("{IMPORTS}/{import}"), "").expect("up").json;
        if record["state"] != "running" {
            return record;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("it does not end");
}

fn customers(client: &mut Client) -> u64 {
    let page = client.ask("GET", &format!("{CUSTOMERS}?count=true&page_size=1"), "").expect("up");
    page.json["total_size"].as_u64().expect("a count")
}

#[test]
fn a_file_is_uploaded_mapped_looked_at_imported_told_of_and_taken_back() {
    for site in Site::each() {
        let server = site.serve();
        let mut client = signed_in(&server);
        let sent = upload(&mut client, "Kunden.csv", ROWS.as_bytes());
        assert_eq!(sent.status, 201, "{sent:?}");
        let import = sent.id().to_owned();
        let told = |name: &str| sent.json[name].clone();
        assert_eq!(
            (told("state"), told("filename"), told("bytes"), told("total")),
            (json!("uploaded"), json!("Kunden.csv"), json!(ROWS.len()), json!(5))
        );
        let tables = client.ask("GET", &format!("{IMPORTS}/{import}:tables"), "").expect("up");
        assert_eq!(tables.json["tables"], sent.json["tables"]);
        let land = &sent.json["tables"][0]["columns"][2];
        assert_eq!(land, &json!({"name": "Land", "samples": ["DE", "FR", "Atlantis"]}));
        assert_eq!(sent.json["tables"][0]["name"], "Kunden.csv");

        let customer = json!({"entity": "operations.customer"});
        let proposed = act(&mut client, &import, "propose", &customer).json;
        assert_eq!(proposed["key"], "Nr", "{proposed}");
        let name = json!({"field": "name", "from": "Name", "note": null});
        assert!(proposed["fields"].as_array().expect("fields").contains(&name), "{proposed}");

        let plan = json!({
            "entity": "operations.customer",
            "fields": {"name": "Name", "country": "Land"},
            "name": "Our customers",
        });
        let shown = act(&mut client, &import, "preview", &plan);
        assert_eq!(shown.status, 200, "{shown:?}");
        let shown = shown.json["items"].as_array().expect("items").clone();
        let rows: Vec<(u64, &str, bool)> = shown
            .iter()
            .map(|item| {
                let row = item["row"].as_u64().expect("a row");
                (row, item["would"].as_str().expect("a text"), item["record"].is_null())
            })
            .collect();
        let expected = [
            (2, "create", false),
            (3, "create", false),
            (4, "refuse", true),
            (5, "create", false),
            (6, "refuse", true),
        ];
        assert_eq!(rows, expected, "{shown:?}");
        assert_eq!(shown[0]["record"]["name"], "Åse");
        assert_eq!(shown[2]["problems"][0]["column"], "Land", "{shown:?}");
        assert_eq!(shown[2]["problems"][0]["pointer"], "/country", "{shown:?}");

        let mut dry = plan.clone();
        dry["dry_run"] = true.into();
        let started = act(&mut client, &import, "start", &dry);
        assert_eq!((started.status, &started.json["dry_run"]), (202, &json!(true)), "{started:?}");
        let done = ended(&mut client, &import);
        assert_eq!(
            (&done["state"], counts(&done)),
            (&json!("finished"), [5, 3, 0, 0, 2]),
            "{done}"
        );
        assert_eq!((&done["change_set"], customers(&mut client)), (&Value::Null, 0));

        let refused = format!("{IMPORTS}/{import}:refused");
        let first = client.ask("GET", &format!("{refused}?page_size=1"), "").expect("up").json;
        let item = &first["items"][0];
        assert_eq!(
            (&item["row"], &item["column"], &item["pointer"], &item["values"]["Grund"]),
            (&json!(4), &json!("Land"), &json!("/country"), &json!("=cmd()")),
            "{first}"
        );
        let next = first["next_page_token"].as_str().expect("a token");
        let path = format!("{refused}?page_size=1&page_token={next}");
        let second = client.ask("GET", &path, "").expect("up").json;
        assert_eq!(
            (&second["items"][0]["row"], &second["items"][0]["code"], &second["next_page_token"]),
            (&json!(6), &json!("required"), &json!("")),
            "{second}"
        );
        let file = client.ask("GET", &format!("{refused}?format=csv"), "").expect("up");
        assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
        let text = String::from_utf8(file.body).expect("text");
        assert!(text.starts_with("\u{feff}Nr,Name,Land,Grund,_line,_reason\r\n3,Cy,"), "{text}");
        assert!(text.contains(",'=cmd(),4,") && text.contains("\"'+1\n2\""), "{text}");

        let started = act(&mut client, &import, "start", &plan);
        assert_eq!(started.status, 202, "{started:?}");
        let done = ended(&mut client, &import);
        assert_eq!(
            (&done["state"], counts(&done)),
            (&json!("finished"), [5, 3, 0, 0, 2]),
            "{done}"
        );
        assert_eq!(customers(&mut client), 3);
        let page = client.ask("GET", &refused, "").expect("up").json;
        assert_eq!(page["items"].as_array().map(Vec::len), Some(2), "they are kept");

        let set = done["change_set"].as_str().expect("a change set");
        let path = format!("/api/v1/platform/change-sets/{set}");
        let found = client.ask("GET", &path, "").expect("up").json;
        assert_eq!((&found["title"], &found["state"]), (&json!("Our customers"), &json!("closed")));
        assert_eq!(counts(&found), [5, 3, 0, 0, 2]);
        let undone = client.ask("POST", &format!("{path}:undo"), "").expect("up");
        assert_eq!((undone.status, &undone.json["state"]), (200, &json!("undone")), "{undone:?}");
        assert_eq!(customers(&mut client), 0);

        let again = act(&mut client, &import, "start", &plan);
        assert_eq!((again.status, again.code()), (409, "upload_gone"), "{}", site.name());
        assert_eq!(server.stop(), 0);
        site.verify();
    }
}

/// Two orders, one row for each line of them.
const ORDERS: &str = "no,customer,item,quantity,price\nS1,C1,I1,2,10.50\nS1,C1,I1,1,4\n\
                      S2,C1,I1,3,1.10\nS3,C9,I1,1,1\n";

const ORDERS_MAP: &str = r#"
name = "orders"
currency = "EUR"
[[step]]
file = "*.csv"
entity = "operations.sales_order"
key = "no"
distinct = true
[step.fields]
customer = { key = "customer", match = "code" }
ordered_on = { value = "2026-05-04" }
currency = { value = "EUR" }
[[step.lines]]
field = "lines"
file = "*.csv"
parent = "no"
key = "no + quantity"
[step.lines.fields]
item = { key = "item", match = "sku" }
quantity = "quantity"
price = "price"
"#;

#[test]
fn a_preview_shows_what_rules_compute_and_writes_nothing() {
    for site in Site::each() {
        let server = site.serve();
        let mut client = signed_in(&server);
        for (path, body) in [
            (CUSTOMERS, json!({"name": "Åse", "code": "C1"})),
            ("/api/v1/operations/items", json!({"name": "Chai", "sku": "I1"})),
        ] {
            let made = client.ask("POST", path, &body.to_string()).expect("up");
            assert_eq!(made.status, 201, "{made:?}");
        }
        let import = upload(&mut client, "orders.csv", ORDERS.as_bytes()).id().to_owned();
        let shown = act(&mut client, &import, "preview", &json!({"mapping": ORDERS_MAP}));
        assert_eq!(shown.status, 200, "{shown:?}");
        let items = shown.json["items"].as_array().expect("items");
        let told: Vec<_> = items
            .iter()
            .map(|item| {
                let record = &item["record"];
                let line = &record["lines"][0];
                (
                    &item["would"],
                    &record["total"]["amount"],
                    &line["amount"]["amount"],
                    &line["description"],
                    &record["state"],
                )
            })
            .collect();
        let order = |total: &str, line: &str| {
            [json!("create"), json!(total), json!(line), json!("Chai"), json!("draft")]
        };
        let none = [json!("refuse"), Value::Null, Value::Null, Value::Null, Value::Null];
        // The fourth order is refused, and with it its line.
        let expected = [order("25.00", "21.00"), order("3.30", "3.30"), none.clone(), none];
        let expected: Vec<_> = expected.iter().map(|[a, b, c, d, e]| (a, b, c, d, e)).collect();
        assert_eq!(told, expected, "{}: {shown:?}", site.name());
        assert_eq!(items[0]["record"]["number"], Value::Null, "none is drawn: {shown:?}");
        let orders = "/api/v1/operations/sales-orders?count=true";
        let page = client.ask("GET", orders, "").expect("up").json;
        assert_eq!(page["total_size"], 0, "{page}");

        let people = b"first_name,last_name\nNancy,Davolio\n";
        let import = upload(&mut client, "people.csv", people).id().to_owned();
        let plan = json!({"entity": "hr.employee", "key": "last_name",
                          "fields": {"first_name": "first_name", "last_name": "last_name"}});
        let shown = act(&mut client, &import, "preview", &plan);
        let record = &shown.json["items"][0]["record"];
        assert_eq!(record["name"], "Nancy Davolio", "{}: {shown:?}", site.name());
        assert_eq!(server.stop(), 0);
    }
}

/// Rows of a file that takes some moments; one in a hundred is refused.
const MANY: u64 = 8_000;

fn many() -> Vec<u8> {
    let country = |no: u64| if no.is_multiple_of(100) { "Atlantis" } else { "DE" };
    let rows = (1..=MANY).map(|no| format!("{no},Customer {no},{}\n", country(no)));
    std::iter::once("no,name,country\n".to_owned()).chain(rows).collect::<String>().into_bytes()
}

fn plan() -> Value {
    let fields = json!({"name": "name", "country": "country"});
    json!({"entity": "operations.customer", "fields": fields, "key": "no"})
}

/// Starts the import of many rows, and waits until some of them are written.
fn begun(client: &mut Client) -> String {
    let import = upload(client, "many.csv", &many()).id().to_owned();
    let started = act(client, &import, "start", &plan());
    assert_eq!(started.status, 202, "{started:?}");
    for _ in 0..60_000 {
        let record = client.ask("GET", &format!("{IMPORTS}/{import}"), "").expect("up").json;
        assert_eq!(record["state"], "running", "it is still at work: {record}");
        if record["read"].as_u64() > Some(0) {
            return import;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    panic!("it does not go on");
}

#[test]
fn an_import_goes_on_after_its_server_was_killed_and_every_row_counts_once() {
    for site in Site::each() {
        let server = site.serve();
        let token = server.sign_in();
        let import = begun(&mut Client::new(&server.address, &token));
        server.kill();
        let server = site.serve();
        let mut client = Client::new(&server.address, &token);
        let done = ended(&mut client, &import);
        let refused = MANY / 100;
        let expected = [MANY, MANY - refused, 0, 0, refused];
        assert_eq!(
            (&done["state"], counts(&done)),
            (&json!("finished"), expected),
            "{}: {done}",
            site.name()
        );
        assert_eq!(customers(&mut client), MANY - refused, "{}", site.name());
        let path = format!("{IMPORTS}/{import}:refused?page_size=1000");
        let told = client.ask("GET", &path, "").expect("up").json;
        let rows = told["items"].as_array().expect("items").iter();
        let mut rows: Vec<u64> = rows.map(|row| row["row"].as_u64().expect("a row")).collect();
        rows.sort_unstable();
        let expected: Vec<u64> = (1..=refused).map(|nth| nth * 100 + 1).collect();
        assert_eq!(rows, expected, "{}: each is told once", site.name());
        let path = "/api/v1/platform/change-sets?count=true";
        let sets = client.ask("GET", path, "").expect("up").json;
        assert_eq!(sets["total_size"], 1, "{}: {sets}", site.name());
        assert_eq!(server.stop(), 0);
        site.verify();
    }
}

#[test]
fn an_import_whose_file_is_lost_ends_with_the_reason_and_a_new_upload_brings_its_rows_in() {
    for site in Site::each() {
        let server = site.serve();
        let token = server.sign_in();
        let import = begun(&mut Client::new(&server.address, &token));
        server.kill();
        std::fs::remove_dir_all(site.folder.data().join("imports")).expect("a spool");
        let server = site.serve();
        let mut client = Client::new(&server.address, &token);
        let done = ended(&mut client, &import);
        let error = done["error"].as_str().unwrap_or_default();
        assert_eq!(done["state"], "failed", "{}: {done}", site.name());
        assert!(error.contains("Upload it again"), "{}: {done}", site.name());
        let [read, created, _, _, refused] = counts(&done);
        assert!(read > 0 && read == created + refused, "{}: {done}", site.name());
        let again = act(&mut client, &import, "start", &plan());
        assert_eq!((again.status, again.code()), (409, "upload_gone"), "{again:?}");

        let import = upload(&mut client, "many.csv", &many()).id().to_owned();
        let started = act(&mut client, &import, "start", &plan());
        assert_eq!(started.status, 202, "{started:?}");
        let done = ended(&mut client, &import);
        assert_eq!(
            (&done["state"], counts(&done)[0], customers(&mut client)),
            (&json!("finished"), MANY, MANY - MANY / 100),
            "{}: {done}",
            site.name()
        );
        assert_eq!(server.stop(), 0);
        site.verify();
    }
}

#[test]
fn an_import_is_begun_once_and_stops_when_it_is_asked_to() {
    for site in Site::each() {
        let server = site.serve();
        let mut client = signed_in(&server);
        let import = begun(&mut client);
        let second = act(&mut client, &import, "start", &plan());
        assert_eq!((second.status, second.code()), (409, "import_running"), "{second:?}");
        let asked = act(&mut client, &import, "cancel", &json!({}));
        assert_eq!((asked.status, &asked.json["cancelling"]), (200, &json!(true)), "{asked:?}");
        let done = ended(&mut client, &import);
        let [read, created, updated, unchanged, refused] = counts(&done);
        assert_eq!(done["state"], "cancelled", "{}: {done}", site.name());
        assert!((1..MANY).contains(&read), "{done}");
        assert_eq!((read, updated, unchanged), (created + refused, 0, 0), "{done}");
        assert_eq!(customers(&mut client), created, "{}", site.name());
        let set = done["change_set"].as_str().expect("a change set");
        let path = format!("/api/v1/platform/change-sets/{set}");
        let found = client.ask("GET", &path, "").expect("up").json;
        assert_eq!((&found["state"], counts(&found)), (&json!("closed"), counts(&done)));
        // Started again it brings in what is missing, as a change set of its own.
        let started = act(&mut client, &import, "start", &plan());
        assert_eq!(started.status, 202, "{started:?}");
        let done = ended(&mut client, &import);
        assert_eq!(
            counts(&done),
            [MANY, MANY - MANY / 100 - created, 0, created, MANY / 100],
            "{}: {done}",
            site.name()
        );
        assert_eq!(server.stop(), 0);
    }
}

/// What lies in the spool of a site, beside its name.
fn spooled(site: &Site) -> usize {
    let entries = std::fs::read_dir(site.folder.data().join("imports"));
    entries.map_or(0, |entries| entries.flatten().filter(|entry| entry.path().is_dir()).count())
}

#[test]
fn what_nobody_should_send_is_refused_with_a_reason_and_leaves_nothing_behind() {
    let site = Site::sqlite();
    let server = site.serve();
    let mut client = signed_in(&server);
    let commas = b",".repeat(10 << 20);
    let endless = [&b"a,b\n\""[..], &b"x,y\n".repeat(5 << 20)].concat();
    for (name, bytes, status, code) in [
        ("empty.csv", &b""[..], 400, "empty_file"),
        ("blank.csv", b"\n\n", 400, "unreadable_file"),
        ("paper.csv", b"%PDF-1.7\n", 415, "no_table"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 415, "no_table"),
        ("program", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0", 415, "no_table"),
        ("broken.xlsx", b"PK\x03\x04 and no more", 400, "unreadable_file"),
        ("commas.csv", &commas, 400, "unreadable_file"),
        ("endless.csv", &endless, 400, "unreadable_file"),
        ("wild.jsonl", b"[1]\n[2]\n", 400, "unreadable_file"),
        ("", b"a,b\n1,2\n", 400, "required"),
    ] {
        let answer = upload(&mut client, name, bytes);
        assert_eq!((answer.status, answer.code()), (status, code), "{name}: {answer:?}");
    }
    assert_eq!(spooled(&site), 0);
    for (name, bytes, columns, sample) in [
        ("bare.csv", &b"1,North\n2,South\n"[..], ["column_1", "column_2"], "North"),
        ("latin.csv", b"no;name\n1;\xc5se\n", ["no", "name"], "Åse"),
        ("wide.csv", b"\xff\xfen\0o\0;\0n\0\n\x001\0;\0\xc5\0\n\0", ["no", "n"], "Å"),
        ("../../up.csv", b"no,name\n1,\"a\nb\"\n", ["no", "name"], "a\nb"),
    ] {
        let answer = upload(&mut client, name, bytes);
        assert_eq!(answer.status, 201, "{name}: {answer:?}");
        let found = &answer.json["tables"][0]["columns"];
        assert_eq!([&found[0]["name"], &found[1]["name"]], columns, "{name}: {answer:?}");
        assert_eq!(found[1]["samples"][0], sample, "{name}: {answer:?}");
    }
    let id = upload(&mut client, "a.csv", b"no,name\n1,North\n").id().to_owned();
    let tree = json!({"mapping": "name = \"x\"\n[[step]]\nfile = \"../a\"\n"});
    for (verb, body, status, code) in [
        ("propose", json!({}), 422, "invalid"),
        ("propose", json!({"entity": "operations.custmer"}), 422, "invalid"),
        ("propose", json!({"entity": "users.user"}), 409, "no_import"),
        ("propose", json!({"entity": "operations.customer", "table": "Sheet7"}), 422, "invalid"),
        ("start", json!({"mapping": "name = ["}), 400, "invalid_mapping"),
        ("start", tree, 400, "invalid_mapping"),
        (
            "start",
            json!({"entity": "operations.customer", "fields": {"nme": "name"}}),
            400,
            "invalid_mapping",
        ),
        ("start", json!({"entity": "operations.customer", "fields": 1}), 400, "malformed_json"),
        (
            "preview",
            json!({"entity": "operations.customer", "fields": {"name": "nome"}}),
            400,
            "invalid_mapping",
        ),
    ] {
        let answer = act(&mut client, &id, verb, &body);
        assert_eq!((answer.status, answer.code()), (status, code), "{verb} {body}: {answer:?}");
    }
    let record = client.ask("GET", &format!("{IMPORTS}/{id}"), "").expect("up").json;
    assert_eq!(record["state"], "uploaded");
    // Nobody makes or moves one past the platform.
    let made = client.ask("POST", IMPORTS, r#"{"title": "x", "spool": "y/z"}"#).expect("up");
    assert_eq!(made.status, 422, "{made:?}");
    let batch = json!({"commands": [{"act": {"id": id, "act": "start", "payload": {}}}]});
    let batch = client.ask("POST", &format!("{IMPORTS}:batch"), &batch.to_string()).expect("up");
    assert_ne!(batch.json["results"][0]["status"], 200, "{batch:?}");
    assert_eq!(server.stop(), 0);
}

/// The most memory that a process had so far, in KiB.
fn peak(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("a peak");
    line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).expect("a number")
}

/// Sends a file of 100,000 long rows in small parts; gives its answer.
fn stream(server: &crate::process::Server, token: &str, cell: &str) -> (u16, Value) {
    use std::io::{Read as _, Write as _};
    const ROWS: usize = 100_000;
    let row = |no: usize| format!("{no:06},{cell}\n");
    let length = "no,name\n".len() + ROWS * row(0).len();
    let mut stream = std::net::TcpStream::connect(&server.address).expect("up");
    write!(
        stream,
        "POST {IMPORTS}:upload?filename=long.csv HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
         Authorization: Bearer {token}\r\nContent-Length: {length}\r\n\r\nno,name\n",
        server.address
    )
    .expect("up");
    for part in 0..ROWS / 100 {
        let rows: String = (0..100).map(|no| row(part * 100 + no)).collect();
        if stream.write_all(rows.as_bytes()).is_err() {
            // It was refused before it was read.
            break;
        }
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
    let status = head.split(' ').nth(1).expect("a status").parse().expect("a status");
    (status, serde_json::from_str(body).unwrap_or_default())
}

#[test]
fn a_large_file_is_never_whole_in_memory_and_one_too_large_is_refused() {
    let folder = crate::process::Folder::new();
    let server = crate::process::Server::start(folder.data(), &["--import-limit", "64"]);
    let token = server.sign_in();
    let mut client = Client::new(&server.address, &token);
    assert_eq!(upload(&mut client, "small.csv", b"no,name\n1,x\n").status, 201);
    let before = peak(server.pid());
    let (status, sent) = stream(&server, &token, &"x".repeat(500));
    assert_eq!((status, &sent["total"]), (201, &json!(100_000)), "{sent}");
    let bytes = sent["bytes"].as_u64().expect("a size");
    assert!(bytes > 50_000_000, "{sent}");
    let shown = act(
        &mut client,
        sent["id"].as_str().expect("an id"),
        "preview",
        &json!({"entity": "operations.customer", "key": "no"}),
    );
    assert_eq!(shown.json["items"].as_array().map(Vec::len), Some(20), "{shown:?}");
    let grown = (peak(server.pid()) - before) * 1_024;
    assert!(grown < bytes / 3, "{grown} bytes more for a file of {bytes}");
    let (status, refused) = stream(&server, &token, &"x".repeat(1_000));
    assert_eq!((status, &refused["code"]), (413, &json!("too_large")), "{refused}");
    testkit::data::report_checks(100_000);
    assert_eq!(server.stop(), 0);
}
