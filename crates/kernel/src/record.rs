//! A record: the values of one instance by slot.

use crate::schema::{Entity, slot};
use std::sync::Arc;
use types::{Instant, Uuid, Value};

/// One instance of an entity.
#[derive(Clone, Debug)]
pub struct Record {
    /// The schema that names the slots.
    pub entity: Arc<Entity>,
    /// The values by slot; as many as the entity has fields.
    pub values: Vec<Value>,
}

impl PartialEq for Record {
    fn eq(&self, other: &Record) -> bool {
        self.entity.full_name_ref() == other.entity.full_name_ref() && self.values == other.values
    }
}

impl Record {
    /// A record with every value empty.
    pub fn empty(entity: Arc<Entity>) -> Record {
        let values = vec![Value::Null; entity.fields.len()];
        Record { entity, values }
    }

    /// The record's id; nil while it has none.
    pub fn id(&self) -> Uuid {
        self.values[slot::ID].as_id().unwrap_or_default()
    }

    /// How many changes made it what it is; 0 while it is new.
    pub fn version(&self) -> u64 {
        self.values[slot::VERSION].as_int().map_or(0, |n| n as u64)
    }

    /// The name of its state, if the entity has states.
    pub fn state(&self) -> Option<&str> {
        self.values[slot::STATE].as_text()
    }

    /// The company it belongs to.
    pub fn company(&self) -> Option<Uuid> {
        self.values[slot::COMPANY].as_id()
    }

    /// When it last changed.
    pub fn updated_at(&self) -> Instant {
        self.values[slot::UPDATED_AT].as_instant().unwrap_or_default()
    }

    /// The value of a field by name; `Null` where there is no such field.
    pub fn get(&self, name: &str) -> &Value {
        self.entity.slot(name).map_or(&Value::Null, |slot| &self.values[slot])
    }

    /// Sets a field by name.
    ///
    /// # Panics
    /// When the entity has no such field: the caller names fields that its entity declares.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        let slot = self.entity.slot(name);
        let slot = slot.unwrap_or_else(|| panic!("{} has no field {name}", self.entity.name));
        self.values[slot] = value.into();
    }

    /// The id as clients see it, with its prefix.
    pub fn public_id(&self) -> String {
        types::format_id(&self.entity.prefix, self.id())
    }

    /// The slots whose values differ from `before`, in order.
    pub fn changed_from(&self, before: &Record) -> Vec<usize> {
        (0..self.values.len()).filter(|&slot| self.values[slot] != before.values[slot]).collect()
    }
}
