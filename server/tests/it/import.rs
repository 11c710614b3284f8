//! An import as its users do it: on the command line, beside a running server and without one.

use crate::process::{Folder, Server, run};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Small data in the shape of Northwind, of the project's own making.
fn small() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/exchange/tests/data/northwind")
}

/// What an import of a data set comes to.
struct Expected {
    orders: u64,
    lines: u64,
    customers: u64,
    items: u64,
    suppliers: u64,
    employees: u64,
    net: &'static str,
    freight: &'static str,
    /// A day with orders before and after it.
    day: &'static str,
}

fn json(folder: &Folder, arguments: &[&str]) -> Value {
    let (code, out, err) = run(folder.data(), arguments);
    assert_eq!(code, 0, "{arguments:?}: {out}{err}");
    serde_json::from_str(&out).unwrap()
}

fn counts(report: &Value) -> [u64; 5] {
    ["read", "created", "updated", "unchanged", "refused"]
        .map(|name| report[name].as_u64().unwrap())
}

/// How many records of a path the administrator sees.
fn seen(server: &Server, token: &str, path: &str) -> u64 {
    let (status, page) =
        server.ask("GET", &format!("/api/v1/{path}?count=true&page_size=1"), token, "");
    assert_eq!(status, 200, "{page}");
    page["total_size"].as_u64().unwrap()
}

/// The sums that commits keep are those that a query over the orders finds.
fn sums_agree(server: &Server, token: &str, as_of: &str, filter: &str) {
    let orders = "/api/v1/operations/sales-orders";
    let kept = format!("{orders}:totals?of=by_customer{as_of}");
    let found = format!("{orders}:aggregate?group_by=customer&select=count(),sum(total){filter}");
    let [kept, found] = [kept, found].map(|path| {
        let (status, answer) = server.ask("GET", &path, token, "");
        assert_eq!(status, 200, "{path}: {answer}");
        let mut items = answer["items"].as_array().unwrap().clone();
        items.retain(|item| item["count()"] != 0);
        items.sort_by_key(|item| item["customer"].as_str().unwrap().to_owned());
        items
    });
    assert!(!kept.is_empty());
    assert_eq!(kept, found, "{as_of}");
    let one = kept[0]["customer"].as_str().unwrap();
    let path = format!("{orders}:totals?of=by_customer&customer={one}{as_of}");
    assert_eq!(server.ask("GET", &path, token, "").1["items"][0], kept[0]);
}

/// A batch over HTTP and its undo.
fn a_batch_is_taken_back(server: &Server, token: &str) {
    let customers = seen(server, token, "operations/customers");
    let body =
        r#"{"atomic": true, "commands": [{"create": {"name": "A"}}, {"create": {"name": "B"}}]}"#;
    let path = "/api/v1/operations/customers:batch";
    let (status, done) = server.ask("POST", path, token, body);
    assert_eq!((status, &done["results"][1]["status"]), (200, &201.into()), "{done}");
    assert_eq!(seen(server, token, "operations/customers"), customers + 2);
    let set = format!("/api/v1/platform/change-sets/{}", done["change_set"].as_str().unwrap());
    let (status, preview) = server.ask("POST", &format!("{set}:undo?preview=true"), token, "");
    assert_eq!((status, &preview["undone"]), (200, &2.into()), "{preview}");
    let (status, undone) = server.ask("POST", &format!("{set}:undo"), token, "");
    assert_eq!((status, &undone["state"]), (200, &"undone".into()), "{undone}");
    assert_eq!(seen(server, token, "operations/customers"), customers);
}

/// Imports, asks, imports again and takes it back.
fn there_and_back(source: &Path, expected: &Expected) {
    let folder = Folder::new();
    let source = source.to_str().unwrap();
    let import = ["import", source, "--org", "northwind", "--create-org", "--json"];
    let first = json(&folder, &import);
    let [read, created, updated, unchanged, refused] = counts(&first);
    assert_eq!((read, updated, unchanged, refused), (created, 0, 0, 0), "{first}");

    let server = Server::start(folder.data(), &[]);
    let token = server.sign_in();
    for (path, count) in [
        ("operations/sales-orders", expected.orders),
        ("operations/customers", expected.customers),
        ("operations/items", expected.items),
        ("operations/suppliers", expected.suppliers),
        ("hr/employees", expected.employees),
    ] {
        assert_eq!(seen(&server, &token, path), count, "{path}");
    }
    let orders = first["steps"].as_array().unwrap().iter();
    let mut orders = orders.filter(|step| step["entity"] == "operations.sales_order");
    assert_eq!(orders.next().unwrap()["counts"]["lines"], expected.lines);
    let path = "/api/v1/operations/sales-orders:aggregate?select=sum(net),sum(freight)";
    let (_, sums) = server.ask("GET", path, &token, "");
    assert_eq!(sums["items"][0]["sum(net)"]["amount"], expected.net, "{sums}");
    assert_eq!(sums["items"][0]["sum(freight)"]["amount"], expected.freight, "{sums}");
    let managers = "/api/v1/hr/employees?filter=manager%20==%20null&count=true";
    assert_eq!(server.ask("GET", managers, &token, "").1["total_size"], 1, "a tree has one top");

    sums_agree(&server, &token, "", "");
    let day = expected.day;
    let filter = format!("&filter=ordered_on%20%3C%3D%20date('{day}')");
    sums_agree(&server, &token, &format!("&as_of={day}"), &filter);
    a_batch_is_taken_back(&server, &token);

    let again = json(&folder, &import);
    assert_eq!(counts(&again), [read, 0, 0, read, 0]);
    let dry = json(&folder, &[&import[..], &["--dry-run"]].concat());
    assert_eq!((counts(&dry), &dry["change_set"]), ([read, 0, 0, read, 0], &Value::Null));

    let change_set = first["change_set"].as_str().unwrap();
    let undo = ["undo", "--org", "northwind", change_set, "--json"];
    let preview = json(&folder, &[&undo[..], &["--preview"]].concat());
    assert_eq!((preview["undone"].as_u64(), &preview["change_set"]), (Some(read), &Value::Null));
    assert_eq!(seen(&server, &token, "operations/sales-orders"), expected.orders);
    let undone = json(&folder, &undo);
    assert_eq!(undone["conflicts"], Value::Array(Vec::new()));
    let paths = ["sales-orders", "customers", "items", "suppliers", "carriers", "stock-moves"];
    for path in paths {
        assert_eq!(seen(&server, &token, &format!("operations/{path}")), 0, "{path}");
    }
    assert_eq!(seen(&server, &token, "hr/employees"), 0);
    let sets = json(&folder, &["changesets", "--org", "northwind", "--json"]);
    let sets: Vec<(&str, &str)> = sets
        .as_array()
        .unwrap()
        .iter()
        .map(|set| (set["kind"].as_str().unwrap(), set["state"].as_str().unwrap()))
        .collect();
    let expected = [
        ("undo", "closed"),
        ("import", "closed"),
        ("undo", "closed"),
        ("batch", "undone"),
        ("import", "undone"),
    ];
    assert_eq!(sets, expected);
    assert_eq!(server.stop(), 0);
    assert_eq!(run(folder.data(), &["verify"]).0, 0);
}

#[test]
fn northwind_comes_in_whole_once_and_goes_out_whole() {
    let Some(source) = testkit::data::set("northwind", 20) else { return };
    let expected = Expected {
        orders: 830,
        lines: 2_155,
        customers: 93,
        items: 77,
        suppliers: 29,
        employees: 9,
        net: "1265793.29",
        freight: "64942.69",
        day: "1997-03-14",
    };
    there_and_back(&source, &expected);
    testkit::data::report_checks(20);
}

#[test]
fn a_small_company_comes_in_whole_once_and_goes_out_whole() {
    let expected = Expected {
        orders: 2,
        lines: 3,
        customers: 2,
        items: 2,
        suppliers: 1,
        employees: 2,
        net: "57.23",
        freight: "33.88",
        day: "2020-07-04",
    };
    there_and_back(&small(), &expected);
}

#[test]
fn refused_rows_stand_beside_the_source_and_come_in_when_they_are_mended() {
    let folder = Folder::new();
    let rows = folder.data().join("rows");
    std::fs::create_dir_all(&rows).unwrap();
    let (source, map) = (rows.join("clients.csv"), rows.join("map.toml"));
    std::fs::write(&source, "no,name,country\n1,North,DE\n2,South,Atlantis\n").unwrap();
    std::fs::write(
        &map,
        "name = \"clients\"\n[org]\ncountry = \"DE\"\ncurrency = \"EUR\"\n[[step]]\n\
         file = \"clients.csv\"\nentity = \"operations.customer\"\nkey = \"no\"\n\
         [step.fields]\nname = \"name\"\ncountry = \"country\"\n",
    )
    .unwrap();
    let name = |path: &Path| path.to_str().unwrap().to_owned();
    let (source, map) = (name(&source), name(&map));
    let data = Folder::new();
    let flags = |source: &str| {
        ["import", source, "--org", "acme", "--create-org", "--map", &map, "--json"]
            .map(str::to_owned)
    };
    let import = |source: &str| {
        let flags = flags(source);
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        run(data.data(), &flags)
    };
    let (code, out, err) = import(&source);
    assert_eq!(code, 1, "{out}{err}");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(counts(&report), [2, 1, 0, 0, 1]);
    let refused = report["refused_files"][0].as_str().unwrap();
    let text = std::fs::read_to_string(refused).unwrap();
    assert!(text.contains("2,South,Atlantis,3,"), "{text}");
    std::fs::write(refused, text.replace("Atlantis", "FR")).unwrap();
    let (code, out, err) = import(refused);
    assert_eq!(code, 0, "{out}{err}");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(counts(&report), [1, 1, 0, 0, 0]);

    let export = ["export", "operations.customers", "--org", "acme", "--fields", "name,country"];
    let (code, out, _) = run(data.data(), &export);
    assert_eq!((code, out.lines().count()), (0, 3), "{out}");
    let (code, out, _) = run(
        data.data(),
        &[&export[..], &["--filter", "country == 'FR'", "--format", "jsonl"]].concat(),
    );
    assert_eq!((code, out.trim()), (0, r#"{"name":"South","country":"FR"}"#));
}

#[test]
fn what_an_import_cannot_do_is_told_by_its_exit_code() {
    let folder = Folder::new();
    let rows = folder.data().join("rows");
    std::fs::create_dir_all(&rows).unwrap();
    let clients = rows.join("customers.csv");
    std::fs::write(&clients, "CustomerID,CompanyName\n1,North\n").unwrap();
    let clients = clients.to_str().unwrap();
    let data = Folder::new();
    for (arguments, code, text) in [
        (&["import", clients][..], 2, "--org"),
        (&["import", clients, "--org", "acme"], 2, "entity = \"operations.customer\""),
        (&["import", "/no/such/file", "--org", "acme"], 3, "/no/such/file"),
        (&["import", clients, "--org", "acme", "--map", "northwint"], 2, "northwind"),
        (&["export", "operations.custmer", "--org", "acme"], 2, "did you mean operations.customer"),
        (&["undo", "--org", "acme", "so_1"], 2, "cs_"),
    ] {
        let (found, out, err) = run(data.data(), arguments);
        assert_eq!(found, code, "{arguments:?}: {out}{err}");
        assert!((out + &err).contains(text), "{arguments:?}");
    }
}

#[test]
fn an_explanation_names_the_rule_that_decides() {
    let folder = Folder::new();
    let server = Server::start(folder.data(), &[]);
    let mut viewer = crate::process::megalith(
        folder.data(),
        &["user", "create", "bo@example.org", "--org", "northwind", "--roles", "viewer"],
    );
    let made = viewer.env("MEGALITH_PASSWORD", crate::process::PASSWORD).output().unwrap();
    assert!(made.status.success());
    for (email, verb, allowed, by) in [
        ("bo@example.org", "read", true, Value::from("default")),
        ("bo@example.org", "update", false, Value::Null),
        (crate::process::EMAIL, "update", true, Value::from("administrator")),
    ] {
        let explained = json(
            &folder,
            &["explain", "--org", "northwind", "hr.employee", verb, "--as", email, "--json"],
        );
        assert_eq!((&explained["allowed"], &explained["by"]), (&allowed.into(), &by), "{email}");
        let extent = if allowed { "all" } else { "none" };
        assert_eq!(explained["extent"], extent, "{email}: {explained}");
    }
    // A right that a condition gives is no "may not".
    let own = ["explain", "--org", "northwind", "platform.import", "cancel", "--as"];
    let own = [&own[..], &["bo@example.org"]].concat();
    let explained = json(&folder, &[&own[..], &["--json"]].concat());
    assert_eq!(
        (explained["extent"].as_str(), explained["condition"].as_str()),
        (Some("some"), Some("begun_by == user.id")),
        "{explained}"
    );
    let (code, out, err) = run(folder.data(), &own);
    let said = "bo@example.org may platform.import:cancel on some records: begun_by == user.id";
    assert_eq!((code, out.lines().next()), (0, Some(said)), "{out}{err}");
    drop(server);
}
