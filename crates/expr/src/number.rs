//! Exact decimal arithmetic: a result is exact, or rounded once where that was asked for, or
//! does not exist. `Decimal`'s own operators round silently at 28 digits, so they are not used.

use std::cmp::Ordering;
use types::{Decimal, Rounding};

/// Digits that any decimal has at most, before and after the point together.
const MAX_DIGITS: u32 = 28;
/// The first whole number that has more.
const LIMIT: u128 = 10u128.pow(MAX_DIGITS);

/// `mantissa` / 10^`scale` without trailing zeros, if it fits 28 digits and 28 places.
fn exact(mut mantissa: i128, mut scale: u32) -> Option<Decimal> {
    if mantissa == 0 {
        return Some(Decimal::ZERO);
    }
    while scale > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    if scale > MAX_DIGITS || mantissa.unsigned_abs() >= LIMIT {
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

/// `a / b` rounded once to `places`, at most 28; none when `b` is zero or the result does not fit.
///
/// What is whole and what stands after the point are found apart: together they may have more
/// digits than a decimal, of which those at the end vanish as zeros.
pub(crate) fn divide(a: Decimal, b: Decimal, places: u32, rounding: Rounding) -> Option<Decimal> {
    let ((a, a_scale), (b, b_scale)) = (parts(a), parts(b));
    if b == 0 || places > MAX_DIGITS {
        return None;
    }
    let negative = (a < 0) != (b < 0);
    let (a, b) = (a.unsigned_abs(), b.unsigned_abs());
    let (mut whole, mut rest) = (a / b, a % b);
    for _ in a_scale..b_scale {
        whole = whole * 10 + rest * 10 / b;
        rest = rest * 10 % b;
        if whole >= LIMIT {
            return None;
        }
    }
    // The last digits of the quotient stand after the point if `a` has more places than `b`.
    let behind = a_scale.saturating_sub(b_scale);
    let (whole, tail) = (whole / 10u128.pow(behind), whole % 10u128.pow(behind));
    // Where what is cut off stands between nothing and the next step, against its half.
    let (mut after, is_exact, half) = if places >= behind {
        let mut after = tail;
        for _ in behind..places {
            after = after * 10 + rest * 10 / b;
            rest = rest * 10 % b;
        }
        (after, rest == 0, (rest * 2).cmp(&b))
    } else {
        let cut = 10u128.pow(behind - places);
        let beyond = if rest == 0 { Ordering::Equal } else { Ordering::Greater };
        (tail / cut, tail % cut == 0 && rest == 0, (tail % cut).cmp(&(cut / 2)).then(beyond))
    };
    let is_odd = if places == 0 { whole % 2 == 1 } else { after % 2 == 1 };
    let away = match rounding {
        Rounding::HalfUp => half.is_ge(),
        Rounding::HalfEven => half.is_gt() || half.is_eq() && is_odd,
        Rounding::Up => !is_exact,
        Rounding::Down => false,
    };
    after += u128::from(away);
    let mut scale = places;
    while scale > 0 && after % 10 == 0 {
        (after, scale) = (after / 10, scale - 1);
    }
    let mantissa = whole.checked_mul(10u128.pow(scale))?.checked_add(after)?;
    let mantissa = i128::try_from(mantissa).ok()?;
    exact(if negative { -mantissa } else { mantissa }, scale)
}

#[cfg(test)]
mod natural;
#[cfg(test)]
mod tests;
