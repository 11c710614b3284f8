//! `megalith serve`: answers until it is told to stop.

use crate::control::Control;
use crate::demo;
use crate::lock::Lock;
use crate::os;
use crate::outcome::{Done, Failure, Outcome};
use crate::placement::Placed;
use crate::settings::Settings;
use crate::wiring::Installation;
use contracts::auth::{IssueSetUpToken, SetUp};
use contracts::platform::CreateOrg;
use gateway::{Config, Edge, Gateway};
use kernel::ports::Placement;
use kernel::write::store_problem;
use kernel::{Call, Problem};
use std::io::IsTerminal;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;

/// Runs it.
///
/// # Errors
/// When the address is taken, the data folder is in use, or the data cannot be opened.
pub async fn run(settings: &Settings) -> Outcome {
    let app = crate::app::app(settings.app.as_deref())?;
    let metrics = telemetry::Metrics::install().map_err(Failure::Failed)?;
    let lock = Lock::take_for_server(&settings.data)?;
    // The address first: nothing is made when it is taken.
    let listener = TcpListener::bind(settings.listen).await;
    let listener = listener.map_err(|why| Failure::of("listen at", settings.listen, why))?;
    let address =
        listener.local_addr().map_err(|why| Failure::of("listen at", settings.listen, why))?;
    let installation = Installation::open(settings, lock).await?;
    let url = format!("http://{address}");
    if installation.folder.is_new {
        tracing::warn!(
            folder = %installation.folder.path.display(),
            "new keys were made; back them up: without them a backup of the data cannot be read"
        );
    }
    let link = set_up(&installation, &url).await?;
    if settings.demo {
        fill_demo(&installation).await?;
    }
    if installation.lock.was_killed {
        installation.catch_up();
    }

    let control = Control::open().await;
    let control = control.map_err(|why| Failure::of("listen at", "a loopback port", why))?;
    let door = control.address().map_err(|why| Failure::of("listen at", "a loopback port", why))?;
    let announced = installation.lock.announce(&door.to_string(), &url)?;
    let control = tokio::spawn(control.run(
        announced.key,
        installation.link.clone(),
        installation.placement.clone(),
    ));

    let edge = Edge::new(Gateway {
        peers: installation.peers(),
        registry: installation.registry.clone(),
        keys: installation.folder.keys.clone(),
        source: installation.source.clone(),
        config: Config {
            loopback: address.ip().is_loopback(),
            trust_forwarded: settings.trust_forwarded,
            metrics: Arc::new(move || metrics.render()),
            imports: gateway::Imports {
                spool: installation.spool.clone(),
                wake: installation.waker(),
            },
            app: app.map(Arc::new),
            ..Config::default()
        },
        facts: installation.facts(),
        ready: ready(&installation),
    });
    let forgetting = tokio::spawn(forget_sessions(installation.placement.clone(), edge.clone()));
    greet(address, settings.demo, link.as_deref());
    // Caught before anyone is told that this process serves: from then on it ends in order.
    let asked = os::stop_signal();
    tracing::info!(address = %url, data = %settings.data.display(), "serving");
    let served = gateway::serve(listener, edge, stop(asked)).await;
    tracing::info!("stopping");
    for task in [control, forgetting] {
        task.abort();
        let _ = task.await;
    }
    installation.close().await;
    served.map_err(|why| Failure::of("serve at", url, why))?;
    Ok(Done::Well)
}

/// Waits for the first signal to stop; a second one ends the process at once, which loses nothing
/// that was answered.
async fn stop(asked: impl Future<Output = ()>) {
    asked.await;
    tokio::spawn(async {
        os::stop_signal().await;
        std::process::exit(130);
    });
}

/// Lets the edge forget who is signed in whenever users, memberships or sessions change, so that
/// a change of rights is felt with the next request.
async fn forget_sessions(placement: Arc<Placed>, edge: Arc<Edge>) {
    let log = async |service: &str| {
        let store = placement.store(contracts::SYSTEM_ORG, service).await;
        store.map(|store| store.sealed())
    };
    let (Ok(mut users), Ok(mut auth)) = (log("users").await, log("auth").await) else {
        tracing::error!(
            "a change of rights is felt some seconds late: the logs cannot be followed"
        );
        return;
    };
    loop {
        let changed = tokio::select! {
            changed = users.changed() => changed,
            changed = auth.changed() => changed,
        };
        if changed.is_err() {
            return;
        }
        edge.forget_sessions();
    }
}

/// Ready while the system's database answers.
fn ready(installation: &Installation) -> gateway::Ready {
    let placement = installation.placement.clone();
    Arc::new(move || {
        let placement = placement.clone();
        Box::pin(async move {
            let store = placement.store(contracts::SYSTEM_ORG, "platform").await?;
            store.head().await.map(drop).map_err(store_problem)
        })
    })
}

/// Makes the first administrator from the environment, or gives the link that does it.
async fn set_up(installation: &Installation, url: &str) -> Result<Option<String>, Failure> {
    let request_id = types::format_id("req", installation.source.id());
    let call = |reason: &str| Call {
        request_id: request_id.clone(),
        ..Call::system(contracts::SYSTEM_ORG, reason)
    };
    let peers = &*installation.link;
    let issued = contracts::call::<IssueSetUpToken>(peers, call("first start"), &IssueSetUpToken);
    let Some(token) = issued.await? else { return Ok(None) };
    let named = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let given = ["MEGALITH_ADMIN_EMAIL", "MEGALITH_ADMIN_PASSWORD", "MEGALITH_ORG"].map(named);
    let [Some(email), Some(password), Some(org)] = given else {
        if given.iter().any(Option::is_some) {
            let text = "MEGALITH_ADMIN_EMAIL, MEGALITH_ADMIN_PASSWORD and MEGALITH_ORG make the \
                        first administrator together: set all three or none";
            return Err(Failure::Usage(text.to_owned()));
        }
        return Ok(Some(format!("{url}/setup#{token}")));
    };
    let request = SetUp {
        token,
        name: named("MEGALITH_ADMIN_NAME").unwrap_or_else(|| email.clone()),
        email,
        password,
        org: CreateOrg {
            name: org.clone(),
            slug: slug(&org),
            country: named("MEGALITH_COUNTRY"),
            currency: named("MEGALITH_CURRENCY"),
            zone: None,
            placement: None,
        },
        client: contracts::auth::Client { name: "megalith serve".to_owned(), ..Default::default() },
    };
    let made = contracts::call::<SetUp>(peers, call("first start, unattended"), &request).await;
    let made = made.map_err(|problem: Problem| {
        Failure::Usage(format!("the first administrator was refused: {problem}"))
    })?;
    tracing::info!(user = %types::format_id("usr", made.user), "the first administrator was made");
    Ok(None)
}

/// Makes the demo organisation, and shows how far it is: a line that is written over on a
/// terminal, else a line for each tenth.
async fn fill_demo(installation: &Installation) -> Result<(), Failure> {
    let on_terminal = std::io::stderr().is_terminal();
    let mut shown = None;
    demo::fill(installation, |done, total| {
        let percent = done * 100 / total.max(1);
        let step = if on_terminal { 1 } else { 10 };
        if shown == Some(percent / step) {
            return;
        }
        shown = Some(percent / step);
        match on_terminal {
            true => eprint!("\rmaking the demo organisation: {percent:3} %"),
            false => eprintln!("making the demo organisation: {percent} %"),
        }
    })
    .await?;
    if on_terminal && shown.is_some() {
        eprintln!();
    }
    Ok(())
}

/// Says where to go. It goes to standard error, beside the log and not in it: the link and the
/// password are secrets.
fn greet(address: SocketAddr, has_demo: bool, link: Option<&str>) {
    let is_local = address.ip().is_loopback();
    let url = match is_local {
        true => format!("http://localhost:{}", address.port()),
        false => format!("http://{address}"),
    };
    eprintln!("\nMegalith is at {url}  (Ctrl-C ends it)\n");
    if has_demo {
        eprintln!("  To look around, sign in to the organisation demo:");
        eprintln!("      e-mail    {}\n      password  {}\n", demo::EMAIL, demo::PASSWORD);
        if !is_local {
            eprintln!(
                "  Everyone knows this password, and {address} is open to other machines. Give \
                 it another one:\n      megalith user reset-password {}\n",
                demo::EMAIL
            );
        }
    }
    if let Some(link) = link {
        eprintln!("  Nobody administers this installation yet. To begin with an organisation of");
        eprintln!("  your own, open this link once, within a day:\n      {link}\n");
    }
}

/// The short name of a name: `Northwind Traders` becomes `northwind-traders`.
fn slug(name: &str) -> String {
    let lower = name.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_gives_its_short_name() {
        for (name, expected) in [
            ("northwind", "northwind"),
            ("Northwind Traders", "northwind-traders"),
            ("A & B ", "a-b"),
        ] {
            assert_eq!(slug(name), expected);
        }
    }
}
