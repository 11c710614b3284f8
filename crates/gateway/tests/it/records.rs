//! The conventions of REST, row by row.

use crate::Site;
use crate::fake::CLERK;
use serde_json::{Value, json};

const CUSTOMERS: &str = "/api/v1/operations/customers";

#[tokio::test]
async fn a_dry_run_says_what_would_be() {
    let site = Site::new();
    let id = site.customer("Ann").await;
    let (all, one) = ("/api/v1/operations/customers", format!("/api/v1/operations/customers/{id}"));
    let body = |name: &str| json!({"name": name}).to_string();
    let dry = |path: &str| format!("{path}?dry_run=true");
    let key = [("idempotency-key", "k")];
    let made = site.ann("POST", &dry(all), &key, &body("New")).await;
    assert_eq!((made.status, &made.json()["name"]), (200, &json!("New")));
    assert_eq!((made.header("location"), made.header("etag")), ("", ""));
    let changed = site.ann("PATCH", &dry(&one), &[], &body("Other")).await;
    assert_eq!((changed.status, &changed.json()["name"]), (200, &json!("Other")));
    let moved = site.ann("POST", &dry(&format!("{one}:archive")), &[], "").await;
    assert_eq!((moved.status, &moved.json()["state"]), (200, &json!("archived")));
    let gone = site.ann("DELETE", &dry(&one), &[], "").await;
    let would = json!({"would": "delete", "consequences": [{"entity": "operations.contact",
        "change": "delete", "count": 2, "message": "2 of operations.contact are deleted with it"}]});
    assert_eq!((gone.status, gone.json()), (200, would));
    let refused = site.ann("POST", &dry(all), &[], "{}").await;
    let json = refused.json();
    assert_eq!((refused.status, &json["errors"][0]["pointer"]), (422, &json!("/name")));
    assert!(json["draft"].is_object() && json["request_id"].is_string(), "{json}");
    let real = site.ann("POST", all, &[], "{}").await;
    assert_eq!((real.status, real.json().get("draft")), (422, None));
    assert_eq!(site.ann("POST", &format!("{all}?dry_run=1"), &[], "{}").await.status, 400);
    let batch = json!({"commands": [{"update": {"id": id, "name": "Third"}}, {"create": {}}]});
    let batch = site.ann("POST", &dry(&format!("{all}:batch")), &[], &batch.to_string()).await;
    assert_eq!((batch.status, &batch.json()["change_set"]), (200, &Value::Null));
    let still = site.ann("GET", &format!("{all}?count=true"), &[], "").await.json();
    assert_eq!((&still["total_size"], &still["items"][0]["name"]), (&json!(1), &json!("Ann")));
}

#[tokio::test]
async fn a_record_lives_through_create_read_change_act_and_delete() {
    let site = Site::new();
    let made = site.ann("POST", CUSTOMERS, &[], r#"{"name": "Alfreds", "credit": 5}"#).await;
    made.check("create");
    assert_eq!((made.status, made.header("etag")), (201, "\"1\""));
    let at = made.header("location").to_owned();
    assert_eq!(at, format!("{CUSTOMERS}/{}", made.json()["id"].as_str().unwrap()));
    assert_eq!(made.json()["state"], "active");
    assert!(made.json().get("pin").is_none(), "a secret is never shown");

    let read = site.ann("GET", &at, &[], "").await;
    assert_eq!((read.status, read.header("etag")), (200, "\"1\""));
    assert_eq!(read.json(), made.json());
    assert_eq!(read.header("cache-control"), "private, no-cache");
    let held = site.ann("GET", &at, &[("if-none-match", "\"1\"")], "").await;
    assert_eq!((held.status, held.header("etag"), held.body.len()), (304, "\"1\"", 0));

    let patch = [("if-match", "\"1\""), ("content-type", "application/merge-patch+json")];
    let changed = site.ann("PATCH", &at, &patch, r#"{"credit": null, "version": 1}"#).await;
    assert_eq!((changed.status, changed.header("etag")), (200, "\"2\""), "{}", changed.json());
    assert_eq!(changed.json()["credit"], json!(null));
    let late = site.ann("PATCH", &at, &patch, r#"{"credit": 1}"#).await;
    assert_eq!((late.status, late.code().as_str()), (412, "version_mismatch"));
    let merged = site.ann("PATCH", &format!("{at}?base_version=1"), &[], r#"{"credit": 2}"#).await;
    assert_eq!((merged.status, merged.header("etag")), (200, "\"3\""));

    let archived = site.ann("POST", &format!("{at}:archive"), &[], "").await;
    assert_eq!((archived.status, &archived.json()["state"]), (200, &json!("archived")));
    let again = site.ann("POST", &format!("{at}:archive"), &[], "{}").await;
    assert_eq!((again.status, again.code().as_str()), (409, "wrong_state"));

    let gone = site.ann("DELETE", &at, &[], "").await;
    assert_eq!((gone.status, gone.body.len()), (204, 0));
    assert_eq!(site.ann("GET", &at, &[], "").await.status, 404);
}

#[tokio::test]
async fn every_refusal_has_its_status_and_code() {
    let site = Site::new();
    let id = site.customer("Alfreds").await;
    let one = format!("{CUSTOMERS}/{id}");
    let other = id.replace("cus_", "usr_");
    let missing = "cus_01h455vb4pex5vsknk084sn02q";
    let wrong = format!("{CUSTOMERS}/{other}");
    let absent = format!("{CUSTOMERS}/{missing}");
    let act = format!("{one}:archve");
    let reserved = format!("{one}:delete");
    let two = format!("{one}?base_version=1");
    let base = format!("{one}?base_version=0");
    let fields = format!("{one}?fields=nmae");
    let expand = format!("{one}?expand=name");
    let known = format!("{one}?known_at=yesterday");
    let entry = site.ann("POST", "/api/v1/operations/entries", &[], r#"{"text": "x"}"#).await;
    let entry = entry.header("location").to_owned();
    let ok = r#"{"name": "A"}"#;
    type Row<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a str, u16, &'a str);
    let rows: &[Row<'_>] = &[
        ("GET", &wrong, &[], "", 404, "not_found"),
        ("GET", &absent, &[], "", 404, "not_found"),
        ("GET", "/api/v1/operations/customers/1", &[], "", 404, "not_found"),
        ("PATCH", &absent, &[], ok, 404, "not_found"),
        ("DELETE", &absent, &[], "", 404, "not_found"),
        ("GET", "/api/v1/operations/custmers", &[], "", 404, "not_found"),
        ("GET", "/api/v2/operations/customers", &[], "", 404, "not_found"),
        ("GET", "/nowhere", &[], "", 404, "not_found"),
        ("POST", &act, &[], "", 404, "not_found"),
        ("POST", &reserved, &[], "", 404, "not_found"),
        ("PUT", &one, &[], ok, 405, "method_not_allowed"),
        ("POST", &one, &[], ok, 405, "method_not_allowed"),
        ("DELETE", CUSTOMERS, &[], "", 405, "method_not_allowed"),
        ("TRACE", CUSTOMERS, &[], "", 405, "method_not_allowed"),
        ("BREW", CUSTOMERS, &[], "", 405, "method_not_allowed"),
        ("PATCH", &entry, &[], "{}", 405, "method_not_allowed"),
        ("DELETE", &entry, &[], "", 405, "method_not_allowed"),
        ("POST", "/healthz", &[], "", 405, "method_not_allowed"),
        ("GET", "/api/v1/operations/customers?filtre=1", &[], "", 400, "unknown_parameter"),
        ("GET", "/api/v1/operations/customers?count=1", &[], "", 400, "not_a_flag"),
        ("GET", "/api/v1/operations/customers?page_size=0", &[], "", 400, "out_of_range"),
        ("GET", "/api/v1/operations/customers?page_size=1001", &[], "", 400, "out_of_range"),
        ("GET", "/api/v1/operations/customers?page_token=zz", &[], "", 400, "invalid_page_token"),
        ("GET", "/api/v1/operations/customers?filter=(", &[], "", 400, "invalid_filter"),
        ("GET", "/api/v1/operations/customers?q=%ff", &[], "", 400, "not_utf8"),
        (
            "GET",
            "/api/v1/operations/customers?known_at=2026-01-01T00:00:00Z",
            &[],
            "",
            400,
            "no_history",
        ),
        ("GET", "/api/v1/operations/customers?as_of=2026-01-01", &[], "", 400, "no_history"),
        ("GET", "/api/v1/operations/customers?fields=", &[], "", 400, "unknown_field"),
        ("GET", &fields, &[], "", 400, "unknown_field"),
        ("GET", &expand, &[], "", 400, "not_expandable"),
        ("GET", &known, &[], "", 400, "invalid_instant"),
        ("GET", "/api/v1/search", &[], "", 400, "required"),
        ("GET", "/api/v1/operations/customers:aggregate", &[], "", 400, "required"),
        (
            "GET",
            "/api/v1/operations/customers:aggregate?selct=1",
            &[],
            "",
            400,
            "unknown_parameter",
        ),
        ("POST", "/api/v1/operations/customers:aggregate", &[], "", 405, "method_not_allowed"),
        ("POST", "/api/v1/operations/customers:explode", &[], "", 404, "not_found"),
        ("GET", "/api/v1/search?q=a&limit=101", &[], "", 400, "out_of_range"),
        ("PATCH", &base, &[], ok, 400, "out_of_range"),
        ("PATCH", &two, &[("if-match", "\"1\"")], ok, 400, "two_versions"),
        ("PATCH", &one, &[("if-match", "1")], ok, 400, "invalid_if_match"),
        ("PATCH", &one, &[("if-match", "W/\"1\"")], ok, 412, "version_mismatch"),
        ("PATCH", &one, &[("if-match", "\"9\"")], ok, 412, "version_mismatch"),
        ("DELETE", &one, &[("if-match", "\"9\"")], "", 412, "version_mismatch"),
        ("POST", CUSTOMERS, &[("idempotency-key", "ä")], ok, 400, "invalid_idempotency_key"),
        ("POST", CUSTOMERS, &[("content-type", "text/plain")], ok, 415, "unsupported_media_type"),
        (
            "POST",
            CUSTOMERS,
            &[("content-type", "application/merge-patch+json")],
            ok,
            415,
            "unsupported_media_type",
        ),
        (
            "PATCH",
            &one,
            &[("content-type", "application/json-patch+json")],
            "[]",
            415,
            "unsupported_media_type",
        ),
        ("POST", CUSTOMERS, &[], "{", 400, "malformed_json"),
        ("POST", CUSTOMERS, &[], "[]", 400, "not_an_object"),
        ("POST", CUSTOMERS, &[], r#"{"name": "a", "name": "b"}"#, 400, "duplicate_key"),
        ("POST", CUSTOMERS, &[], "{}", 422, "invalid"),
        ("POST", CUSTOMERS, &[], r#"{"name": "A", "nmae": 1}"#, 422, "invalid"),
        ("POST", CUSTOMERS, &[], r#"{"name": "A", "credit": -1}"#, 422, "invalid"),
        ("PATCH", &one, &[], r#"{"version": 9}"#, 422, "invalid"),
        ("POST", CUSTOMERS, &[], r#"{"name": "unavailable"}"#, 503, "database_unavailable"),
        ("POST", CUSTOMERS, &[], r#"{"name": "full"}"#, 507, "storage_full"),
        ("POST", CUSTOMERS, &[], r#"{"name": "internal"}"#, 500, "internal"),
        ("POST", CUSTOMERS, &[], r#"{"name": "panic"}"#, 500, "internal"),
    ];
    for (method, uri, headers, body, status, code) in rows {
        let got = site.ann(method, uri, headers, body).await;
        let what = format!("{method} {uri} {headers:?} {body}");
        got.check(&what);
        assert_eq!((got.status, got.code().as_str()), (*status, *code), "{what}: {}", got.json());
        let text = String::from_utf8_lossy(&got.body);
        assert!(!text.contains("a secret detail"), "{what}: {text}");
        match status {
            405 => assert!(got.header("allow").contains("OPTIONS"), "{what}"),
            503 => assert_eq!(got.header("retry-after"), "7", "{what}"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn what_is_nearly_right_is_told_what_would_be() {
    let site = Site::new();
    let id = site.customer("Alfreds").await;
    for (method, uri, hint) in [
        (
            "GET",
            "/api/v1/operations/custmers".to_owned(),
            "did you mean /api/v1/operations/customers?",
        ),
        ("GET", format!("{CUSTOMERS}?filtr=1"), "did you mean 'filter'?"),
        ("GET", format!("{CUSTOMERS}/{id}?fields=nme"), "did you mean name?"),
        ("POST", format!("{CUSTOMERS}/{id}:archiv"), "Did you mean archive?"),
        ("PUT", format!("{CUSTOMERS}/{id}"), "Use PATCH"),
    ] {
        let got = site.ann(method, &uri, &[], "").await;
        let detail = got.json()["detail"].as_str().unwrap_or_default().to_owned();
        assert!(detail.contains(hint), "{uri}: {detail}");
    }
}

#[tokio::test]
async fn a_repeated_key_answers_what_the_first_request_did() {
    let site = Site::new();
    let key = [("idempotency-key", "order-7")];
    let body = r#"{"name": "Alfreds"}"#;
    let first = site.ann("POST", CUSTOMERS, &key, body).await;
    let second = site.ann("POST", CUSTOMERS, &key, body).await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, ""));
    assert_eq!((second.status, second.header("idempotency-replayed")), (201, "true"));
    assert_eq!(first.json(), second.json());
    for (method, uri, body) in
        [("POST", CUSTOMERS, r#"{"name": "Other"}"#), ("POST", "/api/v1/operations/entries", body)]
    {
        let other = site.ann(method, uri, &key, body).await;
        assert_eq!((other.status, other.code().as_str()), (422, "idempotency_key_reused"));
    }
}

#[tokio::test]
async fn a_list_shows_what_was_asked_for() {
    let site = Site::new();
    let first = site.customer("Alfreds").await;
    let body = format!(r#"{{"name": "Berlin branch", "parent": "{first}"}}"#);
    let second = site.ann("POST", CUSTOMERS, &[], &body).await.json();
    let second = second["id"].as_str().unwrap();
    let list = |query: &'static str| {
        let site = &site;
        async move { site.ann("GET", &format!("{CUSTOMERS}{query}"), &[], "").await.json() }
    };
    let all = list("?count=true").await;
    assert_eq!((all["items"].as_array().unwrap().len(), &all["total_size"]), (2, &json!(2)));
    assert_eq!(all["next_page_token"], "");
    let page = list("?page_size=1").await;
    assert_eq!(
        (page["items"].as_array().unwrap().len(), &page["next_page_token"]),
        (1, &json!("00"))
    );
    assert!(page.get("total_size").is_none());
    let some = list("?fields=name").await;
    assert_eq!(some["items"][0], json!({"id": first, "name": "Alfreds"}));
    let expanded = list("?expand=parent&fields=parent").await;
    let parent = json!({"id": first, "title": "Alfreds"});
    assert_eq!(expanded["items"][1], json!({"id": second, "parent": parent}));
    assert_eq!(expanded["items"][0]["parent"], json!(null));
    let groups = site.ann("GET", &format!("{CUSTOMERS}:aggregate?select=count()"), &[], "").await;
    assert_eq!(groups.json(), json!({"items": [{"count()": 2}], "cut": false}));
    let found = site.ann("GET", "/api/v1/search?q=Berlin", &[], "").await.json();
    assert_eq!(found["items"][0]["href"], format!("{CUSTOMERS}/{second}"));
    assert_eq!(found["items"][0]["title"], "Berlin branch");
    assert_eq!(found["incomplete"], json!([]));
}

#[tokio::test]
async fn what_the_system_holds_is_there_for_its_administrators_only() {
    let site = Site::new();
    let users = "/api/v1/users/users";
    let body = r#"{"email": "new@example.com"}"#;
    let made = site.ann("POST", users, &[], body).await;
    assert_eq!(made.status, 201, "{}", made.json());
    let clerk = format!("Bearer {CLERK}");
    let headers = [("authorization", clerk.as_str()), ("content-type", "application/json")];
    for (method, uri, status) in
        [("GET", users, 403), ("POST", users, 403), ("GET", made.header("location"), 404)]
    {
        let got = site.raw(method, uri, &headers, body.as_bytes()).await;
        assert_eq!(got.check(uri).status, status, "{method} {uri}");
    }
}

#[tokio::test]
async fn options_and_head_answer_without_a_body() {
    let site = Site::new();
    let id = site.customer("Alfreds").await;
    let one = format!("{CUSTOMERS}/{id}");
    let options = site.raw("OPTIONS", &one, &[], b"").await;
    assert_eq!(
        (options.status, options.header("allow")),
        (204, "GET, HEAD, PATCH, DELETE, OPTIONS")
    );
    let get = site.ann("GET", &one, &[], "").await;
    let head = site.ann("HEAD", &one, &[], "").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), get.body.len().to_string());
    assert_eq!(head.header("etag"), get.header("etag"));
}

#[tokio::test]
async fn a_request_keeps_the_id_that_its_client_gave_it() {
    let site = Site::new();
    let named = site.ann("GET", CUSTOMERS, &[("x-request-id", "order-7/1")], "").await;
    assert_eq!(named.header("x-request-id"), "order-7/1");
    let unusable = site.ann("GET", CUSTOMERS, &[("x-request-id", "a \"b\"")], "").await;
    assert!(unusable.header("x-request-id").starts_with("req_"));
    let wrong = site.ann("GET", "/nowhere", &[("x-request-id", "mine")], "").await;
    assert_eq!(wrong.json()["request_id"], "mine");
}
