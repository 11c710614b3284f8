//! Users: the people who sign in, or on whose behalf programs act.

pub mod rules;

use futures::future::BoxFuture;
use kernel::service::Work;
use kernel::{Problem, entity};

/// A person who may sign in.
///
/// A user who is not active is signed out everywhere at once and stays named on what they did.
#[entity(service = "users", prefix = "usr", title = name, system)]
pub struct User {
    /// The e-mail that the user signs in with; kept in lower case.
    #[field(unique, personal, searchable)]
    pub email: Email,
    /// The name, as colleagues know it.
    #[field(personal, searchable)]
    pub name: Text<200>,
    /// The language and region for texts, numbers and dates, such as `de-CH` (BCP 47).
    pub locale: Option<Text<35>>,
    /// Whether the user may sign in.
    #[field(indexed, default = true)]
    pub active: Boolean,
}

/// Writes the e-mail in lower case, so that it is found however someone types it.
pub fn lower_case<'a>(work: &'a mut Work<'_>) -> BoxFuture<'a, Result<(), Problem>> {
    Box::pin(async move {
        let email = &mut work.record.values[User::EMAIL];
        let canonical = email.as_text().map(rules::canonical_email);
        if let Some(canonical) = canonical {
            *email = canonical.into();
        }
        Ok(())
    })
}
