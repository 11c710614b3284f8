//! The columns of a table as expressions and mappings name them.

use super::{ColumnType, cell, hint};
use crate::pipeline::Reason;
use crate::source::Row;
use expr::{Context, Expr, Names, Type};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use types::Value;

/// The columns of one table.
pub(crate) struct Columns {
    names: Vec<String>,
    types: Vec<ColumnType>,
    env: Names,
    /// Whether an expression reads them, or a column has a type that a cell may not fit.
    are_values_read: AtomicBool,
}

/// Where a text comes from.
#[derive(Debug)]
pub(crate) enum Origin {
    /// A cell.
    Column(usize),
    /// What an expression over the row gives.
    Expr(Box<Expr>),
    /// The same for every row.
    Fixed(String),
}

impl Columns {
    pub(crate) fn new(
        names: &[String],
        types: &BTreeMap<String, ColumnType>,
        problems: &mut Vec<String>,
    ) -> Columns {
        let mut own = vec![ColumnType::Text; names.len()];
        for (name, ty) in types {
            match names.iter().position(|known| known == name) {
                Some(at) => own[at] = *ty,
                None => problems.push(format!("types: {}", unknown(name, names))),
            }
        }
        let env = names.iter().zip(&own).fold(Names::new(), |env, (name, ty)| {
            env.field(&identifier(name), expression_type(*ty))
        });
        let are_values_read = AtomicBool::new(own.iter().any(|ty| *ty != ColumnType::Text));
        Columns { names: names.to_vec(), types: own, env, are_values_read }
    }

    /// A column of this name, else an expression.
    pub(crate) fn origin(&self, text: &str) -> Result<Origin, String> {
        self.column(text).map(Origin::Column).or_else(|none| {
            let is_name = text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | ' '));
            if is_name && !matches!(text, "true" | "false" | "null") {
                return Err(none);
            }
            self.expression(text, None)
        })
    }

    /// An expression over the columns.
    pub(crate) fn expression(&self, text: &str, ty: Option<&Type>) -> Result<Origin, String> {
        let compiled = expr::compile(text, &self.env, ty).map_err(|errors| {
            let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
            format!("{text}: {}", texts.join("; "))
        })?;
        self.are_values_read.store(true, Ordering::Relaxed);
        Ok(Origin::Expr(Box::new(compiled)))
    }

    /// The place of a column; upper and lower case count as one where no name is exactly so.
    pub(crate) fn column(&self, name: &str) -> Result<usize, String> {
        let exact = self.names.iter().position(|known| known == name);
        let near = || {
            let name = name.to_lowercase();
            self.names.iter().position(|known| known.to_lowercase() == name)
        };
        exact.or_else(near).ok_or_else(|| unknown(name, &self.names))
    }

    /// The row's values as expressions see them: an empty cell is null. None at all where nothing
    /// reads them.
    pub(crate) fn values(&self, row: &Row, reasons: &mut Vec<Reason>) -> Vec<Value> {
        if !self.are_values_read.load(Ordering::Relaxed) {
            return Vec::new();
        }
        let cells = row.cells.iter().zip(&self.types).zip(&self.names);
        cells
            .map(|((text, ty), name)| {
                cell::of_type(*ty, text).unwrap_or_else(|problem| {
                    let column = Some(name.clone());
                    let text = format!("{name} {problem}");
                    let reason = Reason::new("unreadable_value", problem);
                    reasons.push(Reason { text, column, ..reason });
                    Value::Null
                })
            })
            .collect()
    }
}

impl Origin {
    /// The text that a row gives; empty for none.
    pub(crate) fn text<'t>(
        &'t self,
        row: &'t Row,
        values: &Vec<Value>,
        context: &Context,
    ) -> Result<Cow<'t, str>, String> {
        match self {
            Origin::Column(at) => Ok(Cow::Borrowed(row.cells.get(*at).map_or("", String::as_str))),
            Origin::Fixed(text) => Ok(Cow::Borrowed(text)),
            Origin::Expr(expr) => {
                let found = expr.eval(values, context);
                match found.reasons.first() {
                    Some(reason) if found.value.is_null() => {
                        Err(format!("cannot be calculated: {}", reason.code))
                    }
                    _ => Ok(Cow::Owned(cell::to_text(&found.value))),
                }
            }
        }
    }
}

fn expression_type(ty: ColumnType) -> Type {
    match ty {
        ColumnType::Text => Type::Text,
        ColumnType::Integer => Type::Int,
        ColumnType::Decimal => Type::Decimal(None),
        ColumnType::Boolean => Type::Bool,
        ColumnType::Date => Type::Date,
    }
}

/// The name of a column in expressions: what no name can hold becomes `_`.
fn identifier(name: &str) -> String {
    let kept = |c: char| if c.is_alphanumeric() || c == '.' { c } else { '_' };
    let name: String = name.chars().map(kept).collect();
    if name.starts_with(|c: char| c.is_numeric()) { format!("_{name}") } else { name }
}

fn unknown(name: &str, names: &[String]) -> String {
    let hint = hint(name, names.iter().map(String::as_str));
    format!("there is no column {name:?}{hint}")
}
