//! Makes a key for a program.

use crate::ApiKey;
use crate::authenticate::within;
use crate::desk::{Visit, no_membership};
use crate::token::{self, SECRET};
use contracts::auth::{IssueApiKey, IssuedApiKey};
use contracts::users::MembershipIn;
use contracts::{in_system_org, once, own};
use kernel::command::Verb;
use kernel::rights::ADMINISTRATOR;
use kernel::{Actor, FieldProblem, Problem};
use types::{Uuid, Value};

/// Makes a key; it is answered this once.
pub async fn issue_api_key(visit: Visit, request: IssueApiKey) -> Result<IssuedApiKey, Problem> {
    may_issue(&visit, &request)?;
    let IssueApiKey { name, user, org, roles, expires_at } = request;
    let membership = visit.ask::<MembershipIn>(&MembershipIn { user, org }).await?;
    let membership = membership.ok_or_else(no_membership)?;
    let asked = asked(&name, user, org, &roles);
    let secret: [u8; SECRET] = visit.secret_of_request("api key", &[asked.as_bytes()]);
    let mut input = own::input(&visit.runtime, ApiKey::ENTITY, &[("name", &name)])?;
    for role in
        roles.iter().filter(|role| !within(vec![(*role).clone()], &membership.roles).contains(role))
    {
        let text = format!("{role} is not a role of the user");
        input.problems.push(FieldProblem::new("/roles", "unknown_role", text));
    }
    if expires_at.is_some_and(|expires| expires <= visit.now()) {
        input.problems.push(FieldProblem::new("/expires_at", "in_the_past", "must lie ahead"));
    }
    let roles = Value::Json(serde_json::Value::from(within(roles, &membership.roles)).to_string());
    let input = input
        .set("user", user)
        .set("org", org)
        .set("roles", roles)
        .set("secret_hash", visit.fingerprint("api key", &secret))
        .set("hint", token::hint(&secret))
        .set("expires_at", expires_at);
    let call = in_system_org(&visit.call, &format!("asked for by {}", visit.call.actor.user()));
    let call = once(&visit.runtime, call, &[b"api key", asked.as_bytes()]);
    let made = visit.execute_as(call, ApiKey::ENTITY, Verb::Create, input).await?;
    Ok(IssuedApiKey { id: made.id(), key: token::write(token::API_KEY, made.id(), &secret) })
}

/// What a key was asked for, in one text: the same request makes the same key.
fn asked(name: &str, user: Uuid, org: Uuid, roles: &[String]) -> String {
    serde_json::json!([name, user.to_string(), org.to_string(), roles]).to_string()
}

/// The platform may, an administrator in their organisation, and users for themselves; a key
/// makes no keys.
fn may_issue(visit: &Visit, request: &IssueApiKey) -> Result<(), Problem> {
    let call = &visit.call;
    let allowed = match call.actor {
        Actor::System | Actor::Service(_) => true,
        Actor::User(user) => {
            let administers = call.roles.iter().any(|role| role == ADMINISTRATOR);
            call.org == request.org && (administers || user == request.user)
        }
        Actor::ApiKey { .. } => false,
    };
    if allowed { Ok(()) } else { Err(Problem::forbidden("auth.api_key:create")) }
}
