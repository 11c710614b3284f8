//! The operations on the people of an organisation, and on the links that let them in.

use super::operation::Operation;
use super::sign_in::{body, cookie, needs, org, session, text};
use serde_json::{Map, Value as Json, json};

pub(super) const JSON: &[&str] = &["application/json"];

/// Adds the paths.
pub(super) fn paths(paths: &mut Map<String, Json>) {
    let mut add = |name: &str, method: &str, operation: Operation| {
        paths.insert(format!("/api/v1/auth/{name}"), json!({method: operation.json()}));
    };
    let new = |id: &str, summary: &str| Operation::new(id, "auth", summary.to_owned());
    let roles = json!({"type": "array", "items": {"type": "string"}, "description": "The roles in the organisation, in snake case."});
    let instant = json!({"type": "string", "format": "date-time"});
    let link = json!({
        "type": "object", "required": ["id", "path", "expires_at"],
        "properties": {
            "id": {"type": "string"},
            "path": {"type": "string", "description": "The link, from the root of the server. Shown this once."},
            "expires_at": instant,
        },
    });
    let list = |item: Json| json!({"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": item}}});
    let user = || json!({"type": "string", "minLength": 1, "description": "The person's id."});
    let person = |more: bool| {
        let mut properties = json!({
            "user": {"type": "string"}, "email": {"type": "string"}, "name": {"type": "string"},
            "roles": roles,
            "companies": {"type": ["array", "null"], "items": {"type": "string"}, "description": "The companies that the person is limited to; null for all."},
            "active": {"type": "boolean", "description": "Whether the account may sign in."},
            "manageable": {"type": "boolean", "description": "Whether you decide about the account: its name, its password, whether it is active. It belongs to your organisation alone, or you administer the installation."},
        });
        if more {
            properties["last_sign_in"] = json!({"type": ["string", "null"], "format": "date-time", "description": "To this organisation, in the last 30 days; null where that is not known."});
        }
        let names: Vec<&String> = properties.as_object().into_iter().flat_map(Map::keys).collect();
        json!({"type": "object", "required": names, "properties": properties})
    };

    let facts = json!({
        "type": "object",
        "required": ["purpose", "email", "name", "org", "expires_at", "signs_in"],
        "properties": {
            "purpose": {"type": "string", "enum": ["invitation", "reset"]},
            "email": {"type": "string"}, "name": {"type": "string"},
            "org": {"anyOf": [org(), {"type": "null"}]},
            "expires_at": instant,
            "signs_in": {"type": "boolean", "description": "Whether the password of an account is asked for, not a new one."},
        },
    });
    let token = || text("What stands behind the # of the link.");
    add(
        "link:read",
        "post",
        new("auth_link_read", "What a link is for")
            .about(
                "For whoever opened an invitation or a link to a new password. 404 `link_invalid`; \
                 409 `link_used`, `link_expired`, `link_withdrawn`, `link_void` or \
                 `password_missing` say what to do."
                    .to_owned(),
            )
            .open()
            .body(JSON, body(&["token"], json!({"token": token()})), true, Json::Null)
            .answers(200, "What it is for.", Some(facts), Json::Null)
            .fails(&[400, 403, 404, 408, 409, 413, 415, 422, 429, 503, 507]),
    );
    let using = json!({
        "token": token(),
        "password": text("The new password; that of the account where `signs_in` is true."),
        "name": text("Your name, if the account is made now."),
        "cookie": cookie(),
    });
    add(
        "link:use",
        "post",
        new("auth_link_use", "Use a link")
            .about(
                "Sets the password, or asks for that of the account, and signs in. A link is good \
                 once; a new password ends the other sessions of the account."
                    .to_owned(),
            )
            .open()
            .body(JSON, body(&["token", "password"], using), true, Json::Null)
            .answers(
                200,
                "Signed in, or what is needed first.",
                Some(json!({"anyOf": [session(), needs()]})),
                Json::Null,
            )
            .fails(&[400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 503, 507]),
    );
    add(
        "password:reset",
        "post",
        new("auth_password_reset", "Make a link to a new password")
            .about(
                "For somebody else, good for a day; an earlier one is void. Who administers an \
                 organisation may do this for accounts that are its alone (403 \
                 `account_elsewhere`), who administers the installation for all."
                    .to_owned(),
            )
            .body(JSON, body(&["user"], json!({"user": user()})), true, Json::Null)
            .answers(200, "The link, shown this once.", Some(link.clone()), Json::Null)
            .fails(&[400, 401, 403, 404, 408, 409, 413, 415, 422, 503, 507]),
    );
    let invitation = json!({
        "type": "object", "required": ["id", "email", "name", "roles", "expires_at"],
        "properties": {
            "id": {"type": "string"}, "email": {"type": "string"}, "name": {"type": "string"},
            "roles": roles, "expires_at": instant,
        },
    });
    add(
        "invitations",
        "get",
        new("auth_invitations", "The open invitations")
            .about(
                "Those to your organisation that nobody used yet, late ones too. For \
                 administrators."
                    .to_owned(),
            )
            .answers(200, "The invitations.", Some(list(invitation)), Json::Null)
            .fails(&[400, 401, 403, 408, 413, 503]),
    );
    let inviting =
        json!({"email": text("The e-mail."), "name": text("The person's name."), "roles": roles});
    let example = json!({"email": "bo@example.com", "name": "Bo", "roles": ["sales"]});
    add(
        "invitations:issue",
        "post",
        new("auth_invite", "Invite a person")
            .about(
                "To your organisation, with a link that is good for a week and once; an earlier \
                 one of the same e-mail is void. Who has no account sets a password, who has one \
                 joins with it. For administrators."
                    .to_owned(),
            )
            .body(JSON, body(&["email", "name"], inviting), true, example)
            .answers(200, "The link, shown this once.", Some(link), Json::Null)
            .fails(&[400, 401, 403, 408, 409, 413, 415, 422, 503, 507]),
    );
    let which = json!({"invitation": text("The invitation's id.")});
    add(
        "invitations:withdraw",
        "post",
        new("auth_withdraw", "Take an invitation back")
            .about("Its link is void. For administrators.".to_owned())
            .body(JSON, body(&["invitation"], which), true, Json::Null)
            .answers(204, "Taken back.", None, Json::Null)
            .fails(&[400, 401, 403, 404, 408, 413, 415, 422, 503, 507]),
    );
    add(
        "people",
        "get",
        new("auth_people", "The people of the organisation")
            .about("By name, 1,000 at most. For administrators.".to_owned())
            .answers(200, "The people.", Some(list(person(true))), Json::Null)
            .fails(&[400, 401, 403, 408, 413, 503]),
    );
    let changing = json!({
        "user": user(), "roles": roles, "name": text("The name."),
        "active": {"type": "boolean", "description": "Whether the account may sign in."},
    });
    add(
        "people:change",
        "post",
        new("auth_people_change", "Change what a person may do")
            .about(
                "The roles in your organisation; name and `active` of an account that is its \
                 alone (403 `account_elsewhere`). For administrators, who keep their own \
                 administration."
                    .to_owned(),
            )
            .body(JSON, body(&["user"], changing), true, Json::Null)
            .answers(200, "The person now.", Some(person(false)), Json::Null)
            .fails(&[400, 401, 403, 404, 408, 409, 413, 415, 422, 503, 507]),
    );
    add(
        "people:end",
        "post",
        new("auth_people_end", "End a membership")
            .about(
                "The person does not belong to your organisation any more; the account stays. \
                 For administrators, and not for themselves."
                    .to_owned(),
            )
            .body(JSON, body(&["user"], json!({"user": user()})), true, Json::Null)
            .answers(204, "Ended.", None, Json::Null)
            .fails(&[400, 401, 403, 404, 408, 409, 413, 415, 422, 503, 507]),
    );
}
