//! Stock moves: the ledger of goods that came and went.

pub mod rules;

use crate::item::rules::is_goods;
use crate::order::rules::rows;
use crate::sales_order::SalesOrderLine as Line;
use crate::{Item, order};
use kernel::ports::Change;
use kernel::schema::slot;
use kernel::service::Work;
use kernel::{Problem, Record, entity};
use std::collections::HashMap;
use types::{Date, Uuid, Value};

/// A quantity of an item that entered or left the stock.
///
/// Moves never change; a wrong one is corrected by an adjustment. What is at hand of an item is
/// the sum of its moves, on any day.
#[entity(
    service = "operations",
    prefix = "mov",
    title = reference,
    kind = append_only,
    per_company
)]
#[accumulate(on_hand, by = (item), over = moved_on, sum = (quantity))]
#[permit(Sales: read)]
#[permit(Purchasing: read)]
#[permit(Warehouse: read, create)]
#[permit(Viewer: read)]
pub struct StockMove {
    /// What moved.
    pub item: Link<Item>,
    /// How much, in the item's own unit: above 0 came, below 0 went.
    pub quantity: Quantity,
    /// The day it moved.
    #[field(default = today, indexed)]
    pub moved_on: Date,
    /// Why it moved.
    #[field(choice(receipt, delivery, adjustment, opening), default = adjustment, indexed)]
    pub kind: Choice,
    /// The document that it stands on, such as the order's number.
    #[field(searchable)]
    pub reference: Option<Text<200>>,
    /// The sales order whose goods left.
    pub sales_order: Option<Link<SalesOrder>>,
    /// The purchase order whose goods came.
    pub purchase_order: Option<Link<PurchaseOrder>>,
    /// What colleagues should know about the move.
    pub notes: Option<LongText>,
}

/// Which way the goods of an order move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Movement {
    /// Out of the house, to a customer.
    Delivery,
    /// Into the house, from a supplier.
    Receipt,
}

/// Appends a move for every line of the work's order whose item is a good.
///
/// # Errors
/// A [`Problem`] when the database cannot answer.
pub(crate) async fn append(
    work: &mut Work<'_>,
    movement: Movement,
    on: Date,
) -> Result<(), Problem> {
    let Some(entity) = work.registry.get(StockMove::ENTITY).cloned() else {
        return Err(Problem::internal("stock moves are not registered"));
    };
    let mut goods: HashMap<Uuid, bool> = HashMap::new();
    for row in rows(work.record.get("lines")).to_vec() {
        let (Some(item), Value::Decimal(quantity)) =
            (row[Line::ITEM].as_id(), &row[Line::QUANTITY])
        else {
            continue;
        };
        let moves = match goods.get(&item) {
            Some(known) => *known,
            None => {
                let found = order::read(work, Item::ENTITY, item).await?;
                let moves = found.is_some_and(|item| is_goods(&item));
                goods.insert(item, moves);
                moves
            }
        };
        if !moves {
            continue;
        }
        let (kind, quantity, link) = match movement {
            Movement::Delivery => ("delivery", -*quantity, StockMove::SALES_ORDER),
            Movement::Receipt => ("receipt", *quantity, StockMove::PURCHASE_ORDER),
        };
        let mut entry = Record::empty(entity.clone());
        entry.values[slot::ID] = work.source.id().into();
        entry.values[slot::COMPANY] = work.record.values[slot::COMPANY].clone();
        entry.values[StockMove::ITEM] = item.into();
        entry.values[StockMove::QUANTITY] = quantity.into();
        entry.values[StockMove::MOVED_ON] = on.into();
        entry.values[StockMove::KIND] = kind.into();
        entry.values[StockMove::REFERENCE] = work.record.values[slot::NUMBER].clone();
        entry.values[link] = work.record.id().into();
        work.others.push(Change::Insert(entry));
    }
    Ok(())
}
