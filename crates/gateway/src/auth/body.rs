//! What the paths of sign-in take: bodies of named members, and what is wrong with them.

use crate::headers;
use http::request::Parts;
use kernel::problem::{FieldProblem, Problem};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The most code points of a name, an e-mail or a password.
const MAX_TEXT: usize = 1_000;

/// What signs in: e-mail and password, or the token of a login that needs more.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LoginBody {
    pub email: Option<String>,
    pub password: Option<String>,
    pub org: Option<String>,
    pub login_token: Option<String>,
    #[serde(default)]
    pub cookie: bool,
}

/// What renews a session; a browser sends the cookie instead.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RefreshBody {
    pub refresh_token: Option<String>,
}

/// The organisation to go to.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SwitchBody {
    pub org: Option<String>,
}

/// The password that is, and the one to be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordBody {
    pub current: Option<String>,
    pub password: Option<String>,
}

/// A key for a program.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyBody {
    pub name: Option<String>,
    #[serde(default)]
    pub roles: Vec<String>,
    pub user: Option<String>,
    pub expires_at: Option<String>,
}

/// The first administrator and organisation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetUpBody {
    pub token: Option<String>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub password: Option<String>,
    pub org: Option<OrgBody>,
    #[serde(default)]
    pub cookie: bool,
}

/// The first organisation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrgBody {
    pub name: Option<String>,
    pub slug: Option<String>,
    pub country: Option<String>,
    pub currency: Option<String>,
    pub zone: Option<String>,
}

/// Reads a JSON body of named members.
pub(super) fn read<T: DeserializeOwned>(parts: &Parts, body: &[u8]) -> Result<T, Problem> {
    headers::media_type(&parts.headers, &["application/json"])?;
    serde_json::from_slice(body).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        if error.is_data() && body.trim_ascii().first() == Some(&b'{') {
            let error = FieldProblem::new("", "invalid_member", error.to_string());
            return Problem::invalid(vec![error]);
        }
        Problem::malformed("malformed_json", format!("The body must be a JSON object ({place})."))
    })
}

/// Collects what is wrong with the members of a body.
#[derive(Default)]
pub(super) struct Fields(pub Vec<FieldProblem>);

impl Fields {
    /// A text that must be there, as it was given.
    pub fn text(&mut self, name: &str, value: Option<String>) -> String {
        let value = value.unwrap_or_default();
        let problem = if value.is_empty() {
            ("required", "must not be empty".to_owned())
        } else if value.chars().count() > MAX_TEXT {
            ("too_long", format!("may hold {MAX_TEXT} characters"))
        } else if value.contains('\0') {
            ("invalid_text", "must not hold U+0000".to_owned())
        } else {
            return value;
        };
        self.0.push(FieldProblem::new(format!("/{name}"), problem.0, problem.1));
        value
    }

    /// Everything that is wrong, if anything is.
    pub fn done(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::invalid(self.0)) }
    }
}

/// A short name made of a name: `Vins & Alcools` becomes `vins-alcools`.
pub(super) fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(63);
    let slug = slug.trim_end_matches('-');
    if slug.len() < 2 { "main".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::slug_of;

    #[test]
    fn a_short_name_is_made_of_letters_digits_and_hyphens() {
        for (name, slug) in [
            ("Northwind Traders", "northwind-traders"),
            ("Vins & Alcools!", "vins-alcools"),
            ("  Ümlaut GmbH", "mlaut-gmbh"),
            ("日本", "main"),
            ("", "main"),
        ] {
            assert_eq!(slug_of(name), slug);
        }
    }
}
