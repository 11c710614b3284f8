//! Full text under a mask: what the actor may not read does not help to find a record.
//!
//! The index holds the words of all searchable fields of a record together. For an actor who may
//! read only some of them, of the record or of what it links to, whatever the index finds is held
//! against those.

use crate::linked::{Behind, Hop, Reach, find};
use crate::ports::{ListPlan, Snapshot};
use crate::problem::Problem;
use crate::read::{MAX_PAGE_SIZE, order_values};
use crate::record::Record;
use crate::rights::Plan;
use crate::schema::{Entity, slot};
use crate::text;
use crate::write::store_problem;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use types::{Uuid, Value};

/// The words that the actor may read, of the records of an entity and of what they link to.
pub(super) struct Words<'a> {
    plan: &'a Plan,
    through: Vec<(Arc<Hop>, Arc<[bool]>)>,
    hides: bool,
}

impl<'a> Words<'a> {
    /// The words of the records alone.
    pub(super) fn own(plan: &'a Plan) -> Words<'a> {
        Words { plan, through: Vec::new(), hides: plan.hides_words() }
    }

    /// The words of the records, and of those that they link to where the actor may read what
    /// these are called.
    pub(super) fn reaching(plan: &'a Plan, entity: &Entity, reach: &Reach<'_>) -> Words<'a> {
        let mut words = Words::own(plan);
        let now = reach.runtime.source.clock.now();
        let links = (slot::FIRST..entity.fields.len()).filter(|&slot| plan.readable()[slot]);
        for link in links {
            let Some(behind) = reach.behind(entity, link) else { continue };
            let Behind { target, readable, see, hides_words, .. } = behind;
            if !target.fields[target.title].searchable || !readable[target.title] {
                continue;
            }
            words.hides |= hides_words;
            let hop = Hop { from: None, link, target, see };
            words.through.push((hop.bind(reach.call, now), readable));
        }
        words
    }

    /// The hops whose targets' words count.
    pub(super) fn through(&self) -> Vec<Arc<Hop>> {
        self.through.iter().map(|(hop, _)| hop.clone()).collect()
    }

    /// Whether the index holds words that the actor may not read.
    pub(super) fn hides(&self) -> bool {
        self.hides
    }
}

/// The words of a record's searchable fields that are readable.
fn words_of(record: &Record, readable: &[bool]) -> HashSet<String> {
    let fields = record.entity.fields.iter().zip(&record.values).zip(readable);
    let texts = fields.filter_map(|((field, value), readable)| match value {
        Value::Text(text) | Value::Json(text) if field.searchable && *readable => Some(text),
        _ => None,
    });
    texts.flat_map(|text| text::tokens(text)).collect()
}

/// Whether sets of words hold all tokens between them, the last as a beginning.
fn hold(words: &[&HashSet<String>], tokens: &[String]) -> bool {
    let Some((last, whole)) = tokens.split_last() else { return true };
    whole.iter().all(|token| words.iter().any(|words| words.contains(token)))
        && words.iter().any(|words| words.iter().any(|word| word.starts_with(last.as_str())))
}

/// Whether the fields that the actor may read hold all tokens, the last as a beginning.
pub(super) fn says(record: &Record, plan: &Plan, tokens: &[String]) -> bool {
    hold(&[&words_of(record, plan.readable())], tokens)
}

/// The first `limit` records of a plan, after those that it passes over, whose tokens stand where the actor may read.
pub(super) async fn sift(
    snapshot: &dyn Snapshot,
    query: &ListPlan,
    words: &Words<'_>,
    limit: usize,
) -> Result<Vec<Record>, Problem> {
    let mut walk = ListPlan { limit: MAX_PAGE_SIZE, skip: 0, ..query.clone() };
    let mut passed = 0;
    let mut sifted = Vec::new();
    let mut linked: HashMap<(usize, Uuid), HashSet<String>> = HashMap::new();
    loop {
        let found = snapshot.list(&walk).await.map_err(store_problem)?;
        let is_last = found.len() < walk.limit as usize;
        if let Some(last) = found.last() {
            walk.after = Some((order_values(snapshot, &walk.order, last).await?, last.id()));
        }
        for record in found {
            let mut reached = Vec::new();
            for (at, (hop, readable)) in words.through.iter().enumerate() {
                let Some(id) = record.values[hop.link].as_id() else { continue };
                if let Entry::Vacant(unknown) = linked.entry((at, id)) {
                    let target = find(snapshot, hop, id).await?;
                    let its = target.map(|target| words_of(&target, readable));
                    unknown.insert(its.unwrap_or_default());
                }
                reached.push((at, id));
            }
            let own = words_of(&record, words.plan.readable());
            let sets = reached.iter().filter_map(|key| linked.get(key));
            let sets: Vec<&HashSet<String>> = sets.chain([&own]).collect();
            if !hold(&sets, &walk.tokens) {
                continue;
            }
            match passed < query.skip {
                true => passed += 1,
                false => sifted.push(record),
            }
        }
        if is_last || sifted.len() >= limit {
            sifted.truncate(limit);
            return Ok(sifted);
        }
    }
}
