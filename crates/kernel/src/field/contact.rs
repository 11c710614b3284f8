//! E-mail, telephone, web address and colour: text with a shape, kept as it was written.

use super::raw::{Checked, Fault};
use super::text::bounded;
use serde_json::{Value as Json, json};
use std::borrow::Cow;
use types::Value;

/// RFC 5321, 4.5.3.1.3: a path of 256 octets, less its angle brackets.
const MAX_EMAIL: u32 = 254;
const MAX_PHONE: u32 = 40;
const MAX_URL: u32 = 2048;

/// An address that mail could reach: one `@`, something before it and a domain after it.
///
/// The rest is for the receiving server to judge; comments and quoted blanks are refused.
pub(super) fn email(text: Cow<'_, str>) -> Checked {
    bounded(&text, MAX_EMAIL)?;
    let fits = match text.split_once('@') {
        Some((local, domain)) => !local.is_empty() && is_domain(domain),
        None => false,
    };
    if !fits
        || text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c))
    {
        return Err(Fault::new(
            "invalid_email",
            "must be an e-mail address such as \"ann@example.com\"",
        ));
    }
    Ok(Value::Text(text.into_owned()))
}

fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        let inner = |c: char| c.is_alphanumeric() || c == '-' || !c.is_ascii();
        !label.is_empty()
            && label.chars().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.split('.').all(label)
}

/// A telephone number as people write it: digits, blanks and `+ ( ) - . / x`.
pub(super) fn phone(text: Cow<'_, str>) -> Checked {
    bounded(&text, MAX_PHONE)?;
    let known = |b: u8| b.is_ascii_digit() || b"+()-./ x".contains(&b);
    if !text.bytes().all(known) || !text.bytes().any(|b| b.is_ascii_digit()) {
        let text = "must be a telephone number such as \"+49 30 1234-567\": digits, blanks and \
                    + ( ) - . / x";
        return Err(Fault::new("invalid_phone", text));
    }
    Ok(Value::Text(text.into_owned()))
}

/// An `http` or `https` address with a host; no other scheme, because people click on it.
pub(super) fn url(text: Cow<'_, str>) -> Checked {
    bounded(&text, MAX_URL)?;
    let scheme = |name: &str| {
        let head = text.get(..name.len())?;
        head.eq_ignore_ascii_case(name).then(|| &text[name.len()..])
    };
    let rest = scheme("http://").or_else(|| scheme("https://")).unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let odd = |c: char| c.is_whitespace() || c.is_control() || "<>\"\\^`{|}".contains(c);
    if host.is_empty() || host.starts_with(':') || text.chars().any(odd) {
        let text = "must be a web address such as \"https://example.com/page\"";
        return Err(Fault::new("invalid_url", text));
    }
    Ok(Value::Text(text.into_owned()))
}

/// A colour, `#rrggbb` in either case.
pub(super) fn colour(text: Cow<'_, str>) -> Checked {
    let digits = text.strip_prefix('#').unwrap_or_default();
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Fault::new("invalid_colour", "must be a colour such as \"#8a3ffc\""));
    }
    Ok(Value::Text(text.into_owned()))
}

/// The JSON Schema of an e-mail address.
pub(super) fn email_schema() -> Json {
    json!({"type": "string", "format": "email", "maxLength": MAX_EMAIL, "examples": ["ann@example.com"]})
}

/// The JSON Schema of a telephone number.
pub(super) fn phone_schema() -> Json {
    let pattern = r"^[0-9+()./ x-]*[0-9][0-9+()./ x-]*$";
    json!({"type": "string", "maxLength": MAX_PHONE, "pattern": pattern, "examples": ["+49 30 1234-567"]})
}

/// The JSON Schema of a web address.
pub(super) fn url_schema() -> Json {
    // Only `http` and `https`, in either case.
    let pattern = "^[Hh][Tt][Tt][Pp][Ss]?://";
    let example = "https://example.com/page";
    json!({"type": "string", "format": "iri", "maxLength": MAX_URL, "pattern": pattern, "examples": [example]})
}

/// The JSON Schema of a colour.
pub(super) fn colour_schema() -> Json {
    json!({"type": "string", "pattern": "^#[0-9A-Fa-f]{6}$", "examples": ["#8a3ffc"]})
}
