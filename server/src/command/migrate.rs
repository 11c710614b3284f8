//! `megalith migrate`: brings the databases to the shape of this version, or says what differs.

use super::print_line;
use crate::access::Access;
use crate::cli::Migrate;
use crate::lock::{self, Access as Found, Lock};
use crate::outcome::{Done, Failure, Outcome};
use crate::placement::file_of;
use crate::settings::Settings;
use crate::wiring;
use contracts::SYSTEM_ORG;
use std::path::PathBuf;
use store::sqlite::offline::OfflineFile;

/// Runs it.
///
/// # Errors
/// When a server is at work, or a database cannot be read or changed.
pub async fn run(migrate: Migrate, settings: &Settings) -> Outcome {
    if settings.database.is_some() {
        return database(migrate.check, settings).await;
    }
    let lock = match Lock::take(&settings.data)? {
        Found::Free(lock) => lock,
        Found::Held => return Err(Failure::Failed(lock::held(&settings.data))),
        Found::Served(announced) => {
            let text = format!("a server is running at {}: stop it first", announced.listen);
            return Err(Failure::Failed(text));
        }
    };
    let pending = pending(settings)?;
    for (path, steps) in &pending {
        steps.iter().for_each(|step| print_line(&format!("{}: {step}", path.display())));
    }
    let count: usize = pending.iter().map(|(_, steps)| steps.len()).sum();
    drop(lock);
    if migrate.check {
        print_line(&format!("{count} steps to take"));
        return Ok(if count == 0 { Done::Well } else { Done::WithFindings });
    }
    // Opening a store brings its file to the shape of this version.
    let access = Access::open(settings).await?;
    let opened = open_all(&access).await;
    access.close().await;
    opened?;
    print_line(&format!("{count} steps taken"));
    Ok(Done::Well)
}

async fn open_all(access: &Access) -> Result<(), Failure> {
    for org in super::org::all(access).await? {
        access.logs.head(org.id, "platform").await?;
    }
    Ok(())
}

/// What each file lacks.
fn pending(settings: &Settings) -> Result<Vec<(PathBuf, Vec<String>)>, Failure> {
    let registry = wiring::registry();
    let mut pending = Vec::new();
    if !file_of(&settings.data, SYSTEM_ORG).exists() {
        return Ok(pending);
    }
    for path in super::verify::files(&settings.data)? {
        let failed = |why| Failure::of("read", path.display(), why);
        let file = OfflineFile::open(&path).map_err(failed)?;
        let steps = file.pending(registry.stored()).map_err(failed)?;
        pending.push((path.clone(), steps));
    }
    Ok(pending)
}

/// PostgreSQL: opening it with the migration role migrates; opening it without only checks.
async fn database(check: bool, settings: &Settings) -> Outcome {
    let url = settings.database.as_deref().unwrap_or_default();
    let admin = settings.database_admin.as_deref().filter(|_| !check);
    if admin.is_none() && !check {
        let text = "migrating PostgreSQL needs --database-admin, the address of the role that \
                    makes tables";
        return Err(Failure::Usage(text.to_owned()));
    }
    let registry = wiring::registry();
    let folder = crate::keyfolder::KeyFolder::open(&settings.keys)?;
    let opened =
        store::postgres::Cluster::open(url, admin, registry.stored(), folder.signer()?).await;
    match opened {
        Ok(_) => {
            print_line("the database has the shape of this version");
            Ok(Done::Well)
        }
        Err(kernel::ports::StoreError::Internal(why)) if check => {
            print_line(&why);
            Ok(Done::WithFindings)
        }
        Err(why) => Err(Failure::of("open", "the database", why)),
    }
}
