//! The operations of signing in and out.

use super::operation::Operation;
use serde_json::{Map, Value as Json, json};

pub(super) fn text(description: &str) -> Json {
    json!({"type": "string", "minLength": 1, "maxLength": 1000, "description": description})
}

pub(super) fn body(required: &[&str], properties: Json) -> Json {
    let mut schema =
        json!({"type": "object", "additionalProperties": false, "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

pub(super) fn org() -> Json {
    let text = json!({"type": "string"});
    json!({"type": "object", "required": ["id", "slug", "name"], "properties": {"id": text, "slug": text, "name": text}})
}

/// A session's tokens.
pub(super) fn session() -> Json {
    json!({
        "type": "object",
        "required": ["token_type", "expires_in", "user", "org"],
        "properties": {
            "access_token": {"type": "string", "description": "For Authorization: Bearer; absent where a cookie was asked for."},
            "refresh_token": {"type": "string", "description": "Gives new tokens, once; absent where a cookie was asked for."},
            "token_type": {"type": "string", "enum": ["Bearer", "Cookie"]},
            "expires_in": {"type": "integer", "description": "Seconds."},
            "user": {"type": "string"},
            "org": {"type": "string"},
        },
    })
}

/// More is needed before there is a session.
pub(super) fn needs() -> Json {
    json!({
        "type": "object",
        "required": ["needs", "orgs", "login_token"],
        "properties": {
            "needs": {"type": "string", "enum": ["org", "second_factor"]},
            "orgs": {"type": "array", "items": org()},
            "login_token": {"type": "string", "description": "Stands for the password in what follows."},
        },
    })
}

/// Whether a browser asks.
pub(super) fn cookie() -> Json {
    json!({"type": "boolean", "default": false,
        "description": "For browsers: the tokens are set as cookies that no script can read."})
}

/// Adds the paths.
pub(super) fn paths(paths: &mut Map<String, Json>) {
    let mut add = |name: &str, method: &str, operation: Operation| {
        paths.insert(format!("/api/v1/auth/{name}"), json!({method: operation.json()}));
    };
    let json_type = &["application/json"];
    let cookie = cookie();

    let mut login = body(
        &[],
        json!({
            "email": text("The e-mail."), "password": text("The password."),
            "org": text("The organisation, by slug or id; needed by who belongs to several."),
            "login_token": text("From an answer that needed more, in place of e-mail and password."),
            "cookie": cookie,
        }),
    );
    login["anyOf"] =
        json!([{"required": ["email", "password"]}, {"required": ["login_token", "org"]}]);
    let login_example =
        json!({"email": "ann@example.com", "password": "correct horse battery staple"});
    add(
        "login",
        "post",
        Operation::new("auth_login", "auth", "Sign in".to_owned())
            .about(
                "Answers tokens, or what is needed first: the choice of an organisation."
                    .to_owned(),
            )
            .open()
            .body(json_type, login, true, login_example)
            .answers(
                200,
                "Signed in, or what is needed first.",
                Some(json!({"anyOf": [session(), needs()]})),
                Json::Null,
            )
            .fails(&[400, 401, 403, 408, 413, 415, 422, 429, 503, 507]),
    );

    let refresh = body(&["refresh_token"], json!({"refresh_token": text("The refresh token.")}));
    add(
        "refresh",
        "post",
        Operation::new("auth_refresh", "auth", "Renew the tokens".to_owned())
            .about(
                "The refresh token is spent: using it again ends the session. A browser with a \
                session in cookies sends no body and gets new cookies; where its session is over, \
                the cookies are taken away."
                    .to_owned(),
            )
            .open()
            .body(json_type, refresh, true, Json::Null)
            .answers(200, "New tokens.", Some(session()), Json::Null)
            .fails(&[400, 401, 403, 408, 413, 415, 422, 429, 503, 507]),
    );

    let switch = body(&["org"], json!({"org": text("The organisation, by slug or id.")}));
    add(
        "switch",
        "post",
        Operation::new("auth_switch", "auth", "Go to another organisation".to_owned())
            .about("A token is for one organisation; this answers tokens for another.".to_owned())
            .body(json_type, switch, true, json!({"org": "northwind"}))
            .answers(200, "Tokens for the other organisation.", Some(session()), Json::Null)
            .fails(&[400, 401, 403, 404, 408, 413, 415, 422, 503, 507]),
    );

    add(
        "logout",
        "post",
        Operation::new("auth_logout", "auth", "Sign out".to_owned())
            .about("Ends the session of the token.".to_owned())
            .answers(204, "Signed out.", None, Json::Null)
            .fails(&[400, 401, 403, 408, 413, 503, 507]),
    );

    let password = body(
        &["current", "password"],
        json!({
            "current": text("The present password."), "password": text("The new password."),
        }),
    );
    add(
        "password",
        "post",
        Operation::new("auth_password", "auth", "Change your password".to_owned())
            .about("Ends your other sessions.".to_owned())
            .body(json_type, password, true, Json::Null)
            .answers(204, "Changed.", None, Json::Null)
            .fails(&[400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 503, 507]),
    );

    let key = body(
        &["name"],
        json!({
            "name": {"type": "string", "minLength": 1, "maxLength": 200, "description": "What the key is for."},
            "roles": {"type": "array", "items": {"type": "string"}, "description": "What it may do, as far as its user may."},
            "user": {"type": "string", "description": "The user it acts as; you, if absent."},
            "expires_at": {"type": "string", "format": "date-time", "description": "When it ends; never if absent."},
        }),
    );
    let issued = json!({
        "type": "object", "required": ["id", "key"],
        "properties": {"id": {"type": "string"}, "key": {"type": "string", "description": "Shown this once."}},
    });
    add(
        "api-keys:issue",
        "post",
        Operation::new("auth_issue_api_key", "auth", "Make an API key".to_owned())
            .about("For a program: a key for the organisation of your token, for yourself or, as administrator, for others.".to_owned())
            .body(json_type, key, true, json!({"name": "Nightly import", "roles": []}))
            .answers(200, "The key, shown this once.", Some(issued), Json::Null)
            .fails(&[400, 401, 403, 404, 408, 409, 413, 415, 422, 503, 507]),
    );

    let set_up = body(
        &["token", "name", "email", "password", "org"],
        json!({
            "token": text("The token of the set-up link that the server printed at its first start."),
            "name": text("Your name."), "email": text("Your e-mail."), "password": text("Your password."),
            "org": {
                "type": "object", "required": ["name"], "additionalProperties": false,
                "properties": {
                    "name": text("The organisation's name."),
                    "slug": text("Its short name; made from the name if absent."),
                    "country": text("ISO 3166-1 alpha-2; US if absent."),
                    "currency": text("ISO 4217; USD if absent."),
                    "zone": text("An IANA time zone; UTC if absent."),
                },
            },
            "cookie": cookie,
        }),
    );
    add(
        "setup",
        "post",
        Operation::new("auth_setup", "auth", "Set up the installation".to_owned())
            .about("Makes the first administrator and the first organisation, once.".to_owned())
            .open()
            .body(json_type, set_up, true, Json::Null)
            .answers(200, "Signed in.", Some(session()), Json::Null)
            .fails(&[400, 401, 403, 408, 409, 413, 415, 422, 429, 503, 507]),
    );

    let me = json!({
        "type": "object",
        "required": ["user", "org", "orgs", "roles", "companies", "kind"],
        "properties": {
            "user": {
                "type": "object", "required": ["id", "email", "name", "locale"],
                "properties": {"id": {"type": "string"}, "email": {"type": "string"}, "name": {"type": "string"}, "locale": {"type": "string"}},
            },
            "org": {"anyOf": [org(), {"type": "null"}]},
            "orgs": {"type": "array", "items": org()},
            "roles": {"type": "array", "items": {"type": "string"}},
            "companies": {"type": ["array", "null"], "items": {"type": "string"}, "description": "The companies you are limited to; null for all."},
            "kind": {"type": "string", "enum": ["user", "api_key"]},
        },
    });
    add(
        "me",
        "get",
        Operation::new("auth_me", "auth", "Who am I".to_owned())
            .about("You, the organisation of the token, all of yours, and your roles.".to_owned())
            .answers(200, "You.", Some(me), Json::Null)
            .fails(&[400, 401, 403, 413, 408, 503]),
    );
}
