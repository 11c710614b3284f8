//! `megalith import`: records from files, as one change set.

mod progress;

use super::{print_json, print_line};
use crate::access::Access;
use crate::cli;
use crate::outcome::{Done, Failure, Outcome};
use crate::settings::Settings;
use crate::{source, wiring};
use contracts::platform::{
    ChangeSetKind, CloseChangeSet, Companies, Counts, CreateOrg, FindOrg, OpenChangeSet, OrgFacts,
};
use exchange::carrying::Carrying;
use exchange::mapping::Mapping;
use exchange::peers::Asking;
use exchange::pipeline::{self, ImportError, Report};
use exchange::{propose, ready};
use kernel::Call;
use kernel::service::Registry;
use progress::Watching;
use serde_json::json;
use std::path::{Path, PathBuf};
use types::Uuid;

/// Runs it.
///
/// # Errors
/// Wrong usage when no mapping fits or the one that was named is wrong; when a file cannot be
/// read, or the data cannot be reached.
pub async fn run(asked: cli::Import, settings: &Settings) -> Outcome {
    if !asked.source.exists() {
        let name = asked.source.display();
        return Err(Failure::Failed(format!("there is no file or folder {name}")));
    }
    let registry = wiring::registry();
    let Some(mapping) = find_mapping(&asked)? else {
        return propose(&asked, &registry);
    };
    let access = Access::open(settings).await?;
    let imported = import(&access, &asked, &mapping).await;
    access.close().await;
    let imported = imported?;
    imported.print(&asked);
    match (imported.stopped, imported.total.refused) {
        (Some(failure), _) => Err(failure),
        (None, 0) => Ok(Done::Well),
        (None, _) => Ok(Done::WithFindings),
    }
}

/// The mapping that was named, else the ready one that fits.
fn find_mapping(asked: &cli::Import) -> Result<Option<Mapping>, Failure> {
    let Some(named) = &asked.map else {
        let found = ready::find(&asked.source);
        return found.map_err(|error| Failure::Failed(error.to_string()));
    };
    let name = named.display();
    let mapping = match std::fs::read_to_string(named) {
        Ok(text) => Mapping::parse(&text),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => {
            ready::named(&named.to_string_lossy())
        }
        Err(why) => return Err(Failure::of("read", name, why)),
    };
    mapping.map(Some).map_err(|error| Failure::Usage(format!("--map {name}: {error}")))
}

/// Prints a mapping to begin with.
fn propose(asked: &cli::Import, registry: &Registry) -> Outcome {
    let proposed = propose::propose(&asked.source, &name_of(&asked.source), registry);
    print_line(&proposed.map_err(|error| Failure::Failed(error.to_string()))?);
    let name = asked.source.display();
    Err(Failure::Usage(format!(
        "no ready mapping fits {name}: nothing was imported. The mapping above is a proposal: \
         save it, mend it and name it with --map"
    )))
}

/// The name of a file or folder without its ending.
fn name_of(source: &Path) -> String {
    let full = std::fs::canonicalize(source).unwrap_or_else(|_| source.to_owned());
    full.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// What an import came to.
struct Imported {
    change_set: Option<Uuid>,
    total: pipeline::Counts,
    report: Report,
    refused: Vec<PathBuf>,
    stopped: Option<Failure>,
}

async fn import(
    access: &Access,
    asked: &cli::Import,
    mapping: &Mapping,
) -> Result<Imported, Failure> {
    let org = org(access, asked, mapping).await?;
    let base = Call { org: org.id, ..access.call("import on the command line") };
    let change_set = match asked.dry_run {
        true => None,
        false => Some(open(access, &base, asked, mapping).await?),
    };
    let zone = zone(access, &base).await?;
    let registry = wiring::registry();
    let asking = Asking {
        peers: access.peers.clone(),
        registry: registry.clone(),
        call: Call { change_set, ..base.clone() },
        system: Some(access.call("import on the command line")),
    };
    let import = pipeline::Import {
        mapping,
        source: &asked.source,
        registry: &registry,
        executor: &Carrying { asking },
        journal: &(),
        context: expr::Context::new(source::system().clock.now(), &zone, Vec::new()),
        dry_run: asked.dry_run,
    };
    let mut watching = Watching::new(refused_folder(asked));
    let ran = tokio::select! {
        ran = import.run(&mut watching) => ran.map_err(failure),
        _ = tokio::signal::ctrl_c() => {
            let text = "stopped: what was written until then stays; import again to go on";
            Err(Failure::Failed(text.to_owned()))
        }
    };
    let (total, refused) = watching.end();
    let (report, stopped) = match ran {
        Ok(report) => (report, None),
        Err(failure) => (Report { total, steps: Vec::new() }, Some(failure)),
    };
    let total = report.total;
    if let Some(change_set) = change_set {
        close(access, &base, change_set, total).await?;
    }
    Ok(Imported { change_set, total, report, refused, stopped })
}

fn failure(error: ImportError) -> Failure {
    match error {
        ImportError::Mapping { .. } => Failure::Usage(error.to_string()),
        _ => Failure::Failed(error.to_string()),
    }
}

/// The organisation; made if that was asked for and there is none.
async fn org(access: &Access, asked: &cli::Import, mapping: &Mapping) -> Result<OrgFacts, Failure> {
    let request = FindOrg { org: asked.org.clone() };
    let call = access.call("a command names an organisation");
    let found = contracts::call::<FindOrg>(&*access.peers, call, &request).await?;
    match found {
        Some(org) => Ok(org),
        None if asked.create_org && asked.dry_run => Err(Failure::Failed(format!(
            "there is no organisation {} yet, and a dry run makes none",
            asked.org
        ))),
        None if asked.create_org => {
            let own = &mapping.org;
            let request = CreateOrg {
                slug: asked.org.clone(),
                name: own.company.clone().unwrap_or_else(|| asked.org.clone()),
                country: asked.country.clone().or_else(|| own.country.clone()),
                currency: asked.currency.clone().or_else(|| own.currency.clone()),
                zone: own.time_zone.clone(),
                placement: None,
            };
            super::org::make(access, &request).await
        }
        None => Err(Failure::Failed(format!(
            "there is no organisation {}; --create-org makes it",
            asked.org
        ))),
    }
}

/// The zone in which the organisation's days begin.
async fn zone(access: &Access, base: &Call) -> Result<String, Failure> {
    let request = Companies { org: base.org };
    let companies = contracts::call::<Companies>(&*access.peers, base.clone(), &request).await?;
    Ok(companies.into_iter().next().map_or_else(|| "UTC".to_owned(), |company| company.zone))
}

async fn open(
    access: &Access,
    base: &Call,
    asked: &cli::Import,
    mapping: &Mapping,
) -> Result<Uuid, Failure> {
    let request = OpenChangeSet {
        org: base.org,
        title: format!("Import of {}", mapping.name).chars().take(200).collect(),
        kind: ChangeSetKind::Import,
        source: Some(name_of(&asked.source).chars().take(300).collect()),
    };
    Ok(contracts::call::<OpenChangeSet>(&*access.peers, base.clone(), &request).await?)
}

async fn close(
    access: &Access,
    base: &Call,
    change_set: Uuid,
    total: pipeline::Counts,
) -> Result<(), Failure> {
    let pipeline::Counts { read, created, updated, unchanged, refused, .. } = total;
    let counts = Counts { read, created, updated, unchanged, refused };
    let request = CloseChangeSet { org: base.org, change_set, counts };
    Ok(contracts::call::<CloseChangeSet>(&*access.peers, base.clone(), &request).await?)
}

/// Where refused rows are written: beside the source, those of a folder in one of their own.
fn refused_folder(asked: &cli::Import) -> PathBuf {
    let source = &asked.source;
    if let Some(named) = &asked.refused {
        return named.clone();
    }
    if !source.is_dir() {
        return source.parent().map_or_else(PathBuf::new, Path::to_owned);
    }
    let full = std::fs::canonicalize(source).unwrap_or_else(|_| source.clone());
    let name = full.file_name().unwrap_or_default().to_string_lossy();
    full.with_file_name(format!("{name}.refused"))
}

impl Imported {
    fn print(&self, asked: &cli::Import) {
        let pipeline::Counts { read, created, updated, unchanged, refused, .. } = self.total;
        let change_set = self.change_set.map(|id| types::format_id("cs", id));
        let files: Vec<String> = self.refused.iter().map(|p| p.display().to_string()).collect();
        if asked.output.json {
            print_json(&json!({
                "change_set": change_set,
                "read": read,
                "created": created,
                "updated": updated,
                "unchanged": unchanged,
                "refused": refused,
                "refused_files": files,
                "steps": self.report.steps,
            }));
            return;
        }
        for step in &self.report.steps {
            let counts = step.counts;
            let lines = match counts.lines {
                0 => String::new(),
                lines => format!(" with {lines} lines"),
            };
            print_line(&format!(
                "{:32} {} read{lines}: {} created, {} updated, {} unchanged, {} refused",
                step.entity,
                counts.read,
                counts.created,
                counts.updated,
                counts.unchanged,
                counts.refused
            ));
        }
        print_line(&format!(
            "{read} read: {created} created, {updated} updated, {unchanged} unchanged, \
             {refused} refused"
        ));
        files.iter().for_each(|file| print_line(&format!("refused rows: {file}")));
        match change_set {
            None => print_line("nothing was changed: this was a dry run"),
            Some(id) => {
                print_line(&format!("megalith undo --org {} {id} takes it back", asked.org));
            }
        }
    }
}
