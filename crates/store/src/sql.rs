//! Predicates, orders and cursors as SQL conditions, the same for both databases.
//!
//! The text depends only on the shape of the question: every value is bound, so that the
//! databases' own statement caches hit. The null table of the expression language is kept:
//! comparisons are two-valued, two empty values are equal. Where a condition stands in a place in
//! which "unknown" and "false" come to the same, it is written in the short form that an index
//! can serve; below a negation it is written so that it is never unknown.
//!
//! What has no SQL form (products, loops over lines, case mapping) is left to the interpreter:
//! [`conditions`] hands those terms back. A term that reads beyond the record ([`beyond`]) is
//! never among them: it is decided by the database, or the question fails.

pub mod aggregate;
mod beyond;
mod number;
mod order;
#[cfg(test)]
mod tests;
mod value;

pub use beyond::{found_through, linked};
pub use number::{ADD, SUBTRACT};
pub use order::{after, order_by};

use crate::tables::{Catalog, Table};
use expr::Expr;
use expr::ir::{Comparison, Function, Kind, Node};
use kernel::Predicate;
use kernel::linked::Beyond;
use kernel::ports::StoreError;
use std::sync::Arc;
use types::{Date, Decimal, Instant, Uuid, Value};
use value::Rep;

/// Which database the text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite: decimals are integers of their last place, days are texts.
    Sqlite,
    /// PostgreSQL: decimals are NUMERIC, days are DATE.
    Postgres,
}

/// A value bound to a place in a statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    /// True or false.
    Bool(bool),
    /// A whole number; in SQLite also a decimal's digits.
    Int(i64),
    /// A decimal, in PostgreSQL only.
    Decimal(Decimal),
    /// Text; in SQLite also a calendar day.
    Text(String),
    /// A calendar day, in PostgreSQL only.
    Date(Date),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A UUID.
    Uuid(Uuid),
    /// A list of UUIDs, in PostgreSQL only.
    Uuids(Vec<Uuid>),
}

/// A statement in the making: its text and the values bound to it, in order.
#[derive(Clone, Debug)]
pub struct Sql {
    /// Which database it is for.
    pub dialect: Dialect,
    /// The text so far.
    pub text: String,
    /// The values so far.
    pub binds: Vec<Bound>,
    /// Slots whose columns no index shall serve; SQLite only.
    pub off_index: Vec<usize>,
    /// Tables inside that have been given a name of their own.
    named: usize,
}

/// Whose records a statement is about, and where those are that they link to.
#[derive(Clone, Copy)]
pub struct About<'a> {
    /// The table of the records.
    pub table: &'a Table,
    /// Its number in a file; PostgreSQL knows it by its name.
    pub number: i64,
    /// Every table.
    pub catalog: &'a Catalog,
    /// The organisation's number in the database.
    pub org: i64,
}

impl Sql {
    /// An empty statement.
    pub fn new(dialect: Dialect) -> Sql {
        let text = String::with_capacity(256);
        Sql { dialect, text, binds: Vec::new(), off_index: Vec::new(), named: 0 }
    }

    /// Appends text as it stands.
    pub fn push(&mut self, text: &str) -> &mut Sql {
        self.text.push_str(text);
        self
    }

    /// Appends a name in quotes.
    pub fn name(&mut self, name: &str) -> &mut Sql {
        self.text.push('"');
        self.text.push_str(name);
        self.text.push('"');
        self
    }

    /// Appends a place and binds a value to it; in PostgreSQL the place names its type.
    pub fn bind(&mut self, value: Bound) -> &mut Sql {
        use std::fmt::Write;
        match self.dialect {
            Dialect::Sqlite => self.text.push('?'),
            Dialect::Postgres => {
                let ty = match value {
                    Bound::Bool(_) => "boolean",
                    Bound::Int(_) => "bigint",
                    Bound::Decimal(_) => "numeric",
                    Bound::Text(_) => "text",
                    Bound::Date(_) => "date",
                    Bound::Bytes(_) => "bytea",
                    Bound::Uuid(_) => "uuid",
                    Bound::Uuids(_) => "uuid[]",
                };
                let _ = write!(self.text, "${}::{ty}", self.binds.len() + 1);
            }
        }
        self.binds.push(value);
        self
    }

    /// Appends the name of a table.
    pub fn table(&mut self, table: &Table) -> &mut Sql {
        match self.dialect {
            Dialect::Sqlite => self.name(&table.full_name()),
            Dialect::Postgres => self.name(&table.service).push(".").name(&table.name),
        }
    }

    fn is_sqlite(&self) -> bool {
        self.dialect == Dialect::Sqlite
    }

    /// Takes off what was appended since it was `text` and `binds` long.
    fn cut(&mut self, (text, binds): (usize, usize)) {
        self.text.truncate(text);
        self.binds.truncate(binds);
    }
}

/// The terms of the outermost `&&`.
fn terms_of(predicate: &Predicate) -> &[Node] {
    let root = predicate.expr.root();
    match &root.kind {
        Kind::And(terms) => terms,
        _ => std::slice::from_ref(root),
    }
}

/// Appends ` AND (…)` for each predicate and gives back the terms that the interpreter must decide
/// for each record too ([`holds`]), because a part of them has no SQL form.
///
/// # Errors
/// [`StoreError::Internal`] for a term without an SQL form that reads beyond the record: the
/// interpreter has the record's own values only.
pub fn conditions(
    sql: &mut Sql,
    about: &About<'_>,
    predicates: &[Predicate],
) -> Result<Vec<Predicate>, StoreError> {
    let mut left = Vec::new();
    for predicate in predicates {
        for term in terms_of(predicate) {
            let start = (sql.text.len(), sql.binds.len());
            sql.push(" AND ");
            if Lowering::new(sql, about, &predicate.beyond).truth(term, false).is_some() {
                continue;
            }
            sql.cut(start);
            if term.reads_beyond() {
                let text = format!("no database decides {term}");
                return Err(StoreError::Internal(text));
            }
            let expr = Arc::new(Expr::term(term));
            left.push(Predicate { entity: predicate.entity.clone(), expr, beyond: Arc::default() });
        }
    }
    Ok(left)
}

/// A term, and where the values lie that it reads beyond the record.
pub type Bounding<'p> = (&'p Node, &'p [Beyond]);

/// The fields that predicates bound, where an index could find what is within: those bounded from
/// one side or both (`code >= 'C'`), and links that a condition on what they lead to bounds. Each
/// slot once, with the terms that bound it.
pub fn ranges<'p>(table: &Table, predicates: &'p [Predicate]) -> Vec<(usize, Vec<Bounding<'p>>)> {
    let mut ranges: Vec<(usize, Vec<Bounding<'p>>)> = Vec::new();
    for predicate in predicates {
        for term in terms_of(predicate) {
            let slot = match &term.kind {
                Kind::Compare(op, a, b) if op.is_ordering() && b.as_const().is_some() => {
                    match &a.kind {
                        Kind::Field(slot) if slot.scope == 0 && slot.via.is_none() => {
                            Some(slot.index)
                        }
                        _ => None,
                    }
                }
                _ => None,
            };
            let slot = slot.or_else(|| beyond::bounded(term, &predicate.beyond));
            let Some(slot) = slot.filter(|slot| table.entity.is_indexed(*slot)) else { continue };
            let bounding = (term, &*predicate.beyond);
            match ranges.iter_mut().find(|(known, _)| *known == slot) {
                Some((_, terms)) => terms.push(bounding),
                None => ranges.push((slot, vec![bounding])),
            }
        }
    }
    ranges
}

/// Appends ` AND (…)` for each term; false when one has no SQL form.
pub fn terms(sql: &mut Sql, about: &About<'_>, terms: &[Bounding<'_>]) -> bool {
    terms.iter().all(|(term, beyond)| {
        sql.push(" AND ");
        Lowering::new(sql, about, beyond).truth(term, false).is_some()
    })
}

/// Whether the interpreter finds all of `predicates` true for a record's values.
///
/// They are bound already: nothing in them asks for the actor or the time.
pub fn holds(predicates: &[Predicate], values: &[Value]) -> bool {
    if predicates.is_empty() {
        return true;
    }
    let context = expr::Context::new(Instant(0), "UTC", Vec::new());
    predicates.iter().all(|predicate| predicate.expr.eval_bool(values, &context))
}

/// Whether a predicate reads child records, so that they must be loaded to decide it.
pub fn reads_children(table: &Table, expr: &Expr) -> bool {
    let is_child = |index: usize| table.children.iter().any(|(slot, _)| *slot == index);
    let mut reads = false;
    expr.root().walk(&mut |node| {
        if let Kind::Field(slot) = &node.kind {
            reads |= slot.scope == 0 && is_child(slot.index);
        }
    });
    reads
}

/// Writes one expression. Every method gives `None` when a part has no SQL form; what was written
/// until then is cut off by the caller.
struct Lowering<'a, 'q> {
    about: &'a About<'a>,
    sql: &'q mut Sql,
    /// Where the values lie that are not the record's own.
    beyond: &'a [Beyond],
    /// Which of them the terms are about, inside a question of its own.
    inside: Option<beyond::Inside<'a>>,
}

impl<'a, 'q> Lowering<'a, 'q> {
    fn new(sql: &'q mut Sql, about: &'a About<'a>, beyond: &'a [Beyond]) -> Lowering<'a, 'q> {
        Lowering { about, sql, beyond, inside: None }
    }

    /// A condition in parentheses. If `strict`, it is true or false, else it may be unknown
    /// instead of false.
    fn truth(&mut self, node: &Node, strict: bool) -> Option<()> {
        if let Some(source) = self.only_source(node) {
            return self.among(source, node, strict);
        }
        match &node.kind {
            Kind::Const(value) => {
                self.sql.push(if *value == Value::Bool(true) { "TRUE" } else { "FALSE" });
            }
            Kind::And(terms) => self.chain(terms, " AND ", strict)?,
            Kind::Or(terms) => self.chain(terms, " OR ", strict)?,
            Kind::Not(inner) if matches!(inner.kind, Kind::Has(_)) => {
                let Kind::Has(inner) = &inner.kind else { return None };
                self.sql.push("(");
                self.any_value(inner)?;
                self.sql.push(" IS NULL)");
            }
            Kind::Not(inner) => {
                self.sql.push("(NOT ");
                self.truth(inner, true)?;
                self.sql.push(")");
            }
            Kind::Has(inner) => {
                self.sql.push("(");
                self.any_value(inner)?;
                self.sql.push(" IS NOT NULL)");
            }
            Kind::Compare(op, a, b) => self.compare(*op, a, b, strict)?,
            Kind::In(needle, list) => self.is_in(needle, list, strict)?,
            Kind::If(parts) => {
                let [condition, then, otherwise] = &**parts;
                self.sql.push("CASE WHEN ");
                self.truth(condition, false)?;
                self.sql.push(" THEN ");
                self.truth(then, strict)?;
                self.sql.push(" ELSE ");
                self.truth(otherwise, strict)?;
                self.sql.push(" END");
            }
            Kind::Call(function, arguments) if is_text_test(*function) => {
                self.text_test(*function, arguments.first()?, arguments.get(1)?, strict)?;
            }
            _ => {
                if self.rep(node)? != Rep::Bool {
                    return None;
                }
                self.sql.push(if strict { "COALESCE(" } else { "(" });
                self.value(node)?;
                self.sql.push(if strict { ", FALSE)" } else { ")" });
            }
        }
        Some(())
    }

    /// Terms joined by AND or OR; halved again and again, since the databases limit how deep a
    /// condition nests.
    fn chain(&mut self, terms: &[Node], word: &str, strict: bool) -> Option<()> {
        if let [term] = terms {
            return self.truth(term, strict);
        }
        let (left, right) = terms.split_at(terms.len() / 2);
        self.sql.push("(");
        self.chain(left, word, strict)?;
        self.sql.push(word);
        self.chain(right, word, strict)?;
        self.sql.push(")");
        Some(())
    }

    fn compare(&mut self, op: Comparison, a: &Node, b: &Node, strict: bool) -> Option<()> {
        if op == Comparison::NotEqual {
            self.sql.push("(NOT ");
            self.compare(Comparison::Equal, a, b, true)?;
            self.sql.push(")");
            return Some(());
        }
        for (one, other) in [(a, b), (b, a)] {
            if one.as_const() == Some(&Value::Null) {
                return self.compare_null(op, other);
            }
        }
        let is_money = |node: &Node| node.ty == expr::Type::Money;
        let kind = if is_money(a) || is_money(b) { None } else { Some(self.meet(a, b)?) };
        let constant = a.as_const().is_some() || b.as_const().is_some();
        let both_empty = op == Comparison::Equal && !constant;
        let guarded = strict || both_empty;
        self.sql.push(if guarded { "COALESCE(" } else { "(" });
        match kind {
            None => self.compare_money(op, a, b)?,
            Some(rep) => {
                self.key_hint(op, a, b);
                self.in_form(a, rep)?;
                self.sql.push(sign(op));
                self.in_form(b, rep)?;
            }
        }
        if both_empty {
            self.sql.push(", ");
            self.any_value(a)?;
            self.sql.push(" IS NULL AND ");
            self.any_value(b)?;
            self.sql.push(" IS NULL");
        } else if guarded {
            self.sql.push(", FALSE");
        }
        self.sql.push(")");
        Some(())
    }

    /// A comparison with an empty value: only "equal" can hold, and it asks for the empty.
    fn compare_null(&mut self, op: Comparison, other: &Node) -> Option<()> {
        if op != Comparison::Equal {
            self.sql.push("FALSE");
            return Some(());
        }
        self.sql.push("(");
        self.any_value(other)?;
        self.sql.push(" IS NULL)");
        Some(())
    }

    /// An indexed text that is not unique is found through the index of its sort key.
    fn key_hint(&mut self, op: Comparison, a: &Node, b: &Node) {
        let (Kind::Field(slot), Some(Value::Text(text))) = (&a.kind, b.as_const()) else { return };
        let Some(beyond::Place::Here(table)) = self.place(slot) else { return };
        if op != Comparison::Equal {
            return;
        }
        let unique = table.entity.fields.get(slot.index).is_some_and(|field| field.unique);
        if let (Some(key), false) = (table.key_column(slot.index), unique) {
            self.here(&key.name);
            self.sql.push(" = ");
            self.sql.bind(Bound::Bytes(kernel::text::sort_key(text))).push(" AND ");
        }
    }

    fn is_in(&mut self, needle: &Node, list: &Node, strict: bool) -> Option<()> {
        let items: Vec<Node> = match &list.kind {
            Kind::Const(Value::List(items)) => {
                let ty = needle.ty.clone();
                items
                    .iter()
                    .map(|item| Node::constant(item.clone(), ty.clone(), list.span))
                    .collect()
            }
            Kind::List(items) => items.clone(),
            Kind::Const(Value::Null) => Vec::new(),
            _ => return None,
        };
        if items.is_empty() {
            self.sql.push("FALSE");
            return Some(());
        }
        let plain = items.iter().all(|item| {
            item.as_const()
                .is_some_and(|value| !value.is_null() && !matches!(value, Value::Money(_)))
        });
        let rep = self.rep(needle);
        let same = plain && rep.is_some_and(|rep| items.iter().all(|item| self.fits(item, rep)));
        if let (true, Some(rep)) = (same, rep) {
            self.sql.push(if strict { "COALESCE(" } else { "(" });
            self.value(needle)?;
            for (at, item) in items.iter().enumerate() {
                self.sql.push(if at == 0 { " IN (" } else { ", " });
                self.in_form(item, rep)?;
            }
            self.sql.push(if strict { "), FALSE)" } else { "))" });
            return Some(());
        }
        self.equals_one(needle, &items, strict)
    }

    fn equals_one(&mut self, needle: &Node, items: &[Node], strict: bool) -> Option<()> {
        if let [item] = items {
            return self.compare(Comparison::Equal, needle, item, strict);
        }
        let (left, right) = items.split_at(items.len() / 2);
        self.sql.push("(");
        self.equals_one(needle, left, strict)?;
        self.sql.push(" OR ");
        self.equals_one(needle, right, strict)?;
        self.sql.push(")");
        Some(())
    }

    fn text_test(&mut self, test: Function, text: &Node, part: &Node, strict: bool) -> Option<()> {
        if self.rep(text)? != Rep::Text || self.rep(part)? != Rep::Text {
            return None;
        }
        self.sql.push(if strict { "COALESCE(" } else { "(" });
        match test {
            Function::Contains => {
                self.sql.push(if self.sql.is_sqlite() { "instr(" } else { "strpos(" });
                self.value(text)?;
                self.sql.push(", ");
                self.value(part)?;
                self.sql.push(") > 0");
            }
            Function::StartsWith => {
                self.sql.push("substr(");
                self.value(text)?;
                self.sql.push(", 1, length(");
                self.value(part)?;
                self.sql.push(")) = ");
                self.value(part)?;
            }
            _ => {
                self.sql.push("length(");
                self.value(part)?;
                self.sql.push(") <= length(");
                self.value(text)?;
                self.sql.push(") AND substr(");
                self.value(text)?;
                self.sql.push(", length(");
                self.value(text)?;
                self.sql.push(") - length(");
                self.value(part)?;
                self.sql.push(") + 1) = ");
                self.value(part)?;
            }
        }
        self.sql.push(if strict { ", FALSE)" } else { ")" });
        Some(())
    }
}

fn is_text_test(function: Function) -> bool {
    matches!(function, Function::StartsWith | Function::EndsWith | Function::Contains)
}

fn sign(op: Comparison) -> &'static str {
    match op {
        Comparison::Equal => " = ",
        Comparison::NotEqual => " <> ",
        Comparison::Less => " < ",
        Comparison::LessOrEqual => " <= ",
        Comparison::Greater => " > ",
        Comparison::GreaterOrEqual => " >= ",
    }
}
