//! Tokens, cookies, and what must not travel on an open line.

use crate::fake::TOKEN;
use crate::{Got, Site};
use gateway::Config;
use serde_json::json;

const CUSTOMERS: &str = "/api/v1/operations/customers";
const JSON: (&str, &str) = ("content-type", "application/json");
const HOST: (&str, &str) = ("host", "localhost:8080");
const OWN: (&str, &str) = ("origin", "http://localhost:8080");
const FOREIGN: (&str, &str) = ("origin", "https://evil.example");

#[tokio::test]
async fn without_a_valid_token_nothing_is_answered() {
    let site = Site::new();
    for (headers, challenge) in [
        (vec![], "Bearer"),
        (vec![("authorization", "Bearer mgt_nobody")], "Bearer error=\"invalid_token\""),
        (vec![("authorization", "Bearer ")], "Bearer error=\"invalid_token\""),
        (vec![("authorization", "Basic YTpi")], "Bearer error=\"invalid_token\""),
        (vec![("cookie", "megalith=mgt_nobody")], "Bearer error=\"invalid_token\""),
    ] {
        for uri in [
            CUSTOMERS,
            "/api/v1/operations/customers/cus_1",
            "/api/v1/search?q=a",
            "/api/v1/auth/me",
        ] {
            let got = site.raw("GET", uri, &headers, b"").await;
            assert_eq!(
                (got.check(uri).status, got.header("www-authenticate")),
                (401, challenge),
                "{uri} {headers:?}"
            );
        }
    }
    // What stands before the door is open: the description, the probes, the pages.
    for uri in
        ["/", "/api/docs", "/api/openapi.json", "/healthz", "/readyz", "/metrics", "/setup?token=x"]
    {
        assert_eq!(site.raw("GET", uri, &[], b"").await.status, 200, "{uri}");
    }
}

#[tokio::test]
async fn a_program_gets_tokens_and_a_browser_cookies() {
    let site = Site::new();
    let ann = br#"{"email": "ann@example.com", "password": "correct horse"}"#;
    let program = site.raw("POST", "/api/v1/auth/login", &[JSON], ann).await;
    assert_eq!((program.status, &program.json()["access_token"]), (200, &json!(TOKEN)));
    assert_eq!(program.header("set-cookie"), "");
    assert_eq!(program.header("cache-control"), "no-store");
    assert_eq!(*site.fake.address.lock().unwrap(), "127.0.0.7");

    let browser = br#"{"email": "ann@example.com", "password": "correct horse", "cookie": true}"#;
    let foreign = site.raw("POST", "/api/v1/auth/login", &[JSON, HOST, FOREIGN], browser).await;
    assert_eq!((foreign.status, foreign.code().as_str()), (403, "cross_site"));
    let own = site.raw("POST", "/api/v1/auth/login", &[JSON, HOST, OWN], browser).await;
    assert!(own.json().get("access_token").is_none(), "no script can read the token");
    let cookies: Vec<&str> =
        own.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    assert_eq!(
        cookies,
        [
            "megalith=mgt_ann; Path=/; HttpOnly; SameSite=Strict",
            "megalith-refresh=mgr_mgt_ann; Path=/; HttpOnly; SameSite=Strict",
            "megalith-signed=1; Path=/; SameSite=Strict",
        ]
    );
}

#[tokio::test]
async fn a_cookie_reads_freely_and_changes_from_our_own_pages_only() {
    let site = Site::new();
    let cookie = ("cookie", "other=1; megalith=mgt_ann");
    let body = br#"{"name": "Alfreds"}"#;
    for (method, origin, status) in [
        ("GET", None, 200),
        ("POST", None, 403),
        ("POST", Some(FOREIGN), 403),
        ("POST", Some(("origin", "null")), 403),
        ("POST", Some(OWN), 201),
        ("POST", Some(("sec-fetch-site", "same-origin")), 201),
        ("POST", Some(("sec-fetch-site", "cross-site")), 403),
    ] {
        let mut headers = vec![cookie, HOST, JSON];
        headers.extend(origin);
        let got = site.raw(method, CUSTOMERS, &headers, body).await;
        assert_eq!(got.check(method).status, status, "{method} {origin:?}");
    }
}

#[tokio::test]
async fn every_refusal_of_a_sign_in_has_its_status_and_code() {
    let site = Site::new();
    let (login, setup, refresh) =
        ("/api/v1/auth/login", "/api/v1/auth/setup", "/api/v1/auth/refresh");
    for (uri, body, status, code) in [
        (login, r#"{"email": "ann@example.com", "password": "wrong"}"#, 401, "wrong_credentials"),
        (login, r#"{"email": "often@example.com", "password": "x"}"#, 429, "too_many_attempts"),
        (login, r#"{"email": "ann@example.com"}"#, 422, "invalid"),
        (login, r#"{"email": 1, "password": "x"}"#, 422, "invalid"),
        (login, r#"{"email": "a", "password": "x", "admin": true}"#, 422, "invalid"),
        (login, r#"{"email": "a\u0000", "password": "x"}"#, 422, "invalid"),
        (login, "[]", 400, "malformed_json"),
        (login, "", 400, "malformed_json"),
        (login, "{", 400, "malformed_json"),
        (setup, r#"{"token": "x"}"#, 422, "invalid"),
        (
            setup,
            r#"{"token": "x", "name": "A", "email": "a@b.c", "password": "p", "org": {"name": "N"}}"#,
            401,
            "invalid_token",
        ),
        (refresh, "", 401, "unauthenticated"),
        (refresh, "{}", 401, "unauthenticated"),
        (refresh, r#"{"refresh_token": "mgr_x"}"#, 401, "invalid_token"),
    ] {
        let got = site.raw("POST", uri, &[JSON], body.as_bytes()).await;
        assert_eq!((got.check(uri).status, got.code().as_str()), (status, code), "{uri} {body}");
    }
    let often = site
        .raw("POST", login, &[JSON], br#"{"email": "often@example.com", "password": "x"}"#)
        .await;
    assert_eq!(often.header("retry-after"), "60");
    let needs = site
        .raw("POST", login, &[JSON], br#"{"email": "many@example.com", "password": "x"}"#)
        .await;
    assert_eq!((needs.status, &needs.json()["needs"]), (200, &json!("org")));
    let made = br#"{"token": "mgs_1", "name": "A", "email": "a@b.c", "password": "p", "org": {"name": "N"}}"#;
    assert_eq!(site.raw("POST", setup, &[JSON], made).await.status, 200);
}

#[tokio::test]
async fn secrets_travel_on_a_private_line_only() {
    let login = br#"{"email": "ann@example.com", "password": "correct horse"}"#;
    for (loopback, trust, proto, status, encrypted) in [
        (true, false, None, 200, false),
        (false, false, None, 403, false),
        (false, false, Some("https"), 403, false),
        (false, true, Some("https"), 200, true),
        (false, true, Some("http"), 403, false),
        (true, true, Some("http"), 403, false),
        (true, true, Some("https"), 200, true),
        (true, true, None, 200, false),
        (false, true, Some("https, http"), 403, false),
    ] {
        let site = Site::with(Config { loopback, trust_forwarded: trust, ..Config::default() });
        let mut headers = vec![JSON, ("x-forwarded-for", "10.0.0.1, 192.0.2.9")];
        headers.extend(proto.map(|proto| ("x-forwarded-proto", proto)));
        let got = site.raw("POST", "/api/v1/auth/login", &headers, login).await;
        let what = format!("loopback {loopback}, trusted {trust}, {proto:?}");
        assert_eq!(got.check(&what).status, status, "{what}");
        assert_eq!(!got.header("strict-transport-security").is_empty(), encrypted, "{what}");
        match status {
            403 => assert_eq!(got.code(), "insecure_transport", "{what}"),
            _ => {
                let expected = if trust { "192.0.2.9" } else { "127.0.0.7" };
                assert_eq!(*site.fake.address.lock().unwrap(), expected, "{what}");
            }
        }
    }
}

#[tokio::test]
async fn an_identity_is_remembered_until_its_session_ends() {
    let site = Site::new();
    for _ in 0..5 {
        assert_eq!(site.ann("GET", CUSTOMERS, &[], "").await.status, 200);
    }
    assert_eq!(site.fake.asked.load(std::sync::atomic::Ordering::Relaxed), 1);
    let me = site.ann("GET", "/api/v1/auth/me", &[], "").await.json();
    assert_eq!(
        (&me["user"]["email"], &me["org"]["slug"]),
        (&json!("ann@example.com"), &json!("northwind"))
    );
    assert_eq!(site.ann("POST", "/api/v1/auth/logout", &[], "").await.status, 204);
    assert_eq!(site.ann("GET", CUSTOMERS, &[], "").await.status, 401);
}

#[tokio::test]
async fn going_to_another_organisation_answers_new_tokens() {
    let site = Site::new();
    for (org, status) in [("northwind", 200), ("elsewhere", 403)] {
        let body = json!({"org": org}).to_string();
        assert_eq!(
            site.ann("POST", "/api/v1/auth/switch", &[], &body).await.status,
            status,
            "{org}"
        );
    }
    let body = r#"{"current": "a", "password": "b"}"#;
    assert_eq!(site.ann("POST", "/api/v1/auth/password", &[], body).await.status, 204);
}

#[tokio::test]
async fn a_browser_renews_and_ends_its_session_by_cookie() {
    let site = Site::new();
    let cookies = ("cookie", "megalith=mgt_ann; megalith-refresh=mgr_mgt_ann");
    let renewed = site.raw("POST", "/api/v1/auth/refresh", &[cookies, HOST, OWN], b"").await;
    assert_eq!((renewed.status, renewed.headers.get_all("set-cookie").iter().count()), (200, 3));
    let foreign = site.raw("POST", "/api/v1/auth/logout", &[cookies, HOST, FOREIGN], b"").await;
    assert_eq!(foreign.status, 403);
    let left = site.raw("POST", "/api/v1/auth/logout", &[cookies, HOST, OWN], b"").await;
    assert_eq!(left.status, 204);
    let ended = left.headers.get_all("set-cookie").iter();
    assert_eq!(ended.filter(|value| value.to_str().unwrap().contains("Max-Age=0")).count(), 3);
}

#[tokio::test]
async fn a_browser_whose_session_cannot_be_renewed_is_left_without_cookies() {
    let site = Site::new();
    let refresh = "/api/v1/auth/refresh";
    let (stale, left) = ("megalith-refresh=mgr_old; megalith-signed=1", "megalith-signed=1");
    let taken = |got: &Got| {
        let cookies = got.headers.get_all("set-cookie").iter();
        cookies.filter(|value| value.to_str().unwrap().contains("=; Path=/")).count()
    };
    for (cookies, origin, status, code, gone) in [
        (stale, OWN, 401, "invalid_token", 3),
        (left, OWN, 401, "unauthenticated", 3),
        (left, FOREIGN, 401, "unauthenticated", 0),
        (stale, FOREIGN, 403, "cross_site", 0),
    ] {
        let headers = [("cookie", cookies), HOST, origin];
        let got = site.raw("POST", refresh, &headers, b"").await;
        assert_eq!((got.check(cookies).status, got.code().as_str()), (status, code), "{cookies}");
        assert_eq!(taken(&got), gone, "{cookies} {origin:?}");
        assert!(status != 401 || !got.header("www-authenticate").is_empty());
    }
    // A token in the body is a program's: its failure takes no cookie of the browser away.
    let headers = [JSON, ("cookie", stale), HOST, OWN];
    let got = site.raw("POST", refresh, &headers, br#"{"refresh_token": "mgr_x"}"#).await;
    assert_eq!((got.status, taken(&got)), (401, 0));
}

#[tokio::test]
async fn a_key_for_a_program_is_shown_once_to_who_makes_it() {
    let site = Site::new();
    let uri = "/api/v1/auth/api-keys:issue";
    for (body, status) in [
        (r#"{"name": "import"}"#, 200),
        (r#"{"name": "import", "roles": ["clerk"], "expires_at": "2030-01-01T00:00:00Z"}"#, 200),
        (r#"{"name": "import", "user": "cus_01h455vb4pex5vsknk084sn02q"}"#, 422),
        (r#"{"name": "import", "expires_at": "tomorrow"}"#, 422),
        (r#"{"roles": []}"#, 422),
    ] {
        let got = site.ann("POST", uri, &[], body).await;
        assert_eq!(got.check(body).status, status, "{body}");
        assert_eq!(got.header("cache-control"), "no-store");
        assert!(status != 200 || got.json()["key"] == "mgk_import", "{body}");
    }
    let body = br#"{"name": "import"}"#;
    assert_eq!(site.raw("POST", uri, &[JSON], body).await.status, 401);
}
