//! PostgreSQL's binary NUMERIC, to and from an exact decimal without a float in between.
//!
//! The format is four 16-bit words (how many groups, the weight of the first group, the sign, the
//! places shown) and then groups of four decimal digits, the most significant first
//! (`src/backend/utils/adt/numeric.c`, `numeric_send`).

use bytes::{BufMut, BytesMut};
use types::Decimal;

const BASE: u128 = 10_000;
const NEGATIVE: u16 = 0x4000;
const POSITIVE: u16 = 0x0000;

/// Appends the binary form of a decimal.
pub fn write(value: Decimal, out: &mut BytesMut) {
    let value = value.normalize();
    let scale = value.scale();
    let fraction_groups = scale.div_ceil(4);
    // At most 29 digits and three more: far below what 128 bits hold.
    let mut rest = value.mantissa().unsigned_abs() * 10u128.pow(fraction_groups * 4 - scale);
    let mut groups = Vec::with_capacity(9);
    while rest > 0 {
        groups.push((rest % BASE) as u16);
        rest /= BASE;
    }
    groups.reverse();
    let weight = groups.len() as i32 - 1 - fraction_groups as i32;
    while groups.last() == Some(&0) {
        groups.pop();
    }
    out.put_u16(groups.len() as u16);
    out.put_i16(if groups.is_empty() { 0 } else { weight as i16 });
    out.put_u16(if value.is_sign_negative() && !groups.is_empty() { NEGATIVE } else { POSITIVE });
    out.put_u16(scale as u16);
    groups.into_iter().for_each(|group| out.put_u16(group));
}

/// Reads the binary form; none for what no decimal of ours can hold (NaN, infinity, more digits).
pub fn read(raw: &[u8]) -> Option<Decimal> {
    let mut words = raw.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let count = words.next()?;
    let weight = i32::from(words.next()? as i16);
    let sign = words.next()?;
    let _places_shown = words.next()?;
    let groups: Vec<u16> = words.collect();
    if groups.len() != usize::from(count) || !matches!(sign, POSITIVE | NEGATIVE) {
        return None;
    }
    let digits = groups.iter().try_fold(0i128, |sum, group| {
        sum.checked_mul(BASE as i128)?.checked_add(i128::from(*group))
    })?;
    let exponent = (weight + 1 - groups.len() as i32) * 4;
    let digits = if sign == NEGATIVE { -digits } else { digits };
    let value = if exponent >= 0 {
        let grown = digits.checked_mul(10i128.checked_pow(exponent as u32)?)?;
        Decimal::try_from_i128_with_scale(grown, 0)
    } else {
        // The last group may be padded: zeros at the end carry nothing.
        let (mut digits, mut scale) = (digits, exponent.unsigned_abs());
        while scale > 0 && digits % 10 == 0 {
            digits /= 10;
            scale -= 1;
        }
        Decimal::try_from_i128_with_scale(digits, scale)
    };
    value.ok().map(|value| value.normalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binary(text: &str) -> Vec<u8> {
        let mut out = BytesMut::new();
        write(text.parse().unwrap(), &mut out);
        out.to_vec()
    }

    #[test]
    fn the_bytes_are_those_that_postgresql_sends() {
        // From `SELECT numeric_send('…')` on PostgreSQL 15.
        for (text, expected) in [
            ("0", "0000000000000000"),
            ("1", "00010000000000000001"),
            ("-12.5", "0002000040000001000c1388"),
            ("0.0001", "0001ffff000000040001"),
            ("10000", "00010001000000000001"),
            ("123456.789", "0003000100000003000c0d801ed2"),
        ] {
            assert_eq!(kernel::log::hex(&binary(text)), expected, "{text}");
        }
    }

    #[test]
    fn a_decimal_reads_back_exactly() {
        for text in [
            "0",
            "1",
            "-1",
            "0.00000001",
            "9999999999999999.99",
            "-123456789012345678",
            "0.05",
            "100000000",
            "79228162514264337593543950335",
            "-0.0000000000000000000000000001",
        ] {
            assert_eq!(read(&binary(text)).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        // NaN, infinity, a cut-off value, a value of more than 28 digits.
        for raw in [
            &[0, 0, 0, 0, 0xC0, 0, 0, 0][..],
            &[0, 0, 0, 0, 0xD0, 0, 0, 0],
            &[0, 1, 0, 0, 0, 0, 0, 0],
            &[0, 1, 0, 9, 0, 0, 0, 0, 0, 1],
            &[],
        ] {
            assert_eq!(read(raw), None, "{raw:?}");
        }
    }
}
