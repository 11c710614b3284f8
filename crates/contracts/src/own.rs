//! What a service reads of its own records while it answers a contract call.
//!
//! The read path hides secrets from everyone; a service that must compare one reads the snapshot
//! itself, under its own authority and never on behalf of a client.

use kernel::ports::{ListPlan, OrderKey, Snapshot};
use kernel::schema::{Default, slot};
use kernel::service::{Registry, Runtime, Work};
use kernel::write::store_problem;
use kernel::{Entity, Input, Predicate, Problem, Record};
use std::sync::Arc;
use types::{Uuid, Value};

/// The most records that [`find`] answers.
const LIMIT: u32 = 1_000;
/// How many ids [`these`] asks for at once: an expression is not endless.
const AT_ONCE: usize = 100;

/// The record of an id, secrets and all.
///
/// # Errors
/// A [`Problem`] when the database cannot answer.
pub async fn get(
    runtime: &Runtime,
    org: Uuid,
    entity: &str,
    id: Uuid,
) -> Result<Option<Record>, Problem> {
    let entity = runtime.own(entity)?;
    let snapshot = runtime.store(org).await?.snapshot().await.map_err(store_problem)?;
    snapshot.get(&entity, id, &[]).await.map_err(store_problem)
}

/// The records whose indexed `field` has this text or id, the oldest first; at most 1,000.
///
/// # Errors
/// A [`Problem`] when the database cannot answer.
pub async fn find(
    runtime: &Runtime,
    org: Uuid,
    entity: &str,
    field: &str,
    value: &Value,
) -> Result<Vec<Record>, Problem> {
    find_where(runtime, org, entity, &[(field, value)]).await
}

/// The records whose fields have all of these texts and ids, the oldest first; at most 1,000. One
/// of the fields at least should be indexed.
///
/// # Errors
/// A [`Problem`] when the database cannot answer.
pub async fn find_where(
    runtime: &Runtime,
    org: Uuid,
    entity: &str,
    fields: &[(&str, &Value)],
) -> Result<Vec<Record>, Problem> {
    let entity = runtime.own(entity)?;
    let predicates = all_equal(&runtime.registry, &entity, fields)?;
    list(runtime, org, ListPlan { predicates, ..everything(entity) }).await
}

/// As [`find_where`], the newest first.
///
/// # Errors
/// A [`Problem`] when the database cannot answer.
pub async fn newest(
    runtime: &Runtime,
    org: Uuid,
    entity: &str,
    fields: &[(&str, &Value)],
) -> Result<Vec<Record>, Problem> {
    let entity = runtime.own(entity)?;
    let predicates = all_equal(&runtime.registry, &entity, fields)?;
    let order = vec![OrderKey { hop: None, slot: slot::CREATED_AT, descending: true }];
    list(runtime, org, ListPlan { predicates, order, ..everything(entity) }).await
}

/// The records of these ids; those that there are not are left out.
///
/// # Errors
/// A [`Problem`] when the database cannot answer.
pub async fn these(
    runtime: &Runtime,
    org: Uuid,
    entity: &str,
    ids: &[Uuid],
) -> Result<Vec<Record>, Problem> {
    let entity = runtime.own(entity)?;
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        let ids = some.iter().map(|id| literal(&types::format_id(&entity.prefix, *id)));
        let condition = format!("id in [{}]", ids.collect::<Vec<_>>().join(", "));
        let predicates = vec![kernel::env::predicate(&entity, &condition, &*runtime.registry)?];
        let plan = ListPlan { predicates, ..everything(entity.clone()) };
        found.extend(list(runtime, org, plan).await?);
    }
    Ok(found)
}

/// The predicate that a field has this text or id.
///
/// # Errors
/// 500 for a field that the entity does not have, or a value of another kind.
pub fn equal(
    entities: &Registry,
    entity: &Arc<Entity>,
    field: &str,
    value: &Value,
) -> Result<Predicate, Problem> {
    match (value, entity.slot(field)) {
        (Value::Id(id), Some(slot)) => kernel::env::one_of(entity, slot, &[*id], entities),
        (Value::Text(text), Some(_)) => {
            let condition = format!("{field} == {}", literal(text));
            kernel::env::predicate(entity, &condition, entities)
        }
        _ => Err(Problem::internal(format!("{} cannot be found by {field}", entity.name))),
    }
}

fn all_equal(
    entities: &Registry,
    entity: &Arc<Entity>,
    fields: &[(&str, &Value)],
) -> Result<Vec<Predicate>, Problem> {
    fields.iter().map(|(field, value)| equal(entities, entity, field, value)).collect()
}

/// A text as the expression language writes it.
fn literal(text: &str) -> String {
    format!(
        "'{}'",
        text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n").replace('\r', "\\r")
    )
}

/// All records of an entity, the oldest first; at most 1,000.
///
/// # Errors
/// A [`Problem`] when the database cannot answer.
pub async fn all(runtime: &Runtime, org: Uuid, entity: &str) -> Result<Vec<Record>, Problem> {
    list(runtime, org, everything(runtime.own(entity)?)).await
}

/// The records with the smallest values of an indexed `field`, at most `limit`; those without a
/// value come last.
///
/// # Errors
/// 500 for a field that the entity does not have; a [`Problem`] when the database cannot answer.
pub async fn lowest(
    runtime: &Runtime,
    org: Uuid,
    entity: &str,
    field: &str,
    limit: u32,
) -> Result<Vec<Record>, Problem> {
    let entity = runtime.own(entity)?;
    let unknown = || Problem::internal(format!("{} has no field {field}", entity.name));
    let slot = entity.slot(field).ok_or_else(unknown)?;
    let order = vec![OrderKey { hop: None, slot, descending: false }];
    list(runtime, org, ListPlan { order, limit, ..everything(entity) }).await
}

/// Texts as values of an entity's fields, read and checked as a table's cells are; what is wrong
/// with them travels along, so that the check stage answers all of it.
///
/// # Errors
/// 404 for an entity of another service.
pub fn input(runtime: &Runtime, entity: &str, texts: &[(&str, &str)]) -> Result<Input, Problem> {
    let entity = runtime.own(entity)?;
    let mut input = Input::new();
    for (name, text) in texts {
        let Some(field) = entity.field_named(name) else {
            return Err(Problem::internal(format!("{} has no field {name}", entity.name)));
        };
        let pointer = format!("/{name}");
        let entities = &*runtime.registry;
        let value = field.kind.from_text(text, &pointer, entities, &mut input.problems);
        input.values.extend(value.map(|value| ((*name).to_owned(), value)));
    }
    Ok(input)
}

/// A new record of the service for [`Work::others`]: id, first state and defaults.
///
/// # Errors
/// 500 when there is no such entity.
pub fn draft(work: &Work<'_>, entity: &str) -> Result<Record, Problem> {
    let missing = || Problem::internal(format!("there is no entity {entity}"));
    let entity = work.registry.get(entity).cloned().ok_or_else(missing)?;
    let mut record = Record::empty(entity.clone());
    record.values[slot::ID] = work.source.id().into();
    record.values[slot::STATE] = entity.first_state().into();
    let now = work.source.clock.now();
    for (value, field) in record.values.iter_mut().zip(&entity.fields) {
        match &field.default {
            None => {}
            Some(Default::Value(start)) => *value = start.clone(),
            Some(Default::Now) => *value = now.into(),
            Some(Default::Actor) => *value = work.call.actor.user().into(),
            Some(Default::Today) => *value = now.date_in("UTC").into(),
        }
    }
    Ok(record)
}

/// The plan of all records of an entity, the oldest first, without their lines.
fn everything(entity: Arc<Entity>) -> ListPlan {
    ListPlan {
        entity,
        predicates: Vec::new(),
        tokens: Vec::new(),
        through: Vec::new(),
        order: Vec::new(),
        after: None,
        skip: 0,
        limit: LIMIT,
        lines: false,
    }
}

/// The records that a snapshot has of an entity, the oldest first; at most 1,000. For a command
/// that is at work on one.
///
/// # Errors
/// A [`Problem`] when the database cannot answer.
pub async fn within(
    snapshot: &dyn Snapshot,
    entity: Arc<Entity>,
    predicates: Vec<Predicate>,
) -> Result<Vec<Record>, Problem> {
    let plan = ListPlan { predicates, ..everything(entity) };
    snapshot.list(&plan).await.map_err(store_problem)
}

async fn list(runtime: &Runtime, org: Uuid, plan: ListPlan) -> Result<Vec<Record>, Problem> {
    let snapshot = runtime.store(org).await?.snapshot().await.map_err(store_problem)?;
    snapshot.list(&plan).await.map_err(store_problem)
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn a_text_cannot_leave_its_quotes() {
        for (text, expected) in [
            ("a@b.example", "'a@b.example'"),
            ("o'neil", r"'o\'neil'"),
            (r"\' || true", r"'\\\' || true'"),
            ("a\nb", r"'a\nb'"),
        ] {
            assert_eq!(literal(text), expected);
        }
    }
}
