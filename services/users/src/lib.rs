//! Users: who someone is, and where they belong.
//!
//! A user exists once in the installation and belongs to any number of organisations; both live
//! in the system organisation.

mod answers;
pub mod membership;
pub mod user;

use contracts::users::{
    AddMember, Administrators, CreateUser, MembershipIn, Memberships, RemoveMember, UserByEmail,
    UserById,
};
use contracts::{Contract, handler};
use kernel::Service;
pub use membership::Membership;
pub use user::User;

/// The service: its entities, checks in the order they run, and what it answers to others.
pub fn service() -> Service {
    Service::new("users")
        .entity::<User>()
        .entity::<Membership>()
        .prepare::<User>(user::lower_case)
        .check::<Membership>(membership::rules::roles)
        .check::<Membership>(membership::rules::companies)
        .handle(UserByEmail::NAME, handler::<UserByEmail>(answers::user_by_email))
        .handle(UserById::NAME, handler::<UserById>(answers::user_by_id))
        .handle(Memberships::NAME, handler::<Memberships>(answers::memberships))
        .handle(MembershipIn::NAME, handler::<MembershipIn>(answers::membership_in))
        .handle(Administrators::NAME, handler::<Administrators>(answers::administrators))
        .handle(CreateUser::NAME, handler::<CreateUser>(answers::create_user))
        .handle(AddMember::NAME, handler::<AddMember>(answers::add_member))
        .handle(RemoveMember::NAME, handler::<RemoveMember>(answers::remove_member))
}
