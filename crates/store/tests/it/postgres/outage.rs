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
    process.thing(ORG, "After", "A").await.unwrap();
    assert_eq!(process.ground.names(ORG, List::default()).await, ["Before", "After"]);
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
    // A connection may have ended unseen; the one after it works.
    let _ = process.thing(ORG, "Name", "maybe").await;
    process.thing(ORG, "Name", "last").await.unwrap();
    let list = List { page_size: 100, ..List::default() };
    assert!(process.ground.names(ORG, list).await.len() > done);
}
