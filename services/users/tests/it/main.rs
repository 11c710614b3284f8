//! Scenarios of users, on both databases, plain and in wire mode.

mod conformance;
mod people;

use contracts::platform::Companies;
use contracts::users::{
    AddMember, Administrators, CreateUser, MembershipIn, Memberships, RemoveMember, UserByEmail,
    UserById, UserFacts,
};
use contracts::{Contract, SYSTEM_ORG};
use kernel::command::{Known, Verb};
use kernel::{Call, Command, Input, Runtime, Service, entity};
use std::sync::Arc;
use testkit::world::{World, everywhere};
use types::Uuid;
use users::User;

/// An organisation, as far as links to it need one.
#[entity(service = "platform", prefix = "org", system)]
struct Org {}

fn services() -> Vec<Service> {
    let none = async |_: Arc<Runtime>, _: Call, _: Companies| Ok(Vec::new());
    let platform = Service::new("platform")
        .entity::<Org>()
        .handle(Companies::NAME, contracts::handler::<Companies>(none));
    vec![users::service(), platform]
}

const NORTHWIND: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0b01);
const ACME: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0b02);

async fn nancy(world: &World) -> UserFacts {
    let email = "Nancy.Davolio@Northwind.example".to_owned();
    let request = CreateUser { email, name: "Nancy Davolio".to_owned(), locale: None };
    world.contract::<CreateUser>(&request).await.unwrap()
}

fn member(user: Uuid, org: Uuid, roles: &[&str]) -> AddMember {
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    AddMember { user, org, roles, companies: None }
}

#[test]
fn a_user_is_found_however_the_email_is_typed_and_exists_once() {
    everywhere(services, async |world| {
        let nancy = nancy(&world).await;
        assert_eq!(nancy.email, "nancy.davolio@northwind.example");
        assert!(nancy.active);
        for email in ["NANCY.DAVOLIO@NORTHWIND.EXAMPLE", "nancy.davolio@northwind.example"] {
            let request = UserByEmail { email: email.to_owned() };
            let found = world.contract::<UserByEmail>(&request).await.unwrap();
            assert_eq!(found.as_ref(), Some(&nancy));
            let again = CreateUser { email: email.to_owned(), name: "N".to_owned(), locale: None };
            let refused = world.contract::<CreateUser>(&again).await.unwrap_err();
            assert_eq!(refused.code, "already_exists");
        }
        let unknown = UserById { user: Uuid::from_u128(7) };
        assert_eq!(world.contract::<UserById>(&unknown).await.unwrap(), None);
        world.end().await;
    });
}

#[test]
fn what_is_no_email_makes_no_user() {
    everywhere(services, async |world| {
        for email in ["", "nancy", "nancy@", "a b@c.example"] {
            let email = email.to_owned();
            let request = CreateUser { email: email.clone(), name: "N".to_owned(), locale: None };
            let refused = world.contract::<CreateUser>(&request).await.unwrap_err();
            assert_eq!(refused.kind.status(), 422, "{email}");
            assert_eq!(refused.errors[0].pointer, "/email", "{email}");
        }
        world.end().await;
    });
}

#[test]
fn a_user_belongs_to_an_organisation_once_with_the_roles_given_last() {
    everywhere(services, async |world| {
        let user = nancy(&world).await.id;
        for roles in [["viewer", "sales"], ["sales", "accountant"]] {
            world.contract::<AddMember>(&member(user, NORTHWIND, &roles)).await.unwrap();
        }
        let limited = AddMember { companies: Some(vec![ACME]), ..member(user, ACME, &["viewer"]) };
        world.contract::<AddMember>(&limited).await.unwrap();
        let places = world.contract::<Memberships>(&Memberships { user }).await.unwrap();
        let mut places: Vec<_> = places.iter().map(|p| (p.org, p.roles.join(" "))).collect();
        places.sort();
        let expected = [(NORTHWIND, "accountant sales".to_owned()), (ACME, "viewer".to_owned())];
        assert_eq!(places, expected);
        let place = world.contract::<MembershipIn>(&MembershipIn { user, org: ACME }).await;
        assert_eq!(place.unwrap().unwrap().companies, Some(vec![ACME]));
        for _ in 0..2 {
            let gone = RemoveMember { user, org: ACME };
            world.contract::<RemoveMember>(&gone).await.unwrap();
        }
        let place = world.contract::<MembershipIn>(&MembershipIn { user, org: ACME }).await;
        assert_eq!(place.unwrap(), None);
        world.end().await;
    });
}

#[test]
fn a_role_that_is_no_name_is_refused() {
    everywhere(services, async |world| {
        let user = nancy(&world).await.id;
        let wrong = member(user, NORTHWIND, &["Sales Manager"]);
        let refused = world.contract::<AddMember>(&wrong).await.unwrap_err();
        assert_eq!(refused.errors[0].code, "invalid_roles");
        world.end().await;
    });
}

#[test]
fn a_user_who_is_not_active_belongs_nowhere() {
    everywhere(services, async |world| {
        let user = nancy(&world).await.id;
        world.contract::<AddMember>(&member(user, NORTHWIND, &["sales"])).await.unwrap();
        let verb = Verb::Update { id: user, known: Known::Nothing };
        let input = Input::new().set("active", false);
        let leave = Command { entity: User::ENTITY.to_owned(), verb, input };
        world.execute(world.system(SYSTEM_ORG), leave).await.unwrap();
        assert_eq!(world.contract::<Memberships>(&Memberships { user }).await.unwrap(), []);
        let place = world.contract::<MembershipIn>(&MembershipIn { user, org: NORTHWIND }).await;
        assert_eq!(place.unwrap(), None);
        world.end().await;
    });
}

#[test]
fn who_administers_the_system_organisation_administers_the_installation() {
    everywhere(services, async |world| {
        assert_eq!(world.contract::<Administrators>(&Administrators).await.unwrap(), []);
        let nancy = nancy(&world).await;
        let place = member(nancy.id, SYSTEM_ORG, &["administrator"]);
        world.contract::<AddMember>(&place).await.unwrap();
        let found = world.contract::<Administrators>(&Administrators).await.unwrap();
        assert_eq!(found, std::slice::from_ref(&nancy));
        let places = world.contract::<Memberships>(&Memberships { user: nancy.id }).await.unwrap();
        assert_eq!(places, [], "the system organisation is never offered");
        world.end().await;
    });
}

#[test]
fn only_the_platform_makes_users_and_members() {
    everywhere(services, async |world| {
        let user = nancy(&world).await.id;
        let request = member(user, NORTHWIND, &["administrator"]);
        let call = world.call();
        let refused = contracts::call::<AddMember>(&*world.peers, call, &request).await;
        assert_eq!(refused.unwrap_err().kind.status(), 403);
        world.end().await;
    });
}

#[test]
fn every_entity_is_sound() {
    let mut faults = testkit::schema::faults(&users::service());
    // No role of an organisation reaches what the system keeps: nobody is meant.
    faults.retain(|fault| !fault.ends_with("is granted to nobody"));
    assert_eq!(faults, Vec::<String>::new());
}
