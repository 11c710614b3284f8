//! Rows of a file that become records: against the raw store that writes the same rows, and what
//! memory it takes.

use super::{Scratch, Size, Table, creates, process};
use crate::outcome::Failure;
use crate::{placement, wiring};
use kernel::ports::StoreError;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use store::sqlite::raw::Rows;
use types::Uuid;

const ENTITY: &str = "operations.customer";
/// The fields of a row, in the order of its cells.
const FIELDS: [&str; 5] = ["name", "code", "contact_name", "country", "phone"];
/// Records whose rows are written raw: the yardstick lies in memory.
const RAW: usize = 200_000;
/// Rows after which memory is to grow no more.
const EARLY: usize = 100_000;
/// Megabytes by which it may: what is noise of the allocator.
const FLAT_MB: f64 = 10.0;
/// How often the memory is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// Imports a generated file in a process of its own.
pub async fn measure(table: &mut Table, size: Size) -> Result<(), Failure> {
    let scratch = Scratch::new()?;
    let (source, map) = (scratch.path().join("customers.csv"), scratch.path().join("map.toml"));
    let unwritten = |why: std::io::Error| Failure::of("write", "the file to import", why);
    write_rows(&source, size.imported).map_err(unwritten)?;
    std::fs::write(&map, mapping()).map_err(unwritten)?;
    let data = scratch.path().join("data");
    let begun = Instant::now();
    let (_, before) = process::seconds();
    let memory = import(&data, &source, &map, size.imported).await?;
    let (spent, importing) = (begun.elapsed(), process::seconds().1 - before);

    let failed = |why: StoreError| Failure::of("measure", "the raw store", why);
    let entities = wiring::registry().stored().to_vec();
    let entity = entities.iter().find(|entity| entity.full_name() == ENTITY).cloned();
    let entity = entity.ok_or_else(|| Failure::Failed("there are no customers".to_owned()))?;
    let file = placement::file_of(&data, only_org(&data)?);
    let rows = Rows::read_first(&file, entities, &entity, RAW).map_err(failed)?;
    let written = rows.records() as f64;
    let (before, _) = process::seconds();
    let raw = rows.write(&scratch.path().join("raw.db"), 1).await.map_err(failed)?;
    let writing = process::seconds().0 - before;

    let imported = size.imported as f64 / spent.as_secs_f64();
    let raw = written / raw.as_secs_f64();
    let ratio = imported / raw;
    let figure = format!("{imported:.0} rows/s of {raw:.0} rows/s raw = {:.0} %", ratio * 100.0);
    let what = format!("import of {} rows of CSV, SQLite", size.imported);
    table.add(&what, figure, ">= 50 % of raw", ratio >= 0.5);
    let importing = importing * 1e6 / size.imported as f64;
    let writing = writing * 1e6 / written;
    table.note(&format!("  processor time of a row: {importing:.1} us, raw {writing:.1} us"));
    match memory {
        None => table.note("  memory: not measured on this system"),
        Some(Memory { early_mb, peak_mb }) => {
            let figure = format!("{peak_mb:.0} MB, {early_mb:.0} MB until {EARLY} rows were in");
            let flat = peak_mb <= early_mb + FLAT_MB;
            let reach = format!("<= {FLAT_MB:.0} MB more than early");
            table.add("  its memory at most", figure, &reach, flat);
        }
    }
    Ok(())
}

fn write_rows(path: &Path, count: usize) -> std::io::Result<()> {
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    writeln!(file, "no,{}", FIELDS.join(","))?;
    for number in 0..count {
        let values = creates::customer(number).values;
        write!(file, "{number}")?;
        for name in FIELDS {
            let value = values.iter().find(|(known, _)| known == name);
            let text = value.and_then(|(_, value)| value.as_text()).unwrap_or_default();
            write!(file, ",{text}")?;
        }
        writeln!(file)?;
    }
    file.flush()
}

fn mapping() -> String {
    let fields: String = FIELDS.iter().map(|name| format!("{name} = \"{name}\"\n")).collect();
    format!(
        "name = \"bench\"\n[[step]]\nfile = \"customers.csv\"\nentity = \"{ENTITY}\"\n\
         key = \"no\"\n[step.fields]\n{fields}"
    )
}

/// Resident memory of the importing process.
struct Memory {
    early_mb: f64,
    peak_mb: f64,
}

/// Runs the import to its end; its memory, where the system tells.
async fn import(
    data: &Path,
    source: &Path,
    map: &Path,
    rows: usize,
) -> Result<Option<Memory>, Failure> {
    let failed = |why: std::io::Error| Failure::of("start", "a process", why);
    let begun = Instant::now();
    let mut child = Command::new(std::env::current_exe().map_err(failed)?)
        .arg("import")
        .arg(source)
        .arg("--map")
        .arg(map)
        .arg("--data")
        .arg(data)
        .args(["--org", "bench", "--create-org", "--json"])
        // The environment names the database of the other figures.
        .env_remove("MEGALITH_DATABASE")
        .env_remove("MEGALITH_DATABASE_ADMIN")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let mut seen: Vec<(Duration, f64)> = Vec::new();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            break status;
        }
        seen.extend(resident_mb(&child).map(|mb| (begun.elapsed(), mb)));
        tokio::time::sleep(LOOK).await;
    };
    if !status.success() {
        return Err(Failure::Failed(format!("the measured import ended with {status}")));
    }
    let early = begun.elapsed().mul_f64((EARLY as f64 / rows as f64).min(1.0));
    let most = |until: Duration| {
        let sizes = seen.iter().filter(|(at, _)| *at <= until).map(|(_, mb)| *mb);
        sizes.fold(0.0, f64::max)
    };
    let memory = Memory { early_mb: most(early), peak_mb: most(Duration::MAX) };
    Ok(Some(memory).filter(|memory| memory.peak_mb > 0.0))
}

fn resident_mb(child: &Child) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<f64>().ok()? / 1024.0)
}

/// The only organisation of a data folder.
fn only_org(data: &Path) -> Result<Uuid, Failure> {
    let files = super::super::verify::files(data)?;
    let stems = files.iter().filter_map(|path| path.file_stem()?.to_str());
    let mut orgs = stems.filter_map(|stem| Uuid::parse_str(stem).ok());
    orgs.next().ok_or_else(|| Failure::Failed("the import left no organisation".to_owned()))
}
