//! A stopped database that someone changed behind the platform's back: it is found, with the
//! position, and a bundle convinces a stranger exactly as long as nobody touched it.

use crate::client::Client;
use crate::site::{CUSTOMERS, Site, signed_in};
use kernel::log::bundle::Bundle;
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use testkit::data::report_checks;
use testkit::postgres::cluster::psql;
use testkit::rounds::{FLIPPED_BYTES, are_long};

/// How many events the log has.
pub const EVENTS: usize = 9;

/// A change of a stopped database, as plain SQL: on SQLite, on PostgreSQL, and what is found.
pub struct Change {
    pub name: &'static str,
    pub sqlite: &'static str,
    pub postgres: &'static str,
    pub position: u64,
    pub code: &'static str,
}

/// An event's place in the file is its log's number, shifted by 44 bits, and its position.
pub const CHANGES: [Change; 5] = [
    Change {
        name: "one byte of an event is changed",
        sqlite: "UPDATE _event SET bytes = unhex(replace(hex(bytes), hex('Name'), hex('Nome')))
                 WHERE place = (:log << 44) + 5",
        postgres: "UPDATE operations._event SET bytes =
                       overlay(bytes placing 'Nome' from position('Name'::bytea in bytes))
                   WHERE position = 5",
        position: 5,
        code: "changed",
    },
    Change {
        name: "one event is removed",
        sqlite: "DELETE FROM _event WHERE place = (:log << 44) + 5",
        postgres: "DELETE FROM operations._event WHERE position = 5",
        position: 5,
        code: "missing",
    },
    Change {
        name: "the last event is removed",
        sqlite: "DELETE FROM _event WHERE place = (:log << 44) + 9",
        postgres: "DELETE FROM operations._event WHERE position = 9",
        position: 9,
        code: "cut_off",
    },
    Change {
        name: "the last event and its head are removed",
        sqlite: "DELETE FROM _event WHERE place = (:log << 44) + 9;
                 UPDATE _log SET size = 0, root = NULL, at = NULL, key = NULL, signature = NULL,
                     peaks = x'' WHERE log = :log",
        postgres: "DELETE FROM operations._event WHERE position = 9;
                   DELETE FROM operations._log_head",
        position: 9,
        code: "cut_off",
    },
    Change {
        name: "every hash from a changed event on is computed anew",
        sqlite: "UPDATE _event SET bytes = unhex(replace(hex(bytes), hex('Name'), hex('Nome')))
                 WHERE place = (:log << 44) + 5;
                 UPDATE _event SET hash = sha256(bytes)
                 WHERE place >= (:log << 44) + 5 AND place >> 44 = :log",
        postgres: "UPDATE operations._event SET bytes =
                       overlay(bytes placing 'Nome' from position('Name'::bytea in bytes))
                   WHERE position = 5;
                   UPDATE operations._event SET hash = sha256(bytes) WHERE position >= 5",
        position: 5,
        code: "rewritten",
    },
];

/// Makes customers, one event each, and stops the server.
pub fn fill(site: &Site) {
    let server = site.serve();
    let mut client: Client = signed_in(&server);
    for number in 1..=EVENTS {
        // Notes are neither personal nor secret: the event holds them as they are.
        let body = json!({"name": "Someone", "notes": format!("Name {number}")});
        let made = client.ask("POST", CUSTOMERS, &body.to_string()).expect("up");
        assert_eq!(made.status, 201, "{made:?}");
        // One head for each event, so that the finding is as narrow as can be.
        for _ in 0..500 {
            if site.events("northwind", "operations", number as u64).len() == 1 {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
    assert_eq!(server.stop(), 0);
    site.verify();
}

/// Runs plain SQL on a stopped file; `:log` is the number of the log of `operations`.
pub fn in_file(path: &Path, statements: &str) {
    let raw = Connection::open(path).expect("a database");
    // PostgreSQL has this function; here it stands for any program that computes it.
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    raw.create_scalar_function("sha256", 1, flags, |call| {
        let bytes: Vec<u8> = call.get(0)?;
        Ok(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes).as_ref().to_vec())
    })
    .expect("a function");
    let log: i64 = raw
        .query_row("SELECT log FROM _log WHERE service = 'operations'", [], |row| row.get(0))
        .expect("a log");
    raw.execute_batch(&statements.replace(":log", &log.to_string())).expect("it runs");
}

/// Checks that `verify` ends with 1 and names the position.
fn found(site: &Site, change: &Change) {
    let (code, text) = site.run(&["verify", "--org", "northwind", "--json"]);
    assert_eq!(code, 1, "{} on {}: {text}", change.name, site.name());
    let report: Value = serde_json::from_str(&text).expect("a report");
    let logs = report["logs"].as_array().map(Vec::as_slice).unwrap_or_default();
    let touched = logs.iter().find(|log| log["service"] == "operations").expect("the log");
    let what = format!("{} on {}: {touched}", change.name, site.name());
    let findings = touched["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
    let named = |f: &Value| f["first"] == json!(change.position) && f["code"] == change.code;
    assert!(findings.iter().any(named), "{what}");
    assert!(findings.iter().all(|f| f["first"].as_u64() >= Some(change.position - 1)), "{what}");
    let others = logs.iter().filter(|log| log["service"] != "operations");
    others.for_each(|log| assert_eq!(log["findings"], json!([]), "{what}"));
    let (code, text) = site.run(&["verify"]);
    let position = format!("operations: position {}", change.position);
    assert!(code == 1 && text.contains(&position), "{what}: {text}");
}

#[test]
fn every_change_of_a_stopped_file_is_found_at_its_position() {
    let site = Site::sqlite();
    fill(&site);
    let file = site.org_file();
    let whole = std::fs::read(&file).expect("a file");
    for change in &CHANGES {
        in_file(&file, change.sqlite);
        found(&site, change);
        std::fs::write(&file, &whole).expect("a file");
        site.verify();
    }
    report_checks(CHANGES.len() * 2);
}

#[test]
fn every_change_of_a_stopped_postgresql_is_found_at_its_position() {
    let site = Site::postgres();
    fill(&site);
    let admin = site.database.as_ref().expect("a database").admin_url.clone();
    let tables = ["_event", "_log_head"];
    let sql = |text: String| psql(&admin, &text).expect("it runs");
    sql("CREATE SCHEMA kept".to_owned());
    for table in tables {
        sql(format!("CREATE TABLE kept.{table} AS TABLE operations.{table}"));
    }
    for change in &CHANGES {
        sql(change.postgres.to_owned());
        found(&site, change);
        for table in tables {
            sql(format!("DELETE FROM operations.{table}"));
            sql(format!("INSERT INTO operations.{table} SELECT * FROM kept.{table}"));
        }
        site.verify();
    }
    report_checks(CHANGES.len() * 2);
}

/// Runs the verifier in `docs/` on the bundle as it is and with one bit flipped at every so many
/// positions, in one process; prints how many flips were refused.
const FLIPS: &str = r#"
import json, sys
sys.path.insert(0, sys.argv[1])
from verify_bundle import verify
whole = open(sys.argv[2], "rb").read()
assert verify(json.loads(whole), None) is None, "the whole bundle is refused"
step, refused = int(sys.argv[3]), 0
for at in range(0, len(whole), step):
    flipped = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:]
    try:
        wrong = verify(json.loads(flipped), None)
    except Exception as error:
        wrong = error
    assert wrong, f"accepted with byte {at} flipped: {flipped[at - 40:at + 40]}"
    refused += 1
print(refused)
"#;

#[test]
fn a_bundle_with_any_byte_changed_is_refused_by_two_verifiers() {
    let site = Site::sqlite();
    fill(&site);
    let range = ["--org", "northwind", "--service", "operations", "--from", "4", "--to", "5"];
    let (code, pretty) = site.run(&[&["log", "bundle"], &range[..]].concat());
    assert_eq!(code, 0, "{pretty}");
    // Without blanks, so that every byte means something.
    let bundle: Value = serde_json::from_str(&pretty).expect("a bundle");
    let text = bundle.to_string();
    let mut checks = 0;
    assert!(verified(text.as_bytes()));
    for at in 0..text.len() {
        let mut flipped = text.clone().into_bytes();
        flipped[at] ^= 1;
        assert!(!verified(&flipped), "accepted with byte {at} flipped: {:?}", &text[at..]);
        checks += 1;
    }

    let file = site.folder.data().join("bundle.json");
    std::fs::write(&file, &text).expect("a file");
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let python = |arguments: &[&std::ffi::OsStr]| {
        let output = Command::new("python3").arg("-B").args(arguments).output();
        let output = output.expect("python3 is installed");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.code(), said)
    };
    let verifier = docs.join("verify_bundle.py");
    let (code, said) = python(&[verifier.as_ref(), file.as_ref()]);
    assert_eq!(code, Some(0), "{said}");
    let step = if are_long() { 1 } else { (text.len() / FLIPPED_BYTES.count()).max(1) }.to_string();
    let (code, said) =
        python(&["-c".as_ref(), FLIPS.as_ref(), docs.as_ref(), file.as_ref(), step.as_ref()]);
    assert_eq!(code, Some(0), "{said}");
    let by_python = said.trim().parse::<usize>().expect("a count");
    FLIPPED_BYTES.report(by_python);
    checks += by_python;
    let mut flipped = text.into_bytes();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    std::fs::write(&file, flipped).expect("a file");
    assert_eq!(python(&[verifier.as_ref(), file.as_ref()]).0, Some(1));
    assert_eq!(site.run(&["verify", "--bundle", file.to_str().expect("a name")]).0 & !2, 1);
    report_checks(checks);
}

fn verified(text: &[u8]) -> bool {
    serde_json::from_slice::<Bundle>(text).is_ok_and(|bundle| bundle.verify().is_ok())
}
