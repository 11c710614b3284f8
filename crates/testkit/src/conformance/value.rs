//! Values of every kind, made from the schema.

use kernel::Kind;
use kernel::schema::Field;
use types::{Currency, Money, Uuid, Value};

/// The value of fields whose name says what their kind does not: the platform uses these names
/// for one thing only.
const BY_NAME: [(&str, &str); 6] = [
    ("country", "DE"),
    ("currency", "EUR"),
    ("time_zone", "Europe/Berlin"),
    ("locale", "de-CH"),
    ("slug", "a-slug-"),
    ("code", "C"),
];

/// A value of the field; another for each number, as far as the kind has more than one.
///
/// Days follow the order of declaration (`at` is the field's slot), as they do in documents.
/// `None` for links and lines, which need records, and for a kind that a client cannot write.
///
/// # Panics
/// Never for the kinds there are: every text here is one of its kind.
pub fn of(field: &Field, at: usize, number: u64) -> Option<Value> {
    let count = i64::try_from(number).unwrap_or(i64::MAX);
    Some(match &field.kind {
        Kind::Id { .. } | Kind::Link { .. } | Kind::Links { .. } | Kind::Children { .. } => {
            return None;
        }
        Kind::Text { max } | Kind::LongText { max } => text(&field.name, *max, number),
        Kind::Integer { min, max } => Value::Int((*min).max(1).saturating_add(count).min(*max)),
        Kind::Decimal { scale: 0 } => decimal(&number.to_string()),
        Kind::Decimal { .. } | Kind::Price => decimal(&format!("{number}.5")),
        Kind::Percent => decimal(&format!("0.{:02}", number % 90 + 1)),
        Kind::Quantity => decimal(&(number + 1).to_string()),
        Kind::Money => Value::Money(Money { minor: 100 + count, currency: Currency::EUR }),
        Kind::Boolean => Value::Bool(number.is_multiple_of(2)),
        Kind::Date => {
            let text = format!("20{:02}-07-{:02}", at % 100, number % 28 + 1);
            known(text.parse(), Value::Date)
        }
        Kind::Instant => Value::Instant(types::Instant(1_783_157_400_000_000 + count)),
        Kind::WallTime => {
            let text = format!("2026-07-{:02}T09:30:00[Europe/Berlin]", number % 28 + 1);
            known(types::WallTime::parse(&text), Value::WallTime)
        }
        Kind::Duration => known(types::Duration::parse(&format!("PT{number}M")), Value::Duration),
        Kind::Choice { names } => {
            let index = usize::try_from(number).unwrap_or(0) % names.len().max(1);
            Value::from(names.get(index).map(String::as_str))
        }
        Kind::Json => Value::Json(format!("{{\"a\": [{number}, null]}}")),
        Kind::Texts => Value::Json(format!("{{\"conformance\":\"{number}\"}}")),
        Kind::Custom => Value::Json("{}".to_owned()),
        Kind::Colour => Value::from(format!("#{:06x}", number % 0xff_ffff)),
        Kind::Email => Value::from(format!("someone{number}@example.org")),
        Kind::Phone => Value::from(format!("+49 30 1234{number}")),
        Kind::Url => Value::from(format!("https://example.org/{number}")),
        Kind::Address => Value::Json(format!(
            "{{\"city\":\"Berlin\",\"country\":\"DE\",\"street\":\"Street {number}\"}}"
        )),
        Kind::Expression => Value::from("true"),
    })
}

/// An id of a record that another service owns: nothing looks it up.
pub fn foreign(number: u64) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_00f0_0000 + u128::from(number))
}

fn text(name: &str, max: u32, number: u64) -> Value {
    let of_name = BY_NAME.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let text = match of_name {
        Some(exact @ ("DE" | "EUR" | "Europe/Berlin" | "de-CH")) => exact.to_owned(),
        Some(stem) => format!("{stem}{number}"),
        // Neither trimmed nor folded, and beyond the first plane of Unicode.
        None if max >= 30 => format!(" Größe 𝔊 'n\" {number} "),
        None => format!("n{number}"),
    };
    Value::from(text)
}

fn decimal(text: &str) -> Value {
    known(text.parse(), Value::Decimal)
}

fn known<T, E: std::fmt::Debug>(parsed: Result<T, E>, make: fn(T) -> Value) -> Value {
    make(parsed.unwrap_or_else(|why| panic!("a generated value is none of its kind: {why:?}")))
}
