//! Fields of lines under a mask: not read, not written, and kept when the lines are written.

use super::{Given, NOTHING, execute, grant_on, only, status};
use kernel::command::{Known, List, Verb};
use kernel::{Answer, Call, Input, Query, Record, View};
use operations::{Customer, Item, SalesOrder, SalesOrderLine};
use testkit::world::{World, everywhere, view};
use types::{Decimal, Uuid, Value};

fn number(text: &str) -> Value {
    Value::Decimal(text.parse::<Decimal>().unwrap())
}

fn line(world: &World, values: &[(usize, Value)]) -> Vec<Value> {
    let entity = world.registry.get(SalesOrderLine::ENTITY).unwrap();
    let mut row = vec![Value::Null; entity.fields.len()];
    values.iter().for_each(|(slot, value)| row[*slot] = value.clone());
    row
}

fn rows(record: &Record) -> &[Vec<Value>] {
    match &record.values[SalesOrder::LINES] {
        Value::Rows(rows) => rows,
        other => panic!("no lines but {other:?}"),
    }
}

async fn seen(world: &World, call: Call, id: Uuid) -> Vec<View> {
    let entity = SalesOrder::ENTITY.to_owned();
    let get = Query::Get { entity: entity.clone(), id, known_at: None };
    let known_at = Some(world.source.clock.now());
    let then = Query::Get { entity: entity.clone(), id, known_at };
    let list = Query::List(List { entity, lines: true, ..List::default() });
    let mut views = vec![
        view(world.ask(call.clone(), get).await.unwrap()),
        view(world.ask(call.clone(), then).await.unwrap()),
    ];
    match world.ask(call, list).await.unwrap() {
        Answer::Page(page) => views.extend(page.items),
        other => panic!("a list answered {other:?}"),
    }
    views
}

#[test]
fn a_hidden_field_of_a_line_is_neither_read_nor_lost() {
    everywhere(server::wiring::services, async |world| {
        let customer = world.create(Customer::ENTITY, Input::new().set("name", "C")).await.unwrap();
        let item = world.create(Item::ENTITY, Input::new().set("name", "Tea")).await.unwrap();
        let first = line(
            &world,
            &[
                (SalesOrderLine::ITEM, item.id().into()),
                (SalesOrderLine::QUANTITY, number("2")),
                (SalesOrderLine::PRICE, number("14")),
            ],
        );
        let input = Input::new()
            .set("customer", customer.id())
            .set("currency", "EUR")
            .set("lines", Value::Rows(vec![first]));
        let order = world.create(SalesOrder::ENTITY, input).await.unwrap();
        let id = order.id();
        only(&world, SalesOrder::ENTITY, &[Given { verb: "*", ..NOTHING }]).await;
        let mask = Given { hidden: "price, amount", read_only: "discount", ..NOTHING };
        world.create(super::GRANT, grant_on(SalesOrderLine::ENTITY, &mask)).await.unwrap();

        for view in seen(&world, world.call_as("clerk"), id).await {
            let [row] = rows(&view.record) else { panic!("one line is seen") };
            assert_eq!(row[SalesOrderLine::QUANTITY], number("2"));
            for hidden in [SalesOrderLine::PRICE, SalesOrderLine::AMOUNT] {
                assert_eq!(row[hidden], Value::Null);
            }
            let mut json = String::new();
            kernel::json::write_view(&view, &*world.registry, &mut json);
            let json: serde_json::Value = serde_json::from_str(&json).unwrap();
            let shown = json["lines"][0].as_object().unwrap();
            for (name, is_shown) in
                [("quantity", true), ("discount", true), ("price", false), ("amount", false)]
            {
                assert_eq!(shown.contains_key(name), is_shown, "absent means unknown: {shown:?}");
            }
        }
        let line_id = rows(&order)[0][kernel::schema::slot::ID].clone();
        let write = async |values: &[(usize, Value)]| {
            let known = [
                (kernel::schema::slot::ID, line_id.clone()),
                (SalesOrderLine::ITEM, item.id().into()),
                (SalesOrderLine::QUANTITY, number("3")),
            ];
            let row = line(&world, &[&known, values].concat());
            let input = Input::new().set("lines", Value::Rows(vec![row]));
            let verb = Verb::Update { id, known: Known::Nothing };
            execute(&world, world.call_as("clerk"), SalesOrder::ENTITY, verb, input).await
        };
        for (values, pointer) in [
            ((SalesOrderLine::PRICE, number("1")), "/lines/0/price"),
            ((SalesOrderLine::DISCOUNT, number("0.5")), "/lines/0/discount"),
        ] {
            let refused = write(&[values]).await;
            assert_eq!(status(&refused), 422);
            assert_eq!(refused.unwrap_err().errors[0].pointer, pointer);
        }
        // A hidden field of a line is as unknown as one that does not exist, whatever it is given,
        // and no hint leads to it.
        let sent = async |name: &str| {
            let body = format!(r#"{{"lines":[{{"quantity":"3","{name}":"x"}}]}}"#);
            let order = world.registry.get(SalesOrder::ENTITY).unwrap();
            let input = kernel::json::read_body(order, body.as_bytes(), &*world.registry).unwrap();
            let verb = Verb::Update { id, known: Known::Nothing };
            let done = execute(&world, world.call_as("clerk"), SalesOrder::ENTITY, verb, input);
            let errors = done.await.unwrap_err().errors.into_iter();
            let found: Vec<_> = errors.filter(|e| e.pointer.ends_with(name)).collect();
            let [error] = found.as_slice() else { panic!("{name}: {found:?}") };
            format!("{} {}", error.code, error.message)
        };
        let unknown = sent("qqqqqqqqqqqqqq").await;
        assert!(unknown.starts_with("unknown_field"), "{unknown}");
        for hidden in ["price", "amount"] {
            assert_eq!(sent(hidden).await, unknown, "{hidden}");
        }
        assert_eq!(sent("pric").await, unknown, "a near miss of a hidden field");
        assert!(sent("quantit").await.contains("did you mean quantity?"));
        write(&[]).await.unwrap();
        let now = world.get(SalesOrder::ENTITY, id).await.unwrap();
        let [row] = rows(&now) else { panic!("one line is left") };
        assert_eq!(row[SalesOrderLine::QUANTITY], number("3"));
        assert_eq!(row[SalesOrderLine::PRICE], number("14"), "the price that was not seen stays");
        world.end().await;
    });
}
