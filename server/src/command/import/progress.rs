//! What an import shows while it goes on: a moving line on a terminal, plain lines elsewhere.

use exchange::pipeline::{Counts, Observer, Progress, Refused, RefusedFiles};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

/// Rows after which a plain line says how far it is.
const EVERY: u64 = 50_000;

/// Shows how far an import is and notes refused rows down.
pub struct Watching {
    bar: Option<ProgressBar>,
    folder: PathBuf,
    files: RefusedFiles,
    total: Counts,
    step: Option<usize>,
    told: u64,
}

impl Watching {
    /// Refused rows go to files in `folder`, which is made for the first of them.
    pub fn new(folder: PathBuf) -> Watching {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        let files = RefusedFiles::new(&folder, false);
        Watching { bar, folder, files, total: Counts::default(), step: None, told: 0 }
    }

    /// Ends the line; the counts so far and the files of refused rows.
    pub fn end(self) -> (Counts, Vec<PathBuf>) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        (self.total, self.files.written().to_vec())
    }
}

impl Observer for Watching {
    fn progressed(&mut self, progress: &Progress, of: &str) {
        let counts = progress.counts.iter().copied();
        self.total = counts.fold(Counts::default(), Counts::plus);
        let read = progress.counts.get(progress.step).map_or(0, |counts| counts.read);
        let text = format!("{of}: {read} read, {} refused", self.total.refused);
        match &self.bar {
            Some(bar) => bar.set_message(text),
            None if self.step != Some(progress.step) || read >= self.told + EVERY => {
                (self.step, self.told) = (Some(progress.step), read);
                eprintln!("{text}");
            }
            None => {}
        }
    }

    fn refused(&mut self, refused: &Refused) -> std::io::Result<()> {
        if self.files.written().is_empty() && !self.folder.as_os_str().is_empty() {
            std::fs::create_dir_all(&self.folder)?;
        }
        self.files.refused(refused)
    }
}
