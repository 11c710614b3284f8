//! What lies beyond a record: fields behind its links, and its keys in other systems.
//!
//! A condition that reads one source only is asked of that source: `customer IN (SELECT id … WHERE
//! country = ?)`. The database may then go from the target to the link's index, or look each link
//! up in the answer. It means the same as reading the field for each record, because the condition
//! is turned round where it is true of a link that leads nowhere, so that it is asked for those
//! that fail. Any other term reads the field by the target's key.
//!
//! A target that the actor cannot see is none: the conditions of its rights stand in the question.

use super::{About, Bound, Lowering, Sql};
use crate::tables::{Catalog, ORG, Part, Table};
use expr::ir::{Kind, Node, Slot};
use expr::{Expr, Joined};
use kernel::linked::{Beyond, Hop};
use kernel::ports::StoreError;
use kernel::schema::slot;
use std::sync::Arc;
use types::Instant;

/// Where a field's column is.
pub(super) enum Place<'a> {
    /// Among the columns that the terms are about.
    Here(&'a Table),
    /// At the end of a hop.
    Linked(&'a Arc<Hop>, &'a Table),
    /// The record's key in another system.
    Key(&'a str),
    /// That key, where the terms are about keys.
    KeyHere,
}

/// The source that terms are about inside a question of its own.
#[derive(Clone, Copy)]
pub(super) struct Inside<'a> {
    /// Its number; none where the terms are about a target's own fields.
    source: Option<usize>,
    /// Its table; none for keys in other systems.
    table: Option<&'a Table>,
    /// The name that its rows have there.
    alias: usize,
}

impl Sql {
    /// A name for the rows of a table inside.
    fn alias(&mut self) -> usize {
        self.named += 1;
        self.named
    }

    /// Appends the beginning of a question for the ids that what stands before is among.
    ///
    /// PostgreSQL answers it once and takes the answer as a list: it would join the tables
    /// otherwise, and without statistics, as after an import, in ways that take seconds.
    fn among(&mut self) {
        self.push(if self.is_sqlite() { " IN (SELECT " } else { " = ANY(ARRAY(SELECT " });
    }

    fn end_of_among(&mut self) {
        self.push(if self.is_sqlite() { ")" } else { "))" });
    }

    /// Appends `j1.` before a column of the rows of that name.
    fn of(&mut self, alias: usize) -> &mut Sql {
        self.push(&format!("j{alias}."))
    }
}

impl<'a> Lowering<'a, '_> {
    /// Where a field's column is; none for fields of rows.
    pub(super) fn place(&self, slot: &Slot) -> Option<Place<'a>> {
        if slot.scope != 0 {
            return None;
        }
        let Some(via) = slot.via else {
            return match self.inside {
                None => Some(Place::Here(self.about.table)),
                Some(Inside { source: None, table: Some(table), .. }) => Some(Place::Here(table)),
                // The record's own fields are not within reach of a question about another.
                Some(_) => None,
            };
        };
        if let Some(inside) = self.inside {
            return match inside.table {
                _ if inside.source != Some(via.source) => None,
                Some(table) => Some(Place::Here(table)),
                None => Some(Place::KeyHere),
            };
        }
        match self.beyond.get(via.source)? {
            Beyond::Linked(hop) => Some(Place::Linked(hop, of_hop(self.about.catalog, hop)?)),
            Beyond::Key(name) => Some(Place::Key(name)),
        }
    }

    /// Whether a field is a key in another system.
    pub(super) fn is_key(&self, slot: &Slot) -> bool {
        matches!(self.place(slot), Some(Place::Key(_) | Place::KeyHere))
    }

    /// A column of the rows that the terms are about.
    pub(super) fn here(&mut self, name: &str) {
        if let Some(inside) = self.inside {
            self.sql.of(inside.alias);
        }
        self.sql.name(name);
    }

    /// The column of a part of a field, wherever it is.
    pub(super) fn column(&mut self, slot: &Slot, part: Part) -> Option<()> {
        match self.place(slot)? {
            Place::Here(table) => {
                let name = &table.columns.iter().find(|column| column.part == part)?.name;
                if self.inside.is_none() && self.sql.off_index.contains(&slot.index) {
                    self.sql.push("+");
                }
                self.here(name);
            }
            Place::Linked(hop, table) => {
                let name = &table.columns.iter().find(|column| column.part == part)?.name;
                linked(self.sql, self.about, hop, name).ok()?;
            }
            Place::KeyHere => self.here("key"),
            Place::Key(name) => self.key(name),
        }
        Some(())
    }

    /// The record's key in another system, by the record.
    fn key(&mut self, name: &str) {
        let table = self.about.table;
        if self.sql.is_sqlite() {
            // Here the table of keys is in the order of keys, and the record has its own as JSON.
            self.sql.push("(\"external_ids\" ->> ").bind(Bound::Text(name.to_owned())).push(")");
            return;
        }
        let alias = self.sql.alias();
        self.sql.push("(SELECT ").of(alias).push("key FROM ");
        keys_from(self.sql, self.about, name, alias);
        self.sql.push(" AND ").of(alias).push("record = ").table(table).push(".\"id\")");
    }

    /// The source that a term reads, if it reads one and nothing else but constants.
    pub(super) fn only_source(&self, node: &Node) -> Option<usize> {
        match self.inside {
            None if !self.beyond.is_empty() => only_source(node),
            _ => None,
        }
    }

    /// A term about one source, asked of that source. True or false if `strict`.
    pub(super) fn among(&mut self, source: usize, node: &Node, strict: bool) -> Option<()> {
        let negated = holds_of_none(node);
        self.sql.push(match (negated, strict) {
            (true, _) => "(NOT COALESCE(",
            (false, true) => "COALESCE(",
            (false, false) => "(",
        });
        let beyond = self.beyond;
        let (table, depth) = match beyond.get(source)? {
            Beyond::Linked(hop) => {
                let chain = hop.chain();
                self.own(chain.first()?.link)?;
                let mut table = None;
                for hop in &chain {
                    if let Some(before) = table {
                        let before: &Table = before;
                        let alias = self.sql.named;
                        self.sql.push(" AND ").of(alias);
                        self.sql.name(&before.value_column(hop.link)?.name);
                    }
                    self.sql.among();
                    let alias = self.sql.alias();
                    self.sql.of(alias).name("id").push(" FROM ");
                    table = Some(targets(self.sql, self.about, hop, alias).ok()?);
                }
                (table, chain.len())
            }
            Beyond::Key(name) => {
                self.own(slot::ID)?;
                self.sql.among();
                let alias = self.sql.alias();
                let id = if self.sql.is_sqlite() { "id" } else { "record" };
                self.sql.of(alias).name(id).push(" FROM ");
                keys_from(self.sql, self.about, name, alias);
                (None, 1)
            }
        };
        let inside = Inside { source: Some(source), table, alias: self.sql.named };
        self.sql.push(" AND ");
        let mut inner = Lowering { about: self.about, sql: self.sql, beyond, inside: Some(inside) };
        if negated {
            inner.sql.push("(NOT ");
            inner.truth(node, true)?;
            inner.sql.push(")");
        } else {
            inner.truth(node, false)?;
        }
        (0..depth).for_each(|_| self.sql.end_of_among());
        self.sql.push(match (negated, strict) {
            (true, _) => ", FALSE))",
            (false, true) => ", FALSE)",
            (false, false) => ")",
        });
        Some(())
    }

    /// The record's own column of a slot, whatever the terms are about.
    fn own(&mut self, slot: usize) -> Option<()> {
        if self.sql.off_index.contains(&slot) {
            self.sql.push("+");
        }
        self.sql.name(&self.about.table.value_column(slot)?.name);
        Some(())
    }
}

fn only_source(node: &Node) -> Option<usize> {
    let (mut source, mut single) = (None, true);
    node.walk(&mut |node| match &node.kind {
        Kind::Field(slot) => match slot.via {
            Some(via) if slot.scope == 0 && source.is_none_or(|known| known == via.source) => {
                source = Some(via.source);
            }
            _ => single = false,
        },
        Kind::Item { .. } | Kind::Loop(_) => single = false,
        _ => {}
    });
    source.filter(|_| single)
}

/// Whether a condition holds of a link that leads nowhere.
fn holds_of_none(node: &Node) -> bool {
    let context = expr::Context::new(Instant(0), "UTC", Vec::new());
    Expr::term(node).eval_bool(&Joined::default(), &context)
}

/// The slot whose index could find the records of a term about one source; none for other terms,
/// and for those that hold of records without it.
pub(super) fn bounded(node: &Node, beyond: &[Beyond]) -> Option<usize> {
    if beyond.is_empty() {
        return None;
    }
    let found = match beyond.get(only_source(node)?)? {
        Beyond::Linked(hop) => hop.chain().first()?.link,
        Beyond::Key(_) => slot::ID,
    };
    (!holds_of_none(node)).then_some(found)
}

fn of_hop<'a>(catalog: &'a Catalog, hop: &Hop) -> Option<&'a Table> {
    catalog.get(&hop.target.full_name()).map(|table| &**table)
}

fn no_table(hop: &Hop) -> StoreError {
    StoreError::Internal(format!("no table for {}", hop.target.full_name()))
}

/// Appends a column of what a hop leads to, empty where it leads nowhere.
///
/// # Errors
/// [`StoreError::Internal`] for an entity without a table, and for rights without an SQL form.
pub fn linked(sql: &mut Sql, about: &About<'_>, hop: &Hop, column: &str) -> Result<(), StoreError> {
    let alias = sql.alias();
    sql.push("(SELECT ").of(alias).name(column).push(" FROM ");
    targets(sql, about, hop, alias)?;
    sql.push(" AND ").of(alias).name("id").push(" = ");
    let source = match &hop.from {
        None => about.table,
        Some(from) => of_hop(about.catalog, from).ok_or_else(|| no_table(from))?,
    };
    let link = &source.value_column(hop.link).ok_or_else(|| no_table(hop))?.name;
    match &hop.from {
        None => drop(sql.table(source).push(".").name(link)),
        Some(from) => linked(sql, about, from, link)?,
    }
    sql.push(")");
    Ok(())
}

/// Appends the table of a hop's target under a name and what must hold for its rows to exist for
/// the actor.
fn targets<'a>(
    sql: &mut Sql,
    about: &About<'a>,
    hop: &Hop,
    alias: usize,
) -> Result<&'a Table, StoreError> {
    let table = of_hop(about.catalog, hop).ok_or_else(|| no_table(hop))?;
    sql.table(table).push(&format!(" AS j{alias} WHERE ")).of(alias).push(ORG).push(" = ");
    sql.bind(Bound::Int(about.org));
    visible(sql, about, hop, table, alias)?;
    Ok(table)
}

/// Appends what must hold for a target to exist for the actor.
fn visible(
    sql: &mut Sql,
    about: &About<'_>,
    hop: &Hop,
    table: &Table,
    alias: usize,
) -> Result<(), StoreError> {
    for predicate in &hop.see {
        sql.push(" AND ");
        let inside = Some(Inside { source: None, table: Some(table), alias });
        let mut lowering = Lowering { about, sql, beyond: &[], inside };
        if lowering.truth(predicate.expr.root(), false).is_none() {
            let text = format!("no database decides {}", predicate.expr);
            return Err(StoreError::Internal(text));
        }
    }
    Ok(())
}

/// Appends the records' keys in another system, as the rows of a name.
fn keys_from(sql: &mut Sql, about: &About<'_>, name: &str, alias: usize) {
    let table = about.table;
    let sqlite = sql.is_sqlite();
    match sqlite {
        true => drop(sql.push("_external")),
        false => drop(sql.name(&table.service).push("._external")),
    }
    sql.push(&format!(" AS j{alias} WHERE ")).of(alias).push(if sqlite { "org" } else { ORG });
    sql.push(" = ").bind(Bound::Int(about.org)).push(" AND ").of(alias).push("entity = ");
    match sqlite {
        true => sql.bind(Bound::Int(about.number)),
        false => sql.bind(Bound::Text(table.entity.name.clone())),
    };
    sql.push(" AND ").of(alias).push("name = ").bind(Bound::Text(name.to_owned()));
}

/// Appends ` AND (…)` that a word is found in the record or in what a hop leads to.
///
/// `word` appends the condition that the rows of a table hold the word, those of that name if one
/// is given.
///
/// # Errors
/// [`StoreError::Internal`] for an entity without a table, and for rights without an SQL form.
pub fn found_through(
    sql: &mut Sql,
    about: &About<'_>,
    hops: &[Arc<Hop>],
    word: &dyn Fn(&mut Sql, &Table, &str) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    sql.push(" AND (");
    word(sql, about.table, "")?;
    for hop in hops {
        let link = about.table.value_column(hop.link).ok_or_else(|| no_table(hop))?;
        sql.push(" OR ").name(&link.name).among();
        let alias = sql.alias();
        sql.of(alias).name("id").push(" FROM ");
        let table = targets(sql, about, hop, alias)?;
        sql.push(" AND ");
        word(sql, table, &format!("j{alias}."))?;
        sql.end_of_among();
    }
    sql.push(")");
    Ok(())
}
