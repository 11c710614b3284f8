//! Records that come from another system with a life behind them: an import gives a new record
//! its state and its number.
//!
//! No act runs for it: what the acts would have done, the other system did. Who may do an act
//! may enter what has been through it.

use super::Scoped;
use crate::problem::FieldProblem;
use crate::record::Record;
use crate::schema::slot;
use types::Value;

/// Takes state or number of an entering record; false if `name` is neither, or nothing enters.
pub(super) fn take(
    scoped: &Scoped<'_>,
    name: &str,
    value: &Value,
    record: &mut Record,
    problems: &mut Vec<FieldProblem>,
) -> bool {
    if !scoped.enters || scoped.before.is_some() {
        return false;
    }
    match (name, value) {
        ("state", Value::Text(state)) => {
            record.values[slot::STATE] = value.clone();
            problems.extend(wrong_state(scoped, state));
        }
        ("number", Value::Text(_)) if scoped.entity.number.is_some() => {
            record.values[slot::NUMBER] = value.clone();
        }
        _ => return false,
    }
    true
}

/// Why a record cannot enter in a state.
fn wrong_state(scoped: &Scoped<'_>, state: &str) -> Option<FieldProblem> {
    let entity = &scoped.entity;
    let states = entity.states.as_ref();
    if !states.is_some_and(|states| states.names.iter().any(|name| name == state)) {
        let text = format!("'{state}' is no state of {}", entity.name);
        return Some(FieldProblem::new("/state", "unknown_state", text));
    }
    let mut moves = states.into_iter().flat_map(|states| &states.moves);
    let may_lead = moves.any(|known| known.to == state && scoped.plan.might(&known.act));
    if Some(state) == entity.first_state() || may_lead {
        return None;
    }
    let text = format!("needs the right to an act that leads to {state}");
    Some(FieldProblem::new("/state", "forbidden_state", text))
}
