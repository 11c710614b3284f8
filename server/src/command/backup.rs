//! `megalith backup` and `megalith restore`: the data folder as an archive, and back.

use super::{print_json, print_line};
use crate::archive::{self, ArchiveKey, FileEntry, Manifest};
use crate::cli::{Backup, Restore};
use crate::keyfolder::KeyFolder;
use crate::lock::{Access, Lock};
use crate::os;
use crate::outcome::{Done, Failure, Outcome};
use crate::settings::Settings;
use crate::source;
use kernel::log::{SignedHead, unhex};
use serde_json::json;
use std::fs::File;
use std::io::{BufReader, BufWriter, Error, Write};
use std::path::{Component, Path, PathBuf};
use store::sqlite::offline::OfflineFile;
use zeroize::Zeroizing;

/// A folder that goes with its value, unless what is in it was moved away.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // What cannot be removed stays behind under a name that says what it is.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Writes an archive of the data folder.
///
/// # Errors
/// When records are in PostgreSQL, the archive exists, or something cannot be read or written; no
/// half archive stays behind.
pub fn backup(asked: Backup, settings: &Settings) -> Outcome {
    in_files(settings)?;
    let folder = KeyFolder::read(&settings.keys, false)?;
    let key = asked.archive_key.as_deref().map(read_key).transpose()?;
    let (target, at) = (&asked.archive, source::system().clock.now());
    if target.exists() {
        let text = format!("{} exists already; choose another name", target.display());
        return Err(Failure::Failed(text));
    }
    // Beside the data, since the copies take as much room, and readable by the owner only.
    let copies = Temporary(settings.data.join(format!("backup-{}", std::process::id())));
    os::create_private_folder(&copies.0)
        .map_err(|why| Failure::of("make the folder", copies.0.display(), why))?;
    let half = Half(target.with_extension("half"));
    let failed = |why: Error| Failure::of("write", target.display(), why);
    let out =
        os::create_private(&half.0, "").and_then(|()| File::options().write(true).open(&half.0));
    let out = BufWriter::new(out.map_err(failed)?);
    let mut writer = archive::Writer::new(out, key.as_ref(), source::random()).map_err(failed)?;
    let mut heads = Vec::new();
    // The catalog first: an organisation that it names has a file, whatever is made meanwhile.
    let mut files = super::verify::files(&settings.data)?;
    files.sort_by_key(|path| path.parent() != Some(&settings.data));
    for file in files {
        let name = file.strip_prefix(&settings.data).unwrap_or(&file);
        let name = name.to_string_lossy().replace('\\', "/");
        let copy = copies.0.join("copy.db");
        OfflineFile::copy(&file, &copy).map_err(|why| Failure::of("copy", file.display(), why))?;
        heads.extend(heads_of(&copy)?.iter().map(SignedHead::line));
        let opened = File::open(&copy).map_err(|why| Failure::of("read", copy.display(), why))?;
        writer.file(&name, BufReader::new(opened)).map_err(failed)?;
        std::fs::remove_file(&copy).map_err(|why| Failure::of("remove", copy.display(), why))?;
    }
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let manifest = Manifest { version, made_at: at.to_string(), heads, files: Vec::new() };
    let (out, manifest) = writer.finish(&folder.keys, manifest, at).map_err(failed)?;
    let out = out.into_inner().map_err(|why| failed(why.into_error()))?;
    out.sync_all().map_err(failed)?;
    std::fs::rename(&half.0, target).map_err(failed)?;
    tell("backed up", &manifest, asked.output.json, key.is_some());
    Ok(Done::Well)
}

/// The archive while it is written.
struct Half(PathBuf);

impl Drop for Half {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Makes a data folder from an archive.
///
/// # Errors
/// When records are in PostgreSQL, the folder holds a database already or is in use, or the archive
/// is damaged, of another installation or under another key: nothing is changed then.
pub fn restore(asked: Restore, settings: &Settings) -> Outcome {
    in_files(settings)?;
    let folder = KeyFolder::read(&settings.keys, false)?;
    let key = asked.archive_key.as_deref().map(read_key).transpose()?;
    let name = asked.archive.display();
    let opened = File::open(&asked.archive).map_err(|why| Failure::of("read", &name, why))?;
    let data = &settings.data;
    let Access::Free(_lock) = Lock::take(data)? else {
        return Err(Failure::Failed(format!(
            "{} is in use: stop the server first",
            data.display()
        )));
    };
    if data.join("system.db").exists() || data.join("orgs").exists() {
        let text = format!("{} holds databases already; name another folder", data.display());
        return Err(Failure::Failed(text));
    }
    let half = Temporary(data.join("restore.half"));
    let _ = std::fs::remove_dir_all(&half.0);
    let make = |path: &str| -> std::io::Result<Synced> {
        let target = half.0.join(plain(path)?);
        os::create_private_folder(target.parent().unwrap_or(&half.0))?;
        Ok(Synced(BufWriter::new(File::create_new(target)?)))
    };
    let read = archive::read(BufReader::new(opened), key.as_ref(), &folder.keys, make);
    let manifest = read.map_err(|why| Failure::of("restore", &name, why))?;
    // The heads are read from the files themselves: what is marked is what is there.
    let mut heads = Vec::new();
    for file in &manifest.files {
        heads.extend(heads_of(&half.0.join(&file.path))?);
    }
    let told: Vec<String> = heads.iter().map(SignedHead::line).collect();
    if told != manifest.heads {
        return Err(Failure::of("restore", &name, "its logs are not those that were signed"));
    }
    folder.mark_restored(&heads, source::system().clock.now())?;
    // The catalog last: until it is there, the folder holds no installation.
    for top in ["orgs", "system.db"] {
        let from = half.0.join(top);
        if from.exists() {
            let to = data.join(top);
            std::fs::rename(&from, &to).map_err(|why| Failure::of("write", to.display(), why))?;
        }
    }
    tell("restored", &manifest, asked.output.json, key.is_some());
    Ok(Done::Well)
}

/// A file that is on the disk when it was flushed.
struct Synced(BufWriter<File>);

impl Write for Synced {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()?;
        self.0.get_ref().sync_all()
    }
}

/// A path of an archive, if it stays inside the folder and is one that backups write.
fn plain(path: &str) -> std::io::Result<PathBuf> {
    let parts: Vec<Component<'_>> = Path::new(path).components().collect();
    let is_plain = parts.iter().all(|part| matches!(part, Component::Normal(_)));
    let is_ours = path == "system.db"
        || (parts.len() == 2 && path.starts_with("orgs/") && path.ends_with(".db"));
    if is_plain && is_ours {
        return Ok(PathBuf::from(path));
    }
    Err(archive::broken(format!("the archive names a file that no backup has: {path:?}")))
}

fn in_files(settings: &Settings) -> Result<(), Failure> {
    match settings.database {
        None => Ok(()),
        Some(_) => Err(Failure::Usage(
            "records in PostgreSQL are backed up with its own tools (pg_dump, pg_basebackup); \
             back up the key folder apart from them"
                .to_owned(),
        )),
    }
}

fn heads_of(path: &Path) -> Result<Vec<SignedHead>, Failure> {
    let failed = |why| Failure::of("read", path.display(), why);
    let file = OfflineFile::open(path).map_err(failed)?;
    let logs = file.logs().map_err(failed)?;
    let heads = logs.iter().map(|log| file.head(log).map_err(failed));
    Ok(heads.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

fn read_key(path: &Path) -> Result<ArchiveKey, Failure> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new);
    let text = text.map_err(|why| Failure::of("read", path.display(), why))?;
    let key = unhex(text.trim()).map(Zeroizing::new);
    key.ok_or_else(|| Failure::of("use", path.display(), "it must hold 64 hexadecimal digits"))
}

fn tell(what: &str, manifest: &Manifest, as_json: bool, is_encrypted: bool) {
    let bytes: u64 = manifest.files.iter().map(|FileEntry { bytes, .. }| bytes).sum();
    let (files, logs) = (manifest.files.len(), manifest.heads.len());
    if as_json {
        print_json(&json!({
            "files": files, "bytes": bytes, "logs": logs, "made_at": manifest.made_at,
            "version": manifest.version, "encrypted": is_encrypted,
        }));
        return;
    }
    let how = if is_encrypted { "encrypted" } else { "not encrypted" };
    print_line(&format!(
        "{what}: {files} files, {bytes} bytes, {logs} logs, as of {} ({how})",
        manifest.made_at
    ));
}
