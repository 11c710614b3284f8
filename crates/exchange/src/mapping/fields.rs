//! The fields of a mapping of one table, as a screen shows and changes them.

use super::MappingError;
use serde::Serialize;
use serde_json::Value as Json;

/// A field and what fills it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldFilled {
    /// The field; `address.city` for a part of one.
    pub field: String,
    /// The column or the expression that fills it.
    pub from: String,
    /// How its cells are read, where that is not plain.
    pub note: Option<String>,
}

/// The fields that the first table of a mapping fills, in their order.
///
/// # Errors
/// When the text is no TOML.
pub fn fields_of(mapping: &str) -> Result<Vec<FieldFilled>, MappingError> {
    let mut found = Vec::new();
    let table: toml::Table = mapping.parse().map_err(wrong)?;
    let step = table.get("step").and_then(|steps| steps.get(0));
    let fields = step.and_then(|step| step.get("fields")).and_then(toml::Value::as_table);
    for (name, spec) in fields.into_iter().flatten() {
        match spec.as_table().filter(|parts| origin(parts).is_none()) {
            Some(parts) => {
                found.extend(
                    parts.iter().map(|(part, spec)| filled(format!("{name}.{part}"), spec)),
                );
            }
            None => found.push(filled(name.clone(), spec)),
        }
    }
    Ok(found)
}

/// A mapping whose first table is filled by other fields, and keyed by another column or
/// expression if `key` says so. `fields` are texts or tables as they stand in a mapping, by the
/// names of their fields; null and an empty text leave a field out.
///
/// # Errors
/// When the text is no TOML, or a field is given as something else.
pub fn with_fields(
    mapping: &str,
    fields: Option<&serde_json::Map<String, Json>>,
    key: Option<&str>,
) -> Result<String, MappingError> {
    let mut table: toml::Table = mapping.parse().map_err(wrong)?;
    let steps = table.get_mut("step").and_then(|steps| steps.get_mut(0));
    let Some(step) = steps.and_then(toml::Value::as_table_mut) else {
        return Err(wrong("the mapping has no table"));
    };
    if let Some(key) = key {
        step.insert("key".to_owned(), key.into());
    }
    if let Some(fields) = fields {
        let mut filled = toml::Table::new();
        for (name, spec) in fields {
            let spec = match spec {
                Json::Null => continue,
                Json::String(text) if text.trim().is_empty() => continue,
                Json::String(text) => toml::Value::String(text.clone()),
                Json::Object(_) => toml::Value::try_from(spec).map_err(wrong)?,
                _ => return Err(wrong(format!("{name}: must be a text or an object"))),
            };
            match name.split_once('.') {
                None => drop(filled.insert(name.clone(), spec)),
                Some((field, part)) => {
                    let whole = filled.entry(field).or_insert_with(|| toml::Table::new().into());
                    let whole = whole.as_table_mut();
                    let whole = whole.ok_or_else(|| wrong(format!("{field}: is filled twice")))?;
                    whole.insert(part.to_owned(), spec);
                }
            }
        }
        step.insert("fields".to_owned(), filled.into());
    }
    toml::to_string(&table).map_err(wrong)
}

/// A mapping with those tables only that become records of `entity`, and how many those are.
///
/// # Errors
/// When the text is no TOML.
pub fn only_entity(mapping: &str, entity: &str) -> Result<(String, usize), MappingError> {
    let mut table: toml::Table = mapping.parse().map_err(wrong)?;
    let mut count = 0;
    if let Some(toml::Value::Array(steps)) = table.get_mut("step") {
        let text = |step: &toml::Value, name: &str| step.get(name)?.as_str().map(str::to_owned);
        steps.retain(|step| {
            text(step, "entity").as_deref() == Some(entity) && text(step, "file").is_some()
        });
        count = steps.len();
    }
    toml::to_string(&table).map(|text| (text, count)).map_err(wrong)
}

fn wrong(why: impl std::fmt::Display) -> MappingError {
    MappingError { problems: vec![why.to_string()] }
}

/// What a table says that its field is filled by.
fn origin(parts: &toml::Table) -> Option<&str> {
    ["column", "expr", "key", "value"].iter().find_map(|name| parts.get(*name)?.as_str())
}

fn filled(field: String, spec: &toml::Value) -> FieldFilled {
    let Some(parts) = spec.as_table() else {
        let from = spec.as_str().unwrap_or_default().to_owned();
        return FieldFilled { field, from, note: None };
    };
    let from = origin(parts).unwrap_or_default().to_owned();
    let named = parts.iter().filter(|(name, _)| !["column", "expr"].contains(&name.as_str()));
    let notes: Vec<String> = named
        .map(|(name, value)| match value.as_str() {
            Some(text) if name == "key" && text == from => "by the key of the linked record".into(),
            Some(_) if name == "value" => "the same for every row".to_owned(),
            Some(text) => format!("{name} {text}"),
            None => format!("{name} {value}"),
        })
        .collect();
    FieldFilled { field, from, note: (!notes.is_empty()).then(|| notes.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const MAPPING: &str = "name = \"x\"\n[[step]]\nfile = \"a.csv\"\nentity = \"operations.item\"\n\
        key = \"no\"\n[step.fields]\nname = \"Name\"\non = { column = \"On\", format = \"%d.%m.%Y\" }\n\
        [step.fields.address]\ncity = \"City\"\n";

    #[test]
    fn a_mapping_tells_what_fills_each_field() {
        let told: Vec<(String, String, Option<String>)> = fields_of(MAPPING)
            .unwrap()
            .into_iter()
            .map(|filled| (filled.field, filled.from, filled.note))
            .collect();
        let expected = [
            ("address.city", "City", None),
            ("name", "Name", None),
            ("on", "On", Some("format %d.%m.%Y")),
        ];
        let expected = expected.map(|(field, from, note)| {
            (field.to_owned(), from.to_owned(), note.map(str::to_owned))
        });
        let mut told = told;
        told.sort();
        assert_eq!(told, expected);
    }

    #[test]
    fn other_fields_take_the_place_of_those_that_were_proposed() {
        let fields = json!({
            "name": "upper(Name)", "address.city": {"column": "Town"}, "notes": null, "code": " ",
        });
        let changed = with_fields(MAPPING, fields.as_object(), Some("code")).unwrap();
        let mut told: Vec<String> = fields_of(&changed)
            .unwrap()
            .iter()
            .map(|filled| format!("{}={}", filled.field, filled.from))
            .collect();
        told.sort();
        assert_eq!(told, ["address.city=Town", "name=upper(Name)"]);
        let mapping = super::super::Mapping::parse(&changed).unwrap();
        assert_eq!(mapping.steps[0].key, "code");
        for bad in [json!({"name": 1}), json!({"address": "x", "address.city": "y"})] {
            assert!(with_fields(MAPPING, bad.as_object(), None).is_err(), "{bad}");
        }
        assert!(with_fields("name = 'x'", None, None).is_err());
    }
}
