//! Field kinds: what a field holds, how it is read, checked, shown and stored.
//!
//! Each family of kinds has a file of its own: reading from JSON, writing to JSON, the check and
//! the JSON Schema stand there together. [`codec`] asks the right one.

mod address;
mod boolean;
mod children;
mod choice;
mod codec;
mod contact;
mod expression;
mod json;
mod link;
mod money;
mod number;
pub(crate) mod raw;
mod schema;
mod text;
mod time;

pub use codec::merge;
pub(crate) use codec::{unknown_field, write_cell};
pub use schema::{field_schema, record_schema};

use crate::schema::Entity;
use std::sync::Arc;

/// Finds entities by name: what a link needs to read and write the ids of another entity.
pub trait Entities {
    /// The entity (or published reference) of a full name, `operations.customer`.
    fn entity(&self, full_name: &str) -> Option<Arc<Entity>>;
}

/// Knows no entity: for kinds that link to nothing.
impl Entities for () {
    fn entity(&self, _: &str) -> Option<Arc<Entity>> {
        None
    }
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The record's own id, with its entity's prefix.
    Id {
        /// The prefix.
        prefix: String,
    },
    /// Text on one line or many, never trimmed, of at most `max` code points.
    Text {
        /// The most code points.
        max: u32,
    },
    /// Text of several paragraphs, of at most `max` code points.
    LongText {
        /// The most code points.
        max: u32,
    },
    /// A whole number of 64 bits within bounds.
    Integer {
        /// The least value.
        min: i64,
        /// The greatest value.
        max: i64,
    },
    /// An exact decimal.
    Decimal {
        /// Places after the point, at most 8.
        scale: u32,
    },
    /// A ratio: `0.05` is 5 %; six places.
    Percent,
    /// The price of one unit, in the currency of its document; eight places.
    Price,
    /// An amount with its currency, in minor units.
    Money,
    /// How much, in the unit that another field names; six places.
    Quantity,
    /// True or false.
    Boolean,
    /// A calendar day.
    Date,
    /// A point in time, microseconds.
    Instant,
    /// What a clock in a named zone shows.
    WallTime,
    /// A span of exact time.
    Duration,
    /// One of a list of names.
    Choice {
        /// Names in lower snake case, in order.
        names: Vec<String>,
    },
    /// Another record, of this service or (by its reference) of another.
    Link {
        /// The entity's full name.
        entity: String,
        /// What happens to this record when the other is deleted.
        on_delete: OnDelete,
    },
    /// Several other records, in order.
    Links {
        /// The entity's full name.
        entity: String,
    },
    /// Lines inside this record.
    Children {
        /// The child entity's full name.
        entity: String,
    },
    /// Any JSON, kept and returned as the very text.
    Json,
    /// A JSON object of texts: the record's keys in other systems.
    Texts,
    /// A JSON object of the fields that the organisation added.
    Custom,
    /// A colour, `#rrggbb`.
    Colour,
    /// An e-mail address.
    Email,
    /// A telephone number, as it was written.
    Phone,
    /// An `http` or `https` address.
    Url,
    /// A postal address: an object of `street`, `city`, `region`, `postal_code`, `country`.
    Address,
    /// An expression of the platform's language.
    Expression,
}

/// What happens to a record when the one it links to is deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnDelete {
    /// The other record cannot be deleted.
    #[default]
    Restrict,
    /// This record is deleted with it.
    Cascade,
    /// The link becomes empty.
    SetNull,
}

/// How a kind is stored; each store maps these to its own column types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// True or false.
    Bool,
    /// 64-bit integer: integers, instants and durations in microseconds.
    Int,
    /// An exact decimal of at most 18 digits.
    Scaled(u32),
    /// Text.
    Text,
    /// A calendar day.
    Date,
    /// A UUID.
    Uuid,
    /// An amount in minor units, and a second column NAME_currency.
    Money,
    /// No column: child records have a table of their own.
    None,
}

impl Kind {
    /// An id with a prefix.
    pub fn id(prefix: &str) -> Kind {
        Kind::Id { prefix: prefix.to_owned() }
    }
    /// Text of at most `max` code points.
    pub fn text(max: u32) -> Kind {
        Kind::Text { max }
    }
    /// Any whole number of 64 bits.
    pub fn integer() -> Kind {
        Kind::Integer { min: i64::MIN, max: i64::MAX }
    }
    /// A link to an entity by its full name; the other record cannot be deleted.
    pub fn link(entity: &str) -> Kind {
        Kind::Link { entity: entity.to_owned(), on_delete: OnDelete::Restrict }
    }
    /// A JSON object of texts.
    pub fn texts() -> Kind {
        Kind::Texts
    }
    /// A JSON object of the organisation's own fields.
    pub fn custom() -> Kind {
        Kind::Custom
    }
    /// One of a list of names.
    pub fn choice(names: &[&str]) -> Kind {
        Kind::Choice { names: names.iter().map(|name| (*name).to_owned()).collect() }
    }

    /// Places after the point, for the kinds that are decimals.
    pub fn scale(&self) -> Option<u32> {
        match self {
            Kind::Decimal { scale } => Some(*scale),
            Kind::Percent | Kind::Quantity => Some(6),
            Kind::Price => Some(8),
            _ => None,
        }
    }

    /// How it is stored.
    pub fn column(&self) -> Column {
        match self {
            Kind::Boolean => Column::Bool,
            Kind::Integer { .. } | Kind::Instant | Kind::Duration => Column::Int,
            Kind::Decimal { .. } | Kind::Percent | Kind::Price | Kind::Quantity => {
                Column::Scaled(self.scale().unwrap_or_default())
            }
            Kind::Date => Column::Date,
            Kind::Id { .. } | Kind::Link { .. } => Column::Uuid,
            Kind::Money => Column::Money,
            Kind::Children { .. } => Column::None,
            _ => Column::Text,
        }
    }

    /// Whether the column is text that people read and sort.
    pub fn is_text(&self) -> bool {
        matches!(
            self,
            Kind::Text { .. } | Kind::LongText { .. } | Kind::Email | Kind::Phone | Kind::Url
        )
    }

    /// Whether a list can be ordered by such a field.
    pub fn is_sortable(&self) -> bool {
        !matches!(
            self,
            Kind::Links { .. }
                | Kind::Children { .. }
                | Kind::Json
                | Kind::Texts
                | Kind::Custom
                | Kind::Address
                | Kind::Expression
        )
    }
}

#[cfg(test)]
pub(crate) mod tests;
