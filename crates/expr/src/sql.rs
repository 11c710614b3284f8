//! Which expressions have an SQL form that gives the same answer on every database.

use crate::Type;
use crate::error::Error;
use crate::ir::{Expr, Function, Kind, Node, Operator};

/// Whether every term can be evaluated by a database.
///
/// That is so for fields of the record, comparisons, logic, `+` and `-` (not on texts), `in`,
/// `has`, `startsWith`, `endsWith`, `contains`, and `?:` between booleans. A term that reads
/// neither a field nor a loop variable always can: [`Expr::bind`] makes it a constant before the
/// query is built.
///
/// # Errors
/// `not_in_queries`, at the innermost term that only the interpreter can evaluate.
pub fn sql_ready(expr: &Expr) -> Result<(), Error> {
    ready(&expr.root)
}

fn ready(node: &Node) -> Result<(), Error> {
    if node.is_independent() {
        return Ok(());
    }
    node.children().into_iter().try_for_each(ready)?;
    let refuse = |what: String| {
        let message = format!("{what} works in computed fields and checks, not in queries");
        Err(Error::new("not_in_queries", node.span, message))
    };
    if let Type::Decimal(None) = node.ty {
        return refuse("a decimal without a declared scale".to_owned());
    }
    match &node.kind {
        Kind::Field(_) if matches!(node.ty, Type::Rows(_)) => refuse("a look at rows".to_owned()),
        Kind::Calculate(Operator::Add, ..) if node.ty == Type::Text => {
            refuse("joining texts".to_owned())
        }
        Kind::Calculate(Operator::Add | Operator::Subtract, ..) => Ok(()),
        Kind::Calculate(op, ..) => refuse(format!("`{}`", op.sign())),
        Kind::Call(Function::StartsWith | Function::EndsWith | Function::Contains, _) => Ok(()),
        Kind::Call(function, _) => refuse(format!("`{}`", function.name())),
        Kind::If(_) if node.ty != Type::Bool => {
            refuse("`?:` between values that are not booleans".to_owned())
        }
        Kind::List(_) => refuse("a list of fields".to_owned()),
        Kind::Loop(inner) => refuse(format!("`{}`", inner.operation.name())),
        _ => Ok(()),
    }
}
