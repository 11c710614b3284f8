//! Commands that platform gives itself, for someone who asked through a contract.

use kernel::command::Answer;
use kernel::rights::ADMINISTRATOR;
use kernel::{Actor, Call, Problem, Record};
use std::sync::Arc;
use types::Uuid;

/// Whether the call may ask about this organisation: its own, or any for the platform.
///
/// # Errors
/// 403 for someone of another organisation.
pub fn in_own_org(call: &Call, org: Uuid) -> Result<(), Problem> {
    match call.actor {
        Actor::User(_) | Actor::ApiKey { .. } if call.org != org => {
            Err(Problem::forbidden("platform.org:read"))
        }
        _ => Ok(()),
    }
}

/// Whether an administrator of this organisation asks, or the platform.
///
/// # Errors
/// 403 for everyone else, naming `right`.
pub fn only_administrators(call: &Call, org: Uuid, right: &str) -> Result<(), Problem> {
    in_own_org(call, org)?;
    let is_administrator = call.roles.iter().any(|role| role == ADMINISTRATOR);
    match call.actor {
        Actor::User(_) | Actor::ApiKey { .. } if !is_administrator => {
            Err(Problem::forbidden(right))
        }
        _ => Ok(()),
    }
}

/// A call in the name of who asked, with the rights of the platform: for records that the
/// platform keeps about what people do.
pub fn in_own_right(call: &Call, org: Uuid) -> Call {
    Call {
        org,
        roles: Arc::from([ADMINISTRATOR.to_owned()]),
        companies: None,
        change_set: None,
        idempotency: None,
        dry_run: false,
        ..call.clone()
    }
}

/// The record that a command answered.
///
/// # Errors
/// 500 when it answered something else.
pub fn made(answer: Answer) -> Result<Record, Problem> {
    match answer {
        Answer::Record(view) => Ok(view.record),
        _ => Err(Problem::internal("a command answered no record")),
    }
}
