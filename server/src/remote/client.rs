//! A client of the public HTTP interface: one request on one connection.

use crate::outcome::Failure;
use http::{Method, Request, Response, Uri};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::Value;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

/// The variable that holds the access token or API key.
pub const TOKEN: &str = "MEGALITH_TOKEN";
/// Bytes of a file that are sent together.
const PART: usize = 1 << 16;
/// The variable that names a file of trusted certificates instead of the system's.
const CERTIFICATES: &str = "SSL_CERT_FILE";
/// Where systems keep the certificates they trust.
const SYSTEM_ROOTS: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// Why a request was not answered with what was asked for.
pub struct Fault {
    /// What is told.
    pub failure: Failure,
    /// Whether the server was not there or had no time, so that it may answer later.
    pub may_pass: bool,
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Failure {
        fault.failure
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Fault {
        Fault { failure, may_pass: false }
    }
}

/// What is sent.
type Sent = UnsyncBoxBody<Bytes, std::io::Error>;

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
    ) -> Result<Value, Fault> {
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
    ) -> Result<Response<Incoming>, Fault> {
        let (kind, bytes) = body.unwrap_or_default();
        let body = Full::new(Bytes::from(bytes)).map_err(|never| match never {});
        self.send_body(method, path, kind, body.boxed_unsync()).await
    }

    /// Sends a file as it is read and reads JSON; `passed` hears of the bytes on their way.
    ///
    /// # Errors
    /// When it cannot be read; when the server cannot be reached or answers with a problem.
    pub async fn send_file(
        &self,
        path: &str,
        file: &Path,
        passed: impl Fn(u64) + Unpin + Send + 'static,
    ) -> Result<Value, Fault> {
        let unreadable = |why| Failure::of("read", file.display(), why);
        let opened = File::open(file).map_err(unreadable)?;
        let left = opened.metadata().map_err(unreadable)?.len();
        let body = FileBody { file: opened, left, passed };
        let answer = self.send_body(Method::POST, path, "", body.boxed_unsync()).await?;
        let bytes = answer.into_body().collect().await.map_err(|why| self.lost(why))?.to_bytes();
        serde_json::from_slice(&bytes).map_err(|why| self.lost(why))
    }

    async fn send_body(
        &self,
        method: Method,
        path: &str,
        kind: &str,
        body: Sent,
    ) -> Result<Response<Incoming>, Fault> {
        let host = match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        };
        let mut request = Request::builder().method(method).uri(path).header("host", host);
        if !kind.is_empty() {
            request = request.header("content-type", kind);
        }
        let token = Zeroizing::new(format!("Bearer {}", *self.token));
        let request = request
            .header("authorization", token.as_str())
            .body(body)
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
        let may_pass = matches!(status.as_u16(), 429 | 502..=504);
        let bytes = answer.into_body().collect().await.map_err(|why| self.lost(why))?.to_bytes();
        let failure = match serde_json::from_slice::<Value>(&bytes) {
            // A mapping is an argument of who asks.
            Ok(problem) if problem["code"] == "invalid_mapping" => Failure::Usage(told(&problem)),
            Ok(problem) => Failure::Failed(told(&problem)),
            Err(_) => Failure::Failed(format!("{} answered {status}", self.address)),
        };
        Err(Fault { failure, may_pass })
    }

    async fn exchange<S>(
        &self,
        stream: S,
        request: Request<Sent>,
    ) -> Result<Response<Incoming>, Fault>
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
    pub fn lost(&self, why: impl std::fmt::Display) -> Fault {
        Fault { failure: Failure::of("ask", &self.address, why), may_pass: true }
    }
}

/// A file as it is read. A part of it is read when the connection takes it, on this thread: there
/// is nothing else to do meanwhile.
struct FileBody<F> {
    file: File,
    left: u64,
    passed: F,
}

impl<F: Fn(u64) + Unpin + Send + 'static> Body for FileBody<F> {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let FileBody { file, left, passed } = Pin::into_inner(self);
        if *left == 0 {
            return Poll::Ready(None);
        }
        let mut part = vec![0; usize::try_from(*left).unwrap_or(PART).min(PART)];
        let read = file.read_exact(&mut part).map(|()| {
            *left -= part.len() as u64;
            passed(part.len() as u64);
            Frame::data(Bytes::from(part))
        });
        Poll::Ready(Some(read))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
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
