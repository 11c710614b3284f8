//! Uses a link: says what it is for, sets the password or asks for that of the account, signs in.
//!
//! A link promises no more than whoever made it may give now, so that is asked again. Whoever has
//! an account already joins with its own password: an invitation opens no account that it did not
//! make.

use super::issue::Authority;
use super::{Admission, purpose};
use crate::attempts::Trier;
use crate::authenticate::roles_at;
use crate::credential::rules;
use crate::desk::Visit;
use crate::token::{self, SECRET};
use crate::{login, session};
use contracts::admission::{LinkFacts, Purpose, ReadLink, UseLink};
use contracts::auth::{Client, LoginAnswer, OrgChoice};
use contracts::people::PlacesOf;
use contracts::platform::Orgs;
use contracts::users::{AddMember, CreateUser, MembershipIn, UserByEmail, UserById, UserFacts};
use kernel::command::{Known, Verb};
use kernel::{Input, Problem, ProblemKind, Record};
use types::{Instant, Uuid, Value};

/// How often a link is looked at again while others change it.
const TRIES: usize = 3;

/// Says what a link is for.
pub async fn read_link(visit: Visit, request: ReadLink) -> Result<LinkFacts, Problem> {
    let admission = find(&visit, &request.token, &request.client).await?;
    if admission.state() == Some(Admission::USED) {
        return Err(used());
    }
    let org = promised(&visit, &admission).await?;
    let purpose = purpose(&admission);
    let text = |slot: usize| admission.values[slot].as_text().unwrap_or_default().to_owned();
    let is_claimed = admission.state() == Some(Admission::CLAIMED);
    let (email, name, signs_in) = match purpose {
        Purpose::Invitation => {
            let email = text(Admission::EMAIL);
            let account = account(&visit, &email, &admission).await?;
            let signs_in = is_claimed || matches!(account, Account::Known);
            (email, text(Admission::NAME), signs_in)
        }
        Purpose::Reset => {
            let user = whose(&visit, &admission).await?;
            (user.email, user.name, is_claimed)
        }
    };
    Ok(LinkFacts { purpose, email, name, org, expires_at: expires(&admission), signs_in })
}

/// Uses a link and signs in.
pub async fn use_link(visit: Visit, request: UseLink) -> Result<LoginAnswer, Problem> {
    for _ in 0..TRIES {
        match attempt(&visit, &request).await {
            // Somebody used, renewed or withdrew it in the meantime: what it is now, is said.
            Err(problem) if is_moved(&problem) => {}
            done => return done,
        }
    }
    Err(Problem::conflict("contended", "This link is being used by others too. Retry."))
}

fn is_moved(problem: &Problem) -> bool {
    problem.kind == ProblemKind::PreconditionFailed
        || matches!(problem.code.as_str(), "wrong_state" | "already_exists")
}

async fn attempt(visit: &Visit, request: &UseLink) -> Result<LoginAnswer, Problem> {
    let admission = find(visit, &request.token, &request.client).await?;
    if admission.state() == Some(Admission::OPEN) {
        promised(visit, &admission).await?;
        let (user, hash) = match purpose(&admission) {
            Purpose::Invitation => invited(visit, &admission, request).await?,
            Purpose::Reset => {
                let user = whose(visit, &admission).await?;
                let hash = hash(visit, &request.password, &user.email).await?;
                (user, Some(hash))
            }
        };
        let input = Input::new()
            .set("user", user.id)
            .set("request_hash", of_request(visit, &request.token))
            .set("password_hash", hash);
        let admission = act(visit, &admission, "claim", input).await?;
        return complete(visit, &admission, &user, &request.client).await;
    }
    // Used, or half-way: whoever did it goes on with the password of then, after a fault, or in
    // the same request because its answer got lost. For all others it was used.
    let kept = &admission.values[Admission::REQUEST_HASH];
    let is_same = !kept.is_null() && *kept == of_request(visit, &request.token);
    if !is_same && admission.state() != Some(Admission::CLAIMED) {
        return Err(used());
    }
    promised(visit, &admission).await?;
    let user = whose(visit, &admission).await?;
    let address = &request.client.address;
    match login::who(visit, &user.email, &request.password, address).await {
        Ok(user) => complete(visit, &admission, &user, &request.client).await,
        Err(problem) if problem.code == "wrong_credentials" => Err(used()),
        Err(problem) => Err(problem),
    }
}

/// Gives what the link promises to a user whose password is right, and signs in.
async fn complete(
    visit: &Visit,
    admission: &Record,
    user: &UserFacts,
    client: &Client,
) -> Result<LoginAnswer, Problem> {
    let org = admission.values[Admission::ORG].as_id().filter(|_| is_invitation(admission));
    if admission.state() == Some(Admission::CLAIMED) {
        if let Some(org) = org {
            join(visit, user.id, org, roles_at(admission, Admission::ROLES)).await?;
        }
        act(visit, admission, "finish", Input::new()).await?;
    }
    match org {
        Some(org) => Ok(LoginAnswer::Session(session::open(visit, user.id, org, client).await?)),
        None => login::to_org(visit, user.id, None, client).await,
    }
}

/// Makes the user a member; whoever became one in the meantime keeps those roles.
async fn join(visit: &Visit, user: Uuid, org: Uuid, roles: Vec<String>) -> Result<(), Problem> {
    if visit.ask::<MembershipIn>(&MembershipIn { user, org }).await?.is_none() {
        visit.ask::<AddMember>(&AddMember { user, org, roles, companies: None }).await?;
    }
    Ok(())
}

/// Who is invited: whoever shows the password of the account, or the account made now, with the
/// hash of its password.
async fn invited(
    visit: &Visit,
    admission: &Record,
    request: &UseLink,
) -> Result<(UserFacts, Option<String>), Problem> {
    let text = |slot: usize| admission.values[slot].as_text().unwrap_or_default();
    let email = text(Admission::EMAIL);
    match account(visit, email, admission).await? {
        Account::Known => {
            let address = &request.client.address;
            Ok((login::who(visit, email, &request.password, address).await?, None))
        }
        Account::Unused(user) => {
            let hash = hash(visit, &request.password, email).await?;
            Ok((user, Some(hash)))
        }
        Account::None => {
            let hash = hash(visit, &request.password, email).await?;
            let name = request.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
            let name = name.unwrap_or(text(Admission::NAME)).to_owned();
            let made = CreateUser { email: email.to_owned(), name, locale: None };
            Ok((visit.ask::<CreateUser>(&made).await?, Some(hash)))
        }
    }
}

/// What there is under an e-mail that is invited.
enum Account {
    /// Nothing.
    None,
    /// An account that nobody has a password for and that belongs nowhere: as good as none.
    Unused(UserFacts),
    /// An account with a password.
    Known,
}

/// # Errors
/// 409 `password_missing` for an account without a password that belongs somewhere: a link of
/// another organisation must not be what opens it.
async fn account(visit: &Visit, email: &str, admission: &Record) -> Result<Account, Problem> {
    let request = UserByEmail { email: email.to_owned() };
    let Some(user) = visit.ask::<UserByEmail>(&request).await? else { return Ok(Account::None) };
    if visit.credential(user.id).await?.is_some() {
        return Ok(Account::Known);
    }
    let places = visit.ask::<PlacesOf>(&PlacesOf { user: user.id }).await?;
    let org = admission.values[Admission::ORG].as_id();
    if user.active && places.iter().all(|place| Some(*place) == org) {
        return Ok(Account::Unused(user));
    }
    let text = "Your account has no password yet, so you cannot join with it. Ask who administers \
                the installation for a link to set one, then open this link again.";
    Err(Problem::conflict("password_missing", text))
}

/// The link of a token, open, claimed or used. A token that is none of ours counts as a failed
/// sign-in of its address.
///
/// # Errors
/// 404 `link_invalid`, 409 `link_withdrawn`, 429 after too many failures.
async fn find(visit: &Visit, token: &str, client: &Client) -> Result<Record, Problem> {
    let parsed = token::parse::<SECRET>(token::ADMISSION, token);
    let account = parsed.map_or_else(|| "link".to_owned(), |(id, _)| format!("link {id}"));
    let request = visit.call.request_id.as_bytes();
    let guess = visit.runtime.keys.fingerprint(&[request, token.as_bytes()]);
    let trier = Trier::new(&account, &client.address, (!request.is_empty()).then_some(guess));
    visit.desk.attempts.check(&trier, visit.now())?;
    let found = match parsed {
        Some((id, secret)) => {
            let hash = Value::from(visit.fingerprint("admission", &secret));
            let found = visit.get(Admission::ENTITY, id).await?;
            found.filter(|admission| admission.values[Admission::SECRET_HASH] == hash)
        }
        None => None,
    };
    visit.desk.attempts.settle(&trier, found.is_some(), visit.now())?;
    let found = found.ok_or_else(|| {
        let text = "This link is not valid: a part of it is missing, or a newer one was made. \
                    Open the newest link, or ask an administrator for another.";
        Problem::new(ProblemKind::NotFound, "link_invalid", text)
    })?;
    match found.state() {
        Some(Admission::OPEN | Admission::CLAIMED | Admission::USED) => Ok(found),
        _ => {
            let text = "This link was taken back. Ask an administrator for another.";
            Err(Problem::conflict("link_withdrawn", text))
        }
    }
}

/// That a link is still good and its maker still vouches for it; the organisation it leads to.
///
/// # Errors
/// 409 `link_expired` or `link_void`.
async fn promised(visit: &Visit, admission: &Record) -> Result<Option<OrgChoice>, Problem> {
    if visit.now() >= expires(admission) {
        let text = "This link is no longer good: its time is over. Ask an administrator for \
                    another.";
        return Err(Problem::conflict("link_expired", text));
    }
    let void = || {
        let text = "This link is void: whoever made it may not any more. Ask an administrator for \
                    another.";
        Problem::conflict("link_void", text)
    };
    let user = admission.values[Admission::USER].as_id().filter(|_| !is_invitation(admission));
    match Authority::behind(admission).holds(visit, user).await {
        Err(p) if matches!(p.kind, ProblemKind::Forbidden | ProblemKind::NotFound) => {
            return Err(void());
        }
        held => held?,
    }
    let org = admission.values[Admission::ORG].as_id().filter(|_| is_invitation(admission));
    let Some(org) = org else { return Ok(None) };
    let found = visit.ask::<Orgs>(&Orgs { ids: Some(vec![org]) }).await?;
    let found = found.into_iter().find(login::is_open).ok_or_else(void)?;
    Ok(Some(OrgChoice { id: found.id, slug: found.slug, name: found.name }))
}

/// Whose password a link sets, or who used the invitation.
///
/// # Errors
/// 409 `link_void` for who may not sign in any more.
async fn whose(visit: &Visit, admission: &Record) -> Result<UserFacts, Problem> {
    let user = admission.values[Admission::USER].as_id().unwrap_or_default();
    let user = visit.ask::<UserById>(&UserById { user }).await?;
    user.filter(|user| user.active).ok_or_else(|| {
        let text = "This account may not sign in any more. Ask an administrator.";
        Problem::conflict("link_void", text)
    })
}

/// The hash of a new password.
async fn hash(visit: &Visit, password: &str, email: &str) -> Result<String, Problem> {
    let problems = rules::password(password, email);
    if !problems.is_empty() {
        return Err(Problem::invalid(problems));
    }
    visit.desk.hasher.turn().await?.hash(password, visit.random()).await
}

/// Moves a link that is as it was read.
async fn act(
    visit: &Visit,
    admission: &Record,
    act: &str,
    input: Input,
) -> Result<Record, Problem> {
    let known = Known::Exactly(admission.version());
    let verb = Verb::Act { id: admission.id(), act: act.to_owned(), known };
    visit.execute("a link is used", Admission::ENTITY, verb, input).await?;
    // The answer has no secrets; what follows compares some.
    let read = visit.get(Admission::ENTITY, admission.id()).await?;
    read.ok_or_else(|| Problem::not_found("admission"))
}

/// Tells a request from others; none without an id.
fn of_request(visit: &Visit, token: &str) -> Value {
    match visit.call.request_id.as_str() {
        "" => Value::Null,
        id => visit
            .fingerprint("admission of request", &[id.as_bytes(), token.as_bytes()].concat())
            .into(),
    }
}

fn is_invitation(admission: &Record) -> bool {
    purpose(admission) == Purpose::Invitation
}

fn expires(admission: &Record) -> Instant {
    admission.values[Admission::EXPIRES_AT].as_instant().unwrap_or(Instant(0))
}

fn used() -> Problem {
    let text = "This link was used. Sign in with your e-mail and password; if the password is \
                lost, ask an administrator for a link to a new one.";
    Problem::conflict("link_used", text)
}
