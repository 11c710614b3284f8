//! An expression of the platform's language, kept as it was written.

use super::raw::{Checked, Fault};
use super::text::bounded;
use serde_json::{Value as Json, json};
use std::borrow::Cow;
use types::Value;

/// The longest expression, in code points.
const MAX: u32 = 4_000;

/// A text that reads as an expression; whether its names exist is for who uses it to check.
pub(super) fn check(text: Cow<'_, str>) -> Checked {
    bounded(&text, MAX)?;
    match expr::parse(&text) {
        Ok(_) => Ok(Value::Text(text.into_owned())),
        Err(error) => {
            Err(Fault::new("invalid_expression", format!("must be an expression; {error}")))
        }
    }
}

/// The JSON Schema of an expression.
pub(super) fn schema() -> Json {
    let what = "An expression of the platform's language.";
    json!({"type": "string", "maxLength": MAX, "description": what, "examples": ["total > 100 && state == 'draft'"]})
}
