//! What makes two spellings of an e-mail the same.

/// The spelling under which an e-mail is kept and compared: lower case.
///
/// The part before the `@` may tell cases apart (RFC 5321, 2.4), and no mail service of today
/// does; people type either.
pub fn canonical_email(email: &str) -> String {
    email.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_is_the_same_in_any_case() {
        for (email, expected) in [
            ("Nancy@Northwind.Example", "nancy@northwind.example"),
            ("nancy@northwind.example", "nancy@northwind.example"),
            ("JÖRG@müller.example", "jörg@müller.example"),
        ] {
            assert_eq!(canonical_email(email), expected);
        }
    }
}
