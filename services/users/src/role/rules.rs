//! What a role's name must be.

use super::Role;
use kernel::FieldProblem;
use kernel::rights::ADMINISTRATOR;
use kernel::service::Case;

/// The name is snake case, and not the kernel's own role.
pub fn name(case: &Case<'_>) -> Vec<FieldProblem> {
    let name = case.after.values[Role::NAME].as_text().unwrap_or_default();
    let problem = |code, text: &str| vec![FieldProblem::new("/name", code, text)];
    if name.is_empty() {
        return Vec::new();
    }
    if name == ADMINISTRATOR {
        return problem("reserved", "is the platform's own role, which may do everything");
    }
    if !is_role_name(name) {
        let text = "is not a role's name: lower-case letters, digits and _, a letter first";
        return problem("invalid_name", text);
    }
    Vec::new()
}

/// Whether a text can name a role.
pub fn is_role_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{Declare, Record};
    use std::sync::Arc;

    #[test]
    fn a_role_is_named_in_snake_case_and_is_not_the_administrator() {
        for (text, code) in [
            ("sales", None),
            ("sales_emea2", None),
            ("", None),
            ("Sales", Some("invalid_name")),
            ("2nd", Some("invalid_name")),
            ("a b", Some("invalid_name")),
            ("administrator", Some("reserved")),
        ] {
            let mut after = Record::empty(Arc::new(Role::entity()));
            after.set("name", text);
            let found = name(&Case { verb: "create", before: None, after: &after });
            assert_eq!(found.first().map(|problem| problem.code.as_str()), code, "{text}");
        }
    }
}
