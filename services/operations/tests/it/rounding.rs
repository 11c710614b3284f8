//! Amounts are rounded as the company of their document rounds, whichever way the document comes.

use kernel::command::{Known, Verb};
use kernel::rights::CompanyFacts;
use kernel::write::IMPORT;
use kernel::{Answer, Command, Declare, Input, Record};
use operations::{Customer, Item, SalesOrder, SalesOrderLine};
use testkit::world::{World, everywhere, view};
use types::{Decimal, Rounding, Uuid, Value};

const UP: Uuid = Uuid::from_u128(0xc1);
const DOWN: Uuid = Uuid::from_u128(0xc2);

fn services() -> Vec<kernel::Service> {
    vec![operations::service()]
}

fn companies(world: &World) {
    let company = |(id, rounding)| CompanyFacts {
        id,
        zone: "Europe/Berlin".to_owned(),
        currency: "EUR".to_owned(),
        rounding,
    };
    let both = [(UP, Rounding::HalfUp), (DOWN, Rounding::Down)].map(company);
    world.facts.change(world.org, |facts| facts.companies = both.into());
}

/// Lines of one piece at a price that no cent expresses.
fn lines(item: Uuid, price: &str) -> Value {
    let mut row = vec![Value::Null; SalesOrderLine::entity().fields.len()];
    row[SalesOrderLine::ITEM] = item.into();
    row[SalesOrderLine::QUANTITY] = Decimal::from(1).into();
    row[SalesOrderLine::PRICE] = types::parse_decimal(price, 6).unwrap().into();
    Value::Rows(vec![row])
}

fn total(order: &Record) -> String {
    match order.get("total") {
        Value::Money(money) => money.amount().to_string(),
        other => panic!("no total but {other:?}"),
    }
}

#[test]
fn a_document_is_rounded_as_its_own_company_rounds() {
    everywhere(services, async |world| {
        companies(&world);
        let named = |name: &str| Input::new().set("name", name);
        let customer = world.create(Customer::ENTITY, named("Chevalier")).await.unwrap().id();
        let item = world.create(Item::ENTITY, named("Tea")).await.unwrap().id();
        let order = |company: Uuid, price: &str| {
            let command = Input::new().set("customer", customer).set("company", company);
            command.set("currency", "EUR").set("lines", lines(item, price))
        };
        let command = |verb: Verb, input: Input| Command {
            entity: SalesOrder::ENTITY.to_owned(),
            verb,
            input,
        };
        let together = async |call: kernel::Call, one: Command, act: &str| {
            let done = world.peers.execute_all("operations", call, vec![one], act, true).await;
            match done.unwrap().remove(0).unwrap() {
                Answer::Record(view) => view.record,
                other => panic!("{act} answered {other:?}"),
            }
        };
        for (company, first, second) in [(UP, "1.13", "2.26"), (DOWN, "1.12", "2.25")] {
            let input = order(company, "1.125");
            let made = world.create(SalesOrder::ENTITY, input.clone()).await.unwrap();
            assert_eq!(total(&made), first, "made");

            let update = Verb::Update { id: made.id(), known: Known::Nothing };
            let dearer = Input::new().set("lines", lines(item, "2.255"));
            let set = Uuid::from_u128(0x51 + company.as_u128());
            let within = kernel::Call { change_set: Some(set), ..world.call() };
            let changed = world.execute(within, command(update, dearer)).await.unwrap();
            assert_eq!(total(&view(changed).record), second, "changed");

            world.settle().await;
            let runtime = world.runtime("operations");
            let undone = runtime.undo(&world.call(), set, false).await.unwrap();
            assert!(undone.is_whole(), "{undone:?}");
            let back = world.get(SalesOrder::ENTITY, made.id()).await.unwrap();
            assert_eq!(total(&back), first, "put back");

            for act in ["batch", IMPORT] {
                let one = command(Verb::Create, order(company, "2.255"));
                assert_eq!(total(&together(world.call(), one, act).await), second, "{act}");
            }
            let other = if company == UP { DOWN } else { UP };
            let update = Verb::Update { id: made.id(), known: Known::Nothing };
            let moved = Input::new().set("company", other);
            let moved = world.execute(world.call(), command(update, moved)).await.unwrap();
            assert_ne!(total(&view(moved).record), first, "moved to the other company");
        }
        world.end().await;
    });
}
