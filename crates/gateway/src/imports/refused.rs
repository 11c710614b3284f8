//! `GET …:refused`: the rows that were refused and why, in pages or as a file to mend.

use super::off_thread;
use crate::edge::{Asked, Edge};
use crate::path::Place;
use crate::query::Params;
use crate::reply::{self, Body, Stop};
use bytes::Bytes;
use exchange::spool::{RefusedFile, RefusedRow, Spooled, told};
use http::header::{CONTENT_DISPOSITION, HeaderValue};
use http::{Response, StatusCode};
use kernel::problem::Problem;
use kernel::read::{MAX_PAGE_SIZE, PAGE_SIZE, parameter};
use std::io;
use tokio::sync::mpsc;

/// Rows of the file that are made together.
const PART: usize = 500;
/// Parts that wait for a slow client.
const AHEAD: usize = 2;

impl Edge {
    /// `GET /api/v1/platform/imports/{id}:refused`; with `format=csv` as a file.
    pub(crate) async fn refused_rows(
        &self,
        place: &Place,
        id: &str,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop> {
        let known = ["page_size", "page_token", "format"];
        let params = Params::parse(asked.parts.uri.query(), &known)?;
        let most = u64::from(MAX_PAGE_SIZE);
        let size = params.number("page_size", 1, most)?.map_or(PAGE_SIZE as usize, |n| n as usize);
        let from = match params.get("page_token").filter(|token| !token.is_empty()) {
            None => 0,
            Some(token) => token.parse().map_err(|_| {
                let text = "page_token is what the page before answered as next_page_token";
                parameter("page_token", "invalid_page_token", text)
            })?,
        };
        let as_file = match params.get("format") {
            None | Some("json") => false,
            Some("csv") => true,
            Some(_) => {
                let text = "format is json or csv";
                return Err(parameter("format", "unknown_format", text).into());
            }
        };
        let (_, import) = self.named_import(place, id, &asked).await?;
        let refused = import.record.get("refused").as_int().unwrap_or_default();
        let folder = match self.spooled(&import) {
            Ok(folder) => Some(folder),
            // Nothing is kept where nothing was refused.
            Err(problem) if problem.code == "upload_gone" && refused == 0 => None,
            Err(problem) if problem.code == "upload_gone" => {
                let text = "The refused rows are not kept any more. Import the file again.";
                return Err(Problem::conflict("upload_gone", text).into());
            }
            Err(problem) => return Err(problem.into()),
        };
        if as_file {
            let name = import.record.get("filename").as_text().unwrap_or("rows");
            return Ok(file(folder, name));
        }
        let (rows, next) = match folder {
            None => (Vec::new(), None),
            Some(folder) => off_thread(move || folder.refused(from, size))
                .await?
                .map_err(|error| unreadable(&error))?,
        };
        let items: Vec<serde_json::Value> = rows.iter().map(item).collect();
        let columns = rows.first().map(|row| row.columns.as_slice()).unwrap_or_default();
        let next = next.map_or(String::new(), |next| next.to_string());
        let answer =
            serde_json::json!({ "items": items, "columns": columns, "next_page_token": next });
        Ok(reply::json(StatusCode::OK, answer.to_string()))
    }
}

fn item(row: &RefusedRow) -> serde_json::Value {
    let problems: Vec<_> = row.problems.iter().map(told).collect();
    serde_json::json!({
        "row": row.row,
        "column": row.column,
        "pointer": row.pointer,
        "code": row.code,
        "message": row.message,
        "problems": problems,
        "values": row.values(),
    })
}

fn unreadable(error: &io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            let text = "page_token is what the page before answered as next_page_token";
            parameter("page_token", "invalid_page_token", text)
        }
        _ => Problem::internal(format!("refused rows cannot be read: {error}")),
    }
}

/// The rows as CSV, sent while it is made.
fn file(folder: Option<Spooled>, name: &str) -> Response<Body> {
    let (sender, receiver) = mpsc::channel::<io::Result<Bytes>>(AHEAD);
    tokio::task::spawn_blocking(move || {
        let Some(folder) = folder else { return };
        for part in RefusedFile::new(folder, PART) {
            let is_over = part.is_err();
            if sender.blocking_send(part.map(Bytes::from)).is_err() || is_over {
                return;
            }
        }
    });
    let mut response = reply::answer(StatusCode::OK, "text/csv; charset=utf-8", Bytes::new());
    *response.body_mut() = Body::stream(receiver);
    reply::private(&mut response);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let stem: String = stem.chars().map(plain).take(100).collect();
    let named = format!("attachment; filename=\"{stem}.refused.csv\"");
    if let Ok(named) = HeaderValue::from_str(&named) {
        response.headers_mut().insert(CONTENT_DISPOSITION, named);
    }
    response
}
