//! Records as JSON: what they share is prepared once per entity, so that writing one looks
//! nothing up.
//!
//! The members are those of `kernel::json::write_view`, in its order; on top of it come the
//! client's choice of `fields`, and links that it asked to `expand`.

use kernel::command::{Page, View};
use kernel::field::{Entities, Kind};
use kernel::json::write_json_string;
use kernel::problem::Problem;
use kernel::read::parameter;
use kernel::schema::{Entity, Field, nearest, slot};
use kernel::service::Registry;
use std::collections::HashMap;
use std::fmt::Write as _;
use types::{Uuid, Value};

/// The members of an entity's records, in their order.
pub(crate) struct Columns(Vec<Column>);

struct Column {
    slot: usize,
    /// `"name":`.
    label: String,
    /// The prefix of the ids in it, if it holds one.
    prefix: Option<String>,
    /// Lines: in lists only when asked for.
    is_lines: bool,
}

impl Columns {
    /// The members of `entity`.
    pub fn of(entity: &Entity, registry: &Registry) -> Columns {
        const LAST: [usize; 6] = [
            slot::CUSTOM,
            slot::EXTERNAL_IDS,
            slot::CREATED_AT,
            slot::CREATED_BY,
            slot::UPDATED_AT,
            slot::UPDATED_BY,
        ];
        let column = |slot: usize| {
            let field = &entity.fields[slot];
            let mut label = String::new();
            write_json_string(&field.name, &mut label);
            label.push(':');
            let prefix = match &field.kind {
                Kind::Id { prefix } => Some(prefix.clone()),
                Kind::Link { entity, .. } => {
                    registry.get(entity).map(|target| target.prefix.clone())
                }
                _ => None,
            };
            let is_lines = matches!(field.kind, Kind::Children { .. });
            Column { slot, label, prefix, is_lines }
        };
        let first = [slot::ID, slot::VERSION, slot::STATE, slot::NUMBER, slot::COMPANY];
        let order = first.into_iter().chain(slot::FIRST..entity.fields.len()).chain(LAST);
        Columns(order.filter(|&slot| entity.shows(slot)).map(column).collect())
    }
}

impl Columns {
    /// The names of the members.
    pub fn names<'a>(&self, entity: &'a Entity) -> Vec<&'a str> {
        self.0.iter().map(|column| entity.fields[column.slot].name.as_str()).collect()
    }
}

/// What a client wants to see of each record.
#[derive(Default)]
pub(crate) struct Shape {
    /// The slots to show; none for all.
    pub fields: Option<Vec<usize>>,
    /// The slots to expand: links and lines.
    pub expand: Vec<usize>,
    /// Whether records stand in a list, where lines are shown on request only.
    pub in_list: bool,
}

impl Shape {
    /// Reads `fields` and `expand`; [`Shape::check`] says whether who asks may wish for that.
    ///
    /// # Errors
    /// A name that is no field.
    pub fn parse(entity: &Entity, params: &crate::query::Params<'_>) -> Result<Shape, Misshapen> {
        let mut shape = Shape::default();
        let named = |parameter: &'static str, name: &str| match entity.slot(name) {
            Some(at) if entity.shows(at) => Ok(at),
            _ => Err(Misshapen::Unknown { parameter, name: name.to_owned() }),
        };
        if params.get("fields").is_some() {
            let slots = params.names("fields").map(|name| named("fields", name));
            let mut slots: Vec<usize> = slots.collect::<Result<_, _>>()?;
            slots.push(slot::ID);
            shape.fields = Some(slots);
        }
        for name in params.names("expand") {
            shape.expand.push(named("expand", name)?);
        }
        Ok(shape)
    }

    /// Refuses what is not among the `readable` fields, and then what cannot be expanded: of a
    /// field that who asks cannot see, not even that is said.
    ///
    /// # Errors
    /// The first such field; one that cannot be read as one that does not exist.
    pub fn check(
        &self,
        entity: &Entity,
        readable: impl Fn(usize) -> bool,
    ) -> Result<(), Misshapen> {
        let named = self.fields.iter().flatten().map(|at| ("fields", at));
        let named = named.chain(self.expand.iter().map(|at| ("expand", at)));
        let mut named = named.filter(|(_, at)| **at != slot::ID);
        if let Some((parameter, at)) = named.find(|(_, at)| !readable(**at)) {
            let name = entity.fields[*at].name.clone();
            return Err(Misshapen::Unknown { parameter, name });
        }
        let leads_on = |kind: &Kind| {
            matches!(kind, Kind::Link { .. } | Kind::Links { .. } | Kind::Children { .. })
        };
        match self.expand.iter().map(|at| &entity.fields[*at]).find(|f| !leads_on(&f.kind)) {
            None => Ok(()),
            Some(Field { name, .. }) => {
                let text =
                    format!("'{name}' is neither a link nor lines: there is nothing to expand");
                Err(parameter("expand", "not_expandable", text).into())
            }
        }
    }

    /// Whether a list has to fetch the lines of its records.
    pub fn wants_lines(&self, entity: &Entity) -> bool {
        let named = self.expand.iter().chain(self.fields.iter().flatten());
        named.into_iter().any(|&at| matches!(entity.fields[at].kind, Kind::Children { .. }))
    }

    fn shows(&self, column: &Column) -> bool {
        match &self.fields {
            Some(slots) => slots.contains(&column.slot) || self.expand.contains(&column.slot),
            None => !(column.is_lines && self.in_list) || self.expand.contains(&column.slot),
        }
    }
}

/// Why a wish for a shape cannot be met.
#[derive(Debug)]
pub(crate) enum Misshapen {
    /// A name of no field, or of one that who asks cannot see: which of the two is not said.
    Unknown {
        /// `fields` or `expand`.
        parameter: &'static str,
        /// The name.
        name: String,
    },
    /// Anything else.
    Problem(Problem),
}

impl From<Problem> for Misshapen {
    fn from(problem: Problem) -> Misshapen {
        Misshapen::Problem(problem)
    }
}

/// The 400 for a name that is no field, with the nearest of those that who asks can see.
pub(crate) fn unknown_field(
    entity: &Entity,
    parameter_name: &str,
    name: &str,
    readable: &[String],
) -> Problem {
    let shown: String = name.chars().take(60).collect();
    let near = nearest(&shown, readable.iter().map(String::as_str));
    let hint = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
    let text = format!("'{shown}' is not a field of {}{hint}", entity.name);
    parameter(parameter_name, "unknown_field", text)
}

/// Expanded links by slot and id: the JSON that stands in the id's place.
pub(crate) type Expanded = HashMap<(usize, Uuid), String>;

/// Writes records of one entity.
pub(crate) struct Writer<'a> {
    /// The entity's members.
    pub columns: &'a Columns,
    /// Finds the entities that links lead to.
    pub entities: &'a dyn Entities,
    /// What the client wants to see.
    pub shape: &'a Shape,
    /// What stands in the place of ids.
    pub expanded: &'a Expanded,
}

impl Writer<'_> {
    /// Writes one record.
    pub fn view(&self, view: &View, out: &mut String) {
        let mut sign = '{';
        let entity = &view.record.entity;
        for column in &self.columns.0 {
            let readable = view.readable.get(column.slot).copied().unwrap_or(false);
            if !readable || !self.shape.shows(column) {
                continue;
            }
            let Some(value) = view.record.values.get(column.slot) else { continue };
            out.push(std::mem::replace(&mut sign, ','));
            out.push_str(&column.label);
            if !self.shape.expand.is_empty() && self.expanded(column.slot, value, out) {
                continue;
            }
            match (value, &column.prefix) {
                (Value::Id(id), Some(prefix)) => write_id(prefix, *id, out),
                _ => {
                    let readable = view.of_lines(column.slot);
                    let kind = &entity.fields[column.slot].kind;
                    kind.write_seen(value, readable, self.entities, out);
                }
            }
        }
        if sign == '{' {
            out.push('{');
        }
        out.push('}');
    }

    /// Writes a page.
    pub fn page(&self, page: &Page, out: &mut String) {
        out.push_str("{\"items\":[");
        for (index, view) in page.items.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            self.view(view, out);
        }
        out.push_str("],\"next_page_token\":");
        write_json_string(&page.next_page_token, out);
        if let Some(total) = page.total_size {
            // Writing to a text cannot fail.
            let _ = write!(out, ",\"total_size\":{total}");
        }
        out.push('}');
    }

    /// Writes an expanded link or list of links; false if there is nothing to expand here.
    fn expanded(&self, slot: usize, value: &Value, out: &mut String) -> bool {
        match value {
            Value::Id(id) => match self.expanded.get(&(slot, *id)) {
                Some(json) => out.push_str(json),
                None => return false,
            },
            Value::List(items) => {
                let found = |item: &Value| {
                    item.as_id().is_some_and(|id| self.expanded.contains_key(&(slot, id)))
                };
                if !items.iter().all(found) {
                    return false;
                }
                out.push('[');
                for (index, id) in items.iter().filter_map(Value::as_id).enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    out.push_str(self.expanded.get(&(slot, id)).map_or("null", String::as_str));
                }
                out.push(']');
            }
            _ => return false,
        }
        true
    }
}

/// Writes an id with its prefix, in quotes. Neither needs an escape.
pub(crate) fn write_id(prefix: &str, id: Uuid, out: &mut String) {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let bits = id.as_u128();
    out.push('"');
    out.push_str(prefix);
    out.push('_');
    out.extend((0..26u32).rev().map(|place| ALPHABET[(bits >> (place * 5)) as usize & 31] as char));
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_as_its_type_writes_it() {
        for bits in [0, 1, 0x0189_0a5d_ac96_774b_bcce_b302_099a_8057, u128::MAX] {
            let mut out = String::new();
            write_id("cus", Uuid::from_u128(bits), &mut out);
            assert_eq!(out, format!("\"{}\"", types::format_id("cus", Uuid::from_u128(bits))));
        }
    }
}
