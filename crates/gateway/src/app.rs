//! The web app as the binary holds it: hashed files, and the pages that load them.
//!
//! A path of the app is any that is not the API's or a probe's: the app reads it in the browser,
//! so that every view is a link. Styles that the app makes at run time carry a nonce that is new
//! with each page; scripts come from files of our own only.

use crate::headers;
use crate::reply::{self, Body};
use bytes::Bytes;
use http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, HeaderValue, VARY,
};
use http::request::Parts;
use http::{HeaderName, Response, StatusCode};
use kernel::ports::Chance;
use std::collections::HashMap;

/// Where a page has its nonce; the app's build writes it there.
const NONCE: &str = "{{nonce}}";

/// A file of the app, by its path from the root: `assets/main-3f2a.js`.
#[derive(Clone, Copy)]
pub struct File {
    /// Its path, without a slash in front.
    pub path: &'static str,
    /// As it is.
    pub plain: &'static [u8],
    /// Compressed with Brotli (RFC 7932), if that is shorter.
    pub brotli: Option<&'static [u8]>,
    /// Compressed with gzip (RFC 1952), if that is shorter.
    pub gzip: Option<&'static [u8]>,
}

/// The files of the app.
pub struct App {
    files: HashMap<&'static str, File>,
    pages: Vec<Page>,
}

/// A page, cut where its nonces stand, and the paths that it serves.
struct Page {
    under: &'static str,
    parts: Vec<&'static str>,
}

impl App {
    /// The app of these files; none if its first page is not among them.
    pub fn new(files: &[File]) -> Option<App> {
        let page = |path: &str, under: &'static str| {
            let file = files.iter().find(|file| file.path == path)?;
            let text = std::str::from_utf8(file.plain).ok()?;
            Some(Page { under, parts: text.split(NONCE).collect() })
        };
        let first = page("index.html", "/")?;
        let pages = page("admin/index.html", "/admin").into_iter().chain([first]).collect();
        let files = files.iter().filter(|file| !file.path.ends_with(".html"));
        Some(App { files: files.map(|file| (file.path, *file)).collect(), pages })
    }

    /// What the app has at a path, with the route that logs name; none where the path is not its.
    pub(crate) fn find(
        &self,
        parts: &Parts,
        chance: &dyn Chance,
    ) -> Option<(&'static str, Response<Body>)> {
        let path = parts.uri.path();
        if let Some(file) = self.files.get(path.trim_start_matches('/')) {
            return Some(("/assets/{name}", file_response(file, parts)));
        }
        if !is_page(path, parts) {
            return None;
        }
        let under = |page: &&Page| {
            let rest = path.strip_prefix(page.under);
            rest.is_some_and(|rest| page.under == "/" || rest.is_empty() || rest.starts_with('/'))
        };
        let page = self.pages.iter().find(under)?;
        Some(("/", page_response(page, chance)))
    }
}

/// Whether a browser asks for a page at a path that nothing else serves.
fn is_page(path: &str, parts: &Parts) -> bool {
    let others = ["/api/", "/assets/", "/healthz", "/readyz", "/metrics", "/favicon.ico"];
    let accepts = parts.headers.get_all(ACCEPT).iter().any(|value| {
        value.to_str().is_ok_and(|text| text.contains("text/html") || text.contains("*/*"))
    });
    let last = path.rsplit('/').next().unwrap_or_default();
    (accepts || !parts.headers.contains_key(ACCEPT))
        && !path.starts_with("//")
        && !last.contains('.')
        && !others.iter().any(|other| path.starts_with(other))
}

fn page_response(page: &Page, chance: &dyn Chance) -> Response<Body> {
    let mut bits = [0_u8; 16];
    chance.fill(&mut bits);
    let nonce = kernel::log::hex(&bits);
    let html = page.parts.join(&nonce);
    let mut response = reply::answer(StatusCode::OK, "text/html; charset=utf-8", html);
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; \
         img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; \
         manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        // A page holds its nonce: it must not be kept.
        (CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("referrer-policy"), "no-referrer"),
        (HeaderName::from_static("x-frame-options"), "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn file_response(file: &File, parts: &Parts) -> Response<Body> {
    let accepts = |coding: &str| headers::accepts(parts, coding);
    let (bytes, coding) = match (file.brotli, file.gzip) {
        (Some(bytes), _) if accepts("br") => (bytes, Some("br")),
        (_, Some(bytes)) if accepts("gzip") => (bytes, Some("gzip")),
        _ => (file.plain, None),
    };
    let mut response =
        reply::answer(StatusCode::OK, media_type(file.path), Bytes::from_static(bytes));
    let fields = response.headers_mut();
    if let Some(coding) = coding {
        fields.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    fields.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    // The name of an asset holds its hash; what has no hash must be asked for again.
    let cache = match file.path.starts_with("assets/") {
        true => "public, max-age=31536000, immutable",
        false => "no-cache",
    };
    fields.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;
    use http_body_util::BodyExt;

    struct Sevens;
    impl Chance for Sevens {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(0x77);
        }
    }

    fn app() -> App {
        let file = |path, plain, brotli, gzip| File { path, plain, brotli, gzip };
        App::new(&[
            file("index.html", b"<meta nonce=\"{{nonce}}\">main", None, None),
            file("admin/index.html", b"admin", None, None),
            file("assets/main-1.js", b"plain", Some(b"br"), Some(b"gz")),
            file("manifest.webmanifest", b"{}", None, None),
        ])
        .expect("a page")
    }

    async fn ask(
        path: &str,
        headers: &[(&'static str, &'static str)],
    ) -> Option<(String, http::response::Parts)> {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        let (_, response) = app().find(&parts, &Sevens)?;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        Some((String::from_utf8_lossy(&bytes).into_owned(), parts))
    }

    #[tokio::test]
    async fn every_path_that_is_nobody_elses_is_a_page_of_the_app() {
        let html = [("accept", "text/html,application/xhtml+xml")];
        for (path, headers, expected) in [
            ("/", &html[..], Some("main")),
            ("/operations/customers?filter=a", &html, Some("main")),
            ("/setup", &[], Some("main")),
            ("/admin", &html, Some("admin")),
            ("/admin/people", &html, Some("admin")),
            ("/administer", &html, Some("main")),
            ("/api/docs", &html, None),
            ("/api/v1/operations/customers", &html, None),
            ("/healthz", &html, None),
            ("/assets/gone.js", &html, None),
            ("/robots.txt", &html, None),
            ("//api/v1/operations/customers", &html, None),
            ("/operations/customers", &[("accept", "application/json")], None),
        ] {
            let found = ask(path, headers).await.map(|(body, _)| body);
            match (found, expected) {
                (Some(body), Some(end)) => assert!(body.ends_with(end), "{path}: {body}"),
                (found, expected) => assert_eq!(found.as_deref(), expected, "{path}"),
            }
        }
    }

    #[tokio::test]
    async fn a_page_allows_the_styles_that_carry_its_own_nonce_and_no_inline_script() {
        let (body, parts) = ask("/", &[]).await.expect("a page");
        let nonce = "77".repeat(16);
        assert!(body.contains(&format!("nonce=\"{nonce}\"")));
        let policy = parts.headers["content-security-policy"].to_str().expect("text");
        assert!(policy.contains(&format!("'nonce-{nonce}'")));
        assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"));
        assert_eq!(parts.headers["cache-control"], "no-store");
    }

    #[tokio::test]
    async fn a_file_goes_out_in_the_shortest_form_that_the_client_reads() {
        for (accepted, body, coding) in [
            ("gzip, deflate, br", "br", Some("br")),
            ("gzip", "gz", Some("gzip")),
            ("br;q=0, gzip;q=0.5", "gz", Some("gzip")),
            ("identity", "plain", None),
        ] {
            let (found, parts) =
                ask("/assets/main-1.js", &[("accept-encoding", accepted)]).await.expect("a file");
            assert_eq!(found, body, "{accepted}");
            let named = parts.headers.get("content-encoding").and_then(|v| v.to_str().ok());
            assert_eq!(named, coding, "{accepted}");
            assert_eq!(parts.headers["cache-control"], "public, max-age=31536000, immutable");
            assert_eq!(parts.headers["content-type"], "text/javascript; charset=utf-8");
        }
        let (_, parts) = ask("/manifest.webmanifest", &[]).await.expect("a file");
        assert_eq!(parts.headers["cache-control"], "no-cache");
    }

    #[test]
    fn without_a_first_page_there_is_no_app() {
        assert!(App::new(&[]).is_none());
    }
}
