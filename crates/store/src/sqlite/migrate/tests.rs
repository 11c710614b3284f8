//! A migration leads to what is declared, from wherever an earlier one was killed.

use super::*;
use kernel::{Entity, Field, Kind};
use std::collections::BTreeSet;

/// As many rows as need three chunks.
const ROWS: i64 = 2 * CHUNK + 10;

fn before() -> Catalog {
    let thing = Entity::new("yard", "thing", "things", "thi")
        .field(Field::new("name", Kind::text(100), "A name.").indexed())
        .field(Field::new("code", Kind::text(20), "A code.").unique())
        .field(Field::new("count", Kind::integer(), "A count.").indexed())
        .field(Field::new("gone", Kind::Date, "Not for long.").indexed());
    Catalog::new(&[Arc::new(thing)])
}

/// Adds a table, columns and indexes, changes a type that an index stands on, drops columns.
fn after() -> Catalog {
    let thing = Entity::new("yard", "thing", "things", "thi")
        .field(Field::new("name", Kind::text(100), "A name."))
        .field(Field::new("code", Kind::text(20), "A code.").unique())
        .field(Field::new("count", Kind::Decimal { scale: 2 }, "A count.").indexed())
        .field(Field::new("price", Kind::Money, "A price."))
        .field(Field::new("town", Kind::text(80), "Where.").indexed());
    let other = Entity::new("yard", "other", "others", "oth")
        .field(Field::new("name", Kind::text(100), "A name.").indexed());
    Catalog::new(&[Arc::new(thing), Arc::new(other)])
}

/// A file of before with rows in it.
fn filled() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    prepare(&mut connection, &before()).unwrap();
    let rows = format!(
        "INSERT INTO \"yard.thing\" ({ORG}, id, version, created_at, updated_at, name, name__key, \
         code, code__key, count) \
         WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {ROWS}) \
         SELECT 1, randomblob(16), 1, n, n, 'n' || n, CAST('n' || n AS BLOB), 'c' || n, \
         CAST('c' || n AS BLOB), n FROM n"
    );
    connection.execute_batch(&rows).unwrap();
    connection
}

/// Columns with their types, and indexes, as the database itself has them.
fn shape(connection: &Connection) -> BTreeSet<String> {
    let sql = "SELECT m.name || ' ' || c.name || ' ' || c.type FROM sqlite_master m, \
               pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name LIKE 'yard.%' \
               UNION ALL SELECT tbl_name || ' ' || name || ' ' || sql FROM sqlite_master \
               WHERE type = 'index' AND sql IS NOT NULL AND tbl_name LIKE 'yard.%'";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// What a catalog declares, in the words of [`shape`].
fn declared(catalog: &Catalog) -> BTreeSet<String> {
    let mut connection = Connection::open_in_memory().unwrap();
    prepare(&mut connection, catalog).unwrap();
    for table in catalog.tables() {
        let has: BTreeSet<String> = table.columns.iter().map(|c| c.name.clone()).collect();
        let sql = "SELECT name FROM pragma_table_info(?) WHERE name NOT IN (?, ?)";
        let mut statement = connection.prepare(sql).unwrap();
        let names = params![table.full_name(), ORG, ROW];
        let rows = statement.query_map(names, |row| row.get(0)).unwrap();
        let found: BTreeSet<String> = rows.map(Result::unwrap).collect();
        assert_eq!(found, has, "the columns of {}", table.full_name());
    }
    assert!(steps(&connection, catalog).unwrap().is_empty(), "a fresh file needs no step");
    shape(&connection)
}

fn is_whole(connection: &Connection, says: &str) {
    assert!(steps(connection, &after()).unwrap().is_empty(), "{says}");
    assert_eq!(shape(connection), declared(&after()), "{says}");
    let kept = "SELECT count(*) FROM \"yard.thing\" \
                WHERE count = 100 * CAST(substr(name, 2) AS INTEGER) AND code = 'c' || substr(name, 2)";
    let kept: i64 = connection.query_row(kept, [], |row| row.get(0)).unwrap();
    assert_eq!(kept, ROWS, "{says}: values are lost");
    let left: i64 = connection
        .query_row("SELECT count(*) FROM _meta WHERE name LIKE 'copied%'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 0, "{says}: notes of a copy are left");
}

#[test]
fn a_fresh_file_is_as_declared_and_so_is_a_changed_one() {
    declared(&before());
    let mut connection = filled();
    prepare(&mut connection, &after()).unwrap();
    is_whole(&connection, "in one go");
}

#[test]
fn a_migration_that_is_killed_after_any_step_is_finished_by_the_next() {
    let all = steps(&filled(), &after()).unwrap();
    assert!(all.len() > 8, "{}", all.len());
    for killed_after in 0..all.len() {
        let mut connection = filled();
        for step in &all[..killed_after] {
            run(&mut connection, step).unwrap();
        }
        prepare(&mut connection, &after()).unwrap();
        is_whole(&connection, &format!("killed before {}", all[killed_after]));
    }
}

#[test]
fn a_copy_that_is_killed_in_the_middle_goes_on_there() {
    for chunk in 1..=3 {
        let mut connection = filled();
        let limit = chunk * CHUNK;
        let kill = format!(
            "CREATE TRIGGER kill BEFORE INSERT ON _meta \
             WHEN NEW.name LIKE 'copied%' AND CAST(NEW.value AS INTEGER) >= {limit} \
             BEGIN SELECT RAISE(ABORT, 'killed'); END"
        );
        connection.execute_batch(&kill).unwrap();
        prepare(&mut connection, &after()).unwrap_err();
        connection.execute_batch("DROP TRIGGER kill").unwrap();
        prepare(&mut connection, &after()).unwrap();
        is_whole(&connection, &format!("killed in chunk {chunk}"));
    }
}
