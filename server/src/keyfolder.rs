//! The key folder: what an installation must never lose, and no database holds.
//!
//! `master.key` opens the data keys, `signing.key` signs the heads of logs, `heads.log` holds
//! every head that was signed. The processes of one installation share the folder.

use crate::os;
use crate::outcome::Failure;
use crate::source;
use kernel::Problem;
use kernel::keys::{HeadSigner, Keys};
use kernel::log::{Head, SignedHead, hex, unhex};
use platform::log::PublishedHeads;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use types::{Instant, Uuid};
use zeroize::Zeroizing;

/// How the name of the service begins in the mark of a restore; no service is called so.
const RESTORED: &str = "megalith/restored/";

/// An opened key folder.
pub struct KeyFolder {
    /// Where it is.
    pub path: PathBuf,
    /// The keys in it.
    pub keys: Arc<Keys>,
    /// Whether they were made just now.
    pub is_new: bool,
}

impl KeyFolder {
    /// Opens a folder; a new one, or one without any key, gets keys.
    ///
    /// # Errors
    /// When a key cannot be read or written, or only one of the two is there.
    pub fn open(path: &Path) -> Result<KeyFolder, Failure> {
        let (master, signing) = (path.join("master.key"), path.join("signing.key"));
        let is_new = match (master.exists(), signing.exists()) {
            (true, true) => false,
            (false, false) => {
                os::create_private_folder(path)
                    .map_err(|why| Failure::of("make the folder", path.display(), why))?;
                for file in [&master, &signing] {
                    let text =
                        Zeroizing::new(hex(Zeroizing::new(source::random()).as_ref()) + "\n");
                    os::create_private(file, &text)
                        .map_err(|why| Failure::of("write", file.display(), why))?;
                }
                true
            }
            (has_master, _) => {
                let absent = if has_master { "signing.key" } else { "master.key" };
                let text = format!(
                    "{} has no {absent}, and without it the data cannot be read or proven: \
                     restore the key folder from its backup",
                    path.display()
                );
                return Err(Failure::Failed(text));
            }
        };
        KeyFolder::read(path, is_new)
    }

    /// Opens a folder that has keys, and changes nothing.
    ///
    /// # Errors
    /// When a key is absent or cannot be read.
    pub fn read(path: &Path, is_new: bool) -> Result<KeyFolder, Failure> {
        let master = read_key(&path.join("master.key"))?;
        let seed = read_key(&path.join("signing.key"))?;
        let keys = Keys::new(&master, &seed)
            .ok_or_else(|| Failure::of("use", path.join("signing.key").display(), "not a key"))?;
        Ok(KeyFolder { path: path.to_owned(), keys: Arc::new(keys), is_new })
    }

    /// Where the published heads are.
    pub fn heads_file(&self) -> PathBuf {
        self.path.join("heads.log")
    }

    /// What signs heads with this folder's key and publishes them in it.
    ///
    /// # Errors
    /// When `heads.log` cannot be written.
    pub fn signer(&self) -> Result<Arc<Signer>, Failure> {
        let path = self.heads_file();
        let file =
            os::append_private(&path).map_err(|why| Failure::of("open", path.display(), why))?;
        Ok(Arc::new(Signer { keys: self.keys.clone(), heads: Mutex::new(file) }))
    }

    /// The heads that were published, in the order of their publication. A last line that was cut
    /// off by a crash is left out, and so are heads that a restore went back behind: it says so by a
    /// mark with the installation's signature.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn published(&self) -> Result<Vec<SignedHead>, Failure> {
        let heads = self.heads();
        heads.of(None).map_err(|why| Failure::of("read", heads.path.display(), why))
    }

    /// The file of the published heads, to be read again and again.
    pub fn heads(&self) -> HeadsFile {
        HeadsFile { path: self.heads_file(), keys: self.keys.clone() }
    }
}

impl KeyFolder {
    /// Notes that the logs with these heads were restored: later heads of before do not count any
    /// more.
    ///
    /// # Errors
    /// When `heads.log` cannot be written.
    pub fn mark_restored(&self, heads: &[SignedHead], at: Instant) -> Result<(), Failure> {
        let path = self.heads_file();
        let failed = |why| Failure::of("write", path.display(), why);
        let mut file = os::append_private(&path).map_err(failed)?;
        let mut lines = String::new();
        for head in heads.iter().map(|signed| &signed.head) {
            let service = format!("{RESTORED}{}", head.service);
            lines += &(self.keys.sign(Head { service, at, ..head.clone() }).line() + "\n");
        }
        file.write_all(lines.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
    }
}

/// `heads.log`, as it is read.
pub struct HeadsFile {
    path: PathBuf,
    keys: Arc<Keys>,
}

impl HeadsFile {
    /// The heads of an organisation, or all; the file may be much larger than they are.
    fn of(&self, org: Option<Uuid>) -> std::io::Result<Vec<SignedHead>> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(why) if why.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(why) => return Err(why),
        };
        let mut heads = Vec::new();
        for line in BufReader::new(file).lines() {
            let head = SignedHead::parse_line(&line?);
            heads.extend(head.filter(|known| org.is_none_or(|org| org == known.head.org)));
        }
        Ok(self.valid(heads))
    }

    fn valid(&self, lines: Vec<SignedHead>) -> Vec<SignedHead> {
        let mut heads: Vec<SignedHead> = Vec::new();
        for line in lines {
            let Some(service) = line.head.service.strip_prefix(RESTORED) else {
                heads.push(line);
                continue;
            };
            if line.key != self.keys.public_key() || !line.is_genuine() {
                continue;
            }
            let (org, size) = (line.head.org, line.head.size);
            heads.retain(|known| {
                let Head { org: of, service: name, size: at, .. } = &known.head;
                *of != org || name != service || *at <= size
            });
        }
        heads
    }
}

impl PublishedHeads for HeadsFile {
    fn of(&self, org: Uuid) -> Result<Vec<SignedHead>, Problem> {
        HeadsFile::of(self, Some(org)).map_err(|why| {
            tracing::error!(path = %self.path.display(), %why, "published heads cannot be read");
            let text = "The published heads beside the keys cannot be read. Ask who operates this \
                        installation to look at heads.log, and retry.";
            Problem::unavailable("heads_unreadable", text, 60)
        })
    }
}

fn read_key(path: &Path) -> Result<Zeroizing<[u8; 32]>, Failure> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new);
    let text = text.map_err(|why| Failure::of("read", path.display(), why))?;
    let key = unhex(text.trim()).map(Zeroizing::new);
    key.ok_or_else(|| Failure::of("use", path.display(), "it must hold 64 hexadecimal digits"))
}

/// Signs heads and appends them to `heads.log`.
pub struct Signer {
    keys: Arc<Keys>,
    heads: Mutex<File>,
}

impl HeadSigner for Signer {
    fn sign(&self, head: Head) -> SignedHead {
        self.keys.sign(head)
    }

    fn publish(&self, head: &SignedHead) {
        let line = head.line() + "\n";
        let mut file = self.heads.lock().unwrap_or_else(PoisonError::into_inner);
        // One write for one line, so that lines of several processes do not mix. The commit has
        // happened: a failure here must be seen, and cannot undo it.
        if let Err(error) = file.write_all(line.as_bytes()) {
            tracing::error!(%error, service = head.head.service, "a head could not be published");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let name = format!("megalith-keys-{name}-{}", hex(&source::random()[..8]));
        std::env::temp_dir().join(name)
    }

    #[test]
    fn keys_are_made_once_for_their_owner_alone() {
        let path = folder("once");
        let first = KeyFolder::open(&path).unwrap();
        let second = KeyFolder::open(&path).unwrap();
        assert!(first.is_new && !second.is_new);
        assert_eq!(first.keys.public_key(), second.keys.public_key());
        for file in ["master.key", "signing.key"] {
            assert!(!os::is_open_to_others(&path.join(file)).unwrap(), "{file}");
        }
        std::fs::remove_file(path.join("master.key")).unwrap();
        let refused = KeyFolder::open(&path).err().unwrap().to_string();
        assert!(refused.contains("master.key"), "{refused}");
        std::fs::remove_dir_all(&path).unwrap();
    }

    #[test]
    fn a_restore_takes_back_later_heads_of_its_log_and_only_with_its_own_signature() {
        let (path, other) = (folder("restored"), folder("restored-other"));
        let folder = KeyFolder::open(&path).unwrap();
        let signer = folder.signer().unwrap();
        let head = |service: &str, size| {
            let (org, service) = (Uuid::from_u128(1), service.to_owned());
            signer.sign(Head { org, service, size, root: [1; 32], at: Instant(5) })
        };
        let sizes = || -> Vec<(String, u64)> {
            let heads = folder.published().unwrap().into_iter().map(|signed| signed.head);
            heads.map(|head| (head.service, head.size)).collect()
        };
        for (service, size) in [("users", 1), ("auth", 9), ("users", 2), ("users", 3)] {
            signer.publish(&head(service, size));
        }
        let foreign = KeyFolder::open(&other).unwrap();
        let mark = Head { service: format!("{RESTORED}users"), ..head("users", 1).head };
        signer.publish(&foreign.keys.sign(mark));
        assert_eq!(sizes().len(), 4, "a mark of someone else says nothing");

        folder.mark_restored(&[head("users", 2)], Instant(6)).unwrap();
        let users = |size| ("users".to_owned(), size);
        assert_eq!(sizes(), [users(1), ("auth".to_owned(), 9), users(2)]);
        signer.publish(&head("users", 3));
        assert_eq!(sizes().last(), Some(&users(3)), "what comes after counts");
        std::fs::remove_dir_all(&path).unwrap();
        std::fs::remove_dir_all(&other).unwrap();
    }

    #[test]
    fn published_heads_are_read_back_but_for_a_cut_off_line() {
        let path = folder("heads");
        let folder = KeyFolder::open(&path).unwrap();
        let signer = folder.signer().unwrap();
        let heads: Vec<SignedHead> = (1..=3)
            .map(|size| {
                let (org, service) = (Uuid::from_u128(1), "users".to_owned());
                signer.sign(Head { org, service, size, root: [1; 32], at: Instant(5) })
            })
            .collect();
        heads.iter().for_each(|head| signer.publish(head));
        assert_eq!(folder.published().unwrap(), heads);
        let text = std::fs::read_to_string(folder.heads_file()).unwrap();
        std::fs::write(folder.heads_file(), &text[..text.len() - 20]).unwrap();
        assert_eq!(folder.published().unwrap(), heads[..2]);
        std::fs::remove_dir_all(&path).unwrap();
    }
}
