//! Verification of a log: finds a changed, removed, inserted or cut-off event.
//!
//! The verifier reads the events once, in order, and recomputes hash, leaf and root. It holds
//! them against the heads in the database and against those that were published outside it.

use super::{Frontier, LogEntry, SignedHead, event};
use crate::log::merkle;
use types::Uuid;

/// One thing that is not as it was sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The first position concerned.
    pub first: u64,
    /// The last position concerned; equal to `first` where one event is meant.
    pub last: u64,
    /// A stable code: `changed`, `missing`, `rewritten`, `cut_off`, `foreign`, `bad_head`.
    pub code: &'static str,
    /// What was found, for people.
    pub text: String,
}

/// Verifies the log of one service in one organisation.
pub struct Verifier {
    org: Uuid,
    service: String,
    key: [u8; 32],
    published: Vec<SignedHead>,
    next_head: usize,
    agreed: u64,
    frontier: Frontier,
    gap: bool,
    findings: Vec<Finding>,
}

impl Verifier {
    /// A verifier that trusts heads signed with `key`, with the heads published for this log.
    pub fn new(org: Uuid, service: &str, key: [u8; 32], published: &[SignedHead]) -> Verifier {
        let ours = |head: &&SignedHead| head.head.org == org && head.head.service == service;
        let mut published: Vec<SignedHead> = published.iter().filter(ours).cloned().collect();
        published.sort_by_key(|head| head.head.size);
        let mut verifier = Verifier {
            org,
            service: service.to_owned(),
            key,
            published: Vec::new(),
            next_head: 0,
            agreed: 0,
            frontier: Frontier::default(),
            gap: false,
            findings: Vec::new(),
        };
        for head in published {
            if verifier.is_trusted(&head) {
                verifier.published.push(head);
            } else {
                verifier.find(
                    head.head.size,
                    head.head.size,
                    "bad_head",
                    "a published head is not signed by the installation's key",
                );
            }
        }
        verifier
    }

    fn is_trusted(&self, head: &SignedHead) -> bool {
        head.key == self.key && head.is_genuine()
    }

    fn find(&mut self, first: u64, last: u64, code: &'static str, text: impl Into<String>) {
        self.findings.push(Finding { first, last, code, text: text.into() });
    }

    /// Takes in the next event of the log.
    pub fn entry(&mut self, entry: &LogEntry) {
        let expected = self.frontier.size() + 1;
        if entry.position != expected && !self.gap {
            let last = entry.position.saturating_sub(1).max(expected);
            self.find(expected, last, "missing", "events are missing or out of place");
            self.gap = true;
        }
        let hash = event::hash(&entry.bytes);
        if hash != entry.hash {
            let text = "the event's bytes do not have the hash that was stored with them";
            self.find(entry.position, entry.position, "changed", text);
        }
        match event::Event::parse(&entry.bytes) {
            Ok(event)
                if event.org == self.org
                    && event.service == self.service
                    && event.id == entry.id => {}
            Ok(_) => self.find(
                entry.position,
                entry.position,
                "foreign",
                "the event belongs to another log or id",
            ),
            Err(error) => {
                self.find(
                    entry.position,
                    entry.position,
                    "changed",
                    format!("not an event: {error}"),
                );
            }
        }
        self.frontier.push(merkle::leaf(&hash, &entry.number));
        self.compare();
    }

    /// Compares the root with the heads that were published at this size.
    fn compare(&mut self) {
        let size = self.frontier.size();
        while let Some(head) = self.published.get(self.next_head).filter(|h| h.head.size <= size) {
            let (root, at) = (head.head.root, head.head.size);
            self.next_head += 1;
            if self.gap || at != size {
                continue;
            }
            if root == self.frontier.root() {
                self.agreed = size;
                continue;
            }
            let first = self.agreed + 1;
            let located = self.findings.iter().any(|finding| finding.first >= first);
            let known = self.findings.iter().any(|finding| finding.code == "rewritten");
            if !located && !known {
                let text = "the events do not lead to the head that was signed and published";
                self.find(first, size, "rewritten", text);
            }
        }
    }

    /// Compares the end with the newest head in the database and with the published ones, and
    /// gives all findings, the lowest position first.
    pub fn finish(mut self, stored: Option<&SignedHead>) -> Vec<Finding> {
        let size = self.frontier.size();
        let known = self.published.last().map_or(0, |head| head.head.size);
        if known > size && !self.gap {
            let text = format!("{known} events were sealed and published; the database has {size}");
            self.find(size + 1, known, "cut_off", text);
        }
        match stored {
            None if size > 0 => {
                self.find(size, size, "bad_head", "the database has no signed head")
            }
            None => {}
            Some(head) if !self.is_trusted(head) => {
                self.find(
                    size,
                    size,
                    "bad_head",
                    "the newest head is not signed by the installation's key",
                );
            }
            Some(head) if head.head.size != size && !self.gap => {
                let text =
                    format!("the newest head covers {} events; the log has {size}", head.head.size);
                let at = size.min(head.head.size) + 1;
                self.find(at, at.max(size.max(head.head.size)), "cut_off", text);
            }
            Some(head) if head.head.root != self.frontier.root() && self.findings.is_empty() => {
                let first = self.agreed + 1;
                self.find(
                    first,
                    size.max(first),
                    "rewritten",
                    "the events do not lead to the signed head",
                );
            }
            Some(_) => {}
        }
        self.findings.sort_by_key(|finding| (finding.first, finding.last));
        self.findings
    }

    /// How many events were read.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Keys;
    use crate::log::{ChangeRecord, Event, Head};
    use types::Instant;

    fn keys() -> Keys {
        Keys::new(&[1; 32], &[2; 32]).unwrap()
    }

    fn log(count: u64) -> (Vec<LogEntry>, Vec<SignedHead>) {
        let mut frontier = Frontier::default();
        let mut heads = Vec::new();
        let entries = (1..=count)
            .map(|position| {
                let event = Event {
                    id: Uuid::from_u128(position.into()),
                    org: Uuid::nil(),
                    service: "operations".into(),
                    at: Instant(position as i64),
                    actor: Uuid::nil(),
                    actor_kind: "system".into(),
                    act: "create".into(),
                    reason: String::new(),
                    request_id: String::new(),
                    change_set: None,
                    premises: vec![],
                    changes: Vec::<ChangeRecord>::new(),
                };
                let bytes = event.bytes();
                let hash = event::hash(&bytes);
                let entry = LogEntry { position, id: event.id, bytes, number: String::new(), hash };
                frontier.push(entry.leaf());
                heads.push(keys().sign(Head {
                    org: Uuid::nil(),
                    service: "operations".into(),
                    size: position,
                    root: frontier.root(),
                    at: Instant(0),
                }));
                entry
            })
            .collect();
        (entries, heads)
    }

    fn verify(
        entries: &[LogEntry],
        published: &[SignedHead],
        stored: Option<&SignedHead>,
    ) -> Vec<(u64, &'static str)> {
        let mut verifier = Verifier::new(Uuid::nil(), "operations", keys().public_key(), published);
        entries.iter().for_each(|entry| verifier.entry(entry));
        verifier.finish(stored).into_iter().map(|finding| (finding.first, finding.code)).collect()
    }

    #[test]
    fn an_untouched_log_has_no_findings() {
        let (entries, heads) = log(9);
        assert_eq!(verify(&entries, &heads, heads.last()), []);
        assert_eq!(verify(&[], &[], None), []);
    }

    #[test]
    fn each_kind_of_tampering_is_found_at_its_position() {
        let (entries, heads) = log(9);
        let stored = heads.last();

        let mut changed = entries.clone();
        *changed[4].bytes.last_mut().unwrap() ^= 1;
        assert_eq!(verify(&changed, &heads, stored).first(), Some(&(5, "changed")));

        let mut rehashed = entries.clone();
        rehashed[4].bytes = entries[3].bytes.clone();
        rehashed[4].id = entries[3].id;
        rehashed[4].hash = entries[3].hash;
        assert_eq!(verify(&rehashed, &heads, stored), [(5, "rewritten")]);

        let mut removed = entries.clone();
        removed.remove(4);
        assert_eq!(verify(&removed, &heads, stored), [(5, "missing")]);

        let mut renumbered = entries.clone();
        renumbered[4].number = "INV-1".into();
        assert_eq!(verify(&renumbered, &heads, stored), [(5, "rewritten")]);

        let cut = &entries[..8];
        assert_eq!(verify(cut, &heads, heads.get(7)), [(9, "cut_off")]);

        let mut forged = heads.clone();
        forged[8].signature[0] ^= 1;
        assert!(verify(&entries, &heads, forged.last()).contains(&(9, "bad_head")));
    }
}
