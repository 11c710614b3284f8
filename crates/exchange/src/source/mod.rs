//! Tables in foreign files: rows of text cells with named columns, one at a time.
//!
//! A reader holds one row (and, for a workbook, its shared texts) in memory, whatever the size of
//! the file. What a cell means is the mapping's business; here it is text.

mod delimited;
mod encoding;
mod guard;
mod jsonl;
mod sniff;
mod xlsx;

pub use encoding::Encoding;

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// The most columns of a table.
pub const MAX_COLUMNS: usize = 1_000;

/// One row of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The line of the file on which the row begins, from 1; the row's number in a workbook.
    pub line: u64,
    /// The cells in the order of [`Table::columns`]; an empty cell is an empty text.
    pub cells: Vec<String>,
    /// Why the row cannot be read, if it cannot; the cells are then what could be.
    pub fault: Option<String>,
}

impl Row {
    /// The same row without blanks around its cells.
    pub(crate) fn trimmed(mut self) -> Row {
        for cell in &mut self.cells {
            let kept = cell.trim();
            if kept.len() != cell.len() {
                *cell = kept.to_owned();
            }
        }
        self
    }
}

/// Why a file cannot be read at all, or not any further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceError {
    /// The file's name.
    pub file: String,
    /// What is wrong, for people.
    pub detail: String,
}

impl std::fmt::Display for SourceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.file, self.detail)
    }
}

impl std::error::Error for SourceError {}

/// How a file is written; what is not said is found out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Format {
    /// What stands between cells: one character or more. Found among `, ; tab |` if not said.
    pub delimiter: Option<String>,
    /// What stands around cells that hold a delimiter; an empty text for nothing. `"` if not said.
    pub quote: Option<String>,
    /// What ends a row, for files whose rows do not end with the line.
    pub terminator: Option<String>,
    /// Whether the first row holds the names of the columns. Found out if not said.
    pub header: Option<bool>,
    /// The names of the columns, for files that hold none.
    pub columns: Option<Vec<String>>,
    /// How characters are written as bytes. Found out if not said.
    pub encoding: Option<Encoding>,
    /// The sheet of a workbook; the first if not said.
    pub sheet: Option<String>,
    /// Whether the apostrophe is taken away that an export put before what would begin a formula.
    pub apostrophes: bool,
    /// Rows above the table that are passed over.
    pub skip: usize,
}

/// A table that is being read.
pub struct Table {
    /// The names of the columns, each once.
    pub columns: Vec<String>,
    /// Behind a lock only so that a table may be shared; it is always taken from by its owner.
    rows: Mutex<Rows>,
}

type Rows = Box<dyn Iterator<Item = Result<Row, SourceError>> + Send>;

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("columns", &self.columns).finish_non_exhaustive()
    }
}

impl Table {
    pub(crate) fn new(
        columns: Vec<String>,
        rows: impl Iterator<Item = Result<Row, SourceError>> + Send + 'static,
    ) -> Table {
        Table { columns, rows: Mutex::new(Box::new(rows)) }
    }

    /// A table of rows that a mapping itself holds.
    pub fn inline(rows: &[BTreeMap<String, String>]) -> Table {
        let mut columns: Vec<String> = rows.iter().flat_map(|row| row.keys().cloned()).collect();
        columns.sort();
        columns.dedup();
        let cells = |row: &BTreeMap<String, String>| -> Vec<String> {
            columns.iter().map(|name| row.get(name).cloned().unwrap_or_default()).collect()
        };
        let rows: Vec<Row> = rows
            .iter()
            .zip(1..)
            .map(|(row, line)| Row { line, cells: cells(row), fault: None })
            .collect();
        Table::new(columns, rows.into_iter().map(Ok))
    }
}

impl Iterator for Table {
    type Item = Result<Row, SourceError>;
    fn next(&mut self) -> Option<Self::Item> {
        self.rows.get_mut().unwrap_or_else(PoisonError::into_inner).next()
    }
}

/// Opens a file: a workbook (`.xlsx`), JSON lines (`.jsonl`, `.ndjson`), else delimited text.
///
/// # Errors
/// [`SourceError`] when the file cannot be opened, or is not what its name says.
pub fn open(path: &Path, format: &Format) -> Result<Table, SourceError> {
    match extension(path).as_str() {
        "xlsx" | "xlsm" => xlsx::open(path, format),
        "jsonl" | "ndjson" => jsonl::open(path, format),
        _ => delimited::open(path, format),
    }
}

/// The names of the sheets of a workbook; none for a file that is one table.
///
/// # Errors
/// [`SourceError`] when the file is no workbook though its name says so.
pub fn sheets(path: &Path) -> Result<Vec<String>, SourceError> {
    match extension(path).as_str() {
        "xlsx" | "xlsm" => xlsx::sheets(path),
        _ => Ok(Vec::new()),
    }
}

/// Whether [`open`] reads files of this name.
pub fn is_table(path: &Path) -> bool {
    matches!(
        extension(path).as_str(),
        "csv" | "tsv" | "tab" | "txt" | "xlsx" | "xlsm" | "jsonl" | "ndjson"
    )
}

fn extension(path: &Path) -> String {
    path.extension().map(|end| end.to_string_lossy().to_ascii_lowercase()).unwrap_or_default()
}

pub(crate) fn fail(path: &Path, detail: impl std::fmt::Display) -> SourceError {
    let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    SourceError { file, detail: detail.to_string() }
}

/// Names as they stand in a header, made distinct: an empty one is `column_3`, a second `Name`
/// is `Name_2`.
pub(crate) fn distinct(names: Vec<String>) -> Vec<String> {
    let mut known: Vec<String> = Vec::with_capacity(names.len());
    for (index, name) in names.into_iter().enumerate() {
        let name = name.trim().to_owned();
        let base = if name.is_empty() { format!("column_{}", index + 1) } else { name };
        let mut free = base.clone();
        let mut count = 1;
        while known.contains(&free) {
            count += 1;
            free = format!("{base}_{count}");
        }
        known.push(free);
    }
    known
}

/// What makes the rows of a grid: the columns, and a first row that is data.
///
/// # Errors
/// When there are more columns than a table has.
pub(crate) fn header(
    path: &Path,
    first: Option<Vec<String>>,
    format: &Format,
) -> Result<(Vec<String>, Option<Vec<String>>), SourceError> {
    let Some(first) = first else {
        return Ok((distinct(format.columns.clone().unwrap_or_default()), None));
    };
    if first.len() > MAX_COLUMNS {
        let text = format!("has {} columns; a table has at most {MAX_COLUMNS}", first.len());
        return Err(fail(path, text));
    }
    let is_header = format
        .header
        .unwrap_or_else(|| format.columns.is_none() && sniff::looks_like_header(&first));
    let columns = match (&format.columns, is_header) {
        (Some(names), _) => names.clone(),
        (None, true) => first.clone(),
        (None, false) => vec![String::new(); first.len()],
    };
    Ok((distinct(columns), (!is_header).then_some(first)))
}

/// Fits a row to the columns: one empty cell too many is let go; any other difference is a fault.
pub(crate) fn fit(line: u64, mut cells: Vec<String>, columns: usize) -> Row {
    if cells.len() == columns + 1 && cells.last().is_some_and(String::is_empty) {
        cells.pop();
    }
    let fault = (cells.len() != columns)
        .then(|| format!("the row has {} cells, the table {columns} columns", cells.len()));
    cells.resize(columns.max(cells.len()), String::new());
    Row { line, cells, fault }
}

#[cfg(test)]
mod tests;
