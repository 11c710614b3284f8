//! What administrators ask to keep their organisation in order: its logs, how it fares, sample data.

use crate::changes::CHANGE_SET;
use crate::edge::{Asked, Edge};
use crate::expand;
use crate::history::{HistoryWriter, Names};
use crate::path::Upkeep;
use crate::query::Params;
use crate::reply::{self, Body, Stop};
use contracts::upkeep::{
    EventsOf, FillSamples, HealthFacts, HealthOf, JobFacts, LogFacts, LogsOf, RemoveSamples,
    SamplesOf, Verified, VerifyLogs,
};
use http::{Method, Response, StatusCode};
use kernel::Problem;
use kernel::json::write_json_string;
use kernel::read::{MAX_PAGE_SIZE, Occurrence, parameter};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use types::{Uuid, format_id};

impl Edge {
    /// Answers one of the paths; `platform` sees to the rights.
    pub(crate) async fn upkeep(
        &self,
        what: Upkeep,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop> {
        if what == Upkeep::Events {
            return self.events(asked).await;
        }
        Params::parse(asked.parts.uri.query(), &[])?;
        let call = asked.signed.call(asked.request_id);
        let (org, peers) = (call.org, &*self.peers);
        let (status, answer) = match what {
            Upkeep::Logs => {
                let logs = contracts::call::<LogsOf>(peers, call, &LogsOf { org }).await?;
                let items: Vec<Json> = logs.iter().map(log).collect();
                (StatusCode::OK, json!({"items": items}))
            }
            Upkeep::Events => return Err(Problem::internal("events are answered apart").into()),
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

    /// The sealed events, the newest first.
    async fn events(&self, asked: Asked<'_>) -> Result<Response<Body>, Stop> {
        const KNOWN: [&str; 7] =
            ["service", "from", "record", "actor", "verb", "page_size", "page_token"];
        let params = Params::parse(asked.parts.uri.query(), &KNOWN)?;
        let call = asked.signed.call(asked.request_id);
        let id = |name: &str| match params.get(name).map(types::parse_id) {
            None => Ok(None),
            Some(Ok((_, id))) => Ok(Some(id)),
            Some(Err(_)) => {
                Err(parameter(name, "invalid_id", format!("{name} must be the id of a record")))
            }
        };
        let most = u64::from(MAX_PAGE_SIZE);
        let request = EventsOf {
            org: call.org,
            service: params.get("service").map(str::to_owned),
            from: params.number("from", 1, u64::MAX >> 1)?,
            record: id("record")?,
            actor: id("actor")?,
            verb: params.get("verb").map(str::to_owned),
            page_size: params.number("page_size", 1, most)?.unwrap_or(0) as u32,
            page_token: params.text("page_token"),
        };
        let page = contracts::call::<EventsOf>(&*self.peers, call, &request).await?;
        let actors: BTreeSet<Uuid> =
            page.items.iter().filter_map(|item| item.happening.actor).collect();
        let actors: Vec<Uuid> = actors.into_iter().collect();
        let names = expand::user_names(self, &actors, &asked).await?.into_iter().collect();
        let mut out = String::from("{\"items\":[");
        for (place, item) in page.items.iter().enumerate() {
            if place > 0 {
                out.push(',');
            }
            self.event(item, &names, &mut out)?;
        }
        out.push_str("],\"next_page_token\":");
        write_json_string(&page.next_page_token, &mut out);
        out.push('}');
        Ok(reply::json(StatusCode::OK, out))
    }

    /// An event as a history tells it, with its service and its records.
    fn event(&self, item: &Occurrence, names: &Names, out: &mut String) -> Result<(), Problem> {
        let own = self.registry.get(&item.entity).or_else(|| self.registry.all().first());
        let entity = own.ok_or_else(|| Problem::internal("there are no records"))?;
        let (entities, user_prefix) = (&*self.registry, self.user_prefix.as_str());
        let writer = HistoryWriter { entity, entities, user_prefix, names };
        writer.item(&item.happening, out);
        let records = item.records.iter().map(|record| {
            let entity = self.registry.get(&record.entity);
            let id = format_id(entity.map_or("", |entity| &entity.prefix), record.id);
            json!({"entity": record.entity, "id": id, "title": record.title})
        });
        let records: Vec<Json> = records.collect();
        let more = json!({"service": item.service, "records": records, "record_count": item.count});
        // One object: what the history says, then this.
        out.pop();
        out.push(',');
        out.push_str(&more.to_string()[1..]);
        Ok(())
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
