//! What `auth` answers about where people are signed in to an organisation and which keys programs
//! have there: to everyone about themselves, to those who administer it about everyone.

use crate::people::administers;
use kernel::{Actor, Call, Problem};
use serde::{Deserialize, Serialize};
use types::{Instant, Uuid};

const SERVICE: &str = "auth";

/// The sessions and keys that give access to an organisation, the newest first; at most 1,000 of
/// each. Errors: 403 for those of others.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Access {
    /// The organisation.
    pub org: Uuid,
    /// Whose; everyone's if absent.
    #[serde(default)]
    pub user: Option<Uuid>,
}
contract!(Access => AccessFacts, "access");

/// What gives access to an organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessFacts {
    /// Where people are signed in.
    pub sessions: Vec<SessionFacts>,
    /// The keys that nobody revoked, those whose time is over too.
    pub keys: Vec<KeyFacts>,
}

/// Somebody signed in from somewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionFacts {
    /// The session.
    pub id: Uuid,
    /// Who.
    pub user: Uuid,
    /// What the client called itself.
    pub client: Option<String>,
    /// The network address that the user signed in from.
    pub address: Option<String>,
    /// When it began.
    pub began_at: Instant,
    /// When it was last refreshed, a quarter of an hour apart at least.
    pub used_at: Instant,
    /// When it ends unless it is used before.
    pub expires_at: Instant,
}

/// A key of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFacts {
    /// The key's record.
    pub id: Uuid,
    /// Whom it acts as.
    pub user: Uuid,
    /// What it is for.
    pub name: String,
    /// Its last characters.
    pub hint: String,
    /// What it may do, as far as its user may.
    pub roles: Vec<String>,
    /// When it was made.
    pub made_at: Instant,
    /// When it ends; never if absent.
    pub expires_at: Option<Instant>,
}

/// Ends a session; once it has ended, nothing more happens. Errors: 404 for those of others and of
/// other organisations too.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EndSession {
    /// The organisation.
    pub org: Uuid,
    /// The session.
    pub session: Uuid,
}
contract!(EndSession => (), "end_session");

/// Revokes a key of a program, as [`EndSession`] does a session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RevokeApiKey {
    /// The organisation.
    pub org: Uuid,
    /// The key's record.
    pub key: Uuid,
}
contract!(RevokeApiKey => (), "revoke_api_key");

/// Whether a call may see and end what gives `user` access to an organisation. A key may not: what
/// a program was given does not tell where people are.
///
/// # Errors
/// 403 for everyone else, naming `right`.
pub fn concerns(call: &Call, org: Uuid, user: Option<Uuid>, right: &str) -> Result<(), Problem> {
    match call.actor {
        Actor::User(own) if user == Some(own) && call.org == org => Ok(()),
        _ => administers(call, org, right),
    }
}
