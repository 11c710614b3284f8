//! Events reach their listeners, each effect once, on every world.

use futures::FutureExt;
use futures::future::BoxFuture;
use kernel::command::Verb;
use kernel::log::EventValue;
use kernel::schema::{Declare, Entity, Field};
use kernel::service::Delivery;
use kernel::{Command, Input, Kind, Problem, Runtime, Service};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use testkit::world::{World, everywhere};
use types::Value;

struct Order;
impl Declare for Order {
    fn entity() -> Entity {
        Entity::new("shop", "order", "orders", "ord")
            .doc("An order.", "")
            .field(Field::new("code", Kind::text(60), "Its code.").indexed())
            .title("code")
    }
}

struct Task;
impl Declare for Task {
    fn entity() -> Entity {
        Entity::new("desk", "task", "tasks", "tas")
            .doc("Something to do about an order.", "")
            .field(Field::new("about", Kind::text(60), "The order's code.").indexed())
            .title("about")
    }
}

/// Refuses one delivery in three, as a service that is restarted or overloaded would.
static DELIVERIES: AtomicU32 = AtomicU32::new(0);

/// A task for each new order, but for those that need none.
fn on_order<'a>(
    runtime: &'a Arc<Runtime>,
    delivery: &'a Delivery,
) -> BoxFuture<'a, Result<(), Problem>> {
    async move {
        let change = &delivery.event.changes[0];
        let code = change.after.iter().find(|(name, _)| name == "code");
        let Some((_, EventValue::Plain(Value::Text(code)))) = code else { return Ok(()) };
        if delivery.event.act != "create" || code.starts_with("none") {
            return Ok(());
        }
        let refused = DELIVERIES.fetch_add(1, Ordering::Relaxed).is_multiple_of(3);
        let input = Input::new().set("about", code.as_str());
        let command = Command { entity: "desk.task".to_owned(), verb: Verb::Create, input };
        runtime.effect(delivery, &command).await?;
        match refused {
            true => Err(Problem::unavailable("busy", "after the effect was committed", 1)),
            false => Ok(()),
        }
    }
    .boxed()
}

fn services() -> Vec<Service> {
    vec![
        Service::new("shop").entity::<Order>(),
        Service::new("desk").entity::<Task>().listen("shop", on_order),
    ]
}

async fn order(world: &World, code: &str) {
    world.create("shop.order", Input::new().set("code", code)).await.unwrap();
}

async fn tasks(world: &World) -> Vec<String> {
    let mut found: Vec<String> = world
        .list("desk.task", "")
        .await
        .unwrap()
        .iter()
        .map(|task| task.get("about").as_text().unwrap().to_owned())
        .collect();
    found.sort();
    found
}

#[test]
fn every_event_has_its_effect_once_also_across_refusals_and_a_restart() {
    everywhere(services, async |world| {
        for number in 0..20 {
            order(&world, &format!("a{number:02}")).await;
            order(&world, &format!("none{number:02}")).await;
        }
        world.settle().await;
        let expected: Vec<String> = (0..20).map(|number| format!("a{number:02}")).collect();
        assert_eq!(tasks(&world).await, expected);

        // Committed and not delivered: the next process goes on from the cursor.
        order(&world, "late").await;
        let world = world.restart().await;
        world.settle().await;
        assert_eq!(tasks(&world).await.len(), 21);

        let store = world.store(world.org, "desk").await.unwrap();
        let cursor = store.snapshot().await.unwrap().cursor("desk.shop.0").await.unwrap();
        assert_eq!(cursor, 41, "events without an effect move the cursor too");
        world.end().await;
    });
}
