//! `POST …:import`: records from a file in the body, as one change set.

use crate::edge::{Asked, Edge};
use crate::path::Place;
use crate::query::Params;
use crate::reply::{self, Body, Stop};
use contracts::platform::{ChangeSetKind, Companies, Counts};
use exchange::carrying::Carrying;
use exchange::mapping::Mapping;
use exchange::peers::Asking;
use exchange::pipeline::{self, Context, ImportError, Observer, Progress, Refused};
use exchange::{propose, ready};
use http::header::CONTENT_TYPE;
use http::{Response, StatusCode};
use kernel::command::Call;
use kernel::problem::{FieldProblem, Problem, ProblemKind};
use kernel::read::parameter;
use std::path::{Path, PathBuf};

/// Refused rows that the answer names; the others are counted.
const NAMED: usize = 100;

impl Edge {
    /// `POST /api/v1/{service}/{entities}:import`: the counts, which add up, and the change set.
    pub(crate) async fn import(
        &self,
        place: &Place,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop> {
        let params = Params::parse(asked.parts.uri.query(), &["format", "map", "dry_run"])?;
        let dry_run = params.flag("dry_run")?;
        let format = format(&params, &asked)?;
        if place.is_system() {
            let text = "Records of the installation are made one by one: send each with POST.";
            return Err(Problem::conflict("no_import", text).into());
        }
        let folder = Folder::new(&self.new_request_id()).map_err(unwritable)?;
        let source = folder.0.join(format!("{}.{format}", place.entity.plural));
        std::fs::write(&source, &asked.body).map_err(unwritable)?;
        let mapping = self.mapping(place, &source, params.get("map"))?;
        let call = self.call(false, &asked).await?;
        let change_set = match dry_run {
            true => None,
            false => {
                let title = format!("Import of {}", place.entity.plural);
                Some(self.open_change_set(&call, ChangeSetKind::Import, &title).await?)
            }
        };
        let asking = Asking {
            peers: self.peers.clone(),
            registry: self.registry.clone(),
            call: Call { change_set, ..call.clone() },
            system: self.call(true, &asked).await.ok(),
        };
        let request = Companies { org: call.org };
        let companies = contracts::call::<Companies>(&*self.peers, call.clone(), &request).await;
        let zone = companies.ok().and_then(|all| all.into_iter().next()).map(|first| first.zone);
        let import = pipeline::Import {
            mapping: &mapping,
            source: &source,
            registry: &self.registry,
            executor: &Carrying { asking },
            journal: &(),
            context: Context::new(self.now(), zone.as_deref().unwrap_or("UTC"), Vec::new()),
            dry_run,
        };
        let mut seen = Seen::default();
        let ran = import.run(&mut seen).await;
        let total = ran.as_ref().map_or(seen.total, |report| report.total);
        if let Some(change_set) = change_set {
            let pipeline::Counts { read, created, updated, unchanged, refused, .. } = total;
            let counts = Counts { read, created, updated, unchanged, refused };
            self.close_change_set(&call, change_set, counts).await?;
        }
        ran.map_err(problem)?;
        let answer = serde_json::json!({
            "change_set": change_set.map(|id| types::format_id("cs", id)),
            "read": total.read,
            "created": total.created,
            "updated": total.updated,
            "unchanged": total.unchanged,
            "refused": total.refused,
            "rows": seen.rows,
        });
        Ok(reply::json(StatusCode::OK, answer.to_string()))
    }

    /// The mapping that was named, ready or as text; else the one that the columns suggest.
    fn mapping(
        &self,
        place: &Place,
        source: &Path,
        named: Option<&str>,
    ) -> Result<Mapping, Problem> {
        let mapping = match named {
            Some(text) if text.contains('=') => Mapping::parse(text),
            Some(name) => ready::named(name),
            None => {
                let proposed = propose::proposed(source, "import", &self.registry);
                proposed
                    .map_err(|error| Problem::malformed("unreadable_file", error.to_string()))?
            }
        };
        let mut mapping =
            mapping.map_err(|error| parameter("map", "invalid_mapping", error.to_string()))?;
        mapping.steps.retain(|step| step.entity == place.full_name && step.file.is_some());
        if mapping.steps.is_empty() {
            let text = format!("the mapping has no table of {}", place.full_name);
            return Err(parameter("map", "invalid_mapping", text));
        }
        Ok(mapping)
    }
}

/// The ending of the file's name: of `format`, else of the body's type.
fn format(params: &Params<'_>, asked: &Asked<'_>) -> Result<&'static str, Problem> {
    let sent = asked.parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let sent = sent.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    match (params.get("format"), sent) {
        (Some("csv" | "tsv"), _) => Ok("csv"),
        (Some("xlsx"), _) => Ok("xlsx"),
        (Some("jsonl" | "ndjson"), _) => Ok("jsonl"),
        (Some(_), _) => {
            Err(parameter("format", "unknown_format", "format is csv, xlsx or jsonl".to_owned()))
        }
        (None, "text/csv" | "text/tab-separated-values" | "text/plain") => Ok("csv"),
        (None, "application/x-ndjson" | "application/jsonl") => Ok("jsonl"),
        (None, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet") => Ok("xlsx"),
        (None, _) => {
            let text = "This path reads text/csv, application/x-ndjson or a workbook; format says \
                        which.";
            Err(Problem::new(ProblemKind::UnsupportedMedia, "unsupported_media_type", text))
        }
    }
}

fn unwritable(error: std::io::Error) -> Problem {
    Problem::internal(format!("a temporary file cannot be written: {error}"))
}

/// Why an import stopped, as a client is told.
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
        ImportError::Source(error) => Problem::malformed("unreadable_file", error.to_string()),
        ImportError::Refusals(error) => Problem::internal(error.to_string()),
    }
}

/// Remembers the counts and the first refused rows.
#[derive(Default)]
struct Seen {
    total: pipeline::Counts,
    rows: Vec<serde_json::Value>,
}

impl Observer for Seen {
    fn progressed(&mut self, progress: &Progress, _: &str) {
        let counts = progress.counts.iter().copied();
        self.total = counts.fold(pipeline::Counts::default(), pipeline::Counts::plus);
    }

    fn refused(&mut self, refused: &Refused) -> std::io::Result<()> {
        if self.rows.len() < NAMED {
            self.rows.push(serde_json::json!({"line": refused.line, "reasons": refused.reasons}));
        }
        Ok(())
    }
}

/// A temporary folder that goes with its owner.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> std::io::Result<Folder> {
        let path = std::env::temp_dir().join(format!("megalith-import-{name}"));
        std::fs::create_dir(&path)?;
        Ok(Folder(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed here, the system removes with its temporary files.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
