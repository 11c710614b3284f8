//! How an employee is called, and which days fit together.

use super::Employee;
use kernel::FieldProblem;
use kernel::schema::Computing;
use kernel::service::Case;
use types::{Date, Value};

/// Given and family name with a blank between them.
pub fn name(employee: &Computing<'_>) -> Value {
    let parts = [Employee::FIRST_NAME, Employee::LAST_NAME]
        .map(|slot| employee.values[slot].as_text().unwrap_or_default());
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { Value::Null } else { Value::Text(parts.join(" ")) }
}

/// One is born before one is hired, and hired before one leaves.
pub fn dates(case: &Case<'_>) -> Vec<FieldProblem> {
    let day = |slot: usize| -> Option<Date> {
        match case.after.values[slot] {
            Value::Date(day) => Some(day),
            _ => None,
        }
    };
    let (born, hired, left) =
        (day(Employee::BORN_ON), day(Employee::HIRED_ON), day(Employee::LEFT_ON));
    let mut problems = Vec::new();
    let mut problem = |pointer: &str, text: String| {
        problems.push(FieldProblem::new(pointer, "dates_out_of_order", text));
    };
    if let (Some(born), Some(hired)) = (born, hired)
        && hired <= born
    {
        problem("/hired_on", format!("must be after {born}, the day of birth"));
    }
    if let (Some(hired), Some(left)) = (hired, left)
        && left < hired
    {
        problem("/left_on", format!("must not be before {hired}, the first day of work"));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{Declare, Record};
    use std::sync::Arc;

    #[test]
    fn a_name_is_made_of_what_is_there() {
        let entity = Employee::entity();
        for (first, last, expected) in [
            (Some("Nancy"), Some("Davolio"), Some("Nancy Davolio")),
            (None, Some("Suharto"), Some("Suharto")),
            (Some(""), Some("佐藤"), Some("佐藤")),
            (None, None, None),
        ] {
            let mut values = vec![Value::Null; entity.fields.len()];
            values[Employee::FIRST_NAME] = first.into();
            values[Employee::LAST_NAME] = last.into();
            let computing = Computing {
                entity: &entity,
                values: &values,
                parent: None,
                rounding: types::Rounding::HalfUp,
            };
            assert_eq!(name(&computing), expected.into());
        }
    }

    #[test]
    fn one_is_born_then_hired_then_leaves() {
        for (born, hired, left, expected) in [
            (Some("1980-01-01"), Some("2020-01-01"), Some("2020-01-01"), vec![]),
            (None, None, Some("2020-01-01"), vec![]),
            (Some("2020-01-01"), Some("2020-01-01"), None, vec!["/hired_on"]),
            (None, Some("2020-01-02"), Some("2020-01-01"), vec!["/left_on"]),
        ] {
            let mut after = Record::empty(Arc::new(Employee::entity()));
            for (field, day) in [("born_on", born), ("hired_on", hired), ("left_on", left)] {
                after.set(field, day.map(|day| day.parse::<Date>().unwrap()));
            }
            let case = Case { verb: "create", before: None, after: &after };
            let pointers: Vec<String> = dates(&case).into_iter().map(|p| p.pointer).collect();
            assert_eq!(pointers, expected, "{born:?} {hired:?} {left:?}");
        }
    }
}
