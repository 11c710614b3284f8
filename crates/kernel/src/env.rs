//! Expressions over an entity's records: names, compilation, the actor's part.

use crate::command::Call;
use crate::field::{Entities, Kind};
use crate::problem::{FieldProblem, Problem};
use crate::record::Record;
use crate::rights::Plan;
use crate::schema::{Entity, Predicate, nearest, slot};
use expr::{Context, Env, FieldRef, Origin, Type};
use std::sync::Arc;
use types::{Instant, Uuid, Value};

/// The longest filter that is read.
const MAX_FILTER: usize = 8 * 1024;

/// The names that an expression about an entity may use; without a mask, all that it shows.
pub struct EntityEnv<'a> {
    /// Whose fields.
    pub entity: &'a Entity,
    /// Finds the entities that links lead to.
    pub entities: &'a dyn Entities,
    /// The slots that exist for who wrote the expression; none for all.
    pub readable: Option<&'a [bool]>,
}

impl EntityEnv<'_> {
    fn exists(&self, slot: usize) -> bool {
        match self.readable {
            Some(readable) => readable[slot],
            None => self.entity.shows(slot),
        }
    }
}

impl Env for EntityEnv<'_> {
    fn field(&self, path: &[&str]) -> Option<FieldRef> {
        match path {
            ["user", "id"] => {
                let ty = Type::id("users.user", "usr");
                Some(FieldRef { origin: Origin::Actor, ..FieldRef::new(0, ty) })
            }
            [name] => {
                let slot = self.entity.slot(name).filter(|&slot| self.exists(slot))?;
                let field = &self.entity.fields[slot];
                let choices: Vec<Arc<str>> = if slot == slot::STATE {
                    let names = self.entity.states.iter().flat_map(|states| &states.names);
                    names.map(|name| Arc::from(name.as_str())).collect()
                } else {
                    match &field.kind {
                        Kind::Choice { names } => {
                            names.iter().map(|n| Arc::from(n.as_str())).collect()
                        }
                        _ => Vec::new(),
                    }
                };
                let ty = field.kind.expr_type(&self.entity.full_name(), self.entities);
                Some(FieldRef { choices: choices.into(), ..FieldRef::new(slot, ty) })
            }
            _ => None,
        }
    }

    fn names(&self, path: &[&str]) -> Vec<String> {
        match path {
            [] => {
                let shown = (0..self.entity.fields.len()).filter(|&slot| self.exists(slot));
                let mut names: Vec<String> =
                    shown.map(|slot| self.entity.fields[slot].name.clone()).collect();
                names.push("user".to_owned());
                names
            }
            ["user"] => vec!["id".to_owned()],
            _ => Vec::new(),
        }
    }
}

/// Compiles the condition of a rule or of the platform: every field of the entity exists.
///
/// # Errors
/// 400 `invalid_expression` with the place of each mistake.
pub fn predicate(
    entity: &Arc<Entity>,
    text: &str,
    entities: &dyn Entities,
) -> Result<Predicate, Problem> {
    let env = EntityEnv { entity, entities, readable: None };
    let expr = expr::compile(text, &env, Some(&Type::Bool));
    let expr = expr.map_err(|errors| refusal("condition", text, &errors))?;
    Ok(Predicate { entity: entity.clone(), expr: Arc::new(expr) })
}

/// A condition that decides which records exist for someone: it must have an SQL form.
///
/// # Errors
/// 400 `invalid_condition` with the place of each mistake.
pub fn row_condition(
    entity: &Arc<Entity>,
    text: &str,
    entities: &dyn Entities,
) -> Result<Predicate, Problem> {
    let predicate = predicate(entity, text, entities)?;
    match expr::sql_ready(&predicate.expr) {
        Ok(()) => Ok(predicate),
        Err(error) => Err(refusal("condition", text, &[error])),
    }
}

/// The predicate that a link's value is one of `ids`.
pub fn one_of(
    entity: &Arc<Entity>,
    slot: usize,
    ids: &[Uuid],
    entities: &dyn Entities,
) -> Result<Predicate, Problem> {
    let prefix = match &entity.fields[slot].kind {
        Kind::Link { entity, .. } => entities.entity(entity).map(|target| target.prefix.clone()),
        _ => None,
    };
    let prefix = prefix.unwrap_or_default();
    let list: Vec<String> =
        ids.iter().map(|id| format!("'{}'", types::format_id(&prefix, *id))).collect();
    predicate(entity, &format!("{} in [{}]", entity.fields[slot].name, list.join(", ")), entities)
}

/// What an expression knows beside the record: the actor and the time.
pub fn context(call: &Call, now: Instant) -> Context {
    Context::new(now, "UTC", vec![Value::Id(call.actor.user())])
}

/// The predicate with the actor and the time filled in, as a store takes it.
pub fn bind(predicate: &Predicate, call: &Call, now: Instant) -> Predicate {
    let expr = predicate.expr.bind(&context(call, now));
    Predicate { entity: predicate.entity.clone(), expr: Arc::new(expr) }
}

/// Whether the predicate holds for a record at hand.
pub fn holds(predicate: &Predicate, record: &Record, call: &Call, now: Instant) -> bool {
    predicate.expr.eval_bool(&record.values, &context(call, now))
}

/// Compiled expressions, so that one asked for again is not parsed again.
pub struct Compiled {
    conditions: moka::sync::Cache<(String, String), Predicate>,
    filters: moka::sync::Cache<(String, String, Arc<[bool]>), Predicate>,
}

impl Default for Compiled {
    fn default() -> Compiled {
        Compiled {
            conditions: moka::sync::Cache::new(1_000),
            filters: moka::sync::Cache::new(1_000),
        }
    }
}

impl Compiled {
    /// A condition of the platform's own, over every field of the entity.
    ///
    /// # Errors
    /// 400 `invalid_condition` with the place of each mistake.
    pub fn condition(
        &self,
        entity: &Arc<Entity>,
        text: &str,
        entities: &dyn Entities,
    ) -> Result<Predicate, Problem> {
        let key = (entity.full_name(), text.to_owned());
        if let Some(found) = self.conditions.get(&key) {
            return Ok(found);
        }
        let compiled = predicate(entity, text, entities)?;
        self.conditions.insert(key, compiled.clone());
        Ok(compiled)
    }

    /// A client's filter: it may use what the plan lets the actor read, and must have an SQL form.
    ///
    /// # Errors
    /// 400 `invalid_filter` with the place of each mistake; a hidden field is an unknown one.
    pub fn filter(
        &self,
        entity: &Arc<Entity>,
        text: &str,
        plan: &Arc<Plan>,
        entities: &dyn Entities,
    ) -> Result<Predicate, Problem> {
        if text.len() > MAX_FILTER {
            return Err(crate::read::parameter(
                "filter",
                "too_long",
                "the filter is longer than 8 KiB",
            ));
        }
        let key = (entity.full_name(), text.to_owned(), plan.readable().clone());
        if let Some(found) = self.filters.get(&key) {
            return Ok(found);
        }
        let env = EntityEnv { entity, entities, readable: Some(plan.readable()) };
        let compiled = expr::compile(text, &env, Some(&Type::Bool));
        let expr = compiled.map_err(|errors| refusal("filter", text, &errors))?;
        expr::sql_ready(&expr).map_err(|error| refusal("filter", text, &[error]))?;
        let predicate = Predicate { entity: entity.clone(), expr: Arc::new(expr) };
        self.filters.insert(key, predicate.clone());
        Ok(predicate)
    }
}

/// The 400 for an expression that does not compile: one entry for each mistake, with its place
/// as a column counted in characters from 1.
pub fn refusal(parameter: &str, text: &str, errors: &[expr::Error]) -> Problem {
    let places = errors.iter().map(|error| {
        let before = text.get(..error.start).unwrap_or(text);
        let column = before.chars().count() + 1;
        let hint =
            error.suggestion.as_ref().map_or(String::new(), |s| format!("; did you mean {s}?"));
        let message = format!("column {column}: {}{hint}", error.message);
        FieldProblem::new(format!("?{parameter}"), error.code, message)
    });
    let places: Vec<FieldProblem> = places.collect();
    let first = places.first().map_or("", |place| place.message.as_str());
    let stop = if first.ends_with('?') { "" } else { "." };
    let detail = format!("The {parameter} cannot be read: {first}{stop}");
    Problem::malformed(&format!("invalid_{parameter}"), detail).with(places)
}

/// The readable field nearest to a mistyped name.
pub fn nearest_readable<'a>(entity: &'a Entity, plan: &Plan, name: &str) -> Option<&'a str> {
    let readable = entity.shown().filter(|&slot| plan.readable()[slot]);
    nearest(name, readable.map(|slot| entity.fields[slot].name.as_str()))
}
