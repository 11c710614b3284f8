//! Values, identifiers, money and time: the words every other crate speaks.
//!
//! Nothing here reads a clock, draws a random number or touches a disk; those come from the
//! caller, so that a test can drive them.

pub mod cbor;
mod decimal;
mod id;
mod money;
mod time;
mod value;

pub use decimal::{Decimal, DecimalError, Rounding, parse_decimal, rescale};
pub use id::{IdError, format_id, parse_id, uuid_v7};
pub use money::{Currency, Money, MoneyError};
pub use time::{Date, Duration, Instant, TimeError, WallTime};
pub use uuid::Uuid;
pub use value::Value;
