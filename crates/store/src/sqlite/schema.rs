//! The tables of the file that belong to no entity.
//!
//! A log is one service's in one organisation and has a small number of its own; an event's row
//! is numbered by its log and its position, so that each log lies together and in order.

/// The format of the file. A greater one was made by a newer program, and is refused.
pub const FORMAT: i32 = 1;

/// Bits of an event's row number that are its position.
pub const POSITION_BITS: u32 = 44;

/// Bits of a full-text row number that are the row's number in its table.
pub const ROW_BITS: u32 = 40;

/// Makes what an older file of this format may lack, and removes what is used no more.
pub const RENEW: &str = "CREATE INDEX IF NOT EXISTS _idempotency_at ON _idempotency (log, at);
    DROP TABLE IF EXISTS _log_node;";

/// Makes the file's own tables. Run in one transaction, on an empty file.
pub const CREATE: &str = r#"
CREATE TABLE _schema (name TEXT PRIMARY KEY, columns TEXT NOT NULL, indexes TEXT NOT NULL) STRICT;
CREATE TABLE _meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE _org (org INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE) STRICT;
CREATE TABLE _entity (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE _log (log INTEGER PRIMARY KEY, org INTEGER NOT NULL REFERENCES _org,
    service TEXT NOT NULL, size INTEGER NOT NULL DEFAULT 0, peaks BLOB NOT NULL DEFAULT x'',
    root BLOB, at INTEGER, key BLOB, signature BLOB, UNIQUE (org, service)) STRICT;
CREATE TABLE _event (place INTEGER PRIMARY KEY, id BLOB NOT NULL, at INTEGER NOT NULL,
    number TEXT NOT NULL, change_set BLOB, hash BLOB NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE UNIQUE INDEX _event_id ON _event (id);
CREATE INDEX _event_change_set ON _event (change_set, place) WHERE change_set IS NOT NULL;
CREATE TABLE _event_record (log INTEGER NOT NULL, record BLOB NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (log, record, position)) STRICT, WITHOUT ROWID;
CREATE TABLE _subject_key (log INTEGER NOT NULL, subject BLOB NOT NULL, wrapped BLOB NOT NULL,
    PRIMARY KEY (log, subject)) STRICT, WITHOUT ROWID;
CREATE TABLE _idempotency (log INTEGER NOT NULL, actor BLOB NOT NULL, key TEXT NOT NULL,
    fingerprint BLOB NOT NULL, event BLOB NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (log, actor, key)) STRICT, WITHOUT ROWID;
CREATE TABLE _cursor (log INTEGER NOT NULL, reader TEXT NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (log, reader)) STRICT, WITHOUT ROWID;
CREATE TABLE _series (log INTEGER NOT NULL, series TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (log, series)) STRICT, WITHOUT ROWID;
CREATE TABLE _total (log INTEGER NOT NULL, accumulator TEXT NOT NULL, length INTEGER NOT NULL,
    key BLOB NOT NULL, period TEXT NOT NULL, count INTEGER NOT NULL, width INTEGER NOT NULL,
    sum0 INTEGER NOT NULL, sum1 INTEGER NOT NULL, sum2 INTEGER NOT NULL, sum3 INTEGER NOT NULL,
    PRIMARY KEY (log, accumulator, length, key, period)) STRICT, WITHOUT ROWID;
CREATE TABLE _external (org INTEGER NOT NULL, entity INTEGER NOT NULL, name TEXT NOT NULL,
    key TEXT NOT NULL, id BLOB NOT NULL, PRIMARY KEY (org, entity, name, key, id))
    STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE _search USING fts5(words, content='', contentless_delete=1, detail=none,
    tokenize='ascii');
"#;
