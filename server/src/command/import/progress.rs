//! What an import shows while it goes on: a bar on a terminal, plain lines elsewhere; how fast it
//! is, and how long it still takes where the number of rows is known.

use exchange::pipeline::{Counts, Observer, Progress, Refused, RefusedFiles};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Rows after which a plain line says how far it is.
const EVERY: u64 = 50_000;

/// Shows how far an import is.
pub struct Bar {
    bar: Option<ProgressBar>,
    step: Option<usize>,
    told: u64,
    /// Rows of all files; 0 where they are not known.
    rows: u64,
    begun: Instant,
    /// Rows that an earlier run dealt with.
    before: u64,
}

impl Bar {
    /// `rows` is how many there are, 0 if unknown.
    pub fn new(rows: u64) -> Bar {
        let bar = match rows {
            0 => on_terminal(ProgressBar::new_spinner(), "{spinner} {msg} ({elapsed})"),
            _ => on_terminal(ProgressBar::new(rows), "{bar:30} {percent:>3}% {msg}"),
        };
        Bar { bar, step: None, told: 0, rows, begun: Instant::now(), before: 0 }
    }

    /// Shows that `done` rows are dealt with, `read` of them in the step at work, which is about
    /// `of`.
    pub fn show(&mut self, done: u64, step: usize, of: &str, read: u64, refused: u64) {
        let pace = pace(done, self.before, self.rows, self.begun.elapsed());
        let text = format!("{of}: {read} read, {refused} refused{pace}");
        match &self.bar {
            Some(bar) => {
                bar.set_position(done.min(self.rows));
                bar.set_message(text);
            }
            None if self.step != Some(step) || read >= self.told + EVERY => {
                (self.step, self.told) = (Some(step), read);
                eprintln!("{text}");
            }
            None => {}
        }
    }

    /// Ends the line.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A bar for the bytes of a file on their way; none where nobody looks.
pub fn sending(bytes: u64) -> Option<ProgressBar> {
    on_terminal(ProgressBar::new(bytes), "{bar:30} {percent:>3}% sent, {bytes_per_sec}")
}

fn on_terminal(bar: ProgressBar, template: &str) -> Option<ProgressBar> {
    std::io::stderr().is_terminal().then(|| {
        let style = ProgressStyle::with_template(template);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    })
}

/// Shows how far an import is and notes refused rows down.
pub struct Watching {
    bar: Bar,
    files: RefusedFiles,
    total: Counts,
}

impl Watching {
    /// Refused rows go to files in `folder`; `rows` is how many there are, 0 if unknown.
    pub fn new(folder: &Path, rows: u64) -> Watching {
        let (bar, files) = (Bar::new(rows), RefusedFiles::new(folder));
        Watching { bar, files, total: Counts::default() }
    }

    /// Ends the line; the counts so far and the files of refused rows.
    pub fn end(self) -> (Counts, Vec<PathBuf>) {
        self.bar.end();
        (self.total, self.files.written().to_vec())
    }
}

/// Rows that are dealt with, those of lines and those passed over among them.
fn done(total: Counts) -> u64 {
    total.read + total.skipped + total.lines
}

/// How fast it goes, and how long it still takes.
fn pace(done: u64, before: u64, rows: u64, spent: Duration) -> String {
    let fresh = done.saturating_sub(before);
    let speed = fresh as f64 / spent.as_secs_f64();
    if fresh == 0 || !speed.is_finite() {
        return String::new();
    }
    if rows <= done {
        return format!(", {speed:.0} rows/s");
    }
    let left = ((rows - done) as f64 / speed).ceil() as u64;
    let left = match left {
        0..60 => format!("{left} s"),
        _ => format!("{} min {} s", left / 60, left % 60),
    };
    format!(", {speed:.0} rows/s, {left} left")
}

impl Observer for Watching {
    fn progressed(&mut self, progress: &Progress, of: &str) {
        self.total = progress.total();
        let read = progress.counts.get(progress.step).map_or(0, |counts| counts.read);
        self.bar.show(done(self.total), progress.step, of, read, self.total.refused);
    }

    fn refused(&mut self, refused: &Refused) -> std::io::Result<()> {
        self.files.refused(refused)
    }

    fn resumed(&mut self, progress: &Progress) -> std::io::Result<()> {
        self.total = progress.total();
        self.bar.before = done(self.total);
        self.files.resumed(progress)
    }

    fn refused_until(&self) -> Vec<(String, u64)> {
        self.files.refused_until()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_follows_from_the_rows_of_this_run() {
        let two = Duration::from_secs(2);
        for (done, before, rows, expected) in [
            (3_000, 1_000, 11_000, ", 1000 rows/s, 8 s left"),
            (3_000, 1_000, 93_000, ", 1000 rows/s, 1 min 30 s left"),
            (3_000, 1_000, 0, ", 1000 rows/s"),
            (1_000, 1_000, 5_000, ""),
        ] {
            assert_eq!(pace(done, before, rows, two), expected);
        }
    }
}
