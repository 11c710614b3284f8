//! Who asks: tokens and cookies become identities, remembered for a few seconds.
//!
//! The cache is keyed by a keyed hash of the token, so that no token lies in memory longer than
//! its request; a burst of requests with one token asks `auth` once.

use crate::headers;
use crate::reply::Stop;
use contracts::auth::{Authenticate, Identity};
use contracts::users::MembershipIn;
use contracts::{SYSTEM_ORG, call, in_system_org};
use http::header::{AUTHORIZATION, COOKIE, HeaderMap};
use http::request::Parts;
use kernel::Kind;
use kernel::command::{Actor, Call};
use kernel::keys::Keys;
use kernel::problem::{Problem, ProblemKind};
use kernel::rights::ADMINISTRATOR;
use kernel::schema::slot;
use kernel::service::{Peers, Registry};
use moka::future::Cache;
use std::sync::Arc;
use std::time::Duration;
use types::{Uuid, format_id};

/// How long an identity is used before `auth` is asked again.
const REMEMBER: Duration = Duration::from_secs(3);
/// The longest token that is looked at.
const MAX_TOKEN: usize = 1_024;

/// The cookie of a browser's session where the connection is encrypted.
pub(crate) const COOKIE_SECURE: &str = "__Host-megalith";
/// The same on a loopback address without encryption, where browsers refuse the prefix.
pub(crate) const COOKIE_PLAIN: &str = "megalith";

/// Somebody who is signed in.
#[derive(Debug)]
pub(crate) struct Signed {
    /// Who asks.
    pub actor: Actor,
    /// The session's record, or the key's.
    pub session: Uuid,
    /// The organisation of the token.
    pub org: Uuid,
    /// The roles there.
    pub roles: Arc<[String]>,
    /// The companies that the user is limited to.
    pub companies: Option<Arc<[Uuid]>>,
    /// The user's id as logs show it.
    pub user_text: String,
    /// The organisation's id as logs show it.
    pub org_text: String,
}

impl Signed {
    /// The circumstances of what this person asks in their organisation.
    pub fn call(&self, request_id: &str) -> Call {
        Call {
            org: self.org,
            actor: self.actor.clone(),
            roles: self.roles.clone(),
            companies: self.companies.clone(),
            request_id: request_id.to_owned(),
            reason: None,
            change_set: None,
            idempotency: None,
            dry_run: false,
        }
    }
}

/// What a request shows as proof of who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof<'a> {
    /// `Authorization: Bearer …`.
    Bearer(&'a str),
    /// A browser's cookie, which the browser sends by itself.
    Cookie(&'a str),
}

impl<'a> Proof<'a> {
    /// The proof in a request's headers: the token, else the cookie.
    ///
    /// # Errors
    /// 401 for an `Authorization` of another scheme.
    pub fn find(headers: &'a HeaderMap) -> Result<Option<Proof<'a>>, Stop> {
        let Some(value) = headers.get(AUTHORIZATION) else {
            return Ok(cookie(headers, "").map(Proof::Cookie));
        };
        let token = value.to_str().ok().and_then(|text| text.split_once(' '));
        match token {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                Ok(Some(Proof::Bearer(token.trim())))
            }
            _ => {
                let text = "The Authorization header must be: Bearer TOKEN.";
                Err(Stop::unauthenticated(unauthenticated("unauthenticated", text), true))
            }
        }
    }

    /// The token in it.
    pub fn token(self) -> &'a str {
        match self {
            Proof::Bearer(token) | Proof::Cookie(token) => token,
        }
    }
}

/// The value of our cookie whose name ends in `suffix`; empty values count as none.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, suffix: &str) -> Option<&'a str> {
    let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let found = pairs.flat_map(|text| text.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        let base = name.strip_suffix(suffix)?;
        (base == COOKIE_SECURE || base == COOKIE_PLAIN).then_some(value)
    });
    found.filter(|value| !value.is_empty())
}

fn unauthenticated(code: &str, text: &str) -> Problem {
    Problem::new(ProblemKind::Unauthenticated, code, text)
}

/// Identities by token, and the roles of administrators in the system organisation.
pub(crate) struct Sessions {
    peers: Arc<dyn Peers>,
    keys: Arc<Keys>,
    user_prefix: String,
    identities: Cache<[u8; 32], Arc<Signed>>,
    administrators: Cache<Uuid, Arc<[String]>>,
}

impl Sessions {
    /// No identities yet.
    pub fn new(peers: Arc<dyn Peers>, keys: Arc<Keys>, registry: &Registry) -> Sessions {
        let identities = Cache::builder().max_capacity(50_000).time_to_live(REMEMBER);
        let identities = identities.support_invalidation_closures().build();
        let administrators = Cache::builder().max_capacity(1_000).time_to_live(REMEMBER).build();
        let user_prefix = user_prefix(registry);
        Sessions { peers, keys, user_prefix, identities, administrators }
    }

    /// Who asks.
    ///
    /// # Errors
    /// 401 without a valid token, 403 for a change by cookie that another site may have made.
    pub async fn of(&self, parts: &Parts, request_id: &str) -> Result<Arc<Signed>, Stop> {
        let Some(proof) = Proof::find(&parts.headers)? else {
            let text = "Sign in first: send Authorization: Bearer TOKEN. \
                        POST /api/v1/auth/login answers a token.";
            return Err(Stop::unauthenticated(unauthenticated("unauthenticated", text), false));
        };
        if matches!(proof, Proof::Cookie(_)) && !parts.method.is_safe() {
            headers::same_site(parts)?;
        }
        self.authenticate(proof.token(), request_id).await
    }

    /// Who a token stands for.
    ///
    /// # Errors
    /// 401 when it stands for nobody (any more).
    pub async fn authenticate(&self, token: &str, request_id: &str) -> Result<Arc<Signed>, Stop> {
        let plausible = token.bytes().all(|byte| byte.is_ascii_graphic());
        if !plausible || token.is_empty() || token.len() > MAX_TOKEN {
            let text = "This is not a token of this server. Sign in again.";
            return Err(Stop::unauthenticated(unauthenticated("invalid_token", text), true));
        }
        let key = self.key(token);
        if let Some(known) = self.identities.get(&key).await {
            return Ok(known);
        }
        let ask = async {
            let by =
                Call { request_id: request_id.to_owned(), ..Call::system(SYSTEM_ORG, "sign-in") };
            let request = Authenticate { token: token.to_owned() };
            let identity = call::<Authenticate>(&*self.peers, by, &request).await?;
            Ok::<_, Problem>(Arc::new(self.signed(identity)))
        };
        self.identities.try_get_with(key, ask).await.map_err(|problem| {
            let problem = Problem::clone(&problem);
            match problem.kind {
                ProblemKind::Unauthenticated => Stop::unauthenticated(problem, true),
                _ => Stop::from(problem),
            }
        })
    }

    fn signed(&self, identity: Identity) -> Signed {
        Signed {
            actor: identity.actor(),
            session: identity.session,
            org: identity.org,
            user_text: format_id(&self.user_prefix, identity.user),
            org_text: format_id(ORG_PREFIX, identity.org),
            roles: identity.roles.into(),
            companies: identity.companies.map(Into::into),
        }
    }

    /// Forgets a token, so that its end is felt at once.
    pub async fn forget(&self, token: &str) {
        self.identities.invalidate(&self.key(token)).await;
    }

    /// Forgets the tokens of a session or a key that has ended.
    pub fn forget_ended(&self, session: Uuid) {
        let ended = move |_: &[u8; 32], signed: &Arc<Signed>| signed.session == session;
        // It is refused to a cache that was not built for it only.
        let _ = self.identities.invalidate_entries_if(ended);
    }

    /// Forgets everyone.
    pub fn forget_all(&self) {
        self.identities.invalidate_all();
        self.administrators.invalidate_all();
    }

    /// The circumstances of what this person asks in the system organisation.
    ///
    /// Only who administers the installation has a role there; for all others nothing in it
    /// exists. A key has it too if it carries the role of administrator.
    ///
    /// # Errors
    /// 503 when `users` cannot answer.
    pub async fn system_call(&self, signed: &Signed, request_id: &str) -> Result<Call, Problem> {
        let call = signed.call(request_id);
        let none: Arc<[String]> = Arc::from([]);
        let roles = if signed.roles.iter().any(|role| role == ADMINISTRATOR) {
            self.roles_in_system(signed.actor.user(), &call).await?
        } else {
            none
        };
        Ok(Call { org: SYSTEM_ORG, roles, companies: None, ..call })
    }

    async fn roles_in_system(&self, user: Uuid, under: &Call) -> Result<Arc<[String]>, Problem> {
        let ask = async {
            let by = in_system_org(under, "roles of an administrator");
            let request = MembershipIn { user, org: SYSTEM_ORG };
            let membership = call::<MembershipIn>(&*self.peers, by, &request).await?;
            let roles = membership.map(|membership| membership.roles).unwrap_or_default();
            Ok::<Arc<[String]>, Problem>(roles.into())
        };
        let found = self.administrators.try_get_with(user, ask).await;
        found.map_err(|problem| Problem::clone(&problem))
    }

    fn key(&self, token: &str) -> [u8; 32] {
        self.keys.fingerprint(&[b"token", token.as_bytes()])
    }
}

/// The prefix of organisations' ids.
pub(crate) const ORG_PREFIX: &str = "org";

/// The prefix of the ids that `created_by` holds.
pub(crate) fn user_prefix(registry: &Registry) -> String {
    let field = registry.all().first().map(|entity| &entity.fields[slot::CREATED_BY].kind);
    let target = match field {
        Some(Kind::Link { entity, .. }) => registry.get(entity),
        _ => None,
    };
    target.map_or("usr".to_owned(), |entity| entity.prefix.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn the_proof_is_the_token_or_else_the_cookie() {
        for (authorization, cookies, expected) in [
            (None, None, Ok(None)),
            (Some("Bearer mgt_1"), None, Ok(Some(Proof::Bearer("mgt_1")))),
            (Some("bearer mgt_1"), Some("megalith=mgt_2"), Ok(Some(Proof::Bearer("mgt_1")))),
            (None, Some("a=b; megalith=mgt_2"), Ok(Some(Proof::Cookie("mgt_2")))),
            (None, Some("__Host-megalith=mgt_3;x=y"), Ok(Some(Proof::Cookie("mgt_3")))),
            (None, Some("megalith-refresh=mgr_1"), Ok(None)),
            (None, Some("megalith="), Ok(None)),
            (None, Some("xmegalith=mgt_2"), Ok(None)),
            (Some("Basic YTpi"), Some("megalith=mgt_2"), Err(())),
            (Some("mgt_1"), None, Err(())),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in [(AUTHORIZATION, authorization), (COOKIE, cookies)] {
                value.map(|value| headers.insert(name, HeaderValue::from_static(value)));
            }
            let found = Proof::find(&headers).map_err(|_| ());
            assert_eq!(found, expected, "{authorization:?} {cookies:?}");
        }
    }
}
