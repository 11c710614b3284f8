//! The table and the closing lines of a test run.

use super::suite::Report;
use std::fmt::Write;
use std::time::Duration;

/// A suite that takes longer is marked: it is cut, or moved to the long rounds.
const LONG: Duration = Duration::from_secs(4 * 60);

/// One row per suite: its name, checks, failures and time.
pub fn render(reports: &[Report]) -> String {
    let width = reports.iter().map(|report| report.suite.chars().count()).max().unwrap_or(0).max(5);
    let mut text = format!("{:width$}  {:>8}  {:>6}  {:>8}\n", "suite", "checks", "failed", "time");
    for report in reports {
        let mark = if report.time > LONG { "  over 4 minutes: cut or move" } else { "" };
        writeln!(
            text,
            "{:width$}  {:>8}  {:>6}  {:>8}{mark}",
            report.suite,
            report.counts.checks,
            report.failures(),
            clock(report.time)
        )
        .expect("a text takes every line");
    }
    text
}

/// One suite that has ended, in a line.
pub fn line(report: &Report) -> String {
    let Report { counts, time, .. } = report;
    format!("{} checks, {} failed, {}", counts.checks, report.failures(), clock(*time))
}

fn clock(time: Duration) -> String {
    match time.as_secs() {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        seconds => format!("{}:{:02} min", seconds / 60, seconds % 60),
    }
}

/// The sums over all suites.
#[derive(Debug, PartialEq, Eq)]
pub struct Total {
    /// Checks that ran.
    pub checks: usize,
    /// Failed tests, faults of suites, and floors whose suite did not run.
    pub failed: usize,
    /// Checks kept from running by absent data sets.
    pub absent: usize,
}

impl Total {
    /// Adds the suites up; `unseen` is the number of floors whose suite did not run.
    pub fn of(reports: &[Report], unseen: usize) -> Total {
        Total {
            checks: reports.iter().map(|report| report.counts.checks).sum(),
            failed: reports.iter().map(Report::failures).sum::<usize>() + unseen,
            absent: reports.iter().map(|report| report.counts.absent).sum(),
        }
    }

    /// The last lines of the run, which scripts read.
    pub fn closing_lines(&self, suites: usize, time: Duration) -> Vec<String> {
        let Total { checks, failed, absent } = self;
        let passed = checks.saturating_sub(*failed);
        let seconds = time.as_secs();
        let mut lines = vec![
            format!("{passed} passed, {failed} failed"),
            format!("{checks} checks in {suites} suites, {seconds} s, {failed} failed"),
        ];
        if *absent > 0 {
            lines.push(format!("data sets absent: {absent} checks not run"));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_lines_say_what_ran_and_what_did_not() {
        let whole = Total { checks: 120, failed: 0, absent: 0 };
        let lines = whole.closing_lines(7, Duration::from_secs(61));
        assert_eq!(lines, ["120 passed, 0 failed", "120 checks in 7 suites, 61 s, 0 failed"]);

        let partial = Total { checks: 120, failed: 2, absent: 5 };
        let lines = partial.closing_lines(7, Duration::from_secs(61));
        let expected = [
            "118 passed, 2 failed",
            "120 checks in 7 suites, 61 s, 2 failed",
            "data sets absent: 5 checks not run",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_time_is_shown_in_the_unit_a_reader_expects() {
        for (milliseconds, expected) in [(1_240, "1.2 s"), (61_000, "1:01 min")] {
            assert_eq!(clock(Duration::from_millis(milliseconds)), expected);
        }
    }
}
