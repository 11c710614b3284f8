//! `POST …:import`: one table from the body, uploaded, started and waited for in one request.

use super::plan::{Planned, Sent};
use super::{off_thread, unreadable};
use crate::edge::{Asked, Edge};
use crate::path::Place;
use crate::query::Params;
use crate::reply::{self, Body, Stop};
use bytes::Bytes;
use exchange::mapping::{Mapping, only_entity};
use exchange::spool::Received;
use exchange::uploaded::{self, Kind};
use exchange::{propose, ready};
use http::header::CONTENT_TYPE;
use http::{Response, StatusCode};
use hyper::body::Body as Incoming;
use kernel::command::{Call, View};
use kernel::problem::{Problem, ProblemKind};
use kernel::read::parameter;
use std::path::Path;
use std::time::Duration;
use types::{Uuid, Value};

/// Refused rows that the answer names; the others are counted.
const NAMED: usize = 100;
/// How often it is looked whether the import has ended: soon first, then less often.
const LOOKS: [Duration; 2] = [Duration::from_millis(5), Duration::from_millis(250)];

impl Edge {
    /// `POST /api/v1/{service}/{entities}:import`: the counts, which add up, and the change set.
    pub(crate) async fn import_table<B>(
        &self,
        place: &Place,
        body: B,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop>
    where
        B: Incoming<Data = Bytes>,
    {
        let params = Params::parse(asked.parts.uri.query(), &["format", "map", "dry_run"])?;
        let dry_run = params.flag("dry_run")?;
        let format = format(&params, &asked)?;
        if place.is_system() {
            let text = "Records of the installation are made one by one: send each with POST.";
            return Err(Problem::conflict("no_import", text).into());
        }
        let most = self.config.max_body_bytes as u64;
        let name = format!("{}.{format}", place.entity.plural);
        let (receiving, received) = self.receive(body, most, &name).await?;
        let call = self.call(false, &asked).await?;
        let source = receiving.spooled().source().ok_or_else(super::gone)?;
        self.is_as_said(format, &received, &source).await?;
        let text = self.mapping_text(place, &source, params.get("map"))?;
        let mapping = Mapping::parse(&text)
            .map_err(|error| parameter("map", "invalid_mapping", error.to_string()))?;
        let mut planned = Planned {
            company: self.first_company(&call).await,
            call,
            import: Uuid::nil(),
            source,
            text,
            mapping,
            entity: place.full_name.clone(),
            sent: Sent { dry_run, ..Sent::default() },
        };
        self.check_plan(&planned, &asked).await?;
        let title = format!("Import of {}", place.entity.plural);
        planned.import = self.keep_upload(&planned.call, title, &name, &received).await?;
        receiving.keep();
        self.start_plan(&planned, &asked).await?;
        let done = self.ended(&planned.call, planned.import).await?;
        self.told_of(&done)
    }

    /// Refuses a body that is of another kind than was said, and a workbook that unfolds to more
    /// than it may.
    async fn is_as_said(
        &self,
        format: &str,
        received: &Received,
        source: &Path,
    ) -> Result<(), Problem> {
        if received.kind.ending() != format {
            let text = format!("The body is no {format}. Say what it is, or send another.");
            return Err(Problem::malformed("unreadable_file", text));
        }
        if received.kind == Kind::Xlsx {
            let path = source.to_owned();
            let checked = off_thread(move || uploaded::check_workbook(&path)).await?;
            checked.map_err(|error| unreadable(&error))?;
        }
        Ok(())
    }

    /// The mapping that was named, ready or as text; else the one that the columns suggest.
    fn mapping_text(
        &self,
        place: &Place,
        source: &Path,
        named: Option<&str>,
    ) -> Result<String, Problem> {
        let text = match named {
            Some(text) if text.contains('=') => Ok(text.to_owned()),
            Some(name) => ready::text(name).map(str::to_owned),
            None => {
                let proposed = propose::propose(source, "import", &self.registry);
                Ok(proposed.map_err(|error| unreadable(&error))?)
            }
        };
        let wrong =
            |error: &dyn std::fmt::Display| parameter("map", "invalid_mapping", error.to_string());
        let text = text.map_err(|error| wrong(&error))?;
        Mapping::parse(&text).map_err(|error| wrong(&error))?;
        let (text, steps) = only_entity(&text, &place.full_name).map_err(|error| wrong(&error))?;
        if steps == 0 {
            let text = format!("the mapping has no table of {}", place.full_name);
            return Err(parameter("map", "invalid_mapping", text));
        }
        Ok(text)
    }

    /// Waits until an import has ended.
    async fn ended(&self, call: &Call, import: Uuid) -> Result<View, Problem> {
        let [mut pause, longest] = LOOKS;
        loop {
            let view = self.import_of(call, import).await?;
            if view.record.state() != Some("running") {
                return Ok(view);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }

    /// The answer for an import that has ended.
    fn told_of(&self, done: &View) -> Result<Response<Body>, Stop> {
        let record = &done.record;
        let folder = self.spooled(done).ok();
        if record.state() != Some("finished") {
            let problem = folder.as_ref().and_then(|folder| folder.problem());
            folder.inspect(|folder| folder.remove());
            let text = record.get("error").as_text().unwrap_or("The import was stopped.");
            let stopped = || Problem::conflict("import_stopped", text);
            return Err(problem.unwrap_or_else(stopped).into());
        }
        let rows = folder.as_ref().map(|folder| folder.refused(0, NAMED)).transpose();
        let rows = rows.map_err(|error| Problem::internal(error.to_string()))?;
        let rows: Vec<serde_json::Value> = rows
            .into_iter()
            .flat_map(|(rows, _)| rows)
            .map(|row| {
                let reasons: Vec<&str> = row.problems.iter().map(|one| one.text.as_str()).collect();
                serde_json::json!({"line": row.row, "reasons": reasons})
            })
            .collect();
        if record.get("dry_run") == &Value::Bool(true) {
            folder.inspect(|folder| folder.remove());
        }
        let count = |name: &str| record.get(name).as_int().unwrap_or_default();
        let change_set = record.get("change_set").as_id();
        let answer = serde_json::json!({
            "import": record.public_id(),
            "change_set": change_set.map(|id| types::format_id("cs", id)),
            "read": count("read"),
            "created": count("created"),
            "updated": count("updated"),
            "unchanged": count("unchanged"),
            "refused": count("refused"),
            "rows": rows,
        });
        Ok(reply::json(StatusCode::OK, answer.to_string()))
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
