//! What an operator sees of a running installation: logs and metrics, without secrets.

mod logs;
mod metrics;
mod secret;

pub use logs::{Format, start};
pub use metrics::Metrics;
pub use secret::{Secret, is_secret};
