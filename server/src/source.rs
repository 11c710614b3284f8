//! The system's clock and its random numbers.

use kernel::ports::{Chance, Clock, Source};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use types::Instant;

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Instant(since.map_or(0, |since| since.as_micros() as i64))
    }
}

struct SystemChance;

impl Chance for SystemChance {
    fn fill(&self, buffer: &mut [u8]) {
        // A system without random numbers cannot keep any secret: nothing may go on.
        aws_lc_rs::rand::fill(buffer).expect("the system has random numbers");
    }
}

/// Time and chance as the system has them.
pub fn system() -> Source {
    Source { clock: Arc::new(SystemClock), chance: Arc::new(SystemChance) }
}

/// 32 random bytes.
pub fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    SystemChance.fill(&mut bytes);
    bytes
}
