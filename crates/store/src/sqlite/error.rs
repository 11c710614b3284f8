//! What SQLite's errors mean to a caller.

use crate::tables::Catalog;
use kernel::ports::StoreError;
use rusqlite::{Error, ErrorCode, ffi};

/// The error for whoever asked, without the name of a unique field.
pub fn plain(error: Error) -> StoreError {
    let Error::SqliteFailure(failure, message) = &error else {
        return match error {
            Error::FromSqlConversionFailure(..) | Error::InvalidColumnType(..) => {
                StoreError::Corrupt(error.to_string())
            }
            other => StoreError::Internal(other.to_string()),
        };
    };
    let text = message.clone().unwrap_or_else(|| failure.to_string());
    match failure.code {
        ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::ReadOnly => {
            StoreError::StorageFull(text)
        }
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Corrupt(text),
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::CannotOpen
        | ErrorCode::PermissionDenied
        | ErrorCode::OperationInterrupted
        | ErrorCode::FileLockingProtocolFailed => StoreError::Unavailable(text),
        _ => StoreError::Internal(text),
    }
}

/// The error of a row that was written: a unique violation names its entity and field.
pub fn of_row(error: Error, catalog: &Catalog) -> StoreError {
    if let Error::SqliteFailure(failure, Some(message)) = &error
        && failure.extended_code == ffi::SQLITE_CONSTRAINT_UNIQUE
        && let Some((entity, field)) = taken(message, catalog)
    {
        return StoreError::NotUnique { entity, field };
    }
    plain(error)
}

/// Whether the error says that a row with this key is there already.
pub fn is_taken(error: &Error) -> bool {
    matches!(error, Error::SqliteFailure(failure, _) if matches!(
        failure.extended_code,
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
    ))
}

/// Entity and field of `UNIQUE constraint failed: crm.person._org, crm.person.code`.
fn taken(message: &str, catalog: &Catalog) -> Option<(String, String)> {
    let (_, columns) = message.split_once(": ")?;
    let (table, field) = columns.split(", ").last()?.rsplit_once('.')?;
    let found = catalog.tables().iter().find(|known| known.full_name() == table)?;
    Some((found.entity.full_name(), field.to_owned()))
}
