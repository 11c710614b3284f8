//! The lock of a data folder: one process at a time, and how others find it.
//!
//! `megalith.lock` is locked as long as the process lives, in whatever way it ends. The server
//! that holds it writes its loopback address and a key of this run into `megalith.server`, which
//! only the owner can read: whoever can read it owns the data anyway.

use crate::os;
use crate::outcome::Failure;
use crate::source;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

/// A held lock; dropping it lets others in.
pub struct Lock {
    /// A server that held the lock before was killed: events may wait for their listeners.
    pub was_killed: bool,
    announcement: PathBuf,
    _file: File,
}

/// Where a running server answers the commands of its owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// The loopback address for commands.
    pub control: String,
    /// The key of this run, in hex.
    pub key: String,
    /// The address for people and programs.
    pub listen: String,
}

/// What stands at a data folder.
pub enum Access {
    /// Nobody else is at work: the folder is ours.
    Free(Lock),
    /// A server is at work and can be asked.
    Served(Announcement),
    /// Another process is at work that cannot be asked.
    Held,
}

impl Lock {
    /// Takes the lock of a folder, or says who has it.
    ///
    /// # Errors
    /// When the folder or the lock file cannot be made.
    pub fn take(data: &Path) -> Result<Access, Failure> {
        let (path, announcement) = (data.join("megalith.lock"), data.join("megalith.server"));
        os::create_private_folder(data)
            .map_err(|why| Failure::of("make the folder", data.display(), why))?;
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(|why| Failure::of("open", path.display(), why))?;
        match file.try_lock() {
            Ok(()) => {
                let was_killed = std::fs::remove_file(&announcement).is_ok();
                Ok(Access::Free(Lock { was_killed, announcement, _file: file }))
            }
            Err(TryLockError::WouldBlock) => Ok(match read(&announcement) {
                Some(announced) => Access::Served(announced),
                None => Access::Held,
            }),
            Err(TryLockError::Error(why)) => Err(Failure::of("lock", path.display(), why)),
        }
    }

    /// Takes the lock for a server.
    ///
    /// # Errors
    /// When another process has it; the text names that server's address.
    pub fn take_for_server(data: &Path) -> Result<Lock, Failure> {
        let folder = data.display();
        match Lock::take(data)? {
            Access::Free(lock) => Ok(lock),
            Access::Served(announced) => Err(Failure::Failed(format!(
                "{folder} is in use: a server is running at {}; stop it, or choose another --data",
                announced.listen
            ))),
            Access::Held => Err(Failure::Failed(held(data))),
        }
    }

    /// Lets commands find this server; gives what was written.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn announce(&self, control: &str, listen: &str) -> Result<Announcement, Failure> {
        let announced = Announcement {
            control: control.to_owned(),
            key: kernel::log::hex(&source::random()),
            listen: listen.to_owned(),
        };
        let text = serde_json::to_string(&announced).unwrap_or_default();
        // Written aside first, so that nobody reads half of it.
        let aside = self.announcement.with_extension("server-new");
        let _ = std::fs::remove_file(&aside);
        os::create_private(&aside, &text)
            .and_then(|()| std::fs::rename(&aside, &self.announcement))
            .map_err(|why| Failure::of("write", self.announcement.display(), why))?;
        Ok(announced)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.announcement);
    }
}

/// What to tell who finds a folder locked by a command or a server that is starting.
pub fn held(data: &Path) -> String {
    format!("{} is in use by another megalith command; wait until it ends", data.display())
}

fn read(path: &Path) -> Option<Announcement> {
    serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_process_is_told_where_the_first_one_answers() {
        let name = format!("megalith-lock-{}", kernel::log::hex(&source::random()[..8]));
        let data = std::env::temp_dir().join(name);
        let first = Lock::take_for_server(&data).unwrap();
        assert!(matches!(Lock::take(&data).unwrap(), Access::Held));

        let announced = first.announce("127.0.0.1:1234", "http://127.0.0.1:8080").unwrap();
        assert!(!os::is_open_to_others(&data.join("megalith.server")).unwrap());
        let Access::Served(found) = Lock::take(&data).unwrap() else { panic!("not served") };
        assert_eq!(found, announced);
        let refused = Lock::take_for_server(&data).err().unwrap().to_string();
        assert!(refused.contains("http://127.0.0.1:8080"), "{refused}");

        drop(first);
        assert!(!data.join("megalith.server").exists());
        assert!(matches!(Lock::take(&data).unwrap(), Access::Free(_)));
        std::fs::remove_dir_all(&data).unwrap();
    }
}
