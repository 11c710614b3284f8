//! The check: finds every name in the environment, gives every term its type, and says all that
//! is wrong at once.

use crate::ast::{Ast, Term, TermKind, Word};
use crate::env::{Env, FieldRef, Origin};
use crate::error::{Error, Span, nearest};
use crate::fold::finish;
use crate::ir::{Comparison, Expr, Kind, Node, Operator, Slot};
use crate::{Type, print};
use std::sync::Arc;
use types::Value;

/// Checks `ast` against the names of `env`; with `expected`, the result must fit that type.
///
/// # Errors
/// Everything that is wrong, in the order of the text; the codes are in `docs/expressions.md`.
pub fn check(ast: &Ast, env: &dyn Env, expected: Option<&Type>) -> Result<Expr, Vec<Error>> {
    let mut checker = Checker { env, loops: Vec::new(), choices: Vec::new(), errors: Vec::new() };
    let root = checker.term(&ast.root);
    let root = match (root, expected) {
        (Some(root), Some(expected)) => checker.expect(root, expected),
        (root, _) => root,
    };
    let mut errors = checker.errors;
    match root {
        Some(root) if errors.is_empty() => Ok(Expr { root }),
        _ => {
            errors.sort_by_key(|error| (error.start, error.end));
            Err(errors)
        }
    }
}

/// The values that a field can hold, where there is a list of them.
type Choices = Arc<[Arc<str>]>;

pub(crate) struct Checker<'e> {
    pub(crate) env: &'e dyn Env,
    pub(crate) loops: Vec<Variable<'e>>,
    choices: Vec<(Arc<str>, Choices)>,
    pub(crate) errors: Vec<Error>,
}

/// The variable of an enclosing loop.
pub(crate) struct Variable<'e> {
    pub(crate) name: Arc<str>,
    pub(crate) element: Element<'e>,
}

pub(crate) enum Element<'e> {
    /// A row, its fields, and the path of the rows from the record on.
    Row(Box<dyn Env + 'e>, Arc<str>),
    /// A value of this type.
    Value(Type),
}

/// A term with its meaning; nothing after an error, which is then recorded.
pub(crate) type Checked = Option<Node>;

/// A new term in canonical form.
pub(crate) fn made(kind: Kind, ty: Type, span: Span) -> Checked {
    Some(finish(Node { kind, ty, span }, None))
}

impl Checker<'_> {
    pub(crate) fn fail(&mut self, error: Error) -> Checked {
        self.errors.push(error);
        None
    }

    /// Says that `node` has another type than the one wanted.
    pub(crate) fn mismatch(&mut self, node: &Node, wanted: &str) -> Checked {
        let message = format!("expected {wanted}, found {}", node.ty);
        self.fail(Error::new("type_mismatch", node.span, message))
    }

    pub(crate) fn term(&mut self, term: &Term) -> Checked {
        let span = term.span;
        let literal = |value: Value| {
            let ty = Type::of_literal(&value);
            Some(Node::constant(value, ty, span))
        };
        match &term.kind {
            TermKind::Null => literal(Value::Null),
            TermKind::Bool(value) => literal(Value::Bool(*value)),
            TermKind::Int(value) => literal(Value::Int(*value)),
            TermKind::Decimal(value) => literal(Value::Decimal(*value)),
            TermKind::Text(text) => literal(Value::Text(text.clone())),
            TermKind::List(items) => self.list(items, span),
            TermKind::Name(_) | TermKind::Select(..) => self.path(term),
            TermKind::Call { receiver, name, arguments } => {
                self.call(receiver.as_deref(), name, arguments, span)
            }
            TermKind::Not(inner) => {
                let inner = self.condition(inner)?;
                made(Kind::Not(Box::new(inner)), Type::Bool, span)
            }
            TermKind::Negate(inner) => {
                let inner = self.term(inner)?;
                match inner.ty {
                    Type::Int | Type::Decimal(_) | Type::Money | Type::Duration | Type::Null => {
                        let ty = inner.ty.clone();
                        made(Kind::Negate(Box::new(inner)), ty, span)
                    }
                    _ => self.mismatch(&inner, "a number, money or a duration"),
                }
            }
            TermKind::And(terms) => made(Kind::And(self.conditions(terms)?), Type::Bool, span),
            TermKind::Or(terms) => made(Kind::Or(self.conditions(terms)?), Type::Bool, span),
            TermKind::Binary(sign, left, right) => self.binary(sign, left, right, span),
            TermKind::If(parts) => {
                let condition = self.condition(&parts[0]);
                let (then, otherwise) = (self.term(&parts[1]), self.term(&parts[2]));
                let (condition, then, otherwise) = (condition?, then?, otherwise?);
                let ty = self.joined(&[&then, &otherwise])?;
                made(Kind::If(Box::new([condition, then, otherwise])), ty, span)
            }
        }
    }

    /// All terms, each checked even if another is wrong.
    pub(crate) fn terms(&mut self, terms: &[Term]) -> Option<Vec<Node>> {
        let nodes: Vec<Checked> = terms.iter().map(|term| self.term(term)).collect();
        nodes.into_iter().collect()
    }

    fn conditions(&mut self, terms: &[Term]) -> Option<Vec<Node>> {
        let nodes: Vec<Checked> = terms.iter().map(|term| self.condition(term)).collect();
        nodes.into_iter().collect()
    }

    /// A term that is true or false.
    pub(crate) fn condition(&mut self, term: &Term) -> Checked {
        let node = self.term(term)?;
        match node.ty {
            Type::Bool | Type::Null => Some(node),
            _ => self.mismatch(&node, "a condition"),
        }
    }

    /// The one type of several terms.
    pub(crate) fn joined(&mut self, nodes: &[&Node]) -> Option<Type> {
        let mut ty = Type::Null;
        for node in nodes {
            match ty.join(&node.ty) {
                Some(_) if matches!(node.ty, Type::Rows(_)) => {
                    self.mismatch(node, "a value");
                    return None;
                }
                Some(joined) => ty = joined,
                None => {
                    let wanted = ty.to_string();
                    self.mismatch(node, &wanted);
                    return None;
                }
            }
        }
        Some(ty)
    }

    fn list(&mut self, items: &[Term], span: Span) -> Checked {
        let items = self.terms(items)?;
        let ty = self.joined(&items.iter().collect::<Vec<_>>())?;
        let ty = Type::List(Box::new(ty));
        if items.is_empty() {
            return Some(Node::constant(Value::List(Vec::new()), ty, span));
        }
        made(Kind::List(items), ty, span)
    }

    fn path(&mut self, term: &Term) -> Checked {
        let mut words: Vec<(&str, Span)> = Vec::new();
        let mut base = term;
        while let TermKind::Select(inner, Word { text, span }) = &base.kind {
            words.push((text, *span));
            base = inner;
        }
        let TermKind::Name(first) = &base.kind else {
            let message = "only records, links and rows have fields; is a `(` missing?";
            return self.fail(Error::new("unknown_field", words[words.len() - 1].1, message));
        };
        words.push((first, base.span));
        words.reverse();
        let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
        let written: Arc<str> = names.join(".").into();
        let span = term.span;

        let env = self.env;
        let Some(place) = self.loops.iter().rposition(|var| *var.name == *names[0]) else {
            return match env.field(&names) {
                Some(field) => self.field(field, 0, written.clone(), written, span),
                None => {
                    let error = unknown(env, &words, &self.loops);
                    self.fail(error)
                }
            };
        };
        let scope = place + 1;
        match &self.loops[place].element {
            Element::Value(ty) if words.len() == 1 => {
                let (ty, name) = (ty.clone(), self.loops[place].name.clone());
                Some(Node { kind: Kind::Item { scope, name }, ty, span })
            }
            Element::Value(ty) => {
                let message = format!("`{}` is {ty} and has no fields", names[0]);
                self.fail(Error::new("unknown_field", words[1].1, message))
            }
            Element::Row(..) if words.len() == 1 => {
                let message =
                    format!("`{0}` is a row: name a field of it, as in `{0}.name`", names[0]);
                self.fail(Error::new("incomplete", span, message))
            }
            Element::Row(env, path) => match env.field(&names[1..]) {
                Some(field) => {
                    let path = format!("{path}.{}", names[1..].join("."));
                    self.field(field, scope, written, path.into(), span)
                }
                None => {
                    let error = unknown(&**env, &words[1..], &[]);
                    self.fail(error)
                }
            },
        }
    }

    fn field(
        &mut self,
        field: FieldRef,
        scope: usize,
        name: Arc<str>,
        path: Arc<str>,
        span: Span,
    ) -> Checked {
        if !field.choices.is_empty() {
            self.choices.push((path.clone(), field.choices));
        }
        let slot = Slot { scope, index: field.index, via: field.via, name, path };
        let kind = match field.origin {
            Origin::Record => Kind::Field(slot),
            Origin::Actor => Kind::Attribute(slot),
        };
        Some(Node { kind, ty: field.ty, span })
    }

    fn binary(&mut self, sign: &'static str, left: &Term, right: &Term, span: Span) -> Checked {
        let (a, b) = (self.term(left), self.term(right));
        let (a, b) = (a?, b?);
        if let Some(op) = Comparison::parse(sign) {
            return self.comparison(op, a, b, span);
        }
        match Operator::parse(sign) {
            Some(op) => self.calculation(op, a, b, span),
            None => self.membership(a, b, right, span),
        }
    }

    fn comparison(&mut self, op: Comparison, a: Node, b: Node, span: Span) -> Checked {
        let (a, b) = (self.as_id(a, &b.ty.clone())?, b);
        let b = self.as_id(b, &a.ty)?;
        if op == Comparison::Equal || op == Comparison::NotEqual {
            self.check_choice(&a, &b)?;
            self.check_choice(&b, &a)?;
        }
        let is_null = a.ty == Type::Null || b.ty == Type::Null;
        let joined = a.ty.join(&b.ty);
        let defined =
            |ty: &Type| if op.is_ordering() { ty.is_ordered() } else { ty.has_equality() };
        match joined {
            Some(_) if is_null => {}
            Some(ty) if defined(&ty) => {}
            Some(ty) => {
                let message = format!("`{}` is not defined for {ty}", op.sign());
                return self.fail(Error::new("type_mismatch", span, message));
            }
            None => return self.incomparable(op.sign(), &a, &b),
        }
        made(Kind::Compare(op, Box::new(a), Box::new(b)), Type::Bool, span)
    }

    /// Points at the side that is a literal, and says how it is written for the other side.
    fn incomparable(&mut self, sign: &str, a: &Node, b: &Node) -> Checked {
        let (field, other) = if a.as_const().is_some() { (b, a) } else { (a, b) };
        let mut message = format!("`{sign}` does not compare {} with {}", field.ty, other.ty);
        let suggestion = match (&field.ty, other.as_const()) {
            (ty, Some(Value::Text(text))) => literal_of(ty, text),
            _ => None,
        };
        let hint = match (&field.ty, &other.ty) {
            (Type::Money, number) if number.is_number() => {
                ": compare with money('12.30', 'EUR'), or its amount(…)"
            }
            (number, Type::Money) if number.is_number() => ": take its amount(…)",
            (Type::Instant, Type::Date) | (Type::Date, Type::Instant) => {
                ": take the date(…) of the instant"
            }
            (Type::Bool, Type::Int) | (Type::Bool, Type::Text) => ": write true or false",
            _ => "",
        };
        message.push_str(hint);
        self.fail(Error::new("type_mismatch", other.span, message).suggest(suggestion))
    }

    /// A text literal where an id is wanted becomes one.
    fn as_id(&mut self, node: Node, wanted: &Type) -> Checked {
        let Type::Id(target) = wanted else {
            return Some(node);
        };
        let parse = |value: &Value| match value {
            Value::Text(text) => match types::parse_id(text) {
                Ok((prefix, id)) if prefix == &*target.prefix => Some(Value::Id(id)),
                _ => None,
            },
            Value::Null => Some(Value::Null),
            _ => None,
        };
        let (value, ty) = match (&node.kind, &node.ty) {
            (Kind::Const(value), Type::Text) => (parse(value), wanted.clone()),
            (Kind::Const(Value::List(items)), Type::List(item)) if **item == Type::Text => {
                let ids = items.iter().map(parse).collect::<Option<_>>().map(Value::List);
                (ids, Type::List(Box::new(wanted.clone())))
            }
            _ => return Some(node),
        };
        match value {
            Some(value) => Some(Node::constant(value, ty, node.span)),
            None => {
                let message = format!(
                    "an id of {} is written '{}_' and 26 characters",
                    target.entity, target.prefix
                );
                self.fail(Error::new("invalid_literal", node.span, message))
            }
        }
    }

    /// Refuses to compare a choice with a text that it can never be.
    fn check_choice(&mut self, field: &Node, literal: &Node) -> Option<()> {
        match literal.as_const() {
            Some(Value::Text(text)) => self.check_choice_text(field, text, literal.span),
            _ => Some(()),
        }
    }

    fn check_choice_text(&mut self, field: &Node, text: &str, span: Span) -> Option<()> {
        let Kind::Field(slot) = &field.kind else {
            return Some(());
        };
        let Some((_, choices)) = self.choices.iter().find(|(path, _)| *path == slot.path) else {
            return Some(());
        };
        if choices.iter().any(|choice| **choice == *text) {
            return Some(());
        }
        let names: Vec<&str> = choices.iter().map(|choice| &**choice).collect();
        let message = format!("{} is one of {}", slot.name, names.join(", "));
        let suggestion = nearest(text, names).map(|name| print::quote(&name));
        self.fail(Error::new("unknown_choice", span, message).suggest(suggestion));
        None
    }

    fn membership(&mut self, needle: Node, list: Node, written: &Term, span: Span) -> Checked {
        let list = self.as_id(list, &needle.ty)?;
        let Type::List(item) = list.ty.clone() else {
            if list.ty == Type::Null {
                return Some(Node::constant(Value::Bool(false), Type::Bool, span));
            }
            return self.mismatch(&list, "a list");
        };
        let needle = self.as_id(needle, &item)?;
        if let TermKind::List(items) = &written.kind {
            for item in items {
                if let TermKind::Text(text) = &item.kind {
                    self.check_choice_text(&needle, text, item.span);
                }
            }
        }
        match needle.ty.join(&item) {
            Some(ty) if ty == Type::Null || ty.has_equality() => {
                made(Kind::In(Box::new(needle), Box::new(list)), Type::Bool, span)
            }
            _ => {
                let wanted = format!("a list of {}", needle.ty);
                self.mismatch(&list, &wanted)
            }
        }
    }

    fn calculation(&mut self, op: Operator, a: Node, b: Node, span: Span) -> Checked {
        use Operator::*;
        use Type::*;
        let ty = match (op, &a.ty, &b.ty) {
            (_, Null, ty) | (_, ty, Null) if *ty != Bool && !matches!(ty, Rows(_)) => ty.clone(),
            (Add | Subtract | Multiply | Remainder, Int, Int) => Int,
            (Add | Subtract, x, y) if x.is_number() && y.is_number() => Decimal(x.joint_scale(y)),
            (_, x, y) if x.is_number() && y.is_number() => Decimal(None),
            (Add, Text, Text) => Text,
            (Add | Subtract, Money, Money) => Money,
            (Add | Subtract, Date, Int) | (Add, Int, Date) => Date,
            (Subtract, Date, Date) => Int,
            (Add | Subtract, Instant, Duration) | (Add, Duration, Instant) => Instant,
            (Subtract, Instant, Instant) | (Add | Subtract, Duration, Duration) => Duration,
            (Multiply, Duration, Int) | (Multiply, Int, Duration) => Duration,
            _ => return self.incalculable(op, &a, &b),
        };
        made(Kind::Calculate(op, Box::new(a), Box::new(b)), ty, span)
    }

    fn incalculable(&mut self, op: Operator, a: &Node, b: &Node) -> Checked {
        let hint = match (&a.ty, &b.ty) {
            (Type::Money, _) | (_, Type::Money) => {
                ": calculate with amount(…), then money(…, currency(…))"
            }
            (Type::Date, Type::Duration) => ": add a number of days",
            (Type::Instant, Type::Int) => ": add a duration, as in duration('PT12H')",
            (Type::Text, _) | (_, Type::Text) if op == Operator::Add => ": only text joins text",
            _ => "",
        };
        let message = format!("`{}` is not defined for {} and {}{hint}", op.sign(), a.ty, b.ty);
        self.fail(Error::new("type_mismatch", a.span.to(b.span), message))
    }

    /// The root of an expression whose value must fit `expected`.
    fn expect(&mut self, root: Node, expected: &Type) -> Checked {
        let root = self.as_id(root, expected)?;
        if fits(&root.ty, expected) {
            return Some(root);
        }
        if let (Type::Decimal(Some(scale)), true) = (expected, root.ty.is_number()) {
            let message = format!("expected {expected}: say how the result is rounded");
            let suggestion = format!("round({root}, {scale})");
            return self.fail(Error::new("rounding", root.span, message).suggest(suggestion));
        }
        self.mismatch(&root, &expected.to_string())
    }
}

fn fits(found: &Type, expected: &Type) -> bool {
    match (found, expected) {
        (Type::Null, _) => true,
        (Type::List(found), Type::List(expected)) => fits(found, expected),
        (Type::Int, Type::Decimal(_)) | (Type::Decimal(_), Type::Decimal(None)) => true,
        (Type::Decimal(Some(found)), Type::Decimal(Some(scale))) => found <= scale,
        _ => found == expected,
    }
}

/// How the text is written as a literal of that type.
fn literal_of(ty: &Type, text: &str) -> Option<String> {
    let name = match ty {
        Type::Date => "date",
        Type::Instant => "instant",
        Type::Duration => "duration",
        Type::Int => return text.parse::<i64>().ok().map(|int| int.to_string()),
        Type::Decimal(_) => {
            return types::parse_decimal(text, 9).ok().map(|value| value.to_string());
        }
        Type::Bool => return text.parse::<bool>().ok().map(|value| value.to_string()),
        _ => return None,
    };
    crate::call::literal(name, text).ok().map(|_| format!("{name}({})", print::quote(text)))
}

/// Says which word of a path is the first that is not known.
fn unknown(env: &dyn Env, words: &[(&str, Span)], loops: &[Variable<'_>]) -> Error {
    let path: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
    for (place, (name, span)) in words.iter().enumerate() {
        let names = env.names(&path[..place]);
        if names.iter().any(|known| known == name) {
            continue;
        }
        if names.is_empty() && place > 0 {
            let closed = env.closed(&path[..place]);
            let message =
                closed.unwrap_or_else(|| format!("`{}` has no fields", path[..place].join(".")));
            return Error::new("unknown_field", *span, message);
        }
        let variables = loops.iter().map(|variable| &*variable.name).filter(|_| place == 0);
        let known = names.iter().map(String::as_str).chain(variables);
        let message = format!("there is no field `{}`", path[..=place].join("."));
        return Error::new("unknown_field", *span, message).suggest(nearest(name, known));
    }
    let written = path.join(".");
    let span = words[0].1.to(words[words.len() - 1].1);
    let next = env.names(&path);
    let message = format!("`{written}` is no value by itself: name one of its fields");
    let suggestion = next.first().map(|next| format!("{written}.{next}"));
    Error::new("incomplete", span, message).suggest(suggestion)
}
