//! Sums of several amounts of money: each keeps its own currency, whichever of them are empty.

use kernel::command::Totals;
use kernel::schema::Accumulator;
use kernel::{Answer, Declare, Entity, Field, Input, Kind, Query, Service};
use testkit::world::{World, everywhere};
use types::{Currency, Money, Value};

/// What was taken at a till.
struct Sale;

impl Declare for Sale {
    fn entity() -> Entity {
        Entity::new("till", "sale", "sales", "sal")
            .field(Field::new("place", Kind::text(20), "Where."))
            .field(Field::new("price", Kind::Money, "What was asked."))
            .field(Field::new("pieces", Kind::integer(), "How many."))
            .field(Field::new("tip", Kind::Money, "What was given on top."))
            .accumulate(Accumulator {
                name: "taken".into(),
                by: vec!["place".into()],
                sums: ["price", "pieces", "tip"].map(str::to_owned).to_vec(),
                ..Accumulator::default()
            })
    }
}

fn services() -> Vec<Service> {
    vec![Service::new("till").entity::<Sale>()]
}

fn money(text: &str) -> Value {
    match text.split_once(' ') {
        None => Value::Null,
        Some((amount, code)) => {
            let currency = Currency::parse(code).unwrap();
            Money { minor: amount.parse().unwrap(), currency }.into()
        }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Money(money) => format!("{} {}", money.minor, money.currency.code()),
        Value::Int(int) => int.to_string(),
        Value::Text(text) => text.clone(),
        Value::Null => "none".to_owned(),
        other => panic!("{other:?}"),
    }
}

async fn sums(world: &World) -> Vec<String> {
    let (entity, of) = ("till.sale".to_owned(), "taken".to_owned());
    let totals = Totals { entity, of, by: Vec::new(), as_of: None };
    let Answer::Groups(groups) = world.ask(world.call(), Query::Totals(totals)).await.unwrap()
    else {
        panic!("totals answer groups")
    };
    let mut rows: Vec<String> = groups
        .rows
        .iter()
        .map(|row| row.iter().map(text).collect::<Vec<_>>().join(" | "))
        .collect();
    rows.sort();
    rows
}

#[test]
fn each_sum_of_money_keeps_its_currency_where_others_are_empty() {
    everywhere(services, async |world| {
        for (place, price, pieces, tip) in [
            ("A", "1000 EUR", 1, "50 USD"),
            ("A", "500 EUR", 2, "25 USD"),
            ("B", "1000 EUR", 1, ""),
            ("C", "", 3, "70 USD"),
            ("C", "", 1, "30 USD"),
            ("D", "", 4, ""),
        ] {
            let input = Input::new()
                .set("place", place)
                .set("price", money(price))
                .set("pieces", i64::from(pieces))
                .set("tip", money(tip));
            world.create("till.sale", input).await.unwrap();
        }
        assert_eq!(
            sums(&world).await,
            [
                "A | 2 | 1500 EUR | 3 | 75 USD",
                "B | 1 | 1000 EUR | 1 | none",
                "C | 2 | none | 4 | 100 USD",
                "D | 1 | none | 4 | none",
            ]
        );
        world.end().await;
    });
}
