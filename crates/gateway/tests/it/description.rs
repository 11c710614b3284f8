//! The description of the API is whole: every reference resolves, every link leads somewhere,
//! and it speaks of the paths that the edge serves.

use crate::Site;
use crate::fake::registry;
use serde_json::Value as Json;
use std::collections::HashSet;

fn document() -> Json {
    gateway::openapi(&registry(), "1.2.3")
}

fn walk<'a>(json: &'a Json, visit: &mut impl FnMut(&'a str, &'a Json)) {
    match json {
        Json::Object(members) => members.iter().for_each(|(name, value)| {
            visit(name, value);
            walk(value, visit);
        }),
        Json::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        _ => {}
    }
}

fn operations(document: &Json) -> Vec<(String, String, Json)> {
    let paths = document["paths"].as_object().unwrap();
    let of = |(path, item): (&String, &Json)| {
        let methods = item.as_object().unwrap().iter().filter(|(name, _)| *name != "parameters");
        methods.map(|(method, op)| (path.clone(), method.clone(), op.clone())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of).collect()
}

#[test]
fn every_reference_and_every_link_leads_somewhere() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let all = operations(&document);
    let ids: HashSet<&str> =
        all.iter().map(|(_, _, op)| op["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), all.len(), "operation ids are unique");
    let (mut references, mut links) = (0, 0);
    walk(&document, &mut |name, value| match (name, value.as_str()) {
        ("$ref", Some(to)) => {
            references += 1;
            let pointer = to.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{to} leads nowhere");
        }
        ("operationId", Some(id)) => {
            links += 1;
            assert!(ids.contains(id), "{id} is no operation");
        }
        _ => {}
    });
    assert!(references > 100 && links > all.len(), "{references} references, {links} ids");
}

#[test]
fn every_operation_says_how_it_fails() {
    let document = document();
    for (path, method, op) in operations(&document) {
        let responses = op["responses"].as_object().unwrap();
        let what = format!("{method} {path}");
        assert!(responses.keys().any(|status| status.starts_with('2')), "{what}");
        // Who reads a link has nothing to sign in with: an unknown one is 404.
        let is_open = op["security"].as_array().is_some_and(Vec::is_empty);
        for needed in ["400", "401", "500", "503"] {
            let is_needed = needed != "401" || !is_open;
            assert!(!is_needed || responses.contains_key(needed), "{what} lacks {needed}");
        }
        if op.get("requestBody").is_some() {
            for needed in ["413", "415", "422"] {
                assert!(responses.contains_key(needed), "{what} lacks {needed}");
            }
        }
        for text in ["summary", "description", "operationId"] {
            assert!(op[text].as_str().is_some_and(|text| !text.is_empty()), "{what} lacks {text}");
        }
        for name in path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()) {
            let item = &document["paths"][&path]["parameters"][0];
            assert_eq!(
                (item["name"].as_str(), &item["in"]),
                (Some(name), &Json::from("path")),
                "{what}"
            );
        }
    }
    let created =
        &document["paths"]["/api/v1/operations/customers"]["post"]["responses"]["201"]["links"];
    let names: Vec<&String> = created.as_object().unwrap().keys().collect();
    assert_eq!(names, ["archive", "delete", "get", "restore", "update"]);
    assert!(
        document["paths"].get("/api/v1/operations/entries/{id}").unwrap().get("patch").is_none()
    );
}

#[tokio::test]
async fn the_edge_knows_every_path_of_the_description() {
    let site = Site::new();
    let served = site.raw("GET", "/api/openapi.json", &[], b"").await;
    let document = served.json();
    assert_eq!(served.header("content-type"), "application/json");
    assert!(served.header("etag").starts_with('"'));
    for (path, method, _) in operations(&document) {
        let uri = path.replace("{id}", "cus_01h455vb4pex5vsknk084sn02q");
        let got = site.raw("OPTIONS", &uri, &[], b"").await;
        let allow = got.header("allow").to_lowercase();
        assert!(got.status == 204 && allow.contains(&method), "{method} {uri}: {allow}");
    }
}

#[test]
fn a_secret_is_written_and_never_read_and_a_required_field_is_required() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let read = &schemas["operations.customer"]["properties"];
    let create = &schemas["operations.customer.create"];
    assert!(read.get("pin").is_none() && create["properties"].get("pin").is_some());
    assert!(create["properties"].get("version").is_none(), "clients do not set versions");
    assert_eq!(create["required"], serde_json::json!(["name"]));
    assert!(schemas["operations.customer.patch"].get("required").is_none());
    assert_eq!(read["state"]["enum"], serde_json::json!(["active", "archived"]));
}
