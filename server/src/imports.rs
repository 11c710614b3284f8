//! What an import that may be cut off needs: how far it came is kept by `platform`, and a print of
//! the files tells whether they are the same as before.

mod job;

pub use job::ImportJob;

use aws_lc_rs::digest::{Context, SHA256};
use contracts::platform::{BeginImport, BegunImport, Counts, EndImport, HeldImport, ReportImport};
use exchange::pipeline::{self, Journal, Progress};
use kernel::service::Peers;
use kernel::{Call, Problem};
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Mutex;
use types::Uuid;

/// Bytes of a file that are read together.
const PART: usize = 1 << 16;

/// What files hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// A print of names and bytes, in hex.
    pub print: String,
    /// Lines of the files that are text.
    pub lines: u64,
}

impl Content {
    /// Reads the files once.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn of(files: &[PathBuf]) -> io::Result<Content> {
        let (mut print, mut lines) = (Context::new(&SHA256), 0);
        let mut part = vec![0; PART];
        for path in files {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            print.update(&(name.len() as u64).to_be_bytes());
            print.update(name.as_bytes());
            let is_text = !name.to_ascii_lowercase().contains(".xls");
            let mut file = File::open(path)?;
            print.update(&file.metadata()?.len().to_be_bytes());
            loop {
                let length = file.read(&mut part)?;
                if length == 0 {
                    break;
                }
                print.update(&part[..length]);
                if is_text {
                    lines += part[..length].iter().filter(|byte| **byte == b'\n').count() as u64;
                }
            }
        }
        Ok(Content { print: kernel::log::hex(print.finish().as_ref()), lines })
    }
}

/// Keeps how far an import came in its record at `platform`.
pub struct Kept {
    peers: Arc<dyn Peers>,
    call: Call,
    import: Uuid,
    /// A dry run says what it came to so far, and begins anew after a break.
    is_dry: bool,
    state: Mutex<State>,
}

struct State {
    version: u64,
    progress: Option<String>,
}

impl Kept {
    /// Begins an import, or goes on with one that was cut off.
    ///
    /// # Errors
    /// A [`Problem`] when platform cannot answer.
    pub async fn begin(
        peers: Arc<dyn Peers>,
        call: Call,
        request: &BeginImport,
    ) -> Result<(Kept, BegunImport), Problem> {
        let call = Call { change_set: None, idempotency: None, ..call };
        let begun = contracts::call::<BeginImport>(&*peers, call.clone(), request).await?;
        let (version, progress) = (begun.version, begun.progress.clone());
        let state = Mutex::new(State { version, progress });
        Ok((Kept { peers, call, import: begun.import, is_dry: false, state }, begun))
    }

    /// An import that a job does, as it stands.
    pub fn held(
        peers: Arc<dyn Peers>,
        call: Call,
        import: Uuid,
        held: HeldImport,
        is_dry: bool,
    ) -> Kept {
        let call = Call { change_set: None, idempotency: None, ..call };
        let progress = held.progress.filter(|_| !is_dry);
        let state = Mutex::new(State { version: held.version, progress });
        Kept { peers, call, import, is_dry, state }
    }

    /// Ends the import because it was asked to.
    ///
    /// # Errors
    /// A [`Problem`] when platform cannot answer.
    pub async fn stop(&self, total: pipeline::Counts) -> Result<(), Problem> {
        self.end_as(total, None, true).await
    }

    /// Ends the import.
    ///
    /// # Errors
    /// A [`Problem`] when platform cannot answer.
    pub async fn end(&self, total: pipeline::Counts, error: Option<String>) -> Result<(), Problem> {
        self.end_as(total, error, false).await
    }

    async fn end_as(
        &self,
        total: pipeline::Counts,
        error: Option<String>,
        cancelled: bool,
    ) -> Result<(), Problem> {
        let (org, import, counts) = (self.call.org, self.import, counts(total));
        let request = EndImport { org, import, counts, error, cancelled };
        contracts::call::<EndImport>(&*self.peers, self.call.clone(), &request).await
    }
}

#[async_trait::async_trait]
impl Journal for Kept {
    async fn load(&self) -> Result<Option<Progress>, Problem> {
        let state = self.state.lock().await;
        let read = |text: &String| serde_json::from_str(text);
        state.progress.as_ref().map(read).transpose().map_err(|error| {
            let text = format!(
                "How far this import came cannot be read ({error}): it was begun by another \
                 version. Undo its change set and import again."
            );
            Problem::conflict("unreadable_progress", text)
        })
    }

    async fn save(&self, progress: &Progress) -> Result<(), Problem> {
        let mut state = self.state.lock().await;
        let progress_kept = Some(progress).filter(|_| !self.is_dry);
        let text = serde_json::to_string(&progress_kept);
        let text = text.map_err(|error| Problem::internal(error.to_string()))?;
        let request = ReportImport {
            org: self.call.org,
            import: self.import,
            version: state.version,
            progress: text,
            counts: counts(progress.total()),
        };
        state.version =
            contracts::call::<ReportImport>(&*self.peers, self.call.clone(), &request).await?;
        Ok(())
    }
}

fn counts(total: pipeline::Counts) -> Counts {
    let pipeline::Counts { read, created, updated, unchanged, refused, .. } = total;
    Counts { read, created, updated, unchanged, refused }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_name_or_another_byte_is_another_content() {
        let name = format!("megalith-content-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let of = |name: &str, text: &str| {
            let path = folder.join(name);
            std::fs::write(&path, text).unwrap();
            Content::of(&[path]).unwrap()
        };
        let first = of("a.csv", "no\n1\n2\n");
        assert_eq!((first.lines, first.print.len()), (3, 64));
        assert_eq!(of("a.csv", "no\n1\n2\n"), first);
        assert_ne!(of("a.csv", "no\n1\n3\n").print, first.print);
        assert_ne!(of("b.csv", "no\n1\n2\n").print, first.print);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
