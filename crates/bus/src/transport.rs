//! How an event gets from one service to another.

use kernel::Problem;
use kernel::log::{Event, LogEntry};
use kernel::service::Delivery;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use types::Uuid;

/// The longest an event is held up in wire mode.
const LONGEST_DELAY_US: u64 = 3_000;

/// How events travel.
#[derive(Debug)]
pub enum Transport {
    /// Within the process.
    Direct,
    /// As bytes, each delivery held up by a span that the seed decides, so that events of
    /// different logs overtake each other; those of one log never do.
    Wire {
        /// Decides the delays.
        seed: u64,
        /// Deliveries so far.
        sent: AtomicU64,
    },
}

/// A delivery as it travels.
#[derive(Serialize, Deserialize)]
struct Envelope {
    org: Uuid,
    reader: String,
    position: u64,
    event: Vec<u8>,
}

impl Transport {
    /// Transport over bytes, with delays that follow from `seed`.
    pub fn wire(seed: u64) -> Transport {
        Transport::Wire { seed, sent: AtomicU64::new(0) }
    }

    /// Brings an event to the listener's side.
    ///
    /// # Errors
    /// 500 when the entry holds no event.
    pub async fn carry(
        &self,
        org: Uuid,
        reader: &str,
        entry: &LogEntry,
    ) -> Result<Delivery, Problem> {
        let Transport::Wire { seed, sent } = self else {
            let (reader, position) = (reader.to_owned(), entry.position);
            return Ok(Delivery { org, reader, position, event: parse(&entry.bytes)? });
        };
        let number = sent.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(delay(*seed, number)).await;
        let (reader, event) = (reader.to_owned(), entry.bytes.clone());
        let envelope = Envelope { org, reader, position: entry.position, event };
        let mut bytes = Vec::with_capacity(envelope.event.len() + 128);
        ciborium::into_writer(&envelope, &mut bytes).map_err(broken)?;
        let read: Envelope = ciborium::from_reader(bytes.as_slice()).map_err(broken)?;
        let event = parse(&read.event)?;
        Ok(Delivery { org: read.org, reader: read.reader, position: read.position, event })
    }
}

fn parse(bytes: &[u8]) -> Result<Event, Problem> {
    Event::parse(bytes).map_err(broken)
}

fn broken(error: impl std::fmt::Display) -> Problem {
    Problem::internal(format!("bus: not an event: {error}"))
}

/// How long a delivery takes: most take no time, some overtake others.
fn delay(seed: u64, number: u64) -> Duration {
    let mut bits = seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 29;
    let held_up = bits.is_multiple_of(4);
    Duration::from_micros(if held_up { (bits >> 8) % LONGEST_DELAY_US } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::Instant;

    #[tokio::test]
    async fn an_event_arrives_as_it_was_sealed_on_either_way() {
        let event = Event {
            id: Uuid::from_u128(1),
            org: Uuid::from_u128(2),
            service: "users".into(),
            at: Instant(3),
            actor: Uuid::nil(),
            actor_kind: "system".into(),
            act: "create".into(),
            reason: String::new(),
            request_id: String::new(),
            change_set: None,
            premises: vec![],
            changes: vec![],
        };
        let bytes = event.bytes();
        let hash = kernel::log::event::hash(&bytes);
        let entry = LogEntry { position: 7, id: event.id, bytes, number: String::new(), hash };
        for transport in [Transport::Direct, Transport::wire(5)] {
            let got = transport.carry(event.org, "auth.users.0", &entry).await.unwrap();
            let reader = "auth.users.0".to_owned();
            assert_eq!(got, Delivery { org: event.org, reader, position: 7, event: event.clone() });
        }
        let broken = LogEntry { bytes: vec![0x80], ..entry };
        assert!(Transport::Direct.carry(event.org, "r", &broken).await.is_err());
    }
}
