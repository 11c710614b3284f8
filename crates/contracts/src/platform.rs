//! What `platform` answers: organisations and their companies, change sets, jobs.

use kernel::mirror::Reference;
use serde::{Deserialize, Serialize};
use types::Uuid;

const SERVICE: &str = "platform";

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgFacts {
    /// The record.
    pub id: Uuid,
    /// The unique short name.
    pub slug: String,
    /// The name.
    pub name: String,
    /// Where its records lie: `sqlite` or `postgres`.
    pub placement: String,
    /// `creating`, `active` or `deleting`.
    pub state: String,
}

/// Finds an organisation by slug or id.
#[derive(Clone, Serialize, Deserialize)]
pub struct FindOrg {
    /// The slug, or the id as clients write it (`org_01…`).
    pub org: String,
}
contract!(FindOrg => Option<OrgFacts>, "find_org");

/// The organisations of these ids, or all.
#[derive(Clone, Serialize, Deserialize)]
pub struct Orgs {
    /// The ids; none for all.
    #[serde(default)]
    pub ids: Option<Vec<Uuid>>,
}
contract!(Orgs => Vec<OrgFacts>, "orgs");

/// Makes an organisation with its first company; asked again with the same slug after a failure
/// it goes on where it stopped. Only the platform may ask. Errors: 409 `already_exists`, 422.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateOrg {
    /// The unique short name: lower-case letters, digits and hyphens, 2 to 63 of them.
    pub slug: String,
    /// The name; also the first company's.
    pub name: String,
    /// The first company's country (ISO 3166-1 alpha-2); `US` if none is given.
    #[serde(default)]
    pub country: Option<String>,
    /// The first company's currency (ISO 4217); `USD` if none is given.
    #[serde(default)]
    pub currency: Option<String>,
    /// The first company's time zone, an IANA name; `UTC` if none is given.
    #[serde(default)]
    pub zone: Option<String>,
    /// Where its records shall lie, `sqlite` or `postgres`; none for the default.
    #[serde(default)]
    pub placement: Option<String>,
}
contract!(CreateOrg => OrgFacts, "create_org");

/// The companies of an organisation, the oldest first.
#[derive(Clone, Serialize, Deserialize)]
pub struct Companies {
    /// The organisation.
    pub org: Uuid,
}
contract!(Companies => Vec<CompanyFacts>, "companies");

/// What sort of commands a change set holds together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeSetKind {
    /// Records read from a file.
    Import,
    /// Commands sent together.
    Batch,
    /// Compensations of another change set.
    Undo,
    /// A step of some act that comes to many commands.
    Act,
}

impl ChangeSetKind {
    /// Its name as clients see it.
    pub fn name(self) -> &'static str {
        match self {
            ChangeSetKind::Import => "import",
            ChangeSetKind::Batch => "batch",
            ChangeSetKind::Undo => "undo",
            ChangeSetKind::Act => "act",
        }
    }
}

/// How many rows or commands came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Rows or commands looked at.
    pub read: u64,
    /// Records made.
    pub created: u64,
    /// Records changed.
    pub updated: u64,
    /// Records that were so already.
    pub unchanged: u64,
    /// Rows or commands refused.
    pub refused: u64,
}

/// Opens a change set: its id is the `change_set` of the calls that belong to it. Asked again
/// under the same request id it answers the same one. Errors: 403 in another organisation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OpenChangeSet {
    /// The organisation.
    pub org: Uuid,
    /// What people call it.
    pub title: String,
    /// What sort of commands it holds.
    pub kind: ChangeSetKind,
    /// Where its data come from: a file's or another system's name.
    #[serde(default)]
    pub source: Option<String>,
}
contract!(OpenChangeSet => Uuid, "open_change_set");

/// Closes a change set with what it came to; one that is closed stays as it is. Errors: 403 in
/// another organisation, 404.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CloseChangeSet {
    /// The organisation.
    pub org: Uuid,
    /// The change set.
    pub change_set: Uuid,
    /// What it came to.
    pub counts: Counts,
}
contract!(CloseChangeSet => (), "close_change_set");

/// Takes back what a change set did, in all services, under the rights of who asks; with
/// `preview` only says what would happen. What stands in the way is among the conflicts, the rest
/// is done. Errors: 403 without the right `platform.change_set:undo`, 404, 409 `wrong_state`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Undo {
    /// The organisation.
    pub org: Uuid,
    /// The change set.
    pub change_set: Uuid,
    /// Whether to say only what would happen.
    #[serde(default)]
    pub preview: bool,
}
contract!(Undo => kernel::service::Undone, "undo");

/// Puts a job into the queue. Only the platform may ask. While a job of the same key waits or
/// runs, that one is answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Enqueue {
    /// The organisation.
    pub org: Uuid,
    /// The kind of job, as its worker knows it.
    pub kind: String,
    /// What it works on, a JSON text.
    pub payload: String,
    /// Makes the job the only one of its sort.
    #[serde(default)]
    pub key: Option<String>,
    /// Not before this instant; none for at once.
    #[serde(default)]
    pub run_at: Option<types::Instant>,
}
contract!(Enqueue => Uuid, "enqueue");

/// A company as other services need it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompanyFacts {
    /// The record.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// The country, ISO 3166-1 alpha-2.
    pub country: String,
    /// The base currency, ISO 4217.
    pub currency: String,
    /// The time zone, an IANA name.
    pub zone: String,
    /// How amounts that do not fit their currency are rounded, a name that
    /// [`types::Rounding::parse`] knows.
    pub rounding: String,
}

impl From<CompanyFacts> for kernel::rights::CompanyFacts {
    fn from(company: CompanyFacts) -> kernel::rights::CompanyFacts {
        let CompanyFacts { id, zone, currency, rounding, .. } = company;
        let rounding = types::Rounding::parse(&rounding).unwrap_or(types::Rounding::HalfUp);
        kernel::rights::CompanyFacts { id, zone, currency, rounding }
    }
}

/// An organisation, a record of the system organisation: others link to themselves only.
pub fn org_ref() -> Reference {
    Reference::new("platform", "org", "org").system()
}

/// Begins an import, or finds the one of the same key that was cut off, so that it goes on where it
/// stopped. One whose content has changed since is ended, and another begins. Errors: 403 in
/// another organisation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BeginImport {
    /// The organisation.
    pub org: Uuid,
    /// What people call it.
    pub title: String,
    /// Where its data come from: a file's or another system's name.
    #[serde(default)]
    pub source: Option<String>,
    /// What is imported by which mapping: at most 100 characters, the same for the same arguments.
    pub key: String,
    /// A print of the bytes that are imported, at most 100 characters.
    pub content: String,
    /// Rows of the files, as far as they are known beforehand.
    #[serde(default)]
    pub rows: Option<u64>,
}
contract!(BeginImport => BegunImport, "begin_import");

/// An import that can be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BegunImport {
    /// The import.
    pub import: Uuid,
    /// The change set that takes what it writes.
    pub change_set: Uuid,
    /// Its version, which the next report names.
    pub version: u64,
    /// How far it came, as it was reported last.
    #[serde(default)]
    pub progress: Option<String>,
    /// Whether it was begun before.
    pub goes_on: bool,
    /// The change set of an import of the same key that ended because its content changed.
    #[serde(default)]
    pub changed: Option<Uuid>,
}

/// Says how far an import came: everything up to there is committed. Answers the version that the
/// next report names. Errors: 409 `import_taken_over` when another run reported since, 409
/// `import_cancelled` when it was asked to stop; 403, 404.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReportImport {
    /// The organisation.
    pub org: Uuid,
    /// The import.
    pub import: Uuid,
    /// The version that was answered last.
    pub version: u64,
    /// How far it came, a JSON text; `null` for a run that begins anew after a break.
    pub progress: String,
    /// What it came to so far.
    pub counts: Counts,
}
contract!(ReportImport => u64, "report_import");

/// Ends an import and closes its change set; one that has ended stays as it is. Errors: 403, 404.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EndImport {
    /// The organisation.
    pub org: Uuid,
    /// The import.
    pub import: Uuid,
    /// What it came to.
    pub counts: Counts,
    /// Why it did not end well; none if it did.
    #[serde(default)]
    pub error: Option<String>,
    /// Whether it ends because it was asked to.
    #[serde(default)]
    pub cancelled: bool,
}
contract!(EndImport => (), "end_import");

/// Notes an uploaded file as an import that can be started, in the name of who asks; a repetition
/// of the request answers the same one. Errors: 403 without `platform.import:create`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeepUpload {
    /// The organisation.
    pub org: Uuid,
    /// What people call it.
    pub title: String,
    /// The file's name, at most 300 characters.
    pub filename: String,
    /// The file's size in bytes.
    pub bytes: u64,
    /// The process that has the file and its folder there, at most 200 characters.
    pub spool: String,
    /// Rows of the file, as far as they are known.
    #[serde(default)]
    pub rows: Option<u64>,
}
contract!(KeepUpload => Uuid, "keep_upload");

/// Starts a run of an uploaded file as a job, in the name of who asks. Errors: 403, 404, 409
/// `import_running` while another run is at work.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StartImport {
    /// The organisation.
    pub org: Uuid,
    /// The import.
    pub import: Uuid,
    /// What people call it and its change set; what it was called before if none.
    #[serde(default)]
    pub title: Option<String>,
    /// What the rows become, an entity's full name.
    pub entity: String,
    /// The table of the file; none for its only or first one.
    #[serde(default)]
    pub table: Option<String>,
    /// The mapping, TOML.
    pub mapping: String,
    /// Whether to make every check and change nothing.
    pub dry_run: bool,
    /// Who asks, in the system organisation, for links that lead there.
    #[serde(default)]
    pub system: Option<kernel::Call>,
}
contract!(StartImport => (), "start_import");

/// What the job of an import works on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ImportTask {
    /// The import.
    pub import: Uuid,
    /// The process that has the file and its folder there.
    pub spool: String,
    /// The mapping, TOML.
    pub mapping: String,
    /// The table of the file; none for its only or first one.
    #[serde(default)]
    pub table: Option<String>,
    /// Whether to make every check and change nothing.
    pub dry_run: bool,
    /// Who asked, and with which rights.
    pub call: kernel::Call,
    /// The same in the system organisation.
    #[serde(default)]
    pub system: Option<kernel::Call>,
}

/// What a job needs to know of the import that it does. Only the platform may ask. Errors: 403,
/// 404.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HoldImport {
    /// The organisation.
    pub org: Uuid,
    /// The import.
    pub import: Uuid,
}
contract!(HoldImport => HeldImport, "hold_import");

/// How an import stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldImport {
    /// The change set that takes what it writes; none for a dry run.
    pub change_set: Option<Uuid>,
    /// Its version, which the next report names.
    pub version: u64,
    /// How far it came, as it was reported last.
    #[serde(default)]
    pub progress: Option<String>,
    /// Whether a run is at work.
    pub is_running: bool,
    /// Whether it was asked to stop.
    pub is_cancelling: bool,
}
