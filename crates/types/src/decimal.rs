//! Exact decimals: parsing, and rounding as a named step.

pub use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy;
use serde::{Deserialize, Serialize};

/// The most digits a stored decimal has, before and after the point together.
pub const MAX_DIGITS: u32 = 18;

/// Why a text is not a decimal of the kind asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalError {
    /// Not an optional sign, digits, and an optional point with digits.
    Shape,
    /// More places after the point than the field keeps.
    Scale {
        /// Places the field keeps.
        scale: u32,
    },
    /// More than 18 digits.
    Range,
}

impl std::fmt::Display for DecimalError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DecimalError::Shape => f.write_str("must be a decimal such as \"12.50\""),
            DecimalError::Scale { scale: 0 } => f.write_str("must have no places after the point"),
            DecimalError::Scale { scale } => {
                write!(f, "must have at most {scale} places after the point")
            }
            DecimalError::Range => write!(f, "must fit {MAX_DIGITS} digits"),
        }
    }
}

impl std::error::Error for DecimalError {}

/// How a result that does not fit its scale is rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// Ties go away from zero: 2.5 → 3, −2.5 → −3. What tax law usually means.
    #[default]
    HalfUp,
    /// Ties go to the even neighbour: 2.5 → 2. "Banker's rounding".
    HalfEven,
    /// Away from zero.
    Up,
    /// Towards zero.
    Down,
}

impl Rounding {
    /// The rounding's name in settings and expressions.
    pub fn parse(name: &str) -> Option<Rounding> {
        Some(match name {
            "half_up" => Rounding::HalfUp,
            "half_even" => Rounding::HalfEven,
            "up" => Rounding::Up,
            "down" => Rounding::Down,
            _ => return None,
        })
    }

    /// `value` rounded to `scale` places.
    pub fn round(self, value: Decimal, scale: u32) -> Decimal {
        let strategy = match self {
            Rounding::HalfUp => RoundingStrategy::MidpointAwayFromZero,
            Rounding::HalfEven => RoundingStrategy::MidpointNearestEven,
            Rounding::Up => RoundingStrategy::AwayFromZero,
            Rounding::Down => RoundingStrategy::ToZero,
        };
        value.round_dp_with_strategy(scale, strategy)
    }
}

/// Reads a decimal of at most `scale` places and 18 digits; nothing is rounded on the way in.
///
/// # Errors
/// [`DecimalError`], when the text has another shape or does not fit.
pub fn parse_decimal(text: &str, scale: u32) -> Result<Decimal, DecimalError> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) {
        return Err(DecimalError::Shape);
    }
    if fraction.trim_end_matches('0').len() > scale as usize {
        return Err(DecimalError::Scale { scale });
    }
    if whole.trim_start_matches('0').len() + scale as usize > MAX_DIGITS as usize {
        return Err(DecimalError::Range);
    }
    let zeros =
        if text.contains('.') { fraction.len() - fraction.trim_end_matches('0').len() } else { 0 };
    let kept = text[..text.len() - zeros].trim_end_matches('.');
    let value: Decimal = kept.parse().map_err(|_| DecimalError::Range)?;
    Ok(value.normalize())
}

/// The mantissa of `value` at `scale` places, if it fits 18 digits without rounding.
pub fn rescale(value: Decimal, scale: u32) -> Option<i64> {
    let value = value.normalize();
    let grow = 10i128.checked_pow(scale.checked_sub(value.scale())?)?;
    let mantissa = value.mantissa().checked_mul(grow)?;
    (mantissa.unsigned_abs() < 10u128.pow(MAX_DIGITS)).then_some(mantissa as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly_or_refused() {
        for (text, scale, expected) in [
            ("0", 2, Ok("0")),
            ("-12.50", 2, Ok("-12.5")),
            ("12.5000", 1, Ok("12.5")),
            ("12.", 2, Err(DecimalError::Shape)),
            (".5", 2, Err(DecimalError::Shape)),
            ("1e3", 2, Err(DecimalError::Shape)),
            ("", 2, Err(DecimalError::Shape)),
            ("-", 2, Err(DecimalError::Shape)),
            ("12.345", 2, Err(DecimalError::Scale { scale: 2 })),
            ("9999999999999999.99", 2, Ok("9999999999999999.99")),
            ("99999999999999999.99", 2, Err(DecimalError::Range)),
        ] {
            let read = parse_decimal(text, scale).map(|d| d.to_string());
            assert_eq!(read, expected.map(String::from), "{text} at {scale}");
        }
    }

    #[test]
    fn rounding_is_what_its_name_says() {
        use Rounding::*;
        for (rounding, text, expected) in [
            (HalfUp, "2.345", "2.35"),
            (HalfUp, "-2.345", "-2.35"),
            (HalfEven, "2.345", "2.34"),
            (HalfEven, "2.355", "2.36"),
            (Up, "2.341", "2.35"),
            (Down, "2.349", "2.34"),
        ] {
            assert_eq!(rounding.round(text.parse().unwrap(), 2).to_string(), expected, "{text}");
        }
    }

    #[test]
    fn rescaling_never_loses_a_digit() {
        assert_eq!(rescale("12.5".parse().unwrap(), 2), Some(1250));
        assert_eq!(rescale("12.345".parse().unwrap(), 2), None);
        assert_eq!(rescale("-0.01".parse().unwrap(), 2), Some(-1));
        assert_eq!(rescale(Decimal::MAX, 2), None);
    }
}
