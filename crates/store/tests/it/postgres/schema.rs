//! Making tables and changing them.

use super::{ORG, Process, connect, open};
use crate::{ground, linked};
use kernel::ports::StoreError;
use kernel::{Entity, Field, Input, Kind, List};
use std::sync::Arc;
use store::postgres::Cluster;
use testkit::postgres::{TestDatabase, database};

fn entities() -> Vec<Arc<Entity>> {
    ground::service().entities
}

async fn reopen(database: &TestDatabase, entities: &[Arc<Entity>]) -> Result<Arc<Cluster>, String> {
    let signer = ground::signer();
    let opened =
        Cluster::open(&database.service_url, Some(&database.admin_url), entities, signer).await;
    opened.map_err(|problem| problem.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_prepared_by_many_at_once_and_once_only() {
    let database = database();
    let all = entities();
    let opened = futures::future::join_all((0..4).map(|_| reopen(&database, &all))).await;
    assert!(opened.iter().all(Result::is_ok));
    let admin = connect(&database.admin_url).await;
    let shape = "SELECT string_agg(table_name || column_name || data_type, ',' \
                 ORDER BY table_name, ordinal_position) FROM information_schema.columns \
                 WHERE table_schema = 'yard'";
    let before: String = admin.query_one(shape, &[]).await.unwrap().get(0);
    reopen(&database, &all).await.unwrap();
    let after: String = admin.query_one(shape, &[]).await.unwrap().get(0);
    assert_eq!(before, after);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_newer_program_made_is_refused_and_so_is_an_empty_database() {
    let database = database();
    let empty = Cluster::open(&database.service_url, None, &entities(), ground::signer()).await;
    assert!(empty.err().unwrap().to_string().contains("--database-admin"));
    reopen(&database, &entities()).await.unwrap();
    let admin = connect(&database.admin_url).await;
    admin.batch_execute("UPDATE megalith.format SET version = version + 1").await.unwrap();
    for admin_url in [Some(database.admin_url.as_str()), None] {
        let opened =
            Cluster::open(&database.service_url, admin_url, &entities(), ground::signer()).await;
        let newer = opened.err().unwrap();
        assert!(matches!(newer, StoreError::Newer(_)), "{newer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_added_later_is_empty_sorted_and_searched() {
    let database = database();
    let first: Vec<Arc<Entity>> = entities();
    let process = open(&database).await;
    process.thing(ORG, "zebra", "Z").await.unwrap();
    process.thing(ORG, "apple", "A").await.unwrap();
    let mut thing = (*first[0]).clone();
    let code = thing.slot("code").unwrap();
    thing.fields[code].searchable = true;
    let notes = thing.slot("notes").unwrap();
    thing.fields[notes].indexed = true;
    let thing = thing.field(Field::new("town", Kind::text(80), "Where.").indexed());
    let later: Vec<Arc<Entity>> =
        std::iter::once(Arc::new(thing)).chain(first[1..].iter().cloned()).collect();
    let cluster = reopen(&database, &later).await.unwrap();
    let snapshot = cluster.store(ORG, "yard").snapshot().await.unwrap();
    let hits = snapshot.search(&["z".into()], 10).await.unwrap();
    assert_eq!(hits.len(), 1, "{hits:?}");
    drop(snapshot);
    let admin = connect(&database.admin_url).await;
    let town = "SELECT count(*) FROM yard.thing WHERE town IS NULL AND notes__key IS NULL";
    assert_eq!(admin.query_one(town, &[]).await.unwrap().get::<_, i64>(0), 2);

    // The program of before still works: it does not know the column, and it stays.
    let before = Process::open(&database.service_url, Some(&database.admin_url)).await;
    before.thing(ORG, "mango", "M").await.unwrap();
    let kept = "SELECT count(town) FROM yard.thing";
    assert_eq!(admin.query_one(kept, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn words_orders_and_unique_values_are_found_through_their_indexes() {
    let database = database();
    let process = open(&database).await;
    let input = Input::new().set("name", "Some name").set("code", "C").set("notes", "words");
    process.ground.create(ORG, "thing", input).await.unwrap();
    assert_eq!(process.ground.names(ORG, List::default()).await.len(), 1);
    let many = "SET megalith.org = '1';
        INSERT INTO yard.thing (_org, id, version, created_at, updated_at, name, name__key,
            code, count, _search)
        SELECT 1, gen_random_uuid(), 1, n, n, 'n' || n, ('n' || n)::bytea, 'c' || n, n,
            array_to_tsvector(ARRAY['n' || n])
        FROM generate_series(1, 5000) AS n;
        ANALYZE yard.thing";
    connect(&database.admin_url).await.batch_execute(many).await.unwrap();
    let service = connect(&database.service_url).await;
    service.batch_execute("SET megalith.org = '1'").await.unwrap();
    for (condition, index) in [
        ("_search @@ 'words:*'::text::tsquery", "thing__words"),
        ("code = 'C'", "thing__code__unique"),
        ("name__key >= 'n42'::bytea AND name__key < 'n43'::bytea", "thing__name__order"),
        ("count = 3", "thing__count__order"),
    ] {
        let explain = format!("EXPLAIN SELECT id FROM yard.thing WHERE _org = 1 AND {condition}");
        let rows = service.query(&explain, &[]).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        assert!(plan.join("\n").contains(index), "{condition}\n{}", plan.join("\n"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_elsewhere_and_fields_behind_links_are_found_through_indexes() {
    use store::sql::{Bound, Dialect};
    let database = database();
    let process = open(&database).await;
    process.thing(ORG, "first", "F").await.unwrap();
    let many = "SET megalith.org = '1';
        INSERT INTO yard.thing (_org, id, version, created_at, updated_at, name, name__key, count,
            parent)
        SELECT 1, md5(n::text)::uuid, 1, n, n, 'n' || n, ('n' || n)::bytea, n,
            md5((n / 10)::text)::uuid
        FROM generate_series(1, 20000) AS n;
        INSERT INTO yard._external (_org, entity, name, key, record)
        SELECT 1, 'thing', 'old', n::text, md5(n::text)::uuid FROM generate_series(1, 20000) AS n;
        ANALYZE yard.thing; ANALYZE yard._external";
    connect(&database.admin_url).await.batch_execute(many).await.unwrap();
    let service = connect(&database.service_url).await;
    service.batch_execute("SET megalith.org = '1'").await.unwrap();
    for (filter, indexes) in [
        ("external_ids.old == '4711'", ["_external_key", "thing_pkey"]),
        ("external_ids.old in ['1', '2']", ["_external_key", "thing_pkey"]),
        ("parent.count == 3", ["thing__count__order", "thing__parent__order"]),
    ] {
        let mut text = linked::statement(&process.ground, filter, Dialect::Postgres, 0).text;
        let binds = linked::statement(&process.ground, filter, Dialect::Postgres, 0).binds;
        for (at, bound) in binds.iter().enumerate().rev() {
            let literal = match bound {
                Bound::Int(int) => int.to_string(),
                Bound::Text(text) => format!("'{text}'"),
                other => panic!("{other:?}"),
            };
            text = text.replace(&format!("${}::", at + 1), &format!("{literal}::"));
        }
        let rows = service.query(&format!("EXPLAIN {text}"), &[]).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        for index in indexes {
            assert!(plan.join("\n").contains(index), "{filter}: {index}\n{}", plan.join("\n"));
        }
    }
}

/// Columns and indexes of the tables of two services, as the database itself has them.
async fn shape(database: &TestDatabase) -> Vec<String> {
    let admin = connect(&database.admin_url).await;
    let sql = "SELECT table_schema || '.' || table_name || ' ' || column_name || ' ' || data_type \
                 || coalesce(numeric_scale::text, '') AS line FROM information_schema.columns \
               WHERE table_schema IN ('yard', 'barn') \
               UNION ALL SELECT schemaname || '.' || tablename || ' ' || indexdef FROM pg_indexes \
               WHERE schemaname IN ('yard', 'barn') \
               UNION ALL SELECT schemaname || '.' || tablename || ' ' || policyname FROM pg_policies \
               WHERE schemaname IN ('yard', 'barn') \
               UNION ALL SELECT table_schema || '.' || table_name || ' ' || privilege_type \
               FROM information_schema.role_table_grants WHERE table_schema IN ('yard', 'barn') \
               ORDER BY line";
    let rows = admin.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

fn barn() -> Arc<Entity> {
    let goat = Entity::new("barn", "goat", "goats", "goa")
        .field(Field::new("name", Kind::text(80), "Its name.").unique().searchable())
        .field(Field::new("price", Kind::Money, "What it costs."))
        .field(Field::new("milk", Kind::Decimal { scale: 3 }, "Litres a day.").indexed());
    Arc::new(goat)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_database_has_the_declared_columns_and_indexes() {
    let database = database();
    let all: Vec<Arc<Entity>> = entities().into_iter().chain([barn()]).collect();
    reopen(&database, &all).await.unwrap();
    let shape = shape(&database).await;
    let catalog = store::tables::Catalog::new(&all);
    assert!(catalog.tables().len() > 2);
    for table in catalog.tables() {
        let start = format!("{} ", table.full_name());
        let lines: Vec<&str> = shape.iter().filter_map(|line| line.strip_prefix(&start)).collect();
        let has = |name: &str| lines.iter().any(|l| l.split(' ').next() == Some(name));
        for column in &table.columns {
            assert!(has(&column.name), "{start}{} is missing in {lines:?}", column.name);
        }
        for index in &table.indexes {
            let quoted = [format!(" {} ON ", index.name), format!("\"{}\" ON ", index.name)];
            let made = lines.iter().any(|line| quoted.iter().any(|name| line.contains(name)));
            assert!(made, "{} is missing in {lines:?}", index.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_was_killed_between_services_is_finished_by_the_next() {
    let (whole, killed) = (database(), database());
    let all: Vec<Arc<Entity>> = entities().into_iter().chain([barn()]).collect();
    reopen(&whole, &all).await.unwrap();
    // Each service is one transaction: what a kill leaves is one of them whole, the other not.
    reopen(&killed, &[barn()]).await.unwrap();
    assert_ne!(shape(&killed).await, shape(&whole).await);
    reopen(&killed, &all).await.unwrap();
    assert_eq!(shape(&killed).await, shape(&whole).await);
}
