//! Which passwords are refused.

use kernel::FieldProblem;

/// The least characters of a password.
const LEAST: usize = 12;
/// The most bytes of a password: more costs time and protects nothing.
const MOST_BYTES: usize = 1_024;

/// What is wrong with a new password of a user with this e-mail.
///
/// Length is what counts (NIST SP 800-63B, 5.1.1.2): no rule about letters, digits and signs.
pub fn password(password: &str, email: &str) -> Vec<FieldProblem> {
    let refuse = |code: &str, text: &str| vec![FieldProblem::new("/password", code, text)];
    if password.chars().count() < LEAST {
        return refuse(
            "password_too_short",
            "must have 12 characters at least; a sentence is fine",
        );
    }
    if password.len() > MOST_BYTES {
        return refuse("password_too_long", "must have 1024 bytes at most");
    }
    if !email.is_empty() && password.trim().to_lowercase() == email.trim().to_lowercase() {
        return refuse("password_is_email", "must not be the e-mail itself");
    }
    if password.chars().all(|character| password.starts_with(character)) {
        return refuse("password_too_simple", "must not be one character over and over");
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::password;

    #[test]
    fn a_password_is_long_and_not_the_email() {
        let long = "ab".repeat(513);
        for (given, expected) in [
            ("", Some("password_too_short")),
            ("elevenchars", Some("password_too_short")),
            ("ääääääääää1", Some("password_too_short")),
            ("twelve chars", None),
            ("nancy@northwind.example", Some("password_is_email")),
            ("Nancy@Northwind.Example", Some("password_is_email")),
            ("aaaaaaaaaaaaaaa", Some("password_too_simple")),
            (&long, Some("password_too_long")),
        ] {
            let found = password(given, "nancy@northwind.example");
            assert_eq!(found.first().map(|problem| problem.code.as_str()), expected, "{given}");
        }
    }
}
