//! What can go wrong, as a value: one type from the store to the client.
//!
//! A problem has a kind (which fixes the HTTP status), a stable code that programs may rely on,
//! a text for people and, for input, the fields at fault.

use serde::{Deserialize, Serialize};

/// The kind of a problem; each maps to one HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// 400: the request cannot be understood.
    Malformed,
    /// 401: who asks is not known.
    Unauthenticated,
    /// 403: who asks may see this and may not do that.
    Forbidden,
    /// 404: there is no such thing, as far as who asks can see.
    NotFound,
    /// 405: the path knows no such method.
    MethodNotAllowed,
    /// 409: the request meets a state that does not allow it.
    Conflict,
    /// 412: `If-Match` names another version.
    PreconditionFailed,
    /// 413: the body is larger than allowed.
    TooLarge,
    /// 415: the body is of a type that is not read here.
    UnsupportedMedia,
    /// 422: the request is understood and its values are refused.
    Invalid,
    /// 429: too many tries; `retry_after` says when to come back.
    TooMany,
    /// 500: a fault of ours.
    Internal,
    /// 503: the database cannot answer now; `retry_after` says when to come back.
    Unavailable,
    /// 507: the disk is full or cannot be written.
    StorageFull,
}

impl ProblemKind {
    /// The HTTP status.
    pub fn status(self) -> u16 {
        match self {
            ProblemKind::Malformed => 400,
            ProblemKind::Unauthenticated => 401,
            ProblemKind::Forbidden => 403,
            ProblemKind::NotFound => 404,
            ProblemKind::MethodNotAllowed => 405,
            ProblemKind::Conflict => 409,
            ProblemKind::PreconditionFailed => 412,
            ProblemKind::TooLarge => 413,
            ProblemKind::UnsupportedMedia => 415,
            ProblemKind::Invalid => 422,
            ProblemKind::TooMany => 429,
            ProblemKind::Internal => 500,
            ProblemKind::Unavailable => 503,
            ProblemKind::StorageFull => 507,
        }
    }

    /// The status in words.
    pub fn title(self) -> &'static str {
        match self {
            ProblemKind::Malformed => "Bad request",
            ProblemKind::Unauthenticated => "Not signed in",
            ProblemKind::Forbidden => "Not allowed",
            ProblemKind::NotFound => "Not found",
            ProblemKind::MethodNotAllowed => "Method not allowed",
            ProblemKind::Conflict => "Conflict",
            ProblemKind::PreconditionFailed => "Changed in the meantime",
            ProblemKind::TooLarge => "Too large",
            ProblemKind::UnsupportedMedia => "Unsupported media type",
            ProblemKind::Invalid => "Refused values",
            ProblemKind::TooMany => "Too many requests",
            ProblemKind::Internal => "Internal error",
            ProblemKind::Unavailable => "Not available now",
            ProblemKind::StorageFull => "Storage is full",
        }
    }
}

/// One field at fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// A JSON pointer into the body (`/lines/0/quantity`), or `?name` for a query parameter.
    pub pointer: String,
    /// A stable code, such as `required`.
    pub code: String,
    /// What is wrong and what would be right, for people.
    pub message: String,
}

impl FieldProblem {
    /// A problem of the field at `pointer`.
    pub fn new(pointer: impl Into<String>, code: &str, message: impl Into<String>) -> FieldProblem {
        FieldProblem { pointer: pointer.into(), code: code.to_owned(), message: message.into() }
    }
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The kind, which fixes the status.
    pub kind: ProblemKind,
    /// A stable code, `invalid` or `finance.period_closed`.
    pub code: String,
    /// What happened and what to do next, for people.
    pub detail: String,
    /// The fields at fault, if input is.
    #[serde(default)]
    pub errors: Vec<FieldProblem>,
    /// Seconds after which a retry makes sense.
    #[serde(default)]
    pub retry_after: Option<u32>,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)?;
        self.errors
            .iter()
            .try_for_each(|e| write!(f, "\n  {}: {} ({})", e.pointer, e.message, e.code))
    }
}

impl std::error::Error for Problem {}

impl Problem {
    /// A problem of a kind, with its code and text.
    pub fn new(kind: ProblemKind, code: &str, detail: impl Into<String>) -> Problem {
        Problem {
            kind,
            code: code.to_owned(),
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// 400 with a code.
    pub fn malformed(code: &str, detail: impl Into<String>) -> Problem {
        Problem::new(ProblemKind::Malformed, code, detail)
    }

    /// 404 for a thing of a name; the same text whether it is absent or hidden.
    pub fn not_found(what: &str) -> Problem {
        Problem::new(ProblemKind::NotFound, "not_found", format!("There is no such {what}."))
    }

    /// 403, naming the right that is missing (`operations.customer:create`).
    pub fn forbidden(right: &str) -> Problem {
        let detail = format!("This needs the right {right}. Ask an administrator to grant it.");
        Problem::new(ProblemKind::Forbidden, "forbidden", detail)
    }

    /// 409 with a code.
    pub fn conflict(code: &str, detail: impl Into<String>) -> Problem {
        Problem::new(ProblemKind::Conflict, code, detail)
    }

    /// 422 for a list of fields; never empty.
    pub fn invalid(errors: Vec<FieldProblem>) -> Problem {
        let detail = match errors.as_slice() {
            [one] => format!("One value is refused: {} {}.", one.pointer, one.message),
            many => format!("{} values are refused; see each of the errors.", many.len()),
        };
        Problem { errors, ..Problem::new(ProblemKind::Invalid, "invalid", detail) }
    }

    /// 500; the text is for the log, clients see a neutral one.
    pub fn internal(detail: impl Into<String>) -> Problem {
        Problem::new(ProblemKind::Internal, "internal", detail)
    }

    /// 503 with the seconds to wait.
    pub fn unavailable(code: &str, detail: impl Into<String>, retry_after: u32) -> Problem {
        let problem = Problem::new(ProblemKind::Unavailable, code, detail);
        Problem { retry_after: Some(retry_after), ..problem }
    }

    /// The same problem with the fields at fault.
    pub fn with(mut self, errors: Vec<FieldProblem>) -> Problem {
        self.errors = errors;
        self
    }
}
