//! Sessions: a user signed in to one organisation.

use crate::desk::Visit;
use crate::token::{self, FAMILY, SECRET};
use contracts::auth::{Client, Session as Tokens};
use contracts::{SYSTEM_ORG, in_system_org, own};
use kernel::command::{Known, Verb};
use kernel::{Command, Input, Problem, Record, entity};
use types::{Instant, Uuid};

/// Seconds until an access token ends.
pub const ACCESS_SECONDS: u32 = 15 * 60;
/// Seconds until a session ends that nobody refreshes.
const IDLE_SECONDS: u32 = 30 * 24 * 3_600;
/// Expired sessions that one sign-in removes at most.
const REMOVED: u32 = 4;
/// The most characters that are kept of what a client calls itself.
const MAX_CLIENT: usize = 300;

/// A user signed in to one organisation, from one client.
///
/// Its tokens are kept as keyed hashes only. A refresh token is spent by its use; one that is
/// used again shows that someone copied it, and ends the session.
#[entity(service = "auth", prefix = "ses", system)]
#[states(Active -> Revoked via revoke)]
pub struct Session {
    /// Who signed in.
    pub user: Link<users::UserRef>,
    /// The organisation that the session is for.
    pub org: Link<platform::OrgRef>,
    /// The keyed hash of the access token.
    #[field(secret)]
    pub access_hash: Text<64>,
    /// When the access token ends.
    pub access_expires_at: Instant,
    /// The keyed hash of what the session's refresh tokens have in common.
    #[field(secret)]
    pub family_hash: Text<64>,
    /// The keyed hash of the one refresh token that is not spent.
    #[field(secret)]
    pub refresh_hash: Text<64>,
    /// When the refresh token ends, and the session with it.
    #[field(indexed)]
    pub expires_at: Instant,
    /// What the client called itself.
    #[field(personal)]
    pub client: Option<Text<300>>,
    /// The network address that the user signed in from.
    #[field(personal)]
    pub address: Option<Text<64>>,
}

impl Session {
    /// The state of a session whose tokens are good.
    pub const ACTIVE: &'static str = "active";
    /// The state of a session that was ended.
    pub const REVOKED: &'static str = "revoked";
}

/// The random bytes of a session's tokens.
pub struct Secrets {
    /// Of the access token.
    pub access: [u8; SECRET],
    /// What its refresh tokens share.
    pub family: [u8; FAMILY],
    /// Of the refresh token.
    pub refresh: [u8; SECRET],
}

impl Secrets {
    /// The fields that keep them as keyed hashes, and when they end.
    pub fn fields(&self, visit: &Visit) -> Input {
        let after = |seconds: u32| Instant(visit.now().0 + i64::from(seconds) * 1_000_000);
        Input::new()
            .set("access_hash", visit.fingerprint("access", &self.access))
            .set("access_expires_at", after(ACCESS_SECONDS))
            .set("family_hash", visit.fingerprint("family", &self.family))
            .set("refresh_hash", visit.fingerprint("refresh", &self.refresh))
            .set("expires_at", after(IDLE_SECONDS))
    }

    /// The tokens of a session with these secrets.
    pub fn tokens(&self, session: Uuid, user: Uuid, org: Uuid) -> Tokens {
        let refresh = [self.family.as_slice(), &self.refresh].concat();
        Tokens {
            access_token: token::write(token::ACCESS, session, &self.access),
            refresh_token: token::write(token::REFRESH, session, &refresh),
            expires_in: ACCESS_SECONDS,
            user,
            org,
            session,
        }
    }
}

/// Opens a session; whoever calls has made sure of who it is and where they belong.
///
/// # Errors
/// A [`Problem`] when the session cannot be written.
pub async fn open(
    visit: &Visit,
    user: Uuid,
    org: Uuid,
    client: &Client,
) -> Result<Tokens, Problem> {
    let secrets =
        Secrets { access: visit.random(), family: visit.random(), refresh: visit.random() };
    let input = secrets
        .fields(visit)
        .set("user", user)
        .set("org", org)
        .set("client", printable(&client.name, MAX_CLIENT))
        .set("address", printable(&client.address, 64));
    let made = visit.execute("sign-in", Session::ENTITY, Verb::Create, input).await?;
    remove_expired(visit).await;
    Ok(secrets.tokens(made.id(), user, org))
}

/// Removes a few sessions whose time is over: each sign-in that adds one removes more than one, so
/// that they cannot pile up. The log keeps what they were.
///
/// A sign-in does not fail for it: what is left, the next one removes.
async fn remove_expired(visit: &Visit) {
    let runtime = &visit.runtime;
    let lowest = own::lowest(runtime, SYSTEM_ORG, Session::ENTITY, "expires_at", REMOVED).await;
    let is_over = |session: &Record| {
        session.values[Session::EXPIRES_AT].as_instant().is_some_and(|ends| ends < visit.now())
    };
    for session in lowest.unwrap_or_default().iter().filter(|session| is_over(session)) {
        let known = Known::Exactly(session.version());
        let verb = Verb::Delete { id: session.id(), known };
        let entity = Session::ENTITY.to_owned();
        let call = in_system_org(&visit.call, "the session has expired");
        // Another sign-in may be removing the same ones.
        let _ = runtime.execute(&call, &Command { entity, verb, input: Input::new() }).await;
    }
}

/// The beginning of a text without what cannot be shown; none if nothing is left.
fn printable(text: &str, most: usize) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_control()).take(most).collect();
    (!text.is_empty()).then_some(text)
}
