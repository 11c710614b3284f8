//! Tables of lines, kept in a temporary file by the key of their record.
//!
//! A table of lines need not stand in the order of its records, and may be larger than memory.
//! It is read once and written to a file; in memory remain the keys and where their rows begin.

use crate::source::{Row, SourceError};
use crate::temporary::File;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

/// Rows by key.
pub(super) struct Spill {
    file: BufWriter<File>,
    length: u64,
    places: HashMap<String, Vec<u64>>,
}

impl Spill {
    pub(super) fn new() -> io::Result<Spill> {
        let file = BufWriter::new(File::new()?);
        Ok(Spill { file, length: 0, places: HashMap::new() })
    }

    /// Keeps a row under a key.
    pub(super) fn keep(&mut self, key: String, row: &Row) -> io::Result<()> {
        let mut bytes = Vec::new();
        put(&mut bytes, row.line);
        let fault = row.fault.clone().unwrap_or_default();
        put(&mut bytes, row.cells.len() as u64 + 1);
        for cell in row.cells.iter().chain([&fault]) {
            put(&mut bytes, cell.len() as u64);
            bytes.extend_from_slice(cell.as_bytes());
        }
        self.places.entry(key).or_default().push(self.length);
        self.file.write_all(&(bytes.len() as u64).to_le_bytes())?;
        self.file.write_all(&bytes)?;
        self.length += 8 + bytes.len() as u64;
        Ok(())
    }

    /// Takes the rows of a key, in the order of their file; a second time there are none.
    pub(super) fn take(&mut self, key: &str) -> io::Result<Vec<Row>> {
        let Some(places) = self.places.remove(key) else { return Ok(Vec::new()) };
        self.rows(&places)
    }

    /// Takes all rows that nobody took, in the order of their file.
    pub(super) fn rest(&mut self) -> io::Result<Vec<(String, u64)>> {
        let places = std::mem::take(&mut self.places);
        let mut by_place = BTreeMap::new();
        for (key, places) in places {
            by_place.extend(places.into_iter().map(|place| (place, key.clone())));
        }
        Ok(by_place.into_iter().map(|(place, key)| (key, place)).collect())
    }

    /// The row at a place.
    pub(super) fn row(&mut self, place: u64) -> io::Result<Row> {
        let mut rows = self.rows(&[place])?;
        rows.pop().ok_or_else(|| io::Error::other("no row"))
    }

    fn rows(&mut self, places: &[u64]) -> io::Result<Vec<Row>> {
        self.file.flush()?;
        let file = self.file.get_mut().get();
        let mut rows = Vec::with_capacity(places.len());
        for place in places {
            file.seek(SeekFrom::Start(*place))?;
            let mut length = [0; 8];
            file.read_exact(&mut length)?;
            let mut bytes = vec![0; u64::from_le_bytes(length) as usize];
            file.read_exact(&mut bytes)?;
            rows.push(parse(&bytes).ok_or_else(|| io::Error::other("a row was cut off"))?);
        }
        file.seek(SeekFrom::End(0))?;
        Ok(rows)
    }
}

pub(super) fn fault(error: io::Error) -> SourceError {
    SourceError { file: "temporary file".to_owned(), detail: error.to_string() }
}

fn put(bytes: &mut Vec<u8>, number: u64) {
    bytes.extend_from_slice(&number.to_le_bytes());
}

fn parse(mut bytes: &[u8]) -> Option<Row> {
    let number = |bytes: &mut &[u8]| {
        let (first, rest) = bytes.split_first_chunk::<8>()?;
        *bytes = rest;
        Some(u64::from_le_bytes(*first))
    };
    let line = number(&mut bytes)?;
    let count = number(&mut bytes)?;
    let mut cells = Vec::new();
    for _ in 0..count {
        let length = number(&mut bytes)? as usize;
        let (cell, rest) = bytes.split_at_checked(length)?;
        bytes = rest;
        cells.push(String::from_utf8(cell.to_vec()).ok()?);
    }
    let fault = cells.pop().filter(|fault| !fault.is_empty());
    Some(Row { line, cells, fault })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_by_key_in_their_order_and_once() {
        let mut spill = Spill::new().unwrap();
        let row =
            |line: u64| Row { line, cells: vec![format!("é{line}"), String::new()], fault: None };
        for (key, line) in [("b", 1), ("a", 2), ("b", 3), ("c", 4)] {
            spill.keep(key.to_owned(), &row(line)).unwrap();
        }
        assert_eq!(spill.take("b").unwrap(), [row(1), row(3)]);
        assert_eq!(spill.take("b").unwrap(), []);
        spill.keep("a".to_owned(), &row(5)).unwrap();
        let rest = spill.rest().unwrap();
        let lines: Vec<u64> = rest.iter().map(|(_, at)| spill.row(*at).unwrap().line).collect();
        assert_eq!(lines, [2, 4, 5]);
    }
}
