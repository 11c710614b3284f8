//! How long the keys of requests are kept, on both databases.

use types::Instant;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// Rows from before this time may be removed by a command of `now`: a key is kept for at least 24
/// hours, and goes at the end of the day (UTC) that it reached them on.
pub fn expired_before(now: Instant) -> Instant {
    Instant((now.0.div_euclid(DAY) - 1).saturating_mul(DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_kept_for_a_day_at_least_and_two_at_most() {
        for (now, expected) in [
            ("2026-07-04T00:00:00Z", "2026-07-03T00:00:00Z"),
            ("2026-07-04T23:59:59.999999Z", "2026-07-03T00:00:00Z"),
            ("2026-07-05T00:00:00Z", "2026-07-04T00:00:00Z"),
            ("1969-12-31T12:00:00Z", "1969-12-30T00:00:00Z"),
        ] {
            let [now, expected] = [now, expected].map(|text| Instant::parse(text).unwrap());
            assert_eq!(expired_before(now), expected);
        }
    }
}
