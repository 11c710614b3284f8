//! A clock, chance and a signer that the test drives.

use kernel::keys::{HeadSigner, Keys};
use kernel::log::{Head, SignedHead};
use kernel::ports::{Chance, Clock};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use types::{Duration, Instant};

/// A clock that stands still until the test moves it.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// A clock that shows this instant.
    pub fn at(instant: Instant) -> TestClock {
        TestClock(AtomicI64::new(instant.0))
    }

    /// Shows this instant from now on.
    pub fn set(&self, instant: Instant) {
        self.0.store(instant.0, Ordering::SeqCst);
    }

    /// Moves on.
    pub fn advance(&self, span: Duration) {
        self.0.fetch_add(span.0, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Instant {
        Instant(self.0.load(Ordering::SeqCst))
    }
}

/// Chance that follows from a seed.
#[derive(Debug)]
pub struct TestChance(AtomicU64);

impl TestChance {
    /// The same seed gives the same row.
    pub fn new(seed: u64) -> TestChance {
        TestChance(AtomicU64::new(seed))
    }
}

impl Chance for TestChance {
    fn fill(&self, buffer: &mut [u8]) {
        for bytes in buffer.chunks_mut(8) {
            // SplitMix64.
            let mut bits = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            bits ^= bits >> 31;
            bytes.copy_from_slice(&bits.to_le_bytes()[..bytes.len()]);
        }
    }
}

/// Signs heads and keeps what was published.
pub struct Signer {
    keys: Arc<Keys>,
    published: Mutex<Vec<SignedHead>>,
}

impl Signer {
    /// A signer with the installation's key.
    pub fn new(keys: Arc<Keys>) -> Signer {
        Signer { keys, published: Mutex::default() }
    }

    /// All heads that were published so far, in order.
    pub fn published(&self) -> Vec<SignedHead> {
        self.published.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl HeadSigner for Signer {
    fn sign(&self, head: Head) -> SignedHead {
        self.keys.sign(head)
    }

    fn publish(&self, head: &SignedHead) {
        let mut published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        published.push(head.clone());
    }
}
