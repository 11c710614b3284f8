//! Every entity of operations conforms.

use testkit::conformance::{Hand, holds};

/// What the schemas do not tell.
const HANDS: &[Hand] = &[Hand {
    values: |_| vec![("kind", "adjustment".into())],
    ..Hand::new("operations.stock_move", "the sign of a quantity must fit the kind of the move")
}];

#[test]
fn every_entity_conforms() {
    holds(|| vec![operations::service()], "operations", HANDS);
}
