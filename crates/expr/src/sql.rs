//! Which expressions have an SQL form that gives the same answer on every database.

use crate::error::Error;
use crate::ir::{Expr, Function, Kind, Node, Operator};
use crate::{Type, ty::MAX_DIGITS};

/// Whether every term can be evaluated by a database.
///
/// That is so for fields of the record, comparisons, logic, `+` and `-` (not on texts), `in`,
/// `has`, `startsWith`, `endsWith`, `contains`, and `?:` between booleans. A term that reads
/// neither a field nor a loop variable always can: [`Expr::bind`] makes it a constant before the
/// query is built.
///
/// What is ready may still be decided by the interpreter for each record that a query finds. It
/// has the record's own values only, so a term of the outermost `&&` that reads beyond them must
/// be [exact](sql_exact).
///
/// # Errors
/// `not_in_queries`, at the innermost term that only the interpreter can evaluate.
pub fn sql_ready(expr: &Expr) -> Result<(), Error> {
    ready(&expr.root)?;
    let single = std::slice::from_ref(&expr.root);
    let terms = if let Kind::And(terms) = &expr.root.kind { terms.as_slice() } else { single };
    terms.iter().filter(|term| term.reads_beyond()).try_for_each(|term| {
        exact_truth(term).map_err(|node| {
            let message = "this works with the record's own fields only, not beside those behind \
                           a link";
            Error::new("not_in_queries", node.span, message)
        })
    })
}

/// Whether databases decide the whole of a condition, so that nothing is left to the interpreter.
/// That is so for whatever is ready but calculations with days, instants, durations and money, and
/// comparisons of one condition with another.
pub fn sql_exact(expr: &Expr) -> bool {
    ready(&expr.root).is_ok() && exact_truth(&expr.root).is_ok()
}

fn exact_truth(node: &Node) -> Result<(), &Node> {
    if node.is_independent() {
        return Ok(());
    }
    match &node.kind {
        Kind::And(terms) | Kind::Or(terms) => terms.iter().try_for_each(exact_truth),
        Kind::If(terms) => terms.iter().try_for_each(exact_truth),
        Kind::Not(inner) => exact_truth(inner),
        Kind::Has(inner) => exact_value(inner),
        Kind::Compare(_, a, b) | Kind::In(a, b) => {
            [a, b].into_iter().try_for_each(|n| exact_value(n))
        }
        Kind::Call(_, arguments) => arguments.iter().try_for_each(exact_value),
        Kind::Field(_) => Ok(()),
        _ => Err(node),
    }
}

fn exact_value(node: &Node) -> Result<(), &Node> {
    let fits = |ty: &Type| match ty {
        Type::Decimal(scale) => scale.is_some_and(|scale| scale <= MAX_DIGITS),
        Type::List(item) => !matches!(**item, Type::Decimal(None)),
        _ => true,
    };
    match &node.kind {
        _ if !fits(&node.ty) => Err(node),
        Kind::Field(_) => Ok(()),
        _ if node.is_independent() => Ok(()),
        Kind::Calculate(Operator::Add | Operator::Subtract, a, b) if node.ty.is_number() => {
            exact_value(a)?;
            exact_value(b)
        }
        Kind::Negate(inner) if matches!(inner.ty, Type::Decimal(_)) => exact_value(inner),
        _ => Err(node),
    }
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
