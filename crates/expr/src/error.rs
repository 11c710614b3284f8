//! What is wrong with an expression, and where: offsets that an editor can underline.

use std::borrow::Cow;

/// A range of bytes in the text of an expression; `start` is inside, `end` is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes from `start` to before `end`.
    pub fn new(start: usize, end: usize) -> Span {
        Span { start: start as u32, end: end as u32 }
    }

    /// The smallest span that holds both.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// One thing that is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What kind of mistake it is; stable, for programs: one of the codes in `docs/expressions.md`.
    pub code: &'static str,
    /// What to do about it, for people.
    pub message: Cow<'static, str>,
    /// Offset of the first byte concerned.
    pub start: usize,
    /// Offset after the last byte concerned; equal to `start` where something is missing.
    pub end: usize,
    /// What to write in place of these bytes, when one correction is likely.
    pub suggestion: Option<String>,
}

impl Error {
    /// A mistake at `span`.
    pub fn new(code: &'static str, span: Span, message: impl Into<Cow<'static, str>>) -> Error {
        let (start, end) = (span.start as usize, span.end as usize);
        Error { code, message: message.into(), start, end, suggestion: None }
    }

    /// The same, with a likely correction.
    pub fn suggest(mut self, text: impl Into<Option<String>>) -> Error {
        self.suggestion = text.into();
        self
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (at {}..{})", self.message, self.start, self.end)?;
        match &self.suggestion {
            Some(text) => write!(f, "; did you mean `{text}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

/// The name nearest to `wrong`, if one is near enough to be a slip of the hand.
pub(crate) fn nearest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let wrong_lower = wrong.to_lowercase();
    let allowed = (wrong.chars().count() / 3).clamp(1, 3);
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&wrong_lower, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, name)| name.to_owned())
}
