//! How units relate to each other.

use super::Unit;
use kernel::FieldProblem;
use kernel::service::Case;
use types::{Decimal, Value};

/// A ratio is positive, and 1 for a unit of its own.
pub fn ratio(case: &Case<'_>) -> Vec<FieldProblem> {
    let problem = |code: &str, text: &str| vec![FieldProblem::new("/ratio", code, text)];
    let has_base = !case.after.values[Unit::BASE].is_null();
    match &case.after.values[Unit::RATIO] {
        Value::Decimal(ratio) if *ratio <= Decimal::ZERO => {
            problem("not_positive", "must be more than 0")
        }
        Value::Decimal(ratio) if !has_base && *ratio != Decimal::ONE => {
            problem("without_base", "must be 1 for a unit without a base")
        }
        Value::Null if has_base => problem("required", "say how many of the base make one"),
        _ => Vec::new(),
    }
}

/// A unit is no multiple of itself.
pub fn base(case: &Case<'_>) -> Vec<FieldProblem> {
    if case.after.values[Unit::BASE].as_id() != Some(case.after.id()) {
        return Vec::new();
    }
    vec![FieldProblem::new("/base", "loop", "must be another unit")]
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{Declare, Record};
    use std::sync::Arc;
    use types::Uuid;

    #[test]
    fn a_ratio_is_positive_and_belongs_to_a_base() {
        let (own, other) = (Some(Uuid::from_u128(1)), Some(Uuid::from_u128(2)));
        for (base_unit, number, expected) in [
            (None, None, vec![]),
            (None, Some("1"), vec![]),
            (other, Some("12"), vec![]),
            (other, Some("0.001"), vec![]),
            (other, Some("0"), vec!["not_positive"]),
            (other, Some("-1"), vec!["not_positive"]),
            (None, Some("12"), vec!["without_base"]),
            (other, None, vec!["required"]),
            (own, Some("12"), vec!["loop"]),
        ] {
            let mut after = Record::empty(Arc::new(Unit::entity()));
            after.set("id", own);
            after.set("base", base_unit);
            after.set("ratio", number.map(|text| types::parse_decimal(text, 6).unwrap()));
            let case = Case { verb: "create", before: None, after: &after };
            let found = ratio(&case).into_iter().chain(base(&case));
            let codes: Vec<String> = found.map(|problem| problem.code).collect();
            assert_eq!(codes, expected, "{base_unit:?} {number:?}");
        }
    }
}
