//! `megalith bench`: the figures that we promise, as ratios measured in one run.
//!
//! Machines differ and are noisy, so each figure stands beside its yardstick, measured in the
//! same minutes: the raw store that writes the same rows, a bare handler that answers the same
//! bytes, one connection against sixteen.

mod client;
mod creates;
mod growth;
mod http;
mod import;
mod language;
mod process;

use super::print_line;
use crate::outcome::{Done, Failure, Outcome};
use crate::settings::Settings;
use clap::{Args, Subcommand};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// What to measure.
#[derive(Args, Debug)]
pub struct Bench {
    /// Only these figures: creates, http, postgres, language, start, import, growth.
    #[arg(value_delimiter = ',')]
    pub only: Vec<String>,
    /// Fewer repetitions: a look, not a measurement.
    #[arg(long)]
    pub quick: bool,
    /// Ten million records for growth instead of one million.
    #[arg(long, conflicts_with = "quick")]
    pub full: bool,
    /// A part of a measurement that needs a process of its own.
    #[command(subcommand)]
    pub part: Option<Part>,
}

/// Parts that run in processes of their own.
#[derive(Subcommand, Debug)]
#[command(hide = true)]
pub enum Part {
    /// Answers every request with the bytes of a file.
    #[command(hide = true)]
    Bare {
        /// Where to listen.
        listen: SocketAddr,
        /// The file.
        file: PathBuf,
    },
}

/// How much to measure.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Records that are created.
    creates: usize,
    /// Requests of each kind.
    requests: usize,
    /// Rows that are imported.
    imported: usize,
    /// Records that growth is measured at.
    grown: usize,
}

/// Runs it.
///
/// # Errors
/// When a measurement cannot run.
pub async fn run(bench: Bench, settings: &Settings) -> Outcome {
    if let Some(Part::Bare { listen, file }) = bench.part {
        return http::bare(listen, &file).await;
    }
    let size = match (bench.quick, bench.full) {
        (true, _) => Size { creates: 5_000, requests: 2_000, imported: 100_000, grown: 1_000_000 },
        (_, true) => {
            Size { creates: 60_000, requests: 20_000, imported: 1_000_000, grown: 10_000_000 }
        }
        _ => Size { creates: 60_000, requests: 20_000, imported: 1_000_000, grown: 1_000_000 },
    };
    if cfg!(debug_assertions) {
        eprintln!("this is not a release build: the figures say nothing");
    }
    let asked = |name: &str| bench.only.is_empty() || bench.only.iter().any(|only| only == name);
    let mut table = Table::default();
    if asked("language") {
        language::measure(&mut table);
    }
    if asked("creates") {
        creates::sqlite(&mut table, size).await?;
    }
    if asked("postgres") {
        match &settings.database {
            Some(url) => {
                creates::postgres(&mut table, size, url, settings.database_admin.as_deref())
                    .await?;
            }
            None => table.note("postgres: not measured; name a database with --database"),
        }
    }
    if asked("http") {
        http::measure(&mut table, size).await?;
    }
    if asked("start") {
        http::start(&mut table).await?;
    }
    if asked("import") {
        import::measure(&mut table, size).await?;
    }
    if asked("growth") {
        growth::measure(&mut table, size).await?;
    }
    table.print();
    Ok(if table.all_reached { Done::Well } else { Done::WithFindings })
}

/// The figures, as they are measured.
#[derive(Debug)]
struct Table {
    rows: Vec<String>,
    all_reached: bool,
}

impl Default for Table {
    fn default() -> Table {
        Table { rows: Vec::new(), all_reached: true }
    }
}

impl Table {
    /// Adds a figure, what is to be reached, and whether it is.
    fn add(&mut self, what: &str, figure: String, reach: &str, reached: bool) {
        self.all_reached &= reached;
        let mark = if reached { "reached" } else { "NOT REACHED" };
        let row = format!("{what:54} {figure:>44}   {reach:28} {mark}");
        eprintln!("{row}");
        self.rows.push(row);
    }

    /// Adds a figure that is shown for its own sake.
    fn note(&mut self, text: &str) {
        eprintln!("{text}");
        self.rows.push(text.to_owned());
    }

    fn print(&self) {
        for row in &self.rows {
            print_line(row);
        }
    }
}

/// A temporary folder that goes with its owner.
struct Scratch(PathBuf);

impl Scratch {
    /// An empty folder of its own.
    fn new() -> Result<Scratch, Failure> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("megalith-bench-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).map_err(|why| Failure::of("make", path.display(), why))?;
        Ok(Scratch(path))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
