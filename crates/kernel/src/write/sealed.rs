//! What a store is given: a command that passed every stage.

use crate::log::Hash;
use crate::ports::{Change, Delta, Draw, Effect, IdempotencyRow, Premise};
use types::{Instant, Uuid};

/// A command that passed every stage and waits for its commit.
pub struct Sealed {
    pub(super) org: Uuid,
    pub(super) event: SealedEvent,
    pub(super) changes: Vec<Change>,
    pub(super) premises: Vec<Premise>,
    pub(super) draws: Vec<Draw>,
    pub(super) deltas: Vec<Delta>,
    pub(super) keys: Vec<SubjectKey>,
    pub(super) idempotency: Option<IdempotencyRow>,
    pub(super) effect: Option<Effect>,
}

/// The event of a sealed command.
pub struct SealedEvent {
    /// Its id.
    pub id: Uuid,
    /// When it was recorded.
    pub at: Instant,
    /// The change set that it belongs to, as its bytes have it.
    pub change_set: Option<Uuid>,
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
    /// Document numbers to draw, in the order of their series.
    pub fn draws(&self) -> &[Draw] {
        &self.draws
    }
    /// What the changes add to sums, in the order of accumulator, key and period.
    pub fn deltas(&self) -> &[Delta] {
        &self.deltas
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
