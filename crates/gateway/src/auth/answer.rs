//! What the paths of sign-in answer: tokens for programs, cookies for browsers, never cached.

use crate::edge::Edge;
use crate::reply::{self, Body};
use crate::session::{COOKIE_PLAIN, COOKIE_SECURE, ORG_PREFIX};
use contracts::auth::Session;
use http::header::{CACHE_CONTROL, HeaderValue, SET_COOKIE};
use http::request::Parts;
use http::{Response, StatusCode};
use serde::Serialize;
use types::{Uuid, format_id};

/// A new key, shown this once.
#[derive(Serialize)]
pub(super) struct KeyView {
    pub id: String,
    pub key: String,
}

/// A new session.
#[derive(Serialize)]
pub(super) struct Tokens {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    pub token_type: &'static str,
    pub expires_in: u32,
    pub user: String,
    pub org: String,
}

/// What a login still needs.
#[derive(Serialize)]
pub(super) struct Needs<'a> {
    pub needs: &'static str,
    pub orgs: Vec<OrgView>,
    pub login_token: &'a str,
}

/// An organisation to choose.
#[derive(Serialize)]
pub(super) struct OrgView {
    pub id: String,
    pub slug: String,
    pub name: String,
}

/// Who is signed in, and where.
#[derive(Serialize)]
pub(super) struct Me {
    pub user: UserView,
    pub org: Option<OrgView>,
    pub orgs: Vec<OrgView>,
    pub roles: Vec<String>,
    pub companies: Option<Vec<String>>,
    pub kind: &'static str,
}

/// A user.
#[derive(Serialize)]
pub(super) struct UserView {
    pub id: String,
    pub email: String,
    pub name: String,
    pub locale: String,
}

impl OrgView {
    /// An organisation by its id, short name and name.
    pub fn of(id: Uuid, slug: String, name: String) -> OrgView {
        OrgView { id: format_id(ORG_PREFIX, id), slug, name }
    }
}

impl Edge {
    /// A new session as an answer: tokens for a program, cookies for a browser.
    pub(super) fn session(
        &self,
        parts: &Parts,
        session: &Session,
        by_cookie: bool,
    ) -> Response<Body> {
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
            let hidden = "; HttpOnly";
            set_cookie(&mut response, encrypted, "", &session.access_token, hidden);
            set_cookie(&mut response, encrypted, "-refresh", &session.refresh_token, hidden);
            // Tells the app that there is a session to ask for; it proves nothing.
            set_cookie(&mut response, encrypted, "-signed", "1", "");
        }
        response
    }

    /// Takes the cookies of a session away.
    pub(super) fn end_cookies(&self, parts: &Parts, response: &mut Response<Body>) {
        for (suffix, hidden) in [("", "; HttpOnly"), ("-refresh", "; HttpOnly"), ("-signed", "")] {
            let more = format!("{hidden}; Max-Age=0");
            set_cookie(response, self.is_encrypted(parts), suffix, "", &more);
        }
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
    let text = format!("{name}{suffix}={value}; Path=/{more}; SameSite=Strict{secure}");
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

/// An answer that nobody may keep.
pub(super) fn secret_json(value: &impl Serialize) -> Response<Body> {
    let text = serde_json::to_string(value).unwrap_or_default();
    let mut response = reply::json(StatusCode::OK, text);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
