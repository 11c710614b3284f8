//! What an item's numbers must be.

use super::Item;
use kernel::service::Case;
use kernel::{FieldProblem, Record};
use types::{Decimal, Value};

/// Prices, levels and weights are never below zero.
pub fn numbers(case: &Case<'_>) -> Vec<FieldProblem> {
    let slots =
        [Item::PRICE, Item::COST, Item::REORDER_LEVEL, Item::REORDER_QUANTITY, Item::WEIGHT_KG];
    let below = slots.into_iter().filter(|slot| {
        matches!(&case.after.values[*slot], Value::Decimal(number) if *number < Decimal::ZERO)
    });
    below
        .map(|slot| {
            let pointer = format!("/{}", case.after.entity.fields[slot].name);
            FieldProblem::new(pointer, "negative", "must not be below 0")
        })
        .collect()
}

/// Whether an item lies in stock, so that its deliveries and receipts are stock moves.
pub fn is_goods(item: &Record) -> bool {
    item.values[Item::KIND].as_text() != Some("service")
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Declare;
    use std::sync::Arc;

    #[test]
    fn no_price_level_or_weight_is_below_zero() {
        for (field, number, fits) in [
            ("price", "0", true),
            ("price", "-0.01", false),
            ("cost", "-1", false),
            ("reorder_level", "-1", false),
            ("reorder_quantity", "10", true),
            ("weight_kg", "-0.5", false),
        ] {
            let mut after = Record::empty(Arc::new(Item::entity()));
            after.set(field, types::parse_decimal(number, 6).unwrap());
            let case = Case { verb: "create", before: None, after: &after };
            let pointers: Vec<String> = numbers(&case).into_iter().map(|p| p.pointer).collect();
            let expected = if fits { vec![] } else { vec![format!("/{field}")] };
            assert_eq!(pointers, expected, "{field} {number}");
        }
    }

    #[test]
    fn all_but_services_lie_in_stock() {
        for (kind, expected) in [(None, true), (Some("goods"), true), (Some("service"), false)] {
            let mut item = Record::empty(Arc::new(Item::entity()));
            item.set("kind", kind);
            assert_eq!(is_goods(&item), expected, "{kind:?}");
        }
    }
}
