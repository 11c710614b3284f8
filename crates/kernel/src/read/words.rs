//! Full text under a mask: what the actor may not read does not help to find a record.
//!
//! The index holds the words of all searchable fields of a record together. For an actor who may
//! read only some of them, whatever the index finds is held against those.

use crate::ports::{ListPlan, Snapshot};
use crate::problem::Problem;
use crate::read::{MAX_PAGE_SIZE, order_values};
use crate::record::Record;
use crate::rights::Plan;
use crate::text;
use crate::write::store_problem;
use std::collections::HashSet;
use types::Value;

/// Whether the fields that the actor may read hold all tokens, the last as a beginning.
pub(super) fn says(record: &Record, plan: &Plan, tokens: &[String]) -> bool {
    let fields = record.entity.fields.iter().zip(&record.values).zip(plan.readable().iter());
    let texts = fields.filter_map(|((field, value), readable)| match value {
        Value::Text(text) | Value::Json(text) if field.searchable && *readable => Some(text),
        _ => None,
    });
    let words: HashSet<String> = texts.flat_map(|text| text::tokens(text)).collect();
    let Some((last, whole)) = tokens.split_last() else { return true };
    whole.iter().all(|token| words.contains(token))
        && words.iter().any(|word| word.starts_with(last.as_str()))
}

/// The first `limit` records of a plan whose tokens stand in fields that the actor may read.
pub(super) async fn sift(
    snapshot: &dyn Snapshot,
    query: &ListPlan,
    plan: &Plan,
    limit: usize,
) -> Result<Vec<Record>, Problem> {
    let mut walk = ListPlan { limit: MAX_PAGE_SIZE, ..query.clone() };
    let mut sifted = Vec::new();
    loop {
        let found = snapshot.list(&walk).await.map_err(store_problem)?;
        let is_last = found.len() < walk.limit as usize;
        if let Some(last) = found.last() {
            walk.after = Some((order_values(snapshot, &walk.order, last).await?, last.id()));
        }
        sifted.extend(found.into_iter().filter(|record| says(record, plan, &walk.tokens)));
        if is_last || sifted.len() >= limit {
            sifted.truncate(limit);
            return Ok(sifted);
        }
    }
}
