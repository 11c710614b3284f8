//! Sets a password.

use crate::Credential;
use crate::credential::rules;
use crate::desk::Visit;
use crate::login;
use contracts::auth::SetPassword;
use contracts::only_platform;
use contracts::users::{UserById, UserFacts};
use kernel::command::{Known, Verb};
use kernel::{Actor, FieldProblem, Input, Problem};
use types::Uuid;

/// Sets a user's password: the platform anyone's, a user their own.
pub async fn set_password(visit: Visit, request: SetPassword) -> Result<(), Problem> {
    let user = visit.ask::<UserById>(&UserById { user: request.user }).await?;
    let user = user.ok_or_else(|| Problem::not_found("user"))?;
    if visit.call.actor == Actor::User(user.id) {
        let current = request.current.as_deref().unwrap_or_default();
        login::who(&visit, &user.email, current, "").await.map_err(of_present)?;
    } else {
        only_platform(&visit.call, "auth.credential:set_password")?;
    }
    store(&visit, &user, &request.password, request.keep).await
}

/// A password that is wrong is a value that is refused: who asks is signed in, and stays so.
fn of_present(problem: Problem) -> Problem {
    if problem.code != "wrong_credentials" {
        return problem;
    }
    let text = "is not your present password";
    Problem::invalid(vec![FieldProblem::new("/current", "wrong_password", text)])
}

/// Keeps the hash of a new password and ends the user's sessions, but for one.
///
/// # Errors
/// 422 for a password that is refused.
pub async fn store(
    visit: &Visit,
    user: &UserFacts,
    password: &str,
    keep: Option<Uuid>,
) -> Result<(), Problem> {
    let problems = rules::password(password, &user.email);
    if !problems.is_empty() {
        return Err(Problem::invalid(problems));
    }
    let hash = visit.desk.hasher.turn().await?.hash(password, visit.random()).await?;
    let input = Input::new().set("password_hash", hash);
    if visit.credential(user.id).await?.is_none() {
        let input = input.clone().set("user", user.id);
        let made = visit.execute("set password", Credential::ENTITY, Verb::Create, input).await;
        match made {
            // Someone else set one in the meantime: the later one holds.
            Err(problem) if problem.code == "already_exists" => {}
            made => return made.map(drop),
        }
    }
    let credential = visit.credential(user.id).await?;
    let id = credential.ok_or_else(|| Problem::not_found("credential"))?.id();
    let verb = Verb::Act { id, act: "set_password".to_owned(), known: Known::Nothing };
    let input = input.set("keep", keep);
    visit.execute("set password", Credential::ENTITY, verb, input).await.map(drop)
}
