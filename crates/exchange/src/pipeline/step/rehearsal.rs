//! What a dry run says of records that it would have made.

use super::super::executor::Write;
use super::super::seen::hash;
use super::StepRun;
use crate::mapping::cell_text;
use kernel::{FieldProblem, Kind, Problem};
use types::{Uuid, Value};

/// The ids of records that a dry run would make begin so.
const PRETENDED: u128 = 0x0dd0_0dd0_0dd0_0dd0 << 64;

impl StepRun<'_> {
    /// The record that an earlier step of a dry run would have made under a key.
    pub(super) fn would_exist(&self, key: &str) -> Option<Uuid> {
        if !self.import.dry_run {
            return None;
        }
        let id = self.links.get(&self.own(), key);
        id.filter(|id| id.as_u128() >> 64 == PRETENDED >> 64)
    }

    /// In a dry run no index knows the rows before: what two of them share is found here.
    pub(super) fn unless_taken(&mut self, id: Uuid, write: &Write) -> Result<Uuid, Problem> {
        let entity = self.bound.entity.clone();
        for (name, value) in &write.input.values {
            let is_unique = entity.field_named(name).is_some_and(|field| field.unique);
            if is_unique && !self.taken.insert(hash(&format!("{name}\0{}", cell_text(value)))) {
                let text = "is taken by an earlier row";
                let error = FieldProblem::new(format!("/{name}"), "not_unique", text);
                return Err(Problem::invalid(vec![error]));
            }
        }
        Ok(id)
    }

    pub(super) fn pretend(&mut self) -> Uuid {
        *self.pretended += 1;
        Uuid::from_u128(PRETENDED | u128::from(*self.pretended))
    }

    /// In a dry run a link to a record that would be made leads nowhere, which is no fault.
    pub(super) fn without_pretended(
        &self,
        mut problem: Problem,
        write: &Write,
    ) -> Result<Uuid, Problem> {
        let had_errors = !problem.errors.is_empty();
        problem.errors.retain(|error| !self.is_pretended(write, &error.pointer));
        if had_errors && problem.errors.is_empty() {
            return Ok(Uuid::nil());
        }
        Err(problem)
    }

    fn is_pretended(&self, write: &Write, pointer: &str) -> bool {
        let mut parts = pointer.trim_start_matches('/').split('/');
        let name = parts.next().unwrap_or_default();
        let Some((_, value)) = write.input.values.iter().find(|(known, _)| known == name) else {
            return false;
        };
        let value = match value {
            Value::Rows(rows) => {
                let entity = &self.bound.entity;
                let child = match entity.field_named(name).map(|field| &field.kind) {
                    Some(Kind::Children { entity }) => self.import.registry.get(entity),
                    _ => None,
                };
                let row = parts.next().and_then(|at| rows.get(at.parse::<usize>().ok()?));
                let slot = parts.next().zip(child).and_then(|(name, child)| child.slot(name));
                row.zip(slot).and_then(|(row, slot)| row.get(slot))
            }
            value => Some(value),
        };
        let ids =
            |value: &Value| value.as_id().is_some_and(|id| id.as_u128() >> 64 == PRETENDED >> 64);
        match value {
            Some(Value::List(items)) => items.iter().any(ids),
            Some(value) => ids(value),
            None => false,
        }
    }
}
