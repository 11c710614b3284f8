//! What holds for every text, every tree and every row.

use expr::{Context, Expr, Names, Type, compile, sql_ready};
use proptest::prelude::*;
use types::{Currency, Date, Decimal, Duration, Instant, Money, Value};

fn names() -> Names {
    let lines = Names::new().field("pieces", Type::Int).field("amount", Type::Money);
    Names::new()
        .attribute("user.level", Type::Int)
        .field("flag", Type::Bool)
        .field("count", Type::Int)
        .field("price", Type::Decimal(Some(2)))
        .field("name", Type::Text)
        .field("day_on", Type::Date)
        .field("done_at", Type::Instant)
        .field("spent", Type::Duration)
        .field("total", Type::Money)
        .field("tags", Type::List(Box::new(Type::Text)))
        .rows("lines", lines)
}

fn context() -> Context {
    Context::new(Instant(1_790_000_000_000_000), "Europe/Berlin", vec![Value::Int(3)])
}

fn maybe(value: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    prop_oneof![1 => Just(Value::Null), 4 => value].boxed()
}

fn int() -> BoxedStrategy<Value> {
    maybe(prop_oneof![Just(i64::MIN), Just(i64::MAX), -3..4i64, any::<i64>()].prop_map(Value::Int))
}

fn money() -> BoxedStrategy<Value> {
    let currency = prop_oneof![4 => Just(Currency::EUR), 1 => Just(Currency::USD)];
    let limit = 10i64.pow(18);
    maybe(
        (-limit + 1..limit, currency)
            .prop_map(|(minor, currency)| Money { minor, currency }.into()),
    )
}

fn text() -> BoxedStrategy<Value> {
    maybe("[a-c%_é🗿']{0,4}".prop_map(Value::Text))
}

/// Values in the order of [`names`].
fn row() -> impl Strategy<Value = Vec<Value>> {
    let line = (int(), money()).prop_map(|(pieces, amount)| vec![pieces, amount]);
    let day = (1..=9999i16, 1..=12i8, 1..=28i8);
    (
        maybe(any::<bool>().prop_map(Value::Bool)),
        int(),
        maybe(any::<i64>().prop_map(|n| Value::Decimal(Decimal::new(n / 10, 2)))),
        text(),
        maybe(day.prop_map(|(y, m, d)| Date::new(y, m, d).unwrap().into())),
        maybe(any::<i64>().prop_map(|n| Instant(n).into())),
        maybe(any::<i64>().prop_map(|n| Duration(n).into())),
        money(),
        maybe(prop::collection::vec(text(), 0..3).prop_map(Value::List)),
        maybe(prop::collection::vec(line, 0..3).prop_map(Value::Rows)),
    )
        .prop_map(|(a, b, c, d, e, f, g, h, i, j)| vec![a, b, c, d, e, f, g, h, i, j])
}

fn one_of(texts: &'static [&'static str]) -> BoxedStrategy<String> {
    prop::sample::select(texts).prop_map(str::to_owned).boxed()
}

/// Text of a number, nested at most `depth` deep.
fn number(depth: u32) -> BoxedStrategy<String> {
    let leaf = one_of(&[
        "count",
        "price",
        "user.level",
        "0",
        "1",
        "-7",
        "2.50",
        "0.0",
        "9223372036854775807",
        "null",
        "99999999999999.9999",
        "size(name)",
        "size(tags)",
        "lines.map(l, l.pieces).sum()",
        "year(day_on)",
        "amount(total)",
        "day_on - today()",
        "month(done_at)",
    ]);
    if depth == 0 {
        return leaf;
    }
    let n = || number(depth - 1);
    let sign = one_of(&["+", "-", "*", "/", "%"]);
    prop_oneof![
        2 => leaf,
        4 => (n(), sign, n()).prop_map(|(a, op, b)| format!("({a}) {op} ({b})")),
        1 => n().prop_map(|a| format!("-({a})")),
        1 => (n(), n()).prop_map(|(a, b)| format!("div({a}, {b}, 3, 'half_even')")),
        1 => n().prop_map(|a| format!("round({a}, 1)")),
        1 => (n(), n()).prop_map(|(a, b)| format!("coalesce({a}, {b})")),
        1 => (n(), n()).prop_map(|(a, b)| format!("min({a}, {b})")),
        1 => (condition(depth - 1), n(), n()).prop_map(|(c, a, b)| format!("({c}) ? ({a}) : {b}")),
        1 => (n(), n()).prop_map(|(a, b)| format!("[{a}, {b}].sum()")),
        1 => n().prop_map(|a| format!("lines.map(l, l.pieces + ({a})).max()")),
    ]
    .boxed()
}

/// Text of a condition, nested at most `depth` deep.
fn condition(depth: u32) -> BoxedStrategy<String> {
    let leaf = one_of(&[
        "flag",
        "true",
        "null",
        "name == 'a'",
        "name.contains('é')",
        "has(price)",
        "'b' in tags",
        "total > money('1.00', 'EUR')",
        "day_on + 1 > today()",
        "done_at - spent < now()",
        "lines.exists(l, l.amount == total)",
        "name != null",
        "lower(name) + 'x' < upper(name)",
        "tags.all(t, t.startsWith('a') || t == name)",
        "money(price, name) != total",
    ]);
    if depth == 0 {
        return leaf;
    }
    let (c, n) = (|| condition(depth - 1), || number(depth - 1));
    let compare = one_of(&["==", "!=", "<", "<=", ">", ">="]);
    prop_oneof![
        2 => leaf,
        2 => (c(), c(), c()).prop_map(|(a, b, c)| format!("({a}) && ({b}) && {c}")),
        2 => (c(), c()).prop_map(|(a, b)| format!("{a} || ({b})")),
        1 => c().prop_map(|a| format!("!({a})")),
        3 => (n(), compare, n()).prop_map(|(a, op, b)| format!("({a}) {op} ({b})")),
        1 => (n(), n(), n()).prop_map(|(a, b, c)| format!("({a}) in [{b}, {c}]")),
        1 => (c(), c()).prop_map(|(a, b)| format!("(({a}) == ({b}))")),
        1 => c().prop_map(|a| format!("lines.filter(l, {a}).all(m, m.pieces > 0)")),
    ]
    .boxed()
}

/// Compiles a text made of parts that fit; numbers may still meet in ways that are refused.
fn compiled(text: &str) -> Option<Expr> {
    compile(text, &names(), None).ok()
}

const WORDS: &[&str] = &[
    "flag",
    "count",
    "lines",
    "name",
    ".",
    "(",
    ")",
    "[",
    "]",
    ",",
    "+",
    "-",
    "!",
    "&&",
    "||",
    "?",
    ":",
    "in",
    "==",
    "<",
    "'a'",
    "\"",
    "'",
    "1",
    "1.5",
    ".5",
    "date",
    "has",
    "map",
    "l",
    "exists",
    "duration('P1D')",
    "null",
    "\\",
    "//",
    "\n",
    "é",
    "\u{0}",
    "r'",
    "money",
    "user",
    "%",
    "=",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_compiler_panic_and_errors_lie_in_the_text(
        text in prop_oneof![
            any::<String>(),
            "[ -~é]{0,40}",
            prop::collection::vec(prop::sample::select(WORDS), 0..24).prop_map(|w| w.join(" ")),
            prop::collection::vec(prop::sample::select(WORDS), 0..24).prop_map(|w| w.concat()),
        ]
    ) {
        if let Err(errors) = compile(&text, &names(), None) {
            prop_assert!(!errors.is_empty());
            for error in errors {
                prop_assert!(error.start <= error.end && error.end <= text.len(), "{error:?}");
                prop_assert!(text.is_char_boundary(error.start) && text.is_char_boundary(error.end));
            }
        }
    }

    #[test]
    fn no_literal_text_makes_a_constructor_panic(text in "[-+PTDHMSZ0-9.:]{0,24}") {
        for name in ["date", "instant", "duration", "decimal"] {
            let _ = compile(&format!("{name}('{text}')"), &names(), None);
        }
        let _ = compile(&format!("money('{text}', 'EUR')"), &names(), None);
        let far = format!("duration('P7304484DT175307616H{text}')");
        let _ = compile(&far, &names(), None);
    }

    #[test]
    fn what_is_printed_reads_back_as_the_same_tree(text in condition(3)) {
        if let Some(expr) = compiled(&text) {
            let printed = expr.to_string();
            let again = compile(&printed, &names(), None);
            prop_assert_eq!(again.as_ref(), Ok(&expr), "{} printed as {}", text, printed);
        }
    }

    #[test]
    fn every_row_has_an_answer(text in condition(3), row in row()) {
        if let Some(expr) = compiled(&text) {
            let (context, plain) = (context(), expr.eval(&row, &context()));
            prop_assert!(matches!(plain.value, Value::Bool(_) | Value::Null), "{:?}", plain);
            prop_assert_eq!(expr.eval_bool(&row, &context), plain.value == Value::Bool(true));
            let bound = expr.bind(&context);
            prop_assert_eq!(bound.eval(&row, &context).value, plain.value);
            prop_assert!(sql_ready(&expr).is_err() || sql_ready(&bound).is_ok());
        }
    }

    #[test]
    fn numbers_keep_their_declared_digits(text in number(3), row in row()) {
        if let Some(expr) = compiled(&text) {
            let result = expr.eval(&row, &context());
            match (&result.value, expr.ty()) {
                (Value::Decimal(value), Type::Decimal(Some(scale))) => {
                    prop_assert!(types::rescale(*value, *scale).is_some(), "{value} at {scale}");
                }
                (Value::Decimal(value), Type::Decimal(None)) => {
                    prop_assert!(value.mantissa().unsigned_abs() < 10u128.pow(28));
                    prop_assert_eq!(*value, value.normalize());
                }
                (Value::Int(_), Type::Int | Type::Decimal(_)) | (Value::Null, _) => {}
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }

    #[test]
    fn a_comparison_and_its_opposite_split_all_rows_that_have_an_order(
        a in number(2), b in number(2), row in row()
    ) {
        let holds = |op: &str| {
            compiled(&format!("({a}) {op} ({b})")).map(|expr| expr.eval_bool(&row, &context()))
        };
        if let Some(equal) = holds("==") {
            let [less, more] = ["<", ">"].map(|op| holds(op) == Some(true));
            prop_assert_eq!(holds("!="), Some(!equal));
            prop_assert!(u8::from(less) + u8::from(more) + u8::from(equal) <= 1);
            prop_assert!(holds("<=") == Some(less) || equal);
        }
    }
}
