//! The yardstick writes the very rows, and no more.

use super::{connect, open};
use crate::ground::{ORG, OTHER, service};
use kernel::Input;
use store::postgres::raw::{Form, Rows, Watch};
use testkit::postgres::database;
use types::Uuid;

const THIRD: Uuid = Uuid::from_u128(3);

#[tokio::test(flavor = "multi_thread")]
async fn raw_rows_equal_what_the_commands_left_but_for_the_seal() {
    let database = database();
    let process = open(&database).await;
    for n in 0..20 {
        let input = Input::new()
            .set("name", format!("thing {n}"))
            .set("notes", format!("found in field {n}"))
            .set("secret_name", format!("secret {n}"));
        process.ground.create(ORG, "thing", input).await.unwrap();
    }
    process.ground.sealed(ORG, 20).await;
    let url = database.service_url.as_str();
    let watch = Watch::new(url, ORG, "yard").await.unwrap();
    assert_eq!(watch.unsealed().await.unwrap(), 0);

    let entities = service().entities;
    let thing = entities.iter().find(|entity| entity.name == "thing").unwrap();
    let rows = Rows::read(url, ORG, thing, 5).await.unwrap();
    assert_eq!((rows.len(), rows.is_empty()), (15, false));
    let (counted, _) = rows.write(Form::Statements, url, OTHER, 4, 3).await.unwrap();
    assert_eq!(counted, 12);
    let rows = Rows::read(url, ORG, thing, 5).await.unwrap();
    let (counted, _) = rows.write(Form::OneStatement, url, THIRD, 4, 0).await.unwrap();
    assert_eq!(counted, 15);

    let admin = connect(&database.admin_url).await;
    for (table, of, columns) in [
        ("thing", "id", "to_jsonb(t) - '_org'"),
        ("_event", "id", "to_jsonb(t) - '_org' - 'position'"),
        ("_event_record", "record", "to_jsonb(t) - '_org'"),
        ("_subject_key", "subject", "to_jsonb(t) - '_org'"),
    ] {
        let sql = format!(
            "WITH t AS (SELECT _org, {columns} AS cells FROM yard.{table} t ORDER BY {of}) \
             SELECT count(*), (SELECT count(*) FROM t o WHERE o._org <> t._org \
               AND o.cells = ANY(array_agg(t.cells))) FROM t GROUP BY _org ORDER BY count(*)"
        );
        let counts: Vec<(i64, i64)> = admin
            .query(&sql, &[])
            .await
            .unwrap()
            .iter()
            .map(|row| (row.get(0), row.get(1)))
            .collect();
        assert_eq!(counts, [(15, 30), (15, 30), (20, 30)], "{table}");
    }
}
