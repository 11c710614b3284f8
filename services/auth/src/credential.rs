//! Credentials: a user's password, and the acts that end the user's sessions.

pub mod rules;

use crate::Session;
use contracts::own;
use futures::future::BoxFuture;
use kernel::ports::Change;
use kernel::schema::slot;
use kernel::service::Work;
use kernel::{Problem, entity};
use types::{Uuid, Value};

/// A user's password, as a hash that only tells whether a password is the right one.
#[entity(service = "auth", prefix = "crd", system)]
pub struct Credential {
    /// Whose it is; a user has one.
    #[field(unique)]
    pub user: Link<users::UserRef>,
    /// The password under Argon2id, as a PHC text.
    #[field(secret)]
    pub password_hash: Text<200>,
    /// When the user was last signed out everywhere.
    pub signed_out_at: Option<Instant>,
}

/// Sets another password and ends the user's sessions, but for the one to `keep`.
pub fn set_password<'a>(work: &'a mut Work<'_>) -> BoxFuture<'a, Result<(), Problem>> {
    Box::pin(async move {
        let hash = given(work, "password_hash").as_text().map(str::to_owned);
        work.record.values[Credential::PASSWORD_HASH] = hash.into();
        end_sessions(work).await
    })
}

/// Ends the user's sessions, but for the one to `keep`.
pub fn sign_out<'a>(work: &'a mut Work<'_>) -> BoxFuture<'a, Result<(), Problem>> {
    Box::pin(end_sessions(work))
}

async fn end_sessions(work: &mut Work<'_>) -> Result<(), Problem> {
    let keep: Option<Uuid> = given(work, "keep").as_id();
    work.record.values[Credential::SIGNED_OUT_AT] = work.source.clock.now().into();
    let user = work.record.values[Credential::USER].clone();
    end_sessions_of(work, &user, keep).await
}

/// Ends a user's sessions along with what is done, but for the one to `keep`.
pub async fn end_sessions_of(
    work: &mut Work<'_>,
    user: &Value,
    keep: Option<Uuid>,
) -> Result<(), Problem> {
    let session = work.registry.get(Session::ENTITY);
    let session = session.ok_or_else(|| Problem::not_found("entity"))?.clone();
    let predicates = vec![
        own::equal(work.registry, &session, "user", user)?,
        own::equal(work.registry, &session, "state", &Session::ACTIVE.into())?,
    ];
    for before in own::within(work.snapshot, session, predicates).await? {
        if Some(before.id()) != keep {
            let mut after = before.clone();
            after.values[slot::STATE] = Session::REVOKED.into();
            work.others.push(Change::Update { before, after });
        }
    }
    Ok(())
}

/// What came with an act under a name; null if nothing did.
pub fn given<'a>(work: &'a Work<'_>, name: &str) -> &'a Value {
    let found = work.input.values.iter().find(|(given, _)| given == name);
    found.map_or(&Value::Null, |(_, value)| value)
}
