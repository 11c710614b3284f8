//! Employees: a tree of people, and what viewers do not see of them.

use hr::{Department, Employee};
use kernel::command::{Known, Verb};
use kernel::{Command, Input, ProblemKind, Query};
use testkit::world::{World, everywhere, on_sqlite, view};
use types::{Date, Uuid, Value};

fn services() -> Vec<kernel::Service> {
    vec![hr::service()]
}

fn person(first: &str, last: &str, manager: Option<Uuid>) -> Input {
    Input::new().set("first_name", first).set("last_name", last).set("manager", manager)
}

async fn change(world: &World, id: Uuid, input: Input) -> Result<kernel::Record, kernel::Problem> {
    let verb = Verb::Update { id, known: Known::Nothing };
    let command = Command { entity: Employee::ENTITY.to_owned(), verb, input };
    world.execute(world.call(), command).await.map(|answer| view(answer).record)
}

#[test]
fn a_name_follows_its_parts() {
    everywhere(services, async |world| {
        let made = world.create(Employee::ENTITY, person("Nancy", "Davolio", None)).await.unwrap();
        assert_eq!(made.get("name").as_text(), Some("Nancy Davolio"));
        let changed = change(&world, made.id(), Input::new().set("last_name", "Fuller")).await;
        assert_eq!(changed.unwrap().get("name").as_text(), Some("Nancy Fuller"));
        let found = world.list(Employee::ENTITY, "name == 'Nancy Fuller'").await.unwrap();
        assert_eq!(found.len(), 1);
        let given = world.create(Employee::ENTITY, person("A", "B", None).set("name", "C")).await;
        assert_eq!(given.unwrap_err().errors[0].code, "read_only");
        world.end().await;
    });
}

#[test]
fn nobody_reports_to_themselves_through_others() {
    everywhere(services, async |world| {
        let top = world.create(Employee::ENTITY, person("Ann", "One", None)).await.unwrap();
        let below = person("Bob", "Two", Some(top.id()));
        let below = world.create(Employee::ENTITY, below).await.unwrap();
        let loops = change(&world, top.id(), Input::new().set("manager", below.id())).await;
        let problem = loops.unwrap_err();
        assert_eq!(
            (problem.errors[0].pointer.as_str(), &*problem.errors[0].code),
            ("/manager", "loop")
        );
        world.end().await;
    });
}

#[test]
fn a_viewer_sees_who_works_where_and_nothing_personal() {
    everywhere(services, async |world| {
        let sales = Input::new().set("name", "Sales").set("code", "SAL");
        let sales = world.create(Department::ENTITY, sales).await.unwrap();
        let input = person("Nancy", "Davolio", None)
            .set("department", sales.id())
            .set("email", "nancy@northwind.example")
            .set("born_on", "1968-12-08".parse::<Date>().unwrap())
            .set("home_phone", "(206) 555-9857")
            .set("address", Value::Json(r#"{"city":"Seattle"}"#.to_owned()))
            .set("notes", "Private.");
        let made = world.create(Employee::ENTITY, input).await.unwrap();
        let query =
            || Query::Get { entity: Employee::ENTITY.to_owned(), id: made.id(), known_at: None };
        for (role, sees) in [("viewer", false), ("hr_manager", true)] {
            let seen = view(world.ask(world.call_as(role), query()).await.unwrap()).record;
            for shown in ["name", "email", "department"] {
                assert_eq!(seen.get(shown), made.get(shown), "{role} {shown}");
            }
            for hidden in ["born_on", "home_phone", "address", "notes"] {
                assert_eq!(!seen.get(hidden).is_null(), sees, "{role} {hidden}");
            }
        }
        let stranger = world.ask(world.stranger(), query()).await.unwrap_err();
        assert_eq!(stranger.kind, ProblemKind::NotFound);
        world.end().await;
    });
}

#[test]
fn the_people_of_the_demo_pass_the_write_path() {
    on_sqlite(services, async |world| {
        let end = types::Instant::parse("2026-07-04T12:00:00Z").unwrap();
        let mut known = std::collections::HashMap::new();
        for step in hr::demo::plan(end) {
            world.clock.set(step.at);
            let command = contracts::demo::resolve(&step.command, &known);
            let done = world.execute(world.call_as(step.by), command).await;
            let done = done.unwrap_or_else(|problem| panic!("{problem:?}: {:?}", step.command));
            known.extend(step.makes.map(|label| (label, view(done).record.id())));
        }
        let people = world.list(Employee::ENTITY, "").await.unwrap();
        assert_eq!(people.len(), 30);
        assert_eq!(people.iter().filter(|person| person.get("manager").is_null()).count(), 1);
        world.end().await;
    });
}
