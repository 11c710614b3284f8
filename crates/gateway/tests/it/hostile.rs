//! Input that means harm: whatever comes in, a problem goes out and nothing falls over.

use crate::Site;
use gateway::Config;

const CUSTOMERS: &str = "/api/v1/operations/customers";

/// Texts that a JSON reader must refuse (after the corpus of RFC 8259's parsing traps).
const NOT_JSON: [&[u8]; 40] = [
    b"",
    b" ",
    b"{",
    b"}",
    b"[",
    b"]",
    b"{]",
    b"[1",
    b"{\"a\"",
    b"{\"a\":",
    b"{\"a\":1",
    b"{\"a\":1,}",
    b"{,}",
    b"{\"a\" 1}",
    b"{a:1}",
    b"{'a':1}",
    b"{\"a\":01}",
    b"{\"a\":1.}",
    b"{\"a\":.1}",
    b"{\"a\":+1}",
    b"{\"a\":1e}",
    b"{\"a\":0x1}",
    b"{\"a\":NaN}",
    b"{\"a\":Infinity}",
    b"{\"a\":nul}",
    b"{\"a\":True}",
    b"{\"a\":\"\x01\"}",
    b"{\"a\":\"\\x\"}",
    b"{\"a\":\"\\u12\"}",
    b"{\"a\":\"\n\"}",
    b"{\"a\":1}x",
    b"{\"a\":1}{}",
    b"\xef\xbb\xbf{}",
    b"{\"a\":\"\xff\"}",
    b"{\"\xc3\":1}",
    b"{\"a\":\"\xed\xa0\x80\"}",
    b"// c\n{}",
    b"{/**/}",
    b"\x00",
    b"{\"a\":\"",
];

#[tokio::test]
async fn what_is_no_json_is_malformed_everywhere() {
    let site = Site::new();
    let token = format!("Bearer {}", crate::fake::TOKEN);
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    let id = site.customer("Alfreds").await;
    let one = format!("{CUSTOMERS}/{id}");
    let act = format!("{one}:archive");
    for text in NOT_JSON {
        for (method, uri) in [("POST", CUSTOMERS), ("PATCH", &one), ("POST", &act)] {
            if uri == act && text.is_empty() {
                continue;
            }
            let got = site.raw(method, uri, &headers, text).await;
            let what = format!("{method} {uri} {:?}", String::from_utf8_lossy(text));
            assert_eq!(got.check(&what).status, 400, "{what}: {}", got.json());
        }
    }
}

#[tokio::test]
async fn deep_and_large_bodies_are_refused_before_they_cost_anything() {
    let site = Site::with(Config { max_body_bytes: 4 << 20, ..Config::default() });
    let deep = format!("{{\"notes\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let long = format!("{{\"name\": \"{}\"}}", "a".repeat(2 << 20));
    let huge = format!("{{\"name\": \"{}\"}}", "a".repeat(5 << 20));
    let members: Vec<String> = (0..20_000).map(|at| format!("\"a{at}\": 1")).collect();
    let many = format!("{{{}}}", members.join(","));
    for (body, status) in [(deep, 400), (long, 413), (huge, 413), (many, 422)] {
        let got = site.ann("POST", CUSTOMERS, &[], &body).await;
        assert_eq!(got.check("large").status, status, "{} bytes", body.len());
    }
    let name = format!("{{\"name\": \"{}\"}}", "a".repeat(201));
    assert_eq!(site.ann("POST", CUSTOMERS, &[], &name).await.status, 422);
    let login = format!("{{\"email\": \"{}\"}}", "a".repeat(20_000));
    assert_eq!(site.ann("POST", "/api/v1/auth/login", &[], &login).await.status, 413);
}

#[tokio::test]
async fn hostile_filters_and_paths_are_client_errors() {
    let site = Site::new();
    let nested = format!("{}1{}", "(".repeat(2_000), ")".repeat(2_000));
    let long = "a".repeat(9_000);
    for filter in [
        "1",
        "'",
        "\"",
        "name ==",
        "name == 1",
        "nme == 'a'",
        "name == 'a' OR 1=1",
        "name; DROP TABLE customers",
        "name == 'a' --",
        "pin == '1'",
        "user.password == ''",
        "\u{0}",
        "name == '\u{0}'",
        "💥",
        "9999999999999999999999",
        &nested,
        &long,
        "name.matches('(a+)+$')",
        "__proto__ == 1",
    ] {
        let escaped: String = filter.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let got = site.ann("GET", &format!("{CUSTOMERS}?filter={escaped}"), &[], "").await;
        assert!([400, 200].contains(&got.check(filter).status), "{filter}: {}", got.json());
    }
    for path in [
        "/api/v1/operations/customers/..%2f..%2fetc%2fpasswd",
        "/api/v1/operations/customers/%00",
        "/api/v1/operations/customers/cus_%ff",
        "/api/v1/../../etc/passwd",
        "/assets/../Cargo.toml",
        "/assets/",
        "//",
        "/api/v1//customers",
        "/api/v1/operations/customers/cus_1:%00",
        "/api/v1/operations/customers/:archive",
        "/api/v1/operations/customers/cus_1:",
    ] {
        for method in ["GET", "POST", "PATCH", "DELETE"] {
            let got = site.ann(method, path, &[], "").await;
            assert!(
                [404, 405].contains(&got.check(path).status),
                "{method} {path}: {}",
                got.status
            );
        }
    }
}

#[tokio::test]
async fn long_heads_are_refused() {
    let site = Site::new();
    let uri = format!("{CUSTOMERS}?q={}", "a".repeat(40_000));
    assert_eq!(site.ann("GET", &uri, &[], "").await.check("uri").status, 414);
    let value = "a".repeat(40_000);
    let got = site.ann("GET", CUSTOMERS, &[("x-large", &value)], "").await;
    assert_eq!(got.check("headers").status, 431);
    let got = site
        .raw("GET", CUSTOMERS, &[("authorization", &format!("Bearer {}", "a".repeat(9_000)))], b"")
        .await;
    assert_eq!(got.check("token").status, 401);
}
