//! Workbooks: the cells of one sheet, read as they come.
//!
//! The reader of a workbook borrows it, so it works in a thread of its own and hands over rows
//! through a short queue; dropping the table ends the thread.

use super::{Format, MAX_COLUMNS, Row, SourceError, Table, fail, fit, header};
use calamine::{DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Rows that wait to be taken.
const QUEUE: usize = 256;

type Grid = Result<(u64, Vec<String>), SourceError>;

pub(super) fn open(path: &Path, format: &Format) -> Result<Table, SourceError> {
    let (sender, receiver) = sync_channel(QUEUE);
    let (of_thread, sheet) = (path.to_owned(), format.sheet.clone());
    let name = "workbook".to_owned();
    std::thread::Builder::new()
        .name(name)
        .spawn(move || {
            if let Err(error) = send_rows(&of_thread, sheet.as_deref(), &sender) {
                // Nobody listens any more: then nobody needs to know either.
                let _ = sender.send(Err(error));
            }
        })
        .map_err(|error| fail(path, error))?;
    let mut rows = Queue(receiver).skip(format.skip);
    let first = rows.next().transpose()?;
    let line = first.as_ref().map_or(1, |(line, _)| *line);
    let (columns, data) = header(path, first.map(|(_, cells)| cells), format)?;
    let width = columns.len();
    let rows = data.map(|cells| Ok((line, cells))).into_iter().chain(rows);
    Ok(Table::new(
        columns,
        rows.map(move |row| {
            // Empty cells at the end of a row are not stored.
            row.map(|(line, mut cells)| {
                cells.resize(cells.len().max(width), String::new());
                while cells.len() > width && cells.last().is_some_and(String::is_empty) {
                    cells.pop();
                }
                let row: Row = fit(line, cells, width);
                row
            })
        }),
    ))
}

/// The names of the sheets of a workbook, in their order.
pub(super) fn sheets(path: &Path) -> Result<Vec<String>, SourceError> {
    let file = std::fs::File::open(path).map_err(|error| fail(path, error))?;
    let book: Result<Xlsx<_>, XlsxError> = Xlsx::new(BufReader::new(file));
    let book = book.map_err(|error| fail(path, format!("is not a workbook: {error}")))?;
    Ok(book.sheet_names())
}

struct Queue(Receiver<Grid>);

impl Iterator for Queue {
    type Item = Grid;
    fn next(&mut self) -> Option<Grid> {
        self.0.recv().ok()
    }
}

fn send_rows(
    path: &PathBuf,
    sheet: Option<&str>,
    sender: &SyncSender<Grid>,
) -> Result<(), SourceError> {
    let file = std::fs::File::open(path).map_err(|error| fail(path, error))?;
    let broken = |error: XlsxError| fail(path, format!("is not a workbook: {error}"));
    let mut book: Xlsx<_> = Xlsx::new(BufReader::new(file)).map_err(broken)?;
    let names = book.sheet_names();
    let name = match sheet {
        Some(name) if names.iter().any(|known| known == name) => name.to_owned(),
        Some(name) => {
            let text = format!("has no sheet {name:?}; there are: {}", names.join(", "));
            return Err(fail(path, text));
        }
        None => match names.first() {
            Some(first) => first.clone(),
            None => return Ok(()),
        },
    };
    let mut cells = book.worksheet_cells_reader(&name).map_err(broken)?;
    let mut row: Vec<String> = Vec::new();
    let mut number = None;
    while let Some(cell) = cells.next_cell().map_err(broken)? {
        let (at, column) = cell.get_position();
        if number != Some(at) {
            if !hand_over(number, &mut row, sender) {
                return Ok(());
            }
            number = Some(at);
        }
        let column = column as usize;
        if column >= MAX_COLUMNS {
            return Err(fail(path, format!("has more than {MAX_COLUMNS} columns")));
        }
        if row.len() <= column {
            row.resize(column + 1, String::new());
        }
        row[column] = text(cell.get_value());
    }
    hand_over(number, &mut row, sender);
    Ok(())
}

/// Whether somebody still takes rows.
fn hand_over(number: Option<u32>, row: &mut Vec<String>, sender: &SyncSender<Grid>) -> bool {
    let cells = std::mem::take(row);
    match number {
        Some(number) if cells.iter().any(|cell| !cell.is_empty()) => {
            sender.send(Ok((u64::from(number) + 1, cells))).is_ok()
        }
        _ => true,
    }
}

/// A cell as text: numbers in plain digits, dates and times in ISO 8601.
fn text(cell: &DataRef<'_>) -> String {
    match cell {
        DataRef::Int(value) => value.to_string(),
        DataRef::Float(value) => value.to_string(),
        DataRef::String(value) => value.clone(),
        DataRef::SharedString(value) => (*value).to_owned(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(value) => date_time(value),
        DataRef::DateTimeIso(value) | DataRef::DurationIso(value) => value.clone(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

fn date_time(value: &ExcelDateTime) -> String {
    if value.is_duration() {
        let seconds = (value.as_f64() * 86_400.0).round() as i64;
        return types::Duration(seconds * 1_000_000).to_string();
    }
    let (year, month, day, hour, minute, second, milli) = value.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second, milli) {
        (0, 0, 0, 0) => date,
        (_, _, _, 0) => format!("{date} {hour:02}:{minute:02}:{second:02}"),
        _ => format!("{date} {hour:02}:{minute:02}:{second:02}.{milli:03}"),
    }
}
