//! What an expression may speak of: the fields of a record, of its children, and of the actor.

use crate::Type;
use std::sync::Arc;

/// The names that an expression is checked against.
pub trait Env {
    /// The field at `path`: `["total"]`, or `["customer", "country"]` behind a link.
    fn field(&self, path: &[&str]) -> Option<FieldRef>;

    /// The names that may follow `path` (empty for the first word), for suggestions.
    fn names(&self, path: &[&str]) -> Vec<String>;

    /// The fields of child rows whose type is [`Type::Rows`] of `name`; asked of the environment
    /// of the record for rows inside rows too.
    fn rows(&self, name: &str) -> Option<Box<dyn Env + '_>> {
        let _ = name;
        None
    }

    /// Why nothing may follow `path` here, where more is to be said than that it has no fields.
    fn closed(&self, path: &[&str]) -> Option<String> {
        let _ = path;
        None
    }
}

/// Where a field's value is found, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldRef {
    /// What the field holds.
    pub ty: Type,
    /// Its place among the values of the record, of the actor, or of the source in `via`.
    pub index: usize,
    /// Whose value it is.
    pub origin: Origin,
    /// Where the value lies, if it is not among the record's own.
    pub via: Option<Via>,
    /// The only texts it can hold (a choice, a state); empty if there is no such list.
    pub choices: Arc<[Arc<str>]>,
}

impl FieldRef {
    /// A field of the record itself.
    pub fn new(index: usize, ty: Type) -> FieldRef {
        FieldRef { ty, index, origin: Origin::Record, via: None, choices: Arc::new([]) }
    }
}

/// Whose value a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The record's that the expression is evaluated for.
    Record,
    /// The actor's, from [`crate::Context::attributes`]; the same for every record.
    Actor,
}

/// Where a value lies that is not among the record's own: at the record behind a link, say.
///
/// A plain list of a record's values never answers for such a field; see [`crate::Joined`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Via {
    /// Which source it is, as the environment numbered them.
    pub source: usize,
}

/// An environment made of names: for rule tables, mappings and tests.
///
/// Fields take their places in the order in which they are added, those of the record and those
/// of the actor each from 0. A name may hold points: `customer.country`, `user.id`.
#[derive(Clone, Debug, Default)]
pub struct Names {
    fields: Vec<(String, FieldRef)>,
    rows: Vec<(Arc<str>, Names)>,
}

impl Names {
    /// No names yet.
    pub fn new() -> Names {
        Names::default()
    }

    fn add(mut self, name: &str, origin: Origin, ty: Type, choices: &[&str]) -> Names {
        let index = self.fields.iter().filter(|(_, field)| field.origin == origin).count();
        let choices = choices.iter().map(|choice| Arc::from(*choice)).collect();
        self.fields.push((name.into(), FieldRef { origin, choices, ..FieldRef::new(index, ty) }));
        self
    }

    /// With a field of the record.
    pub fn field(self, name: &str, ty: Type) -> Names {
        self.add(name, Origin::Record, ty, &[])
    }

    /// With a text of the record that holds one of `choices`.
    pub fn choice(self, name: &str, choices: &[&str]) -> Names {
        self.add(name, Origin::Record, Type::Text, choices)
    }

    /// With a field of the actor.
    pub fn attribute(self, name: &str, ty: Type) -> Names {
        self.add(name, Origin::Actor, ty, &[])
    }

    /// With child rows that hold `fields`.
    pub fn rows(self, name: &str, fields: Names) -> Names {
        let mut names = self.add(name, Origin::Record, Type::Rows(name.into()), &[]);
        names.rows.push((name.into(), fields));
        names
    }

    /// The fields and their names, in the order in which they were added.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &FieldRef)> {
        self.fields.iter().map(|(name, field)| (name.as_str(), field))
    }
}

impl Env for Names {
    fn field(&self, path: &[&str]) -> Option<FieldRef> {
        let matches = |name: &str| name.split('.').eq(path.iter().copied());
        self.fields.iter().find(|(name, _)| matches(name)).map(|(_, field)| field.clone())
    }

    fn names(&self, path: &[&str]) -> Vec<String> {
        let mut names = Vec::new();
        for (name, _) in &self.fields {
            let mut words = name.split('.');
            let follows = path.iter().all(|word| words.next() == Some(*word));
            if let Some(next) = words.next().filter(|_| follows)
                && !names.iter().any(|name| name == next)
            {
                names.push(next.to_owned());
            }
        }
        names
    }

    fn rows(&self, name: &str) -> Option<Box<dyn Env + '_>> {
        match self.rows.iter().find(|(known, _)| **known == *name) {
            Some((_, names)) => Some(Box::new(names.clone())),
            None => self.rows.iter().find_map(|(_, inner)| Env::rows(inner, name)),
        }
    }
}
