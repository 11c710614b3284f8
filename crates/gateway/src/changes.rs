//! Change sets at the edge: opening and closing them, and taking one back.

use crate::edge::{Asked, Edge};
use crate::path::Place;
use crate::query::Params;
use crate::records::record_id;
use crate::reply::{self, Body, Stop};
use crate::view::{Expanded, Shape};
use contracts::platform::{ChangeSetKind, CloseChangeSet, Counts, OpenChangeSet, Undo};
use http::{Response, StatusCode};
use kernel::command::{Answer, Call, Query};
use kernel::json::write_json_string;
use kernel::problem::Problem;
use kernel::service::Undone;
use std::fmt::Write as _;
use types::Uuid;

/// The entity of change sets.
pub(crate) const CHANGE_SET: &str = "platform.change_set";
/// Changes that an undo takes back while the client waits; more are taken back by a job.
const AT_ONCE: i64 = 5_000;

impl Edge {
    /// `POST /api/v1/platform/change-sets/{id}:undo`: answers the change set as it then is. With
    /// `preview=true` it changes nothing and answers what could be taken back and what not.
    pub(crate) async fn undo(
        &self,
        place: &Place,
        id: &str,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop> {
        let params = Params::parse(asked.parts.uri.query(), &["preview"])?;
        let preview = params.flag("preview")?;
        let change_set = record_id(place, id)?;
        let call = self.call(place.is_system(), &asked).await?;
        if preview {
            let request = Undo { org: call.org, change_set, preview };
            let undone = contracts::call::<Undo>(&*self.peers, call, &request).await?;
            return Ok(reply::json(StatusCode::OK, write_undone(&undone)));
        }
        let before = self.change_set(&call, change_set).await?;
        let count = |name: &str| before.record.get(name).as_int().unwrap_or_default();
        if count("created") + count("updated") > AT_ONCE {
            return self.act_with(place, id, "undo", false, asked).await;
        }
        let request = Undo { org: call.org, change_set, preview };
        contracts::call::<Undo>(&*self.peers, call.clone(), &request).await?;
        let after = self.change_set(&call, change_set).await?;
        self.record(place, StatusCode::OK, &after, &Shape::default(), &Expanded::new())
    }

    async fn change_set(&self, call: &Call, id: Uuid) -> Result<kernel::View, Problem> {
        let query = Query::Get { entity: CHANGE_SET.to_owned(), id, known_at: None };
        match self.peers.ask("platform", call.clone(), query).await? {
            Answer::Record(view) => Ok(view),
            _ => Err(Problem::internal("a record's query answered something else")),
        }
    }

    /// Opens a change set for what this request does; a repetition of it finds the same one.
    pub(crate) async fn open_change_set(
        &self,
        call: &Call,
        kind: ChangeSetKind,
        title: &str,
    ) -> Result<Uuid, Problem> {
        let request = OpenChangeSet {
            org: call.org,
            title: title.chars().take(200).collect(),
            kind,
            source: None,
        };
        let request_id = match &call.idempotency {
            Some(sent) => format!("key:{}", kernel::log::hex(&sent.fingerprint)),
            None => call.request_id.clone(),
        };
        let own = Call { request_id, idempotency: None, ..call.clone() };
        contracts::call::<OpenChangeSet>(&*self.peers, own, &request).await
    }

    /// Closes a change set with what it came to.
    pub(crate) async fn close_change_set(
        &self,
        call: &Call,
        change_set: Uuid,
        counts: Counts,
    ) -> Result<(), Problem> {
        let request = CloseChangeSet { org: call.org, change_set, counts };
        let own = Call { idempotency: None, ..call.clone() };
        contracts::call::<CloseChangeSet>(&*self.peers, own, &request).await
    }
}

/// What an undo came to, or would.
fn write_undone(undone: &Undone) -> String {
    let mut out = format!("{{\"undone\":{},\"conflicts\":[", undone.undone);
    for (index, (record, reason)) in undone.conflicts.iter().enumerate() {
        out.push_str(if index == 0 { "{\"record\":" } else { ",{\"record\":" });
        write_json_string(record, &mut out);
        out.push_str(",\"reason\":");
        write_json_string(reason, &mut out);
        out.push('}');
    }
    // Writing to a text cannot fail.
    let _ = write!(out, "]}}");
    out
}
