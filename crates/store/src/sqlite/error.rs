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
        ErrorCode::DiskFull => StoreError::StorageFull(text),
        ErrorCode::ReadOnly => StoreError::ReadOnly(text),
        // Beyond a quota or a limit a write fails like this.
        ErrorCode::SystemIoFailure if is_of_writing(failure.extended_code) => {
            StoreError::StorageFull(text)
        }
        ErrorCode::SystemIoFailure => StoreError::Unavailable(text),
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

/// Whether an I/O error came of writing.
fn is_of_writing(extended_code: i32) -> bool {
    matches!(
        extended_code,
        ffi::SQLITE_IOERR_WRITE
            | ffi::SQLITE_IOERR_FSYNC
            | ffi::SQLITE_IOERR_DIR_FSYNC
            | ffi::SQLITE_IOERR_TRUNCATE
            | ffi::SQLITE_IOERR_SHMSIZE
    )
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

#[cfg(test)]
mod tests {
    use super::*;

    fn problem_of(extended_code: i32) -> (u16, String) {
        let failure = Error::SqliteFailure(ffi::Error::new(extended_code), None);
        let problem = kernel::write::store_problem(plain(failure));
        assert!(problem.detail.contains("retry") || problem.detail.contains("Retry"));
        (problem.kind.status(), problem.code)
    }

    #[test]
    fn a_full_disk_a_read_only_one_and_one_that_fails_are_told_apart() {
        for (extended_code, status, code) in [
            (ffi::SQLITE_FULL, 507, "storage_full"),
            (ffi::SQLITE_IOERR_WRITE, 507, "storage_full"),
            (ffi::SQLITE_READONLY, 503, "storage_read_only"),
            (ffi::SQLITE_READONLY_DIRECTORY, 503, "storage_read_only"),
            (ffi::SQLITE_READONLY_DBMOVED, 503, "storage_read_only"),
            (ffi::SQLITE_IOERR_READ, 503, "database_unavailable"),
            (ffi::SQLITE_BUSY, 503, "database_unavailable"),
        ] {
            assert_eq!(problem_of(extended_code), (status, code.to_owned()), "{extended_code}");
        }
    }
}
