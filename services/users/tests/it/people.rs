//! The people of one organisation: what its administrators see and change, and what they do not.

use crate::{ACME, NORTHWIND, member, services};
use contracts::SYSTEM_ORG;
use contracts::people::{ChangePerson, EndMembership, People, Person, PlacesOf};
use contracts::users::{CreateUser, MembershipIn, UserById};
use kernel::{Actor, Call, Problem};
use testkit::world::{World, everywhere};
use types::Uuid;

/// Makes an account that belongs to organisations.
async fn account(world: &World, name: &str, places: &[(Uuid, &[&str])]) -> Uuid {
    let email = format!("{}@example.org", name.to_lowercase());
    let made = CreateUser { email, name: name.to_owned(), locale: None };
    let user = world.contract::<CreateUser>(&made).await.unwrap().id;
    for (org, roles) in places {
        let place = member(user, *org, roles);
        world.contract::<contracts::users::AddMember>(&place).await.unwrap();
    }
    user
}

/// A call by an administrator of an organisation.
fn by(world: &World, user: Uuid, org: Uuid) -> Call {
    Call { actor: Actor::User(user), org, ..world.call() }
}

async fn people(world: &World, call: Call, org: Uuid) -> Result<Vec<Person>, Problem> {
    contracts::call::<People>(&*world.peers, call, &People { org }).await
}

async fn change(world: &World, call: Call, asked: &ChangePerson) -> Result<Person, Problem> {
    contracts::call::<ChangePerson>(&*world.peers, call, asked).await
}

fn nothing(user: Uuid) -> ChangePerson {
    ChangePerson { org: NORTHWIND, user, roles: None, name: None, active: None }
}

fn roles(names: &[&str]) -> Option<Vec<String>> {
    Some(names.iter().map(|name| (*name).to_owned()).collect())
}

#[test]
fn administrators_see_the_people_of_their_organisation_and_which_accounts_are_theirs() {
    everywhere(services, async |world| {
        let boss = account(&world, "Boss", &[(NORTHWIND, &["administrator"])]).await;
        account(&world, "Own", &[(NORTHWIND, &["sales"])]).await;
        account(&world, "Shared", &[(NORTHWIND, &["sales"]), (ACME, &["viewer"])]).await;
        let chief = account(&world, "Chief", &[(NORTHWIND, &["administrator"])]).await;
        let place = member(chief, SYSTEM_ORG, &["administrator"]);
        world.contract::<contracts::users::AddMember>(&place).await.unwrap();
        account(&world, "Foreign", &[(ACME, &["administrator"])]).await;
        let seen = async |user: Uuid| {
            let found = people(&world, by(&world, user, NORTHWIND), NORTHWIND).await.unwrap();
            let shown = found.iter().map(|one| (one.name.clone(), one.manageable));
            shown.collect::<Vec<_>>()
        };
        let rows = |names: [(&str, bool); 4]| names.map(|(name, is)| (name.to_owned(), is));
        assert_eq!(
            seen(boss).await,
            rows([("Boss", true), ("Chief", false), ("Own", true), ("Shared", false)])
        );
        assert_eq!(
            seen(chief).await,
            rows([("Boss", true), ("Chief", true), ("Own", true), ("Shared", true)])
        );
        for call in [world.call_as("sales"), by(&world, boss, ACME)] {
            let refused = people(&world, call, NORTHWIND).await.unwrap_err();
            assert_eq!(refused.code, "forbidden");
        }
        world.end().await;
    });
}

#[test]
fn an_organisation_changes_roles_of_all_its_people_and_accounts_that_are_its_alone() {
    everywhere(services, async |world| {
        let boss = account(&world, "Boss", &[(NORTHWIND, &["administrator"])]).await;
        let own = account(&world, "Own", &[(NORTHWIND, &["sales"])]).await;
        let shared =
            account(&world, "Shared", &[(NORTHWIND, &["sales"]), (ACME, &["viewer"])]).await;
        let chief = account(&world, "Chief", &[(NORTHWIND, &["administrator"])]).await;
        let place = member(chief, SYSTEM_ORG, &["administrator"]);
        world.contract::<contracts::users::AddMember>(&place).await.unwrap();
        let foreign = account(&world, "Foreign", &[(ACME, &["administrator"])]).await;
        let rename = |user| ChangePerson { name: Some("Renamed".to_owned()), ..nothing(user) };
        let deactivate = |user| ChangePerson { active: Some(false), ..nothing(user) };
        let give = |user| ChangePerson { roles: roles(&["viewer"]), ..nothing(user) };
        for (what, who, asked, expected) in [
            ("roles of a shared one", boss, give(shared), ""),
            ("roles of a chief", boss, give(chief), ""),
            ("roles of a stranger", boss, give(foreign), "not_found"),
            ("roles of nobody", boss, give(Uuid::from_u128(7)), "not_found"),
            ("roles of oneself", boss, give(boss), "own_account"),
            ("name of one's own", boss, rename(own), ""),
            ("name of oneself", boss, rename(boss), ""),
            ("name of a shared one", boss, rename(shared), "account_elsewhere"),
            ("name of a chief", boss, rename(chief), "account_elsewhere"),
            ("access of a shared one", boss, deactivate(shared), "account_elsewhere"),
            ("access of a chief", boss, deactivate(chief), "account_elsewhere"),
            ("access of oneself", boss, deactivate(boss), "own_account"),
            ("access of one's own", boss, deactivate(own), ""),
        ] {
            let said = change(&world, by(&world, who, NORTHWIND), &asked).await;
            let said = said.err().map(|problem| problem.code).unwrap_or_default();
            assert_eq!(said, expected, "{what}");
        }
        let facts = world.contract::<UserById>(&UserById { user: own }).await.unwrap().unwrap();
        assert_eq!((facts.name.as_str(), facts.active), ("Renamed", false));
        // The role was taken: the call of a chief says what the edge knows of memberships.
        let call = by(&world, chief, NORTHWIND);
        let changed = change(&world, call, &rename(shared)).await.unwrap();
        assert_eq!((changed.name.as_str(), changed.manageable), ("Renamed", true));
        for (asked, pointer) in [
            (ChangePerson { roles: roles(&["Sales Manager"]), ..nothing(own) }, "/roles"),
            (ChangePerson { name: Some(" ".to_owned()), ..nothing(own) }, "/name"),
        ] {
            let refused = change(&world, by(&world, boss, NORTHWIND), &asked).await.unwrap_err();
            assert_eq!(refused.errors[0].pointer, pointer);
        }
        world.end().await;
    });
}

#[test]
fn an_organisation_ends_memberships_of_its_own_and_nobody_their_own() {
    everywhere(services, async |world| {
        let boss = account(&world, "Boss", &[(NORTHWIND, &["administrator"])]).await;
        let shared =
            account(&world, "Shared", &[(NORTHWIND, &["sales"]), (ACME, &["viewer"])]).await;
        let foreign = account(&world, "Foreign", &[(ACME, &["administrator"])]).await;
        let key = Actor::ApiKey { key: Uuid::from_u128(9), user: boss };
        let by_boss = || by(&world, boss, NORTHWIND);
        for (what, call, user, expected) in [
            ("by a key", Call { actor: key, ..by_boss() }, shared, "forbidden"),
            ("by another's", by(&world, foreign, ACME), shared, "forbidden"),
            ("of a stranger", by_boss(), foreign, "not_found"),
            ("of oneself", by_boss(), boss, "own_account"),
            ("of one's people", by_boss(), shared, ""),
        ] {
            let asked = EndMembership { org: NORTHWIND, user };
            let said = contracts::call::<EndMembership>(&*world.peers, call, &asked).await;
            let said = said.err().map(|problem| problem.code).unwrap_or_default();
            assert_eq!(said, expected, "{what}");
        }
        let place = MembershipIn { user: shared, org: NORTHWIND };
        assert_eq!(world.contract::<MembershipIn>(&place).await.unwrap(), None);
        let places = world.contract::<PlacesOf>(&PlacesOf { user: shared }).await.unwrap();
        assert_eq!(places, [ACME], "the account and its other places stay");
        let refused =
            contracts::call::<PlacesOf>(&*world.peers, by_boss(), &PlacesOf { user: shared }).await;
        assert_eq!(refused.unwrap_err().code, "forbidden");
        world.end().await;
    });
}
