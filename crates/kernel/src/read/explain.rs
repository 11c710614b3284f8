//! Which rule decides whether an actor, or a role, may do something.
//!
//! Nobody is told the names of fields that are hidden from who asks. Administrators see every
//! field, so they may ask about a role, and are told what it does not see.

use super::{scope, snapshot};
use crate::command::{Call, ConditionSaid, Explained, Extent};
use crate::env;
use crate::problem::Problem;
use crate::rights::Plan;
use crate::service::Runtime;
use crate::write::{bind, store_problem};
use std::sync::Arc;
use types::Uuid;

/// Explains a verb to who asks; a record that the actor cannot see is 404 here too.
///
/// # Errors
/// 403 for a question about other roles from someone who is no administrator.
pub(super) async fn explain(
    runtime: &Runtime,
    call: &Call,
    entity: &str,
    id: Option<Uuid>,
    verb: &str,
    roles: &[String],
) -> Result<Explained, Problem> {
    let (entity, own) = scope(runtime, call, entity).await?;
    let record = match id {
        None => None,
        Some(id) => {
            let missing = || Problem::not_found(&entity.name);
            let see = bind(own.see().ok_or_else(missing)?, call, runtime.source.clock.now());
            let found = snapshot(runtime, call).await?.get(&entity, id, &see).await;
            Some(found.map_err(store_problem)?.ok_or_else(missing)?)
        }
    };
    let (plan, call) = match roles {
        [] => (own.clone(), call.clone()),
        roles if own.is_everything() => {
            let roles: Arc<[String]> = Arc::from(roles);
            let facts = runtime.facts.of(call.org).await?;
            let companies = call.companies.as_deref();
            let plan = Plan::compile(&entity, &roles, companies, &facts.rules, &*runtime.registry)?;
            (Arc::new(plan), Call { roles, ..call.clone() })
        }
        _ => {
            let text = "Only administrators may ask about roles. Leave role out to ask about \
                        yourself.";
            return Err(Problem::new(crate::ProblemKind::Forbidden, "forbidden", text));
        }
    };
    let verdict = plan.may(verb, record.as_ref(), &call, runtime.source.clock.now());
    let named = |slots: &[usize]| -> Vec<String> {
        slots.iter().map(|&slot| entity.fields[slot].name.clone()).collect()
    };
    let (readable, hidden): (Vec<usize>, Vec<usize>) =
        entity.shown().partition(|&slot| plan.readable()[slot]);
    // Who may read no record reads no field of one.
    let readable = if plan.see().is_some() { readable } else { Vec::new() };
    let now = runtime.source.clock.now();
    let mut conditions = Vec::new();
    for &slot in &readable {
        let field = &entity.fields[slot];
        for (rule, text) in field.conditions.all() {
            // What a condition asks for may be hidden: then it is in force, and not told.
            if !env::is_told(&entity, text, &*runtime.registry, plan.readable()) {
                continue;
            }
            let condition = runtime.compiled.condition(&entity, text, &*runtime.registry)?;
            conditions.push(ConditionSaid {
                field: field.name.clone(),
                rule: rule.to_owned(),
                expression: text.to_owned(),
                holds: record.as_ref().map(|record| env::holds(&condition, record, &call, now)),
            });
        }
    }
    let is_fixed = |slot: usize| {
        let name = &entity.fields[slot].name;
        let fixes = |said: &ConditionSaid| said.rule == "read_only_if" && said.holds == Some(true);
        conditions.iter().any(|said| said.field == *name && fixes(said))
    };
    let locked: Vec<usize> =
        readable.iter().copied().filter(|&slot| !plan.may_write(slot) || is_fixed(slot)).collect();
    // Without a record the verdict is that on one of which no condition holds.
    let (extent, condition) = match record {
        Some(_) => (None, None),
        None => extent(&plan, verb),
    };
    // A rule that allows it on some records speaks, too.
    let allows = plan.rule_of(verb).filter(|_| extent == Some(Extent::Some));
    let by = verdict.by.or_else(|| allows.map(str::to_owned));
    let is_told = |text: &String| env::is_told(&entity, text, &*runtime.registry, own.readable());
    Ok(Explained {
        right: plan.right(verb),
        allowed: verdict.allowed,
        by,
        extent,
        condition: condition.filter(is_told),
        roles: call.roles.to_vec(),
        readable: named(&readable),
        read_only: named(&locked),
        hidden: own.is_everything().then(|| named(&hidden)),
        conditions,
    })
}

/// On which records a verb may be used, and the expression that decides where those are some.
fn extent(plan: &Plan, verb: &str) -> (Option<Extent>, Option<String>) {
    match plan.condition_of(verb) {
        Some(text) => (Some(Extent::Some), Some(text)),
        None if plan.might(verb) => (Some(Extent::All), None),
        None => (Some(Extent::None), None),
    }
}
