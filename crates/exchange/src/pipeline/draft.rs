//! A row as a record to be written: every field read, links still to be found.

use super::reason::Reason;
use crate::mapping::Origin;
use crate::mapping::bind::{Bound, BoundLines, Filled, How};
use crate::source::Row;
use expr::Context;
use kernel::FieldProblem;
use kernel::field::Entities;
use kernel::json::write_json_string;
use std::borrow::Cow;
use types::Value;

/// A record that a row asks for.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub key: String,
    pub rows: Vec<Row>,
    pub values: Vec<(usize, Cell)>,
    pub state: Option<String>,
    pub number: Option<String>,
    /// The lines of each field of lines.
    pub lines: Vec<(usize, Vec<Line>)>,
    /// What is wrong.
    pub reasons: Vec<Reason>,
    /// Its place in the table, from 1.
    pub place: u64,
    /// The version that its record had before an earlier run of this import, 0 for none, if that
    /// run may have written it.
    pub before: Option<u64>,
}

/// A line of a record.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub key: Option<String>,
    pub values: Vec<(usize, Cell)>,
    pub row: Row,
}

/// A value, or where it is found.
#[derive(Debug)]
pub(super) enum Cell {
    Ready(Value),
    /// Keys of linked records; several where the field holds several.
    Link {
        lookup: usize,
        keys: Vec<String>,
        is_list: bool,
        name: String,
    },
}

/// What is wrong with a field of a row.
struct Fault {
    /// Where in the field: nothing, or `.country`.
    at: String,
    code: String,
    message: String,
}

impl Fault {
    fn new(at: &str, message: String) -> Fault {
        Fault { at: at.to_owned(), code: "unreadable_value".to_owned(), message }
    }
}

/// What a row is read with.
pub(super) struct Reading<'a> {
    pub context: &'a Context,
    pub entities: &'a dyn Entities,
}

impl Reading<'_> {
    /// The row's draft without lines.
    ///
    /// # Errors
    /// The key of a row that is passed over.
    pub(super) fn draft<'b>(&self, bound: &'b Bound, row: Row) -> Result<Draft, String> {
        let mut draft = Draft::default();
        if let Some(fault) = &row.fault {
            draft.reasons.push(Reason::new("unreadable_row", fault.clone()));
            draft.rows.push(row);
            return Ok(draft);
        }
        let values = bound.columns.values(&row, &mut draft.reasons);
        let text = |origin: &'b Origin| origin.text(&row, &values, self.context);
        if let Some(filter) = &bound.filter {
            match text(filter) {
                Ok(answer) if answer == "true" => {}
                Ok(_) => return Err(text(&bound.key).unwrap_or_default().into_owned()),
                Err(reason) => {
                    draft.reasons.push(Reason::new("unreadable_value", format!("where {reason}")));
                }
            }
        }
        match text(&bound.key) {
            Ok(key) if key.trim().is_empty() => {
                draft.reasons.push(Reason::new("empty_key", "the key is empty"));
            }
            Ok(key) => draft.key = key.into_owned(),
            Err(reason) => {
                draft.reasons.push(Reason::new("unreadable_key", format!("the key {reason}")));
            }
        }
        for (origin, name, part) in [
            (&bound.state, "state", &mut draft.state),
            (&bound.number, "number", &mut draft.number),
        ] {
            match origin.as_ref().map(&text) {
                Some(Ok(found)) => {
                    *part = Some(found.into_owned()).filter(|found| !found.is_empty());
                }
                Some(Err(reason)) => {
                    draft.reasons.push(Reason::of_field(name, "unreadable_value", &reason));
                }
                None => {}
            }
        }
        let names = bound.entity.states.iter().flat_map(|states| &states.names);
        if let Some(state) = &draft.state
            && !names.clone().any(|name| name == state)
        {
            let text = format!("{state:?} is none of this entity");
            draft.reasons.push(Reason::of_field("state", "unknown_state", &text));
        }
        draft.values = self.fields(&bound.fields, &row, &values, "", &mut draft.reasons);
        draft.rows.push(row);
        Ok(draft)
    }

    /// Reads a line; what is wrong goes to `reasons` under the line's own line number.
    pub(super) fn line(&self, table: &BoundLines, row: Row, reasons: &mut Vec<Reason>) -> Line {
        let fault = row.fault.clone().into_iter();
        let mut own: Vec<Reason> =
            fault.map(|fault| Reason::new("unreadable_row", fault)).collect();
        let values = table.columns.values(&row, &mut own);
        let key = table.key.as_ref().and_then(|origin| {
            origin
                .text(&row, &values, self.context)
                .map_err(|text| own.push(Reason::new("unreadable_value", format!("key {text}"))))
                .map(Cow::into_owned)
                .ok()
        });
        let fields = self.fields(&table.fields, &row, &values, "", &mut own);
        let of_line = |reason: Reason| {
            let text = reason.text.clone();
            let plain = Reason { message: text, pointer: None, ..reason };
            plain.under(&format!("line {}: ", row.line))
        };
        reasons.extend(own.into_iter().map(of_line));
        Line { key: key.filter(|key| !key.is_empty()), values: fields, row }
    }

    fn fields(
        &self,
        fields: &[Filled],
        row: &Row,
        values: &Vec<Value>,
        above: &str,
        reasons: &mut Vec<Reason>,
    ) -> Vec<(usize, Cell)> {
        let mut cells = Vec::with_capacity(fields.len());
        for field in fields {
            match self.cell(field, row, values) {
                Ok(cell) => cells.push((field.slot, cell)),
                Err(faults) => reasons.extend(faults.into_iter().map(|fault| {
                    let name = format!("{above}{}{}", field.name, fault.at);
                    Reason::of_field(&name, &fault.code, &fault.message)
                })),
            }
        }
        cells
    }

    fn cell(&self, field: &Filled, row: &Row, values: &Vec<Value>) -> Result<Cell, Vec<Fault>> {
        let one = |text: String| vec![Fault::new("", text)];
        match &field.how {
            How::Cell { origin, rule, currency } => {
                let text = origin.text(row, values, self.context).map_err(one)?;
                let currency = currency.as_ref().map(|c| c.text(row, values, self.context));
                let currency = currency.transpose().map_err(one)?;
                let currency = currency.as_deref().map(str::trim);
                let text = rule.ready(&field.kind, &text, currency).map_err(one)?;
                let mut problems = Vec::new();
                let value = field.kind.from_text(&text, "", self.entities, &mut problems);
                settle(value, problems)
            }
            How::Members(members) => {
                let json = self.object(field, members, row, values)?;
                let mut problems = Vec::new();
                let value = field.kind.parse(&json, "", self.entities, &mut problems);
                settle(value, problems)
            }
            How::Link { lookup, origin, rule, split } => {
                let text = origin.text(row, values, self.context).map_err(one)?;
                let text = match &rule.values {
                    Some(_) => rule.ready(&kernel::Kind::text(1_000), &text, None).map_err(one)?,
                    None if text.is_empty() => {
                        Cow::Borrowed(rule.default.as_deref().unwrap_or_default())
                    }
                    None => Cow::Borrowed(&*text),
                };
                let part = |text: &str| text.trim().to_owned();
                let keys = match split {
                    Some(split) => {
                        text.split(split.as_str()).map(part).filter(|t| !t.is_empty()).collect()
                    }
                    None if text.trim().is_empty() => Vec::new(),
                    None if rule.trim => vec![part(&text)],
                    None => vec![text.into_owned()],
                };
                let is_list = split.is_some();
                Ok(Cell::Link { lookup: *lookup, keys, is_list, name: field.name.clone() })
            }
        }
    }

    /// The JSON of an object's members; an empty one is null, which takes it away.
    fn object(
        &self,
        field: &Filled,
        members: &[(String, Origin, crate::mapping::Rule)],
        row: &Row,
        values: &Vec<Value>,
    ) -> Result<String, Vec<Fault>> {
        let (mut json, mut faults) = (String::from("{"), Vec::new());
        for (name, origin, rule) in members {
            let text = origin.text(row, values, self.context);
            let text =
                text.and_then(|text| rule.ready(&field.kind, &text, None).map(Cow::into_owned));
            let text = match text {
                Ok(text) => text,
                Err(fault) => {
                    faults.push(Fault::new(&format!(".{name}"), fault));
                    continue;
                }
            };
            if json.len() > 1 {
                json.push(',');
            }
            write_json_string(name, &mut json);
            json.push(':');
            match text.as_str() {
                "" => json.push_str("null"),
                text => write_json_string(text, &mut json),
            }
        }
        json.push('}');
        if faults.is_empty() { Ok(json) } else { Err(faults) }
    }
}

fn settle(value: Option<Value>, problems: Vec<FieldProblem>) -> Result<Cell, Vec<Fault>> {
    match value {
        Some(value) if problems.is_empty() => Ok(Cell::Ready(value)),
        _ => Err(problems
            .into_iter()
            .map(|problem| {
                let (at, code) = (problem.pointer.replace('/', "."), problem.code);
                Fault { at, code, message: problem.message }
            })
            .collect()),
    }
}
