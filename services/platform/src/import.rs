//! Imports: how far a bringing in of records from files came, and what it came to.

pub mod acts;
pub mod contract;
pub mod upload;

use kernel::entity;

/// Records brought in from files: how far it is, and what it came to.
///
/// A file is uploaded, its columns are mapped to fields, and a run brings its rows in, or makes
/// every check and changes nothing (`dry_run`). How far a run came is kept while rows are written,
/// so that one that was cut off goes on there, in the same change set. Whoever began one sees it.
#[entity(service = "platform", prefix = "imp", title = title)]
#[states(
    Uploaded -> Running via start,
    Finished -> Running via start,
    Failed -> Running via start,
    Cancelled -> Running via start,
    Running -> Running via report,
    Running -> Running via cancel,
    Running -> Finished via finish,
    Running -> Failed via fail,
    Running -> Cancelled via stop
)]
#[permit(Everyone: read, create, start, cancel; "begun_by == user.id")]
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
    /// The name of the uploaded file.
    pub filename: Option<Text<300>>,
    /// The size of the uploaded file, in bytes.
    pub bytes: Option<Integer>,
    /// Where the uploaded file lies: the process that has it and its folder there.
    pub spool: Option<Text<200>>,
    /// What its rows become: an entity's full name.
    #[field(read_only)]
    pub subject: Option<Text<120>>,
    /// The table of the file that the last run read.
    #[field(read_only)]
    pub table_name: Option<Text<300>>,
    /// Whether the last run makes every check and changes nothing.
    #[field(read_only, default = false)]
    pub dry_run: Boolean,
    /// Whether it was asked to stop and has not yet.
    #[field(read_only, default = false)]
    pub cancelling: Boolean,
    /// The change set that takes what it writes; none for a dry run.
    #[field(read_only)]
    pub change_set: Option<Link<ChangeSet>>,
    /// Rows of its files, as far as they are known beforehand.
    pub total: Option<Integer>,
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
    /// When it was uploaded or begun.
    #[field(read_only, indexed, default = now)]
    pub started_at: Instant,
    /// When it ended.
    #[field(read_only)]
    pub finished_at: Option<Instant>,
}

impl Import {
    /// It is at work.
    pub const RUNNING: &'static str = "running";
}
