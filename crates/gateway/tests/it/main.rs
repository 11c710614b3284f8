//! The edge against an installation in memory: conventions as rows, hostile input, the description.

mod description;
mod fake;
mod hostile;
mod metadata;
mod pages;
mod records;
mod sign_in;
mod together;
mod wire;

use bytes::Bytes;
use fake::{Fake, TOKEN};
use gateway::{Config, Edge};
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// Where the requests of the tests come from.
pub(crate) const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 7));

/// What came back.
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Got {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The problem's code; empty if this is none.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap_or_default())
    }

    /// A problem says what it is in every way that it can.
    pub(crate) fn check(&self, what: &str) -> &Got {
        assert!(!self.header("x-request-id").is_empty(), "{what}: no request id");
        assert_eq!(self.header("x-content-type-options"), "nosniff", "{what}");
        if self.status >= 400 {
            assert_eq!(self.header("content-type"), "application/problem+json", "{what}");
            let problem = self.json();
            assert_eq!(problem["status"], self.status, "{what}: {problem}");
            assert_eq!(problem["request_id"], self.header("x-request-id"), "{what}");
            for member in ["type", "title", "detail", "code"] {
                assert!(
                    problem[member].as_str().is_some_and(|text| !text.is_empty()),
                    "{what}: {member}"
                );
            }
            assert!(problem["errors"].is_array(), "{what}");
        }
        self
    }
}

/// An edge and the services behind it.
pub(crate) struct Site {
    pub(crate) edge: Arc<Edge>,
    pub(crate) fake: Arc<Fake>,
}

impl Site {
    pub(crate) fn new() -> Site {
        Site::with(Config::default())
    }

    pub(crate) fn with(config: Config) -> Site {
        let fake = Fake::new();
        Site { edge: fake.edge(config), fake }
    }

    /// Sends a request as it is; HTTP/2, where no host header is needed.
    pub(crate) async fn raw(
        &self,
        method: &str,
        uri: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Got {
        let mut request = Request::builder().method(method).uri(uri).version(http::Version::HTTP_2);
        for (name, value) in headers {
            request =
                request.header(*name, http::HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let body = Full::new(Bytes::copy_from_slice(body));
        let response = self.edge.handle(request.body(body).unwrap(), CLIENT).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Got { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// Sends a request of Ann, with JSON if there is a body.
    pub(crate) async fn ann(
        &self,
        method: &str,
        uri: &str,
        more: &[(&str, &str)],
        body: &str,
    ) -> Got {
        let token = format!("Bearer {TOKEN}");
        let mut headers = vec![("authorization", token.as_str())];
        if !body.is_empty() && !more.iter().any(|(name, _)| *name == "content-type") {
            headers.push(("content-type", "application/json"));
        }
        headers.extend_from_slice(more);
        self.raw(method, uri, &headers, body.as_bytes()).await
    }

    /// A new customer's id.
    pub(crate) async fn customer(&self, name: &str) -> String {
        let body = serde_json::json!({"name": name}).to_string();
        let got = self.ann("POST", "/api/v1/operations/customers", &[], &body).await;
        assert_eq!(got.status, 201, "{}", got.json());
        got.json()["id"].as_str().unwrap().to_owned()
    }
}
