//! `POST /api/v1/platform/imports:upload`: a file is taken in as it comes, never whole in memory.

use super::{off_thread, unreadable};
use crate::edge::{Asked, Edge};
use crate::path::Place;
use crate::query::Params;
use crate::reply::{self, Body, Stop};
use crate::view::{Expanded, Shape};
use bytes::Bytes;
use contracts::platform::KeepUpload;
use exchange::spool::{Received, Receiving, unwritable};
use exchange::uploaded::{self, Kind, TableSeen};
use http::{Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Body as Incoming;
use kernel::command::Call;
use kernel::problem::{Problem, ProblemKind};
use kernel::read::parameter;
use std::pin::pin;
use std::time::Duration;
use tokio::sync::mpsc;
use types::Uuid;

/// Parts of a body that wait for the disk.
const AHEAD: usize = 4;
/// What is refused by its size is read on for so long and so far: a sender whose connection is
/// closed while it sends never reads why.
const DISCARDED_FOR: Duration = Duration::from_secs(5);
const DISCARDED: u64 = 64 << 20;
/// The most characters of a file's name.
const MAX_NAME: usize = 300;

/// Reads a body and forgets it.
async fn discard<B: Incoming<Data = Bytes>>(body: B) {
    let mut body = pin!(body);
    let mut read = 0;
    while let Some(Ok(frame)) = body.frame().await {
        read += frame.data_ref().map_or(0, |part| part.len() as u64);
        if read > DISCARDED {
            return;
        }
    }
}

impl Edge {
    /// `POST /api/v1/platform/imports:upload?filename=`: the import record, and the file's tables.
    pub(crate) async fn upload<B>(
        &self,
        place: &Place,
        body: B,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop>
    where
        B: Incoming<Data = Bytes>,
    {
        let params = Params::parse(asked.parts.uri.query(), &["filename"])?;
        let filename = params.text("filename");
        if filename.trim().is_empty() || filename.chars().count() > MAX_NAME {
            let text = format!("filename is the file's name, of at most {MAX_NAME} characters");
            return Err(parameter("filename", "required", text).into());
        }
        let call = self.call(false, &asked).await?;
        let most = self.config.imports.spool.most;
        let (receiving, received) = self.receive(body, most, &filename).await?;
        let (receiving, tables) = self.tables_of(receiving, received.clone()).await?;
        let title = format!("Import of {filename}");
        let import = self.keep_upload(&call, title, &filename, &received).await?;
        receiving.keep();
        let view = self.import_of(&call, import).await?;
        let tables = serde_json::to_string(&tables);
        let tables = tables.map_err(|error| Problem::internal(error.to_string()))?;
        let mut text = String::with_capacity(1_024);
        self.writer(place, &Shape::default(), &Expanded::new())?.view(&view, &mut text);
        text.truncate(text.len() - 1);
        text.push_str(",\"tables\":");
        text.push_str(&tables);
        text.push('}');
        let mut response = reply::json(StatusCode::CREATED, text);
        reply::set_etag(&mut response, view.record.version());
        reply::set_location(
            &mut response,
            format!("{}/{}", place.collection, view.record.public_id()),
        );
        Ok(response)
    }

    /// Takes a body in, at most `most` bytes; `name` is what its sender calls the file.
    pub(super) async fn receive<B>(
        &self,
        body: B,
        most: u64,
        name: &str,
    ) -> Result<(Receiving, Received), Stop>
    where
        B: Incoming<Data = Bytes>,
    {
        if body.size_hint().lower() > most {
            let _ = tokio::time::timeout(DISCARDED_FOR, discard(body)).await;
            return Err(too_large(most).into());
        }
        let Ok(_place) = self.uploads.try_acquire() else {
            let text = "Many files are being uploaded. Wait, and send it again.";
            return Err(Problem::unavailable("too_many_uploads", text, 10).into());
        };
        let (sender, mut parts) = mpsc::channel::<Bytes>(AHEAD);
        let (spool, folder) = (self.config.imports.spool.clone(), self.new_id("up"));
        let writing = tokio::task::spawn_blocking(move || {
            let mut receiving = spool.begin(&folder)?;
            while let Some(part) = parts.blocking_recv() {
                receiving.take(&part)?;
            }
            Ok::<Receiving, std::io::Error>(receiving)
        });
        let sent = self.pass_on(body, most, sender).await;
        let written = writing.await;
        let written =
            written.map_err(|error| Problem::internal(format!("a file broke off: {error}")))?;
        sent?;
        let receiving = written.map_err(|error| unwritable(&error))?;
        let name = name.to_owned();
        let (receiving, ended) = off_thread(move || {
            let mut receiving = receiving;
            let ended = receiving.end(&name);
            (receiving, ended)
        })
        .await?;
        match ended.map_err(|error| unwritable(&error))? {
            Ok(received) => Ok((receiving, received)),
            Err(text) if receiving.bytes() == 0 => {
                Err(Problem::malformed("empty_file", text).into())
            }
            Err(text) => Err(Problem::new(ProblemKind::UnsupportedMedia, "no_table", text).into()),
        }
    }

    /// Passes the parts of a body on, each of which must come in time.
    async fn pass_on<B>(&self, body: B, most: u64, sender: mpsc::Sender<Bytes>) -> Result<(), Stop>
    where
        B: Incoming<Data = Bytes>,
    {
        let mut body = pin!(body);
        let mut total = 0;
        loop {
            let next = tokio::time::timeout(self.config.body_timeout, body.frame()).await;
            let Some(frame) = next.map_err(|_| Stop::timeout())? else { return Ok(()) };
            let broken = |_| {
                let text = "The body ended before its length. Send it again.";
                Problem::malformed("broken_body", text)
            };
            let Ok(part) = frame.map_err(broken)?.into_data() else { continue };
            total += part.len() as u64;
            if total > most {
                return Err(too_large(most).into());
            }
            if sender.send(part).await.is_err() {
                // The disk does not take it: why is known to who writes.
                return Ok(());
            }
        }
    }

    /// The tables of a file that came in whole.
    async fn tables_of(
        &self,
        receiving: Receiving,
        received: Received,
    ) -> Result<(Receiving, Vec<TableSeen>), Problem> {
        off_thread(move || {
            let source = receiving.spooled().source().ok_or_else(super::gone)?;
            if received.kind == Kind::Xlsx {
                uploaded::check_workbook(&source).map_err(|error| unreadable(&error))?;
            }
            let tables = uploaded::tables(&source, received.rows);
            Ok((receiving, tables.map_err(|error| unreadable(&error))?))
        })
        .await?
    }

    /// Notes a file that came in as an import.
    pub(super) async fn keep_upload(
        &self,
        call: &Call,
        title: String,
        filename: &str,
        received: &Received,
    ) -> Result<Uuid, Problem> {
        let request = KeepUpload {
            org: call.org,
            title: title.chars().take(200).collect(),
            filename: filename.to_owned(),
            bytes: received.bytes,
            spool: received.spool.clone(),
            rows: received.rows,
        };
        contracts::call::<KeepUpload>(&*self.peers, call.clone(), &request).await
    }

    /// `GET /api/v1/platform/imports/{id}:tables`.
    pub(crate) async fn import_tables(
        &self,
        place: &Place,
        id: &str,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop> {
        Params::parse(asked.parts.uri.query(), &[])?;
        let (_, import) = self.named_import(place, id, &asked).await?;
        let source = self.spooled(&import)?.source().ok_or_else(super::gone)?;
        let rows = import.record.get("total").as_int().and_then(|rows| u64::try_from(rows).ok());
        let tables = off_thread(move || uploaded::tables(&source, rows)).await?;
        let tables = tables.map_err(|error| unreadable(&error))?;
        let text = serde_json::json!({ "tables": tables }).to_string();
        Ok(reply::json(StatusCode::OK, text))
    }
}

fn too_large(most: u64) -> Problem {
    let size = if most < 1 << 20 { format!("{most} bytes") } else { format!("{} MiB", most >> 20) };
    let text = format!(
        "The file may hold {size}. Send it in parts, or have the setting import_limit raised."
    );
    Problem::new(ProblemKind::TooLarge, "too_large", text)
}
