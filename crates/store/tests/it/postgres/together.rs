//! Commands that go to the database together: each is still decided for itself.

use super::{ORG, Process, check_log, connect, open};
use kernel::{Input, ProblemKind};
use testkit::postgres::database;

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_meet_share_transactions_and_are_all_kept() {
    let database = database();
    let process = open(&database).await;
    process.thing(ORG, "first", "F").await.unwrap();
    let creates = (0..200).map(|n| {
        let input = Input::new()
            .set("name", format!("it's \\ {n}"))
            .set("notes", format!("words of {n} in a field"))
            .set("secret_name", format!("secret {n}"));
        process.ground.create(ORG, "thing", input)
    });
    let made = futures::future::join_all(creates).await;
    for record in made {
        let record = record.unwrap();
        assert_eq!(process.ground.get(ORG, &record).await.unwrap(), record);
    }
    check_log(&process.ground, ORG, 201).await;
    let admin = connect(&database.admin_url).await;
    let sql = "SELECT count(*), count(DISTINCT xmin::text) FROM yard.thing";
    let row = admin.query_one(sql, &[]).await.unwrap();
    let (rows, transactions): (i64, i64) = (row.get(0), row.get(1));
    assert_eq!(rows, 201);
    assert!(transactions < 101, "{transactions} transactions");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_command_takes_nothing_from_those_it_went_with() {
    let database = database();
    let process = open(&database).await;
    for round in 0..5 {
        let codes = (0..40).map(|n| if n % 4 == 0 { 0 } else { n });
        let creates = codes.map(|n| (n, format!("C{round}-{n}")));
        let answers = creates.map(async |(n, code)| (n, process.thing(ORG, "n", &code).await));
        let mut taken = 0;
        for (n, answer) in futures::future::join_all(answers).await {
            match answer {
                Ok(_) => {}
                Err(problem) => {
                    assert_eq!((n, problem.kind), (0, ProblemKind::Conflict), "{problem}");
                    assert_eq!(problem.errors[0].pointer, "/code");
                    taken += 1;
                }
            }
        }
        assert_eq!(taken, 9);
    }
    check_log(&process.ground, ORG, 31 * 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_row_holds_nobody_up() {
    let database = database();
    let patient = format!("{}?options=-c%20statement_timeout%3D120000", database.service_url);
    let process = Process::open(&patient, Some(&database.admin_url)).await;
    process.thing(ORG, "first", "F").await.unwrap();
    let mut admin = connect(&database.admin_url).await;
    // Another program has written these codes and neither commits nor gives up.
    let open = admin.transaction().await.unwrap();
    let copy = "INSERT INTO yard.thing SELECT (jsonb_populate_record(t, jsonb_build_object( \
                  'id', gen_random_uuid(), 'code', 'W' || n))).* \
                FROM yard.thing t, generate_series(0, 4) n WHERE t.code = 'F'";
    assert_eq!(open.execute(copy, &[]).await.unwrap(), 5);
    let things = async |prefix: &str, count: usize| {
        let things = (0..count).map(|n| {
            process.ground.create(ORG, "thing", {
                Input::new().set("name", "n").set("code", format!("{prefix}{n}"))
            })
        });
        futures::future::join_all(things).await
    };
    let mut waiting = std::pin::pin!(things("W", 5));
    let others = async {
        for round in 0..4 {
            for answer in things(&format!("{round}-"), 30).await {
                answer.unwrap();
            }
        }
    };
    match futures::future::select(&mut waiting, std::pin::pin!(others)).await {
        futures::future::Either::Left(_) => panic!("a taken code was not waited for"),
        futures::future::Either::Right(_) => {}
    }
    open.commit().await.unwrap();
    for answer in waiting.await {
        assert_eq!(answer.unwrap_err().kind, ProblemKind::Conflict);
    }
    check_log(&process.ground, ORG, 121).await;
}
