//! The description of the API: OpenAPI 3.1 made from the registry.
//!
//! It says what the server does, no more and no less: every parameter with its bounds, every
//! status that can happen, and links from what is created to what can be done with it.

mod access;
mod imports;
mod operation;
mod people;
mod schemas;
mod sign_in;
mod together;
mod upkeep;

use crate::path::{SCHEMA, acts_of};
use crate::records::MAX_SEARCH;
use kernel::schema::{Entity, EntityKind};
use kernel::service::Registry;
use operation::Operation;
use serde_json::{Map, Value as Json, json};

/// The OpenAPI 3.1 document of a registry; `version` is the server's.
pub fn document(registry: &Registry, version: &str) -> Json {
    let mut paths = Map::new();
    let mut tags = vec![json!({"name": "auth", "description": "Signing in and out."})];
    let mut groups: Vec<(String, Vec<String>)> =
        vec![("sign-in".to_owned(), vec!["auth".to_owned()])];
    sign_in::paths(&mut paths);
    access::paths(&mut paths);
    people::paths(&mut paths);
    search(&mut paths);
    metadata(&mut paths);
    upkeep::describe(&mut paths);
    let mut schemas = schemas::common();
    for shared in [together::schemas(), imports::schemas()] {
        if let Json::Object(shared) = shared {
            schemas.extend(shared);
        }
    }
    if let Json::Object(shared) = upkeep::schemas() {
        schemas.extend(shared);
    }
    for entity in registry.all().iter().filter(|entity| entity.kind != EntityKind::Child) {
        let full_name = entity.full_name();
        schemas::of(entity, registry, &mut schemas);
        entity_paths(entity, &mut paths);
        tags.push(json!({"name": full_name, "description": described(entity)}));
        match groups.iter_mut().find(|(service, _)| *service == entity.service) {
            Some((_, names)) => names.push(full_name),
            None => groups.push((entity.service.clone(), vec![full_name])),
        }
    }
    tags.push(json!({"name": "search", "description": "Finding records of all entities."}));
    tags.push(json!({"name": "platform", "description": "The organisation as a whole."}));
    groups[0].1.extend(["search", "platform"].map(str::to_owned));
    let groups: Vec<Json> =
        groups.iter().map(|(name, tags)| json!({"name": name, "tags": tags})).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Megalith",
            "version": version,
            "summary": "Everything a company runs on, on one record kernel.",
            "description": INTRODUCTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"cookie": []}],
        "tags": tags,
        "x-tagGroups": groups,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": operation::responses(),
            "parameters": operation::parameters(),
            "headers": operation::headers(),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An access token of POST /api/v1/auth/login, or an API key.",
                },
                "cookie": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": crate::session::COOKIE_SECURE,
                    "description": "A browser's session; changes need an Origin of this site. \
                                    On a loopback address without TLS its name is `megalith`.",
                },
            },
        },
    })
}

const INTRODUCTION: &str = "Every kind of record has the same paths: list, create, read, change, \
delete, and the acts that move it along its states. Amounts are decimal strings, a link is an id, \
absent means unknown to you, null means empty. Every error is a problem (RFC 9457) with a stable \
`code`, a text, the fields at fault and the request's id. `If-Match` refuses to overwrite what you \
have not seen; `base_version` merges by field instead. An `Idempotency-Key` makes a repeated write \
answer what the first one did.";

fn described(entity: &Entity) -> String {
    match entity.detail.is_empty() {
        true => entity.summary.clone(),
        false => format!("{}\n\n{}", entity.summary, entity.detail),
    }
}

/// The operations of one entity, with the links between them.
fn entity_paths(entity: &Entity, paths: &mut Map<String, Json>) {
    let full_name = entity.full_name();
    let noun = entity.name.replace('_', " ");
    let nouns = entity.plural.replace('-', " ");
    let collection = format!("/api/v1/{}/{}", entity.service, entity.plural);
    let one = format!("{collection}/{{id}}");
    let base = format!("{}_{}", entity.service, entity.name);
    let id = |verb: &str| format!("{base}_{verb}");
    let acts = acts_of(entity);
    let changeable = entity.kind != EntityKind::AppendOnly;
    let record = format!("#/components/schemas/{full_name}");
    let schema = |suffix: &str| json!({"$ref": format!("{record}.{suffix}")});
    let whole = json!({"$ref": record});
    let parameter = schemas::id_parameter(entity);

    let mut follow: Vec<String> = vec![id("get")];
    if changeable {
        follow.extend([id("update"), id("delete")]);
    }
    follow.extend(acts.iter().map(|act| id(act)));
    let links = || -> Json {
        let link = |operation: &String| {
            let to = json!({"operationId": operation, "parameters": {"id": "$response.body#/id"}});
            (operation.trim_start_matches(&format!("{base}_")).to_owned(), to)
        };
        Json::Object(follow.iter().map(link).collect())
    };

    let list = Operation::new(&id("list"), &full_name, format!("List {nouns}"))
        .about(format!(
            "{} Answers a page; an empty `next_page_token` marks the last one.",
            entity.summary
        ))
        .parameters(schemas::list_parameters(entity))
        .answers(200, "A page.", Some(schema("page")), Json::Null)
        .fails(&[400, 401, 403, 503]);
    let create =
        Operation::new(&id("create"), &full_name, format!("Create {} {noun}", article(&noun)))
            .about(described(entity))
            .shared(&["Idempotency-Key", "dry_run"])
            .body(&["application/json"], schema("create"), true, schemas::example(entity))
            .answers(
                200,
                "With dry_run: the record as it would be.",
                Some(whole.clone()),
                Json::Null,
            )
            .answers(201, "The new record.", Some(whole.clone()), Json::Null)
            .header(201, "Location", "Location")
            .header(201, "ETag", "ETag")
            .header(201, "Idempotency-Replayed", "Idempotency-Replayed")
            .links(201, links())
            .fails(&[400, 401, 403, 404, 408, 409, 413, 415, 422, 503, 507]);
    paths.insert(collection.clone(), json!({"get": list.json(), "post": create.json()}));

    let groups = Operation::new(&id("aggregate"), &full_name, format!("Sum up {nouns}"))
        .about(
            "Groups of records with sums, counts and extremes, under the same rights as the list."
                .to_owned(),
        )
        .parameters(schemas::aggregate_parameters(entity))
        .answers(
            200,
            "The groups.",
            Some(json!({"$ref": "#/components/schemas/Groups"})),
            Json::Null,
        )
        .fails(&[400, 401, 403, 503]);
    paths.insert(format!("{collection}:aggregate"), json!({"get": groups.json()}));

    together::describe(paths, entity, &acts);

    let get = Operation::new(&id("get"), &full_name, format!("Read {} {noun}", article(&noun)))
        .about("Answers the record as you may see it, or as it was known at an instant.".to_owned())
        .shared(&["If-None-Match", "known_at"])
        .parameters(schemas::view_parameters(entity))
        .answers(200, "The record.", Some(whole.clone()), Json::Null)
        .header(200, "ETag", "ETag")
        .answers(304, "You hold this version already.", None, Json::Null)
        .fails(&[400, 401, 403, 404, 405, 503]);
    let mut item = json!({"parameters": [parameter], "get": get.json()});
    if changeable {
        let update = Operation::new(
            &id("update"),
            &full_name,
            format!("Change {} {noun}", article(&noun)),
        )
        .about(
            "A JSON merge patch (RFC 7396): what is absent stays, null empties. Fields that \
                 cannot be changed are ignored if they come back as they are."
                .to_owned(),
        )
        .shared(&["If-Match", "base_version", "Idempotency-Key", "dry_run"])
        .body(
            &["application/merge-patch+json", "application/json"],
            schema("patch"),
            true,
            schemas::patch_example(entity),
        )
        .answers(200, "The record after the change.", Some(whole.clone()), Json::Null)
        .header(200, "ETag", "ETag")
        .header(200, "Idempotency-Replayed", "Idempotency-Replayed")
        .fails(&[400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 422, 503, 507]);
        let would = json!({"$ref": "#/components/schemas/WouldDelete"});
        let delete =
            Operation::new(&id("delete"), &full_name, format!("Delete {} {noun}", article(&noun)))
                .about("A record that others use is not deleted: 409 says by what.".to_owned())
                .shared(&["If-Match", "Idempotency-Key", "dry_run"])
                .answers(
                    200,
                    "With dry_run: what it would do to other records.",
                    Some(would),
                    Json::Null,
                )
                .answers(204, "Deleted.", None, Json::Null)
                .fails(&[400, 401, 403, 404, 405, 409, 412, 422, 503, 507]);
        item["patch"] = update.json();
        item["delete"] = delete.json();
    }
    paths.insert(one.clone(), item);

    for act in &acts {
        let does = act.replace('_', " ");
        let mut shared = vec!["If-Match", "Idempotency-Key"];
        let has_preview = full_name == crate::changes::CHANGE_SET && act == "undo";
        // What an undo would do, its preview says.
        shared.extend((!has_preview).then_some("dry_run"));
        let operation = Operation::new(
            &id(act),
            &full_name,
            format!("{} {} {noun}", capital(&does), article(&noun)),
        )
        .about(moves(entity, act))
        .shared(&shared)
        .body(&["application/json"], schema("patch"), false, Json::Null)
        .answers(200, "The record after the act.", Some(whole.clone()), Json::Null)
        .header(200, "ETag", "ETag")
        .header(200, "Idempotency-Replayed", "Idempotency-Replayed")
        .answers(204, "Done, and the record is gone.", None, Json::Null)
        .fails(&[400, 401, 403, 404, 408, 409, 412, 413, 415, 422, 503, 507]);
        let mut item = json!({"parameters": [parameter], "post": operation.json()});
        if full_name == crate::changes::CHANGE_SET && act == "undo" {
            together::preview(&mut item["post"], &whole);
        }
        paths.insert(format!("{one}:{act}"), item);
    }
    if full_name == crate::imports::IMPORT {
        imports::describe(paths, entity);
    }
}

/// What an act does to the record's state.
fn moves(entity: &Entity, act: &str) -> String {
    let moves = entity.states.iter().flat_map(|states| &states.moves).filter(|m| m.act == act);
    let texts: Vec<String> = moves.map(|m| format!("{} → {}", m.from, m.to)).collect();
    match texts.is_empty() {
        true => "An act beside the moves between states.".to_owned(),
        false => format!("Moves the record: {}.", texts.join(", ")),
    }
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

fn metadata(paths: &mut Map<String, Json>) {
    let list =
        |what: &str| json!({"type": "array", "description": what, "items": {"type": "object"}});
    let schema = json!({
        "type": "object",
        "required": ["services", "entities"],
        "properties": {
            "services": list("The services that own the entities: name and label."),
            "entities": list(
                "Kind, labels, states, acts, fields and rights of each entity; lines stand behind \
                 the entity that they are inside."
            ),
        },
    });
    let operation =
        Operation::new("platform_schema", "platform", "What the records are".to_owned())
            .about(
                "Describes the entities and fields that you may read, for programs that build \
                 screens from it. The `ETag` changes with your rights."
                    .to_owned(),
            )
            .answers(200, "The description.", Some(schema), Json::Null)
            .fails(&[400, 401, 503]);
    paths.insert(SCHEMA.to_owned(), json!({"get": operation.json()}));
}

fn search(paths: &mut Map<String, Json>) {
    let parameters = vec![
        json!({"name": "q", "in": "query", "required": true, "description": "Words; all must occur, the last may be a beginning.",
               "schema": {"type": "string", "minLength": 1, "maxLength": MAX_SEARCH, "pattern": "\\S"}, "example": "vins"}),
        json!({"name": "limit", "in": "query", "description": "The most hits.",
               "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}}),
    ];
    let operation = Operation::new("search", "search", "Search all records".to_owned())
        .about(
            "Finds records of every entity that you may read, the best of each service in turn."
                .to_owned(),
        )
        .parameters(parameters)
        .answers(200, "The hits.", Some(json!({"$ref": "#/components/schemas/Hits"})), Json::Null)
        .fails(&[400, 401, 403, 503]);
    paths.insert("/api/v1/search".to_owned(), json!({"get": operation.json()}));
}
