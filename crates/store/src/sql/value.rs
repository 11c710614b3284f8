//! Terms that give a value: fields, constants, and the functions that both databases have.

use super::beyond::Place;
use super::{Bound, Comparison, Lowering, sign};
use crate::tables::{Part, text_of};
use expr::Type;
use expr::ir::{Function, Kind, Node, Operator, Slot};
use kernel::field::{Column, Kind as FieldKind};
use types::Value;

/// How a term's value stands in SQL; a comparison needs both sides in one form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rep {
    Bool,
    /// A whole number of 64 bits.
    Int,
    /// A decimal with places.
    Scaled(u32),
    /// Microseconds.
    Micros,
    Text,
    Date,
    Uuid,
    /// Text that can only be compared for equality: wall times.
    Opaque,
    /// Can only be asked whether it is there.
    Present,
}

impl Lowering<'_, '_> {
    fn kind(&self, slot: &Slot) -> Option<&FieldKind> {
        let table = match self.place(slot)? {
            Place::Here(table) | Place::Linked(_, table) => table,
            Place::Key(_) | Place::KeyHere => return None,
        };
        table.entity.fields.get(slot.index).map(|field| &field.kind)
    }

    /// How the value of a term stands; none if the term has no SQL form. Money has none: it is
    /// two columns.
    pub(super) fn rep(&self, node: &Node) -> Option<Rep> {
        match &node.kind {
            Kind::Const(value) => Some(match value {
                Value::Bool(_) => Rep::Bool,
                Value::Int(_) => Rep::Int,
                Value::Decimal(value) => {
                    let scale = value.normalize().scale();
                    types::rescale(*value, scale).filter(|_| scale <= 18)?;
                    Rep::Scaled(scale)
                }
                Value::Text(_) => Rep::Text,
                Value::Date(_) => Rep::Date,
                Value::Instant(_) | Value::Duration(_) => Rep::Micros,
                Value::WallTime(_) => Rep::Opaque,
                Value::Id(_) => Rep::Uuid,
                _ => return None,
            }),
            Kind::Field(slot) if self.is_key(slot) => Some(Rep::Text),
            Kind::Field(slot) => {
                let kind = self.kind(slot)?;
                Some(match (kind.column(), kind) {
                    (Column::Bool, _) => Rep::Bool,
                    (Column::Int, FieldKind::Integer { .. }) => Rep::Int,
                    (Column::Int, _) => Rep::Micros,
                    (Column::Scaled(places), _) => Rep::Scaled(places),
                    (Column::Date, _) => Rep::Date,
                    (Column::Uuid, _) => Rep::Uuid,
                    (Column::Text, FieldKind::WallTime) => Rep::Opaque,
                    (Column::Text, _) if node.ty == Type::Text => Rep::Text,
                    (Column::Text, _) => Rep::Present,
                    (Column::Money | Column::None, _) => return None,
                })
            }
            Kind::Calculate(Operator::Add | Operator::Subtract, a, b) => {
                let number = |rep| matches!(rep, Rep::Int | Rep::Scaled(_));
                if !number(self.rep(a)?) || !number(self.rep(b)?) {
                    return None;
                }
                match node.ty {
                    Type::Int => Some(Rep::Int),
                    Type::Decimal(Some(places)) if places <= 18 => Some(Rep::Scaled(places)),
                    _ => None,
                }
            }
            Kind::Negate(inner) => match self.rep(inner)? {
                Rep::Scaled(places) => Some(Rep::Scaled(places)),
                _ => None,
            },
            Kind::Call(function, arguments) => {
                let first = arguments.first()?;
                match function {
                    Function::CurrencyOf => self.money_field(first).map(|_| Rep::Text),
                    Function::Size if self.rep(first)? == Rep::Text => Some(Rep::Int),
                    Function::Year | Function::Month | Function::Day
                        if self.rep(first)? == Rep::Date =>
                    {
                        Some(Rep::Int)
                    }
                    Function::Coalesce => {
                        let rep = self.rep(first)?;
                        let same = arguments.iter().all(|a| self.rep(a) == Some(rep));
                        same.then_some(rep)
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The field of a term that is a money field.
    fn money_field<'n>(&self, node: &'n Node) -> Option<&'n Slot> {
        let Kind::Field(slot) = &node.kind else { return None };
        (self.kind(slot)?.column() == Column::Money).then_some(slot)
    }

    /// The form in which two terms can be compared.
    pub(super) fn meet(&self, a: &Node, b: &Node) -> Option<Rep> {
        use Rep::{Int, Scaled};
        let (a, b) = (self.rep(a)?, self.rep(b)?);
        match (a, b) {
            (Rep::Present, _) | (_, Rep::Present) => None,
            (Scaled(a), Scaled(b)) => Some(Scaled(a.max(b))),
            (Int, Scaled(0)) | (Scaled(0), Int) => Some(Int),
            (Int, Scaled(places)) | (Scaled(places), Int) => Some(Scaled(places)),
            _ => (a == b).then_some(a),
        }
    }

    /// Whether a constant can be written in the form `rep` without changing the form itself.
    pub(super) fn fits(&self, item: &Node, rep: Rep) -> bool {
        match (self.rep(item), rep) {
            (Some(Rep::Int), Rep::Scaled(places)) => item
                .as_const()
                .and_then(Value::as_int)
                .is_some_and(|int| types::rescale(int.into(), places).is_some()),
            (Some(Rep::Scaled(places)), Rep::Scaled(wanted)) => match item.as_const() {
                Some(Value::Decimal(value)) => {
                    places <= wanted && types::rescale(*value, wanted).is_some()
                }
                _ => false,
            },
            (found, wanted) => found == Some(wanted),
        }
    }

    /// The value in the form `rep`, which [`Lowering::meet`] found.
    pub(super) fn in_form(&mut self, node: &Node, rep: Rep) -> Option<()> {
        match (self.rep(node)?, rep) {
            (found, wanted) if found == wanted => self.value(node),
            (Rep::Int | Rep::Scaled(_), Rep::Int) => self.number(node, 0, false),
            (Rep::Int | Rep::Scaled(_), Rep::Scaled(places)) => self.number(node, places, false),
            _ => None,
        }
    }

    /// Something that is null where the value is null, of any form.
    pub(super) fn any_value(&mut self, node: &Node) -> Option<()> {
        if let Some(slot) = self.money_field(node) {
            return self.column(slot, Part::Value(slot.index));
        }
        if node.as_const() == Some(&Value::Null) {
            self.sql.push("NULL");
            return Some(());
        }
        if matches!(node.as_const(), Some(Value::Money(_) | Value::Json(_) | Value::List(_))) {
            self.sql.push("TRUE");
            return Some(());
        }
        self.value(node)
    }

    /// The value in its own form.
    pub(super) fn value(&mut self, node: &Node) -> Option<()> {
        let rep = self.rep(node)?;
        match &node.kind {
            Kind::Const(value) => self.constant(value, rep)?,
            Kind::Field(slot) => self.column(slot, Part::Value(slot.index))?,
            Kind::Calculate(op, a, b) => self.sum(*op, a, b, rep)?,
            Kind::Negate(inner) => {
                self.sql.push("(-");
                self.value(inner)?;
                self.sql.push(")");
            }
            Kind::Call(function, arguments) => self.call(*function, arguments)?,
            _ => return None,
        }
        Some(())
    }

    fn constant(&mut self, value: &Value, rep: Rep) -> Option<()> {
        let sqlite = self.sql.is_sqlite();
        let bound = match (value, rep) {
            (Value::Bool(value), _) => Bound::Bool(*value),
            (Value::Int(value), _) => Bound::Int(*value),
            (Value::Decimal(value), Rep::Scaled(places)) if sqlite => {
                Bound::Int(types::rescale(*value, places)?)
            }
            (Value::Decimal(value), _) => Bound::Decimal(*value),
            (Value::Date(value), _) if sqlite => Bound::Text(value.to_string()),
            (Value::Date(value), _) => Bound::Date(*value),
            (Value::Instant(value), _) => Bound::Int(value.0),
            (Value::Duration(value), _) => Bound::Int(value.0),
            (Value::Id(value), _) => Bound::Uuid(*value),
            (value, _) => Bound::Text(text_of(value)?.into_owned()),
        };
        self.sql.bind(bound);
        Some(())
    }

    fn call(&mut self, function: Function, arguments: &[Node]) -> Option<()> {
        let first = arguments.first()?;
        let sqlite = self.sql.is_sqlite();
        match function {
            Function::CurrencyOf => {
                let slot = self.money_field(first)?;
                self.column(slot, Part::Currency(slot.index))?;
            }
            Function::Size => {
                self.sql.push("length(");
                self.value(first)?;
                self.sql.push(if sqlite { ")" } else { ")::bigint" });
            }
            Function::Coalesce => {
                self.sql.push("COALESCE(");
                for (at, argument) in arguments.iter().enumerate() {
                    if at > 0 {
                        self.sql.push(", ");
                    }
                    self.value(argument)?;
                }
                self.sql.push(if arguments.len() == 1 { ", NULL)" } else { ")" });
            }
            _ => {
                let (place, field) = match function {
                    Function::Year => ("1, 4", "YEAR"),
                    Function::Month => ("6, 2", "MONTH"),
                    Function::Day => ("9, 2", "DAY"),
                    _ => return None,
                };
                if sqlite {
                    self.sql.push("CAST(substr(");
                    self.value(first)?;
                    self.sql.push(", ").push(place).push(") AS INTEGER)");
                } else {
                    self.sql.push("EXTRACT(").push(field).push(" FROM ");
                    self.value(first)?;
                    self.sql.push(")::bigint");
                }
            }
        }
        Some(())
    }

    /// Amounts have an order within one currency only; without it nothing holds.
    pub(super) fn compare_money(&mut self, op: Comparison, a: &Node, b: &Node) -> Option<()> {
        for currency in [false, true] {
            if currency {
                self.sql.push(" AND ");
            }
            self.money_part(a, currency)?;
            self.sql.push(if currency { " = " } else { sign(op) });
            self.money_part(b, currency)?;
        }
        Some(())
    }

    fn money_part(&mut self, node: &Node, currency: bool) -> Option<()> {
        match (node.as_const(), currency) {
            (Some(Value::Money(money)), false) => self.sql.bind(Bound::Int(money.minor)),
            (Some(Value::Money(money)), true) => {
                self.sql.bind(Bound::Text(money.currency.code().to_owned()))
            }
            (Some(_), _) => return None,
            (None, _) => {
                let slot = self.money_field(node)?;
                let part = if currency { Part::Currency } else { Part::Value };
                return self.column(slot, part(slot.index));
            }
        };
        Some(())
    }
}
