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
use store::postgres::raw::{self as postgres, Form};
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
        demo: false,
        app: None,
        data: data.to_owned(),
        database: None,
        database_admin: None,
        keys: data.join("keys"),
        listen: std::net::SocketAddr::from(([127, 0, 0, 1], 0)),
        trust_forwarded: false,
        import_limit: crate::settings::IMPORT_LIMIT,
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
    let entities = wiring::registry().stored().to_vec();
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

/// How often kernel and raw rows take turns on PostgreSQL.
const ROUNDS: usize = 4;
/// Connections of a process to PostgreSQL.
const CONNECTIONS: usize = 16;
/// How often the log is looked at until it is sealed.
const LOOK: Duration = Duration::from_millis(2);

/// Durable creates in one organisation on PostgreSQL: against the same rows with nothing around,
/// and with sixteen connections against one.
///
/// The yardstick is the faster of two ways to write the rows. Kernel and yardstick take turns, so that both meet the same machine; a turn of the kernel ends
/// when its log is sealed.
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
    let failed = |why: kernel::ports::StoreError| Failure::of("measure", "the raw rows", why);
    let (installation, org) = open(&settings).await?;
    let entity = wiring::registry().all().iter().find(|e| e.full_name() == ENTITY).cloned();
    let entity = entity.ok_or_else(|| Failure::Failed("there are no customers".to_owned()))?;
    let watch = postgres::Watch::new(url, org, &entity.service).await.map_err(failed)?;
    let sealed = async || -> Result<u64, Failure> {
        let behind = watch.unsealed().await.map_err(failed)?;
        while watch.unsealed().await.map_err(failed)? > 0 {
            tokio::time::sleep(LOOK).await;
        }
        Ok(behind)
    };

    let count = size.creates / 4 / ROUNDS;
    let warm = count / 4;
    let mut made = 0;
    let (mut kernel, mut raw, mut written) = (Duration::ZERO, [Duration::ZERO; 2], 0);
    let (mut one, mut behind) = (Duration::ZERO, 0);
    for _ in 0..ROUNDS {
        create(installation.peers(), org, made, warm, CONNECTIONS).await?;
        made += warm;
        sealed().await?;
        let begun = Instant::now();
        create(installation.peers(), org, made, count, CONNECTIONS).await?;
        behind = behind.max(sealed().await?);
        kernel += begun.elapsed();
        let from = made - warm;
        made += count;

        for (nth, form) in [Form::Statements, Form::OneStatement].into_iter().enumerate() {
            let rows = postgres::Rows::read(url, org, &entity, from).await.map_err(failed)?;
            let copy = Uuid::from_u128(org.as_u128() ^ (2 * made + nth) as u128);
            let writing = rows.write(form, url, copy, CONNECTIONS, warm);
            let (these, spent) = writing.await.map_err(failed)?;
            written += these;
            raw[nth] += spent;
        }

        one += create(installation.peers(), org, made, warm, 1).await?;
        made += warm;
        sealed().await?;
    }
    installation.close().await;

    let kernel = (count * ROUNDS) as f64 / kernel.as_secs_f64();
    let [apart, together] = raw.map(|spent| written as f64 / 2.0 / spent.as_secs_f64());
    let raw = apart.max(together);
    let ratio = kernel / raw;
    let figure = format!("{kernel:.0}/s of {raw:.0}/s raw = {:.0} %", ratio * 100.0);
    let what = "durable creates in one org, PostgreSQL, 16 connections";
    table.add(what, figure, ">= 60 % of raw", ratio >= 0.6);
    table.note(&format!(
        "  raw: {apart:.0}/s with a statement for each row, {together:.0}/s with one for all"
    ));
    let one = (warm * ROUNDS) as f64 / one.as_secs_f64();
    let times = kernel / one;
    let figure = format!("{one:.0}/s, sixteen {times:.1} x");
    table.add("  with one connection", figure, "sixteen >= 3 x", times >= 3.0);
    table.note(&format!("  events that waited for their seal at the last create: {behind}"));
    Ok(())
}
