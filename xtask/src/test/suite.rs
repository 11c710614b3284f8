//! Runs one suite and reads what it proved from what it printed.

use super::build::{self, Binary};
use crate::finding::Finding;
use crate::rounds::PROGRESS;
use crate::{generate, web, workspace};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// When a suite counts as hanging and is ended: far above what any may take.
const HANGING: Duration = Duration::from_secs(15 * 60);
const HANGING_LONG_ROUNDS: Duration = Duration::from_secs(3 * 60 * 60);
const LOOK_EVERY: Duration = Duration::from_millis(20);

type Variables = [(&'static str, String)];

/// What the lines of a suite add up to.
#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
pub struct Counts {
    /// Tests that ran, and the checks that they reported besides.
    pub checks: usize,
    /// Tests that failed.
    pub failed: usize,
    /// Tests that were left out by a mark in the source.
    pub ignored: usize,
    /// Checks that did not run because a data set is absent.
    pub absent: usize,
    /// How many results of libtest were read.
    pub results: usize,
}

/// The end of one suite.
#[derive(Debug)]
pub struct Report {
    /// The suite's name.
    pub suite: String,
    /// What it added up to.
    pub counts: Counts,
    /// What is wrong besides failed tests, one phrase each.
    pub faults: Vec<String>,
    /// How long it ran.
    pub time: Duration,
    /// All that it printed.
    pub output: String,
}

impl Report {
    /// Whether the suite failed for any reason.
    pub fn failed(&self) -> bool {
        self.failures() > 0
    }

    /// A suite that could not be run at all.
    pub fn broken(suite: &str, problem: &anyhow::Error) -> Report {
        Report {
            suite: suite.to_owned(),
            counts: Counts::default(),
            faults: vec![format!("{problem:#}")],
            time: Duration::ZERO,
            output: String::new(),
        }
    }

    /// Failed tests and other faults together.
    pub fn failures(&self) -> usize {
        self.counts.failed + self.faults.len()
    }
}

/// Runs a test binary to its end in its package's folder, as cargo would.
pub fn run(binary: &Binary, variables: &Variables, logs: &Path, long: bool) -> Result<Report> {
    let mut command = Command::new(&binary.executable);
    command.arg("--show-output").current_dir(&binary.folder);
    command.env("CARGO_MANIFEST_DIR", &binary.folder).env("CARGO_PKG_NAME", &binary.package);
    // The tests of a macro crate are linked to the compiler's own library.
    let sysroot = workspace::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let libraries = Path::new(sysroot.trim()).join("lib");
    for variable in ["LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"] {
        let old = std::env::var_os(variable).unwrap_or_default();
        let all = std::iter::once(libraries.clone()).chain(std::env::split_paths(&old));
        command.env(variable, std::env::join_paths(all)?);
    }
    finish(&binary.suite, command, variables, logs, limit(long))
}

const fn limit(long: bool) -> Duration {
    if long { HANGING_LONG_ROUNDS } else { HANGING }
}

/// Compiles and runs the examples in the documentation.
pub fn run_doc_examples(packages: &[String], variables: &Variables, logs: &Path) -> Result<Report> {
    const SUITE: &str = "doc examples";
    let mut command = workspace::cargo(&["test", "--doc", "--quiet", "--no-fail-fast"]);
    if let [_, ..] = packages {
        // Cargo refuses `--doc` for a package without a library.
        let with_library = with_library(packages)?;
        if with_library.is_empty() {
            return Ok(report(SUITE, String::new(), Duration::ZERO, true));
        }
        build::selection(&mut command, &with_library);
    } else {
        command.arg("--workspace");
    }
    let mut report = finish(SUITE, command, variables, logs, HANGING)?;
    // A workspace may have no example at all; then there is nothing to have a result.
    report.faults.retain(|fault| fault != NO_RESULT);
    Ok(report)
}

fn with_library(packages: &[String]) -> Result<Vec<String>> {
    let metadata = workspace::metadata(false)?;
    let all = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let has_library = |name: &String| {
        all.iter().filter(|package| package["name"] == name.as_str()).any(|package| {
            let targets = package["targets"].as_array();
            targets.into_iter().flatten().any(|target| target["doctest"] == true)
        })
    };
    Ok(packages.iter().filter(|name| has_library(name)).cloned().collect())
}

/// Runs a suite of the web app.
pub fn run_web(
    suite: &str,
    arguments: &[&str],
    variables: &Variables,
    logs: &Path,
    long: bool,
) -> Result<Report> {
    let mut command = web::npm(arguments);
    // Lines for a person at a terminal would hide the numbers.
    command.env("NO_COLOR", "1").env("CI", "true");
    finish(suite, command, variables, logs, limit(long))
}

/// Compares the committed generated files with what the server prints now.
pub fn generated_files(megalith: Option<&Path>) -> Report {
    let begun = Instant::now();
    let faults = match compare_generated(megalith) {
        Ok(findings) => findings.iter().map(ToString::to_string).collect(),
        Err(problem) => vec![format!("{problem:#}")],
    };
    Report {
        suite: "generated files".to_owned(),
        counts: Counts { checks: generate::committed(), ..Counts::default() },
        faults,
        time: begun.elapsed(),
        output: String::new(),
    }
}

fn compare_generated(megalith: Option<&Path>) -> Result<Vec<Finding>> {
    if let Some(binary) = megalith {
        return generate::compare(binary, false);
    }
    // With the whole workspace selected, everything built for the tests is used again.
    let arguments = ["build", "--quiet", "--workspace", "--bin", "megalith"];
    if !workspace::status(&mut workspace::cargo(&arguments))?.success() {
        bail!("the server does not build");
    }
    generate::compare(&workspace::binary("debug", "megalith")?, false)
}

const NO_RESULT: &str = "ended without a result";

fn finish(
    suite: &str,
    mut command: Command,
    variables: &Variables,
    logs: &Path,
    limit: Duration,
) -> Result<Report> {
    let log = logs.join(format!("{}.log", suite.replace(['/', ' '], "-")));
    let file = std::fs::File::create(&log)?;
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
    let begun = Instant::now();
    let mut child = command.spawn().with_context(|| format!("cannot start {suite}"))?;
    let mut follower = Follower::new(suite, &log)?;
    let ended = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        follower.tell()?;
        if begun.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            break None;
        }
        std::thread::sleep(LOOK_EVERY);
    };
    let output = String::from_utf8_lossy(&std::fs::read(&log)?).into_owned();
    let success = ended.is_some_and(|status| status.success());
    let mut report = report(suite, output, begun.elapsed(), success);
    if ended.is_none() {
        report.faults.push(format!("hung for {} s and was ended", limit.as_secs()));
    }
    Ok(report)
}

/// Shows how far a running suite has come.
struct Follower<'a> {
    suite: &'a str,
    log: BufReader<std::fs::File>,
    line: String,
    looked: Instant,
}

impl Follower<'_> {
    fn new<'a>(suite: &'a str, log: &Path) -> Result<Follower<'a>> {
        let log = BufReader::new(std::fs::File::open(log)?);
        Ok(Follower { suite, log, line: String::new(), looked: Instant::now() })
    }

    /// Prints the lines about progress that came since the last look, at most once a second.
    fn tell(&mut self) -> Result<()> {
        if self.looked.elapsed() < Duration::from_secs(1) {
            return Ok(());
        }
        self.looked = Instant::now();
        // The end of a line may still be on its way: what there is of it is kept.
        while self.log.read_line(&mut self.line)? > 0 && self.line.ends_with('\n') {
            if let Some(progress) = self.line.trim().strip_prefix(PROGRESS) {
                println!("  {}: {progress}", self.suite);
            }
            self.line.clear();
        }
        Ok(())
    }
}

fn report(suite: &str, output: String, time: Duration, success: bool) -> Report {
    let counts = count(&output);
    let mut faults = Vec::new();
    if counts.ignored > 0 {
        faults.push(format!("{} ignored; nothing is skipped silently", counts.ignored));
    }
    if counts.results == 0 && counts.checks == 0 {
        faults.push(NO_RESULT.to_owned());
    }
    if !success && counts.failed == 0 {
        faults.push("ended with an error outside its tests".to_owned());
    }
    Report { suite: suite.to_owned(), counts, faults, time, output }
}

/// Adds up the lines that carry numbers.
fn count(output: &str) -> Counts {
    let mut counts = Counts::default();
    for line in output.lines().map(str::trim) {
        if let Some(result) = line.strip_prefix("test result: ") {
            let number = |name: &str| before(result, name);
            counts.results += 1;
            counts.checks += number("passed") + number("failed");
            counts.failed += number("failed");
            counts.ignored += number("ignored");
        } else if let Some(result) = line.strip_prefix("Tests  ") {
            // Vitest: `Tests  1 failed | 2 skipped | 120 passed (123)`.
            let number = |name: &str| before(result, name);
            counts.results += 1;
            counts.checks += number("passed") + number("failed");
            counts.failed += number("failed");
            counts.ignored += number("skipped") + number("todo");
        } else if let Some(rest) = line.strip_prefix("checks: ") {
            counts.checks += rest.parse().unwrap_or(0);
        } else if let Some(rest) = line.strip_prefix("data sets absent: ") {
            counts.absent += before(rest, "checks");
        }
    }
    counts
}

/// The number before a word: `ok. 3 passed; 0 failed` has 3 before `passed`.
fn before(text: &str, word: &str) -> usize {
    let words: Vec<&str> =
        text.split([' ', ';', '.', '|']).filter(|part| !part.is_empty()).collect();
    words.windows(2).find(|pair| pair[1] == word).and_then(|pair| pair[0].parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSED: &str = "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; \
                          0 filtered out; finished in 0.11s\n";

    #[test]
    fn the_numbers_of_all_lines_add_up() {
        let output = format!(
            "running 12 tests\nchecks: 100\n  checks: 7\ndata sets absent: 40 checks not run\n\
             {PASSED}test result: FAILED. 1 passed; 2 failed; 3 ignored; 0 measured; 0 filtered out"
        );
        let counts = count(&output);
        assert_eq!((counts.checks, counts.failed), (12 + 100 + 7 + 3, 2));
        assert_eq!((counts.ignored, counts.absent), (3, 40));
    }

    #[test]
    fn results_of_the_web_apps_suites_are_read() {
        for (line, checks, failed, ignored) in [
            ("      Tests  123 passed (123)", 123, 0, 0),
            ("      Tests  1 failed | 2 skipped | 120 passed (123)", 121, 1, 2),
            (" Test Files  3 passed (3)", 0, 0, 0),
        ] {
            let counts = count(line);
            let read = (counts.checks, counts.failed, counts.ignored);
            assert_eq!(read, (checks, failed, ignored), "{line}");
        }
    }

    #[test]
    fn a_suite_fails_by_a_test_by_an_ignored_one_by_its_end_or_by_silence() {
        let rows = [
            (PASSED.to_owned(), true, 0),
            (PASSED.replace("0 failed", "1 failed"), false, 1),
            (PASSED.replace("0 ignored", "1 ignored"), true, 1),
            (PASSED.to_owned(), false, 1),
            (String::new(), true, 1),
            ("checks: 5\n".to_owned(), true, 0),
        ];
        for (output, success, failures) in rows {
            let report = report("x", output.clone(), Duration::ZERO, success);
            assert_eq!(report.failures(), failures, "{output}");
        }
    }
}
