//! What `users` answers about the people of one organisation, to those who administer it.
//!
//! An account exists once in the installation and may belong to several organisations. Whoever
//! administers one of them decides what its people may do there, and about the account itself
//! only while it belongs nowhere else (`docs/adr/0017-whose-an-account-is.md`).

use kernel::rights::ADMINISTRATOR;
use kernel::{Actor, Call, Problem, ProblemKind};
use serde::{Deserialize, Serialize};
use types::Uuid;

const SERVICE: &str = "users";

/// The longest name of a role.
const MAX_ROLE: usize = 60;

/// The people of an organisation, by name; at most 1,000. Administrators may ask.
#[derive(Clone, Serialize, Deserialize)]
pub struct People {
    /// The organisation.
    pub org: Uuid,
}
contract!(People => Vec<Person>, "people");

/// A person as the administrators of one organisation see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The account.
    pub user: Uuid,
    /// The e-mail.
    pub email: String,
    /// The name.
    pub name: String,
    /// The roles in the organisation, sorted.
    pub roles: Vec<String>,
    /// The companies of it that the person is limited to; none means all.
    pub companies: Option<Vec<Uuid>>,
    /// Whether the account may sign in.
    pub active: bool,
    /// Whether whoever asks decides about the account: it belongs to this organisation alone, or
    /// they administer the installation.
    pub manageable: bool,
}

/// Changes what a person may do in an organisation, and the account itself where it belongs to
/// this organisation alone. Administrators may ask. Errors: 403 `account_elsewhere`, 404, 409
/// `own_account`, 422.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangePerson {
    /// The organisation.
    pub org: Uuid,
    /// The account.
    pub user: Uuid,
    /// The roles in the organisation, if they change.
    #[serde(default)]
    pub roles: Option<Vec<String>>,
    /// The name, if it changes.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether the account may sign in, if that changes.
    #[serde(default)]
    pub active: Option<bool>,
}
contract!(ChangePerson => Person, "change_person");

/// Ends a person's membership; the account stays. Administrators may ask, and not for themselves.
/// Errors: 403, 404, 409 `own_account`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EndMembership {
    /// The organisation.
    pub org: Uuid,
    /// The account.
    pub user: Uuid,
}
contract!(EndMembership => (), "end_membership");

/// Where an account belongs, whether it may sign in or not. Only the platform may ask.
#[derive(Clone, Serialize, Deserialize)]
pub struct PlacesOf {
    /// The account.
    pub user: Uuid,
}
contract!(PlacesOf => Vec<Uuid>, "places_of");

/// Whether an organisation's administrator asks, or the platform. A key administers nobody, and
/// neither does who is limited to some companies: both could give more than they have.
///
/// # Errors
/// 403 for everyone else, naming `right`.
pub fn administers(call: &Call, org: Uuid, right: &str) -> Result<(), Problem> {
    let allowed = match call.actor {
        Actor::System | Actor::Service(_) => true,
        Actor::User(_) => {
            let is_administrator = call.roles.iter().any(|role| role == ADMINISTRATOR);
            call.org == org && is_administrator && call.companies.is_none()
        }
        Actor::ApiKey { .. } => false,
    };
    if allowed { Ok(()) } else { Err(Problem::forbidden(right)) }
}

/// Whether an account that belongs to `places` is `org`'s alone.
pub fn is_own(places: &[Uuid], org: Uuid) -> bool {
    places == [org]
}

/// Whether a text may be the name of a role: snake case.
pub fn is_role(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=MAX_ROLE).contains(&name.len()) && name.bytes().all(fits)
}

/// 403 for what an organisation cannot decide about an account that is not its alone. Whether it
/// belongs to others or administers the installation is not said.
pub fn account_elsewhere() -> Problem {
    let text = "This account is not of your organisation alone, so its name, its password and \
                whether it may sign in are not yours to change. You decide about its roles and \
                its membership here; for the rest ask who administers the installation.";
    Problem::new(ProblemKind::Forbidden, "account_elsewhere", text)
}

/// 409 for what administrators cannot do to themselves.
pub fn own_account(text: &str) -> Problem {
    Problem::conflict("own_account", text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    const ORG: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

    #[test]
    fn only_unlimited_administrators_of_the_organisation_and_the_platform_administer_it() {
        let person = Actor::User(Uuid::from_u128(7));
        let key = Actor::ApiKey { key: Uuid::from_u128(8), user: Uuid::from_u128(7) };
        for (actor, org, role, limited, allowed) in [
            (&person, ORG, ADMINISTRATOR, false, true),
            (&person, ORG, "sales", false, false),
            (&person, OTHER, ADMINISTRATOR, false, false),
            (&person, ORG, ADMINISTRATOR, true, false),
            (&key, ORG, ADMINISTRATOR, false, false),
            (&Actor::System, OTHER, "", false, true),
        ] {
            let companies = limited.then(|| Arc::from([Uuid::from_u128(9)]));
            let roles = Arc::from([role.to_owned()]);
            let call = Call { actor: actor.clone(), roles, companies, ..Call::system(org, "") };
            let said = administers(&call, ORG, "users.membership:update");
            assert_eq!(said.is_ok(), allowed, "{actor:?} {org} {role} {limited}");
        }
    }

    #[test]
    fn an_account_is_an_organisations_own_while_it_belongs_nowhere_else() {
        for (places, own) in
            [(&[ORG][..], true), (&[ORG, OTHER], false), (&[OTHER], false), (&[], false)]
        {
            assert_eq!(is_own(places, ORG), own, "{places:?}");
        }
    }
}
