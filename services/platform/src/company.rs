//! Companies: the legal entities of an organisation.

pub mod rules;

use kernel::entity;

/// A legal entity of the organisation, with its country, base currency and time zone.
///
/// Every document, ledger line, number series and period belongs to one. A new organisation has
/// one company, so that small ones need not know the word.
#[entity(service = "platform", prefix = "com", title = name)]
#[permit(Sales: read)]
#[permit(Viewer: read)]
pub struct Company {
    /// The name, as it stands on letterheads.
    #[field(searchable)]
    pub name: Text<200>,
    /// The country it is registered in, two capital letters (ISO 3166-1 alpha-2).
    pub country: Text<2>,
    /// The currency its books are kept in, three capital letters (ISO 4217).
    pub currency: Text<3>,
    /// The zone in which its days begin and end, an IANA name such as `Europe/Berlin`.
    #[field(default = "UTC")]
    pub time_zone: Text<60>,
    /// The month in which its fiscal year begins, 1 to 12.
    #[field(min = 1, max = 12, default = 1)]
    pub fiscal_year_start: Integer,
    /// How amounts that do not fit their currency are rounded.
    #[field(choice(half_up, half_even, up, down), default = half_up)]
    pub rounding: Choice,
    /// The number under which the tax authority knows it.
    pub tax_id: Option<Text<40>>,
    /// The number under which it is registered.
    pub registration_number: Option<Text<60>>,
    /// Its postal address, as it stands on letterheads.
    pub address: Option<Address>,
    /// Whether new documents may belong to it.
    #[field(indexed, default = true)]
    pub active: Boolean,
}
