//! Commands of a server elsewhere: `--server URL`, with the rights of a token.
//!
//! They go through the public interface, so that they can do what the token's owner can do and no
//! more. What only the operator of an installation may do is not there, and says so.

mod client;
mod import;

use crate::cli::{self, Command};
use crate::command::explain::verdict;
use crate::command::{entity, print_json, print_line};
use crate::outcome::{Done, Failure, Outcome};
use crate::wiring;
use client::Remote;
use http::Method;
use http_body_util::BodyExt;
use kernel::Entity;
use serde_json::{Value, json};
use std::io::{ErrorKind, Write};
use std::time::Duration;

const CHANGE_SETS: &str = "/api/v1/platform/change-sets";
/// The counts that a change set bears.
const COUNTS: [&str; 5] = ["read", "created", "updated", "unchanged", "refused"];
/// Conflicts that are listed; the others are counted.
const SHOWN: usize = 20;
/// How often a long undo is asked how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Runs a command on the server at `address`.
///
/// # Errors
/// Wrong usage for a command that only the installation's operator has; when the server cannot be
/// reached, or refuses.
pub async fn run(command: Command, address: &str) -> Outcome {
    match command {
        Command::Export(asked) => export(&Remote::new(address)?, asked).await,
        Command::Import(asked) => import::run(&Remote::new(address)?, asked).await,
        Command::Changesets(asked) => change_sets(&Remote::new(address)?, asked).await,
        Command::Undo(asked) => undo(&Remote::new(address)?, asked).await,
        Command::Explain(asked) => explain(&Remote::new(address)?, asked).await,
        Command::Openapi => {
            let remote = Remote::new(address)?;
            print_json(&remote.ask(Method::GET, "/api/openapi.json", None).await?);
            Ok(Done::Well)
        }
        _ => Err(Failure::Usage(
            "--server is for import, export, changesets, undo, explain and openapi: this command \
             works on the machine that holds the data"
                .to_owned(),
        )),
    }
}

/// Refuses a token of another organisation than the one that was named.
async fn in_org(remote: &Remote, org: &str) -> Result<(), Failure> {
    let me = remote.ask(Method::GET, "/api/v1/auth/me", None).await?;
    let own = [&me["org"]["id"], &me["org"]["slug"]];
    if own.iter().any(|own| own.as_str() == Some(org)) {
        return Ok(());
    }
    let slug = me["org"]["slug"].as_str().unwrap_or("no organisation");
    Err(Failure::Failed(format!("{} is a token of {slug}, not of {org}", client::TOKEN)))
}

fn collection(entity: &Entity) -> String {
    format!("/api/v1/{}/{}", entity.service, entity.plural)
}

async fn export(remote: &Remote, asked: cli::Export) -> Outcome {
    let entity = entity(&asked.entity, &wiring::registry())?;
    in_org(remote, &asked.org).await?;
    let body = json!({
        "format": asked.format, "filter": asked.filter, "fields": asked.fields,
        "lines": asked.lines,
    });
    let path = format!("{}:export", collection(&entity));
    let body = Some(("application/json", body.to_string().into_bytes()));
    let mut answer = remote.send(Method::POST, &path, body).await?.into_body();
    let mut out = std::io::stdout();
    while let Some(frame) = answer.frame().await {
        let frame = frame.map_err(|why| remote.lost(format!("the file is cut off: {why}")))?;
        let Some(bytes) = frame.data_ref() else { continue };
        match out.write_all(bytes).and_then(|()| out.flush()) {
            // A reader that has gone away has read enough.
            Err(why) if why.kind() == ErrorKind::BrokenPipe => return Ok(Done::Well),
            done => done.map_err(|why| Failure::of("write", "the file", why))?,
        }
    }
    Ok(Done::Well)
}

async fn change_sets(remote: &Remote, asked: cli::Changesets) -> Outcome {
    in_org(remote, &asked.org).await?;
    let path = format!("{CHANGE_SETS}?order_by=started_at%20desc&page_size={}", asked.limit);
    let page = remote.ask(Method::GET, &path, None).await?;
    let items = page["items"].as_array().cloned().unwrap_or_default();
    if asked.output.json {
        print_json(&items.into());
        return Ok(Done::Well);
    }
    let word = |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
    for item in items {
        let [_, created, updated, _, refused] = COUNTS.map(|name| item[name].to_string());
        print_line(&format!(
            "{}  {}  {:6} {:8} {created} created, {updated} updated, {refused} refused  {}",
            word(&item, "id"),
            word(&item, "started_at"),
            word(&item, "kind"),
            word(&item, "state"),
            word(&item, "title"),
        ));
    }
    Ok(Done::Well)
}

async fn undo(remote: &Remote, asked: cli::Undo) -> Outcome {
    match types::parse_id(&asked.change_set) {
        Ok(("cs", _)) => {}
        _ => {
            let text = format!("{} is no change set; they are named cs_…", asked.change_set);
            return Err(Failure::Usage(text));
        }
    }
    in_org(remote, &asked.org).await?;
    let path = format!("{CHANGE_SETS}/{}", asked.change_set);
    let nothing = json!({});
    let preview = format!("{path}:undo?preview=true");
    let mut undone = remote.ask(Method::POST, &preview, Some(&nothing)).await?;
    if !asked.preview {
        let mut after = remote.ask(Method::POST, &format!("{path}:undo"), Some(&nothing)).await?;
        // A long one is a job of the server.
        while after["state"] == "undoing" {
            tokio::time::sleep(LOOK_EVERY).await;
            after = remote.ask(Method::GET, &path, None).await?;
        }
        undone["change_set"] = after["undone_by"].clone();
    }
    undone["preview"] = asked.preview.into();
    let conflicts = undone["conflicts"].as_array().cloned().unwrap_or_default();
    if asked.output.json {
        print_json(&undone);
    } else {
        let (count, left) = (&undone["undone"], conflicts.len());
        print_line(&match asked.preview {
            true => format!("{count} changes can be taken back, {left} cannot"),
            false => format!("{count} changes were taken back, {left} were not"),
        });
        let word = |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
        for item in conflicts.iter().take(SHOWN) {
            print_line(&format!("  {}: {}", word(item, "record"), word(item, "reason")));
        }
        if let Some(id) = undone["change_set"].as_str() {
            print_line(&format!("the undo is {id}"));
        }
    }
    Ok(if conflicts.is_empty() { Done::Well } else { Done::WithFindings })
}

/// About the token's own rights; those of others are told where the data is.
async fn explain(remote: &Remote, asked: cli::Explain) -> Outcome {
    let (named, id) = match asked.what.rsplit_once('/') {
        Some((named, id)) if id.contains('_') => (named, Some(id)),
        _ => (asked.what.as_str(), None),
    };
    let entity = entity(named, &wiring::registry())?;
    let me = remote.ask(Method::GET, "/api/v1/auth/me", None).await?;
    if me["user"]["email"].as_str() != Some(asked.user.as_str()) {
        let text = "with --server, explain tells of the token's own rights: --as names its user";
        return Err(Failure::Usage(text.to_owned()));
    }
    in_org(remote, &asked.org).await?;
    let id = id.map(|id| format!("/{}", escaped(id))).unwrap_or_default();
    let verb = escaped(&asked.verb);
    let path = format!("{}{id}:explain?verb={verb}", collection(&entity));
    let explained = remote.ask(Method::GET, &path, None).await?;
    if asked.output.json {
        print_json(&explained);
        return Ok(Done::Well);
    }
    print_line(&verdict(
        &asked.user,
        explained["right"].as_str().unwrap_or_default(),
        explained["allowed"] == true,
        explained["extent"] == "some",
        explained["condition"].as_str(),
    ));
    let by = explained["by"].as_str().unwrap_or("no rule allows it");
    print_line(&format!("decided by: {by}"));
    print_line(&format!("roles: {}", listed(&explained["roles"])));
    Ok(Done::Well)
}

fn listed(texts: &Value) -> String {
    let texts = texts.as_array().into_iter().flatten().filter_map(Value::as_str);
    texts.collect::<Vec<_>>().join(", ")
}

/// A text as a part of an address.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(byte.into());
            }
            _ => out += &format!("%{byte:02X}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_in_an_address_keeps_its_bytes() {
        assert_eq!(escaped("a b=ü\n"), "a%20b%3D%C3%BC%0A");
    }
}
