//! The one write path: scope → permit → draft → check → seal → commit → reply.
//!
//! Each stage is a type, so that a stage cannot be left out; only [`seal`] makes a [`Sealed`],
//! and a store accepts nothing else.

use crate::log::Hash;
use crate::ports::{Change, Effect, IdempotencyRow, Premise};
use types::{Instant, Uuid};

/// A command that passed every stage and waits for its commit.
pub struct Sealed {
    org: Uuid,
    event: SealedEvent,
    changes: Vec<Change>,
    premises: Vec<Premise>,
    keys: Vec<SubjectKey>,
    idempotency: Option<IdempotencyRow>,
    effect: Option<Effect>,
}

/// The event of a sealed command.
pub struct SealedEvent {
    /// Its id.
    pub id: Uuid,
    /// When it was recorded.
    pub at: Instant,
    /// Its canonical bytes.
    pub bytes: Vec<u8>,
    /// Their SHA-256.
    pub hash: Hash,
}

/// A subject's new data key, wrapped by the installation's key.
pub struct SubjectKey {
    /// Whose key: a record's id.
    pub subject: Uuid,
    /// The wrapped key.
    pub wrapped: Vec<u8>,
}

impl Sealed {
    /// The organisation whose records change.
    pub fn org(&self) -> Uuid {
        self.org
    }
    /// The event.
    pub fn event(&self) -> &SealedEvent {
        &self.event
    }
    /// The changes, the command's own record first.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }
    /// What must still hold, in the order of keys; a changed record's own version is implied by
    /// its [`Change`] and not repeated here.
    pub fn premises(&self) -> &[Premise] {
        &self.premises
    }
    /// New data keys to keep.
    pub fn keys(&self) -> &[SubjectKey] {
        &self.keys
    }
    /// The idempotency row to keep, if the client sent a key.
    pub fn idempotency(&self) -> Option<&IdempotencyRow> {
        self.idempotency.as_ref()
    }
    /// The reader whose effect this is, if it is one.
    pub fn effect(&self) -> Option<&Effect> {
        self.effect.as_ref()
    }
    /// The changes, moved out.
    pub fn into_changes(self) -> Vec<Change> {
        self.changes
    }
}
