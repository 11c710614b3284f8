//! Refused rows, with their reasons, in a file that can be mended and imported again.

use super::Observer;
use super::executor::Progress;
use kernel::Problem;
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
    pub reasons: Vec<String>,
}

/// What is wrong with a record, field by field.
pub(super) fn reasons(problem: &Problem) -> Vec<String> {
    if problem.errors.is_empty() {
        return vec![problem.detail.clone()];
    }
    let text = |error: &kernel::FieldProblem| {
        let name = error.pointer.trim_start_matches('/').replace('/', ".");
        format!("{name} {}", error.message)
    };
    problem.errors.iter().map(text).collect()
}

/// Writes refused rows to `NAME.refused.csv` in a folder, one file for each source: the cells as
/// they stand, then `_line` and `_reason`.
///
/// A file is made when its first row is refused. An import that goes on after an interruption
/// adds to it.
#[derive(Debug)]
pub struct RefusedFiles {
    folder: PathBuf,
    append: bool,
    open: HashMap<String, csv::Writer<File>>,
    written: Vec<PathBuf>,
}

impl RefusedFiles {
    /// Files in `folder`; with `append` those that are there are kept.
    pub fn new(folder: &Path, append: bool) -> RefusedFiles {
        let (open, written) = (HashMap::new(), Vec::new());
        RefusedFiles { folder: folder.to_owned(), append, open, written }
    }

    /// The files that hold refused rows now.
    pub fn written(&self) -> &[PathBuf] {
        &self.written
    }

    fn writer(&mut self, refused: &Refused) -> io::Result<&mut csv::Writer<File>> {
        if !self.open.contains_key(&refused.file) {
            let stem = Path::new(&refused.file).file_stem().unwrap_or_default().to_string_lossy();
            let stem = if stem.is_empty() { "rows".into() } else { stem };
            let path = self.folder.join(format!("{stem}.refused.csv"));
            let goes_on = self.append && path.exists();
            let mut options = File::options();
            options.create(true).write(true).append(goes_on).truncate(!goes_on);
            let mut writer = csv::Writer::from_writer(options.open(&path)?);
            if !goes_on {
                let names = refused.columns.iter().map(String::as_str);
                writer.write_record(names.chain(["_line", "_reason"]))?;
            }
            self.written.push(path);
            self.open.insert(refused.file.clone(), writer);
        }
        self.open.get_mut(&refused.file).ok_or_else(|| io::Error::other("no file"))
    }
}

impl Observer for RefusedFiles {
    fn progressed(&mut self, _: &Progress, _: &str) {}

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
