//! Says who a token stands for, as of now.

use crate::desk::{Visit, invalid_token, session_ended, unauthenticated};
use crate::token::{self, SECRET};
use crate::{ApiKey, Session};
use contracts::auth::{Authenticate, Identity, IdentityKind};
use contracts::users::{Membership, MembershipIn};
use kernel::rights::ADMINISTRATOR;
use kernel::{Problem, Record};
use types::{Uuid, Value};

/// Says who a token stands for.
pub async fn authenticate(visit: Visit, request: Authenticate) -> Result<Identity, Problem> {
    identify(&visit, &request.token).await
}

/// Who a token stands for: the token is good, its session or key is, and the user is active and
/// still belongs to the organisation.
///
/// # Errors
/// 401 `invalid_token`, `token_expired` or `session_ended`.
pub async fn identify(visit: &Visit, token: &str) -> Result<Identity, Problem> {
    if let Some((id, secret)) = token::parse::<SECRET>(token::ACCESS, token) {
        of_session(visit, id, &secret).await
    } else if let Some((id, secret)) = token::parse::<SECRET>(token::API_KEY, token) {
        of_key(visit, id, &secret).await
    } else {
        Err(invalid_token())
    }
}

async fn of_session(visit: &Visit, id: Uuid, secret: &[u8; SECRET]) -> Result<Identity, Problem> {
    let session = visit.get(Session::ENTITY, id).await?.ok_or_else(invalid_token)?;
    if session.values[Session::ACCESS_HASH] != visit.fingerprint("access", secret).into() {
        return Err(invalid_token());
    }
    if session.state() != Some(Session::ACTIVE) {
        return Err(session_ended());
    }
    still_good(visit, &session.values[Session::ACCESS_EXPIRES_AT])?;
    let membership = membership(visit, &session, Session::USER, Session::ORG).await?;
    Ok(Identity {
        user: membership.user,
        session: id,
        org: membership.org,
        roles: membership.roles,
        companies: membership.companies,
        kind: IdentityKind::User,
    })
}

async fn of_key(visit: &Visit, id: Uuid, secret: &[u8; SECRET]) -> Result<Identity, Problem> {
    let key = visit.get(ApiKey::ENTITY, id).await?.ok_or_else(invalid_token)?;
    if key.values[ApiKey::SECRET_HASH] != visit.fingerprint("api key", secret).into() {
        return Err(invalid_token());
    }
    if key.state() != Some(ApiKey::ACTIVE) {
        return Err(unauthenticated("key_revoked", "This API key was revoked. Use another one."));
    }
    if !key.values[ApiKey::EXPIRES_AT].is_null() {
        still_good(visit, &key.values[ApiKey::EXPIRES_AT])?;
    }
    let membership = membership(visit, &key, ApiKey::USER, ApiKey::ORG).await?;
    let granted = roles_at(&key, ApiKey::ROLES);
    Ok(Identity {
        user: membership.user,
        session: id,
        org: membership.org,
        roles: within(granted, &membership.roles),
        companies: membership.companies,
        kind: IdentityKind::ApiKey,
    })
}

/// The names that a field holds as a JSON list; none for anything else.
pub fn roles_at(record: &Record, slot: usize) -> Vec<String> {
    match &record.values[slot] {
        Value::Json(text) => serde_json::from_str(text).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// The roles of a key, as far as its user has them; an administrator has all.
pub fn within(mut roles: Vec<String>, held: &[String]) -> Vec<String> {
    if !held.iter().any(|role| role == ADMINISTRATOR) {
        roles.retain(|role| held.contains(role));
    }
    roles.sort();
    roles.dedup();
    roles
}

fn still_good(visit: &Visit, expires: &Value) -> Result<(), Problem> {
    match expires.as_instant() {
        Some(expires) if visit.now() < expires => Ok(()),
        _ => Err(unauthenticated("token_expired", "This token has expired. Refresh it.")),
    }
}

/// The place of the user of a session or key in its organisation.
async fn membership(
    visit: &Visit,
    record: &Record,
    user: usize,
    org: usize,
) -> Result<Membership, Problem> {
    let id = |slot: usize| record.values[slot].as_id().unwrap_or_default();
    let request = MembershipIn { user: id(user), org: id(org) };
    visit.ask::<MembershipIn>(&request).await?.ok_or_else(session_ended)
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn a_key_has_no_role_that_its_user_has_not() {
        let roles = |names: &str| names.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        for (granted, held, expected) in [
            ("sales viewer", "sales", "sales"),
            ("administrator", "sales", ""),
            ("viewer sales sales", "administrator", "sales viewer"),
            ("administrator", "administrator", "administrator"),
            ("", "administrator", ""),
        ] {
            assert_eq!(within(roles(granted), &roles(held)), roles(expected), "{granted} {held}");
        }
    }
}
