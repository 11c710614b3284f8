//! What keeps an installation from working for a while, or until someone acts: it says so, says
//! what to do, reads where it can, and goes on by itself once the cause is gone.

use crate::client::{Answer, Client};
use crate::process::Folder;
use crate::site::{CUSTOMERS, Site, signed_in};
use serde_json::json;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use testkit::data::report_checks;
use testkit::postgres::cluster::{Cluster, programs, psql};

/// How often something is asked for that must come, a moment apart.
const PATIENCE: usize = 600;

fn create(client: &mut Client, name: &str) -> Answer {
    let body = json!({"name": name, "code": name}).to_string();
    client.ask("POST", CUSTOMERS, &body).expect("the server answers")
}

fn moment() {
    std::thread::sleep(Duration::from_millis(50));
}

#[test]
fn a_second_server_on_one_folder_is_told_where_the_first_one_answers() {
    let site = Site::sqlite();
    let server = site.serve();
    let (code, text) = site.refused();
    assert_eq!(code, 3, "{text}");
    assert!(text.contains(&server.address) && text.contains("choose another --data"), "{text}");
    assert_eq!(server.ask("GET", "/readyz", "", "").0, 200, "the first one is not disturbed");
}

/// Sets the format of a file, as a newer program would.
fn set_format(path: &Path, format: i32) {
    let raw = rusqlite::Connection::open(path).expect("a database");
    raw.pragma_update(None, "user_version", format).expect("it runs");
}

#[test]
fn a_database_of_a_newer_program_is_refused_with_what_to_do() {
    let site = Site::sqlite();
    assert_eq!(site.serve().stop(), 0);
    let (system, org) = (site.folder.data().join("system.db"), site.org_file());
    set_format(&system, 99);
    let doctor = site.run(&["doctor"]);
    for ((code, text), expected) in [(site.refused(), 3), (site.run(&["verify"]), 3), (doctor, 1)] {
        assert_eq!(code, expected, "{text}");
        assert!(text.contains("newer program") && text.contains("its format is 99"), "{text}");
    }
    set_format(&system, 1);
    set_format(&org, 99);
    // One organisation's file is no reason not to serve the others.
    let server = site.serve();
    assert_eq!(server.ask("GET", "/readyz", "", "").0, 200);
    let mut client = signed_in(&server);
    for answer in [create(&mut client, "X"), client.ask("GET", CUSTOMERS, "").expect("up")] {
        assert_eq!((answer.status, answer.code()), (503, "newer_database"), "{answer:?}");
        answer.says_what_to_do();
    }
    set_format(&org, 1);
    assert_eq!(create(&mut client, "X").status, 201, "it goes on by itself");
    assert_eq!(server.stop(), 0);
    site.verify();
}

#[test]
fn a_newer_postgresql_schema_is_refused_with_what_to_do() {
    let site = Site::postgres();
    assert_eq!(site.serve().stop(), 0);
    let admin = &site.database.as_ref().expect("a database").admin_url;
    psql(admin, "UPDATE megalith.format SET version = 99").expect("it runs");
    let (code, text) = site.refused();
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("newer program"), "{text}");
}

#[test]
fn a_damaged_file_is_named_and_the_others_are_served() {
    let site = Site::sqlite();
    let server = site.serve();
    assert_eq!(create(&mut signed_in(&server), "Before").status, 201);
    assert_eq!(server.stop(), 0);
    let (system, org) = (site.folder.data().join("system.db"), site.org_file());
    let whole = std::fs::read(&org).expect("a file");
    // The first page, which names the tables; then all the others; then what is no database.
    let mut first = whole.clone();
    first[100..4096].fill(0xa5);
    let mut rest = whole.clone();
    rest[4096..].fill(0xa5);
    for damaged in [first, rest, vec![b'x'; 8192]] {
        std::fs::write(&org, &damaged).expect("a file");
        let server = site.serve();
        let mut client = signed_in(&server);
        for answer in [create(&mut client, "X"), client.ask("GET", CUSTOMERS, "").expect("up")] {
            assert_eq!((answer.status, answer.code()), (503, "database_corrupt"), "{answer:?}");
            answer.says_what_to_do();
        }
        assert_eq!(server.ask("GET", "/readyz", "", "").0, 200);
        assert_eq!(server.stop(), 0);
        let (code, text) = site.run(&["verify"]);
        assert!([1, 3].contains(&code), "{code} {text}");
    }
    std::fs::write(&org, &whole).expect("a file");
    site.verify();

    std::fs::write(&system, [b'x'; 8192]).expect("a file");
    let (code, text) = site.refused();
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("system.db") || text.contains("restore"), "{text}");
}

/// A limit on the size of files stands for a full disk: it holds for every user, root too, and
/// needs no device. Linux only, where `prlimit` changes it for a running process.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_reads_go_on_and_so_do_writes_once_there_is_room() {
    use crate::process::{EMAIL, PASSWORD, Server, megalith};
    let site = Site::sqlite();
    // With the signal ignored a write beyond the limit fails as it does on a full disk.
    let serve = megalith(site.folder.data(), &["serve", "--listen", "127.0.0.1:0"]);
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]).arg(serve.get_program());
    command.args(serve.get_args()).stdin(std::process::Stdio::null());
    command.env("MEGALITH_ADMIN_EMAIL", EMAIL).env("MEGALITH_ADMIN_PASSWORD", PASSWORD);
    let server = Server::spawn({
        command.env("MEGALITH_ORG", "Northwind");
        command
    });
    let limit = |bytes: &str| {
        let (pid, size) = (format!("--pid={}", server.pid()), format!("--fsize={bytes}:"));
        let done =
            Command::new("prlimit").args([pid, size]).status().expect("prlimit is installed");
        assert!(done.success());
    };
    let mut client = signed_in(&server);
    let kept = create(&mut client, "kept");
    let one = format!("{CUSTOMERS}/{}", kept.id());
    for round in 0..3 {
        limit("4096");
        for n in 0..5 {
            let refused = create(&mut client, &format!("during {round} {n}"));
            assert_eq!((refused.status, refused.code()), (507, "storage_full"), "{refused:?}");
            refused.says_what_to_do();
            for path in [&one, CUSTOMERS] {
                let read = client.ask("GET", path, "").expect("up");
                assert_eq!(read.status, 200, "reads go on: {read:?}");
            }
        }
        assert_eq!(client.ask("GET", "/healthz", "").expect("up").status, 200);
        limit("unlimited");
        let after = create(&mut client, &format!("after {round}"));
        assert_eq!(after.status, 201, "it goes on by itself: {after:?}");
    }
    let page = client.ask("GET", &format!("{CUSTOMERS}?count=true"), "").expect("up");
    assert_eq!(page.json["total_size"], json!(4), "nothing refused was written");
    assert_eq!(server.stop(), 0);
    site.verify();
    report_checks(3 * (5 * 3 + 2));
}

/// A folder that nothing can be written to from the start, new or in use before.
#[cfg(target_os = "linux")]
#[test]
fn a_server_that_cannot_write_does_not_start_and_names_the_file() {
    use crate::process::megalith;
    let site = Site::sqlite();
    for round in ["a new folder", "a used folder"] {
        let serve = megalith(site.folder.data(), &["serve", "--listen", "127.0.0.1:0"]);
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh"]);
        command.arg(serve.get_program()).args(serve.get_args());
        let output = command.stdin(std::process::Stdio::null()).output().expect("sh is there");
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{round}: {text}");
        assert!(text.contains(&site.folder.data().display().to_string()), "{round}: {text}");
        assert!(!text.contains("panicked"), "{round}: {text}");
        if round == "a new folder" {
            std::fs::remove_dir_all(site.folder.data()).expect("a folder");
            assert_eq!(site.serve().stop(), 0);
        }
    }
    site.verify();
    assert_eq!(site.serve().stop(), 0);
}

/// Runs `pg_ctl` on the cluster's own folder.
fn control(folder: &str, arguments: &[&str]) {
    let program = programs().expect("PostgreSQL is installed").join("pg_ctl");
    let id = Command::new("id").arg("-u").output().expect("id is there");
    // PostgreSQL refuses to run as root.
    let mut command = if id.stdout == b"0\n" {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.args(arguments).args(["-w", "-D", folder]).current_dir("/");
    command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null());
    assert!(command.status().expect("it runs").success(), "pg_ctl {arguments:?}");
}

#[test]
fn a_restarted_postgresql_is_got_over_under_load_and_nothing_acknowledged_is_lost() {
    // A cluster of its own: others' tests go on.
    let cluster = Cluster::start().expect("a cluster");
    let folder = psql(&cluster.admin_url, "SHOW data_directory").expect("it answers");
    let log = format!("{folder}/log");
    let site = Site::at(&cluster.service_url, &cluster.admin_url);
    let (server, token) = {
        let server = site.serve();
        let token = server.sign_in();
        (server, token)
    };
    let (stop, done) = (AtomicBool::new(false), AtomicUsize::new(0));
    let acknowledged: Vec<(String, String)> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let (stop, done) = (&stop, &done);
                let mut client = Client::new(&server.address, &token);
                scope.spawn(move || {
                    let mut made = Vec::new();
                    for number in 0.. {
                        if stop.load(Ordering::SeqCst) {
                            return made;
                        }
                        let name = format!("W{writer}-{number}");
                        let answer = create(&mut client, &name);
                        if answer.status == 201 {
                            made.push((answer.id().to_owned(), name));
                            done.fetch_add(1, Ordering::SeqCst);
                        } else {
                            assert_eq!(answer.status, 503, "{answer:?}");
                            answer.says_what_to_do();
                        }
                    }
                    made
                })
            })
            .collect();
        // Some writes before, between and after: a crash, an orderly restart, a stop with a pause.
        let more = |count: usize| {
            let goal = done.load(Ordering::SeqCst) + count;
            for _ in 0..PATIENCE {
                if done.load(Ordering::SeqCst) >= goal {
                    return;
                }
                moment();
            }
            panic!("writes do not go on");
        };
        more(20);
        control(&folder, &["-m", "immediate", "-l", &log, "restart"]);
        more(20);
        control(&folder, &["-m", "fast", "-l", &log, "restart"]);
        more(20);
        control(&folder, &["-m", "fast", "stop"]);
        let mut client = Client::new(&server.address, &token);
        assert_eq!(client.ask("GET", "/healthz", "").expect("up").status, 200);
        for (method, path, body) in [
            ("GET", CUSTOMERS, ""),
            ("POST", CUSTOMERS, r#"{"name":"x"}"#),
            ("POST", "/api/v1/auth/login", r#"{"email":"a@example.org","password":"a long one"}"#),
            ("GET", "/readyz", ""),
        ] {
            let refused = client.ask(method, path, body).expect("up");
            assert_eq!(refused.status, 503, "{method} {path}: {refused:?}");
            refused.says_what_to_do();
        }
        control(&folder, &["-l", &log, "start"]);
        more(20);
        stop.store(true, Ordering::SeqCst);
        writers.into_iter().flat_map(|writer| writer.join().expect("a writer")).collect()
    });
    let mut client = signed_in(&server);
    assert_eq!(client.ask("GET", "/readyz", "").expect("up").status, 200);
    for (id, name) in &acknowledged {
        let read = client.ask("GET", &format!("{CUSTOMERS}/{id}"), "").expect("up");
        assert_eq!((read.status, &read.json["name"]), (200, &json!(name)), "{read:?}");
    }
    assert_eq!(server.stop(), 0);
    site.verify();
    report_checks(acknowledged.len());
}

#[test]
fn a_postgresql_that_follows_another_is_read_and_said_to_take_no_writes() {
    let cluster = Cluster::start().expect("a cluster");
    let folder = psql(&cluster.admin_url, "SHOW data_directory").expect("it answers");
    let log = format!("{folder}/log");
    let site = Site::at(&cluster.service_url, &cluster.admin_url);
    let server = site.serve();
    let mut client = signed_in(&server);
    let one = format!("{CUSTOMERS}/{}", create(&mut client, "kept").id());
    let signal = Path::new(&folder).join("standby.signal");
    control(&folder, &["-m", "fast", "stop"]);
    std::fs::write(&signal, "").expect("a file");
    control(&folder, &["-l", &log, "start"]);
    let patch = |client: &mut Client| {
        client.ask("PATCH", &one, r#"{"notes":"new"}"#).expect("the server answers")
    };
    // The first look may still find the connections of before.
    for _ in 0..PATIENCE {
        if client.ask("GET", &one, "").expect("up").status == 200 {
            break;
        }
        moment();
    }
    for answer in [create(&mut client, "X"), patch(&mut client)] {
        assert_eq!((answer.status, answer.code()), (503, "storage_read_only"), "{answer:?}");
        answer.says_what_to_do();
    }
    for path in [&one, CUSTOMERS] {
        assert_eq!(client.ask("GET", path, "").expect("up").status, 200, "reads go on");
    }
    control(&folder, &["-m", "fast", "stop"]);
    std::fs::remove_file(&signal).expect("a file");
    control(&folder, &["-l", &log, "start"]);
    let mut last = create(&mut client, "Y");
    for _ in 0..PATIENCE {
        if last.status == 201 {
            break;
        }
        moment();
        last = create(&mut client, "Y");
    }
    assert_eq!((last.status, patch(&mut client).status), (201, 200), "it goes on: {last:?}");
    assert_eq!(server.stop(), 0);
    site.verify();
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = Folder::new();
    std::fs::write(folder.data(), "a file where a folder should be").expect("a file");
    let (code, _, text) = crate::process::run(folder.data(), &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains(&folder.data().display().to_string()), "{text}");
    std::fs::remove_file(folder.data()).expect("a file");
}
