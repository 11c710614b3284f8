//! What a clerk may do: verbs with conditions, days, companies; 404 for what does not exist.

use super::cells::{gotten, listed};
use super::{
    CUSTOMER, GRANT, Given, allow, allow_if, create, deny_if, execute, grant_on, only, status,
    update,
};
use contracts::users::{AddMember, CreateUser, MembershipIn};
use kernel::command::{Explained, Known, List, Verb};
use kernel::rights::CompanyFacts;
use kernel::{Actor, Answer, Call, Input, Query};
use std::sync::Arc;
use testkit::world::{World, everywhere, view};
use types::{Duration, Uuid};

const ORDER: &str = "operations.sales_order";

fn named(name: &str, country: &str) -> Input {
    Input::new().set("name", name).set("country", country)
}

async fn explained(world: &World, call: Call, id: Option<Uuid>, verb: &str) -> Explained {
    explained_of(world, call, id, verb, &[]).await.unwrap()
}

async fn explained_of(
    world: &World,
    call: Call,
    id: Option<Uuid>,
    verb: &str,
    roles: &[&str],
) -> Result<Explained, kernel::Problem> {
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    let query = Query::Explain { entity: CUSTOMER.to_owned(), id, verb: verb.to_owned(), roles };
    match world.ask(call, query).await? {
        Answer::Explained(explained) => Ok(explained),
        other => panic!("explain answered {other:?}"),
    }
}

#[test]
fn verbs_are_allowed_record_by_record() {
    // Grants; then get, list, create in Germany and in France, change the German and the French
    // one, move the German one to France, delete the French one.
    const READ: Given = allow("read");
    let rows: [(&[Given], [u16; 8]); 10] = [
        (&[], [404, 403, 403, 403, 404, 404, 404, 404]),
        (&[READ], [200, 200, 403, 403, 403, 403, 403, 403]),
        (&[allow("*")], [200, 200, 200, 200, 200, 200, 200, 200]),
        (&[allow("create")], [404, 403, 200, 200, 404, 404, 404, 404]),
        (&[READ, allow_if("create", "country == 'DE'")], [200, 200, 200, 403, 403, 403, 403, 403]),
        (&[READ, allow_if("update", "country == 'DE'")], [200, 200, 403, 403, 200, 403, 403, 403]),
        (
            &[allow("*"), deny_if("update", "country == 'FR'")],
            [200, 200, 200, 200, 200, 403, 403, 200],
        ),
        (&[allow("*"), deny_if("create", "")], [200, 200, 403, 403, 200, 200, 200, 200]),
        (&[allow_if("*", "country == 'DE'")], [200, 200, 200, 403, 200, 404, 403, 404]),
        (&[READ, allow("update"), deny_if("delete", "")], [200, 200, 403, 403, 200, 200, 200, 403]),
    ];
    everywhere(server::wiring::services, async |world| {
        let clerk = || world.call_as("clerk");
        for (grants, expected) in rows {
            // A role with grants of its own has no other rights.
            only(&world, CUSTOMER, grants).await;
            let german = create(&world, world.call(), named("D", "DE")).await.unwrap().id();
            let french = create(&world, world.call(), named("F", "FR")).await.unwrap().id();
            let get = Query::Get { entity: CUSTOMER.to_owned(), id: german, known_at: None };
            let list = Query::List(List { entity: CUSTOMER.to_owned(), ..List::default() });
            let delete = Verb::Delete { id: french, known: Known::Nothing };
            let found = [
                status(&world.ask(clerk(), get).await),
                status(&world.ask(clerk(), list).await),
                status(&create(&world, clerk(), named("New", "DE")).await),
                status(&create(&world, clerk(), named("New", "FR")).await),
                status(&update(&world, clerk(), german, named("D2", "DE")).await),
                status(&update(&world, clerk(), french, named("F2", "FR")).await),
                status(&update(&world, clerk(), german, named("D3", "FR")).await),
                status(&execute(&world, clerk(), CUSTOMER, delete, Input::new()).await),
            ];
            assert_eq!(found, expected, "{grants:?}");
        }
        world.end().await;
    });
}

#[test]
fn explain_names_the_grant_that_decides_and_the_administrator_needs_none() {
    everywhere(server::wiring::services, async |world| {
        let german = create(&world, world.call(), named("D", "DE")).await.unwrap().id();
        let french = create(&world, world.call(), named("F", "FR")).await.unwrap().id();
        let grants = [
            allow("read"),
            allow_if("update", "country == 'DE'"),
            deny_if("update", "country == 'FR'"),
        ];
        let made = only(&world, CUSTOMER, &grants).await;
        let name = |index: usize| Some(made[index].public_id());
        let clerk = || world.call_as("clerk");
        for (id, verb, allowed, by) in [
            (None, "read", true, name(0)),
            (Some(german), "read", true, name(0)),
            (Some(german), "update", true, name(1)),
            (Some(french), "update", false, name(2)),
            (Some(french), "delete", false, None),
        ] {
            let explained = explained(&world, clerk(), id, verb).await;
            assert_eq!((explained.allowed, explained.by), (allowed, by), "{verb}");
        }
        let refused = update(&world, clerk(), french, named("F", "IT")).await.unwrap_err();
        assert!(refused.detail.contains("operations.customer:update"), "{refused}");

        // Nothing limits an administrator, whatever other role it has.
        let denied = Given { hidden: "email", ..deny_if("*", "") };
        only(&world, CUSTOMER, &[denied]).await;
        let roles = Arc::from(["administrator".to_owned(), "clerk".to_owned()]);
        let both = || Call { roles: Arc::clone(&roles), ..world.call_as("clerk") };
        assert_eq!(listed(&world, both(), "").await.len(), 2);
        let input = Input::new().set("email", "a@b.example");
        let changed = update(&world, both(), german, input).await.unwrap();
        assert_eq!(changed.get("email").as_text(), Some("a@b.example"));
        let by = explained(&world, both(), Some(german), "delete").await.by;
        assert_eq!(by.as_deref(), Some("administrator"));
        world.end().await;
    });
}

#[test]
fn a_grant_holds_on_its_days_only() {
    everywhere(server::wiring::services, async |world| {
        let id = create(&world, world.call(), named("D", "DE")).await.unwrap().id();
        let day = |days: i64| {
            let at = types::Instant(world.source.clock.now().0 + days * 86_400_000_000);
            at.date_in("UTC")
        };
        let (start, end) = (day(2), day(3));
        only(&world, CUSTOMER, &[]).await;
        for verb in ["read", "update", "create"] {
            let grant =
                grant_on(CUSTOMER, &allow(verb)).set("starts_on", start).set("ends_on", end);
            world.create(GRANT, grant).await.unwrap();
        }
        for (days, holds) in [(0, false), (1, false), (2, true), (3, true), (4, false)] {
            assert_eq!(day(0), day_of(&world), "day {days}");
            let call = world.call_as("clerk");
            let seen = gotten(&world, &call, &[id], false).await.len();
            let known = gotten(&world, &call, &[id], true).await.len();
            assert_eq!((seen, known), (usize::from(holds), usize::from(holds)), "day {days}");
            assert_eq!(listed(&world, world.call_as("clerk"), "").await.is_empty(), !holds);
            let name = format!("Day {days}");
            let changed = update(&world, world.call_as("clerk"), id, named(&name, "DE")).await;
            assert_eq!(status(&changed), if holds { 200 } else { 404 }, "day {days}");
            let made = create(&world, world.call_as("clerk"), named(&name, "FR")).await;
            assert_eq!(status(&made), if holds { 200 } else { 403 }, "day {days}");
            world.clock.advance(Duration(86_400_000_000));
        }
        world.end().await;
    });
}

#[test]
fn explain_names_hidden_fields_to_administrators_only() {
    everywhere(server::wiring::services, async |world| {
        let id = create(&world, world.call(), named("D", "DE")).await.unwrap().id();
        let mask = Given { hidden: "email, notes", read_only: "phone", ..allow("read") };
        let condition = allow_if("update", "country == 'DE'");
        only(&world, CUSTOMER, &[mask, condition]).await;

        let own = explained(&world, world.call_as("clerk"), Some(id), "update").await;
        assert!(own.allowed && own.hidden.is_none(), "{own:?}");
        assert!(own.readable.iter().any(|name| name == "phone"));
        assert_eq!(own.read_only.iter().filter(|name| *name == "phone").count(), 1);
        let text = serde_json::to_string(&own).unwrap();
        for name in ["email", "notes", "hidden"] {
            assert!(!text.contains(&format!("\"{name}\"")), "{name} in {text}");
        }
        let others = explained_of(&world, world.call_as("clerk"), None, "read", &["sales"]).await;
        assert_eq!(status(&others), 403);

        let of_clerk = explained_of(&world, world.call(), Some(id), "update", &["clerk"]).await;
        let of_clerk = of_clerk.unwrap();
        assert_eq!(of_clerk.hidden.as_deref(), Some(&["email", "notes"].map(str::to_owned)[..]));
        assert_eq!((of_clerk.allowed, of_clerk.by.is_some()), (true, true));
        assert_eq!(of_clerk.roles, ["clerk"]);
        assert_eq!(of_clerk.readable, own.readable);
        let deletes = explained_of(&world, world.call(), None, "delete", &["clerk"]).await;
        assert!(!deletes.unwrap().allowed);
        let of_nobody = explained_of(&world, world.call(), None, "read", &["guest"]).await.unwrap();
        assert!(!of_nobody.allowed && of_nobody.readable.is_empty());
        world.end().await;
    });
}

#[test]
fn what_stands_in_the_way_of_a_deletion_is_told_as_far_as_it_can_be_seen() {
    everywhere(server::wiring::services, async |world| {
        let customer = create(&world, world.call(), named("D", "DE")).await.unwrap().id();
        for notes in ["seen", "unseen"] {
            let order = Input::new().set("customer", customer).set("notes", notes);
            execute(&world, world.call(), ORDER, Verb::Create, order).await.unwrap();
        }
        let delete = async |call: Call| {
            let verb = Verb::Delete { id: customer, known: Known::Nothing };
            let refused = execute(&world, call, CUSTOMER, verb, Input::new()).await.unwrap_err();
            assert_eq!(refused.code, "in_use", "{refused}");
            let texts = refused.errors.into_iter().map(|error| error.message);
            texts.collect::<Vec<_>>().join("; ")
        };
        let others = "other records that you cannot see use it; ask an administrator";
        let counted = "2 of operations.sales_order use it as customer";
        let some = "records of operations.sales_order use it as customer";
        assert_eq!(delete(world.call()).await, counted);
        for (given, expected) in [
            (Vec::new(), others),
            (vec![allow("create")], others),
            (vec![allow("read")], counted),
            (vec![allow_if("read", "notes == 'seen'")], some),
            (vec![Given { hidden: "customer", ..allow("read") }], others),
        ] {
            only(&world, CUSTOMER, &[allow("*")]).await;
            for grant in &given {
                world.create(GRANT, grant_on(ORDER, grant)).await.unwrap();
            }
            assert_eq!(delete(world.call_as("clerk")).await, expected, "{given:?}");
        }
        // That a value is taken is told, and not by whom.
        let taken = || named("E", "DE").set("code", "E");
        create(&world, world.call(), taken()).await.unwrap();
        only(&world, CUSTOMER, &[allow("create"), allow_if("read", "country == 'FR'")]).await;
        let refused = create(&world, world.call_as("clerk"), taken()).await.unwrap_err();
        assert_eq!((refused.code.as_str(), refused.errors.len()), ("already_exists", 1));
        assert!(!refused.to_string().contains("cus_"), "{refused}");
        world.end().await;
    });
}

fn day_of(world: &World) -> types::Date {
    world.source.clock.now().date_in("UTC")
}

#[test]
fn who_is_limited_to_companies_works_in_those() {
    everywhere(server::wiring::services, async |world| {
        let (ours, theirs) = (Uuid::from_u128(0xc1), Uuid::from_u128(0xc2));
        let company = |id: Uuid| CompanyFacts {
            id,
            zone: "Europe/Berlin".to_owned(),
            currency: "EUR".to_owned(),
            rounding: types::Rounding::HalfUp,
        };
        world.facts.change(world.org, |facts| facts.companies = [ours, theirs].map(company).into());
        let customer = create(&world, world.call(), named("D", "DE")).await.unwrap().id();
        let order = |company: Option<Uuid>| {
            let input = Input::new().set("customer", customer);
            match company {
                Some(company) => input.set("company", company),
                None => input,
            }
        };
        let make = async |call: Call, company: Option<Uuid>| {
            let made = execute(&world, call, ORDER, Verb::Create, order(company)).await;
            made.map(|answer| view(answer).record)
        };
        let foreign = make(world.call(), Some(theirs)).await.unwrap();
        for role in ["sales", "administrator"] {
            let within = || Call { companies: Some(Arc::from([ours])), ..world.call_as(role) };
            assert_eq!(status(&make(within(), Some(theirs)).await), 403, "{role}");
            let own = make(within(), None).await.unwrap();
            assert_eq!(own.company(), Some(ours), "the only company of the actor is the default");
            let update = async |id: Uuid, input: Input| {
                let verb = Verb::Update { id, known: Known::Nothing };
                execute(&world, within(), ORDER, verb, input).await
            };
            let notes = || Input::new().set("notes", "x");
            assert_eq!(status(&update(own.id(), notes()).await), 200, "{role}");
            assert_eq!(status(&update(foreign.id(), notes()).await), 404, "{role}");
            let moved = Input::new().set("company", theirs);
            assert_eq!(status(&update(own.id(), moved).await), 403, "{role}");
            let list =
                Query::List(List { entity: ORDER.to_owned(), count: true, ..List::default() });
            let Answer::Page(page) = world.ask(within(), list).await.unwrap() else { panic!() };
            assert!(page.items.iter().all(|view| view.record.company() == Some(ours)), "{role}");
            assert_eq!(page.total_size, Some(page.items.len() as u64), "{role}");
            let of_none = Call { companies: Some(Arc::from([])), ..world.call_as(role) };
            assert_eq!(status(&make(of_none, None).await), 422, "{role} without a company");
        }
        world.end().await;
    });
}

#[test]
fn a_member_has_the_roles_of_its_membership() {
    everywhere(server::wiring::services, async |world| {
        create(&world, world.call(), named("D", "DE")).await.unwrap();
        only(&world, CUSTOMER, &[allow("read")]).await;
        let email = "nancy@northwind.example".to_owned();
        let request = CreateUser { email, name: "Nancy".to_owned(), locale: None };
        let user = world.contract::<CreateUser>(&request).await.unwrap().id;
        for (roles, seen) in [(&["clerk"][..], 1), (&["guest"], 0), (&["clerk", "guest"], 1)] {
            let roles = roles.iter().map(|role| (*role).to_owned()).collect();
            let member = AddMember { user, org: world.org, roles, companies: None };
            world.contract::<AddMember>(&member).await.unwrap();
            let asked = MembershipIn { user, org: world.org };
            let place = world.contract::<MembershipIn>(&asked).await.unwrap().unwrap();
            let roles = place.roles.into();
            let call = Call { actor: Actor::User(user), roles, ..world.call() };
            assert_eq!(listed(&world, call, "").await.len(), seen);
        }
        world.end().await;
    });
}

#[test]
fn another_organisation_has_none_of_it() {
    everywhere(server::wiring::services, async |world| {
        let id = create(&world, world.call(), named("D", "DE")).await.unwrap().id();
        let other = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0b77);
        let call = || Call { org: other, ..world.call() };
        assert_eq!(gotten(&world, &call(), &[id], false).await.len(), 0);
        assert_eq!(gotten(&world, &call(), &[id], true).await.len(), 0);
        assert_eq!(listed(&world, call(), "").await.len(), 0);
        assert_eq!(status(&update(&world, call(), id, named("E", "DE")).await), 404);
        world.end().await;
    });
}
