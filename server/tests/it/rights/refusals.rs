//! A hidden field is refused exactly as a name that does not exist.

use super::{CUSTOMER, Given, allow, create, execute, hide, only, update};
use kernel::command::{Aggregate, Known, List, Verb};
use kernel::{Input, Problem, Query};
use testkit::world::{World, everywhere, view};
use types::{Uuid, Value};

/// A name of no field, near to none.
const NO_FIELD: &str = "qqqqqqqqqqqqqq";

/// A problem without the name that was asked for and without hints at near ones.
fn faceless(problem: Problem, name: &str) -> String {
    let plain = |text: &str| {
        let text = text.replace("customer", "ENTITY").replace(name, "NAME");
        text.split("; did you mean").next().unwrap_or_default().trim_end_matches('.').to_owned()
    };
    let errors: Vec<String> = problem
        .errors
        .iter()
        .map(|e| format!("{} {} {}", plain(&e.pointer), e.code, plain(&e.message)))
        .collect();
    format!("{} {} {} {errors:?}", problem.kind.status(), problem.code, plain(&problem.detail))
}

/// What each way of naming a field is refused with.
async fn refusals(world: &World, id: Uuid, name: &str) -> Vec<(&'static str, Option<String>)> {
    let clerk = || world.call_as("clerk");
    let entity = || CUSTOMER.to_owned();
    let list = |list: List| Query::List(List { entity: entity(), ..list });
    let groups = |groups: Aggregate| Query::Aggregate(Aggregate { entity: entity(), ..groups });
    let input = || Input::new().set(name, "x");
    let base = Verb::Update { id, known: Known::Base(1) };
    let count = || "count()".to_owned();
    let outcomes = [
        (
            "filter",
            world
                .ask(clerk(), list(List { filter: format!("{name} == 'x'"), ..List::default() }))
                .await
                .map(drop),
        ),
        (
            "order_by",
            world
                .ask(clerk(), list(List { order_by: format!("{name} desc"), ..List::default() }))
                .await
                .map(drop),
        ),
        (
            "group_by",
            world
                .ask(
                    clerk(),
                    groups(Aggregate {
                        group_by: name.to_owned(),
                        select: count(),
                        ..Aggregate::default()
                    }),
                )
                .await
                .map(drop),
        ),
        (
            "select",
            world
                .ask(
                    clerk(),
                    groups(Aggregate { select: format!("max({name})"), ..Aggregate::default() }),
                )
                .await
                .map(drop),
        ),
        (
            "filter of groups",
            world
                .ask(
                    clerk(),
                    groups(Aggregate {
                        select: count(),
                        filter: format!("{name} == 'x'"),
                        ..Aggregate::default()
                    }),
                )
                .await
                .map(drop),
        ),
        ("create", create(world, clerk(), input().set("name", "New")).await.map(drop)),
        ("update", update(world, clerk(), id, input()).await.map(drop)),
        ("merge", execute(world, clerk(), CUSTOMER, base, input()).await.map(drop)),
    ];
    outcomes.map(|(way, outcome)| (way, outcome.err().map(|p| faceless(p, name)))).into()
}

#[test]
fn a_hidden_field_is_as_unknown_as_one_that_does_not_exist() {
    everywhere(server::wiring::services, async |world| {
        let named = Input::new().set("name", "Foxtrot").set("email", "f@a.example");
        let id = create(&world, world.call(), named).await.unwrap().id();
        let changed = Input::new().set("email", "g@a.example").set("notes", "Changed.");
        update(&world, world.call(), id, changed).await.unwrap();
        let mask = "email, notes, external_ids, custom, created_by, updated_at";
        only(&world, CUSTOMER, &[allow("*"), hide(mask)]).await;
        let expected = refusals(&world, id, NO_FIELD).await;
        assert!(expected.iter().all(|(_, refusal)| refusal.is_some()), "{expected:?}");
        for name in mask.split(", ") {
            assert_eq!(refusals(&world, id, name).await, expected, "{name}");
        }
        // A near miss of a hidden field is no hint at it.
        for (way, refusal) in refusals(&world, id, "emial").await {
            let refusal = refusal.unwrap();
            assert!(!refusal.contains("email"), "{way}: {refusal}");
        }
        world.end().await;
    });
}

#[test]
fn a_read_only_field_may_be_sent_back_and_not_changed() {
    everywhere(server::wiring::services, async |world| {
        let named = Input::new().set("name", "Golf").set("code", "G").set("country", "DE");
        let made = create(&world, world.call(), named).await.unwrap();
        let locked = Given { read_only: "code, country, external_ids", ..allow("*") };
        only(&world, CUSTOMER, &[locked]).await;
        let ids = |key: &str| Value::Json(format!(r#"{{"x":"{key}"}}"#));
        for (input, expected) in [
            (Input::new().set("name", "Golf Two"), None),
            (Input::new().set("name", "Golf Three").set("code", "G").set("country", "DE"), None),
            (Input::new().set("code", "H"), Some("/code")),
            (Input::new().set("country", Value::Null), Some("/country")),
            (Input::new().set("external_ids", ids("1")), Some("/external_ids")),
        ] {
            let outcome = update(&world, world.call_as("clerk"), made.id(), input).await;
            let refused = outcome.err().map(|problem| {
                assert_eq!(problem.errors[0].code, "read_only");
                problem.errors[0].pointer.clone()
            });
            assert_eq!(refused.as_deref(), expected);
        }
        let query = Query::Get { entity: CUSTOMER.to_owned(), id: made.id(), known_at: None };
        let seen = view(world.ask(world.call_as("clerk"), query).await.unwrap()).record;
        assert_eq!(seen.get("code").as_text(), Some("G"), "what cannot be changed can be read");
        world.end().await;
    });
}
