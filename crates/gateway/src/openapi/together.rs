//! What is asked of all records of an entity together, and of rights.

use super::operation::Operation;
use super::schemas;
use crate::records::MAX_SEARCH;
use kernel::read::{MAX_PAGE_SIZE, PAGE_SIZE};
use kernel::schema::{Entity, EntityKind, Scope};
use serde_json::{Map, Value as Json, json};

/// Adds the paths of one entity.
pub(super) fn describe(paths: &mut Map<String, Json>, entity: &Entity, acts: &[String]) {
    let full_name = entity.full_name();
    let nouns = entity.plural.replace('-', " ");
    let collection = format!("/api/v1/{}/{}", entity.service, entity.plural);
    let id = |verb: &str| format!("{}_{}_{verb}", entity.service, entity.name);
    let new = |verb: &str, summary: String| Operation::new(&id(verb), &full_name, summary);
    let shared = |name: &str| Some(json!({"$ref": format!("#/components/schemas/{name}")}));

    let batch = new("batch", format!("Change several {nouns}"))
        .about(
            "Commands in one commit. Without `atomic` each is done or refused by itself; with it \
             the first refusal refuses all. The commands do not see each other's changes."
                .to_owned(),
        )
        .shared(&["Idempotency-Key", "dry_run"])
        .body(&["application/json"], batch_body(entity, acts), true, Json::Null)
        .answers(200, "A result for each command, in order.", shared("Results"), Json::Null)
        .fails(&[400, 401, 403, 404, 408, 409, 412, 413, 415, 422, 503, 507]);
    paths.insert(format!("{collection}:batch"), json!({"post": batch.json()}));

    let mut export = new("export", format!("Export {nouns}"))
        .about("A file of the records that you may read, sent while it is made.".to_owned())
        .body(&["application/json"], export_body(), false, Json::Null)
        .answers(200, "The file.", None, Json::Null)
        .fails(&[400, 401, 403, 408, 413, 415, 422, 503])
        .json();
    let file = json!({"schema": {"type": "string", "contentMediaType": "text/csv"}});
    let book = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    export["responses"]["200"]["content"] = json!({
        "text/csv": file,
        "application/x-ndjson": {"schema": {"type": "string"}},
        book: {"schema": {"type": "string", "contentEncoding": "binary"}},
    });
    paths.insert(format!("{collection}:export"), json!({"post": export}));

    if entity.scope == Scope::Org {
        let import = new("import", format!("Import {nouns}"))
            .about(
                "Reads a table from the body. Records that were imported before are found by their \
                 keys; all that is written is one change set, which can be undone."
                    .to_owned(),
            )
            .parameters(import_parameters())
            .body(
                &["text/csv", "application/x-ndjson", book],
                json!({"type": "string"}),
                true,
                Json::Null,
            )
            .answers(200, "The counts, which add up.", shared("Imported"), Json::Null)
            .fails(&[400, 401, 403, 404, 408, 409, 412, 413, 415, 422, 503, 507]);
        paths.insert(format!("{collection}:import"), json!({"post": import.json()}));
    }

    if !entity.accumulators.is_empty() {
        let totals = new("totals", format!("Read kept sums of {nouns}"))
            .about("Sums that every commit keeps, for all time or as of a day.".to_owned())
            .parameters(totals_parameters(entity))
            .answers(200, "The sums.", shared("Groups"), Json::Null)
            .fails(&[400, 401, 403, 503]);
        paths.insert(format!("{collection}:totals"), json!({"get": totals.json()}));
    }

    let verb = json!({"name": "verb", "in": "query", "required": true,
        "description": "`read`, `create`, `update`, `delete` or an act.",
        "schema": {"type": "string", "minLength": 1}, "example": "create"});
    let role = json!({"name": "role", "in": "query",
        "description": "Roles, separated by commas, to ask about instead of yourself; \
                        administrators may.",
        "schema": {"type": "string"}});
    let explain = |name: &str, what: &str| {
        new(name, format!("Explain a right to {what}"))
            .about("Which rule decides whether you may do it.".to_owned())
            .parameters(vec![verb.clone(), role.clone()])
            .answers(200, "The rule.", shared("Explained"), Json::Null)
            .fails(&[400, 401, 403, 404, 503])
            .json()
    };
    paths.insert(format!("{collection}:explain"), json!({"get": explain("explain", &nouns)}));
    let one = format!("one of {nouns}");
    let item = json!({
        "parameters": [schemas::id_parameter(entity)],
        "get": explain("explain_one", &one),
    });
    paths.insert(format!("{collection}/{{id}}:explain"), item);

    let history = new("history", format!("What happened to {one}"))
        .about(
            "The events of a record with all that they changed, the newest first. Fields that you \
             may not read are in none of them; a deleted record has its history still."
                .to_owned(),
        )
        .parameters(history_parameters())
        .answers(200, "A page.", shared("History"), Json::Null)
        .fails(&[400, 401, 403, 404, 503]);
    let item = json!({"parameters": [schemas::id_parameter(entity)], "get": history.json()});
    paths.insert(format!("{collection}/{{id}}:history"), item);
}

/// Describes the preview of an undo.
pub(super) fn preview(operation: &mut Json, record: &Json) {
    let parameter = json!({"name": "preview", "in": "query",
        "description": "Change nothing; answer what could be taken back and what not.",
        "schema": {"type": "boolean", "default": false}});
    if let Some(list) = operation["parameters"].as_array_mut() {
        list.push(parameter);
    }
    operation["responses"]["200"]["content"]["application/json"]["schema"] =
        json!({"anyOf": [record, {"$ref": "#/components/schemas/Undone"}]});
}

fn batch_body(entity: &Entity, acts: &[String]) -> Json {
    let of = |suffix: &str| {
        let name = format!("#/components/schemas/{}.{suffix}", entity.full_name());
        json!({"$ref": name})
    };
    let id = json!({"type": "string"});
    let one = |name: &str, schema: Json| {
        json!({"type": "object", "required": [name], "additionalProperties": false,
               "properties": {name: schema}})
    };
    let named = |required: &[&str]| {
        json!({"type": "object", "required": required, "properties": {
            "id": id, "base_version": {"type": "integer", "minimum": 1}}})
    };
    let mut commands = vec![one("create", of("create"))];
    if entity.kind != EntityKind::AppendOnly {
        commands.extend([one("update", named(&["id"])), one("delete", named(&["id"]))]);
    }
    if !acts.is_empty() {
        let mut act = named(&["id", "act"]);
        act["properties"]["act"] = json!({"type": "string", "examples": acts});
        commands.push(one("act", act));
    }
    json!({
        "type": "object",
        "required": ["commands"],
        "additionalProperties": false,
        "properties": {
            "atomic": {"type": "boolean", "default": false},
            "commands": {"type": "array", "minItems": 1, "maxItems": crate::batch::MAX_COMMANDS,
                         "items": {"oneOf": commands}},
        },
    })
}

fn export_body() -> Json {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "format": {"enum": ["csv", "xlsx", "jsonl"], "default": "csv"},
            "filter": {"type": "string", "description": "An expression that must be true.",
                       "examples": ["version >= 1"]},
            "q": {"type": "string", "maxLength": MAX_SEARCH,
                  "description": "Words, as in the list; all must occur."},
            "fields": {"type": "array", "items": {"type": "string"},
                       "description": "The fields, in order; all if empty."},
            "lines": {"type": ["string", "null"],
                      "description": "A field of lines: the table has a row for each line."},
        },
    })
}

fn totals_parameters(entity: &Entity) -> Vec<Json> {
    let names: Vec<&str> = entity.accumulators.iter().map(|known| known.name.as_str()).collect();
    let mut all = vec![
        json!({"name": "of", "in": "query", "required": true, "description": "Which sums.",
               "schema": {"enum": names}}),
        json!({"name": "as_of", "in": "query", "description": "Only records of this day and earlier.",
               "schema": {"type": "string", "format": "date"}}),
    ];
    let mut by: Vec<&String> = entity.accumulators.iter().flat_map(|known| &known.by).collect();
    by.sort();
    by.dedup();
    all.extend(by.into_iter().map(|name| {
        json!({"name": name, "in": "query", "description": "Only sums of this value.",
               "schema": {"type": "string"}})
    }));
    all
}

fn import_parameters() -> Vec<Json> {
    vec![
        json!({"name": "format", "in": "query", "description": "How the body is written; by its Content-Type if not said.",
               "schema": {"enum": ["csv", "xlsx", "jsonl"]}}),
        json!({"name": "map", "in": "query", "description": "The name of a ready mapping, or a mapping's text (TOML); proposed by the columns if not said.",
               "schema": {"type": "string"}}),
        json!({"name": "dry_run", "in": "query", "description": "Make every check and change nothing.",
               "schema": {"type": "boolean", "default": false}}),
    ]
}

/// The parameters of a history.
fn history_parameters() -> Vec<Json> {
    vec![
        json!({"name": "page_size", "in": "query", "description": "Events on the page.",
               "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}}),
        json!({"name": "page_token", "in": "query",
               "description": "The next_page_token of the page before; empty for the newest.",
               "schema": {"type": "string"}, "example": ""}),
    ]
}

/// What happened to records, as far as the reader may know.
fn happenings() -> Json {
    let changes = json!({"type": "array", "items": {"$ref": "#/components/schemas/FieldChange"}});
    json!({
        "FieldChange": {
            "type": "object",
            "description": "A field that changed. A side is absent where the record did not exist for you then.",
            "required": ["field", "erased"],
            "properties": {
                "field": {"type": "string"},
                "before": {"description": "As it was, in the field's own form; links are ids."},
                "after": {"description": "As it became."},
                "erased": {"type": "boolean", "description": "A value was erased with the person that it was about, and is null here."},
            },
        },
        "Happening": {
            "type": "object",
            "description": "One event, as far as it is about one record.",
            "required": ["event", "position", "at", "actor", "verb", "through", "reason", "request_id", "change_set", "version", "changes", "lines"],
            "properties": {
                "event": {"type": "string", "format": "uuid"},
                "position": {"type": "integer", "minimum": 1, "description": "Its place in the log of the service."},
                "at": {"type": "string", "format": "date-time"},
                "actor": {
                    "type": "object",
                    "required": ["id", "kind", "title"],
                    "properties": {
                        "id": {"type": ["string", "null"], "description": "The user; null for the platform, and where you may not know."},
                        "kind": {"enum": ["user", "api_key", "service", "system"]},
                        "title": {"type": ["string", "null"]},
                    },
                },
                "verb": {"type": "string", "description": "`create`, `update`, `delete` or an act."},
                "through": {"enum": ["batch", "import", "undo", null], "description": "What it was done by together with others."},
                "reason": {"type": ["string", "null"]},
                "request_id": {"type": "string"},
                "change_set": {"type": ["string", "null"], "examples": ["cs_01h455vb4pex5vsknk084sn02q"]},
                "version": {"type": "integer", "minimum": 0, "description": "The record's version after it; 0 if it deleted the record."},
                "changes": changes,
                "lines": {"type": "array", "items": {
                    "type": "object",
                    "required": ["field", "id", "change", "changes"],
                    "properties": {
                        "field": {"type": "string", "description": "The field that holds the lines."},
                        "id": {"type": "string"},
                        "change": {"enum": ["added", "changed", "removed"]},
                        "changes": changes,
                    },
                }},
            },
        },
        "WouldDelete": {
            "type": "object",
            "description": "What a deletion would do.",
            "required": ["would", "consequences"],
            "properties": {
                "would": {"const": "delete"},
                "consequences": {"type": "array", "items": {
                    "type": "object",
                    "required": ["entity", "change", "count", "message"],
                    "properties": {
                        "entity": {"type": ["string", "null"], "description": "The kind of records; null for those that you cannot see."},
                        "change": {"enum": ["delete", "update"]},
                        "count": {"type": ["integer", "null"], "description": "How many; null where you cannot see all of them."},
                        "message": {"type": "string"},
                    },
                }},
            },
        },
        "History": {
            "type": "object",
            "required": ["items", "next_page_token"],
            "properties": {
                "items": {"type": "array", "items": {"$ref": "#/components/schemas/Happening"}},
                "next_page_token": {"type": "string", "description": "Where the next page starts; empty on the last."},
            },
        },
    })
}

/// The schemas that these paths share.
pub(super) fn schemas() -> Json {
    let count = json!({"type": "integer", "minimum": 0});
    let texts = json!({"type": "array", "items": {"type": "string"}});
    let change_set =
        json!({"type": ["string", "null"], "examples": ["cs_01h455vb4pex5vsknk084sn02q"]});
    let mut all = json!({
        "Results": {
            "type": "object",
            "required": ["change_set", "results"],
            "properties": {
                "change_set": change_set,
                "results": {"type": "array", "items": {
                    "type": "object",
                    "required": ["status"],
                    "properties": {
                        "status": {"type": "integer", "description": "What the command alone would have been answered."},
                        "record": {"type": ["object", "null"]},
                        "problem": {"$ref": "#/components/schemas/Problem"},
                    },
                }},
            },
        },
        "Imported": {
            "type": "object",
            "required": ["import", "change_set", "read", "created", "updated", "unchanged", "refused", "rows"],
            "properties": {
                "import": {"type": "string", "description": "The import, whose refused rows can be read.", "examples": ["imp_01h455vb4pex5vsknk084sn02q"]},
                "change_set": change_set,
                "read": count, "created": count, "updated": count, "unchanged": count, "refused": count,
                "rows": {"type": "array", "description": "The first refused rows.", "items": {
                    "type": "object",
                    "required": ["line", "reasons"],
                    "properties": {"line": count, "reasons": texts},
                }},
            },
        },
        "Explained": {
            "type": "object",
            "required": ["right", "allowed", "by", "roles", "readable", "read_only", "conditions"],
            "properties": {
                "right": {"type": "string", "examples": ["operations.customer:update"]},
                "allowed": {"type": "boolean"},
                "by": {"type": ["string", "null"], "description": "`administrator`, `default`, or a grant's id; null if no rule speaks."},
                "extent": {"enum": ["all", "some", "none"], "description": "Without a record: on which records it may be done. `some` are those of which `condition` holds; `allowed` then tells of a record of which no condition holds."},
                "condition": {"type": "string", "description": "The expression that decides on which records; absent where it is none, or asks for what cannot be read."},
                "roles": texts,
                "readable": {"type": "array", "items": {"type": "string"}, "description": "The fields that can be read."},
                "read_only": {"type": "array", "items": {"type": "string"}, "description": "Those of them that cannot be changed."},
                "conditions": {"type": "array", "description": "When fields are shown, needed and fixed, where that depends on the record.", "items": {
                    "type": "object",
                    "required": ["field", "rule", "expression", "holds"],
                    "properties": {
                        "field": {"type": "string"},
                        "rule": {"enum": ["visible_if", "required_if", "read_only_if"]},
                        "expression": {"type": "string"},
                        "holds": {"type": ["boolean", "null"], "description": "Whether it holds for the record; null without one."},
                    },
                }},
                "hidden": {"type": "array", "items": {"type": "string"},
                    "description": "The fields that cannot be read; told to administrators only."},
            },
        },
        "Undone": {
            "type": "object",
            "required": ["undone", "conflicts"],
            "properties": {
                "undone": count,
                "conflicts": {"type": "array", "items": {
                    "type": "object",
                    "required": ["record", "reason"],
                    "properties": {"record": {"type": "string"}, "reason": {"type": "string"}},
                }},
            },
        },
    });
    if let (Json::Object(all), Json::Object(more)) = (&mut all, happenings()) {
        all.extend(more);
    }
    all
}
