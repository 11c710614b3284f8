//! A workbook, written row by row to temporary files.

use super::{Piece, Sink, Tabular};
use async_trait::async_trait;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, XlsxError};
use std::io::{self, Read, Seek};

/// The rows of one sheet; what does not fit goes to the next.
const ROWS: u32 = 1_048_576;

/// The longest text of a cell.
const TEXT: usize = 32_767;

/// The columns of a sheet.
const COLUMNS: usize = 16_384;

/// Digits that a spreadsheet keeps of a number; longer ones are written as text.
const DIGITS: usize = 15;

pub(super) struct Book {
    book: Workbook,
    name: String,
    sheets: usize,
    row: u32,
    names: Vec<String>,
    date: Format,
    bold: Format,
}

impl Book {
    pub(super) fn new(name: &str) -> io::Result<Book> {
        Ok(Book {
            book: Workbook::new(),
            name: name.chars().filter(|c| !"[]:*?/\\'".contains(*c)).take(25).collect(),
            sheets: 0,
            row: 0,
            names: Vec::new(),
            date: Format::new().set_num_format("yyyy-mm-dd"),
            bold: Format::new().set_bold(),
        })
    }

    /// A further sheet, with the names of the columns.
    fn sheet(&mut self) -> Result<(), XlsxError> {
        self.sheets += 1;
        let name = match self.sheets {
            1 => self.name.clone(),
            n => format!("{} {n}", self.name),
        };
        let sheet = self.book.add_worksheet_with_constant_memory()?;
        sheet.set_name(&name)?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, name) in self.names.iter().enumerate() {
            sheet.write_string_with_format(0, column as u16, name, &self.bold)?;
        }
        self.row = 1;
        Ok(())
    }

    fn write(&mut self, row: &[Piece]) -> Result<(), XlsxError> {
        if self.row == ROWS {
            self.sheet()?;
        }
        let sheet = self.book.worksheet_from_index(self.sheets - 1)?;
        for (column, piece) in row.iter().take(COLUMNS).enumerate() {
            let at = (self.row, column as u16);
            match piece {
                Piece::Empty => {}
                Piece::Bool(value) => {
                    sheet.write_boolean(at.0, at.1, *value)?;
                }
                Piece::Number(text) => match exact(text) {
                    Some(number) => {
                        sheet.write_number(at.0, at.1, number)?;
                    }
                    None => {
                        sheet.write_string(at.0, at.1, text)?;
                    }
                },
                Piece::Date(day) => match excel_day(*day) {
                    Some(date) => {
                        sheet.write_datetime_with_format(at.0, at.1, date, &self.date)?;
                    }
                    None => {
                        sheet.write_string(at.0, at.1, day.to_string())?;
                    }
                },
                // A text is written as a text: a workbook never takes it for a formula.
                Piece::Plain(text) | Piece::Text(text) => {
                    sheet.write_string(at.0, at.1, &*short(text))?;
                }
            }
        }
        self.row += 1;
        Ok(())
    }
}

/// The number, if a spreadsheet keeps all its digits.
fn exact(text: &str) -> Option<f64> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.parse().ok().filter(|_| digits <= DIGITS)
}

/// The day, if a spreadsheet knows it.
fn excel_day(day: types::Date) -> Option<ExcelDateTime> {
    let year = u16::try_from(day.year()).ok()?;
    ExcelDateTime::from_ymd(year, day.month() as u8, day.day() as u8).ok()
}

/// The text, cut to what a cell holds.
fn short(text: &str) -> std::borrow::Cow<'_, str> {
    // Cells are counted in UTF-16.
    if text.len() <= TEXT || text.encode_utf16().count() <= TEXT {
        return text.into();
    }
    let mut units = 0;
    let kept = text.chars().take_while(|c| {
        units += c.len_utf16();
        units < TEXT
    });
    kept.chain(['…']).collect::<String>().into()
}

fn fault(error: XlsxError) -> io::Error {
    io::Error::other(error.to_string())
}

#[async_trait]
impl Tabular for Book {
    fn header(&mut self, names: &[String]) -> io::Result<()> {
        self.names = names.iter().take(COLUMNS).cloned().collect();
        self.sheet().map_err(fault)
    }

    fn row(&mut self, row: &[Piece]) -> io::Result<()> {
        self.write(row).map_err(fault)
    }

    fn ready(&mut self) -> Vec<u8> {
        Vec::new()
    }

    /// A workbook is whole only at its end: it is put together in a temporary file.
    async fn finish(mut self: Box<Self>, sink: &mut dyn Sink) -> io::Result<()> {
        let mut file = crate::temporary::File::new()?;
        self.book.save_to_writer(file.get()).map_err(fault)?;
        drop(self);
        file.get().rewind()?;
        loop {
            let mut bytes = vec![0; 1 << 16];
            let got = file.get().read(&mut bytes)?;
            if got == 0 {
                return Ok(());
            }
            bytes.truncate(got);
            sink.take(bytes).await?;
        }
    }
}
