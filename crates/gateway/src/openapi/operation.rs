//! One operation of the description, and the parts that operations share.

use serde_json::{Map, Value as Json, json};

/// Statuses that any operation can answer: the request's head is too large, or a fault of ours.
const ALWAYS: [u16; 3] = [414, 431, 500];

/// An operation while it is put together.
pub(super) struct Operation {
    json: Json,
}

impl Operation {
    /// An operation with its id, tag and one line about it.
    pub fn new(id: &str, tag: &str, summary: String) -> Operation {
        Operation {
            json: json!({
                "operationId": id, "tags": [tag], "summary": summary, "parameters": [], "responses": {},
            }),
        }
    }

    /// Describes it.
    pub fn about(mut self, description: String) -> Operation {
        self.json["description"] = description.into();
        self
    }

    /// Needs no token.
    pub fn open(mut self) -> Operation {
        self.json["security"] = json!([]);
        self
    }

    /// Takes parameters that other operations take too.
    pub fn shared(self, names: &[&str]) -> Operation {
        let refs =
            names.iter().map(|name| json!({"$ref": format!("#/components/parameters/{name}")}));
        self.parameters(refs.collect())
    }

    /// Takes parameters.
    pub fn parameters(mut self, parameters: Vec<Json>) -> Operation {
        if let Some(list) = self.json["parameters"].as_array_mut() {
            list.extend(parameters);
        }
        self
    }

    /// Takes a body.
    pub fn body(
        mut self,
        types: &[&str],
        schema: Json,
        required: bool,
        example: Json,
    ) -> Operation {
        let media = |name: &&str| {
            let mut media = json!({"schema": schema});
            if !example.is_null() {
                media["example"] = example.clone();
            }
            ((*name).to_owned(), media)
        };
        let content: Map<String, Json> = types.iter().map(media).collect();
        self.json["requestBody"] = json!({"required": required, "content": content});
        self
    }

    /// Answers a status with JSON, or with nothing.
    pub fn answers(
        mut self,
        status: u16,
        text: &str,
        schema: Option<Json>,
        example: Json,
    ) -> Operation {
        let mut response = json!({"description": text});
        response["headers"]["X-Request-Id"] = json!({"$ref": "#/components/headers/X-Request-Id"});
        if let Some(schema) = schema {
            response["content"]["application/json"]["schema"] = schema;
            if !example.is_null() {
                response["content"]["application/json"]["example"] = example;
            }
        }
        self.json["responses"][status.to_string()] = response;
        self
    }

    /// Adds a shared header to an answer.
    pub fn header(mut self, status: u16, name: &str, shared: &str) -> Operation {
        self.json["responses"][status.to_string()]["headers"][name] =
            json!({"$ref": format!("#/components/headers/{shared}")});
        self
    }

    /// Adds links to an answer.
    pub fn links(mut self, status: u16, links: Json) -> Operation {
        self.json["responses"][status.to_string()]["links"] = links;
        self
    }

    /// Can fail with these statuses.
    pub fn fails(mut self, statuses: &[u16]) -> Operation {
        for status in statuses.iter().chain(&ALWAYS) {
            let name = status.to_string();
            self.json["responses"][&name] =
                json!({"$ref": format!("#/components/responses/{name}")});
        }
        self
    }

    /// The operation.
    pub fn json(self) -> Json {
        self.json
    }
}

/// The problems that operations answer, by status.
pub(super) fn responses() -> Json {
    let texts = [
        (400, "malformed_json", "The request cannot be understood."),
        (401, "unauthenticated", "No token, or one that is not valid any more."),
        (403, "forbidden", "You may not do this; the text names the right that is missing."),
        (404, "not_found", "There is no such thing, as far as you can see."),
        (405, "method_not_allowed", "The path knows other methods; Allow names them."),
        (408, "request_timeout", "The body did not arrive in time."),
        (409, "wrong_state", "The record's state or other records do not allow it."),
        (412, "version_mismatch", "If-Match names another version."),
        (413, "too_large", "The body is larger than allowed."),
        (414, "uri_too_long", "Path and query are longer than allowed."),
        (415, "unsupported_media_type", "The body is of a type that is not read here."),
        (422, "invalid", "The values are refused; `errors` names each."),
        (429, "too_many_attempts", "Too many failed sign-ins; Retry-After says when to come back."),
        (431, "headers_too_large", "The headers are longer than allowed."),
        (500, "internal", "A fault of ours; the log has it under the request id."),
        (503, "database_unavailable", "Not possible now; Retry-After says when to come back."),
        (507, "storage_full", "The disk cannot be written."),
    ];
    let mut all = Map::new();
    for (status, code, text) in texts {
        let errors = match status {
            422 => {
                json!([{"pointer": "/name", "code": "required", "message": "must not be empty"}])
            }
            _ => json!([]),
        };
        let mut response = json!({
            "description": text,
            "headers": {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}},
            "content": {"application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": {
                    "type": "about:blank", "title": text.trim_end_matches('.'), "status": status,
                    "detail": text, "code": code, "errors": errors,
                    "request_id": "req_01h455vb4pex5vsknk084sn02q",
                },
            }},
        });
        if status == 401 {
            response["headers"]["WWW-Authenticate"] = json!({"schema": {"type": "string"}});
        }
        if status == 405 {
            response["headers"]["Allow"] = json!({"schema": {"type": "string"}});
        }
        if matches!(status, 429 | 503) {
            response["headers"]["Retry-After"] =
                json!({"schema": {"type": "integer", "minimum": 0}});
        }
        all.insert(status.to_string(), response);
    }
    Json::Object(all)
}

/// Parameters that many operations take.
pub(super) fn parameters() -> Json {
    json!({
        "If-Match": {
            "name": "If-Match", "in": "header",
            "description": "The version that you have seen, as an ETag: the write is refused with 412 if there is a newer one.",
            "schema": {"type": "string", "pattern": "^(\\*|(W/)?\"[!#-~]*\")$"},
        },
        "If-None-Match": {
            "name": "If-None-Match", "in": "header",
            "description": "The versions that you hold: 304 if the record is still one of them.",
            "schema": {"type": "string"},
        },
        "Idempotency-Key": {
            "name": "Idempotency-Key", "in": "header",
            "description": "A text of your making: repeating the request with it answers what the first one did. The same key with another request is 422.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
        },
        "base_version": {
            "name": "base_version", "in": "query",
            "description": "Merges by field: the change is made if nobody changed the same fields since this version, else 409 names them. Not together with If-Match.",
            "schema": {"type": "integer", "format": "int64", "minimum": 1},
        },
        "dry_run": {
            "name": "dry_run", "in": "query",
            "description": "Make every check and change nothing: 200 with the record as it would be, without a number. A 409 or 422 carries `draft`, the record as far as it could be made.",
            "schema": {"type": "boolean", "default": false},
        },
        "known_at": {
            "name": "known_at", "in": "query",
            "description": "The record as it was known at this instant.",
            "schema": {"type": "string", "format": "date-time"},
        },
    })
}

/// Headers that many answers carry.
pub(super) fn headers() -> Json {
    json!({
        "X-Request-Id": {
            "description": "The id of this request in log and events; yours, if you sent one.",
            "schema": {"type": "string"},
        },
        "ETag": {
            "description": "The record's version, for If-Match and If-None-Match.",
            "schema": {"type": "string", "pattern": "^\"[0-9]+\"$"},
            "example": "\"7\"",
        },
        "Location": {
            "description": "Where the new record stands.",
            "schema": {"type": "string"},
        },
        "Idempotency-Replayed": {
            "description": "The answer repeats what an earlier request with the same key did.",
            "schema": {"type": "string", "const": "true"},
        },
    })
}
