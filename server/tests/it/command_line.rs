//! Commands beside a running server and without one, and their exit codes.

use crate::process::{EMAIL, Folder, Server, run};
use serde_json::Value;
use std::path::PathBuf;

/// The file of the organisation `northwind`.
fn org_file(folder: &Folder) -> PathBuf {
    let orgs = std::fs::read_dir(folder.data().join("orgs")).unwrap();
    let mut files = orgs.map(|entry| entry.unwrap().path());
    files.find(|path| path.extension().is_some_and(|end| end == "db")).unwrap()
}

fn customer(server: &Server, code: &str) {
    let body = format!(r#"{{"code":"{code}","name":"{code}"}}"#);
    let path = "/api/v1/operations/customers";
    assert_eq!(server.ask("POST", path, &server.sign_in(), &body).0, 201);
}

#[test]
fn commands_ask_the_running_server_and_open_the_folder_without_one() {
    let folder = Folder::new();
    let server = Server::start(folder.data(), &[]);
    customer(&server, "ALFKI");
    let data = folder.data();
    let (code, _, err) = run(data, &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(code, 3);
    assert!(err.contains(&server.address), "the refusal names the address: {err}");

    let both = |arguments: &[&str]| -> (i32, String) {
        let (code, out, err) = run(data, arguments);
        (code, out + &err)
    };
    let (code, text) = both(&["org", "create", "acme", "--country", "DE", "--currency", "EUR"]);
    assert_eq!(code, 0, "{text}");
    let log = ["log", "--org", "northwind", "--service", "operations", "--json"];
    let (code, running) = both(&log);
    assert_eq!(code, 0, "{running}");
    let event: Value = serde_json::from_str(&running).unwrap();
    assert_eq!(event["act"], "create");
    for arguments in
        [&["verify"][..], &["doctor"], &["log", "head", "--org", "system", "--service", "users"]]
    {
        let (code, text) = both(arguments);
        assert_eq!(code, 0, "{arguments:?}: {text}");
    }
    assert_eq!(both(&["migrate", "--check"]).0, 3, "not beside a running server");
    assert_eq!(server.stop(), 0);

    assert_eq!(both(&log), (0, running), "the same log with no server at work");
    let (_, orgs) = both(&["org", "list", "--json"]);
    let orgs: Value = serde_json::from_str(&orgs).unwrap();
    assert_eq!(
        (orgs[0]["slug"].as_str(), orgs[1]["slug"].as_str()),
        (Some("northwind"), Some("acme"))
    );
    assert_eq!(both(&["migrate", "--check"]), (0, "0 steps to take\n".to_owned()));
    assert_eq!(both(&["doctor"]).0, 0);
}

#[test]
fn a_new_password_ends_the_sessions_and_the_old_one_does_not_sign_in() {
    let folder = Folder::new();
    let server = Server::start(folder.data(), &[]);
    let token = server.sign_in();
    let read = || server.ask("GET", "/api/v1/operations/customers", &token, "").0;
    assert_eq!(read(), 200);
    let mut command = crate::process::megalith(folder.data(), &["user", "reset-password", EMAIL]);
    let output = command.env("MEGALITH_PASSWORD", "another long password").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let sign_in = |password: &str| {
        let body = format!(r#"{{"email":"{EMAIL}","password":"{password}"}}"#);
        server.ask("POST", "/api/v1/auth/login", "", &body).0
    };
    assert_eq!(read(), 401, "the sessions have ended");
    assert_eq!(sign_in("another long password"), 200);
    assert_eq!(sign_in(crate::process::PASSWORD), 401);
}

#[test]
fn a_link_for_a_person_is_printed_with_and_without_a_running_server() {
    let folder = Folder::new();
    let server = Server::start(folder.data(), &[]);
    let (code, out, err) =
        run(folder.data(), &["user", "invite", "bo@example.org", "--org", "northwind"]);
    assert_eq!(code, 0, "{err}");
    let (address, token) = out.trim().split_once("/enter#").unwrap();
    assert!(address.starts_with("http://127.0.0.1:"), "{out}");
    let body = format!(r#"{{"token":"{token}","password":"correct horse battery"}}"#);
    assert_eq!(server.ask("POST", "/api/v1/auth/link:use", "", &body).0, 200);
    assert_eq!(server.stop(), 0);
    let (code, out, err) = run(
        folder.data(),
        &["user", "reset-password", EMAIL, "--link", "--url", "https://megalith.example.org/"],
    );
    assert_eq!(code, 0, "{err}");
    assert!(out.starts_with("https://megalith.example.org/enter#mga_"), "{out}");
}

#[test]
fn a_database_that_was_put_back_is_found_at_the_first_missing_position() {
    let folder = Folder::new();
    let server = Server::start(folder.data(), &[]);
    customer(&server, "FIRST");
    assert_eq!(server.stop(), 0);
    let file = org_file(&folder);
    let earlier = std::fs::read(&file).unwrap();

    let server = Server::start(folder.data(), &[]);
    customer(&server, "SECOND");
    customer(&server, "THIRD");
    assert_eq!(server.stop(), 0);
    assert_eq!(run(folder.data(), &["verify"]).0, 0);

    std::fs::write(&file, earlier).unwrap();
    let (code, out, _) = run(folder.data(), &["verify", "--org", "northwind", "--json"]);
    assert_eq!(code, 1, "{out}");
    let report: Value = serde_json::from_str(&out).unwrap();
    let logs = report["logs"].as_array().unwrap();
    let operations = logs.iter().find(|log| log["service"] == "operations").unwrap();
    assert_eq!(operations["findings"][0]["code"], "cut_off");
    assert_eq!(
        (&operations["findings"][0]["first"], &operations["findings"][0]["last"]),
        (&2.into(), &3.into())
    );
}

#[test]
fn a_removed_file_is_a_finding_for_every_log_that_was_in_it() {
    let folder = Folder::new();
    let server = Server::start(folder.data(), &[]);
    customer(&server, "FIRST");
    assert_eq!(server.stop(), 0);
    std::fs::remove_file(org_file(&folder)).unwrap();
    let (code, out, _) = run(folder.data(), &["verify"]);
    assert_eq!(code, 1);
    assert!(out.contains("operations: position 1: cut_off"), "{out}");
}

#[test]
fn a_bundle_is_genuine_until_one_digit_changes() {
    let folder = Folder::new();
    let server = Server::start(folder.data(), &[]);
    ["A1", "B2", "C3"].iter().for_each(|code| customer(&server, code));
    assert_eq!(server.stop(), 0);
    let flags = ["log", "bundle", "--org", "northwind", "--service", "operations", "--from", "2"];
    let (code, bundle, err) = run(folder.data(), &flags);
    assert_eq!(code, 0, "{err}");
    let file = folder.data().join("bundle.json");
    let file_name = file.to_str().unwrap();
    std::fs::write(&file, &bundle).unwrap();
    let (code, out, _) = run(folder.data(), &["verify", "--bundle", file_name]);
    assert_eq!(code, 0, "{out}");
    assert!(out.starts_with("genuine: 2 of the 3 events"), "{out}");
    let other = "00".repeat(32);
    assert_eq!(run(folder.data(), &["verify", "--bundle", file_name, "--key", &other]).0, 1);
    let mut parsed: Value = serde_json::from_str(&bundle).unwrap();
    let bytes = parsed["events"][0]["bytes"].as_str().unwrap().to_owned();
    let flipped = if bytes.ends_with('0') { "1" } else { "0" };
    parsed["events"][0]["bytes"] = format!("{}{flipped}", &bytes[..bytes.len() - 1]).into();
    std::fs::write(&file, parsed.to_string()).unwrap();
    let (code, out, _) = run(folder.data(), &["verify", "--bundle", file_name]);
    assert_eq!((code, out.contains("position 2")), (1, true), "{out}");
}

#[test]
fn exit_codes_tell_wrong_usage_from_what_could_not_run() {
    let folder = Folder::new();
    let config = std::env::temp_dir().join(format!("megalith-config-{}.toml", std::process::id()));
    std::fs::write(&config, "lisen = \"127.0.0.1:0\"").unwrap();
    let config_name = config.to_str().unwrap();
    for (arguments, code, text) in [
        (&["serve", "--config", config_name][..], 2, "did you mean listen?"),
        (&["serve", "--lisen", "x"], 2, "--listen"),
        (&["log", "--service", "users"], 2, "--org"),
        (&["verify", "--bundle", "/no/such/file"], 3, "/no/such/file"),
        (&["verify"], 3, "master.key"),
    ] {
        let (found, _, err) = run(folder.data(), arguments);
        assert_eq!(found, code, "{arguments:?}: {err}");
        assert!(err.contains(text), "{arguments:?}: {err}");
    }
    std::fs::remove_file(&config).unwrap();
}

#[test]
fn keys_that_do_not_belong_to_the_records_are_refused() {
    let folder = Folder::new();
    assert_eq!(Server::start(folder.data(), &[]).stop(), 0);
    let keys = folder.data().join("keys");
    std::fs::rename(&keys, folder.data().join("elsewhere")).unwrap();
    let (code, _, err) = run(folder.data(), &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!((code, err.contains("no keys for them")), (3, true), "{err}");
    let other = Folder::new();
    assert_eq!(Server::start(other.data(), &[]).stop(), 0);
    let foreign = other.data().join("keys");
    let flags = ["serve", "--listen", "127.0.0.1:0", "--keys", foreign.to_str().unwrap()];
    let (code, _, err) = run(folder.data(), &flags);
    assert_eq!((code, err.contains("signed with another key")), (3, true), "{err}");
}

#[test]
fn the_description_of_the_api_needs_no_data() {
    let folder = Folder::new();
    let (code, out, _) = run(folder.data(), &["openapi"]);
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 0);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert!(!folder.data().exists(), "nothing was made");
}
