//! Runs `pairs.json`: two thousand expressions that nobody thought of, with rows of their own, and
//! what the interpreter answers. The other evaluators must agree with every one of them.
//!
//! The file is made by this test: `MEGALITH_GEN=1 cargo test -p expr --test pairs` writes it anew.

mod common;

use common::{Vectors, type_of};
use expr::{Type, sql_ready};
use serde_json::{Map, Value as Json, json};
use types::{Value, format_id};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/pairs.json");
const CASES: usize = 2_000;

/// Numbers that look random and are the same each time (xorshift64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let mixed = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d);
        ((mixed >> 33) % most as u64) as usize
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn often(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

const SORTS: &[&str] =
    &["bool", "num", "text", "date", "instant", "span", "money", "nums", "texts"];

/// The text of a term of a sort, sometimes of another one, so that types meet that do not fit.
fn term(r: &mut Chance, sort: &str, depth: usize) -> String {
    let sort = if r.often(3) { r.one(SORTS) } else { sort };
    if depth == 0 || r.often(15) {
        return leaf(r, sort).to_owned();
    }
    let form = r.below(8);
    let mut part = |sort: &str| term(r, sort, depth - 1);
    match (sort, form) {
        ("bool", 0) => format!("{} && {} && {}", part("bool"), part("bool"), part("bool")),
        ("bool", 1) => format!("({} || {})", part("bool"), part("bool")),
        ("bool", 2) => format!("!({})", part("bool")),
        ("bool", 3) => {
            let (a, b) = (part("num"), part("num"));
            format!("({a} {} {b})", r.one(&["==", "!=", "<", "<=", ">", ">="]))
        }
        ("bool", 4) => {
            let of = r.one(&["text", "date", "instant", "span", "money"]);
            let (a, b) = (term(r, of, depth - 1), term(r, of, depth - 1));
            format!("({a}) {} ({b})", r.one(&["==", "!=", "<", ">="]))
        }
        ("bool", 5) => format!("lines.exists(l, l.pieces > {})", part("num")),
        ("bool", 6) => format!("({}) in {}", part("num"), part("nums")),
        ("bool", _) => format!("({}).contains({})", part("text"), part("text")),
        ("num", 0..=2) => {
            let (a, b) = (part("num"), part("num"));
            format!("({a} {} {b})", r.one(&["+", "-", "*", "/", "%"]))
        }
        ("num", 3) => {
            let (a, how) = (part("num"), ["half_up", "half_even", "up", "down"]);
            format!("round({a}, {}, '{}')", r.below(5), r.one(&how))
        }
        ("num", 4) => format!("div({}, {}, {})", part("num"), part("num"), r.below(19)),
        ("num", 5) => format!("{}.sum()", part("nums")),
        ("num", 6) => format!("amount({})", part("money")),
        ("num", _) => format!("({} - {})", part("date"), part("date")),
        ("text", 0) => format!("({} + {})", part("text"), part("text")),
        ("text", 1) => format!("upper({})", part("text")),
        ("text", 2) => format!("coalesce({}, {})", part("text"), part("text")),
        ("text", _) => format!("({} ? {} : {})", part("bool"), part("text"), part("text")),
        ("date", 0..=3) => format!("({} + {})", part("date"), part("num")),
        ("date", _) => format!("date({})", part("instant")),
        ("instant", _) => format!("({} - {})", part("instant"), part("span")),
        ("span", 0..=3) => format!("({} * {})", part("span"), part("num")),
        ("span", _) => format!("({} - {})", part("instant"), part("instant")),
        ("money", 0..=2) => format!("({} + {})", part("money"), part("money")),
        ("money", 3) => format!("-{}", part("money")),
        ("money", 4) => "lines.filter(l, l.pieces > 1).map(l, l.amount).sum()".to_owned(),
        ("money", _) => format!("money({}, {}, 'half_even')", part("num"), part("text")),
        ("nums", _) => format!("[{}, {}]", part("num"), part("num")),
        _ => format!("[{}, {}]", part("text"), part("text")),
    }
}

fn leaf(r: &mut Chance, sort: &str) -> &'static str {
    match sort {
        "bool" => {
            r.one(&["urgent", "done", "true", "has(note)", "state == 'paid'", "owner == user.id"])
        }
        "num" => r.one(&[
            "quantity",
            "count",
            "price",
            "rate",
            "user.level",
            "0",
            "1",
            "-7",
            "2.50",
            "0.001",
            "null",
            "9223372036854775807",
            "99999999999999.9999",
            "size(title)",
            "lines.map(l, l.weight).max()",
            "year(issued_on)",
            "day(created_at)",
            "abs(price)",
        ]),
        "text" => r.one(&[
            "title",
            "note",
            "'a'",
            "'é🗿'",
            "''",
            "customer.country",
            "'EUR'",
            "currency(paid)",
        ]),
        "date" => r.one(&[
            "issued_on",
            "due_on",
            "today()",
            "date('2024-02-29')",
            "date('9999-12-30')",
            "null",
        ]),
        "instant" => r.one(&["created_at", "now()", "instant('2026-03-29T01:00:00.5+01:00')"]),
        "span" => r.one(&["spent", "duration('PT2H30M')", "duration('-P1DT0.25S')", "null"]),
        "money" => {
            r.one(&["total", "paid", "customer.credit", "money('12.30', 'EUR')", "money(5, 'JPY')"])
        }
        "nums" => r.one(&["scores", "lines.map(l, l.pieces)", "[]", "[1, 2.5, null]"]),
        _ => r.one(&["tags", "['a', null]", "lines.map(l, l.note)"]),
    }
}

/// The text with a slip of the hand.
fn slipped(r: &mut Chance, text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let at = r.below(chars.len());
    match r.below(3) {
        0 => drop(chars.remove(at)),
        1 => chars
            .insert(at, r.one(&["x", "'", "(", ")", ".", "é", "&", "="]).chars().next().unwrap()),
        _ => chars.swap(at, (at + 1) % text.chars().count()),
    }
    chars.into_iter().collect()
}

/// A value of a type as the API writes it.
fn cell(r: &mut Chance, ty: &str) -> Json {
    if r.often(15) {
        return Json::Null;
    }
    let digits = |r: &mut Chance| {
        let most = 10usize.pow(1 + r.below(9) as u32);
        r.below(most) as i64 - 500
    };
    match ty {
        "bool" => r.often(50).into(),
        "int" => match r.below(5) {
            0 => i64::MAX.into(),
            1 => i64::MIN.into(),
            _ => digits(r).into(),
        },
        "text" => {
            r.one(&["", "a", "Ann", "é🗿", "ΑΣ", "straße", "paid", "draft", "FR", "USD"]).into()
        }
        "date" => {
            format!("{:04}-{:02}-{:02}", 1 + r.below(9999), 1 + r.below(12), 1 + r.below(28)).into()
        }
        "instant" => format!(
            "{:04}-{:02}-{:02}T{:02}:59:59.{:06}Z",
            1950 + r.below(150),
            1 + r.below(12),
            1 + r.below(28),
            r.below(24),
            r.below(1_000_000)
        )
        .into(),
        "duration" => format!("PT{}H{}M{}.5S", r.below(90_000), r.below(60), r.below(60)).into(),
        "money" => {
            let currency = r.one(&["EUR", "EUR", "USD", "JPY", "KWD"]);
            let amount =
                if r.often(10) { "99999999999999999".to_owned() } else { digits(r).to_string() };
            match currency {
                "JPY" => json!({"amount": amount, "currency": currency}),
                _ => {
                    json!({"amount": format!("{}.{:02}", &amount[..amount.len().min(15)], r.below(100)), "currency": currency})
                }
            }
        }
        "list(int)" => (0..r.below(4)).map(|_| cell(r, "int")).collect(),
        "list(text)" => (0..r.below(4)).map(|_| cell(r, "text")).collect(),
        ty if ty.starts_with("decimal") => {
            let Type::Decimal(Some(scale)) = type_of(ty) else { return Json::Null };
            format!("{}.{}", digits(r), "1234567890".get(..scale as usize).unwrap_or("0")).into()
        }
        _ => Json::Null,
    }
}

fn lines(r: &mut Chance, fields: &[Json]) -> Json {
    let line = |r: &mut Chance| -> Json {
        let cells = fields.iter().map(|field| {
            (field["name"].as_str().unwrap().to_owned(), cell(r, field["type"].as_str().unwrap()))
        });
        Json::Object(cells.collect())
    };
    (0..r.below(4)).map(|_| line(r)).collect()
}

/// A type as the files write it.
fn written(ty: &Type) -> String {
    match ty {
        Type::Null => "null".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::Int => "int".to_owned(),
        Type::Decimal(None) => "decimal".to_owned(),
        Type::Decimal(Some(scale)) => format!("decimal({scale})"),
        Type::Text => "text".to_owned(),
        Type::Date => "date".to_owned(),
        Type::Instant => "instant".to_owned(),
        Type::Duration => "duration".to_owned(),
        Type::WallTime => "wall_time".to_owned(),
        Type::Money => "money".to_owned(),
        Type::Json => "json".to_owned(),
        Type::Id(target) => format!("id({},{})", target.entity, target.prefix),
        Type::List(item) => format!("list({})", written(item)),
        Type::Rows(name) => format!("rows({name})"),
    }
}

/// A value as the files write it.
fn encoded(value: &Value, ty: &Type) -> Json {
    match value {
        Value::Null | Value::Rows(_) => Json::Null,
        Value::Bool(value) => json!(value),
        Value::Int(value) => json!(value),
        Value::Decimal(value) => json!(value.normalize().to_string()),
        Value::Text(text) | Value::Json(text) => json!(text),
        Value::Date(value) => json!(value.to_string()),
        Value::Instant(value) => json!(value.to_string()),
        Value::Duration(value) => json!(value.to_string()),
        Value::WallTime(value) => json!(value.to_string()),
        Value::Money(money) => {
            json!({"amount": money.amount().to_string(), "currency": money.currency.code()})
        }
        Value::Id(id) => match ty {
            Type::Id(target) => json!(format_id(&target.prefix, *id)),
            _ => Json::Null,
        },
        Value::List(items) => {
            let Type::List(item) = ty else { return Json::Null };
            items.iter().map(|value| encoded(value, item)).collect()
        }
    }
}

/// What the interpreter answers to a case, beside its expression, row and expected type.
fn answer(vectors: &Vectors, case: &Json) -> Map<String, Json> {
    let mut answer = Map::new();
    let mut put = |name: &str, value: Json| drop(answer.insert(name.to_owned(), value));
    match vectors.compile(case) {
        Err(errors) => {
            let all = errors.iter().map(|e| json!([e.code, e.start, e.end, e.suggestion]));
            put("errors", all.collect());
        }
        Ok(expr) => {
            let result = expr.eval(&vectors.row(case), &vectors.context);
            put("type", written(expr.ty()).into());
            put("value", encoded(&result.value, expr.ty()));
            put("canonical", expr.to_string().into());
            put("sql", sql_ready(&expr).is_ok().into());
            let reasons = result.reasons.iter();
            put("reasons", reasons.map(|r| json!([r.code, r.span.start, r.span.end])).collect());
        }
    }
    answer
}

fn made() -> Json {
    let mut vectors = Vectors::read(include_str!("../vectors.json"));
    let fields = vectors.file["fields"].as_array().unwrap().clone();
    let of_lines = vectors.file["lines"].as_array().unwrap().clone();
    let mut r = Chance(0x9e37_79b9_7f4a_7c15);
    let mut cases = Vec::new();
    while cases.len() < CASES {
        let sort = r.one(SORTS);
        let depth = 1 + r.below(3);
        let mut text = term(&mut r, sort, depth);
        if r.often(12) {
            text = slipped(&mut r, &text);
        }
        let mut row = Map::new();
        for field in &fields {
            let (name, ty) = (field["name"].as_str().unwrap(), field["type"].as_str().unwrap());
            if text.contains(name) && r.often(70) && !ty.starts_with("id") && ty != "json" {
                let value =
                    if ty == "rows(lines)" { lines(&mut r, &of_lines) } else { cell(&mut r, ty) };
                row.insert(name.to_owned(), value);
            }
        }
        let mut case = json!({"expr": text});
        if !row.is_empty() {
            case["row"] = row.into();
        }
        if r.often(15) {
            case["expected"] =
                r.one(&["bool", "decimal(2)", "decimal(0)", "text", "money", "int"]).into();
        }
        let answer = answer(&vectors, &case);
        case.as_object_mut().unwrap().extend(answer);
        cases.push(case);
    }
    vectors.file["about"] = "Expressions made by chance and what the interpreter answers, in the \
        form of vectors.json. `errors` are code, start, end and suggestion of every mistake, \
        `reasons` code, start and end."
        .into();
    vectors.file["cases"] = cases.into();
    vectors.file
}

/// One case a line, so that a change shows what it changed.
fn text_of(file: &Json) -> String {
    let mut text = String::from("{\n");
    for (name, value) in file.as_object().unwrap() {
        if name != "cases" {
            text.push_str(&format!("{}: {value},\n", json!(name)));
        }
    }
    let cases: Vec<String> =
        file["cases"].as_array().unwrap().iter().map(Json::to_string).collect();
    text + "\"cases\": [\n" + &cases.join(",\n") + "\n]}\n"
}

#[test]
fn every_pair_is_what_the_interpreter_answers() {
    let made = text_of(&made());
    if std::env::var_os("MEGALITH_GEN").is_some() {
        std::fs::write(PATH, &made).unwrap();
    }
    let held = std::fs::read_to_string(PATH).unwrap_or_default();
    let differs = made.lines().zip(held.lines()).find(|(now, old)| now != old);
    assert_eq!(differs, None, "MEGALITH_GEN=1 cargo test -p expr --test pairs writes pairs.json");
    assert_eq!(made.lines().count(), held.lines().count());
    let vectors = Vectors::read(&held);
    let cases = vectors.cases();
    let wrong = cases.iter().filter(|case| !case["errors"].is_null()).count();
    assert!(cases.len() == CASES && wrong > 200 && CASES - wrong > 1_000, "{wrong} are mistakes");
}
