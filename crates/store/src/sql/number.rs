//! Numbers of different scales: exact comparison and addition.
//!
//! PostgreSQL has NUMERIC. SQLite has 64-bit integers, so a decimal is an integer of its last
//! place, and bringing two to one scale could overflow. What is too large to be brought there is
//! cut to a bound that is still beyond everything the other side can hold: the comparison stays
//! exact, and a sum that reaches the bound is null, as the language says of an overflow.

use super::value::Rep;
use super::{Bound, Lowering};
use expr::ir::{Node, Operator};
use types::Value;

/// Beyond every decimal of 18 digits, and still room to add one.
const BOUND: i64 = 5_000_000_000_000_000_000;
/// The first integer of 19 digits: the sum of two decimals does not fit from here on.
const LIMIT: i64 = 1_000_000_000_000_000_000;

/// The scalar function that adds two integers in SQLite, null on overflow.
pub const ADD: &str = "megalith_add";
/// The scalar function that subtracts two integers in SQLite, null on overflow.
pub const SUBTRACT: &str = "megalith_subtract";

impl Lowering<'_, '_> {
    /// A number at `places`; with `room` so that it can be added to another one.
    pub(super) fn number(&mut self, node: &Node, places: u32, room: bool) -> Option<()> {
        if !self.sql.is_sqlite() {
            return self.numeric(node);
        }
        let from = match self.rep(node)? {
            Rep::Int => 0,
            Rep::Scaled(places) => places,
            _ => return None,
        };
        let is_int = self.rep(node)? == Rep::Int;
        let grow = 10i64.checked_pow(places.checked_sub(from)?)?;
        if let Some(value) = node.as_const() {
            let digits = match value {
                Value::Int(value) => *value,
                Value::Decimal(value) => types::rescale(*value, from)?,
                _ => return None,
            };
            let grown = i128::from(digits) * i128::from(grow);
            let cut = if places == 0 && !room { i128::from(i64::MAX) } else { BOUND.into() };
            self.sql.bind(Bound::Int(grown.clamp(-cut, cut) as i64));
            return Some(());
        }
        if grow == 1 && !(is_int && room) {
            return self.value(node);
        }
        let cut = BOUND / grow;
        self.sql.push("(max(min(");
        self.value(node)?;
        self.sql.push(&format!(", {cut}), -{cut}) * {grow})"));
        Some(())
    }

    fn numeric(&mut self, node: &Node) -> Option<()> {
        match node.as_const() {
            Some(Value::Int(value)) => drop(self.sql.bind(Bound::Decimal((*value).into()))),
            _ if self.rep(node)? == Rep::Int => {
                self.sql.push("(");
                self.value(node)?;
                self.sql.push(")::numeric");
            }
            _ => self.value(node)?,
        }
        Some(())
    }

    /// A sum or difference in the form `rep`; null where it does not fit.
    pub(super) fn sum(&mut self, op: Operator, a: &Node, b: &Node, rep: Rep) -> Option<()> {
        let sign = if op == Operator::Add { " + " } else { " - " };
        match (rep, self.sql.is_sqlite()) {
            (Rep::Int, true) => {
                self.sql.push(if op == Operator::Add { ADD } else { SUBTRACT }).push("(");
                self.value(a)?;
                self.sql.push(", ");
                self.value(b)?;
                self.sql.push(")");
            }
            (Rep::Scaled(places), true) => {
                self.sql.push("nullif(nullif(max(min(");
                self.number(a, places, true)?;
                self.sql.push(sign);
                self.number(b, places, true)?;
                self.sql.push(&format!(", {LIMIT}), -{LIMIT}), {LIMIT}), -{LIMIT})"));
            }
            (_, false) => {
                let (low, high) = match rep {
                    Rep::Scaled(places) => {
                        let limit = decimal_limit(places);
                        (format!("-{limit}"), limit)
                    }
                    _ => ("-9223372036854775809".to_owned(), "9223372036854775808".to_owned()),
                };
                // LEAST and GREATEST pass over nulls, which then become the limit and null again.
                self.sql.push("nullif(nullif(greatest(least(");
                self.numeric(a)?;
                self.sql.push(sign);
                self.numeric(b)?;
                self.sql.push(&format!(", {high}), {low}), {high}), {low})"));
            }
            _ => return None,
        }
        Some(())
    }
}

/// The least positive number that does not fit 18 digits with `places` of them after the point.
fn decimal_limit(places: u32) -> String {
    format!("1{}", "0".repeat(18usize.saturating_sub(places as usize)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_eighteen_digits_moves_with_the_point() {
        assert_eq!(decimal_limit(0), LIMIT.to_string());
        assert_eq!(decimal_limit(2), "10000000000000000");
        assert_eq!(decimal_limit(18), "1");
    }
}
