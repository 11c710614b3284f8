//! `megalith user`: make users and reset passwords.

use super::{print_json, print_line};
use crate::access::Access;
use crate::cli::User;
use crate::outcome::{Done, Failure, Outcome};
use crate::settings::Settings;
use contracts::auth::SetPassword;
use contracts::users::{AddMember, CreateUser, UserByEmail};
use serde_json::json;
use std::io::{BufRead, IsTerminal, Write};
use telemetry::Secret;
use types::Uuid;

/// Runs it.
///
/// # Errors
/// When a value is refused or the data cannot be reached.
pub async fn run(user: User, settings: &Settings) -> Outcome {
    let password = Secret::new(read_password()?);
    let access = Access::open(settings).await?;
    let outcome = match user {
        User::Create { email, name, org, roles, output } => {
            let name = name.unwrap_or_else(|| email.clone());
            create(
                &access,
                CreateUser { email, name, locale: None },
                org,
                roles,
                password,
                output.json,
            )
            .await
        }
        User::ResetPassword { email } => reset_password(&access, &email, password).await,
    };
    access.close().await;
    outcome
}

async fn create(
    access: &Access,
    request: CreateUser,
    org: Option<String>,
    roles: Vec<String>,
    password: Secret<String>,
    as_json: bool,
) -> Outcome {
    let peers = &*access.peers;
    let call = || access.call("user create on the command line");
    let org = match &org {
        Some(named) => Some(access.org(named).await?.id),
        None => None,
    };
    let user = contracts::call::<CreateUser>(peers, call(), &request).await?;
    set_password(access, user.id, password).await?;
    if let Some(org) = org {
        let member = AddMember { user: user.id, org, roles, companies: None };
        contracts::call::<AddMember>(peers, call(), &member).await?;
    }
    let id = types::format_id("usr", user.id);
    if as_json {
        print_json(&json!({"id": id, "email": user.email, "name": user.name}));
    } else {
        print_line(&format!("made {} ({id})", user.email));
    }
    Ok(Done::Well)
}

async fn reset_password(access: &Access, email: &str, password: Secret<String>) -> Outcome {
    let request = UserByEmail { email: email.to_owned() };
    let call = access.call("user reset-password on the command line");
    let user = contracts::call::<UserByEmail>(&*access.peers, call, &request).await?;
    let user = user.ok_or_else(|| Failure::Failed(format!("there is no user {email}")))?;
    set_password(access, user.id, password).await?;
    print_line(&format!("{} has a new password; all sessions have ended", user.email));
    Ok(Done::Well)
}

async fn set_password(
    access: &Access,
    user: Uuid,
    password: Secret<String>,
) -> Result<(), Failure> {
    let password = password.reveal().clone();
    let request = SetPassword { user, current: None, password, keep: None };
    let call = access.call("a password set on the command line");
    Ok(contracts::call::<SetPassword>(&*access.peers, call, &request).await?)
}

/// The password: of `MEGALITH_PASSWORD`, else the first line of standard input.
fn read_password() -> Result<String, Failure> {
    if let Ok(password) = std::env::var("MEGALITH_PASSWORD") {
        return Ok(password);
    }
    let input = std::io::stdin();
    if input.is_terminal() {
        eprint!("Password (it will be shown): ");
        let _ = std::io::stderr().flush();
    }
    let mut line = String::new();
    let read = input.lock().read_line(&mut line);
    read.map_err(|why| Failure::of("read", "the password", why))?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    if password.is_empty() {
        let text = "no password: give it on standard input or as MEGALITH_PASSWORD";
        return Err(Failure::Usage(text.to_owned()));
    }
    Ok(password)
}
