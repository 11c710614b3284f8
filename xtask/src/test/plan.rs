//! What the long rounds are, how long they take, and whether they were really done.

use super::suite::Report;
use crate::rounds::{DONE, PLAN, Rounds};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

/// What is going to be repeated, and about how long that takes; only suites that `runs` knows.
pub fn announce(long: bool, runs: impl Fn(&str) -> bool) -> String {
    let planned: Vec<&Rounds> = PLAN.into_iter().filter(|rounds| runs(rounds.suite)).collect();
    let mut text = String::from("planned rounds:\n");
    for rounds in &planned {
        let (count, time) = (rounds.count_if(long), minutes(rounds.estimate(long)));
        writeln!(text, "  {count:>6}  {:<50}  {:<14}  {time}", rounds.name, rounds.suite)
            .expect("a text takes every line");
    }
    writeln!(text, "together about {} on two cores, besides the short tests", {
        minutes(estimate(&planned, long))
    })
    .expect("a text takes every line");
    text
}

/// Suites run one after the other; inside one, its tests run at once.
fn estimate(planned: &[&Rounds], long: bool) -> Duration {
    let mut longest: BTreeMap<&str, Duration> = BTreeMap::new();
    for rounds in planned {
        let entry = longest.entry(rounds.suite).or_default();
        *entry = (*entry).max(rounds.estimate(long));
    }
    longest.values().sum()
}

fn minutes(time: Duration) -> String {
    match time.as_secs() {
        0..60 => "under a minute".to_owned(),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}

/// Adds a fault for everything that a suite repeated less often than planned.
pub fn hold(report: &mut Report, long: bool) {
    for rounds in PLAN.into_iter().filter(|rounds| rounds.suite == report.suite) {
        let planned = rounds.count_if(long);
        let made = done(&report.output, rounds.name);
        if made < planned {
            report.faults.push(format!("{}: {made} rounds of {planned}", rounds.name));
        }
    }
}

/// The rounds that a suite reported: the lines `rounds: NAME: COUNT`.
fn done(output: &str, name: &str) -> usize {
    let count = |line: &str| {
        let (named, count) = line.trim().strip_prefix(DONE)?.rsplit_once(": ")?;
        count.parse::<usize>().ok().filter(|_| named == name)
    };
    output.lines().filter_map(count).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rounds::{KILL_POSTGRES, KILL_SQLITE};
    use crate::test::suite::Counts;

    fn report(output: &str) -> Report {
        Report {
            suite: KILL_SQLITE.suite.to_owned(),
            counts: Counts::default(),
            faults: Vec::new(),
            time: Duration::ZERO,
            output: output.to_owned(),
        }
    }

    #[test]
    fn a_suite_that_does_fewer_rounds_than_planned_fails() {
        let in_suite = || PLAN.into_iter().filter(|rounds| rounds.suite == KILL_SQLITE.suite);
        for long in [false, true] {
            let line =
                |rounds: &Rounds| format!("{DONE}{}: {}\n", rounds.name, rounds.count_if(long));
            let whole: String = in_suite().map(line).collect();
            let mut well = report(&whole);
            hold(&mut well, long);
            assert_eq!(well.faults, Vec::<String>::new());

            let mut short = report(&whole.replace(&line(&KILL_SQLITE), ""));
            hold(&mut short, long);
            assert_eq!(short.faults.len(), 1, "{:?}", short.faults);
        }
        let mut short_rounds = report(&format!("{DONE}{}: 4\n", KILL_SQLITE.name));
        hold(&mut short_rounds, true);
        assert!(short_rounds.faults[0].ends_with("4 rounds of 1000"), "{:?}", short_rounds.faults);
    }

    #[test]
    fn what_runs_at_once_is_counted_once() {
        let together = estimate(&[&KILL_SQLITE, &KILL_POSTGRES], true);
        let longer = KILL_SQLITE.estimate(true).max(KILL_POSTGRES.estimate(true));
        assert_eq!(together, longer);
        assert!(announce(true, |_| true).contains("1000  kill -9 under 8 writers, SQLite"));
        assert!(!announce(true, |suite| suite == "store/it").contains("kill"));
    }
}
