//! The three kinds of time, and a span.
//!
//! An [`Instant`] is a point on the world's clock, a [`Date`] a day wherever you are, a
//! [`WallTime`] what a clock on a wall in a named zone shows. They never convert by themselves.

use jiff::{Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// A calendar day.
pub type Date = civil::Date;

/// Why a text is not a time of the kind asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeError(&'static str);

impl std::fmt::Display for TimeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for TimeError {}

/// A point in time, in microseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Instant(pub i64);

impl Instant {
    /// Reads RFC 3339 with an offset or `Z`; digits beyond microseconds are refused.
    ///
    /// # Errors
    /// [`TimeError`] for any other text.
    pub fn parse(text: &str) -> Result<Instant, TimeError> {
        let error = TimeError("must be an instant such as \"2026-07-04T09:30:00Z\"");
        let ends_in_offset = text.ends_with(['Z', 'z'])
            || text.len() > 6 && matches!(text.as_bytes()[text.len() - 6], b'+' | b'-');
        let stamp: Timestamp = text.parse().map_err(|_| error)?;
        if !ends_in_offset || stamp.subsec_nanosecond() % 1_000 != 0 {
            return Err(error);
        }
        Ok(Instant(stamp.as_microsecond()))
    }

    /// Milliseconds since 1970, as UUIDv7 counts them; an earlier instant counts as zero.
    pub fn unix_ms(self) -> u64 {
        u64::try_from(self.0.div_euclid(1_000)).unwrap_or(0)
    }

    /// The day that this instant falls on in `zone` (an IANA name); UTC when it is not known.
    pub fn date_in(self, zone: &str) -> Date {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        zone.to_datetime(self.timestamp()).date()
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl std::fmt::Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.6}", self.timestamp())
    }
}

/// A date and a time of day as a clock in a named zone shows them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WallTime {
    /// What the clock shows.
    pub at: civil::DateTime,
    /// The zone's IANA name, such as `Europe/Berlin`.
    pub zone: String,
}

impl WallTime {
    /// Reads `2026-07-04T09:30:00[Europe/Berlin]` (RFC 9557 without an offset).
    ///
    /// # Errors
    /// [`TimeError`] for any other text or an unknown zone.
    pub fn parse(text: &str) -> Result<WallTime, TimeError> {
        let error = TimeError("must be a wall time such as \"2026-07-04T09:30:00[Europe/Berlin]\"");
        let (at, zone) = text.strip_suffix(']').and_then(|t| t.split_once('[')).ok_or(error)?;
        let at: civil::DateTime = at.parse().map_err(|_| error)?;
        TimeZone::get(zone).map_err(|_| TimeError("names no known time zone"))?;
        Ok(WallTime { at, zone: zone.to_owned() })
    }
}

impl std::fmt::Display for WallTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}[{}]", self.at, self.zone)
    }
}

/// A span of exact time in microseconds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Duration(pub i64);

impl Duration {
    /// Reads an ISO 8601 duration of days, hours, minutes and seconds: `P1DT2H30M`, a day being
    /// 24 hours; months and years have no exact length and are refused.
    ///
    /// # Errors
    /// [`TimeError`] for any other text.
    pub fn parse(text: &str) -> Result<Duration, TimeError> {
        let error = TimeError("must be a duration such as \"PT2H30M\"");
        let span: jiff::Span = text.parse().map_err(|_| error)?;
        if !text.contains('P')
            || span.get_years() != 0
            || span.get_months() != 0
            || span.get_weeks() != 0
        {
            return Err(error);
        }
        let hours = i64::from(span.get_hours()) + i64::from(span.get_days()) * 24;
        let span = span.days(0).try_hours(hours).map_err(|_| error)?;
        let exact = jiff::SignedDuration::try_from(span).map_err(|_| error)?;
        if exact.subsec_nanos() % 1_000 != 0 {
            return Err(error);
        }
        i64::try_from(exact.as_micros()).map(Duration).map_err(|_| error)
    }
}

impl std::fmt::Display for Duration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        jiff::SignedDuration::from_micros(self.0).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_microseconds_with_an_offset() {
        for (text, expected) in [
            ("2026-07-04T09:30:00Z", Some("2026-07-04T09:30:00.000000Z")),
            ("2026-07-04T09:30:00.123456+02:00", Some("2026-07-04T07:30:00.123456Z")),
            ("2026-07-04T09:30:00", None),
            ("2026-07-04", None),
            ("2026-07-04T09:30:00.1234567Z", None),
            ("yesterday", None),
        ] {
            let read = Instant::parse(text).ok().map(|i| i.to_string());
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_wall_time_names_a_known_zone() {
        let text = "2026-07-04T09:30:00[Europe/Berlin]";
        assert_eq!(WallTime::parse(text).unwrap().to_string(), text);
        assert!(WallTime::parse("2026-07-04T09:30:00[Mars/Olympus]").is_err());
        assert!(WallTime::parse("2026-07-04T09:30:00").is_err());
    }

    #[test]
    fn a_duration_has_an_exact_length() {
        for (text, micros) in [
            ("PT2H30M", Some(9_000_000_000)),
            ("P1DT1S", Some(86_401_000_000)),
            ("-PT1S", Some(-1_000_000)),
            ("P1M", None),
            ("P7304484DT1H", None),
            ("2 hours", None),
        ] {
            assert_eq!(Duration::parse(text).ok().map(|d| d.0), micros, "{text}");
        }
        assert_eq!(Duration(9_000_000_000).to_string(), "PT2H30M");
    }

    #[test]
    fn the_day_of_an_instant_depends_on_the_zone() {
        let late = Instant::parse("2026-07-04T23:30:00Z").unwrap();
        assert_eq!(late.date_in("UTC").to_string(), "2026-07-04");
        assert_eq!(late.date_in("Europe/Berlin").to_string(), "2026-07-05");
    }
}
