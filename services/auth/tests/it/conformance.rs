//! Every entity of auth conforms.

use testkit::conformance::holds;

#[test]
fn every_entity_conforms() {
    holds(crate::services, "auth", &[]);
}
