//! Refused rows, with their reasons, in a file that can be mended and imported again.

use super::Observer;
use super::executor::Progress;
use super::reason::Reason;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A row that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The file it stands in; empty for rows that the mapping holds.
    pub file: String,
    /// Its line there, from 1.
    pub line: u64,
    /// The names of its cells.
    pub columns: Arc<[String]>,
    /// The cells as they stand.
    pub cells: Vec<String>,
    /// Everything that is wrong, for people.
    pub reasons: Vec<Reason>,
}

/// Writes refused rows to `NAME.refused.csv` in a folder, one file for each source: the cells as
/// they stand, then `_line` and `_reason`.
///
/// A file is made when its first row is refused. An import that goes on after an interruption
/// adds to what belongs to it.
#[derive(Debug)]
pub struct RefusedFiles {
    folder: PathBuf,
    open: HashMap<String, csv::Writer<Counted>>,
    written: Vec<PathBuf>,
}

/// A file and its length.
#[derive(Debug)]
struct Counted {
    file: File,
    length: u64,
}

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.length += written as u64;
        Ok(written)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl RefusedFiles {
    /// Files in `folder`, which is made for the first of them; files of earlier imports there
    /// are replaced.
    pub fn new(folder: &Path) -> RefusedFiles {
        let (open, written) = (HashMap::new(), Vec::new());
        RefusedFiles { folder: folder.to_owned(), open, written }
    }

    /// The files that hold refused rows now.
    pub fn written(&self) -> &[PathBuf] {
        &self.written
    }

    fn writer(&mut self, refused: &Refused) -> io::Result<&mut csv::Writer<Counted>> {
        let stem = Path::new(&refused.file).file_stem().unwrap_or_default().to_string_lossy();
        let stem = if stem.is_empty() { "rows".into() } else { stem };
        let name = format!("{stem}.refused.csv");
        if !self.open.contains_key(&name) {
            if !self.folder.as_os_str().is_empty() {
                std::fs::create_dir_all(&self.folder)?;
            }
            let writer = self.begin(&name, None)?;
            let names = refused.columns.iter().map(String::as_str);
            writer.write_record(names.chain(["_line", "_reason"]))?;
        }
        self.open.get_mut(&name).ok_or_else(|| io::Error::other("no file"))
    }

    /// Opens a file: empty, or what it held up to a length.
    fn begin(&mut self, name: &str, until: Option<u64>) -> io::Result<&mut csv::Writer<Counted>> {
        let path = self.folder.join(name);
        let length = until.unwrap_or(0);
        let mut options = File::options();
        let mut file = options.create(true).write(true).truncate(false).open(&path)?;
        if file.metadata()?.len() < length {
            let text = format!("{} is shorter than it was", path.display());
            return Err(io::Error::other(text));
        }
        file.set_len(length)?;
        io::Seek::seek(&mut file, io::SeekFrom::End(0))?;
        self.written.push(path);
        let writer = csv::Writer::from_writer(Counted { file, length });
        Ok(self.open.entry(name.to_owned()).or_insert(writer))
    }
}

impl Observer for RefusedFiles {
    fn resumed(&mut self, progress: &Progress) -> io::Result<()> {
        for (name, until) in &progress.refused_until {
            self.begin(name, Some(*until))?;
        }
        Ok(())
    }

    fn refused_until(&self) -> Vec<(String, u64)> {
        let length = |writer: &csv::Writer<Counted>| writer.get_ref().length;
        let files = self.open.iter().map(|(name, writer)| (name.clone(), length(writer)));
        let mut files: Vec<(String, u64)> = files.collect();
        files.sort();
        files
    }

    fn refused(&mut self, refused: &Refused) -> io::Result<()> {
        let line = refused.line.to_string();
        let reason = refused.reasons.join("; ");
        let width = refused.columns.len();
        let cells = refused.cells.iter().map(String::as_str);
        let cells = cells.chain(std::iter::repeat("")).take(width);
        let writer = self.writer(refused)?;
        writer.write_record(cells.chain([line.as_str(), reason.as_str()]))?;
        writer.flush()
    }
}
