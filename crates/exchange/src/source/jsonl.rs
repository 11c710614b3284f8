//! JSON lines: one object on each line; an object inside it is read as `outer.inner`.

use super::encoding::{Decoder, detect};
use super::guard::{Guard, Since};
use super::{Format, MAX_COLUMNS, Row, SourceError, Table, distinct, fail};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// How many lines are looked at to learn the names of the columns.
const SAMPLE: usize = 1_000;

/// The deepest object whose members are cells; what lies deeper stays JSON.
const MAX_DEPTH: usize = 8;

/// The columns are those that the format names and those of the first thousand lines; a member
/// that appears only later is not read.
pub(super) fn open(path: &Path, format: &Format) -> Result<Table, SourceError> {
    let encoding = match format.encoding {
        Some(said) => said,
        None => {
            let mut file = File::open(path).map_err(|error| fail(path, error))?;
            detect(&mut file).map_err(|error| fail(path, error))?
        }
    };
    let lines = || -> Result<_, SourceError> {
        let file = File::open(path).map_err(|error| fail(path, error))?;
        let since = Since::default();
        let lines = BufReader::new(Guard::new(Decoder::new(file, encoding), since.clone())).lines();
        Ok(lines.inspect(move |_| since.begin()))
    };
    let mut columns = distinct(format.columns.clone().unwrap_or_default());
    for line in lines()?.skip(format.skip).take(SAMPLE) {
        let line = line.map_err(|error| fail(path, error))?;
        for (name, _) in members(&line).unwrap_or_default() {
            if !columns.contains(&name) {
                columns.push(name);
            }
            if columns.len() > MAX_COLUMNS {
                return Err(fail(path, format!("has more than {MAX_COLUMNS} columns")));
            }
        }
    }
    let places: HashMap<String, usize> = columns.iter().cloned().zip(0..).collect();
    let width = columns.len();
    let path = path.to_owned();
    let rows = lines()?.zip(1..).skip(format.skip).filter_map(move |(line, number)| {
        let line = match line {
            Ok(line) if line.trim().is_empty() => return None,
            Ok(line) => line,
            Err(error) => return Some(Err(fail(&path, error))),
        };
        let mut row = Row { line: number, cells: vec![String::new(); width], fault: None };
        match members(&line) {
            Ok(members) => {
                for (name, cell) in members {
                    if let Some(&at) = places.get(&name) {
                        row.cells[at] = cell;
                    }
                }
            }
            Err(fault) => row.fault = Some(fault),
        }
        Some(Ok(row))
    });
    Ok(Table::new(columns, rows))
}

/// The members of a line's object as cells, in their order; numbers in the digits of the file.
fn members(line: &str) -> Result<Vec<(String, String)>, String> {
    let mut cells = Vec::new();
    if line.trim().is_empty() {
        return Ok(cells);
    }
    if !line.trim_start().starts_with('{') {
        return Err("the line is not a JSON object".to_owned());
    }
    match flatten("", line, 0, &mut cells) {
        Ok(()) => Ok(cells),
        Err(error) => Err(format!("the line is not JSON: {error}")),
    }
}

fn flatten(
    above: &str,
    object: &str,
    depth: usize,
    out: &mut Vec<(String, String)>,
) -> Result<(), serde_json::Error> {
    let members: Members<'_> = serde_json::from_str(object)?;
    for (name, raw) in members.0 {
        let name = if above.is_empty() { name } else { format!("{above}.{name}") };
        let raw = raw.get();
        match raw.as_bytes().first() {
            Some(b'n') => out.push((name, String::new())),
            Some(b'"') => out.push((name, serde_json::from_str(raw)?)),
            Some(b'{') if depth < MAX_DEPTH => flatten(&name, raw, depth + 1, out)?,
            _ => out.push((name, raw.to_owned())),
        }
    }
    Ok(())
}

/// The members of an object in their order, with their JSON text.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}
