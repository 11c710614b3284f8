//! Deterministic CBOR (RFC 8949, section 4.2): the bytes that the log hashes and signs.
//!
//! Integers and lengths are as short as they can be, lengths are definite, floats do not occur.
//! A [`Value`] is written with the tags that the field has registered: 4 for a decimal, 37 for a
//! UUID, 262 for embedded JSON, 1001 for an instant, 1002 for a duration, 1004 for a date; money
//! (tag 60004), wall time (60006) and child rows (60007) have no registered tag and use our own.

use crate::{Currency, Decimal, Duration, Instant, Money, Value, WallTime};
use uuid::Uuid;

const TAG_DECIMAL: u64 = 4;
const TAG_UUID: u64 = 37;
const TAG_JSON: u64 = 262;
const TAG_INSTANT: u64 = 1001;
const TAG_DURATION: u64 = 1002;
const TAG_DATE: u64 = 1004;
const TAG_MONEY: u64 = 60004;
const TAG_WALL_TIME: u64 = 60006;
const TAG_ROWS: u64 = 60007;

/// Nesting beyond this is refused by the reader.
const MAX_DEPTH: u32 = 32;

/// Writes deterministic CBOR.
#[derive(Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// An empty writer.
    pub fn new() -> Writer {
        Writer(Vec::with_capacity(256))
    }

    /// A writer that goes on after `bytes`.
    pub fn after(bytes: &[u8]) -> Writer {
        let mut writer = Writer::new();
        writer.0.extend_from_slice(bytes);
        writer
    }

    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn head(&mut self, major: u8, n: u64) {
        let major = major << 5;
        match n {
            0..=23 => self.0.push(major | n as u8),
            24..=0xff => self.0.extend([major | 24, n as u8]),
            0x100..=0xffff => {
                self.0.push(major | 25);
                self.0.extend((n as u16).to_be_bytes());
            }
            0x1_0000..=0xffff_ffff => {
                self.0.push(major | 26);
                self.0.extend((n as u32).to_be_bytes());
            }
            _ => {
                self.0.push(major | 27);
                self.0.extend(n.to_be_bytes());
            }
        }
    }

    /// An unsigned integer.
    pub fn uint(&mut self, n: u64) {
        self.head(0, n);
    }

    /// A signed integer.
    pub fn int(&mut self, n: i64) {
        if n >= 0 { self.head(0, n as u64) } else { self.head(1, !(n as u64)) }
    }

    /// A byte string.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.head(2, bytes.len() as u64);
        self.0.extend(bytes);
    }

    /// A text string.
    pub fn text(&mut self, text: &str) {
        self.head(3, text.len() as u64);
        self.0.extend(text.as_bytes());
    }

    /// The head of an array of `len` items, which follow.
    pub fn array(&mut self, len: usize) {
        self.head(4, len as u64);
    }

    /// The head of a map of `len` pairs, which follow in the order of their encoded keys.
    pub fn map(&mut self, len: usize) {
        self.head(5, len as u64);
    }

    /// A tag for the item that follows.
    pub fn tag(&mut self, tag: u64) {
        self.head(6, tag);
    }

    /// `null`.
    pub fn null(&mut self) {
        self.0.push(0xf6);
    }

    /// A boolean.
    pub fn bool(&mut self, value: bool) {
        self.0.push(if value { 0xf5 } else { 0xf4 });
    }

    /// A UUID (tag 37).
    pub fn uuid(&mut self, id: Uuid) {
        self.tag(TAG_UUID);
        self.bytes(id.as_bytes());
    }

    /// An instant (tag 1001): whole seconds under key 1, microseconds under key −6.
    pub fn instant(&mut self, instant: Instant) {
        self.tag(TAG_INSTANT);
        self.seconds(instant.0);
    }

    fn seconds(&mut self, micros: i64) {
        self.map(2);
        self.uint(1);
        self.int(micros.div_euclid(1_000_000));
        self.int(-6);
        self.uint(micros.rem_euclid(1_000_000) as u64);
    }

    /// A value of any field.
    pub fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.null(),
            Value::Bool(value) => self.bool(*value),
            Value::Int(value) => self.int(*value),
            Value::Decimal(value) => {
                self.tag(TAG_DECIMAL);
                self.array(2);
                self.int(-i64::from(value.scale()));
                self.bignum(value.mantissa());
            }
            Value::Text(text) => self.text(text),
            Value::Date(date) => {
                self.tag(TAG_DATE);
                self.text(&date.to_string());
            }
            Value::Instant(instant) => self.instant(*instant),
            Value::WallTime(wall) => {
                self.tag(TAG_WALL_TIME);
                self.text(&wall.to_string());
            }
            Value::Duration(duration) => {
                self.tag(TAG_DURATION);
                self.seconds(duration.0);
            }
            Value::Id(id) => self.uuid(*id),
            Value::Money(money) => {
                self.tag(TAG_MONEY);
                self.array(2);
                self.text(money.currency.code());
                self.int(money.minor);
            }
            Value::Json(text) => {
                self.tag(TAG_JSON);
                self.bytes(text.as_bytes());
            }
            Value::List(items) => {
                self.array(items.len());
                items.iter().for_each(|item| self.value(item));
            }
            Value::Rows(rows) => {
                self.tag(TAG_ROWS);
                self.array(rows.len());
                for row in rows {
                    self.array(row.len());
                    row.iter().for_each(|cell| self.value(cell));
                }
            }
        }
    }

    /// An integer, or a bignum (tags 2 and 3) where 64 bits do not hold it.
    fn bignum(&mut self, n: i128) {
        if let Ok(n) = i64::try_from(n) {
            return self.int(n);
        }
        let (tag, magnitude) = if n >= 0 { (2, n as u128) } else { (3, !(n as u128)) };
        let bytes = magnitude.to_be_bytes();
        let first = bytes.iter().position(|&b| b != 0).unwrap_or(15);
        self.tag(tag);
        self.bytes(&bytes[first..]);
    }
}

/// Why bytes could not be read, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CborError {
    /// Offset of the item that is wrong.
    pub offset: usize,
    /// What was expected there.
    pub expected: &'static str,
}

impl std::fmt::Display for CborError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "expected {} at byte {}", self.expected, self.offset)
    }
}

impl std::error::Error for CborError {}

/// Reads what [`Writer`] writes.
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: u32,
}

type Read<T> = Result<T, CborError>;

impl<'a> Reader<'a> {
    /// A reader at the first byte.
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, at: 0, depth: 0 }
    }

    /// Whether every byte was read.
    pub fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    fn error<T>(&self, offset: usize, expected: &'static str) -> Read<T> {
        Err(CborError { offset, expected })
    }

    fn take(&mut self, len: u64) -> Read<&'a [u8]> {
        let end = usize::try_from(len).ok().and_then(|len| self.at.checked_add(len));
        match end.and_then(|end| self.bytes.get(self.at..end)) {
            Some(slice) => {
                self.at += slice.len();
                Ok(slice)
            }
            None => self.error(self.at, "more bytes"),
        }
    }

    fn peek_major(&self) -> Option<u8> {
        self.bytes.get(self.at).map(|byte| byte >> 5)
    }

    fn any_head(&mut self) -> Read<(u8, u64)> {
        let start = self.at;
        let first = self.take(1)?[0];
        let n = match first & 31 {
            n @ 0..=23 => u64::from(n),
            size @ 24..=27 => {
                let bytes = self.take(1 << (size - 24))?;
                bytes.iter().fold(0, |n, byte| n << 8 | u64::from(*byte))
            }
            _ => return self.error(start, "a definite length"),
        };
        Ok((first >> 5, n))
    }

    fn head(&mut self, major: u8, expected: &'static str) -> Read<u64> {
        let start = self.at;
        match self.any_head()? {
            (found, n) if found == major => Ok(n),
            _ => self.error(start, expected),
        }
    }

    /// An unsigned integer.
    pub fn uint(&mut self) -> Read<u64> {
        self.head(0, "an unsigned integer")
    }

    /// A signed integer.
    pub fn int(&mut self) -> Read<i64> {
        let start = self.at;
        match self.any_head()? {
            (0, n) if n <= i64::MAX as u64 => Ok(n as i64),
            (1, n) if n <= i64::MAX as u64 => Ok(!(n as i64)),
            _ => self.error(start, "an integer of 64 bits"),
        }
    }

    /// A byte string.
    pub fn bytes(&mut self) -> Read<&'a [u8]> {
        let len = self.head(2, "a byte string")?;
        self.take(len)
    }

    /// A text string.
    pub fn text(&mut self) -> Read<&'a str> {
        let start = self.at;
        let len = self.head(3, "a text string")?;
        let bytes = self.take(len)?;
        std::str::from_utf8(bytes).or_else(|_| self.error(start, "UTF-8"))
    }

    /// The number of items of an array, which follow.
    pub fn array(&mut self) -> Read<usize> {
        let start = self.at;
        let len = self.head(4, "an array")?;
        self.length(start, len)
    }

    /// The number of pairs of a map, which follow.
    pub fn map(&mut self) -> Read<usize> {
        let start = self.at;
        let len = self.head(5, "a map")?;
        self.length(start, len)
    }

    /// Refuses a length that the remaining bytes cannot hold, before anything is allocated.
    fn length(&self, start: usize, len: u64) -> Read<usize> {
        match usize::try_from(len) {
            Ok(len) if len <= self.bytes.len() - self.at => Ok(len),
            _ => self.error(start, "a length that fits"),
        }
    }

    /// A tag.
    pub fn tag(&mut self) -> Read<u64> {
        self.head(6, "a tag")
    }

    fn expect_tag(&mut self, tag: u64, expected: &'static str) -> Read<()> {
        let start = self.at;
        if self.tag()? == tag { Ok(()) } else { self.error(start, expected) }
    }

    /// Takes a `null` if one comes next.
    pub fn null(&mut self) -> bool {
        let found = self.bytes.get(self.at) == Some(&0xf6);
        self.at += usize::from(found);
        found
    }

    /// A UUID (tag 37).
    pub fn uuid(&mut self) -> Read<Uuid> {
        self.expect_tag(TAG_UUID, "a UUID")?;
        self.uuid_bytes()
    }

    fn uuid_bytes(&mut self) -> Read<Uuid> {
        let start = self.at;
        Uuid::from_slice(self.bytes()?).or_else(|_| self.error(start, "16 bytes"))
    }

    /// An instant (tag 1001).
    pub fn instant(&mut self) -> Read<Instant> {
        self.expect_tag(TAG_INSTANT, "an instant")?;
        self.seconds().map(Instant)
    }

    fn seconds(&mut self) -> Read<i64> {
        let start = self.at;
        if self.map()? != 2 || self.int()? != 1 {
            return self.error(start, "seconds");
        }
        let seconds = self.int()?;
        if self.int()? != -6 {
            return self.error(start, "microseconds");
        }
        let micros = self.int()?;
        match seconds.checked_mul(1_000_000).and_then(|s| s.checked_add(micros)) {
            Some(total) => Ok(total),
            None => self.error(start, "a time of 64 bits"),
        }
    }

    /// A value of any field.
    pub fn value(&mut self) -> Read<Value> {
        let start = self.at;
        if self.depth >= MAX_DEPTH {
            return self.error(start, "less nesting");
        }
        self.depth += 1;
        let value = self.value_inside(start);
        self.depth -= 1;
        value
    }

    fn value_inside(&mut self, start: usize) -> Read<Value> {
        match self.peek_major() {
            Some(0 | 1) => self.int().map(Value::Int),
            Some(3) => self.text().map(|text| Value::Text(text.to_owned())),
            Some(4) => self.values().map(Value::List),
            Some(6) => self.tagged(start),
            Some(7) => match self.take(1)?[0] {
                0xf4 => Ok(Value::Bool(false)),
                0xf5 => Ok(Value::Bool(true)),
                0xf6 => Ok(Value::Null),
                _ => self.error(start, "true, false or null"),
            },
            _ => self.error(start, "a value"),
        }
    }

    fn values(&mut self) -> Read<Vec<Value>> {
        let len = self.array()?;
        (0..len).map(|_| self.value()).collect()
    }

    fn tagged(&mut self, start: usize) -> Read<Value> {
        match self.tag()? {
            TAG_DECIMAL => self.decimal(start),
            TAG_UUID => self.uuid_bytes().map(Value::Id),
            TAG_INSTANT => self.seconds().map(|micros| Value::Instant(Instant(micros))),
            TAG_DURATION => self.seconds().map(|micros| Value::Duration(Duration(micros))),
            TAG_DATE => match self.text()?.parse() {
                Ok(date) => Ok(Value::Date(date)),
                Err(_) => self.error(start, "a date"),
            },
            TAG_WALL_TIME => match WallTime::parse(self.text()?) {
                Ok(wall) => Ok(Value::WallTime(wall)),
                Err(_) => self.error(start, "a wall time"),
            },
            TAG_MONEY => {
                if self.array()? != 2 {
                    return self.error(start, "a currency and an amount");
                }
                match Currency::parse(self.text()?) {
                    Ok(currency) => Ok(Value::Money(Money { minor: self.int()?, currency })),
                    Err(_) => self.error(start, "a currency"),
                }
            }
            TAG_JSON => match String::from_utf8(self.bytes()?.to_vec()) {
                Ok(text) => Ok(Value::Json(text)),
                Err(_) => self.error(start, "UTF-8"),
            },
            TAG_ROWS => {
                let len = self.array()?;
                Ok(Value::Rows((0..len).map(|_| self.values()).collect::<Read<_>>()?))
            }
            _ => self.error(start, "a known tag"),
        }
    }

    fn decimal(&mut self, start: usize) -> Read<Value> {
        if self.array()? != 2 {
            return self.error(start, "an exponent and a mantissa");
        }
        let exponent = self.int()?;
        let mantissa = self.bignum()?;
        let scale = u32::try_from(-exponent).ok();
        match scale.and_then(|scale| Decimal::try_from_i128_with_scale(mantissa, scale).ok()) {
            Some(decimal) => Ok(Value::Decimal(decimal)),
            None => self.error(start, "a decimal of 28 digits"),
        }
    }

    fn bignum(&mut self) -> Read<i128> {
        let start = self.at;
        if self.peek_major() != Some(6) {
            return self.int().map(i128::from);
        }
        let tag = self.tag()?;
        let bytes = self.bytes()?;
        if !matches!(tag, 2 | 3) || bytes.len() > 15 {
            return self.error(start, "a bignum of 15 bytes");
        }
        let magnitude = bytes.iter().fold(0i128, |n, byte| n << 8 | i128::from(*byte));
        Ok(if tag == 2 { magnitude } else { !magnitude })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples() -> Vec<Value> {
        vec![
            Value::Null,
            Value::Bool(true),
            Value::Int(i64::MIN),
            Value::Int(i64::MAX),
            Value::Int(-1),
            Value::Decimal("-12.5".parse().unwrap()),
            Value::Decimal(Decimal::MAX),
            Value::Decimal(Decimal::MIN),
            Value::Text("Vins et alcools 🍷".into()),
            Value::Date("2026-07-04".parse().unwrap()),
            Value::Instant(Instant(-1)),
            Value::Instant(Instant(1_234_567)),
            Value::WallTime(WallTime::parse("2026-07-04T09:30:00[Europe/Berlin]").unwrap()),
            Value::Duration(Duration(-1)),
            Value::Id(Uuid::from_u128(7)),
            Value::Money(Money { minor: -1230, currency: Currency::EUR }),
            Value::Json("[ 1e400 ]".into()),
            Value::List(vec![Value::Id(Uuid::nil()), Value::Null]),
            Value::Rows(vec![vec![Value::Int(1)], vec![]]),
        ]
    }

    #[test]
    fn every_value_reads_back_as_it_was() {
        for value in samples() {
            let mut writer = Writer::new();
            writer.value(&value);
            let bytes = writer.into_bytes();
            let mut reader = Reader::new(&bytes);
            assert_eq!(reader.value(), Ok(value));
            assert!(reader.is_at_end());
        }
    }

    #[test]
    fn cut_or_broken_bytes_are_an_error_and_never_a_panic() {
        for value in samples() {
            let mut writer = Writer::new();
            writer.value(&value);
            let bytes = writer.into_bytes();
            for cut in 0..bytes.len() {
                assert!(Reader::new(&bytes[..cut]).value().is_err(), "{value:?} cut at {cut}");
                let mut flipped = bytes.clone();
                flipped[cut] ^= 0xff;
                let _ = Reader::new(&flipped).value();
            }
        }
        assert!(Reader::new(&[0x9b; 64]).value().is_err());
        assert!(Reader::new(&[0x81; 64]).value().is_err());
    }

    #[test]
    fn heads_are_as_short_as_they_can_be() {
        for (n, hex) in [
            (0u64, "00"),
            (23, "17"),
            (24, "1818"),
            (255, "18ff"),
            (256, "190100"),
            (65_535, "19ffff"),
            (65_536, "1a00010000"),
            (u64::MAX, "1bffffffffffffffff"),
        ] {
            let mut writer = Writer::new();
            writer.uint(n);
            let written: String = writer.into_bytes().iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!(written, hex);
        }
    }
}
