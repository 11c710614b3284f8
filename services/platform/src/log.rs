//! The logs of an organisation: where they stand, and their verification as a job.
//!
//! What the last verification found is what its job reported last; there is no other record of it.

use crate::Job;
use crate::command::only_administrators;
use crate::jobs::{self, JobContext, JobKind, enqueue_alone};
use async_trait::async_trait;
use contracts::upkeep::{HeadFacts, JobFacts, LogFacts, LogFinding, LogsOf, Verified, VerifyLogs};
use kernel::log::reading::{self, Report};
use kernel::log::{SignedHead, hex};
use kernel::schema::Scope;
use kernel::service::{Registry, Runtime};
use kernel::write::store_problem;
use kernel::{Call, Problem};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use types::{Instant, Uuid, Value};

/// The kind of the job, and its key: one at a time.
const VERIFY: &str = "verify_logs";
/// Findings of a log that are kept by name; the others are counted.
const LISTED: usize = 100;

/// The heads that were published outside of every database, so that a rewritten one cannot vouch
/// for itself.
pub trait PublishedHeads: Send + Sync + 'static {
    /// The heads of an organisation's logs, in the order of their publication.
    ///
    /// # Errors
    /// When they cannot be read.
    fn of(&self, org: Uuid) -> Result<Vec<SignedHead>, Problem>;
}

/// The services that keep records of organisations, in the order of their declaration.
pub fn services(registry: &Registry) -> Vec<&str> {
    let mut services: Vec<&str> = Vec::new();
    for entity in registry.stored().iter().filter(|entity| entity.scope == Scope::Org) {
        if !services.contains(&entity.service.as_str()) {
            services.push(&entity.service);
        }
    }
    services
}

/// Answers where the logs stand.
pub async fn logs(
    runtime: Arc<Runtime>,
    call: Call,
    request: LogsOf,
) -> Result<Vec<LogFacts>, Problem> {
    only_administrators(&call, request.org, "platform.log:read")?;
    let mut verified = last_verified(&runtime, request.org).await?;
    let mut logs = Vec::new();
    for service in services(&runtime.registry) {
        let store = runtime.placement.store(request.org, service).await?;
        let head = store.head().await.map_err(store_problem)?;
        let at = verified.iter().position(|log| log.service == service);
        logs.push(LogFacts {
            service: service.to_owned(),
            position: head.as_ref().map_or(0, |signed| signed.head.size),
            unsealed: store.unsealed().await.map_err(store_problem)?,
            verified: at.map(|at| verified.swap_remove(at)),
            head: head.map(|signed| HeadFacts {
                sealed_at: signed.head.at,
                root: hex(&signed.head.root),
                signed_by: hex(&signed.key),
            }),
        });
    }
    Ok(logs)
}

/// What the last verification that ended found in each log; nothing before the first.
pub(crate) async fn last_verified(runtime: &Runtime, org: Uuid) -> Result<Vec<Verified>, Problem> {
    let Some(job) = jobs::last_done(runtime, org, VERIFY).await? else { return Ok(Vec::new()) };
    let Value::Json(text) = &job.values[Job::PROGRESS] else { return Ok(Vec::new()) };
    let progress: Result<Progress, _> = serde_json::from_str(text);
    Ok(progress.map(|progress| progress.logs).unwrap_or_default())
}

/// Begins to verify.
pub async fn verify(
    runtime: Arc<Runtime>,
    call: Call,
    request: VerifyLogs,
) -> Result<JobFacts, Problem> {
    only_administrators(&call, request.org, "platform.log:verify")?;
    let payload = serde_json::json!({"asked_by": call.actor.user()});
    enqueue_alone(&runtime, &call, request.org, VERIFY, VERIFY, &payload).await
}

/// How far the job is; in the end, what it found.
#[derive(Serialize, Deserialize)]
struct Progress {
    /// Logs that are verified.
    done: usize,
    /// All logs.
    total: usize,
    /// What was found in each so far.
    logs: Vec<Verified>,
}

/// The job that verifies the logs of its organisation.
pub struct VerifyJob(pub Arc<dyn PublishedHeads>);

#[async_trait]
impl JobKind for VerifyJob {
    fn name(&self) -> &'static str {
        VERIFY
    }

    async fn run(&self, ctx: JobContext) -> Result<(), Problem> {
        let (runtime, org) = (ctx.runtime(), ctx.org());
        let heads = self.0.clone();
        let published = tokio::task::spawn_blocking(move || heads.of(org)).await;
        let published = published.map_err(|error| Problem::internal(error.to_string()))??;
        let key = runtime.keys.public_key();
        let services = services(&runtime.registry);
        let mut progress = Progress { done: 0, total: services.len(), logs: Vec::new() };
        for service in services {
            let logs = &*runtime.placement;
            let report = reading::verify(logs, org, service, key, &published).await?;
            progress.logs.push(verified(report, runtime.source.clock.now()));
            progress.done += 1;
            ctx.report(&progress).await?;
        }
        Ok(())
    }
}

fn verified(report: Report, at: Instant) -> Verified {
    let findings = report.findings.iter().take(LISTED);
    Verified {
        service: report.service,
        at,
        position: report.events,
        count: report.findings.len() as u64,
        findings: findings
            .map(|finding| LogFinding {
                position: finding.first,
                last: finding.last,
                code: finding.code.to_owned(),
                message: finding.text.clone(),
            })
            .collect(),
    }
}
