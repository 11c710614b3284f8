//! Exact decimal arithmetic: a result is exact, or rounded once where that was asked for, or
//! does not exist. `Decimal`'s own operators round silently at 28 digits, so they are not used.

use std::cmp::Ordering;
use types::{Decimal, Rounding};

/// Digits that any decimal has at most, before and after the point together.
const MAX_DIGITS: u32 = 28;

/// `mantissa` / 10^`scale` without trailing zeros, if it fits 28 digits and 28 places.
fn exact(mut mantissa: i128, mut scale: u32) -> Option<Decimal> {
    if mantissa == 0 {
        return Some(Decimal::ZERO);
    }
    while scale > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    if scale > MAX_DIGITS || mantissa.unsigned_abs() >= 10u128.pow(MAX_DIGITS) {
        return None;
    }
    Decimal::try_from_i128_with_scale(mantissa, scale).ok()
}

/// Mantissa and scale without trailing zeros.
fn parts(value: Decimal) -> (i128, u32) {
    let value = value.normalize();
    (value.mantissa(), value.scale())
}

/// The exact sum. Two numbers too far apart to be aligned have no sum of 28 digits either.
pub(crate) fn add(a: Decimal, b: Decimal) -> Option<Decimal> {
    let ((a, a_scale), (b, b_scale)) = (parts(a), parts(b));
    let scale = a_scale.max(b_scale);
    let align = |mantissa: i128, from: u32| mantissa.checked_mul(10i128.checked_pow(scale - from)?);
    exact(align(a, a_scale)?.checked_add(align(b, b_scale)?)?, scale)
}

/// The exact product.
pub(crate) fn multiply(a: Decimal, b: Decimal) -> Option<Decimal> {
    let ((mut a, a_scale), (mut b, b_scale)) = (parts(a), parts(b));
    let mut scale = a_scale + b_scale;
    // Factors of ten that would vanish anyway must not make the product overflow on its way: of
    // one number alone, then of both together.
    for (of_a, of_b) in [(10, 1), (1, 10), (2, 5), (5, 2)] {
        while scale > 0 && a != 0 && b != 0 && a % of_a == 0 && b % of_b == 0 {
            (a, b, scale) = (a / of_a, b / of_b, scale - 1);
        }
    }
    exact(a.checked_mul(b)?, scale)
}

/// The exact remainder, with the sign of `a`; `b` is not zero.
pub(crate) fn remainder(a: Decimal, b: Decimal) -> Option<Decimal> {
    let ((a, a_scale), (b, b_scale)) = (parts(a), parts(b));
    let (sign, a, b) = (a.signum(), a.abs(), b.abs());
    if b == 0 {
        return None;
    }
    if b_scale >= a_scale {
        let rest = (a_scale..b_scale).fold(a % b, |rest, _| rest * 10 % b);
        return exact(sign * rest, b_scale);
    }
    let divisor = 10i128.checked_pow(a_scale - b_scale).and_then(|grow| b.checked_mul(grow));
    // A divisor too large to be written is larger than what is divided.
    exact(sign * divisor.map_or(a, |divisor| a % divisor), a_scale)
}

/// `a / b` rounded once to `places`; none when `b` is zero or the result does not fit.
pub(crate) fn divide(a: Decimal, b: Decimal, places: u32, rounding: Rounding) -> Option<Decimal> {
    let ((a, a_scale), (b, b_scale)) = (parts(a), parts(b));
    if b == 0 {
        return None;
    }
    let negative = (a < 0) != (b < 0);
    let (a, b) = (a.unsigned_abs(), b.unsigned_abs());
    let limit = 10u128.pow(MAX_DIGITS);
    let (mut quotient, mut rest) = (a / b, a % b);
    let more = i64::from(places) + i64::from(b_scale) - i64::from(a_scale);
    for _ in 0..more {
        quotient = quotient * 10 + rest * 10 / b;
        rest = rest * 10 % b;
        if quotient >= limit {
            return None;
        }
    }
    // Where the remainder stands between nothing and the next step, against its half.
    let (is_exact, half) = if more >= 0 {
        (rest == 0, (rest * 2).cmp(&b))
    } else {
        let cut = 10u128.checked_pow(more.unsigned_abs() as u32)?;
        let tail = quotient % cut;
        quotient /= cut;
        let beyond = if rest == 0 { Ordering::Equal } else { Ordering::Greater };
        (tail == 0 && rest == 0, tail.cmp(&(cut / 2)).then(beyond))
    };
    let away = match rounding {
        Rounding::HalfUp => half.is_ge(),
        Rounding::HalfEven => half.is_gt() || half.is_eq() && quotient % 2 == 1,
        Rounding::Up => !is_exact,
        Rounding::Down => false,
    };
    let mantissa = (quotient + u128::from(away)) as i128;
    exact(if negative { -mantissa } else { mantissa }, places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn results_are_exact_or_do_not_exist() {
        type Operation = fn(Decimal, Decimal) -> Option<Decimal>;
        let nines = "9999999999999999999999999999";
        for (operation, a, b, expected) in [
            (add as Operation, "0.1", "0.2", Some("0.3")),
            (add, nines, "1", None),
            (add, nines, "0.1", None),
            (add, "1000000000000000000000000000", "-0.0000000000000000000000000001", None),
            (multiply, "1.5", "-0.2", Some("-0.3")),
            (
                multiply,
                "0.00000000000001",
                "0.00000000000001",
                Some("0.0000000000000000000000000001"),
            ),
            (multiply, "0.000000000000001", "0.00000000000001", None),
            (multiply, nines, "10", None),
            (
                multiply,
                "1000000000000000000000000000",
                "0.9999999999999999999999999999",
                Some("999999999999999999999999999.9"),
            ),
            (
                multiply,
                "0.0000000000000000000000000005",
                "2",
                Some("0.000000000000000000000000001"),
            ),
            (remainder, "7.5", "2", Some("1.5")),
            (remainder, "-7.5", "2", Some("-1.5")),
            // 10 is 3 modulo 7, so (10^28 − 1)·10^28 is (4 − 1)·4 = 5.
            (
                remainder,
                nines,
                "0.0000000000000000000000000007",
                Some("0.0000000000000000000000000005"),
            ),
            (
                remainder,
                "0.0000000000000000000000000007",
                nines,
                Some("0.0000000000000000000000000007"),
            ),
        ] {
            let found = operation(decimal(a), decimal(b));
            assert_eq!(found, expected.map(decimal), "{a}, {b}");
        }
    }

    /// The product by hand, digit by digit, if it fits 28 digits and 28 places.
    fn by_hand(a: Decimal, b: Decimal) -> Option<Decimal> {
        let digits = |value: Decimal| -> Vec<u32> {
            let text = value.mantissa().unsigned_abs().to_string();
            text.bytes().rev().map(|digit| u32::from(digit - b'0')).collect()
        };
        let (left, right) = (digits(a), digits(b));
        let mut product = vec![0; left.len() + right.len()];
        for (place, l) in left.iter().enumerate() {
            for (more, r) in right.iter().enumerate() {
                product[place + more] += l * r;
            }
        }
        for place in 1..product.len() {
            product[place] += product[place - 1] / 10;
            product[place - 1] %= 10;
        }
        let mut scale = (a.scale() + b.scale()) as usize;
        while scale > 0 && product.first() == Some(&0) {
            product.remove(0);
            scale -= 1;
        }
        while product.last() == Some(&0) {
            product.pop();
        }
        if product.is_empty() {
            return Some(Decimal::ZERO);
        }
        if scale > 28 || product.len() > 28 {
            return None;
        }
        let mantissa = product.iter().rev().fold(0i128, |all, digit| all * 10 + i128::from(*digit));
        let sign = a.mantissa().signum() * b.mantissa().signum();
        Decimal::try_from_i128_with_scale(sign * mantissa, scale as u32).ok()
    }

    /// A number of up to 28 digits, often one with many factors of two, five or ten.
    fn any_decimal() -> impl Strategy<Value = Decimal> {
        let mantissa = (any::<u64>(), 1..=19u32, 0..90u32, 0..40u32, 0..28u32).prop_map(
            |(any, digits, twos, fives, tens)| {
                let mut mantissa = i128::from(any % 10u64.pow(digits));
                for (factor, times) in [(10, tens), (5, fives), (2, twos)] {
                    for _ in 0..times {
                        let grown = mantissa * factor;
                        if grown >= 10i128.pow(MAX_DIGITS) {
                            break;
                        }
                        mantissa = grown;
                    }
                }
                mantissa
            },
        );
        (mantissa, any::<bool>(), 0..=28u32).prop_map(|(mantissa, negative, scale)| {
            let mantissa = if negative { -mantissa } else { mantissa };
            Decimal::from_i128_with_scale(mantissa, scale)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_096, ..ProptestConfig::default() })]

        #[test]
        fn a_product_is_what_long_multiplication_gives(a in any_decimal(), b in any_decimal()) {
            prop_assert_eq!(multiply(a, b), by_hand(a, b), "{} * {}", a, b);
            prop_assert_eq!(multiply(a, b), multiply(b, a), "{} * {}", a, b);
        }
    }

    #[test]
    fn a_quotient_is_rounded_once() {
        use Rounding::*;
        for (a, b, places, rounding, expected) in [
            ("10", "3", 2, HalfUp, Some("3.33")),
            ("20", "3", 2, HalfUp, Some("6.67")),
            ("-20", "3", 0, HalfUp, Some("-7")),
            ("1", "8", 2, HalfUp, Some("0.13")),
            ("1", "8", 2, HalfEven, Some("0.12")),
            ("3", "8", 2, HalfEven, Some("0.38")),
            ("1", "1000", 2, Up, Some("0.01")),
            ("-1", "1000", 2, Up, Some("-0.01")),
            ("999", "1000", 2, Down, Some("0.99")),
            ("0.12345", "1", 2, HalfUp, Some("0.12")),
            ("0.125", "1", 2, HalfEven, Some("0.12")),
            ("0.1250000001", "1", 2, HalfEven, Some("0.13")),
            // Rounded at 28 digits first, this would look like a tie.
            ("0.0050000000000000000000000001", "1", 2, HalfEven, Some("0.01")),
            ("1", "0", 2, HalfUp, None),
            ("9999999999999999999999999999", "0.1", 0, HalfUp, None),
        ] {
            let found = divide(decimal(a), decimal(b), places, rounding);
            assert_eq!(found, expected.map(decimal), "{a} / {b} to {places}");
        }
    }
}
