//! Which calls are lost on their way: decided by a seed and the call's number.

use std::sync::atomic::{AtomicU64, Ordering};

/// What happens to one attempt of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// The call is lost before it arrives.
    CallLost,
    /// The call is carried out and its answer is lost.
    AnswerLost,
}

/// Draws the fault of each attempt; the same seed draws the same row.
#[derive(Debug)]
pub struct Faults {
    seed: u64,
    one_in: u64,
    drawn: AtomicU64,
}

impl Faults {
    /// Loses one attempt in `one_in`, some before and some after they are carried out; 0 loses
    /// none.
    pub fn new(seed: u64, one_in: u64) -> Faults {
        Faults { seed, one_in, drawn: AtomicU64::new(0) }
    }

    /// The fault of the next attempt.
    pub fn draw(&self) -> Fault {
        let number = self.drawn.fetch_add(1, Ordering::Relaxed);
        let bits = mix(self.seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        match (bits >> 1).checked_rem(self.one_in) {
            Some(0) if bits & 1 == 0 => Fault::CallLost,
            Some(0) => Fault::AnswerLost,
            _ => Fault::None,
        }
    }
}

/// Spreads the bits of a number (the finaliser of SplitMix64).
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(seed: u64, one_in: u64) -> Vec<Fault> {
        let faults = Faults::new(seed, one_in);
        (0..10_000).map(|_| faults.draw()).collect()
    }

    #[test]
    fn about_one_attempt_in_a_hundred_is_lost_half_before_and_half_after() {
        let drawn = drawn(7, 100);
        for fault in [Fault::CallLost, Fault::AnswerLost] {
            let count = drawn.iter().filter(|drawn| **drawn == fault).count();
            assert!((25..=75).contains(&count), "{fault:?}: {count}");
        }
    }

    #[test]
    fn a_seed_decides_every_fault_and_zero_loses_none() {
        assert_eq!(drawn(7, 100), drawn(7, 100));
        assert_ne!(drawn(7, 100), drawn(8, 100));
        assert!(drawn(7, 0).iter().all(|fault| *fault == Fault::None));
    }
}
