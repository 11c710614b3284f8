//! Commands that platform gives itself, for someone who asked through a contract.

use kernel::command::Answer;
use kernel::rights::ADMINISTRATOR;
use kernel::schema::{Default, slot};
use kernel::service::Work;
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

/// A new record of this service for [`Work::others`]: id, first state and defaults.
///
/// # Errors
/// 500 when there is no such entity.
pub fn draft(work: &Work<'_>, entity: &str) -> Result<Record, Problem> {
    let entity = work.registry.get(entity).cloned();
    let entity = entity.ok_or_else(|| Problem::internal("an entity of platform is missing"))?;
    let mut record = Record::empty(entity.clone());
    record.values[slot::ID] = work.source.id().into();
    record.values[slot::STATE] = entity.first_state().into();
    let now = work.source.clock.now();
    for (value, field) in record.values.iter_mut().zip(&entity.fields) {
        match &field.default {
            None => {}
            Some(Default::Value(start)) => *value = start.clone(),
            Some(Default::Now) => *value = now.into(),
            Some(Default::Actor) => *value = work.call.actor.user().into(),
            Some(Default::Today) => *value = now.date_in("UTC").into(),
        }
    }
    Ok(record)
}
