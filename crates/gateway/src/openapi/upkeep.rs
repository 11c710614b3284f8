//! What administrators ask to keep their organisation in order.

use super::operation::Operation;
use crate::path::{UPKEEP, Upkeep};
use serde_json::{Map, Value as Json, json};

/// Adds the paths.
pub(super) fn describe(paths: &mut Map<String, Json>) {
    for (what, _, route) in UPKEEP {
        let named = operations(what).into_iter();
        let named = named.map(|(method, operation)| (method.to_owned(), operation.json()));
        paths.insert(route.to_owned(), Json::Object(named.collect()));
    }
}

fn operations(what: Upkeep) -> Vec<(&'static str, Operation)> {
    let new = |id: &str, summary: &str| Operation::new(id, "platform", summary.to_owned());
    let shared = |name: &str| Some(json!({"$ref": format!("#/components/schemas/{name}")}));
    match what {
        Upkeep::Logs => vec![(
            "get",
            new("platform_log", "Where the logs stand")
                .about(
                    "The log of each service: its newest signed head, and what the last \
                     verification found. For administrators."
                        .to_owned(),
                )
                .answers(200, "The logs.", shared("Logs"), Json::Null)
                .fails(&[400, 401, 403, 503]),
        )],
        Upkeep::Events => vec![(
            "get",
            new("platform_log_events", "What happened")
                .about(
                    "The sealed events of all logs, the newest first, each as the history of its \
                     first record tells it. A page may have fewer events than asked for and not \
                     be the last. For administrators."
                        .to_owned(),
                )
                .parameters(event_parameters())
                .answers(200, "The events.", shared("Events"), Json::Null)
                .fails(&[400, 401, 403, 503]),
        )],
        Upkeep::Verify => vec![(
            "post",
            new("platform_log_verify", "Verify the logs")
                .about(
                    "Begins a job that reads every event of the organisation and holds it against \
                     the signed heads that were published outside of the database. One that is \
                     under way is answered. For administrators."
                        .to_owned(),
                )
                .answers(202, "The job.", shared("BegunJob"), Json::Null)
                .fails(&[400, 401, 403, 408, 413, 503, 507]),
        )],
        Upkeep::Health => vec![(
            "get",
            new("platform_health", "How the organisation fares")
                .about(
                    "What was looked at, and the jobs. The server's version and since when it \
                     runs. For administrators."
                        .to_owned(),
                )
                .answers(200, "How it fares.", shared("Health"), Json::Null)
                .fails(&[400, 401, 403, 503]),
        )],
        Upkeep::Samples => vec![
            (
                "get",
                new("platform_sample_data", "Whether there are sample data")
                    .about("How far they are, and their change set. For administrators.".to_owned())
                    .answers(200, "How far they are.", shared("SampleData"), Json::Null)
                    .fails(&[400, 401, 403, 503]),
            ),
            (
                "post",
                new("platform_sample_data_fill", "Make sample data")
                    .about(
                        "Begins a job that fills the organisation with a small company's people \
                         and some months of its trade, in one change set. For administrators."
                            .to_owned(),
                    )
                    .answers(202, "The job.", shared("BegunJob"), Json::Null)
                    .fails(&[400, 401, 403, 408, 409, 413, 503, 507]),
            ),
            (
                "delete",
                new("platform_sample_data_remove", "Take the sample data out")
                    .about(
                        "Begins a job that undoes their change set. 409 says what was built upon \
                         them. For administrators."
                            .to_owned(),
                    )
                    .answers(202, "The job.", shared("BegunJob"), Json::Null)
                    .fails(&[400, 401, 403, 409, 503, 507]),
            ),
        ],
    }
}

fn event_parameters() -> Vec<Json> {
    let text = json!({"type": "string"});
    let from = json!({"type": "integer", "format": "int64", "minimum": 1});
    let size = json!({"type": "integer", "minimum": 1, "maximum": 1000, "default": 50});
    let all = [
        ("service", "Only the log of this service.", &text),
        ("from", "The newest position; of the log of `service`.", &from),
        ("record", "Only events that touched this record.", &text),
        ("actor", "Only events of this user.", &text),
        ("verb", "Only events of this name.", &text),
        ("page_size", "The most events.", &size),
        ("page_token", "The `next_page_token` of the page before.", &text),
    ];
    let parameter = |(name, about, schema): (&str, &str, &Json)| json!({"name": name, "in": "query", "description": about, "schema": schema});
    all.map(parameter).into()
}

/// The schemas that these paths share.
pub(super) fn schemas() -> Json {
    let count = json!({"type": "integer", "minimum": 0});
    let text = json!({"type": "string"});
    let instant = json!({"type": "string", "format": "date-time"});
    let hex = json!({"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$"});
    let object = |properties: Json| {
        let names: Vec<&String> = properties.as_object().into_iter().flat_map(Map::keys).collect();
        json!({"type": "object", "required": names, "properties": properties})
    };
    let list = |items: Json| json!({"type": "array", "items": items});
    let finding = object(json!({
        "position": count, "last": count, "message": text,
        "code": {"enum": ["changed", "missing", "rewritten", "cut_off", "foreign", "bad_head"]},
    }));
    let mut verified = object(json!({
        "at": instant, "position": count, "ok": {"type": "boolean"}, "count": count,
        "findings": list(finding),
    }));
    verified["type"] = json!(["object", "null"]);
    let log = object(json!({
        "service": text, "position": count, "root": hex, "signed_by": hex, "unsealed": count,
        "sealed_at": {"type": ["string", "null"], "format": "date-time"},
        "verified": verified,
    }));
    let check = object(json!({
        "name": text, "state": {"enum": ["ok", "degraded", "down"]}, "detail": text,
    }));
    let record = object(json!({
        "entity": text, "id": text, "title": {"type": ["string", "null"]},
    }));
    let more = object(json!({"service": text, "records": list(record), "record_count": count}));
    let event = json!({"allOf": [{"$ref": "#/components/schemas/Happening"}, more]});
    let jobs = object(json!({"waiting": count, "running": count, "failed": count}));
    json!({
        "Logs": object(json!({"items": list(log)})),
        "BegunJob": object(json!({
            "id": text, "progress": {}, "state": {"enum": ["queued", "running", "done", "failed"]},
        })),
        "Events": object(json!({
            "items": list(event), "next_page_token": text,
        })),
        "SampleData": object(json!({
            "state": {"enum": ["absent", "filling", "present", "removing"]},
            "change_set": {"type": ["string", "null"]}, "records": count,
        })),
        "Health": object(json!({
            "version": text, "started_at": instant, "checks": list(check), "jobs": jobs,
        })),
    })
}
