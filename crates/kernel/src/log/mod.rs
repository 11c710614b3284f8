//! The log: one event for each committed command, dense positions, a Merkle tree, signed heads.

pub mod bundle;
pub mod event;
pub mod merkle;
pub mod reading;
pub mod verify;

pub use event::{ChangeRecord, Event, EventValue};
pub use merkle::{Frontier, Hash};

use types::{Instant, Uuid};

/// An event as the replay of a record needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its canonical bytes.
    pub bytes: Vec<u8>,
    /// The document number drawn with it; empty for most.
    pub number: String,
}

/// One sealed event as it lies in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Its place, from 1, without gaps.
    pub position: u64,
    /// The event's id.
    pub id: Uuid,
    /// Its canonical bytes.
    pub bytes: Vec<u8>,
    /// The document number drawn with it; empty for most.
    pub number: String,
    /// The stored SHA-256 of the bytes.
    pub hash: Hash,
}

impl LogEntry {
    /// The leaf of this entry in the Merkle tree.
    pub fn leaf(&self) -> Hash {
        merkle::leaf(&self.hash, &self.number)
    }
}

/// The state of a log at one size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The organisation.
    pub org: Uuid,
    /// The service.
    pub service: String,
    /// How many events it covers.
    pub size: u64,
    /// The root of the Merkle tree over them.
    pub root: Hash,
    /// When it was sealed.
    pub at: Instant,
}

/// A head with a signature by the installation's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHead {
    /// What is signed.
    pub head: Head,
    /// The public key (Ed25519, 32 bytes).
    pub key: [u8; 32],
    /// The signature (Ed25519, 64 bytes) of [`Head::bytes`].
    pub signature: [u8; 64],
}

impl Head {
    /// The bytes that are signed: deterministic CBOR of
    /// `["megalith-head-v1", org, service, size, root, at]`.
    pub fn bytes(&self) -> Vec<u8> {
        let mut writer = types::cbor::Writer::new();
        writer.array(6);
        writer.text("megalith-head-v1");
        writer.uuid(self.org);
        writer.text(&self.service);
        writer.uint(self.size);
        writer.bytes(&self.root);
        writer.instant(self.at);
        writer.into_bytes()
    }
}

impl SignedHead {
    /// Whether the signature fits the head and the key.
    pub fn is_genuine(&self) -> bool {
        use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
        UnparsedPublicKey::new(&ED25519, self.key)
            .verify(&self.head.bytes(), &self.signature)
            .is_ok()
    }

    /// One line of `heads.log`: the fields in hex and decimal, separated by blanks.
    pub fn line(&self) -> String {
        format!(
            "{} {} {} {} {} {} {}",
            self.head.org.simple(),
            self.head.service,
            self.head.size,
            hex(&self.head.root),
            self.head.at.0,
            hex(&self.key),
            hex(&self.signature)
        )
    }

    /// Reads a line of `heads.log`; none if it is not one.
    pub fn parse_line(line: &str) -> Option<SignedHead> {
        let mut words = line.split(' ');
        let head = Head {
            org: words.next()?.parse().ok()?,
            service: words.next()?.to_owned(),
            size: words.next()?.parse().ok()?,
            root: unhex(words.next()?)?,
            at: Instant(words.next()?.parse().ok()?),
        };
        let signed =
            SignedHead { head, key: unhex(words.next()?)?, signature: unhex(words.next()?)? };
        words.next().is_none().then_some(signed)
    }
}

/// Bytes in lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Exactly `N` bytes of hex.
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != N * 2 || !text.is_ascii() {
        return None;
    }
    let mut out = [0; N];
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(out)
}
