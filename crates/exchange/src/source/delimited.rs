//! Delimited text: CSV, TSV and their relatives, cells over several lines included.

use super::encoding::{Decoder, detect};
use super::guard::{Guard, MAX_ROW, Since};
use super::{Format, SourceError, Table, fail, fit, header, sniff};
use crate::export::neutral;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

/// How much of a file is looked at to find out how it is written, in bytes of UTF-8.
const SAMPLE: u64 = 1 << 16;

pub(super) fn open(path: &Path, format: &Format) -> Result<Table, SourceError> {
    let encoding = match format.encoding {
        Some(said) => said,
        None => {
            let mut file = File::open(path).map_err(|error| fail(path, error))?;
            detect(&mut file).map_err(|error| fail(path, error))?
        }
    };
    let decoded = || -> Result<Decoder<File>, SourceError> {
        let file = File::open(path).map_err(|error| fail(path, error))?;
        Ok(Decoder::new(file, encoding))
    };
    let quote = match format.quote.as_deref() {
        None => Some(b'"'),
        Some("") => None,
        Some(text) => match text.as_bytes() {
            [one] => Some(*one),
            _ => return Err(fail(path, "the quote must be one ASCII character, or empty")),
        },
    };
    let delimiter = match format.delimiter.as_deref() {
        None => {
            let mut sample = Vec::new();
            let read = decoded()?.take(SAMPLE).read_to_end(&mut sample);
            let bytes = read.map_err(|error| fail(path, error))?;
            let sample = String::from_utf8_lossy(&sample);
            sniff::delimiter(&sample, (bytes as u64) < SAMPLE, quote)
        }
        Some(text) => match text.as_bytes() {
            [one] if format.terminator.is_none() => *one,
            [] => return Err(fail(path, "the delimiter must not be empty")),
            _ => return split(path, decoded()?, text, format),
        },
    };
    let mut builder = csv::ReaderBuilder::new();
    builder.delimiter(delimiter).has_headers(false).flexible(true);
    match quote {
        Some(quote) => builder.quote(quote),
        None => builder.quoting(false),
    };
    let since = Since::default();
    let reader = builder.from_reader(BufReader::new(Guard::new(decoded()?, since.clone())));
    let path = path.to_owned();
    let of_file = path.clone();
    let exported = format.apostrophes;
    let mut records = reader.into_records().skip(format.skip).map(move |record| {
        let record = record.map_err(|error| fail(&of_file, error))?;
        since.begin();
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |text: &str| match text.strip_prefix('\'') {
            Some(rest) if exported && neutral(rest).len() > rest.len() => rest.to_owned(),
            _ => text.to_owned(),
        };
        Ok((line, record.iter().map(cell).collect::<Vec<String>>()))
    });
    table(&path, &mut records, format).map(|(columns, first)| finish(columns, first, records))
}

/// A line number and the cells of the row that begins there.
type Numbered = (u64, Vec<String>);

type Cells = Result<Numbered, SourceError>;

/// The columns, and the first row if it is data.
fn table(
    path: &Path,
    records: &mut dyn Iterator<Item = Cells>,
    format: &Format,
) -> Result<(Vec<String>, Option<Numbered>), SourceError> {
    let first = records.next().transpose()?;
    let line = first.as_ref().map_or(1, |(line, _)| *line);
    let (columns, data) = header(path, first.map(|(_, cells)| cells), format)?;
    Ok((columns, data.map(|cells| (line, cells))))
}

fn finish(
    columns: Vec<String>,
    first: Option<Numbered>,
    records: impl Iterator<Item = Cells> + Send + 'static,
) -> Table {
    let width = columns.len();
    let rows = first.map(Ok).into_iter().chain(records);
    Table::new(columns, rows.map(move |row| row.map(|(line, cells)| fit(line, cells, width))))
}

/// Files whose cells are parted by several characters; they know no quotes.
fn split(
    path: &Path,
    reader: impl Read + Send + 'static,
    delimiter: &str,
    format: &Format,
) -> Result<Table, SourceError> {
    let splitter = Splitter {
        reader: BufReader::new(reader),
        path: path.to_owned(),
        delimiter: delimiter.to_owned(),
        terminator: format.terminator.clone().unwrap_or_else(|| "\n".to_owned()),
        held: Vec::new(),
        line: 1,
        ended: false,
    };
    let mut records = splitter.skip(format.skip);
    table(path, &mut records, format).map(|(columns, first)| finish(columns, first, records))
}

struct Splitter<R> {
    reader: BufReader<R>,
    path: PathBuf,
    delimiter: String,
    terminator: String,
    held: Vec<u8>,
    line: u64,
    ended: bool,
}

impl<R: Read> Iterator for Splitter<R> {
    type Item = Cells;
    fn next(&mut self) -> Option<Cells> {
        let mut searched = 0;
        loop {
            let end = self.terminator.as_bytes();
            let from = searched.min(self.held.len());
            let found = self.held[from..].windows(end.len()).position(|part| part == end);
            if let Some(at) = found.map(|at| at + from) {
                let rest = self.held.split_off(at + end.len());
                let mut row = std::mem::replace(&mut self.held, rest);
                row.truncate(at);
                if let Some(cells) = self.cells(&row) {
                    return Some(Ok(cells));
                }
                searched = 0;
                continue;
            }
            if self.ended {
                let row = std::mem::take(&mut self.held);
                return self.cells(&row).map(Ok);
            }
            if self.held.len() > MAX_ROW {
                self.ended = true;
                self.held.clear();
                return Some(Err(fail(&self.path, "a row is longer than 16 MiB")));
            }
            searched = self.held.len().saturating_sub(end.len());
            let mut buffer = [0; 1 << 13];
            match self.reader.read(&mut buffer) {
                Ok(0) => self.ended = true,
                Ok(got) => self.held.extend_from_slice(&buffer[..got]),
                Err(error) => {
                    self.ended = true;
                    self.held.clear();
                    return Some(Err(fail(&self.path, error)));
                }
            }
        }
    }
}

impl<R> Splitter<R> {
    /// The cells of a row; none for an empty one.
    fn cells(&mut self, row: &[u8]) -> Option<(u64, Vec<String>)> {
        let text = String::from_utf8_lossy(row);
        let begin = text.len() - text.trim_start_matches(['\r', '\n']).len();
        let line = self.line + text[..begin].matches('\n').count() as u64;
        self.line += text.matches('\n').count() as u64;
        self.line += self.terminator.matches('\n').count() as u64;
        let text = text[begin..].trim_end_matches('\r');
        let is_row = !text.is_empty();
        is_row.then(|| (line, text.split(&self.delimiter).map(str::to_owned).collect()))
    }
}
