//! Where people are signed in and which keys programs have, over HTTP; `auth` decides who may see
//! and end what.

use super::answer::secret_json;
use super::body::Fields;
use super::people::id;
use super::{Answered, Desk};
use crate::query::Params;
use crate::reply;
use contracts::access::{Access, EndSession, KeyFacts, RevokeApiKey, SessionFacts};
use http::StatusCode;
use kernel::read::parameter;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use types::{Instant, Uuid, format_id};

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
        let sessions = facts.sessions.iter().map(|one| self.session_view(one, signed.session));
        Ok(secret_json(&json!({
            "sessions": sessions.collect::<Vec<_>>(),
            "api_keys": facts.keys.iter().map(|one| self.key_view(one)).collect::<Vec<_>>(),
        })))
    }

    pub(super) async fn end_session(mut self) -> Answered {
        let signed = self.signed().await?;
        let body: SessionBody = self.read()?;
        let mut fields = Fields::default();
        let session = id(&mut fields, "session", self.session_prefix(), body.session);
        fields.done()?;
        self.ask_as(&signed, &EndSession { org: signed.org, session }).await?;
        self.edge.sessions.forget_ended(session);
        Ok(reply::empty(StatusCode::NO_CONTENT))
    }

    pub(super) async fn revoke_key(mut self) -> Answered {
        let signed = self.signed().await?;
        let body: RevokeBody = self.read()?;
        let mut fields = Fields::default();
        let key = id(&mut fields, "api_key", self.key_prefix(), body.api_key);
        fields.done()?;
        self.ask_as(&signed, &RevokeApiKey { org: signed.org, key }).await?;
        self.edge.sessions.forget_ended(key);
        Ok(reply::empty(StatusCode::NO_CONTENT))
    }

    fn session_view(&self, one: &SessionFacts, own: Uuid) -> Json {
        json!({
            "id": format_id(self.session_prefix(), one.id),
            "user": format_id(&self.edge.user_prefix, one.user),
            "client": one.client,
            "address": one.address,
            "began_at": one.began_at.to_string(),
            "used_at": one.used_at.to_string(),
            "expires_at": one.expires_at.to_string(),
            "current": one.id == own,
        })
    }

    fn key_view(&self, one: &KeyFacts) -> Json {
        json!({
            "id": format_id(self.key_prefix(), one.id),
            "user": format_id(&self.edge.user_prefix, one.user),
            "name": one.name,
            "hint": one.hint,
            "roles": one.roles,
            "made_at": one.made_at.to_string(),
            "expires_at": one.expires_at.as_ref().map(Instant::to_string),
        })
    }

    pub(super) fn key_prefix(&self) -> &str {
        self.edge.registry.get("auth.api_key").map_or("key", |entity| &entity.prefix)
    }

    fn session_prefix(&self) -> &str {
        self.edge.registry.get("auth.session").map_or("ses", |entity| &entity.prefix)
    }
}
