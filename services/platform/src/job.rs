//! Jobs: work that goes on after its request was answered.

pub mod acts;

use kernel::entity;

/// Work that goes on after its request was answered.
///
/// A worker takes a job for a while (`lease`), says how far it is (`report`) and ends it
/// (`finish`, `fail`). A job whose worker is gone is taken by another when its lease has run out,
/// and goes on from what was reported last.
#[entity(service = "platform", prefix = "job", title = kind)]
#[states(
    Queued -> Running via lease,
    Running -> Running via lease,
    Running -> Running via report,
    Queued -> Queued via report,
    Running -> Queued via postpone,
    Running -> Done via finish,
    Running -> Failed via fail,
    Queued -> Failed via fail,
    Failed -> Queued via retry
)]
pub struct Job {
    /// The kind, as its worker knows it: `undo`, `import`.
    #[field(indexed)]
    pub kind: Text<60>,
    /// What it works on.
    pub payload: Option<Json>,
    /// Makes it the only one of its sort while it waits or runs.
    #[field(unique)]
    pub key: Option<Text<200>>,
    /// Not before this instant.
    #[field(indexed, default = now)]
    pub run_at: Instant,
    /// How often it was begun.
    #[field(read_only, default = 0)]
    pub attempts: Integer,
    /// Which worker has it.
    #[field(read_only)]
    pub holder: Option<Text<100>>,
    /// Until when that worker has it; then another may take it.
    // While it waits: until when it is certain that the one process which can do it lives.
    #[field(read_only, indexed)]
    pub leased_until: Option<Instant>,
    /// How far it is, and where it goes on after a break.
    #[field(read_only)]
    pub progress: Option<Json>,
    /// Why it did not end well the last time.
    #[field(read_only)]
    pub error: Option<Text<1000>>,
    /// When it ended.
    #[field(read_only)]
    pub finished_at: Option<Instant>,
}

impl Job {
    /// It waits.
    pub const QUEUED: &'static str = "queued";
    /// A worker has it.
    pub const RUNNING: &'static str = "running";
    /// It ended well.
    pub const DONE: &'static str = "done";
    /// It ended, and not well.
    pub const FAILED: &'static str = "failed";
}
