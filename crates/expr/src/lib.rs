//! The expression language: filters, row conditions, computed fields, checks, guards.
//!
//! The syntax is that of CEL; numbers are exact, null has one stated table, and every operator
//! is total. `docs/expressions.md` is the reference. A text is read by [`parse`] into an [`Ast`],
//! checked against an [`Env`] by [`check`] into an [`Expr`], a typed tree that is interpreted
//! here ([`Expr::eval`]) and that other back ends walk ([`Expr::root`]).
//!
//! ```
//! use expr::{Context, Names, Type, compile};
//! use types::{Instant, Value};
//!
//! let names = Names::new().choice("state", &["draft", "posted"]).field("quantity", Type::Int);
//! let filter = compile("state == 'posted' && quantity > 10", &names, Some(&Type::Bool)).unwrap();
//! let context = Context::new(Instant(0), "UTC", vec![]);
//! assert!(filter.eval_bool(&vec![Value::from("posted"), Value::Int(12)], &context));
//! ```

pub mod ast;
mod calculate;
mod call;
mod check;
mod env;
mod error;
mod eval;
mod fold;
mod function;
pub mod ir;
mod lexer;
mod number;
mod parser;
mod print;
mod sql;
mod ty;

pub use ast::{Ast, MAX_DEPTH, MAX_LENGTH};
pub use check::check;
pub use env::{Env, FieldRef, Names, Origin, Via};
pub use error::{Error, Span};
pub use eval::{Context, Evaluated, Joined, Reason, Row};
pub use ir::{Expr, Kind, Node, Slot};
pub use parser::parse;
pub use print::quote;
pub use sql::{sql_exact, sql_ready};
pub use ty::{Target, Type};

/// Reads `text` and checks it against `env`.
///
/// # Errors
/// One mistake of the syntax, or all that the check finds, in the order of the text.
pub fn compile(text: &str, env: &dyn Env, expected: Option<&Type>) -> Result<Expr, Vec<Error>> {
    let ast = parse(text).map_err(|error| vec![error])?;
    check(&ast, env, expected)
}
