//! The interpreter. It borrows what it reads: a comparison of fields and constants allocates
//! nothing.

use crate::calculate::{self, BUDGET, Cause};
use crate::error::Span;
use crate::ir::{Comparison, Expr, Function, Kind, Loop, LoopOperation, Node, Operator, Slot};
use crate::{Type, function};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use types::{Date, Instant, Value};

/// What an evaluation may cost: elements visited by loops, plus one for each 64 bytes of text made.
const BUDGET_STEPS: usize = 100_000;

/// The values of a record.
pub trait Row {
    /// The record's own value at `index`.
    fn value(&self, index: usize) -> &Value;

    /// The value at `index` of a source beyond the record ([`crate::Via`]); none where the row
    /// does not know that source, which gives null with the reason `wrong_type`.
    fn beyond(&self, source: usize, index: usize) -> Option<&Value> {
        let _ = (source, index);
        None
    }
}

static NULL: Value = Value::Null;

/// Values in the order of [`FieldRef::index`](crate::FieldRef); one that is missing is null.
impl Row for [Value] {
    fn value(&self, index: usize) -> &Value {
        self.get(index).unwrap_or(&NULL)
    }
}

impl Row for Vec<Value> {
    fn value(&self, index: usize) -> &Value {
        Row::value(self.as_slice(), index)
    }
}

/// A record's own values together with those of every source beyond it: the values of the record
/// behind a link, by the number of the link's source. A source without values is a link that
/// leads nowhere, and all its fields are null.
#[derive(Clone, Copy, Debug, Default)]
pub struct Joined<'a> {
    /// The record's own values.
    pub own: &'a [Value],
    /// The values of each source.
    pub sources: &'a [&'a [Value]],
}

impl Row for Joined<'_> {
    fn value(&self, index: usize) -> &Value {
        Row::value(self.own, index)
    }

    fn beyond(&self, source: usize, index: usize) -> Option<&Value> {
        let values = self.sources.get(source).copied().unwrap_or_default();
        Some(Row::value(values, index))
    }
}

/// What an expression may ask besides the record.
#[derive(Clone, Debug, PartialEq)]
pub struct Context {
    /// The answer of `now()`.
    pub now: Instant,
    /// The answer of `today()`.
    pub today: Date,
    /// The IANA zone in which instants become days.
    pub zone: String,
    /// The actor's values, in the order of the environment's actor fields.
    pub attributes: Vec<Value>,
}

impl Context {
    /// The context of an instant in a zone; `today` is the day there.
    pub fn new(now: Instant, zone: &str, attributes: Vec<Value>) -> Context {
        Context { now, today: now.date_in(zone), zone: zone.to_owned(), attributes }
    }
}

/// A result and why it, or a part of it, is null.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluated {
    /// The result.
    pub value: Value,
    /// Every calculation that gave null though no operand was null, in order of evaluation.
    pub reasons: Vec<Reason>,
}

/// Why a calculation gave null, or an ordering false, though no operand was null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// `overflow`, `division_by_zero`, `currency_mismatch`, `unknown_currency`, `too_much_work`
    /// or `wrong_type` (the row does not hold what its environment said).
    pub code: &'static str,
    /// The calculation.
    pub span: Span,
}

impl Expr {
    /// The value for one record.
    pub fn eval<R: Row + ?Sized>(&self, row: &R, context: &Context) -> Evaluated {
        let run = Run::new(row, context);
        let value = run.value(&self.root, None).into_owned();
        Evaluated { value, reasons: run.reasons.into_inner() }
    }

    /// Whether the expression is true for one record; null counts as false.
    pub fn eval_bool<R: Row + ?Sized>(&self, row: &R, context: &Context) -> bool {
        Run::new(row, context).truth(&self.root, None)
    }
}

/// One element of an enclosing loop, and the loops around that.
struct Frame<'x> {
    outer: Option<&'x Frame<'x>>,
    scope: usize,
    element: Element<'x>,
}

#[derive(Clone, Copy)]
enum Element<'x> {
    Row(&'x [Value]),
    Value(&'x Value),
}

struct Run<'a, R: ?Sized> {
    row: &'a R,
    context: &'a Context,
    reasons: RefCell<Vec<Reason>>,
    steps: Cell<usize>,
}

type Frames<'x> = Option<&'x Frame<'x>>;

impl<'a, R: Row + ?Sized> Run<'a, R> {
    fn new(row: &'a R, context: &'a Context) -> Run<'a, R> {
        Run { row, context, reasons: RefCell::default(), steps: Cell::new(BUDGET_STEPS) }
    }

    fn record(&self, code: Cause, node: &Node) {
        let mut reasons = self.reasons.borrow_mut();
        let reason = Reason { code, span: node.span };
        // A calculation inside a loop is named once.
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }

    /// Takes `steps` from the budget; false when it is used up.
    fn spend(&self, steps: usize, node: &Node) -> bool {
        match self.steps.get().checked_sub(steps) {
            Some(left) => self.steps.set(left),
            None => {
                self.steps.set(0);
                self.record(BUDGET, node);
                return false;
            }
        }
        true
    }

    /// Whether the term is true; null counts as false.
    fn truth<'x>(&'x self, node: &'x Node, frames: Frames<'x>) -> bool {
        match &node.kind {
            Kind::And(terms) => terms.iter().all(|term| self.truth(term, frames)),
            Kind::Or(terms) => terms.iter().any(|term| self.truth(term, frames)),
            Kind::Not(inner) => !self.truth(inner, frames),
            Kind::Has(inner) => !self.value(inner, frames).is_null(),
            Kind::Compare(op, a, b) => {
                let (a, b) = (self.value(a, frames), self.value(b, frames));
                let (holds, cause) = calculate::compare(*op, &a, &b);
                if let Some(cause) = cause {
                    self.record(cause, node);
                }
                holds
            }
            Kind::In(needle, list) => {
                let (needle, list) = (self.value(needle, frames), self.value(list, frames));
                let equals = |item| calculate::compare(Comparison::Equal, &needle, item).0;
                matches!(&*list, Value::List(items) if items.iter().any(equals))
            }
            _ => *self.value(node, frames) == Value::Bool(true),
        }
    }

    fn value<'x>(&'x self, node: &'x Node, frames: Frames<'x>) -> Cow<'x, Value> {
        match &node.kind {
            Kind::Const(value) => Cow::Borrowed(value),
            Kind::Field(slot) => Cow::Borrowed(self.field(slot, node, frames)),
            Kind::Item { scope, .. } => match element(frames, *scope) {
                Some(Element::Value(value)) => Cow::Borrowed(value),
                _ => Cow::Borrowed(&NULL),
            },
            Kind::Attribute(slot) => {
                Cow::Borrowed(self.context.attributes.get(slot.index).unwrap_or(&NULL))
            }
            Kind::Now => Cow::Owned(Value::Instant(self.context.now)),
            Kind::Today => Cow::Owned(Value::Date(self.context.today)),
            Kind::Calculate(op, a, b) => {
                let (a, b) = (self.value(a, frames), self.value(b, frames));
                if !self.affordable(*op, &a, &b, node) {
                    return Cow::Borrowed(&NULL);
                }
                self.known(calculate::calculate(*op, &a, &b, &node.ty), node)
            }
            Kind::Negate(inner) => self.known(calculate::negate(&self.value(inner, frames)), node),
            Kind::If(parts) => {
                let [condition, then, otherwise] = &**parts;
                let taken = if self.truth(condition, frames) { then } else { otherwise };
                self.fitted(self.value(taken, frames), node)
            }
            Kind::List(items) => {
                let items = items.iter().map(|item| self.owned(item, frames));
                Cow::Owned(Value::List(items.collect()))
            }
            Kind::Call(Function::Coalesce, arguments) => {
                let mut values = arguments.iter().map(|argument| self.value(argument, frames));
                let found = values.find(|value| !value.is_null());
                self.fitted(found.unwrap_or(Cow::Borrowed(&NULL)), node)
            }
            Kind::Call(function, arguments) => self.call(*function, arguments, node, frames),
            Kind::Loop(inner) => self.run_loop(inner, node, frames),
            _ => Cow::Owned(Value::Bool(self.truth(node, frames))),
        }
    }

    fn field<'x>(&'x self, slot: &Slot, node: &Node, frames: Frames<'x>) -> &'x Value {
        let found = match (slot.via, slot.scope) {
            (None, 0) => Some(self.row.value(slot.index)),
            (Some(via), 0) => self.row.beyond(via.source, slot.index),
            (None, scope) => match element(frames, scope) {
                Some(Element::Row(row)) => Some(Row::value(row, slot.index)),
                _ => Some(&NULL),
            },
            (Some(_), _) => None,
        };
        found.unwrap_or_else(|| {
            self.record(calculate::WRONG_TYPE, node);
            &NULL
        })
    }

    fn known<'x>(&self, result: Result<Value, Cause>, node: &Node) -> Cow<'x, Value> {
        Cow::Owned(result.unwrap_or_else(|cause| {
            self.record(cause, node);
            Value::Null
        }))
    }

    /// A value of its own, paid for.
    fn owned(&self, node: &Node, frames: Frames<'_>) -> Value {
        let value = self.value(node, frames);
        if self.spend(weight(&value), node) { value.into_owned() } else { Value::Null }
    }

    /// Joining texts costs their length, so that a loop cannot fill the memory.
    fn affordable(&self, op: Operator, a: &Value, b: &Value, node: &Node) -> bool {
        match (op, a, b) {
            (Operator::Add, Value::Text(a), Value::Text(b)) => {
                if a.len() + b.len() > function::MAX_TEXT {
                    self.record(calculate::OVERFLOW, node);
                    return false;
                }
                self.spend((a.len() + b.len()) / 64, node)
            }
            _ => true,
        }
    }

    fn call<'x>(
        &'x self,
        function: Function,
        arguments: &'x [Node],
        node: &'x Node,
        frames: Frames<'x>,
    ) -> Cow<'x, Value> {
        let result = match arguments {
            [one] => {
                let one = self.value(one, frames);
                if matches!(function, Function::Lower | Function::Upper)
                    && !self.spend(weight(&one), node)
                {
                    return Cow::Borrowed(&NULL);
                }
                function::call(function, &[&one], &node.ty, self.context)
            }
            [one, two] => {
                let (one, two) = (self.value(one, frames), self.value(two, frames));
                function::call(function, &[&one, &two], &node.ty, self.context)
            }
            _ => {
                let values: Vec<_> = arguments.iter().map(|arg| self.value(arg, frames)).collect();
                let values: Vec<&Value> = values.iter().map(|value| &**value).collect();
                function::call(function, &values, &node.ty, self.context)
            }
        };
        self.fitted(self.known(result, node), node)
    }

    /// The value, if it fits the digits of the term's type: one of two numbers of different
    /// scales may not fit the scale that they have together.
    fn fitted<'x>(&self, value: Cow<'x, Value>, node: &Node) -> Cow<'x, Value> {
        match (&*value, &node.ty) {
            (Value::Int(_) | Value::Decimal(_), Type::Decimal(Some(_))) => {
                let fits = calculate::as_decimal(&value)
                    .and_then(|number| calculate::fitting(number, &node.ty));
                match fits {
                    Ok(_) => value,
                    Err(cause) => self.known(Err(cause), node),
                }
            }
            _ => value,
        }
    }

    fn run_loop<'x>(
        &'x self,
        inner: &'x Loop,
        node: &'x Node,
        frames: Frames<'x>,
    ) -> Cow<'x, Value> {
        let over = self.value(&inner.over, frames);
        let elements: &mut dyn Iterator<Item = Element<'_>> = match &*over {
            Value::List(items) => &mut items.iter().map(Element::Value),
            Value::Rows(rows) => &mut rows.iter().map(|row| Element::Row(row)),
            // Of nothing known there are no elements to test, and no list to give.
            _ if matches!(inner.operation, LoopOperation::Filter | LoopOperation::Map) => {
                return Cow::Borrowed(&NULL);
            }
            _ => &mut std::iter::empty(),
        };
        let scope = frames.map_or(0, |frame| frame.scope) + 1;
        let mut kept = Vec::new();
        let mut kept_rows = Vec::new();
        let mut hits = 0;
        for element in elements {
            if !self.spend(1, node) {
                return Cow::Borrowed(&NULL);
            }
            let frame = Frame { outer: frames, scope, element };
            if inner.operation == LoopOperation::Map {
                kept.push(self.owned(&inner.body, Some(&frame)));
                continue;
            }
            let holds = self.truth(&inner.body, Some(&frame));
            hits += usize::from(holds);
            match (inner.operation, element) {
                (LoopOperation::Exists, _) if holds => return Cow::Owned(Value::Bool(true)),
                (LoopOperation::All, _) if !holds => return Cow::Owned(Value::Bool(false)),
                (LoopOperation::Filter, Element::Row(row)) if holds => {
                    if !self.spend(row.iter().map(weight).sum(), node) {
                        return Cow::Borrowed(&NULL);
                    }
                    kept_rows.push(row.to_vec());
                }
                (LoopOperation::Filter, Element::Value(value)) if holds => {
                    if !self.spend(weight(value), node) {
                        return Cow::Borrowed(&NULL);
                    }
                    kept.push(value.clone());
                }
                _ => {}
            }
        }
        Cow::Owned(match inner.operation {
            LoopOperation::Exists => Value::Bool(false),
            LoopOperation::All => Value::Bool(true),
            LoopOperation::ExistsOne => Value::Bool(hits == 1),
            LoopOperation::Filter if matches!(node.ty, Type::Rows(_)) => Value::Rows(kept_rows),
            LoopOperation::Filter | LoopOperation::Map => Value::List(kept),
        })
    }
}

/// What a copy of the value costs, in steps.
fn weight(value: &Value) -> usize {
    match value {
        Value::Text(text) | Value::Json(text) => text.len() / 64,
        Value::List(items) => items.iter().map(|item| 1 + weight(item)).sum(),
        Value::Rows(rows) => rows.iter().flatten().map(|cell| 1 + weight(cell)).sum(),
        _ => 0,
    }
}

fn element<'x>(mut frames: Frames<'x>, scope: usize) -> Option<Element<'x>> {
    while let Some(frame) = frames {
        if frame.scope == scope {
            return Some(frame.element);
        }
        frames = frame.outer;
    }
    None
}
