//! Customers: whom the organisation sells to.

use kernel::entity;

/// A person or a business that buys from the organisation.
///
/// A customer that is not active keeps its past documents and gets no new ones.
#[entity(service = "operations", prefix = "cus", title = name)]
#[permit(Sales: read, create, update)]
#[permit(Warehouse: read)]
#[permit(Purchasing: read)]
#[permit(Viewer: read)]
pub struct Customer {
    /// The name, as it stands on documents.
    #[field(personal, searchable)]
    pub name: Text<200>,
    /// The organisation's own short code for the customer; no two customers share one.
    #[field(unique, searchable)]
    pub code: Option<Text<40>>,
    /// The person to ask for.
    #[field(personal, searchable, required_if = "contact_title != null")]
    pub contact_name: Option<Text<200>>,
    /// What that person does, such as `Sales Manager`.
    pub contact_title: Option<Text<200>>,
    /// Where messages and documents are sent.
    #[field(personal, searchable)]
    pub email: Option<Email>,
    /// The telephone number, as it was given.
    #[field(personal, searchable)]
    pub phone: Option<Phone>,
    /// The fax number, as it was given.
    #[field(personal)]
    pub fax: Option<Phone>,
    /// The customer's web site.
    pub website: Option<Url>,
    /// Where the customer is found, and where documents go that name no other address.
    #[field(personal)]
    pub address: Option<Address>,
    /// The country whose rules apply to the customer: two capital letters (ISO 3166-1 alpha-2).
    #[field(indexed)]
    pub country: Option<Text<2>>,
    /// The number under which the tax authority knows the customer, with its country prefix where
    /// it has one.
    #[field(personal, searchable)]
    pub tax_id: Option<Text<40>>,
    /// The currency the customer is billed in: three capital letters (ISO 4217).
    pub currency: Option<Text<3>>,
    /// How much the customer may owe at most; no limit if empty.
    #[field(read_only_if = "active == false")]
    pub credit_limit: Option<Money>,
    /// What colleagues should know about the customer.
    pub notes: Option<LongText>,
    /// Whether the customer may be chosen in new documents.
    #[field(indexed, default = true)]
    pub active: Option<Boolean>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Declare;

    #[test]
    fn only_the_name_of_a_customer_is_required() {
        let entity = Customer::entity();
        assert_eq!(entity.full_name(), Customer::ENTITY);
        assert_eq!(entity.plural, "customers");
        assert_eq!(entity.title, Customer::NAME);
        let required: Vec<&str> =
            entity.fields.iter().filter(|f| f.required).map(|f| f.name.as_str()).collect();
        assert_eq!(required, ["name"]);
        assert_eq!(entity.fields[Customer::COUNTRY].name, "country");
    }
}
