//! Every entity of HR conforms.

#[test]
fn every_entity_conforms() {
    testkit::conformance::holds(|| vec![hr::service()], "hr", &[]);
}
