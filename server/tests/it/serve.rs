//! Start, work, stop, and start again.

use crate::process::{Folder, Server, megalith, run};
use serde_json::{Value, json};

const CUSTOMERS: &str = "/api/v1/operations/customers";

/// Creates, reads, lists, changes and deletes customers; one stays.
fn work(server: &Server) {
    let token = server.sign_in();
    let ask = |method: &str, path: &str, body: Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        server.ask(method, path, &token, &body)
    };
    let (status, made) = ask("POST", CUSTOMERS, json!({"code": "ALFKI", "name": "Alfreds"}));
    assert_eq!(status, 201, "{made}");
    let path = format!("{CUSTOMERS}/{}", made["id"].as_str().unwrap());
    let (status, read) = ask("GET", &path, Value::Null);
    assert_eq!((status, &read), (200, &made));
    let (status, changed) = ask("PATCH", &path, json!({"name": "Alfreds Futterkiste"}));
    assert_eq!((status, &changed["version"]), (200, &json!(2)));

    let (_, second) = ask("POST", CUSTOMERS, json!({"code": "ANATR", "name": "Ana"}));
    let (status, refused) = ask("POST", CUSTOMERS, json!({"code": "ANATR", "name": "Ana again"}));
    assert_eq!((status, &refused["code"]), (409, &json!("already_exists")));
    let (_, page) = ask("GET", &format!("{CUSTOMERS}?count=true"), Value::Null);
    assert_eq!(page["total_size"], json!(2));
    let path = format!("{CUSTOMERS}/{}", second["id"].as_str().unwrap());
    assert_eq!(ask("DELETE", &path, Value::Null).0, 204);
    assert_eq!(ask("GET", &path, Value::Null).0, 404);
}

/// The customers that are left.
fn names(server: &Server) -> Vec<String> {
    let (_, page) = server.ask("GET", CUSTOMERS, &server.sign_in(), "");
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_was_written_is_there_after_a_stop_and_after_a_kill() {
    let folder = Folder::new();
    let server = Server::start(folder.data(), &[]);
    work(&server);
    assert_eq!(server.stop(), 0);

    let server = Server::start(folder.data(), &[]);
    assert_eq!(names(&server), ["Alfreds Futterkiste"]);
    server.kill();

    let server = Server::start(folder.data(), &[]);
    assert_eq!(names(&server), ["Alfreds Futterkiste"]);
    assert_eq!(server.ask("GET", "/readyz", "", "").0, 200);
    assert_eq!(server.stop(), 0);
    let (code, out, _) = run(folder.data(), &["verify"]);
    assert_eq!(code, 0, "{out}");
}

#[test]
fn the_same_work_is_done_over_postgresql() {
    let database = testkit::postgres::database();
    let folder = Folder::new();
    let flags = ["--database", &database.service_url, "--database-admin", &database.admin_url];
    let server = Server::start(folder.data(), &flags);
    work(&server);
    assert_eq!(server.stop(), 0);
    assert!(!folder.data().join("system.db").exists());

    // The tables are there: the service's role is enough now.
    let server = Server::start(folder.data(), &flags[..2]);
    assert_eq!(names(&server), ["Alfreds Futterkiste"]);
    assert_eq!(server.stop(), 0);
    let verify = ["verify", flags[0], flags[1]];
    let (code, out, err) = run(folder.data(), &verify);
    assert_eq!(code, 0, "{out}{err}");
}

#[test]
fn the_first_start_prints_a_link_that_works_once() {
    let folder = Folder::new();
    let server = Server::spawn(megalith(folder.data(), &["serve", "--listen", "127.0.0.1:0"]));
    let link = server.preamble.lines().find(|line| line.contains("/setup#")).unwrap();
    let token = link.split('#').nth(1).unwrap().trim();
    assert!(server.preamble.contains("back them up"), "{}", server.preamble);
    let body = json!({
        "token": token, "name": "Ada", "email": "ada@example.org",
        "password": "correct horse battery", "org": {"name": "Northwind", "slug": "northwind"},
    });
    let (status, answer) = server.ask("POST", "/api/v1/auth/setup", "", &body.to_string());
    assert!(matches!(status, 200 | 201), "{status} {answer}");
    work(&server);
    let (status, _) = server.ask("POST", "/api/v1/auth/setup", "", &body.to_string());
    assert!(matches!(status, 401 | 409), "{status}");
    assert_eq!(server.stop(), 0);
    let server = Server::spawn(megalith(folder.data(), &["serve", "--listen", "127.0.0.1:0"]));
    assert!(!server.preamble.contains("/setup#"), "{}", server.preamble);
}
