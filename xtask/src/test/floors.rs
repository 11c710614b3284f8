//! The least number of checks per suite, so that none shrinks without anyone saying so.

use super::suite::Report;
use crate::workspace;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

const HEADER: &str = "\
# The least number of checks that each suite of `cargo xtask test` runs. Fewer is a failure.
# `cargo xtask test --raise-floors` writes the counts of a passing run; lowering one is done by hand,
# with the reason in the commit.
";

/// The committed floors.
pub struct Floors(BTreeMap<String, usize>);

impl Floors {
    /// Reads `xtask/floors.toml`.
    pub fn read() -> Result<Floors> {
        let text = std::fs::read_to_string(path()).context("xtask/floors.toml")?;
        Floors::parse(&text).context("xtask/floors.toml")
    }

    fn parse(text: &str) -> Result<Floors> {
        let table: toml::Table = text.parse()?;
        let floors = table.get("floors").and_then(toml::Value::as_table);
        let floor = |(suite, value): (&String, &toml::Value)| {
            let least = value.as_integer().and_then(|least| usize::try_from(least).ok());
            Ok((suite.clone(), least.with_context(|| format!("the floor of {suite}"))?))
        };
        floors.into_iter().flatten().map(floor).collect::<Result<_>>().map(Floors)
    }

    /// Adds a fault to each report below its floor; checks that an absent data set kept from
    /// running count as if they had run.
    ///
    /// Answers one line per floor whose suite did not run at all, when all were asked for.
    pub fn hold(&self, reports: &mut [Report], whole: bool) -> Vec<String> {
        for report in reports.iter_mut() {
            let floor = self.0.get(&report.suite).copied().unwrap_or(0);
            let made = report.counts.checks + report.counts.absent;
            if made < floor {
                report.faults.push(format!("{made} checks, and its floor is {floor}"));
            }
        }
        let ran = |suite: &String| reports.iter().any(|report| report.suite == *suite);
        let unseen = self.0.iter().filter(|(suite, _)| whole && !ran(suite));
        unseen
            .map(|(suite, floor)| format!("{suite}: did not run, and its floor is {floor}"))
            .collect()
    }

    /// Writes the counts of the suites that passed, where they are above the floors.
    pub fn raise(&mut self, reports: &[Report]) -> Result<()> {
        for report in reports.iter().filter(|report| !report.failed()) {
            let floor = self.0.entry(report.suite.clone()).or_default();
            *floor = (*floor).max(report.counts.checks);
        }
        std::fs::write(path(), self.text())?;
        println!("floors written to xtask/floors.toml");
        Ok(())
    }

    fn text(&self) -> String {
        let mut text = format!("{HEADER}\n[floors]\n");
        for (suite, floor) in &self.0 {
            writeln!(text, "\"{suite}\" = {floor}").expect("a text takes every line");
        }
        text
    }
}

fn path() -> PathBuf {
    workspace::root().join("xtask/floors.toml")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test::suite::Counts;
    use std::time::Duration;

    fn report(suite: &str, checks: usize, absent: usize) -> Report {
        Report {
            suite: suite.to_owned(),
            counts: Counts { checks, absent, ..Counts::default() },
            faults: Vec::new(),
            time: Duration::ZERO,
            output: String::new(),
        }
    }

    #[test]
    fn a_suite_below_its_floor_fails() {
        let floors = Floors::parse("[floors]\nstore = 10\n\"store/laws\" = 5\n").unwrap();
        for (checks, absent, failed) in
            [(10, 0, false), (9, 0, true), (4, 6, false), (11, 0, false)]
        {
            let mut reports = [report("store", checks, absent)];
            floors.hold(&mut reports, false);
            assert_eq!(reports[0].failed(), failed, "{checks} and {absent}");
        }
    }

    #[test]
    fn a_floor_without_its_suite_is_told_when_all_were_to_run() {
        let floors = Floors::parse("[floors]\nstore = 10\n").unwrap();
        assert_eq!(floors.hold(&mut [report("kernel", 1, 0)], true).len(), 1);
        assert_eq!(floors.hold(&mut [report("kernel", 1, 0)], false).len(), 0);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let floors = Floors::parse("[floors]\n\"a/b\" = 3\nc = 4\n").unwrap();
        assert_eq!(Floors::parse(&floors.text()).unwrap().0, floors.0);
        assert!(Floors::parse("[floors]\na = -1\n").is_err());
    }
}
