//! Puts a term into its one canonical form: constants are evaluated, null literals resolved.

use crate::eval::Context;
use crate::ir::{Comparison, Expr, Function, Kind, Node};
use crate::{Type, error::Span};
use types::{Instant, Value};

impl Expr {
    /// The same expression for one context: `now()`, `today()` and the actor's fields become
    /// constants, and so does what is calculated from them. A query is built from this form.
    pub fn bind(&self, context: &Context) -> Expr {
        Expr { root: bind(self.root.clone(), context) }
    }
}

fn bind(mut node: Node, context: &Context) -> Node {
    let boxed = |inner: Box<Node>| Box::new(bind(*inner, context));
    let all = |items: Vec<Node>| items.into_iter().map(|item| bind(item, context)).collect();
    node.kind = match node.kind {
        Kind::Has(inner) => Kind::Has(boxed(inner)),
        Kind::Not(inner) => Kind::Not(boxed(inner)),
        Kind::Negate(inner) => Kind::Negate(boxed(inner)),
        Kind::And(items) => Kind::And(all(items)),
        Kind::Or(items) => Kind::Or(all(items)),
        Kind::List(items) => Kind::List(all(items)),
        Kind::Call(function, arguments) => Kind::Call(function, all(arguments)),
        Kind::Compare(op, a, b) => Kind::Compare(op, boxed(a), boxed(b)),
        Kind::In(a, b) => Kind::In(boxed(a), boxed(b)),
        Kind::Calculate(op, a, b) => Kind::Calculate(op, boxed(a), boxed(b)),
        Kind::If(parts) => Kind::If(Box::new(parts.map(|part| bind(part, context)))),
        Kind::Loop(mut inner) => {
            inner.over = bind(inner.over, context);
            inner.body = bind(inner.body, context);
            Kind::Loop(inner)
        }
        leaf => leaf,
    };
    finish(node, Some(context))
}

/// The canonical form of a term whose inner terms have theirs.
pub(crate) fn finish(node: Node, context: Option<&Context>) -> Node {
    let Node { kind, ty, span } = node;
    let is_null = |node: &Node| node.as_const().is_some_and(Value::is_null);
    let null = Node::constant(Value::Null, Type::Null, span);
    let truth = |value| Node::constant(Value::Bool(value), Type::Bool, span);
    let kind = match kind {
        Kind::Compare(op, a, b) if is_null(&a) || is_null(&b) => {
            let rest = if is_null(&a) { b } else { a };
            let has = |span: Span| Node { kind: Kind::Has(rest), ty: Type::Bool, span };
            match op {
                Comparison::Equal => Kind::Not(Box::new(finish(has(span), context))),
                Comparison::NotEqual => return finish(has(span), context),
                _ => return truth(false),
            }
        }
        Kind::Calculate(_, a, b) if is_null(&a) || is_null(&b) => return null,
        Kind::Negate(inner) if is_null(&inner) => return null,
        Kind::Call(Function::StartsWith | Function::EndsWith | Function::Contains, arguments)
            if arguments.iter().any(is_null) =>
        {
            return truth(false);
        }
        kind => kind,
    };
    let node = Node { kind, ty, span };
    if !is_foldable(&node, context) {
        return node;
    }
    let fallback;
    let is_bound = context.is_some();
    let context = match context {
        Some(context) => context,
        None => {
            fallback = Context::new(Instant(0), "UTC", Vec::new());
            &fallback
        }
    };
    let expr = Expr { root: node };
    let result = expr.eval(&[] as &[Value], context);
    let node = expr.root;
    // A calculation without a result stays, so that its reason is told whenever it is evaluated;
    // a query has no place for reasons.
    if !result.reasons.is_empty() && !is_bound {
        return node;
    }
    let ty = match &node.ty {
        _ if result.value.is_null() => Type::Null,
        ty @ Type::Id(_) => ty.clone(),
        ty @ Type::List(item) if matches!(**item, Type::Id(_)) => ty.clone(),
        _ => Type::of_literal(&result.value),
    };
    Node::constant(result.value, ty, span)
}

/// Whether the term's value is known now.
fn is_foldable(node: &Node, context: Option<&Context>) -> bool {
    match &node.kind {
        Kind::Const(_) | Kind::Field(_) | Kind::Item { .. } | Kind::Loop(_) => false,
        Kind::Attribute(_) | Kind::Now | Kind::Today => context.is_some(),
        Kind::Call(
            Function::Year | Function::Month | Function::Day | Function::DateOf,
            arguments,
        ) if context.is_none() && arguments.iter().any(|a| a.ty == Type::Instant) => false,
        _ => node.children().iter().all(|child| child.as_const().is_some()),
    }
}
