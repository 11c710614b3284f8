//! `POST …:batch`: several commands of one entity, in one commit.

use crate::edge::{Asked, Edge};
use crate::headers;
use crate::path::Place;
use crate::query::Params;
use crate::records::record_id;
use crate::reply::{self, Body, Stop};
use crate::view::{Expanded, Shape, Writer};
use contracts::platform::{ChangeSetKind, Counts};
use http::{Response, StatusCode};
use kernel::command::{Answer, Call, Command, Known, Verb};
use kernel::json::write_problem;
use kernel::problem::{FieldProblem, Problem};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The most commands of one batch.
pub(crate) const MAX_COMMANDS: usize = 1_000;

/// The body of a batch.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent<'a> {
    /// Whether one refusal refuses all.
    #[serde(default)]
    atomic: bool,
    /// The commands, each an object of one member.
    #[serde(borrow)]
    commands: Vec<BTreeMap<String, &'a RawValue>>,
}

impl Edge {
    /// `POST /api/v1/{service}/{entities}:batch`: a result for each command, in order.
    pub(crate) async fn batch(
        &self,
        place: &Place,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop> {
        let params = Params::parse(asked.parts.uri.query(), &["dry_run"])?;
        let dry_run = params.flag("dry_run")?;
        headers::media_type(&asked.parts.headers, &["application/json"])?;
        let sent: Sent<'_> = serde_json::from_slice(&asked.body).map_err(|error| {
            let text = format!(
                "The body must be {{\"atomic\": true, \"commands\": [{{\"create\": {{…}}}}, …]}}: \
                 {error}."
            );
            Problem::malformed("malformed_batch", text)
        })?;
        if sent.commands.is_empty() || sent.commands.len() > MAX_COMMANDS {
            let text = format!(
                "A batch holds 1 to {MAX_COMMANDS} commands. Send the rest in another one."
            );
            return Err(Problem::malformed("batch_size", text).into());
        }
        let read = |(at, command)| self.read_command(place, at, command);
        let commands = sent.commands.iter().enumerate().map(read);
        let commands: Vec<Command> = commands.collect::<Result<_, _>>()?;
        let verbs: Vec<Verb> = commands.iter().map(|command| command.verb.clone()).collect();
        let idempotency = self.idempotency(&asked)?.filter(|_| !dry_run);
        let call = Call { idempotency, dry_run, ..self.call(place.is_system(), &asked).await? };
        // What lives in the system organisation is undone by hand.
        let change_set = match place.is_system() || dry_run {
            true => None,
            false => {
                let title = format!("Batch of {} {}", commands.len(), place.entity.plural);
                Some(self.open_change_set(&call, ChangeSetKind::Batch, &title).await?)
            }
        };
        let own = Call { change_set, ..call.clone() };
        let service = &place.entity.service;
        let done = self.peers.execute_all(service, own, commands, "batch", sent.atomic).await;
        if let Some(change_set) = change_set {
            let counts = count(&verbs, done.as_deref().unwrap_or_default());
            self.close_change_set(&call, change_set, counts).await?;
        }
        self.results(place, change_set, &verbs, &done?, asked.request_id)
    }

    fn read_command(
        &self,
        place: &Place,
        at: usize,
        command: &BTreeMap<String, &RawValue>,
    ) -> Result<Command, Problem> {
        let wrong = |code: &str, text: &str| {
            let error = FieldProblem::new(format!("/commands/{at}"), code, text);
            Problem::malformed(code, format!("Command {at} {text}.")).with(vec![error])
        };
        let mut members = command.iter();
        let (Some((name, raw)), None) = (members.next(), members.next()) else {
            return Err(wrong("malformed_command", "must be one of create, update, delete, act"));
        };
        let mut values: BTreeMap<String, Box<RawValue>> = serde_json::from_str(raw.get())
            .map_err(|_| wrong("malformed_command", "must hold an object"))?;
        let mut text = |member: &str| -> Option<String> {
            values.remove(member).and_then(|raw| serde_json::from_str(raw.get()).ok())
        };
        let verb = if name == "create" {
            Verb::Create
        } else {
            let id = text("id").ok_or_else(|| wrong("required", "must name the id of a record"))?;
            let act = text("act");
            let id = record_id(place, &id)?;
            let base = values.remove("base_version");
            let base = base.map(|raw| serde_json::from_str::<u64>(raw.get())).transpose();
            let base = base.map_err(|_| wrong("out_of_range", "has no whole base_version"))?;
            let known = base.map_or(Known::Nothing, Known::Base);
            match (name.as_str(), act) {
                ("update", None) => Verb::Update { id, known },
                ("delete", None) => Verb::Delete { id, known },
                ("act", Some(act))
                    if !matches!(act.as_str(), "create" | "read" | "update" | "delete") =>
                {
                    Verb::Act { id, act, known }
                }
                ("act", _) => return Err(wrong("required", "must name an act")),
                _ => {
                    return Err(wrong(
                        "malformed_command",
                        "is none of create, update, delete, act",
                    ));
                }
            }
        };
        let body = serde_json::to_vec(&values).map_err(|e| Problem::internal(e.to_string()))?;
        let input = kernel::json::read_body(&place.entity, &body, &*self.registry)?;
        Ok(Command { entity: place.full_name.clone(), verb, input })
    }

    fn results(
        &self,
        place: &Place,
        change_set: Option<types::Uuid>,
        verbs: &[Verb],
        results: &[Result<Answer, Problem>],
        request_id: &str,
    ) -> Result<Response<Body>, Stop> {
        let (shape, expanded) = (Shape::default(), Expanded::new());
        let writer: Writer<'_> = self.writer(place, &shape, &expanded)?;
        let mut out = String::from("{\"change_set\":");
        match change_set {
            Some(id) => out.push_str(&format!("\"{}\"", types::format_id("cs", id))),
            None => out.push_str("null"),
        }
        out.push_str(",\"results\":[");
        for (index, (verb, result)) in verbs.iter().zip(results).enumerate() {
            if index > 0 {
                out.push(',');
            }
            let made = if *verb == Verb::Create { 201 } else { 200 };
            match result {
                Ok(Answer::Record(view)) if !matches!(verb, Verb::Delete { .. }) => {
                    out.push_str(&format!("{{\"status\":{made},\"record\":"));
                    writer.view(view, &mut out);
                }
                Ok(Answer::Draft(draft)) => {
                    let status = draft.problem.kind.status();
                    out.push_str(&format!("{{\"status\":{status},\"problem\":"));
                    write_problem(&draft.problem, request_id, &mut out);
                    out.pop();
                    out.push_str(",\"draft\":");
                    writer.view(&draft.record, &mut out);
                    out.push('}');
                }
                Ok(_) => out.push_str("{\"status\":204,\"record\":null"),
                Err(problem) => {
                    let status = problem.kind.status();
                    out.push_str(&format!("{{\"status\":{status},\"problem\":"));
                    write_problem(problem, request_id, &mut out);
                }
            }
            out.push('}');
        }
        out.push_str("]}");
        Ok(reply::json(StatusCode::OK, out))
    }
}

/// What a batch came to; one that was refused as a whole came to refusals only.
fn count(verbs: &[Verb], results: &[Result<Answer, Problem>]) -> Counts {
    let mut counts = Counts { read: verbs.len() as u64, ..Counts::default() };
    for (at, verb) in verbs.iter().enumerate() {
        match (results.get(at), verb) {
            (Some(Ok(_)), Verb::Create) => counts.created += 1,
            (Some(Ok(_)), _) => counts.updated += 1,
            _ => counts.refused += 1,
        }
    }
    counts
}
