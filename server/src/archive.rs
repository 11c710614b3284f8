//! The archive that `backup` writes and `restore` reads: files one after the other, a signed
//! manifest at the end, all of it encrypted when there is a key. It is written and read as a stream.
//!
//! The first line says what follows: `megalith-archive 1 plain`, or `megalith-archive 1
//! aes-256-gcm SALT`. Then come blocks: a kind (one byte: 1 for a file's name, 2 for its bytes, 3
//! for the manifest), a length (four bytes, the highest first) and as many bytes. The manifest is
//! JSON and a line of [`SignedHead`]: its root is the SHA-256 of the JSON, its size the number of
//! files. With a key everything behind the first line is cut into chunks, each a length (four
//! bytes), its ciphertext and tag; the nonce is the chunk's number, the key belongs to this archive
//! alone (HMAC-SHA256 of the salt), and the last chunk is marked, so that no end can be cut off.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::{digest, hmac};
use kernel::keys::Keys;
use kernel::log::{Head, SignedHead, hex, unhex};
use serde::{Deserialize, Serialize};
use std::io::{Error, ErrorKind, Read, Result, Write};
use zeroize::Zeroizing;

const MAGIC: &str = "megalith-archive 1";
/// The name under which manifests are signed; no service is called so.
const SIGNED_AS: &str = "megalith/archive";
const NAME: u8 = 1;
const BYTES: u8 = 2;
const MANIFEST: u8 = 3;
/// Bytes of a block or chunk at most.
const BLOCK: usize = 64 << 10;
/// A manifest is at most this long.
const LONGEST: usize = 64 << 20;
/// The context of the last chunk and of those before it.
const LAST: &[u8] = b"last";
const MORE: &[u8] = b"more";

/// The key of an archive: 32 bytes.
pub type ArchiveKey = Zeroizing<[u8; 32]>;

/// What an archive holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the program that wrote it.
    pub version: String,
    /// When it was begun, RFC 3339.
    pub made_at: String,
    /// The newest signed head of every log, as lines of `heads.log`.
    pub heads: Vec<String>,
    /// Its files, in order.
    pub files: Vec<FileEntry>,
}

/// A file of an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its path in the data folder, with `/` between folders.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// The SHA-256 of its bytes, in hex.
    pub sha256: String,
}

/// Why an archive cannot be read.
pub fn broken(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidData, why.into())
}

/// Writes an archive.
pub struct Writer<W: Write> {
    out: Sealing<W>,
    files: Vec<FileEntry>,
}

impl<W: Write> Writer<W> {
    /// Begins one; `salt` is random.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(mut out: W, key: Option<&ArchiveKey>, salt: [u8; 32]) -> Result<Writer<W>> {
        let sealer = match key {
            None => {
                writeln!(out, "{MAGIC} plain")?;
                None
            }
            Some(key) => {
                writeln!(out, "{MAGIC} aes-256-gcm {}", hex(&salt))?;
                Some(of_archive(key, &salt)?)
            }
        };
        let out = Sealing { out, sealer, number: 0, waiting: Vec::new() };
        Ok(Writer { out, files: Vec::new() })
    }

    /// Adds a file.
    ///
    /// # Errors
    /// When it cannot be read, or the archive cannot be written.
    pub fn file(&mut self, path: &str, mut from: impl Read) -> Result<()> {
        self.block(NAME, path.as_bytes())?;
        let (mut buffer, mut bytes) = (vec![0; BLOCK], 0);
        let mut hash = digest::Context::new(&digest::SHA256);
        loop {
            let count = from.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            hash.update(&buffer[..count]);
            bytes += count as u64;
            self.block(BYTES, &buffer[..count])?;
        }
        let sha256 = hex(hash.finish().as_ref());
        self.files.push(FileEntry { path: path.to_owned(), bytes, sha256 });
        Ok(())
    }

    /// Signs and ends it; gives what was written to, and the manifest.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(
        mut self,
        keys: &Keys,
        mut manifest: Manifest,
        at: types::Instant,
    ) -> Result<(W, Manifest)> {
        manifest.files = std::mem::take(&mut self.files);
        let text = serde_json::to_vec(&manifest)?;
        let signed = keys.sign(head_of(&text, manifest.files.len(), at));
        self.block(MANIFEST, &[&text, b"\n".as_slice(), signed.line().as_bytes()].concat())?;
        Ok((self.out.finish()?, manifest))
    }

    fn block(&mut self, kind: u8, bytes: &[u8]) -> Result<()> {
        self.out.write_all(&[kind])?;
        let length = u32::try_from(bytes.len()).map_err(|_| broken("a block is too long"))?;
        self.out.write_all(&length.to_be_bytes())?;
        self.out.write_all(bytes)
    }
}

/// Reads an archive to its end: `open` makes what a file's bytes are written to. The files are
/// whole and genuine only when this has answered.
///
/// # Errors
/// [`ErrorKind::InvalidData`] with a text for people when the archive is damaged, cut off, not
/// signed with these keys, or under another key; else what reading and writing answer.
pub fn read<W: Write>(
    mut from: impl Read,
    key: Option<&ArchiveKey>,
    keys: &Keys,
    mut open: impl FnMut(&str) -> Result<W>,
) -> Result<Manifest> {
    let opener = opener(&first_line(&mut from)?, key)?;
    let mut input = Opening { from, opener, number: 0, ready: Vec::new(), at: 0, ended: false };
    let (mut found, mut current) = (Vec::new(), None::<(String, W, u64, digest::Context)>);
    let text = loop {
        let mut start = [0; 5];
        input.read_exact(&mut start).map_err(cut_off)?;
        let length = u32::from_be_bytes([start[1], start[2], start[3], start[4]]) as usize;
        if length > if start[0] == MANIFEST { LONGEST } else { BLOCK } {
            return Err(broken("the archive is damaged: a block is too long"));
        }
        let mut bytes = vec![0; length];
        input.read_exact(&mut bytes).map_err(cut_off)?;
        match (start[0], &mut current) {
            (BYTES, Some((_, out, count, hash))) => {
                out.write_all(&bytes)?;
                hash.update(&bytes);
                *count += length as u64;
            }
            (NAME | MANIFEST, _) => {
                if let Some((path, mut out, count, hash)) = current.take() {
                    out.flush()?;
                    let sha256 = hex(hash.finish().as_ref());
                    found.push(FileEntry { path, bytes: count, sha256 });
                }
                if start[0] == MANIFEST {
                    break bytes;
                }
                let path = String::from_utf8(bytes).map_err(|_| broken("a name is no text"))?;
                let out = open(&path)?;
                current = Some((path, out, 0, digest::Context::new(&digest::SHA256)));
            }
            _ => return Err(broken("the archive is damaged: there is no such block")),
        }
    };
    if input.read(&mut [0])? != 0 {
        return Err(broken("the archive is damaged: something follows its end"));
    }
    let manifest = genuine(&text, keys)?;
    if manifest.files != found {
        return Err(broken("the archive is damaged: its files are not those that were signed"));
    }
    Ok(manifest)
}

/// The manifest, if it is signed with the installation's key.
fn genuine(text: &[u8], keys: &Keys) -> Result<Manifest> {
    let damaged = || broken("the archive is damaged: its manifest cannot be read");
    let end = text.iter().rposition(|byte| *byte == b'\n').ok_or_else(damaged)?;
    let line = std::str::from_utf8(&text[end + 1..]).map_err(|_| damaged())?;
    let signed = SignedHead::parse_line(line).ok_or_else(damaged)?;
    let manifest: Manifest = serde_json::from_slice(&text[..end]).map_err(|_| damaged())?;
    if !signed.is_genuine()
        || signed.head != head_of(&text[..end], manifest.files.len(), signed.head.at)
    {
        return Err(broken("the archive is damaged: its signature does not fit"));
    }
    if signed.key != keys.public_key() {
        return Err(broken(format!(
            "the archive was signed with another key ({}): name the key folder of the installation \
             that wrote it with --keys",
            hex(&signed.key)
        )));
    }
    Ok(manifest)
}

fn head_of(text: &[u8], files: usize, at: types::Instant) -> Head {
    let root = kernel::log::merkle::sha256(&[text]);
    let service = SIGNED_AS.to_owned();
    Head { org: contracts::SYSTEM_ORG, service, size: files as u64, root, at }
}

fn first_line(from: &mut impl Read) -> Result<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    while line.len() < 200 {
        if from.read(&mut byte)? == 0 || byte[0] == b'\n' {
            break;
        }
        line.push(byte[0]);
    }
    String::from_utf8(line).map_err(|_| broken("this is no archive of megalith"))
}

fn opener(line: &str, key: Option<&ArchiveKey>) -> Result<Option<LessSafeKey>> {
    let rest = line.strip_prefix(MAGIC).ok_or_else(|| {
        broken(
            "this is no archive of megalith, or one of a version that this program does not know",
        )
    })?;
    match (rest.trim().split_once(' '), rest.trim(), key) {
        (None, "plain", _) => Ok(None),
        (Some(("aes-256-gcm", _)), _, None) => {
            Err(broken("the archive is encrypted: name the file with its key with --archive-key"))
        }
        (Some(("aes-256-gcm", salt)), _, Some(key)) => {
            let salt: [u8; 32] = unhex(salt).ok_or_else(|| broken("the first line is damaged"))?;
            of_archive(key, &salt).map(Some)
        }
        _ => Err(broken("the archive is damaged: its first line is not understood")),
    }
}

/// The key of one archive.
fn of_archive(key: &ArchiveKey, salt: &[u8; 32]) -> Result<LessSafeKey> {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_ref()), salt);
    let key = UnboundKey::new(&AES_256_GCM, tag.as_ref()).map_err(|_| broken("no key"))?;
    Ok(LessSafeKey::new(key))
}

fn nonce(number: u64) -> Nonce {
    let mut bytes = [0; 12];
    bytes[4..].copy_from_slice(&number.to_be_bytes());
    Nonce::assume_unique_for_key(bytes)
}

fn cut_off(error: Error) -> Error {
    match error.kind() {
        ErrorKind::UnexpectedEof => broken("the archive is cut off"),
        _ => error,
    }
}

/// Encrypts in chunks, or passes on.
struct Sealing<W: Write> {
    out: W,
    sealer: Option<LessSafeKey>,
    number: u64,
    waiting: Vec<u8>,
}

impl<W: Write> Sealing<W> {
    fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
        if self.sealer.is_none() {
            return self.out.write_all(bytes);
        }
        self.waiting.extend_from_slice(bytes);
        while self.waiting.len() > BLOCK {
            let rest = self.waiting.split_off(BLOCK);
            let chunk = std::mem::replace(&mut self.waiting, rest);
            self.chunk(chunk, MORE)?;
        }
        Ok(())
    }

    fn chunk(&mut self, mut bytes: Vec<u8>, context: &[u8]) -> Result<()> {
        let Some(sealer) = &self.sealer else { return Ok(()) };
        sealer
            .seal_in_place_append_tag(nonce(self.number), Aad::from(context), &mut bytes)
            .map_err(|_| broken("a chunk cannot be encrypted"))?;
        self.number += 1;
        self.out.write_all(&(bytes.len() as u32).to_be_bytes())?;
        self.out.write_all(&bytes)
    }

    fn finish(mut self) -> Result<W> {
        let last = std::mem::take(&mut self.waiting);
        self.chunk(last, LAST)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Decrypts chunks, or passes on.
struct Opening<R: Read> {
    from: R,
    opener: Option<LessSafeKey>,
    number: u64,
    ready: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<R: Read> Opening<R> {
    fn next_chunk(&mut self, opener: &LessSafeKey) -> Result<()> {
        let mut length = [0; 4];
        self.from.read_exact(&mut length).map_err(cut_off)?;
        let length = u32::from_be_bytes(length) as usize;
        if length > BLOCK + AES_256_GCM.tag_len() {
            return Err(broken("the archive is damaged: a chunk is too long"));
        }
        let mut sealed = vec![0; length];
        self.from.read_exact(&mut sealed).map_err(cut_off)?;
        for context in [MORE, LAST] {
            let mut bytes = sealed.clone();
            let opened = opener.open_in_place(nonce(self.number), Aad::from(context), &mut bytes);
            let Ok(length) = opened.map(|plain| plain.len()) else { continue };
            bytes.truncate(length);
            (self.ready, self.at) = (bytes, 0);
            self.number += 1;
            self.ended = context == LAST;
            return Ok(());
        }
        Err(broken(match self.number {
            0 => "the key is not that of the archive, or the archive is damaged",
            _ => "the archive is damaged: a chunk is not what was encrypted",
        }))
    }
}

impl<R: Read> Read for Opening<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let Some(opener) = self.opener.take() else { return self.from.read(buffer) };
        let mut filled = Ok(());
        while filled.is_ok() && self.at == self.ready.len() && !self.ended {
            filled = self.next_chunk(&opener);
        }
        self.opener = Some(opener);
        filled?;
        if self.at == self.ready.len() {
            // Behind the last chunk there is nothing, or it is not ours.
            return self.from.read(buffer);
        }
        let count = buffer.len().min(self.ready.len() - self.at);
        buffer[..count].copy_from_slice(&self.ready[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex};

    type Files = BTreeMap<String, Arc<Mutex<Vec<u8>>>>;

    struct Kept(Arc<Mutex<Vec<u8>>>);
    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> Result<()> {
            Ok(())
        }
    }

    fn keys(seed: u8) -> Keys {
        Keys::new(&[1; 32], &[seed; 32]).unwrap()
    }

    fn archive(key: Option<&ArchiveKey>, length: usize) -> Vec<u8> {
        let mut writer = Writer::new(Vec::new(), key, [7; 32]).unwrap();
        writer.file("system.db", &vec![5; length][..]).unwrap();
        writer.file("orgs/a.db", &b"small"[..]).unwrap();
        let manifest = Manifest { version: "1".to_owned(), ..Manifest::default() };
        writer.finish(&keys(2), manifest, types::Instant(9)).unwrap().0
    }

    fn open(
        bytes: &[u8],
        key: Option<&ArchiveKey>,
        keys: &Keys,
    ) -> std::result::Result<Files, String> {
        let mut files = Files::new();
        let read = read(bytes, key, keys, |path| {
            let kept = files.entry(path.to_owned()).or_default();
            Ok(Kept(kept.clone()))
        });
        read.map(|_| files).map_err(|error| error.to_string())
    }

    #[test]
    fn what_goes_in_comes_out_plain_and_encrypted() {
        let key = ArchiveKey::new([3; 32]);
        for key in [None, Some(&key)] {
            for length in [0, 1, BLOCK - 5, BLOCK, 3 * BLOCK + 17] {
                let bytes = archive(key, length);
                let files = open(&bytes, key, &keys(2)).unwrap();
                assert_eq!(*files["system.db"].lock().unwrap(), vec![5; length]);
                assert_eq!(*files["orgs/a.db"].lock().unwrap(), b"small");
            }
        }
    }

    #[test]
    fn a_flipped_byte_and_a_cut_are_refused_wherever_they_are() {
        let key = ArchiveKey::new([3; 32]);
        for key in [None, Some(&key)] {
            let bytes = archive(key, 300);
            for at in 0..bytes.len() {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1;
                assert!(open(&flipped, key, &keys(2)).is_err(), "byte {at}");
                assert!(open(&bytes[..at], key, &keys(2)).is_err(), "cut at {at}");
            }
            assert!(open(&[&bytes[..], b"x"].concat(), key, &keys(2)).is_err());
        }
    }

    #[test]
    fn a_wrong_key_is_named_as_such() {
        let (key, other) = (ArchiveKey::new([3; 32]), ArchiveKey::new([4; 32]));
        let bytes = archive(Some(&key), 300);
        assert!(open(&bytes, Some(&other), &keys(2)).unwrap_err().contains("the key is not that"));
        assert!(open(&bytes, None, &keys(2)).unwrap_err().contains("--archive-key"));
        assert!(open(&bytes, Some(&key), &keys(8)).unwrap_err().contains("another key"));
        assert!(open(b"PK\n", None, &keys(2)).unwrap_err().contains("no archive"));
    }
}
