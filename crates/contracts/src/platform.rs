//! What `platform` answers: organisations and their companies.

use crate::Contract;
use serde::{Deserialize, Serialize};
use types::Uuid;

macro_rules! contract {
    ($request:ident => $answer:ty, $name:literal) => {
        impl Contract for $request {
            const SERVICE: &'static str = "platform";
            const NAME: &'static str = $name;
            type Request = $request;
            type Answer = $answer;
        }
    };
}

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgFacts {
    /// The record.
    pub id: Uuid,
    /// The unique short name.
    pub slug: String,
    /// The name.
    pub name: String,
    /// Where its records lie: `sqlite` or `postgres`.
    pub placement: String,
    /// `creating`, `active` or `deleting`.
    pub state: String,
}

/// Finds an organisation by slug or id.
#[derive(Clone, Serialize, Deserialize)]
pub struct FindOrg {
    /// The slug, or the id as clients write it (`org_01…`).
    pub org: String,
}
contract!(FindOrg => Option<OrgFacts>, "find_org");

/// The organisations of these ids, or all.
#[derive(Clone, Serialize, Deserialize)]
pub struct Orgs {
    /// The ids; none for all.
    #[serde(default)]
    pub ids: Option<Vec<Uuid>>,
}
contract!(Orgs => Vec<OrgFacts>, "orgs");

/// Makes an organisation with its first company; asked again with the same slug after a failure
/// it goes on where it stopped. Only the platform may ask. Errors: 409 `already_exists`, 422.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateOrg {
    /// The unique short name: lower-case letters, digits and hyphens, 2 to 63 of them.
    pub slug: String,
    /// The name; also the first company's.
    pub name: String,
    /// The first company's country (ISO 3166-1 alpha-2); `US` if none is given.
    #[serde(default)]
    pub country: Option<String>,
    /// The first company's currency (ISO 4217); `USD` if none is given.
    #[serde(default)]
    pub currency: Option<String>,
    /// The first company's time zone, an IANA name; `UTC` if none is given.
    #[serde(default)]
    pub zone: Option<String>,
    /// Where its records shall lie, `sqlite` or `postgres`; none for the default.
    #[serde(default)]
    pub placement: Option<String>,
}
contract!(CreateOrg => OrgFacts, "create_org");

/// The companies of an organisation, the oldest first.
#[derive(Clone, Serialize, Deserialize)]
pub struct Companies {
    /// The organisation.
    pub org: Uuid,
}
contract!(Companies => Vec<CompanyFacts>, "companies");

/// A company as other services need it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompanyFacts {
    /// The record.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// The country, ISO 3166-1 alpha-2.
    pub country: String,
    /// The base currency, ISO 4217.
    pub currency: String,
    /// The time zone, an IANA name.
    pub zone: String,
    /// How amounts that do not fit their currency are rounded, a name that
    /// [`types::Rounding::parse`] knows.
    pub rounding: String,
}

impl From<CompanyFacts> for kernel::rights::CompanyFacts {
    fn from(company: CompanyFacts) -> kernel::rights::CompanyFacts {
        let CompanyFacts { id, zone, currency, rounding, .. } = company;
        let rounding = types::Rounding::parse(&rounding).unwrap_or(types::Rounding::HalfUp);
        kernel::rights::CompanyFacts { id, zone, currency, rounding }
    }
}
