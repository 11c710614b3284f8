//! Departments: how the organisation is divided.

use kernel::entity;

/// A part of the organisation; parts may lie inside others.
#[entity(service = "hr", prefix = "dep", title = name, kind = tree(parent))]
#[permit(HrManager: read, create, update, delete)]
#[permit(Viewer: read)]
pub struct Department {
    /// What the department is called.
    pub name: Text<200>,
    /// The organisation's own short code for the department; no two departments share one.
    #[field(unique, searchable)]
    pub code: Option<Text<40>>,
    /// The department that this one lies inside; empty at the top.
    pub parent: Option<Link<Department>>,
    /// Who leads it.
    #[field(on_delete = set_null)]
    pub manager: Option<Link<Employee>>,
    /// What the department does.
    pub description: Option<LongText>,
}
