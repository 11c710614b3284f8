//! What `hr` shows of its records to the services that link to them.

use kernel::mirror::Reference;
use kernel::{Field, Kind};

/// An employee, as orders and documents name one.
pub fn employee_ref() -> Reference {
    Reference::new("hr", "employee", "emp")
        .title(Field::new("name", Kind::text(201), "Given and family name.").personal())
        .field(Field::new("code", Kind::text(40), "The organisation's own number.").indexed())
        .field(Field::new("job_title", Kind::text(200), "What the employee does."))
        .field(Field::new("left_on", Kind::Date, "The last day of work.").indexed())
}
