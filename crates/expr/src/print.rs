//! Writes an expression in its one canonical form, which reads back as the same tree.

use crate::ir::{Expr, Function, Kind, Node};
use std::fmt::{Formatter, Result, Write};
use types::{Rounding, Value};

const IF: u8 = 0;
const OR: u8 = 1;
const AND: u8 = 2;
const COMPARE: u8 = 3;
const ADD: u8 = 4;
const MULTIPLY: u8 = 5;
const UNARY: u8 = 6;
const PRIMARY: u8 = 7;

/// The canonical text: single spaces around operators, parentheses only where they are needed.
impl std::fmt::Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.root.fmt(f)
    }
}

/// The canonical text of a term; an id is written with the prefix of its type.
impl std::fmt::Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.kind {
            Kind::Const(value) => constant(f, value, &self.ty),
            Kind::Field(slot) | Kind::Attribute(slot) => f.write_str(&slot.name),
            Kind::Item { name, .. } => f.write_str(name),
            Kind::Now => f.write_str("now()"),
            Kind::Today => f.write_str("today()"),
            Kind::Has(inner) => write!(f, "has({inner})"),
            Kind::Not(inner) => within(f, "!", inner, UNARY),
            Kind::Negate(inner) => within(f, "-", inner, UNARY),
            Kind::And(terms) => chain(f, " && ", terms, COMPARE),
            Kind::Or(terms) => chain(f, " || ", terms, AND),
            Kind::Compare(op, a, b) => sides(f, [a, b], op.sign(), ADD, ADD),
            Kind::In(a, b) => sides(f, [a, b], "in", ADD, ADD),
            Kind::Calculate(op, a, b) => {
                let own = strength(self);
                sides(f, [a, b], op.sign(), own, own + 1)
            }
            Kind::If(parts) => {
                within(f, "", &parts[0], OR)?;
                within(f, " ? ", &parts[1], OR)?;
                within(f, " : ", &parts[2], IF)
            }
            Kind::List(items) => {
                f.write_str("[")?;
                listed(f, items)?;
                f.write_str("]")
            }
            Kind::Call(function, arguments) => call(f, *function, arguments),
            Kind::Loop(inner) => {
                within(f, "", &inner.over, PRIMARY)?;
                let name = inner.operation.name();
                write!(f, ".{name}({}, {})", inner.variable, inner.body)
            }
        }
    }
}

fn strength(node: &Node) -> u8 {
    match &node.kind {
        Kind::If(_) => IF,
        Kind::Or(_) => OR,
        Kind::And(_) => AND,
        Kind::Compare(..) | Kind::In(..) => COMPARE,
        Kind::Calculate(op, ..) if matches!(op.sign(), "+" | "-") => ADD,
        Kind::Calculate(..) => MULTIPLY,
        Kind::Not(_) | Kind::Negate(_) => UNARY,
        _ => PRIMARY,
    }
}

/// The term after `lead`, in parentheses if it binds less than `least`.
fn within(f: &mut Formatter<'_>, lead: &str, node: &Node, least: u8) -> Result {
    f.write_str(lead)?;
    if strength(node) < least { write!(f, "({node})") } else { write!(f, "{node}") }
}

fn sides(f: &mut Formatter<'_>, [a, b]: [&Node; 2], sign: &str, left: u8, right: u8) -> Result {
    within(f, "", a, left)?;
    write!(f, " {sign} ")?;
    within(f, "", b, right)
}

fn chain(f: &mut Formatter<'_>, sign: &str, terms: &[Node], least: u8) -> Result {
    for (place, term) in terms.iter().enumerate() {
        within(f, if place == 0 { "" } else { sign }, term, least)?;
    }
    Ok(())
}

fn listed(f: &mut Formatter<'_>, items: &[Node]) -> Result {
    for (place, item) in items.iter().enumerate() {
        write!(f, "{}{item}", if place == 0 { "" } else { ", " })?;
    }
    Ok(())
}

fn call(f: &mut Formatter<'_>, function: Function, arguments: &[Node]) -> Result {
    let name = function.name();
    let is_method = matches!(
        function,
        Function::StartsWith | Function::EndsWith | Function::Contains | Function::Sum
    );
    let rest = match arguments {
        [receiver, rest @ ..] if is_method => {
            within(f, "", receiver, PRIMARY)?;
            write!(f, ".{name}(")?;
            rest
        }
        _ => {
            write!(f, "{name}(")?;
            arguments
        }
    };
    listed(f, rest)?;
    match function {
        Function::Div { places, rounding } | Function::Round { places, rounding } => {
            write!(f, ", {places}, '{}'", rounding_name(rounding))?;
        }
        Function::MoneyOf { rounding } => write!(f, ", '{}'", rounding_name(rounding))?,
        _ => {}
    }
    f.write_str(")")
}

fn rounding_name(rounding: Rounding) -> &'static str {
    match rounding {
        Rounding::HalfUp => "half_up",
        Rounding::HalfEven => "half_even",
        Rounding::Up => "up",
        Rounding::Down => "down",
    }
}

fn constant(f: &mut Formatter<'_>, value: &Value, ty: &crate::Type) -> Result {
    use crate::Type;
    match value {
        Value::Bool(value) => write!(f, "{value}"),
        Value::Int(value) => write!(f, "{value}"),
        Value::Decimal(value) => {
            let value = value.normalize();
            write!(f, "{value}{}", if value.scale() == 0 { ".0" } else { "" })
        }
        Value::Text(text) => f.write_str(&quote(text)),
        Value::Date(date) => write!(f, "date('{date}')"),
        Value::Instant(instant) => write!(f, "instant('{instant}')"),
        Value::Duration(duration) => write!(f, "duration('{duration}')"),
        Value::Money(money) => write!(f, "money('{}', '{}')", money.amount(), money.currency),
        Value::Id(id) => match ty {
            Type::Id(target) => write!(f, "'{}'", types::format_id(&target.prefix, *id)),
            _ => write!(f, "'{id}'"),
        },
        Value::List(items) => {
            let none = Type::Null;
            let item_type = if let Type::List(item) = ty { item } else { &none };
            f.write_str("[")?;
            for (place, item) in items.iter().enumerate() {
                f.write_str(if place == 0 { "" } else { ", " })?;
                constant(f, item, item_type)?;
            }
            f.write_str("]")
        }
        // These have no literal; they are constants only after `bind`.
        Value::Json(text) => f.write_str(&quote(text)),
        Value::WallTime(wall) => f.write_str(&quote(&wall.to_string())),
        Value::Null | Value::Rows(_) => f.write_str("null"),
    }
}

/// The literal of a text: single quotes, with `'`, `\` and control characters escaped.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for c in text.chars() {
        match c {
            '\'' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => {
                // Writing into a `String` cannot fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}
