//! Request bodies: read whole, within a size and a time.

use crate::reply::Stop;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Body as Incoming;
use kernel::problem::{Problem, ProblemKind};
use std::pin::pin;
use std::time::Duration;

/// How much of a body is kept, and how much is read at all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The most bytes that are kept.
    pub keep: usize,
    /// The most bytes that are read, so that a client that sends a little too much still gets its
    /// answer; the connection of one that sends more is closed.
    pub drain: usize,
    /// The time within which the body must have arrived.
    pub within: Duration,
}

/// Reads a body.
///
/// # Errors
/// 413 when it is larger than allowed, 408 when it does not arrive in time, 400 when the
/// connection breaks.
pub(crate) async fn read<B>(body: B, limits: Limits) -> Result<Bytes, Stop>
where
    B: Incoming<Data = Bytes>,
{
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let declared = body.size_hint().lower();
    if declared > limits.drain as u64 {
        return Err(too_large(limits.keep).into());
    }
    match tokio::time::timeout(limits.within, collect(body, limits)).await {
        Ok(read) => read,
        Err(_) => Err(Stop::timeout()),
    }
}

async fn collect<B>(body: B, limits: Limits) -> Result<Bytes, Stop>
where
    B: Incoming<Data = Bytes>,
{
    let mut body = pin!(body);
    let mut first = Bytes::new();
    let mut rest: Option<BytesMut> = None;
    let mut total = 0usize;
    while let Some(frame) = body.frame().await {
        let broken = |_| {
            Problem::malformed("broken_body", "The body ended before its length. Send it again.")
        };
        let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
        total += data.len();
        if total > limits.drain {
            break;
        }
        if total > limits.keep || data.is_empty() {
            continue;
        }
        match (&mut rest, first.is_empty()) {
            (None, true) => first = data,
            (None, false) => {
                let mut whole = BytesMut::with_capacity(first.len() + data.len());
                whole.extend_from_slice(&first);
                whole.extend_from_slice(&data);
                rest = Some(whole);
            }
            (Some(whole), _) => whole.extend_from_slice(&data),
        }
    }
    if total > limits.keep {
        return Err(too_large(limits.keep).into());
    }
    Ok(rest.map_or(first, BytesMut::freeze))
}

fn too_large(most: usize) -> Problem {
    let text = format!("The body may hold {} KiB.", most / 1024);
    Problem::new(ProblemKind::TooLarge, "too_large", text)
}
