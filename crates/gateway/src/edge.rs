//! The edge: every request comes in here and leaves with an answer, whatever happens in between.

use crate::app::App;
use crate::body::{self, Limits};
use crate::changes::CHANGE_SET;
use crate::imports::{IMPORT, Imports};
use crate::metadata::Metadata;
use crate::path::{Fixed, Places, TOGETHER, Target, Together, UPKEEP};
use crate::query::Params;
use crate::reply::{self, Body, Stop};
use crate::session::{Sessions, Signed};
use crate::tally::Tally;
use crate::view::Columns;
use crate::{headers, openapi, pages};
use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::header::{ALLOW, CONTENT_LENGTH, HOST, HeaderValue, USER_AGENT};
use http::request::Parts;
use http::{HeaderName, Method, Request, Response, StatusCode, Version};
use hyper::body::Body as Incoming;
use kernel::command::Call;
use kernel::keys::Keys;
use kernel::ports::Source;
use kernel::problem::{Problem, ProblemKind};
use kernel::rights::Facts;
use kernel::service::{Peers, Registry};
use std::collections::HashMap;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// The most bytes of path and query.
const MAX_URI: usize = 32 * 1024;
/// The most bytes of all headers together.
const MAX_HEADERS: usize = 32 * 1024;

/// The most files that are on their way in at the same time.
const MAX_UPLOADS: usize = 16;

/// What the edge is made of.
pub struct Gateway {
    /// Reaches the services.
    pub peers: Arc<dyn Peers>,
    /// The entities of all services.
    pub registry: Arc<Registry>,
    /// The installation's keys: for fingerprints of requests and tokens.
    pub keys: Arc<Keys>,
    /// Time and chance: for request ids.
    pub source: Source,
    /// How it behaves.
    pub config: Config,
    /// What organisations decided: the rights that the description of records obeys.
    pub facts: Arc<dyn Facts>,
    /// Whether the installation can serve.
    pub ready: Ready,
}

/// Answers whether the installation can serve: the database answers, and what else must.
pub type Ready = Arc<dyn Fn() -> BoxFuture<'static, Result<(), Problem>> + Send + Sync>;

/// How the edge behaves.
#[derive(Clone)]
pub struct Config {
    /// The listener is bound to a loopback address: sign-in without TLS is safe.
    pub loopback: bool,
    /// A proxy in front sets `X-Forwarded-Proto` and `X-Forwarded-For`, and no client can reach
    /// the listener past it.
    pub trust_forwarded: bool,
    /// The most bytes of a JSON body that is read as records.
    pub max_json_bytes: usize,
    /// The most bytes of any body.
    pub max_body_bytes: usize,
    /// The time within which a body must have arrived.
    pub body_timeout: Duration,
    /// The time within which a request's headers must have arrived; also how long an idle
    /// connection stays open.
    pub header_timeout: Duration,
    /// The most open connections; others wait.
    pub max_connections: usize,
    /// What `/metrics` shows besides the edge's own counters, in Prometheus' text format.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
    /// The version that the API's description and `/healthz` name.
    pub version: String,
    /// The web app; without one `/` is the API reference.
    pub app: Option<Arc<App>>,
    /// What imports need of the process.
    pub imports: Imports,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            loopback: true,
            trust_forwarded: false,
            max_json_bytes: 1024 * 1024,
            max_body_bytes: 10 * 1024 * 1024,
            body_timeout: Duration::from_secs(30),
            header_timeout: Duration::from_secs(30),
            max_connections: 10_000,
            metrics: Arc::new(String::new),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            app: None,
            imports: Imports::default(),
        }
    }
}

/// The HTTP edge of an installation.
pub struct Edge {
    pub(crate) peers: Arc<dyn Peers>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) config: Config,
    pub(crate) places: Places,
    pub(crate) columns: HashMap<String, Columns>,
    pub(crate) facts: Arc<dyn Facts>,
    pub(crate) metadata: Metadata,
    pub(crate) sessions: Sessions,
    pub(crate) user_prefix: String,
    pub(crate) started_at: types::Instant,
    /// Room for files that are on their way in.
    pub(crate) uploads: Semaphore,
    source: Source,
    ready: Ready,
    openapi: pages::Asset,
    tally: Tally,
}

/// One request on its way: what is known of it so far.
pub(crate) struct Exchange<'a> {
    /// Names it in logs, events and problems.
    pub request_id: String,
    /// The client's address.
    pub client: IpAddr,
    /// The route, once it is known.
    pub route: &'a str,
    /// Who asks, once it is known.
    pub signed: Option<Arc<Signed>>,
}

/// A request with its body read, and who asks for it.
pub(crate) struct Asked<'a> {
    /// Method, address and headers.
    pub parts: &'a Parts,
    /// The body.
    pub body: Bytes,
    /// What names it.
    pub request_id: &'a str,
    /// Who asks.
    pub signed: &'a Signed,
}

impl Edge {
    /// The edge of an installation; it builds the API's description once.
    pub fn new(gateway: Gateway) -> Arc<Edge> {
        let Gateway { peers, registry, keys, source, config, facts, ready } = gateway;
        let document = openapi::document(&registry, &config.version);
        let text = serde_json::to_vec(&document).unwrap_or_default();
        let places = Places::new(&registry);
        let tally = Tally::new(&places);
        let columns = registry.all().iter();
        let columns = columns.map(|e| (e.full_name(), Columns::of(e, &registry))).collect();
        Arc::new(Edge {
            sessions: Sessions::new(peers.clone(), keys.clone(), &registry),
            user_prefix: crate::session::user_prefix(&registry),
            openapi: pages::Asset::made("application/json", text, &keys),
            uploads: Semaphore::new(MAX_UPLOADS),
            facts,
            metadata: Metadata::default(),
            places,
            columns,
            peers,
            registry,
            keys,
            started_at: source.clock.now(),
            source,
            config,
            ready,
            tally,
        })
    }

    /// Forgets every remembered identity: for changes of roles that must be felt at once.
    pub fn forget_sessions(&self) {
        self.sessions.forget_all();
    }

    /// Answers one request of the client at an address. Never fails: every fault, a panic too,
    /// becomes a problem with the request's id.
    pub async fn handle<B>(&self, request: Request<B>, client: IpAddr) -> Response<Body>
    where
        B: Incoming<Data = Bytes>,
    {
        let started = Instant::now();
        let (parts, body) = request.into_parts();
        let request_id = match headers::request_id(&parts.headers) {
            Some(own) => own.to_owned(),
            None => types::format_id("req", self.source.id()),
        };
        let mut exchange =
            Exchange { request_id, client: self.client(&parts, client), route: "", signed: None };
        let answered =
            AssertUnwindSafe(self.respond(&parts, body, &mut exchange)).catch_unwind().await;
        let mut response = match answered {
            Ok(Ok(response)) => response,
            Ok(Err(stop)) => self.refuse(stop, &exchange),
            Err(panic) => {
                let text = panic.downcast_ref::<&str>().copied();
                let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
                let text = format!("panic: {}", text.unwrap_or("of an unknown kind"));
                self.refuse(Problem::internal(text).into(), &exchange)
            }
        };
        self.finish(&parts, &exchange, &mut response);
        self.note(&parts, &exchange, &response, started.elapsed());
        response
    }

    /// What a client is told whose bytes could not be read as a request, by the status that this
    /// has in HTTP.
    pub(crate) fn refuse_unread(&self, status: u16) -> Vec<u8> {
        let stop = match status {
            414 => Stop::uri_too_long(MAX_URI),
            431 => Stop::headers_too_large(MAX_HEADERS),
            _ => Stop::not_http(),
        };
        self.tally.count("", status, Duration::ZERO);
        let request_id = self.new_request_id();
        tracing::info!(target: "megalith::request", status, request_id, "not read as a request");
        stop.bytes(&request_id)
    }

    /// A problem as an answer; a fault of ours goes to the log with its cause.
    fn refuse(&self, stop: Stop, exchange: &Exchange<'_>) -> Response<Body> {
        if stop.problem.kind.status() >= 500 {
            tracing::error!(
                request_id = exchange.request_id,
                route = exchange.route,
                code = stop.problem.code,
                detail = stop.problem.detail,
                "request failed"
            );
        }
        stop.response(&exchange.request_id)
    }

    /// Headers that every answer carries.
    fn finish(&self, parts: &Parts, exchange: &Exchange<'_>, response: &mut Response<Body>) {
        const NOSNIFF: HeaderName = HeaderName::from_static("x-content-type-options");
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_str(&exchange.request_id) {
            headers.insert(headers::REQUEST_ID, id);
        }
        headers.insert(NOSNIFF, HeaderValue::from_static("nosniff"));
        if self.config.trust_forwarded && self.is_encrypted(parts) {
            let a_year = HeaderValue::from_static("max-age=31536000");
            headers.insert(http::header::STRICT_TRANSPORT_SECURITY, a_year);
        }
        if parts.method == Method::HEAD {
            let length = Incoming::size_hint(response.body()).exact().unwrap_or(0);
            response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
            *response.body_mut() = Body::default();
        }
    }

    /// One line of log and a count. Never a query, a body, a header or a token.
    fn note(
        &self,
        parts: &Parts,
        exchange: &Exchange<'_>,
        response: &Response<Body>,
        took: Duration,
    ) {
        let status = response.status().as_u16();
        self.tally.count(exchange.route, status, took);
        let signed = exchange.signed.as_deref();
        tracing::info!(
            target: "megalith::request",
            method = parts.method.as_str(),
            route = exchange.route,
            status,
            ms = took.as_micros() as f64 / 1_000.0,
            bytes = Incoming::size_hint(response.body()).exact().unwrap_or(0),
            request_id = exchange.request_id,
            actor = signed.map_or("", |signed| &signed.user_text),
            org = signed.map_or("", |signed| &signed.org_text),
        );
    }

    async fn respond<'a, B>(
        &'a self,
        parts: &Parts,
        body: B,
        exchange: &mut Exchange<'a>,
    ) -> Result<Response<Body>, Stop>
    where
        B: Incoming<Data = Bytes>,
    {
        check_request(parts)?;
        if let Some(app) = &self.config.app
            && !parts.uri.path().starts_with("/api/")
            && matches!(parts.method, Method::GET | Method::HEAD)
            && let Some((route, response)) = app.find(parts, &*self.source.chance)
        {
            exchange.route = route;
            return Ok(response);
        }
        let target = Target::find(&self.places, parts.uri.path())?;
        exchange.route = target.route();
        let method = if parts.method == Method::HEAD { &Method::GET } else { &parts.method };
        let allow = target.methods();
        if method == Method::OPTIONS {
            let mut response = reply::empty(StatusCode::NO_CONTENT);
            response.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
            return Ok(response);
        }
        if !allow.split(", ").any(|known| known == method.as_str()) {
            return Err(Stop::method(method, allow));
        }
        match target {
            Target::Fixed(fixed) => self.fixed(fixed, parts).await,
            Target::Auth(name) => {
                let body = body::read(body, self.limits(16 * 1024)).await?;
                self.auth(name, parts, body, exchange).await
            }
            _ => {
                let signed = self.sessions.of(parts, &exchange.request_id).await?;
                exchange.signed = Some(signed.clone());
                let request_id = &exchange.request_id;
                let bare = Asked { parts, body: Bytes::new(), request_id, signed: &signed };
                // Files are taken in as they come.
                match target {
                    Target::Upload(place) => return self.upload(place, body, bare).await,
                    Target::Together(place, at) if TOGETHER[at].1 == Together::Import => {
                        return self.import_table(place, body, bare).await;
                    }
                    _ => {}
                }
                let body = if method == Method::GET || method == Method::DELETE {
                    Bytes::new()
                } else {
                    let keep = match target {
                        Target::Together(_, at) if TOGETHER[at].1 == Together::Batch => {
                            self.config.max_body_bytes
                        }
                        _ => self.config.max_json_bytes,
                    };
                    body::read(body, self.limits(keep)).await?
                };
                let asked = Asked { body, ..bare };
                self.answer(target, method, asked).await
            }
        }
    }

    async fn answer(
        &self,
        target: Target<'_, '_>,
        method: &Method,
        asked: Asked<'_>,
    ) -> Result<Response<Body>, Stop> {
        match (target, method.as_str()) {
            (Target::Collection(place), "GET") => self.list(place, asked).await,
            (Target::Collection(place), _) => self.create(place, asked).await,
            (Target::Together(place, at), _) => match TOGETHER[at].1 {
                Together::Aggregate => self.aggregate(place, asked).await,
                Together::Batch => self.batch(place, asked).await,
                Together::Explain => self.explain(place, None, asked).await,
                Together::Export => self.export(place, asked).await,
                Together::Import => Err(Problem::not_found("path").into()),
                Together::Totals => self.totals(place, asked).await,
            },
            (Target::Record(place, id), "GET") => self.get(place, id, asked).await,
            (Target::Record(place, id), "PATCH") => self.update(place, id, asked).await,
            (Target::Record(place, id), _) => self.delete(place, id, asked).await,
            (Target::Act(place, id, "explain"), _) => self.explain(place, Some(id), asked).await,
            (Target::Act(place, id, "history"), _) => self.history(place, id, asked).await,
            (Target::Act(place, id, "undo"), _) if place.full_name == CHANGE_SET => {
                self.undo(place, id, asked).await
            }
            (Target::Act(place, id, act), _) if place.full_name == IMPORT => match act {
                "propose" => self.propose(place, id, asked).await,
                "preview" => self.preview_import(place, id, asked).await,
                "start" => self.start_import(place, id, asked).await,
                "tables" => self.import_tables(place, id, asked).await,
                "refused" => self.refused_rows(place, id, asked).await,
                _ => self.act(place, id, act, asked).await,
            },
            (Target::Act(place, id, act), _) => self.act(place, id, act, asked).await,
            (Target::Search, _) => self.search(asked).await,
            (Target::Schema, _) => self.metadata(asked).await,
            (Target::Upkeep(at), _) => self.upkeep(UPKEEP[at].0, asked).await,
            (Target::Auth(_) | Target::Fixed(_) | Target::Upload(_), _) => {
                Err(Problem::not_found("path").into())
            }
        }
    }

    async fn fixed(&self, fixed: Fixed, parts: &Parts) -> Result<Response<Body>, Stop> {
        match fixed {
            Fixed::Reference => Ok(pages::page(pages::REFERENCE, parts)),
            Fixed::Setup => Ok(pages::page(pages::SETUP, parts)),
            Fixed::Asset(place) => Ok(pages::file(place, parts)),
            Fixed::OpenApi => {
                Params::parse(parts.uri.query(), &[])?;
                Ok(self.openapi.response(parts, "no-cache"))
            }
            Fixed::Health => {
                Params::parse(parts.uri.query(), &[])?;
                let mut text = String::from("{\"status\":\"ok\",\"version\":");
                kernel::json::write_json_string(&self.config.version, &mut text);
                text.push('}');
                Ok(uncached(reply::answer(StatusCode::OK, "application/json", text)))
            }
            Fixed::Ready => {
                Params::parse(parts.uri.query(), &[])?;
                (self.ready)().await.map_err(|problem| match problem.kind {
                    ProblemKind::Unavailable | ProblemKind::StorageFull => problem,
                    _ => Problem::unavailable("not_ready", problem.detail, 5),
                })?;
                let text = "{\"status\":\"ready\"}";
                Ok(uncached(reply::answer(StatusCode::OK, "application/json", text)))
            }
            Fixed::Metrics => {
                let mut text = (self.config.metrics)();
                self.tally.write(&mut text);
                let media_type = "text/plain; version=0.0.4; charset=utf-8";
                Ok(uncached(reply::answer(StatusCode::OK, media_type, text)))
            }
        }
    }

    /// A name that nothing else has.
    pub(crate) fn new_request_id(&self) -> String {
        self.new_id("req")
    }

    /// An id that nothing else has.
    pub(crate) fn new_id(&self, prefix: &str) -> String {
        types::format_id(prefix, self.source.id())
    }

    /// Now.
    pub(crate) fn now(&self) -> types::Instant {
        self.source.clock.now()
    }

    pub(crate) fn limits(&self, keep: usize) -> Limits {
        let keep = keep.min(self.config.max_body_bytes);
        Limits { keep, drain: self.config.max_body_bytes, within: self.config.body_timeout }
    }

    /// The call of a request about an entity: in its organisation, or in the system's.
    pub(crate) async fn call(&self, is_system: bool, asked: &Asked<'_>) -> Result<Call, Problem> {
        match is_system {
            false => Ok(asked.signed.call(asked.request_id)),
            true => self.sessions.system_call(asked.signed, asked.request_id).await,
        }
    }

    /// Whether the client's own connection is encrypted, as far as a trusted proxy says.
    pub(crate) fn is_encrypted(&self, parts: &Parts) -> bool {
        self.config.trust_forwarded && forwarded(parts, "x-forwarded-proto") == Some("https")
    }

    /// Whether a password may travel on this connection.
    pub(crate) fn is_private(&self, parts: &Parts) -> bool {
        match (self.config.trust_forwarded, forwarded(parts, "x-forwarded-proto")) {
            (true, Some(protocol)) => protocol == "https",
            _ => self.config.loopback,
        }
    }

    /// The address of the client itself, as far as a trusted proxy says.
    fn client(&self, parts: &Parts, peer: IpAddr) -> IpAddr {
        if !self.config.trust_forwarded {
            return peer;
        }
        let named = forwarded(parts, "x-forwarded-for").and_then(|text| text.parse().ok());
        named.unwrap_or(peer)
    }
}

/// The last value of a list that proxies append to.
fn forwarded<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    let last = parts.headers.get_all(name).iter().next_back()?.to_str().ok()?;
    last.rsplit(',').next().map(str::trim).filter(|text| !text.is_empty())
}

/// What the client calls itself, for the list of sessions.
pub(crate) fn user_agent(parts: &Parts) -> String {
    let text = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    text.unwrap_or_default().chars().take(200).collect()
}

fn uncached(mut response: Response<Body>) -> Response<Body> {
    response
        .headers_mut()
        .insert(http::header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Refuses what no path of ours can take.
fn check_request(parts: &Parts) -> Result<(), Stop> {
    let uri = parts.uri.path_and_query().map_or(0, |text| text.as_str().len());
    if uri > MAX_URI {
        return Err(Stop::uri_too_long(MAX_URI));
    }
    let bytes: usize = parts.headers.iter().map(|(n, v)| n.as_str().len() + v.len()).sum();
    if bytes > MAX_HEADERS {
        return Err(Stop::headers_too_large(MAX_HEADERS));
    }
    if parts.version == Version::HTTP_11 && !parts.headers.contains_key(HOST) {
        let text = "A request of HTTP/1.1 names its host (RFC 9112, section 3.2).";
        return Err(Problem::malformed("missing_host", text).into());
    }
    Ok(())
}
