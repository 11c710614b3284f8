//! What an actor cannot see is not spoken of: problems about hidden fields read as those about
//! names that do not exist, and no hint leads to one.

use super::Scoped;
use crate::command::Call;
use crate::field::Kind;
use crate::problem::{FieldProblem, Problem};
use crate::rights::{Lines, OrgFacts, Plan};
use crate::schema::{Entity, EntityKind, nearest, slot};
use crate::service::Runtime;
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

/// What stands in the way of a deletion, as far as the actor may know: kinds of records that the
/// actor cannot read are neither named nor counted, and where only some are seen none are counted.
pub(super) fn standing_in_the_way(
    mut problem: Problem,
    runtime: &Runtime,
    call: &Call,
    facts: &OrgFacts,
) -> Problem {
    if problem.code != "in_use" {
        return problem;
    }
    let (mut known, mut has_others) = (Vec::new(), false);
    for standing in std::mem::take(&mut problem.errors) {
        match Use::parse(&standing.message).and_then(|one| one.seen(runtime, call, facts)) {
            Some(message) => known.push(FieldProblem { message, ..standing }),
            None => has_others = true,
        }
    }
    if has_others {
        let text = "other records that you cannot see use it; ask an administrator";
        known.push(FieldProblem::new("/id", "in_use", text));
    }
    problem.with(known)
}

/// One kind of use, as its text tells it: `12 of operations.sales_order use it as customer`.
#[derive(Debug, PartialEq)]
struct Use<'a> {
    text: &'a str,
    entity: &'a str,
    field: &'a str,
}

impl<'a> Use<'a> {
    fn parse(text: &'a str) -> Option<Use<'a>> {
        let (_, rest) = text.split_once(" of ")?;
        let (entity, field) = rest.split_once(" use it as ")?;
        Some(Use { text, entity, field })
    }

    /// The text for an actor; none if it says more than the actor may know.
    fn seen(&self, runtime: &Runtime, call: &Call, facts: &OrgFacts) -> Option<String> {
        let entity = runtime.registry.get(self.entity)?;
        let slot = entity.slot(self.field)?;
        let plan = |of: &Arc<Entity>| runtime.plans.of(call, of, facts, &*runtime.registry).ok();
        let (plan, is_readable): (Arc<Plan>, bool) = if entity.kind == EntityKind::Child {
            // Who sees a record sees the lines in it.
            let lines = Kind::Children { entity: entity.full_name() };
            let holds = |of: &&Arc<Entity>| of.fields.iter().any(|field| field.kind == lines);
            let plan = plan(runtime.registry.all().iter().find(holds)?)?;
            let mask = plan.lines().iter().find(|l| l.entity.full_name() == self.entity)?;
            let is_readable = plan.readable()[mask.slot] && mask.readable[slot];
            (plan, is_readable)
        } else {
            let plan = plan(entity)?;
            let is_readable = plan.readable()[slot];
            (plan, is_readable)
        };
        match plan.see().filter(|_| is_readable)? {
            [] => Some(self.text.to_owned()),
            _ => Some(format!("records of {} use it as {}", self.entity, self.field)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Use;

    #[test]
    fn a_use_is_read_from_its_text() {
        let text = "more than 1000 of operations.sales_order use it as customer";
        let (entity, field) = ("operations.sales_order", "customer");
        assert_eq!(Use::parse(text), Some(Use { text, entity, field }));
        assert_eq!(Use::parse("something else"), None);
    }
}
