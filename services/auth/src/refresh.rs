//! Gives new tokens for a refresh token, and ends sessions.

use crate::Session;
use crate::desk::{Visit, invalid_token, session_ended, unauthenticated};
use crate::session::Secrets;
use crate::token::{self, FAMILY, SECRET};
use contracts::auth::{Logout, Refresh, Session as Tokens};
use contracts::users::MembershipIn;
use kernel::command::{Known, Verb};
use kernel::{Input, Problem, ProblemKind, Record};
use types::Uuid;

/// Gives new tokens for a refresh token, which is spent by that.
pub async fn refresh(visit: Visit, request: Refresh) -> Result<Tokens, Problem> {
    let spent = parse(&request.refresh_token).ok_or_else(invalid_token)?;
    let (id, next) = (spent.session, next_secrets(&visit, &spent));
    // Another request may change the session between reading and writing: then look again.
    for _ in 0..3 {
        let session = visit.get(Session::ENTITY, id).await?.ok_or_else(invalid_token)?;
        if session.values[Session::FAMILY_HASH] != visit.fingerprint("family", &spent.family).into()
        {
            return Err(invalid_token());
        }
        if session.state() != Some(Session::ACTIVE) {
            return Err(session_ended());
        }
        let (user, org) = (of(&session, Session::USER), of(&session, Session::ORG));
        let kept = &session.values[Session::REFRESH_HASH];
        if *kept == visit.fingerprint("refresh", &next.refresh).into() {
            // This very request was done before and its answer got lost.
            return Ok(next.tokens(id, user, org));
        }
        if *kept != visit.fingerprint("refresh", &spent.turn).into() {
            revoke(&visit, id, "a spent refresh token was used again").await?;
            let text =
                "This refresh token was used before, so the session was ended. Sign in again.";
            return Err(unauthenticated("token_reused", text));
        }
        let ends = session.values[Session::EXPIRES_AT].as_instant();
        if ends.is_none_or(|ends| visit.now() >= ends) {
            return Err(session_ended());
        }
        if visit.ask::<MembershipIn>(&MembershipIn { user, org }).await?.is_none() {
            return Err(session_ended());
        }
        let verb = Verb::Update { id, known: Known::Exactly(session.version()) };
        let written = visit.execute("refresh", Session::ENTITY, verb, next.fields(&visit)).await;
        match written {
            Ok(_) => return Ok(next.tokens(id, user, org)),
            Err(problem) if problem.kind == ProblemKind::PreconditionFailed => {}
            Err(problem) => return Err(problem),
        }
    }
    Err(Problem::conflict("contended", "This session is being changed by others. Retry."))
}

/// Ends the session of an access or refresh token; an unknown token is as good as ended.
pub async fn logout(visit: Visit, request: Logout) -> Result<(), Problem> {
    let (id, slot, fingerprint) = if let Some(spent) = parse(&request.token) {
        (spent.session, Session::FAMILY_HASH, visit.fingerprint("family", &spent.family))
    } else if let Some((id, secret)) = token::parse::<SECRET>(token::ACCESS, &request.token) {
        (id, Session::ACCESS_HASH, visit.fingerprint("access", &secret))
    } else {
        return Ok(());
    };
    match visit.get(Session::ENTITY, id).await? {
        Some(session) if session.values[slot] == fingerprint.into() => {
            revoke(&visit, id, "sign-out").await
        }
        _ => Ok(()),
    }
}

async fn revoke(visit: &Visit, session: Uuid, reason: &str) -> Result<(), Problem> {
    let verb = Verb::Act { id: session, act: "revoke".to_owned(), known: Known::Nothing };
    match visit.execute(reason, Session::ENTITY, verb, Input::new()).await {
        Err(problem) if problem.code == "wrong_state" => Ok(()),
        done => done.map(drop),
    }
}

/// The secrets that follow the spent ones.
fn next_secrets(visit: &Visit, spent: &Spent) -> Secrets {
    let Spent { family, turn, .. } = spent;
    Secrets {
        access: visit.secret_of_request("next access", &[family, turn]),
        family: *family,
        refresh: visit.secret_of_request("next refresh", &[family, turn]),
    }
}

/// A refresh token taken apart.
struct Spent {
    session: Uuid,
    family: [u8; FAMILY],
    turn: [u8; SECRET],
}

fn parse(token: &str) -> Option<Spent> {
    let (session, secret) = token::parse::<{ FAMILY + SECRET }>(token::REFRESH, token)?;
    let (family, turn) = secret.split_first_chunk::<FAMILY>()?;
    Some(Spent { session, family: *family, turn: turn.try_into().ok()? })
}

fn of(session: &Record, slot: usize) -> Uuid {
    session.values[slot].as_id().unwrap_or_default()
}
