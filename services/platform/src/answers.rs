//! What `platform` answers about organisations and companies.

use crate::org::rules::is_slug;
use crate::{Company, Org};
use contracts::platform::{Companies, CompanyFacts, FindOrg, OrgFacts, Orgs};
use contracts::{SYSTEM_ORG, own};
use futures::future::BoxFuture;
use kernel::service::Runtime;
use kernel::{Call, Problem, Record};
use std::sync::Arc;
use types::Uuid;

/// Finds an organisation by slug or id.
pub async fn find_org(
    runtime: Arc<Runtime>,
    _: Call,
    request: FindOrg,
) -> Result<Option<OrgFacts>, Problem> {
    let found = match types::parse_id(&request.org) {
        Ok(("org", id)) => own::get(&runtime, SYSTEM_ORG, Org::ENTITY, id).await?,
        _ => by_slug(&runtime, &request.org).await?,
    };
    Ok(found.as_ref().map(facts))
}

/// The organisations of some ids, or all.
pub async fn orgs(runtime: Arc<Runtime>, _: Call, request: Orgs) -> Result<Vec<OrgFacts>, Problem> {
    let Some(ids) = request.ids else {
        let all = own::all(&runtime, SYSTEM_ORG, Org::ENTITY).await?;
        return Ok(all.iter().map(facts).collect());
    };
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(own::get(&runtime, SYSTEM_ORG, Org::ENTITY, id).await?);
    }
    Ok(found.iter().map(facts).collect())
}

/// An organisation links to no other than itself.
pub fn itself<'a>(
    _: &'a Arc<Runtime>,
    call: &'a Call,
    orgs: &'a [Uuid],
) -> BoxFuture<'a, Result<Vec<Uuid>, Problem>> {
    Box::pin(async move { Ok(orgs.iter().copied().filter(|org| *org == call.org).collect()) })
}

/// The companies of an organisation; the system organisation has none.
pub async fn companies(
    runtime: Arc<Runtime>,
    _: Call,
    request: Companies,
) -> Result<Vec<CompanyFacts>, Problem> {
    if request.org == SYSTEM_ORG {
        return Ok(Vec::new());
    }
    let all = own::all(&runtime, request.org, Company::ENTITY).await?;
    Ok(all.iter().map(company_facts).collect())
}

/// The organisation of a slug.
pub async fn by_slug(runtime: &Runtime, slug: &str) -> Result<Option<Record>, Problem> {
    if !is_slug(slug) {
        return Ok(None);
    }
    let found = own::find(runtime, SYSTEM_ORG, Org::ENTITY, "slug", &slug.into()).await?;
    Ok(found.into_iter().next())
}

/// What others may know of an organisation.
pub fn facts(org: &Record) -> OrgFacts {
    let text = |slot: usize| org.values[slot].as_text().unwrap_or_default().to_owned();
    OrgFacts {
        id: org.id(),
        slug: text(Org::SLUG),
        name: text(Org::NAME),
        placement: text(Org::PLACEMENT),
        state: org.state().unwrap_or_default().to_owned(),
    }
}

fn company_facts(company: &Record) -> CompanyFacts {
    let text = |slot: usize| company.values[slot].as_text().unwrap_or_default().to_owned();
    CompanyFacts {
        id: company.id(),
        name: text(Company::NAME),
        country: text(Company::COUNTRY),
        currency: text(Company::CURRENCY),
        zone: text(Company::TIME_ZONE),
        rounding: text(Company::ROUNDING),
    }
}
