//! A client's connection, on which every refusal says what is wrong.
//!
//! What the HTTP library cannot read as a request it refuses by itself, before anyone is asked,
//! with a bare status line. On its way out that becomes a problem like any other.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// The most bytes of a refused request that are read and dropped, so that the client, who is still
/// sending, reads the refusal instead of a broken connection.
const MOST_DROPPED: usize = 1024 * 1024;
/// How long they are waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// The bytes of a line that tell what it is: the longest method, and what follows it.
const BEGIN: usize = 16;
/// A line beyond this is why a head is too large.
const LONG: usize = 32 * 1024;

/// Makes the bytes of a refusal in full from the status of a bare one.
pub(crate) type Refusal = Box<dyn Fn(u16) -> Vec<u8> + Send>;

/// A stream whose bare refusals are replaced.
pub(crate) struct Line<S> {
    stream: S,
    refusal: Refusal,
    /// How the line of the request begins that is being read, and how long it is so far.
    begin: Vec<u8>,
    length: usize,
    /// What of a refusal is still to be sent.
    pending: Vec<u8>,
    /// Whether something was refused: then the connection ends.
    refused: bool,
    dropped: usize,
    until: Option<Pin<Box<Sleep>>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Line<S> {
    /// The stream, and what replaces its bare refusals.
    pub fn new(stream: S, refusal: Refusal) -> Line<S> {
        Line {
            stream,
            refusal,
            begin: Vec::with_capacity(BEGIN),
            length: 0,
            pending: Vec::new(),
            refused: false,
            dropped: 0,
            until: None,
        }
    }

    /// Notes what was read.
    fn note(&mut self, read: &[u8]) {
        let line = match read.iter().rposition(|byte| *byte == b'\n') {
            Some(end) => {
                self.begin.clear();
                self.length = 0;
                &read[end + 1..]
            }
            None => read,
        };
        self.length += line.len();
        let more = line.iter().take(BEGIN - self.begin.len());
        self.begin.extend(more);
    }

    /// The status of a refusal. The library counts the first line to the head: one that fills it is
    /// an address that is too long.
    fn status(&self, bare: u16) -> u16 {
        let is_first_line = || {
            let method = self.begin.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
            method > 0 && self.begin.get(method) == Some(&b' ')
        };
        if bare == 431 && self.length > LONG && is_first_line() { 414 } else { bare }
    }

    /// Sends what is left of a refusal.
    fn send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.pending.is_empty() {
            let sent = ready!(Pin::new(&mut self.stream).poll_write(context, &self.pending))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.pending.drain(..sent);
        }
        Poll::Ready(Ok(()))
    }

    /// Reads what the client still sends and drops it, up to the bounds.
    fn drop_rest(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut space = [0; 8 * 1024];
        while self.dropped < MOST_DROPPED {
            let mut read = ReadBuf::new(&mut space);
            match Pin::new(&mut self.stream).poll_read(context, &mut read) {
                Poll::Ready(Ok(())) if !read.filled().is_empty() => {
                    self.dropped += read.filled().len();
                }
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => {
                    let until =
                        self.until.get_or_insert_with(|| Box::pin(tokio::time::sleep(PATIENCE)));
                    return until.as_mut().poll(context);
                }
            }
        }
        Poll::Ready(())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Line<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let line = self.get_mut();
        let before = into.filled().len();
        ready!(Pin::new(&mut line.stream).poll_read(context, into))?;
        line.note(&into.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Line<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let line = self.get_mut();
        ready!(line.send(context))?;
        match bare_refusal(bytes) {
            Some(status) => {
                line.pending = (line.refusal)(line.status(status));
                line.refused = true;
                Poll::Ready(Ok(bytes.len()))
            }
            None => Pin::new(&mut line.stream).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut filled = parts.iter().filter(|part| !part.is_empty());
        match (filled.next(), filled.next()) {
            (Some(only), None) => self.poll_write(context, only),
            _ => {
                let line = self.get_mut();
                ready!(line.send(context))?;
                Pin::new(&mut line.stream).poll_write_vectored(context, parts)
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let line = self.get_mut();
        ready!(line.send(context))?;
        Pin::new(&mut line.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let line = self.get_mut();
        ready!(line.send(context))?;
        ready!(Pin::new(&mut line.stream).poll_shutdown(context))?;
        if line.refused {
            ready!(line.drop_rest(context));
        }
        Poll::Ready(Ok(()))
    }
}

/// The status of an answer that is a head without a word: the library's own. Ours all name their
/// request.
fn bare_refusal(bytes: &[u8]) -> Option<u16> {
    if bytes.len() > 512 || !bytes.starts_with(b"HTTP/1.") {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?.strip_suffix("\r\n\r\n")?;
    let mut lines = text.split("\r\n");
    let status: u16 = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let is_bare = lines.all(|line| {
        let name = line.split(':').next().unwrap_or_default();
        line.eq_ignore_ascii_case("content-length: 0")
            || ["connection", "date"].iter().any(|known| name.eq_ignore_ascii_case(known))
    });
    (is_bare && [400, 414, 431].contains(&status)).then_some(status)
}

#[cfg(test)]
mod tests {
    use super::bare_refusal;

    #[test]
    fn only_a_refusal_without_a_word_is_replaced() {
        let date = "date: Sat, 04 Jul 2026 09:30:00 GMT";
        for (head, expected) in [
            (format!("HTTP/1.1 414 URI Too Long\r\ncontent-length: 0\r\n{date}"), Some(414)),
            (format!("HTTP/1.0 400 Bad Request\r\nconnection: close\r\n{date}"), Some(400)),
            ("HTTP/1.1 431 X\r\nConnection: close\r\nContent-Length: 0".to_owned(), Some(431)),
            (format!("HTTP/1.1 204 No Content\r\n{date}"), None),
            ("HTTP/1.1 414 X\r\nx-request-id: req_1\r\ncontent-length: 0".to_owned(), None),
            (format!("HTTP/1.1 400 X\r\ncontent-length: 7\r\n{date}"), None),
            ("{\"note\":\"HTTP/1.1 414 URI Too Long\"}".to_owned(), None),
        ] {
            assert_eq!(bare_refusal(format!("{head}\r\n\r\n").as_bytes()), expected, "{head}");
            assert_eq!(bare_refusal(head.as_bytes()), None, "{head} is not whole");
        }
    }
}
