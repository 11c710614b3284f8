//! A server that goes away and comes back.

use super::{ORG, Process, connect, open};
use kernel::{List, ProblemKind};
use std::sync::Arc;
use testkit::postgres::database;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A gate before the server: closed, it breaks every connection and takes no new one.
struct Gate {
    port: u16,
    open: Arc<watch::Sender<bool>>,
}

impl Gate {
    async fn before(port: u16) -> Gate {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let open = Arc::new(watch::Sender::new(true));
        let state = open.clone();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                if !*state.borrow() {
                    continue;
                }
                let mut closed = state.subscribe();
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                    let copy = tokio::io::copy_bidirectional(&mut client, &mut server);
                    let closed = closed.wait_for(|open| !open);
                    tokio::select! { _ = copy => {}, _ = closed => {} }
                });
            }
        });
        Gate { port: own, open }
    }
}

/// The address with another port.
fn through(url: &str, port: u16) -> (String, u16) {
    let (start, rest) = url.rsplit_once(':').unwrap();
    let (own, database) = rest.split_once('/').unwrap();
    (format!("{start}:{port}/{database}"), own.parse().unwrap())
}

/// Creates a thing, for as many times as a pool may hold connections that ended unseen.
async fn recovered(process: &Process, name: &str) {
    for attempt in 0..40 {
        match process.thing(ORG, name, name).await {
            Ok(_) => return,
            Err(problem) => {
                assert_eq!(problem.kind, ProblemKind::Unavailable, "{attempt}: {problem}");
            }
        }
    }
    panic!("the database did not come back");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_answered_as_such_and_ends_by_itself() {
    let database = database();
    drop(open(&database).await);
    let (_, server) = through(&database.service_url, 0);
    let gate = Gate::before(server).await;
    let (url, _) = through(&database.service_url, gate.port);
    let process = Process::open(&url, None).await;
    process.thing(ORG, "Before", "B").await.unwrap();

    gate.open.send_replace(false);
    for _ in 0..3 {
        let problem = process.thing(ORG, "During", "D").await.unwrap_err();
        assert_eq!(problem.kind, ProblemKind::Unavailable, "{problem}");
        assert!(process.store(ORG).head().await.is_err());
    }

    gate.open.send_replace(true);
    recovered(&process, "After").await;
    let names = process.ground.names(ORG, List::default()).await;
    assert_eq!((names[0].as_str(), names[1].as_str()), ("Before", "After"));
    process.ground.sealed(ORG, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_an_administrator_ends_are_replaced() {
    let database = database();
    let process = open(&database).await;
    let admin = connect(&database.admin_url).await;
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let mut done = 0;
    for round in 0..5 {
        let codes = (0..8).map(|n| format!("C{round}-{n}")).collect::<Vec<_>>();
        let writes = codes.iter().map(|code| process.thing(ORG, "Name", code));
        let (outcomes, ended) =
            tokio::join!(futures::future::join_all(writes), admin.query_one(end, &[]));
        ended.unwrap();
        for problem in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
            assert_eq!(problem.kind, ProblemKind::Unavailable, "{problem}");
        }
        done += outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    }
    recovered(&process, "last").await;
    let list = List { page_size: 100, ..List::default() };
    assert!(process.ground.names(ORG, list).await.len() > done);
}
