//! Signing in and out over HTTP: JSON for programs, cookies for browsers.
//!
//! `auth` decides; this module refuses what must not travel on an open line, reads and writes
//! JSON, and keeps tokens out of the reach of scripts where a browser asks for a cookie.

use crate::edge::{Edge, Exchange, user_agent};
use crate::headers;
use crate::query::Params;
use crate::reply::{self, Body, Stop};
use crate::session::{COOKIE_PLAIN, COOKIE_SECURE, ORG_PREFIX, Proof, cookie};
use bytes::Bytes;
use contracts::auth::{
    Client, ContinueLogin, IssueApiKey, Login, LoginAnswer, Logout, Refresh, Session, SetPassword,
    SetUp, Switch,
};
use contracts::platform::{CreateOrg, Orgs};
use contracts::users::{Memberships, UserById};
use contracts::{SYSTEM_ORG, call};
use http::header::{CACHE_CONTROL, HeaderValue, SET_COOKIE};
use http::request::Parts;
use http::{Response, StatusCode};
use kernel::command::{Actor, Call};
use kernel::problem::{FieldProblem, Problem, ProblemKind};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use types::format_id;

/// The most code points of a name, an e-mail or a password.
const MAX_TEXT: usize = 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LoginBody {
    email: Option<String>,
    password: Option<String>,
    org: Option<String>,
    login_token: Option<String>,
    #[serde(default)]
    cookie: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefreshBody {
    refresh_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SwitchBody {
    org: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PasswordBody {
    current: Option<String>,
    password: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyBody {
    name: Option<String>,
    #[serde(default)]
    roles: Vec<String>,
    user: Option<String>,
    expires_at: Option<String>,
}

#[derive(Serialize)]
struct KeyView {
    id: String,
    key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetUpBody {
    token: Option<String>,
    name: Option<String>,
    email: Option<String>,
    password: Option<String>,
    org: Option<OrgBody>,
    #[serde(default)]
    cookie: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OrgBody {
    name: Option<String>,
    slug: Option<String>,
    country: Option<String>,
    currency: Option<String>,
    zone: Option<String>,
}

#[derive(Serialize)]
struct Tokens {
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    token_type: &'static str,
    expires_in: u32,
    user: String,
    org: String,
}

#[derive(Serialize)]
struct Needs<'a> {
    needs: &'static str,
    orgs: Vec<OrgView>,
    login_token: &'a str,
}

#[derive(Serialize)]
struct OrgView {
    id: String,
    slug: String,
    name: String,
}

#[derive(Serialize)]
struct Me {
    user: UserView,
    org: Option<OrgView>,
    orgs: Vec<OrgView>,
    roles: Vec<String>,
    companies: Option<Vec<String>>,
    kind: &'static str,
}

#[derive(Serialize)]
struct UserView {
    id: String,
    email: String,
    name: String,
    locale: String,
}

impl Edge {
    /// Answers one of the paths of [`crate::path::AUTH`].
    pub(crate) async fn auth(
        &self,
        name: &str,
        parts: &Parts,
        body: Bytes,
        exchange: &mut Exchange<'_>,
    ) -> Result<Response<Body>, Stop> {
        Params::parse(parts.uri.query(), &[])?;
        match name {
            "login" => self.login(parts, &body, exchange).await,
            "refresh" => self.refresh(parts, &body, exchange).await,
            "switch" => self.switch(parts, &body, exchange).await,
            "logout" => self.logout(parts, exchange).await,
            "setup" => self.set_up(parts, &body, exchange).await,
            "api-keys:issue" => self.issue_key(parts, &body, exchange).await,
            "password" => self.password(parts, &body, exchange).await,
            _ => self.me(parts, exchange).await,
        }
    }

    async fn login(
        &self,
        parts: &Parts,
        body: &[u8],
        exchange: &Exchange<'_>,
    ) -> Result<Response<Body>, Stop> {
        self.refuse_open_line(parts)?;
        let body: LoginBody = read(parts, body)?;
        if body.cookie {
            headers::same_site(parts)?;
        }
        let mut fields = Fields::default();
        let client = client(parts, exchange);
        let answer = match body.login_token {
            Some(token) => {
                let login_token = fields.text("login_token", Some(token));
                let org = fields.text("org", body.org);
                fields.done()?;
                let request = ContinueLogin { login_token, org, client };
                call::<ContinueLogin>(&*self.peers, by(exchange, "sign-in"), &request).await?
            }
            None => {
                let email = fields.text("email", body.email);
                let password = fields.text("password", body.password);
                let org = body.org.map(|org| fields.text("org", Some(org)));
                fields.done()?;
                let request = Login { email, password, org, client };
                call::<Login>(&*self.peers, by(exchange, "sign-in"), &request).await?
            }
        };
        match answer {
            LoginAnswer::Session(session) => Ok(self.session(parts, &session, body.cookie)),
            LoginAnswer::Needs { needs, orgs, login_token } => {
                let orgs = orgs
                    .into_iter()
                    .map(|org| OrgView {
                        id: format_id(ORG_PREFIX, org.id),
                        slug: org.slug,
                        name: org.name,
                    })
                    .collect();
                let needs = Needs { needs: needs.name(), orgs, login_token: &login_token };
                Ok(secret_json(&needs))
            }
        }
    }

    async fn refresh(
        &self,
        parts: &Parts,
        body: &[u8],
        exchange: &Exchange<'_>,
    ) -> Result<Response<Body>, Stop> {
        self.refuse_open_line(parts)?;
        let body: RefreshBody =
            if body.is_empty() { RefreshBody { refresh_token: None } } else { read(parts, body)? };
        let by_cookie = body.refresh_token.is_none();
        let token = match (body.refresh_token, cookie(&parts.headers, "-refresh")) {
            (Some(token), _) => token,
            (None, Some(token)) => {
                headers::same_site(parts)?;
                token.to_owned()
            }
            (None, None) => {
                let error = FieldProblem::new("/refresh_token", "required", "must not be empty");
                return Err(Problem::invalid(vec![error]).into());
            }
        };
        let request = Refresh { refresh_token: token };
        let answer = call::<Refresh>(&*self.peers, by(exchange, "refresh"), &request).await;
        let session = answer.map_err(unauthenticated)?;
        if let Some(old) = cookie(&parts.headers, "").filter(|_| by_cookie) {
            self.sessions.forget(old).await;
        }
        Ok(self.session(parts, &session, by_cookie))
    }

    async fn switch(
        &self,
        parts: &Parts,
        body: &[u8],
        exchange: &mut Exchange<'_>,
    ) -> Result<Response<Body>, Stop> {
        exchange.signed = Some(self.sessions.of(parts, &exchange.request_id).await?);
        self.refuse_open_line(parts)?;
        let body: SwitchBody = read(parts, body)?;
        let mut fields = Fields::default();
        let org = fields.text("org", body.org);
        fields.done()?;
        let Some(proof) = Proof::find(&parts.headers)? else {
            return Err(Problem::internal("a proof that was there is gone").into());
        };
        let token = proof.token().to_owned();
        let request = Switch { token, org, client: client(parts, exchange) };
        let session = call::<Switch>(&*self.peers, by(exchange, "switch"), &request).await;
        let session = session.map_err(unauthenticated)?;
        self.sessions.forget(proof.token()).await;
        Ok(self.session(parts, &session, matches!(proof, Proof::Cookie(_))))
    }

    async fn logout(
        &self,
        parts: &Parts,
        exchange: &mut Exchange<'_>,
    ) -> Result<Response<Body>, Stop> {
        // A browser may sign out with what is left of its session.
        let left = match Proof::find(&parts.headers)? {
            None => cookie(&parts.headers, "-refresh"),
            Some(Proof::Cookie(token)) => Some(token),
            Some(Proof::Bearer(_)) => None,
        };
        let token = match left {
            Some(token) => {
                headers::same_site(parts)?;
                token
            }
            None => {
                exchange.signed = Some(self.sessions.of(parts, &exchange.request_id).await?);
                Proof::find(&parts.headers)?.map_or("", Proof::token)
            }
        };
        let request = Logout { token: token.to_owned() };
        call::<Logout>(&*self.peers, by(exchange, "sign-out"), &request).await?;
        self.sessions.forget(token).await;
        let mut response = reply::empty(StatusCode::NO_CONTENT);
        if left.is_some() {
            for suffix in ["", "-refresh"] {
                set_cookie(&mut response, self.is_encrypted(parts), suffix, "", "; Max-Age=0");
            }
        }
        Ok(response)
    }

    async fn set_up(
        &self,
        parts: &Parts,
        body: &[u8],
        exchange: &Exchange<'_>,
    ) -> Result<Response<Body>, Stop> {
        self.refuse_open_line(parts)?;
        let body: SetUpBody = read(parts, body)?;
        if body.cookie {
            headers::same_site(parts)?;
        }
        let mut fields = Fields::default();
        let token = fields.text("token", body.token);
        let name = fields.text("name", body.name);
        let email = fields.text("email", body.email);
        let password = fields.text("password", body.password);
        let (org_name, org) = match body.org {
            Some(org) => (fields.text("org/name", org.name.clone()), Some(org)),
            None => (fields.text("org", None), None),
        };
        fields.done()?;
        let (slug, country, currency, zone) = match org {
            Some(org) => (org.slug, org.country, org.currency, org.zone),
            None => (None, None, None, None),
        };
        let slug = slug.unwrap_or_else(|| slug_of(&org_name));
        let org = CreateOrg { slug, name: org_name, country, currency, zone, placement: None };
        let client = client(parts, exchange);
        let request = SetUp { token, name, email, password, org, client };
        let session = call::<SetUp>(&*self.peers, by(exchange, "set-up"), &request).await;
        Ok(self.session(parts, &session.map_err(unauthenticated)?, body.cookie))
    }

    async fn password(
        &self,
        parts: &Parts,
        body: &[u8],
        exchange: &mut Exchange<'_>,
    ) -> Result<Response<Body>, Stop> {
        let signed = self.sessions.of(parts, &exchange.request_id).await?;
        exchange.signed = Some(signed.clone());
        self.refuse_open_line(parts)?;
        if !matches!(signed.actor, Actor::User(_)) {
            return Err(Problem::forbidden("password:change").into());
        }
        let body: PasswordBody = read(parts, body)?;
        let mut fields = Fields::default();
        let current = Some(fields.text("current", body.current));
        let password = fields.text("password", body.password);
        fields.done()?;
        let keep = Some(signed.session);
        let request = SetPassword { user: signed.actor.user(), current, password, keep };
        let by = Call { org: SYSTEM_ORG, ..signed.call(&exchange.request_id) };
        call::<SetPassword>(&*self.peers, by, &request).await?;
        Ok(reply::empty(StatusCode::NO_CONTENT))
    }

    /// Makes a key for a program in the organisation of the token; it is shown this once.
    async fn issue_key(
        &self,
        parts: &Parts,
        body: &[u8],
        exchange: &mut Exchange<'_>,
    ) -> Result<Response<Body>, Stop> {
        let signed = self.sessions.of(parts, &exchange.request_id).await?;
        exchange.signed = Some(signed.clone());
        self.refuse_open_line(parts)?;
        let body: KeyBody = read(parts, body)?;
        let mut fields = Fields::default();
        let name = fields.text("name", body.name);
        let user = match body.user.as_deref().map(types::parse_id) {
            None => signed.actor.user(),
            Some(Ok((prefix, id))) if prefix == self.user_prefix => id,
            Some(_) => {
                let text = format!("must be the id of a user ({}_…)", self.user_prefix);
                fields.0.push(FieldProblem::new("/user", "invalid_id", text));
                signed.actor.user()
            }
        };
        let expires_at = body.expires_at.as_deref().map(types::Instant::parse).transpose();
        let expires_at = expires_at.unwrap_or_else(|error| {
            fields.0.push(FieldProblem::new("/expires_at", "invalid_instant", error.to_string()));
            None
        });
        fields.done()?;
        let request = IssueApiKey { name, user, org: signed.org, roles: body.roles, expires_at };
        let by = signed.call(&exchange.request_id);
        let issued = call::<IssueApiKey>(&*self.peers, by, &request).await?;
        let entity = self.registry.at_path("auth", "api-keys");
        let prefix = entity.map_or("key", |entity| &entity.prefix);
        Ok(secret_json(&KeyView { id: format_id(prefix, issued.id), key: issued.key }))
    }

    async fn me(&self, parts: &Parts, exchange: &mut Exchange<'_>) -> Result<Response<Body>, Stop> {
        let signed = self.sessions.of(parts, &exchange.request_id).await?;
        exchange.signed = Some(signed.clone());
        let user = signed.actor.user();
        let peers = &*self.peers;
        let about = || by(exchange, "who am I");
        let (facts, memberships) = futures::future::try_join(
            call::<UserById>(peers, about(), &UserById { user }),
            call::<Memberships>(peers, about(), &Memberships { user }),
        )
        .await?;
        let mut ids: Vec<_> = memberships.iter().map(|membership| membership.org).collect();
        ids.push(signed.org);
        ids.retain(|org| *org != SYSTEM_ORG);
        ids.sort_unstable();
        ids.dedup();
        let found = call::<Orgs>(peers, about(), &Orgs { ids: Some(ids) }).await?;
        let view = |org: &contracts::platform::OrgFacts| OrgView {
            id: format_id(ORG_PREFIX, org.id),
            slug: org.slug.clone(),
            name: org.name.clone(),
        };
        let companies = signed.companies.as_ref().map(|companies| {
            let prefix = self.company_prefix();
            companies.iter().map(|id| format_id(prefix, *id)).collect()
        });
        let me = Me {
            user: UserView {
                id: format_id(&self.user_prefix, user),
                email: facts.as_ref().map(|facts| facts.email.clone()).unwrap_or_default(),
                name: facts.as_ref().map(|facts| facts.name.clone()).unwrap_or_default(),
                locale: facts.map(|facts| facts.locale).unwrap_or_default(),
            },
            org: found.iter().find(|org| org.id == signed.org).map(view),
            orgs: found.iter().map(view).collect(),
            roles: signed.roles.to_vec(),
            companies,
            kind: if matches!(signed.actor, Actor::ApiKey { .. }) { "api_key" } else { "user" },
        };
        Ok(secret_json(&me))
    }

    fn company_prefix(&self) -> &str {
        let kind =
            self.registry.all().first().map(|e| &e.fields[kernel::schema::slot::COMPANY].kind);
        let target = match kind {
            Some(kernel::Kind::Link { entity, .. }) => self.registry.get(entity),
            _ => None,
        };
        target.map_or("com", |entity| &entity.prefix)
    }

    /// Refuses secrets on a line that others can read.
    fn refuse_open_line(&self, parts: &Parts) -> Result<(), Problem> {
        if self.is_private(parts) {
            return Ok(());
        }
        let text = "Passwords and tokens do not travel unencrypted. Put a proxy with TLS in front \
                    of this server and start it with trusted X-Forwarded-Proto, or open it on its \
                    own machine as http://localhost.";
        Err(Problem::new(ProblemKind::Forbidden, "insecure_transport", text))
    }

    /// A new session as an answer: tokens for a program, cookies for a browser.
    fn session(&self, parts: &Parts, session: &Session, by_cookie: bool) -> Response<Body> {
        let shown = |token: &String| (!by_cookie).then(|| token.clone());
        let tokens = Tokens {
            access_token: shown(&session.access_token),
            refresh_token: shown(&session.refresh_token),
            token_type: if by_cookie { "Cookie" } else { "Bearer" },
            expires_in: session.expires_in,
            user: format_id(&self.user_prefix, session.user),
            org: format_id(ORG_PREFIX, session.org),
        };
        let mut response = secret_json(&tokens);
        if by_cookie {
            let encrypted = self.is_encrypted(parts);
            set_cookie(&mut response, encrypted, "", &session.access_token, "");
            set_cookie(&mut response, encrypted, "-refresh", &session.refresh_token, "");
        }
        response
    }
}

fn set_cookie(
    response: &mut Response<Body>,
    encrypted: bool,
    suffix: &str,
    value: &str,
    more: &str,
) {
    let (name, secure) = if encrypted { (COOKIE_SECURE, "; Secure") } else { (COOKIE_PLAIN, "") };
    let text = format!("{name}{suffix}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{more}");
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

fn secret_json(value: &impl Serialize) -> Response<Body> {
    let text = serde_json::to_string(value).unwrap_or_default();
    let mut response = reply::json(StatusCode::OK, text);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A call by the platform: nobody is signed in yet.
fn by(exchange: &Exchange<'_>, reason: &str) -> Call {
    Call { request_id: exchange.request_id.clone(), ..Call::system(SYSTEM_ORG, reason) }
}

fn client(parts: &Parts, exchange: &Exchange<'_>) -> Client {
    Client { name: user_agent(parts), address: exchange.client.to_string() }
}

fn unauthenticated(problem: Problem) -> Stop {
    match problem.kind {
        ProblemKind::Unauthenticated => Stop::unauthenticated(problem, true),
        _ => problem.into(),
    }
}

/// Reads a JSON body of named members.
fn read<T: DeserializeOwned>(parts: &Parts, body: &[u8]) -> Result<T, Problem> {
    headers::media_type(&parts.headers, &["application/json"])?;
    serde_json::from_slice(body).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        if error.is_data() && body.trim_ascii().first() == Some(&b'{') {
            let error = FieldProblem::new("", "invalid_member", error.to_string());
            return Problem::invalid(vec![error]);
        }
        Problem::malformed("malformed_json", format!("The body must be a JSON object ({place})."))
    })
}

/// Collects what is wrong with the members of a body.
#[derive(Default)]
struct Fields(Vec<FieldProblem>);

impl Fields {
    fn text(&mut self, name: &str, value: Option<String>) -> String {
        let value = value.unwrap_or_default();
        let problem = if value.is_empty() {
            ("required", "must not be empty".to_owned())
        } else if value.chars().count() > MAX_TEXT {
            ("too_long", format!("may hold {MAX_TEXT} characters"))
        } else if value.contains('\0') {
            ("invalid_text", "must not hold U+0000".to_owned())
        } else {
            return value;
        };
        self.0.push(FieldProblem::new(format!("/{name}"), problem.0, problem.1));
        value
    }

    fn done(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::invalid(self.0)) }
    }
}

/// A short name made of a name: `Vins & Alcools` becomes `vins-alcools`.
fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(63);
    let slug = slug.trim_end_matches('-');
    if slug.len() < 2 { "main".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::slug_of;

    #[test]
    fn a_short_name_is_made_of_letters_digits_and_hyphens() {
        for (name, slug) in [
            ("Northwind Traders", "northwind-traders"),
            ("Vins & Alcools!", "vins-alcools"),
            ("  Ümlaut GmbH", "mlaut-gmbh"),
            ("日本", "main"),
            ("", "main"),
        ] {
            assert_eq!(slug_of(name), slug);
        }
    }
}
