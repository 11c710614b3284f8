//! Export: pages of records as CSV, workbook or JSON lines, one page in memory at a time.
//!
//! The pages come from whoever asks, with that person's rights: what the person may not see is
//! no column and no cell. A link is two columns, the title and the id; money is two, the amount
//! and the currency; an address is five.

mod columns;
mod delimited;
mod jsonl;
mod workbook;

pub use delimited::neutral;

use async_trait::async_trait;
use columns::{Columns, Titled};
use kernel::service::Registry;
use kernel::{Entity, Page, Problem};
use std::io;
use std::sync::Arc;
use types::Uuid;

/// How records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated text in UTF-8 with a byte order mark, which Excel needs to see it is UTF-8.
    Csv,
    /// A workbook of Excel.
    Xlsx,
    /// One JSON object on each line, as the API shows the record, lines included.
    JsonLines,
}

impl Format {
    /// The format of a name: `csv`, `xlsx`, `jsonl`.
    pub fn parse(name: &str) -> Option<Format> {
        match name {
            "csv" => Some(Format::Csv),
            "xlsx" => Some(Format::Xlsx),
            "jsonl" | "ndjson" => Some(Format::JsonLines),
            _ => None,
        }
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Csv => "text/csv; charset=utf-8",
            Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Format::JsonLines => "application/x-ndjson",
        }
    }

    /// How a file's name ends.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
            Format::JsonLines => "jsonl",
        }
    }
}

/// What is exported and how.
#[derive(Clone, Debug)]
pub struct Export {
    /// The records' entity.
    pub entity: Arc<Entity>,
    /// How they are written.
    pub format: Format,
    /// The names of the fields, in order; all that the actor may read if empty.
    pub fields: Vec<String>,
    /// A field of lines: the table then has a row for each line, its record's cells repeated.
    pub lines: Option<String>,
}

/// Gives records page by page, with the rights of who asks.
#[async_trait]
pub trait Pages: Send {
    /// The next page; none after the last. Lines come with the records where they are exported.
    ///
    /// # Errors
    /// A [`Problem`] when the service refuses or cannot answer.
    async fn next(&mut self) -> Result<Option<Page>, Problem>;
}

/// Gives the titles of linked records, as far as who asks may see them.
#[async_trait]
pub trait Titles: Send + Sync {
    /// Titles of the records of an entity; those that cannot be seen are left out.
    ///
    /// # Errors
    /// A [`Problem`] when the service cannot answer.
    async fn titles(&self, entity: &str, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, Problem>;
}

/// Takes the bytes of a file as they come.
#[async_trait]
pub trait Sink: Send {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// When they cannot be taken; the export stops then.
    async fn take(&mut self, bytes: Vec<u8>) -> io::Result<()>;
}

/// Bytes in memory; for small exports and tests.
#[async_trait]
impl Sink for Vec<u8> {
    async fn take(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        self.extend(bytes);
        Ok(())
    }
}

/// A file on disk.
#[async_trait]
impl Sink for std::fs::File {
    async fn take(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        io::Write::write_all(self, &bytes)
    }
}

/// Why an export stopped.
#[derive(Debug)]
pub enum ExportError {
    /// A field that is not there, or a refusal.
    Problem(Problem),
    /// The file cannot be written.
    Io(io::Error),
}

impl std::fmt::Display for ExportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ExportError::Problem(problem) => problem.fmt(f),
            ExportError::Io(error) => write!(f, "the file cannot be written: {error}"),
        }
    }
}

impl std::error::Error for ExportError {}

impl From<Problem> for ExportError {
    fn from(problem: Problem) -> ExportError {
        ExportError::Problem(problem)
    }
}

impl From<io::Error> for ExportError {
    fn from(error: io::Error) -> ExportError {
        ExportError::Io(error)
    }
}

/// Writes all records; answers how many there were.
///
/// # Errors
/// [`ExportError`]; what was written until then is no whole file.
pub async fn export(
    what: &Export,
    registry: &Registry,
    pages: &mut dyn Pages,
    titles: &dyn Titles,
    sink: &mut dyn Sink,
) -> Result<u64, ExportError> {
    let mut columns = Columns::new(what, registry)?;
    if what.format == Format::JsonLines {
        return jsonl::write(&columns, registry, pages, sink).await;
    }
    let mut table: Box<dyn Tabular> = match what.format {
        Format::Xlsx => Box::new(workbook::Book::new(&what.entity.plural)?),
        _ => Box::new(delimited::Text::new()),
    };
    let mut titled = Titled::default();
    let mut count = 0;
    let mut has_header = false;
    while let Some(page) = pages.next().await? {
        if !std::mem::replace(&mut has_header, true) {
            columns.see(page.items.first());
            table.header(&columns.names())?;
        }
        titled.learn(&columns, &page.items, titles).await?;
        for view in &page.items {
            count += 1;
            columns.rows(view, registry, &titled, &mut |row| table.row(row))?;
        }
        let bytes = table.ready();
        if !bytes.is_empty() {
            sink.take(bytes).await?;
        }
    }
    if !has_header {
        columns.see(None);
        table.header(&columns.names())?;
    }
    table.finish(sink).await?;
    Ok(count)
}

/// One cell of a table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    Empty,
    Bool(bool),
    /// A number in plain digits.
    Number(String),
    /// A day.
    Date(types::Date),
    /// Text of the platform's own making: ids, codes, instants.
    Plain(String),
    /// Text that somebody wrote.
    Text(String),
}

/// A file that holds a table.
#[async_trait]
pub(crate) trait Tabular: Send {
    fn header(&mut self, names: &[String]) -> io::Result<()>;
    fn row(&mut self, row: &[Piece]) -> io::Result<()>;
    /// The bytes that can be sent off already.
    fn ready(&mut self) -> Vec<u8>;
    async fn finish(self: Box<Self>, sink: &mut dyn Sink) -> io::Result<()>;
}
