//! What a grant must say, and the kernel's rule that it becomes.

use super::Grant;
use crate::role::rules::is_role_name;
use kernel::rights::{ADMINISTRATOR, Rule};
use kernel::service::Case;
use kernel::{FieldProblem, Record};
use types::Value;

/// The role is named as roles are, and is not the administrator, whom no grant limits.
pub fn role(case: &Case<'_>) -> Vec<FieldProblem> {
    let role = text(case.after, Grant::ROLE);
    if role.is_empty() || is_role_name(role) && role != ADMINISTRATOR {
        return Vec::new();
    }
    vec![FieldProblem::new("/role", "invalid_role", "is not a role that grants can speak of")]
}

/// It ends on or after the day on which it starts.
pub fn days(case: &Case<'_>) -> Vec<FieldProblem> {
    match (&case.after.values[Grant::STARTS_ON], &case.after.values[Grant::ENDS_ON]) {
        (Value::Date(start), Value::Date(end)) if end < start => {
            vec![FieldProblem::new("/ends_on", "ends_before_start", "is before starts_on")]
        }
        _ => Vec::new(),
    }
}

/// The kernel's rule of a grant; its days become part of the condition.
pub fn rule(grant: &Record) -> Rule {
    let mut conditions: Vec<String> = Vec::new();
    if let Some(condition) = grant.values[Grant::CONDITION].as_text() {
        conditions.push(format!("({condition})"));
    }
    if let Value::Date(start) = grant.values[Grant::STARTS_ON] {
        conditions.push(format!("today() >= date('{start}')"));
    }
    if let Value::Date(end) = grant.values[Grant::ENDS_ON] {
        conditions.push(format!("today() <= date('{end}')"));
    }
    let names = |slot| listed(text(grant, slot)).map(str::to_owned).collect();
    Rule {
        name: grant.public_id(),
        role: text(grant, Grant::ROLE).to_owned(),
        entity: text(grant, Grant::SUBJECT).to_owned(),
        verb: text(grant, Grant::VERB).to_owned(),
        allow: text(grant, Grant::EFFECT) != "deny",
        condition: conditions.join(" && "),
        hidden: names(Grant::HIDDEN),
        read_only: names(Grant::READ_ONLY),
    }
}

pub(super) fn text(grant: &Record, slot: usize) -> &str {
    grant.values[slot].as_text().unwrap_or_default()
}

pub(super) fn listed(names: &str) -> impl Iterator<Item = &str> {
    names.split(',').map(str::trim).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Declare;
    use std::sync::Arc;

    fn grant(fields: &[(&str, &str)]) -> Record {
        let mut grant = Record::empty(Arc::new(Grant::entity()));
        for (name, value) in fields {
            match value.parse::<types::Date>() {
                Ok(day) => grant.set(name, day),
                Err(_) => grant.set(name, *value),
            }
        }
        grant
    }

    #[test]
    fn the_days_of_a_grant_become_part_of_its_condition() {
        let rule = rule(&grant(&[
            ("role", "sales"),
            ("condition", "a || b"),
            ("starts_on", "2026-01-01"),
            ("ends_on", "2026-12-31"),
            ("effect", "deny"),
        ]));
        assert!(!rule.allow);
        let expected = "(a || b) && today() >= date('2026-01-01') && today() <= date('2026-12-31')";
        assert_eq!(rule.condition, expected);
    }
}
