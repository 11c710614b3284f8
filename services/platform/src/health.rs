//! How an organisation fares: whether its records can be read, its logs hold, its jobs are done.

use crate::Job;
use crate::command::only_administrators;
use crate::jobs::open_by_state;
use crate::log::{last_verified, services};
use contracts::upkeep::{HealthCheck, HealthFacts, HealthOf, HealthState};
use kernel::service::Runtime;
use kernel::write::store_problem;
use kernel::{Call, Problem};
use std::sync::Arc;
use types::Uuid;

/// Events that may wait for their seal: more mean that the sealer does not come along.
const BACKLOG: u64 = 1_000;

/// Looks at an organisation.
pub async fn health(
    runtime: Arc<Runtime>,
    call: Call,
    request: HealthOf,
) -> Result<HealthFacts, Problem> {
    only_administrators(&call, request.org, "platform.health:read")?;
    let (database, unsealed) = database(&runtime, request.org).await;
    let [waiting, running, failed] =
        open_by_state(&runtime, request.org, [Job::QUEUED, Job::RUNNING, Job::FAILED]).await?;
    let checks = vec![
        database,
        sealing(unsealed),
        proof(&runtime, request.org).await?,
        check("jobs", failed == 0, || match failed {
            0 => "No job has failed.".to_owned(),
            _ => format!("{failed} jobs have failed; look at them and retry what is needed."),
        }),
    ];
    Ok(HealthFacts { checks, waiting, running, failed })
}

/// Whether every service's records can be read, and how many events wait for their seal.
async fn database(runtime: &Runtime, org: Uuid) -> (HealthCheck, u64) {
    let mut unsealed = 0;
    let mut silent = Vec::new();
    for service in services(&runtime.registry) {
        let read = async {
            let store = runtime.placement.store(org, service).await?;
            store.unsealed().await.map_err(store_problem)
        };
        match read.await {
            Ok(count) => unsealed += count,
            Err(problem) => silent.push(format!("{service}: {}", problem.detail)),
        }
    }
    let detail = match silent.is_empty() {
        true => "The records of every service can be read.".to_owned(),
        false => silent.join(" "),
    };
    let state = if silent.is_empty() { HealthState::Ok } else { HealthState::Down };
    (HealthCheck { name: "database".to_owned(), state, detail }, unsealed)
}

/// Whether events are sealed soon after they are committed.
fn sealing(unsealed: u64) -> HealthCheck {
    check("sealing", unsealed <= BACKLOG, || match unsealed {
        0 => "Every event is sealed.".to_owned(),
        _ => format!("{unsealed} events wait for their seal."),
    })
}

/// What the last verification of the logs said.
async fn proof(runtime: &Runtime, org: Uuid) -> Result<HealthCheck, Problem> {
    let logs = last_verified(runtime, org).await?;
    let findings: u64 = logs.iter().map(|log| log.count).sum();
    let at = logs.iter().map(|log| log.at).max();
    Ok(check("log", findings == 0, || match (at, findings) {
        (None, _) => "The logs have not been verified from here yet.".to_owned(),
        (Some(at), 0) => format!("On {at} the logs were as they were sealed."),
        (Some(at), _) => format!("On {at} {findings} places were not as they were sealed."),
    }))
}

fn check(name: &str, fine: bool, detail: impl FnOnce() -> String) -> HealthCheck {
    let state = if fine { HealthState::Ok } else { HealthState::Degraded };
    HealthCheck { name: name.to_owned(), state, detail: detail() }
}
