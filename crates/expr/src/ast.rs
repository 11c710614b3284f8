//! The tree of an expression as it was written, before anything is known of its fields.

use crate::error::Span;
use types::Decimal;

/// The longest text of an expression, in bytes.
pub const MAX_LENGTH: usize = 8 * 1024;
/// How deep terms may stand inside each other; a chain of `&&` or of `||` counts as one.
pub const MAX_DEPTH: usize = 64;

/// A parsed expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Ast {
    /// The outermost term.
    pub root: Term,
}

/// A term and its place in the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// What it is.
    pub kind: TermKind,
    /// Where it is written, without parentheses around it.
    pub span: Span,
    /// How deep the terms inside it go; 1 for one that holds no other.
    pub(crate) height: usize,
}

/// What a term is.
#[derive(Clone, Debug, PartialEq)]
pub enum TermKind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a point, exact.
    Decimal(Decimal),
    /// A text, unescaped.
    Text(String),
    /// `[a, b]`.
    List(Vec<Term>),
    /// A field or a loop variable.
    Name(String),
    /// `inner.name`.
    Select(Box<Term>, Word),
    /// `name(arguments)` or `receiver.name(arguments)`.
    Call {
        /// What stands before the point, if anything.
        receiver: Option<Box<Term>>,
        /// The function or macro.
        name: Word,
        /// What stands between the parentheses.
        arguments: Vec<Term>,
    },
    /// `!a`.
    Not(Box<Term>),
    /// `-a`.
    Negate(Box<Term>),
    /// `a && b && c`.
    And(Vec<Term>),
    /// `a || b || c`.
    Or(Vec<Term>),
    /// A comparison, a calculation or `in`, by its sign.
    Binary(&'static str, Box<Term>, Box<Term>),
    /// `condition ? then : otherwise`.
    If(Box<[Term; 3]>),
}

/// A name with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// The name.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}
