//! Every entity of users conforms.

use testkit::conformance::{Hand, holds};
use types::Value;

/// What the schemas do not tell.
const HANDS: &[Hand] = &[
    Hand {
        values: |number| vec![("name", format!("role_{number}").into())],
        ..Hand::new("users.role", "a role is named in snake case")
    },
    Hand {
        values: |number| {
            let everything = ["subject", "verb"].map(|field| (field, Value::from("*")));
            let nothing = ["condition", "hidden", "read_only"].map(|field| (field, Value::Null));
            let role = [("role", Value::from(format!("role_{number}")))];
            role.into_iter().chain(everything).chain(nothing).collect()
        },
        ..Hand::new("users.grant", "a grant names entities, verbs and fields that exist")
    },
    Hand {
        values: |_| {
            let roles = ("roles", Value::Json("[\"clerk\"]".to_owned()));
            vec![roles, ("companies", Value::Null)]
        },
        ..Hand::new("users.membership", "roles and companies are lists of names and of ids")
    },
];

#[test]
fn every_entity_conforms() {
    holds(crate::services, "users", HANDS);
}
