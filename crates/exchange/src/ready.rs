//! Mappings for well-known data sets, found by their files.

use crate::mapping::{Mapping, MappingError};
use crate::pipeline::Files;
use crate::source::SourceError;
use std::path::Path;

/// The ready mappings: name and text.
pub const MAPPINGS: [(&str, &str); 3] = [
    ("northwind", include_str!("../mappings/northwind.toml")),
    ("chinook", include_str!("../mappings/chinook.toml")),
    ("adventureworks-oltp", include_str!("../mappings/adventureworks-oltp.toml")),
];

/// The ready mapping of a name.
///
/// # Errors
/// [`MappingError`] when the name is none of them.
pub fn named(name: &str) -> Result<Mapping, MappingError> {
    text(name).and_then(Mapping::parse)
}

/// The text of the ready mapping of a name.
///
/// # Errors
/// [`MappingError`] when the name is none of them.
pub fn text(name: &str) -> Result<&'static str, MappingError> {
    match MAPPINGS.iter().find(|(known, _)| *known == name) {
        Some((_, text)) => Ok(text),
        None => {
            let known: Vec<&str> = MAPPINGS.iter().map(|(known, _)| *known).collect();
            let text =
                format!("there is no ready mapping {name:?}; there are {}", known.join(", "));
            Err(MappingError { problems: vec![text] })
        }
    }
}

/// The ready mapping for a folder: the one whose files are all there, with the columns it expects.
///
/// # Errors
/// [`SourceError`] when the folder cannot be read.
pub fn find(source: &Path) -> Result<Option<Mapping>, SourceError> {
    for (_, text) in MAPPINGS {
        let Ok(mapping) = Mapping::parse(text) else { continue };
        if fits(source, &mapping)? {
            return Ok(Some(mapping));
        }
    }
    Ok(None)
}

/// Whether a mapping's marks are all there.
fn fits(source: &Path, mapping: &Mapping) -> Result<bool, SourceError> {
    if mapping.detect.is_empty() || !source.is_dir() {
        return Ok(false);
    }
    let bare = Mapping { headers: None, ..mapping.clone() };
    let files = Files::new(source, &bare)?;
    for mark in &mapping.detect {
        let Some(path) = files.find(&mark.file)? else { return Ok(false) };
        if mark.columns.is_empty() {
            continue;
        }
        let Ok(table) = crate::source::open(&path, &mapping.format) else { return Ok(false) };
        if !mark.columns.iter().all(|name| table.columns.contains(name)) {
            return Ok(false);
        }
    }
    Ok(true)
}
