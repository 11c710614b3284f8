//! Batches, exports, imports and explanations at the edge.

use crate::Site;
use serde_json::{Value, json};

const CUSTOMERS: &str = "/api/v1/operations/customers";

#[tokio::test]
async fn a_batch_answers_each_command_or_refuses_all() {
    let site = Site::new();
    let old = site.customer("Old").await;
    let gone = site.customer("Gone").await;
    let body = json!({"commands": [
        {"create": {"name": "New"}},
        {"update": {"id": old, "name": "Renamed"}},
        {"delete": {"id": gone}},
        {"create": {"credit": 5}},
        {"create": {"name": "Bad", "credit": "many"}},
    ]});
    let batch = format!("{CUSTOMERS}:batch");
    let got = site.ann("POST", &batch, &[], &body.to_string()).await;
    assert_eq!(got.status, 200, "{}", got.json());
    let json = got.json();
    let results = json["results"].as_array().unwrap();
    let statuses: Vec<u64> = results.iter().map(|r| r["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [201, 200, 204, 422, 422]);
    assert_eq!(results[1]["record"]["name"], "Renamed");
    assert_eq!(results[3]["problem"]["errors"][0]["pointer"], "/name");
    assert!(json["change_set"].as_str().unwrap().starts_with("cs_"));

    let id = &results[0]["record"]["id"];
    let act = json!({"atomic": true, "commands": [{"act": {"id": id, "act": "archive"}}]});
    let got = site.ann("POST", &batch, &[], &act.to_string()).await;
    assert_eq!(got.json()["results"][0]["record"]["state"], "archived");
    let body = json!({"atomic": true, "commands": [{"create": {"name": "X"}}, {"create": {}}]});
    assert_eq!(site.ann("POST", &batch, &[], &body.to_string()).await.status, 422);
    let count = site.ann("GET", &format!("{CUSTOMERS}?count=true"), &[], "").await;
    assert_eq!(count.json()["total_size"], 2);
}

#[tokio::test]
async fn what_is_no_batch_is_refused_as_a_whole() {
    let site = Site::new();
    let id = site.customer("One").await;
    for (body, status, code) in [
        (json!([]), 400, "malformed_batch"),
        (json!({"commands": []}), 400, "batch_size"),
        (json!({"commands": [{"creat": {}}]}), 400, "required"),
        (json!({"commands": [{"creat": {"id": id}}]}), 400, "malformed_command"),
        (json!({"commands": [{"create": {}, "delete": {}}]}), 400, "malformed_command"),
        (json!({"commands": [{"create": 1}]}), 400, "malformed_command"),
        (json!({"commands": [{"update": {"name": "x"}}]}), 400, "required"),
        (json!({"commands": [{"act": {"id": id}}]}), 400, "required"),
        (json!({"commands": [{"update": {"id": "usr_1"}}]}), 404, "not_found"),
        (json!({"commands": [{"create": {}}], "atomc": true}), 400, "malformed_batch"),
    ] {
        let got = site.ann("POST", &format!("{CUSTOMERS}:batch"), &[], &body.to_string()).await;
        assert_eq!((got.status, got.code().as_str()), (status, code), "{body}");
    }
}

#[tokio::test]
async fn an_export_is_a_file_of_what_was_asked_for() {
    let site = Site::new();
    site.customer("North, West").await;
    site.customer("=1+1").await;
    let export = format!("{CUSTOMERS}:export");
    let got = site.ann("POST", &export, &[], r#"{"fields": ["name"]}"#).await;
    assert_eq!((got.status, got.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert_eq!(got.header("content-disposition"), "attachment; filename=\"customers.csv\"");
    let text = String::from_utf8(got.body.to_vec()).unwrap();
    assert!(text.contains("\"North, West\""), "{text}");
    assert!(!text.contains("\n=1+1"), "a formula is neutralised: {text}");
    let got = site.ann("POST", &export, &[], r#"{"format": "jsonl", "fields": ["name"]}"#).await;
    let text = String::from_utf8(got.body.to_vec()).unwrap();
    let names: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(names, [json!({"name": "North, West"}), json!({"name": "=1+1"})]);
    let got = site.ann("POST", &export, &[], r#"{"format": "xlsx"}"#).await;
    assert_eq!((got.status, &got.body[..2]), (200, &b"PK"[..]));
    for (body, status) in [
        (r#"{"format": "pdf"}"#, 400),
        (r#"{"fields": ["nmae"]}"#, 400),
        (r#"{"filter": "nmae == 1"}"#, 400),
        (r#"{"filtre": ""}"#, 400),
    ] {
        let got = site.ann("POST", &export, &[], body).await;
        assert_eq!(got.status, status, "{body}: {}", got.json());
    }
}

#[tokio::test]
async fn what_is_no_import_is_refused_before_anything_is_noted() {
    let site = Site::new();
    let import = format!("{CUSTOMERS}:import");
    let upload = "/api/v1/platform/imports:upload";
    let csv = [("content-type", "text/csv")];
    let rows = "CustomerID,CompanyName\n1,North\n2,South\n3,\n";
    for (uri, headers, body, status, code) in [
        (format!("{import}?map=nortwind"), csv, rows, 400, "invalid_mapping"),
        (format!("{import}?format=pdf"), csv, rows, 400, "unknown_format"),
        (format!("{import}?format=xlsx"), csv, rows, 400, "unreadable_file"),
        (
            import.clone(),
            [("content-type", "application/json")],
            rows,
            415,
            "unsupported_media_type",
        ),
        (import.clone(), csv, "", 400, "empty_file"),
        (import.clone(), csv, "%PDF-1.7", 415, "no_table"),
        ("/api/v1/users/users:import".to_owned(), csv, rows, 409, "no_import"),
        (upload.to_owned(), csv, rows, 404, "not_found"),
    ] {
        let got = site.ann("POST", &uri, &headers, body).await;
        assert_eq!((got.status, got.code().as_str()), (status, code), "{uri}: {}", got.json());
    }
}

#[tokio::test]
async fn a_record_tells_what_happened_to_it() {
    let site = Site::new();
    let id = site.customer("One").await;
    let history = format!("{CUSTOMERS}/{id}:history");
    let got = site.ann("GET", &format!("{history}?page_size=2"), &[], "").await;
    let platform = json!({"event": "00000000-0000-0000-0000-000000000007", "position": 12,
        "at": "1970-01-01T00:00:01.000000Z",
        "actor": {"id": null, "kind": "service", "title": "operations"},
        "verb": "update", "through": "undo", "reason": "a \"mistake\"", "request_id": "req_1",
        "change_set": "cs_00000000000000000000000008", "version": 3, "lines": [],
        "changes": [{"field": "name", "before": null, "after": "New", "erased": true},
            {"field": "state", "after": "archived", "erased": false}]});
    let json = got.json();
    assert_eq!((got.status, &json["items"][0]), (200, &platform), "{json}");
    let ann = &json["items"][1];
    assert_eq!((&ann["actor"]["kind"], &ann["actor"]["title"]), (&json!("user"), &json!("Ann")));
    assert!(ann["actor"]["id"].as_str().unwrap().starts_with("usr_"), "{ann}");
    assert_eq!((&ann["reason"], &ann["change_set"]), (&Value::Null, &Value::Null));
    assert_eq!(json["next_page_token"], "00");
    let absent = format!("{CUSTOMERS}/cus_01h455vb4pex5vsknk084sn02q:history");
    for (uri, status) in [
        (format!("{history}?page_size=0"), 400),
        (format!("{history}?filter=x"), 400),
        (absent, 404),
    ] {
        assert_eq!(site.ann("GET", &uri, &[], "").await.status, status, "{uri}");
    }
    assert_eq!(site.ann("POST", &history, &[], "").await.status, 405);
}

#[tokio::test]
async fn a_right_explains_itself() {
    let site = Site::new();
    let got = site.ann("GET", &format!("{CUSTOMERS}:explain?verb=create"), &[], "").await;
    let json = got.json();
    assert_eq!((got.status, &json["allowed"], &json["by"]), (200, &json!(true), &json!("default")));
    assert_eq!(json["right"], "operations.customer:create");
    assert_eq!(site.ann("GET", &format!("{CUSTOMERS}:explain"), &[], "").await.status, 400);
    let absent = "cus_01h455vb4pex5vsknk084sn02q:explain?verb=read";
    assert_eq!(site.ann("GET", &format!("{CUSTOMERS}/{absent}"), &[], "").await.status, 404);
    assert_eq!(site.ann("POST", &format!("{CUSTOMERS}:explain"), &[], "").await.status, 405);
}
