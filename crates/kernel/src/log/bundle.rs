//! A bundle: events with their proofs and a signed head, which a stranger verifies offline.
//!
//! The format is described in `docs/log-format.md`; a bundle is one JSON object.

use super::event::{self, Event};
use super::merkle::{leaf, root_of_proof};
use super::{Head, LogEntry, SignedHead, hex, unhex};
use serde::{Deserialize, Serialize};
use types::Instant;

/// The name of the format.
const FORMAT: &str = "megalith-bundle-1";

/// Events of one log, each with its proof under one signed head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// `megalith-bundle-1`.
    pub format: String,
    /// The organisation's UUID.
    pub org: String,
    /// The service.
    pub service: String,
    /// How many events the head covers.
    pub size: u64,
    /// The Merkle root, in hex.
    pub root: String,
    /// When the head was sealed, in microseconds since 1970.
    pub sealed_at: i64,
    /// The public key (Ed25519), in hex.
    pub key: String,
    /// The signature, in hex.
    pub signature: String,
    /// The events.
    pub events: Vec<BundledEvent>,
}

/// One event of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BundledEvent {
    /// Its position, from 1.
    pub position: u64,
    /// The canonical bytes, in hex.
    pub bytes: String,
    /// The document number drawn with it; empty for most.
    pub number: String,
    /// The hashes from its leaf to the root, the lowest first, in hex.
    pub proof: Vec<String>,
}

impl Bundle {
    /// A bundle of `entries`, each with its proof, under `head`.
    pub fn new(head: &SignedHead, entries: Vec<(LogEntry, Vec<super::Hash>)>) -> Bundle {
        Bundle {
            format: FORMAT.to_owned(),
            org: head.head.org.to_string(),
            service: head.head.service.clone(),
            size: head.head.size,
            root: hex(&head.head.root),
            sealed_at: head.head.at.0,
            key: hex(&head.key),
            signature: hex(&head.signature),
            events: entries
                .into_iter()
                .map(|(entry, proof)| BundledEvent {
                    position: entry.position,
                    bytes: hex(&entry.bytes),
                    number: entry.number,
                    proof: proof.iter().map(|hash| hex(hash)).collect(),
                })
                .collect(),
        }
    }

    /// The events, if every proof leads to the signed head.
    ///
    /// Whether the key is the installation's is for the reader to know: it is printed by
    /// `megalith log head` and stands in the key folder.
    ///
    /// # Errors
    /// What does not fit, and at which position.
    pub fn verify(&self) -> Result<Vec<Event>, String> {
        if self.format != FORMAT {
            return Err(format!("the format is not {FORMAT}"));
        }
        let head = self.head().ok_or("the head is not readable")?;
        if !head.is_genuine() {
            return Err("the signature does not fit the head".to_owned());
        }
        self.events.iter().map(|bundled| bundled.verify(&head.head)).collect()
    }

    fn head(&self) -> Option<SignedHead> {
        Some(SignedHead {
            head: Head {
                org: self.org.parse().ok()?,
                service: self.service.clone(),
                size: self.size,
                root: unhex(&self.root)?,
                at: Instant(self.sealed_at),
            },
            key: unhex(&self.key)?,
            signature: unhex(&self.signature)?,
        })
    }
}

impl BundledEvent {
    fn verify(&self, head: &Head) -> Result<Event, String> {
        let at = self.position;
        let wrong = |what: &str| format!("position {at}: {what}");
        let pairs = self.bytes.as_bytes().chunks(2);
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let bytes: Option<Vec<u8>> = pairs.map(byte).collect();
        let bytes = bytes.ok_or_else(|| wrong("the bytes are not hex"))?;
        let path: Option<Vec<_>> = self.proof.iter().map(|hash| unhex(hash)).collect();
        let path = path.ok_or_else(|| wrong("the proof is not hex"))?;
        let leaf = leaf(&event::hash(&bytes), &self.number);
        let index = at.checked_sub(1).ok_or_else(|| wrong("positions start at 1"))?;
        if root_of_proof(leaf, index, head.size, &path) != Some(head.root) {
            return Err(wrong("the proof does not lead to the signed root"));
        }
        let event = Event::parse(&bytes).map_err(|error| wrong(&error.to_string()))?;
        if event.org != head.org || event.service != head.service {
            return Err(wrong("the event belongs to another log"));
        }
        Ok(event)
    }
}
