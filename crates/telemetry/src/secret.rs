//! What never appears in a log.

/// Names whose values are secret wherever they appear, whole or as the last word of a longer name.
const NAMES: [&str; 12] = [
    "password",
    "token",
    "secret",
    "authorization",
    "cookie",
    "api_key",
    "apikey",
    "code_verifier",
    "seed",
    "master_key",
    "private_key",
    "otp",
];

/// What stands in the place of a secret.
pub(crate) const REDACTED: &str = "[redacted]";

/// Whether a field of this name holds a secret: `password`, `refresh_token`, `Set-Cookie`.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    let fits = |known: &str| {
        name.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
    };
    NAMES.into_iter().any(fits)
}

/// A value that prints as `[redacted]`, in logs and error texts alike.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Wraps a value.
    pub fn new(value: T) -> Secret<T> {
        Secret(value)
    }

    /// The value itself, for the one place that needs it.
    pub fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Secret<T> {
        Secret(value)
    }
}

impl<T> std::fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(REDACTED)
    }
}

impl<T> std::fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(REDACTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_known_by_their_last_word() {
        for (name, secret) in [
            ("password", true),
            ("refresh_token", true),
            ("Set-Cookie", true),
            ("Authorization", true),
            ("page_token_size", false),
            ("tokens", false),
            ("path", false),
            ("notapassword", false),
        ] {
            assert_eq!(is_secret(name), secret, "{name}");
        }
    }

    #[test]
    fn a_wrapped_secret_does_not_print() {
        let secret = Secret::new("hunter2");
        assert_eq!(
            format!("{secret} {secret:?} {:?}", Some(&secret)),
            "[redacted] [redacted] Some([redacted])"
        );
        assert_eq!(*secret.reveal(), "hunter2");
    }
}
