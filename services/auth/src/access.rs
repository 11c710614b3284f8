//! Where people are signed in to an organisation, which keys programs have there, and ending both:
//! for whom they concern, and for those who administer the organisation.

use crate::authenticate::roles_at;
use crate::desk::Visit;
use crate::{ApiKey, Session};
use contracts::access::{
    Access, AccessFacts, EndSession, KeyFacts, RevokeApiKey, SessionFacts, concerns,
};
use contracts::{SYSTEM_ORG, in_system_org, own};
use kernel::command::{Known, Verb};
use kernel::schema::slot;
use kernel::{Input, Problem, Record};
use types::{Instant, Uuid, Value};

/// What gives access to an organisation.
pub async fn access(visit: Visit, request: Access) -> Result<AccessFacts, Problem> {
    concerns(&visit.call, request.org, request.user, "auth.session:read")?;
    let sessions = active(&visit, Session::ENTITY, Session::ACTIVE, &request).await?;
    let keys = active(&visit, ApiKey::ENTITY, ApiKey::ACTIVE, &request).await?;
    let now = visit.now();
    let sessions = sessions.iter().map(session_facts).filter(|one| one.expires_at > now);
    Ok(AccessFacts { sessions: sessions.collect(), keys: keys.iter().map(key_facts).collect() })
}

/// Ends a session.
pub async fn end_session(visit: Visit, request: EndSession) -> Result<(), Problem> {
    let EndSession { org, session } = request;
    end(&visit, org, Session::ENTITY, session, "session", [Session::ORG, Session::USER]).await
}

/// Revokes a key.
pub async fn revoke_api_key(visit: Visit, request: RevokeApiKey) -> Result<(), Problem> {
    let RevokeApiKey { org, key } = request;
    end(&visit, org, ApiKey::ENTITY, key, "API key", [ApiKey::ORG, ApiKey::USER]).await
}

/// The newest records of this state that what was asked concerns.
async fn active(
    visit: &Visit,
    entity: &str,
    state: &str,
    asked: &Access,
) -> Result<Vec<Record>, Problem> {
    let (org, state) = (asked.org.into(), Value::from(state));
    let user = asked.user.map(Value::from);
    let mut fields = vec![("org", &org), ("state", &state)];
    fields.extend(user.as_ref().map(|user| ("user", user)));
    own::newest(&visit.runtime, SYSTEM_ORG, entity, &fields).await
}

/// Revokes a record whose organisation and user stand at two slots.
async fn end(
    visit: &Visit,
    org: Uuid,
    entity: &str,
    record: Uuid,
    noun: &str,
    [of, user]: [usize; 2],
) -> Result<(), Problem> {
    let found = visit.get(entity, record).await?;
    // Who may not end it is not told that there is one.
    let found = found.is_some_and(|found| {
        id(&found, of) == Some(org)
            && concerns(&visit.call, org, id(&found, user), "auth.session:revoke").is_ok()
    });
    if !found {
        return Err(Problem::not_found(noun));
    }
    let reason = format!("asked for by {}", visit.call.actor.user());
    let call = in_system_org(&visit.call, &reason);
    let verb = Verb::Act { id: record, act: "revoke".to_owned(), known: Known::Nothing };
    match visit.execute_as(call, entity, verb, Input::new()).await {
        // It has ended already.
        Err(problem) if problem.code == "wrong_state" => Ok(()),
        done => done.map(drop),
    }
}

fn session_facts(session: &Record) -> SessionFacts {
    SessionFacts {
        id: session.id(),
        user: id(session, Session::USER).unwrap_or_default(),
        client: text(session, Session::CLIENT),
        address: text(session, Session::ADDRESS),
        began_at: instant(session, slot::CREATED_AT).unwrap_or(Instant(0)),
        used_at: instant(session, slot::UPDATED_AT).unwrap_or(Instant(0)),
        expires_at: instant(session, Session::EXPIRES_AT).unwrap_or(Instant(0)),
    }
}

fn key_facts(key: &Record) -> KeyFacts {
    KeyFacts {
        id: key.id(),
        user: id(key, ApiKey::USER).unwrap_or_default(),
        name: text(key, ApiKey::NAME).unwrap_or_default(),
        hint: text(key, ApiKey::HINT).unwrap_or_default(),
        roles: roles_at(key, ApiKey::ROLES),
        made_at: instant(key, slot::CREATED_AT).unwrap_or(Instant(0)),
        expires_at: instant(key, ApiKey::EXPIRES_AT),
    }
}

fn id(record: &Record, slot: usize) -> Option<Uuid> {
    record.values[slot].as_id()
}

fn text(record: &Record, slot: usize) -> Option<String> {
    record.values[slot].as_text().map(str::to_owned)
}

fn instant(record: &Record, slot: usize) -> Option<Instant> {
    record.values[slot].as_instant()
}
