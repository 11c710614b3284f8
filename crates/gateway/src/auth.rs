//! Signing in and out over HTTP: JSON for programs, cookies for browsers.
//!
//! `auth` decides; this module refuses what must not travel on an open line, reads and writes
//! JSON, and keeps tokens out of the reach of scripts where a browser asks for a cookie.

mod access;
mod answer;
mod body;
mod people;

use crate::edge::{Edge, Exchange, user_agent};
use crate::headers;
use crate::query::Params;
use crate::reply::{self, Body, Stop};
use crate::session::{Proof, Signed, cookie};
use access::API_KEY;
use answer::{KeyView, Me, Needs, OrgView, UserView, secret_json};
use body::{Fields, KeyBody, LoginBody, PasswordBody, RefreshBody, SetUpBody, SwitchBody, slug_of};
use bytes::Bytes;
use contracts::auth::{
    Client, ContinueLogin, IssueApiKey, Login, LoginAnswer, Logout, Refresh, Session, SetPassword,
    SetUp, Switch,
};
use contracts::platform::{CreateOrg, OrgFacts, Orgs};
use contracts::users::{Memberships, UserById};
use contracts::{Contract, SYSTEM_ORG, call};
use http::request::Parts;
use http::{Response, StatusCode};
use kernel::command::{Actor, Call};
use kernel::problem::{FieldProblem, Problem, ProblemKind};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use types::format_id;

/// What every path of sign-in comes to.
type Answered = Result<Response<Body>, Stop>;

impl Edge {
    /// Answers one of the paths of [`crate::path::AUTH`].
    pub(crate) async fn auth(
        &self,
        name: &str,
        parts: &Parts,
        body: Bytes,
        exchange: &mut Exchange<'_>,
    ) -> Answered {
        let known: &[&str] = if name == "access" { &["user"] } else { &[] };
        let params = Params::parse(parts.uri.query(), known)?;
        let desk = Desk { edge: self, parts, body, exchange };
        match name {
            "login" => desk.login().await,
            "refresh" => desk.refresh().await,
            "switch" => desk.switch().await,
            "logout" => desk.logout().await,
            "setup" => desk.set_up().await,
            "api-keys:issue" => desk.issue_key().await,
            "api-keys:revoke" => desk.revoke_key().await,
            "access" => desk.access(&params).await,
            "sessions:end" => desk.end_session().await,
            "password" => desk.password().await,
            "password:reset" => desk.reset().await,
            "link:read" => desk.read_link().await,
            "link:use" => desk.use_link().await,
            "invitations" => desk.invitations().await,
            "invitations:issue" => desk.invite().await,
            "invitations:withdraw" => desk.withdraw().await,
            "people" => desk.people().await,
            "people:change" => desk.change_person().await,
            "people:end" => desk.end_membership().await,
            _ => desk.me().await,
        }
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
}

/// An entity of auth, and the prefix of its ids where its service is not among these.
type Named = (&'static str, &'static str);

/// One request to sign in, out or elsewhere.
struct Desk<'a, 'e> {
    edge: &'a Edge,
    parts: &'a Parts,
    body: Bytes,
    exchange: &'a mut Exchange<'e>,
}

impl Desk<'_, '_> {
    async fn login(self) -> Answered {
        let body: LoginBody = self.read()?;
        self.same_site_if(body.cookie)?;
        let mut fields = Fields::default();
        let client = self.client();
        let answer = match body.login_token {
            Some(token) => {
                let login_token = fields.text("login_token", Some(token));
                let org = fields.text("org", body.org);
                fields.done()?;
                let request = ContinueLogin { login_token, org, client };
                self.ask::<ContinueLogin>("sign-in", &request).await?
            }
            None => {
                let email = fields.text("email", body.email);
                let password = fields.text("password", body.password);
                let org = body.org.map(|org| fields.text("org", Some(org)));
                fields.done()?;
                let request = Login { email, password, org, client };
                self.ask::<Login>("sign-in", &request).await?
            }
        };
        Ok(self.signed_in(answer, body.cookie))
    }

    /// A session, or what a sign-in needs besides.
    fn signed_in(&self, answer: LoginAnswer, by_cookie: bool) -> Response<Body> {
        match answer {
            LoginAnswer::Session(session) => self.session(&session, by_cookie),
            LoginAnswer::Needs { needs, orgs, login_token } => {
                let orgs = orgs.into_iter().map(|org| OrgView::of(org.id, org.slug, org.name));
                let orgs = orgs.collect();
                secret_json(&Needs { needs: needs.name(), orgs, login_token: &login_token })
            }
        }
    }

    async fn refresh(self) -> Answered {
        self.refuse_open_line()?;
        let body = match self.body.is_empty() {
            true => RefreshBody { refresh_token: None },
            false => self.read()?,
        };
        let by_cookie = body.refresh_token.is_none();
        let refresh_token = match (body.refresh_token, cookie(&self.parts.headers, "-refresh")) {
            (Some(token), _) => token,
            (None, Some(token)) => {
                headers::same_site(self.parts)?;
                token.to_owned()
            }
            (None, None) => {
                let text = "There is no session to renew: send the refresh token, or sign in.";
                let problem = Problem::new(ProblemKind::Unauthenticated, "unauthenticated", text);
                return self.over(Stop::unauthenticated(problem, false));
            }
        };
        let answer = self.ask::<Refresh>("refresh", &Refresh { refresh_token }).await;
        let session = match answer.map_err(unauthenticated) {
            Err(stop) if by_cookie && stop.problem.kind == ProblemKind::Unauthenticated => {
                return self.over(stop);
            }
            answer => answer?,
        };
        if let Some(old) = cookie(&self.parts.headers, "").filter(|_| by_cookie) {
            self.edge.sessions.forget(old).await;
        }
        Ok(self.session(&session, by_cookie))
    }

    /// A browser's session cannot be renewed: what is left of its cookies goes, so that the app
    /// asks to sign in and not to renew again. Another site's page takes no cookie away.
    fn over(self, stop: Stop) -> Answered {
        if headers::same_site(self.parts).is_err() {
            return Err(stop);
        }
        let mut response = stop.response(&self.exchange.request_id);
        self.edge.end_cookies(self.parts, &mut response);
        Ok(response)
    }

    async fn switch(mut self) -> Answered {
        self.signed().await?;
        let body: SwitchBody = self.read()?;
        let mut fields = Fields::default();
        let org = fields.text("org", body.org);
        fields.done()?;
        let Some(proof) = Proof::find(&self.parts.headers)? else {
            return Err(Problem::internal("a proof that was there is gone").into());
        };
        let token = proof.token().to_owned();
        let request = Switch { token, org, client: self.client() };
        let session = self.ask::<Switch>("switch", &request).await.map_err(unauthenticated)?;
        self.edge.sessions.forget(proof.token()).await;
        Ok(self.session(&session, matches!(proof, Proof::Cookie(_))))
    }

    async fn logout(mut self) -> Answered {
        let parts = self.parts;
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
                self.signed().await?;
                Proof::find(&parts.headers)?.map_or("", Proof::token)
            }
        };
        self.ask::<Logout>("sign-out", &Logout { token: token.to_owned() }).await?;
        self.edge.sessions.forget(token).await;
        let mut response = reply::empty(StatusCode::NO_CONTENT);
        if left.is_some() {
            self.edge.end_cookies(parts, &mut response);
        }
        Ok(response)
    }

    async fn set_up(self) -> Answered {
        let body: SetUpBody = self.read()?;
        self.same_site_if(body.cookie)?;
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
        let request = SetUp { token, name, email, password, org, client: self.client() };
        let session = self.ask::<SetUp>("set-up", &request).await.map_err(unauthenticated)?;
        Ok(self.session(&session, body.cookie))
    }

    async fn password(mut self) -> Answered {
        let signed = self.signed().await?;
        self.refuse_open_line()?;
        if !matches!(signed.actor, Actor::User(_)) {
            return Err(Problem::forbidden("password:change").into());
        }
        let body: PasswordBody = self.read()?;
        let mut fields = Fields::default();
        let current = Some(fields.text("current", body.current));
        let password = fields.text("password", body.password);
        fields.done()?;
        let keep = Some(signed.session);
        let request = SetPassword { user: signed.actor.user(), current, password, keep };
        let by = Call { org: SYSTEM_ORG, ..signed.call(&self.exchange.request_id) };
        call::<SetPassword>(&*self.edge.peers, by, &request).await?;
        Ok(reply::empty(StatusCode::NO_CONTENT))
    }

    /// Makes a key for a program in the organisation of the token; it is shown this once.
    async fn issue_key(mut self) -> Answered {
        let signed = self.signed().await?;
        let body: KeyBody = self.read()?;
        let user_prefix = &self.edge.user_prefix;
        let mut fields = Fields::default();
        let name = fields.text("name", body.name);
        let user = match body.user.as_deref().map(types::parse_id) {
            None => signed.actor.user(),
            Some(Ok((prefix, id))) if prefix == *user_prefix => id,
            Some(_) => {
                let text = format!("must be the id of a user ({user_prefix}_…)");
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
        let by = signed.call(&self.exchange.request_id);
        let issued = call::<IssueApiKey>(&*self.edge.peers, by, &request).await?;
        let id = format_id(self.prefix(API_KEY), issued.id);
        Ok(secret_json(&KeyView { id, key: issued.key }))
    }

    async fn me(mut self) -> Answered {
        let signed = self.signed().await?;
        let user = signed.actor.user();
        let why = "who am I";
        let (by_id, of_user) = (UserById { user }, Memberships { user });
        let (facts, memberships) = futures::future::try_join(
            self.ask::<UserById>(why, &by_id),
            self.ask::<Memberships>(why, &of_user),
        )
        .await?;
        let mut ids: Vec<_> = memberships.iter().map(|membership| membership.org).collect();
        ids.push(signed.org);
        ids.retain(|org| *org != SYSTEM_ORG);
        ids.sort_unstable();
        ids.dedup();
        let found = self.ask::<Orgs>(why, &Orgs { ids: Some(ids) }).await?;
        let view = |org: &OrgFacts| OrgView::of(org.id, org.slug.clone(), org.name.clone());
        let companies = signed.companies.as_ref().map(|companies| {
            let prefix = self.edge.company_prefix();
            companies.iter().map(|id| format_id(prefix, *id)).collect()
        });
        let me = Me {
            user: UserView {
                id: format_id(&self.edge.user_prefix, user),
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

    /// The prefix of an entity's ids.
    fn prefix(&self, (entity, usual): Named) -> &str {
        self.edge.registry.get(entity).map_or(usual, |entity| &entity.prefix)
    }

    /// Who asks, noted for the log.
    async fn signed(&mut self) -> Result<Arc<Signed>, Stop> {
        let signed = self.edge.sessions.of(self.parts, &self.exchange.request_id).await?;
        self.exchange.signed = Some(signed.clone());
        Ok(signed)
    }

    /// The body, which holds secrets: not on a line that others can read.
    fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        self.refuse_open_line()?;
        body::read(self.parts, &self.body)
    }

    /// Refuses secrets on a line that others can read.
    fn refuse_open_line(&self) -> Result<(), Problem> {
        if self.edge.is_private(self.parts) {
            return Ok(());
        }
        let text = "Passwords and tokens do not travel unencrypted. Put a proxy with TLS in front \
                    of this server and start it with trusted X-Forwarded-Proto, or open it on its \
                    own machine as http://localhost.";
        Err(Problem::new(ProblemKind::Forbidden, "insecure_transport", text))
    }

    /// A browser's cookie is given to pages of this server only.
    fn same_site_if(&self, by_cookie: bool) -> Result<(), Problem> {
        if by_cookie { headers::same_site(self.parts) } else { Ok(()) }
    }

    /// Asks as the platform: nobody is signed in yet.
    async fn ask<C: Contract>(
        &self,
        why: &str,
        request: &C::Request,
    ) -> Result<C::Answer, Problem> {
        let request_id = self.exchange.request_id.clone();
        let by = Call { request_id, ..Call::system(SYSTEM_ORG, why) };
        call::<C>(&*self.edge.peers, by, request).await
    }

    fn client(&self) -> Client {
        Client { name: user_agent(self.parts), address: self.exchange.client.to_string() }
    }

    fn session(&self, session: &Session, by_cookie: bool) -> Response<Body> {
        self.edge.session(self.parts, session, by_cookie)
    }
}

fn unauthenticated(problem: Problem) -> Stop {
    match problem.kind {
        ProblemKind::Unauthenticated => Stop::unauthenticated(problem, true),
        _ => problem.into(),
    }
}
