//! Fields that are shown, needed and fixed as the rest of the record says.

use kernel::command::{Explained, Extent, Known, Verb};
use kernel::rights::Rule;
use kernel::schema::{EntityKind, Move, States, slot};
use kernel::{Answer, Call, Command, Declare, Entity, Field, Input, Kind, Problem, Query, Service};
use testkit::world::{World, everywhere, view};
use types::{Uuid, Value};

/// What somebody asks for.
struct Ticket;

impl Declare for Ticket {
    fn entity() -> Entity {
        let step = |from: &str, act: &str, to: &str| Move {
            from: from.to_owned(),
            act: act.to_owned(),
            to: to.to_owned(),
        };
        Entity::new("desk", "ticket", "tickets", "tic")
            .field(Field::new("sort", Kind::choice(&["question", "fault"]), "What it is."))
            .field(
                Field::new("severity", Kind::integer(), "How bad.")
                    .visible_if("sort == 'fault'")
                    .required_if("state == 'open'"),
            )
            .field(
                Field::new("answer", Kind::text(100), "What was said.")
                    .required_if("state == 'closed'"),
            )
            .field(
                Field::new("budget", Kind::integer(), "What it may cost.")
                    .read_only_if("sort == 'question'"),
            )
            .field(Field::new(
                "steps",
                Kind::Children { entity: "desk.step".into() },
                "What to do.",
            ))
            .states(States {
                names: ["open", "closed"].map(str::to_owned).to_vec(),
                moves: vec![step("open", "close", "closed")],
            })
    }
}

/// A step of a ticket.
struct Step;

impl Declare for Step {
    fn entity() -> Entity {
        Entity::new("desk", "step", "steps", "stp")
            .kind(EntityKind::Child)
            .field(Field::new("done", Kind::Boolean, "Whether it is done."))
            .field(Field::new("by", Kind::text(40), "Who did it.").required_if("done"))
            .field(Field::new("what", Kind::text(40), "What is done.").read_only_if("done"))
    }
}

fn services() -> Vec<Service> {
    vec![Service::new("desk").entity::<Ticket>().entity::<Step>()]
}

async fn run(
    world: &World,
    call: Call,
    verb: Verb,
    input: Input,
) -> Result<kernel::Record, Problem> {
    let command = Command { entity: "desk.ticket".to_owned(), verb, input };
    world.execute(call, command).await.map(|answer| view(answer).record)
}

fn update(id: Uuid) -> Verb {
    Verb::Update { id, known: Known::Nothing }
}

fn step(id: Option<&Value>, done: bool, by: &str, what: &str) -> Vec<Value> {
    let entity = Step::entity();
    let mut row = vec![Value::Null; entity.fields.len()];
    row[slot::ID] = id.cloned().unwrap_or_default();
    for (name, value) in [("done", Value::Bool(done)), ("by", by.into()), ("what", what.into())] {
        row[entity.slot(name).unwrap()] = value;
    }
    row
}

/// Pointers and codes of what is refused; nothing where nothing is.
fn refused(outcome: Result<kernel::Record, Problem>) -> Vec<(String, String)> {
    let problem = match outcome {
        Ok(_) => return Vec::new(),
        Err(problem) => problem,
    };
    assert_eq!(problem.kind.status(), 422, "{problem}");
    problem.errors.into_iter().map(|error| (error.pointer, error.code)).collect()
}

#[test]
fn conditions_hold_in_the_write_path() {
    everywhere(services, async |world| {
        let fault = || Input::new().set("sort", "fault").set("severity", 2_i64);
        let steps = |rows: Vec<Vec<Value>>| fault().set("steps", Value::Rows(rows));
        for (input, expected) in [
            // What is not shown is not needed.
            (Input::new(), vec![]),
            (Input::new().set("sort", "question"), vec![]),
            (Input::new().set("sort", "fault"), vec![("/severity", "required")]),
            (fault(), vec![]),
            (fault().set("budget", 5_i64), vec![]),
            (
                Input::new().set("sort", "question").set("budget", 5_i64),
                vec![("/budget", "read_only")],
            ),
            (steps(vec![step(None, false, "", "x")]), vec![]),
            (
                steps(vec![step(None, false, "", ""), step(None, true, "", "")]),
                vec![("/steps/1/by", "required")],
            ),
            (steps(vec![step(None, true, "Ann", "x")]), vec![("/steps/0/what", "read_only")]),
        ] {
            let outcome = run(&world, world.call(), Verb::Create, input.clone()).await;
            let expected: Vec<_> =
                expected.into_iter().map(|(at, code)| (at.to_owned(), code.to_owned())).collect();
            assert_eq!(refused(outcome), expected, "{input:?}");
        }
        let rows = steps(vec![step(None, false, "", "x")]).set("budget", 5_i64);
        let made = run(&world, world.call(), Verb::Create, rows).await.unwrap();
        let Value::Rows(rows) = made.get("steps") else { panic!("{made:?}") };
        let id = rows[0][slot::ID].clone();
        let change =
            async |input: Input| refused(run(&world, world.call(), update(made.id()), input).await);
        let fixed = |at: &str| vec![(at.to_owned(), "read_only".to_owned())];
        let done = |what: &str| {
            Input::new().set("steps", Value::Rows(vec![step(Some(&id), true, "Ann", what)]))
        };
        assert_eq!(change(done("y")).await, fixed("/steps/0/what"));
        assert_eq!(change(done("x")).await, [], "what stays as it is may come along");
        let question = || Input::new().set("sort", "question");
        assert_eq!(change(question().set("budget", 6_i64)).await, fixed("/budget"));
        assert_eq!(change(question().set("budget", 5_i64)).await, []);
        let again = Input::new().set("sort", "fault").set("budget", 6_i64);
        assert_eq!(change(again).await, [], "one change may end the condition and use it");

        // An act is held to what its state needs, and a dry run says so.
        let close = || Verb::Act { id: made.id(), act: "close".to_owned(), known: Known::Nothing };
        let needed = vec![("/answer".to_owned(), "required".to_owned())];
        assert_eq!(refused(run(&world, world.call(), close(), Input::new()).await), needed);
        let command = Command { entity: "desk.ticket".into(), verb: close(), input: Input::new() };
        let dry = world.execute(Call { dry_run: true, ..world.call() }, command).await;
        let Ok(Answer::Draft(draft)) = dry else { panic!("{dry:?}") };
        assert_eq!(draft.problem.errors[0].pointer, "/answer");
        assert_eq!(change(Input::new().set("answer", "42")).await, []);
        run(&world, world.call(), close(), Input::new()).await.unwrap();
        world.end().await;
    });
}

#[test]
fn conditions_are_explained_as_far_as_they_may_be_known() {
    everywhere(services, async |world| {
        let input = Input::new().set("sort", "question");
        let made = run(&world, world.call(), Verb::Create, input).await.unwrap();
        let explain = async |call: Call, id: Option<Uuid>| -> Explained {
            let (entity, verb) = ("desk.ticket".to_owned(), "update".to_owned());
            let query = Query::Explain { entity, id, verb, roles: Vec::new() };
            match world.ask(call, query).await {
                Ok(Answer::Explained(explained)) => explained,
                other => panic!("{other:?}"),
            }
        };
        let said = |explained: &Explained| -> Vec<String> {
            let one = |c: &kernel::command::ConditionSaid| {
                format!("{} {} {} {:?}", c.field, c.rule, c.expression, c.holds)
            };
            explained.conditions.iter().map(one).collect()
        };
        let whole = explain(world.call(), Some(made.id())).await;
        assert_eq!(
            said(&whole),
            [
                "severity visible_if sort == 'fault' Some(false)",
                "severity required_if state == 'open' Some(true)",
                "answer required_if state == 'closed' Some(false)",
                "budget read_only_if sort == 'question' Some(true)",
            ]
        );
        assert!(whole.read_only.contains(&"budget".to_owned()), "{whole:?}");
        let of_none = explain(world.call(), None).await;
        assert_eq!(of_none.conditions.len(), 4);
        assert!(of_none.conditions.iter().all(|said| said.holds.is_none()));
        assert!(!of_none.read_only.contains(&"budget".to_owned()));

        // A condition that asks for a hidden field is in force and is not told.
        let rule = |verb: &str| Rule {
            name: verb.to_owned(),
            role: "clerk".to_owned(),
            entity: "desk.ticket".to_owned(),
            verb: verb.to_owned(),
            allow: true,
            condition: String::new(),
            hidden: vec!["sort".to_owned()],
            read_only: Vec::new(),
        };
        world.facts.rule(world.org, vec![rule("read"), rule("update")]);
        let clerk = explain(world.call_as("clerk"), Some(made.id())).await;
        let told = said(&clerk);
        assert!(told.len() == 2 && !told.concat().contains("sort"), "{told:?}");
        let budget = Input::new().set("budget", 5_i64);
        let outcome = run(&world, world.call_as("clerk"), update(made.id()), budget).await;
        let problem = outcome.unwrap_err();
        assert_eq!(problem.errors[0].code, "read_only");
        assert!(!problem.errors[0].message.contains("sort"), "{problem}");

        // Without a record it is told on which records a condition gives the right.
        let some = |condition: &str| Rule {
            condition: condition.to_owned(),
            hidden: Vec::new(),
            ..rule("update")
        };
        let read = Rule { hidden: Vec::new(), ..rule("read") };
        let never = Rule { allow: false, ..some("state == 'closed'") };
        for (rules, extent, condition) in [
            (vec![], Extent::None, None),
            (vec![some("")], Extent::All, None),
            (vec![some("sort == 'fault'")], Extent::Some, Some("sort == 'fault'")),
            (
                vec![some("sort == 'fault'"), some("has(answer)")],
                Extent::Some,
                Some("(sort == 'fault') || (has(answer))"),
            ),
            (vec![some(""), never], Extent::Some, Some("!(state == 'closed')")),
        ] {
            world.facts.rule(world.org, [vec![read.clone()], rules].concat());
            let told = explain(world.call_as("clerk"), None).await;
            let found = (told.extent, told.condition.as_deref());
            assert_eq!(found, (Some(extent), condition), "{told:?}");
            let told = explain(world.call_as("clerk"), Some(made.id())).await;
            assert_eq!((told.extent, told.condition), (None, None), "the verdict says it");
        }
        // Not, where it asks for what may not be read.
        let hidden =
            vec![rule("read"), Rule { condition: "sort == 'fault'".into(), ..rule("update") }];
        world.facts.rule(world.org, hidden);
        let told = explain(world.call_as("clerk"), None).await;
        assert_eq!((told.extent, told.condition), (Some(Extent::Some), None));
        world.end().await;
    });
}

#[test]
fn a_condition_that_cannot_work_is_found_before_anything_starts() {
    let wrong = Entity::new("desk", "ticket", "tickets", "tic")
        .field(Field::new("a", Kind::text(9), "A.").visible_if("b == 1").required())
        .field(Field::new("b", Kind::text(9), "B.").required_if("b"));
    let registry = kernel::service::Registry::new([std::sync::Arc::new(wrong)]);
    let faults = registry.faults();
    assert_eq!(faults.len(), 3, "{faults:?}");
    for (fault, place) in faults.iter().zip(["desk.ticket.a", "desk.ticket.a", "desk.ticket.b"]) {
        assert!(fault.starts_with(place), "{fault}");
    }
}
