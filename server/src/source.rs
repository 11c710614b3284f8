//! The system's clock and its random numbers, and a clock that is driven by hand.

use kernel::ports::{Chance, Clock, Source};
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use types::Instant;
use zeroize::{Zeroize, Zeroizing};

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Instant(since.map_or(0, |since| since.as_micros() as i64))
    }
}

/// A clock that stands where it was set, for events that are made of the past.
#[derive(Default)]
pub struct DrivenClock(AtomicI64);

impl DrivenClock {
    /// Sets it.
    pub fn set(&self, now: Instant) {
        self.0.store(now.0, Ordering::Relaxed);
    }
}

impl Clock for DrivenClock {
    fn now(&self) -> Instant {
        Instant(self.0.load(Ordering::Relaxed))
    }
}

struct SystemChance;

/// Random bytes that a thread keeps ready: a write needs ten pieces of 12 to 44 bytes, and each
/// call of the generator costs as much as a kilobyte.
struct Ready {
    bytes: Zeroizing<[u8; 1024]>,
    /// From here on they are unused; what was given out is wiped.
    next: usize,
}

thread_local! {
    static READY: RefCell<Ready> =
        RefCell::new(Ready { bytes: Zeroizing::new([0; 1024]), next: 1024 });
}

fn generate(buffer: &mut [u8]) {
    // A system without random numbers cannot keep any secret: nothing may go on.
    aws_lc_rs::rand::fill(buffer).expect("the system has random numbers");
}

impl Chance for SystemChance {
    fn fill(&self, buffer: &mut [u8]) {
        READY.with_borrow_mut(|Ready { bytes, next }| {
            if buffer.len() > bytes.len() / 4 {
                return generate(buffer);
            }
            if buffer.len() > bytes.len() - *next {
                generate(bytes.as_mut());
                *next = 0;
            }
            let given = &mut bytes[*next..*next + buffer.len()];
            buffer.copy_from_slice(given);
            given.zeroize();
            *next += buffer.len();
        });
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
