//! A client of the public HTTP interface: one request on one connection.

use crate::outcome::Failure;
use http::{Method, Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

/// The variable that holds the access token or API key.
pub const TOKEN: &str = "MEGALITH_TOKEN";
/// The variable that names a file of trusted certificates instead of the system's.
const CERTIFICATES: &str = "SSL_CERT_FILE";
/// Where systems keep the certificates they trust.
const SYSTEM_ROOTS: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// A server elsewhere, and who asks it.
pub struct Remote {
    address: String,
    host: String,
    port: u16,
    is_tls: bool,
    token: Zeroizing<String>,
}

impl Remote {
    /// The server at `address`, asked with the token of the environment.
    ///
    /// # Errors
    /// Wrong usage for what is no address, for a token that would travel in the clear, and when
    /// there is no token.
    pub fn new(address: &str) -> Result<Remote, Failure> {
        let wrong = |why: &str| Failure::Usage(format!("--server {address}: {why}"));
        let uri: Uri = address.parse().map_err(|_| wrong("this is no address"))?;
        let is_tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(wrong("an address begins with https:// or http://")),
        };
        let host = uri.host().ok_or_else(|| wrong("the address names no host"))?;
        let host = host.trim_matches(['[', ']']).to_owned();
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(wrong("the address ends with the host or port"));
        }
        let is_here = host == "localhost"
            || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        if !is_tls && !is_here {
            return Err(wrong("the token would travel in the clear: use https://"));
        }
        let token = std::env::var(TOKEN).ok().filter(|token| !token.is_empty());
        let token = token.map(Zeroizing::new).ok_or_else(|| {
            wrong("set MEGALITH_TOKEN to an API key or an access token of the organisation")
        })?;
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        Ok(Remote { address: address.trim_end_matches('/').to_owned(), host, port, is_tls, token })
    }

    /// Sends JSON, or nothing, and reads JSON.
    ///
    /// # Errors
    /// When the server cannot be reached or answers with a problem.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Failure> {
        let body = body.map(|body| ("application/json", body.to_string().into_bytes()));
        let answer = self.send(method, path, body).await?;
        let bytes = answer.into_body().collect().await.map_err(|why| self.lost(why))?.to_bytes();
        serde_json::from_slice(&bytes).map_err(|why| self.lost(why))
    }

    /// Sends a body of some type; the answer is read as it comes.
    ///
    /// # Errors
    /// When the server cannot be reached or answers with a problem.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<(&str, Vec<u8>)>,
    ) -> Result<Response<Incoming>, Failure> {
        let host = match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        };
        let (kind, bytes) = body.unwrap_or_default();
        let mut request = Request::builder().method(method).uri(path).header("host", host);
        if !kind.is_empty() {
            request = request.header("content-type", kind);
        }
        let token = Zeroizing::new(format!("Bearer {}", *self.token));
        let request = request
            .header("authorization", token.as_str())
            .body(Full::new(Bytes::from(bytes)))
            .map_err(|_| Failure::Usage(format!("{TOKEN} holds what is no token")))?;
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await;
        let stream = stream.map_err(|why| self.lost(why))?;
        let answer = if self.is_tls {
            let name = ServerName::try_from(self.host.clone()).map_err(|why| self.lost(why))?;
            let connector = TlsConnector::from(Arc::new(trusting().map_err(|why| self.lost(why))?));
            let stream = connector.connect(name, stream).await.map_err(|why| self.lost(why))?;
            self.exchange(stream, request).await?
        } else {
            self.exchange(stream, request).await?
        };
        if answer.status().is_success() {
            return Ok(answer);
        }
        let status = answer.status();
        let bytes = answer.into_body().collect().await.map_err(|why| self.lost(why))?.to_bytes();
        Err(Failure::Failed(match serde_json::from_slice::<Value>(&bytes) {
            Ok(problem) => told(&problem),
            Err(_) => format!("{} answered {status}", self.address),
        }))
    }

    async fn exchange<S>(
        &self,
        stream: S,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Failure>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|why| self.lost(why))?;
        // Ends with the answer's body; what goes wrong on it is seen there.
        tokio::spawn(connection);
        sender.send_request(request).await.map_err(|why| self.lost(why))
    }

    /// A failure on the way.
    pub fn lost(&self, why: impl std::fmt::Display) -> Failure {
        Failure::of("ask", &self.address, why)
    }
}

/// A problem as text: its detail, and what is wrong with each field.
fn told(problem: &Value) -> String {
    let text = |name: &str| problem[name].as_str().unwrap_or_default();
    let mut told = format!("{} ({})", text("detail"), text("code"));
    for error in problem["errors"].as_array().into_iter().flatten() {
        let word = |name: &str| error[name].as_str().unwrap_or_default();
        told += &format!("\n  {} {}", word("pointer"), word("message"));
    }
    told
}

/// TLS that trusts what the system trusts.
fn trusting() -> Result<rustls::ClientConfig, String> {
    let named = std::env::var_os(CERTIFICATES).map(std::path::PathBuf::from);
    let known = SYSTEM_ROOTS.iter().map(|path| Path::new(path).to_owned()).find(|p| p.is_file());
    let file = named.or(known).ok_or_else(|| {
        format!("no file of trusted certificates was found; name one with {CERTIFICATES}")
    })?;
    let unreadable = |why: &dyn std::fmt::Display| format!("{}: {why}", file.display());
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(&file).map_err(|why| unreadable(&why))? {
        // A system's list may hold a certificate of a shape that is not understood here.
        let _ = roots.add(certificate.map_err(|why| unreadable(&why))?);
    }
    if roots.is_empty() {
        return Err(unreadable(&"holds no certificate"));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|why| why.to_string())?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
