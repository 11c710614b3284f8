//! Customers: made, found, changed and kept from those who may not.

use kernel::command::{Known, List, Verb};
use kernel::{Answer, Call, Command, Input, Problem, ProblemKind, Query, Record};
use operations::Customer;
use testkit::world::{World, everywhere, view};
use types::{Duration, Uuid, Value};

fn services() -> Vec<kernel::Service> {
    vec![operations::service()]
}

async fn make(world: &World, call: Call, input: Input) -> Result<Record, Problem> {
    let command = Command { entity: Customer::ENTITY.to_owned(), verb: Verb::Create, input };
    world.execute(call, command).await.map(|answer| view(answer).record)
}

async fn change(world: &World, call: Call, verb: Verb, input: Input) -> Result<Answer, Problem> {
    world.execute(call, Command { entity: Customer::ENTITY.to_owned(), verb, input }).await
}

async fn read(world: &World, call: Call, id: Uuid) -> Result<Record, Problem> {
    let query = Query::Get { entity: Customer::ENTITY.to_owned(), id, known_at: None };
    world.ask(call, query).await.map(|answer| view(answer).record)
}

fn kind<T: std::fmt::Debug>(outcome: Result<T, Problem>) -> ProblemKind {
    outcome.unwrap_err().kind
}

#[test]
fn a_name_is_all_that_a_customer_needs() {
    everywhere(services, async |world| {
        let name = Input::new().set("name", "Vins et alcools Chevalier");
        let made = world.create(Customer::ENTITY, name).await.unwrap();
        assert!(made.public_id().starts_with("cus_"));
        assert_eq!(made.get("active"), &Value::Bool(true));
        assert_eq!(world.get(Customer::ENTITY, made.id()).await.unwrap(), made);
        let found = world.list(Customer::ENTITY, "name == 'Vins et alcools Chevalier'").await;
        assert_eq!(found.unwrap(), [made]);
        world.end().await;
    });
}

#[test]
fn a_contact_with_a_title_has_a_name_and_the_limit_of_an_inactive_customer_stays() {
    everywhere(services, async |world| {
        let titled = Input::new().set("name", "Bon app'").set("contact_title", "Owner");
        let refused = world.create(Customer::ENTITY, titled.clone()).await.unwrap_err();
        let [error] = refused.errors.as_slice() else { panic!("{refused}") };
        assert_eq!((&*error.pointer, &*error.code), ("/contact_name", "required"));
        let named = titled.set("contact_name", "Laurence Lebihans");
        let made = world.create(Customer::ENTITY, named).await.unwrap();
        let limit = |amount: i64| {
            let currency = types::Currency::parse("EUR").unwrap();
            let amount = types::Money { minor: amount, currency };
            Input::new().set("credit_limit", Value::Money(amount))
        };
        let set = async |input: Input| {
            let verb = Verb::Update { id: made.id(), known: Known::Nothing };
            change(&world, world.call(), verb, input).await
        };
        set(limit(100).set("active", true)).await.unwrap();
        set(Input::new().set("active", false)).await.unwrap();
        let fixed = set(limit(200)).await.unwrap_err();
        assert_eq!(
            (&*fixed.errors[0].pointer, &*fixed.errors[0].code),
            ("/credit_limit", "read_only")
        );
        set(limit(200).set("active", true)).await.unwrap();
        world.end().await;
    });
}

#[test]
fn everything_that_is_wrong_with_a_customer_is_said_together() {
    everywhere(services, async |world| {
        let wrong = Input::new().set("country", "fr").set("currency", "francs");
        let refused = world.create(Customer::ENTITY, wrong).await.unwrap_err();
        let codes: Vec<&str> = refused.errors.iter().map(|error| error.code.as_str()).collect();
        assert_eq!(codes, ["required", "invalid_country", "invalid_currency"]);
        world.end().await;
    });
}

#[test]
fn no_two_customers_share_a_code() {
    everywhere(services, async |world| {
        let coded = |name: &str| Input::new().set("name", name).set("code", "ALFKI");
        world.create(Customer::ENTITY, coded("Alfreds Futterkiste")).await.unwrap();
        let refused = world.create(Customer::ENTITY, coded("Another")).await.unwrap_err();
        assert_eq!(
            (refused.kind, refused.code.as_str()),
            (ProblemKind::Conflict, "already_exists")
        );
        world.end().await;
    });
}

#[test]
fn sales_keep_customers_viewers_look_and_strangers_see_nothing() {
    everywhere(services, async |world| {
        let named = |name: &str| Input::new().set("name", name);
        let made = make(&world, world.call_as("sales"), named("Around the Horn")).await.unwrap();
        let id = made.id();
        let update = || Verb::Update { id, known: Known::Nothing };
        let delete = || Verb::Delete { id, known: Known::Nothing };
        // Role, and what comes of reading, creating, changing and deleting.
        use ProblemKind::{Forbidden, NotFound};
        for (role, expected) in [
            ("sales", [None, None, None, Some(Forbidden)]),
            ("viewer", [None, Some(Forbidden), Some(Forbidden), Some(Forbidden)]),
            ("nobody", [Some(NotFound), Some(Forbidden), Some(NotFound), Some(NotFound)]),
        ] {
            let call = || world.call_as(role);
            let outcomes = [
                read(&world, call(), id).await.map(drop),
                make(&world, call(), named(role)).await.map(drop),
                change(&world, call(), update(), named(role)).await.map(drop),
                change(&world, call(), delete(), Input::new()).await.map(drop),
            ];
            assert_eq!(outcomes.map(|outcome| outcome.err().map(|p| p.kind)), expected, "{role}");
        }
        let entity = Customer::ENTITY.to_owned();
        let list = Query::List(List { entity, ..List::default() });
        assert_eq!(kind(world.ask(world.stranger(), list).await), Forbidden);
        change(&world, world.call(), delete(), Input::new()).await.unwrap();
        assert_eq!(kind(read(&world, world.call(), id).await), NotFound);
        world.end().await;
    });
}

#[test]
fn a_customer_is_known_as_it_was_before_each_change() {
    everywhere(services, async |world| {
        let input = Input::new().set("name", "Around the Horn").set("phone", "(171) 555-7788");
        let made = world.create(Customer::ENTITY, input).await.unwrap();
        let mut known = vec![made.clone()];
        for name in ["Around the Cape", "Around the World"] {
            world.clock.advance(Duration(1_000_000));
            let verb = Verb::Update { id: made.id(), known: Known::Nothing };
            let changed = change(&world, world.call(), verb, Input::new().set("name", name)).await;
            known.push(view(changed.unwrap()).record);
        }
        for record in known {
            let (entity, id) = (Customer::ENTITY.to_owned(), made.id());
            let query = Query::Get { entity, id, known_at: Some(record.updated_at()) };
            let then = view(world.ask(world.call(), query).await.unwrap()).record;
            assert_eq!(then, record);
        }
        world.end().await;
    });
}
