//! Why a row is refused: for people as one text, for programs by field, column and code.

use crate::mapping::Origin;
use crate::mapping::bind::{Bound, How};
use kernel::Problem;
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;

/// One thing that is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// For people, with the field's name.
    pub text: String,
    /// The column that is at fault, where one is.
    pub column: Option<String>,
    /// A JSON pointer to the field, as `/address/country`; none where it is none of a field.
    pub pointer: Option<String>,
    /// A stable code, such as `required`.
    pub code: String,
    /// For people, without the field's name.
    pub message: String,
}

impl Reason {
    /// What is wrong with the row as such.
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Reason {
        let message = message.into();
        let (text, code) = (message.clone(), code.to_owned());
        Reason { text, column: None, pointer: None, code, message }
    }

    /// What is wrong with a field, `address.country`.
    pub(crate) fn of_field(field: &str, code: &str, message: &str) -> Reason {
        let text = format!("{field} {message}");
        let pointer = Some(format!("/{}", field.replace('.', "/")));
        Reason { text, pointer, ..Reason::new(code, message) }
    }

    /// The same with something before its texts.
    pub(crate) fn under(self, what: &str) -> Reason {
        let (text, message) = (format!("{what}{}", self.text), format!("{what}{}", self.message));
        Reason { text, message, ..self }
    }

    /// The same with the column that fills its field, or the key's.
    pub(super) fn with_column(mut self, bound: &Bound, columns: &[String]) -> Reason {
        if self.column.is_none() {
            let name = |origin: &Origin| match origin {
                Origin::Column(at) => columns.get(*at).cloned(),
                Origin::Expr(_) | Origin::Fixed(_) => None,
            };
            self.column = match &self.pointer {
                None if self.code.ends_with("_key") => name(&bound.key),
                None => None,
                Some(pointer) => origin_of(bound, pointer).and_then(name),
            };
        }
        self
    }
}

/// Where the value at a pointer comes from.
fn origin_of<'a>(bound: &'a Bound, pointer: &str) -> Option<&'a Origin> {
    let mut parts = pointer.trim_start_matches('/').split('/');
    let first = parts.next()?;
    let field = bound.fields.iter().find(|field| field.name == first)?;
    match &field.how {
        How::Cell { origin, .. } | How::Link { origin, .. } => Some(origin),
        How::Members(members) => {
            let member = parts.next()?;
            members.iter().find(|(name, ..)| name == member).map(|(_, origin, _)| origin)
        }
    }
}

/// What is wrong with a record, field by field.
pub(super) fn reasons(problem: &Problem) -> Vec<Reason> {
    if problem.errors.is_empty() {
        return vec![Reason::new(&problem.code, problem.detail.clone())];
    }
    let reason = |error: &kernel::FieldProblem| {
        let name = error.pointer.trim_start_matches('/').replace('/', ".");
        let reason = Reason::of_field(&name, &error.code, &error.message);
        Reason { pointer: Some(error.pointer.clone()), ..reason }
    };
    problem.errors.iter().map(reason).collect()
}

impl Borrow<str> for Reason {
    fn borrow(&self) -> &str {
        &self.text
    }
}

impl PartialEq<&str> for Reason {
    fn eq(&self, text: &&str) -> bool {
        self.text == *text
    }
}
