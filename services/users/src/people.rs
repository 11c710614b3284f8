//! The people of one organisation, as those who administer it see and change them.
//!
//! What belongs to the organisation, a membership with its roles, is theirs to change. An account
//! is theirs only while it belongs nowhere else: otherwise one organisation would take over an
//! account that opens another one, or the installation. Whoever administers the installation
//! decides about every account.

use crate::answers::{facts, json, membership, place, record};
use crate::membership::rules::invalid_roles;
use crate::{Membership, User};
use contracts::people::{
    ChangePerson, EndMembership, People, Person, PlacesOf, account_elsewhere, administers, is_own,
    is_role, own_account,
};
use contracts::users::{RemoveMember, UserFacts};
use contracts::{SYSTEM_ORG, in_system_org, only_platform, own};
use futures::future::try_join_all;
use kernel::command::{Known, Verb};
use kernel::rights::ADMINISTRATOR;
use kernel::service::Runtime;
use kernel::{Actor, Call, Command, FieldProblem, Input, Problem, Record};
use std::collections::HashMap;
use std::sync::Arc;
use types::Uuid;

/// How many people's other memberships are looked for at once.
const AT_ONCE: usize = 8;

/// The people of an organisation, by name.
pub async fn people(
    runtime: Arc<Runtime>,
    call: Call,
    request: People,
) -> Result<Vec<Person>, Problem> {
    administers(&call, request.org, "users.membership:read")?;
    let org = request.org.into();
    let members = own::find(&runtime, SYSTEM_ORG, Membership::ENTITY, "org", &org).await?;
    let users: Vec<Uuid> = members.iter().map(|member| place(member).user).collect();
    let accounts = own::these(&runtime, SYSTEM_ORG, User::ENTITY, &users).await?;
    let accounts: HashMap<Uuid, UserFacts> =
        accounts.iter().map(|account| (account.id(), facts(account))).collect();
    let chief = is_chief(&runtime, &call).await?;
    let one = async |member: &Record| -> Result<Option<Person>, Problem> {
        let Some(account) = accounts.get(&place(member).user) else { return Ok(None) };
        let places = places(&runtime, account.id).await?;
        Ok(Some(person(account.clone(), member, chief || is_own(&places, request.org))))
    };
    let mut people = Vec::with_capacity(members.len());
    for some in members.chunks(AT_ONCE) {
        people.extend(try_join_all(some.iter().map(one)).await?.into_iter().flatten());
    }
    people.sort_by(|a, b| (&a.name, a.user).cmp(&(&b.name, b.user)));
    Ok(people)
}

/// Changes what a person may do, and the account where it is the organisation's own.
pub async fn change(
    runtime: Arc<Runtime>,
    call: Call,
    request: ChangePerson,
) -> Result<Person, Problem> {
    administers(&call, request.org, "users.membership:update")?;
    let (account, member, places) = found(&runtime, request.user, request.org).await?;
    let ChangePerson { org, roles, name, active, .. } = request;
    let asks_about_account = name.is_some() || active.is_some();
    let manageable = is_own(&places, org) || is_chief(&runtime, &call).await?;
    if asks_about_account && !manageable {
        return Err(account_elsewhere());
    }
    if call.actor == Actor::User(account.id()) {
        let keeps = |roles: &Vec<String>| roles.iter().any(|role| role == ADMINISTRATOR);
        if roles.as_ref().is_some_and(|roles| !keeps(roles)) || active == Some(false) {
            let text = "You cannot take administration or the access away from yourself: \
                        somebody must be left who can give it back. Ask another administrator.";
            return Err(own_account(text));
        }
    }
    if roles.iter().flatten().any(|role| !is_role(role)) {
        return Err(Problem::invalid(vec![invalid_roles()]));
    }
    let mut account = account;
    if asks_about_account {
        let mut input = match &name {
            Some(name) => own::input(&runtime, User::ENTITY, &[("name", name)])?,
            None => Input::new(),
        };
        if name.as_ref().is_some_and(|name| name.trim().is_empty()) {
            input.problems.push(FieldProblem::new("/name", "required", "must not be empty"));
        }
        let input = match active {
            Some(active) => input.set("active", active),
            None => input,
        };
        account = update(&runtime, &call, User::ENTITY, account.id(), input).await?;
    }
    let mut member = member;
    if let Some(mut roles) = roles {
        roles.sort();
        roles.dedup();
        let input = Input::new().set("roles", json(roles));
        member = update(&runtime, &call, Membership::ENTITY, member.id(), input).await?;
    }
    Ok(person(facts(&account), &member, manageable))
}

/// Ends a person's membership; the account stays.
pub async fn end_membership(
    runtime: Arc<Runtime>,
    call: Call,
    request: EndMembership,
) -> Result<(), Problem> {
    administers(&call, request.org, "users.membership:delete")?;
    if call.actor == Actor::User(request.user) {
        let text = "You cannot end your own membership. Ask another administrator.";
        return Err(own_account(text));
    }
    found(&runtime, request.user, request.org).await?;
    let call = in_system_org(&call, &asked_by(&call));
    let gone = RemoveMember { user: request.user, org: request.org };
    crate::answers::remove_member(runtime, call, gone).await
}

/// Where an account belongs, whether it may sign in or not.
pub async fn places_of(
    runtime: Arc<Runtime>,
    call: Call,
    request: PlacesOf,
) -> Result<Vec<Uuid>, Problem> {
    only_platform(&call, "users.membership:read")?;
    places(&runtime, request.user).await
}

/// An account and its membership in an organisation, and where else it belongs. Whoever is not a
/// member there does not exist for its administrators.
async fn found(
    runtime: &Runtime,
    user: Uuid,
    org: Uuid,
) -> Result<(Record, Record, Vec<Uuid>), Problem> {
    let unknown = || Problem::not_found("user");
    let member = membership(runtime, user, org).await?.ok_or_else(unknown)?;
    let account = own::get(runtime, SYSTEM_ORG, User::ENTITY, user).await?.ok_or_else(unknown)?;
    Ok((account, member, places(runtime, user).await?))
}

/// Whether the platform asks, or who administers the installation.
async fn is_chief(runtime: &Runtime, call: &Call) -> Result<bool, Problem> {
    let user = match call.actor {
        Actor::System | Actor::Service(_) => return Ok(true),
        Actor::ApiKey { .. } => return Ok(false),
        Actor::User(user) => user,
    };
    let found = membership(runtime, user, SYSTEM_ORG).await?;
    Ok(found.is_some_and(|found| place(&found).roles.iter().any(|role| role == ADMINISTRATOR)))
}

async fn places(runtime: &Runtime, user: Uuid) -> Result<Vec<Uuid>, Problem> {
    let user = user.into();
    let found = own::find(runtime, SYSTEM_ORG, Membership::ENTITY, "user", &user).await?;
    Ok(found.iter().map(|member| place(member).org).collect())
}

/// Changes a record as the platform, for who asked.
async fn update(
    runtime: &Arc<Runtime>,
    call: &Call,
    entity: &str,
    id: Uuid,
    input: Input,
) -> Result<Record, Problem> {
    let verb = Verb::Update { id, known: Known::Nothing };
    let command = Command { entity: entity.to_owned(), verb, input };
    record(runtime.execute(&in_system_org(call, &asked_by(call)), &command).await?)
}

/// Why the platform changes what only it may: the log names who wanted it.
fn asked_by(call: &Call) -> String {
    format!("asked for by {}", types::format_id("usr", call.actor.user()))
}

fn person(account: UserFacts, member: &Record, manageable: bool) -> Person {
    let place = place(member);
    Person {
        user: account.id,
        email: account.email,
        name: account.name,
        manageable,
        roles: place.roles,
        companies: place.companies,
        active: account.active,
    }
}
