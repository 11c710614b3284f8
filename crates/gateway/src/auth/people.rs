//! The people of an organisation over HTTP, and the links that let them in.
//!
//! `users` and `auth` decide who may do what. The token of a link is answered once, to whoever
//! made it, and read from bodies only, so that it stands in no address and no log.

use super::answer::{OrgView, secret_json};
use super::body::Fields;
use super::{Answered, Desk, Named, unauthenticated};
use crate::headers;
use crate::reply::{self, Stop};
use crate::session::Signed;
use contracts::admission::{
    Invitations, Invite, IssueReset, IssuedLink, LastSignIns, ReadLink, UseLink, Withdraw,
};
use contracts::people::{ChangePerson, EndMembership, People, Person};
use contracts::{Contract, call};
use http::StatusCode;
use kernel::problem::{FieldProblem, Problem};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use types::{Instant, Uuid, format_id};

/// The entity of links, for the prefix of their ids.
const ADMISSION: Named = ("auth.admission", "adm");

/// The link that somebody opened.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkBody {
    token: Option<String>,
}

/// What somebody does with a link.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UseBody {
    token: Option<String>,
    password: Option<String>,
    name: Option<String>,
    #[serde(default)]
    cookie: bool,
}

/// Whom to invite.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InviteBody {
    email: Option<String>,
    name: Option<String>,
    #[serde(default)]
    roles: Vec<String>,
}

/// An invitation to take back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WithdrawBody {
    invitation: Option<String>,
}

/// Somebody of the organisation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserBody {
    user: Option<String>,
}

/// What changes about somebody.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonBody {
    user: Option<String>,
    roles: Option<Vec<String>>,
    name: Option<String>,
    active: Option<bool>,
}

impl Desk<'_, '_> {
    pub(super) async fn read_link(self) -> Answered {
        let body: LinkBody = self.read()?;
        let mut fields = Fields::default();
        let token = fields.text("token", body.token);
        fields.done()?;
        let asked = ReadLink { token, client: self.client() };
        let facts = self.ask::<ReadLink>("a link is opened", &asked).await?;
        let org = facts.org.map(|org| OrgView::of(org.id, org.slug, org.name));
        Ok(secret_json(&json!({
            "purpose": facts.purpose.name(),
            "email": facts.email,
            "name": facts.name,
            "org": org,
            "expires_at": facts.expires_at.to_string(),
            "signs_in": facts.signs_in,
        })))
    }

    pub(super) async fn use_link(self) -> Answered {
        let body: UseBody = self.read()?;
        if body.cookie {
            headers::same_site(self.parts)?;
        }
        let mut fields = Fields::default();
        let token = fields.text("token", body.token);
        let password = fields.text("password", body.password);
        let name = body.name.map(|name| fields.text("name", Some(name)));
        fields.done()?;
        let asked = UseLink { token, password, name, client: self.client() };
        let answer =
            self.ask::<UseLink>("a link is used", &asked).await.map_err(unauthenticated)?;
        Ok(self.signed_in(answer, body.cookie))
    }

    pub(super) async fn invitations(mut self) -> Answered {
        let signed = self.signed().await?;
        let invitations = self.ask_as(&signed, &Invitations { org: signed.org }).await?;
        let items = invitations.iter().map(|one| {
            json!({
                "id": self.link_id(one.id), "email": one.email, "name": one.name,
                "roles": one.roles, "expires_at": one.expires_at.to_string(),
            })
        });
        Ok(secret_json(&json!({"items": items.collect::<Vec<_>>()})))
    }

    pub(super) async fn invite(mut self) -> Answered {
        let signed = self.signed().await?;
        let body: InviteBody = self.read()?;
        let mut fields = Fields::default();
        let email = fields.text("email", body.email);
        let name = fields.text("name", body.name);
        fields.done()?;
        let asked = Invite { org: signed.org, email, name, roles: body.roles };
        let link = self.ask_as(&signed, &asked).await?;
        Ok(self.link(&link))
    }

    pub(super) async fn withdraw(mut self) -> Answered {
        let signed = self.signed().await?;
        let body: WithdrawBody = self.read()?;
        let mut fields = Fields::default();
        let prefix = self.prefix(ADMISSION);
        let invitation = id(&mut fields, "invitation", prefix, body.invitation);
        fields.done()?;
        self.ask_as(&signed, &Withdraw { org: signed.org, invitation }).await?;
        Ok(reply::empty(StatusCode::NO_CONTENT))
    }

    pub(super) async fn reset(mut self) -> Answered {
        let (signed, user) = self.somebody().await?;
        let link = self.ask_as(&signed, &IssueReset { user }).await?;
        Ok(self.link(&link))
    }

    pub(super) async fn people(mut self) -> Answered {
        let signed = self.signed().await?;
        let people = self.ask_as(&signed, &People { org: signed.org }).await?;
        let asked = LastSignIns { org: signed.org };
        let last = self.ask::<LastSignIns>("when people signed in", &asked).await?;
        let last: HashMap<Uuid, Instant> = last.into_iter().collect();
        let items = people.iter().map(|one| {
            let mut shown = self.person(one);
            shown["last_sign_in"] = json!(last.get(&one.user).map(ToString::to_string));
            shown
        });
        Ok(secret_json(&json!({"items": items.collect::<Vec<_>>()})))
    }

    pub(super) async fn change_person(mut self) -> Answered {
        let signed = self.signed().await?;
        let body: PersonBody = self.read()?;
        let mut fields = Fields::default();
        let user = id(&mut fields, "user", &self.edge.user_prefix, body.user);
        let name = body.name.map(|name| fields.text("name", Some(name)));
        fields.done()?;
        let (roles, active) = (body.roles, body.active);
        let asked = ChangePerson { org: signed.org, user, roles, name, active };
        let person = self.ask_as(&signed, &asked).await?;
        Ok(secret_json(&self.person(&person)))
    }

    pub(super) async fn end_membership(mut self) -> Answered {
        let (signed, user) = self.somebody().await?;
        self.ask_as(&signed, &EndMembership { org: signed.org, user }).await?;
        Ok(reply::empty(StatusCode::NO_CONTENT))
    }

    /// Who asks, and about whom.
    async fn somebody(&mut self) -> Result<(std::sync::Arc<Signed>, Uuid), Stop> {
        let signed = self.signed().await?;
        let body: UserBody = self.read()?;
        let mut fields = Fields::default();
        let user = id(&mut fields, "user", &self.edge.user_prefix, body.user);
        fields.done()?;
        Ok((signed, user))
    }

    /// Asks in the name of who is signed in.
    pub(super) async fn ask_as<C>(&self, signed: &Signed, asked: &C) -> Result<C::Answer, Problem>
    where
        C: Contract<Request = C>,
    {
        let by = signed.call(&self.exchange.request_id);
        call::<C>(&*self.edge.peers, by, asked).await
    }

    fn link(&self, link: &IssuedLink) -> http::Response<crate::reply::Body> {
        secret_json(&json!({
            "id": self.link_id(link.id),
            "path": link.path(),
            "expires_at": link.expires_at.to_string(),
        }))
    }

    fn person(&self, person: &Person) -> Json {
        let companies = person.companies.as_ref().map(|companies| {
            let prefix = self.edge.company_prefix();
            companies.iter().map(|id| format_id(prefix, *id)).collect::<Vec<_>>()
        });
        json!({
            "user": format_id(&self.edge.user_prefix, person.user),
            "email": person.email,
            "name": person.name,
            "roles": person.roles,
            "companies": companies,
            "active": person.active,
            "manageable": person.manageable,
        })
    }

    fn link_id(&self, id: Uuid) -> String {
        format_id(self.prefix(ADMISSION), id)
    }
}

/// The id that a member of a body holds; what is wrong with it is noted.
pub(super) fn id(fields: &mut Fields, name: &str, prefix: &str, text: Option<String>) -> Uuid {
    let text = fields.text(name, text);
    match types::parse_id(&text) {
        Ok((known, id)) if known == prefix => return id,
        _ if text.is_empty() => {}
        _ => {
            let text = format!("must be an id that begins with {prefix}_");
            fields.0.push(FieldProblem::new(format!("/{name}"), "invalid_id", text));
        }
    }
    Uuid::nil()
}
