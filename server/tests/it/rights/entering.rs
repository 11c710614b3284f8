//! Rights on the people of an organisation and on the links that let them in, at the edge.

use super::people::{People, get, post};
use crate::client::{Answer, Client};
use crate::process::PASSWORD;
use serde_json::{Value, json};

const AUTH: &str = "/api/v1/auth/";

fn ask(client: &mut Client, path: &str, body: &Value) -> Answer {
    post(client, &format!("{AUTH}{path}"), body)
}

fn id_of(client: &mut Client) -> Value {
    get(client, "/api/v1/auth/me").json["user"]["id"].clone()
}

/// The token of a link that was made.
fn token_of(made: &Answer) -> String {
    assert_eq!(made.status, 200, "{made:?}");
    let path = made.json["path"].as_str().unwrap();
    path.strip_prefix("/enter#").unwrap_or_else(|| panic!("{path}")).to_owned()
}

/// Whoever administers nothing is refused all of it, and learns nothing of others.
fn refused(people: &mut People, viewer: &Value) {
    let user = json!({"user": viewer});
    let invite = json!({"email": "x@example.org", "name": "X", "roles": ["administrator"]});
    let give = json!({"user": viewer, "roles": ["administrator"]});
    let back = json!({"invitation": "adm_01h455vb4pex5vsknk084sn02q"});
    for client in [&mut people.viewer, &mut people.guest] {
        for path in ["people", "invitations", "access"] {
            let answer = get(client, &format!("{AUTH}{path}"));
            assert_eq!((answer.status, answer.code()), (403, "forbidden"), "{path}");
        }
        for (path, body) in [
            ("people:change", &give),
            ("people:end", &user),
            ("password:reset", &user),
            ("invitations:issue", &invite),
            ("invitations:withdraw", &back),
        ] {
            let answer = ask(client, path, body);
            assert_eq!((answer.status, answer.code()), (403, "forbidden"), "{path}");
        }
    }
}

/// An administrator of the organisation invites; the invited sets a password, once.
fn invites(people: &mut People) {
    let email = "invited@example.org";
    let asked = json!({"email": email, "name": "Invited", "roles": ["viewer"]});
    let voided = token_of(&ask(&mut people.boss, "invitations:issue", &asked));
    let token = token_of(&ask(&mut people.boss, "invitations:issue", &asked));
    let open = get(&mut people.boss, "/api/v1/auth/invitations");
    assert_eq!(open.json["items"][0]["email"], email, "{open:?}");
    let read = ask(&mut people.nobody, "link:read", &json!({"token": token}));
    assert_eq!((read.status, &read.json["org"]["slug"]), (200, &json!("northwind")), "{read:?}");
    let with = |token: &str| json!({"token": token, "password": PASSWORD});
    let answers: Vec<(u16, String)> = [with(&voided), with(&token), with(&token)]
        .iter()
        .map(|body| ask(&mut people.nobody, "link:use", body))
        .map(|answer| (answer.status, answer.code().to_owned()))
        .collect();
    let expected = [(404, "link_invalid"), (200, ""), (409, "link_used")];
    assert_eq!(answers, expected.map(|(status, code)| (status, code.to_owned())));
    let taken = ask(
        &mut people.boss,
        "invitations:issue",
        &json!({"email": "late@example.org", "name": "Late"}),
    );
    let token = token_of(&taken);
    let back =
        ask(&mut people.boss, "invitations:withdraw", &json!({"invitation": taken.json["id"]}));
    assert_eq!(back.status, 204, "{back:?}");
    let late = ask(&mut people.nobody, "link:use", &with(&token));
    assert_eq!((late.status, late.code()), (409, "link_withdrawn"));
}

/// What administrators of the organisation and of the installation may do about whom.
fn decides(people: &mut People) {
    let found = get(&mut people.boss, "/api/v1/auth/people").json;
    let who = |email: &str| {
        let items = found["items"].as_array().unwrap();
        items.iter().find(|one| one["email"] == email).unwrap().clone()
    };
    let (chief, boss) = (id_of(&mut people.chief), id_of(&mut people.boss));
    let (viewer, invited) = (id_of(&mut people.viewer), who("invited@example.org")["user"].clone());
    assert_eq!(who("invited@example.org")["manageable"], true);
    assert!(who("viewer@example.org")["last_sign_in"].is_string(), "{found}");
    for (client, path, body, status, code) in [
        (0, "people:change", json!({"user": invited, "roles": ["guest"]}), 200, ""),
        (0, "people:change", json!({"user": invited, "name": "New"}), 200, ""),
        (0, "people:change", json!({"user": chief, "name": "X"}), 403, "account_elsewhere"),
        (0, "people:change", json!({"user": chief, "active": false}), 403, "account_elsewhere"),
        (0, "people:change", json!({"user": boss, "roles": []}), 409, "own_account"),
        (0, "people:change", json!({"user": "cus_01h455vb4pex5vsknk084sn02q"}), 422, "invalid"),
        (0, "people:change", json!({"user": 7}), 422, "invalid"),
        (0, "password:reset", json!({"user": chief}), 403, "account_elsewhere"),
        (0, "password:reset", json!({"user": boss}), 409, "own_account"),
        (1, "password:reset", json!({"user": boss}), 200, ""),
        (0, "password:reset", json!({"user": viewer}), 200, ""),
        (0, "people:end", json!({"user": boss}), 409, "own_account"),
        (0, "people:end", json!({"user": invited}), 204, ""),
        (0, "people:end", json!({"user": invited}), 404, "not_found"),
    ] {
        let client = if client == 0 { &mut people.boss } else { &mut people.chief };
        let answer = ask(client, path, &body);
        assert_eq!((answer.status, answer.code()), (status, code), "{path} {body}: {answer:?}");
    }
}

/// Where people are signed in: one's own for everyone, all of the organisation for who administers
/// it, and ended from afar.
fn ends(people: &mut People, viewer: &Value) {
    let of = |user: &Value| format!("{AUTH}access?user={}", user.as_str().unwrap());
    let boss = id_of(&mut people.boss);
    let sign_in = json!({"email": "viewer@example.org", "password": PASSWORD, "org": "northwind"});
    let signed = ask(&mut people.nobody, "login", &sign_in);
    let token = signed.json["access_token"].as_str().unwrap();
    let mut again = Client::new(people.nobody.address(), token);
    let own = get(&mut again, &of(viewer));
    let session = own.json["sessions"][0].clone();
    assert_eq!((own.status, &session["current"]), (200, &json!(true)), "{own:?}");
    let others = get(&mut people.viewer, &of(&boss));
    assert_eq!((others.status, others.code()), (403, "forbidden"));
    let wrong = get(&mut people.viewer, &format!("{AUTH}access?user=me"));
    assert_eq!((wrong.status, wrong.code()), (400, "invalid_id"));
    let all = get(&mut people.boss, &format!("{AUTH}access")).json;
    let mut seen = all["sessions"].as_array().unwrap().iter();
    assert!(seen.any(|one| one["id"] == session["id"] && one["current"] == false), "{all}");
    let key = ask(&mut people.viewer, "api-keys:issue", &json!({"name": "export"}));
    let key = json!({"api_key": key.json["id"]});
    let theirs = json!({"session": get(&mut people.boss, &of(&boss)).json["sessions"][0]["id"]});
    for (client, path, body, status, code) in [
        (0, "sessions:end", &theirs, 404, "not_found"),
        (0, "sessions:end", &key, 422, "invalid"),
        (0, "sessions:end", &json!({"session": key["api_key"]}), 422, "invalid"),
        (1, "api-keys:revoke", &key, 204, ""),
        (0, "api-keys:revoke", &key, 204, ""),
        (1, "sessions:end", &json!({"session": session["id"]}), 204, ""),
    ] {
        let client = if client == 0 { &mut people.viewer } else { &mut people.boss };
        let answer = ask(client, path, body);
        assert_eq!((answer.status, answer.code()), (status, code), "{path} {body}: {answer:?}");
    }
}

/// Asks all of it; the operations that were exercised.
pub fn entered(people: &mut People) -> Vec<String> {
    let viewer = id_of(&mut people.viewer);
    refused(people, &viewer);
    invites(people);
    decides(people);
    ends(people, &viewer);
    let operations = [
        "link_read",
        "link_use",
        "password_reset",
        "invitations",
        "invite",
        "withdraw",
        "people",
        "people_change",
        "people_end",
        "access",
        "session_end",
        "revoke_api_key",
    ];
    operations.map(|name| format!("auth_{name}")).into()
}
