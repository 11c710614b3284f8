//! Rights, cell by cell: one plan decides on every surface.
//!
//! The grants are records of `users`, made as an administrator makes them; what a clerk then sees
//! and does in `operations` is asked of every surface and held against the table.

mod cells;
mod edge;
mod entering;
mod lines;
mod linked;
mod matrix;
mod operations;
pub mod people;
mod refusals;
mod told;
mod verbs;
mod words;

use kernel::command::{Known, Verb};
use kernel::{Answer, Call, Command, Input, Problem, Record};
use testkit::world::{World, view};
use types::{Uuid, Value};

pub const CUSTOMER: &str = "operations.customer";
pub const GRANT: &str = "users.grant";

/// A grant as a row of a test: who, verb, effect, condition, hidden and read-only fields.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    pub role: &'static str,
    pub verb: &'static str,
    pub effect: &'static str,
    pub condition: &'static str,
    pub hidden: &'static str,
    pub read_only: &'static str,
}

pub const NOTHING: Given = Given {
    role: "clerk",
    verb: "read",
    effect: "allow",
    condition: "",
    hidden: "",
    read_only: "",
};

/// Allows a verb.
pub const fn allow(verb: &'static str) -> Given {
    Given { verb, ..NOTHING }
}

/// Allows a verb on some records.
pub const fn allow_if(verb: &'static str, condition: &'static str) -> Given {
    Given { verb, condition, ..NOTHING }
}

/// Denies a verb on some records; on all if the condition is empty.
pub const fn deny_if(verb: &'static str, condition: &'static str) -> Given {
    Given { verb, condition, effect: "deny", ..NOTHING }
}

/// Allows to read and hides fields.
pub const fn hide(hidden: &'static str) -> Given {
    Given { hidden, ..NOTHING }
}

fn some(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { text.into() }
}

/// The grant as an administrator sends it.
pub fn grant_on(subject: &str, given: &Given) -> Input {
    Input::new()
        .set("role", given.role)
        .set("subject", subject)
        .set("verb", given.verb)
        .set("effect", given.effect)
        .set("condition", some(given.condition))
        .set("hidden", some(given.hidden))
        .set("read_only", some(given.read_only))
}

/// Replaces all grants of the organisation.
pub async fn only(world: &World, subject: &str, grants: &[Given]) -> Vec<Record> {
    for old in world.list(GRANT, "").await.unwrap() {
        let verb = Verb::Delete { id: old.id(), known: Known::Nothing };
        execute(world, world.call(), GRANT, verb, Input::new()).await.unwrap();
    }
    let mut made = Vec::new();
    for given in grants {
        made.push(world.create(GRANT, grant_on(subject, given)).await.unwrap());
    }
    made
}

/// Executes a command.
pub async fn execute(
    world: &World,
    call: Call,
    entity: &str,
    verb: Verb,
    input: Input,
) -> Result<Answer, Problem> {
    world.execute(call, Command { entity: entity.to_owned(), verb, input }).await
}

/// Creates a record as someone.
pub async fn create(world: &World, call: Call, input: Input) -> Result<Record, Problem> {
    execute(world, call, CUSTOMER, Verb::Create, input).await.map(|answer| view(answer).record)
}

/// Changes a record as someone.
pub async fn update(world: &World, call: Call, id: Uuid, input: Input) -> Result<Record, Problem> {
    let verb = Verb::Update { id, known: Known::Nothing };
    execute(world, call, CUSTOMER, verb, input).await.map(|answer| view(answer).record)
}

/// The HTTP status that an outcome has; 200 for every success.
pub fn status<T>(outcome: &Result<T, Problem>) -> u16 {
    outcome.as_ref().err().map_or(200, |problem| problem.kind.status())
}
