//! Whole numbers and exact decimals: integer, decimal, percent, price, quantity.
//!
//! Decimals are JSON strings; a JSON number is read from its text, so that `0.1` is one tenth.

use super::raw::{Checked, Fault, string};
use serde_json::{Value as Json, json};
use types::{Decimal, DecimalError, Value, parse_decimal};

/// The digits that every stored decimal fits.
const MAX_DIGITS: u32 = 18;

/// A JSON number without fraction and exponent, from `min` to `max`.
pub(super) fn integer(raw: &str, min: i64, max: i64) -> Checked {
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(Fault::wrong_type("a whole number", raw));
    }
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Fault::new("not_whole", "must be a whole number such as 12"));
    }
    let within = raw.parse().ok().filter(|n| (min..=max).contains(n));
    within.map(Value::Int).ok_or_else(|| {
        Fault::new("out_of_range", format!("must be a whole number from {min} to {max}"))
    })
}

/// A whole number as a table holds it.
pub(super) fn integer_from_text(text: &str, min: i64, max: i64) -> Checked {
    let text = text.strip_prefix('+').unwrap_or(text);
    integer(text, min, max).map_err(|fault| match fault.code {
        "wrong_type" => Fault::new("not_whole", "must be a whole number such as 12"),
        _ => fault,
    })
}

/// A decimal of at most `scale` places: a JSON string, or a JSON number by its text.
pub(super) fn decimal(raw: &str, scale: u32) -> Checked {
    from_text(&decimal_text(raw)?, scale).map(Value::Decimal)
}

/// The text of a decimal that is given as a JSON string or number.
pub(super) fn decimal_text(raw: &str) -> Checked<std::borrow::Cow<'_, str>> {
    if !raw.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
        return string(raw, "a decimal such as \"12.50\"");
    }
    if raw.contains(['e', 'E']) {
        let text = "must be a decimal without an exponent, such as \"12.50\"";
        return Err(Fault::new("invalid_decimal", text));
    }
    Ok(raw.into())
}

/// Reads a decimal of at most `scale` places.
pub(super) fn from_text(text: &str, scale: u32) -> Checked<Decimal> {
    parse_decimal(text, scale).map_err(fault)
}

/// The fault of a decimal that cannot be read.
pub(super) fn fault(error: DecimalError) -> Fault {
    let code = match error {
        DecimalError::Shape => "invalid_decimal",
        DecimalError::Scale { .. } => "too_many_places",
        DecimalError::Range => "out_of_range",
    };
    Fault::new(code, error.to_string())
}

/// Writes `mantissa` × 10^−`scale` without trailing zeros, but with at least `places` places.
pub(super) fn write(mantissa: i128, scale: u32, places: u32, out: &mut String) {
    let (mut magnitude, mut scale) = (mantissa.unsigned_abs(), scale);
    while scale > places && magnitude.is_multiple_of(10) {
        magnitude /= 10;
        scale -= 1;
    }
    while scale < places {
        // A decimal has at most 28 digits, so ten times a few more still fit 128 bits.
        magnitude = magnitude.saturating_mul(10);
        scale += 1;
    }
    if mantissa < 0 && magnitude != 0 {
        out.push('-');
    }
    let mut digits = [b'0'; 48];
    let (mut at, least) = (digits.len(), digits.len() - 1 - scale as usize);
    while magnitude != 0 || at > least {
        at -= 1;
        digits[at] = b'0' + (magnitude % 10) as u8;
        magnitude /= 10;
    }
    let point = digits.len() - scale as usize;
    out.extend(digits[at..point].iter().map(|&b| b as char));
    if scale > 0 {
        out.push('.');
        out.extend(digits[point..].iter().map(|&b| b as char));
    }
}

/// Writes a decimal as a JSON string with at least `places` places.
pub(super) fn write_quoted(value: &Decimal, places: u32, out: &mut String) {
    out.push('"');
    write(value.mantissa(), value.scale(), places, out);
    out.push('"');
}

/// The JSON Schema of a whole number.
pub(super) fn integer_schema(min: i64, max: i64) -> Json {
    let mut schema = json!({"type": "integer", "format": "int64"});
    if min != i64::MIN {
        schema["minimum"] = min.into();
    }
    if max != i64::MAX {
        schema["maximum"] = max.into();
    }
    schema
}

/// The JSON Schema of a decimal of `scale` places; `what` says more, `example` shows one.
pub(super) fn decimal_schema(scale: u32, what: &str, example: &str) -> Json {
    let whole = MAX_DIGITS - scale;
    let places = match scale {
        0 => String::new(),
        scale => format!("(\\.[0-9]{{1,{scale}}}0*)?"),
    };
    json!({
        "type": "string",
        "format": "decimal",
        "pattern": format!("^[+-]?0*[0-9]{{1,{}}}{places}$", whole.max(1)),
        "description": format!("{what} A decimal of at most {scale} places, as text; JSON numbers are accepted by their text."),
        "examples": [example],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_written_with_the_places_they_need() {
        for (mantissa, scale, places, expected) in [
            (0, 0, 0, "0"),
            (0, 4, 2, "0.00"),
            (1400, 2, 0, "14"),
            (14, 0, 2, "14.00"),
            (14_125, 3, 2, "14.125"),
            (-5, 2, 0, "-0.05"),
            (-5, 3, 3, "-0.005"),
            (i128::from(i64::MIN), 2, 2, "-92233720368547758.08"),
            ((1 << 96) - 1, 28, 0, "7.9228162514264337593543950335"),
        ] {
            let mut out = String::new();
            write(mantissa, scale, places, &mut out);
            assert_eq!(out, expected, "{mantissa} at {scale}");
        }
    }
}
