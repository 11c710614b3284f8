//! Date, instant, wall time and duration, in the notations of RFC 3339, RFC 9557 and ISO 8601.

use super::raw::{Checked, Fault};
use serde_json::{Value as Json, json};
use types::{Date, Duration, Instant, Value, WallTime};

/// A day such as `2026-07-04`, of the years 0001 to 9999.
pub(super) fn date(text: &str) -> Checked {
    let fault = || Fault::new("invalid_date", "must be a date such as \"2026-07-04\"");
    let read: Option<Date> = has_date_shape(text.as_bytes()).then(|| text.parse().ok()).flatten();
    read.filter(|date| date.year() > 0).map(Value::Date).ok_or_else(fault)
}

fn has_date_shape(text: &[u8]) -> bool {
    let fits =
        |(at, b): (usize, &u8)| if at == 4 || at == 7 { *b == b'-' } else { b.is_ascii_digit() };
    text.len() == 10 && text.iter().enumerate().all(fits)
}

/// A point in time such as `2026-07-04T09:30:00Z`, with an offset, to the microsecond.
pub(super) fn instant(text: &str) -> Checked {
    let fault = |message: String| Fault::new("invalid_instant", message);
    let shaped = text.as_bytes().get(..10).is_some_and(has_date_shape) && text.len() <= 40;
    if !shaped {
        return Err(fault("must be an instant such as \"2026-07-04T09:30:00Z\"".to_owned()));
    }
    Instant::parse(text).map(Value::Instant).map_err(|error| fault(error.to_string()))
}

/// What a clock in a named zone shows: `2026-07-04T09:30:00[Europe/Berlin]`.
pub(super) fn wall_time(text: &str) -> Checked {
    let fault = |message: String| Fault::new("invalid_wall_time", message);
    // An offset would say the same thing twice, or contradict the zone.
    let clock = text.split('[').next().unwrap_or_default();
    let (day, hour) = clock.split_at_checked(10).unwrap_or_default();
    let known = |b: u8| b.is_ascii_digit() || b":.T".contains(&b);
    let shaped = has_date_shape(day.as_bytes()) && hour.len() > 1 && hour.bytes().all(known);
    if !shaped || text.len() > 100 {
        let text = "must be a wall time such as \"2026-07-04T09:30:00[Europe/Berlin]\"";
        return Err(fault(text.to_owned()));
    }
    WallTime::parse(text).map(Value::WallTime).map_err(|error| fault(error.to_string()))
}

/// A span of exact time such as `PT2H30M`; a day is 24 hours.
pub(super) fn duration(text: &str) -> Checked {
    let fault = |message: String| Fault::new("invalid_duration", message);
    // Longer numbers are no length that a company plans with, and sums of them could overflow.
    if text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() > 9) {
        return Err(fault("must be a duration such as \"PT2H30M\"".to_owned()));
    }
    Duration::parse(text).map(Value::Duration).map_err(|error| fault(error.to_string()))
}

/// Writes a day.
pub(super) fn write_date(date: Date, out: &mut String) {
    write_day(i64::from(date.year()), i64::from(date.month()), i64::from(date.day()), out);
}

/// Writes a point in time in UTC with six places, as `2026-07-04T09:30:00.000000Z`.
pub(super) fn write_instant(instant: Instant, out: &mut String) {
    const DAY: i64 = 86_400_000_000;
    let (year, month, day) = civil(instant.0.div_euclid(DAY));
    let micros = instant.0.rem_euclid(DAY);
    let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
    write_day(year, month, day, out);
    for (sign, number) in [('T', seconds / 3600), (':', seconds / 60 % 60), (':', seconds % 60)] {
        out.push(sign);
        pad(number, 2, out);
    }
    out.push('.');
    pad(micros, 6, out);
    out.push('Z');
}

/// The proleptic Gregorian date of a day counted from 1970-01-01.
///
/// The year is taken to begin in March, so that the leap day is the last of it; an era of 400
/// years has 146,097 days.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

fn write_day(year: i64, month: i64, day: i64, out: &mut String) {
    if year < 0 {
        out.push('-');
    }
    pad(year.abs(), if year < 0 { 6 } else { 4 }, out);
    out.push('-');
    pad(month, 2, out);
    out.push('-');
    pad(day, 2, out);
}

fn pad(number: i64, width: u32, out: &mut String) {
    for place in (0..width).rev() {
        out.push((b'0' + (number / 10i64.pow(place) % 10) as u8) as char);
    }
}

/// The JSON Schema of a day.
pub(super) fn date_schema() -> Json {
    json!({"type": "string", "format": "date", "examples": ["2026-07-04"]})
}

/// The JSON Schema of a point in time.
pub(super) fn instant_schema() -> Json {
    json!({"type": "string", "format": "date-time", "examples": ["2026-07-04T09:30:00.000000Z"]})
}

/// The JSON Schema of a wall time.
pub(super) fn wall_time_schema() -> Json {
    let pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+\[[A-Za-z0-9_+/-]+\]$";
    let what = "What a clock in a named zone shows (RFC 9557 without an offset).";
    json!({"type": "string", "description": what, "pattern": pattern, "examples": ["2026-07-04T09:30:00[Europe/Berlin]"]})
}

/// The JSON Schema of a duration.
pub(super) fn duration_schema() -> Json {
    let what = "A span of exact time (ISO 8601, without months and years; a day is 24 hours).";
    json!({"type": "string", "format": "duration", "description": what, "examples": ["PT2H30M"]})
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_instant_is_written_as_its_type_writes_it(micros in -62_135_596_800_000_000i64..253_402_200_000_000_000) {
            let mut out = String::new();
            write_instant(Instant(micros), &mut out);
            prop_assert_eq!(&out, &Instant(micros).to_string());
        }
    }
}
