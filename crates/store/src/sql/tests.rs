//! The text of conditions: what an index can serve stays in short form, nothing is left over that
//! a database can decide.

use super::*;
use kernel::Kind as FieldKind;
use kernel::schema::Entity;
use kernel::{Field, env};
use std::sync::Arc;

fn entity() -> Arc<Entity> {
    let field = |name: &str, kind: FieldKind| Field::new(name, kind, "A field.");
    Arc::new(
        Entity::new("yard", "thing", "things", "thi")
            .field(field("name", FieldKind::text(100)))
            .field(field("code", FieldKind::text(20)).unique())
            .field(field("plain", FieldKind::text(20)))
            .field(field("flag", FieldKind::Boolean))
            .field(field("count", FieldKind::integer()))
            .field(field("fine", FieldKind::Decimal { scale: 4 }))
            .field(field("coarse", FieldKind::Decimal { scale: 2 }))
            .field(field("price", FieldKind::Money))
            .field(field("on", FieldKind::Date))
            .field(field("friends", FieldKind::Links { entity: "yard.thing".into() }))
            .title("name"),
    )
}

fn lowered(text: &str, dialect: Dialect) -> (String, Vec<Bound>, bool) {
    let entity = entity();
    let catalog = Catalog::new(std::slice::from_ref(&entity));
    let table = catalog.get("yard.thing").unwrap();
    let about = About { table, number: 1, catalog: &catalog, org: 1 };
    let predicate = env::predicate(&entity, text, &()).unwrap_or_else(|e| panic!("{text}: {e}"));
    let exact = expr::sql_exact(&predicate.expr);
    let mut sql = Sql::new(dialect);
    let left = conditions(&mut sql, &about, &[predicate]).unwrap();
    assert!(!exact || left.is_empty(), "{text} is exact, and a part of it is left over");
    (sql.text, sql.binds, left.is_empty())
}

#[test]
fn conditions_have_one_text_for_each_shape() {
    let int = Bound::Int;
    let text = |text: &str| Bound::Text(text.to_owned());
    for (condition, expected, binds) in [
        ("code == 'a'", r#" AND ("code" = ?)"#, vec![text("a")]),
        ("plain != 'a'", r#" AND (NOT COALESCE("plain" = ?, FALSE))"#, vec![text("a")]),
        ("plain == null", r#" AND ("plain" IS NULL)"#, vec![]),
        ("count > 1 && flag", r#" AND ("count" > ?) AND ("flag")"#, vec![int(1)]),
        ("!(count > 1)", r#" AND (NOT COALESCE("count" > ?, FALSE))"#, vec![int(1)]),
        ("fine > 1.5", r#" AND ("fine" > ?)"#, vec![int(15_000)]),
        ("fine in [1.5, 2]", r#" AND ("fine" IN (?, ?))"#, vec![int(15_000), int(20_000)]),
        (
            "price >= money('1.00', 'EUR')",
            r#" AND ("price" >= ? AND "price__currency" = ?)"#,
            vec![int(100), text("EUR")],
        ),
        (
            "plain == code",
            r#" AND COALESCE("plain" = "code", "plain" IS NULL AND "code" IS NULL)"#,
            vec![],
        ),
        ("on >= date('2026-01-31')", r#" AND ("on" >= ?)"#, vec![text("2026-01-31")]),
        ("plain in []", " AND FALSE", vec![]),
    ] {
        let found = lowered(condition, Dialect::Sqlite);
        assert_eq!(found, (expected.to_owned(), binds, true), "{condition}");
    }
}

#[test]
fn postgres_names_the_type_of_every_place() {
    for (condition, expected) in [
        ("code == 'a' || count < 3", r#" AND (("code" = $1::text) OR ("count" < $2::bigint))"#),
        ("fine > 1.5", r#" AND ("fine" > $1::numeric)"#),
        ("fine > coarse", r#" AND ("fine" > "coarse")"#),
        ("fine > count", r#" AND ("fine" > ("count")::numeric)"#),
        ("on < date('2026-01-31')", r#" AND ("on" < $1::date)"#),
    ] {
        let (text, _, whole) = lowered(condition, Dialect::Postgres);
        assert!(whole, "{condition}");
        assert_eq!(text, expected, "{condition}");
    }
}

#[test]
fn an_indexed_text_is_found_by_its_sort_key() {
    let (text, binds, _) = lowered("name == 'Ä'", Dialect::Sqlite);
    assert_eq!(text, r#" AND ("name__key" = ? AND "name" = ?)"#);
    assert_eq!(binds[0], Bound::Bytes(kernel::text::sort_key("Ä")));
}

#[test]
fn what_a_query_may_ask_has_an_sql_form() {
    for condition in [
        "name.startsWith('a') && !plain.endsWith('b') && code.contains(plain)",
        "count + 1 > fine - coarse",
        "-fine < 0",
        "flag ? count > 1 : plain == 'x'",
        "has(price) || price == price",
        "friends == null",
        "count in [1, 2.5, 3]",
        "created_at > instant('2026-01-01T00:00:00Z')",
    ] {
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            let (text, _, whole) = lowered(condition, dialect);
            assert!(whole, "{condition}: {text}");
        }
    }
}

#[test]
fn a_part_without_sql_form_is_left_to_the_interpreter_and_the_rest_is_not() {
    let (text, _, whole) = lowered("count * 2 > 3 && flag", Dialect::Sqlite);
    assert_eq!((text.as_str(), whole), (r#" AND ("flag")"#, false));
}

#[test]
fn long_chains_do_not_nest_deeply() {
    let terms: Vec<String> = (0..500).map(|n| format!("count == {n}")).collect();
    let (text, ..) = lowered(&terms.join(" || "), Dialect::Sqlite);
    let mut depth = (0i32, 0i32);
    for byte in text.bytes() {
        depth.0 += i32::from(byte == b'(') - i32::from(byte == b')');
        depth.1 = depth.1.max(depth.0);
    }
    assert!(depth.1 < 20, "{depth:?}");
}
