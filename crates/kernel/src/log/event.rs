//! An event: one committed command with all its record changes, and its canonical bytes.
//!
//! The bytes are deterministic CBOR, described field by field in `docs/log-format.md`. They are
//! kept as they were written; nothing re-encodes them.

use super::Hash;
use super::merkle::sha256;
use types::cbor::{CborError, Reader, Writer};
use types::{Instant, Uuid, Value};

/// The version of the format, the first item of every event.
const FORMAT: u64 = 1;

/// One committed command.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The event's id.
    pub id: Uuid,
    /// The organisation.
    pub org: Uuid,
    /// The service whose records changed.
    pub service: String,
    /// When it was recorded.
    pub at: Instant,
    /// Who did it: a user's id, or nil for the platform.
    pub actor: Uuid,
    /// What kind of actor: `user`, `api_key`, `service:NAME`, `system`.
    pub actor_kind: String,
    /// What was done: `create`, `update`, `delete` or the act's name.
    pub act: String,
    /// Why, if someone said.
    pub reason: String,
    /// The request it belongs to.
    pub request_id: String,
    /// The change set it belongs to, if any.
    pub change_set: Option<Uuid>,
    /// The inputs that were read: (entity, record, version).
    pub premises: Vec<(String, Uuid, u64)>,
    /// The changes, the command's own record first.
    pub changes: Vec<ChangeRecord>,
}

/// What happened to one record.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeRecord {
    /// The entity's full name.
    pub entity: String,
    /// The record.
    pub record: Uuid,
    /// Its version after the change; 0 if it is deleted.
    pub version: u64,
    /// The changed fields as they were, by name; empty for a new record.
    pub before: Vec<(String, EventValue)>,
    /// The changed fields as they became, by name; empty for a deleted record.
    pub after: Vec<(String, EventValue)>,
}

/// A value in an event: readable, or under its subject's key.
#[derive(Clone, Debug, PartialEq)]
pub enum EventValue {
    /// A value that anyone who may read the log may read.
    Plain(Value),
    /// A personal or secret value.
    Cipher {
        /// Whose key it is under.
        subject: Uuid,
        /// A salted commitment to the value: SHA-256 of salt and the value's CBOR.
        commitment: Hash,
        /// AES-256-GCM: nonce (12 bytes), ciphertext of salt and the value's CBOR, tag (16).
        cipher: Vec<u8>,
    },
}

impl Event {
    /// The canonical bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut w = self.begin(self.changes.len());
        self.changes.iter().for_each(|change| change.write(&mut w));
        w.into_bytes()
    }

    /// The canonical bytes up to the changes, of which so many follow.
    pub(crate) fn begin(&self, changes: usize) -> Writer {
        let mut w = Writer::new();
        w.array(13);
        w.uint(FORMAT);
        w.uuid(self.id);
        w.uuid(self.org);
        w.text(&self.service);
        w.instant(self.at);
        w.uuid(self.actor);
        w.text(&self.actor_kind);
        w.text(&self.act);
        w.text(&self.reason);
        w.text(&self.request_id);
        match self.change_set {
            Some(set) => w.uuid(set),
            None => w.null(),
        }
        w.array(self.premises.len());
        for (entity, record, version) in &self.premises {
            w.array(3);
            w.text(entity);
            w.uuid(*record);
            w.uint(*version);
        }
        w.array(changes);
        w
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// [`CborError`] names the byte at which they stop being an event.
    pub fn parse(bytes: &[u8]) -> Result<Event, CborError> {
        let mut r = Reader::new(bytes);
        if r.array()? != 13 || r.uint()? != FORMAT {
            return Err(CborError { offset: 0, expected: "an event of format 1" });
        }
        let event = Event {
            id: r.uuid()?,
            org: r.uuid()?,
            service: r.text()?.to_owned(),
            at: r.instant()?,
            actor: r.uuid()?,
            actor_kind: r.text()?.to_owned(),
            act: r.text()?.to_owned(),
            reason: r.text()?.to_owned(),
            request_id: r.text()?.to_owned(),
            change_set: if r.null() { None } else { Some(r.uuid()?) },
            premises: {
                let len = r.array()?;
                (0..len).map(|_| premise(&mut r)).collect::<Result<_, _>>()?
            },
            changes: {
                let len = r.array()?;
                (0..len).map(|_| ChangeRecord::read(&mut r)).collect::<Result<_, _>>()?
            },
        };
        if r.is_at_end() {
            Ok(event)
        } else {
            Err(CborError { offset: bytes.len(), expected: "the end of the event" })
        }
    }
}

/// The stored hash of an event: SHA-256 of its bytes.
pub fn hash(bytes: &[u8]) -> Hash {
    sha256(&[bytes])
}

/// A change up to its fields: two lists of them follow, those before and those after.
pub(crate) fn begin_change(w: &mut Writer, entity: &str, record: Uuid, version: u64) {
    w.array(5);
    w.text(entity);
    w.uuid(record);
    w.uint(version);
}

/// A field up to its value.
pub(crate) fn begin_field(w: &mut Writer, name: &str) {
    w.array(2);
    w.text(name);
}

/// A value that anyone who may read the log may read.
pub(crate) fn write_plain(w: &mut Writer, value: &Value) {
    w.array(1);
    w.value(value);
}

/// A value under its subject's key.
pub(crate) fn write_cipher(w: &mut Writer, subject: Uuid, commitment: &Hash, cipher: &[u8]) {
    w.array(3);
    w.uuid(subject);
    w.bytes(commitment);
    w.bytes(cipher);
}

fn premise(r: &mut Reader<'_>) -> Result<(String, Uuid, u64), CborError> {
    r.array()?;
    Ok((r.text()?.to_owned(), r.uuid()?, r.uint()?))
}

impl ChangeRecord {
    /// Whether the record came into being with it, or came back after it was deleted.
    pub fn is_first(&self) -> bool {
        let is_whole = self.after.iter().any(|(name, _)| name == "created_at");
        self.version > 0 && self.before.is_empty() && is_whole
    }

    fn write(&self, w: &mut Writer) {
        begin_change(w, &self.entity, self.record, self.version);
        for fields in [&self.before, &self.after] {
            w.array(fields.len());
            for (name, value) in fields {
                begin_field(w, name);
                value.write(w);
            }
        }
    }

    fn read(r: &mut Reader<'_>) -> Result<ChangeRecord, CborError> {
        r.array()?;
        Ok(ChangeRecord {
            entity: r.text()?.to_owned(),
            record: r.uuid()?,
            version: r.uint()?,
            before: fields(r)?,
            after: fields(r)?,
        })
    }
}

fn fields(r: &mut Reader<'_>) -> Result<Vec<(String, EventValue)>, CborError> {
    let len = r.array()?;
    let field = |r: &mut Reader<'_>| {
        r.array()?;
        Ok((r.text()?.to_owned(), EventValue::read(r)?))
    };
    (0..len).map(|_| field(r)).collect()
}

impl EventValue {
    fn write(&self, w: &mut Writer) {
        match self {
            EventValue::Plain(value) => write_plain(w, value),
            EventValue::Cipher { subject, commitment, cipher } => {
                write_cipher(w, *subject, commitment, cipher);
            }
        }
    }

    fn read(r: &mut Reader<'_>) -> Result<EventValue, CborError> {
        if r.array()? == 1 {
            return Ok(EventValue::Plain(r.value()?));
        }
        let subject = r.uuid()?;
        let bad = CborError { offset: 0, expected: "a commitment of 32 bytes" };
        let commitment = r.bytes()?.try_into().map_err(|_| bad)?;
        Ok(EventValue::Cipher { subject, commitment, cipher: r.bytes()?.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Event {
        Event {
            id: Uuid::from_u128(1),
            org: Uuid::from_u128(2),
            service: "operations".into(),
            at: Instant(3),
            actor: Uuid::from_u128(4),
            actor_kind: "user".into(),
            act: "create".into(),
            reason: String::new(),
            request_id: "req".into(),
            change_set: None,
            premises: vec![("operations.item".into(), Uuid::from_u128(5), 6)],
            changes: vec![ChangeRecord {
                entity: "operations.customer".into(),
                record: Uuid::from_u128(7),
                version: 1,
                before: vec![],
                after: vec![
                    ("code".into(), EventValue::Plain(Value::Text("ALFKI".into()))),
                    (
                        "name".into(),
                        EventValue::Cipher {
                            subject: Uuid::from_u128(7),
                            commitment: [8; 32],
                            cipher: vec![9; 40],
                        },
                    ),
                ],
            }],
        }
    }

    #[test]
    fn an_event_reads_back_and_has_one_encoding() {
        let bytes = event().bytes();
        assert_eq!(Event::parse(&bytes).unwrap(), event());
        assert_eq!(Event::parse(&bytes).unwrap().bytes(), bytes);
    }

    #[test]
    fn broken_bytes_are_an_error() {
        let bytes = event().bytes();
        for cut in 0..bytes.len() {
            assert!(Event::parse(&bytes[..cut]).is_err());
            let mut flipped = bytes.clone();
            flipped[cut] ^= 0x80;
            let _ = Event::parse(&flipped);
        }
        assert!(Event::parse(&[bytes, vec![0]].concat()).is_err());
    }
}
