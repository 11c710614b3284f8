//! Reads the text of an expression: precedence climbing, with a limit on length and on depth.

use crate::ast::{Ast, MAX_DEPTH, MAX_LENGTH, Term, TermKind, Word};
use crate::error::{Error, Span};
use crate::lexer::{Lexer, Token};
use types::Decimal;

/// Reads `text` as one expression.
///
/// # Errors
/// The first place where the text cannot go on: `syntax`, `number`, `text`, `too_long`, `too_deep`.
pub fn parse(text: &str) -> Result<Ast, Error> {
    if text.len() > MAX_LENGTH {
        let message = format!("an expression has at most {MAX_LENGTH} bytes");
        return Err(Error::new("too_long", Span::new(MAX_LENGTH, text.len()), message));
    }
    let mut lexer = Lexer::new(text);
    let (token, span) = lexer.next()?;
    let mut parser = Parser { text, lexer, token, span, end: 0, depth: 0 };
    if parser.token == Token::End {
        return Err(Error::new("syntax", Span::new(0, text.len()), "the expression is empty"));
    }
    let root = parser.expression()?;
    match parser.token {
        Token::End => Ok(Ast { root }),
        _ => Err(parser.unexpected("an operator or the end")),
    }
}

struct Parser<'a> {
    text: &'a str,
    lexer: Lexer<'a>,
    /// The token to be looked at, and its place.
    token: Token,
    span: Span,
    /// Where the token before ended.
    end: u32,
    depth: usize,
}

type Parsed = Result<Term, Error>;

const COMPARE: u8 = 1;
const ADD: u8 = 2;
const MULTIPLY: u8 = 3;

/// How tightly a two-sided sign binds, below `&&`.
fn strength(sign: &str) -> u8 {
    match sign {
        "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" => COMPARE,
        "+" | "-" => ADD,
        "*" | "/" | "%" => MULTIPLY,
        _ => 0,
    }
}

impl<'a> Parser<'a> {
    fn advance(&mut self) -> Result<Token, Error> {
        let (token, span) = self.lexer.next()?;
        self.end = self.span.end;
        self.span = span;
        Ok(std::mem::replace(&mut self.token, token))
    }

    fn word(&self) -> &'a str {
        &self.text[self.span.start as usize..self.span.end as usize]
    }

    fn take(&mut self, sign: &'static str) -> Result<bool, Error> {
        let found = self.token == Token::Sign(sign);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn expect(&mut self, sign: &'static str) -> Result<(), Error> {
        if self.take(sign)? { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    /// Says what should stand here instead of the token that does.
    fn unexpected(&self, expected: &str) -> Error {
        let found = self.word();
        let error = |message: String| Error::new("syntax", self.span, message);
        if self.token == Token::End {
            return error(format!("the expression ends where {expected} should follow"));
        }
        if let Token::Name = self.token {
            let sign = match found.to_ascii_lowercase().as_str() {
                "and" => "&&",
                "or" => "||",
                "not" => "!",
                "is" => "==",
                "like" => ".contains",
                _ => "",
            };
            if !sign.is_empty() {
                return error(format!("`{found}` is written `{sign}` here"))
                    .suggest(sign.to_owned());
            }
        }
        error(format!("expected {expected}, found `{found}`"))
    }

    fn too_deep(&self, span: Span) -> Error {
        let message = format!("terms stand inside each other at most {MAX_DEPTH} deep");
        Error::new("too_deep", span, message)
    }

    fn term(&self, kind: TermKind, span: Span) -> Parsed {
        let inner = match &kind {
            TermKind::List(items) | TermKind::And(items) | TermKind::Or(items) => highest(items),
            TermKind::Select(inner, _) | TermKind::Not(inner) | TermKind::Negate(inner) => {
                inner.height
            }
            TermKind::Call { receiver, arguments, .. } => {
                receiver.as_ref().map_or(0, |inner| inner.height).max(highest(arguments))
            }
            TermKind::Binary(_, left, right) => left.height.max(right.height),
            TermKind::If(parts) => highest(parts.as_slice()),
            _ => 0,
        };
        if inner >= MAX_DEPTH {
            return Err(self.too_deep(span));
        }
        Ok(Term { kind, span, height: inner + 1 })
    }

    /// Runs `read` one level deeper, so that the reader's own stack is bounded too.
    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        if self.depth >= MAX_DEPTH {
            return Err(self.too_deep(self.span));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn expression(&mut self) -> Parsed {
        let condition = self.either()?;
        if !self.take("?")? {
            return Ok(condition);
        }
        let then = self.deeper(Self::expression)?;
        self.expect(":")?;
        let otherwise = self.deeper(Self::expression)?;
        let span = condition.span.to(otherwise.span);
        self.term(TermKind::If(Box::new([condition, then, otherwise])), span)
    }

    fn either(&mut self) -> Parsed {
        self.chain("||", TermKind::Or, |parser| {
            parser.chain("&&", TermKind::And, |parser| parser.binary(COMPARE))
        })
    }

    fn chain(
        &mut self,
        sign: &'static str,
        join: fn(Vec<Term>) -> TermKind,
        operand: fn(&mut Self) -> Parsed,
    ) -> Parsed {
        let first = operand(self)?;
        if self.token != Token::Sign(sign) {
            return Ok(first);
        }
        let mut span = first.span;
        let mut terms = vec![first];
        while self.take(sign)? {
            let term = operand(self)?;
            span = span.to(term.span);
            terms.push(term);
        }
        self.term(join(terms), span)
    }

    fn sign(&self) -> &'static str {
        match self.token {
            Token::Sign(sign) => sign,
            Token::Name if self.word() == "in" => "in",
            _ => "",
        }
    }

    fn binary(&mut self, weakest: u8) -> Parsed {
        let mut left = self.unary()?;
        loop {
            let sign = self.sign();
            let strength = strength(sign);
            if strength == 0 || strength < weakest {
                return Ok(left);
            }
            if strength == COMPARE
                && matches!(&left.kind, TermKind::Binary(s, ..) if self::strength(s) == COMPARE)
                && left.span.end == self.end
            {
                let message = "comparisons do not chain: write `a < b && b < c`";
                return Err(Error::new("syntax", self.span, message));
            }
            self.advance()?;
            let right = self.binary(strength + 1)?;
            let span = left.span.to(right.span);
            left = self.term(TermKind::Binary(sign, Box::new(left), Box::new(right)), span)?;
        }
    }

    fn unary(&mut self) -> Parsed {
        let start = self.span;
        if self.take("!")? {
            let inner = self.deeper(Self::unary)?;
            let span = start.to(inner.span);
            return self.term(TermKind::Not(Box::new(inner)), span);
        }
        if self.take("-")? {
            if self.token == Token::Number {
                let number = self.number(start)?;
                return self.members(number);
            }
            let inner = self.deeper(Self::unary)?;
            let span = start.to(inner.span);
            return self.term(TermKind::Negate(Box::new(inner)), span);
        }
        let primary = self.primary()?;
        self.members(primary)
    }

    /// A number whose text begins at `start`, where its minus stands if it has one.
    fn number(&mut self, start: Span) -> Parsed {
        let (digits, span) = (self.word(), start.to(self.span));
        let negative = start.start != self.span.start;
        self.advance()?;
        if !digits.contains('.') {
            let sign = if negative { "-" } else { "" };
            return match format!("{sign}{digits}").parse() {
                Ok(int) => self.term(TermKind::Int(int), span),
                Err(_) => Err(Error::new("number", span, "a whole number fits 64 bits")),
            };
        }
        let digits = digits.trim_end_matches('0').trim_start_matches('0').trim_end_matches('.');
        let count = digits.len() - usize::from(digits.contains('.'));
        let text = if digits.is_empty() || digits.starts_with('.') { "0" } else { "" };
        match format!("{text}{digits}").parse::<Decimal>() {
            Ok(value) if count <= 28 => {
                let value = if negative { -value } else { value };
                self.term(TermKind::Decimal(value.normalize()), span)
            }
            _ => Err(Error::new("number", span, "a decimal has at most 28 digits")),
        }
    }

    fn primary(&mut self) -> Parsed {
        let span = self.span;
        let kind = match &self.token {
            Token::Number => return self.number(span),
            Token::Text(_) => match self.advance()? {
                Token::Text(text) => TermKind::Text(text),
                _ => TermKind::Null,
            },
            Token::Sign("(") => {
                self.advance()?;
                let inner = self.deeper(Self::expression)?;
                self.expect(")")?;
                return Ok(inner);
            }
            Token::Sign("[") => {
                self.advance()?;
                let items = self.items("]")?;
                let span = Span { start: span.start, end: self.end };
                return self.term(TermKind::List(items), span);
            }
            Token::Name => match self.word() {
                "in" => return Err(self.unexpected("a value")),
                "not" | "NOT" => {
                    let message = "`not` is written `!` here";
                    return Err(Error::new("syntax", span, message).suggest("!".to_owned()));
                }
                word => {
                    self.advance()?;
                    match word {
                        "null" => TermKind::Null,
                        "true" => TermKind::Bool(true),
                        "false" => TermKind::Bool(false),
                        _ => {
                            let name = Word { text: word.to_owned(), span };
                            return self.call_or(name, None);
                        }
                    }
                }
            },
            _ => return Err(self.unexpected("a value")),
        };
        self.term(kind, span)
    }

    /// A call if a parenthesis follows the name, else a field.
    fn call_or(&mut self, name: Word, receiver: Option<Term>) -> Parsed {
        let start = receiver.as_ref().map_or(name.span, |inner| inner.span);
        let receiver = receiver.map(Box::new);
        if self.take("(")? {
            let arguments = self.items(")")?;
            let span = Span { start: start.start, end: self.end };
            return self.term(TermKind::Call { receiver, name, arguments }, span);
        }
        let span = start.to(name.span);
        match receiver {
            Some(inner) => self.term(TermKind::Select(inner, name), span),
            None => self.term(TermKind::Name(name.text), span),
        }
    }

    fn members(&mut self, mut term: Term) -> Parsed {
        while self.take(".")? {
            if self.token != Token::Name {
                return Err(self.unexpected("a field or a function"));
            }
            let name = Word { text: self.word().to_owned(), span: self.span };
            self.advance()?;
            term = self.call_or(name, Some(term))?;
        }
        if self.token == Token::Sign("[") {
            let message = "lists and rows have no index here: use exists, all, filter or map";
            return Err(Error::new("syntax", self.span, message));
        }
        Ok(term)
    }

    /// Terms between commas, up to and with `close`.
    fn items(&mut self, close: &'static str) -> Result<Vec<Term>, Error> {
        let mut items = Vec::new();
        while !self.take(close)? {
            items.push(self.deeper(Self::expression)?);
            if !self.take(",")? {
                self.expect(close)?;
                break;
            }
        }
        Ok(items)
    }
}

fn highest(terms: &[Term]) -> usize {
    terms.iter().map(|term| term.height).max().unwrap_or(0)
}
