//! Rights at the edge of a running server: the operations that only HTTP has, and those of records
//! that belong to the installation and to no organisation.
//!
//! Little is made here: most writes are sent in a form that whoever has the right is refused for
//! another reason.

use super::people::{People, get, post};
use crate::client::{Answer, Client, escaped};
use crate::process::PASSWORD;
use crate::site::Site;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A version that no record has: whoever may write is told so, who may not is told that instead.
const NO_VERSION: [(&str, &str); 1] = [("if-match", "\"999999\"")];

/// One operation of the description.
struct Operation {
    id: String,
    method: String,
    path: String,
}

fn described(people: &mut People) -> Vec<Operation> {
    let document = get(&mut people.nobody, "/api/openapi.json").json;
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["get", "post", "patch", "delete"] {
            if let Some(id) = item[method]["operationId"].as_str() {
                let (id, path) = (id.to_owned(), path.clone());
                all.push(Operation { id, method: method.to_uppercase(), path });
            }
        }
    }
    all
}

/// Without a token every operation is 401, but those that make one and those that tell nothing.
fn nobody_is_nobody(people: &mut People, all: &[Operation]) {
    for operation in all {
        let path = operation.path.replace("{id}", "cus_01h455vb4pex5vsknk084sn02q");
        let body = if operation.method == "GET" { "" } else { "{}" };
        let answer = people.nobody.ask(&operation.method, &path, body).unwrap();
        let open = ["auth_login", "auth_refresh", "auth_setup", "auth_link_read", "auth_link_use"];
        let is_open = open.contains(&&*operation.id) || !path.starts_with("/api/v1/");
        assert!(is_open || answer.status == 401, "{}: {answer:?}", operation.id);
    }
}

/// Who asks a path of sign-in.
const NOBODY: bool = false;
const VIEWER: bool = true;

/// What the paths of sign-in refuse to whom.
fn signing_in(people: &mut People) -> Vec<String> {
    let own = get(&mut people.chief, "/api/v1/auth/me");
    assert_eq!((own.status, &own.json["roles"]), (200, &json!(["administrator"])));
    assert_eq!(get(&mut people.guest, "/api/v1/auth/me").json["roles"], json!(["guest"]));
    let login = |password: &str, org: &str| {
        let email = "viewer@example.org";
        json!({"email": email, "password": password, "org": org})
    };
    let set_up = json!({"token": "x", "name": "X", "email": "x@example.org", "password": PASSWORD,
        "org": {"name": "X", "slug": "xx"}});
    let key = |roles: &[&str], user: &Value| json!({"name": "robot", "roles": roles, "user": user});
    let password = |current: &str| json!({"current": current, "password": "another one entirely"});
    let (chief, viewer) = (
        own.json["user"]["id"].clone(),
        get(&mut people.viewer, "/api/v1/auth/me").json["user"]["id"].clone(),
    );
    let signed_in = post(&mut people.nobody, "/api/v1/auth/login", &login(PASSWORD, "northwind"));
    let renew = json!({"refresh_token": signed_in.json["refresh_token"]});
    let asked = [
        (NOBODY, "login", login("wrong password", "northwind")),
        (NOBODY, "login", login(PASSWORD, "elsewhere")),
        (NOBODY, "refresh", json!({"refresh_token": "mgr_none"})),
        (NOBODY, "refresh", renew),
        (NOBODY, "setup", set_up),
        (VIEWER, "switch", json!({"org": "elsewhere"})),
        (VIEWER, "switch", json!({"org": "northwind"})),
        (VIEWER, "password", password("not it at all")),
        (VIEWER, "api-keys:issue", key(&["administrator"], &viewer)),
        (VIEWER, "api-keys:issue", key(&["viewer"], &chief)),
        (VIEWER, "api-keys:issue", key(&["viewer"], &viewer)),
    ];
    let answered: Vec<(&str, u16, String)> = asked
        .into_iter()
        .map(|(who, path, body)| {
            let client = if who == VIEWER { &mut people.viewer } else { &mut people.nobody };
            let answer = post(client, &format!("/api/v1/auth/{path}"), &body);
            (path, answer.status, answer.code().to_owned())
        })
        .collect();
    let expected = [
        ("login", 401, "wrong_credentials"),
        ("login", 403, "no_membership"),
        ("refresh", 401, "invalid_token"),
        ("refresh", 200, ""),
        ("setup", 401, "invalid_token"),
        ("switch", 403, "no_membership"),
        ("switch", 200, ""),
        ("password", 422, "invalid"),
        // A key may do what its user may, and no more.
        ("api-keys:issue", 422, "invalid"),
        ("api-keys:issue", 403, "forbidden"),
        ("api-keys:issue", 200, ""),
    ];
    assert_eq!(answered, expected.map(|(path, status, code)| (path, status, code.to_owned())));
    // Who has signed out is nobody.
    let again = post(&mut people.nobody, "/api/v1/auth/login", &login(PASSWORD, "northwind"));
    let token = again.json["access_token"].as_str().unwrap();
    let mut leaving = Client::new(people.nobody.address(), token);
    assert_eq!(post(&mut leaving, "/api/v1/auth/logout", &json!({})).status, 204);
    assert_eq!(get(&mut leaving, "/api/v1/auth/me").status, 401);
    let paths =
        ["login", "refresh", "setup", "switch", "password", "logout", "me", "issue_api_key"];
    paths.map(|name| format!("auth_{name}")).into()
}

/// What stands beside records of the installation and is everyone's in their own organisation.
const OF_AN_ORGANISATION: [&str; 3] =
    ["auth_issue_api_key", "auth_revoke_api_key", "auth_session_end"];

/// What belongs to the installation exists for those only who administer it.
fn of_the_installation(people: &mut People, all: &[Operation]) -> Vec<String> {
    let mut tested = Vec::new();
    for (service, plural) in [
        ("auth", "admissions"),
        ("auth", "api-keys"),
        ("auth", "credentials"),
        ("auth", "sessions"),
        ("platform", "orgs"),
        ("users", "memberships"),
        ("users", "users"),
    ] {
        let at = format!("/api/v1/{service}/{plural}");
        if plural == "api-keys" {
            let key = json!({"name": "robot", "roles": ["viewer"]});
            assert_eq!(post(&mut people.chief, "/api/v1/auth/api-keys:issue", &key).status, 200);
        }
        let first = get(&mut people.chief, &format!("{at}?page_size=1"));
        let id = first.json["items"][0]["id"].as_str();
        let id = id.unwrap_or_else(|| panic!("{at}: {first:?}")).to_owned();
        let own = all.iter().filter(|one| {
            one.path == at || one.path.strip_prefix(&at).is_some_and(|r| r.starts_with([':', '/']))
        });
        for operation in own.filter(|one| !OF_AN_ORGANISATION.contains(&one.id.as_str())) {
            let path = operation.path.replace("{id}", &id);
            let is_one = operation.path.contains("{id}");
            let rest = operation.path.rsplit(['/', '}']).next().unwrap_or_default();
            let act = rest.split_once(':').map_or("", |(_, act)| act);
            let batch = json!({"commands": [{"create": {}}]});
            let (path, body) = match (operation.method.as_str(), act) {
                (_, "aggregate") => (format!("{path}?select=count()"), String::new()),
                (_, "explain") => (format!("{path}?verb=read"), String::new()),
                (_, "batch") => (path, batch.to_string()),
                ("GET", _) => (path, String::new()),
                _ => (path, "{}".to_owned()),
            };
            let headers = if is_one && operation.method != "GET" { &NO_VERSION[..] } else { &[] };
            let ask = |client: &mut Client| {
                client.send(&operation.method, &path, headers, body.as_bytes()).unwrap()
            };
            let what = format!("{} {path}", operation.method);
            for client in [&mut people.boss, &mut people.viewer, &mut people.guest] {
                let answer = ask(client);
                let refused = match act {
                    "explain" if !is_one => answer.json["allowed"] == json!(false),
                    "batch" => answer.json.to_string().contains("\"forbidden\""),
                    _ => answer.status == if is_one { 404 } else { 403 },
                };
                assert!(refused, "{what}: {answer:?}");
            }
            let answer = ask(&mut people.chief);
            assert!(![401, 403, 404].contains(&answer.status), "{what}: {answer:?}");
            assert!(act != "explain" || answer.json["allowed"] == json!(true), "{what}");
            assert!(!answer.json.to_string().contains("\"forbidden\""), "{what}: {answer:?}");
            tested.push(operation.id.clone());
        }
    }
    tested
}

/// A batch may make what a create may make, and the platform alone what it alone makes.
fn in_batches(people: &mut People, all: &[Operation]) -> Vec<String> {
    // Whoever has the right is told that there is no such field.
    let nothing = json!({"no_such_field": "x"});
    let mut tested = Vec::new();
    for operation in all.iter().filter(|one| one.path.ends_with(":batch")) {
        let at = operation.path.trim_end_matches(":batch");
        for client in [&mut people.boss, &mut people.viewer, &mut people.guest] {
            let alone = post(client, at, &nothing);
            let batch = post(client, &operation.path, &json!({"commands": [{"create": nothing}]}));
            let result = &batch.json["results"][0];
            let both = (result["status"].as_u64(), &result["problem"]["code"]);
            let expected = (Some(u64::from(alone.status)), &alone.json["code"]);
            assert_eq!(both, expected, "{at}: {batch:?} but {alone:?}");
        }
        let refused = post(&mut people.guest, at, &nothing);
        assert!(refused.status == 403 || at.starts_with("/api/v1/platform/"), "{at}: {refused:?}");
        tested.push(operation.id.clone());
    }
    tested
}

/// The description of the records tells each who asks what they may see.
fn described_to_each(people: &mut People) -> String {
    let fields = |client: &mut Client| -> Option<BTreeSet<String>> {
        let document = get(client, "/api/v1/platform/schema");
        assert_eq!(document.status, 200, "{document:?}");
        let entities = document.json["entities"].as_array().unwrap();
        let employee = entities.iter().find(|entity| entity["name"] == "hr.employee")?;
        let fields = employee["fields"].as_array().unwrap().iter();
        Some(fields.map(|field| field["name"].as_str().unwrap().to_owned()).collect())
    };
    assert_eq!(fields(&mut people.guest), None);
    let (all, seen) = (fields(&mut people.boss).unwrap(), fields(&mut people.viewer).unwrap());
    let hidden = ["address", "born_on", "home_phone", "notes", "salutation"].map(str::to_owned);
    assert_eq!(all.difference(&seen).cloned().collect::<Vec<_>>(), hidden);
    assert!(seen.is_subset(&all) && seen.contains("last_name"));
    "platform_schema".to_owned()
}

/// How the organisation is kept in order is for those who administer it.
fn kept_in_order(people: &mut People) -> Vec<String> {
    let asked = [
        ("GET", "log", 200, "platform_log"),
        ("POST", "log:verify", 202, "platform_log_verify"),
        ("GET", "log/events", 200, "platform_log_events"),
        ("GET", "health", 200, "platform_health"),
        ("GET", "sample-data", 200, "platform_sample_data"),
        ("DELETE", "sample-data", 409, "platform_sample_data_remove"),
    ];
    for (method, path, status, _) in asked {
        let path = format!("/api/v1/platform/{path}");
        for client in [&mut people.viewer, &mut people.guest] {
            let answer = client.ask(method, &path, "").unwrap();
            assert_eq!((answer.status, answer.code()), (403, "forbidden"), "{path}: {answer:?}");
        }
        for client in [&mut people.boss, &mut people.chief] {
            let answer = client.ask(method, &path, "").unwrap();
            assert_eq!(answer.status, status, "{path}: {answer:?}");
        }
    }
    // Whoever may fill may fill once.
    let path = "/api/v1/platform/sample-data";
    let mut fill = |client: &mut Client| client.ask("POST", path, "").unwrap().status;
    let clients = [&mut people.nobody, &mut people.viewer, &mut people.guest, &mut people.boss];
    assert_eq!(clients.map(&mut fill), [401, 403, 403, 202]);
    assert_eq!(fill(&mut people.chief), 409);
    let named = asked.map(|(_, _, _, id)| id.to_owned()).into_iter();
    named.chain(["platform_sample_data_fill".to_owned()]).collect()
}

/// Records of some kinds, so that there is something to show and to keep back.
const RECORDS: [(&str, &str); 7] = [
    ("hr/departments", r#"{"name": "Sales", "code": "S"}"#),
    ("hr/employees", r#"{"last_name": "Callahan"}"#),
    ("operations/carriers", r#"{"name": "Speedy Express"}"#),
    ("operations/customers", r#"{"name": "Alfreds Futterkiste"}"#),
    ("operations/suppliers", r#"{"name": "Exotic Liquids"}"#),
    ("operations/units", r#"{"name": "Box", "code": "box"}"#),
    ("platform/saved-views", r#"{"name": "Mine", "subject": "hr.employee"}"#),
];

/// An export shows what a list shows; an import makes what a create may make.
fn in_files(people: &mut People, all: &[Operation]) -> Vec<String> {
    for (at, body) in RECORDS {
        let made = people.boss.ask("POST", &format!("/api/v1/{at}"), body).unwrap();
        assert_eq!(made.status, 201, "{at}: {made:?}");
    }
    let (mut tested, mut exported) = (Vec::new(), 0);
    for export in all.iter().filter(|one| one.path.ends_with(":export")) {
        let at = export.path.trim_end_matches(":export");
        let base = export.id.trim_end_matches("_export");
        let is_system = !all.iter().any(|one| one.id == format!("{base}_import"));
        if is_system {
            continue;
        }
        for client in [&mut people.boss, &mut people.viewer, &mut people.guest] {
            let listed = get(client, &format!("{at}?page_size=1000"));
            let file = post(client, &export.path, &json!({"format": "jsonl"}));
            assert_eq!(file.status, listed.status, "{}: {file:?}", export.path);
            if file.status == 200 {
                let text = String::from_utf8(file.body).unwrap();
                let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
                let ids: BTreeSet<String> = lines.map(|l| l["id"].to_string()).collect();
                let items = listed.json["items"].as_array().unwrap();
                let shown: BTreeSet<String> = items.iter().map(|i| i["id"].to_string()).collect();
                assert_eq!(ids, shown, "{}", export.path);
                exported += ids.len();
            }
        }
        tested.push(export.id.clone());

        let right = base.replacen('_', ".", 1);
        let map = format!(
            "name = \"rights\"\nexternal = \"rights\"\n[[step]]\nfile = \"*\"\nentity = \
             \"{right}\"\nkey = \"key\"\n"
        );
        let path = format!("{at}:import?format=jsonl&dry_run=true&map={}", escaped(&map));
        let import =
            |client: &mut Client| client.send("POST", &path, &[], b"{\"key\":\"1\"}\n").unwrap();
        let create = |client: &mut Client| post(client, at, &json!({}));
        for client in [&mut people.boss, &mut people.viewer, &mut people.guest] {
            let (imported, created) = (import(client), create(client));
            let forbids =
                |answer: &Answer| answer.json.to_string().contains("This needs the right");
            assert_eq!(
                forbids(&imported),
                created.status == 403,
                "{at}: {imported:?} but {created:?}"
            );
        }
        tested.push(format!("{base}_import"));
    }
    assert!(exported > 2 * RECORDS.len(), "{exported} records were exported");
    tested
}

/// An upload is its owner's: others do not see it, and it brings in what its owner may make.
fn in_uploads(people: &mut People) -> Vec<String> {
    const IMPORTS: &str = "/api/v1/platform/imports";
    let path = format!("{IMPORTS}:upload?filename=clients.csv");
    let sent = people.viewer.send("POST", &path, &[], b"no,name\n1,North\n").unwrap();
    assert_eq!(sent.status, 201, "{sent:?}");
    let at = format!("{IMPORTS}/{}", sent.id());
    let plan = json!({"entity": "operations.customer", "fields": {"name": "name"}, "key": "no"});
    let acts = ["propose", "preview", "start", "cancel"];
    for client in [&mut people.guest, &mut people.nobody] {
        let status = if client.ask("GET", IMPORTS, "").unwrap().status == 401 { 401 } else { 404 };
        for act in acts {
            assert_eq!(post(client, &format!("{at}:{act}"), &plan).status, status, "{act}");
        }
        for view in ["tables", "refused"] {
            assert_eq!(get(client, &format!("{at}:{view}")).status, status, "{view}");
        }
    }
    assert_eq!(get(&mut people.boss, &format!("{at}:tables")).status, 200);
    // What a guest cannot see at all does not exist, for an upload of their own either.
    let own = people.guest.send("POST", &path, &[], b"no,name\n1,North\n").unwrap();
    for act in ["propose", "preview", "start"] {
        let path = format!("{IMPORTS}/{}:{act}", own.id());
        let unknown = post(&mut people.guest, &path, &plan);
        assert_eq!(unknown.json["errors"][0]["code"], "unknown_entity", "{act}: {unknown:?}");
    }
    // A viewer sees customers and makes none: every row is refused for that.
    let proposed = post(&mut people.viewer, &format!("{at}:propose"), &plan);
    assert_eq!(proposed.status, 200, "{proposed:?}");
    let shown = post(&mut people.viewer, &format!("{at}:preview"), &plan);
    assert_eq!(shown.json["items"][0]["problems"][0]["code"], "forbidden", "{shown:?}");
    assert_eq!(post(&mut people.viewer, &format!("{at}:start"), &plan).status, 202);
    let id = sent.id().to_owned();
    let done = crate::uploads::ended(&mut people.viewer, &id);
    assert_eq!(crate::uploads::counts(&done), [1, 0, 0, 0, 1], "{done}");
    let told = get(&mut people.viewer, &format!("{at}:refused"));
    assert_eq!(told.json["items"][0]["code"], "forbidden", "{told:?}");
    let all = ["upload", "propose", "preview", "start", "tables", "refused"];
    all.map(|verb| format!("platform_import_{verb}")).into()
}

/// The operations whose rights were tested on a running server.
pub fn exercised() -> BTreeSet<String> {
    let mut tested = BTreeSet::new();
    for site in Site::each() {
        let server = site.serve();
        let mut people = People::of(&site, &server);
        let all = described(&mut people);
        nobody_is_nobody(&mut people, &all);
        tested.extend(signing_in(&mut people));
        tested.extend(super::entering::entered(&mut people));
        tested.extend(of_the_installation(&mut people, &all));
        tested.extend(in_batches(&mut people, &all));
        tested.extend(in_files(&mut people, &all));
        tested.extend(in_uploads(&mut people));
        tested.insert(described_to_each(&mut people));
        tested.extend(kept_in_order(&mut people));
        println!("checks: {}", all.len() + tested.len());
        assert_eq!(server.stop(), 0, "{}", site.name());
    }
    tested
}
