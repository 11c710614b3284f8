//! What PostgreSQL's errors mean for the one who asked.

use deadpool_postgres::PoolError;
use kernel::ports::{PremiseKey, StoreError};
use tokio_postgres::Error;
use tokio_postgres::error::{DbError, Severity, SqlState};
use types::Uuid;

/// The state that `megalith.unmoved` and `megalith.changed` raise; the message is the entity's
/// full name and the ids of the records that moved, separated by blanks.
pub const MOVED: &str = "MG001";
/// The state that `megalith.once` raises.
pub const EFFECT_DONE: &str = "MG002";
/// The state that `megalith.bounded` raises; the message is the accumulator's full name.
pub const OUT_OF_BOUNDS: &str = "MG003";
/// A prepared statement that a change of its table made useless.
const STALE_PLAN: &str = "0A000";

/// Finds the entity and the field of a unique index by schema and the index's name.
pub type FindUnique<'a> = &'a (dyn Fn(&str, &str) -> Option<(String, String)> + Sync);

/// What is known of the statement that failed, to name what a constraint stands for.
#[derive(Default)]
pub struct Context<'a> {
    /// The keys of the command; all of them may have moved when the database gave up.
    pub keys: &'a [PremiseKey],
    /// Names what a unique index stands for.
    pub unique: Option<FindUnique<'a>>,
}

/// The meaning of an error outside a command.
pub fn plain(error: Error) -> StoreError {
    read(&error, &Context::default())
}

/// The meaning of an error of a pool.
pub fn pool(error: PoolError) -> StoreError {
    match error {
        PoolError::Backend(error) => plain(error),
        other => StoreError::Unavailable(other.to_string()),
    }
}

/// The meaning of an error.
pub fn read(error: &Error, context: &Context<'_>) -> StoreError {
    match error.as_db_error() {
        Some(refusal) => refused(refusal, context),
        // No answer of the server: the connection was refused, broke, or timed out. An error in
        // what we sent has a source that is not about input and output.
        None if is_encoding(error) => StoreError::Internal(chain(error)),
        None => StoreError::Unavailable(chain(error)),
    }
}

/// Whether a prepared statement has to be made anew before it can run.
pub fn is_stale_plan(error: &Error) -> bool {
    let is_stale = |refusal: &DbError| refusal.code().code() == STALE_PLAN && !is_setting(refusal);
    error.as_db_error().is_some_and(is_stale)
}

/// Whether it is certain that the transaction has left nothing behind: the server refused one of
/// its statements, so that its COMMIT was none, or a statement could not be written down, and no
/// COMMIT was sent. A connection that broke says nothing.
pub fn keeps_nothing(error: &Error) -> bool {
    match error.as_db_error() {
        // A greater severity ends the connection, maybe behind the COMMIT.
        Some(refusal) => refusal.parsed_severity() == Some(Severity::Error),
        None => is_encoding(error),
    }
}

fn refused(refusal: &DbError, context: &Context<'_>) -> StoreError {
    let text = || {
        let detail = refusal.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
        format!("{}: {}{detail}", refusal.code().code(), refusal.message())
    };
    let code = refusal.code();
    match code.code() {
        MOVED => return StoreError::Moved(moved(refusal.message(), context.keys)),
        EFFECT_DONE => return StoreError::EffectDone,
        OUT_OF_BOUNDS => {
            return StoreError::OutOfBounds { accumulator: refusal.message().to_owned() };
        }
        // The classes are in appendix A of PostgreSQL's manual: 08 connection, 57P operator
        // intervention, 53 resources, 58 system, XX internal and corrupted.
        "25006" => return StoreError::ReadOnly(text()),
        STALE_PLAN if is_setting(refusal) => return StoreError::ReadOnly(text()),
        STALE_PLAN | "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "57014" | "55P03" => {
            return StoreError::Unavailable(text());
        }
        "53100" => return StoreError::StorageFull(text()),
        "XX001" | "XX002" => return StoreError::Corrupt(text()),
        other if other.starts_with("08") || other.starts_with("53") => {
            return StoreError::Unavailable(text());
        }
        _ => {}
    }
    if *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED {
        return StoreError::Moved(context.keys.to_vec());
    }
    if *code == SqlState::UNIQUE_VIOLATION {
        let place = |part: Option<&str>| part.unwrap_or_default().to_owned();
        let (schema, table) = (place(refusal.schema()), place(refusal.table()));
        let constraint = place(refusal.constraint());
        return match table.as_str() {
            "_idempotency" => StoreError::KeyUsed,
            // Another command made this subject's key first; this one must use that.
            "_subject_key" => StoreError::Moved(context.keys.to_vec()),
            _ => match context.unique.and_then(|find| find(&schema, &constraint)) {
                Some((entity, field)) => StoreError::NotUnique { entity, field },
                None => StoreError::Internal(text()),
            },
        };
    }
    StoreError::Internal(text())
}

/// Whether the value of a setting was refused: of ours only `READ WRITE` can be, by a server that
/// follows another. Its message is in the server's language; the routine's name is not.
fn is_setting(refusal: &DbError) -> bool {
    refusal.routine().is_some_and(|routine| routine.starts_with("call_"))
}

/// The keys in the message of [`MOVED`]; all of the command's where it names none.
fn moved(message: &str, all: &[PremiseKey]) -> Vec<PremiseKey> {
    let mut words = message.split(' ');
    let entity = words.next().unwrap_or_default();
    let keys: Vec<PremiseKey> = words
        .filter_map(|word| word.parse::<Uuid>().ok())
        .map(|id| PremiseKey::Record { entity: entity.to_owned(), id })
        .collect();
    if keys.is_empty() { all.to_vec() } else { keys }
}

/// Whether the error came up while we encoded or decoded, so that asking again cannot help.
fn is_encoding(error: &Error) -> bool {
    let text = error.to_string();
    ["error serializing", "error deserializing", "expected ", "invalid column"]
        .iter()
        .any(|start| text.starts_with(start))
}

fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_message_names_the_records() {
        let id = Uuid::from_u128(7);
        let key = |entity: &str| PremiseKey::Record { entity: entity.into(), id };
        assert_eq!(moved(&format!("operations.item {id}"), &[]), [key("operations.item")]);
        assert_eq!(moved("operations.item", &[key("a.b")]), [key("a.b")]);
    }
}
