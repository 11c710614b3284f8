//! What a file that was sent is: its format by its bytes, its tables with some of their cells, and
//! whether it unfolds to more than it may.

use crate::source::{self, Format, SourceError, Table};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use zip::ZipArchive;

/// Bytes of a file that tell its format.
pub const HEAD: usize = 512;
/// Different cells that are shown of a column.
const SAMPLES: usize = 3;
/// Rows in which they are looked for.
const LOOKED_AT: usize = 50;
/// Characters of a cell that are shown.
const SHOWN: usize = 100;
/// Sheets of a workbook that are shown.
const SHEETS: usize = 100;
/// The most bytes to which a workbook unfolds.
const MAX_UNFOLDED: u64 = 4 << 30;
/// How many times larger than the file a workbook may become, where it is more than a little.
const MAX_RATIO: u64 = 200;
const LITTLE: u64 = 64 << 20;
/// The most bytes of the texts that the cells of a workbook share: they lie in memory.
const MAX_SHARED: u64 = 256 << 20;
/// The most bytes between two marks of a workbook's XML: a cell holds 32,767 characters.
const MAX_TEXT: u64 = 1 << 20;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Delimited text.
    Csv,
    /// A workbook.
    Xlsx,
    /// One JSON object on each line.
    JsonLines,
}

impl Kind {
    /// The ending of its names.
    pub fn ending(self) -> &'static str {
        match self {
            Kind::Csv => "csv",
            Kind::Xlsx => "xlsx",
            Kind::JsonLines => "jsonl",
        }
    }

    /// Finds out what a file is by its first bytes, at most [`HEAD`], and its name.
    ///
    /// # Errors
    /// What it is instead, and what to send.
    pub fn find(head: &[u8], name: &str) -> Result<Kind, String> {
        let other = match head {
            [] => return Err("The file is empty. Send one that holds a table.".to_owned()),
            [b'P', b'K', 3, 4, ..] => return Ok(Kind::Xlsx),
            [0xd0, 0xcf, 0x11, 0xe0, ..] => Some("a workbook of the old kind (.xls)"),
            [b'%', b'P', b'D', b'F', ..] => Some("a PDF"),
            [0x1f, 0x8b, ..] => Some("a compressed file"),
            [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, 0xff, ..] => Some("a picture"),
            _ => None,
        };
        let is_utf16 = matches!(head, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
        let zeros = head.iter().filter(|byte| **byte == 0).count();
        // UTF-16 of mostly Western text has a zero in every other byte, and in no other.
        let places: BTreeSet<usize> =
            (0..head.len()).filter(|at| head[*at] == 0).map(|at| at % 2).collect();
        let is_binary = zeros > 0 && !is_utf16 && places.len() > 1;
        if let Some(what) = other.or(is_binary.then_some("no text")) {
            return Err(format!(
                "The file is {what}. Send CSV, TSV, JSON lines or a workbook (.xlsx)."
            ));
        }
        let ending = Path::new(name).extension().map(|end| end.to_string_lossy().to_lowercase());
        let is_named = matches!(ending.as_deref(), Some("jsonl" | "ndjson"));
        let text = head.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(head);
        let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
        let has_ending = matches!(ending.as_deref(), Some("csv" | "tsv" | "tab" | "txt"));
        match is_named || first == Some(&b'{') && !has_ending {
            true => Ok(Kind::JsonLines),
            false => Ok(Kind::Csv),
        }
    }
}

/// A table of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableSeen {
    /// The sheet's name, or the file's.
    pub name: String,
    /// How many rows it has, where that is known.
    pub rows: Option<u64>,
    /// Its columns, in their order.
    pub columns: Vec<ColumnSeen>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ColumnSeen {
    /// Its name.
    pub name: String,
    /// Some different cells of its first rows.
    pub samples: Vec<String>,
}

/// The tables of a file; `rows` is how many it has, as far as that is known.
///
/// # Errors
/// [`SourceError`] when it cannot be read, or holds no table.
pub fn tables(path: &Path, rows: Option<u64>) -> Result<Vec<TableSeen>, SourceError> {
    let sheets = source::sheets(path)?;
    let mut tables = Vec::new();
    for sheet in sheets.iter().take(SHEETS) {
        let format = Format { sheet: Some(sheet.clone()), ..Format::default() };
        let table = seen(sheet.clone(), None, source::open(path, &format)?)?;
        tables.extend(Some(table).filter(|table| !table.columns.is_empty()));
    }
    if sheets.is_empty() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let table = seen(name, rows, source::open(path, &Format::default())?)?;
        tables.extend(Some(table).filter(|table| !table.columns.is_empty()));
    }
    match tables.is_empty() {
        true => Err(source::fail(path, "holds no table")),
        false => Ok(tables),
    }
}

fn seen(name: String, rows: Option<u64>, table: Table) -> Result<TableSeen, SourceError> {
    let column = |name: &String| ColumnSeen { name: name.clone(), samples: Vec::new() };
    let mut columns: Vec<ColumnSeen> = table.columns.iter().map(column).collect();
    for row in table.take(LOOKED_AT) {
        for (column, cell) in columns.iter_mut().zip(row?.cells) {
            let shown: String = cell.trim().chars().take(SHOWN).collect();
            let is_new = !shown.is_empty() && !column.samples.contains(&shown);
            if is_new && column.samples.len() < SAMPLES {
                column.samples.push(shown);
            }
        }
    }
    Ok(TableSeen { name, rows, columns })
}

/// Refuses a workbook that unfolds to far more than it is: it is unfolded once, into nothing.
///
/// # Errors
/// What is wrong with it, for people.
pub fn check_workbook(path: &Path) -> Result<(), SourceError> {
    check_unfolded(path, LITTLE)
}

/// Up to `little` bytes a workbook may unfold to, whatever its own size.
fn check_unfolded(path: &Path, little: u64) -> Result<(), SourceError> {
    let broken =
        |why: &dyn std::fmt::Display| source::fail(path, format!("is not a workbook: {why}"));
    let file = File::open(path).map_err(|error| source::fail(path, error))?;
    let length = file.metadata().map_err(|error| source::fail(path, error))?.len();
    let most = MAX_UNFOLDED.min((length * MAX_RATIO).max(little));
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| broken(&error))?;
    let mut total = 0;
    let mut buffer = vec![0; 1 << 16];
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| broken(&error))?;
        let name = entry.name().map_err(|error| broken(&error))?.to_lowercase();
        let (mut own, mut text) = (0, 0);
        loop {
            let got = read(&mut entry, &mut buffer).map_err(|error| broken(&error))?;
            if got == 0 {
                break;
            }
            own += got as u64;
            total += got as u64;
            for byte in &buffer[..got] {
                text = if matches!(byte, b'<' | b'>') { 0 } else { text + 1 };
                if text > MAX_TEXT && name.ends_with(".xml") {
                    return Err(source::fail(
                        path,
                        "holds a text of more than a million characters",
                    ));
                }
            }
            if total > most || own > MAX_SHARED && name.ends_with("sharedstrings.xml") {
                return Err(source::fail(path, "unfolds to more than a workbook may hold"));
            }
        }
    }
    Ok(())
}

fn read(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match from.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

/// Counts the rows of delimited text and of JSON lines while it passes by: line ends outside of
/// quotes.
#[derive(Clone, Debug, Default)]
pub struct RowCount {
    rows: u64,
    in_quotes: bool,
    in_row: bool,
}

impl RowCount {
    /// Takes the next bytes in.
    pub fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'"' => {
                    self.in_quotes = !self.in_quotes;
                    self.in_row = true;
                }
                b'\n' if !self.in_quotes => {
                    self.rows += u64::from(self.in_row);
                    self.in_row = false;
                }
                b'\r' | 0 => {}
                _ => self.in_row = true,
            }
        }
    }

    /// Rows of the table, without the names of its columns; none for a workbook, and where quotes
    /// say nothing about rows.
    pub fn rows(&self, kind: Kind) -> Option<u64> {
        let all = self.rows + u64::from(self.in_row);
        match kind {
            Kind::Csv if !self.in_quotes => Some(all.saturating_sub(1)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_bytes_say() {
        for (head, name, expected) in [
            (&b"a,b\n1,2\n"[..], "a.csv", Ok(Kind::Csv)),
            (b"{\"a\":1}\n", "a", Ok(Kind::JsonLines)),
            (b"{\"a\":1}\n", "a.txt", Ok(Kind::Csv)),
            (b"\xef\xbb\xbf{\"a\":1}\n", "a.json", Ok(Kind::JsonLines)),
            (b"\n", "a.ndjson", Ok(Kind::JsonLines)),
            (b"PK\x03\x04", "a.csv", Ok(Kind::Xlsx)),
            (b"a\0,\0b\0\n\0", "a.csv", Ok(Kind::Csv)),
            (b"", "a.csv", Err("empty")),
            (b"%PDF-1.7", "a.csv", Err("a PDF")),
            (b"\xd0\xcf\x11\xe0\xa1", "a.xls", Err("old kind")),
            (b"\x7fELF\0\0\0\0", "a.csv", Err("no text")),
        ] {
            match (Kind::find(head, name), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{name}"),
                (Err(text), Err(expected)) => assert!(text.contains(expected), "{text}"),
                (found, _) => panic!("{name}: {found:?}"),
            }
        }
    }

    /// A workbook of one file, in which `part` stands again and again.
    fn packed(name: &str, part: &[u8], times: usize) -> std::path::PathBuf {
        use std::io::Write as _;
        let path = std::env::temp_dir().join(format!(
            "megalith-packed-{}-{}-{times}.xlsx",
            std::process::id(),
            part.len()
        ));
        let mut archive = zip::ZipWriter::new(File::create(&path).unwrap());
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated);
        archive.start_file(name, options).unwrap();
        for _ in 0..times {
            archive.write_all(part).unwrap();
        }
        archive.finish().unwrap();
        path
    }

    #[test]
    fn a_workbook_that_unfolds_to_far_more_than_it_is_is_refused_before_it_is_read() {
        let cells = b"<c><v>1</v></c>".repeat(1 << 12);
        // What deflates to less than a 500th; no text in it is too long.
        let bomb = [b"<v>".as_slice(), &[b' '; 1 << 19], b"</v>"].concat();
        let spaces = vec![b' '; 1 << 20];
        for (part, times, little, expected) in [
            (&cells, 10, LITTLE, None),
            (&bomb, 8, LITTLE, None),
            (&bomb, 8, 1 << 20, Some("unfolds to more than a workbook may hold")),
            (&spaces, 2, LITTLE, Some("a text of more than a million characters")),
        ] {
            let path = packed("xl/worksheets/sheet1.xml", part, times);
            let found = check_unfolded(&path, little).err().map(|error| error.detail);
            std::fs::remove_file(&path).unwrap();
            match expected {
                None => assert_eq!(found, None),
                Some(text) => {
                    assert!(found.as_deref().is_some_and(|f| f.contains(text)), "{found:?}")
                }
            }
        }
    }

    #[test]
    fn rows_are_counted_in_passing() {
        for (parts, expected) in [
            (&["a,b\n1,", "2\n3,4"][..], Some(2)),
            (&["a\r\n\"x\ny\"\r\n\r\n"], Some(1)),
            (&["a\n"], Some(0)),
            (&[""], Some(0)),
            (&["a\n\"x\n"], None),
        ] {
            let mut count = RowCount::default();
            parts.iter().for_each(|part| count.take(part.as_bytes()));
            assert_eq!(count.rows(Kind::Csv), expected, "{parts:?}");
        }
    }
}
