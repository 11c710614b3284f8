//! Contacts: the people at customers and suppliers.

pub mod rules;

use kernel::entity;

/// A person who speaks for a customer or a supplier.
///
/// A contact belongs to exactly one of them and is deleted with it.
#[entity(service = "operations", prefix = "con", title = name)]
#[permit(Sales: read, create, update, delete)]
#[permit(Purchasing: read, create, update, delete)]
#[permit(Viewer: read)]
pub struct Contact {
    /// The person's name.
    #[field(personal, searchable)]
    pub name: Text<200>,
    /// The customer the person speaks for.
    #[field(on_delete = cascade)]
    pub customer: Option<Link<Customer>>,
    /// The supplier the person speaks for.
    #[field(on_delete = cascade)]
    pub supplier: Option<Link<Supplier>>,
    /// What the person does there, such as `Head of Purchasing`.
    pub job_title: Option<Text<200>>,
    /// Where messages are sent.
    #[field(personal, searchable)]
    pub email: Option<Email>,
    /// The telephone number, as it was given.
    #[field(personal, searchable)]
    pub phone: Option<Phone>,
    /// The number of the mobile telephone, as it was given.
    #[field(personal, searchable)]
    pub mobile: Option<Phone>,
    /// The language and region to write in, such as `de-CH` (BCP 47).
    pub locale: Option<Text<35>>,
    /// What colleagues should know about the person.
    #[field(personal)]
    pub notes: Option<LongText>,
}
