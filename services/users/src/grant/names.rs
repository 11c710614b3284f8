//! What a grant speaks of must exist: entities, verbs, fields, and what its condition names.

use super::Grant;
use super::rules::{listed, text};
use kernel::service::Registry;
use kernel::{Entity, FieldProblem, Record};

/// Whatever names entities, verbs, fields and conditions names ones that exist.
pub fn names(grant: &Record, registry: &Registry) -> Vec<FieldProblem> {
    let name = text(grant, Grant::SUBJECT);
    let limits = [Grant::CONDITION, Grant::HIDDEN, Grant::READ_ONLY];
    if name == "*" {
        let used = limits.into_iter().filter(|&slot| !grant.values[slot].is_null());
        return used
            .map(|slot| {
                let pointer = format!("/{}", grant.entity.fields[slot].name);
                FieldProblem::new(pointer, "needs_subject", "needs one entity, not all")
            })
            .collect();
    }
    let Some(entity) = registry.get(name) else {
        let all: Vec<String> = registry.all().iter().map(|entity| entity.full_name()).collect();
        let near = kernel::schema::nearest(name, all.iter().map(String::as_str));
        let hint = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
        let text = format!("is not an entity{hint}");
        return vec![FieldProblem::new("/subject", "unknown_entity", text)];
    };
    let mut problems = condition(grant, entity, registry);
    for slot in [Grant::HIDDEN, Grant::READ_ONLY] {
        let pointer = format!("/{}", grant.entity.fields[slot].name);
        problems.extend(listed(text(grant, slot)).filter(|name| entity.slot(name).is_none()).map(
            |name| {
                let hint =
                    entity.nearest(name).map_or(String::new(), |n| format!("; did you mean {n}?"));
                let text = format!("'{name}' is not a field of {}{hint}", entity.name);
                FieldProblem::new(pointer.clone(), "unknown_field", text)
            },
        ));
    }
    problems.extend(verb(grant, entity));
    problems
}

fn condition(grant: &Record, entity: &Entity, registry: &Registry) -> Vec<FieldProblem> {
    let condition = text(grant, Grant::CONDITION);
    if condition.is_empty() {
        return Vec::new();
    }
    let entity = std::sync::Arc::new(entity.clone());
    match kernel::env::row_condition(&entity, condition, registry) {
        Ok(_) => Vec::new(),
        Err(problem) => {
            let at = |error: FieldProblem| FieldProblem { pointer: "/condition".into(), ..error };
            problem.errors.into_iter().map(at).collect()
        }
    }
}

fn verb(grant: &Record, entity: &Entity) -> Option<FieldProblem> {
    let verb = text(grant, Grant::VERB);
    let acts = entity.states.iter().flat_map(|states| states.moves.iter().map(|m| m.act.as_str()));
    let known: Vec<&str> =
        ["*", "read", "create", "update", "delete"].into_iter().chain(acts).collect();
    if verb.is_empty() || known.contains(&verb) {
        return None;
    }
    let text = format!("is not one of {}", known.join(", "));
    Some(FieldProblem::new("/verb", "unknown_verb", text))
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
    fn a_grant_names_what_exists() {
        let registry = Registry::new([Arc::new(crate::User::entity())]);
        for (fields, code) in [
            (&[("subject", "users.user"), ("verb", "read")][..], None),
            (&[("subject", "*"), ("verb", "*")], None),
            (&[("subject", "*"), ("condition", "true")], Some("needs_subject")),
            (&[("subject", "users.usr"), ("verb", "read")], Some("unknown_entity")),
            (&[("subject", "users.user"), ("verb", "reed")], Some("unknown_verb")),
            (&[("subject", "users.user"), ("hidden", "email, nam")], Some("unknown_field")),
            (&[("subject", "users.user"), ("condition", "emial == 'x'")], Some("unknown_field")),
            (&[("subject", "users.user"), ("condition", "email == ")], Some("syntax")),
        ] {
            let found = names(&grant(fields), &registry);
            assert_eq!(found.first().map(|p| p.code.as_str()), code, "{fields:?}: {found:?}");
        }
    }
}
