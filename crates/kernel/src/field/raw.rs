//! Pieces of JSON text: members, items and strings, taken apart without building a tree.
//!
//! Numbers keep their text, so that no amount ever passes through a float.

use crate::problem::FieldProblem;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Why one value is refused: a stable code, and what would be right.
#[derive(Debug)]
pub(crate) struct Fault {
    pub code: &'static str,
    pub message: String,
}

/// A value, or why it is refused.
pub(crate) type Checked<T = types::Value> = Result<T, Fault>;

impl Fault {
    /// A fault with its code and text.
    pub fn new(code: &'static str, message: impl Into<String>) -> Fault {
        Fault { code, message: message.into() }
    }

    /// `raw` is JSON of another type than the field holds.
    pub fn wrong_type(expected: &str, raw: &str) -> Fault {
        Fault::new("wrong_type", format!("must be {expected}, not {}", type_of(raw)))
    }

    /// The fault as a problem of the field at `pointer`.
    pub fn at(self, pointer: &str) -> FieldProblem {
        FieldProblem::new(pointer, self.code, self.message)
    }
}

/// What a JSON text is, for people.
pub(crate) fn type_of(raw: &str) -> &'static str {
    match raw.trim_start().bytes().next() {
        Some(b'"') => "a text",
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        Some(b'-' | b'0'..=b'9') => "a number",
        _ => "something else",
    }
}

/// The pointer of a member or item inside the value at `parent` (RFC 6901).
pub(crate) fn pointer(parent: &str, name: &str) -> String {
    let mut out = String::with_capacity(parent.len() + 1 + name.len());
    out.push_str(parent);
    out.push('/');
    for c in name.chars() {
        match c {
            '~' => out.push_str("~0"),
            '/' => out.push_str("~1"),
            c => out.push(c),
        }
    }
    out
}

/// The text that a JSON string means.
pub(crate) fn string<'a>(raw: &'a str, expected: &str) -> Checked<Cow<'a, str>> {
    let inner = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let inner = inner.ok_or_else(|| Fault::wrong_type(expected, raw))?;
    let clean = |b: u8| b != b'\\' && b != b'"' && b >= 0x20;
    if inner.bytes().all(clean) {
        return Ok(Cow::Borrowed(inner));
    }
    let text: Result<String, _> = serde_json::from_str(raw);
    text.map(Cow::Owned).map_err(|_| {
        let text = "must be Unicode text; an escape such as \\ud800 stands for half a character";
        Fault::new("invalid_unicode", text)
    })
}

/// The members of a JSON object, in order; their values as JSON text.
pub(crate) struct Members<'a>(pub Vec<(Cow<'a, str>, &'a str)>);

/// The items of a JSON list, as JSON text.
pub(crate) struct Items<'a>(pub Vec<&'a str>);

/// The members of the JSON object `raw`.
pub(crate) fn members<'a>(raw: &'a str, expected: &str) -> Checked<Vec<(Cow<'a, str>, &'a str)>> {
    let members: Result<Members<'a>, _> = serde_json::from_str(raw);
    members.map(|members| members.0).map_err(|_| Fault::wrong_type(expected, raw))
}

/// The items of the JSON list `raw`.
pub(crate) fn items<'a>(raw: &'a str, expected: &str) -> Checked<Vec<&'a str>> {
    let items: Result<Items<'a>, _> = serde_json::from_str(raw);
    items.map(|items| items.0).map_err(|_| Fault::wrong_type(expected, raw))
}

/// A name that occurs before, if one does.
pub(crate) fn repeated<'m>(members: &'m [(Cow<'_, str>, &str)]) -> Option<&'m str> {
    // Bodies have few members; a set pays for itself beyond.
    if members.len() < 16 {
        let seen = |at: usize| members[..at].iter().any(|(name, _)| *name == members[at].0);
        return (0..members.len()).find(|&at| seen(at)).map(|at| members[at].0.as_ref());
    }
    let mut seen = std::collections::HashSet::with_capacity(members.len());
    members.iter().map(|(name, _)| name.as_ref()).find(|name| !seen.insert(*name))
}

/// The offset at which the nesting of a JSON text goes beyond `max`, if it does.
pub(crate) fn too_deep(text: &[u8], max: u32) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0u32, false, false);
    for (offset, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                if depth > max {
                    return Some(offset);
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Members<'a>, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::with_capacity(16);
                while let Some(Name(name)) = map.next_key()? {
                    let value: &'de RawValue = map.next_value()?;
                    members.push((name, value.get()));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Items<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Items<'a>, D::Error> {
        struct Array;
        impl<'de> Visitor<'de> for Array {
            type Value = Items<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Items<'de>, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element::<&'de RawValue>()? {
                    items.push(item.get());
                }
                Ok(Items(items))
            }
        }
        deserializer.deserialize_seq(Array)
    }
}

/// A member's name, borrowed where it has no escape.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Name<'a>, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }
            fn visit_str<E: Error>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// Writes `text` as a JSON string: only what JSON demands is escaped.
pub(crate) fn write_string(text: &str, out: &mut String) {
    out.reserve(text.len() + 2);
    out.push('"');
    let needs_escape = |b: u8| b < 0x20 || b == b'"' || b == b'\\';
    let mut rest = text;
    // The bytes that need an escape are ASCII, so every cut is between characters.
    while let Some(at) = rest.bytes().position(needs_escape) {
        out.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            control => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                out.push_str("\\u00");
                out.push(HEX[usize::from(control >> 4)] as char);
                out.push(HEX[usize::from(control & 15)] as char);
            }
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_written_as_json_reads_it() {
        for text in ["", "plain", "a\"b\\c", "\n\r\t\u{1}\u{1f}\u{7f}", "日本 é \u{2028} 🗿"] {
            let mut out = String::new();
            write_string(text, &mut out);
            assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text, "{out}");
            assert_eq!(string(&out, "text").unwrap(), text);
        }
    }

    #[test]
    fn a_pointer_escapes_what_the_standard_says() {
        assert_eq!(pointer("/custom", "a/b~c"), "/custom/a~1b~0c");
    }

    #[test]
    fn depth_counts_brackets_outside_strings() {
        assert_eq!(too_deep(br#"{"[[[[": "\"[[[["}"#, 1), None);
        assert_eq!(too_deep(b"[[]]", 1), Some(1));
        assert_eq!(too_deep(b"[][][]", 1), None);
    }

    #[test]
    fn repeated_names_are_found_however_they_are_spelled() {
        let many: Vec<String> = (0..40).map(|n| format!("\"n{n}\":1")).collect();
        for (body, expected) in [
            (r#"{"a":1,"b":2}"#.to_owned(), None),
            (r#"{"a":1,"\u0061":2}"#.to_owned(), Some("a")),
            (format!("{{{}}}", many.join(",")), None),
            (format!("{{{},\"n7\":1}}", many.join(",")), Some("n7")),
        ] {
            let read = members(&body, "an object").unwrap();
            assert_eq!(repeated(&read), expected, "{body}");
        }
    }
}
