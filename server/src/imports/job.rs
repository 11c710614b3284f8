//! The job that brings in the rows of an uploaded file, in the name of who started it.
//!
//! The file lies in this process's spool, so this process does it: after a break it takes the job
//! again at once and goes on from what was kept. Where that process does not come back, or the file
//! is lost, the import ends as failed.

use super::Kept;
use async_trait::async_trait;
use contracts::platform::{Companies, HoldImport, ImportTask};
use exchange::carrying::Carrying;
use exchange::mapping::Mapping;
use exchange::peers::Asking;
use exchange::pipeline::{self, Counts, ImportError, Journal, Observer, Progress, Refused};
use exchange::spool::{RefusedRows, Spool, Spooled};
use kernel::{Call, Problem, ProblemKind};
use platform::jobs::{JobContext, JobKind};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use types::Uuid;

/// How long the process that has a file may say nothing before its import is given up.
const PATIENCE: Duration = Duration::from_secs(900);

/// Does imports of files that lie in a spool, and ends those whose file is lost.
pub struct ImportJob {
    /// Where the files lie.
    pub spool: Arc<Spool>,
    /// Whether no other process has the database: a file that is not here is nowhere.
    pub is_only: bool,
}

#[async_trait]
impl JobKind for ImportJob {
    fn name(&self) -> &'static str {
        "import"
    }

    fn takes(&self, payload: &str) -> bool {
        let task: Result<ImportTask, _> = serde_json::from_str(payload);
        task.is_ok_and(|task| self.is_only || self.spool.is_ours(&task.spool))
    }

    fn given_up_after(&self) -> Option<Duration> {
        Some(PATIENCE)
    }

    fn is_alone(&self) -> bool {
        true
    }

    fn takes_long(&self) -> bool {
        true
    }

    async fn run(&self, ctx: JobContext) -> Result<(), Problem> {
        let task: ImportTask = ctx.payload()?;
        let peers = ctx.runtime().peers.clone();
        let by_platform = Call::system(ctx.org(), "a worker imports");
        let request = HoldImport { org: ctx.org(), import: task.import };
        let held = contracts::call::<HoldImport>(&*peers, by_platform.clone(), &request).await?;
        if !held.is_running {
            // It ended before the last attempt broke off.
            return Ok(());
        }
        let (change_set, is_cancelling) = (held.change_set, held.is_cancelling);
        let goes_on = held.progress.is_some() && !task.dry_run;
        let kept = Kept::held(peers, by_platform, task.import, held, task.dry_run);
        let Some(folder) = self.spool.find(&task.spool) else {
            let text = match self.is_only || self.spool.is_ours(&task.spool) {
                true => "The uploaded file is lost. Upload it again.",
                false => "The server that had the uploaded file is gone. Upload it again.",
            };
            // What cannot be read is not counted; the rows that were written stay.
            let progress = kept.load().await.ok().flatten();
            let total = progress.map_or(Counts::default(), |progress| progress.total());
            return kept.end(total, Some(text.to_owned())).await;
        };
        let mut watching = Watching::new(&folder, !goes_on).map_err(unwritable)?;
        let done = match is_cancelling {
            true => Err(Problem::conflict(CANCELLED, "It was asked to stop.").into()),
            false => import(&ctx, &task, change_set, &kept, &folder, &mut watching).await,
        };
        let total = watching.total;
        match done {
            Ok(()) => {
                kept.end(total, None).await?;
                match task.dry_run {
                    true => {}
                    false if total.refused == 0 => folder.remove(),
                    false => folder.remove_source(),
                }
                Ok(())
            }
            Err(error) => {
                let problem = problem(error);
                match problem.code.as_str() {
                    CANCELLED => kept.stop(total).await,
                    // Another run has it.
                    "import_taken_over" => Ok(()),
                    _ if may_pass(&problem) && !ctx.is_last_attempt() => Err(problem),
                    _ => {
                        folder.note(Some(&problem)).map_err(unwritable)?;
                        kept.end(total, Some(told(&problem))).await
                    }
                }
            }
        }
    }
}

/// What a report answers once somebody asked the import to stop.
const CANCELLED: &str = "import_cancelled";

async fn import(
    ctx: &JobContext,
    task: &ImportTask,
    change_set: Option<Uuid>,
    kept: &Kept,
    folder: &Spooled,
    watching: &mut Watching,
) -> Result<(), ImportError> {
    let runtime = ctx.runtime();
    let gone = || Problem::conflict("upload_gone", "The uploaded file is not kept any more.");
    let source = folder.source().ok_or_else(gone)?;
    let mapping = Mapping::parse(&task.mapping);
    let mapping =
        mapping.map_err(|error| Problem::malformed("invalid_mapping", error.to_string()))?;
    let mapping = mapping.with_table(task.table.as_deref());
    folder.note(None).map_err(ImportError::Refusals)?;
    let call = Call { change_set, org: ctx.org(), ..task.call.clone() };
    let request = Companies { org: ctx.org() };
    let by_platform = Call::system(ctx.org(), "a worker imports");
    let companies = contracts::call::<Companies>(&*runtime.peers, by_platform, &request).await?;
    let zone = companies.first().map_or("UTC", |first| first.zone.as_str());
    let asking = Asking {
        peers: runtime.peers.clone(),
        registry: runtime.registry.clone(),
        call,
        system: task.system.clone(),
    };
    let import = pipeline::Import {
        mapping: &mapping,
        source: &source,
        registry: &runtime.registry,
        executor: &Carrying { asking },
        journal: kept,
        context: expr::Context::new(runtime.source.clock.now(), zone, Vec::new()),
        dry_run: task.dry_run,
        rows: None,
    };
    let report = import.run(watching).await?;
    watching.total = report.total;
    Ok(())
}

/// Counts, and writes refused rows into the folder.
struct Watching {
    folder: Spooled,
    rows: RefusedRows,
    total: Counts,
}

impl Watching {
    fn new(folder: &Spooled, begins: bool) -> io::Result<Watching> {
        let mut rows = RefusedRows::new(folder);
        if begins {
            rows.begin(0)?;
        }
        Ok(Watching { folder: folder.clone(), rows, total: Counts::default() })
    }
}

impl Observer for Watching {
    fn progressed(&mut self, progress: &Progress, _: &str) {
        self.total = progress.total();
        self.folder.touch();
    }

    fn refused(&mut self, refused: &Refused) -> io::Result<()> {
        self.rows.refused(refused)
    }

    fn resumed(&mut self, progress: &Progress) -> io::Result<()> {
        self.total = progress.total();
        self.rows.resumed(progress)
    }

    fn refused_until(&self) -> Vec<(String, u64)> {
        self.rows.refused_until()
    }
}

/// Why an import stopped, as a problem.
fn problem(error: ImportError) -> Problem {
    match error {
        ImportError::Problem(problem) => problem,
        ImportError::Mapping { .. } => Problem::malformed("invalid_mapping", error.to_string()),
        ImportError::Source(error) => Problem::malformed("unreadable_file", error.to_string()),
        ImportError::Refusals(error) => unwritable(error),
    }
}

fn unwritable(error: io::Error) -> Problem {
    exchange::spool::unwritable(&error)
}

fn may_pass(problem: &Problem) -> bool {
    matches!(
        problem.kind,
        ProblemKind::Unavailable | ProblemKind::Internal | ProblemKind::StorageFull
    )
}

/// A problem as a text for people.
fn told(problem: &Problem) -> String {
    let errors = problem.errors.iter().map(|error| format!("{} {}", error.pointer, error.message));
    std::iter::once(problem.detail.clone()).chain(errors).collect::<Vec<_>>().join("; ")
}
