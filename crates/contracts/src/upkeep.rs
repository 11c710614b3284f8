//! What `platform` answers to those who keep an organisation in order: its logs and their
//! verification, how it fares.
//!
//! Only administrators of the organisation ask, and the platform itself. Errors: 403 for others.

use serde::{Deserialize, Serialize};
use types::{Instant, Uuid};

const SERVICE: &str = "platform";

/// The logs of an organisation, one for each service that keeps its records.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LogsOf {
    /// The organisation.
    pub org: Uuid,
}
contract!(LogsOf => Vec<LogFacts>, "logs_of");

/// A log as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFacts {
    /// The service whose log it is.
    pub service: String,
    /// How many events are sealed.
    pub position: u64,
    /// The newest head; none while nothing is sealed.
    pub head: Option<HeadFacts>,
    /// Events that are committed and wait for their place.
    pub unsealed: u64,
    /// What the last verification found; none before the first.
    pub verified: Option<Verified>,
}

/// A signed head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadFacts {
    /// When it was signed.
    pub sealed_at: Instant,
    /// The root of the Merkle tree, in hex.
    pub root: String,
    /// The public key that it is signed with, in hex.
    pub signed_by: String,
}

/// What a verification of one log came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// The service whose log it is.
    pub service: String,
    /// When.
    pub at: Instant,
    /// Up to which position.
    pub position: u64,
    /// How many findings there are in all.
    pub count: u64,
    /// The first of them; none if the log is as it was sealed.
    pub findings: Vec<LogFinding>,
}

/// Something that is not as it was sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFinding {
    /// The first position concerned.
    pub position: u64,
    /// The last one.
    pub last: u64,
    /// A stable code: `changed`, `missing`, `rewritten`, `cut_off`, `foreign`, `bad_head`.
    pub code: String,
    /// What was found, for people.
    pub message: String,
}

/// Begins to verify the logs of an organisation, as a job; one that is under way is answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VerifyLogs {
    /// The organisation.
    pub org: Uuid,
}
contract!(VerifyLogs => JobFacts, "verify_logs");

/// A job as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFacts {
    /// Its record.
    pub id: Uuid,
    /// `queued`, `running`, `done` or `failed`.
    pub state: String,
    /// How far it is, a JSON text.
    pub progress: Option<String>,
}

/// The sealed events of an organisation, the newest first. Errors: 400 for a service without a log
/// or a token that no page gave.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct EventsOf {
    /// The organisation.
    pub org: Uuid,
    /// The service whose log is read; none for all of them together, by their times.
    pub service: Option<String>,
    /// The newest position, of the service's log; none for the newest event.
    pub from: Option<u64>,
    /// Only events that touched this record.
    pub record: Option<Uuid>,
    /// Only events of this user.
    pub actor: Option<Uuid>,
    /// Only events of this name: `create`, `update`, `delete`, an act, `batch`, `import`, `undo`.
    pub verb: Option<String>,
    /// Events on the page, 1 to 1000; 0 for 50. It may have fewer and not be the last.
    pub page_size: u32,
    /// Where the page starts; empty for the newest.
    pub page_token: String,
}
contract!(EventsOf => EventsPage, "events_of");

/// A page of events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventsPage {
    /// The events, the newest first.
    pub items: Vec<kernel::read::Occurrence>,
    /// The token of the next page; empty on the last.
    pub next_page_token: String,
}

/// How an organisation fares.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HealthOf {
    /// The organisation.
    pub org: Uuid,
}
contract!(HealthOf => HealthFacts, "health_of");

/// How an organisation fares: what was looked at, and its jobs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthFacts {
    /// What was looked at.
    pub checks: Vec<HealthCheck>,
    /// Jobs that wait.
    pub waiting: u64,
    /// Jobs that a worker has.
    pub running: u64,
    /// Jobs that failed and that nobody has asked for again.
    pub failed: u64,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthCheck {
    /// Its stable name.
    pub name: String,
    /// How it is.
    pub state: HealthState,
    /// More about it, for people.
    pub detail: String,
}

/// How something is, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    /// As it should be.
    Ok,
    /// It works, and someone should look at it.
    Degraded,
    /// It does not work.
    Down,
}

impl HealthState {
    /// Its name as clients see it.
    pub fn name(self) -> &'static str {
        match self {
            HealthState::Ok => "ok",
            HealthState::Degraded => "degraded",
            HealthState::Down => "down",
        }
    }
}

/// Whether an organisation has sample data.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SamplesOf {
    /// The organisation.
    pub org: Uuid,
}
contract!(SamplesOf => SampleFacts, "samples_of");

/// Begins to fill an organisation with sample data, as a job. Errors: 409 `sample_data_present`
/// unless there is none.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FillSamples {
    /// The organisation.
    pub org: Uuid,
}
contract!(FillSamples => JobFacts, "fill_samples");

/// Begins to take the sample data out, as a job. Errors: 409 `in_use` with what was built upon
/// them, `no_sample_data` where there are none.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RemoveSamples {
    /// The organisation.
    pub org: Uuid,
}
contract!(RemoveSamples => JobFacts, "remove_samples");

/// The sample data of an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleFacts {
    /// How far they are.
    pub state: SampleState,
    /// The change set that holds them; none where there are none.
    pub change_set: Option<Uuid>,
    /// How many records there are.
    pub records: u64,
}

/// How far the sample data of an organisation are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SampleState {
    /// There are none.
    Absent,
    /// They are being made.
    Filling,
    /// They are there.
    Present,
    /// They are being taken out.
    Removing,
}

impl SampleState {
    /// Its name as clients see it.
    pub fn name(self) -> &'static str {
        match self {
            SampleState::Absent => "absent",
            SampleState::Filling => "filling",
            SampleState::Present => "present",
            SampleState::Removing => "removing",
        }
    }
}
