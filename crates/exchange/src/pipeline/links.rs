//! Finding the records that rows link to, many at a time.

use super::executor::Executor;
use super::reason::Reason;
use crate::mapping::bind::{By, Lookup};
use kernel::Problem;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use types::Uuid;

/// The most keys of one question.
const QUESTION: usize = 1_000;

/// Answers that are remembered at least: the newest; at most twice as many.
const REMEMBERED: usize = 20_000;

/// Records found before; shared by what reads ahead and what writes.
pub(super) struct Links {
    found: Mutex<Vec<(Lookup, Known)>>,
    /// In a dry run nothing is found again: what would be made is known here alone.
    keep_all: bool,
}

/// The records of one lookup: those found lately, and those found before them.
#[derive(Default)]
struct Known {
    late: HashMap<String, Uuid>,
    early: HashMap<String, Uuid>,
    /// The most keys of one question for many rows: they must all be remembered until those rows
    /// are written.
    asked: usize,
}

impl Links {
    /// Knows no record yet; see `keep_all`.
    pub(super) fn new(keep_all: bool) -> Links {
        Links { found: Mutex::default(), keep_all }
    }

    fn found(&self) -> MutexGuard<'_, Vec<(Lookup, Known)>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The record, if it was found before.
    pub(super) fn get(&self, lookup: &Lookup, key: &str) -> Option<Uuid> {
        let found = self.found();
        let (_, known) = found.iter().find(|(known, _)| known == lookup)?;
        known.late.get(key).or_else(|| known.early.get(key)).copied()
    }

    /// Remembers a record.
    pub(super) fn put(&self, lookup: &Lookup, key: String, id: Uuid) {
        let mut found = self.found();
        let known = of(&mut found, lookup);
        if known.late.len() >= REMEMBERED.max(2 * known.asked) && !self.keep_all {
            known.early = std::mem::take(&mut known.late);
        }
        known.late.insert(key, id);
    }

    fn expect(&self, lookup: &Lookup, count: usize) {
        let mut found = self.found();
        let known = of(&mut found, lookup);
        known.asked = known.asked.max(count);
    }

    /// Looks for the records of `keys` that are not known yet.
    pub(super) async fn find(
        &self,
        executor: &dyn Executor,
        lookup: &Lookup,
        keys: HashSet<String>,
    ) -> Result<(), Problem> {
        let mut unknown: Vec<String> = Vec::new();
        self.expect(lookup, keys.len());
        for key in keys {
            match self.get(lookup, &key) {
                // What is asked for again is among the newest again.
                Some(id) => self.put(lookup, key, id),
                None => unknown.push(key),
            }
        }
        unknown.sort();
        for part in unknown.chunks(QUESTION) {
            let found = match &lookup.by {
                By::External(name) => executor.by_external(&lookup.entity, name, part).await?,
                By::Field(field) => executor.by_field(&lookup.entity, field, part).await?,
            };
            for (key, view) in found {
                self.put(lookup, key, view.record.id());
            }
        }
        Ok(())
    }
}

fn of<'a>(found: &'a mut Vec<(Lookup, Known)>, lookup: &Lookup) -> &'a mut Known {
    let at = found.iter().position(|(known, _)| known == lookup).unwrap_or_else(|| {
        found.push((lookup.clone(), Known::default()));
        found.len() - 1
    });
    &mut found[at].1
}

/// What a link that leads nowhere is told as.
pub(super) fn missing(lookup: &Lookup, name: &str, key: &str) -> Reason {
    let entity = &lookup.entity;
    let message = match &lookup.by {
        By::External(external) => format!("there is no {entity} with the {external} key {key:?}"),
        By::Field(field) => format!("there is no {entity} with {field} {key:?}"),
    };
    let text = format!("{name}: {message}");
    Reason { text, ..Reason::of_field(name, "link_not_found", &message) }
}
