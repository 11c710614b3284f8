//! Grants: what a role may do, with conditions, fields and times.

pub mod names;
pub mod rules;

use kernel::entity;

/// One right of a role: an entity, a verb, and the records and fields that it covers.
///
/// The first grant of a role replaces the rights that entities give it by default. A grant that
/// denies wins over every grant that allows.
#[entity(service = "users", prefix = "gra", title = role)]
pub struct Grant {
    /// The role that it is for.
    #[field(indexed)]
    pub role: Text<60>,
    /// The entity's full name, such as `operations.customer`, or `*` for all.
    pub subject: Text<120>,
    /// What may be done: `read`, `create`, `update`, `delete`, the name of an act, or `*` for all.
    pub verb: Text<60>,
    /// Whether it allows or denies.
    #[field(choice(allow, deny), default = "allow")]
    pub effect: Choice,
    /// The records that it covers, as an expression such as `country == 'DE'`; all if empty.
    pub condition: Option<Expression>,
    /// Fields that the role cannot see, whatever else it may: names, separated by commas.
    pub hidden: Option<Text<1000>>,
    /// Fields that the role cannot change: names, separated by commas.
    pub read_only: Option<Text<1000>>,
    /// The first day on which it holds, in UTC.
    pub starts_on: Option<Date>,
    /// The last day on which it holds, in UTC.
    pub ends_on: Option<Date>,
    /// Why it was given.
    pub reason: Option<LongText<2000>>,
}
