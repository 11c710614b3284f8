//! Commands of a server elsewhere: `--server URL` with a token, through the public interface.

use crate::process::{Folder, Server, megalith};
use serde_json::Value;

/// Runs a command from a machine that has no data, with a token or without.
fn from_afar(server: &Server, token: &str, arguments: &[&str]) -> (i32, String, String) {
    let nowhere = Folder::new();
    let address = format!("http://{}", server.address);
    let mut command = megalith(nowhere.data(), &["--server", &address]);
    let output = command.args(arguments).env("MEGALITH_TOKEN", token).output().expect("it starts");
    assert!(!nowhere.data().exists(), "no data folder is made");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

#[test]
fn a_table_goes_in_comes_out_and_is_taken_back_over_the_public_interface() {
    let (folder, tables) = (Folder::new(), Folder::new());
    let server = Server::start(folder.data(), &[]);
    let token = server.sign_in();
    let ask = |arguments: &[&str]| from_afar(&server, &token, arguments);

    std::fs::create_dir_all(tables.data()).expect("a folder");
    let table = tables.data().join("customers.csv");
    std::fs::write(&table, "code,name\nC1,Åse\nC2,Bo\n,\n").expect("a file");
    let map = tables.data().join("map.toml");
    let mapping = "name = \"afar\"\ntitle = \"From afar\"\n[[step]]\nfile = \"*.csv\"\n\
                   entity = \"operations.customer\"\nkey = \"code\"\n[step.fields]\n\
                   name = \"name\"\ncode = \"code\"\n";
    std::fs::write(&map, mapping).expect("a file");
    let (table, map) = (table.to_str().expect("a name"), map.to_str().expect("a name"));
    let import = ["import", table, "--org", "northwind", "--map", map, "--json"];
    let (code, out, err) = ask(&import);
    assert_eq!(code, 1, "a row without a name is refused: {out}{err}");
    let answer: Value = serde_json::from_str(&out).expect("JSON");
    let counts = ["read", "created", "refused"].map(|name| answer[name].as_u64());
    assert_eq!(counts, [Some(3), Some(2), Some(1)], "{answer}");
    let change_set = answer["change_set"].as_str().expect("a change set");
    let refused = tables.data().join("customers.refused.csv");
    assert_eq!(answer["refused_files"][0].as_str(), refused.to_str(), "{answer}");
    let text = std::fs::read_to_string(&refused).expect("a file of refused rows");
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows, ["code,name,_line,_reason", ",,4,the key is empty"]);

    let fields = ["--fields", "code,name", "--filter", "code == 'C1'"];
    let export = [&["export", "operations.customer", "--org", "northwind"][..], &fields].concat();
    let (code, out, err) = ask(&export);
    assert_eq!((code, out.lines().nth(1)), (0, Some("C1,Åse")), "{out}{err}");

    let (code, out, _) = ask(&["changesets", "--org", "northwind", "--json"]);
    let listed: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((code, listed[0]["id"].as_str()), (0, Some(change_set)), "{listed}");

    let explain = ["explain", "operations.customer", "create", "--org", "northwind", "--as"];
    let (code, out, err) = ask(&[&explain[..], &[crate::process::EMAIL]].concat());
    assert!(code == 0 && out.contains("may "), "{out}{err}");

    let undo = ["undo", change_set, "--org", "northwind", "--json"];
    let (code, out, _) = ask(&[&undo[..], &["--preview"]].concat());
    let preview: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((code, &preview["undone"]), (0, &2.into()), "{preview}");
    let (code, out, err) = ask(&undo);
    let undone: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(code, 0, "{out}{err}");
    assert!(undone["change_set"].as_str().is_some_and(|id| id.starts_with("cs_")), "{undone}");
    let (_, out, _) = ask(&export);
    assert_eq!(out.lines().count(), 1, "nothing but the heading is left: {out}");
    assert_eq!(server.stop(), 0);
}

/// A mapping of customers, with one more line for its fields.
fn mapping(more: &str) -> String {
    format!(
        "name = \"afar\"\n[[step]]\nfile = \"*.csv\"\nentity = \"operations.customer\"\n\
         key = \"code\"\n[step.fields]\nname = \"name\"\ncode = \"code\"\n{more}\n"
    )
}

#[test]
fn a_table_of_any_size_goes_in_as_a_job_and_its_refused_rows_come_back_as_they_were() {
    const ROWS: u64 = 2_000;
    let (folder, tables) = (Folder::new(), Folder::new());
    let server = Server::start(folder.data(), &["--import-limit", "16"]);
    let token = server.sign_in();
    std::fs::create_dir_all(tables.data()).expect("a folder");
    let path = |name: &str| tables.data().join(name).to_str().expect("a name").to_owned();
    let write = |name: &str, text: &str| std::fs::write(path(name), text).expect("a file");
    // Longer than what one request may hold; what a spreadsheet would calculate stays as it is.
    let row = |no: u64| match no % 500 {
        0 => format!("C{no},,=cmd(),\n"),
        _ => format!("C{no},Customer {no},+49 {no},{}\n", "x".repeat(6_000)),
    };
    let rows: String = (1..=ROWS).map(row).collect();
    assert!(rows.len() > 11 << 20);
    write("many.csv", &format!("code,name,note,rest\n{rows}"));
    write("map.toml", &mapping(""));
    write("wrong.toml", &mapping("nme = \"name\""));
    write("huge.csv", &format!("code,name\n1,{}\n", "x".repeat(17 << 20)));
    let import = |table: &str, map: &str, more: &[&str]| {
        let (table, map) = (path(table), path(map));
        let asked = ["import", &table, "--org", "northwind", "--map", &map, "--json"];
        from_afar(&server, &token, &[&asked[..], more].concat())
    };
    let counts = |text: &str| {
        let told: Value = serde_json::from_str(text).expect("JSON");
        ["read", "created", "unchanged", "refused"]
            .map(|name| told[name].as_u64().expect("a count"))
    };
    let bad = ROWS / 500;

    let (code, out, err) = import("many.csv", "map.toml", &["--dry-run"]);
    assert_eq!((code, counts(&out)), (1, [ROWS, ROWS - bad, 0, bad]), "{out}{err}");
    assert!(err.contains("operations.customer: "), "it says how far it is: {err}");
    let (code, out, err) = import("many.csv", "map.toml", &[]);
    assert_eq!((code, counts(&out)), (1, [ROWS, ROWS - bad, 0, bad]), "{out}{err}");
    let refused = std::fs::read_to_string(path("many.refused.csv")).expect("refused rows");
    let first = refused.lines().nth(1).unwrap_or_default();
    assert!(first.starts_with("C500,,=cmd(),,501,name "), "{refused}");
    // Mended, they come in by the same mapping; a second run changes nothing.
    let mended = refused.replace(",,=cmd()", ",Mended,=cmd()");
    write("mended.csv", &mended);
    let (code, out, err) = import("mended.csv", "map.toml", &[]);
    assert_eq!((code, counts(&out)), (0, [bad, bad, 0, 0]), "{out}{err}");
    let (code, out, err) = import("mended.csv", "map.toml", &[]);
    assert_eq!((code, counts(&out)), (0, [bad, 0, bad, 0]), "{out}{err}");

    let (code, _, err) = import("many.csv", "wrong.toml", &[]);
    assert!(code == 2 && err.contains("nme"), "{err}");
    let (code, _, err) = import("huge.csv", "map.toml", &[]);
    assert!(code == 3 && err.contains("16 MiB"), "{err}");
    let table = path("mended.csv");
    let (code, out, err) = from_afar(&server, &token, &["import", &table, "--org", "northwind"]);
    assert!(code == 2 && out.contains("name = ") && err.contains("--map"), "{out}{err}");
    assert_eq!(server.stop(), 0);
}

#[test]
fn what_cannot_be_asked_from_afar_is_refused_with_what_to_do() {
    let folder = Folder::new();
    let server = Server::start(folder.data(), &[]);
    let token = server.sign_in();
    let list = ["changesets", "--org", "northwind"];
    let rows: [(&str, &[&str], i32, &str); 7] = [
        ("", &list, 2, "MEGALITH_TOKEN"),
        ("mgl_wrong", &list, 3, "("),
        (&token, &["changesets", "--org", "other"], 3, "is a token of northwind, not of other"),
        (&token, &["verify"], 2, "on the machine that holds the data"),
        (&token, &["export", "operations.costumer", "--org", "northwind"], 2, "did you mean"),
        (&token, &["import", "/no/such", "--org", "northwind"], 3, "no file or folder"),
        (&token, &["import", "/tmp", "--org", "northwind"], 2, "name a file"),
    ];
    for (token, arguments, code, text) in rows {
        let (found, out, err) = from_afar(&server, token, arguments);
        assert_eq!((found, err.contains(text)), (code, true), "{arguments:?}: {out}{err}");
    }
    let nowhere = Folder::new();
    for (address, text) in [
        ("http://example.org", "use https://"),
        ("example.org", "begins with https://"),
        ("http://127.0.0.1/api", "ends with the host or port"),
    ] {
        let mut command = megalith(nowhere.data(), &["--server", address]);
        let output = command.args(list).env("MEGALITH_TOKEN", &token).output().expect("it starts");
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), err.contains(text)), (Some(2), true), "{err}");
    }
    assert_eq!(server.stop(), 0);
    let (code, _, err) = from_afar_when_down(&token);
    assert!(code == 3 && err.contains("cannot ask"), "{err}");
}

/// Asks a port where nobody listens.
fn from_afar_when_down(token: &str) -> (i32, String, String) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let nowhere = Folder::new();
    let mut command = megalith(nowhere.data(), &["--server", &address, "changesets", "--org", "x"]);
    let output = command.env("MEGALITH_TOKEN", token).output().expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}
