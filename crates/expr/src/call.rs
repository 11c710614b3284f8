//! The check of calls: functions, constructors of literals, and loops.

use crate::ast::{Term, TermKind, Word};
use crate::calculate::{is_duration, is_instant};
use crate::check::{Checked, Checker, Element, Variable, made};
use crate::error::{Error, Span, nearest};
use crate::ir::{Function, Kind, Loop, LoopOperation, Node};
use crate::{Type, ty};
use std::sync::Arc;
use types::{Currency, Date, Duration, Instant, Money, Rounding, Value};

/// Everything that can be called, for suggestions.
const NAMES: &[&str] = &[
    "abs",
    "all",
    "amount",
    "coalesce",
    "contains",
    "currency",
    "date",
    "day",
    "decimal",
    "div",
    "duration",
    "endsWith",
    "exists",
    "exists_one",
    "filter",
    "has",
    "instant",
    "lower",
    "map",
    "max",
    "min",
    "money",
    "month",
    "now",
    "round",
    "size",
    "startsWith",
    "sum",
    "today",
    "upper",
    "year",
];

/// The value of `name('text')`, where `name` is `date`, `instant`, `duration` or `decimal`.
pub(crate) fn literal(name: &str, text: &str) -> Result<Value, String> {
    match name {
        "date" => {
            // ISO 8601, extended, four digits of the year: one spelling for one day.
            let shaped = text.len() == 10 && text.as_bytes()[4] == b'-';
            let date = text.parse::<Date>().ok().filter(|date| shaped && date.year() >= 1);
            date.map(Value::Date).ok_or("must be a date such as '2026-01-31'".to_owned())
        }
        "instant" => match Instant::parse(text) {
            Ok(instant) if is_instant(instant) => Ok(Value::Instant(instant)),
            Ok(_) => Err("must lie in the years 1 to 9999".to_owned()),
            Err(error) => Err(error.to_string()),
        },
        "duration" => match Duration::parse(text) {
            Ok(duration) if is_duration(duration) => Ok(Value::Duration(duration)),
            Ok(_) => Err("must be shorter than 20,000 years".to_owned()),
            Err(error) => Err(error.to_string()),
        },
        _ => {
            let places = text.split_once('.').map_or(0, |(_, places)| places.len() as u32);
            let value = types::parse_decimal(text, places.min(ty::MAX_DIGITS));
            value.map(Value::Decimal).map_err(|error| error.to_string())
        }
    }
}

impl Checker<'_> {
    pub(crate) fn call(
        &mut self,
        receiver: Option<&Term>,
        name: &Word,
        arguments: &[Term],
        span: Span,
    ) -> Checked {
        let operation = LoopOperation::ALL.into_iter().find(|op| op.name() == name.text);
        if let Some(operation) = operation {
            return self.a_loop(operation, receiver, name, arguments, span);
        }
        // `x.f(y)` is `f(x, y)`.
        let receiver = receiver.map(|receiver| self.term(receiver));
        let mut nodes = Vec::with_capacity(arguments.len() + 1);
        let rest = self.terms(arguments);
        if let Some(receiver) = receiver {
            nodes.push(receiver?);
        }
        nodes.extend(rest?);
        self.function(name, nodes, span)
    }

    fn function(&mut self, name: &Word, mut nodes: Vec<Node>, span: Span) -> Checked {
        let call = |function, nodes, ty| made(Kind::Call(function, nodes), ty, span);
        let text_test = |name: &str| match name {
            "startsWith" => Function::StartsWith,
            "endsWith" => Function::EndsWith,
            _ => Function::Contains,
        };
        match name.text.as_str() {
            "now" => {
                self.arity(name, &nodes, 0..=0, span)?;
                made(Kind::Now, Type::Instant, span)
            }
            "today" => {
                self.arity(name, &nodes, 0..=0, span)?;
                made(Kind::Today, Type::Date, span)
            }
            "has" => {
                self.arity(name, &nodes, 1..=1, span)?;
                made(Kind::Has(Box::new(nodes.remove(0))), Type::Bool, span)
            }
            "startsWith" | "endsWith" | "contains" => {
                self.arity(name, &nodes, 2..=2, span)?;
                if name.text == "contains" && matches!(nodes[0].ty, Type::List(_)) {
                    let message = "whether a list holds a value is asked with `in`";
                    let suggestion = format!("{} in {}", nodes[1], nodes[0]);
                    return self
                        .fail(Error::new("type_mismatch", span, message).suggest(suggestion));
                }
                self.all_of(&nodes, |ty| *ty == Type::Text, "text")?;
                call(text_test(&name.text), nodes, Type::Bool)
            }
            "lower" | "upper" => {
                self.arity(name, &nodes, 1..=1, span)?;
                self.all_of(&nodes, |ty| *ty == Type::Text, "text")?;
                let lower = name.text == "lower";
                call(if lower { Function::Lower } else { Function::Upper }, nodes, Type::Text)
            }
            "size" => {
                self.arity(name, &nodes, 1..=1, span)?;
                let sized = |ty: &Type| matches!(ty, Type::Text | Type::List(_) | Type::Rows(_));
                self.all_of(&nodes, sized, "text, a list or rows")?;
                call(Function::Size, nodes, Type::Int)
            }
            "div" => {
                self.arity(name, &nodes, 3..=4, span)?;
                let (places, rounding) = self.places_and_rounding(&nodes[2..])?;
                nodes.truncate(2);
                self.all_of(&nodes, Type::is_number, "a number")?;
                call(Function::Div { places, rounding }, nodes, Type::Decimal(Some(places)))
            }
            "round" => {
                self.arity(name, &nodes, 2..=3, span)?;
                let (places, rounding) = self.places_and_rounding(&nodes[1..])?;
                nodes.truncate(1);
                self.all_of(&nodes, Type::is_number, "a number")?;
                call(Function::Round { places, rounding }, nodes, Type::Decimal(Some(places)))
            }
            "abs" => {
                self.arity(name, &nodes, 1..=1, span)?;
                let signed =
                    |ty: &Type| ty.is_number() || matches!(ty, Type::Money | Type::Duration);
                self.all_of(&nodes, signed, "a number, money or a duration")?;
                let ty = nodes[0].ty.clone();
                call(Function::Abs, nodes, ty)
            }
            "min" | "max" => {
                let function = if name.text == "min" { Function::Min } else { Function::Max };
                self.extreme(function, name, nodes, span)
            }
            "sum" => {
                self.arity(name, &nodes, 1..=1, span)?;
                let Type::List(item) = nodes[0].ty.clone() else {
                    return self.mismatch(&nodes[0], "a list, as in lines.map(l, l.amount).sum()");
                };
                match *item {
                    Type::Money | Type::Duration | Type::Null => {}
                    ref ty if ty.is_number() => {}
                    _ => return self.mismatch(&nodes[0], "a list of numbers, money or durations"),
                }
                call(Function::Sum, nodes, *item)
            }
            "coalesce" => {
                self.arity(name, &nodes, 1..=16, span)?;
                let ty = self.joined(&nodes.iter().collect::<Vec<_>>())?;
                call(Function::Coalesce, nodes, ty)
            }
            "year" | "month" | "day" => {
                self.arity(name, &nodes, 1..=1, span)?;
                let dated = |ty: &Type| matches!(ty, Type::Date | Type::Instant);
                self.all_of(&nodes, dated, "a date or an instant")?;
                let function = match name.text.as_str() {
                    "year" => Function::Year,
                    "month" => Function::Month,
                    _ => Function::Day,
                };
                call(function, nodes, Type::Int)
            }
            "amount" | "currency" => {
                self.arity(name, &nodes, 1..=1, span)?;
                self.all_of(&nodes, |ty| *ty == Type::Money, "money")?;
                match name.text.as_str() {
                    // The digits follow the currency, so no scale is known here.
                    "amount" => call(Function::Amount, nodes, Type::Decimal(None)),
                    _ => call(Function::CurrencyOf, nodes, Type::Text),
                }
            }
            "date" if nodes.len() == 1 && nodes[0].ty == Type::Instant => {
                call(Function::DateOf, nodes, Type::Date)
            }
            "date" | "instant" | "duration" | "decimal" => self.constructor(name, nodes, span),
            "money" => self.money(name, nodes, span),
            _ => {
                let message = format!("there is no function `{}`", name.text);
                let suggestion = nearest(&name.text, NAMES.iter().copied());
                self.fail(Error::new("unknown_function", name.span, message).suggest(suggestion))
            }
        }
    }

    fn arity(
        &mut self,
        name: &Word,
        nodes: &[Node],
        wanted: std::ops::RangeInclusive<usize>,
        span: Span,
    ) -> Option<()> {
        if wanted.contains(&nodes.len()) {
            return Some(());
        }
        let (least, most) = (wanted.start(), wanted.end());
        let many = if least == most { least.to_string() } else { format!("{least} to {most}") };
        let plural = if *most == 1 { "" } else { "s" };
        let found = nodes.len();
        let message = format!("`{}` takes {many} argument{plural}, found {found}", name.text);
        self.fail(Error::new("arguments", span, message));
        None
    }

    /// Every argument is of a wanted type or null.
    fn all_of(&mut self, nodes: &[Node], is: impl Fn(&Type) -> bool, wanted: &str) -> Option<()> {
        let before = self.errors.len();
        for node in nodes.iter().filter(|node| node.ty != Type::Null && !is(&node.ty)) {
            self.mismatch(node, wanted);
        }
        (self.errors.len() == before).then_some(())
    }

    /// The last arguments of `div` and `round`, which must be known when the expression is read.
    fn places_and_rounding(&mut self, nodes: &[Node]) -> Option<(u32, Rounding)> {
        let places = match nodes[0].as_const() {
            Some(Value::Int(places)) => u32::try_from(*places).ok(),
            _ => None,
        };
        let Some(places) = places.filter(|places| *places <= ty::MAX_DIGITS) else {
            let message = format!("the places are a literal from 0 to {}", ty::MAX_DIGITS);
            self.fail(Error::new("literal", nodes[0].span, message));
            return None;
        };
        Some((places, self.rounding(nodes.get(1))?))
    }

    fn rounding(&mut self, node: Option<&Node>) -> Option<Rounding> {
        let Some(node) = node else {
            return Some(Rounding::default());
        };
        let name = node.as_const().and_then(Value::as_text);
        let rounding = name.and_then(Rounding::parse);
        if rounding.is_none() {
            let names = ["half_up", "half_even", "up", "down"];
            let message = "the rounding is one of 'half_up', 'half_even', 'up', 'down'";
            let suggestion = nearest(name.unwrap_or(""), names).map(|name| format!("'{name}'"));
            self.fail(Error::new("literal", node.span, message).suggest(suggestion));
        }
        rounding
    }

    /// `min` and `max`: of one list, or of the arguments.
    fn extreme(
        &mut self,
        function: Function,
        name: &Word,
        nodes: Vec<Node>,
        span: Span,
    ) -> Checked {
        self.arity(name, &nodes, 1..=16, span)?;
        let ty = match &nodes[..] {
            [Node { ty: Type::List(item), .. }] => (**item).clone(),
            [Node { ty: Type::Null, .. }] => Type::Null,
            [only] => return self.mismatch(only, "a list, or two arguments"),
            _ => self.joined(&nodes.iter().collect::<Vec<_>>())?,
        };
        if ty != Type::Null && !ty.is_ordered() {
            let message = format!("`{}` is not defined for {ty}", name.text);
            return self.fail(Error::new("type_mismatch", span, message));
        }
        made(Kind::Call(function, nodes), ty, span)
    }

    fn constructor(&mut self, name: &Word, nodes: Vec<Node>, span: Span) -> Checked {
        self.arity(name, &nodes, 1..=1, span)?;
        let Some(Value::Text(text)) = nodes[0].as_const() else {
            let message = format!("`{}` takes a text literal", name.text);
            return self.fail(Error::new("literal", nodes[0].span, message));
        };
        match literal(&name.text, text) {
            Ok(value) => {
                let ty = Type::of_literal(&value);
                Some(Node::constant(value, ty, span))
            }
            Err(message) => self.fail(Error::new(
                "invalid_literal",
                nodes[0].span,
                format!("a {} {message}", name.text),
            )),
        }
    }

    /// `money('12.30', 'EUR')` is a literal; `money(number, currency, rounding)` is calculated.
    fn money(&mut self, name: &Word, mut nodes: Vec<Node>, span: Span) -> Checked {
        self.arity(name, &nodes, 2..=3, span)?;
        let currency = match nodes[1].as_const() {
            Some(Value::Text(code)) => match Currency::parse(code) {
                Ok(currency) => Some(currency),
                Err(_) => {
                    let message = "a currency is a code of ISO 4217 such as 'EUR'";
                    let upper = code.to_uppercase();
                    let suggestion = Currency::parse(&upper).ok().map(|_| format!("'{upper}'"));
                    let error = Error::new("invalid_literal", nodes[1].span, message);
                    return self.fail(error.suggest(suggestion));
                }
            },
            _ => None,
        };
        if let (Some(Value::Text(amount)), 2) = (nodes[0].as_const(), nodes.len()) {
            let Some(currency) = currency else {
                let message = "an amount in quotes needs its currency in quotes";
                return self.fail(Error::new("literal", nodes[1].span, message));
            };
            return match Money::parse(amount, currency) {
                Ok(money) => Some(Node::constant(Value::Money(money), Type::Money, span)),
                Err(error) => {
                    let message = format!("an amount {error}");
                    self.fail(Error::new("invalid_literal", nodes[0].span, message))
                }
            };
        }
        let rounding = self.rounding(nodes.get(2))?;
        nodes.truncate(2);
        self.all_of(&nodes[..1], Type::is_number, "a number")?;
        self.all_of(&nodes[1..], |ty| *ty == Type::Text, "a currency's code")?;
        made(Kind::Call(Function::MoneyOf { rounding }, nodes), Type::Money, span)
    }

    fn a_loop(
        &mut self,
        operation: LoopOperation,
        receiver: Option<&Term>,
        name: &Word,
        arguments: &[Term],
        span: Span,
    ) -> Checked {
        let (Some(receiver), [variable, body]) = (receiver, arguments) else {
            let message =
                format!("write lines.{0}(l, …): rows or a list, a variable, a term", name.text);
            return self.fail(Error::new("arguments", span, message));
        };
        let over = self.term(receiver)?;
        let TermKind::Name(variable) = &variable.kind else {
            let message = "the first argument names the variable";
            return self.fail(Error::new("arguments", variable.span, message));
        };
        let env = self.env;
        let element = match &over.ty {
            Type::List(item) => Element::Value((**item).clone()),
            Type::Rows(rows) => match env.rows(rows) {
                Some(fields) => Element::Row(fields, rows_path(&over)),
                None => return self.mismatch(&over, "rows whose fields are known"),
            },
            _ => return self.mismatch(&over, "rows or a list"),
        };
        let variable: Arc<str> = variable.as_str().into();
        self.loops.push(Variable { name: variable.clone(), element });
        let body = match operation {
            LoopOperation::Map => self.term(body),
            _ => self.condition(body),
        };
        self.loops.pop();
        let body = body?;
        let ty = match operation {
            LoopOperation::Filter => over.ty.clone(),
            LoopOperation::Map if matches!(body.ty, Type::Rows(_)) => {
                return self.mismatch(&body, "a value");
            }
            LoopOperation::Map => Type::List(Box::new(body.ty.clone())),
            _ => Type::Bool,
        };
        made(Kind::Loop(Box::new(Loop { operation, over, variable, body })), ty, span)
    }
}

/// The path from the record to the rows that a term selects from.
fn rows_path(node: &Node) -> Arc<str> {
    match &node.kind {
        Kind::Field(slot) => slot.path.clone(),
        Kind::Loop(inner) => rows_path(&inner.over),
        _ => "".into(),
    }
}
