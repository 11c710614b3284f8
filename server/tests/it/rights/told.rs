//! What a running server tells of the fields and rights that who asks does not have.

use super::people::{People, get, post};
use crate::client::{Answer, Client, escaped};
use crate::site::Site;
use serde_json::{Value, json};

const EMPLOYEES: &str = "/api/v1/hr/employees";

/// Runs a test on a server of either database.
fn each(test: impl Fn(&mut People)) {
    for site in Site::each() {
        let server = site.serve();
        test(&mut People::of(&site, &server));
        assert_eq!(server.stop(), 0, "{}", site.name());
    }
}

/// The text of the refusal of a field that does not exist.
fn unknown(answer: &Answer) -> String {
    assert_eq!((answer.status, answer.code()), (400, "unknown_field"), "{answer:?}");
    answer.json["detail"].as_str().unwrap_or_default().to_owned()
}

fn hired(client: &mut Client) -> String {
    let answer = post(client, EMPLOYEES, &json!({"last_name": "Callahan"}));
    assert_eq!(answer.status, 201, "{answer:?}");
    format!("{EMPLOYEES}/{}", answer.id())
}

#[test]
fn a_hidden_field_is_as_unknown_as_one_that_does_not_exist() {
    each(|people| {
        const NOTHING: &str = "qqqqqqqqqq";
        let viewer = &mut people.viewer;
        for made in [false, true] {
            let mut places = vec![EMPLOYEES.to_owned()];
            if made {
                places.push(hired(&mut people.boss));
            }
            // Whether there is a record to show or not, hidden names are as unknown as others.
            for (at, parameter) in places.iter().flat_map(|at| [(at, "fields"), (at, "expand")]) {
                let mut told =
                    |name: &str| unknown(&get(viewer, &format!("{at}?{parameter}={name}")));
                let expected = told(NOTHING);
                for hidden in ["born_on", "home_phone", "address", "salutation"] {
                    assert_eq!(told(hidden).replace(hidden, NOTHING), expected, "{at} {parameter}");
                }
                // A hint leads to what can be seen and to nothing else.
                assert!(!told("home_phon").contains("did you mean"), "{parameter}");
                assert!(told("last_nam").contains("did you mean last_name?"), "{parameter}");
            }
            let mut told = |name: &str| {
                let body = json!({"format": "jsonl", "fields": [name]});
                unknown(&post(viewer, &format!("{EMPLOYEES}:export"), &body))
            };
            assert_eq!(told("born_on").replace("born_on", NOTHING), told(NOTHING));
            let mapped = |client: &mut Client, name: &str| {
                let map = format!(
                    "name = \"told\"\nexternal = \"told\"\n[[step]]\nfile = \"*\"\nentity = \
                     \"hr.employee\"\nkey = \"key\"\nfields.{name} = \"key\"\n"
                );
                let query = format!("format=jsonl&dry_run=true&map={}", escaped(&map));
                let path = format!("{EMPLOYEES}:import?{query}");
                let answer = client.send("POST", &path, &[], b"{\"key\":\"1\"}\n").unwrap();
                assert_eq!((answer.status, answer.code()), (400, "invalid_mapping"), "{answer:?}");
                answer.json["errors"].to_string()
            };
            assert!(!mapped(viewer, "home_phon").contains("did you mean"));
            assert!(mapped(viewer, "last_nam").contains("did you mean last_name?"));
            assert!(mapped(&mut people.boss, "home_phon").contains("did you mean home_phone?"));
            let all = get(&mut people.boss, &format!("{EMPLOYEES}?fields=born_on"));
            assert_eq!(all.status, 200, "{all:?}");
        }
    });
}

#[test]
fn explain_tells_hidden_fields_to_administrators_only() {
    each(|people| {
        let one = hired(&mut people.boss);
        let names = |answer: &Answer, list: &str| -> Vec<String> {
            let names = answer.json[list].as_array().into_iter().flatten();
            names.map(|name| name.as_str().unwrap_or_default().to_owned()).collect()
        };
        for at in [EMPLOYEES, &one] {
            let path = format!("{at}:explain?verb=read");
            let own = get(&mut people.viewer, &path);
            assert_eq!((own.status, &own.json["allowed"]), (200, &json!(true)), "{own:?}");
            assert_eq!(own.json["roles"], json!(["viewer"]));
            let text = own.json.to_string();
            for name in ["hidden", "born_on", "home_phone"] {
                assert!(!text.contains(&format!("\"{name}\"")), "{name} in {text}");
            }
            let of_viewer = get(&mut people.boss, &format!("{path}&role=viewer"));
            assert_eq!(of_viewer.status, 200, "{of_viewer:?}");
            assert_eq!(names(&of_viewer, "readable"), names(&own, "readable"));
            let hidden = names(&of_viewer, "hidden");
            assert!(hidden.contains(&"born_on".to_owned()), "{of_viewer:?}");
            assert!(!hidden.contains(&"last_name".to_owned()), "{of_viewer:?}");
            assert_eq!(get(&mut people.boss, &path).json["hidden"], json!([]));
            // What a role may do, its holders ask of themselves; others not at all.
            for role in ["viewer", "sales", "administrator"] {
                let refused = get(&mut people.viewer, &format!("{path}&role={role}"));
                assert_eq!((refused.status, refused.code()), (403, "forbidden"), "{refused:?}");
            }
        }
        let update = get(&mut people.viewer, &format!("{one}:explain?verb=update"));
        assert_eq!(update.json["allowed"], json!(false), "{update:?}");
        let guest = get(&mut people.guest, &format!("{one}:explain?verb=read"));
        assert_eq!(guest.status, 404, "{guest:?}");
    });
}

#[test]
fn who_made_a_record_is_named_to_those_who_see_the_record() {
    each(|people| {
        let (one, mine) = (hired(&mut people.boss), hired(&mut people.chief));
        let id_of = |client: &mut Client| get(client, "/api/v1/auth/me").json["user"]["id"].clone();
        let (boss, chief) = (id_of(&mut people.boss), id_of(&mut people.chief));
        let path = format!("{EMPLOYEES}?fields=id,created_by,updated_by&expand=created_by");
        let listed = get(&mut people.viewer, &path);
        assert_eq!(listed.status, 200, "{listed:?}");
        let items = listed.json["items"].as_array().unwrap();
        assert_eq!(items.len(), 2, "{listed:?}");
        let mut titles = Vec::new();
        for (path, user) in [(&one, &boss), (&mine, &chief)] {
            let item = items.iter().find(|item| path.ends_with(item["id"].as_str().unwrap()));
            let item = item.unwrap_or_else(|| panic!("{path}: {listed:?}"));
            assert_eq!(&item["created_by"]["id"], user);
            assert_eq!(&item["updated_by"], user, "only what was asked for is expanded");
            titles.push(item["created_by"]["title"].as_str().unwrap_or_default());
            let members: Vec<&String> = item["created_by"].as_object().unwrap().keys().collect();
            assert_eq!(members, ["id", "title"], "a name and nothing else of a user");
            // The same on the record itself.
            let alone = get(&mut people.viewer, &format!("{path}?expand=created_by"));
            assert_eq!(alone.json["created_by"], item["created_by"]);
        }
        assert!(titles.iter().all(|title| !title.is_empty()), "{listed:?}");
        assert_ne!(titles[0], titles[1]);
        // The users themselves stay with the installation, and the record with who may see it.
        for path in
            ["/api/v1/users/users", &format!("/api/v1/users/users/{}", boss.as_str().unwrap())]
        {
            let refused = get(&mut people.viewer, path).status;
            assert!([403, 404].contains(&refused), "{path}: {refused}");
        }
        assert_eq!(get(&mut people.guest, &path).status, 403);
        // A field that is hidden is not expanded.
        let grant = json!({"role": "guest", "subject": "hr.employee", "verb": "read",
            "effect": "allow", "hidden": "created_by"});
        let made = post(&mut people.boss, "/api/v1/users/grants", &grant);
        assert_eq!(made.status, 201, "{made:?}");
        // A grant is in force when it is sealed, which is soon after it was answered.
        let in_force = (0..5_000).any(|_| get(&mut people.guest, EMPLOYEES).status == 200);
        assert!(in_force, "the grant does not come into force");
        unknown(&get(&mut people.guest, &format!("{EMPLOYEES}?expand=created_by")));
        let whole = get(&mut people.guest, &one);
        assert_eq!((whole.status, &whole.json["created_by"]), (200, &Value::Null), "{whole:?}");
        let filter = escaped("created_by != null");
        let filtered = get(&mut people.guest, &format!("{EMPLOYEES}?filter={filter}"));
        assert_eq!(filtered.status, 400, "{filtered:?}");
    });
}
