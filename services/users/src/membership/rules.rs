//! What a membership's lists must look like, and what identifies it.

use super::Membership;
use contracts::people::is_role;
use kernel::FieldProblem;
use kernel::schema::Computing;
use kernel::service::Case;
use types::{Uuid, Value};

/// User and organisation in one text; empty while either is missing.
pub fn key(record: &Computing<'_>) -> Value {
    match (record.values[Membership::USER].as_id(), record.values[Membership::ORG].as_id()) {
        (Some(user), Some(org)) => Value::Text(key_of(user, org)),
        _ => Value::Null,
    }
}

/// The key of a user's membership in an organisation.
pub fn key_of(user: Uuid, org: Uuid) -> String {
    format!("{}:{}", user.simple(), org.simple())
}

/// The roles are a list of names in snake case.
pub fn roles(case: &Case<'_>) -> Vec<FieldProblem> {
    let names = parse_texts(&case.after.values[Membership::ROLES]);
    if names.is_some_and(|names| names.iter().all(|name| is_role(name))) {
        return Vec::new();
    }
    vec![invalid_roles()]
}

/// What is wrong with roles that are no list of names.
pub fn invalid_roles() -> FieldProblem {
    let text = "must be a list of role names in snake case, such as [\"sales\", \"viewer\"]";
    FieldProblem::new("/roles", "invalid_roles", text)
}

/// The companies are a list of company ids, or empty.
pub fn companies(case: &Case<'_>) -> Vec<FieldProblem> {
    let value = &case.after.values[Membership::COMPANIES];
    if value.is_null() || parse_companies(value).is_some() {
        return Vec::new();
    }
    let text = "must be a list of company ids, such as [\"com_01h455vb4pex5vsknk084sn02q\"]";
    vec![FieldProblem::new("/companies", "invalid_companies", text)]
}

/// The texts of a JSON list; none for anything else.
pub fn parse_texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Json(text) => serde_json::from_str(text).ok(),
        _ => None,
    }
}

/// The companies of a JSON list of ids; none for anything else.
pub fn parse_companies(value: &Value) -> Option<Vec<Uuid>> {
    let ids = parse_texts(value)?;
    ids.iter()
        .map(|id| types::parse_id(id).ok().filter(|(prefix, _)| *prefix == "com"))
        .map(|parsed| parsed.map(|(_, id)| id))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{Declare, Record};
    use std::sync::Arc;

    fn codes(rule: kernel::service::Rule, field: &str, json: &str) -> Vec<String> {
        let mut after = Record::empty(Arc::new(Membership::entity()));
        after.set(field, Value::Json(json.to_owned()));
        let case = Case { verb: "create", before: None, after: &after };
        rule(&case).into_iter().map(|problem| problem.code).collect()
    }

    #[test]
    fn roles_are_a_list_of_names_in_snake_case() {
        for json in ["[]", r#"["sales"]"#, r#"["sales", "key_account_2"]"#] {
            assert!(codes(roles, "roles", json).is_empty(), "{json}");
        }
        for json in ["{}", "null", "[1]", r#"["Sales"]"#, r#"[""]"#, r#"["a b"]"#] {
            assert_eq!(codes(roles, "roles", json), ["invalid_roles"], "{json}");
        }
    }

    #[test]
    fn companies_are_a_list_of_company_ids() {
        for json in ["[]", r#"["com_01h455vb4pex5vsknk084sn02q"]"#] {
            assert!(codes(companies, "companies", json).is_empty(), "{json}");
        }
        for json in ["{}", "[1]", r#"["com_x"]"#, r#"["cus_01h455vb4pex5vsknk084sn02q"]"#] {
            assert_eq!(codes(companies, "companies", json), ["invalid_companies"], "{json}");
        }
    }

    fn computed(record: &Record) -> Value {
        key(&Computing {
            entity: &record.entity,
            values: &record.values,
            parent: None,
            rounding: types::Rounding::HalfUp,
        })
    }

    #[test]
    fn a_user_has_one_key_in_an_organisation() {
        let mut record = Record::empty(Arc::new(Membership::entity()));
        assert!(computed(&record).is_null());
        let (user, org) = (Uuid::from_u128(1), Uuid::from_u128(2));
        record.set("user", user);
        record.set("org", org);
        assert_eq!(computed(&record), Value::Text(key_of(user, org)));
        assert_ne!(key_of(user, org), key_of(org, user));
    }
}
