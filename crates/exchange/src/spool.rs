//! Files that were sent and wait to be imported, each in a folder of its own on this machine.
//!
//! A spool belongs to one data folder, and so to one process; its name tells whose a file is. What
//! lies in a folder: the file under the name that it was sent by, the refused rows of the last
//! run, and why that run did not end well.

use crate::export::neutral;
use crate::pipeline::{Observer, Progress, Reason, Refused};
use crate::uploaded::{HEAD, Kind, RowCount};
use kernel::{Problem, ProblemKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The ending of the file that names the spool; it stands beside the folder, so that who loses the
/// folder knows what was in it.
const HOST: &str = "host";
/// The folder of the file itself.
const SOURCE: &str = "source";
/// Refused rows, one JSON object on each line.
const REFUSED: &str = "refused.jsonl";
/// Why the last run did not end well.
const PROBLEM: &str = "problem.json";
/// How long a file lies in a spool that nobody imports, and refused rows after an import.
pub const KEEP: Duration = Duration::from_secs(7 * 24 * 3_600);

/// Where files that were sent are kept.
#[derive(Debug)]
pub struct Spool {
    root: PathBuf,
    /// The most bytes of a file.
    pub most: u64,
    fresh: String,
}

impl Spool {
    /// The spool in the folder `root`, which is made for the first file; `fresh` names it then, a
    /// text of letters and digits that no other spool has.
    pub fn new(root: &Path, most: u64, fresh: String) -> Spool {
        Spool { root: root.to_owned(), most, fresh }
    }

    /// The name of this spool; none while nothing was ever in it. In data folders of the version
    /// 0.1 it stands in the folder itself.
    pub fn host(&self) -> Option<String> {
        let beside = fs::read_to_string(self.root.with_extension(HOST));
        beside.or_else(|_| fs::read_to_string(self.root.join(HOST))).ok()
    }

    /// Begins to take a file in; `name` is the folder's, letters, digits and `_`.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn begin(self: &Arc<Spool>, name: &str) -> io::Result<Receiving> {
        make_folder(&self.root)?;
        if self.host().is_none() {
            fs::write(self.root.with_extension(HOST), &self.fresh)?;
        }
        let folder = Spooled { folder: self.root.join(name) };
        make_folder(&folder.folder.join(SOURCE))?;
        let path = folder.folder.join(SOURCE).join("part");
        let file = File::create(&path)?;
        let (bytes, rows, head) = (0, RowCount::default(), Vec::new());
        let name = name.to_owned();
        Ok(Receiving { spool: self.clone(), name, folder, file, bytes, rows, head, is_kept: false })
    }

    /// The folder of a file, by what [`Received::spool`] said; none if it lies elsewhere or is
    /// gone.
    pub fn find(&self, spool: &str) -> Option<Spooled> {
        let (host, name) = spool.split_once('/')?;
        let is_plain = |name: &str| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        };
        let folder = self.root.join(name);
        let is_ours = is_plain(name) && self.host().as_deref() == Some(host);
        (is_ours && folder.is_dir()).then_some(Spooled { folder })
    }

    /// Whether a file lies, or lay, in this spool.
    pub fn is_ours(&self, spool: &str) -> bool {
        spool.split_once('/').is_some_and(|(host, _)| self.host().as_deref() == Some(host))
    }

    /// Removes what nobody touched since `before`; gives how many folders that were.
    pub fn sweep(&self, before: SystemTime) -> usize {
        let entries = fs::read_dir(&self.root).into_iter().flatten().flatten();
        let is_old = |path: &Path| {
            let own = [path.to_owned(), path.join(SOURCE), path.join(REFUSED)];
            let times = own.iter().filter_map(|path| path.metadata().ok()?.modified().ok());
            times.max().is_some_and(|last| last < before)
        };
        let folders = entries.map(|entry| entry.path()).filter(|path| path.is_dir());
        folders.filter(|path| is_old(path) && fs::remove_dir_all(path).is_ok()).count()
    }
}

/// A file on its way in; dropped, it is gone.
#[derive(Debug)]
pub struct Receiving {
    spool: Arc<Spool>,
    name: String,
    folder: Spooled,
    file: File,
    bytes: u64,
    rows: RowCount,
    head: Vec<u8>,
    is_kept: bool,
}

/// A file that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The spool and the folder there.
    pub spool: String,
    /// How the file is written.
    pub kind: Kind,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its rows, as far as they are known.
    pub rows: Option<u64>,
}

impl Receiving {
    /// Takes the next bytes in.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes += bytes.len() as u64;
        let missing = HEAD.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..missing]);
        self.rows.take(bytes);
        self.file.write_all(bytes)
    }

    /// Bytes so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The file is whole: `name` is what its sender calls it. Its folder stays until it is kept or
    /// dropped.
    ///
    /// # Errors
    /// What it is instead of a table, within; when it cannot be written, outside.
    pub fn end(&mut self, name: &str) -> io::Result<Result<Received, String>> {
        let kind = match Kind::find(&self.head, name) {
            Ok(kind) => kind,
            Err(text) => return Ok(Err(text)),
        };
        self.file.flush()?;
        self.file.sync_all()?;
        let folder = self.folder.folder.join(SOURCE);
        fs::rename(folder.join("part"), folder.join(plain_name(name, kind)))?;
        let host = self.spool.host().unwrap_or_default();
        let (spool, rows) = (format!("{host}/{}", self.name), self.rows.rows(kind));
        Ok(Ok(Received { spool, kind, bytes: self.bytes, rows }))
    }

    /// The folder, while it is not yet kept.
    pub fn spooled(&self) -> &Spooled {
        &self.folder
    }

    /// The file stays when this value is dropped.
    pub fn keep(mut self) -> Spooled {
        self.is_kept = true;
        self.folder.clone()
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        if !self.is_kept {
            self.folder.remove();
        }
    }
}

/// A folder of a spool.
#[derive(Clone, Debug)]
pub struct Spooled {
    folder: PathBuf,
}

/// A refused row as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRow {
    /// The line of the table on which it begins, from 1; its number in a workbook.
    pub row: u64,
    /// The column at fault, of the first reason.
    pub column: Option<String>,
    /// A JSON pointer to the field at fault, of the first reason.
    pub pointer: Option<String>,
    /// The code of the first reason.
    pub code: String,
    /// The first reason, for people.
    pub message: String,
    /// All reasons.
    pub problems: Vec<Reason>,
    /// The names of the columns, in their order.
    pub columns: Vec<String>,
    /// The cells as they stand.
    pub cells: Vec<String>,
}

impl RefusedRow {
    /// A refused row.
    pub fn of(refused: &Refused) -> RefusedRow {
        let first = refused.reasons.first().cloned();
        let first = first.unwrap_or_else(|| Reason::new("refused", "it is refused"));
        RefusedRow {
            row: refused.line,
            column: first.column,
            pointer: first.pointer,
            code: first.code,
            message: first.message,
            problems: refused.reasons.clone(),
            columns: refused.columns.to_vec(),
            cells: refused.cells.clone(),
        }
    }

    /// The cells by the names of their columns.
    pub fn values(&self) -> BTreeMap<&str, &str> {
        let cells = self.cells.iter().map(String::as_str);
        self.columns.iter().map(String::as_str).zip(cells).collect()
    }
}

impl Spooled {
    /// The file; none if it is not kept any more.
    pub fn source(&self) -> Option<PathBuf> {
        let mut entries = fs::read_dir(self.folder.join(SOURCE)).ok()?;
        entries.next()?.ok().map(|entry| entry.path())
    }

    /// Takes the file away; refused rows stay.
    pub fn remove_source(&self) {
        // What cannot be removed now is swept away later.
        let _ = fs::remove_dir_all(self.folder.join(SOURCE));
    }

    /// Takes everything away.
    pub fn remove(&self) {
        // As above.
        let _ = fs::remove_dir_all(&self.folder);
    }

    /// Somebody needs it still: it is not swept away.
    pub fn touch(&self) {
        if let Ok(folder) = File::open(&self.folder) {
            // One that cannot be marked is swept away earlier.
            let _ = folder.set_modified(SystemTime::now());
        }
    }

    /// Notes why a run did not end well; nothing for one that begins.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn note(&self, problem: Option<&Problem>) -> io::Result<()> {
        let path = self.folder.join(PROBLEM);
        match problem {
            Some(problem) => fs::write(path, serde_json::to_vec(problem)?),
            None => match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
        }
    }

    /// Why the last run did not end well.
    pub fn problem(&self) -> Option<Problem> {
        serde_json::from_slice(&fs::read(self.folder.join(PROBLEM)).ok()?).ok()
    }

    /// The refused rows from a place in their file on, at most `most`, and the place after them;
    /// none where nothing follows.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn refused(&self, from: u64, most: usize) -> io::Result<(Vec<RefusedRow>, Option<u64>)> {
        let file = match File::open(self.folder.join(REFUSED)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), None)),
            opened => opened?,
        };
        let length = file.metadata()?.len();
        let mut file = BufReader::new(file);
        file.seek(SeekFrom::Start(from.min(length)))?;
        let (mut rows, mut at) = (Vec::new(), from);
        let mut line = Vec::new();
        while rows.len() < most {
            line.clear();
            let read = file.by_ref().take(length).read_until(b'\n', &mut line)?;
            // A line without its end is still being written.
            if read == 0 || line.last() != Some(&b'\n') {
                return Ok((rows, None));
            }
            rows.push(serde_json::from_slice(&line)?);
            at += read as u64;
        }
        Ok((rows, Some(at).filter(|at| *at < length)))
    }
}

/// Writes the refused rows of a run into its folder.
#[derive(Debug)]
pub struct RefusedRows {
    path: PathBuf,
    file: Option<File>,
    length: u64,
}

impl RefusedRows {
    /// For a run that begins or goes on: those of another one are replaced, at the latest by the
    /// first row.
    pub fn new(folder: &Spooled) -> RefusedRows {
        RefusedRows { path: folder.folder.join(REFUSED), file: None, length: 0 }
    }

    /// Opens the file with what it held up to a length.
    ///
    /// # Errors
    /// When it cannot be opened, or is shorter.
    pub fn begin(&mut self, length: u64) -> io::Result<&mut File> {
        if self.file.is_none() {
            let mut options = File::options();
            let mut file = options.create(true).write(true).truncate(false).open(&self.path)?;
            if file.metadata()?.len() < length {
                return Err(io::Error::other("the refused rows are fewer than they were"));
            }
            file.set_len(length)?;
            file.seek(SeekFrom::End(0))?;
            self.length = length;
            self.file = Some(file);
        }
        self.file.as_mut().ok_or_else(|| io::Error::other("no file"))
    }
}

impl Observer for RefusedRows {
    fn resumed(&mut self, progress: &Progress) -> io::Result<()> {
        let known = progress.refused_until.iter().find(|(name, _)| name == REFUSED);
        self.begin(known.map_or(0, |(_, length)| *length)).map(drop)
    }

    fn refused_until(&self) -> Vec<(String, u64)> {
        vec![(REFUSED.to_owned(), self.length)]
    }

    fn refused(&mut self, refused: &Refused) -> io::Result<()> {
        let mut line = serde_json::to_vec(&RefusedRow::of(refused))?;
        line.push(b'\n');
        self.begin(0)?.write_all(&line)?;
        self.length += line.len() as u64;
        Ok(())
    }
}

/// A reason as a client is told.
pub fn told(reason: &Reason) -> serde_json::Value {
    let Reason { column, pointer, code, message, text } = reason;
    serde_json::json!({
        "column": column, "pointer": pointer, "code": code, "message": message, "text": text,
    })
}

/// Refused rows as CSV to be mended and imported again: the cells as they stood, then `_line` and
/// `_reason`. What a spreadsheet would take for a formula has an apostrophe before it, which the
/// format `apostrophes` takes away.
#[derive(Debug)]
pub struct RefusedFile {
    folder: Spooled,
    part: usize,
    /// Where the next part begins; none at the end.
    from: Option<u64>,
    columns: Vec<String>,
    begun: bool,
}

impl RefusedFile {
    /// The file of a folder, made in parts of so many rows.
    pub fn new(folder: Spooled, part: usize) -> RefusedFile {
        RefusedFile { folder, part, from: Some(0), columns: Vec::new(), begun: false }
    }

    fn text(&mut self, rows: &[RefusedRow]) -> io::Result<Vec<u8>> {
        let mut builder = csv::WriterBuilder::new();
        let mut writer = builder.terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        if !std::mem::replace(&mut self.begun, true) {
            self.columns = rows.first().map(|row| row.columns.clone()).unwrap_or_default();
            let names = self.columns.iter().map(|name| neutral(name));
            writer.write_record(
                names
                    .map(std::borrow::Cow::into_owned)
                    .chain(["_line", "_reason"].map(str::to_owned)),
            )?;
        }
        for row in rows {
            let values = row.values();
            let cell = |name: &String| values.get(name.as_str()).copied().unwrap_or_default();
            let mut cells: Vec<String> =
                self.columns.iter().map(|name| neutral(cell(name)).into_owned()).collect();
            let reasons: Vec<&str> = row.problems.iter().map(|one| one.text.as_str()).collect();
            cells.extend([row.row.to_string(), neutral(&reasons.join("; ")).into_owned()]);
            writer.write_record(&cells)?;
        }
        writer.into_inner().map_err(|error| io::Error::other(error.to_string()))
    }
}

impl Iterator for RefusedFile {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<io::Result<Vec<u8>>> {
        let is_first = !self.begun;
        let found = self.folder.refused(self.from.take()?, self.part);
        let made = found.and_then(|(rows, next)| {
            self.from = next;
            self.text(&rows)
        });
        Some(made.map(|text| match is_first {
            true => [b"\xef\xbb\xbf".as_slice(), &text].concat(),
            false => text,
        }))
    }
}

/// That a spool cannot be written, as a client is told.
pub fn unwritable(error: &io::Error) -> Problem {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    match error.kind() {
        StorageFull | QuotaExceeded | FileTooLarge | ReadOnlyFilesystem => {
            let text = format!("The disk of the server cannot take the file: {error}. Free space.");
            Problem::new(ProblemKind::StorageFull, "storage_full", text)
        }
        _ => Problem::internal(format!("the spool cannot be written: {error}")),
    }
}

/// The name under which a file lies: what its sender calls it, as far as a file may be called so.
fn plain_name(name: &str, kind: Kind) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_kept = |c: &char| !c.is_control() && !"<>:\"|?*".contains(*c);
    let kept: String = last.chars().filter(is_kept).collect();
    let kept = kept.trim_start_matches('.').trim();
    let path = Path::new(kept);
    let ending = path.extension().map(|end| end.to_string_lossy().to_lowercase());
    let fits = match kind {
        Kind::Csv => matches!(ending.as_deref(), Some("csv" | "tsv" | "tab" | "txt")),
        Kind::Xlsx => matches!(ending.as_deref(), Some("xlsx" | "xlsm")),
        Kind::JsonLines => matches!(ending.as_deref(), Some("jsonl" | "ndjson")),
    };
    let stem = if fits { path.file_stem() } else { Some(path.as_os_str()) };
    let mut stem = stem.unwrap_or_default().to_string_lossy().into_owned();
    while stem.len() > 120 {
        stem.pop();
    }
    let stem = if stem.is_empty() { "table" } else { &stem };
    let ending = ending.filter(|_| fits).unwrap_or_else(|| kind.ending().to_owned());
    format!("{stem}.{ending}")
}

/// Makes a folder that only its owner can read.
fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_lies_under_its_own_name_as_far_as_that_is_one() {
        for (name, kind, expected) in [
            ("customers.csv", Kind::Csv, "customers.csv"),
            ("../../etc/passwd", Kind::Csv, "passwd.csv"),
            ("C:\\data\\Kunden.TXT", Kind::Csv, "Kunden.txt"),
            (".csv", Kind::Csv, "csv.csv"),
            ("", Kind::JsonLines, "table.jsonl"),
            ("a.csv", Kind::Xlsx, "a.csv.xlsx"),
            ("a\u{0}b?.csv", Kind::Csv, "ab.csv"),
        ] {
            assert_eq!(plain_name(name, kind), expected, "{name}");
        }
        assert!(plain_name(&"ü".repeat(500), Kind::Csv).len() < 130);
    }

    #[test]
    fn what_is_not_kept_is_gone_and_what_is_old_is_swept_away() {
        let root = std::env::temp_dir().join(format!("megalith-spool-{}", std::process::id()));
        let spool = Arc::new(Spool::new(&root, 100, "here".to_owned()));
        assert_eq!(spool.host(), None);
        let mut first = spool.begin("a").unwrap();
        first.take(b"no\n1\n").unwrap();
        let received = first.end("x.csv").unwrap().unwrap();
        assert_eq!((received.spool.as_str(), received.rows), ("here/a", Some(1)));
        drop(first);
        assert!(spool.find("here/a").is_none());
        let mut second = spool.begin("b").unwrap();
        second.take(b"no\n1\n").unwrap();
        let received = second.end("x.csv").unwrap().unwrap();
        let kept = second.keep();
        assert_eq!(fs::read(kept.source().unwrap()).unwrap(), b"no\n1\n");
        for foreign in ["there/b", "here/../b", "here/", "here/c", "b"] {
            assert!(spool.find(foreign).is_none(), "{foreign}");
        }
        assert_eq!(spool.sweep(SystemTime::UNIX_EPOCH), 0);
        assert!(spool.find(&received.spool).is_some());
        assert_eq!(spool.sweep(SystemTime::now() + KEEP), 1);
        assert!(spool.find(&received.spool).is_none());
        fs::remove_dir_all(&root).unwrap();
        assert!(spool.is_ours(&received.spool), "what was lost was here");
        fs::remove_file(root.with_extension(HOST)).unwrap();
    }
}
