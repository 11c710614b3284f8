//! Imports over HTTP: a file is taken in, mapped, looked at, started, and told of.

mod plan;
mod preview;
mod refused;
mod table;
mod upload;

use crate::edge::{Asked, Edge};
use crate::path::Place;
use crate::records::record_id;
use contracts::platform::{Companies, CompanyFacts};
use exchange::pipeline::ImportError;
use exchange::source::SourceError;
use exchange::spool::{Spool, Spooled};
use kernel::command::{Answer, Call, Query, View};
use kernel::problem::{FieldProblem, Problem};
use std::sync::Arc;
use types::Uuid;

/// The entity of imports.
pub(crate) const IMPORT: &str = "platform.import";

/// What imports need of the process.
#[derive(Clone)]
pub struct Imports {
    /// Where files lie that were taken in.
    pub spool: Arc<Spool>,
    /// Has the jobs of an organisation looked at at once.
    pub wake: Arc<dyn Fn(Uuid) + Send + Sync>,
}

impl Default for Imports {
    /// A spool in the folder for temporary files, of this process alone; no jobs.
    fn default() -> Imports {
        let name = format!("megalith-spool-{}", std::process::id());
        let root = std::env::temp_dir().join(&name);
        let spool = Spool::new(&root, 1 << 30, std::process::id().to_string());
        Imports { spool: Arc::new(spool), wake: Arc::new(|_| {}) }
    }
}

impl Edge {
    /// The record of an import as who asks sees it.
    async fn import_of(&self, call: &Call, id: Uuid) -> Result<View, Problem> {
        let query = Query::Get { entity: IMPORT.to_owned(), id, known_at: None };
        match self.peers.ask("platform", call.clone(), query).await? {
            Answer::Record(view) => Ok(view),
            _ => Err(Problem::internal("a record's query answered something else")),
        }
    }

    /// An import that who asks sees, by the text of its id.
    async fn named_import(
        &self,
        place: &Place,
        id: &str,
        asked: &Asked<'_>,
    ) -> Result<(Call, View), Problem> {
        let id = record_id(place, id)?;
        let call = self.call(false, asked).await?;
        let view = self.import_of(&call, id).await?;
        Ok((call, view))
    }

    /// The folder of an import.
    fn spooled(&self, import: &View) -> Result<Spooled, Problem> {
        let spool = import.record.get("spool").as_text().unwrap_or_default();
        self.config.imports.spool.find(spool).ok_or_else(|| match spool {
            "" => Problem::conflict("no_upload", "Nothing was uploaded for this import."),
            _ if self.config.imports.spool.is_ours(spool) => gone(),
            _ => Problem::conflict(
                "uploaded_elsewhere",
                "Another process of this installation has the file: ask that one, or upload the \
                 file again.",
            ),
        })
    }

    /// The first company of the organisation: its zone and currency are those of imports.
    async fn first_company(&self, call: &Call) -> Option<CompanyFacts> {
        let request = Companies { org: call.org };
        let found = contracts::call::<Companies>(&*self.peers, call.clone(), &request).await;
        found.ok().and_then(|all| all.into_iter().next())
    }
}

/// The uploaded file is not kept any more.
fn gone() -> Problem {
    Problem::conflict("upload_gone", "The uploaded file is not kept any more. Upload it again.")
}

/// Why an import cannot be done, as a client is told.
fn problem(error: ImportError) -> Problem {
    match error {
        ImportError::Problem(problem) => problem,
        ImportError::Mapping { step, problems } => {
            let errors = problems.into_iter();
            let errors = errors.map(|text| FieldProblem::new("@map", "invalid_mapping", text));
            let text = format!(
                "The mapping does not fit at {step}. Correct what the errors name and send \
                 it again."
            );
            Problem::malformed("invalid_mapping", text).with(errors.collect())
        }
        ImportError::Source(error) => unreadable(&error),
        ImportError::Refusals(error) => Problem::internal(error.to_string()),
    }
}

fn unreadable(error: &SourceError) -> Problem {
    Problem::malformed("unreadable_file", error.to_string())
}

/// Does what waits for the disk without keeping others waiting.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Problem::internal(format!("work on a file broke off: {error}")))
}
