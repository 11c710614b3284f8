//! Whom a contact speaks for.

use super::Contact;
use kernel::FieldProblem;
use kernel::service::Case;

/// A contact belongs to a customer or to a supplier, not to both and not to neither.
pub fn belongs_to_one(case: &Case<'_>) -> Vec<FieldProblem> {
    let has = |slot: usize| !case.after.values[slot].is_null();
    match (has(Contact::CUSTOMER), has(Contact::SUPPLIER)) {
        (true, false) | (false, true) => Vec::new(),
        (false, false) => {
            let text = "name the customer or the supplier that the person speaks for";
            vec![FieldProblem::new("/customer", "required", text)]
        }
        (true, true) => {
            let text = "must be empty, since the contact belongs to a customer";
            vec![FieldProblem::new("/supplier", "two_owners", text)]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{Declare, Record};
    use std::sync::Arc;
    use types::Uuid;

    #[test]
    fn a_contact_belongs_to_exactly_one_partner() {
        for (customer, supplier, expected) in [
            (true, false, vec![]),
            (false, true, vec![]),
            (false, false, vec!["required"]),
            (true, true, vec!["two_owners"]),
        ] {
            let mut after = Record::empty(Arc::new(Contact::entity()));
            after.set("customer", customer.then_some(Uuid::from_u128(1)));
            after.set("supplier", supplier.then_some(Uuid::from_u128(2)));
            let case = Case { verb: "create", before: None, after: &after };
            let codes: Vec<String> = belongs_to_one(&case).into_iter().map(|p| p.code).collect();
            assert_eq!(codes, expected, "{customer} {supplier}");
        }
    }
}
