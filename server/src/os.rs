//! What differs between operating systems: private files and the signals that end a process.
//!
//! The only file with calls that exist on one system alone.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Result, Write};
use std::path::Path;

/// Makes a file that only its owner can read; it must not exist yet.
///
/// On Windows the folder's own rights hold.
///
/// # Errors
/// What the system answers, `AlreadyExists` among it.
pub fn create_private(path: &Path, text: &str) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    private(&mut options);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Opens a file for lines to be added at its end; a new one only its owner can read.
///
/// # Errors
/// What the system answers.
pub fn append_private(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    private(&mut options);
    options.open(path)
}

/// Makes a folder that only its owner can enter, with those above it; an existing one stays as it
/// is.
///
/// # Errors
/// What the system answers.
pub fn create_private_folder(path: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}

fn private(options: &mut OpenOptions) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = options;
}

/// Whether others than its owner can read a file; never known to be so where rights are not kept
/// in modes.
///
/// # Errors
/// What the system answers.
pub fn is_open_to_others(path: &Path) -> Result<bool> {
    let metadata = std::fs::metadata(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        Ok(metadata.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        Ok(false)
    }
}

/// Waits for Ctrl-C or, where it exists, SIGTERM; either is caught from this call on.
pub fn stop_signal() -> impl Future<Output = ()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{Signal, SignalKind, signal};
        let signals = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
        let wait = async |signal: std::io::Result<Signal>| match signal {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        };
        async move {
            let [interrupt, terminate] = signals;
            tokio::select! { () = wait(interrupt) => {}, () = wait(terminate) => {} }
        }
    }
    #[cfg(not(unix))]
    async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
