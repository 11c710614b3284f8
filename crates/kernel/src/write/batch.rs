//! Several commands in one commit: batches and imports.

use super::{ATTEMPTS, Checked, Prepared, answer, prepare, seal, store_problem};
use crate::command::{Answer, Call, Command};
use crate::ports::{Change, StoreError};
use crate::problem::{FieldProblem, Problem};
use crate::rights::Plan;
use crate::service::Runtime;
use std::collections::HashSet;
use std::sync::Arc;

/// Executes commands of one service together: those that are not refused become one commit and
/// one event, `act` by name. With `all_or_nothing` the first refusal refuses all.
///
/// The commands do not see each other's changes; two that change one record are refused.
///
/// # Errors
/// A [`Problem`] of the whole; each command's own is in its place among the results.
pub async fn execute_all(
    runtime: &Arc<Runtime>,
    call: &Call,
    commands: &[Command],
    act: &str,
    all_or_nothing: bool,
) -> Result<Vec<Result<Answer, Problem>>, Problem> {
    let store = runtime.store(call.org).await?;
    for _ in 0..ATTEMPTS {
        let snapshot = store.snapshot().await.map_err(store_problem)?;
        let mut results = Vec::with_capacity(commands.len());
        let mut accepted = Vec::new();
        let mut touched = HashSet::new();
        for command in commands {
            let twice = command.verb.record().is_some_and(|id| !touched.insert(id));
            let prepared = if twice {
                let text = "Two commands of one batch change the same record.";
                Err(Problem::conflict("changed_twice", text))
            } else {
                prepare(runtime, call, command, &*snapshot).await
            };
            results.push(match prepared {
                Ok(Prepared::Answered(answer)) => Ok(answer),
                Ok(Prepared::Checked(checked)) => {
                    accepted.push((results.len(), *checked));
                    Ok(Answer::Done)
                }
                Err(problem) if all_or_nothing => return Err(at_command(problem, results.len())),
                Err(problem) => Err(problem),
            });
        }
        if accepted.is_empty() {
            return Ok(results);
        }
        let (places, accepted): (Vec<usize>, Vec<Checked<'_>>) = accepted.into_iter().unzip();
        let plans: Vec<Arc<Plan>> = accepted.iter().map(|c| c.scoped.plan.clone()).collect();
        let own: Vec<usize> = accepted
            .iter()
            .scan(0, |at, checked| {
                let own = *at;
                *at += 1 + checked.work.others.len();
                Some(own)
            })
            .collect();
        let sealed = seal(accepted, act, None).await?;
        drop(snapshot);
        match store.commit(sealed).await {
            Ok(committed) => {
                let mut changes: Vec<Option<Change>> =
                    committed.changes.into_iter().map(Some).collect();
                for ((place, plan), at) in places.into_iter().zip(plans).zip(own) {
                    let change = changes.get_mut(at).and_then(Option::take);
                    results[place] =
                        Ok(change.map_or(Answer::Done, |change| answer(change, &plan)));
                }
                return Ok(results);
            }
            Err(StoreError::Moved(_) | StoreError::KeyUsed) => {}
            Err(error) => return Err(store_problem(error)),
        }
    }
    let text = "Others keep changing what these commands depend on. Retry.";
    Err(Problem { retry_after: Some(1), ..Problem::conflict("contended", text) })
}

/// The problem with its pointers under the command's place in the batch.
fn at_command(mut problem: Problem, index: usize) -> Problem {
    for error in &mut problem.errors {
        error.pointer = format!("/commands/{index}{}", error.pointer);
    }
    if problem.errors.is_empty() {
        let at =
            FieldProblem::new(format!("/commands/{index}"), &problem.code, problem.detail.clone());
        problem.errors.push(at);
    }
    problem
}
