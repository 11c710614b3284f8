//! One value of any field, as the kernel, the stores and the log pass it on.

use crate::{Date, Decimal, Duration, Instant, Money, WallTime};
use uuid::Uuid;

/// A field's value. Which variant a field holds follows from its kind; `Null` means empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Empty.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact decimal, normalised (no trailing zeros).
    Decimal(Decimal),
    /// Text as it was given, never trimmed; also choices, states, e-mail, phone, URL, colour.
    Text(String),
    /// A calendar day.
    Date(Date),
    /// A point in time.
    Instant(Instant),
    /// What a clock in a zone shows.
    WallTime(WallTime),
    /// A span of exact time.
    Duration(Duration),
    /// A record's id; the field's link says of which entity.
    Id(Uuid),
    /// An amount with its currency.
    Money(Money),
    /// A JSON text, exactly as it was given; also addresses.
    Json(String),
    /// Several ids, in order and without repetition.
    List(Vec<Value>),
    /// Child records, in order; each holds the columns of its entity.
    Rows(Vec<Vec<Value>>),
}

impl Value {
    /// Whether the field is empty.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The text, if this is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The id, if this is one.
    pub fn as_id(&self) -> Option<Uuid> {
        match self {
            Value::Id(id) => Some(*id),
            _ => None,
        }
    }

    /// The whole number, if this is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(int) => Some(*int),
            _ => None,
        }
    }

    /// The point in time, if this is one.
    pub fn as_instant(&self) -> Option<Instant> {
        match self {
            Value::Instant(instant) => Some(*instant),
            _ => None,
        }
    }

    /// What holds nothing, leaving `Null` in its place.
    pub fn take(&mut self) -> Value {
        std::mem::take(self)
    }

    /// The variant's name, for error texts.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Int(_) => "integer",
            Value::Decimal(_) => "decimal",
            Value::Text(_) => "text",
            Value::Date(_) => "date",
            Value::Instant(_) => "instant",
            Value::WallTime(_) => "wall time",
            Value::Duration(_) => "duration",
            Value::Id(_) => "id",
            Value::Money(_) => "money",
            Value::Json(_) => "JSON",
            Value::List(_) => "list",
            Value::Rows(_) => "rows",
        }
    }
}

macro_rules! from {
    ($($from:ty => $variant:ident),* $(,)?) => { $(
        impl From<$from> for Value {
            fn from(value: $from) -> Value { Value::$variant(value.into()) }
        }
    )* };
}

from!(bool => Bool, i64 => Int, Decimal => Decimal, String => Text, &str => Text, Date => Date,
      Instant => Instant, Uuid => Id, Money => Money, Duration => Duration, WallTime => WallTime);

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

/// On the wire a value is its canonical CBOR, as a byte string.
impl serde::Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut writer = crate::cbor::Writer::new();
        writer.value(self);
        serializer.serialize_bytes(&writer.into_bytes())
    }
}

impl<'de> serde::Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        struct Bytes;
        impl<'de> serde::de::Visitor<'de> for Bytes {
            type Value = Value;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the CBOR of a value")
            }
            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Value, E> {
                let mut reader = crate::cbor::Reader::new(bytes);
                reader.value().map_err(E::custom)
            }
            fn visit_byte_buf<E: serde::de::Error>(self, bytes: Vec<u8>) -> Result<Value, E> {
                self.visit_bytes(&bytes)
            }
        }
        // The owned form: a reader of bytes lends only what fits its buffer.
        deserializer.deserialize_byte_buf(Bytes)
    }
}
