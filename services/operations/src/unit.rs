//! Units: what quantities are counted in.

pub mod rules;

use kernel::entity;

/// What a quantity is counted in, such as piece, box or kilogram.
///
/// A unit may be a multiple of another: a box of twelve has the base `pcs` and the ratio 12.
#[entity(service = "operations", prefix = "unt", title = name)]
#[permit(Sales: read)]
#[permit(Purchasing: read, create, update)]
#[permit(Warehouse: read, create, update)]
#[permit(Viewer: read)]
pub struct Unit {
    /// The short sign that stands on documents, such as `pcs` or `kg`; no two units share one.
    #[field(unique, searchable)]
    pub code: Text<20>,
    /// The name for people, such as `Piece`.
    pub name: Text<100>,
    /// The unit that this one is a multiple of; empty for a unit of its own.
    pub base: Option<Link<Unit>>,
    /// How many of the base make one of this unit.
    #[field(default = "1")]
    pub ratio: Option<Decimal<6>>,
}
