//! What a stock move must be.

use super::StockMove;
use kernel::FieldProblem;
use kernel::service::Case;
use types::{Decimal, Value};

/// Something moves, receipts in and deliveries out.
pub fn direction(case: &Case<'_>) -> Vec<FieldProblem> {
    let problem = |code: &str, text: &str| vec![FieldProblem::new("/quantity", code, text)];
    let Value::Decimal(quantity) = &case.after.values[StockMove::QUANTITY] else {
        return Vec::new();
    };
    match case.after.values[StockMove::KIND].as_text() {
        _ if quantity.is_zero() => problem("zero", "must not be 0"),
        Some("receipt") if *quantity < Decimal::ZERO => {
            problem("wrong_direction", "must be above 0, since a receipt comes in")
        }
        Some("delivery") if *quantity > Decimal::ZERO => {
            problem("wrong_direction", "must be below 0, since a delivery goes out")
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{Declare, Record};
    use std::sync::Arc;

    #[test]
    fn receipts_come_in_and_deliveries_go_out() {
        for (kind, quantity, expected) in [
            ("receipt", "1", None),
            ("receipt", "-1", Some("wrong_direction")),
            ("delivery", "-0.5", None),
            ("delivery", "0.5", Some("wrong_direction")),
            ("adjustment", "-3", None),
            ("adjustment", "3", None),
            ("opening", "100", None),
            ("opening", "0", Some("zero")),
        ] {
            let mut after = Record::empty(Arc::new(StockMove::entity()));
            after.set("kind", kind);
            after.set("quantity", types::parse_decimal(quantity, 6).unwrap());
            let case = Case { verb: "create", before: None, after: &after };
            let codes: Vec<String> = direction(&case).into_iter().map(|p| p.code).collect();
            assert_eq!(codes, expected.into_iter().collect::<Vec<_>>(), "{kind} {quantity}");
        }
    }
}
