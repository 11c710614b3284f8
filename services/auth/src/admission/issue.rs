//! Makes links that let people in, lists the invitations, takes them back.

use super::{Admission, purpose};
use crate::Session;
use crate::authenticate::roles_at;
use crate::desk::Visit;
use crate::token::{self, SECRET};
use contracts::admission::{
    InvitationFacts, Invitations, Invite, IssueReset, IssuedLink, LastSignIns, Purpose, Withdraw,
};
use contracts::people::{PlacesOf, account_elsewhere, administers, is_own, own_account};
use contracts::users::{Administrators, MembershipIn, UserByEmail, UserById};
use contracts::{SYSTEM_ORG, in_system_org, only_platform, own};
use kernel::command::{Known, Verb};
use kernel::rights::ADMINISTRATOR;
use kernel::schema::slot;
use kernel::{Actor, FieldProblem, Input, Problem, ProblemKind, Record};
use std::collections::HashMap;
use types::{Instant, Uuid, Value};

/// How long an invitation is good: a week.
pub const INVITATION_MICROS: i64 = 7 * DAY_MICROS;
/// How long a link to a new password is good: a day.
pub const RESET_MICROS: i64 = DAY_MICROS;
const DAY_MICROS: i64 = 24 * 3_600 * 1_000_000;
/// How often a link is tried to be written while others write it too.
const TRIES: usize = 3;

/// Who vouches for a link, and in which organisation; nobody for the platform itself.
#[derive(Clone, Copy, Debug)]
pub struct Authority {
    /// The administrator.
    pub issuer: Option<Uuid>,
    /// The organisation.
    pub org: Option<Uuid>,
}

impl Authority {
    /// Who asks.
    fn of(visit: &Visit) -> Authority {
        match visit.call.actor {
            Actor::User(user) => Authority { issuer: Some(user), org: Some(visit.call.org) },
            _ => Authority { issuer: None, org: None },
        }
    }

    /// Who made a link.
    pub fn behind(admission: &Record) -> Authority {
        let id = |slot: usize| admission.values[slot].as_id();
        Authority { issuer: id(Admission::ISSUER), org: id(Admission::ORG) }
    }

    /// Whether this authority may let people into its organisation now, and, for a new password,
    /// decide about the account of `user`. It is asked when a link is made and again when it is
    /// used: rights and memberships may have changed between the two.
    ///
    /// # Errors
    /// 403 `forbidden` or `account_elsewhere`; 404 for someone of another organisation.
    pub async fn holds(self, visit: &Visit, user: Option<Uuid>) -> Result<(), Problem> {
        let Some(issuer) = self.issuer else { return Ok(()) };
        let administrators = visit.ask::<Administrators>(&Administrators).await?;
        if administrators.iter().any(|one| one.id == issuer && one.active) {
            return Ok(());
        }
        let refused = || Problem::forbidden("auth.admission:create");
        let org = self.org.ok_or_else(refused)?;
        let place = visit.ask::<MembershipIn>(&MembershipIn { user: issuer, org }).await?;
        let place = place.ok_or_else(refused)?;
        if place.companies.is_some() || !place.roles.iter().any(|role| role == ADMINISTRATOR) {
            return Err(refused());
        }
        let Some(user) = user else { return Ok(()) };
        let places = visit.ask::<PlacesOf>(&PlacesOf { user }).await?;
        match is_own(&places, org) {
            true => Ok(()),
            false if places.contains(&org) => Err(account_elsewhere()),
            false => Err(Problem::not_found("user")),
        }
    }
}

/// Invites a person to an organisation.
pub async fn invite(visit: Visit, request: Invite) -> Result<IssuedLink, Problem> {
    administers(&visit.call, request.org, "auth.admission:create")?;
    let by = Authority { org: Some(request.org), ..Authority::of(&visit) };
    by.holds(&visit, None).await?;
    let Invite { org, email, name, mut roles } = request;
    roles.sort();
    roles.dedup();
    let email = email.trim().to_lowercase();
    let texts = [("email", email.as_str()), ("name", name.trim())];
    let mut input = own::input(&visit.runtime, Admission::ENTITY, &texts)?;
    for (name, text) in texts {
        if text.is_empty() {
            let pointer = format!("/{name}");
            input.problems.push(FieldProblem::new(pointer, "required", "must not be empty"));
        }
    }
    // Whoever asks sees the members anyway, and of other accounts learns nothing.
    if let Some(user) = visit.ask::<UserByEmail>(&UserByEmail { email: email.clone() }).await?
        && visit.ask::<PlacesOf>(&PlacesOf { user: user.id }).await?.contains(&org)
    {
        let text = "This person belongs to the organisation already. For a new password make a \
                    link on the person's page.";
        return Err(Problem::conflict("already_member", text));
    }
    let roles = Value::Json(serde_json::Value::from(roles).to_string());
    let input = input.set("user", Value::Null).set("roles", roles);
    let parts = [org.as_bytes().as_slice(), email.as_bytes()];
    issue(&visit, Purpose::Invitation, by, &parts, input).await
}

/// Makes a link to a new password.
pub async fn issue_reset(visit: Visit, request: IssueReset) -> Result<IssuedLink, Problem> {
    administers(&visit.call, visit.call.org, "auth.admission:create")?;
    let user = request.user;
    if visit.call.actor == Actor::User(user) {
        // A stolen session would otherwise become a password.
        let text = "Change your own password with the present one, or ask another administrator.";
        return Err(own_account(text));
    }
    let by = Authority::of(&visit);
    by.holds(&visit, Some(user)).await?;
    let known = visit.ask::<UserById>(&UserById { user }).await?;
    let known = known.ok_or_else(|| Problem::not_found("user"))?;
    if !known.active {
        let text = "This person may not sign in. Activate the account first.";
        return Err(Problem::conflict("user_inactive", text));
    }
    let input = Input::new().set("user", user);
    issue(&visit, Purpose::Reset, by, &[user.as_bytes()], input).await
}

/// Writes a link for what `parts` tell from others: a new one, or in the place of the one before.
async fn issue(
    visit: &Visit,
    purpose: Purpose,
    by: Authority,
    parts: &[&[u8]],
    input: Input,
) -> Result<IssuedLink, Problem> {
    let key = visit.fingerprint(purpose.name(), &parts.concat());
    let secret: [u8; SECRET] = visit.secret_of_request("admission", &[key.as_bytes()]);
    let hash = Value::from(visit.fingerprint("admission", &secret));
    let good = match purpose {
        Purpose::Invitation => INVITATION_MICROS,
        Purpose::Reset => RESET_MICROS,
    };
    let input = input
        .set("org", by.org)
        .set("issuer", by.issuer)
        .set("secret_hash", hash.clone())
        .set("expires_at", Instant(visit.now().0 + good));
    let made = |admission: &Record| IssuedLink {
        id: admission.id(),
        token: token::write(token::ADMISSION, admission.id(), &secret),
        expires_at: admission.values[Admission::EXPIRES_AT].as_instant().unwrap_or(visit.now()),
    };
    let reason = match by.issuer {
        Some(issuer) => format!("asked for by {}", types::format_id("usr", issuer)),
        None => visit.call.reason.clone().unwrap_or_default(),
    };
    let call = || in_system_org(&visit.call, &reason);
    for _ in 0..TRIES {
        let known = Value::from(key.as_str());
        let found = own::find(&visit.runtime, SYSTEM_ORG, Admission::ENTITY, "key", &known).await?;
        let written = match found.first() {
            // This very request was done before and its answer got lost.
            Some(same) if same.values[Admission::SECRET_HASH] == hash => return Ok(made(same)),
            Some(before) => {
                let known = Known::Exactly(before.version());
                let verb = Verb::Act { id: before.id(), act: "renew".to_owned(), known };
                visit.execute_as(call(), Admission::ENTITY, verb, input.clone()).await
            }
            None => {
                let input = input.clone().set("purpose", purpose.name()).set("key", key.as_str());
                visit.execute_as(call(), Admission::ENTITY, Verb::Create, input).await
            }
        };
        match written {
            Ok(admission) => return Ok(made(&admission)),
            Err(problem)
                if problem.kind == ProblemKind::PreconditionFailed
                    || problem.code == "already_exists" => {}
            Err(problem) => return Err(problem),
        }
    }
    Err(Problem::conflict("contended", "This link is being made by others too. Retry."))
}

/// The invitations to an organisation that nobody used yet.
pub async fn invitations(
    visit: Visit,
    request: Invitations,
) -> Result<Vec<InvitationFacts>, Problem> {
    administers(&visit.call, request.org, "auth.admission:read")?;
    let (org, open) = (request.org.into(), Admission::OPEN.into());
    let fields: [(&str, &Value); 2] = [("org", &org), ("state", &open)];
    let found = own::find_where(&visit.runtime, SYSTEM_ORG, Admission::ENTITY, &fields).await?;
    let invitations = found.iter().filter(|one| purpose(one) == Purpose::Invitation);
    let text = |one: &Record, slot: usize| one.values[slot].as_text().unwrap_or("").to_owned();
    let facts = invitations.map(|one| InvitationFacts {
        id: one.id(),
        email: text(one, Admission::EMAIL),
        name: text(one, Admission::NAME),
        roles: roles_at(one, Admission::ROLES),
        expires_at: one.values[Admission::EXPIRES_AT].as_instant().unwrap_or(Instant(0)),
    });
    Ok(facts.collect())
}

/// Takes an invitation back.
pub async fn withdraw(visit: Visit, request: Withdraw) -> Result<(), Problem> {
    administers(&visit.call, request.org, "auth.admission:withdraw")?;
    let found = visit.get(Admission::ENTITY, request.invitation).await?;
    let is_it = |one: &Record| {
        purpose(one) == Purpose::Invitation
            && one.values[Admission::ORG].as_id() == Some(request.org)
    };
    let found = found.filter(is_it).ok_or_else(|| Problem::not_found("invitation"))?;
    let verb = Verb::Act { id: found.id(), act: "withdraw".to_owned(), known: Known::Nothing };
    let reason = format!("asked for by {}", types::format_id("usr", visit.call.actor.user()));
    match visit.execute(&reason, Admission::ENTITY, verb, Input::new()).await {
        Err(problem) if problem.code == "wrong_state" => Ok(()),
        done => done.map(drop),
    }
}

/// When people last signed in to an organisation, as far as its newest sessions tell.
pub async fn last_sign_ins(
    visit: Visit,
    request: LastSignIns,
) -> Result<Vec<(Uuid, Instant)>, Problem> {
    only_platform(&visit.call, "auth.session:read")?;
    let org = request.org.into();
    let newest = own::newest(&visit.runtime, SYSTEM_ORG, Session::ENTITY, &[("org", &org)]).await?;
    let mut last: HashMap<Uuid, Instant> = HashMap::new();
    for session in &newest {
        let user = session.values[Session::USER].as_id();
        let at = session.values[slot::CREATED_AT].as_instant();
        if let (Some(user), Some(at)) = (user, at) {
            last.entry(user).or_insert(at);
        }
    }
    Ok(last.into_iter().collect())
}
