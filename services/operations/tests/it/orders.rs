//! Orders: completed, counted, numbered, shipped and received.

use kernel::command::{Aggregate, Idempotency, Known, Verb};
use kernel::{Answer, Call, Command, Declare, Input, Problem, ProblemKind, Query, Record};
use operations::{
    Customer, Item, PriceList, PriceListLine, PurchaseOrder, PurchaseOrderLine, SalesOrder,
    SalesOrderLine, StockMove, Supplier, Unit,
};
use testkit::rounds::{DEMO, are_long};
use testkit::world::{World, everywhere, on_sqlite, view};
use types::{Date, Decimal, Instant, Money, Uuid, Value};

fn services() -> Vec<kernel::Service> {
    vec![operations::service()]
}

/// A world on the fourth of July with a customer, a supplier and two items: a good and a service.
struct Shop<'w> {
    world: &'w World,
    customer: Record,
    supplier: Record,
    wine: Record,
    advice: Record,
}

impl<'w> Shop<'w> {
    async fn open(world: &'w World) -> Shop<'w> {
        world.clock.set(Instant::parse("2026-07-04T09:30:00Z").unwrap());
        let make = async |entity: &str, input: Input| world.create(entity, input).await.unwrap();
        let pcs = make(Unit::ENTITY, Input::new().set("code", "pcs").set("name", "Piece")).await;
        let item = |name: &str, kind: &str| {
            Input::new()
                .set("name", name)
                .set("kind", kind)
                .set("unit", pcs.id())
                .set("price", number("14"))
                .set("cost", number("8.5"))
                .set("currency", "EUR")
        };
        let named = |name: &str| Input::new().set("name", name);
        Shop {
            customer: make(Customer::ENTITY, named("Vins et alcools Chevalier")).await,
            supplier: make(Supplier::ENTITY, named("Domaine").set("currency", "EUR")).await,
            wine: make(Item::ENTITY, item("Gamay", "goods")).await,
            advice: make(Item::ENTITY, item("Advice", "service")).await,
            world,
        }
    }

    /// An order of one line for each of `lines`: item and quantity.
    fn order(&self, lines: &[(&Record, &str)]) -> Input {
        Input::new().set("customer", self.customer.id()).set("lines", rows(lines))
    }

    async fn sell(&self, lines: &[(&Record, &str)]) -> Record {
        self.world.create(SalesOrder::ENTITY, self.order(lines)).await.unwrap()
    }

    async fn act(
        &self,
        call: Call,
        order: &Record,
        act: &str,
        input: Input,
    ) -> Result<Record, Problem> {
        let verb = Verb::Act { id: order.id(), act: act.to_owned(), known: Known::Nothing };
        let command = Command { entity: order.entity.full_name(), verb, input };
        self.world.execute(call, command).await.map(|answer| view(answer).record)
    }

    async fn acts(&self, order: &Record, acts: &[&str]) -> Record {
        let mut order = order.clone();
        for act in acts {
            order = self.act(self.world.call(), &order, act, Input::new()).await.unwrap();
        }
        order
    }

    async fn update(&self, order: &Record, input: Input) -> Result<Record, Problem> {
        let verb = Verb::Update { id: order.id(), known: Known::Nothing };
        let command = Command { entity: order.entity.full_name(), verb, input };
        self.world.execute(self.world.call(), command).await.map(|answer| view(answer).record)
    }

    async fn on_hand(&self, item: &Record) -> Decimal {
        let moves = self.world.list(StockMove::ENTITY, "").await.unwrap();
        let own = moves.iter().filter(|m| m.get("item") == &Value::Id(item.id()));
        own.map(|m| decimal(m.get("quantity"))).sum()
    }
}

fn rows(lines: &[(&Record, &str)]) -> Value {
    let line = |(item, quantity): &(&Record, &str)| {
        let mut row = vec![Value::Null; SalesOrderLine::entity().fields.len()];
        row[SalesOrderLine::ITEM] = item.id().into();
        row[SalesOrderLine::QUANTITY] = number(quantity).into();
        row
    };
    Value::Rows(lines.iter().map(line).collect())
}

fn number(text: &str) -> Decimal {
    types::parse_decimal(text, 6).unwrap()
}

fn decimal(value: &Value) -> Decimal {
    match value {
        Value::Decimal(decimal) => *decimal,
        other => panic!("no number: {other:?}"),
    }
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn shown(order: &Record, name: &str) -> String {
    match order.get(name) {
        Value::Money(money) => money.to_string(),
        other => panic!("{name} is {other:?}"),
    }
}

fn lines(order: &Record) -> &[Vec<Value>] {
    match order.get("lines") {
        Value::Rows(rows) => rows,
        _ => &[],
    }
}

fn faults(refused: Result<Record, Problem>) -> Vec<String> {
    let problem = refused.unwrap_err();
    problem.errors.iter().map(|error| format!("{} {}", error.pointer, error.code)).collect()
}

#[test]
fn an_order_completes_itself_and_adds_up() {
    everywhere(services, async |world| {
        let shop = Shop::open(&world).await;
        let Value::Rows(mut given) = rows(&[(&shop.wine, "12")]) else { unreachable!() };
        given[0][SalesOrderLine::DISCOUNT] = number("0.05").into();
        let freight = Money::parse("32.38", types::Currency::EUR).unwrap();
        let input = Input::new()
            .set("customer", shop.customer.id())
            .set("freight", freight)
            .set("lines", Value::Rows(given));
        let order = world.create(SalesOrder::ENTITY, input).await.unwrap();
        assert_eq!(order.get("currency").as_text(), Some("EUR"), "the company's");
        assert_eq!(order.get("ordered_on"), &Value::Date(day("2026-07-04")));
        let line = &lines(&order)[0];
        assert_eq!(line[SalesOrderLine::DESCRIPTION].as_text(), Some("Gamay"));
        assert_eq!(line[SalesOrderLine::UNIT].as_text(), Some("pcs"));
        assert_eq!(decimal(&line[SalesOrderLine::PRICE]), number("14"));
        let sums = ["net", "freight", "tax", "total"].map(|name| shown(&order, name));
        assert_eq!(sums, ["159.60 EUR", "32.38 EUR", "0.00 EUR", "191.98 EUR"]);
        assert_eq!(world.get(SalesOrder::ENTITY, order.id()).await.unwrap(), order);
        world.end().await;
    });
}

#[test]
fn a_price_list_comes_before_the_price_of_the_item() {
    everywhere(services, async |world| {
        let shop = Shop::open(&world).await;
        let price = |least: &str, price: &str| {
            let mut row = vec![Value::Null; PriceListLine::entity().fields.len()];
            row[PriceListLine::ITEM] = shop.wine.id().into();
            row[PriceListLine::MIN_QUANTITY] = number(least).into();
            row[PriceListLine::PRICE] = number(price).into();
            row
        };
        let input = Input::new()
            .set("name", "Wholesale")
            .set("currency", "EUR")
            .set("lines", Value::Rows(vec![price("1", "13"), price("100", "11")]));
        let list = world.create(PriceList::ENTITY, input).await.unwrap();
        let wanted = [(&shop.wine, "99"), (&shop.wine, "100"), (&shop.advice, "1")];
        let order = shop.order(&wanted).set("price_list", list.id());
        let order = world.create(SalesOrder::ENTITY, order).await.unwrap();
        let prices = lines(&order).iter().map(|row| decimal(&row[SalesOrderLine::PRICE]));
        assert_eq!(prices.collect::<Vec<_>>(), [number("13"), number("11"), number("14")]);
        let elsewhere = shop.order(&wanted[..1]).set("currency", "USD");
        let refused = world.create(SalesOrder::ENTITY, elsewhere).await;
        assert_eq!(faults(refused), ["/lines/0/price required"]);
        world.end().await;
    });
}

#[test]
fn shipping_takes_the_goods_and_only_the_goods_out_of_the_stock() {
    everywhere(services, async |world| {
        let shop = Shop::open(&world).await;
        let order = shop.sell(&[(&shop.wine, "12"), (&shop.advice, "1"), (&shop.wine, "3")]).await;
        assert!(order.get("number").is_null());
        let order = shop.acts(&order, &["confirm"]).await;
        assert_eq!(order.get("number").as_text(), Some("SO-2026-00001"));
        assert_eq!(shop.on_hand(&shop.wine).await, Decimal::ZERO);
        let order = shop.acts(&order, &["ship"]).await;
        assert_eq!(order.get("shipped_on"), &Value::Date(day("2026-07-04")));
        let moves = world.list(StockMove::ENTITY, "kind == 'delivery'").await.unwrap();
        assert_eq!(moves.len(), 2);
        for entry in &moves {
            assert_eq!(entry.get("reference").as_text(), Some("SO-2026-00001"));
            assert_eq!(entry.get("sales_order"), &Value::Id(order.id()));
            assert_eq!(entry.get("company"), order.get("company"));
        }
        assert_eq!(shop.on_hand(&shop.wine).await, number("-15"));
        assert_eq!(shop.on_hand(&shop.advice).await, Decimal::ZERO);
        assert_eq!(shop.acts(&order, &["close"]).await.state(), Some("closed"));
        world.end().await;
    });
}

#[test]
fn an_order_as_it_was_known_bears_the_number_that_it_had() {
    everywhere(services, async |world| {
        let shop = Shop::open(&world).await;
        let known = async |order: &Record| {
            let entity = SalesOrder::ENTITY.to_owned();
            let known_at = Some(order.updated_at());
            let query = Query::Get { entity, id: order.id(), known_at };
            world.ask(world.call(), query).await.map(view).unwrap().record
        };
        let drafts = [shop.sell(&[(&shop.wine, "1")]).await, shop.sell(&[(&shop.wine, "2")]).await];
        let later = || world.clock.set(Instant(world.source.clock.now().0 + 1_000_000));
        later();
        let mut confirmed = Vec::new();
        for draft in &drafts {
            let verb = Verb::Act {
                id: draft.id(),
                act: "confirm".to_owned(),
                known: Known::Exactly(draft.version()),
            };
            let input = Input::new();
            let command = Command { entity: SalesOrder::ENTITY.to_owned(), verb, input };
            let sent = Idempotency { key: draft.public_id(), fingerprint: [7; 32] };
            let call = Call { idempotency: Some(sent), ..world.call() };
            let order = view(world.execute(call.clone(), command.clone()).await.unwrap()).record;
            let again = view(world.execute(call, command).await.unwrap());
            assert!(again.replayed && again.record == order, "{:?} is not {order:?}", again.record);
            confirmed.push(order);
        }
        later();
        for (order, number) in confirmed.iter().zip(["SO-2026-00001", "SO-2026-00002"]) {
            assert_eq!(order.get("number").as_text(), Some(number));
            shop.acts(order, &["ship"]).await;
            assert_eq!(known(order).await, *order);
        }
        for draft in &drafts {
            assert!(known(draft).await.get("number").is_null(), "it had none yet");
        }
        world.end().await;
    });
}

#[test]
fn receiving_brings_the_goods_into_the_stock() {
    everywhere(services, async |world| {
        let shop = Shop::open(&world).await;
        let input = Input::new()
            .set("supplier", shop.supplier.id())
            .set("lines", rows(&[(&shop.wine, "60")]));
        let order = world.create(PurchaseOrder::ENTITY, input).await.unwrap();
        assert_eq!(decimal(&lines(&order)[0][PurchaseOrderLine::PRICE]), number("8.5"));
        assert_eq!(shown(&order, "total"), "510.00 EUR");
        let order = shop.acts(&order, &["confirm"]).await;
        assert_eq!(order.get("number").as_text(), Some("PO-2026-00001"));
        let input = Input::new().set("received_on", day("2026-07-20"));
        let order = shop.act(world.call(), &order, "receive", input).await.unwrap();
        assert_eq!(order.state(), Some("received"));
        assert_eq!(shop.on_hand(&shop.wine).await, number("60"));
        let moved = &world.list(StockMove::ENTITY, "kind == 'receipt'").await.unwrap()[0];
        assert_eq!(moved.get("moved_on"), &Value::Date(day("2026-07-20")));
        assert_eq!(moved.get("purchase_order"), &Value::Id(order.id()));
        world.end().await;
    });
}

#[test]
fn what_an_order_cannot_be_is_said() {
    everywhere(services, async |world| {
        let shop = Shop::open(&world).await;
        let empty = shop.sell(&[]).await;
        let refused = shop.act(world.call(), &empty, "confirm", Input::new()).await;
        assert_eq!(faults(refused), ["/lines required"]);
        let early = shop.order(&[(&shop.wine, "0")]).set("required_on", day("2026-07-03"));
        let refused = world.create(SalesOrder::ENTITY, early).await;
        assert_eq!(
            faults(refused),
            ["/lines/0/quantity not_positive", "/required_on dates_out_of_order"]
        );

        let order = shop.sell(&[(&shop.wine, "1")]).await;
        let early = shop.act(world.call(), &order, "ship", Input::new()).await.unwrap_err();
        assert_eq!(early.code, "wrong_state");
        let order = shop.acts(&order, &["confirm"]).await;
        let odd = Input::new().set("customer", shop.customer.id());
        let refused = shop.act(world.call(), &order, "ship", odd).await;
        assert_eq!(faults(refused), ["/customer unknown_field"]);
        let order = shop.acts(&order, &["ship"]).await;
        let refused =
            shop.update(&order, Input::new().set("lines", rows(&[(&shop.wine, "2")]))).await;
        assert_eq!(faults(refused), ["/lines order_settled"]);
        let noted =
            shop.update(&order, Input::new().set("notes", "left at the door")).await.unwrap();
        assert_eq!(lines(&noted), lines(&order));
        world.end().await;
    });
}

#[test]
fn a_customer_who_is_not_active_gets_no_new_order() {
    everywhere(services, async |world| {
        let shop = Shop::open(&world).await;
        let old = shop.sell(&[(&shop.wine, "1")]).await;
        shop.update(&shop.customer, Input::new().set("active", false)).await.unwrap();
        let refused = world.create(SalesOrder::ENTITY, shop.order(&[(&shop.wine, "1")])).await;
        assert_eq!(faults(refused), ["/customer inactive"]);
        assert_eq!(shop.acts(&old, &["confirm", "cancel"]).await.state(), Some("cancelled"));
        world.end().await;
    });
}

#[test]
fn each_role_does_its_part() {
    everywhere(services, async |world| {
        let shop = Shop::open(&world).await;
        let create = |role: &str| {
            let input = shop.order(&[(&shop.wine, "1")]);
            let entity = SalesOrder::ENTITY.to_owned();
            world.execute(world.call_as(role), Command { entity, verb: Verb::Create, input })
        };
        for role in ["warehouse", "purchasing", "viewer"] {
            assert_eq!(create(role).await.unwrap_err().kind, ProblemKind::Forbidden, "{role}");
        }
        let order = view(create("sales").await.unwrap()).record;
        let act = |role: &str, act: &'static str| {
            let call = world.call_as(role);
            let (shop, order) = (&shop, &order);
            async move { shop.act(call, order, act, Input::new()).await }
        };
        for role in ["warehouse", "viewer"] {
            assert_eq!(act(role, "confirm").await.unwrap_err().kind, ProblemKind::Forbidden);
        }
        act("sales", "confirm").await.unwrap();
        assert_eq!(act("sales", "ship").await.unwrap_err().kind, ProblemKind::Forbidden);
        act("warehouse", "ship").await.unwrap();
        act("sales", "close").await.unwrap();
        world.end().await;
    });
}

#[test]
fn a_move_of_the_stock_never_changes() {
    everywhere(services, async |world| {
        let shop = Shop::open(&world).await;
        let input = Input::new().set("item", shop.wine.id()).set("quantity", number("5"));
        let opening = world.create(StockMove::ENTITY, input.clone().set("kind", "opening")).await;
        let changed = shop.update(&opening.unwrap(), Input::new().set("notes", "x")).await;
        assert_eq!(changed.unwrap_err().code, "append_only");
        let refused = world.create(StockMove::ENTITY, input.set("kind", "delivery")).await;
        assert_eq!(faults(refused), ["/quantity wrong_direction"]);
        world.end().await;
    });
}

/// The sums that a store keeps for an accumulator over all time: key, count, first sum.
async fn totals(world: &World, accumulator: &str) -> Vec<(i64, i64)> {
    let store = world.store(world.org, "operations").await.unwrap();
    let snapshot = store.snapshot().await.unwrap();
    let found = snapshot.totals(accumulator, None, 0, "", "").await.unwrap();
    found.into_iter().map(|total| (total.count, total.sums[0])).collect()
}

#[test]
fn sums_follow_orders_and_moves() {
    everywhere(services, async |world| {
        let shop = Shop::open(&world).await;
        let first = shop.sell(&[(&shop.wine, "2")]).await;
        let second = shop.sell(&[(&shop.wine, "10")]).await;
        assert_eq!(totals(&world, "operations.sales_order/by_customer").await, [(2, 16_800)]);
        shop.acts(&second, &["cancel"]).await;
        assert_eq!(totals(&world, "operations.sales_order/by_customer").await, [(1, 2_800)]);
        shop.acts(&first, &["confirm", "ship"]).await;
        assert_eq!(totals(&world, "operations.stock_move/on_hand").await, [(1, -2_000_000)]);
        world.end().await;
    });
}

#[test]
fn the_trade_of_the_demo_passes_the_write_path() {
    on_sqlite(services, async |world| {
        let end = Instant::parse("2026-07-04T12:00:00Z").unwrap();
        let sellers = [Uuid::from_u128(1), Uuid::from_u128(2)];
        let mut known = std::collections::HashMap::new();
        // The long rounds take all three years; each takes the first day and the weeks after it.
        let (steps, mut counter) = (if are_long() { usize::MAX } else { DEMO.short }, DEMO.begin());
        for step in operations::demo::plan(end, &sellers, &sellers).into_iter().take(steps) {
            world.clock.set(step.at);
            let mut command = contracts::demo::resolve(&step.command, &known);
            // Who sold is kept by another service, which this world is without.
            command.input.values.retain(|(name, _)| name != "employee");
            let done = world.execute(world.call_as(step.by), command).await;
            let done = done.unwrap_or_else(|problem| panic!("{problem:?}: {:?}", step.command));
            known.extend(step.makes.map(|label| (label, view(done).record.id())));
            counter.one_more();
        }
        counter.report();
        let states = Aggregate {
            entity: SalesOrder::ENTITY.to_owned(),
            group_by: "state".to_owned(),
            select: "count()".to_owned(),
            ..Aggregate::default()
        };
        let answer = world.ask(world.call(), Query::Aggregate(states)).await.unwrap();
        let Answer::Groups(groups) = answer else { panic!("{answer:?}") };
        let least = if are_long() { 5 } else { 3 };
        assert!(groups.rows.len() >= least, "states of orders: {groups:?}");
        let on_hand = totals(&world, "operations.stock_move/on_hand").await;
        assert_eq!(on_hand.len(), 200);
        assert!(on_hand.iter().all(|(_, quantity)| *quantity >= 0));
        world.end().await;
    });
}
