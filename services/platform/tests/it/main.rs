//! Scenarios of platform, on both databases, plain and in wire mode.

mod conformance;
mod imports;
mod own;
mod undo;

use contracts::platform::{Companies, CreateOrg, FindOrg, OrgFacts, Orgs};
use contracts::users::Rules;
use contracts::{Contract, SYSTEM_ORG};
use futures::future::BoxFuture;
use kernel::command::Verb;
use kernel::{Call, Command, Input, Problem, Runtime, Service, entity};
use platform::Org;
use std::sync::Arc;
use testkit::world::{World, everywhere};
use types::Uuid;

/// A user, as far as links to it need one.
#[entity(service = "users", prefix = "usr", system)]
struct User {}

/// Everyone is a member of every organisation.
fn members<'a>(
    _: &'a Arc<Runtime>,
    _: &'a Call,
    users: &'a [Uuid],
) -> BoxFuture<'a, Result<Vec<Uuid>, Problem>> {
    Box::pin(async move { Ok(users.to_vec()) })
}

fn services() -> Vec<Service> {
    let none = async |_: Arc<Runtime>, _: Call, _: Rules| Ok(Vec::new());
    let users = Service::new("users")
        .entity::<User>()
        .linkable::<User>(members)
        .handle(Rules::NAME, contracts::handler::<Rules>(none));
    vec![platform::service(), users]
}

fn northwind() -> CreateOrg {
    CreateOrg {
        slug: "northwind".to_owned(),
        name: "Northwind Traders".to_owned(),
        country: Some("DE".to_owned()),
        currency: Some("EUR".to_owned()),
        zone: Some("Europe/Berlin".to_owned()),
        placement: None,
    }
}

async fn find(world: &World, org: &str) -> Result<Option<OrgFacts>, Problem> {
    world.contract::<FindOrg>(&FindOrg { org: org.to_owned() }).await
}

#[test]
fn an_organisation_is_active_with_one_company() {
    everywhere(services, async |world| {
        let made = world.contract::<CreateOrg>(&northwind()).await.unwrap();
        assert_eq!((made.state.as_str(), made.slug.as_str()), ("active", "northwind"));
        let companies = world.contract::<Companies>(&Companies { org: made.id }).await.unwrap();
        let [company] = companies.as_slice() else { panic!("{companies:?}") };
        assert_eq!(company.name, "Northwind Traders");
        assert_eq!((company.country.as_str(), company.currency.as_str()), ("DE", "EUR"));
        assert_eq!(
            (company.zone.as_str(), company.rounding.as_str()),
            ("Europe/Berlin", "half_up")
        );
        let id = types::format_id("org", made.id);
        for name in ["northwind", id.as_str()] {
            assert_eq!(find(&world, name).await.unwrap().as_ref(), Some(&made), "{name}");
        }
        for name in ["Northwind", "acme", "", "'", "org_00000000000000000000000000"] {
            assert_eq!(find(&world, name).await.unwrap(), None, "{name}");
        }
        let all = world.contract::<Orgs>(&Orgs { ids: None }).await.unwrap();
        assert_eq!(all, std::slice::from_ref(&made));
        world.end().await;
    });
}

#[test]
fn a_slug_is_taken_once() {
    everywhere(services, async |world| {
        world.contract::<CreateOrg>(&northwind()).await.unwrap();
        let refused = world.contract::<CreateOrg>(&northwind()).await.unwrap_err();
        assert_eq!(refused.code, "already_exists");
        world.end().await;
    });
}

#[test]
fn what_was_left_half_made_is_finished_by_asking_again() {
    everywhere(services, async |world| {
        let input = Input::new()
            .set("name", "Northwind Traders")
            .set("slug", "northwind")
            .set("country", "DE")
            .set("currency", "EUR");
        let half = Command { entity: Org::ENTITY.to_owned(), verb: Verb::Create, input };
        world.execute(world.system(SYSTEM_ORG), half).await.unwrap();
        let left = find(&world, "northwind").await.unwrap().unwrap();
        assert_eq!(left.state, "creating");
        let made = world.contract::<CreateOrg>(&northwind()).await.unwrap();
        assert_eq!((made.id, made.state.as_str()), (left.id, "active"));
        let companies = world.contract::<Companies>(&Companies { org: made.id }).await.unwrap();
        assert_eq!(companies.len(), 1);
        world.end().await;
    });
}

#[test]
fn an_organisation_whose_company_cannot_be_made_leaves_no_trace() {
    everywhere(services, async |world| {
        for (wrong, pointer) in [
            (CreateOrg { slug: "North Wind".to_owned(), ..northwind() }, "/slug"),
            (CreateOrg { zone: Some("Mars/Base".to_owned()), ..northwind() }, "/time_zone"),
            (CreateOrg { currency: Some("XQZ".to_owned()), ..northwind() }, "/currency"),
            (CreateOrg { country: Some("de".to_owned()), ..northwind() }, "/country"),
            (CreateOrg { name: String::new(), ..northwind() }, "/name"),
            (CreateOrg { placement: Some("paper".to_owned()), ..northwind() }, "/placement"),
        ] {
            let refused = world.contract::<CreateOrg>(&wrong).await.unwrap_err();
            assert_eq!(refused.kind.status(), 422, "{pointer}");
            assert!(refused.errors.iter().any(|error| error.pointer == pointer), "{refused}");
        }
        assert_eq!(world.contract::<Orgs>(&Orgs { ids: None }).await.unwrap(), []);
        world.end().await;
    });
}

#[test]
fn only_the_platform_makes_organisations() {
    everywhere(services, async |world| {
        let made = contracts::call::<CreateOrg>(&*world.peers, world.call(), &northwind()).await;
        assert_eq!(made.unwrap_err().kind.status(), 403);
        world.end().await;
    });
}

#[test]
fn every_entity_is_sound() {
    let mut faults = testkit::schema::faults(&platform::service());
    // No role of an organisation reaches what the system keeps: nobody is meant.
    faults.retain(|fault| !fault.ends_with("is granted to nobody"));
    assert_eq!(faults, Vec::<String>::new());
}
