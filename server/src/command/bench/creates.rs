//! Durable creates through the kernel, against the raw store that writes the same rows.

use super::{Scratch, Size, Table};
use crate::lock::Lock;
use crate::outcome::Failure;
use crate::placement;
use crate::settings::Settings;
use crate::wiring::{self, Installation};
use contracts::platform::CreateOrg;
use kernel::service::Peers;
use kernel::{Actor, Call, Command, Input, Verb};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use store::sqlite::raw::Rows;
use types::Uuid;

const ENTITY: &str = "operations.customer";
const CALLERS: usize = 64;

/// The n-th customer: names of several languages, a code, an address.
pub fn customer(number: usize) -> Input {
    const FIRST: [&str; 8] = [
        "Vins",
        "Müller",
        "Nakamura 商店",
        "Østergaard",
        "Comércio",
        "Blauer See",
        "Savea",
        "Łódź",
    ];
    const LAST: [&str; 7] =
        ["et alcools", "GmbH", "& Sons", "Trading", "Mineiro", "Markets", "sp. z o.o."];
    let name = format!("{} {} {number}", FIRST[number % FIRST.len()], LAST[number % LAST.len()]);
    Input::new()
        .set("name", name)
        .set("code", format!("C{number:08}"))
        .set("contact_name", format!("Contact {number}"))
        .set("country", ["DE", "FR", "JP", "US", "BR"][number % 5])
        .set("phone", format!("+49 30 {number:07}"))
}

fn settings(data: &Path) -> Settings {
    Settings {
        data: data.to_owned(),
        database: None,
        database_admin: None,
        keys: data.join("keys"),
        listen: std::net::SocketAddr::from(([127, 0, 0, 1], 0)),
        trust_forwarded: false,
        log: String::new(),
    }
}

async fn open(settings: &Settings) -> Result<(Installation, Uuid), Failure> {
    let lock = Lock::take_for_server(&settings.data)?;
    let installation = Installation::open(settings, lock).await?;
    let request = CreateOrg {
        slug: "bench".to_owned(),
        name: "Bench".to_owned(),
        country: None,
        currency: None,
        zone: None,
        placement: Some(settings.placement().to_owned()),
    };
    let call = Call::system(contracts::SYSTEM_ORG, "bench");
    let org = contracts::call::<CreateOrg>(&*installation.peers(), call, &request).await?;
    Ok((installation, org.id))
}

/// Creates `count` customers for `callers` who each wait for their answer.
pub async fn create(
    peers: Arc<dyn Peers>,
    org: Uuid,
    first: usize,
    count: usize,
    callers: usize,
) -> Result<Duration, Failure> {
    let next = Arc::new(AtomicUsize::new(first));
    let call = Call {
        actor: Actor::User(Uuid::from_u128(7)),
        roles: Arc::from([kernel::rights::ADMINISTRATOR.to_owned()]),
        request_id: "req_bench".to_owned(),
        reason: None,
        ..Call::system(org, "")
    };
    let begun = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let (peers, next, call) = (peers.clone(), next.clone(), call.clone());
            tokio::spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= first + count {
                        return Ok(());
                    }
                    let command = Command {
                        entity: ENTITY.to_owned(),
                        verb: Verb::Create,
                        input: customer(number),
                    };
                    peers.execute(call.clone(), command).await?;
                }
            })
        })
        .collect();
    for task in tasks {
        let done: Result<(), kernel::Problem> =
            task.await.map_err(|why| Failure::Failed(why.to_string()))?;
        done?;
    }
    Ok(begun.elapsed())
}

/// The rows that creates leave, written raw.
pub struct Yardstick {
    /// Seconds for each row's command, raw.
    pub raw: f64,
    /// Seconds for each create through the kernel.
    pub kernel: f64,
}

/// Measures both, kernel first, in files of their own.
pub async fn yardstick(count: usize) -> Result<Yardstick, Failure> {
    let scratch = Scratch::new()?;
    let settings = settings(&scratch.path().join("data"));
    let (installation, org) = open(&settings).await?;
    create(installation.peers(), org, count, count / 20, CALLERS).await?;
    let spent = create(installation.peers(), org, 0, count, CALLERS).await?;
    installation.close().await;
    let entities = wiring::registry().all().to_vec();
    let entity = entities.iter().find(|entity| entity.full_name() == ENTITY).cloned();
    let entity = entity.ok_or_else(|| Failure::Failed("there are no customers".to_owned()))?;
    let file = placement::file_of(&settings.data, org);
    let failed = |why: kernel::ports::StoreError| Failure::of("measure", "the raw store", why);
    let rows = Rows::read(&file, entities, &entity).map_err(failed)?;
    let written = rows.len() as f64;
    let raw = rows.write(&scratch.path().join("raw.db"), CALLERS).await.map_err(failed)?;
    Ok(Yardstick { raw: raw.as_secs_f64() / written, kernel: spent.as_secs_f64() / count as f64 })
}

/// Durable creates on SQLite.
pub async fn sqlite(table: &mut Table, size: Size) -> Result<(), Failure> {
    let measured = yardstick(size.creates).await?;
    let ratio = measured.raw / measured.kernel;
    let figure = format!(
        "{:.0}/s of {:.0}/s raw = {:.0} %",
        1.0 / measured.kernel,
        1.0 / measured.raw,
        ratio * 100.0
    );
    let what = "durable creates, kernel, 64 callers, SQLite";
    table.add(what, figure, ">= 50 % of raw", ratio >= 0.5);
    Ok(())
}

/// Durable creates in one organisation on PostgreSQL, with sixteen connections and with one.
pub async fn postgres(
    table: &mut Table,
    size: Size,
    url: &str,
    admin: Option<&str>,
) -> Result<(), Failure> {
    let scratch = Scratch::new()?;
    let settings = Settings {
        database: Some(url.to_owned()),
        database_admin: admin.map(str::to_owned),
        ..settings(&scratch.path().join("data"))
    };
    let (installation, org) = open(&settings).await?;
    let count = size.creates / 4;
    create(installation.peers(), org, 9 * count, count / 10, 16).await?;
    let many = create(installation.peers(), org, 0, count, 16).await?;
    let few = count / 8;
    let one = create(installation.peers(), org, 10 * count, few, 1).await?;
    installation.close().await;
    let (many, one) = (count as f64 / many.as_secs_f64(), few as f64 / one.as_secs_f64());
    let figure = format!("{many:.0}/s, one connection {one:.0}/s = {:.1} x", many / one);
    let what = "durable creates in one org, PostgreSQL, 16 connections";
    table.add(what, figure, ">= 3 x one connection", many / one >= 3.0);
    Ok(())
}
