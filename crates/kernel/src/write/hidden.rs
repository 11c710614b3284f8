//! How changes enter the log: personal and secret values as ciphertext under their subject's key.

use super::{SubjectKey, store_problem};
use crate::keys::DataKey;
use crate::log::event;
use crate::ports::{Change, Snapshot};
use crate::problem::Problem;
use crate::record::Record;
use crate::schema::slot;
use crate::service::Runtime;
use std::collections::HashMap;
use types::cbor::Writer;
use types::{Uuid, Value};

/// Writes changes as an event holds them; personal and secret values go under their subject's key.
pub(super) struct Hidden<'a> {
    runtime: &'a Runtime,
    snapshot: &'a dyn Snapshot,
    keys: HashMap<Uuid, DataKey>,
    new_keys: Vec<SubjectKey>,
}

impl<'a> Hidden<'a> {
    pub(super) fn new(runtime: &'a Runtime, snapshot: &'a dyn Snapshot) -> Hidden<'a> {
        Hidden { runtime, snapshot, keys: HashMap::new(), new_keys: Vec::new() }
    }

    /// The data keys that were made on the way and must be kept.
    pub(super) fn into_new_keys(self) -> Vec<SubjectKey> {
        self.new_keys
    }

    /// Writes one change.
    pub(super) async fn write(&mut self, change: &Change, w: &mut Writer) -> Result<(), Problem> {
        let record = change.record();
        let filled = |record: &Record| -> Vec<usize> {
            (slot::STATE..record.values.len()).filter(|&s| !record.values[s].is_null()).collect()
        };
        let version = if matches!(change, Change::Delete(_)) { 0 } else { record.version() };
        event::begin_change(w, record.entity.full_name_ref(), record.id(), version);
        match change {
            Change::Insert(record) => {
                // One that an undo brings back has its key still, unless it was destroyed.
                let is_new = record.version() <= 1;
                w.array(0);
                self.values(record, &filled(record), is_new, w).await
            }
            Change::Delete(record) => {
                self.values(record, &filled(record), false, w).await?;
                w.array(0);
                Ok(())
            }
            Change::Update { before, after } => {
                let mut slots = after.changed_from(before);
                slots.retain(|&slot| slot != slot::VERSION);
                self.values(before, &slots, false, w).await?;
                self.values(after, &slots, false, w).await
            }
        }
    }

    async fn values(
        &mut self,
        record: &Record,
        slots: &[usize],
        is_new: bool,
        w: &mut Writer,
    ) -> Result<(), Problem> {
        w.array(slots.len());
        for &slot in slots {
            let field = &record.entity.fields[slot];
            let value = &record.values[slot];
            event::begin_field(w, &field.name);
            if (field.personal || field.secret) && !value.is_null() {
                self.hide(record, &field.name, value, is_new, w).await?;
            } else {
                event::write_plain(w, value);
            }
        }
        Ok(())
    }

    async fn hide(
        &mut self,
        record: &Record,
        name: &str,
        value: &Value,
        is_new: bool,
        w: &mut Writer,
    ) -> Result<(), Problem> {
        let subject = record.id();
        if !self.keys.contains_key(&subject) {
            let key = self.key(subject, is_new).await?;
            self.keys.insert(subject, key);
        }
        let sealed = self.keys[&subject].seal(&*self.runtime.source.chance, name, value);
        let (commitment, cipher) = sealed.ok_or_else(|| Problem::internal("encryption failed"))?;
        event::write_cipher(w, subject, &commitment, &cipher);
        Ok(())
    }

    /// The subject's data key; a new one for a new subject, or one whose key was destroyed.
    async fn key(&mut self, subject: Uuid, is_new: bool) -> Result<DataKey, Problem> {
        let keys = &self.runtime.keys;
        if !is_new {
            let wrapped = self.snapshot.subject_key(subject).await.map_err(store_problem)?;
            if let Some(wrapped) = wrapped {
                let text = "a data key does not open: is this the right key folder?";
                return keys.unwrap(subject, &wrapped).ok_or_else(|| Problem::internal(text));
            }
        }
        let made = keys.new_data_key(subject, &*self.runtime.source.chance);
        let (key, wrapped) = made.ok_or_else(|| Problem::internal("no data key could be made"))?;
        self.new_keys.push(SubjectKey { subject, wrapped });
        Ok(key)
    }
}
