//! `POST …:export`: records as a file that is sent while it is made.

use crate::edge::{Asked, Edge};
use crate::headers;
use crate::path::Place;
use crate::query::Params;
use crate::records::search_text;
use crate::reply::{self, Body, Stop};
use crate::view::unknown_field;
use async_trait::async_trait;
use bytes::Bytes;
use exchange::export::{Export, ExportError, Format, Sink, export};
use exchange::peers::Asking;
use http::header::{CONTENT_DISPOSITION, HeaderValue};
use http::{Response, StatusCode};
use kernel::command::List;
use kernel::problem::Problem;
use serde::Deserialize;
use std::io;
use tokio::sync::mpsc;

/// Parts of the file that wait for a slow client; then the export waits.
const AHEAD: usize = 2;

/// The body of an export.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Sent {
    /// `csv`, `xlsx` or `jsonl`.
    format: Option<String>,
    /// An expression that must be true.
    filter: String,
    /// Words that must all occur, as in the list.
    q: String,
    /// The fields, in order; all if empty.
    fields: Vec<String>,
    /// A field of lines: a row for each.
    lines: Option<String>,
}

/// A part of the file, or why there is none.
type Part = Result<Bytes, ExportError>;

impl Edge {
    /// `POST /api/v1/{service}/{entities}:export`.
    pub(crate) async fn export(
        &self,
        place: &Place,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop> {
        Params::parse(asked.parts.uri.query(), &[])?;
        let sent = if asked.body.is_empty() {
            Sent::default()
        } else {
            headers::media_type(&asked.parts.headers, &["application/json"])?;
            serde_json::from_slice::<Sent>(&asked.body).map_err(|error| {
                let text =
                    format!("The body must be {{format, filter, q, fields, lines}}: {error}.");
                Problem::malformed("malformed_export", text)
            })?
        };
        let named = sent.format.as_deref().unwrap_or("csv");
        let format = Format::parse(named)
            .ok_or_else(|| Problem::malformed("unknown_format", "format is csv, xlsx or jsonl."))?;
        if !sent.fields.is_empty() || sent.lines.is_some() {
            let readable = self.readable(place, &asked).await?;
            let mut named = sent.fields.iter().chain(&sent.lines);
            if let Some(name) = named.find(|name| !readable.contains(name)) {
                return Err(unknown_field(&place.entity, "fields", name, &readable).into());
            }
        }
        let call = self.call(place.is_system(), &asked).await?;
        let asking = Asking {
            peers: self.peers.clone(),
            registry: self.registry.clone(),
            call,
            system: self.call(true, &asked).await.ok(),
        };
        let list = List {
            entity: place.full_name.clone(),
            filter: sent.filter,
            text: search_text(sent.q)?,
            lines: format == Format::JsonLines || sent.lines.is_some(),
            ..List::default()
        };
        let what =
            Export { entity: place.entity.clone(), format, fields: sent.fields, lines: sent.lines };
        let mut made = make(what, asking, list);
        // A refusal comes before the first byte and is answered as one.
        let first = match made.recv().await {
            Some(Err(ExportError::Problem(problem))) => return Err(problem.into()),
            Some(Err(error)) => return Err(Problem::internal(error.to_string()).into()),
            Some(Ok(first)) => Some(first),
            None => None,
        };
        let mut response = reply::answer(StatusCode::OK, format.media_type(), Bytes::new());
        *response.body_mut() = pass_on(first, made);
        reply::private(&mut response);
        let name = format!("{}.{}", place.entity.plural, format.extension());
        let named = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
        if let Ok(named) = named {
            response.headers_mut().insert(CONTENT_DISPOSITION, named);
        }
        Ok(response)
    }
}

/// Makes the file in a task of its own, which ends when nobody reads any more.
fn make(what: Export, asking: Asking, list: List) -> mpsc::Receiver<Part> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        let mut pages = asking.pages(list);
        let mut sink = Sending(sender.clone());
        let registry = asking.registry.clone();
        if let Err(error) = export(&what, &registry, &mut pages, &asking, &mut sink).await {
            // A client that has gone does not want to know.
            let _ = sender.send(Err(error)).await;
        }
    });
    receiver
}

struct Sending(mpsc::Sender<Part>);

#[async_trait]
impl Sink for Sending {
    async fn take(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        self.0.send(Ok(bytes.into())).await.map_err(gone)
    }
}

/// The parts as a body.
fn pass_on(first: Option<Bytes>, mut made: mpsc::Receiver<Part>) -> Body {
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        let mut next = first.map(Ok);
        while let Some(part) = next {
            let part = part.map_err(|error: ExportError| {
                tracing::warn!(%error, "an export broke off");
                io::Error::other(error.to_string())
            });
            if sender.send(part).await.is_err() {
                return;
            }
            next = made.recv().await;
        }
    });
    Body::stream(receiver)
}
