//! Where people are signed in and which keys programs have, over HTTP; `auth` decides who may see
//! and end what.

use super::answer::secret_json;
use super::body::Fields;
use super::people::id;
use super::{Answered, Desk, Named};
use crate::query::Params;
use crate::reply;
use contracts::access::{Access, EndSession, KeyFacts, RevokeApiKey, SessionFacts};
use http::StatusCode;
use kernel::read::parameter;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use types::{Instant, Uuid, format_id};

const SESSION: Named = ("auth.session", "ses");
pub(super) const API_KEY: Named = ("auth.api_key", "key");

/// A session to end.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionBody {
    session: Option<String>,
}

/// A key to revoke.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RevokeBody {
    api_key: Option<String>,
}

impl Desk<'_, '_> {
    pub(super) async fn access(mut self, params: &Params<'_>) -> Answered {
        let signed = self.signed().await?;
        let prefix = &self.edge.user_prefix;
        let user = match params.get("user").map(types::parse_id) {
            None => None,
            Some(Ok((known, id))) if known == *prefix => Some(id),
            Some(_) => {
                let text = format!("user must be the id of a user ({prefix}_…)");
                return Err(parameter("user", "invalid_id", text).into());
            }
        };
        let facts = self.ask_as(&signed, &Access { org: signed.org, user }).await?;
        let (of_session, of_key) = (self.prefix(SESSION), self.prefix(API_KEY));
        let own = signed.session;
        let sessions = facts.sessions.iter().map(|one| session_view(one, own, of_session, prefix));
        let keys = facts.keys.iter().map(|one| key_view(one, of_key, prefix));
        Ok(secret_json(&json!({
            "sessions": sessions.collect::<Vec<_>>(),
            "api_keys": keys.collect::<Vec<_>>(),
        })))
    }

    pub(super) async fn end_session(mut self) -> Answered {
        let signed = self.signed().await?;
        let body: SessionBody = self.read()?;
        let mut fields = Fields::default();
        let session = id(&mut fields, "session", self.prefix(SESSION), body.session);
        fields.done()?;
        self.ask_as(&signed, &EndSession { org: signed.org, session }).await?;
        self.edge.sessions.forget_ended(session);
        Ok(reply::empty(StatusCode::NO_CONTENT))
    }

    pub(super) async fn revoke_key(mut self) -> Answered {
        let signed = self.signed().await?;
        let body: RevokeBody = self.read()?;
        let mut fields = Fields::default();
        let key = id(&mut fields, "api_key", self.prefix(API_KEY), body.api_key);
        fields.done()?;
        self.ask_as(&signed, &RevokeApiKey { org: signed.org, key }).await?;
        self.edge.sessions.forget_ended(key);
        Ok(reply::empty(StatusCode::NO_CONTENT))
    }
}

fn session_view(one: &SessionFacts, own: Uuid, prefix: &str, user: &str) -> Json {
    json!({
        "id": format_id(prefix, one.id),
        "user": format_id(user, one.user),
        "client": one.client,
        "address": one.address,
        "began_at": one.began_at.to_string(),
        "used_at": one.used_at.to_string(),
        "expires_at": one.expires_at.to_string(),
        "current": one.id == own,
    })
}

fn key_view(one: &KeyFacts, prefix: &str, user: &str) -> Json {
    json!({
        "id": format_id(prefix, one.id),
        "user": format_id(user, one.user),
        "name": one.name,
        "hint": one.hint,
        "roles": one.roles,
        "made_at": one.made_at.to_string(),
        "expires_at": one.expires_at.as_ref().map(Instant::to_string),
    })
}
