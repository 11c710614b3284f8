//! The columns of an export, and the cells of a record.

use super::{Export, Piece, Titles};
use crate::mapping::hint;
use kernel::schema::slot;
use kernel::service::Registry;
use kernel::{Entity, Kind, Problem, View};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use types::{Uuid, Value};

/// The parts of an address, each a column.
const ADDRESS: [&str; 5] = ["street", "city", "region", "postal_code", "country"];

/// The most titles that are remembered.
const REMEMBERED: usize = 100_000;

/// The columns of an export.
pub(super) struct Columns {
    pub entity: Arc<Entity>,
    /// The fields asked for, in order.
    pub slots: Vec<usize>,
    /// The field of lines that makes a row each, and its fields.
    lines: Option<(usize, Arc<Entity>, Vec<usize>)>,
}

impl Columns {
    pub(super) fn new(what: &Export, registry: &Registry) -> Result<Columns, Problem> {
        let entity = what.entity.clone();
        let place = |name: &String| {
            let found = entity.slot(name).filter(|&slot| entity.shows(slot));
            found.ok_or_else(|| {
                let hint = hint(name, entity.shown().map(|s| entity.fields[s].name.as_str()));
                let text = format!("{} has no field {name:?}{hint}", entity.full_name());
                Problem::malformed("unknown_field", text)
            })
        };
        let slots = match what.fields.as_slice() {
            [] => all(&entity),
            names => names.iter().map(place).collect::<Result<_, _>>()?,
        };
        let lines = match &what.lines {
            None => None,
            Some(name) => {
                let slot = place(name)?;
                let child = match &entity.fields[slot].kind {
                    Kind::Children { entity } => registry.get(entity).cloned(),
                    _ => None,
                };
                let child = child.ok_or_else(|| {
                    Problem::malformed("not_lines", format!("{name} is not a field of lines"))
                })?;
                let own = (slot::FIRST..child.fields.len()).filter(|at| child.shows(*at)).collect();
                Some((slot, child, own))
            }
        };
        Ok(Columns { entity, slots, lines })
    }

    /// Leaves out what the actor may not read, as the first record shows it.
    pub(super) fn see(&mut self, first: Option<&View>) {
        let Some(view) = first else { return };
        let is_readable = |slot: usize| view.readable.get(slot) == Some(&true);
        self.slots.retain(|slot| is_readable(*slot));
        self.lines.take_if(|(slot, ..)| !is_readable(*slot));
        if let Some((slot, _, own)) = &mut self.lines
            && let Some(readable) = view.of_lines(*slot)
        {
            own.retain(|at| readable.get(*at) == Some(&true));
        }
    }

    pub(super) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for &slot in &self.slots {
            name(&self.entity, slot, "", &mut names);
        }
        if let Some((slot, child, own)) = &self.lines {
            let above = format!("{}.", self.entity.fields[*slot].name);
            for &slot in own {
                name(child, slot, &above, &mut names);
            }
        }
        names
    }

    /// Hands over the rows of a record.
    pub(super) fn rows(
        &self,
        view: &View,
        registry: &Registry,
        titled: &Titled,
        take: &mut dyn FnMut(&[Piece]) -> io::Result<()>,
    ) -> io::Result<()> {
        let writing = Writing { registry, titled };
        let mut row = Vec::new();
        for &slot in &self.slots {
            let is_readable = view.readable.get(slot) == Some(&true);
            let value = if is_readable { &view.record.values[slot] } else { &Value::Null };
            writing.cells(&self.entity, slot, value, &mut row);
        }
        let Some((slot, child, own)) = &self.lines else { return take(&row) };
        let is_readable = view.readable.get(*slot) == Some(&true);
        let lines = match &view.record.values[*slot] {
            Value::Rows(lines) if is_readable && !lines.is_empty() => lines.as_slice(),
            _ => &[Vec::new()],
        };
        let width = row.len();
        for line in lines {
            row.truncate(width);
            for &slot in own {
                writing.cells(child, slot, line.get(slot).unwrap_or(&Value::Null), &mut row);
            }
            take(&row)?;
        }
        Ok(())
    }

    /// The links in a record's cells: entity and id.
    fn links(&self, view: &View, found: &mut HashMap<String, Vec<Uuid>>) {
        let mut note = |entity: &Entity, slot: usize, value: &Value| {
            let (Kind::Link { entity: target, .. } | Kind::Links { entity: target }) =
                &entity.fields[slot].kind
            else {
                return;
            };
            let ids = found.entry(target.clone()).or_default();
            match value {
                Value::Id(id) => ids.push(*id),
                Value::List(items) => ids.extend(items.iter().filter_map(Value::as_id)),
                _ => {}
            }
        };
        for &slot in self.slots.iter().filter(|slot| view.readable.get(**slot) == Some(&true)) {
            note(&self.entity, slot, &view.record.values[slot]);
        }
        if let Some((slot, child, own)) = &self.lines
            && let Value::Rows(lines) = &view.record.values[*slot]
        {
            for line in lines {
                own.iter().for_each(|&at| note(child, at, line.get(at).unwrap_or(&Value::Null)));
            }
        }
    }
}

/// Every field that a table can hold, the kernel's around the entity's own.
fn all(entity: &Entity) -> Vec<usize> {
    [slot::ID, slot::VERSION, slot::STATE, slot::NUMBER, slot::COMPANY]
        .into_iter()
        .chain(slot::FIRST..entity.fields.len())
        .chain([slot::CUSTOM, slot::EXTERNAL_IDS, slot::CREATED_AT, slot::UPDATED_AT])
        .filter(|&slot| entity.shows(slot))
        .collect()
}

fn name(entity: &Entity, slot: usize, above: &str, names: &mut Vec<String>) {
    let field = &entity.fields[slot];
    let own = format!("{above}{}", field.name);
    match &field.kind {
        Kind::Link { .. } | Kind::Links { .. } => names.extend([own.clone(), own + "_id"]),
        Kind::Money => names.extend([own.clone(), own + "_currency"]),
        Kind::Address => names.extend(ADDRESS.map(|part| format!("{own}.{part}"))),
        Kind::Children { .. } => {}
        _ => names.push(own),
    }
}

/// Titles of linked records.
#[derive(Default)]
pub(super) struct Titled(HashMap<Uuid, String>);

impl Titled {
    /// Asks for the titles that a page needs and that are not known.
    pub(super) async fn learn(
        &mut self,
        columns: &Columns,
        items: &[View],
        titles: &dyn Titles,
    ) -> Result<(), Problem> {
        if self.0.len() > REMEMBERED {
            self.0.clear();
        }
        let mut wanted = HashMap::new();
        items.iter().for_each(|view| columns.links(view, &mut wanted));
        for (entity, mut ids) in wanted {
            ids.retain(|id| !self.0.contains_key(id));
            ids.sort_unstable();
            ids.dedup();
            if !ids.is_empty() {
                self.0.extend(titles.titles(&entity, &ids).await?);
            }
        }
        Ok(())
    }
}

/// What cells are written with.
struct Writing<'a> {
    registry: &'a Registry,
    titled: &'a Titled,
}

impl Writing<'_> {
    fn cells(&self, entity: &Entity, slot: usize, value: &Value, row: &mut Vec<Piece>) {
        match &entity.fields[slot].kind {
            Kind::Link { entity: target, .. } | Kind::Links { entity: target } => {
                let ids: Vec<Uuid> = match value {
                    Value::Id(id) => vec![*id],
                    Value::List(items) => items.iter().filter_map(Value::as_id).collect(),
                    _ => Vec::new(),
                };
                let prefix = self.registry.get(target).map_or("", |target| target.prefix.as_str());
                let titles = ids.iter().filter_map(|id| self.titled.0.get(id)).cloned();
                let texts = ids.iter().map(|id| types::format_id(prefix, *id));
                row.push(joined(titles.collect(), Piece::Text));
                row.push(joined(texts.collect(), Piece::Plain));
            }
            Kind::Money => match value {
                Value::Money(money) => row.extend([
                    Piece::Number(money.amount().to_string()),
                    Piece::Plain(money.currency.code().to_owned()),
                ]),
                _ => row.extend([Piece::Empty, Piece::Empty]),
            },
            Kind::Address => {
                let json = match value {
                    Value::Json(json) => json.as_str(),
                    _ => "{}",
                };
                row.extend(ADDRESS.map(|part| {
                    crate::pipeline::member(json, part).map_or(Piece::Empty, Piece::Text)
                }));
            }
            Kind::Children { .. } => {}
            Kind::Id { prefix } => row.push(match value {
                Value::Id(id) => Piece::Plain(types::format_id(prefix, *id)),
                _ => Piece::Empty,
            }),
            kind => row.push(piece(kind, value)),
        }
    }
}

fn joined(texts: Vec<String>, make: fn(String) -> Piece) -> Piece {
    if texts.is_empty() { Piece::Empty } else { make(texts.join("; ")) }
}

fn piece(kind: &Kind, value: &Value) -> Piece {
    match value {
        Value::Null => Piece::Empty,
        Value::Bool(value) => Piece::Bool(*value),
        Value::Int(value) => Piece::Number(value.to_string()),
        Value::Decimal(value) => Piece::Number(value.normalize().to_string()),
        Value::Date(value) => Piece::Date(*value),
        Value::Instant(_) | Value::WallTime(_) | Value::Duration(_) => {
            Piece::Plain(crate::mapping::cell_text(value))
        }
        Value::Text(text) if matches!(kind, Kind::Choice { .. } | Kind::Colour) => {
            Piece::Plain(text.clone())
        }
        other => match crate::mapping::cell_text(other) {
            text if text.is_empty() => Piece::Empty,
            text => Piece::Text(text),
        },
    }
}
