//! Locks on what a command read and changes: transaction advisory locks on 64-bit hashes.
//!
//! Such a lock also covers a record that does not exist yet. Two keys may share a hash; then two
//! commands wait for each other without need, and nothing worse.

use super::param::Param;
use super::pipeline::Step;
use kernel::log::merkle::sha256;
use kernel::ports::{Change, Premise, PremiseKey};
use std::collections::BTreeMap;
use types::Uuid;

/// The locks of one command; the greatest mode of a key counts.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Locks(BTreeMap<i64, bool>);

/// The number that stands for a thing in the database's space of locks.
pub fn hash(service: &str, org: i32, what: &str, id: Uuid) -> i64 {
    let parts: [&[u8]; 6] =
        [service.as_bytes(), &[0], &org.to_be_bytes(), what.as_bytes(), &[0], id.as_bytes()];
    let digest = sha256(&parts);
    i64::from_be_bytes([
        digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6], digest[7],
    ])
}

impl Locks {
    /// What a command must lock: shared what it read, alone what it changes.
    ///
    /// A new record is locked only by a command that read something: one that read nothing cannot
    /// be half of two commands that each miss what the other does.
    pub fn of(service: &str, org: i32, premises: &[Premise], changes: &[Change]) -> Locks {
        let mut locks = Locks::default();
        for premise in premises {
            locks.add(service, org, &premise.key, false);
        }
        for change in changes {
            if matches!(change, Change::Insert(_)) && premises.is_empty() {
                continue;
            }
            let record = change.record();
            let (entity, id) = (record.entity.full_name(), record.id());
            locks.add(service, org, &PremiseKey::Record { entity, id }, true);
        }
        locks
    }

    /// The keys of a command that runs again, all of them alone.
    pub fn alone(service: &str, org: i32, keys: &[PremiseKey]) -> Locks {
        let mut locks = Locks::default();
        for key in keys {
            locks.add(service, org, key, true);
        }
        locks
    }

    fn add(&mut self, service: &str, org: i32, key: &PremiseKey, alone: bool) {
        let PremiseKey::Record { entity, id } = key;
        *self.0.entry(hash(service, org, entity, *id)).or_default() |= alone;
    }

    /// The statement that takes them all, in order; none if there are none.
    pub fn step(&self) -> Option<Step> {
        // The rows come in the order of the arrays, and each lock is taken as its row comes.
        const SQL: &str = "SELECT count(CASE WHEN alone THEN pg_advisory_xact_lock(key) \
             ELSE pg_advisory_xact_lock_shared(key) END) \
             FROM unnest($1::bigint[], $2::boolean[]) AS l (key, alone)";
        let (keys, alone) = self.0.iter().unzip();
        (!self.0.is_empty()).then(|| Step::new(SQL, vec![Param::Ints(keys), Param::Bools(alone)]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::ports::Must;
    use kernel::{Entity, Record};
    use std::sync::Arc;

    fn record(id: u128) -> Record {
        let entity = Arc::new(Entity::new("operations", "customer", "customers", "cus"));
        let mut record = Record::empty(entity);
        record.set("id", Uuid::from_u128(id));
        record
    }

    fn key(id: u128) -> i64 {
        hash("operations", 1, "operations.customer", Uuid::from_u128(id))
    }

    fn premise(id: u128) -> Premise {
        let entity = "operations.customer".to_owned();
        let key = PremiseKey::Record { entity, id: Uuid::from_u128(id) };
        Premise { key, must: Must::HaveVersion(1) }
    }

    #[test]
    fn what_is_read_is_shared_and_what_changes_is_locked_alone() {
        let changes = [Change::Delete(record(1)), Change::Insert(record(2))];
        let locks = Locks::of("operations", 1, &[premise(1), premise(3)], &changes);
        let expected = [(key(1), true), (key(2), true), (key(3), false)];
        assert_eq!(locks.0, expected.into_iter().collect());
    }

    #[test]
    fn a_new_record_of_a_command_that_read_nothing_needs_no_lock() {
        let locks = Locks::of("operations", 1, &[], &[Change::Insert(record(1))]);
        assert_eq!(locks.step().map(|step| step.sql), None);
    }

    #[test]
    fn organisations_do_not_share_locks() {
        let id = Uuid::from_u128(1);
        assert_ne!(hash("a", 1, "a.b", id), hash("a", 2, "a.b", id));
        assert_ne!(hash("a", 1, "a.b", id), hash("a", 1, "a.c", id));
    }
}
