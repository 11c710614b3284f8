//! Admissions: links that let one person in, once. They end like sessions do, and the database
//! holds keyed hashes of their tokens only.
//!
//! Opened by [`issue`], used by [`enter`]. A new one for the same person takes the place of the
//! one before, so that there is never more than one way in.

pub mod enter;
pub mod issue;

use crate::Credential;
use crate::credential::{end_sessions_of, given};
use contracts::admission::Purpose;
use contracts::people::is_role;
use contracts::{only_platform, own};
use futures::future::BoxFuture;
use kernel::ports::Change;
use kernel::service::{Case, Work};
use kernel::{FieldProblem, Problem, Record, entity};
use types::Value;

type Done<'a> = BoxFuture<'a, Result<(), Problem>>;

/// A link that lets one person in, once: into an organisation, or to a new password.
///
/// Its token is shown when it is made; a keyed hash of it is kept. Claimed, its password holds;
/// used, the membership does too.
#[entity(service = "auth", prefix = "adm", system)]
#[states(
    Open -> Claimed via claim,
    Claimed -> Used via finish,
    Open -> Withdrawn via withdraw,
    Claimed -> Withdrawn via withdraw,
    Open -> Open via renew,
    Claimed -> Open via renew,
    Used -> Open via renew,
    Withdrawn -> Open via renew
)]
pub struct Admission {
    /// What it is for.
    #[field(choice(invitation, reset))]
    pub purpose: Choice,
    /// What it is for and whom, as a keyed hash: there is one link for each.
    #[field(unique)]
    pub key: Text<64>,
    /// Whose password it sets, or who used the invitation.
    pub user: Option<Link<users::UserRef>>,
    /// The organisation that it leads to, or whose administrator made it.
    pub org: Option<Link<platform::OrgRef>>,
    /// The administrator who made it; the platform itself if empty.
    pub issuer: Option<Link<users::UserRef>>,
    /// The e-mail that is invited.
    #[field(personal)]
    pub email: Option<Email>,
    /// What the administrator calls who is invited.
    #[field(personal)]
    pub name: Option<Text<200>>,
    /// The roles that an invitation gives: a JSON list of names in snake case.
    pub roles: Option<Json>,
    /// The keyed hash of its token.
    #[field(secret)]
    pub secret_hash: Text<64>,
    /// When it ends.
    pub expires_at: Instant,
    /// The keyed hash of the request that used it, which may ask again for a lost answer.
    #[field(secret)]
    pub request_hash: Option<Text<64>>,
}

impl Admission {
    /// The state of a link that nobody used yet.
    pub const OPEN: &'static str = "open";
    /// The state of a link whose password holds and whose membership may not yet.
    pub const CLAIMED: &'static str = "claimed";
    /// The state of a link that was used.
    pub const USED: &'static str = "used";
}

/// What a link is for.
pub fn purpose(admission: &Record) -> Purpose {
    match admission.values[Admission::PURPOSE].as_text() {
        Some("reset") => Purpose::Reset,
        _ => Purpose::Invitation,
    }
}

/// The roles are a list of names in snake case.
pub fn roles(case: &Case<'_>) -> Vec<FieldProblem> {
    let fits = match &case.after.values[Admission::ROLES] {
        Value::Json(text) => serde_json::from_str::<Vec<String>>(text)
            .is_ok_and(|roles| roles.iter().all(|role| is_role(role))),
        _ => true,
    };
    let text = "must be a list of role names in snake case, such as [\"sales\", \"viewer\"]";
    (!fits).then(|| FieldProblem::new("/roles", "invalid_roles", text)).into_iter().collect()
}

/// Somebody uses the link. A new password is set in the same commit, and ends the sessions of the
/// account: of two who use a link at once, one sets a password and the other changes nothing.
pub fn claim<'a>(work: &'a mut Work<'_>) -> Done<'a> {
    Box::pin(async move {
        only_platform(work.call, "auth.admission:claim")?;
        take(work, "user", Admission::USER);
        take(work, "request_hash", Admission::REQUEST_HASH);
        let hash = given(work, "password_hash").clone();
        if hash.is_null() {
            return Ok(());
        }
        let user = work.record.values[Admission::USER].clone();
        let credential = work.registry.get(Credential::ENTITY).cloned();
        let credential = credential.ok_or_else(|| Problem::not_found("entity"))?;
        let known = own::equal(work.registry, &credential, "user", &user)?;
        let known = own::within(work.snapshot, credential, vec![known]).await?;
        match known.into_iter().next() {
            // Another link made the account in the meantime: this one opens no account that is not
            // its own.
            Some(_) if purpose(&work.record) == Purpose::Invitation => {
                let text = "This e-mail has an account by now. Use its password.";
                Err(Problem::conflict("already_exists", text))
            }
            Some(before) => {
                let mut after = before.clone();
                after.values[Credential::PASSWORD_HASH] = hash;
                after.values[Credential::SIGNED_OUT_AT] = work.source.clock.now().into();
                work.others.push(Change::Update { before, after });
                end_sessions_of(work, &user, None).await
            }
            None => {
                let mut made = own::draft(work, Credential::ENTITY)?;
                made.values[Credential::USER] = user;
                made.values[Credential::PASSWORD_HASH] = hash;
                work.others.push(Change::Insert(made));
                Ok(())
            }
        }
    })
}

/// What was asked with the link is done.
pub fn finish<'a>(work: &'a mut Work<'_>) -> Done<'a> {
    Box::pin(async move { only_platform(work.call, "auth.admission:finish") })
}

/// Another token takes the place of the one before, and with it another administrator's word.
pub fn renew<'a>(work: &'a mut Work<'_>) -> Done<'a> {
    Box::pin(async move {
        only_platform(work.call, "auth.admission:renew")?;
        for (name, slot) in [
            ("user", Admission::USER),
            ("org", Admission::ORG),
            ("issuer", Admission::ISSUER),
            ("email", Admission::EMAIL),
            ("name", Admission::NAME),
            ("roles", Admission::ROLES),
            ("secret_hash", Admission::SECRET_HASH),
            ("expires_at", Admission::EXPIRES_AT),
        ] {
            take(work, name, slot);
        }
        work.record.values[Admission::REQUEST_HASH] = Value::Null;
        Ok(())
    })
}

/// Links are made by asking for one: what they promise is checked there.
pub fn made_by_platform<'a>(work: &'a mut Work<'_>) -> Done<'a> {
    Box::pin(async move {
        let by_hand = matches!(work.verb, "create" | "update");
        if by_hand && only_platform(work.call, "auth.admission:create").is_err() {
            let text = "links are made by inviting or by asking for a new password";
            work.problems.push(FieldProblem::new("/purpose", "made_by_platform", text));
        }
        Ok(())
    })
}

/// Puts what came with the act into a field.
fn take(work: &mut Work<'_>, name: &str, slot: usize) {
    if let Some((_, value)) = work.input.values.iter().find(|(given, _)| given == name) {
        work.record.values[slot] = value.clone();
    }
}
