//! Cuts the text of an expression into tokens, each with its place.

use crate::{Error, error::Span};

/// What a token is; texts are already unescaped.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    /// Digits, perhaps with a point and more digits; the span holds them.
    Number,
    Text(String),
    /// A name or a word of the language; the span holds it.
    Name,
    /// An operator or a bracket.
    Sign(&'static str),
    End,
}

/// Longest first, so that `<=` is not read as `<`.
const SIGNS: &[&str] = &[
    "||", "&&", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", "(", ")",
    "[", "]", ",", ".",
];

/// Signs of other languages, and what to write here.
const FOREIGN: &[(&str, &str)] =
    &[("<>", "!="), ("===", "=="), ("!==", "!="), ("=", "=="), ("&", "&&"), ("|", "||")];

pub(crate) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Lexer<'a> {
        Lexer { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn count_while(&self, from: usize, wanted: impl Fn(u8) -> bool) -> usize {
        self.text.as_bytes()[from..].iter().take_while(|byte| wanted(**byte)).count()
    }

    /// Skips blanks and comments (`//` to the end of the line).
    fn skip_blank(&mut self) {
        loop {
            self.at += self.count_while(self.at, |byte| byte.is_ascii_whitespace());
            if !self.rest().starts_with("//") {
                return;
            }
            self.at += self.count_while(self.at, |byte| byte != b'\n');
        }
    }

    /// The next token and its place.
    pub(crate) fn next(&mut self) -> Result<(Token, Span), Error> {
        self.skip_blank();
        let start = self.at;
        let token = match self.rest().as_bytes() {
            [] => Token::End,
            [b'r' | b'R', b'\'' | b'"', ..] => self.literal_text(true)?,
            [b'\'' | b'"', ..] => self.literal_text(false)?,
            [b'0'..=b'9', ..] | [b'.', b'0'..=b'9', ..] => self.number()?,
            [b'a'..=b'z' | b'A'..=b'Z' | b'_', ..] => {
                self.at += self.count_while(self.at, |b| b.is_ascii_alphanumeric() || b == b'_');
                Token::Name
            }
            _ => self.sign()?,
        };
        Ok((token, Span::new(start, self.at)))
    }

    fn sign(&mut self) -> Result<Token, Error> {
        let rest = self.rest();
        let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
        let foreign = FOREIGN.iter().find(|(wrong, _)| rest.starts_with(wrong));
        if let Some((wrong, right)) = foreign
            && sign.is_none_or(|sign| sign.len() < wrong.len())
        {
            let span = Span::new(self.at, self.at + wrong.len());
            return Err(Error::new("syntax", span, format!("`{wrong}` is written `{right}` here"))
                .suggest(right.to_string()));
        }
        if let Some(sign) = sign {
            self.at += sign.len();
            return Ok(Token::Sign(sign));
        }
        let sign = rest.chars().next().unwrap_or_default();
        let span = Span::new(self.at, self.at + sign.len_utf8());
        Err(match sign {
            '‘' | '’' | '“' | '”' | '„' | '`' => {
                Error::new("syntax", span, "texts stand between straight quotes, as in 'this'")
                    .suggest("'".to_owned())
            }
            _ => Error::new("syntax", span, format!("{sign:?} means nothing here")),
        })
    }

    /// Digits with at most one point between them; no exponent, no hexadecimal, no suffix.
    fn number(&mut self) -> Result<Token, Error> {
        let start = self.at;
        let digits = |lexer: &Self, from| lexer.count_while(from, |byte| byte.is_ascii_digit());
        let whole = digits(self, start);
        let mut end = start + whole;
        if self.text[end..].starts_with('.') {
            let fraction = digits(self, end + 1);
            // `1.size()` is a call on a number, `1.` is nothing.
            let is_member = self.text[end + 1..].starts_with(|c: char| c.is_ascii_alphabetic());
            if fraction == 0 && !is_member {
                let span = Span::new(start, end + 1);
                return Err(Error::new("number", span, "digits must follow the point")
                    .suggest(self.text[start..end].to_owned()));
            }
            end += if fraction == 0 { 0 } else { 1 + fraction };
        }
        self.at = end;
        if whole == 0 {
            let text = &self.text[start..end];
            return Err(Error::new(
                "number",
                Span::new(start, end),
                "a number begins with a digit",
            )
            .suggest(format!("0{text}")));
        }
        let tail = self.count_while(end, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if tail > 0 {
            let message = "numbers are written with digits and a point only: no exponent, \
                           hexadecimal form, suffix or unit";
            return Err(Error::new("number", Span::new(start, end + tail), message));
        }
        Ok(Token::Number)
    }

    fn literal_text(&mut self, raw: bool) -> Result<Token, Error> {
        let start = self.at;
        self.at += usize::from(raw);
        let quote = self.text.as_bytes()[self.at];
        self.at += 1;
        let mut text = String::new();
        loop {
            let run = self.count_while(self.at, |b| {
                b != quote && b != b'\n' && b != 0 && (raw || b != b'\\')
            });
            text.push_str(&self.text[self.at..self.at + run]);
            self.at += run;
            match self.text.as_bytes().get(self.at) {
                Some(byte) if *byte == quote => {
                    self.at += 1;
                    return Ok(Token::Text(text));
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(0) => return Err(self.zero(self.at + 1)),
                _ => {
                    let span = Span::new(start, self.at);
                    let closed = format!("{}{}", &self.text[start..self.at], quote as char);
                    return Err(
                        Error::new("syntax", span, "the text has no closing quote").suggest(closed)
                    );
                }
            }
        }
    }

    fn zero(&self, end: usize) -> Error {
        Error::new("text", Span::new(self.at, end), "the character U+0000 is refused in texts")
    }

    /// One escape sequence of CEL, from its backslash on.
    fn escape(&mut self) -> Result<char, Error> {
        let start = self.at;
        let kind = self.text[start + 1..].chars().next().unwrap_or_default();
        let (skip, digits, radix) = match kind {
            'x' | 'X' => (2, 2, 16),
            'u' => (2, 4, 16),
            'U' => (2, 8, 16),
            '0'..='3' => (1, 3, 8),
            _ => {
                let plain = match kind {
                    'a' => '\u{7}',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'v' => '\u{b}',
                    '\\' | '?' | '"' | '\'' | '`' => kind,
                    _ => {
                        let span = Span::new(
                            start,
                            start + 1 + kind.len_utf8().min(self.text.len() - start - 1),
                        );
                        return Err(Error::new(
                            "text",
                            span,
                            "no such escape; a backslash is written \\\\",
                        ));
                    }
                };
                self.at += 2;
                return Ok(plain);
            }
        };
        let code = self.text.get(start + skip..start + skip + digits);
        let code = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let end = start + skip + code.map_or(0, str::len);
        let code = code.and_then(|code| u32::from_str_radix(code, radix).ok());
        match code.and_then(char::from_u32) {
            Some('\0') => Err(self.zero(end)),
            Some(decoded) => {
                self.at = end;
                Ok(decoded)
            }
            None => {
                let message = format!("\\{kind} takes {digits} digits of one character");
                Err(Error::new("text", Span::new(start, end), message))
            }
        }
    }
}
