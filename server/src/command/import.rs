//! `megalith import`: records from files, as one change set.

pub(crate) mod progress;

use super::{print_json, print_line};
use crate::access::Access;
use crate::cli;
use crate::imports::{Content, Kept};
use crate::outcome::{Done, Failure, Outcome};
use crate::settings::Settings;
use crate::{source, wiring};
use contracts::platform::{BeginImport, BegunImport, Companies, CreateOrg, FindOrg, OrgFacts};
use exchange::carrying::Carrying;
use exchange::mapping::Mapping;
use exchange::peers::Asking;
use exchange::pipeline::{self, ImportError, Journal, Report};
use exchange::{propose, ready};
use kernel::Call;
use kernel::service::Registry;
use progress::Watching;
use serde_json::json;
use std::path::{Path, PathBuf};
use types::Uuid;

/// What is told when someone stops an import.
pub(crate) const STOPPED: &str =
    "stopped: what was written until then stays; import again to go on";

/// Runs it.
///
/// # Errors
/// Wrong usage when no mapping fits or the one that was named is wrong; when a file cannot be
/// read, or the data cannot be reached.
pub async fn run(asked: cli::Import, settings: &Settings) -> Outcome {
    must_exist(&asked)?;
    let registry = wiring::registry();
    let Some(mapping) = find_mapping(&asked)? else {
        return propose(&asked, &registry);
    };
    let access = Access::open(settings).await?;
    let imported = import(&access, &asked, &mapping).await;
    access.close().await;
    imported?.told(&asked)
}

/// Refuses a source that is not there.
///
/// # Errors
/// As said.
pub(crate) fn must_exist(asked: &cli::Import) -> Result<(), Failure> {
    let name = asked.source.display();
    match asked.source.exists() {
        true => Ok(()),
        false => Err(Failure::Failed(format!("there is no file or folder {name}"))),
    }
}

/// The mapping that was named, else the ready one that fits.
fn find_mapping(asked: &cli::Import) -> Result<Option<Mapping>, Failure> {
    let Some(named) = &asked.map else {
        let found = ready::find(&asked.source);
        return found.map_err(|error| Failure::Failed(error.to_string()));
    };
    named_mapping(named).map(|(_, mapping)| Some(mapping))
}

/// A mapping file, or the ready mapping of a name: its text, and what that says.
///
/// # Errors
/// Wrong usage when it is no mapping; when it cannot be read.
pub(crate) fn named_mapping(named: &Path) -> Result<(String, Mapping), Failure> {
    let name = named.display();
    let wrong = |error| Failure::Usage(format!("--map {name}: {error}"));
    let text = match std::fs::read_to_string(named) {
        Ok(text) => text,
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => {
            ready::text(&named.to_string_lossy()).map_err(wrong)?.to_owned()
        }
        Err(why) => return Err(Failure::of("read", name, why)),
    };
    let mapping = Mapping::parse(&text).map_err(wrong)?;
    Ok((text, mapping))
}

/// Prints a mapping to begin with.
///
/// # Errors
/// Always: nothing is imported by a mapping that nobody read.
pub(crate) fn propose(asked: &cli::Import, registry: &Registry) -> Outcome {
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
pub(crate) struct Imported {
    /// The change set that took what it wrote; none for a dry run.
    pub change_set: Option<Uuid>,
    /// What all rows came to.
    pub total: pipeline::Counts,
    /// What the rows of each table came to, as far as that is known.
    pub report: Report,
    /// The files of refused rows.
    pub refused: Vec<PathBuf>,
    /// Why it did not end well.
    pub stopped: Option<Failure>,
}

async fn import(
    access: &Access,
    asked: &cli::Import,
    mapping: &Mapping,
) -> Result<Imported, Failure> {
    let org = org(access, asked, mapping).await?;
    let base = Call { org: org.id, ..access.call("import on the command line") };
    let content = content(asked, mapping)?;
    let kept = match asked.dry_run {
        true => None,
        false => Some(begin(access, &base, asked, mapping, &content).await?),
    };
    let change_set = kept.as_ref().map(|(_, begun)| begun.change_set);
    let nothing: &dyn Journal = &();
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
        journal: kept.as_ref().map_or(nothing, |(kept, _)| kept),
        context: expr::Context::new(source::system().clock.now(), &zone, Vec::new()),
        dry_run: asked.dry_run,
        rows: None,
    };
    let mut watching = Watching::new(&refused_folder(asked), content.lines);
    let ran = tokio::select! {
        ran = import.run(&mut watching) => ran,
        _ = tokio::signal::ctrl_c() => {
            let (total, refused) = watching.end();
            let (report, stopped) = (Report::default(), Some(Failure::Failed(STOPPED.to_owned())));
            return Ok(Imported { change_set, total, report, refused, stopped });
        }
    };
    let (seen, refused) = watching.end();
    let (total, report, stopped) = match ran {
        Ok(report) => (report.total, report, None),
        Err(error) => (seen, Report::default(), Some(error)),
    };
    // An import that broke off stays open and goes on when it is asked for again, unless it could
    // not go on as it is.
    let is_over = stopped.as_ref().is_none_or(|e| matches!(e, ImportError::Mapping { .. }));
    if let Some((kept, _)) = kept.as_ref().filter(|_| is_over) {
        kept.end(total, stopped.as_ref().map(ToString::to_string)).await?;
    }
    Ok(Imported { change_set, total, report, refused, stopped: stopped.map(failure) })
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

/// What the files hold that the mapping reads.
fn content(asked: &cli::Import, mapping: &Mapping) -> Result<Content, Failure> {
    let files = pipeline::files_of(&asked.source, mapping);
    let files = files.map_err(|error| Failure::Failed(error.to_string()))?;
    let name = asked.source.display();
    Content::of(&files).map_err(|why| Failure::of("read", name, why))
}

/// Begins the import, or goes on with the one of the same arguments that was cut off.
async fn begin(
    access: &Access,
    base: &Call,
    asked: &cli::Import,
    mapping: &Mapping,
    content: &Content,
) -> Result<(Kept, BegunImport), Failure> {
    let source = std::fs::canonicalize(&asked.source).unwrap_or_else(|_| asked.source.clone());
    let folder = refused_folder(asked);
    let parts = [source.to_string_lossy(), format!("{mapping:?}").into(), folder.to_string_lossy()];
    let parts = parts.each_ref().map(|part| part.as_bytes());
    let request = BeginImport {
        org: base.org,
        title: format!("Import of {}", mapping.name).chars().take(200).collect(),
        source: Some(name_of(&asked.source).chars().take(300).collect()),
        key: kernel::log::hex(&kernel::log::merkle::sha256(&parts)),
        content: content.print.clone(),
        rows: Some(content.lines),
    };
    let (kept, begun) = Kept::begin(access.peers.clone(), base.clone(), &request).await?;
    if let Some(changed) = begun.changed {
        let changed = types::format_id("cs", changed);
        eprintln!(
            "{} was changed since its import was cut off: it is imported anew, as a change set of \
             its own; what was written before is {changed}",
            asked.source.display()
        );
    } else if begun.goes_on && begun.progress.is_some() {
        eprintln!("an import of {} was cut off: it goes on", asked.source.display());
    }
    Ok((kept, begun))
}

/// Where refused rows are written: beside the source, those of a folder in one of their own.
pub(crate) fn refused_folder(asked: &cli::Import) -> PathBuf {
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
    /// Prints it, and how the command ends with it.
    ///
    /// # Errors
    /// Why it did not end well.
    pub(crate) fn told(self, asked: &cli::Import) -> Outcome {
        self.print(asked);
        match (self.stopped, self.total.refused) {
            (Some(failure), _) => Err(failure),
            (None, 0) => Ok(Done::Well),
            (None, _) => Ok(Done::WithFindings),
        }
    }

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
