//! Callers who want the same thing at the same moment, through one server and through two on one
//! database.

use crate::client::{Answer, Client};
use crate::process::{Folder, Server};
use crate::site::{CUSTOMERS, Site};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use testkit::data::report_checks;
use testkit::postgres::cluster::psql;

const CATEGORIES: &str = "/api/v1/operations/item-categories";
const CALLERS: usize = 64;

/// One server on SQLite; two on PostgreSQL.
fn everywhere(race: impl Fn(&Site, &[Client])) {
    let site = Site::sqlite();
    let server = site.serve();
    race(&site, &callers(&[&server]));
    assert_eq!(server.stop(), 0);
    site.verify();

    let (site, beside) = (Site::postgres(), Folder::new());
    let one = site.serve();
    let two = site.serve_beside(&beside);
    race(&site, &callers(&[&one, &two]));
    assert_eq!((one.stop(), two.stop()), (0, 0));
    site.verify();
}

/// As many callers as race, spread over the servers.
fn callers(servers: &[&Server]) -> Vec<Client> {
    let token = servers[0].sign_in();
    (0..CALLERS).map(|n| Client::new(&servers[n % servers.len()].address, &token)).collect()
}

/// What each caller does at the same moment, and what came back.
fn at_once(
    callers: &[Client],
    what: impl Fn(usize, &mut Client) -> Answer + Send + Sync,
) -> Vec<Answer> {
    let barrier = Barrier::new(callers.len());
    std::thread::scope(|scope| {
        let threads: Vec<_> = callers
            .iter()
            .enumerate()
            .map(|(number, caller)| {
                let (barrier, what, mut caller) = (&barrier, &what, caller.another());
                scope.spawn(move || {
                    // Connected before the start.
                    caller.ask("GET", "/healthz", "").expect("up");
                    barrier.wait();
                    what(number, &mut caller)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("a caller")).collect()
    })
}

/// How often each status and code came.
fn tally(answers: &[Answer]) -> BTreeMap<(u16, &str), usize> {
    let mut counts = BTreeMap::new();
    for answer in answers {
        *counts.entry((answer.status, answer.code())).or_default() += 1;
    }
    counts
}

#[test]
fn one_of_all_who_want_the_same_unique_value_gets_it() {
    everywhere(|site, callers| {
        for round in 0..5 {
            let body = json!({"name": "Wanted", "code": format!("W{round}")}).to_string();
            let answers = at_once(callers, |_, c| c.ask("POST", CUSTOMERS, &body).expect("up"));
            let expected = BTreeMap::from([((201, ""), 1), ((409, "already_exists"), CALLERS - 1)]);
            assert_eq!(tally(&answers), expected, "{}", site.name());
            for refused in answers.iter().filter(|answer| answer.status == 409) {
                assert_eq!(refused.json["errors"][0]["pointer"], "/code");
            }
        }
        report_checks(5 * CALLERS);
    });
}

#[test]
fn a_loop_of_parents_is_closed_from_no_end() {
    everywhere(|site, callers| {
        for around in [2, 2, 2, 2, 2, 16, CALLERS] {
            let mut first = callers[0].another();
            let made: Vec<String> = (0..around)
                .map(|n| {
                    let body = json!({"name": format!("Category {n}")}).to_string();
                    first.ask("POST", CATEGORIES, &body).expect("up").id().to_owned()
                })
                .collect();
            // Each is to lie inside the next one, and the last inside the first.
            let answers = at_once(&callers[..around], |number, client| {
                let body = json!({"parent": made[(number + 1) % around]}).to_string();
                let path = format!("{CATEGORIES}/{}", made[number]);
                for _ in 0..CALLERS {
                    let answer = client.ask("PATCH", &path, &body).expect("up");
                    if answer.code() != "contended" {
                        return answer;
                    }
                }
                panic!("contended for good");
            });
            let expected = BTreeMap::from([((200, ""), around - 1), ((422, "invalid"), 1)]);
            assert_eq!(tally(&answers), expected, "{} around {around}", site.name());
            let refused = answers.iter().find(|answer| answer.status == 422);
            let refused = refused.map(|answer| answer.json["errors"][0]["code"].clone());
            assert_eq!(refused, Some(json!("loop")));
        }
    });
}

#[test]
fn a_reader_sees_each_position_once_and_in_order_while_commits_come_late() {
    let (site, beside) = (Site::postgres(), Folder::new());
    let one = site.serve();
    let two = site.serve_beside(&beside);
    let callers = callers(&[&one, &two]);
    // Each commit waits for a time of its own after it has drawn its stamp.
    let database = site.database.as_ref().expect("a database");
    psql(
        &database.admin_url,
        "CREATE FUNCTION operations.late() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
         BEGIN PERFORM pg_sleep(random() * 0.2); RETURN NEW; END $$;
         CREATE CONSTRAINT TRIGGER late AFTER INSERT ON operations._event
             DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION operations.late()",
    )
    .expect("a trigger");
    const EACH: usize = 4;
    let done = Arc::new(AtomicBool::new(false));
    let (seen, made) = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut seen = Vec::new();
            loop {
                let last = done.load(Ordering::SeqCst);
                let news = site.events("northwind", "operations", seen.len() as u64 + 1);
                let drained = news.is_empty();
                for event in news {
                    assert_eq!(event["position"], json!(seen.len() + 1));
                    seen.push(event["id"].as_str().unwrap_or_default().to_owned());
                }
                if (last && drained) || seen.len() == CALLERS * EACH {
                    return seen;
                }
            }
        });
        let answers = at_once(&callers, |number, client| {
            let mut answer = None;
            for turn in 0..EACH {
                let body = json!({"name": format!("Late {number} {turn}")}).to_string();
                let made = client.ask("POST", CUSTOMERS, &body).expect("up");
                assert_eq!(made.status, 201, "{made:?}");
                answer = Some(made);
            }
            answer.expect("each makes some")
        });
        // The sealer may take a moment with what came last.
        for _ in 0..200 {
            let size = site.events("northwind", "operations", (CALLERS * EACH) as u64);
            if !size.is_empty() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        done.store(true, Ordering::SeqCst);
        (reader.join().expect("a reader"), answers.len() * EACH)
    });
    let distinct: std::collections::BTreeSet<&String> = seen.iter().collect();
    assert_eq!((seen.len(), distinct.len()), (made, made));
    report_checks(made);
    assert_eq!((one.stop(), two.stop()), (0, 0));
    site.verify();
}
