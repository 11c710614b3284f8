//! The operations on what gives access to an organisation: sessions and keys of programs.

use super::operation::Operation;
use super::people::JSON;
use super::sign_in::{body, text};
use serde_json::{Map, Value as Json, json};

/// Adds the paths.
pub(super) fn paths(paths: &mut Map<String, Json>) {
    let mut add = |name: &str, method: &str, operation: Operation| {
        paths.insert(format!("/api/v1/auth/{name}"), json!({method: operation.json()}));
    };
    let new = |id: &str, summary: &str| Operation::new(id, "auth", summary.to_owned());
    let instant = json!({"type": "string", "format": "date-time"});
    let session_view = json!({
        "type": "object",
        "required": ["id", "user", "client", "address", "began_at", "used_at", "expires_at", "current"],
        "properties": {
            "id": {"type": "string"}, "user": {"type": "string"},
            "client": {"type": ["string", "null"], "description": "What the client called itself."},
            "address": {"type": ["string", "null"], "description": "The network address that the person signed in from."},
            "began_at": instant,
            "used_at": {"type": "string", "format": "date-time", "description": "When its tokens were last renewed."},
            "expires_at": instant,
            "current": {"type": "boolean", "description": "Whether it is the one that asks."},
        },
    });
    let key_view = json!({
        "type": "object",
        "required": ["id", "user", "name", "hint", "roles", "made_at", "expires_at"],
        "properties": {
            "id": {"type": "string"},
            "user": {"type": "string", "description": "Whom it acts as."},
            "name": {"type": "string"},
            "hint": {"type": "string", "description": "Its last characters."},
            "roles": {"type": "array", "items": {"type": "string"}},
            "made_at": instant,
            "expires_at": {"type": ["string", "null"], "format": "date-time", "description": "Null for never."},
        },
    });
    let access = json!({
        "type": "object", "required": ["sessions", "api_keys"],
        "properties": {
            "sessions": {"type": "array", "items": session_view},
            "api_keys": {"type": "array", "items": key_view},
        },
    });
    let whose = json!({"name": "user", "in": "query", "required": false,
        "schema": {"type": "string"}, "description": "Whose; everyone's if absent."});
    add(
        "access",
        "get",
        new("auth_access", "What gives access to the organisation")
            .about(
                "Where people are signed in and the keys that nobody revoked, the newest first, \
                 1,000 of each at most. Your own with your id as `user`; those of others for \
                 administrators."
                    .to_owned(),
            )
            .parameters(vec![whose])
            .answers(200, "Sessions and keys.", Some(access), Json::Null)
            .fails(&[400, 401, 403, 408, 413, 503]),
    );
    let which = json!({"session": text("The session's id.")});
    add(
        "sessions:end",
        "post",
        new("auth_session_end", "Sign out elsewhere")
            .about(
                "Ends a session of yours, or as administrator one of your organisation. Asking \
                 again does nothing more."
                    .to_owned(),
            )
            .body(JSON, body(&["session"], which), true, Json::Null)
            .answers(204, "Ended.", None, Json::Null)
            .fails(&[400, 401, 403, 404, 408, 413, 415, 422, 503, 507]),
    );
    let which = json!({"api_key": text("The key's id.")});
    add(
        "api-keys:revoke",
        "post",
        new("auth_revoke_api_key", "Revoke an API key")
            .about(
                "One of yours, or as administrator one of your organisation. Asking again does \
                 nothing more."
                    .to_owned(),
            )
            .body(JSON, body(&["api_key"], which), true, Json::Null)
            .answers(204, "Revoked.", None, Json::Null)
            .fails(&[400, 401, 403, 404, 408, 413, 415, 422, 503, 507]),
    );
}
