//! A bound value, and how it is written for the column type that the server expects.

use super::numeric;
use bytes::{BufMut, BytesMut};
use std::error::Error;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type};
use types::{Date, Decimal, Uuid};

/// A value bound to a statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Param {
    /// Empty, of any type.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact decimal.
    Decimal(Decimal),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A UUID.
    Uuid(Uuid),
    /// A calendar day.
    Date(Date),
    /// Several texts.
    Texts(Vec<String>),
    /// Several UUIDs.
    Uuids(Vec<Uuid>),
    /// Several whole numbers.
    Ints(Vec<i64>),
    /// Several truth values.
    Bools(Vec<bool>),
    /// Several strings of bytes.
    Blobs(Vec<Vec<u8>>),
    /// Words for full-text search, in order, each once.
    Words(Vec<String>),
    /// A value of any type as the server sent it.
    Wire(Wire),
}

/// Days from 2000-01-01, as PostgreSQL counts them.
fn days(date: Date) -> i32 {
    let epoch = Date::constant(2000, 1, 1);
    date.duration_since(epoch).as_hours().div_euclid(24) as i32
}

/// The calendar day of a number of days from 2000-01-01; none outside the years 1 to 9999.
pub fn date_of(days: i32) -> Option<Date> {
    let epoch = Date::constant(2000, 1, 1);
    let span = std::time::Duration::from_secs(u64::from(days.unsigned_abs()) * 86_400);
    if days < 0 { epoch.checked_sub(span).ok() } else { epoch.checked_add(span).ok() }
}

impl ToSql for Param {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Param::Null => Ok(IsNull::Yes),
            Param::Bool(value) => value.to_sql(ty, out),
            Param::Int(value) => match *ty {
                Type::INT2 => i16::try_from(*value)?.to_sql(ty, out),
                Type::INT4 => i32::try_from(*value)?.to_sql(ty, out),
                Type::NUMERIC => {
                    numeric::write(Decimal::from(*value), out);
                    Ok(IsNull::No)
                }
                _ => value.to_sql(ty, out),
            },
            Param::Decimal(value) => {
                numeric::write(*value, out);
                Ok(IsNull::No)
            }
            Param::Text(value) => value.to_sql(ty, out),
            Param::Bytes(value) => value.to_sql(ty, out),
            Param::Uuid(value) => value.to_sql(ty, out),
            Param::Date(value) => {
                out.put_i32(days(*value));
                Ok(IsNull::No)
            }
            Param::Texts(values) => values.to_sql(ty, out),
            Param::Uuids(values) => values.to_sql(ty, out),
            Param::Ints(values) => values.to_sql(ty, out),
            Param::Bools(values) => values.to_sql(ty, out),
            Param::Blobs(values) => values.to_sql(ty, out),
            Param::Words(words) => {
                // A `tsvector` as `tsvectorrecv` reads it: how many words; each with its end and
                // the number of its places, of which none are kept.
                out.put_u32(u32::try_from(words.len())?);
                for word in words {
                    out.put_slice(word.as_bytes());
                    out.put_slice(&[0, 0, 0]);
                }
                Ok(IsNull::No)
            }
            Param::Wire(value) => {
                out.put_slice(&value.0);
                Ok(IsNull::No)
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let fits = match self {
            Param::Null | Param::Wire(_) => true,
            Param::Bool(_) => *ty == Type::BOOL,
            Param::Int(_) => {
                matches!(*ty, Type::INT2 | Type::INT4 | Type::INT8 | Type::NUMERIC)
            }
            Param::Decimal(_) => *ty == Type::NUMERIC,
            Param::Text(_) => <String as ToSql>::accepts(ty),
            Param::Bytes(_) => *ty == Type::BYTEA,
            Param::Uuid(_) => *ty == Type::UUID,
            Param::Date(_) => *ty == Type::DATE,
            Param::Texts(_) => <Vec<String> as ToSql>::accepts(ty),
            Param::Uuids(_) => *ty == Type::UUID_ARRAY,
            Param::Ints(_) => *ty == Type::INT8_ARRAY,
            Param::Bools(_) => *ty == Type::BOOL_ARRAY,
            Param::Blobs(_) => *ty == Type::BYTEA_ARRAY,
            Param::Words(_) => *ty == Type::TS_VECTOR,
        };
        if !fits {
            return Err(format!("{self:?} does not fit a parameter of type {ty}").into());
        }
        self.to_sql(ty, out)
    }
}

/// A value of any type in the server's own bytes, to be written as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire(Vec<u8>);

impl<'a> FromSql<'a> for Wire {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Wire(raw.to_vec()))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// An exact decimal as it is read from a NUMERIC column.
pub struct ExactNumeric(pub Decimal);

impl<'a> FromSql<'a> for ExactNumeric {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        numeric::read(raw).map(ExactNumeric).ok_or_else(|| "not a decimal of 28 digits".into())
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::NUMERIC
    }
}

/// A calendar day as it is read from a DATE column.
pub struct Day(pub Date);

impl<'a> FromSql<'a> for Day {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        let days = i32::from_be_bytes(raw.try_into()?);
        date_of(days).map(Day).ok_or_else(|| "a date outside the years 1 to 9999".into())
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::DATE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_counted_from_the_year_2000() {
        for (text, count) in
            [("2000-01-01", 0), ("1999-12-31", -1), ("2026-07-04", 9681), ("0001-01-01", -730_119)]
        {
            let date: Date = text.parse().unwrap();
            assert_eq!(days(date), count, "{text}");
            assert_eq!(date_of(count), Some(date));
        }
        assert_eq!(date_of(i32::MAX), None);
    }

    #[test]
    fn a_value_of_another_type_is_an_error_and_not_a_cast() {
        let mut out = BytesMut::new();
        assert!(Param::Int(1).to_sql_checked(&Type::TEXT, &mut out).is_err());
        assert!(Param::Int(1 << 40).to_sql_checked(&Type::INT4, &mut out).is_err());
        assert!(Param::Text("1".into()).to_sql_checked(&Type::INT8, &mut out).is_err());
        assert!(Param::Null.to_sql_checked(&Type::INT8, &mut out).is_ok());
    }
}
