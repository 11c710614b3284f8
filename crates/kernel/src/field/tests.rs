//! What each kind reads, refuses and writes, row by row.

use super::*;
use crate::schema::{Default, EntityKind, Field};
use expr::Type;
use proptest::prelude::*;
use testkit::data;
use types::{Date, Decimal, Duration, Instant, Money, Uuid, Value, WallTime};

/// A small world: orders with lines, items, customers.
pub(crate) struct World(Vec<Arc<Entity>>);

impl Entities for World {
    fn entity(&self, full_name: &str) -> Option<Arc<Entity>> {
        self.0.iter().find(|entity| entity.full_name() == full_name).cloned()
    }
}

impl World {
    pub(crate) fn new() -> World {
        let field = |name: &str, kind: Kind| Field::new(name, kind, "Some help.");
        let lines = Kind::Children { entity: "operations.sales_order_line".into() };
        let line = Entity::new("operations", "sales_order_line", "sales-order-lines", "sol")
            .kind(EntityKind::Child)
            .field(field("item", Kind::link("operations.item")).required())
            .field(field("quantity", Kind::Quantity).required())
            .field(field("price", Kind::Price))
            .field(field("amount", Kind::Money).read_only());
        let order = Entity::new("operations", "sales_order", "sales-orders", "so")
            .per_company()
            .numbered("SO-{year}-{seq:5}", "create")
            .field(field("customer", Kind::link("operations.customer")).required())
            .field(field("ordered_on", Kind::Date).default(Default::Today))
            .field(field("lines", lines))
            .field(field("total", Kind::Money).read_only())
            .field(field("note", Kind::LongText { max: 20_000 }))
            .field(field("data", Kind::Json))
            .field(field("pin", Kind::text(20)).secret());
        let item =
            Entity::new("operations", "item", "items", "itm").field(field("code", Kind::text(40)));
        let customer = Entity::new("operations", "customer", "customers", "cus")
            .field(field("name", Kind::text(200)).required())
            .title("name");
        World([line, order, item, customer].into_iter().map(Arc::new).collect())
    }

    pub(crate) fn order(&self) -> Arc<Entity> {
        self.0[1].clone()
    }
}

const CUS: &str = "\"cus_01h455vb4pex5vsknk084sn02q\"";

fn read(kind: &Kind, raw: &str) -> Result<Value, Vec<(String, String)>> {
    let (mut problems, world) = (Vec::new(), World::new());
    let value = kind.parse(raw, "/f", &world, &mut problems);
    match value {
        Some(value) if problems.is_empty() => Ok(value),
        _ => Err(problems.into_iter().map(|p| (p.pointer, p.code)).collect()),
    }
}

fn written(kind: &Kind, value: &Value) -> String {
    let mut out = String::new();
    kind.write(value, &World::new(), &mut out);
    out
}

#[test]
fn each_kind_reads_what_it_holds_and_writes_it_in_one_form() {
    let link = Kind::link("operations.customer");
    let links = Kind::Links { entity: "operations.customer".into() };
    let state = Kind::choice(&["draft", "confirmed"]);
    let whole = Kind::Integer { min: -5, max: 100 };
    let ids = format!("[{CUS},\"cus_01h455vb4pex5vsknk084sn02r\"]");
    for (kind, raw, expected) in [
        (Kind::text(5), r#""  a ""#, r#""  a ""#),
        (Kind::text(5), r#""日本語文字""#, r#""日本語文字""#),
        (Kind::text(5), r#""\u00e9\n\"\ud83d\uddff""#, r#""é\n\"🗿""#),
        (Kind::text(5), "null", "null"),
        (Kind::text(5), r#""""#, r#""""#),
        (Kind::LongText { max: 9 }, r#""a\tb""#, r#""a\tb""#),
        (Kind::Boolean, "true", "true"),
        (Kind::Boolean, "false", "false"),
        (whole.clone(), "-5", "-5"),
        (whole.clone(), "-0", "0"),
        (Kind::integer(), "-9223372036854775808", "-9223372036854775808"),
        (Kind::integer(), "9223372036854775807", "9223372036854775807"),
        (Kind::Decimal { scale: 2 }, r#""12.50""#, r#""12.5""#),
        (Kind::Decimal { scale: 2 }, "0.10", r#""0.1""#),
        (Kind::Decimal { scale: 2 }, "-7", r#""-7""#),
        (Kind::Decimal { scale: 2 }, r#""-0.00""#, r#""0""#),
        (Kind::Percent, r#""0.05""#, r#""0.05""#),
        (Kind::Price, r#""14""#, r#""14.00""#),
        (Kind::Price, "14.12345678", r#""14.12345678""#),
        (Kind::Quantity, r#""12.000000""#, r#""12""#),
        (
            Kind::Money,
            r#"{"amount":"159.6","currency":"EUR"}"#,
            r#"{"amount":"159.60","currency":"EUR"}"#,
        ),
        (
            Kind::Money,
            r#"{ "currency":"JPY", "amount":1200 }"#,
            r#"{"amount":"1200","currency":"JPY"}"#,
        ),
        (
            Kind::Money,
            r#"{"amount":"-0.005","currency":"KWD"}"#,
            r#"{"amount":"-0.005","currency":"KWD"}"#,
        ),
        (Kind::Date, r#""2026-07-04""#, r#""2026-07-04""#),
        (Kind::Date, r#""0001-01-01""#, r#""0001-01-01""#),
        (Kind::Instant, r#""2026-07-04T11:30:00+02:00""#, r#""2026-07-04T09:30:00.000000Z""#),
        (
            Kind::WallTime,
            r#""2026-07-04T09:30:00[Europe/Berlin]""#,
            r#""2026-07-04T09:30:00[Europe/Berlin]""#,
        ),
        (Kind::Duration, r#""PT2H30M""#, r#""PT2H30M""#),
        (Kind::Duration, r#""P1D""#, r#""PT24H""#),
        (state, r#""draft""#, r#""draft""#),
        (Kind::id("cus"), CUS, CUS),
        (link, CUS, CUS),
        (links.clone(), ids.as_str(), ids.as_str()),
        (links.clone(), "[]", "[]"),
        (links, "null", "[]"),
        (Kind::Json, r#"{"a": [1.10, "\u0000"]}"#, r#"{"a": [1.10, "\u0000"]}"#),
        (Kind::Json, "1e999", "1e999"),
        (Kind::Texts, r#"{"northwind": "10248", "a": null}"#, r#"{"a":null,"northwind":"10248"}"#),
        (Kind::Texts, "null", "{}"),
        (Kind::Custom, r#"{"size": 1.10, "tags": [ "x" ]}"#, r#"{"size":1.10,"tags":[ "x" ]}"#),
        (Kind::Custom, "null", "{}"),
        (Kind::Colour, r##""#8A3ffc""##, r##""#8A3ffc""##),
        (Kind::Email, r#""ann.o'hara+x@mail.example.com""#, r#""ann.o'hara+x@mail.example.com""#),
        (Kind::Email, r#""jürgen@bücher.example""#, r#""jürgen@bücher.example""#),
        (Kind::Phone, r#""+1 (206) 555-9857 x3457""#, r#""+1 (206) 555-9857 x3457""#),
        (
            Kind::Url,
            r#""HTTPS://example.com:8080/a?b=c#d""#,
            r#""HTTPS://example.com:8080/a?b=c#d""#,
        ),
        (
            Kind::Address,
            r#"{"street":"a\nb","country":"FR"}"#,
            r#"{"country":"FR","street":"a\nb"}"#,
        ),
        (Kind::Expression, r#""total > 100""#, r#""total > 100""#),
    ] {
        let value = read(&kind, raw).unwrap_or_else(|e| panic!("{kind:?} {raw}: {e:?}"));
        assert_eq!(written(&kind, &value), expected, "{kind:?} {raw}");
        assert_eq!(read(&kind, expected).unwrap(), settled(&kind, value), "{kind:?} {raw}");
    }
}

/// What a value reads back as: an empty object is `{}` on the edge and null in a record.
fn settled(kind: &Kind, value: Value) -> Value {
    match (kind, value) {
        (Kind::Texts | Kind::Custom, Value::Null) => Value::Json("{}".into()),
        (_, value) => value,
    }
}

#[test]
fn what_a_kind_does_not_hold_is_refused_at_its_place_with_a_code() {
    let link = Kind::link("operations.customer");
    let links = Kind::Links { entity: "operations.customer".into() };
    let lines = Kind::Children { entity: "operations.sales_order_line".into() };
    let whole = Kind::Integer { min: -5, max: 100 };
    let twice = format!("[{CUS},7,{CUS}]");
    let deep = format!("{}{}", "[".repeat(129), "]".repeat(129));
    let large = format!("\"{}\"", "x".repeat(64 * 1024));
    let long_mail = format!("\"{}@example.com\"", "x".repeat(250));
    for (kind, raw, expected) in [
        (Kind::text(5), "12", &[("/f", "wrong_type")][..]),
        (Kind::text(5), r#""123456""#, &[("/f", "too_long")]),
        (Kind::text(5), r#""a\u0000""#, &[("/f", "nul_character")]),
        (Kind::text(5), r#""\ud800""#, &[("/f", "invalid_unicode")]),
        (Kind::Boolean, r#""true""#, &[("/f", "wrong_type")]),
        (Kind::Boolean, "1", &[("/f", "wrong_type")]),
        (whole.clone(), "101", &[("/f", "out_of_range")]),
        (whole.clone(), "1.0", &[("/f", "not_whole")]),
        (whole.clone(), "1e1", &[("/f", "not_whole")]),
        (whole.clone(), r#""1""#, &[("/f", "wrong_type")]),
        (Kind::integer(), "9223372036854775808", &[("/f", "out_of_range")]),
        (Kind::Decimal { scale: 2 }, r#""12,5""#, &[("/f", "invalid_decimal")]),
        (Kind::Decimal { scale: 2 }, r#""""#, &[("/f", "invalid_decimal")]),
        (Kind::Decimal { scale: 2 }, "1e2", &[("/f", "invalid_decimal")]),
        (Kind::Decimal { scale: 2 }, "0.30000000000000004", &[("/f", "too_many_places")]),
        (Kind::Decimal { scale: 2 }, "99999999999999999", &[("/f", "out_of_range")]),
        (Kind::Decimal { scale: 2 }, "true", &[("/f", "wrong_type")]),
        (Kind::Money, "12.5", &[("/f", "wrong_type")]),
        (Kind::Money, "{}", &[("/f/amount", "required"), ("/f/currency", "required")]),
        (Kind::Money, r#"{"amount":"1.5","currency":"JPY"}"#, &[("/f/amount", "too_many_places")]),
        (Kind::Money, r#"{"amount":"1","currency":"eur"}"#, &[("/f/currency", "unknown_currency")]),
        (Kind::Money, r#"{"amount":"x","currency":7}"#, &[("/f/currency", "wrong_type")]),
        (
            Kind::Money,
            r#"{"amount":"1","currency":"EUR","amont":1}"#,
            &[("/f/amont", "unknown_field")],
        ),
        (
            Kind::Money,
            r#"{"amount":"1","amount":"2","currency":"EUR"}"#,
            &[("/f/amount", "duplicate_key")],
        ),
        (Kind::Date, r#""2026-02-30""#, &[("/f", "invalid_date")]),
        (Kind::Date, r#""20260704""#, &[("/f", "invalid_date")]),
        (Kind::Date, r#""2026-07-04T00:00:00Z""#, &[("/f", "invalid_date")]),
        (Kind::Date, r#""0000-01-01""#, &[("/f", "invalid_date")]),
        (Kind::Instant, r#""2026-07-04T09:30:00""#, &[("/f", "invalid_instant")]),
        (Kind::Instant, r#""-002026-07-04T09:30:00Z""#, &[("/f", "invalid_instant")]),
        (Kind::Instant, "1751617800", &[("/f", "wrong_type")]),
        (
            Kind::WallTime,
            r#""2026-07-04T09:30:00+02:00[Europe/Berlin]""#,
            &[("/f", "invalid_wall_time")],
        ),
        (Kind::WallTime, r#""2026-07-04T09:30:00[Mars/Olympus]""#, &[("/f", "invalid_wall_time")]),
        (Kind::Duration, r#""P1M""#, &[("/f", "invalid_duration")]),
        (Kind::Duration, r#""P7304484DT175307616H""#, &[("/f", "invalid_duration")]),
        (Kind::choice(&["draft", "confirmed"]), r#""drafd""#, &[("/f", "unknown_choice")]),
        (link.clone(), r#""7""#, &[("/f", "invalid_id")]),
        (link.clone(), r#""itm_01h455vb4pex5vsknk084sn02q""#, &[("/f", "wrong_prefix")]),
        (link, "{}", &[("/f", "wrong_type")]),
        (links.clone(), CUS, &[("/f", "wrong_type")]),
        (links, twice.as_str(), &[("/f/1", "wrong_type"), ("/f/2", "duplicate_item")]),
        (lines.clone(), "{}", &[("/f", "wrong_type")]),
        (lines.clone(), "[1]", &[("/f/0", "wrong_type")]),
        (
            lines.clone(),
            r#"[{"quantity":"1"},{"quantity":"x","prise":"1","version":3,"amount":{"amount":"1"}}]"#,
            &[
                ("/f/1/quantity", "invalid_decimal"),
                ("/f/1/prise", "unknown_field"),
                ("/f/1/version", "unknown_field"),
                ("/f/1/amount/currency", "required"),
            ],
        ),
        (
            lines,
            r#"[{"id":"sol_01h455vb4pex5vsknk084sn02q"},{"id":"sol_01h455vb4pex5vsknk084sn02q"}]"#,
            &[("/f/1/id", "duplicate_item")],
        ),
        (Kind::Json, deep.as_str(), &[("/f", "too_deep")]),
        (Kind::Json, large.as_str(), &[("/f", "too_long")]),
        (Kind::Json, "[1,]", &[("/f", "invalid_json")]),
        (
            Kind::Texts,
            r#"{"A b":"1","c":2}"#,
            &[("/f/A b", "invalid_name"), ("/f/c", "wrong_type")],
        ),
        (Kind::Texts, r#"{"a":"1","a":"2"}"#, &[("/f/a", "duplicate_key")]),
        (
            Kind::Custom,
            r#"{"_x":1,"y":["\u0000"],"z":"\ud800"}"#,
            &[("/f/_x", "invalid_name"), ("/f/y", "nul_character"), ("/f/z", "invalid_unicode")],
        ),
        (Kind::Colour, r#""red""#, &[("/f", "invalid_colour")]),
        (Kind::Colour, r##""#ggg000""##, &[("/f", "invalid_colour")]),
        (Kind::Email, r#""ann""#, &[("/f", "invalid_email")]),
        (Kind::Email, r#""ann@""#, &[("/f", "invalid_email")]),
        (Kind::Email, r#""a b@example.com""#, &[("/f", "invalid_email")]),
        (Kind::Email, r#""a@b@example.com""#, &[("/f", "invalid_email")]),
        (Kind::Email, r#""a@example..com""#, &[("/f", "invalid_email")]),
        (Kind::Email, r#""a@example.com\r\nBcc:x""#, &[("/f", "invalid_email")]),
        (Kind::Email, long_mail.as_str(), &[("/f", "too_long")]),
        (Kind::Phone, r#""call me""#, &[("/f", "invalid_phone")]),
        (Kind::Phone, r#""+-()""#, &[("/f", "invalid_phone")]),
        (Kind::Url, r#""javascript:alert(1)""#, &[("/f", "invalid_url")]),
        (Kind::Url, r#""http://""#, &[("/f", "invalid_url")]),
        (Kind::Url, r#""https://a b""#, &[("/f", "invalid_url")]),
        (Kind::Url, r#""éhttp://a""#, &[("/f", "invalid_url")]),
        (
            Kind::Address,
            r#"{"country":"Germany","zip":"1"}"#,
            &[("/f/country", "unknown_country"), ("/f/zip", "unknown_field")],
        ),
        (Kind::Expression, r#""total >""#, &[("/f", "invalid_expression")]),
    ] {
        let expected: Vec<_> =
            expected.iter().map(|(p, c)| ((*p).to_owned(), (*c).to_owned())).collect();
        assert_eq!(read(&kind, raw), Err(expected), "{kind:?} {raw}");
    }
}

#[test]
fn a_message_says_what_would_be_right() {
    let mut problems = Vec::new();
    for (kind, raw) in [
        (Kind::choice(&["draft", "confirmed"]), r#""drafd""#),
        (Kind::link("operations.customer"), r#""itm_01h455vb4pex5vsknk084sn02q""#),
        (Kind::Boolean, "1"),
        (Kind::Money, r#"{"amount":"1","currency":"EUR","curency":1}"#),
    ] {
        kind.parse(raw, "/f", &World::new(), &mut problems);
    }
    let messages: Vec<&str> = problems.iter().map(|p| p.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "is not one of its choices; did you mean draft?",
            "must be the id of a customer (cus_…), and itm_… is another",
            "must be true or false, not a number",
            "is not a member of money, which has amount and currency; did you mean currency?",
        ]
    );
}

#[test]
fn a_cell_of_a_table_passes_the_same_checks() {
    let links = Kind::Links { entity: "operations.customer".into() };
    let ids = "cus_01h455vb4pex5vsknk084sn02q; cus_01h455vb4pex5vsknk084sn02r";
    for (kind, text, expected) in [
        (Kind::text(5), "", Ok("null")),
        (Kind::text(5), " \"x ", Ok("\" \\\"x \"")),
        (Kind::text(2), "abc", Err("too_long")),
        (Kind::Boolean, "Yes", Ok("true")),
        (Kind::Boolean, "maybe", Err("wrong_type")),
        (Kind::integer(), "+12", Ok("12")),
        (Kind::integer(), "12.0", Err("not_whole")),
        (Kind::integer(), "twelve", Err("not_whole")),
        (Kind::Price, "14.5", Ok("\"14.50\"")),
        (Kind::Price, "1e3", Err("invalid_decimal")),
        (Kind::Money, "159.6 EUR", Ok(r#"{"amount":"159.60","currency":"EUR"}"#)),
        (Kind::Money, "EUR 159.60", Ok(r#"{"amount":"159.60","currency":"EUR"}"#)),
        (Kind::Money, "159.60", Err("invalid_money")),
        (Kind::Money, "159.60 Euro", Err("unknown_currency")),
        (Kind::Date, "2026-07-04", Ok("\"2026-07-04\"")),
        (Kind::Date, "04.07.2026", Err("invalid_date")),
        (Kind::choice(&["draft"]), "draft", Ok("\"draft\"")),
        (links, ids, Ok(r#"["cus_01h455vb4pex5vsknk084sn02q","cus_01h455vb4pex5vsknk084sn02r"]"#)),
        (Kind::Texts, r#"{"a":"1"}"#, Ok(r#"{"a":"1"}"#)),
        (Kind::Json, "not json", Err("invalid_json")),
    ] {
        let (mut problems, world) = (Vec::new(), World::new());
        let value = kind.from_text(text, "/f", &world, &mut problems);
        let found = match &value {
            Some(value) => Ok(written(&kind, value)),
            None => Err(problems[0].code.as_str()),
        };
        assert_eq!(found, expected.map(str::to_owned), "{kind:?} {text}");
    }
}

#[test]
fn a_merge_changes_the_members_it_names_and_keeps_the_text_of_the_others() {
    let json = |text: &str| Value::Json(text.to_owned());
    for (current, patch, expected) in [
        (Value::Null, json(r#"{"a":1.10,"b":null}"#), json(r#"{"a":1.10}"#)),
        (json(r#"{"a":1.10,"b":2}"#), json(r#"{"b":3}"#), json(r#"{"a":1.10,"b":3}"#)),
        (json(r#"{"a":1.10}"#), json("{}"), json(r#"{"a":1.10}"#)),
        (json(r#"{"a":1.10}"#), json(r#"{"a":null}"#), Value::Null),
        (json(r#"{"a":1.10}"#), Value::Null, Value::Null),
    ] {
        assert_eq!(merge(&current, patch.clone()), expected, "{current:?} {patch:?}");
    }
}

#[test]
fn every_kind_has_a_json_schema_that_its_examples_fit() {
    let world = World::new();
    for entity in &world.0 {
        let schema = record_schema(entity, &world);
        assert_eq!(schema["properties"].as_object().unwrap().len(), entity.shown().count());
    }
    for kind in kinds() {
        let schema = kind.json_schema(&world);
        for example in schema["examples"].as_array().into_iter().flatten() {
            let raw = example.to_string();
            assert!(read(&kind, &raw).is_ok(), "{kind:?} {raw}");
        }
    }
    let order = record_schema(&world.order(), &world);
    let line = &order["properties"]["lines"]["items"]["properties"];
    assert_eq!(line["quantity"]["type"], "string");
    assert_eq!(line["price"]["type"], serde_json::json!(["string", "null"]));
    assert_eq!(line["amount"]["readOnly"], true);
    assert!(line.get("version").is_none());
    assert_eq!(order["properties"]["customer"]["pattern"], "^cus_[0-7][0-9a-hjkmnp-tv-z]{25}$");
}

#[test]
fn every_kind_has_a_type_in_expressions() {
    let world = World::new();
    for (kind, expected) in [
        (Kind::id("so"), Type::id("operations.sales_order", "so")),
        (Kind::link("operations.customer"), Type::id("operations.customer", "cus")),
        (Kind::link("users.user"), Type::id("users.user", "usr")),
        (Kind::Price, Type::Decimal(Some(8))),
        (Kind::choice(&["a"]), Type::Text),
        (Kind::Money, Type::Money),
        (Kind::Address, Type::Json),
    ] {
        assert_eq!(kind.expr_type("operations.sales_order", &world), expected, "{kind:?}");
    }
}

/// One kind of each.
fn kinds() -> Vec<Kind> {
    vec![
        Kind::id("cus"),
        Kind::text(1_000),
        Kind::LongText { max: 20_000 },
        Kind::integer(),
        Kind::Decimal { scale: 4 },
        Kind::Percent,
        Kind::Price,
        Kind::Money,
        Kind::Quantity,
        Kind::Boolean,
        Kind::Date,
        Kind::Instant,
        Kind::WallTime,
        Kind::Duration,
        Kind::choice(&["draft", "confirmed"]),
        Kind::link("operations.customer"),
        Kind::Links { entity: "operations.customer".into() },
        Kind::Children { entity: "operations.sales_order_line".into() },
        Kind::Json,
        Kind::Texts,
        Kind::Custom,
        Kind::Colour,
        Kind::Email,
        Kind::Phone,
        Kind::Url,
        Kind::Address,
        Kind::Expression,
    ]
}

fn values() -> impl Strategy<Value = (Kind, Value)> {
    let decimal = |scale: u32| {
        (-999_999_999_999_999_999i64..1_000_000_000_000_000_000)
            .prop_map(move |m| Value::Decimal(Decimal::new(m, scale).normalize()))
    };
    let text = "[^\u{0}]{0,40}".prop_map(Value::Text);
    let id = any::<u128>().prop_filter("the nil id is nobody", |n| *n != 0);
    let id = id.prop_map(|n| Value::Id(Uuid::from_u128(n)));
    let ids = proptest::collection::btree_set(1..u128::MAX, 1..4);
    let links = Kind::Links { entity: "operations.customer".into() };
    let lines = Kind::Children { entity: "operations.sales_order_line".into() };
    let code = proptest::sample::select(vec!["EUR", "JPY", "KWD", "CLF"]);
    let minor = -999_999_999_999_999_999i64..1_000_000_000_000_000_000;
    let money = (minor, code)
        .prop_map(|(minor, code)| Value::Money(Money { minor, currency: types_currency(code) }));
    let day = (1i16..9_999, 1i8..13, 1i8..29)
        .prop_map(|(y, m, d)| format!("{y:04}-{m:02}-{d:02}").parse::<Date>().unwrap());
    let wall = (day.clone(), 0..24u32, 0..60u32).prop_map(|(date, h, m)| {
        Value::WallTime(
            WallTime::parse(&format!("{date}T{h:02}:{m:02}:00[Europe/Berlin]")).unwrap(),
        )
    });
    let row = (1..u128::MAX, any::<i32>(), any::<Option<u32>>());
    let rows = proptest::collection::vec(row, 0..4).prop_map(|rows| {
        let row = |(id, quantity, price): (u128, i32, Option<u32>)| {
            let mut row = vec![Value::Null; 15];
            row[0] = Value::Id(Uuid::from_u128(id));
            row[11] = Value::Id(Uuid::from_u128(7));
            row[12] = Value::Decimal(Decimal::new(quantity.into(), 6).normalize());
            row[13] = price.map(|p| Decimal::new(p.into(), 8).normalize()).into();
            row
        };
        Value::Rows(rows.into_iter().map(row).collect())
    });
    let of = |kind: Kind| move |value: Value| (kind.clone(), value);
    prop_oneof![
        text.clone().prop_map(of(Kind::text(1_000))),
        text.prop_map(of(Kind::LongText { max: 20_000 })),
        any::<i64>().prop_map(Value::Int).prop_map(of(Kind::integer())),
        any::<bool>().prop_map(Value::Bool).prop_map(of(Kind::Boolean)),
        decimal(4).prop_map(of(Kind::Decimal { scale: 4 })),
        decimal(6).prop_map(of(Kind::Percent)),
        decimal(6).prop_map(of(Kind::Quantity)),
        decimal(8).prop_map(of(Kind::Price)),
        money.prop_map(of(Kind::Money)),
        day.prop_map(Value::Date).prop_map(of(Kind::Date)),
        (-62_135_596_800_000_000i64..253_402_200_000_000_000)
            .prop_map(|n| Value::Instant(Instant(n)))
            .prop_map(of(Kind::Instant)),
        wall.prop_map(of(Kind::WallTime)),
        (-1_000_000_000_000_000i64..1_000_000_000_000_000)
            .prop_map(|n| Value::Duration(Duration(n)))
            .prop_map(of(Kind::Duration)),
        id.prop_map(of(Kind::link("operations.customer"))),
        ids.prop_map(|ids| Value::List(
            ids.into_iter().map(|n| Value::Id(Uuid::from_u128(n))).collect()
        ))
        .prop_map(of(links)),
        rows.prop_map(of(lines)),
    ]
}

fn types_currency(code: &str) -> types::Currency {
    types::Currency::parse(code).unwrap()
}

proptest! {
    #[test]
    fn what_a_kind_writes_it_reads_back_as_the_same_value((kind, value) in values()) {
        let text = written(&kind, &value);
        prop_assert!(serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok(), "{}", text);
        prop_assert_eq!(read(&kind, &text), Ok(value), "{}", text);
    }

    #[test]
    fn no_text_makes_a_kind_panic(text in "\\PC{0,40}", json in "[\\[\\]{}\",:0-9a-z\\\\.eE+-]{0,40}") {
        for kind in kinds() {
            for text in [&text, &json] {
                let (mut problems, world) = (Vec::new(), World::new());
                let read = kind.parse(text, "/f", &world, &mut problems);
                prop_assert_eq!(read.is_none(), !problems.is_empty());
                problems.clear();
                let read = kind.from_text(text, "/f", &world, &mut problems);
                prop_assert_eq!(read.is_none(), !problems.is_empty());
            }
        }
    }
}

#[test]
fn naughty_strings_come_back_exactly() {
    let Some(file) = data::set("naughty-strings/raw/blns.json", 515) else { return };
    let texts: Vec<String> = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert!(texts.len() >= 500);
    for text in &texts {
        let raw = serde_json::to_string(text).unwrap();
        let kind = Kind::LongText { max: 20_000 };
        let value = read(&kind, &raw).unwrap();
        assert_eq!(value, Value::Text(text.clone()));
        assert_eq!(serde_json::from_str::<String>(&written(&kind, &value)).unwrap(), *text);
        let mut problems = Vec::new();
        let cell = kind.from_text(text, "", &(), &mut problems);
        assert_eq!(cell, Some(if text.is_empty() { Value::Null } else { value }));
    }
    data::report_checks(texts.len());
}

#[test]
fn valid_json_texts_come_back_as_the_same_text() {
    let Some(archive) = data::set("json-suite/raw.tar.xz", 190) else { return };
    let mut tar = std::process::Command::new("tar");
    let list = |tar: &mut std::process::Command| {
        let done = tar.output().unwrap();
        assert!(done.status.success(), "tar: {}", String::from_utf8_lossy(&done.stderr));
        done.stdout
    };
    // One member after another on standard output; a separator no JSON text holds stands between.
    let separate = "--to-command=cat; printf '\\001'";
    let all = list(tar.arg("-xJf").arg(&archive).args(["--wildcards", "*/y_*.json", separate]));
    let all = String::from_utf8(all).unwrap();
    let texts: Vec<&str> = all.split_terminator('\u{1}').collect();
    assert_eq!(texts.len(), 95);
    for text in &texts {
        let value = read(&Kind::Json, text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        let inner = text.trim_matches([' ', '\t', '\r', '\n']);
        assert_eq!(written(&Kind::Json, &value), inner);
        let body = format!("{{\"data\": {text} }}");
        let world = World::new();
        let input = crate::json::read_body(&world.order(), body.as_bytes(), &world).unwrap();
        assert_eq!(input.values.len(), 1, "{body}");
        assert_eq!(written(&Kind::Json, &input.values[0].1), inner);
    }
    data::report_checks(2 * texts.len());
}
