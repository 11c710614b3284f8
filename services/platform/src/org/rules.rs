//! What an organisation's slug must look like.

use super::Org;
use kernel::FieldProblem;
use kernel::service::Case;

/// The slug is a label that may stand in a host name (RFC 1123): letters, digits and hyphens, no
/// hyphen first or last. It never reads like an id, which stands in the same places.
pub fn slug(case: &Case<'_>) -> Vec<FieldProblem> {
    let slug = case.after.values[Org::SLUG].as_text().unwrap_or_default();
    if slug.is_empty() || is_slug(slug) {
        return Vec::new();
    }
    let text = "must be 2 to 63 lower-case letters, digits and hyphens, with no hyphen at its ends";
    vec![FieldProblem::new("/slug", "invalid_slug", text)]
}

/// Whether a text is a slug.
pub fn is_slug(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (2..=63).contains(&text.len())
        && text.bytes().all(fits)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_a_label_of_a_host_name() {
        let longest = "a".repeat(63);
        for text in ["northwind", "a1", "2b-or-not-2b", &longest] {
            assert!(is_slug(text), "{text}");
        }
        let too_long = "a".repeat(64);
        for text in ["", "a", "Northwind", "north wind", "-ab", "ab-", "a_b", "ümlaut", &too_long]
        {
            assert!(!is_slug(text), "{text}");
        }
    }
}
