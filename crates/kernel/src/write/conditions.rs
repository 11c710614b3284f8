//! Fields that are needed, or fixed, as the rest of the record says.
//!
//! The expressions are read over the record as it would become, which is what a form shows while
//! it is filled in: both sides judge alike. What is not shown is not needed.

use super::{Scoped, lines};
use crate::command::Verb;
use crate::env;
use crate::problem::{FieldProblem, Problem};
use crate::record::Record;
use crate::schema::{Default, Entity, Field, slot};
use crate::service::Work;
use std::sync::Arc;
use types::Value;

/// Adds what the conditions of fields refuse, of the record and of its lines.
///
/// # Errors
/// 500 when an expression does not compile, which a start would have said.
pub(super) fn check(work: &mut Work<'_>, scoped: &Scoped<'_>) -> Result<(), Problem> {
    let judge = Judge { scoped, writes: writes(scoped) };
    let mut problems = Vec::new();
    if has_conditions(&work.record.entity) {
        let sent = |field: &Field| {
            let sent = scoped.command.input.values.iter();
            sent.into_iter().find(|(name, _)| *name == field.name).map(|(_, value)| value)
        };
        let before = work.before.as_ref().map(|before| before.values.as_slice());
        problems.extend(judge.record(&work.record, before, &sent, "")?);
    }
    for (at, entity) in lines::children(work) {
        let Value::Rows(rows) = &work.record.values[at] else { continue };
        if !has_conditions(&entity) {
            continue;
        }
        let name = &work.record.entity.fields[at].name;
        let sent = scoped.command.input.values.iter().find(|(known, _)| known == name);
        let sent: &[Vec<Value>] = match sent {
            Some((_, Value::Rows(rows))) => rows,
            _ => &[],
        };
        let old: &[Vec<Value>] = match work.before.as_ref().map(|before| &before.values[at]) {
            Some(Value::Rows(rows)) => rows,
            _ => &[],
        };
        for (index, row) in rows.iter().enumerate() {
            let line = Record { entity: entity.clone(), values: row.clone() };
            let id = row[slot::ID].as_id();
            let known = old.iter().find(|old| id.is_some() && old[slot::ID].as_id() == id);
            let sent = |field: &Field| {
                let value = sent.get(index)?.get(entity.slot(&field.name)?)?;
                (!value.is_null()).then_some(value)
            };
            let place = format!("/{name}/{index}");
            problems.extend(judge.record(&line, known.map(Vec::as_slice), &sent, &place)?);
        }
    }
    for problem in problems {
        if !work.problems.iter().any(|known| known.pointer == problem.pointer) {
            work.problems.push(problem);
        }
    }
    Ok(())
}

/// Whether the values are a client's. What enters from another system, or is put back, had its
/// conditions there and then.
fn writes(scoped: &Scoped<'_>) -> bool {
    let is_write = matches!(scoped.command.verb, Verb::Create | Verb::Update { .. });
    is_write && !(scoped.enters && scoped.before.is_none())
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_text() == Some("")
}

fn has_conditions(entity: &Entity) -> bool {
    entity.fields.iter().any(|field| field.conditions.all().next().is_some())
}

struct Judge<'s, 'a> {
    scoped: &'s Scoped<'a>,
    writes: bool,
}

impl Judge<'_, '_> {
    fn holds(&self, entity: &Arc<Entity>, text: &str, record: &Record) -> Result<bool, Problem> {
        let runtime = self.scoped.runtime;
        let condition = runtime.compiled.condition(entity, text, &*runtime.registry);
        let condition = condition.map_err(|problem| Problem::internal(problem.to_string()))?;
        Ok(env::holds(&condition, record, self.scoped.call, self.scoped.now()))
    }

    /// What is wrong with a record or a line; `sent` gives what the client said of a field.
    fn record<'v>(
        &self,
        record: &Record,
        before: Option<&[Value]>,
        sent: &dyn Fn(&Field) -> Option<&'v Value>,
        place: &str,
    ) -> Result<Vec<FieldProblem>, Problem> {
        let entity = &record.entity;
        let mut problems = Vec::new();
        for (slot, field) in entity.fields.iter().enumerate() {
            let (conditions, value) = (&field.conditions, &record.values[slot]);
            let pointer = || format!("{place}/{}", field.name);
            if is_blank(value)
                && !conditions.required_if.is_empty()
                && self.holds(entity, &conditions.required_if, record)?
                && (conditions.visible_if.is_empty()
                    || self.holds(entity, &conditions.visible_if, record)?)
            {
                problems.push(FieldProblem::new(pointer(), "required", "must not be empty"));
            }
            if !self.writes || conditions.read_only_if.is_empty() {
                continue;
            }
            let Some(said) = sent(field) else { continue };
            let kept = match (before, &field.default) {
                (Some(before), _) => &before[slot],
                (None, Some(Default::Value(value))) => value,
                (None, _) => &Value::Null,
            };
            let stays = said == kept || is_blank(said) && is_blank(kept);
            if !stays && self.holds(entity, &conditions.read_only_if, record)? {
                // Why, `explain` tells those who may know.
                let text = "cannot be changed while the record is as it is";
                problems.push(FieldProblem::new(pointer(), "read_only", text));
            }
        }
        Ok(problems)
    }
}
