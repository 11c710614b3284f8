//! Expressions over an entity's records: names, compilation, the actor's part.

use crate::command::Call;
use crate::field::{Entities, Kind};
use crate::linked::{Behind, Beyond, Hop, MAX_HOPS, Reach};
use crate::problem::{FieldProblem, Problem};
use crate::record::Record;
use crate::rights::{Plan, roles_of};
use crate::schema::{Entity, Predicate, nearest, slot};
use expr::{Context, Env, FieldRef, Origin, Type, Via};
use std::cell::RefCell;
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
    /// Finds what lies behind links; none where the record's own fields are all there is.
    pub reach: Option<&'a Reach<'a>>,
    beyond: RefCell<Vec<(String, Beyond)>>,
}

/// A field that a name leads to: the record's own, or one behind links.
pub(crate) struct Place {
    /// The links followed; none for the record's own field.
    pub hop: Option<Arc<Hop>>,
    /// The field's slot.
    pub slot: usize,
    /// What it holds.
    pub kind: Kind,
    /// What an expression knows it as.
    pub ty: Type,
    choices: Arc<[Arc<str>]>,
}

impl<'a> EntityEnv<'a> {
    /// The names of all that an entity shows.
    pub fn new(entity: &'a Entity, entities: &'a dyn Entities) -> EntityEnv<'a> {
        EntityEnv { entity, entities, readable: None, reach: None, beyond: RefCell::default() }
    }

    /// The names that exist for an actor, behind links too.
    pub fn of(
        entity: &'a Entity,
        entities: &'a dyn Entities,
        plan: &'a Plan,
        reach: &'a Reach<'a>,
    ) -> EntityEnv<'a> {
        let readable = Some(&**plan.readable());
        EntityEnv { readable, reach: Some(reach), ..EntityEnv::new(entity, entities) }
    }

    fn exists(&self, slot: usize) -> bool {
        match self.readable {
            Some(readable) => readable[slot],
            None => self.entity.shows(slot),
        }
    }

    /// What a path of links leads to, and the way there.
    fn behind(&self, path: &[&str]) -> Option<(Arc<Hop>, Behind)> {
        let reach = self.reach.filter(|_| path.len() <= MAX_HOPS)?;
        let (first, rest) = path.split_first()?;
        let link = self.entity.slot(first).filter(|&slot| self.exists(slot))?;
        let mut behind = reach.behind(self.entity, link)?;
        let hop = |from, link, behind: &Behind| {
            Arc::new(Hop { from, link, target: behind.target.clone(), see: behind.see.clone() })
        };
        let mut way = hop(None, link, &behind);
        for name in rest {
            let link = behind.target.slot(name).filter(|&slot| behind.readable[slot])?;
            behind = reach.behind(&behind.target.clone(), link)?;
            way = hop(Some(way), link, &behind);
        }
        Some((way, behind))
    }

    /// The field at a path.
    pub(crate) fn place(&self, path: &[&str]) -> Option<Place> {
        let (name, links) = path.split_last()?;
        if links.is_empty() {
            let slot = self.entity.slot(name).filter(|&slot| self.exists(slot))?;
            return Some(self.placed(None, self.entity, &self.entity.full_name(), slot));
        }
        let (hop, behind) = self.behind(links)?;
        let slot = behind.target.slot(name).filter(|&slot| behind.readable[slot])?;
        let rows = matches!(behind.target.fields[slot].kind, Kind::Children { .. });
        (!rows).then(|| self.placed(Some(hop), &behind.target, &behind.linked, slot))
    }

    fn placed(&self, hop: Option<Arc<Hop>>, entity: &Entity, owner: &str, slot: usize) -> Place {
        let kind = entity.fields[slot].kind.clone();
        let names = match &kind {
            _ if slot == slot::STATE => entity.states.as_ref().map(|states| &states.names),
            Kind::Choice { names } => Some(names),
            _ => None,
        };
        let choices = names.into_iter().flatten().map(|name| Arc::from(name.as_str())).collect();
        let ty = kind.expr_type(owner, self.entities);
        Place { hop, slot, kind, ty, choices }
    }

    /// The number of what lies beyond the record under a path.
    fn source(&self, path: &[&str], beyond: impl FnOnce() -> Beyond) -> Via {
        let path = path.join(".");
        let mut known = self.beyond.borrow_mut();
        let found = known.iter().position(|(known, _)| *known == path);
        let source = found.unwrap_or_else(|| {
            known.push((path, beyond()));
            known.len() - 1
        });
        Via { source }
    }

    /// The error text for a path that leads to no field, with the nearest that does.
    pub(crate) fn unknown(&self, written: &str) -> String {
        let path: Vec<&str> = written.split('.').collect();
        let names = |path: &[&str]| Env::names(self, path).into_iter().filter(|n| n != "user");
        let (last, before) = path.split_last().map_or(("", &path[..]), |(last, all)| (*last, all));
        let known: Vec<String> = names(before).collect();
        let near = nearest(last, known.iter().map(String::as_str));
        let hint = near.map_or(String::new(), |near| {
            let near: Vec<&str> = before.iter().copied().chain([near]).collect();
            format!("; did you mean {}?", near.join("."))
        });
        format!("'{written}' is not a field of {}{hint}", self.entity.name)
    }
}

impl Env for EntityEnv<'_> {
    fn field(&self, path: &[&str]) -> Option<FieldRef> {
        match path {
            ["user", "id"] => {
                let ty = Type::id("users.user", "usr");
                Some(FieldRef { origin: Origin::Actor, ..FieldRef::new(0, ty) })
            }
            ["external_ids", name] if self.reach.is_some() && self.exists(slot::EXTERNAL_IDS) => {
                let via = self.source(path, || Beyond::Key((*name).to_owned()));
                Some(FieldRef { via: Some(via), ..FieldRef::new(0, Type::Text) })
            }
            _ => {
                let Place { hop, slot, ty, choices, .. } = self.place(path)?;
                let links = &path[..path.len() - 1];
                let via = hop.map(|hop| self.source(links, || Beyond::Linked(hop)));
                Some(FieldRef { via, choices, ..FieldRef::new(slot, ty) })
            }
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
            _ => {
                let mut names = Vec::new();
                if let Some((_, behind)) = self.behind(path) {
                    let fields = behind.target.fields.iter().zip(behind.readable.iter());
                    let readable = fields.filter(|(field, readable)| {
                        **readable && !matches!(field.kind, Kind::Children { .. })
                    });
                    names.extend(readable.map(|(field, _)| field.name.clone()));
                }
                if path == ["user"] && !names.iter().any(|name| name == "id") {
                    names.push("id".to_owned());
                }
                names
            }
        }
    }

    fn closed(&self, path: &[&str]) -> Option<String> {
        let [name] = path else { return None };
        let slot = self.entity.slot(name).filter(|&slot| self.exists(slot))?;
        let leads = matches!(self.entity.fields[slot].kind, Kind::Link { .. } | Kind::Texts);
        (leads && self.reach.is_none()).then(|| {
            format!(
                "what lies behind `{name}` can be asked for in the filter, order and groups of \
                 lists only; here, name a field of {} itself",
                self.entity.name
            )
        })
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
    let env = EntityEnv::new(entity, entities);
    let expr = expr::compile(text, &env, Some(&Type::Bool));
    let expr = expr.map_err(|errors| refusal("condition", text, &errors))?;
    Ok(Predicate { entity: entity.clone(), expr: Arc::new(expr), beyond: Arc::default() })
}

/// Whether an expression of the platform's own names nothing but what someone may read, so that it
/// may be shown.
pub fn is_told(entity: &Entity, text: &str, entities: &dyn Entities, readable: &[bool]) -> bool {
    let env = EntityEnv { readable: Some(readable), ..EntityEnv::new(entity, entities) };
    expr::compile(text, &env, Some(&Type::Bool)).is_ok()
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
    let beyond = predicate.beyond.iter().map(|beyond| beyond.bind(call, now)).collect();
    Predicate { entity: predicate.entity.clone(), expr: Arc::new(expr), beyond }
}

/// Whether the predicate holds for a record at hand.
pub fn holds(predicate: &Predicate, record: &Record, call: &Call, now: Instant) -> bool {
    predicate.expr.eval_bool(&record.values, &context(call, now))
}

/// Compiled expressions, so that one asked for again is not parsed again.
pub struct Compiled {
    conditions: moka::sync::Cache<(String, String), Predicate>,
    /// Filters that read the record's own fields: those that the actor may read decide.
    filters: moka::sync::Cache<(String, String, Arc<[bool]>), Predicate>,
    /// Filters that look further: the rights on whatever they meet decide.
    reaching: moka::sync::Cache<(String, String, Class), Predicate>,
}

/// All that the plans of an actor depend on, for whatever entity: organisation, epoch of its
/// rules, roles, companies.
type Class = (Uuid, u64, Arc<[String]>, Option<Arc<[Uuid]>>);

impl Default for Compiled {
    fn default() -> Compiled {
        Compiled {
            conditions: moka::sync::Cache::new(1_000),
            filters: moka::sync::Cache::new(1_000),
            reaching: moka::sync::Cache::new(1_000),
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

    /// A client's filter: it may use what the plan lets the actor read, and what the plans of
    /// linked records let it read there, and must have an SQL form.
    ///
    /// # Errors
    /// 400 `invalid_filter` with the place of each mistake; a hidden field is an unknown one.
    pub fn filter(
        &self,
        entity: &Arc<Entity>,
        text: &str,
        plan: &Arc<Plan>,
        reach: &Reach<'_>,
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
        let (call, epoch) = (reach.call, reach.facts.epoch);
        let class: Class = (call.org, epoch, roles_of(call), call.companies.clone());
        let wide = (key.0.clone(), key.1.clone(), class);
        // Only a point leads beyond the record.
        if let Some(found) = self.reaching.get(&wide).filter(|_| text.contains('.')) {
            return Ok(found);
        }
        let entities = &*reach.runtime.registry;
        let env = EntityEnv::of(entity, entities, plan, reach);
        let compiled = expr::compile(text, &env, Some(&Type::Bool));
        let expr = compiled.map_err(|errors| refusal("filter", text, &errors))?;
        expr::sql_ready(&expr).map_err(|error| refusal("filter", text, &[error]))?;
        let beyond: Arc<[Beyond]> = env.beyond.take().into_iter().map(|(_, b)| b).collect();
        let is_own = beyond.is_empty();
        let predicate = Predicate { entity: entity.clone(), expr: Arc::new(expr), beyond };
        match is_own {
            true => self.filters.insert(key, predicate.clone()),
            false => self.reaching.insert(wide, predicate.clone()),
        }
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
