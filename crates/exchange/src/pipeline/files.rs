//! The files of an import: a folder of them, or one; and their columns where they name none.

use super::ImportError;
use crate::ddl;
use crate::mapping::Mapping;
use crate::source::{self, Format, SourceError, Table, fail};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The files that an import may read.
pub(crate) struct Files {
    /// Names and paths, in the order of names.
    all: Vec<(String, PathBuf)>,
    /// The one file of the import, which then stands for any name.
    only: Option<PathBuf>,
    /// Columns of tables, by name in lower case.
    columns: HashMap<String, Vec<String>>,
}

impl Files {
    /// The files of a folder, or one file.
    pub(crate) fn new(path: &Path, mapping: &Mapping) -> Result<Files, SourceError> {
        let is_folder = path.is_dir();
        let all = if is_folder { list(path)? } else { vec![(name_of(path), path.to_owned())] };
        let tables = mapping.steps.iter().filter(|step| step.file.is_some()).count();
        let only = (!is_folder && tables == 1).then(|| path.to_owned());
        let mut files = Files { all, only, columns: HashMap::new() };
        if let Some(name) = &mapping.headers {
            let found = files.find(name)?.ok_or_else(|| {
                fail(path, format!("has no file {name}, which names the columns"))
            })?;
            let text = std::fs::read_to_string(&found).map_err(|error| fail(&found, error))?;
            files.columns = ddl::tables(&text);
        }
        Ok(files)
    }

    /// The file of a name or pattern.
    pub(crate) fn find(&self, pattern: &str) -> Result<Option<PathBuf>, SourceError> {
        let mut found = self.all.iter().filter(|(name, _)| matches(pattern, name));
        let (first, second) = (found.next(), found.next());
        match (first, second) {
            (Some((one, _)), Some((other, _))) => Err(SourceError {
                file: pattern.to_owned(),
                detail: format!("stands for {one} and {other}; name one of them"),
            }),
            (Some((_, path)), None) => Ok(Some(path.clone())),
            (None, _) => Ok(self.only.clone()),
        }
    }

    /// Opens the file of a name; none if there is no such file.
    pub(crate) fn open(
        &self,
        pattern: &str,
        mut format: Format,
    ) -> Result<Option<(String, Table)>, ImportError> {
        let Some(path) = self.find(pattern)? else { return Ok(None) };
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
        if format.columns.is_none()
            && let Some(columns) = self.columns.get(&stem)
        {
            format.columns = Some(columns.clone());
        }
        Ok(Some((name_of(&path), source::open(&path, &format)?)))
    }
}

/// The files that an import by a mapping reads, in the order of their names.
///
/// # Errors
/// [`SourceError`] when a folder cannot be read, or a pattern stands for two files.
pub fn files_of(source: &Path, mapping: &Mapping) -> Result<Vec<PathBuf>, SourceError> {
    let files = Files::new(source, mapping)?;
    let tables = mapping.steps.iter().flat_map(|step| {
        let lines = step.lines.iter().map(|lines| &lines.file);
        step.file.iter().chain(lines)
    });
    let mut found = Vec::new();
    for pattern in tables.chain(&mapping.headers) {
        found.extend(files.find(pattern)?);
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// The files of a folder that may be tables or name their columns, in the order of names.
pub(crate) fn list(folder: &Path) -> Result<Vec<(String, PathBuf)>, SourceError> {
    let entries = std::fs::read_dir(folder).map_err(|error| fail(folder, error))?;
    let mut all = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| fail(folder, error))?.path();
        if path.is_file() {
            all.push((name_of(&path), path));
        }
    }
    all.sort();
    Ok(all)
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Whether a name is meant by a pattern; upper and lower case are one.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut last = None;
    for part in parts {
        last = Some(part);
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    match last {
        None => rest.is_empty(),
        Some(part) => rest.is_empty() || name[first.len()..].ends_with(part),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, name, expected) in [
            ("Orders.csv", "orders.CSV", true),
            ("Orders.csv", "OrdersOld.csv", false),
            ("Orders*.csv", "Orders-2026.csv", true),
            ("*.csv", "a.csv.bak", false),
            ("*", "anything", true),
            ("a*b*c", "a1b2c", true),
            ("a*b*c", "a1c2b", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
