//! What fixed operations cost in instructions, held against a committed file.
//!
//! Instructions are counted by callgrind, so that no other work on the machine matters. They
//! depend on the compiler, on what the processor can do and on the C library: counts are compared
//! only where all of these are those that the file names, and else only shown.

use super::suite::{Counts, Report};
use super::table;
use crate::{needs, workspace};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

/// How the table names it.
pub const SUITE: &str = "instruction counts";
/// How far a count may be off, in hundredths.
const TOLERANCE: f64 = 3.0;
/// The function at whose call callgrind writes down its count (`server/examples/counted.rs`).
const MARK: &str = "*counted*segment_ends*";
/// What libraries choose their code by at run time.
const FEATURES: [&str; 14] = [
    "adx",
    "aes",
    "avx",
    "avx2",
    "avx512f",
    "bmi1",
    "bmi2",
    "fma",
    "neon",
    "pclmulqdq",
    "sha2",
    "sha_ni",
    "sse4_2",
    "vaes",
];
const HEADER: &str = "\
# Instructions that fixed operations cost in the tests' build, each once, counted by callgrind:
# `cargo xtask test` fails where one is off by more than 3 in a hundred, in either direction.
# Compared only where compiler, valgrind, C library and processor are these.
# `cargo xtask counts --renew` writes the file; the commit says why it changed.
";

/// Instructions by operation, and what they were counted on.
#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    machine: BTreeMap<String, String>,
    counts: BTreeMap<String, u64>,
}

/// `cargo xtask counts`: builds the operations and counts, and nothing else.
pub fn alone(renew: bool) -> Result<ExitCode> {
    needs::build_tools()?;
    let build = ["build", "-p", "server", "--example", "counted"];
    if !workspace::status(&mut workspace::cargo(&build))?.success() {
        bail!("the build failed; what cargo said stands above");
    }
    let logs = workspace::target_folder()?.join("test-logs");
    let report = run(&workspace::binary("debug/examples", "counted")?, &logs, renew);
    for fault in &report.faults {
        println!("{fault}");
    }
    println!("{}", table::line(&report));
    Ok(ExitCode::from(u8::from(report.failed())))
}

/// Counts, and compares with the committed file or writes it anew.
pub fn run(program: &Path, logs: &Path, renew: bool) -> Report {
    let begun = Instant::now();
    let mut report = Report {
        suite: SUITE.to_owned(),
        counts: Counts::default(),
        faults: Vec::new(),
        time: begun.elapsed(),
        output: String::new(),
    };
    match count(program, logs) {
        Err(problem) => report.faults.push(format!("{problem:#}")),
        Ok(now) => {
            report.counts.checks = now.counts.len();
            let committed = std::fs::read_to_string(path()).unwrap_or_default();
            let done = if renew { write(&now) } else { Table::parse(&committed).map(|_| ()) };
            let known = if renew { now.text() } else { committed };
            match done.and_then(|()| Table::parse(&known)) {
                Err(problem) => report.faults.push(format!("{problem:#}")),
                Ok(known) => {
                    let (output, faults) = compare(&known, &now);
                    print!("{output}");
                    (report.output, report.faults) = (output, faults);
                }
            }
        }
    }
    report.time = begun.elapsed();
    report
}

fn path() -> PathBuf {
    workspace::root().join("xtask/instructions.toml")
}

fn write(now: &Table) -> Result<()> {
    std::fs::write(path(), now.text()).context("xtask/instructions.toml")?;
    println!("counts written to xtask/instructions.toml");
    Ok(())
}

/// Runs the operations under callgrind.
fn count(program: &Path, logs: &Path) -> Result<Table> {
    let valgrind = needs::valgrind()?;
    let folder = logs.join("callgrind");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let mut command = Command::new(&valgrind);
    command.args(["--tool=callgrind", "--quiet", "--demangle=yes"]);
    command.arg(format!("--dump-before={MARK}"));
    command.arg(format!("--callgrind-out-file={}", folder.join("out").display()));
    command.arg(program).stdin(Stdio::null()).stderr(Stdio::inherit());
    let done = command.output().with_context(|| format!("cannot run {}", valgrind.display()))?;
    if !done.status.success() {
        bail!("{} under valgrind ended with {}", program.display(), done.status);
    }
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let mut counts = BTreeMap::new();
    for (number, (times, name)) in segments(&said).into_iter().enumerate() {
        let file = folder.join(format!("out.{}", number + 1));
        let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let total = total(&text).with_context(|| format!("{}: no total", file.display()))?;
        if let Some(each) = total.checked_div(times) {
            counts.insert(name, each);
        }
    }
    if counts.is_empty() {
        bail!("{} counted nothing", program.display());
    }
    Ok(Table { machine: machine(&valgrind)?, counts })
}

/// The lines `segment: TIMES NAME`; what was done no time is a pause between two operations.
fn segments(said: &str) -> Vec<(u64, String)> {
    let segment = |line: &str| {
        let (times, name) = line.strip_prefix("segment: ")?.split_once(' ')?;
        Some((times.parse().ok()?, name.to_owned()))
    };
    said.lines().filter_map(segment).collect()
}

/// The sum over all functions and threads in a file of callgrind's.
fn total(text: &str) -> Option<u64> {
    let line = text.lines().rev().find_map(|line| line.strip_prefix("totals: "))?;
    line.trim().parse().ok()
}

/// What counts depend on besides the code.
fn machine(valgrind: &Path) -> Result<BTreeMap<String, String>> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let first = |text: String| text.lines().next().unwrap_or_default().trim().to_owned();
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let library = workspace::output(Command::new("ldd").arg("--version")).unwrap_or_default();
    Ok(BTreeMap::from([
        ("rustc".to_owned(), first(workspace::output(Command::new(rustc).arg("--version"))?)),
        ("valgrind".to_owned(), first(workspace::output(Command::new(valgrind).arg("--version"))?)),
        ("libc".to_owned(), first(library)),
        ("cpu".to_owned(), format!("{} {}", std::env::consts::ARCH, features(&cpu))),
    ]))
}

fn features(cpu: &str) -> String {
    let flags = cpu.lines().find_map(|line| {
        let (name, flags) = line.split_once(':')?;
        ["flags", "Features"].contains(&name.trim()).then_some(flags)
    });
    let has: Vec<&str> = flags.unwrap_or_default().split_whitespace().collect();
    let known: Vec<&str> = FEATURES.into_iter().filter(|feature| has.contains(feature)).collect();
    known.join(" ")
}

/// What to show, and a fault for each count that is off.
fn compare(known: &Table, now: &Table) -> (String, Vec<String>) {
    let (mut output, mut faults) = (String::new(), Vec::new());
    let mut show = |line: String| writeln!(output, "  {line}").expect("a text takes every line");
    let other = now.machine.iter().find(|(name, value)| known.machine.get(*name) != Some(value));
    if let Some((name, value)) = other {
        let named = known.machine.get(name).map_or("nothing", String::as_str);
        show(format!("counts are not compared: {name} is `{value}`, and the file names `{named}`"));
    }
    for (name, count) in &now.counts {
        let Some(before) = known.counts.get(name) else {
            show(format!("{count:>12}  {name}"));
            faults.push(format!("{name} is not in xtask/instructions.toml: {RENEW}"));
            continue;
        };
        let change = (*count as f64 / *before as f64 - 1.0) * 100.0;
        show(format!("{count:>12}  {change:>+6.2} %  {name}"));
        if other.is_none() && change.abs() > TOLERANCE {
            faults.push(format!(
                "{name}: {count} instructions, {change:+.1} % of {before}; if that is meant, {RENEW}"
            ));
        }
    }
    for name in known.counts.keys().filter(|name| !now.counts.contains_key(*name)) {
        faults.push(format!("{name} is counted no more: {RENEW}"));
    }
    (output, faults)
}

const RENEW: &str = "run `cargo xtask counts --renew` and say why in the commit";

impl Table {
    fn parse(text: &str) -> Result<Table> {
        let file: toml::Table = text.parse().context("xtask/instructions.toml")?;
        let section = |name: &str| file.get(name).and_then(toml::Value::as_table);
        let (Some(machine), Some(counts)) = (section("machine"), section("counts")) else {
            bail!("xtask/instructions.toml names no machine or no counts: {RENEW}");
        };
        let text = |value: &toml::Value| value.as_str().unwrap_or_default().to_owned();
        let number = |value: &toml::Value| {
            let count = value.as_integer().and_then(|count| u64::try_from(count).ok());
            count.filter(|count| *count > 0).context("a count in xtask/instructions.toml")
        };
        Ok(Table {
            machine: machine.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
            counts: counts
                .iter()
                .map(|(name, value)| Ok((name.clone(), number(value)?)))
                .collect::<Result<_>>()?,
        })
    }

    fn text(&self) -> String {
        let mut text = format!("{HEADER}\n[machine]\n");
        let lines = self.machine.iter().map(|(name, value)| format!("{name} = {value:?}\n"));
        text.extend(lines);
        text.push_str("\n[counts]\n");
        text.extend(self.counts.iter().map(|(name, count)| format!("{name:?} = {count}\n")));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(cpu: &str, counts: &[(&str, u64)]) -> Table {
        let counts = counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        Table { machine: BTreeMap::from([("cpu".to_owned(), cpu.to_owned())]), counts }
    }

    #[test]
    fn a_count_that_is_off_in_either_direction_fails_on_the_machine_that_the_file_names() {
        let known = table("x86_64 avx2", &[("read", 10_000)]);
        for (cpu, count, faults) in [
            ("x86_64 avx2", 10_299, 0),
            ("x86_64 avx2", 10_301, 1),
            ("x86_64 avx2", 9_701, 0),
            ("x86_64 avx2", 9_699, 1),
            ("x86_64", 20_000, 0),
        ] {
            let (output, found) = compare(&known, &table(cpu, &[("read", count)]));
            assert_eq!(found.len(), faults, "{cpu} {count}: {found:?}");
            assert_eq!(output.contains("not compared"), cpu == "x86_64", "{output}");
        }
    }

    #[test]
    fn an_operation_that_comes_or_goes_is_told() {
        let known = table("x", &[("read", 10), ("list", 10)]);
        let (_, faults) = compare(&known, &table("x", &[("read", 10), ("write", 10)]));
        assert_eq!(faults.len(), 2, "{faults:?}");
    }

    #[test]
    fn what_is_written_is_read_again() {
        let known = table("x86_64 avx2", &[("read a customer", 10), ("list", 20)]);
        assert_eq!(Table::parse(&known.text()).unwrap(), known);
        assert!(Table::parse("").is_err());
        assert!(Table::parse("[machine]\n[counts]\n\"a\" = 0").is_err());
    }

    #[test]
    fn segments_totals_and_features_are_read_as_they_are_printed() {
        let said = "segment: 0 \nnoise\nsegment: 20 create a customer\n";
        let expected = [(0, String::new()), (20, "create a customer".to_owned())];
        assert_eq!(segments(said), expected);
        assert_eq!(total("fn=(1) a::totals\ntotals: 42\n"), Some(42));
        assert_eq!(total("fn=(1) a::totals\n"), None);
        assert_eq!(features("model : 1\nflags\t: avx2 aes sse2\n"), "aes avx2");
    }
}
