//! Comma-separated text.

use super::{Piece, Sink, Tabular};
use async_trait::async_trait;
use std::borrow::Cow;
use std::io;

/// What begins a formula in a spreadsheet; the wide forms are read as the others by some.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A text that no spreadsheet takes for a formula: an apostrophe stands before what would begin
/// one, unless the whole is a number.
pub fn neutral(text: &str) -> Cow<'_, str> {
    // A spreadsheet passes over blanks before it looks for a sign.
    let begins = text.trim_start_matches(' ').starts_with(FORMULA);
    let is_number = || {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        digits.starts_with(|c: char| c.is_ascii_digit())
            && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && digits.matches('.').count() <= 1
    };
    if begins && !is_number() { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

pub(super) struct Text {
    /// Always there but while bytes are taken out.
    writer: csv::Writer<Vec<u8>>,
    begun: bool,
}

impl Text {
    pub(super) fn new() -> Text {
        Text { writer: writer(), begun: false }
    }
}

fn writer() -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .flexible(true)
        .from_writer(Vec::new())
}

#[async_trait]
impl Tabular for Text {
    fn header(&mut self, names: &[String]) -> io::Result<()> {
        Ok(self.writer.write_record(names)?)
    }

    fn row(&mut self, row: &[Piece]) -> io::Result<()> {
        for piece in row {
            match piece {
                Piece::Empty => self.writer.write_field("")?,
                Piece::Bool(value) => self.writer.write_field(value.to_string())?,
                Piece::Number(text) | Piece::Plain(text) => self.writer.write_field(text)?,
                Piece::Date(day) => self.writer.write_field(day.to_string())?,
                Piece::Text(text) => self.writer.write_field(neutral(text).as_bytes())?,
            }
        }
        Ok(self.writer.write_record(None::<&[u8]>)?)
    }

    fn ready(&mut self) -> Vec<u8> {
        let written = std::mem::replace(&mut self.writer, writer());
        let rows = written.into_inner().unwrap_or_default();
        if rows.is_empty() || std::mem::replace(&mut self.begun, true) {
            return rows;
        }
        [b"\xef\xbb\xbf".as_slice(), &rows].concat()
    }

    async fn finish(mut self: Box<Self>, sink: &mut dyn Sink) -> io::Result<()> {
        let rest = self.ready();
        if rest.is_empty() { Ok(()) } else { sink.take(rest).await }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_calculate_is_neutralised() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("+49 30 1", "'+49 30 1"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            (" =1", "' =1"),
            ("＝1", "'＝1"),
            ("-5", "-5"),
            ("+5.25", "+5.25"),
            ("-1.2.3", "'-1.2.3"),
            ("a=1", "a=1"),
            ("", ""),
            ("-", "'-"),
        ] {
            assert_eq!(neutral(text), expected, "{text:?}");
        }
    }
}
