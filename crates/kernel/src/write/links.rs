//! Links: they lead to records that exist, that the actor may see, and that stay.
//!
//! A link to another service's record is checked on the mirror that this service keeps of it
//! ([`crate::mirror`]). Where the mirror is missing nothing is refused yet: the stages note it,
//! and run again once it is there.

use super::{Scoped, bind, store_problem};
use crate::command::{Actor, Call};
use crate::field::Kind;
use crate::linked::Reach;
use crate::mirror::{self, outside::Named};
use crate::ports::{Change, Must, Premise, PremiseKey};
use crate::problem::{FieldProblem, Problem};
use crate::record::Record;
use crate::rights::ADMINISTRATOR;
use crate::schema::{Entity, Inner, Predicate, Scope, slot};
use crate::service::Work;
use std::collections::HashMap;
use std::sync::Arc;
use types::{Uuid, Value};

/// How far a parent chain is followed before it counts as a loop.
const MAX_TREE_DEPTH: usize = 256;

/// The code of a link that leads to nothing that the actor may see.
pub(super) const UNKNOWN_LINK: &str = "unknown_link";

/// One link that a command sets.
struct Link<'e> {
    /// The linking entity: the record's, or that of a line.
    entity: &'e Arc<Entity>,
    /// The linking field.
    slot: usize,
    /// The full name of the entity that it names.
    linked: &'e str,
    /// The record that it leads to.
    id: Uuid,
    /// Where it stands in the input.
    pointer: String,
}

/// Links that changed must lead to a record that exists, that the actor may see, and that stays;
/// a tree must not close.
pub(super) async fn check(work: &mut Work<'_>, scoped: &Scoped<'_>) -> Result<(), Problem> {
    company(work);
    let entity = work.record.entity.clone();
    let children = super::lines::children(work);
    let mut judge = Judge { scoped, seen: Vec::new(), held: HashMap::new() };
    for link in all_changed(work, &entity, &children) {
        let held = judge.link(work, &link).await?;
        let of_record = Arc::ptr_eq(link.entity, &entity);
        if held && of_record && entity.parent == Some(link.slot) {
            check_tree(work, &entity, link.slot, link.id).await?;
        }
    }
    Ok(())
}

/// The links of the record and of its lines that the command sets.
fn all_changed<'e>(
    work: &Work<'_>,
    entity: &'e Arc<Entity>,
    children: &'e [(usize, Arc<Entity>)],
) -> Vec<Link<'e>> {
    let before = work.before.as_ref().map_or(&[][..], |before| &before.values);
    let mut links = changed(entity, before, &work.record.values, "");
    for (at, line) in children {
        let Value::Rows(rows) = &work.record.values[*at] else { continue };
        let old: &[Vec<Value>] = match before.get(*at) {
            Some(Value::Rows(old)) => old,
            _ => &[],
        };
        let name = &entity.fields[*at].name;
        for (index, row) in rows.iter().enumerate() {
            let id = row[slot::ID].as_id();
            let same = old.iter().find(|old| id.is_some() && old[slot::ID].as_id() == id);
            let before = same.map_or(&[][..], Vec::as_slice);
            links.extend(changed(line, before, row, &format!("/{name}/{index}")));
        }
    }
    links
}

/// The links among `values` that are not among `before`.
fn changed<'e>(
    entity: &'e Arc<Entity>,
    before: &[Value],
    values: &[Value],
    place: &str,
) -> Vec<Link<'e>> {
    let mut links = Vec::new();
    for (slot, field) in entity.fields.iter().enumerate().skip(slot::FIRST) {
        let (linked, ids) = match (&field.kind, &values[slot]) {
            (Kind::Link { entity: linked, .. }, Value::Id(id)) => (linked, vec![(*id, None)]),
            (Kind::Links { entity: linked }, Value::List(all)) => {
                let ids = all.iter().enumerate();
                (linked, ids.filter_map(|(at, id)| Some((id.as_id()?, Some(at)))).collect())
            }
            _ => continue,
        };
        let had = |id: &Uuid| match before.get(slot) {
            Some(Value::Id(had)) => had == id,
            Some(Value::List(had)) => had.contains(&Value::Id(*id)),
            _ => false,
        };
        for (id, at) in ids.into_iter().filter(|(id, _)| !had(id)) {
            let at = at.map_or(String::new(), |at| format!("/{at}"));
            let pointer = format!("{place}/{}{at}", field.name);
            links.push(Link { entity, slot, linked, id, pointer });
        }
    }
    links
}

/// A person's record belongs to a company that there is.
fn company(work: &mut Work<'_>) {
    let company = work.record.company();
    let before = work.before.as_ref().and_then(Record::company);
    let known = |id: Uuid| work.facts.companies.iter().any(|company| company.id == id);
    let set = company.filter(|_| work.record.entity.per_company && company != before);
    if is_person(work.call) && set.is_some_and(|id| !known(id)) {
        work.problems.push(unknown("/company", "company"));
    }
}

fn is_person(call: &Call) -> bool {
    matches!(call.actor, Actor::User(_) | Actor::ApiKey { .. })
}

fn unknown(pointer: &str, name: &str) -> FieldProblem {
    FieldProblem::new(pointer, UNKNOWN_LINK, format!("leads to no {name} that exists"))
}

/// Judges the links of one command.
struct Judge<'a> {
    scoped: &'a Scoped<'a>,
    /// What must hold for records of an entity to exist for the actor; none where nothing does.
    seen: Vec<(String, Option<Vec<Predicate>>)>,
    /// Which links lead to a record, of those that were looked at.
    held: HashMap<Named, bool>,
}

impl Judge<'_> {
    /// Checks one link; whether it leads to a record.
    async fn link(&mut self, work: &mut Work<'_>, link: &Link<'_>) -> Result<bool, Problem> {
        let named: Named = (link.linked.to_owned(), link.id);
        let held = match self.held.get(&named) {
            Some(held) => *held,
            None => self.leads(work, link).await?,
        };
        self.held.insert(named, held);
        if !held {
            let name = link.linked.rsplit('.').next().unwrap_or_default();
            work.problems.push(unknown(&link.pointer, name));
        }
        Ok(held)
    }

    async fn leads(&mut self, work: &mut Work<'_>, link: &Link<'_>) -> Result<bool, Problem> {
        let made_along =
            |change: &Change| matches!(change, Change::Insert(made) if made.id() == link.id);
        if work.others.iter().any(made_along) {
            return Ok(true);
        }
        match work.registry.target(&link.entity.service, link.linked) {
            Some(mirror) if mirror.inner.is_some() => {
                mirrored(work, self.scoped, link, &mirror).await
            }
            Some(own) => self.owned(work, link, &own).await,
            None => Ok(elsewhere(work, self.scoped, link)),
        }
    }

    /// A link to a record of this service.
    async fn owned(
        &mut self,
        work: &mut Work<'_>,
        link: &Link<'_>,
        target: &Arc<Entity>,
    ) -> Result<bool, Problem> {
        let see = match is_person(work.call) {
            true => self.see(work, target)?,
            false => Some(&[][..]),
        };
        let Some(see) = see else { return Ok(false) };
        if work.snapshot.get(target, link.id, see).await.map_err(store_problem)?.is_none() {
            return Ok(false);
        }
        let key = PremiseKey::Record { entity: target.full_name(), id: link.id };
        work.premises.push(Premise { key, must: Must::Exist });
        Ok(true)
    }

    /// What must hold for a record of this service to exist for the actor; none where nothing does.
    fn see(
        &mut self,
        work: &Work<'_>,
        target: &Arc<Entity>,
    ) -> Result<Option<&[Predicate]>, Problem> {
        let name = target.full_name();
        let known = match self.seen.iter().position(|(known, _)| *known == name) {
            Some(known) => known,
            None => {
                let runtime = self.scoped.runtime;
                let plan = runtime.plans.of(work.call, target, &work.facts, &*runtime.registry)?;
                let now = work.source.clock.now();
                self.seen.push((name, plan.see().map(|see| bind(see, work.call, now))));
                self.seen.len() - 1
            }
        };
        Ok(self.seen[known].1.as_deref())
    }
}

/// A link to a record that another service owns and this one mirrors.
async fn mirrored(
    work: &mut Work<'_>,
    scoped: &Scoped<'_>,
    link: &Link<'_>,
    mirror: &Arc<Entity>,
) -> Result<bool, Problem> {
    let named: Named = (link.linked.to_owned(), link.id);
    let found = work.snapshot.get(mirror, link.id, &[]).await.map_err(store_problem)?;
    if let Some(shown) = found.filter(mirror::is_filled) {
        // That the mirror stays as it is holds the record: whoever deletes it asks for the mirror
        // first, and one that came back in the meantime has another version.
        let key = PremiseKey::Record { entity: mirror.full_name(), id: link.id };
        work.premises.push(Premise { key, must: Must::HaveVersion(shown.version()) });
        return Ok(sees(work, scoped, link, &shown));
    }
    if scoped.told.unknown.contains(&named) {
        return Ok(false);
    }
    let said = scoped.told.known.get(&named).map(|values| {
        let mut shown = Record::empty(mirror.clone());
        shown.values[slot::ID] = link.id.into();
        values.iter().filter(|(name, _)| mirror.slot(name).is_some()).for_each(|(name, value)| {
            shown.set(name, value.clone());
        });
        shown
    });
    work.needs.linked.insert(named);
    Ok(said.is_none_or(|shown| sees(work, scoped, link, &shown)))
}

/// Whether the record that a mirror shows exists for the actor, by the actor's rights at the
/// owner. A condition there that reads what is not published cannot be judged here: then it does
/// not.
fn sees(work: &Work<'_>, scoped: &Scoped<'_>, link: &Link<'_>, shown: &Record) -> bool {
    let call = work.call;
    if !is_person(call) || call.roles.iter().any(|role| role == ADMINISTRATOR) {
        return true;
    }
    let reach = Reach { runtime: scoped.runtime, call, facts: &work.facts };
    let Some(behind) = reach.behind(link.entity, link.slot) else { return false };
    let now = work.source.clock.now();
    behind.see.iter().all(|condition| crate::env::holds(condition, shown, call, now))
}

/// A link to a record that is in no mirror: one of the system organisation, which its owner is
/// asked about, or one of a service that this one knows nothing of.
fn elsewhere(work: &mut Work<'_>, scoped: &Scoped<'_>, link: &Link<'_>) -> bool {
    let reference = scoped.runtime.service.reference(link.linked);
    let asked = reference.is_some_and(|reference| reference.system)
        && link.entity.scope == Scope::Org
        && is_person(work.call);
    let named: Named = (link.linked.to_owned(), link.id);
    // Who acts exists, without asking for it.
    let acts = link.id == work.call.actor.user();
    if !asked || acts || scoped.told.known.contains_key(&named) {
        return true;
    }
    if scoped.told.unknown.contains(&named) {
        return false;
    }
    work.needs.linked.insert(named);
    true
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

/// The name by which links name the records of an entity: a mirror's are those of its owner.
pub(super) fn named(entity: &Entity) -> String {
    match &entity.inner {
        Some(Inner::Mirror { of }) => of.clone(),
        _ => entity.full_name(),
    }
}
