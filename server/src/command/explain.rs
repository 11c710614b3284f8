//! `megalith explain`: which rule decides whether someone may do something.

use super::{entity, print_json, print_line};
use crate::access::Access;
use crate::cli::Explain;
use crate::outcome::{Done, Failure, Outcome};
use crate::settings::Settings;
use crate::wiring;
use contracts::SYSTEM_ORG;
use contracts::users::{MembershipIn, UserByEmail};
use kernel::command::{Answer, Explained, Extent, Query};
use kernel::schema::Scope;
use kernel::{Actor, Call, Entity, Problem};
use serde_json::json;
use types::Uuid;

/// Runs it.
///
/// # Errors
/// Wrong usage for an unknown entity or id; when there is no such user or record, or the data
/// cannot be reached.
pub async fn run(explain: Explain, settings: &Settings) -> Outcome {
    let registry = wiring::registry();
    let (named, id) = match explain.what.rsplit_once('/') {
        Some((named, id)) if id.contains('_') => (named, Some(id)),
        _ => (explain.what.as_str(), None),
    };
    let entity = entity(named, &registry)?;
    let id = id.map(|text| record_id(&entity, text)).transpose()?;
    let access = Access::open(settings).await?;
    let explained = ask(&access, &explain, &entity, id).await;
    access.close().await;
    let explained = explained?;
    if explain.output.json {
        print_json(&json!({
            "right": explained.right,
            "allowed": explained.allowed,
            "by": explained.by,
            "extent": explained.extent,
            "condition": explained.condition,
            "roles": explained.roles,
            "readable": explained.readable,
            "hidden": explained.hidden,
            "read_only": explained.read_only,
        }));
    } else {
        print(&explain.user, &explained);
    }
    Ok(Done::Well)
}

fn record_id(entity: &Entity, text: &str) -> Result<Uuid, Failure> {
    match types::parse_id(text) {
        Ok((prefix, id)) if prefix == entity.prefix => Ok(id),
        _ => {
            let named = format!("{text} is no {}; they are named {}_…", entity.name, entity.prefix);
            Err(Failure::Usage(named))
        }
    }
}

async fn ask(
    access: &Access,
    explain: &Explain,
    entity: &Entity,
    id: Option<Uuid>,
) -> Result<Explained, Failure> {
    let peers = &*access.peers;
    let email = &explain.user;
    let why = "explain on the command line";
    let request = UserByEmail { email: email.clone() };
    let user = contracts::call::<UserByEmail>(peers, access.call(why), &request).await?;
    let user = user.ok_or_else(|| Failure::Failed(format!("there is no user {email}")))?;
    let org = access.org_id(&explain.org).await?;
    let request = MembershipIn { user: user.id, org };
    let member = contracts::call::<MembershipIn>(peers, access.call(why), &request).await?;
    let member = member
        .ok_or_else(|| Failure::Failed(format!("{email} does not belong to {}", explain.org)))?;
    let org = if entity.scope == Scope::System { SYSTEM_ORG } else { org };
    let call = Call {
        org,
        actor: Actor::User(user.id),
        roles: member.roles.into(),
        companies: member.companies.map(Into::into),
        reason: None,
        ..access.call(why)
    };
    let (entity, service) = (entity.full_name(), entity.service.clone());
    let ask = async |call: Call, id: Option<Uuid>, roles: Vec<String>| {
        let query =
            Query::Explain { entity: entity.clone(), id, verb: explain.verb.clone(), roles };
        match peers.ask(&service, call, query).await? {
            Answer::Explained(explained) => Ok(explained),
            _ => Err(Problem::internal("a question for a right was answered otherwise")),
        }
    };
    let system = Call { org, companies: call.companies.clone(), ..access.call(why) };
    let explained = ask(call, id, Vec::new()).await?;
    // What is hidden from a user, only an administrator is told.
    let hidden = match explained.roles.as_slice() {
        [] => None,
        roles => ask(system, None, roles.to_vec()).await?.hidden,
    };
    Ok(Explained { hidden, ..explained })
}

fn print(email: &str, explained: &Explained) {
    let is_some = explained.extent == Some(Extent::Some);
    print_line(&verdict(
        email,
        &explained.right,
        explained.allowed,
        is_some,
        explained.condition.as_deref(),
    ));
    print_line(&match explained.by.as_deref() {
        Some("administrator") => "decided by: the role administrator".to_owned(),
        Some("default") => "decided by: the defaults of the entity".to_owned(),
        Some(grant) => format!("decided by: {grant}"),
        None => "decided by: no rule allows it".to_owned(),
    });
    let none = || "none".to_owned();
    let listed = |names: &[String]| if names.is_empty() { none() } else { names.join(", ") };
    print_line(&format!("roles: {}", listed(&explained.roles)));
    if let Some(hidden) = explained.hidden.as_deref().filter(|hidden| !hidden.is_empty()) {
        print_line(&format!("hidden fields: {}", listed(hidden)));
    }
    if !explained.read_only.is_empty() {
        print_line(&format!("read-only fields: {}", listed(&explained.read_only)));
    }
}

/// Whether someone may do something, as a sentence: always, never, or on some records.
pub(crate) fn verdict(
    email: &str,
    right: &str,
    allowed: bool,
    is_some: bool,
    condition: Option<&str>,
) -> String {
    match (is_some, condition, allowed) {
        (true, Some(condition), _) => format!("{email} may {right} on some records: {condition}"),
        (true, None, _) => format!("{email} may {right} on some records"),
        (false, _, true) => format!("{email} may {right}"),
        (false, _, false) => format!("{email} may not {right}"),
    }
}
