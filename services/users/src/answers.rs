//! What `users` answers to the other services.

use crate::membership::rules::{key_of, parse_companies, parse_texts};
use crate::user::rules::canonical_email;
use crate::{Grant, Membership, User};
use contracts::users::{
    AddMember, Administrators, CreateUser, Membership as MembershipFacts, MembershipIn,
    Memberships, RemoveMember, Rules, UserByEmail, UserById, UserFacts, UserNames,
};
use contracts::{SYSTEM_ORG, in_system_org, once, only_platform, own};
use futures::future::BoxFuture;
use kernel::command::{Answer, Known, Verb};
use kernel::rights::{ADMINISTRATOR, Rule};
use kernel::service::Runtime;
use kernel::{Call, Command, Input, Problem, Record};
use std::sync::Arc;
use types::{Uuid, Value};

/// Finds a user by e-mail.
pub async fn user_by_email(
    runtime: Arc<Runtime>,
    _: Call,
    request: UserByEmail,
) -> Result<Option<UserFacts>, Problem> {
    let email = canonical_email(&request.email).into();
    let found = own::find(&runtime, SYSTEM_ORG, User::ENTITY, "email", &email).await?;
    Ok(found.first().map(facts))
}

/// Finds a user by id.
pub async fn user_by_id(
    runtime: Arc<Runtime>,
    _: Call,
    request: UserById,
) -> Result<Option<UserFacts>, Problem> {
    let found = own::get(&runtime, SYSTEM_ORG, User::ENTITY, request.user).await?;
    Ok(found.as_ref().map(facts))
}

/// The names of users.
pub async fn user_names(
    runtime: Arc<Runtime>,
    call: Call,
    request: UserNames,
) -> Result<Vec<(Uuid, String)>, Problem> {
    only_platform(&call, "users.user:read")?;
    let mut names = Vec::with_capacity(request.users.len());
    for user in request.users {
        let found = own::get(&runtime, SYSTEM_ORG, User::ENTITY, user).await?;
        names.extend(found.map(|found| (user, facts(&found).name)));
    }
    Ok(names)
}

/// The organisations that an active user belongs to; the system organisation is not one of them.
pub async fn memberships(
    runtime: Arc<Runtime>,
    _: Call,
    request: Memberships,
) -> Result<Vec<MembershipFacts>, Problem> {
    if !is_active(&runtime, request.user).await? {
        return Ok(Vec::new());
    }
    let user = request.user.into();
    let found = own::find(&runtime, SYSTEM_ORG, Membership::ENTITY, "user", &user).await?;
    Ok(found.iter().map(place).filter(|place| place.org != SYSTEM_ORG).collect())
}

/// An active user's place in one organisation.
pub async fn membership_in(
    runtime: Arc<Runtime>,
    _: Call,
    request: MembershipIn,
) -> Result<Option<MembershipFacts>, Problem> {
    if !is_active(&runtime, request.user).await? {
        return Ok(None);
    }
    let found = membership(&runtime, request.user, request.org).await?;
    Ok(found.as_ref().map(place))
}

/// Who of these users belongs to the organisation of the call.
pub fn members<'a>(
    runtime: &'a Arc<Runtime>,
    call: &'a Call,
    users: &'a [Uuid],
) -> BoxFuture<'a, Result<Vec<Uuid>, Problem>> {
    Box::pin(async move {
        let mut members = Vec::new();
        for user in users {
            let asked = MembershipIn { user: *user, org: call.org };
            let place = membership_in(runtime.clone(), call.clone(), asked).await?;
            members.extend(place.map(|place| place.user));
        }
        Ok(members)
    })
}

/// The users who administer the installation.
pub async fn administrators(
    runtime: Arc<Runtime>,
    _: Call,
    _: Administrators,
) -> Result<Vec<UserFacts>, Problem> {
    let org = SYSTEM_ORG.into();
    let found = own::find(&runtime, SYSTEM_ORG, Membership::ENTITY, "org", &org).await?;
    let mut users = Vec::with_capacity(found.len());
    for place in found.iter().map(place).filter(|p| p.roles.iter().any(|r| r == ADMINISTRATOR)) {
        users.extend(own::get(&runtime, SYSTEM_ORG, User::ENTITY, place.user).await?);
    }
    Ok(users.iter().map(facts).collect())
}

/// Makes a user.
pub async fn create_user(
    runtime: Arc<Runtime>,
    call: Call,
    request: CreateUser,
) -> Result<UserFacts, Problem> {
    only_platform(&call, "users.user:create")?;
    let CreateUser { email, name, locale } = request;
    let locale = locale.unwrap_or_default();
    let texts = [("email", email.as_str()), ("name", name.as_str()), ("locale", locale.as_str())];
    let input = own::input(&runtime, User::ENTITY, &texts)?;
    let call = in_system_org(&call, call.reason.as_deref().unwrap_or("a user is made"));
    let parts = [b"create_user".as_slice(), email.as_bytes(), name.as_bytes()];
    let call = once(&runtime, call, &parts);
    let command = Command { entity: User::ENTITY.to_owned(), verb: Verb::Create, input };
    record(runtime.execute(&call, &command).await?).map(|user| facts(&user))
}

/// Makes a user a member, or changes what the member may do.
pub async fn add_member(
    runtime: Arc<Runtime>,
    call: Call,
    request: AddMember,
) -> Result<MembershipFacts, Problem> {
    only_platform(&call, "users.membership:create")?;
    let AddMember { user, org, mut roles, companies } = request;
    roles.sort();
    roles.dedup();
    let companies = companies
        .map(|companies| json(companies.iter().map(|id| types::format_id("com", *id)).collect()));
    let place_of =
        Input::new().set("roles", json(roles)).set("companies", companies.unwrap_or_default());
    let call = in_system_org(&call, call.reason.as_deref().unwrap_or("a member is added"));
    let command =
        |verb: Verb, input: Input| Command { entity: Membership::ENTITY.to_owned(), verb, input };
    if membership(&runtime, user, org).await?.is_none() {
        let input = place_of.clone().set("user", user).set("org", org);
        match runtime.execute(&call, &command(Verb::Create, input)).await {
            // Someone else made it in the meantime: then it is changed like any other.
            Err(problem) if problem.code == "already_exists" => {}
            made => return made.and_then(record).map(|made| place(&made)),
        }
    }
    let existing = membership(&runtime, user, org).await?;
    let id = existing.ok_or_else(|| Problem::not_found("membership"))?.id();
    let verb = Verb::Update { id, known: Known::Nothing };
    let changed = runtime.execute(&call, &command(verb, place_of)).await?;
    record(changed).map(|changed| place(&changed))
}

/// Ends a membership.
pub async fn remove_member(
    runtime: Arc<Runtime>,
    call: Call,
    request: RemoveMember,
) -> Result<(), Problem> {
    only_platform(&call, "users.membership:delete")?;
    let Some(found) = membership(&runtime, request.user, request.org).await? else {
        return Ok(());
    };
    let call = in_system_org(&call, call.reason.as_deref().unwrap_or("a member is removed"));
    let verb = Verb::Delete { id: found.id(), known: Known::Nothing };
    let command = Command { entity: Membership::ENTITY.to_owned(), verb, input: Input::new() };
    match runtime.execute(&call, &command).await {
        Err(problem) if problem.kind == kernel::ProblemKind::NotFound => Ok(()),
        done => done.map(drop),
    }
}

/// The organisation's own rules: its grants, the oldest first.
pub async fn rules(runtime: Arc<Runtime>, _: Call, request: Rules) -> Result<Vec<Rule>, Problem> {
    if request.org == SYSTEM_ORG {
        return Ok(Vec::new());
    }
    let all = own::all(&runtime, request.org, Grant::ENTITY).await?;
    Ok(all.iter().map(crate::grant::rules::rule).collect())
}

async fn is_active(runtime: &Runtime, user: Uuid) -> Result<bool, Problem> {
    let found = own::get(runtime, SYSTEM_ORG, User::ENTITY, user).await?;
    Ok(found.is_some_and(|user| facts(&user).active))
}

pub(crate) async fn membership(
    runtime: &Runtime,
    user: Uuid,
    org: Uuid,
) -> Result<Option<Record>, Problem> {
    let key = key_of(user, org).into();
    let found = own::find(runtime, SYSTEM_ORG, Membership::ENTITY, "key", &key).await?;
    Ok(found.into_iter().next())
}

pub(crate) fn record(answer: Answer) -> Result<Record, Problem> {
    match answer {
        Answer::Record(view) => Ok(view.record),
        _ => Err(Problem::internal("a command did not answer its record")),
    }
}

pub(crate) fn facts(user: &Record) -> UserFacts {
    let text = |slot: usize| user.values[slot].as_text().unwrap_or_default().to_owned();
    UserFacts {
        id: user.id(),
        email: text(User::EMAIL),
        name: text(User::NAME),
        locale: text(User::LOCALE),
        active: user.values[User::ACTIVE] == Value::Bool(true),
    }
}

pub(crate) fn place(membership: &Record) -> MembershipFacts {
    let id = |slot: usize| membership.values[slot].as_id().unwrap_or_default();
    let mut roles = parse_texts(&membership.values[Membership::ROLES]).unwrap_or_default();
    roles.sort();
    MembershipFacts {
        user: id(Membership::USER),
        org: id(Membership::ORG),
        roles,
        companies: companies(&membership.values[Membership::COMPANIES]),
    }
}

/// The companies that a membership is limited to; a list that cannot be read allows none.
fn companies(value: &Value) -> Option<Vec<Uuid>> {
    if value.is_null() {
        return None;
    }
    Some(parse_companies(value).unwrap_or_default())
}

pub(crate) fn json(texts: Vec<String>) -> Value {
    Value::Json(serde_json::Value::from(texts).to_string())
}
