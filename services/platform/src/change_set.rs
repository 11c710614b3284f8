//! Change sets: commands that belong together, and can be taken back together.

pub mod close;
pub mod undo;

use kernel::entity;

/// Commands that belong together: an import, a batch, an undo.
///
/// Every event of its commands names it. `undo` takes them back in all services: as a job, whose
/// own commands are a change set again, so that an undo can be undone. What others changed since
/// is left alone and counted as a conflict.
#[entity(service = "platform", prefix = "cs", title = title)]
#[states(
    Open -> Closed via close,
    Open -> Undoing via undo,
    Closed -> Undoing via undo,
    Undoing -> Undoing via undo,
    Undone -> Undoing via undo,
    Undoing -> Undone via finish_undo,
    Undone -> Closed via redo
)]
pub struct ChangeSet {
    /// What people call it.
    pub title: Text<200>,
    /// What sort of commands it holds.
    #[field(choice(import, batch, undo, act), indexed, default = batch)]
    pub kind: Choice,
    /// Where its data come from: a file's or another system's name.
    pub source: Option<Text<300>>,
    /// Who began it.
    #[field(read_only, default = actor)]
    pub actor: Option<Link<users::UserRef>>,
    /// When it began.
    #[field(read_only, indexed, default = now)]
    pub started_at: Instant,
    /// When it was closed.
    #[field(read_only)]
    pub finished_at: Option<Instant>,
    /// Rows or commands looked at.
    #[field(read_only, default = 0)]
    pub read: Integer,
    /// Records made.
    #[field(read_only, default = 0)]
    pub created: Integer,
    /// Records changed.
    #[field(read_only, default = 0)]
    pub updated: Integer,
    /// Records that were so already.
    #[field(read_only, default = 0)]
    pub unchanged: Integer,
    /// Rows or commands refused.
    #[field(read_only, default = 0)]
    pub refused: Integer,
    /// Changes that the last undo could not take back.
    #[field(read_only, default = 0)]
    pub conflicts: Integer,
    /// The change set that this one takes back.
    #[field(read_only)]
    pub undoes: Option<Link<ChangeSet>>,
    /// The change set that took this one back.
    #[field(read_only)]
    pub undone_by: Option<Link<ChangeSet>>,
}
