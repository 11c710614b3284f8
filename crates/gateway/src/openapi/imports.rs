//! The operations of imports: a file is sent, mapped, looked at, started and told of.

use super::operation::Operation;
use super::schemas;
use crate::path::UPLOADS;
use kernel::schema::Entity;
use serde_json::{Map, Value as Json, json};

/// Adds the operations that imports have beside those of every entity.
pub(super) fn describe(paths: &mut Map<String, Json>, entity: &Entity) {
    let full_name = entity.full_name();
    let whole = json!({"$ref": format!("#/components/schemas/{full_name}")});
    let one = format!("/api/v1/{}/{}/{{id}}", entity.service, entity.plural);
    let parameter = schemas::id_parameter(entity);
    let new = |verb: &str, summary: &str| {
        Operation::new(&format!("platform_import_{verb}"), &full_name, summary.to_owned())
    };
    let named = |name: &str| Some(json!({"$ref": format!("#/components/schemas/{name}")}));
    let with_tables = json!({"allOf": [
        whole,
        {"type": "object", "required": ["tables"], "properties": {"tables": tables()}},
    ]});
    let upload = new("upload", "Upload a file to import")
        .about(
            "The body is the file: CSV, TSV, JSON lines or a workbook, known by its bytes. It is \
             kept until it is imported, for a week at most, by the process that took it."
                .to_owned(),
        )
        .parameters(vec![json!({"name": "filename", "in": "query", "required": true,
            "description": "The file's name.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 300}, "example": "customers.csv"})])
        .body(&["application/octet-stream"], json!({"type": "string", "contentEncoding": "binary"}), true, Json::Null)
        .answers(201, "The import, and the tables of the file.", Some(with_tables), Json::Null)
        .header(201, "Location", "Location")
        .header(201, "ETag", "ETag")
        .fails(&[400, 401, 403, 408, 413, 415, 503, 507]);
    paths.insert(UPLOADS.to_owned(), json!({"post": upload.json()}));

    let fails = [400, 401, 403, 404, 408, 409, 413, 415, 422, 503];
    let plan = json!({"$ref": "#/components/schemas/ImportPlan"});
    let propose = new("propose", "Propose a mapping for an uploaded table")
        .about("The fields of the entity by the names and looks of the columns.".to_owned())
        .body(&["application/json"], plan.clone(), true, Json::Null)
        .answers(
            200,
            "The mapping, and the fields that it fills.",
            named("ImportProposal"),
            Json::Null,
        )
        .fails(&fails);
    let preview = new("preview", "Show the first rows as they would be")
        .about("Makes every check on the first twenty rows and changes nothing.".to_owned())
        .body(&["application/json"], plan.clone(), true, Json::Null)
        .answers(200, "The rows, in their order.", named("ImportPreview"), Json::Null)
        .fails(&fails);
    let start = new("start", "Start an import")
        .about(
            "A job brings the rows in, with your rights, as one change set; with `dry_run` it makes \
             every check and changes nothing. The record tells how far it is. 409 `import_running` \
             while another run is at work, 409 `upload_gone` when the file is not kept any more."
                .to_owned(),
        )
        .body(&["application/json"], plan, true, Json::Null)
        .answers(202, "The import, which is at work.", Some(whole), Json::Null)
        .header(202, "ETag", "ETag")
        .fails(&[&fails[..], &[507]].concat());
    for (verb, operation) in [("propose", propose), ("preview", preview), ("start", start)] {
        let item = json!({"parameters": [parameter], "post": operation.json()});
        paths.insert(format!("{one}:{verb}"), item);
    }

    let tables = new("tables", "Read the tables of an uploaded file")
        .about("Columns with some of their cells.".to_owned())
        .answers(200, "The tables.", named("ImportTables"), Json::Null)
        .fails(&[400, 401, 403, 404, 405, 409, 503]);
    let mut refused = new("refused", "Read the refused rows of an import")
        .about(
            "Those of its last run, in the order in which they were refused; as a file they can be \
             mended and imported again. They are kept for a week."
                .to_owned(),
        )
        .parameters(vec![
            json!({"name": "page_size", "in": "query", "description": "The most rows of a page.",
                   "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50}}),
            json!({"name": "page_token", "in": "query", "description": "`next_page_token` of the page before.",
                   "schema": {"type": "string"}}),
            json!({"name": "format", "in": "query", "description": "`csv` answers the rows as a file.",
                   "schema": {"enum": ["json", "csv"], "default": "json"}}),
        ])
        .answers(200, "A page, or the file.", named("RefusedRows"), Json::Null)
        .fails(&[400, 401, 403, 404, 405, 409, 503])
        .json();
    refused["responses"]["200"]["content"]["text/csv"] =
        json!({"schema": {"type": "string", "contentMediaType": "text/csv"}});
    for (verb, operation) in [("tables", tables.json()), ("refused", refused)] {
        let item = json!({"parameters": [parameter], "get": operation});
        paths.insert(format!("{one}:{verb}"), item);
    }
}

fn tables() -> Json {
    let text = json!({"type": "string"});
    json!({"type": "array", "items": {
        "type": "object",
        "required": ["name", "rows", "columns"],
        "properties": {
            "name": {"type": "string", "description": "The sheet's name, or the file's."},
            "rows": {"type": ["integer", "null"], "description": "How many rows it has, where that is known."},
            "columns": {"type": "array", "items": {
                "type": "object",
                "required": ["name", "samples"],
                "properties": {"name": text, "samples": {"type": "array", "items": text}},
            }},
        },
    }})
}

/// The schemas of these operations.
pub(super) fn schemas() -> Json {
    let text = json!({"type": "string"});
    let maybe = json!({"type": ["string", "null"]});
    let problem = json!({
        "type": "object",
        "required": ["column", "pointer", "code", "message", "text"],
        "properties": {
            "column": maybe, "pointer": maybe, "code": text,
            "message": {"type": "string", "description": "What is wrong, without the field's name."},
            "text": {"type": "string", "description": "What is wrong, with the field's name."},
        },
    });
    let mut row = json!({
        "type": "object",
        "required": ["row", "column", "pointer", "code", "message", "problems", "values"],
        "properties": {
            "row": {"type": "integer", "description": "The line of the file; the row's number in a workbook."},
            "problems": {"type": "array", "description": "All reasons; the first stands beside it too.", "items": problem},
            "values": {"type": "object", "description": "The cells by their columns.", "additionalProperties": text},
        },
    });
    for (name, schema) in
        [("column", &maybe), ("pointer", &maybe), ("code", &text), ("message", &text)]
    {
        row["properties"][name] = schema.clone();
    }
    json!({
        "ImportTables": {
            "type": "object", "required": ["tables"], "properties": {"tables": tables()},
        },
        "ImportPlan": {
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "entity": {"type": "string", "description": "What the rows become; needed without `mapping`.", "examples": ["operations.customer"]},
                "table": {"type": ["string", "null"], "description": "The table, where the file holds several."},
                "mapping": {"type": ["string", "null"], "description": "A mapping, TOML; proposed if none."},
                "fields": {"type": ["object", "null"], "description": "A column or an expression for each field (`address.city` for a part of one), instead of the mapping's.",
                    "additionalProperties": {"type": ["string", "object", "null"]}},
                "key": {"type": ["string", "null"], "description": "A column or an expression: the record's key in the other system."},
                "dry_run": {"type": "boolean", "default": false},
                "name": {"type": ["string", "null"], "description": "What the import and its change set are called."},
            },
        },
        "ImportProposal": {
            "type": "object",
            "required": ["mapping", "fields", "key"],
            "properties": {
                "mapping": {"type": "string", "description": "TOML."},
                "key": maybe,
                "fields": {"type": "array", "items": {
                    "type": "object",
                    "required": ["field", "from", "note"],
                    "properties": {
                        "field": text,
                        "from": {"type": "string", "description": "A column or an expression."},
                        "note": {"type": ["string", "null"], "description": "How its cells are read."},
                    },
                }},
            },
        },
        "ImportPreview": {
            "type": "object",
            "required": ["items"],
            "properties": {"items": {"type": "array", "items": {
                "type": "object",
                "required": ["row", "record", "would", "problems"],
                "properties": {
                    "row": {"type": "integer"},
                    "record": {"type": ["object", "null"], "description": "As it would be saved, with defaults and computed fields."},
                    "would": {"enum": ["create", "update", "nothing", "refuse"]},
                    "problems": {"type": "array", "items": problem},
                },
            }}},
        },
        "RefusedRows": {
            "type": "object",
            "required": ["items", "columns", "next_page_token"],
            "properties": {
                "items": {"type": "array", "items": row},
                "columns": {"type": "array", "items": text, "description": "The columns of the table, in their order."},
                "next_page_token": {"type": "string", "description": "Empty on the last page."},
            },
        },
    })
}
