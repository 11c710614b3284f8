//! Query parameters: decoded once, each at most once, every unknown one refused.

use kernel::problem::Problem;
use kernel::read::parameter;
use kernel::schema::nearest;
use std::borrow::Cow;

/// The parameters of one request, in their order.
#[derive(Debug, Default)]
pub(crate) struct Params<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Params<'a> {
    /// Reads a query; `known` are the names that the operation takes.
    ///
    /// # Errors
    /// 400 for an unknown name (with the nearest known one), a repeated one, or bytes that are
    /// not UTF-8 after decoding.
    pub fn parse(query: Option<&'a str>, known: &[&str]) -> Result<Params<'a>, Problem> {
        let mut found: Vec<(Cow<'a, str>, Cow<'a, str>)> = Vec::new();
        for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name).ok_or_else(|| not_utf8("query"))?;
            if !known.contains(&name.as_ref()) {
                return Err(unknown(&name, known));
            }
            let value = decode(value).ok_or_else(|| not_utf8(&name))?;
            if found.iter().any(|(earlier, _)| *earlier == name) {
                let text = format!("'{name}' may be given once; put several values into one text");
                return Err(parameter(&name, "repeated_parameter", text));
            }
            found.push((name, value));
        }
        Ok(Params(found))
    }

    /// The value of a parameter, if it was given.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_ref())
    }

    /// The value as text of its own; empty if it was not given.
    pub fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    /// A whole number within bounds.
    ///
    /// # Errors
    /// 400 for anything else.
    pub fn number(&self, name: &str, least: u64, most: u64) -> Result<Option<u64>, Problem> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse::<u64>() {
            Ok(number) if digits && (least..=most).contains(&number) => Ok(Some(number)),
            _ => {
                let text = format!("{name} must be a whole number from {least} to {most}");
                Err(parameter(name, "out_of_range", text))
            }
        }
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// 400 for anything else.
    pub fn flag(&self, name: &str) -> Result<bool, Problem> {
        match self.get(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(parameter(name, "not_a_flag", format!("{name} must be true or false"))),
        }
    }

    /// Names separated by commas, as they were given; none if the parameter was not given.
    pub fn names(&self, name: &str) -> impl Iterator<Item = &str> {
        self.get(name).into_iter().flat_map(|text| text.split(','))
    }
}

fn not_utf8(name: &str) -> Problem {
    parameter(name, "not_utf8", format!("the value of '{name}' is not UTF-8"))
}

fn unknown(name: &str, known: &[&str]) -> Problem {
    let shown: String = name.chars().take(60).collect();
    let hint = match nearest(&shown, known.iter().copied()) {
        Some(near) => format!("did you mean '{near}'?"),
        None if known.is_empty() => "this path takes none".to_owned(),
        None => format!("this path takes {}", known.join(", ")),
    };
    parameter(&shown, "unknown_parameter", format!("there is no parameter '{shown}'; {hint}"))
}

/// Undoes percent-encoding and `+`; none if the bytes are not UTF-8. A `%` without two
/// hexadecimal digits stands for itself, as browsers read it.
pub(crate) fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return Some(Cow::Borrowed(text));
    }
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|byte| (*byte as char).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let (byte, width) = match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => ((high * 16 + low) as u8, 3),
            (b'+', _, _) => (b' ', 1),
            (other, _, _) => (other, 1),
        };
        out.push(byte);
        at += width;
    }
    String::from_utf8(out).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_once() {
        for (text, expected) in [
            ("plain", Some("plain")),
            ("a+b%20c", Some("a b c")),
            ("%2B%26%3D", Some("+&=")),
            ("caf%C3%A9", Some("café")),
            ("100%", Some("100%")),
            ("%2", Some("%2")),
            ("%zz", Some("%zz")),
            ("%2541", Some("%41")),
            ("%ff", None),
            ("%C3", None),
        ] {
            assert_eq!(decode(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_parameter_is_known_and_given_once() {
        let known = ["filter", "page_size"];
        for (query, code) in [
            ("filtre=1", "unknown_parameter"),
            ("filter=1&filter=2", "repeated_parameter"),
            ("filter=%ff", "not_utf8"),
            ("%ff=1", "not_utf8"),
            ("=1", "unknown_parameter"),
        ] {
            let problem = Params::parse(Some(query), &known).unwrap_err();
            assert_eq!((problem.kind.status(), problem.code.as_str()), (400, code), "{query}");
        }
        let near = Params::parse(Some("filtre=1"), &known).unwrap_err();
        assert!(near.detail.contains("did you mean 'filter'?"), "{near}");
        let params = Params::parse(Some("&filter=a%3D%3D1&&page_size=7&"), &known).unwrap();
        assert_eq!(params.get("filter"), Some("a==1"));
        assert_eq!(params.number("page_size", 1, 1000), Ok(Some(7)));
    }

    #[test]
    fn numbers_and_flags_have_one_spelling() {
        let number = |text: &str| {
            let query = format!("n={text}");
            Params::parse(Some(&query), &["n"]).unwrap().number("n", 1, 9).is_ok()
        };
        for (text, fine) in [
            ("1", true),
            ("9", true),
            ("0", false),
            ("10", false),
            ("%2B1", false),
            ("", false),
            ("1.0", false),
        ] {
            assert_eq!(number(text), fine, "{text}");
        }
        let flag = |query: &str| Params::parse(Some(query), &["n"]).unwrap().flag("n").ok();
        assert_eq!((flag("n=true"), flag("n=false"), flag("n=1")), (Some(true), Some(false), None));
    }
}
