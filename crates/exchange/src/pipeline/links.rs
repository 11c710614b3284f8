//! Finding the records that rows link to, many at a time.

use super::executor::Executor;
use crate::mapping::bind::{By, Lookup};
use kernel::Problem;
use std::collections::{HashMap, HashSet};
use types::Uuid;

/// The most keys of one question.
const QUESTION: usize = 1_000;

/// The most answers that are remembered.
const REMEMBERED: usize = 200_000;

/// Records found before.
pub(super) struct Links {
    found: Vec<(Lookup, HashMap<String, Uuid>)>,
    /// In a dry run nothing is found again: what would be made is known here alone.
    keep_all: bool,
}

impl Links {
    /// Knows no record yet; see `keep_all`.
    pub(super) fn new(keep_all: bool) -> Links {
        Links { found: Vec::new(), keep_all }
    }

    /// The record, if it was found before.
    pub(super) fn get(&self, lookup: &Lookup, key: &str) -> Option<Uuid> {
        let (_, known) = self.found.iter().find(|(known, _)| known == lookup)?;
        known.get(key).copied()
    }

    /// Remembers a record.
    pub(super) fn put(&mut self, lookup: &Lookup, key: String, id: Uuid) {
        let at = self.found.iter().position(|(known, _)| known == lookup).unwrap_or_else(|| {
            self.found.push((lookup.clone(), HashMap::new()));
            self.found.len() - 1
        });
        let known = &mut self.found[at].1;
        if known.len() >= REMEMBERED && !self.keep_all {
            known.clear();
        }
        known.insert(key, id);
    }

    /// Looks for the records of `keys` that are not known yet.
    pub(super) async fn find(
        &mut self,
        executor: &dyn Executor,
        lookup: &Lookup,
        keys: HashSet<String>,
    ) -> Result<(), Problem> {
        let mut unknown: Vec<String> =
            keys.into_iter().filter(|key| self.get(lookup, key).is_none()).collect();
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

/// What a link that leads nowhere is told as.
pub(super) fn missing(lookup: &Lookup, name: &str, key: &str) -> String {
    match &lookup.by {
        By::External(external) => {
            format!("{name}: there is no {} with the {external} key {key:?}", lookup.entity)
        }
        By::Field(field) => format!("{name}: there is no {} with {field} {key:?}", lookup.entity),
    }
}
