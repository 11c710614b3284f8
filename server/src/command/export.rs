//! `megalith export`: records as a file on standard output.

use super::entity;
use crate::access::Access;
use crate::cli;
use crate::outcome::{Done, Failure, Outcome};
use crate::settings::Settings;
use crate::wiring;
use async_trait::async_trait;
use exchange::export::{Export, ExportError, Format, Sink, export};
use exchange::peers::Asking;
use kernel::Call;
use kernel::command::List;
use kernel::schema::Scope;
use std::io::{self, ErrorKind, Write};

/// Runs it.
///
/// # Errors
/// Wrong usage for an unknown entity or format; when the data cannot be reached or read, or
/// standard output cannot be written.
pub async fn run(asked: cli::Export, settings: &Settings) -> Outcome {
    let registry = wiring::registry();
    let entity = entity(&asked.entity, &registry)?;
    let format = Format::parse(&asked.format).ok_or_else(|| {
        Failure::Usage(format!("--format {}: there are csv, xlsx and jsonl", asked.format))
    })?;
    let access = Access::open(settings).await?;
    let what = Export {
        entity: entity.clone(),
        format,
        fields: asked.fields.clone(),
        lines: asked.lines.clone(),
    };
    let written = async {
        let org = access.org_id(&asked.org).await?;
        let system = access.call("export on the command line");
        let call = match entity.scope {
            Scope::Org => Call { org, ..system.clone() },
            Scope::System => system.clone(),
        };
        let asking = Asking {
            peers: access.peers.clone(),
            registry: registry.clone(),
            call,
            system: Some(system),
        };
        let lines = format == Format::JsonLines || asked.lines.is_some();
        let list = List {
            entity: entity.full_name(),
            filter: asked.filter.clone(),
            lines,
            ..List::default()
        };
        let mut pages = asking.pages(list);
        match export(&what, &registry, &mut pages, &asking, &mut Output).await {
            Ok(count) => Ok(count),
            Err(ExportError::Problem(problem)) => Err(problem.into()),
            // A reader that has gone away has read enough.
            Err(ExportError::Io(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(0),
            Err(ExportError::Io(error)) => Err(Failure::of("write", "the file", error)),
        }
    }
    .await;
    access.close().await;
    written.map(|_: u64| Done::Well)
}

/// Standard output.
struct Output;

#[async_trait]
impl Sink for Output {
    async fn take(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        let mut out = io::stdout();
        out.write_all(&bytes)?;
        out.flush()
    }
}
