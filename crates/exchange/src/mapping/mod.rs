//! Mappings: which table becomes which entity, and how cells become fields.
//!
//! A mapping is a TOML file; `docs/import.md` describes it. It is read here as it stands and
//! bound to the schema and to the columns of each table by [`bind`].

pub(crate) mod bind;
mod cell;
mod columns;
mod fields;

pub(crate) use cell::{Rule, to_text as cell_text};
pub(crate) use columns::Origin;
pub use fields::{FieldFilled, fields_of, only_entity, with_fields};

use crate::source::Format;
use kernel::schema::nearest;
use serde::Deserialize;
use std::collections::BTreeMap;

/// How an import is done.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The name of the data, which is also the name of the change set.
    pub name: String,
    /// What the data is, in one sentence.
    #[serde(default)]
    pub title: String,
    /// Under which name old keys are kept in `external_ids`; [`Mapping::name`] if not said.
    #[serde(default)]
    pub(crate) external: Option<String>,
    /// The company of an organisation that is made for this import.
    #[serde(default)]
    pub org: NewOrg,
    /// How the files are written, where a step does not say otherwise.
    #[serde(default)]
    pub format: Format,
    /// A file of `CREATE TABLE` statements that names the columns of files without headers.
    #[serde(default)]
    pub headers: Option<String>,
    /// By which files the mapping is recognised; a mapping without them is never found by itself.
    #[serde(default)]
    pub detect: Vec<Detect>,
    /// Whether blanks around cells are taken away, in texts too.
    #[serde(default)]
    pub trim: bool,
    /// The currency of amounts that name none.
    #[serde(default)]
    pub currency: Option<String>,
    /// Tables that turn one text into another, by name.
    #[serde(default)]
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// What is done, in this order.
    #[serde(default, rename = "step")]
    pub steps: Vec<Step>,
}

/// The first company of an organisation made for an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewOrg {
    /// Its name.
    pub company: Option<String>,
    /// Its country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Its currency, ISO 4217.
    pub currency: Option<String>,
    /// Its time zone, an IANA name.
    pub time_zone: Option<String>,
}

/// A file by which a mapping is recognised.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detect {
    /// The file's name, upper and lower case being one.
    pub file: String,
    /// Columns that its header names.
    #[serde(default)]
    pub columns: Vec<String>,
}

/// One table that becomes records of one entity.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The file's name; `*` stands for any characters.
    #[serde(default)]
    pub file: Option<String>,
    /// Rows that the mapping itself holds, instead of a file.
    #[serde(default)]
    pub rows: Option<Vec<BTreeMap<String, String>>>,
    /// How the file is written.
    #[serde(default)]
    pub format: Option<Format>,
    /// Whether the step is passed over when there is no such file.
    #[serde(default)]
    pub optional: bool,
    /// The entity's full name.
    pub entity: String,
    /// A column or an expression: the record's key in the other system.
    pub key: String,
    /// Under which name the keys are kept; the mapping's if not said.
    #[serde(default)]
    pub external: Option<String>,
    /// A field by which a record that does not bear the key yet is recognised.
    #[serde(default, rename = "match")]
    pub matched: Option<String>,
    /// What is done with records that exist and that do not.
    #[serde(default)]
    pub mode: Mode,
    /// An expression; rows for which it does not hold are passed over.
    #[serde(default, rename = "where")]
    pub filter: Option<String>,
    /// Whether further rows of a key are passed over; else they are refused.
    #[serde(default)]
    pub distinct: bool,
    /// An expression: the state of a new record.
    #[serde(default)]
    pub state: Option<String>,
    /// A column or an expression: the number of a new document.
    #[serde(default)]
    pub number: Option<String>,
    /// The types of columns in expressions, where they are not text.
    #[serde(default)]
    pub types: BTreeMap<String, ColumnType>,
    /// Whether blanks around cells are taken away, in texts too.
    #[serde(default)]
    pub trim: Option<bool>,
    /// How each field is filled.
    #[serde(default)]
    pub fields: toml::Table,
    /// Tables of lines inside the records.
    #[serde(default)]
    pub lines: Vec<Lines>,
}

/// A table whose rows become lines of the step's records.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lines {
    /// The field that holds the lines.
    pub field: String,
    /// The file's name.
    pub file: String,
    /// How the file is written.
    #[serde(default)]
    pub format: Option<Format>,
    /// A column or an expression: the key of the record that the line belongs to.
    pub parent: String,
    /// A column or an expression: the line's own key.
    #[serde(default)]
    pub key: Option<String>,
    /// The types of columns in expressions, where they are not text.
    #[serde(default)]
    pub types: BTreeMap<String, ColumnType>,
    /// Whether blanks around cells are taken away, in texts too.
    #[serde(default)]
    pub trim: Option<bool>,
    /// How each field of a line is filled.
    #[serde(default)]
    pub fields: toml::Table,
}

/// What a step does with records that exist and that do not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Makes what does not exist and changes what does.
    #[default]
    Upsert,
    /// Makes what does not exist and leaves what does.
    Create,
    /// Changes what exists and refuses what does not.
    Update,
}

/// The type of a column in expressions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// Text, as it stands.
    #[default]
    Text,
    /// A whole number.
    Integer,
    /// An exact decimal.
    Decimal,
    /// True or false; yes and no, 1 and 0.
    Boolean,
    /// A day.
    Date,
}

impl Mapping {
    /// Reads a mapping and checks what can be checked without data.
    ///
    /// # Errors
    /// What is wrong, with its line where the TOML is at fault.
    pub fn parse(text: &str) -> Result<Mapping, MappingError> {
        let mapping: Mapping = toml::from_str(text)
            .map_err(|error| MappingError { problems: vec![error.to_string()] })?;
        let mut problems = Vec::new();
        let of_name = |name: &str| {
            let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.-".contains(&b);
            !name.is_empty() && name.len() <= 60 && name.bytes().all(known)
        };
        let steps = mapping.steps.iter().filter_map(|step| step.external.as_deref());
        for name in [mapping.external()].into_iter().chain(steps).filter(|name| !of_name(name)) {
            problems.push(format!(
                "external = {name:?}: must be 1 to 60 of a to z, 0 to 9, _ . - as a name of old keys"
            ));
        }
        for (step, number) in mapping.steps.iter().zip(1..) {
            if step.file.is_some() == step.rows.is_some() {
                problems.push(format!("step {number}: give either a file or rows"));
            }
            let files = step.lines.iter().map(|lines| lines.file.as_str());
            for file in step.file.as_deref().into_iter().chain(files) {
                if file.is_empty() || file.contains(['/', '\\']) || file == ".." {
                    problems
                        .push(format!("step {number}: {file:?} must be a name without folders"));
                }
            }
        }
        if problems.is_empty() { Ok(mapping) } else { Err(MappingError { problems }) }
    }

    /// Under which name old keys are kept, where a step does not say otherwise.
    pub fn external(&self) -> &str {
        self.external.as_deref().unwrap_or(&self.name)
    }

    /// The mapping for one table of a file that holds several: steps that name no sheet read it.
    pub fn with_table(mut self, table: Option<&str>) -> Mapping {
        let Some(table) = table else { return self };
        for step in self.steps.iter_mut().filter(|step| step.file.is_some()) {
            let mut format = step.format.clone().unwrap_or_else(|| self.format.clone());
            format.sheet.get_or_insert_with(|| table.to_owned());
            step.format = Some(format);
        }
        self
    }

    /// How a step's file is written.
    pub(crate) fn format_of(&self, own: &Option<Format>) -> Format {
        own.clone().unwrap_or_else(|| self.format.clone())
    }
}

/// Why a mapping cannot be used; all that is wrong together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MappingError {
    /// Each names its step and field.
    pub problems: Vec<String>,
}

impl std::fmt::Display for MappingError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.problems.join("\n"))
    }
}

impl std::error::Error for MappingError {}

/// "; did you mean X?", where one name is near.
pub(crate) fn hint<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    nearest(name, known).map_or(String::new(), |near| format!("; did you mean {near}?"))
}
