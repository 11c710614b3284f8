//! What `users` answers: who someone is, and where they belong.

use kernel::mirror::Reference;
use serde::{Deserialize, Serialize};
use types::Uuid;

const SERVICE: &str = "users";

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserFacts {
    /// The record.
    pub id: Uuid,
    /// The e-mail, in lower case.
    pub email: String,
    /// The name.
    pub name: String,
    /// The language and region, a BCP 47 tag; empty for the organisation's.
    pub locale: String,
    /// Whether the user may sign in.
    pub active: bool,
}

/// A user's place in an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The user.
    pub user: Uuid,
    /// The organisation.
    pub org: Uuid,
    /// The roles there, sorted.
    pub roles: Vec<String>,
    /// The companies the user is limited to; none means all.
    pub companies: Option<Vec<Uuid>>,
}

/// Finds a user by e-mail, in any case.
#[derive(Clone, Serialize, Deserialize)]
pub struct UserByEmail {
    /// The e-mail.
    pub email: String,
}
contract!(UserByEmail => Option<UserFacts>, "user_by_email");

/// Finds a user by id.
#[derive(Clone, Serialize, Deserialize)]
pub struct UserById {
    /// The id.
    pub user: Uuid,
}
contract!(UserById => Option<UserFacts>, "user_by_id");

/// The names of users, whether they may still sign in or not; those that there are not are left
/// out.
#[derive(Clone, Serialize, Deserialize)]
pub struct UserNames {
    /// Their ids.
    pub users: Vec<Uuid>,
}
contract!(UserNames => Vec<(Uuid, String)>, "user_names");

/// The organisations that a user belongs to now; none if the user is not active.
#[derive(Clone, Serialize, Deserialize)]
pub struct Memberships {
    /// The user.
    pub user: Uuid,
}
contract!(Memberships => Vec<Membership>, "memberships");

/// A user's place in one organisation; none if the user is not active or does not belong there.
#[derive(Clone, Serialize, Deserialize)]
pub struct MembershipIn {
    /// The user.
    pub user: Uuid,
    /// The organisation.
    pub org: Uuid,
}
contract!(MembershipIn => Option<Membership>, "membership_in");

/// Makes a user. Only the platform may ask. Errors: 409 `already_exists`, 422.
#[derive(Clone, Serialize, Deserialize)]
pub struct CreateUser {
    /// The e-mail; kept in lower case.
    pub email: String,
    /// The name.
    pub name: String,
    /// The language and region, if known.
    #[serde(default)]
    pub locale: Option<String>,
}
contract!(CreateUser => UserFacts, "create_user");

/// Makes a user a member of an organisation, or changes roles and companies of one who is. Only
/// the platform may ask.
#[derive(Clone, Serialize, Deserialize)]
pub struct AddMember {
    /// The user.
    pub user: Uuid,
    /// The organisation.
    pub org: Uuid,
    /// The roles there.
    pub roles: Vec<String>,
    /// The companies to limit the user to; none for all.
    #[serde(default)]
    pub companies: Option<Vec<Uuid>>,
}
contract!(AddMember => Membership, "add_member");

/// Ends a membership; one that is not there is as good as ended. Only the platform may ask.
#[derive(Clone, Serialize, Deserialize)]
pub struct RemoveMember {
    /// The user.
    pub user: Uuid,
    /// The organisation.
    pub org: Uuid,
}
contract!(RemoveMember => (), "remove_member");

/// The users who administer the installation; none before it is set up.
#[derive(Clone, Serialize, Deserialize)]
pub struct Administrators;
contract!(Administrators => Vec<UserFacts>, "administrators");

/// The rules that an organisation made itself: its grants.
#[derive(Clone, Serialize, Deserialize)]
pub struct Rules {
    /// The organisation.
    pub org: Uuid,
}
contract!(Rules => Vec<kernel::rights::Rule>, "rules");

/// A user. Users are records of the system organisation: an organisation may link to its members.
pub fn user_ref() -> Reference {
    Reference::new("users", "user", "usr").system()
}
