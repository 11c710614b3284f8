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

#[test]
fn what_cannot_be_asked_from_afar_is_refused_with_what_to_do() {
    let folder = Folder::new();
    let server = Server::start(folder.data(), &[]);
    let token = server.sign_in();
    let list = ["changesets", "--org", "northwind"];
    let rows: [(&str, &[&str], i32, &str); 6] = [
        ("", &list, 2, "MEGALITH_TOKEN"),
        ("mgl_wrong", &list, 3, "("),
        (&token, &["changesets", "--org", "other"], 3, "is a token of northwind, not of other"),
        (&token, &["verify"], 2, "on the machine that holds the data"),
        (&token, &["export", "operations.costumer", "--org", "northwind"], 2, "did you mean"),
        (&token, &["import", "/no/such", "--org", "northwind"], 2, "name a file"),
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
