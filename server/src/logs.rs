//! Logs as the command line reads them: of this process or of a running server.

use async_trait::async_trait;
use kernel::Problem;
use kernel::log::{LogEntry, SignedHead};
use kernel::ports::Placement;
use kernel::write::store_problem;
use types::Uuid;

/// Entries that are read at once.
pub const BATCH: u32 = 500;

/// Reads the logs of an installation.
#[async_trait]
pub trait Logs: Send + Sync {
    /// Sealed events after a position, in order, at most `limit`.
    async fn log(
        &self,
        org: Uuid,
        service: &str,
        after: u64,
        limit: u32,
    ) -> Result<Vec<LogEntry>, Problem>;

    /// The newest signed head.
    async fn head(&self, org: Uuid, service: &str) -> Result<Option<SignedHead>, Problem>;
}

#[async_trait]
impl<P: Placement> Logs for P {
    async fn log(
        &self,
        org: Uuid,
        service: &str,
        after: u64,
        limit: u32,
    ) -> Result<Vec<LogEntry>, Problem> {
        self.store(org, service).await?.log(after, limit).await.map_err(store_problem)
    }

    async fn head(&self, org: Uuid, service: &str) -> Result<Option<SignedHead>, Problem> {
        self.store(org, service).await?.head().await.map_err(store_problem)
    }
}
