//! `megalith user`: make users, invite people, reset passwords.

use super::{print_json, print_line};
use crate::access::Access;
use crate::cli::{At, User};
use crate::outcome::{Done, Failure, Outcome};
use crate::settings::Settings;
use contracts::admission::{Invite, IssueReset, IssuedLink};
use contracts::auth::SetPassword;
use contracts::users::{AddMember, CreateUser, UserByEmail, UserFacts};
use serde_json::json;
use std::io::{BufRead, IsTerminal, Write};
use telemetry::Secret;
use types::Uuid;

/// Runs it.
///
/// # Errors
/// When a value is refused or the data cannot be reached.
pub async fn run(user: User, settings: &Settings) -> Outcome {
    let asks_for_password = match &user {
        User::Create { .. } => true,
        User::ResetPassword { link, .. } => !link,
        User::Invite { .. } => false,
    };
    let password = Secret::new(if asks_for_password { read_password()? } else { String::new() });
    let access = Access::open(settings).await?;
    let outcome = match user {
        User::Invite { email, name, org, roles, at } => {
            let name = name.unwrap_or_else(|| email.clone());
            invite(&access, settings, at, &org, email, name, roles).await
        }
        User::ResetPassword { email, link: true, at } => {
            reset_by_link(&access, settings, at, &email).await
        }
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
        User::ResetPassword { email, .. } => reset_password(&access, &email, password).await,
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

async fn invite(
    access: &Access,
    settings: &Settings,
    at: At,
    org: &str,
    email: String,
    name: String,
    roles: Vec<String>,
) -> Outcome {
    let org = access.org(org).await?.id;
    let request = Invite { org, email, name, roles };
    let call = access.call("user invite on the command line");
    let link = contracts::call::<Invite>(&*access.peers, call, &request).await?;
    print_link(access, settings, at, &link);
    Ok(Done::Well)
}

async fn reset_by_link(access: &Access, settings: &Settings, at: At, email: &str) -> Outcome {
    let user = user_of(access, email).await?.id;
    let call = access.call("user reset-password on the command line");
    let link = contracts::call::<IssueReset>(&*access.peers, call, &IssueReset { user }).await?;
    print_link(access, settings, at, &link);
    Ok(Done::Well)
}

/// The link goes to standard output alone, so that a script can hand it on.
fn print_link(access: &Access, settings: &Settings, at: At, link: &IssuedLink) {
    let url = at.url.or_else(|| access.url.clone());
    let url = url.unwrap_or_else(|| format!("http://{}", settings.listen));
    print_line(&format!("{}{}", url.trim_end_matches('/'), link.path()));
}

async fn user_of(access: &Access, email: &str) -> Result<UserFacts, Failure> {
    let request = UserByEmail { email: email.to_owned() };
    let call = access.call("user reset-password on the command line");
    let user = contracts::call::<UserByEmail>(&*access.peers, call, &request).await?;
    user.ok_or_else(|| Failure::Failed(format!("there is no user {email}")))
}

async fn reset_password(access: &Access, email: &str, password: Secret<String>) -> Outcome {
    let user = user_of(access, email).await?;
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
