//! A call that was lost is made again and has happened once.

use kernel::command::{Idempotency, Verb};
use kernel::schema::{Declare, Entity, Field};
use kernel::{Command, Input, Kind, Service};
use testkit::world::{everywhere, view};

struct Order;
impl Declare for Order {
    fn entity() -> Entity {
        Entity::new("shop", "order", "orders", "ord")
            .doc("An order.", "")
            .field(Field::new("code", Kind::text(60), "Its code.").indexed())
            .field(Field::new("count", Kind::integer(), "How many."))
            .title("code")
    }
}

fn services() -> Vec<Service> {
    vec![Service::new("shop").entity::<Order>()]
}

fn create(code: &str) -> Command {
    let input = Input::new().set("code", code).set("count", 1i64);
    Command { entity: "shop.order".to_owned(), verb: Verb::Create, input }
}

#[test]
fn hundreds_of_commands_come_to_as_many_events_whatever_is_lost() {
    everywhere(services, async |world| {
        for number in 0..300 {
            let made = world.execute(world.call(), create(&format!("{number:03}"))).await.unwrap();
            assert!(!view(made).replayed, "a lost answer is no repetition of the client's");
        }
        let orders = world.list("shop.order", "").await.unwrap();
        assert_eq!(orders.len(), 300);
        assert!(orders.iter().all(|order| order.version() == 1));
        world.settle().await;
        let store = world.store(world.org, "shop").await.unwrap();
        assert_eq!(*store.sealed().borrow(), 300, "one event for each command");
        world.end().await;
    });
}

#[test]
fn a_clients_own_key_is_kept_and_its_repetition_is_told() {
    everywhere(services, async |world| {
        for number in 0..60u8 {
            let key = format!("key {number}");
            let mut call = world.call();
            call.idempotency = Some(Idempotency { key, fingerprint: [number; 32] });
            let command = create(&format!("{number:03}"));
            let first = view(world.execute(call.clone(), command.clone()).await.unwrap());
            let second = view(world.execute(call, command).await.unwrap());
            assert!(!first.replayed);
            assert!(second.replayed);
            assert_eq!(first.record, second.record);
        }
        world.end().await;
    });
}
