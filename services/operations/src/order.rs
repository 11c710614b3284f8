//! What sales and purchase orders have in common: they complete their lines, and acts that move
//! goods take a day.

pub mod rules;

use crate::price_list::rules::price as list_price;
use crate::sales_order::SalesOrderLine as Line;
use crate::{Item, PriceList, Unit};
use kernel::schema::slot;
use kernel::service::Work;
use kernel::{FieldProblem, Problem, Record};
use std::collections::HashMap;
use types::{Date, Decimal, Uuid, Value};

/// The currency of an organisation that named none.
const LAST_RESORT: &str = "USD";

/// Reads a record of this service; its version becomes a premise.
pub(crate) async fn read(
    work: &mut Work<'_>,
    entity: &str,
    id: Uuid,
) -> Result<Option<Record>, Problem> {
    match work.registry.get(entity).cloned() {
        Some(entity) => work.read(&entity, id).await,
        None => Ok(None),
    }
}

/// The currency of the record's company.
fn company_currency(work: &Work<'_>) -> String {
    work.company().map_or(LAST_RESORT, |company| &company.currency).to_owned()
}

/// Refuses a partner who gets no new documents, and fills the currency from the partner or the
/// company where the client named none.
pub(crate) async fn settle_partner(
    work: &mut Work<'_>,
    partner: usize,
    entity: &str,
) -> Result<(), Problem> {
    let currency =
        work.record.entity.slot("currency").ok_or_else(|| Problem::internal("no currency"))?;
    let is_new = work.before.as_ref().map(|before| &before.values[partner])
        != Some(&work.record.values[partner]);
    let is_open = is_empty(&work.record.values[currency]);
    if !is_new && !is_open {
        return Ok(());
    }
    let found = match work.record.values[partner].as_id() {
        Some(id) => read(work, entity, id).await?,
        None => None,
    };
    // An order that is further on when it is entered comes from another system's past.
    let is_draft = work.record.state() == work.record.entity.first_state();
    if let Some(found) = found.as_ref().filter(|_| is_new && is_draft)
        && found.get("active") == &Value::Bool(false)
    {
        let pointer = format!("/{}", work.record.entity.fields[partner].name);
        let text = "is not active and gets no new documents";
        work.problems.push(FieldProblem::new(pointer, "inactive", text));
    }
    if is_open {
        let of_partner = found.as_ref().and_then(|found| found.get("currency").as_text());
        let of_partner = of_partner.filter(|code| !code.is_empty()).map(str::to_owned);
        let code = of_partner.unwrap_or_else(|| company_currency(work));
        work.record.values[currency] = code.into();
    }
    Ok(())
}

/// Fills description, unit and price of new lines that name none: from the price list, then from
/// the item's field in `price_slot`, where the currency is the order's.
pub(crate) async fn complete_lines(
    work: &mut Work<'_>,
    price_slot: usize,
    list: Option<Uuid>,
) -> Result<(), Problem> {
    let Some(at) = work.record.entity.slot("lines") else { return Ok(()) };
    if work.before.as_ref().is_some_and(|before| before.values[at] == work.record.values[at]) {
        return Ok(());
    }
    let Value::Rows(mut rows) = work.record.values[at].clone() else { return Ok(()) };
    let mut items: HashMap<Uuid, (Record, Option<String>)> = HashMap::new();
    let mut prices: Option<Record> = None;
    for row in &mut rows {
        row.resize(row.len().max(Line::AMOUNT + 1), Value::Null);
        let lacks = |slot: usize| is_empty(&row[slot]);
        if !(lacks(Line::DESCRIPTION) || lacks(Line::UNIT) || lacks(Line::PRICE)) {
            continue;
        }
        let Some(id) = row[Line::ITEM].as_id() else { continue };
        if let std::collections::hash_map::Entry::Vacant(vacant) = items.entry(id) {
            let Some(item) = read(work, Item::ENTITY, id).await? else { continue };
            let sign = unit_sign(work, &item).await?;
            vacant.insert((item, sign));
        }
        let Some((item, sign)) = items.get(&id) else { continue };
        if prices.is_none()
            && lacks(Line::PRICE)
            && let Some(list) = list
        {
            prices = read(work, PriceList::ENTITY, list).await?;
        }
        let price = price_of(work, item, price_slot, prices.as_ref(), &row[Line::QUANTITY]);
        let name = item.values[Item::NAME].clone();
        for (slot, value) in [
            (Line::DESCRIPTION, name),
            (Line::UNIT, sign.clone().into()),
            (Line::PRICE, price.into()),
        ] {
            if is_empty(&row[slot]) {
                row[slot] = value;
            }
        }
    }
    work.record.values[at] = Value::Rows(rows);
    Ok(())
}

/// The sign of an item's unit.
async fn unit_sign(work: &mut Work<'_>, item: &Record) -> Result<Option<String>, Problem> {
    let Some(unit) = item.values[Item::UNIT].as_id() else { return Ok(None) };
    let unit = read(work, Unit::ENTITY, unit).await?;
    Ok(unit.and_then(|unit| unit.values[Unit::CODE].as_text().map(str::to_owned)))
}

/// What one unit costs in the order's currency; none where neither list nor item says it.
fn price_of(
    work: &Work<'_>,
    item: &Record,
    price_slot: usize,
    list: Option<&Record>,
    quantity: &Value,
) -> Option<Decimal> {
    let currency = work.record.get("currency").as_text()?;
    if let (Some(list), Value::Decimal(quantity), Value::Date(on)) =
        (list, quantity, work.record.get("ordered_on"))
        && let Some(price) = list_price(list, currency, item.id(), *quantity, *on)
    {
        return Some(price);
    }
    let own = item.values[Item::CURRENCY].as_text().filter(|code| !code.is_empty());
    let own = own.map_or_else(|| company_currency(work), str::to_owned);
    match &item.values[price_slot] {
        Value::Decimal(price) if own == currency => Some(*price),
        _ => None,
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_text() == Some("")
}

/// Puts what the client sent with an act into the record; anything but `fields` is refused.
pub(crate) fn take_input(work: &mut Work<'_>, fields: &[&str]) {
    for (name, value) in &work.input.values {
        match work.record.entity.slot(name).filter(|_| fields.contains(&name.as_str())) {
            Some(slot) => work.record.values[slot] = value.clone(),
            None => {
                let text = format!("{} takes only {}", work.verb, fields.join(", "));
                let pointer = format!("/{name}");
                work.problems.push(FieldProblem::new(pointer, "unknown_field", text));
            }
        }
    }
}

/// The day of an act, in the field of `slot`: today in the company's zone unless it is given.
pub(crate) fn day_of_act(work: &mut Work<'_>, slot: usize) -> Date {
    if let Value::Date(day) = work.record.values[slot] {
        return day;
    }
    let zone = work.company().map_or("UTC", |company| &company.zone);
    let today = work.source.clock.now().date_in(zone);
    work.record.values[slot] = today.into();
    today
}

// The kernel's slots come first in every line.
const _: () = assert!(Line::ITEM == slot::FIRST);
