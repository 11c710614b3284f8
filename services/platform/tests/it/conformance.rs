//! Every entity of platform conforms.

use testkit::conformance::{Hand, holds};
use types::{Uuid, Value};

/// What the schemas do not tell.
const HANDS: &[Hand] = &[
    Hand {
        by_platform: true,
        ..Hand::new("platform.job", "only the platform makes jobs, and only its workers move them")
    },
    Hand {
        by_platform: true,
        ..Hand::new(
            "platform.import",
            "only the platform makes imports, and only their workers move them",
        )
    },
    Hand {
        values: |number| vec![("owner", Value::Id(Uuid::from_u128(number.into())))],
        ..Hand::new("platform.preference", "a user has one record")
    },
    Hand {
        by_platform: true,
        ..Hand::new("platform.change_set", "an undo needs something to take back")
    },
];

#[test]
fn every_entity_conforms() {
    holds(crate::services, "platform", HANDS);
}
