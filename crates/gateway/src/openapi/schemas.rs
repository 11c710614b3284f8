//! The schemas of records: as they are read, created and changed, and a page of them.

use crate::records::MAX_SEARCH;
use crate::view::Columns;
use kernel::Kind;
use kernel::field::{Entities, field_schema, record_schema};
use kernel::read::{MAX_PAGE_SIZE, PAGE_SIZE};
use kernel::schema::{Entity, Field};
use kernel::service::Registry;
use serde_json::{Map, Value as Json, json};

/// Schemas that every entity uses.
pub(super) fn common() -> Map<String, Json> {
    let all = json!({
        "Problem": {
            "type": "object",
            "description": "What went wrong (RFC 9457).",
            "required": ["type", "title", "status", "detail", "code", "errors", "request_id"],
            "properties": {
                "type": {"type": "string", "description": "Always about:blank; `code` tells problems apart."},
                "title": {"type": "string"},
                "status": {"type": "integer", "minimum": 400, "maximum": 599},
                "detail": {"type": "string", "description": "What happened and what to do next, for people."},
                "code": {"type": "string", "description": "Stable, for programs."},
                "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldProblem"}},
                "request_id": {"type": "string"},
                "draft": {"type": "object", "description": "Of a dry run that was refused: the record as far as it could be made."},
            },
        },
        "FieldProblem": {
            "type": "object",
            "required": ["pointer", "code", "message"],
            "properties": {
                "pointer": {"type": "string", "description": "A JSON pointer into the body, ?NAME for a query parameter, @NAME for a header."},
                "code": {"type": "string"},
                "message": {"type": "string"},
            },
        },
        "Reference": {
            "type": "object",
            "description": "An expanded link.",
            "required": ["id", "title"],
            "properties": {"id": {"type": "string"}, "title": {}},
        },
        "Groups": {
            "type": "object",
            "required": ["items", "cut"],
            "properties": {
                "items": {"type": "array", "items": {"type": "object"}, "description": "One object for each group, its members named by the texts of group_by and select."},
                "cut": {"type": "boolean", "description": "There are more groups than were asked for."},
            },
        },
        "Hits": {
            "type": "object",
            "required": ["items", "incomplete"],
            "properties": {
                "items": {"type": "array", "items": {
                    "type": "object",
                    "required": ["entity", "id", "title", "href"],
                    "properties": {
                        "entity": {"type": "string", "examples": ["operations.customer"]},
                        "id": {"type": "string"},
                        "title": {},
                        "href": {"type": "string", "description": "Where the record stands."},
                    },
                }},
                "incomplete": {"type": "array", "items": {"type": "string"}, "description": "Services that could not answer."},
            },
        },
    });
    match all {
        Json::Object(all) => all,
        _ => Map::new(),
    }
}

/// Adds the schemas of one entity.
pub(super) fn of(entity: &Entity, registry: &Registry, schemas: &mut Map<String, Json>) {
    let full_name = entity.full_name();
    let mut read = record_schema(entity, registry);
    for at in entity.shown() {
        let field = &entity.fields[at];
        let schema = &mut read["properties"][&field.name];
        let reference = json!({"$ref": "#/components/schemas/Reference"});
        match field.kind {
            Kind::Link { .. } => *schema = json!({"anyOf": [schema.take(), reference]}),
            Kind::Links { .. } => {
                let list = json!({"type": "array", "items": reference});
                *schema = json!({"anyOf": [schema.take(), list]});
            }
            _ => {}
        }
    }
    if let Some(states) = &entity.states {
        read["properties"]["state"]["enum"] = json!(states.names);
        read["properties"]["state"]["type"] = "string".into();
    }
    for name in ["id", "version"] {
        let description = read["properties"][name]["description"].take();
        read["properties"][name] = match name {
            "id" => id_schema(entity),
            _ => json!({"type": "integer", "format": "int64", "minimum": 1, "readOnly": true}),
        };
        read["properties"][name]["description"] = description;
    }
    read["required"] = json!(["id"]);
    // JSON objects have no order; this is the one in which the server writes the members.
    read["x-order"] = json!(Columns::of(entity, registry).names(entity));
    let writable: Vec<&Field> = writable(entity).collect();
    let properties: Map<String, Json> =
        writable.iter().map(|field| (field.name.clone(), write_schema(field, registry))).collect();
    let required: Vec<&str> =
        writable.iter().filter(|field| is_needed(field)).map(|field| field.name.as_str()).collect();
    let mut create = json!({
        "type": "object", "description": format!("A new record. {}", entity.summary),
        "additionalProperties": false, "properties": properties,
    });
    if !required.is_empty() {
        create["required"] = json!(required);
    }
    schemas.insert(format!("{full_name}.create"), create);
    schemas.insert(
        format!("{full_name}.patch"),
        json!({
            "type": "object", "description": "Fields to change; what is absent stays.",
            "additionalProperties": false, "properties": properties,
        }),
    );
    schemas.insert(
        format!("{full_name}.page"),
        json!({
            "type": "object",
            "required": ["items", "next_page_token"],
            "properties": {
                "items": {"type": "array", "items": {"$ref": format!("#/components/schemas/{full_name}")}},
                "next_page_token": {"type": "string", "description": "Where the next page starts; empty on the last."},
                "total_size": {"type": "integer", "minimum": 0, "description": "How many there are in all, if count was asked for."},
            },
        }),
    );
    schemas.insert(full_name, read);
}

/// The fields that a client may set: secrets too, though nobody reads them.
fn writable(entity: &Entity) -> impl Iterator<Item = &Field> {
    let open = |at: &usize| entity.shows(*at) || entity.fields[*at].secret;
    (0..entity.fields.len())
        .filter(open)
        .map(|at| &entity.fields[at])
        .filter(|field| !field.read_only)
}

/// Whether a create must name the field.
fn is_needed(field: &Field) -> bool {
    field.required && field.default.is_none()
}

/// A field as it is written: required text is not empty, and no text holds U+0000.
fn write_schema(field: &Field, entities: &dyn Entities) -> Json {
    let mut schema = field_schema(field, entities);
    let is_text = matches!(field.kind, Kind::Text { .. } | Kind::LongText { .. });
    if is_text && field.required {
        schema["minLength"] = 1.into();
    }
    if is_text {
        schema["pattern"] = "^[^\\u0000]*$".into();
    }
    schema
}

fn id_schema(entity: &Entity) -> Json {
    let prefix = &entity.prefix;
    json!({
        "type": "string", "readOnly": true,
        "pattern": format!("^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$"),
        "examples": [format!("{prefix}_01h455vb4pex5vsknk084sn02q")],
    })
}

/// The id in a path.
pub(super) fn id_parameter(entity: &Entity) -> Json {
    let mut schema = id_schema(entity);
    schema.as_object_mut().map(|schema| (schema.remove("readOnly"), schema.remove("examples")));
    json!({"name": "id", "in": "path", "required": true, "description": "The record's id.", "schema": schema})
}

fn names_of(entity: &Entity, fits: impl Fn(&Field) -> bool) -> Vec<&str> {
    let shown = entity.shown().map(|at| &entity.fields[at]).filter(|field| fits(field));
    shown.map(|field| field.name.as_str()).collect()
}

/// `fields` and `expand`.
pub(super) fn view_parameters(entity: &Entity) -> Vec<Json> {
    let names = |name: &str, text: &str, known: Vec<&str>| {
        let any = known.join("|");
        let pattern = format!("^({any})(,({any}))*$");
        let description =
            format!("{text} One or more of: {}; separated by commas.", known.join(", "));
        json!({"name": name, "in": "query", "description": description,
               "schema": {"type": "string", "pattern": pattern}, "example": known[0]})
    };
    let is_link = |field: &Field| {
        matches!(field.kind, Kind::Link { .. } | Kind::Links { .. } | Kind::Children { .. })
    };
    let mut all = vec![names(
        "fields",
        "The fields to answer; the id always comes with them.",
        names_of(entity, |_| true),
    )];
    let links = names_of(entity, is_link);
    if !links.is_empty() {
        all.push(names(
            "expand",
            "Links to answer with id and title, lines to answer in lists.",
            links,
        ));
    }
    all
}

/// The parameters of a list.
pub(super) fn list_parameters(entity: &Entity) -> Vec<Json> {
    let any = names_of(entity, |field| field.kind.is_sortable()).join("|");
    let key = format!("({any})(\\.[a-z][a-z0-9_]*){{0,2}}( +(asc|desc))?");
    let title = &entity.fields[entity.title].name;
    let mut all = vec![
        json!({"name": "filter", "in": "query",
               "description": "An expression of at most 8 KiB that must hold, such as `created_at >= instant('2026-01-01T00:00:00Z')`. It may name fields behind links, two deep at most (`customer.country == 'DE'`), and keys in other systems (`external_ids.northwind == '10248'`).",
               "schema": {"type": "string"}}),
        words(),
        json!({"name": "order_by", "in": "query",
               "description": "Up to four fields, also behind links (`customer.name`), each with an optional asc or desc; empty values come last, and the id is always the last key.",
               "schema": {"type": "string", "pattern": format!("^({key}(, *{key}){{0,3}})?$")},
               "example": format!("{title} desc")}),
        json!({"name": "page_size", "in": "query", "description": "Records on the page.",
               "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}}),
        json!({"name": "page_token", "in": "query",
               "description": "The next_page_token of the page before, with the same filter and order; empty for the first.",
               "schema": {"type": "string"}, "example": ""}),
        json!({"name": "skip", "in": "query",
               "description": "Records to pass over before the page, after the page_token. To go far into a list at once; to read on, a page_token costs less.",
               "schema": {"type": "integer", "minimum": 0, "maximum": crate::records::MAX_SKIP, "default": 0}}),
        json!({"name": "count", "in": "query", "description": "Whether to count all.",
               "schema": {"type": "boolean", "default": false}}),
    ];
    all.extend(view_parameters(entity));
    all
}

/// The words that records must hold.
fn words() -> Json {
    json!({"name": "q", "in": "query", "description": "Words; all must occur in the record or in what it links to, the last may be a beginning.",
           "schema": {"type": "string", "maxLength": MAX_SEARCH}})
}

/// The parameters of an aggregate query.
pub(super) fn aggregate_parameters(entity: &Entity) -> Vec<Json> {
    let group = if entity.states.is_some() { "state" } else { "month(created_at)" };
    let text = |name: &str, description: &str, example: &str| {
        json!({"name": name, "in": "query", "description": description,
               "schema": {"type": "string"}, "example": example})
    };
    let mut select = text(
        "select",
        "Measures, separated by commas: count(), sum(FIELD), min, max, avg.",
        "count()",
    );
    select["required"] = true.into();
    vec![
        select,
        text(
            "group_by",
            "Fields, also behind links (customer.country), and buckets (year, month, day), separated by commas.",
            group,
        ),
        text("filter", "An expression that must hold for a record to count.", "version >= 1"),
        words(),
        text("having", "An expression over the texts of group_by and select.", "count() > 0"),
        text(
            "order_by",
            "Texts of group_by and select, each with an optional desc.",
            "count() desc",
        ),
        json!({"name": "limit", "in": "query", "description": "The most groups.",
               "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": MAX_PAGE_SIZE}}),
    ]
}

/// A body that creates a record: what it needs, and no link that leads nowhere.
pub(super) fn example(entity: &Entity) -> Json {
    let fields = writable(entity)
        .filter(|field| is_needed(field) || field.name == entity.fields[entity.title].name);
    Json::Object(fields.map(|field| (field.name.clone(), sample(field))).collect())
}

/// A body that changes a record's title.
pub(super) fn patch_example(entity: &Entity) -> Json {
    let title = &entity.fields[entity.title];
    match title.read_only {
        true => json!({}),
        false => json!({&title.name: sample(title)}),
    }
}

fn sample(field: &Field) -> Json {
    let schema = field.kind.json_schema(&());
    if let Some(example) = schema["examples"].get(0).or_else(|| schema["enum"].get(0)) {
        return example.clone();
    }
    match &field.kind {
        Kind::Integer { min, max } => json!(1.clamp(*min, *max)),
        Kind::Boolean => json!(true),
        Kind::Links { .. } | Kind::Children { .. } => json!([]),
        Kind::Json | Kind::Custom | Kind::Texts => json!({}),
        Kind::Money => json!({"amount": "12.50", "currency": "EUR"}),
        Kind::Text { max } => {
            let text = format!("Example {}", field.name.replace('_', " "));
            json!(text.chars().take(*max as usize).collect::<String>())
        }
        _ => json!(format!("Example {}", field.name.replace('_', " "))),
    }
}
