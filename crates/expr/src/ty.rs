//! The types of expressions, and how they meet.

use std::sync::Arc;
use types::Value;

/// The digits of a decimal with a declared scale.
pub(crate) const MAX_DIGITS: u32 = 18;

/// The type of a field, a term or a result.
///
/// Every type holds null besides its own values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Nothing but null: the type of the word `null`.
    Null,
    /// True or false.
    Bool,
    /// A whole number of 64 bits.
    Int,
    /// An exact decimal. With a scale it has at most so many places and fits 18 digits there;
    /// without one (a product, a quotient) it fits 28 digits.
    Decimal(Option<u32>),
    /// Text; also choices and states.
    Text,
    /// A calendar day.
    Date,
    /// A point in time, in microseconds.
    Instant,
    /// A span of exact time.
    Duration,
    /// What a clock in a named zone shows.
    WallTime,
    /// The id of a record.
    Id(Target),
    /// An amount with its currency.
    Money,
    /// A JSON text; can only be asked whether it is there.
    Json,
    /// Several values of one type.
    List(Box<Type>),
    /// Child records, whose fields [`crate::Env::rows`] knows under this name.
    Rows(Arc<str>),
}

/// The entity that an id is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The entity's name, such as `operations.customer`.
    pub entity: Arc<str>,
    /// What its ids begin with, such as `cus`.
    pub prefix: Arc<str>,
}

impl Type {
    /// The type of the ids of `entity`, which are written with `prefix`.
    pub fn id(entity: &str, prefix: &str) -> Type {
        Type::Id(Target { entity: entity.into(), prefix: prefix.into() })
    }

    /// Whether it is a whole number or a decimal.
    pub fn is_number(&self) -> bool {
        matches!(self, Type::Int | Type::Decimal(_))
    }

    /// Whether `<` and its like are defined.
    pub fn is_ordered(&self) -> bool {
        use Type::*;
        matches!(self, Int | Decimal(_) | Text | Date | Instant | Duration | Money)
    }

    /// Whether `==` is defined besides the question for null.
    pub fn has_equality(&self) -> bool {
        self.is_ordered() || matches!(self, Type::Bool | Type::WallTime | Type::Id(_))
    }

    /// The type of what may be one or the other; none when they do not mix.
    pub fn join(&self, other: &Type) -> Option<Type> {
        Some(match (self, other) {
            (a, b) if a == b => a.clone(),
            (Type::Null, known) | (known, Type::Null) => known.clone(),
            (a, b) if a.is_number() && b.is_number() => Type::Decimal(a.joint_scale(b)),
            (Type::List(a), Type::List(b)) => Type::List(Box::new(a.join(b)?)),
            _ => return None,
        })
    }

    /// The larger scale of two numbers, if both are known.
    pub(crate) fn joint_scale(&self, other: &Type) -> Option<u32> {
        let scale = |ty: &Type| match ty {
            Type::Int => Some(0),
            Type::Decimal(scale) => *scale,
            _ => None,
        };
        Some(scale(self)?.max(scale(other)?))
    }

    /// The type that the literal of `value` has; ids have no literal of their own.
    pub(crate) fn of_literal(value: &Value) -> Type {
        match value {
            Value::Null | Value::Id(_) | Value::Rows(_) => Type::Null,
            Value::Bool(_) => Type::Bool,
            Value::Int(_) => Type::Int,
            Value::Decimal(value) => {
                let scale = value.normalize().scale();
                let fits = scale <= MAX_DIGITS && types::rescale(*value, scale).is_some();
                Type::Decimal(fits.then_some(scale))
            }
            Value::Text(_) => Type::Text,
            Value::Date(_) => Type::Date,
            Value::Instant(_) => Type::Instant,
            Value::WallTime(_) => Type::WallTime,
            Value::Duration(_) => Type::Duration,
            Value::Money(_) => Type::Money,
            Value::Json(_) => Type::Json,
            Value::List(items) => {
                let join = |ty: Type, item| ty.join(&Type::of_literal(item)).unwrap_or(Type::Null);
                Type::List(Box::new(items.iter().fold(Type::Null, join)))
            }
        }
    }
}

/// For people: "text", "decimal of 2 places", "id of operations.customer".
impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Type::Null => "null",
            Type::Bool => "a boolean",
            Type::Int => "a whole number",
            Type::Decimal(None) => "a decimal",
            Type::Decimal(Some(scale)) => return write!(f, "a decimal of {scale} places"),
            Type::Text => "text",
            Type::Date => "a date",
            Type::Instant => "an instant",
            Type::Duration => "a duration",
            Type::WallTime => "a wall time",
            Type::Id(target) => return write!(f, "an id of {}", target.entity),
            Type::Money => "money",
            Type::Json => "JSON",
            Type::List(item) => return write!(f, "a list of {item}"),
            Type::Rows(_) => "rows",
        })
    }
}
