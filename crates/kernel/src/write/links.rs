//! Links: they lead to records that exist and stay; what happens when a record is deleted.

use super::store_problem;
use crate::field::{Kind, OnDelete};
use crate::ports::{Change, Must, Premise, PremiseKey};
use crate::problem::{FieldProblem, Problem};
use crate::schema::{Entity, EntityKind, slot};
use crate::service::Work;
use std::sync::Arc;
use types::{Uuid, Value};

/// How far a parent chain is followed before it counts as a loop.
const MAX_TREE_DEPTH: usize = 256;

/// The most records that one deletion changes along with its own.
const MAX_CONSEQUENCES: u32 = 1_000;

/// Links of this service must lead to a record that exists and stays; a tree must not close.
pub(super) async fn check(work: &mut Work<'_>) -> Result<(), Problem> {
    let entity = work.record.entity.clone();
    for slot in slot::FIRST..entity.fields.len() {
        let Kind::Link { entity: target, .. } = &entity.fields[slot].kind else { continue };
        let before = work.before.as_ref().map(|before| &before.values[slot]);
        let Some(id) = work.record.values[slot].as_id() else { continue };
        let target = work.registry.get(target).filter(|t| t.service == entity.service).cloned();
        let (Some(target), false) = (target, before == Some(&Value::Id(id))) else { continue };
        let made_along =
            |change: &Change| matches!(change, Change::Insert(made) if made.id() == id);
        if work.others.iter().any(made_along) {
            continue;
        }
        if work.snapshot.get(&target, id, &[]).await.map_err(store_problem)?.is_none() {
            let text = format!("leads to no {} that exists", target.name);
            let pointer = format!("/{}", entity.fields[slot].name);
            work.problems.push(FieldProblem::new(pointer, "unknown_link", text));
            continue;
        }
        let key = PremiseKey::Record { entity: target.full_name(), id };
        work.premises.push(Premise { key, must: Must::Exist });
        if entity.parent == Some(slot) {
            check_tree(work, &entity, slot, id).await?;
        }
    }
    Ok(())
}

/// Follows the parents of a record; each one's version is a premise, so that a loop cannot be
/// closed from both ends at once.
async fn check_tree(
    work: &mut Work<'_>,
    entity: &Arc<Entity>,
    slot: usize,
    parent: Uuid,
) -> Result<(), Problem> {
    let own = work.record.id();
    let mut next = Some(parent);
    for _ in 0..MAX_TREE_DEPTH {
        let Some(id) = next else { return Ok(()) };
        if id == own {
            break;
        }
        let ancestor = work.read(entity, id).await?;
        next = ancestor.and_then(|ancestor| ancestor.values[slot].as_id());
    }
    let pointer = format!("/{}", entity.fields[slot].name);
    let text = "would make the record its own ancestor";
    work.problems.push(FieldProblem::new(pointer, "loop", text));
    Ok(())
}

/// A field by which records of this service link to an entity.
struct LinkingField {
    entity: Arc<Entity>,
    slot: usize,
    on_delete: OnDelete,
}

/// Every field of this service that links to `target`.
fn linking_fields(work: &Work<'_>, target: &Entity) -> Vec<LinkingField> {
    let name = target.full_name();
    let own = work.registry.all().iter().filter(|entity| entity.service == target.service);
    own.flat_map(|entity| {
        let fields = entity.fields.iter().enumerate().skip(slot::FIRST);
        let name = &name;
        fields.filter_map(move |(slot, field)| match &field.kind {
            Kind::Link { entity: linked, on_delete } if linked == name => {
                Some(LinkingField { entity: entity.clone(), slot, on_delete: *on_delete })
            }
            _ => None,
        })
    })
    .collect()
}

/// What deleting the work's record does to those that link to it: refused while a restricting
/// link stands, the others follow in the same commit.
///
/// # Errors
/// 409 `in_use`, with one entry for each kind of record that stands in the way.
pub(super) async fn release(work: &mut Work<'_>) -> Result<(), Problem> {
    let (target, id) = (work.record.entity.clone(), work.record.id());
    let key = PremiseKey::Record { entity: target.full_name(), id };
    let mut standing = Vec::new();
    for link in linking_fields(work, &target) {
        let limit = MAX_CONSEQUENCES + 1;
        let found = work.snapshot.linking(&link.entity, link.slot, id, limit).await;
        let found = found.map_err(store_problem)?;
        let must = Must::Unlinked { entity: link.entity.full_name(), slot: link.slot };
        work.premises.push(Premise { key: key.clone(), must });
        let restricts =
            link.on_delete == OnDelete::Restrict || link.entity.kind == EntityKind::Child;
        if restricts || found.len() > MAX_CONSEQUENCES as usize {
            if !found.is_empty() {
                standing.push(consequence(&link, found.len()));
            }
            continue;
        }
        for linking in found {
            follow(work, &link, linking).await?;
        }
    }
    if standing.is_empty() {
        return Ok(());
    }
    let text = format!("Other records use this {}. Change or delete them first.", target.name);
    Err(Problem::conflict("in_use", text).with(standing))
}

fn consequence(link: &LinkingField, count: usize) -> FieldProblem {
    let many = if count > MAX_CONSEQUENCES as usize { "more than " } else { "" };
    let count = count.min(MAX_CONSEQUENCES as usize);
    let field = &link.entity.fields[link.slot].name;
    let text = format!("{many}{count} of {} use it as {field}", link.entity.full_name());
    FieldProblem::new("/id", "in_use", text)
}

/// Deletes a linking record, or empties its link.
async fn follow(work: &mut Work<'_>, link: &LinkingField, id: Uuid) -> Result<(), Problem> {
    let Some(before) = work.read(&link.entity, id).await? else { return Ok(()) };
    let change = match link.on_delete {
        OnDelete::Cascade => Change::Delete(before),
        _ => {
            let mut after = before.clone();
            after.values[link.slot] = Value::Null;
            Change::Update { before, after }
        }
    };
    work.others.push(change);
    Ok(())
}
