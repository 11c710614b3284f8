//! Imports: how far a bringing in of records from files came, and what it came to.

pub mod acts;
pub mod contract;

use kernel::entity;

/// Records brought in from files: how far it is, and what it came to.
///
/// It is kept while rows are written, so that an import that was cut off goes on where it stopped,
/// in the same change set. Whoever began one sees it.
#[entity(service = "platform", prefix = "imp", title = title)]
#[states(
    Open -> Open via report,
    Open -> Done via finish,
    Open -> Failed via fail
)]
#[permit(Everyone: read; "begun_by == user.id")]
pub struct Import {
    /// What people call it.
    pub title: Text<200>,
    /// Where its data come from: a file's or another system's name.
    pub source: Option<Text<300>>,
    /// Whose import it is.
    pub begun_by: Option<Link<users::UserRef>>,
    /// Makes it the only one of its sort while it is open: what is imported by which mapping.
    #[field(unique)]
    pub key: Option<Text<100>>,
    /// A print of the bytes that are imported, by which a changed file is noticed.
    pub content: Option<Text<100>>,
    /// The change set that takes what it writes.
    #[field(read_only)]
    pub change_set: Option<Link<ChangeSet>>,
    /// Rows of its files, as far as they are known beforehand.
    pub rows: Option<Integer>,
    /// Records read so far.
    #[field(read_only, default = 0)]
    pub read: Integer,
    /// Records made so far.
    #[field(read_only, default = 0)]
    pub created: Integer,
    /// Records changed so far.
    #[field(read_only, default = 0)]
    pub updated: Integer,
    /// Records so far that were so already.
    #[field(read_only, default = 0)]
    pub unchanged: Integer,
    /// Rows refused so far.
    #[field(read_only, default = 0)]
    pub refused: Integer,
    /// How far it came, and where it goes on after a break.
    #[field(read_only)]
    pub progress: Option<Json>,
    /// Why it did not end well.
    #[field(read_only)]
    pub error: Option<Text<1000>>,
    /// When it began.
    #[field(read_only, indexed, default = now)]
    pub started_at: Instant,
    /// When it ended.
    #[field(read_only)]
    pub finished_at: Option<Instant>,
}

impl Import {
    /// It goes on.
    pub const OPEN: &'static str = "open";
}
