//! The typed tree: what an expression means once its names are known.
//!
//! Whoever writes another back end walks [`Node`]s. These promises make that easy:
//! - null literals do not occur in comparisons and calculations (`x == null` is [`Kind::Has`]);
//! - what depends on no field and no context is already a [`Kind::Const`], and
//!   [`Expr::bind`](crate::Expr::bind) turns what depends on the context only into constants too;
//! - a null constant still stands for false as a condition, may be a branch of `If`, the first
//!   term of `In` or an element of its list: `x in ['a', null]` is true for null;
//! - `And` and `Or` hold all terms of a chain, so that long filters stay flat.

use crate::{Type, env::Via, error::Span};
use std::sync::Arc;
use types::{Rounding, Value};

/// A checked expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    pub(crate) root: Node,
}

/// A term, its type and its place in the text.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// What it gives, besides null.
    pub ty: Type,
    /// Where it was written.
    pub span: Span,
}

/// Two terms are equal when they mean the same, wherever they were written.
impl PartialEq for Node {
    fn eq(&self, other: &Node) -> bool {
        self.kind == other.kind && self.ty == other.ty
    }
}

/// What a term is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A literal or a folded constant.
    Const(Value),
    /// A field of the record, or of a row of an enclosing loop.
    Field(Slot),
    /// A field of the actor; `slot.index` counts in the context's attributes.
    Attribute(Slot),
    /// The element that an enclosing loop over a list of values stands at.
    Item {
        /// Which loop: 1 is the outermost.
        scope: usize,
        /// The variable's name.
        name: Arc<str>,
    },
    /// `now()`: the instant of the evaluation.
    Now,
    /// `today()`: the day of the evaluation.
    Today,
    /// Whether the term is not null.
    Has(Box<Node>),
    /// True where the term is false or null.
    Not(Box<Node>),
    /// The number, duration or amount below zero.
    Negate(Box<Node>),
    /// Whether all terms are true; a null term counts as false. At least two terms.
    And(Vec<Node>),
    /// Whether a term is true; a null term counts as false. At least two terms.
    Or(Vec<Node>),
    /// A comparison, always true or false; see the null table.
    Compare(Comparison, Box<Node>, Box<Node>),
    /// Whether the first term is an element of the second, which is a list.
    In(Box<Node>, Box<Node>),
    /// A calculation.
    Calculate(Operator, Box<Node>, Box<Node>),
    /// Condition, then, otherwise.
    If(Box<[Node; 3]>),
    /// A list that is not constant.
    List(Vec<Node>),
    /// A function of its arguments.
    Call(Function, Vec<Node>),
    /// A test or a mapping of every element of a list or of child rows.
    Loop(Box<Loop>),
}

/// A loop over a list or over child rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Loop {
    /// What is done with the elements.
    pub operation: LoopOperation,
    /// The list or the rows.
    pub over: Node,
    /// The name of the variable, as written.
    pub variable: Arc<str>,
    /// The condition or the value, for one element.
    pub body: Node,
}

/// What a loop does with the elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoopOperation {
    /// Whether the condition holds for one element at least.
    Exists,
    /// Whether it holds for exactly one.
    ExistsOne,
    /// Whether it holds for every one; true if there are none.
    All,
    /// The elements for which it holds.
    Filter,
    /// The values of the body.
    Map,
}

impl LoopOperation {
    /// Every operation.
    pub const ALL: [LoopOperation; 5] = [
        LoopOperation::Exists,
        LoopOperation::ExistsOne,
        LoopOperation::All,
        LoopOperation::Filter,
        LoopOperation::Map,
    ];

    /// Its name in the text.
    pub fn name(self) -> &'static str {
        match self {
            LoopOperation::Exists => "exists",
            LoopOperation::ExistsOne => "exists_one",
            LoopOperation::All => "all",
            LoopOperation::Filter => "filter",
            LoopOperation::Map => "map",
        }
    }
}

/// Where a field's value is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Whose field it is: 0 the record's, n that of the row of the n-th enclosing loop, 1 being
    /// the outermost.
    pub scope: usize,
    /// Its place among the values there, or among those of the source in `via`.
    pub index: usize,
    /// Where the value lies, if it is not among the record's own.
    pub via: Option<Via>,
    /// As written: `customer.country`, or `l.amount` in a loop.
    pub name: Arc<str>,
    /// Its path from the record on: `customer.country`, `lines.amount`.
    pub path: Arc<str>,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// The comparison that `sign` stands for.
    pub fn parse(sign: &str) -> Option<Comparison> {
        use Comparison::*;
        let all = [Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual];
        all.into_iter().find(|comparison| comparison.sign() == sign)
    }

    /// Its sign in the text.
    pub fn sign(self) -> &'static str {
        match self {
            Comparison::Equal => "==",
            Comparison::NotEqual => "!=",
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
        }
    }

    /// Whether it asks for an order, which a null operand has not.
    pub fn is_ordering(self) -> bool {
        !matches!(self, Comparison::Equal | Comparison::NotEqual)
    }

    /// Whether two values that stand in `order` satisfy it.
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// A calculation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
}

impl Operator {
    /// The calculation that `sign` stands for.
    pub fn parse(sign: &str) -> Option<Operator> {
        use Operator::*;
        let all = [Add, Subtract, Multiply, Divide, Remainder];
        all.into_iter().find(|operator| operator.sign() == sign)
    }

    /// Its sign in the text.
    pub fn sign(self) -> &'static str {
        match self {
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
            Operator::Remainder => "%",
        }
    }
}

/// A function; what it needs to know before it is evaluated is part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Whether the first text begins with the second.
    StartsWith,
    /// Whether the first text ends with the second.
    EndsWith,
    /// Whether the second text occurs in the first.
    Contains,
    /// The text in lower case.
    Lower,
    /// The text in upper case.
    Upper,
    /// Code points of a text, elements of a list, rows.
    Size,
    /// The quotient of two numbers.
    Div {
        /// Places of the result.
        places: u32,
        /// How it is rounded.
        rounding: Rounding,
    },
    /// The number, rounded.
    Round {
        /// Places of the result.
        places: u32,
        /// How it is rounded.
        rounding: Rounding,
    },
    /// The value without its sign.
    Abs,
    /// The smallest of the arguments, or of the elements of the one list.
    Min,
    /// The largest of the arguments, or of the elements of the one list.
    Max,
    /// The sum of the elements of a list.
    Sum,
    /// The first argument that is not null.
    Coalesce,
    /// The year of a date, or of an instant in the context's zone.
    Year,
    /// The month, 1 to 12.
    Month,
    /// The day of the month, 1 to 31.
    Day,
    /// The day on which an instant falls in the context's zone.
    DateOf,
    /// The amount of money as a decimal, in whole units.
    Amount,
    /// The currency's code.
    CurrencyOf,
    /// Money of a number and a currency's code, rounded to the currency's digits.
    MoneyOf {
        /// How it is rounded.
        rounding: Rounding,
    },
}

impl Function {
    /// Its name in the text.
    pub fn name(self) -> &'static str {
        match self {
            Function::StartsWith => "startsWith",
            Function::EndsWith => "endsWith",
            Function::Contains => "contains",
            Function::Lower => "lower",
            Function::Upper => "upper",
            Function::Size => "size",
            Function::Div { .. } => "div",
            Function::Round { .. } => "round",
            Function::Abs => "abs",
            Function::Min => "min",
            Function::Max => "max",
            Function::Sum => "sum",
            Function::Coalesce => "coalesce",
            Function::Year => "year",
            Function::Month => "month",
            Function::Day => "day",
            Function::DateOf => "date",
            Function::Amount => "amount",
            Function::CurrencyOf => "currency",
            Function::MoneyOf { .. } => "money",
        }
    }
}

impl Node {
    /// A constant.
    pub fn constant(value: Value, ty: Type, span: Span) -> Node {
        Node { kind: Kind::Const(value), ty, span }
    }

    /// The value, if it is a constant.
    pub fn as_const(&self) -> Option<&Value> {
        match &self.kind {
            Kind::Const(value) => Some(value),
            _ => None,
        }
    }

    /// The terms directly inside, in the order of the text.
    pub fn children(&self) -> Vec<&Node> {
        match &self.kind {
            Kind::Const(_) | Kind::Field(_) | Kind::Attribute(_) | Kind::Item { .. } => vec![],
            Kind::Now | Kind::Today => vec![],
            Kind::Has(inner) | Kind::Not(inner) | Kind::Negate(inner) => vec![inner],
            Kind::And(items) | Kind::Or(items) | Kind::List(items) => items.iter().collect(),
            Kind::Compare(_, a, b) | Kind::In(a, b) | Kind::Calculate(_, a, b) => vec![a, b],
            Kind::If(parts) => parts.iter().collect(),
            Kind::Call(_, arguments) => arguments.iter().collect(),
            Kind::Loop(inner) => vec![&inner.over, &inner.body],
        }
    }

    /// Shows every term to `see`, each before those inside it.
    pub fn walk<'a>(&'a self, see: &mut impl FnMut(&'a Node)) {
        see(self);
        self.children().into_iter().for_each(|child| child.walk(see));
    }

    /// Whether a field inside lies beyond the record's own values.
    pub fn reads_beyond(&self) -> bool {
        let mut beyond = false;
        self.walk(&mut |node| {
            beyond |= matches!(&node.kind, Kind::Field(slot) if slot.via.is_some());
        });
        beyond
    }

    /// Whether it gives the same for every record: no field and no loop variable is inside.
    pub fn is_independent(&self) -> bool {
        let mut independent = true;
        self.walk(&mut |node| {
            independent &= !matches!(node.kind, Kind::Field(_) | Kind::Item { .. });
        });
        independent
    }
}

impl Expr {
    /// A term of an expression as an expression of its own.
    pub fn term(node: &Node) -> Expr {
        Expr { root: node.clone() }
    }

    /// The outermost term.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// What the expression gives, besides null.
    pub fn ty(&self) -> &Type {
        &self.root.ty
    }

    /// The fields of the record and of its children that the expression reads, each once, in the
    /// order of the text; [`Slot::path`] names them from the record on.
    pub fn fields(&self) -> Vec<&Slot> {
        self.slots(|kind| match kind {
            Kind::Field(slot) => Some(slot),
            _ => None,
        })
    }

    /// The fields of the actor that the expression reads, each once.
    pub fn attributes(&self) -> Vec<&Slot> {
        self.slots(|kind| match kind {
            Kind::Attribute(slot) => Some(slot),
            _ => None,
        })
    }

    /// Whether the answer changes with the clock: `now()`, `today()`.
    pub fn reads_clock(&self) -> bool {
        let mut reads = false;
        self.root.walk(&mut |node| reads |= matches!(node.kind, Kind::Now | Kind::Today));
        reads
    }

    fn slots<'a>(&'a self, wanted: impl Fn(&'a Kind) -> Option<&'a Slot>) -> Vec<&'a Slot> {
        let mut slots: Vec<&Slot> = Vec::new();
        self.root.walk(&mut |node| {
            if let Some(slot) = wanted(&node.kind)
                && !slots.iter().any(|known| known.path == slot.path)
            {
                slots.push(slot);
            }
        });
        slots
    }
}
