//! What lies behind a record's links, for one actor.
//!
//! A filter, an order or a group may name a field of the record that a link leads to. Such a
//! field exists for an actor who may read it there, and a record that the actor cannot see is as
//! good as none: its fields are empty, whatever is asked about them.

use crate::command::Call;
use crate::env;
use crate::field::Kind;
use crate::ports::Snapshot;
use crate::problem::Problem;
use crate::record::Record;
use crate::rights::{OrgFacts, Plan};
use crate::schema::{Entity, Inner, Predicate, slot};
use crate::service::Runtime;
use crate::write::store_problem;
use std::sync::Arc;
use types::{Instant, Uuid, Value};

/// The most links that one name follows: `item.category.name`.
pub const MAX_HOPS: usize = 2;

/// One link followed.
#[derive(Clone, Debug)]
pub struct Hop {
    /// The hop before it; none where the link is the record's own.
    pub from: Option<Arc<Hop>>,
    /// The slot of the link.
    pub link: usize,
    /// The entity that holds, in the service's own database, what the link leads to.
    pub target: Arc<Entity>,
    /// What must hold for the target to exist for the actor; it reads the target's own fields.
    pub see: Vec<Predicate>,
}

impl Hop {
    /// The hops from the record on, this one last.
    pub fn chain(self: &Arc<Hop>) -> Vec<&Arc<Hop>> {
        let mut chain = vec![self];
        while let Some(before) = chain.last().and_then(|hop| hop.from.as_ref()) {
            chain.push(before);
        }
        chain.reverse();
        chain
    }

    /// The hop with the actor and the time filled in, as a store takes it.
    pub(crate) fn bind(&self, call: &Call, now: Instant) -> Arc<Hop> {
        Arc::new(Hop {
            from: self.from.as_ref().map(|from| from.bind(call, now)),
            see: self.see.iter().map(|predicate| env::bind(predicate, call, now)).collect(),
            ..self.clone()
        })
    }
}

/// Where a value lies that is not among a record's own: what [`expr::Via`] numbers.
#[derive(Clone, Debug)]
pub enum Beyond {
    /// At the end of a hop.
    Linked(Arc<Hop>),
    /// The record's key in another system (`external_ids.NAME`); its one value has index 0.
    Key(String),
}

impl Beyond {
    pub(crate) fn bind(&self, call: &Call, now: Instant) -> Beyond {
        match self {
            Beyond::Linked(hop) => Beyond::Linked(hop.bind(call, now)),
            key @ Beyond::Key(_) => key.clone(),
        }
    }
}

/// Finds what links lead to, for one actor.
pub struct Reach<'a> {
    /// The service that reads.
    pub runtime: &'a Runtime,
    /// The actor.
    pub call: &'a Call,
    /// What the organisation decided.
    pub facts: &'a OrgFacts,
}

/// What a link leads to, as the actor may know it.
pub(crate) struct Behind {
    /// The full name of the entity that the link names.
    pub linked: String,
    /// The entity that holds its records in the service's own database.
    pub target: Arc<Entity>,
    /// The slots of `target` that the actor may read.
    pub readable: Arc<[bool]>,
    /// What must hold for a record to exist for the actor.
    pub see: Vec<Predicate>,
    /// Whether the full-text index of `target` holds words that the actor may not read.
    pub hides_words: bool,
}

impl Reach<'_> {
    /// What the link in `slot` leads to; none where that is not in the service's database, and
    /// where the actor may not read it.
    pub(crate) fn behind(&self, entity: &Entity, slot: usize) -> Option<Behind> {
        let Kind::Link { entity: linked, .. } = &entity.fields.get(slot)?.kind else { return None };
        let registry = &*self.runtime.registry;
        let target = registry.target(&self.runtime.service.name, linked)?;
        if target.scope != entity.scope {
            return None;
        }
        let owner = match &target.inner {
            Some(Inner::Mirror { of }) => registry.get(of)?.clone(),
            Some(_) => return None,
            None => target.clone(),
        };
        let plan = self.runtime.plans.of(self.call, &owner, self.facts, registry).ok()?;
        let see = plan.see()?;
        // Where a part of the condition is beyond the database, who may be seen cannot be asked
        // for along with the rest.
        if !see.iter().all(|predicate| expr::sql_exact(&predicate.expr)) {
            return None;
        }
        let (readable, see) = match target.inner {
            None => (plan.readable().clone(), see.to_vec()),
            Some(_) => (
                mirrored(&target, &owner, &plan),
                see.iter()
                    .map(|predicate| self.retarget(predicate, &target, &owner))
                    .collect::<Option<_>>()?,
            ),
        };
        let hidden = target.fields.iter().zip(readable.iter());
        let hides_words = hidden.into_iter().any(|(field, readable)| field.searchable && !readable);
        Some(Behind { linked: linked.clone(), target, readable, see, hides_words })
    }

    /// A condition on the owner's records as one on a mirror of them; none where it asks for what
    /// the mirror does not hold.
    fn retarget(
        &self,
        predicate: &Predicate,
        mirror: &Arc<Entity>,
        owner: &Entity,
    ) -> Option<Predicate> {
        let holds = |slot: &&expr::Slot| {
            slot.scope == 0
                && slot.via.is_none()
                && owner.fields.get(slot.index).is_some_and(|field| {
                    let there = mirror.slot(&field.name);
                    there.is_some_and(|there| published(mirror, there, owner) == Some(slot.index))
                })
        };
        if !predicate.expr.fields().iter().all(holds) {
            return None;
        }
        env::predicate(mirror, &predicate.expr.to_string(), &*self.runtime.registry).ok()
    }
}

/// The owner's slot of the field that a mirror holds in `slot`; none for what is the mirror's own.
fn published(mirror: &Entity, slot: usize, owner: &Entity) -> Option<usize> {
    if slot == slot::ID {
        return Some(slot::ID);
    }
    let field = &mirror.fields[slot];
    let there = owner.slot(&field.name)?;
    (slot >= slot::FIRST && owner.fields[there].kind == field.kind).then_some(there)
}

/// The slots of a mirror that someone may read who may read those of the owner in `plan`.
fn mirrored(mirror: &Entity, owner: &Entity, plan: &Plan) -> Arc<[bool]> {
    let readable =
        |slot| published(mirror, slot, owner).is_some_and(|there| plan.readable()[there]);
    (0..mirror.fields.len()).map(readable).collect()
}

/// The record at the end of a hop, if the actor may see every one on the way.
pub(crate) async fn follow(
    snapshot: &dyn Snapshot,
    hop: &Arc<Hop>,
    record: &Record,
) -> Result<Option<Record>, Problem> {
    let mut reached: Option<Record> = None;
    for hop in hop.chain() {
        let from = reached.as_ref().unwrap_or(record);
        let Some(id) = from.values[hop.link].as_id() else { return Ok(None) };
        reached = find(snapshot, hop, id).await?;
        if reached.is_none() {
            return Ok(None);
        }
    }
    Ok(reached)
}

/// The record of an id at the end of a hop, if the actor may see it.
pub(crate) async fn find(
    snapshot: &dyn Snapshot,
    hop: &Hop,
    id: Uuid,
) -> Result<Option<Record>, Problem> {
    snapshot.get(&hop.target, id, &hop.see).await.map_err(store_problem)
}

/// The value of a field of the record itself, or of what a hop leads to; empty where it leads
/// nowhere.
pub(crate) async fn value(
    snapshot: &dyn Snapshot,
    hop: Option<&Arc<Hop>>,
    slot: usize,
    record: &Record,
) -> Result<Value, Problem> {
    Ok(match hop {
        None => record.values[slot].clone(),
        Some(hop) => {
            let reached = follow(snapshot, hop, record).await?;
            reached.map_or(Value::Null, |mut reached| reached.values[slot].take())
        }
    })
}
