//! What administrators ask to keep their organisation in order: its logs, how it fares, sample data.

use crate::changes::CHANGE_SET;
use crate::edge::{Asked, Edge};
use crate::path::Upkeep;
use crate::query::Params;
use crate::reply::{self, Body, Stop};
use contracts::upkeep::{
    FillSamples, HealthFacts, HealthOf, JobFacts, LogFacts, LogsOf, RemoveSamples, SamplesOf,
    Verified, VerifyLogs,
};
use http::{Method, Response, StatusCode};
use kernel::Problem;
use serde_json::{Value as Json, json};
use types::format_id;

impl Edge {
    /// Answers one of the paths; `platform` sees to the rights.
    pub(crate) async fn upkeep(
        &self,
        what: Upkeep,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop> {
        Params::parse(asked.parts.uri.query(), &[])?;
        let call = asked.signed.call(asked.request_id);
        let (org, peers) = (call.org, &*self.peers);
        let (status, answer) = match what {
            Upkeep::Logs => {
                let logs = contracts::call::<LogsOf>(peers, call, &LogsOf { org }).await?;
                let items: Vec<Json> = logs.iter().map(log).collect();
                (StatusCode::OK, json!({"items": items}))
            }
            Upkeep::Verify => {
                let request = VerifyLogs { org };
                let begun = contracts::call::<VerifyLogs>(peers, call, &request).await?;
                (StatusCode::ACCEPTED, self.job(&begun)?)
            }
            Upkeep::Health => {
                let health = contracts::call::<HealthOf>(peers, call, &HealthOf { org }).await?;
                (StatusCode::OK, self.health(&health))
            }
            Upkeep::Samples if asked.parts.method == Method::POST => {
                let request = FillSamples { org };
                let begun = contracts::call::<FillSamples>(peers, call, &request).await?;
                (StatusCode::ACCEPTED, self.job(&begun)?)
            }
            Upkeep::Samples if asked.parts.method == Method::DELETE => {
                let request = RemoveSamples { org };
                let begun = contracts::call::<RemoveSamples>(peers, call, &request).await?;
                (StatusCode::ACCEPTED, self.job(&begun)?)
            }
            Upkeep::Samples => {
                let samples = contracts::call::<SamplesOf>(peers, call, &SamplesOf { org }).await?;
                let prefix = self.prefix(CHANGE_SET)?;
                let change_set = samples.change_set.map(|id| format_id(prefix, id));
                let (state, records) = (samples.state.name(), samples.records);
                let text = json!({"state": state, "change_set": change_set, "records": records});
                (StatusCode::OK, text)
            }
        };
        Ok(reply::json(status, answer.to_string()))
    }

    /// A job that goes on after the answer.
    fn job(&self, job: &JobFacts) -> Result<Json, Problem> {
        let progress = job.progress.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let progress: Json = progress.unwrap_or_default();
        let id = format_id(self.prefix("platform.job")?, job.id);
        Ok(json!({"id": id, "state": job.state, "progress": progress}))
    }

    /// The prefix of the ids of an entity of platform.
    fn prefix(&self, entity: &str) -> Result<&str, Problem> {
        let entity = self.registry.get(entity);
        let entity = entity.ok_or_else(|| Problem::internal("an entity of platform is missing"))?;
        Ok(&entity.prefix)
    }

    fn health(&self, health: &HealthFacts) -> Json {
        let checks = health.checks.iter();
        let checks = checks.map(|check| {
            json!({"name": check.name, "state": check.state.name(), "detail": check.detail})
        });
        json!({
            "version": self.config.version,
            "started_at": self.started_at.to_string(),
            "checks": checks.collect::<Vec<_>>(),
            "jobs": {
                "waiting": health.waiting, "running": health.running, "failed": health.failed,
            },
        })
    }
}

fn log(log: &LogFacts) -> Json {
    let head = log.head.as_ref();
    json!({
        "service": log.service,
        "position": log.position,
        "sealed_at": head.map(|head| head.sealed_at.to_string()),
        "root": head.map(|head| &head.root),
        "signed_by": head.map(|head| &head.signed_by),
        "unsealed": log.unsealed,
        "verified": log.verified.as_ref().map(verified),
    })
}

fn verified(verified: &Verified) -> Json {
    let findings = verified.findings.iter();
    let findings = findings.map(|finding| {
        json!({
            "position": finding.position, "last": finding.last, "code": finding.code,
            "message": finding.message,
        })
    });
    json!({
        "at": verified.at.to_string(),
        "position": verified.position,
        "ok": verified.count == 0,
        "count": verified.count,
        "findings": findings.collect::<Vec<_>>(),
    })
}
