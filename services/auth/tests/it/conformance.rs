//! Every entity of auth conforms.

use testkit::conformance::{Hand, holds};

#[test]
fn every_entity_conforms() {
    let hand = Hand {
        by_platform: true,
        values: |_| vec![("roles", types::Value::Null)],
        ..Hand::new("auth.admission", "links are made by asking for one")
    };
    holds(crate::services, "auth", &[hand]);
}
