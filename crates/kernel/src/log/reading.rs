//! Logs as they are read as a whole, and verified: in this process or through a running server.

use super::verify::{Finding, Verifier};
use super::{LogEntry, SignedHead};
use crate::ports::Placement;
use crate::problem::Problem;
use crate::write::store_problem;
use async_trait::async_trait;
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
impl<P: Placement + ?Sized> Logs for P {
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

/// What was found in one log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The organisation.
    pub org: Uuid,
    /// The service.
    pub service: String,
    /// How many events were read.
    pub events: u64,
    /// What is not as it was sealed, the lowest position first.
    pub findings: Vec<Finding>,
}

/// Verifies one log, up to the head that was newest at the start: others may go on writing.
/// `published` are heads that were published before.
///
/// # Errors
/// When the database cannot answer.
pub async fn verify<L: Logs + ?Sized>(
    logs: &L,
    org: Uuid,
    service: &str,
    key: [u8; 32],
    published: &[SignedHead],
) -> Result<Report, Problem> {
    let mut head = logs.head(org, service).await?;
    if head.is_none() && !logs.log(org, service, 0, 1).await?.is_empty() {
        // The first events were sealed in between, or the head was removed.
        head = logs.head(org, service).await?;
    }
    let size = head.as_ref().map_or(u64::MAX, |head| head.head.size);
    let mut verifier = Verifier::new(org, service, key, published);
    let mut after = 0;
    while after < size {
        let entries = logs.log(org, service, after, BATCH).await?;
        let Some(last) = entries.last() else { break };
        after = last.position;
        entries.iter().filter(|e| e.position <= size).for_each(|entry| verifier.entry(entry));
    }
    let events = verifier.size();
    let findings = verifier.finish(head.as_ref());
    Ok(Report { org, service: service.to_owned(), events, findings })
}
