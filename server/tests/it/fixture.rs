//! Data folders and databases as earlier releases wrote them: this version opens a copy, keeps what
//! it changes, verifies their logs and reads their records back.
//!
//! Each release has a folder in `tests/fixtures`; `cargo xtask fixture` writes the one of the
//! version at hand.

use crate::client::Client;
use crate::process::{Folder, Server};
use crate::site::{CUSTOMERS, Site, signed_in};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Map, Value, json};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use testkit::data::report_checks;
use testkit::postgres::cluster;

/// The variable that names the folder for a new fixture; without it one is written and thrown away.
const WRITE_TO: &str = "MEGALITH_WRITE_FIXTURE";
/// What is in a fixture.
const EXPECTED: &str = "expected.json";
const FILES: &str = "sqlite.files.gz";
const DUMP: &str = "postgres.sql.gz";
const KEYS: [&str; 3] = ["keys/heads.log", "keys/master.key", "keys/signing.key"];
/// A fixture is small, or nobody clones it gladly: its files together, in bytes.
const LARGEST: u64 = 300_000;

/// Makes records of several kinds and gives them by their paths.
fn fill(server: &Server) -> Map<String, Value> {
    let mut client = signed_in(server);
    let mut make = |path: &str, body: Value| {
        let answer = client.ask("POST", path, &body.to_string()).expect("up");
        assert_eq!(answer.status, 201, "{path}: {answer:?}");
        format!("{path}/{}", answer.id())
    };
    let id = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let address = json!({"street": "54, rue Royale", "city": "Nantes", "country": "FR"});
    let customer = make(
        CUSTOMERS,
        json!({"name": "Françoise Ünal", "code": "FRANR", "email": "f@example.org",
               "notes": "old friends", "address": address, "external_ids": {"shop": "7"}}),
    );
    let unit = make("/api/v1/operations/units", json!({"code": "box", "name": "Box"}));
    let wine = json!({"name": "Côte de Blaye", "sku": "38", "unit": id(&unit), "price": "263.50",
                      "currency": "EUR"});
    let item = make("/api/v1/operations/items", wine);
    let line = json!({"item": id(&item), "quantity": "2.5", "price": "263.50", "discount": "0.05"});
    let order = make(
        "/api/v1/operations/sales-orders",
        json!({"customer": id(&customer), "ordered_on": "2026-07-04", "currency": "EUR",
               "freight": {"amount": "32.38", "currency": "EUR"}, "lines": [line.clone(), line]}),
    );
    let department = make("/api/v1/hr/departments", json!({"name": "Sales", "code": "S"}));
    let boss = json!({"first_name": "Ada", "last_name": "King", "department": id(&department)});
    let boss = make("/api/v1/hr/employees", boss);
    let clerk = json!({"first_name": "Bo", "last_name": "Ek", "manager": id(&boss)});
    let clerk = make("/api/v1/hr/employees", clerk);
    let gone = make(CUSTOMERS, json!({"name": "Gone", "code": "GONE"}));
    assert_eq!(client.ask("DELETE", &gone, "").expect("up").status, 204);
    for act in ["confirm", "ship"] {
        let done = client.ask("POST", &format!("{order}:{act}"), "{}").expect("up");
        assert_eq!(done.status, 200, "{act}: {done:?}");
    }
    let paths = [customer, unit, item, order, department, boss, clerk];
    paths.into_iter().map(|path| (path.clone(), read(&mut client, &path))).collect()
}

fn read(client: &mut Client, path: &str) -> Value {
    let answer = client.ask("GET", path, "").expect("up");
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.json
}

/// Writes the fixture of this version: its records on either database, and what they are.
fn write(fixture: &Path) {
    std::fs::create_dir_all(fixture).expect("a folder");
    let mut expected = Map::new();
    for site in Site::each() {
        let server = site.serve();
        expected.insert(site.name().to_owned(), fill(&server).into());
        assert_eq!(server.stop(), 0);
        site.verify();
        let data = site.folder.data();
        let mut files: Vec<PathBuf> = KEYS.iter().map(PathBuf::from).collect();
        let name = match &site.database {
            None => {
                files.push("system.db".into());
                let org = site.org_file();
                files.push(org.strip_prefix(data).expect("inside").to_owned());
                FILES.to_owned()
            }
            Some(database) => {
                let program = cluster::programs().expect("PostgreSQL").join("pg_dump");
                let mut dump = Command::new(program);
                dump.args(["--no-owner", "--dbname", &database.admin_url]);
                let dump = dump.output().expect("pg_dump");
                let said = String::from_utf8_lossy(&dump.stderr);
                assert!(dump.status.success(), "{said}");
                pack(&fixture.join(DUMP), &dump.stdout);
                "postgres.files.gz".to_owned()
            }
        };
        let mut packed = Vec::new();
        for file in files {
            let bytes = std::fs::read(data.join(&file)).expect("a file");
            writeln!(packed, "{} {}", bytes.len(), file.display()).expect("memory");
            packed.extend(bytes);
        }
        pack(&fixture.join(name), &packed);
    }
    let text = format!("{:#}\n", Value::from(expected));
    std::fs::write(fixture.join(EXPECTED), text).expect("a file");
}

fn pack(path: &Path, bytes: &[u8]) {
    let file = std::fs::File::create(path).expect("a file");
    let mut packer = GzEncoder::new(file, Compression::best());
    packer.write_all(bytes).and_then(|()| packer.finish().map(drop)).expect("the disk has room");
}

fn unpack(path: &Path) -> Vec<u8> {
    let file = std::fs::File::open(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    let mut bytes = Vec::new();
    GzDecoder::new(file).read_to_end(&mut bytes).expect("a packed file");
    bytes
}

/// Puts packed files into a data folder: each is a line with its length and name, and its bytes.
fn lay_out(packed: &[u8], data: &Path) {
    let mut rest = packed;
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n').expect("a line");
        let line = std::str::from_utf8(&rest[..end]).expect("text");
        let (length, name) = line.split_once(' ').expect("a length and a name");
        let (bytes, after) = rest[end + 1..].split_at(length.parse().expect("a length"));
        let path = data.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
        rest = after;
    }
}

/// A site with a copy of a fixture.
fn site_of(fixture: &Path, site: Site) -> Site {
    let files = if site.database.is_some() { "postgres.files.gz" } else { FILES };
    lay_out(&unpack(&fixture.join(files)), site.folder.data());
    if let Some(database) = &site.database {
        let script = site.folder.data().join("dump.sql");
        std::fs::write(&script, unpack(&fixture.join(DUMP))).expect("a file");
        let mut load = cluster::psql_command(&database.admin_url, "SELECT 1");
        let loaded = load.arg("-f").arg(&script).output().expect("psql");
        assert!(loaded.status.success(), "{}", String::from_utf8_lossy(&loaded.stderr));
    }
    site
}

/// Opens a copy of a fixture on either database; gives how many records were read back.
fn opens(fixture: &Path) -> usize {
    let expected = std::fs::read_to_string(fixture.join(EXPECTED)).expect("a fixture");
    let expected: Value = serde_json::from_str(&expected).expect("JSON");
    let mut checks = 0;
    for site in Site::each() {
        let site = site_of(fixture, site);
        let in_files = site.database.is_none();
        let pending = if in_files { site.run(&["migrate", "--check"]).0 } else { 0 };
        assert!(pending <= 1, "the copy is of an earlier version");
        let server = site.serve();
        assert_eq!(server.ask("GET", "/readyz", "", "").0, 200);
        let mut client = signed_in(&server);
        let records = expected[site.name()].as_object().expect("records");
        assert!(records.len() >= 7, "{}", fixture.display());
        for (path, before) in records {
            let now = read(&mut client, path);
            for (field, value) in before.as_object().expect("a record") {
                assert_eq!(&now[field], value, "{path} {field} on {}", site.name());
            }
            checks += 1;
        }
        // What was there goes on: a record is changed, another one found by its words.
        let customer = records.keys().find(|path| path.starts_with(CUSTOMERS)).expect("one");
        let changed = client.ask("PATCH", customer, r#"{"notes":"newer"}"#).expect("up");
        assert_eq!(changed.status, 200, "{changed:?}");
        let found =
            client.ask("GET", &format!("{CUSTOMERS}?q=Fran%C3%A7oise"), "").expect("up").json;
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
        assert_eq!(server.stop(), 0);
        site.verify();
        if in_files {
            let folders = [site.folder.data().to_owned(), site.folder.data().join("orgs")];
            let copies = folders.iter().flat_map(|folder| std::fs::read_dir(folder).expect("one"));
            let copies = copies
                .filter_map(|entry| entry.ok()?.path().extension()?.to_str().map(str::to_owned));
            let copies = copies.filter(|end| end == "backup").count();
            assert_eq!(copies > 0, pending == 1, "a copy is kept if the shape changes, only then");
        }
    }
    checks
}

/// The folder of fixtures, one for each release.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

#[test]
fn what_earlier_releases_wrote_is_opened_kept_verified_and_read_back() {
    let mut checks = 0;
    let mut releases: Vec<PathBuf> = std::fs::read_dir(fixtures())
        .expect("a folder of fixtures")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    releases.sort();
    for fixture in &releases {
        let files = std::fs::read_dir(fixture).expect("a fixture").filter_map(Result::ok);
        let size: u64 = files.filter_map(|file| Some(file.metadata().ok()?.len())).sum();
        assert!(size <= LARGEST, "{} has {size} bytes", fixture.display());
        checks += opens(fixture);
    }
    assert!(checks > 0, "there is a fixture");
    report_checks(checks);
}

#[test]
fn the_fixture_of_this_version_can_be_written_and_opened() {
    let thrown_away = Folder::new();
    let target = match std::env::var_os(WRITE_TO) {
        Some(folder) => PathBuf::from(folder),
        None => thrown_away.data().to_owned(),
    };
    write(&target);
    report_checks(opens(&target));
}
