//! Answers: bodies, headers, and problems as `application/problem+json`.

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION, RETRY_AFTER, VARY,
    WWW_AUTHENTICATE,
};
use http::{Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Frame, SizeHint};
use kernel::json::{write_json_string, write_problem};
use kernel::problem::{Problem, ProblemKind};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// The body of every answer: whole, or a file that is sent as it is made.
#[derive(Default)]
pub struct Body(Inner);

enum Inner {
    Whole(Full<Bytes>),
    Stream(mpsc::Receiver<Result<Bytes, io::Error>>),
}

impl Default for Inner {
    fn default() -> Inner {
        Inner::Whole(Full::default())
    }
}

impl Body {
    /// A body that is sent as its parts come; a part that is an error breaks the connection, so
    /// that nobody takes what came for the whole.
    pub(crate) fn stream(parts: mpsc::Receiver<Result<Bytes, io::Error>>) -> Body {
        Body(Inner::Stream(parts))
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match &mut self.get_mut().0 {
            Inner::Whole(whole) => {
                Pin::new(whole).poll_frame(context).map_err(|never| match never {})
            }
            Inner::Stream(parts) => parts.poll_recv(context).map_ok(Frame::data),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Inner::Whole(whole) => whole.is_end_stream(),
            Inner::Stream(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Inner::Whole(whole) => whole.size_hint(),
            Inner::Stream(_) => SizeHint::default(),
        }
    }
}

/// Says that an answer repeats what an earlier request with the same key did.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Why a request ends without what it asked for.
#[derive(Debug)]
pub(crate) struct Stop {
    /// What is wrong.
    pub problem: Box<Problem>,
    /// A status that no kind of problem has, with its title.
    status: Option<(StatusCode, &'static str)>,
    /// The value of `Allow`.
    allow: Option<&'static str>,
    /// The value of `WWW-Authenticate` for a 401.
    challenge: &'static str,
    /// JSON of the record as far as a dry run could make it.
    draft: Option<Box<str>>,
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Stop {
        let problem = Box::new(problem);
        Stop { problem, status: None, allow: None, challenge: "Bearer", draft: None }
    }
}

impl Stop {
    /// 405 with the methods that the path knows.
    pub fn method(method: &http::Method, allow: &'static str) -> Stop {
        let put = if method == http::Method::PUT { " Use PATCH to change fields." } else { "" };
        let text = format!("This path knows {allow}, not {method}.{put}");
        let problem = Problem::new(ProblemKind::MethodNotAllowed, "method_not_allowed", text);
        Stop { allow: Some(allow), ..Stop::from(problem) }
    }

    /// 401: nobody is signed in, or the token is not valid (any more).
    pub fn unauthenticated(problem: Problem, has_token: bool) -> Stop {
        let challenge = if has_token { "Bearer error=\"invalid_token\"" } else { "Bearer" };
        Stop { challenge, ..Stop::from(problem) }
    }

    /// A dry run that was refused, with the JSON of the record as far as it could be made.
    pub fn drafted(problem: Problem, draft: String) -> Stop {
        Stop { draft: Some(draft.into()), ..Stop::from(problem) }
    }

    /// 408: the body did not arrive in time.
    pub fn timeout() -> Stop {
        let status = (StatusCode::REQUEST_TIMEOUT, "Request timeout");
        let text = "The body did not arrive in time. Send it again.";
        Stop { status: Some(status), ..Stop::from(Problem::malformed("request_timeout", text)) }
    }

    /// 414: path and query are longer than `most` bytes.
    pub fn uri_too_long(most: usize) -> Stop {
        let status = (StatusCode::URI_TOO_LONG, "URI too long");
        let text = format!(
            "Path and query may hold {most} bytes. Shorten the filter or the list of fields, or \
             ask in several requests."
        );
        Stop { status: Some(status), ..Stop::from(Problem::malformed("uri_too_long", text)) }
    }

    /// 431: the headers are longer than `most` bytes.
    pub fn headers_too_large(most: usize) -> Stop {
        let status = (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "Headers too large");
        let lines = crate::serve::MAX_HEADER_LINES;
        let text = format!(
            "The headers may hold {most} bytes in {lines} lines. Leave out cookies and headers \
             that this server does not need."
        );
        Stop { status: Some(status), ..Stop::from(Problem::malformed("headers_too_large", text)) }
    }

    /// 400: what came is no request.
    pub fn not_http() -> Stop {
        let text = "This is not a request of HTTP/1.1 or HTTP/2. Look at the first line and at \
                    the header lines: each is `Name: value`, without control characters.";
        Problem::malformed("malformed_request", text).into()
    }

    /// The answer that says so, as bytes of HTTP/1.1 that end the connection.
    pub fn bytes(self, request_id: &str) -> Vec<u8> {
        let (status, body) = self.text(request_id);
        let reason = status.canonical_reason().unwrap_or_default();
        let head = format!(
            "HTTP/1.1 {} {reason}\r\ncontent-type: application/problem+json\r\n\
             content-length: {}\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\n\
             x-request-id: {request_id}\r\nconnection: close\r\n\r\n",
            status.as_u16(),
            body.len()
        );
        (head + &body).into_bytes()
    }

    /// The answer that says so.
    pub fn response(self, request_id: &str) -> Response<Body> {
        let (status, text) = self.text(request_id);
        let mut response = answer(status, "application/problem+json", text);
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(allow) = self.allow {
            headers.insert(ALLOW, HeaderValue::from_static(allow));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(self.challenge));
        }
        if let Some(seconds) = self.problem.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    /// The status and the problem as JSON.
    fn text(&self, request_id: &str) -> (StatusCode, String) {
        let mut text = String::with_capacity(256);
        let status = match self.status {
            None => {
                write_problem(&self.problem, request_id, &mut text);
                if let Some(draft) = &self.draft {
                    text.pop();
                    text.push_str(",\"draft\":");
                    text.push_str(draft);
                    text.push('}');
                }
                StatusCode::from_u16(self.problem.kind.status())
                    .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }
            Some((status, title)) => {
                let number = status.as_u16();
                text.push_str("{\"type\":\"about:blank\",\"title\":");
                write_json_string(title, &mut text);
                text.push_str(&format!(",\"status\":{number},\"detail\":"));
                write_json_string(&self.problem.detail, &mut text);
                text.push_str(",\"code\":");
                write_json_string(&self.problem.code, &mut text);
                text.push_str(",\"errors\":[],\"request_id\":");
                write_json_string(request_id, &mut text);
                text.push('}');
                status
            }
        };
        (status, text)
    }
}

/// An answer with a body of a type.
pub(crate) fn answer(
    status: StatusCode,
    media_type: &'static str,
    body: impl Into<Bytes>,
) -> Response<Body> {
    let mut response = Response::new(Body(Inner::Whole(Full::new(body.into()))));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::default());
    *response.status_mut() = status;
    response
}

/// JSON that belongs to who asked: caches of others must not keep it.
pub(crate) fn json(status: StatusCode, text: String) -> Response<Body> {
    let mut response = answer(status, "application/json", text);
    private(&mut response);
    response
}

/// Marks an answer as one that depends on who asked and must be asked for again.
pub(crate) fn private(response: &mut Response<Body>) {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(VARY, HeaderValue::from_static("Authorization, Cookie"));
}

/// The entity tag of a version: `"7"`.
pub(crate) fn set_etag(response: &mut Response<Body>, version: u64) {
    if let Ok(value) = HeaderValue::from_maybe_shared(Bytes::from(format!("\"{version}\""))) {
        response.headers_mut().insert(ETAG, value);
    }
}

/// Where a new record stands.
pub(crate) fn set_location(response: &mut Response<Body>, path: String) {
    if let Ok(value) = HeaderValue::from_maybe_shared(Bytes::from(path)) {
        response.headers_mut().insert(LOCATION, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stop_says_what_it_is_in_its_headers() {
        let forbidden = Problem::forbidden("operations.customer:create");
        let unavailable = Problem::unavailable("database_unavailable", "Wait.", 3);
        let nobody = Problem::new(ProblemKind::Unauthenticated, "unauthenticated", "Sign in.");
        for (stop, status, header, value) in [
            (Stop::from(forbidden), 403, "cache-control", "no-store"),
            (Stop::from(unavailable), 503, "retry-after", "3"),
            (Stop::unauthenticated(nobody.clone(), false), 401, "www-authenticate", "Bearer"),
            (
                Stop::unauthenticated(nobody, true),
                401,
                "www-authenticate",
                "Bearer error=\"invalid_token\"",
            ),
            (Stop::method(&http::Method::PUT, "GET"), 405, "allow", "GET"),
            (Stop::timeout(), 408, "content-type", "application/problem+json"),
            (Stop::uri_too_long(9), 414, "content-type", "application/problem+json"),
            (Stop::headers_too_large(9), 431, "content-type", "application/problem+json"),
        ] {
            let response = stop.response("req_1");
            assert_eq!(response.status().as_u16(), status);
            assert_eq!(response.headers()[header], value, "{status}");
        }
    }
}
