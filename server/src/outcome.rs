//! How a command ends: its exit code and, when it failed, what to tell.

use kernel::Problem;

/// Why a command did not end well.
#[derive(Debug)]
pub enum Failure {
    /// 2: the command was given wrongly.
    Usage(String),
    /// 3: it could not run, or did not get through.
    Failed(String),
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// 0: all is well.
    Well,
    /// 1: it ran, and has findings or refused rows.
    WithFindings,
}

/// What every command gives.
pub type Outcome = Result<Done, Failure>;

impl Failure {
    /// A failure of an action on a path or address: `cannot open X: why`.
    pub fn of(what: &str, subject: impl std::fmt::Display, why: impl std::fmt::Display) -> Failure {
        Failure::Failed(format!("cannot {what} {subject}: {why}"))
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Usage(text) | Failure::Failed(text) => f.write_str(text),
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Failure {
        Failure::Failed(problem.to_string())
    }
}

/// The exit code of an outcome.
pub fn exit_code(outcome: &Outcome) -> u8 {
    match outcome {
        Ok(Done::Well) => 0,
        Ok(Done::WithFindings) => 1,
        Err(Failure::Usage(_)) => 2,
        Err(Failure::Failed(_)) => 3,
    }
}
