//! Makes an organisation: its record, a place for its records, its first company.
//!
//! Three commits in two organisations cannot be one transaction, so each step may be repeated:
//! whoever asks again with the same slug goes on where an earlier attempt stopped.

use crate::answers::{by_slug, facts};
use crate::{Company, Org, company};
use contracts::platform::{CreateOrg, OrgFacts};
use contracts::{in_system_org, once, only_platform, own};
use kernel::command::{Answer, Idempotency, Known, Verb};
use kernel::service::{Case, Runtime};
use kernel::{Call, Command, FieldProblem, Input, Problem, Record};
use std::sync::Arc;
use types::Uuid;

/// The state of an organisation that is not ready yet.
const CREATING: &str = "creating";

/// Makes an organisation.
pub async fn create_org(
    runtime: Arc<Runtime>,
    call: Call,
    request: CreateOrg,
) -> Result<OrgFacts, Problem> {
    only_platform(&call, "platform.org:create")?;
    let reason = call.reason.clone().unwrap_or_else(|| "an organisation is made".to_owned());
    let system = in_system_org(&call, &reason);
    let org = record_of(&runtime, &system, &request).await?;
    if org.state() == Some(CREATING) {
        // Opening the store makes it.
        runtime.placement.store(org.id(), &runtime.service.name).await?;
        first_company(&runtime, &system, org.id(), &request).await?;
        activate(&runtime, &system, org.id()).await?;
    }
    let org = by_slug(&runtime, &request.slug).await?;
    org.as_ref().map(facts).ok_or_else(|| Problem::not_found("organisation"))
}

/// The organisation's record: a new one, or the one that an earlier attempt left behind.
async fn record_of(
    runtime: &Arc<Runtime>,
    system: &Call,
    request: &CreateOrg,
) -> Result<Record, Problem> {
    let texts = [
        ("name", request.name.as_str()),
        ("slug", request.slug.as_str()),
        ("placement", request.placement.as_deref().unwrap_or(runtime.placement.default_place())),
        ("country", country(request)),
        ("currency", currency(request)),
    ];
    let mut input = own::input(runtime, Org::ENTITY, &texts)?;
    input.problems.extend(company_problems(runtime, request)?);
    let call = once(runtime, system.clone(), &[b"create_org", request.slug.as_bytes()]);
    let command = Command { entity: Org::ENTITY.to_owned(), verb: Verb::Create, input };
    match runtime.execute(&call, &command).await {
        Ok(Answer::Record(view)) if view.replayed => {
            // The same request again: what counts is where it stands now.
            let found = by_slug(runtime, &request.slug).await?;
            found.ok_or_else(|| Problem::not_found("organisation"))
        }
        Ok(Answer::Record(view)) => Ok(view.record),
        Ok(_) => Err(Problem::internal("a new organisation was not answered")),
        Err(problem) if problem.code == "already_exists" => {
            match by_slug(runtime, &request.slug).await? {
                Some(found) if found.state() == Some(CREATING) => Ok(found),
                _ => Err(problem),
            }
        }
        Err(problem) => Err(problem),
    }
}

/// What is wrong with the first company: said before anything is made.
fn company_problems(runtime: &Runtime, request: &CreateOrg) -> Result<Vec<FieldProblem>, Problem> {
    let mut draft = Record::empty(runtime.own(Company::ENTITY)?);
    draft.set("country", country(request));
    draft.set("currency", currency(request));
    draft.set("time_zone", zone(request));
    let case = Case { verb: "create", before: None, after: &draft };
    let rules = [company::rules::country, company::rules::currency, company::rules::time_zone];
    Ok(rules.iter().flat_map(|rule| rule(&case)).collect())
}

/// The first company; two attempts at once make one, because they share an idempotency key.
async fn first_company(
    runtime: &Arc<Runtime>,
    system: &Call,
    org: Uuid,
    request: &CreateOrg,
) -> Result<(), Problem> {
    if !own::all(runtime, org, Company::ENTITY).await?.is_empty() {
        return Ok(());
    }
    let texts = [
        ("name", request.name.as_str()),
        ("country", country(request)),
        ("currency", currency(request)),
        ("time_zone", zone(request)),
    ];
    let input = own::input(runtime, Company::ENTITY, &texts)?;
    let key = "first company".to_owned();
    let fingerprint = runtime.keys.fingerprint(&[key.as_bytes()]);
    let call = Call { org, idempotency: Some(Idempotency { key, fingerprint }), ..system.clone() };
    let command = Command { entity: Company::ENTITY.to_owned(), verb: Verb::Create, input };
    runtime.execute(&call, &command).await.map(drop)
}

async fn activate(runtime: &Arc<Runtime>, system: &Call, org: Uuid) -> Result<(), Problem> {
    let verb = Verb::Act { id: org, act: "activate".to_owned(), known: Known::Nothing };
    let command = Command { entity: Org::ENTITY.to_owned(), verb, input: Input::new() };
    match runtime.execute(system, &command).await {
        // Another attempt was faster.
        Err(problem) if problem.code == "wrong_state" => Ok(()),
        done => done.map(drop),
    }
}

fn country(request: &CreateOrg) -> &str {
    request.country.as_deref().unwrap_or("US")
}

fn currency(request: &CreateOrg) -> &str {
    request.currency.as_deref().unwrap_or("USD")
}

fn zone(request: &CreateOrg) -> &str {
    request.zone.as_deref().unwrap_or("UTC")
}
