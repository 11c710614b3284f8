//! What everyone may do with one's own: views, favourites, preferences.

use crate::services;
use kernel::command::{Known, List, Verb};
use kernel::{Answer, Call, Command, Entity, Input, Query, Record};
use std::sync::Arc;
use testkit::world::{World, everywhere};
use types::{Uuid, Value};

fn input(values: &[(&str, Value)]) -> Input {
    let mut input = Input::new();
    input.values.extend(values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    input
}

async fn execute(
    world: &World,
    call: &Call,
    entity: &str,
    verb: Verb,
    values: &[(&str, Value)],
) -> Result<Record, u16> {
    let command = Command { entity: entity.to_owned(), verb, input: input(values) };
    match world.execute(call.clone(), command).await {
        Ok(Answer::Record(view)) => Ok(view.record),
        Ok(other) => panic!("{other:?}"),
        Err(problem) => Err(problem.kind.status()),
    }
}

async fn seen(world: &World, call: &Call) -> Vec<Uuid> {
    let list = List { entity: "platform.saved_view".to_owned(), ..List::default() };
    match world.ask(call.clone(), Query::List(list)).await {
        Ok(Answer::Page(page)) => page.items.iter().map(|view| view.record.id()).collect(),
        other => panic!("{other:?}"),
    }
}

fn update(id: Uuid) -> Verb {
    Verb::Update { id, known: Known::Nothing }
}

fn owner(entity: &Arc<Entity>, record: &Record) -> Value {
    record.values[entity.slot("owner").expect("a field")].clone()
}

#[test]
fn a_view_is_its_owners_until_it_is_shared_and_stays_the_owners_to_change() {
    everywhere(services, async |world| {
        const VIEW: &str = "platform.saved_view";
        // Neither role has a right to anything of platform.
        let (anna, bob) = (world.call_as("shop"), world.call_as("yard"));
        let named = [("name", Value::from("German")), ("subject", "operations.customer".into())];
        let made = execute(&world, &anna, VIEW, Verb::Create, &named).await.expect("made");
        let entity = made.entity.clone();
        assert_eq!(owner(&entity, &made), Value::Id(anna.actor.user()));
        assert_eq!(
            (seen(&world, &anna).await, seen(&world, &bob).await),
            (vec![made.id()], vec![])
        );
        let rename = [("name", Value::from("mine"))];
        for (who, verb, values, expected) in [
            (&bob, update(made.id()), &rename[..], Err(404)),
            (&anna, update(made.id()), &[("shared", Value::Bool(true))], Ok(2)),
            (&bob, update(made.id()), &rename, Err(403)),
            (&bob, Verb::Delete { id: made.id(), known: Known::Nothing }, &[], Err(403)),
            // Nobody makes a view in another's name, or hands one's own to another.
            (&anna, update(made.id()), &[("owner", bob.actor.user().into())], Err(403)),
        ] {
            let right = verb.right().to_owned();
            let done = execute(&world, who, VIEW, verb, values).await;
            assert_eq!(done.map(|record| record.version()), expected, "{right} {values:?}");
        }
        let forged = [named[0].clone(), named[1].clone(), ("owner", anna.actor.user().into())];
        assert_eq!(execute(&world, &bob, VIEW, Verb::Create, &forged).await.map(drop), Err(403));
        assert_eq!(seen(&world, &bob).await, [made.id()]);
        world.end().await;
    });
}

#[test]
fn a_user_has_one_record_of_preferences() {
    everywhere(services, async |world| {
        const PREFERENCE: &str = "platform.preference";
        let (anna, bob) = (world.call_as("shop"), world.call_as("yard"));
        for (who, expected) in [(&anna, Ok(())), (&bob, Ok(())), (&anna, Err(409))] {
            let made = execute(&world, who, PREFERENCE, Verb::Create, &[]).await;
            assert_eq!(made.map(drop), expected);
        }
        world.end().await;
    });
}
