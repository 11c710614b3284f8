//! Employees: the people who work for the organisation.

pub mod rules;

use kernel::entity;

/// A person who works, or worked, for the organisation.
///
/// Employees form a tree by their managers. What is personal is hidden from viewers.
#[entity(service = "hr", prefix = "emp", title = name, kind = tree(manager))]
#[permit(HrManager: read, create, update, delete)]
#[permit(Viewer: read, hide(salutation, born_on, home_phone, address, notes))]
#[permit(
    Sales: read,
    hide(first_name, last_name, salutation, user, email, phone, extension, home_phone, address),
    hide(born_on, hired_on, notes)
)]
#[permit(
    Purchasing: read,
    hide(first_name, last_name, salutation, user, email, phone, extension, home_phone, address),
    hide(born_on, hired_on, notes)
)]
pub struct Employee {
    /// The given name, or all given names.
    #[field(personal, searchable)]
    pub first_name: Option<Text<100>>,
    /// The family name; the only name of a person who has one name.
    #[field(personal, searchable)]
    pub last_name: Text<100>,
    /// Given and family name, as colleagues know the person.
    #[field(personal, computed = rules::name)]
    pub name: Option<Text<201>>,
    /// How the person is addressed, such as `Dr.`.
    #[field(personal)]
    pub salutation: Option<Text<40>>,
    /// The organisation's own number of the employee; no two employees share one.
    #[field(unique, searchable)]
    pub code: Option<Text<40>>,
    /// The user with whom the employee signs in.
    #[field(unique)]
    pub user: Option<Link<users::UserRef>>,
    /// What the employee does, such as `Sales Manager`.
    #[field(searchable)]
    pub job_title: Option<Text<200>>,
    /// Where the employee works.
    pub department: Option<Link<Department>>,
    /// Whom the employee reports to; empty at the top.
    pub manager: Option<Link<Employee>>,
    /// The e-mail at work.
    #[field(personal, searchable)]
    pub email: Option<Email>,
    /// The telephone number at work, as it was given.
    #[field(personal, searchable)]
    pub phone: Option<Phone>,
    /// The telephone extension.
    pub extension: Option<Text<20>>,
    /// The telephone number at home, as it was given.
    #[field(personal)]
    pub home_phone: Option<Phone>,
    /// Where the employee lives.
    #[field(personal)]
    pub address: Option<Address>,
    /// The day of birth.
    #[field(personal)]
    pub born_on: Option<Date>,
    /// The first day of work.
    #[field(indexed)]
    pub hired_on: Option<Date>,
    /// The last day of work; empty while the person works here.
    #[field(indexed)]
    pub left_on: Option<Date>,
    /// What the managers of people should know about the employee.
    #[field(personal)]
    pub notes: Option<LongText>,
}
