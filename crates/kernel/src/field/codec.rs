//! Reading and writing a value of any kind: each kind's file says how.

use super::raw::{Checked, string};
use super::{
    Entities, Kind, address, boolean, children, choice, contact, expression, json, link, money,
    number, raw, text, time,
};
use crate::problem::FieldProblem;
use expr::Type;
use std::borrow::Cow;
use types::Value;

impl Kind {
    /// Reads a JSON text; none when a problem was added to `problems`.
    ///
    /// `pointer` is where the value stands in the body; a fault deeper inside names its own place.
    /// `null` is the empty value of every kind.
    pub fn parse(
        &self,
        raw: &str,
        pointer: &str,
        entities: &dyn Entities,
        problems: &mut Vec<FieldProblem>,
    ) -> Option<Value> {
        let checked = match self {
            _ if raw == "null" => Ok(Value::Null),
            Kind::Boolean => boolean::parse(raw),
            Kind::Integer { min, max } => number::integer(raw, *min, *max),
            Kind::Decimal { .. } | Kind::Percent | Kind::Price | Kind::Quantity => {
                number::decimal(raw, self.scale().unwrap_or_default())
            }
            Kind::Json => json::parse(raw),
            Kind::Money => return money::parse(raw, pointer, problems),
            Kind::Links { entity } => {
                return link::parse_list(raw, entity, pointer, entities, problems);
            }
            Kind::Children { entity } => {
                return children::parse(raw, entity, pointer, entities, problems);
            }
            Kind::Texts => return json::parse_texts(raw, pointer, problems),
            Kind::Custom => return json::parse_custom(raw, pointer, problems),
            Kind::Address => return address::parse(raw, pointer, problems),
            _ => string(raw, self.expected()).and_then(|text| self.check(text, entities)),
        };
        settle(checked, pointer, problems)
    }

    /// Reads a cell of a table or an argument of the command line, with the same checks.
    ///
    /// An empty text is null. Texts need no quotes; money is `12.50 EUR`; a list of links is
    /// separated by commas, semicolons or blanks; the kinds that are JSON are JSON here too.
    pub fn from_text(
        &self,
        text: &str,
        pointer: &str,
        entities: &dyn Entities,
        problems: &mut Vec<FieldProblem>,
    ) -> Option<Value> {
        let checked = match self {
            _ if text.is_empty() => Ok(Value::Null),
            Kind::Boolean => boolean::from_text(text),
            Kind::Integer { min, max } => number::integer_from_text(text, *min, *max),
            Kind::Decimal { .. } | Kind::Percent | Kind::Price | Kind::Quantity => {
                let scale = self.scale().unwrap_or_default();
                number::from_text(text, scale).map(Value::Decimal)
            }
            Kind::Money => money::from_text(text),
            Kind::Links { entity } => {
                return link::list_from_text(text, entity, pointer, entities, problems);
            }
            Kind::Json | Kind::Children { .. } | Kind::Texts | Kind::Custom | Kind::Address => {
                return self.parse(text, pointer, entities, problems);
            }
            _ => self.check(text.into(), entities),
        };
        settle(checked, pointer, problems)
    }

    /// Checks a text of a kind that is a text in JSON.
    fn check(&self, text: Cow<'_, str>, entities: &dyn Entities) -> Checked {
        match self {
            Kind::Id { prefix } => link::check(&text, prefix, "the record itself"),
            Kind::Link { entity, .. } => {
                link::check(&text, &link::prefix_of(entity, entities), &link::noun(entity))
            }
            Kind::Choice { names } => choice::check(&text, names),
            Kind::Date => time::date(&text),
            Kind::Instant => time::instant(&text),
            Kind::WallTime => time::wall_time(&text),
            Kind::Duration => time::duration(&text),
            Kind::Email => contact::email(text),
            Kind::Phone => contact::phone(text),
            Kind::Url => contact::url(text),
            Kind::Colour => contact::colour(text),
            Kind::Expression => expression::check(text),
            Kind::Text { max } | Kind::LongText { max } => text::check(text, *max),
            // The other kinds are no texts in JSON and are read by their own functions.
            _ => text::check(text, u32::MAX),
        }
    }

    /// What a text of this kind is called when something else was given.
    fn expected(&self) -> &'static str {
        match self {
            Kind::Id { .. } | Kind::Link { .. } => "an id in quotes",
            Kind::Choice { .. } => "one of its choices in quotes",
            Kind::Date => "a date such as \"2026-07-04\"",
            Kind::Instant => "an instant such as \"2026-07-04T09:30:00Z\"",
            Kind::WallTime => "a wall time such as \"2026-07-04T09:30:00[Europe/Berlin]\"",
            Kind::Duration => "a duration such as \"PT2H30M\"",
            Kind::Colour => "a colour such as \"#8a3ffc\"",
            _ => "a text in quotes",
        }
    }

    /// Writes a value as JSON: what [`Kind::parse`] reads back as the same value.
    pub fn write(&self, value: &Value, entities: &dyn Entities, out: &mut String) {
        let prefix = match value {
            Value::Id(_) | Value::List(_) => self.id_prefix(entities),
            _ => None,
        };
        write_cell(self, value, prefix.as_deref(), entities, out);
    }

    /// Writes a value as JSON; of lines only the fields that `readable` names, by the lines' slots.
    pub fn write_seen(
        &self,
        value: &Value,
        readable: Option<&[bool]>,
        entities: &dyn Entities,
        out: &mut String,
    ) {
        match (self, value) {
            (Kind::Children { entity }, Value::Rows(rows)) => {
                children::write(rows, entity, readable, entities, out);
            }
            _ => self.write(value, entities, out),
        }
    }

    /// The prefix of the ids that such a field holds, if it holds ids.
    pub(crate) fn id_prefix(&self, entities: &dyn Entities) -> Option<String> {
        match self {
            Kind::Id { prefix } => Some(prefix.clone()),
            Kind::Link { entity, .. } | Kind::Links { entity } => {
                Some(link::prefix_of(entity, entities))
            }
            _ => None,
        }
    }

    /// The type of such a field in expressions; `owner` is the full name of its entity.
    pub fn expr_type(&self, owner: &str, entities: &dyn Entities) -> Type {
        match self {
            Kind::Id { prefix } => Type::id(owner, prefix),
            Kind::Link { entity, .. } => Type::id(entity, &link::prefix_of(entity, entities)),
            Kind::Links { entity } => {
                Type::List(Box::new(Type::id(entity, &link::prefix_of(entity, entities))))
            }
            Kind::Children { entity } => Type::Rows(entity.as_str().into()),
            Kind::Integer { .. } => Type::Int,
            Kind::Decimal { .. } | Kind::Percent | Kind::Price | Kind::Quantity => {
                Type::Decimal(self.scale())
            }
            Kind::Money => Type::Money,
            Kind::Boolean => Type::Bool,
            Kind::Date => Type::Date,
            Kind::Instant => Type::Instant,
            Kind::WallTime => Type::WallTime,
            Kind::Duration => Type::Duration,
            Kind::Json | Kind::Texts | Kind::Custom | Kind::Address => Type::Json,
            Kind::Text { .. }
            | Kind::LongText { .. }
            | Kind::Choice { .. }
            | Kind::Colour
            | Kind::Email
            | Kind::Phone
            | Kind::Url
            | Kind::Expression => Type::Text,
        }
    }

    /// Whether a client's object changes the members it names and leaves the others.
    pub fn merges(&self) -> bool {
        matches!(self, Kind::Texts | Kind::Custom | Kind::Address)
    }
}

/// The value that a field has after a client gave `patch`, where [`Kind::merges`] holds.
///
/// A member that is null is removed, the others replace theirs and keep their JSON text; an
/// object without members is null. On creation `current` is null.
pub fn merge(current: &Value, patch: Value) -> Value {
    json::merge(current, patch)
}

fn settle(checked: Checked, pointer: &str, problems: &mut Vec<FieldProblem>) -> Option<Value> {
    match checked {
        Ok(value) => Some(value),
        Err(fault) => {
            problems.push(fault.at(pointer));
            None
        }
    }
}

/// Writes a value whose kind's id prefix is known, so that a page looks it up once.
pub(crate) fn write_cell(
    kind: &Kind,
    value: &Value,
    prefix: Option<&str>,
    entities: &dyn Entities,
    out: &mut String,
) {
    match value {
        Value::Null => out.push_str(match kind {
            Kind::Texts | Kind::Custom => "{}",
            Kind::Links { .. } | Kind::Children { .. } => "[]",
            _ => "null",
        }),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Int(value) => number::write(i128::from(*value), 0, 0, out),
        Value::Decimal(value) => {
            number::write_quoted(value, if *kind == Kind::Price { 2 } else { 0 }, out);
        }
        Value::Text(text) => raw::write_string(text, out),
        Value::Date(date) => quoted(out, |out| time::write_date(*date, out)),
        Value::Instant(instant) => quoted(out, |out| time::write_instant(*instant, out)),
        Value::WallTime(wall) => raw::write_string(&wall.to_string(), out),
        Value::Duration(span) => quoted(out, |out| out.push_str(&span.to_string())),
        Value::Id(id) => link::write(*id, prefix.unwrap_or_default(), out),
        Value::Money(money) => money::write(money, out),
        Value::Json(text) => out.push_str(text),
        Value::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_cell(kind, item, prefix, entities, out);
            }
            out.push(']');
        }
        Value::Rows(rows) => match kind {
            Kind::Children { entity } => children::write(rows, entity, None, entities, out),
            _ => out.push_str("[]"),
        },
    }
}

fn quoted(out: &mut String, write: impl FnOnce(&mut String)) {
    out.push('"');
    write(out);
    out.push('"');
}

/// The problem of a name that the entity does not have, at its place in the body.
pub(crate) fn unknown_field(entity: &crate::schema::Entity, name: &str) -> FieldProblem {
    children::unknown_field(entity, name).at(&raw::pointer("", name))
}
