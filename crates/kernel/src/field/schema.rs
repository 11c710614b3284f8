//! JSON Schema (2020-12) of kinds, fields and records, as OpenAPI 3.1 shows them.

use super::{Entities, Kind, address, boolean, children, choice, contact, expression, json, link};
use super::{money, number, text, time};
use crate::schema::{Default, Entity, Field};
use serde_json::{Map, Value as Json, json};

/// Child rows inside child rows are described to this depth; deeper ones are plain objects.
const MAX_NESTING: u32 = 4;

impl Kind {
    /// The JSON Schema of a value that is not null.
    pub fn json_schema(&self, entities: &dyn Entities) -> Json {
        schema(self, entities, MAX_NESTING)
    }
}

/// The JSON Schema of a field: its kind's, with the help text, the default, and null where the
/// field may be empty.
pub fn field_schema(field: &Field, entities: &dyn Entities) -> Json {
    described(field, entities, MAX_NESTING)
}

/// The JSON Schema of a record as it is answered; a member that the reader may not see is absent.
pub fn record_schema(entity: &Entity, entities: &dyn Entities) -> Json {
    let properties = properties(entity, entity.shown(), entities, MAX_NESTING);
    json!({"type": "object", "description": entity.summary, "properties": properties})
}

fn schema(kind: &Kind, entities: &dyn Entities, nesting: u32) -> Json {
    match kind {
        Kind::Id { prefix } => link::schema(prefix, "the record"),
        Kind::Text { max } | Kind::LongText { max } => text::schema(*max),
        Kind::Integer { min, max } => number::integer_schema(*min, *max),
        Kind::Decimal { scale } => number::decimal_schema(*scale, "", "12.5"),
        Kind::Percent => number::decimal_schema(6, "A ratio: 0.05 is 5 %.", "0.05"),
        Kind::Price => number::decimal_schema(8, "The price of one unit.", "14.00"),
        Kind::Quantity => number::decimal_schema(6, "How much, in its unit.", "12"),
        Kind::Money => money::schema(),
        Kind::Boolean => boolean::schema(),
        Kind::Date => time::date_schema(),
        Kind::Instant => time::instant_schema(),
        Kind::WallTime => time::wall_time_schema(),
        Kind::Duration => time::duration_schema(),
        Kind::Choice { names } => choice::schema(names),
        Kind::Link { entity, .. } => {
            link::schema(&link::prefix_of(entity, entities), &link::noun(entity))
        }
        Kind::Links { entity } => {
            link::list_schema(&link::prefix_of(entity, entities), &link::noun(entity))
        }
        Kind::Children { entity } => {
            let row = match entities.entity(entity) {
                Some(child) if nesting > 0 => row_schema(&child, entities, nesting - 1),
                _ => json!({"type": "object"}),
            };
            json!({"type": "array", "items": row})
        }
        Kind::Json => json::schema(),
        Kind::Texts => json::texts_schema(),
        Kind::Custom => json::custom_schema(),
        Kind::Colour => contact::colour_schema(),
        Kind::Email => contact::email_schema(),
        Kind::Phone => contact::phone_schema(),
        Kind::Url => contact::url_schema(),
        Kind::Address => address::schema(),
        Kind::Expression => expression::schema(),
    }
}

fn row_schema(child: &Entity, entities: &dyn Entities, nesting: u32) -> Json {
    let slots = child.shown().filter(|&slot| children::is_input(slot));
    let properties = properties(child, slots, entities, nesting);
    json!({"type": "object", "description": child.summary, "properties": properties})
}

fn properties(
    entity: &Entity,
    slots: impl Iterator<Item = usize>,
    entities: &dyn Entities,
    nesting: u32,
) -> Map<String, Json> {
    let property = |slot: usize| {
        let field = &entity.fields[slot];
        (field.name.clone(), described(field, entities, nesting))
    };
    slots.map(property).collect()
}

fn described(field: &Field, entities: &dyn Entities, nesting: u32) -> Json {
    let mut schema = schema(&field.kind, entities, nesting);
    let Some(object) = schema.as_object_mut() else { return schema };
    let own = object.get("description").and_then(Json::as_str).unwrap_or_default();
    let mut description = format!("{} {}", field.help, own.trim()).trim().to_owned();
    for (rule, text) in field.conditions.all() {
        let says = match rule {
            "visible_if" => "Shown",
            "required_if" => "Required",
            _ => "Read-only",
        };
        description.push_str(&format!(" {says} if `{text}`."));
    }
    object.insert("description".to_owned(), description.trim().into());
    // The kinds whose empty value is not written as null say so by their own empty form.
    let empty_form = matches!(
        field.kind,
        Kind::Texts | Kind::Custom | Kind::Links { .. } | Kind::Children { .. }
    );
    if !field.required && !empty_form {
        if let Some(kind @ Json::String(_)) = object.get("type").cloned() {
            object.insert("type".to_owned(), json!([kind, "null"]));
        }
        if let Some(Json::Array(names)) = object.get_mut("enum") {
            names.push(Json::Null);
        }
    }
    if field.read_only {
        object.insert("readOnly".to_owned(), true.into());
    }
    if field.secret {
        object.insert("writeOnly".to_owned(), true.into());
    }
    if let Some(Default::Value(value)) = &field.default {
        let mut text = String::new();
        field.kind.write(value, entities, &mut text);
        object.insert("default".to_owned(), serde_json::from_str(&text).unwrap_or_default());
    }
    schema
}
