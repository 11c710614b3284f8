//! The import: steps in their order, rows in chunks, each chunk one commit.
//!
//! For each chunk: read the rows, find the records that bear their keys, find what they link to
//! ([`reading`]), compare, write what differs ([`step`]). The next rows are read while those before
//! them are written. A row whose link leads to a later row of the same table waits for it. Every
//! row that is read is counted once, as created, updated, unchanged or refused, also by an import
//! that was interrupted and goes on.

mod compose;
mod draft;
mod executor;
mod files;
mod links;
mod reading;
mod reason;
mod refused;
mod report;
mod seen;
mod spill;
mod step;

pub(crate) use compose::member;
pub use executor::{Became, Executor, Journal, Observer, Progress, Write};
pub use files::files_of;
pub(crate) use files::{Files, list};
pub use reason::Reason;
pub use refused::{Refused, RefusedFiles};
pub use report::{Counts, Report, StepReport};

use crate::mapping::bind::{Bound, Seen, bind};
use crate::mapping::{Mapping, Step};
use crate::source::{SourceError, Table};
pub use expr::Context;
use kernel::service::Registry;
use kernel::{Kind, Problem};
use std::collections::hash_map::Entry;
use std::path::Path;

/// The most records of one commit.
pub const CHUNK: usize = 500;

/// An import and all that it needs.
pub struct Import<'a> {
    /// How tables become records.
    pub mapping: &'a Mapping,
    /// The folder, or the one file.
    pub source: &'a Path,
    /// The entities of all services.
    pub registry: &'a Registry,
    /// Finds and writes records.
    pub executor: &'a dyn Executor,
    /// Remembers how far it came.
    pub journal: &'a dyn Journal,
    /// Time and zone for expressions.
    pub context: Context,
    /// Makes every check and changes nothing.
    pub dry_run: bool,
    /// The most rows of each table that are looked at; none for all.
    pub rows: Option<u64>,
}

/// Why an import stopped. What was committed before stays; it goes on from there.
#[derive(Debug)]
pub enum ImportError {
    /// The mapping does not fit the schema or the files.
    Mapping {
        /// The step, from 1, and its entity.
        step: String,
        /// All that is wrong.
        problems: Vec<String>,
    },
    /// A file cannot be read.
    Source(SourceError),
    /// A service cannot answer, or refuses the whole.
    Problem(Problem),
    /// A refused row cannot be noted down.
    Refusals(std::io::Error),
}

impl std::fmt::Display for ImportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ImportError::Mapping { step, problems } => {
                write!(f, "{step}: {}", problems.join("\n  "))
            }
            ImportError::Source(error) => error.fmt(f),
            ImportError::Problem(problem) => problem.fmt(f),
            ImportError::Refusals(error) => write!(f, "refused rows cannot be written: {error}"),
        }
    }
}

impl std::error::Error for ImportError {}

impl From<SourceError> for ImportError {
    fn from(error: SourceError) -> ImportError {
        ImportError::Source(error)
    }
}

impl From<Problem> for ImportError {
    fn from(problem: Problem) -> ImportError {
        ImportError::Problem(problem)
    }
}

impl Import<'_> {
    /// Imports everything, from where the journal says an earlier run stopped.
    ///
    /// Every step is checked against schema and files before the first row is written.
    ///
    /// # Errors
    /// [`ImportError`]; refused rows are no error but a part of the report.
    pub async fn run(&self, observer: &mut dyn Observer) -> Result<Report, ImportError> {
        let (files, seen) = self.checked().await?;
        let resumed = self.journal.load().await?;
        if let Some(progress) = &resumed {
            observer.resumed(progress).map_err(ImportError::Refusals)?;
        }
        let mut progress = resumed.unwrap_or_default();
        progress.counts.resize(self.mapping.steps.len(), Counts::default());
        let links = links::Links::new(self.dry_run);
        let mut pretended = 0;
        let mut report = Report::default();
        for (index, step) in self.mapping.steps.iter().enumerate() {
            let opened = self.open(&files, step, &seen)?;
            let file = opened.as_ref().map(|opened| opened.file.clone()).unwrap_or_default();
            if index >= progress.step
                && let Some(opened) = opened
            {
                if index > progress.step {
                    // The steps between had no file.
                    progress.begin(index);
                }
                let shared = step::Shared {
                    links: &links,
                    progress: &mut progress,
                    observer: &mut *observer,
                    pretended: &mut pretended,
                };
                step::run(self, step, opened, shared).await?;
                progress.begin(index + 1);
                progress.refused_until = observer.refused_until();
                self.journal.save(&progress).await?;
            }
            let counts = progress.counts[index];
            report.total = report.total.plus(counts);
            report.steps.push(StepReport { file, entity: step.entity.clone(), counts });
        }
        Ok(report)
    }

    /// Checks every step against schema and files, and writes nothing.
    ///
    /// # Errors
    /// [`ImportError`] of the first step that does not fit.
    pub async fn check(&self) -> Result<(), ImportError> {
        self.checked().await.map(drop)
    }

    async fn checked(&self) -> Result<(Files, Seen), ImportError> {
        let files = Files::new(self.source, self.mapping)?;
        let seen = self.seen().await?;
        for step in &self.mapping.steps {
            self.open(&files, step, &seen)?;
        }
        Ok((files, seen))
    }

    /// What who imports can see of the entities of the steps and of their lines.
    async fn seen(&self) -> Result<Seen, ImportError> {
        let mut seen = Seen::new();
        for entity in self.mapping.steps.iter().filter_map(|step| self.registry.get(&step.entity)) {
            let lines = entity.fields.iter().filter_map(|field| match &field.kind {
                Kind::Children { entity } => self.registry.get(entity),
                _ => None,
            });
            for entity in lines.chain([entity]) {
                if let Entry::Vacant(place) = seen.entry(entity.full_name()) {
                    place.insert(self.executor.seen(entity).await?);
                }
            }
        }
        Ok(seen)
    }

    /// Opens and binds a step; none if its file may be absent and is.
    fn open(&self, files: &Files, step: &Step, seen: &Seen) -> Result<Option<Opened>, ImportError> {
        let at = self.mapping.steps.iter().position(|known| std::ptr::eq(known, step));
        let name = format!("step {} ({})", at.map_or(0, |at| at + 1), step.entity);
        let wrong = |problems| ImportError::Mapping { step: name.clone(), problems };
        let format = self.mapping.format_of(&step.format);
        let (file, table) = match (&step.file, &step.rows) {
            (Some(pattern), _) => match files.open(pattern, format)? {
                Some(found) => found,
                None if step.optional => return Ok(None),
                None => return Err(wrong(vec![format!("there is no file {pattern}")])),
            },
            (None, rows) => (String::new(), Table::inline(rows.as_deref().unwrap_or_default())),
        };
        let mut lines = Vec::new();
        for of_lines in &step.lines {
            let format = self.mapping.format_of(&of_lines.format);
            let found = files.open(&of_lines.file, format)?;
            lines.push(
                found.ok_or_else(|| wrong(vec![format!("there is no file {}", of_lines.file)]))?,
            );
        }
        let columns: Vec<Vec<String>> =
            lines.iter().map(|(_, table)| table.columns.clone()).collect();
        let bound = bind(self.mapping, step, self.registry, seen, &table.columns, &columns)
            .map_err(wrong)?;
        Ok(Some(Opened { file, table, lines, bound }))
    }
}

/// A step with its tables open.
pub(crate) struct Opened {
    file: String,
    table: Table,
    lines: Vec<(String, Table)>,
    bound: Bound,
}
