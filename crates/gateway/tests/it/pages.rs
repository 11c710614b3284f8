//! The pages for people: what they may load, and that they say so.

use crate::Site;

#[tokio::test]
async fn a_page_loads_nothing_from_elsewhere_and_runs_no_inline_script() {
    let site = Site::new();
    for uri in ["/", "/api/docs", "/setup?token=abc"] {
        let got = site.raw("GET", uri, &[], b"").await;
        let policy = got.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!((got.status, got.header("referrer-policy")), (200, "no-referrer"));
        let html = String::from_utf8(got.body.to_vec()).unwrap();
        for forbidden in ["http://", "https://", "style=", "onclick", "<style", "<script>"] {
            assert!(!html.contains(forbidden), "{uri} holds {forbidden}");
        }
        assert!(html.contains("<html lang=\"en\">") && html.contains("<title>"), "{uri}");
        assert!(!html.contains("abc"), "the page does not repeat the token");
        for part in html.split(['"', '\'']).filter(|part| part.starts_with("/assets/")) {
            let file = site.raw("GET", part, &[], b"").await;
            assert_eq!(file.status, 200, "{part}");
            let held = site.raw("GET", part, &[("if-none-match", file.header("etag"))], b"").await;
            assert_eq!((held.status, held.body.len()), (304, 0), "{part}");
        }
    }
}

#[tokio::test]
async fn probes_and_counters_answer() {
    let site = Site::new();
    site.customer("Alfreds").await;
    assert_eq!(site.raw("GET", "/healthz", &[], b"").await.json()["status"], "ok");
    assert_eq!(site.raw("GET", "/readyz", &[], b"").await.json()["status"], "ready");
    let metrics = site.raw("GET", "/metrics", &[], b"").await;
    let text = String::from_utf8(metrics.body.to_vec()).unwrap();
    let line =
        "megalith_http_requests_total{route=\"/api/v1/operations/customers\",status=\"2xx\"} 1";
    assert!(text.contains(line), "{text}");
    assert!(text.contains("le=\"+Inf\"} 1"), "{text}");
}
