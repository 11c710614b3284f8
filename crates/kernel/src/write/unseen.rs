//! What an actor cannot see is not spoken of: problems about hidden fields read as those about
//! names that do not exist, and no hint leads to one.

use super::Scoped;
use crate::problem::FieldProblem;
use crate::rights::Lines;
use crate::schema::{Entity, nearest, slot};
use std::sync::Arc;

impl Scoped<'_> {
    /// What was wrong with the input, without a word about fields that the actor cannot see.
    pub(super) fn visible_problems(&self) -> Vec<FieldProblem> {
        let problems = &self.command.input.problems;
        problems.iter().map(|problem| self.visible(problem)).collect()
    }

    fn visible(&self, problem: &FieldProblem) -> FieldProblem {
        let mut parts = problem.pointer.split('/').skip(1);
        let name = parts.next().unwrap_or_default();
        let slot = self.entity.slot(name);
        let hidden = slot
            .is_some_and(|slot| !self.plan.readable()[slot] && !self.entity.fields[slot].secret);
        let is_unknown = problem.code == "unknown_field";
        if hidden || is_unknown && parts.clone().next().is_none() {
            return self.unknown_field(name);
        }
        let mask = slot.and_then(|slot| self.plan.lines().iter().find(|l| l.slot == slot));
        let (Some(mask), Some(place), Some(name)) = (mask, parts.next(), parts.next()) else {
            return problem.clone();
        };
        let Some(line) = mask.entity.slot(name) else {
            return match is_unknown && parts.next().is_none() {
                true => unknown_of_line(mask, &self.entity.fields[mask.slot].name, place, name),
                false => problem.clone(),
            };
        };
        match mask.readable[line] || mask.entity.fields[line].secret {
            true => problem.clone(),
            false => unknown_of_line(mask, &self.entity.fields[mask.slot].name, place, name),
        }
    }

    /// The problem of a name that the entity does not have, as far as the actor knows.
    pub(super) fn unknown_field(&self, name: &str) -> FieldProblem {
        let near = crate::env::nearest_readable(&self.entity, &self.plan, name);
        unknown(&self.entity, format!("/{name}"), near)
    }
}

/// The problem of a name that lines do not have, as far as the actor knows.
pub(super) fn unknown_of_line(mask: &Lines, field: &str, place: &str, name: &str) -> FieldProblem {
    let entity: &Arc<Entity> = &mask.entity;
    let own = (slot::FIRST..entity.fields.len()).filter(|&at| mask.readable[at]);
    let near = nearest(name, own.map(|at| entity.fields[at].name.as_str()));
    unknown(entity, format!("/{field}/{place}/{name}"), near)
}

fn unknown(entity: &Entity, pointer: String, near: Option<&str>) -> FieldProblem {
    let hint = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
    let text = format!("is not a field of {}{hint}", entity.name.replace('_', " "));
    FieldProblem::new(pointer, "unknown_field", text)
}
