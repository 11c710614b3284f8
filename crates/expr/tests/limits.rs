//! Limits, several mistakes at once, and what a caller learns of an expression.

use expr::{Context, Expr, MAX_LENGTH, Names, Type, compile, parse, sql_ready};
use types::{Instant, Value};

fn names() -> Names {
    let parts = Names::new().field("size", Type::Int);
    let lines =
        Names::new().field("pieces", Type::Int).field("note", Type::Text).rows("parts", parts);
    Names::new()
        .attribute("user.id", Type::Int)
        .field("count", Type::Int)
        .field("note", Type::Text)
        .field("customer.country", Type::Text)
        .rows("lines", lines)
}

fn context() -> Context {
    Context::new(Instant(0), "UTC", vec![Value::Int(7)])
}

fn compiled(text: &str) -> Expr {
    compile(text, &names(), None).unwrap_or_else(|errors| panic!("{text}: {errors:?}"))
}

#[test]
fn a_text_of_more_than_8_kib_is_refused_and_a_long_chain_is_not() {
    let code = |text: &str| parse(text).err().map(|error| error.code);
    assert_eq!(code(&format!("'{}'", "a".repeat(MAX_LENGTH - 2))), None);
    assert_eq!(code(&format!("'{}'", "a".repeat(MAX_LENGTH - 1))), Some("too_long"));
    let chain = vec!["count == 1"; 500].join(" || ");
    assert!(!compiled(&chain).eval_bool(&vec![Value::Int(2)], &context()));
}

#[test]
fn terms_nest_64_deep_in_every_way() {
    for (open, close, most) in [
        ("(", ")", 64),
        ("[", "]", 63),
        ("!", "", 63),
        ("-", "", 63),
        ("abs(", ")", 63),
        ("true ? 1 : ", "", 63),
    ] {
        let nested = |depth: usize| format!("{}count{}", open.repeat(depth), close.repeat(depth));
        assert!(parse(&nested(most)).is_ok(), "{open}");
        assert_eq!(parse(&nested(most + 1)).unwrap_err().code, "too_deep", "{open}");
        assert!(parse(&nested(1000)).is_err());
    }
    let sum = vec!["count"; 65].join(" + ");
    assert_eq!(parse(&sum).unwrap_err().code, "too_deep");
}

#[test]
fn the_deepest_expression_is_evaluated_and_printed() {
    let text = "-".repeat(63) + "count";
    let expr = compiled(&text);
    assert_eq!(expr.eval(&vec![Value::Int(2)], &context()).value, Value::Int(-2));
    assert_eq!(expr.to_string(), text);
}

#[test]
fn all_mistakes_are_told_together_in_the_order_of_the_text() {
    let text = "cuont > 1 && nte == 'x' || lines.exists(l, l.peices > 'a') || foo(1)";
    let errors = compile(text, &names(), Some(&Type::Bool)).unwrap_err();
    let told: Vec<_> = errors
        .iter()
        .map(|error| (&text[error.start..error.end], error.code, error.suggestion.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            ("cuont", "unknown_field", Some("count")),
            ("nte", "unknown_field", Some("note")),
            ("peices", "unknown_field", Some("pieces")),
            ("foo", "unknown_function", None),
        ]
    );
}

#[test]
fn the_fields_of_an_expression_are_known_with_those_of_children() {
    let text = "count > 1 && customer.country == 'FR' && user.id == count \
                && lines.filter(l, has(l.note)).exists(m, m.parts.all(p, p.size > m.pieces))";
    let expr = compiled(text);
    let paths: Vec<&str> = expr.fields().iter().map(|slot| &*slot.path).collect();
    let expected = [
        "count",
        "customer.country",
        "lines",
        "lines.note",
        "lines.parts",
        "lines.parts.size",
        "lines.pieces",
    ];
    assert_eq!(paths, expected);
    let attributes: Vec<&str> = expr.attributes().iter().map(|slot| &*slot.path).collect();
    assert_eq!(attributes, ["user.id"]);
    assert!(!expr.reads_clock() && compiled("today() == null").reads_clock());
}

#[test]
fn rows_in_rows_are_read_from_the_row_they_belong_to() {
    let part = |size| vec![Value::Int(size)];
    let line = |pieces, sizes: &[i64]| {
        let parts = sizes.iter().map(|size| part(*size)).collect();
        vec![Value::Int(pieces), Value::Null, Value::Rows(parts)]
    };
    let lines = Value::Rows(vec![line(1, &[2, 3]), line(4, &[5, 6])]);
    let row = vec![Value::Int(0), Value::Null, Value::Null, lines];
    for (text, expected) in [
        ("lines.all(l, l.parts.all(p, p.size > l.pieces))", true),
        ("lines.all(l, l.parts.all(p, p.size > 2))", false),
        ("lines.exists(l, l.parts.map(p, p.size).sum() == 11)", true),
        ("lines.map(l, l.parts.map(p, p.size * l.pieces).sum()).sum() == 49", true),
    ] {
        assert_eq!(compiled(text).eval_bool(&row, &context()), expected, "{text}");
    }
}

#[test]
fn an_evaluation_that_grows_without_measure_ends_in_null_with_a_reason() {
    let line = vec![Value::Int(1), Value::from("x".repeat(10_000)), Value::Null];
    let row = vec![Value::Int(0), Value::Null, Value::Null, Value::Rows(vec![line; 500])];
    for text in [
        "lines.map(a, lines.map(b, lines.map(c, c.pieces).sum()).sum()).sum()",
        "size(lines.map(a, lines.map(b, b.note + a.note)))",
        "size(lines.map(a, lines.map(b, upper(b.note))))",
        "size(lines.map(a, size(lines.filter(b, has(b.note)))).map(x, x)) + lines.map(a, \
         size(lines.filter(b, has(b.note)))).sum()",
    ] {
        let result = compiled(text).eval(&row, &context());
        assert!(result.reasons.iter().any(|reason| reason.code == "too_much_work"), "{text}");
    }
}

#[test]
fn a_bound_expression_holds_constants_where_no_field_is_read() {
    for (text, bound) in [
        ("count > user.id * 2 + 1", "count > 15"),
        ("count > user.id / 0", "false"),
        ("count == user.id % 0", "!has(count)"),
        ("count in [user.id, 1]", "count in [7, 1]"),
        ("year(today()) - count == 3 && user.id > 1", "1970 - count == 3 && true"),
    ] {
        assert_eq!(compiled(text).bind(&context()).to_string(), bound, "{text}");
    }
}

#[test]
fn what_a_database_cannot_do_is_pointed_at() {
    for (text, offending) in [
        ("note == 'a' && lower(note) == 'b'", "lower(note)"),
        ("count > 1 || count * 2 > 3", "count * 2"),
        ("count + 1 > size(note)", "size(note)"),
        ("lines.exists(l, l.pieces > 1)", "lines"),
        ("note in [customer.country]", "[customer.country]"),
        ("(count > 1 ? count : 2) == 3", "count > 1 ? count : 2"),
        ("count > user.id * 2 && note.contains('a')", ""),
        ("count == null || count in [1, 2]", ""),
    ] {
        let expr = compiled(text);
        let found = sql_ready(&expr).err().map_or("", |error| &text[error.start..error.end]);
        assert_eq!(found, offending, "{text}");
    }
}

#[test]
fn a_row_that_holds_something_else_than_declared_gives_an_answer() {
    for (text, expected) in [
        ("count > 1", Value::Bool(false)),
        ("count + 1", Value::Null),
        ("count == 1", Value::Bool(false)),
        ("lines.exists(l, l.pieces > 1)", Value::Bool(false)),
        ("size(note)", Value::Null),
    ] {
        let row = vec![Value::from("x"), Value::Int(1), Value::Null, Value::Int(3)];
        assert_eq!(compiled(text).eval(&row, &context()).value, expected, "{text}");
        assert_eq!(compiled("has(count)").eval(&Vec::new(), &context()).value, Value::Bool(false));
    }
}

/// A name of the record's own, and one behind a link whose place is that of another own field.
struct Linked;

impl expr::Env for Linked {
    fn field(&self, path: &[&str]) -> Option<expr::FieldRef> {
        let via = Some(expr::Via { source: 0 });
        match path {
            ["on"] => Some(expr::FieldRef::new(1, Type::Date)),
            ["customer", "country"] => {
                Some(expr::FieldRef { via, ..expr::FieldRef::new(0, Type::Text) })
            }
            ["customer", "since"] => {
                Some(expr::FieldRef { via, ..expr::FieldRef::new(1, Type::Date) })
            }
            _ => None,
        }
    }

    fn names(&self, _: &[&str]) -> Vec<String> {
        Vec::new()
    }
}

#[test]
fn a_plain_row_has_no_value_that_lies_behind_a_link() {
    let context = Context::new(types::Instant(0), "UTC", vec![]);
    let row = vec![types::Value::from("DE"), types::Value::Null];
    let country = compile("customer.country", &Linked, None).unwrap();
    let evaluated = country.eval(&row, &context);
    assert_eq!(evaluated.value, types::Value::Null);
    assert_eq!(evaluated.reasons[0].code, "wrong_type");
    let target = [types::Value::from("FR")];
    let joined = expr::Joined { own: &row, sources: &[&target] };
    assert_eq!(country.eval(&joined, &context).value, types::Value::from("FR"));
    assert_eq!(country.eval(&joined, &context).reasons, []);
    let nowhere = expr::Joined { own: &row, sources: &[] };
    assert_eq!(country.eval(&nowhere, &context).value, types::Value::Null);
}

#[test]
fn what_reads_behind_a_link_is_decided_by_the_database_whole_or_refused() {
    for (text, ready) in [
        ("customer.country == 'DE' && on + 30 < date('2026-01-01')", true),
        ("customer.since < date('2026-01-01')", true),
        ("customer.since + 30 < date('2026-01-01')", false),
        ("customer.country == 'DE' || on + 30 < date('2026-01-01')", false),
        ("(customer.country == 'DE') == (on == customer.since)", false),
    ] {
        let expr = compile(text, &Linked, None).unwrap();
        assert_eq!(sql_ready(&expr).is_ok(), ready, "{text}");
    }
}
