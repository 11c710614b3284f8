//! What happens to the links to a record that is deleted: those that restrict stand in the way,
//! the others follow in the same commit; other services that use it are asked to let it go.

use super::{Scoped, links, store_problem};
use crate::command::Verb;
use crate::field::{Kind, OnDelete};
use crate::log::Event;
use crate::mirror;
use crate::ports::{Change, Must, Premise, PremiseKey, Snapshot};
use crate::problem::{FieldProblem, Problem};
use crate::record::Record;
use crate::schema::{Entity, EntityKind, slot};
use crate::service::{Registry, Work};
use std::collections::HashSet;
use std::sync::Arc;
use types::{Uuid, Value};

/// The code of a deletion that others stand in the way of.
pub(crate) const IN_USE: &str = "in_use";

/// The most records that one deletion changes along with its own.
const MAX_CONSEQUENCES: u32 = 1_000;

/// A field by which records of a service link to an entity.
struct LinkingField {
    entity: Arc<Entity>,
    slot: usize,
    on_delete: OnDelete,
}

impl LinkingField {
    /// Whether a record cannot be deleted while this leads to it.
    fn restricts(&self) -> bool {
        self.on_delete == OnDelete::Restrict || self.entity.kind == EntityKind::Child
    }
}

/// Every field of the target's service that links to it; for a mirror, to what it mirrors.
fn linking_fields(registry: &Registry, target: &Entity) -> Vec<LinkingField> {
    let name = links::named(target);
    let own = registry.all().iter().filter(|entity| entity.service == target.service);
    own.flat_map(|entity| {
        let fields = entity.fields.iter().enumerate().skip(slot::FIRST);
        let name = &name;
        fields.filter_map(move |(slot, field)| {
            let on_delete = match &field.kind {
                Kind::Link { entity: linked, on_delete } if linked == name => *on_delete,
                Kind::Links { entity: linked } if linked == name => OnDelete::Restrict,
                _ => return None,
            };
            Some(LinkingField { entity: entity.clone(), slot, on_delete })
        })
    })
    .collect()
}

/// What a command that deletes records does to those that link to them, and to what is deleted
/// with them: a deletion its own record, an act those that it puts among the others.
///
/// # Errors
/// 409 `in_use`, with one entry for each kind of record that stands in the way, in all services.
pub(super) async fn release(work: &mut Work<'_>, scoped: &Scoped<'_>) -> Result<(), Problem> {
    let mut leaving: Vec<Record> = match deletes(scoped) {
        true => vec![work.record.clone()],
        false => work.others.iter().filter_map(gone).collect(),
    };
    let Some(named) = leaving.first().map(|first| first.entity.name.clone()) else {
        return Ok(());
    };
    let mut standing = Vec::new();
    let others = work.others.iter().map(|change| change.record().id());
    let mut touched: HashSet<Uuid> = others.chain([work.record.id()]).collect();
    while let Some(record) = leaving.pop() {
        let gone = release_one(work, scoped, &record, &mut touched, &mut standing).await?;
        uses(work, scoped, &record, &mut standing).await?;
        leaving.extend(gone);
    }
    if standing.is_empty() {
        return Ok(());
    }
    // Nothing is let go for a deletion that will not be; who else stands in the way is still said.
    work.needs.leaving.retain(|named, _| !scoped.told.used.contains_key(named));
    if !work.needs.is_empty() {
        work.needs.only_asks = true;
        return Ok(());
    }
    let text = format!("Other records use this {named}. Change or delete them first.");
    Err(Problem::conflict(IN_USE, text).with(standing))
}

/// What deleting one record does within the service; gives the records that are deleted with it.
async fn release_one(
    work: &mut Work<'_>,
    scoped: &Scoped<'_>,
    record: &Record,
    touched: &mut HashSet<Uuid>,
    standing: &mut Vec<FieldProblem>,
) -> Result<Vec<Record>, Problem> {
    let (target, id) = (&record.entity, record.id());
    let key = PremiseKey::Record { entity: target.full_name(), id };
    let mut gone = Vec::new();
    for link in linking_fields(work.registry, target) {
        let limit = MAX_CONSEQUENCES + 1;
        let found = work.snapshot.linking(&link.entity, link.slot, id, limit).await;
        let mut found = found.map_err(store_problem)?;
        found.retain(|linking| !lets_go(work, &link, *linking, id));
        let must = Must::Unlinked { entity: link.entity.full_name(), slot: link.slot };
        work.premises.push(Premise { key: key.clone(), must });
        if link.restricts() || found.len() > MAX_CONSEQUENCES as usize {
            // What goes along does not stand in the way.
            let left: Vec<&Uuid> =
                found.iter().filter(|id| !is_deleted(work, scoped, **id)).collect();
            if !left.is_empty() {
                standing.push(consequence(&link, left.len()));
            }
            continue;
        }
        for linking in found {
            if linking == work.record.id() && !deletes(scoped) {
                // The act's own record stays, so that it cannot go along.
                match link.on_delete {
                    OnDelete::SetNull => work.record.values[link.slot] = Value::Null,
                    _ => standing.push(consequence(&link, 1)),
                }
            } else if touched.insert(linking) {
                gone.extend(follow(work, &link, linking).await?);
            } else {
                unlink_again(work, &link, linking);
            }
        }
        if work.others.len() > MAX_CONSEQUENCES as usize {
            standing.push(consequence(&link, work.others.len()));
            return Ok(Vec::new());
        }
    }
    Ok(gone)
}

/// Whether the command is a deletion of its own record.
fn deletes(scoped: &Scoped<'_>) -> bool {
    matches!(scoped.command.verb, Verb::Delete { .. })
}

/// The record that a change deletes.
fn gone(change: &Change) -> Option<Record> {
    match change {
        Change::Delete(record) => Some(record.clone()),
        Change::Insert(_) | Change::Update { .. } => None,
    }
}

/// Whether the command itself ends a record's link: it changes it to lead elsewhere.
fn lets_go(work: &Work<'_>, link: &LinkingField, linking: Uuid, to: Uuid) -> bool {
    let others = work.others.iter().filter_map(|change| match change {
        Change::Update { after, .. } => Some(after),
        Change::Insert(_) | Change::Delete(_) => None,
    });
    let mut after = others.chain([&work.record]).filter(|record| record.id() == linking);
    after.any(|record| {
        let is_it = record.entity.full_name() == link.entity.full_name();
        is_it && record.values[link.slot].as_id() != Some(to)
    })
}

/// Whether the command deletes a record.
fn is_deleted(work: &Work<'_>, scoped: &Scoped<'_>, id: Uuid) -> bool {
    deletes(scoped) && work.record.id() == id
        || work.others.iter().any(|c| matches!(c, Change::Delete(gone) if gone.id() == id))
}

/// Deletes a linking record, which it gives, or empties its link.
async fn follow(
    work: &mut Work<'_>,
    link: &LinkingField,
    id: Uuid,
) -> Result<Option<Record>, Problem> {
    let Some(before) = work.read(&link.entity, id).await? else { return Ok(None) };
    let (change, gone) = match link.on_delete {
        OnDelete::Cascade => (Change::Delete(before.clone()), Some(before)),
        _ => {
            let mut after = before.clone();
            after.values[link.slot] = Value::Null;
            (Change::Update { before, after }, None)
        }
    };
    work.others.push(change);
    Ok(gone)
}

/// Empties one more link of a record that is changed already; one that is deleted needs no more.
fn unlink_again(work: &mut Work<'_>, link: &LinkingField, id: Uuid) {
    for change in &mut work.others {
        if let Change::Update { after, .. } = change
            && after.id() == id
        {
            after.values[link.slot] = Value::Null;
        }
    }
}

/// A record that other services use stays until they let it go: they are asked, and what they say
/// stands in the way is added. That no use is registered then is a premise.
async fn uses(
    work: &mut Work<'_>,
    scoped: &Scoped<'_>,
    record: &Record,
    standing: &mut Vec<FieldProblem>,
) -> Result<(), Problem> {
    let Some(uses) = work.registry.uses(&record.entity.full_name()).cloned() else { return Ok(()) };
    let found = work.read(&uses, mirror::use_id(record.id())).await?;
    let services = found.as_ref().map(mirror::services).unwrap_or_default();
    if services.is_empty() {
        return Ok(());
    }
    let named = (record.entity.full_name(), record.id());
    let told = scoped.told;
    match told.used.get(&named) {
        Some(others) if !others.is_empty() => standing.extend(others.iter().cloned()),
        Some(_) if told.only_asks => {}
        _ => drop(work.needs.leaving.insert(named, services)),
    }
    Ok(())
}

fn consequence(link: &LinkingField, count: usize) -> FieldProblem {
    let many = if count > MAX_CONSEQUENCES as usize { "more than " } else { "" };
    let count = count.min(MAX_CONSEQUENCES as usize);
    let field = &link.entity.fields[link.slot].name;
    let text = format!("{many}{count} of {} use it as {field}", link.entity.full_name());
    FieldProblem::new("/id", IN_USE, text)
}

/// What links to the record of a mirror; what a change set made that is about to be undone does
/// not count.
pub(crate) async fn standing(
    registry: &Registry,
    snapshot: &dyn Snapshot,
    mirror: &Arc<Entity>,
    id: Uuid,
    leaving: Option<Uuid>,
) -> Result<Vec<FieldProblem>, Problem> {
    let mut standing = Vec::new();
    for link in linking_fields(registry, mirror) {
        let found = snapshot.linking(&link.entity, link.slot, id, MAX_CONSEQUENCES + 1).await;
        let mut count = 0;
        for linking in found.map_err(store_problem)? {
            let goes = match leaving {
                Some(change_set) => made_by(snapshot, linking, change_set).await?,
                None => false,
            };
            count += usize::from(!goes);
        }
        if count > 0 {
            standing.push(consequence(&link, count));
        }
    }
    Ok(standing)
}

/// Whether a record was made in a change set.
async fn made_by(snapshot: &dyn Snapshot, record: Uuid, change_set: Uuid) -> Result<bool, Problem> {
    let events = snapshot.events_of(record).await.map_err(store_problem)?;
    let first = events.first().and_then(|first| Event::parse(&first.bytes).ok());
    Ok(first.is_some_and(|event| event.change_set == Some(change_set)))
}
