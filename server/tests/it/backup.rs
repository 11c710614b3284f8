//! Backups: taken while writers work, restored whole, refused when anything is wrong with them.

use crate::client::Client;
use crate::process::{Folder, Server, run};
use crate::site::{CUSTOMERS, Site, signed_in};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use testkit::data::report_checks;

const WRITERS: usize = 8;
/// Records of each writer before the backup, and at least as many after it.
const BEFORE: usize = 5;

fn create(client: &mut Client, name: &str) -> String {
    let body = json!({"name": name, "code": name, "email": format!("{name}@example.org")});
    let answer = client.ask("POST", CUSTOMERS, &body.to_string()).expect("up");
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.id().to_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a name in Unicode")
}

#[test]
fn a_backup_under_writers_restores_to_a_verified_log_with_all_that_was_there() {
    let (site, places, restored) = (Site::sqlite(), Folder::new(), Folder::new());
    std::fs::create_dir_all(places.data()).expect("a folder");
    let archive = places.data().join("backup.megalith");
    let secret = places.data().join("archive.key");
    std::fs::write(&secret, "5a".repeat(32)).expect("a file");
    let (archive, secret) = (text(&archive), text(&secret));
    let server = site.serve();
    let client = signed_in(&server);
    let backed_up = AtomicBool::new(false);
    let barrier = std::sync::Barrier::new(WRITERS + 1);
    let before: Vec<String> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (mut client, barrier, backed_up) = (client.another(), &barrier, &backed_up);
                scope.spawn(move || {
                    let name = |number: usize| format!("w{writer}-{number}");
                    let ids = (0..BEFORE).map(|number| create(&mut client, &name(number)));
                    let ids: Vec<String> = ids.collect();
                    barrier.wait();
                    let mut number = BEFORE;
                    while number < 2 * BEFORE || !backed_up.load(Ordering::SeqCst) {
                        create(&mut client, &name(number));
                        number += 1;
                    }
                    ids
                })
            })
            .collect();
        barrier.wait();
        let done = site.run(&["backup", archive, "--archive-key", secret, "--json"]);
        backed_up.store(true, Ordering::SeqCst);
        let told: Value = serde_json::from_str(&done.1).unwrap_or_else(|_| panic!("{}", done.1));
        assert_eq!((done.0, &told["files"], &told["encrypted"]), (0, &2.into(), &true.into()));
        writers.into_iter().flat_map(|writer| writer.join().expect("a writer")).collect()
    });
    assert_eq!(server.stop(), 0);
    let again = site.run(&["backup", archive]);
    assert!(again.0 == 3 && again.1.contains("exists already"), "{again:?}");

    // What comes after the backup is in heads.log too: the restore goes back behind it.
    let keys = site.folder.data().join("keys");
    let with_keys =
        |arguments: &[&str]| run(restored.data(), &[&["--keys", text(&keys)], arguments].concat());
    let restore = ["restore", archive, "--archive-key", secret];
    let (code, out, err) = with_keys(&restore);
    assert_eq!(code, 0, "{out}{err}");
    let (code, out, err) = with_keys(&["verify"]);
    assert_eq!(code, 0, "{out}{err}");
    let (code, _, err) = with_keys(&restore);
    assert!(code == 3 && err.contains("holds databases already"), "{err}");

    let server = Server::start(restored.data(), &["--keys", text(&keys)]);
    let mut client = signed_in(&server);
    for id in &before {
        let read = client.ask("GET", &format!("{CUSTOMERS}/{id}"), "").expect("up");
        assert_eq!(read.status, 200, "{read:?}");
        assert!(read.json["email"].is_string(), "personal values can be read: {read:?}");
    }
    create(&mut client, "after");
    assert_eq!(server.stop(), 0);
    let (code, out, err) = with_keys(&["verify"]);
    assert_eq!(code, 0, "{out}{err}");
    report_checks(before.len());
}

#[test]
fn a_damaged_archive_a_wrong_key_and_foreign_keys_are_refused_and_change_nothing() {
    let (site, other, places) = (Site::sqlite(), Site::sqlite(), Folder::new());
    std::fs::create_dir_all(places.data()).expect("a folder");
    let path = |name: &str| places.data().join(name);
    for site in [&site, &other] {
        assert_eq!(site.serve().stop(), 0);
    }
    for (name, digits) in [("right.key", "5a"), ("wrong.key", "5b")] {
        std::fs::write(path(name), digits.repeat(32)).expect("a file");
    }
    std::fs::write(path("short.key"), "5a").expect("a file");
    let (right, wrong, short) = (path("right.key"), path("wrong.key"), path("short.key"));
    let (plain, sealed) = (path("plain"), path("sealed"));
    assert_eq!(site.run(&["backup", text(&plain)]).0, 0);
    assert_eq!(site.run(&["backup", text(&sealed), "--archive-key", text(&right)]).0, 0);
    for (name, archive) in [("plain-flipped", &plain), ("sealed-flipped", &sealed)] {
        let mut bytes = std::fs::read(archive).expect("an archive");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(path(name), &bytes).expect("a file");
        bytes[middle] ^= 1;
        std::fs::write(path(name).with_extension("cut"), &bytes[..bytes.len() - 1])
            .expect("a file");
    }
    let keys = |site: &Site| site.folder.data().join("keys");
    let (own, foreign) = (keys(&site), keys(&other));
    let heads = std::fs::read(own.join("heads.log")).expect("heads");
    let target = path("target");
    let rows: [(&str, &Path, Option<&Path>, &str); 9] = [
        ("plain-flipped", &own, None, "damaged"),
        ("plain-flipped.cut", &own, None, ""),
        ("sealed-flipped", &own, Some(&right), "damaged"),
        ("sealed-flipped.cut", &own, Some(&right), "cut off"),
        ("sealed", &own, Some(&wrong), "the key is not that of the archive"),
        ("sealed", &own, Some(&short), "64 hexadecimal digits"),
        ("sealed", &own, None, "--archive-key"),
        ("plain", &foreign, None, "another key"),
        ("right.key", &own, None, "no archive of megalith"),
    ];
    for (name, keys, key, expected) in rows {
        let archive = path(name);
        let mut arguments = vec!["--keys", text(keys), "restore", text(&archive)];
        arguments.extend(key.iter().flat_map(|key| ["--archive-key", text(key)]));
        let (code, out, err) = run(&target, &arguments);
        assert!(code == 3 && err.contains(expected), "{name}: {out}{err}");
        let left: Vec<_> = std::fs::read_dir(&target)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name())
            .filter(|name| name != "megalith.lock")
            .collect();
        assert!(left.is_empty(), "{name} leaves {left:?}");
    }
    assert_eq!(std::fs::read(own.join("heads.log")).expect("heads"), heads);
    report_checks(rows.len());
}
