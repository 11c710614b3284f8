//! Listens to `users`: who is deactivated or deleted is signed out everywhere.

use crate::Credential;
use contracts::{SYSTEM_ORG, own};
use futures::future::BoxFuture;
use kernel::command::{Known, Verb};
use kernel::log::{ChangeRecord, Event, EventValue};
use kernel::service::{Delivery, Runtime};
use kernel::{Command, Input, Problem, ProblemKind};
use std::sync::Arc;
use types::{Uuid, Value};

/// The entity whose events matter.
const USER: &str = "users.user";

/// Signs out the user that an event deactivates or deletes, once.
pub fn on_users<'a>(
    runtime: &'a Arc<Runtime>,
    delivery: &'a Delivery,
) -> BoxFuture<'a, Result<(), Problem>> {
    Box::pin(async move {
        let Some(user) = leaver(&delivery.event) else { return Ok(()) };
        let user = user.into();
        let found = own::find(runtime, SYSTEM_ORG, Credential::ENTITY, "user", &user).await?;
        // Who never had a password never had a session.
        let Some(credential) = found.first() else { return Ok(()) };
        let verb =
            Verb::Act { id: credential.id(), act: "sign_out".to_owned(), known: Known::Nothing };
        let entity = Credential::ENTITY.to_owned();
        let command = Command { entity, verb, input: Input::new() };
        match runtime.effect(delivery, &command).await {
            Err(problem) if problem.kind == ProblemKind::NotFound => Ok(()),
            done => done.map(drop),
        }
    })
}

/// The user who may not sign in any more after this event. An event is one command, so there is
/// one at most.
fn leaver(event: &Event) -> Option<Uuid> {
    let leaves = |change: &&ChangeRecord| {
        let off = |(name, value): &(String, EventValue)| {
            name == "active" && *value == EventValue::Plain(Value::Bool(false))
        };
        change.entity == USER && (change.version == 0 || change.after.iter().any(off))
    };
    event.changes.iter().find(leaves).map(|change| change.record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::Instant;

    fn event(entity: &str, version: u64, after: Vec<(String, EventValue)>) -> Event {
        let record = Uuid::from_u128(7);
        let entity = entity.to_owned();
        Event {
            id: Uuid::from_u128(1),
            org: SYSTEM_ORG,
            service: "users".to_owned(),
            at: Instant(0),
            actor: Uuid::nil(),
            actor_kind: "system".to_owned(),
            act: "update".to_owned(),
            reason: String::new(),
            request_id: String::new(),
            change_set: None,
            premises: Vec::new(),
            changes: vec![ChangeRecord { entity, record, version, before: Vec::new(), after }],
        }
    }

    #[test]
    fn only_who_is_deactivated_or_deleted_leaves() {
        let active =
            |value: bool| vec![("active".to_owned(), EventValue::Plain(Value::Bool(value)))];
        let leaver = |entity, version, after| leaver(&event(entity, version, after)).is_some();
        assert!(leaver(USER, 2, active(false)));
        assert!(leaver(USER, 0, Vec::new()));
        assert!(!leaver(USER, 2, active(true)));
        assert!(!leaver(USER, 2, Vec::new()));
        assert!(!leaver("users.membership", 0, Vec::new()));
    }
}
