//! Users: who someone is, and where they belong.
//!
//! A user exists once in the installation and belongs to any number of organisations; both live
//! in the system organisation.

mod answers;
pub mod grant;
pub mod membership;
mod people;
pub mod role;
pub mod user;

use contracts::people::{ChangePerson, EndMembership, People, PlacesOf};
use contracts::users::{
    AddMember, Administrators, CreateUser, MembershipIn, Memberships, RemoveMember, Rules,
    UserByEmail, UserById, UserNames,
};
use contracts::{Contract, handler};
use futures::future::BoxFuture;
pub use grant::Grant;
use kernel::service::Work;
use kernel::{Problem, Service};
pub use membership::Membership;
pub use role::Role;
pub use user::User;

/// The service: its entities, checks in the order they run, and what it answers to others.
pub fn service() -> Service {
    Service::new("users")
        .entity::<User>()
        .entity::<Membership>()
        .entity::<Role>()
        .entity::<Grant>()
        .linkable::<User>(answers::members)
        .prepare::<User>(user::lower_case)
        .check::<Membership>(membership::rules::roles)
        .check::<Membership>(membership::rules::companies)
        .check::<Role>(role::rules::name)
        .check::<Grant>(grant::rules::role)
        .check::<Grant>(grant::rules::days)
        .prepare::<Grant>(check_names)
        .handle(UserByEmail::NAME, handler::<UserByEmail>(answers::user_by_email))
        .handle(UserById::NAME, handler::<UserById>(answers::user_by_id))
        .handle(UserNames::NAME, handler::<UserNames>(answers::user_names))
        .handle(Memberships::NAME, handler::<Memberships>(answers::memberships))
        .handle(MembershipIn::NAME, handler::<MembershipIn>(answers::membership_in))
        .handle(Administrators::NAME, handler::<Administrators>(answers::administrators))
        .handle(CreateUser::NAME, handler::<CreateUser>(answers::create_user))
        .handle(AddMember::NAME, handler::<AddMember>(answers::add_member))
        .handle(RemoveMember::NAME, handler::<RemoveMember>(answers::remove_member))
        .handle(People::NAME, handler::<People>(people::people))
        .handle(ChangePerson::NAME, handler::<ChangePerson>(people::change))
        .handle(EndMembership::NAME, handler::<EndMembership>(people::end_membership))
        .handle(PlacesOf::NAME, handler::<PlacesOf>(people::places_of))
        .handle(Rules::NAME, handler::<Rules>(answers::rules))
}

/// A grant names entities, verbs and fields that exist: the registry knows them.
fn check_names<'a>(work: &'a mut Work<'_>) -> BoxFuture<'a, Result<(), Problem>> {
    Box::pin(async move {
        work.problems.extend(grant::names::names(&work.record, work.registry));
        Ok(())
    })
}
