//! Temporary files, gone when they are dropped.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

static COUNT: AtomicU64 = AtomicU64::new(0);

/// A file that is removed when it is dropped.
pub(crate) struct File {
    path: PathBuf,
    file: std::fs::File,
}

impl File {
    /// A new, empty file that only this process knows.
    pub(crate) fn new() -> io::Result<File> {
        loop {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let name = format!("megalith-exchange-{}-{count}", std::process::id());
            let path = std::env::temp_dir().join(name);
            let mut options = std::fs::File::options();
            match options.create_new(true).read(true).write(true).open(&path) {
                Ok(file) => return Ok(File { path, file }),
                // Left behind by a process of the same number that was killed.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The open file.
    pub(crate) fn get(&mut self) -> &mut std::fs::File {
        &mut self.file
    }
}

impl io::Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl io::Read for File {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.file.read(bytes)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // What cannot be removed here, the system removes with its temporary files.
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_file_is_gone_when_it_is_dropped() {
        let file = File::new().unwrap();
        let path = file.path.clone();
        assert!(path.exists());
        drop(file);
        assert!(!path.exists());
    }
}
