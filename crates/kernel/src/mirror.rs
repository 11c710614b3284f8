//! Links across services: what an owner publishes, the mirrors of it, and who uses them.
//!
//! A [`Reference`] is what one service shows of its records to those that link to them. From it
//! come two entities that the kernel keeps for itself: in each linking service a *mirror*, a row
//! for each record that is linked to, under the record's own id; and in the owning service a *use*,
//! a row for each record that others mirror. `docs/adr/0012` says why each step is as it is:
//!
//! - [`outside`] does what a command needs of other services before it can be judged: mirrors are
//!   filled, mirrors of a record that is to be deleted are let go. No snapshot is held meanwhile.
//! - [`contract`] answers the calls between the two services.
//! - [`follow`] takes changes of the owner's records over into the mirrors.

pub(crate) mod contract;
pub(crate) mod follow;
pub(crate) mod outside;

use crate::field::Kind;
use crate::ports::{Must, Premise, PremiseKey};
use crate::problem::Problem;
use crate::record::Record;
use crate::schema::{Entity, Field, Inner, slot};
use crate::service::Work;
use futures::future::BoxFuture;
use std::sync::Arc;
use types::{Uuid, Value};

/// The mirror's field that says which version of the record it shows; 0 while it is being filled.
pub const SOURCE_VERSION: &str = "source_version";
/// The use's field with the record that is used.
const RECORD: &str = "record";
/// The use's field with the services that keep a mirror, in their order, separated by blanks.
const SERVICES: &str = "services";
/// The use's field that counts how often it was registered, so that no registration goes unseen.
const TIMES: &str = "times";
/// The act by which a service registers its use.
pub(crate) const REGISTER: &str = "register";
/// The act by which a service's use ends.
pub(crate) const RELEASE: &str = "release";

/// What a service publishes of its records to the services that link to them.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The service that owns the records.
    pub owner: String,
    /// Their entity within the service, `employee`.
    pub entity: String,
    /// The prefix of their ids.
    pub prefix: String,
    /// The published field that names a record for people.
    pub title: Option<String>,
    /// The published fields: the same name, kind and `personal` as at the owner.
    pub fields: Vec<Field>,
    /// Records of the system organisation: they are linked from every organisation and mirrored
    /// in none; the owner says which of them an organisation may link to.
    pub system: bool,
}

impl Reference {
    /// A reference that publishes nothing yet but that a record exists.
    pub fn new(owner: &str, entity: &str, prefix: &str) -> Reference {
        let (owner, entity) = (owner.to_owned(), entity.to_owned());
        let (prefix, title, fields) = (prefix.to_owned(), None, Vec::new());
        Reference { owner, entity, prefix, title, fields, system: false }
    }

    /// Publishes a field.
    pub fn field(mut self, field: Field) -> Reference {
        self.fields.push(field);
        self
    }

    /// Publishes a field that names the record for people.
    pub fn title(mut self, field: Field) -> Reference {
        self.title = Some(field.name.clone());
        self.field(field)
    }

    /// Says that the records live in the system organisation.
    pub fn system(mut self) -> Reference {
        self.system = true;
        self
    }

    /// `hr.employee`
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.owner, self.entity)
    }

    /// The entity that holds, in the linking `service`, what this publishes.
    pub fn mirror(&self, service: &str) -> Entity {
        let name = format!("mirror_{}_{}", self.owner, self.entity);
        let mut mirror = Entity::new(service, &name, &plural(&name), &self.prefix);
        mirror = mirror.doc(
            &format!("What {} publishes of a record that is linked to from here.", self.owner),
            "",
        );
        mirror.inner = Some(Inner::Mirror { of: self.full_name() });
        let help = "The version of the record that this shows; 0 while it is being filled.";
        mirror = mirror.field(Field::new(SOURCE_VERSION, Kind::integer(), help));
        for field in &self.fields {
            let plain = Field::new(&field.name, field.kind.clone(), &field.help);
            let (personal, indexed) = (field.personal, field.indexed);
            mirror = mirror.field(Field { personal, indexed, ..plain });
        }
        if let Some(slot) = self.title.as_ref().and_then(|title| mirror.slot(title)) {
            mirror.title = slot;
            mirror.fields[slot].indexed = true;
        }
        mirror
    }

    /// The entity that says, at the owner, who uses which record.
    pub(crate) fn uses(&self) -> Entity {
        let name = format!("use_{}", self.entity);
        let mut uses = Entity::new(&self.owner, &name, &plural(&name), "use");
        uses = uses
            .doc(&format!("Which services keep a mirror of a record of {}.", self.entity), "")
            .field(Field::new(RECORD, Kind::id(&self.prefix), "The record.").required())
            .field(Field::new(SERVICES, Kind::text(1_000), "The services, separated by blanks."))
            .field(Field::new(TIMES, Kind::integer(), "How often a use was registered."));
        uses.inner = Some(Inner::Use { of: self.full_name() });
        uses
    }
}

fn plural(name: &str) -> String {
    format!("{}s", name.replace('_', "-"))
}

/// The full name of a service's mirror of `linked`.
pub(crate) fn mirror_name(service: &str, linked: &str) -> String {
    format!("{service}.mirror_{}", linked.replace('.', "_"))
}

/// The full name of the entity that says which services use the records of `linked`.
pub(crate) fn use_name(linked: &str) -> String {
    match linked.split_once('.') {
        Some((owner, entity)) => format!("{owner}.use_{entity}"),
        None => format!("use_{linked}"),
    }
}

/// The id of the use of a record. It is not the record's own: the two lie in one log, which finds
/// the events of a record by its id.
pub(crate) fn use_id(record: Uuid) -> Uuid {
    const OTHER: u128 = 0x2a5a_5a5a_5a5a_5a5a;
    Uuid::from_u128(record.as_u128() ^ OTHER)
}

/// The services that a use names.
pub(crate) fn services(uses: &Record) -> Vec<String> {
    let text = uses.get(SERVICES).as_text().unwrap_or_default();
    text.split_whitespace().map(str::to_owned).collect()
}

/// Whether a mirror shows a record; one that is being filled counts as absent.
pub(crate) fn is_filled(mirror: &Record) -> bool {
    source_version(mirror) > 0
}

/// The version of the record that a mirror shows.
pub(crate) fn source_version(mirror: &Record) -> u64 {
    mirror.get(SOURCE_VERSION).as_int().and_then(|version| version.try_into().ok()).unwrap_or(0)
}

/// The fields that a mirror shows, by slot.
pub(crate) fn published(mirror: &Entity) -> impl Iterator<Item = (usize, &Field)> {
    mirror.fields.iter().enumerate().skip(slot::FIRST + 1)
}

/// Adds the service that the input names.
pub(crate) fn register<'a>(work: &'a mut Work<'_>) -> BoxFuture<'a, Result<(), Problem>> {
    Box::pin(async move {
        let mut all = services(&work.record);
        all.extend(named(work));
        all.sort();
        all.dedup();
        work.record.set(SERVICES, all.join(" "));
        let times = work.record.get(TIMES).as_int().unwrap_or(0);
        work.record.set(TIMES, Value::Int(times.saturating_add(1)));
        Ok(())
    })
}

/// Takes the services out that the input names.
pub(crate) fn release<'a>(work: &'a mut Work<'_>) -> BoxFuture<'a, Result<(), Problem>> {
    Box::pin(async move {
        let gone = named(work);
        let mut all = services(&work.record);
        all.retain(|service| !gone.contains(service));
        work.record.set(SERVICES, all.join(" "));
        Ok(())
    })
}

/// A row of the kernel's own is made once, however many make it at the same time.
pub(crate) fn once<'a>(work: &'a mut Work<'_>) -> BoxFuture<'a, Result<(), Problem>> {
    Box::pin(async move {
        if work.before.is_none() {
            let (entity, id) = (work.record.entity.full_name(), work.record.id());
            let key = PremiseKey::Record { entity, id };
            work.premises.push(Premise { key, must: Must::HaveVersion(0) });
        }
        Ok(())
    })
}

/// A use is registered of a record that exists, and of no other.
pub(crate) fn of_a_record<'a>(work: &'a mut Work<'_>) -> BoxFuture<'a, Result<(), Problem>> {
    Box::pin(async move {
        let (Some(Inner::Use { of }), Some(id)) =
            (work.record.entity.inner.clone(), work.record.get(RECORD).as_id())
        else {
            return Ok(());
        };
        if work.verb == RELEASE {
            return Ok(());
        }
        let target: Option<Arc<Entity>> = work.registry.get(&of).cloned();
        let missing = || Problem::not_found(of.rsplit('.').next().unwrap_or_default());
        let target = target.ok_or_else(missing)?;
        let found = work.snapshot.get(&target, id, &[]).await;
        if found.map_err(crate::write::store_problem)?.is_none() {
            return Err(missing());
        }
        work.premises
            .push(Premise { key: PremiseKey::Record { entity: of, id }, must: Must::Exist });
        Ok(())
    })
}

/// The services in the input of an act.
fn named(work: &Work<'_>) -> Vec<String> {
    let named = work.input.values.iter().filter(|(name, _)| name == SERVICES);
    named
        .filter_map(|(_, value)| value.as_text())
        .flat_map(str::split_whitespace)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference() -> Reference {
        Reference::new("hr", "employee", "emp")
            .title(Field::new("name", Kind::text(200), "The name.").personal())
            .field(Field::new("left_on", Kind::Date, "The last day.").indexed())
    }

    #[test]
    fn a_mirror_shows_what_is_published_and_is_in_no_search() {
        let mirror = reference().mirror("operations");
        assert_eq!(mirror.full_name(), mirror_name("operations", "hr.employee"));
        let names: Vec<&str> = published(&mirror).map(|(_, field)| field.name.as_str()).collect();
        assert_eq!(names, ["name", "left_on"]);
        assert_eq!(mirror.prefix, "emp");
        assert!(mirror.fields[mirror.title].personal && mirror.fields[mirror.title].indexed);
        assert!(mirror.fields.iter().all(|field| !field.searchable && !field.required));
    }

    #[test]
    fn a_use_has_an_id_of_its_own_that_follows_from_the_records() {
        let id = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);
        assert_ne!(use_id(id), id);
        assert_eq!(use_id(use_id(id)), id);
        assert_eq!(use_id(id).get_version_num(), 7);
        assert_eq!(reference().uses().full_name(), use_name("hr.employee"));
    }
}
