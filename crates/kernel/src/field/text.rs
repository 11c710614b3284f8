//! Text and long text: never trimmed, counted in code points, U+0000 refused.

use super::raw::{Checked, Fault};
use serde_json::{Value as Json, json};
use std::borrow::Cow;
use types::Value;

/// Text of at most `max` code points, exactly as it was given.
pub(super) fn check(text: Cow<'_, str>, max: u32) -> Checked {
    bounded(&text, max)?;
    Ok(Value::Text(text.into_owned()))
}

/// That `text` has no U+0000 and at most `max` code points.
pub(super) fn bounded(text: &str, max: u32) -> Checked<()> {
    if text.contains('\0') {
        return Err(Fault::new("nul_character", "must not contain the character U+0000"));
    }
    // A text has at most as many code points as bytes, so most texts need no count.
    if text.len() > max as usize {
        let len = text.chars().count();
        if len > max as usize {
            let text = format!("must have at most {max} characters, not {len}");
            return Err(Fault::new("too_long", text));
        }
    }
    Ok(())
}

/// The JSON Schema of text.
pub(super) fn schema(max: u32) -> Json {
    json!({"type": "string", "maxLength": max})
}
