//! `megalith org`: make and list organisations.

use super::{print_json, print_line};
use crate::access::Access;
use crate::cli::Org;
use crate::outcome::{Done, Failure, Outcome};
use crate::settings::Settings;
use contracts::platform::{CreateOrg, OrgFacts, Orgs};
use contracts::users::{AddMember, Administrators};
use kernel::rights::ADMINISTRATOR;
use serde_json::{Value, json};

/// Runs it.
///
/// # Errors
/// When the organisation is refused or the data cannot be reached.
pub async fn run(org: Org, settings: &Settings) -> Outcome {
    let access = Access::open(settings).await?;
    let outcome = match org {
        Org::List(output) => list(&access, output.json).await,
        Org::Create { slug, name, country, currency, zone, output } => {
            let name = name.unwrap_or_else(|| slug.clone());
            // Whoever serves the data knows where new organisations are placed.
            let request = CreateOrg { slug, name, country, currency, zone, placement: None };
            create(&access, request, output.json).await
        }
    };
    access.close().await;
    outcome
}

async fn list(access: &Access, as_json: bool) -> Outcome {
    let orgs = all(access).await?;
    if as_json {
        print_json(&orgs.iter().map(describe).collect());
        return Ok(Done::Well);
    }
    for org in orgs {
        let id = types::format_id("org", org.id);
        print_line(&format!("{:24} {id}  {:9} {}", org.slug, org.state, org.name));
    }
    Ok(Done::Well)
}

/// All organisations but the system's own.
///
/// # Errors
/// When `platform` does not answer.
pub async fn all(access: &Access) -> Result<Vec<OrgFacts>, Failure> {
    let call = access.call("a command lists organisations");
    Ok(contracts::call::<Orgs>(&*access.peers, call, &Orgs { ids: None }).await?)
}

async fn create(access: &Access, request: CreateOrg, as_json: bool) -> Outcome {
    let org = make(access, &request).await?;
    if as_json {
        print_json(&describe(&org));
    } else {
        print_line(&format!("made {} ({})", org.slug, types::format_id("org", org.id)));
    }
    Ok(Done::Well)
}

/// Makes the organisation; whoever administers the installation administers it as well.
///
/// # Errors
/// When it is refused, or the services do not answer.
pub async fn make(access: &Access, request: &CreateOrg) -> Result<OrgFacts, Failure> {
    let peers = &*access.peers;
    let call = || access.call("org create on the command line");
    let org = contracts::call::<CreateOrg>(peers, call(), request).await?;
    for user in contracts::call::<Administrators>(peers, call(), &Administrators).await? {
        let roles = vec![ADMINISTRATOR.to_owned()];
        let member = AddMember { user: user.id, org: org.id, roles, companies: None };
        contracts::call::<AddMember>(peers, call(), &member).await?;
    }
    Ok(org)
}

fn describe(org: &OrgFacts) -> Value {
    json!({
        "id": types::format_id("org", org.id),
        "slug": org.slug,
        "name": org.name,
        "state": org.state,
        "placement": org.placement,
    })
}
