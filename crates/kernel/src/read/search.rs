//! Full text over all entities of a service, under the rights of who asks.
//!
//! The index knows no rights: the best of what it finds is held against them. An actor who may see
//! little of it still finds what is theirs, because the rest is asked entity by entity with the
//! rights in the query.

use super::words::{Words, says, sift};
use super::{scope, snapshot};
use crate::command::{Call, View};
use crate::ports::{ListPlan, Snapshot};
use crate::problem::Problem;
use crate::rights::Plan;
use crate::schema::{Entity, EntityKind};
use crate::service::Runtime;
use crate::text;
use crate::write::{bind, reduce, store_problem};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use types::Uuid;

/// The most entries of the index that are held against rights one by one.
const MOST_LOOKED_AT: usize = 400;

/// An entity, and what the actor may see of it.
type Seen = (Arc<Entity>, Arc<Plan>);

/// The best hits that the actor may see, at most `limit`.
pub(super) async fn search(
    runtime: &Runtime,
    call: &Call,
    text: &str,
    limit: u32,
) -> Result<Vec<View>, Problem> {
    let tokens = text::tokens(text);
    if tokens.is_empty() {
        return Ok(Vec::new());
    }
    let snapshot = snapshot(runtime, call).await?;
    let mut search = Search {
        runtime,
        call,
        snapshot: &*snapshot,
        tokens,
        limit: limit as usize,
        plans: HashMap::new(),
        hits: Vec::new(),
    };
    if !search.best().await? {
        search.rest().await?;
    }
    Ok(search.hits)
}

/// A search on its way.
struct Search<'a> {
    runtime: &'a Runtime,
    call: &'a Call,
    snapshot: &'a dyn Snapshot,
    tokens: Vec<String>,
    limit: usize,
    plans: HashMap<String, Seen>,
    hits: Vec<View>,
}

impl Search<'_> {
    fn is_full(&self) -> bool {
        self.hits.len() >= self.limit
    }

    async fn plan(&mut self, entity: &str) -> Result<Seen, Problem> {
        if let Some(known) = self.plans.get(entity) {
            return Ok(known.clone());
        }
        let found = scope(self.runtime, self.call, entity).await?;
        self.plans.insert(entity.to_owned(), found.clone());
        Ok(found)
    }

    /// Takes from the best entries of the index those that the actor may see; whether there is
    /// nothing more to look for.
    async fn best(&mut self) -> Result<bool, Problem> {
        let (mut looked_at, mut most) = (0, self.limit.saturating_mul(2).min(MOST_LOOKED_AT));
        loop {
            let found = self.snapshot.search(&self.tokens, most as u32).await;
            let found = found.map_err(store_problem)?;
            let is_all = found.len() < most;
            // The index answers in one order: what was looked at comes first again.
            for (entity, id) in found.into_iter().skip(looked_at) {
                self.look_at(&entity, id).await?;
                if self.is_full() {
                    return Ok(true);
                }
            }
            if is_all || most >= MOST_LOOKED_AT {
                return Ok(is_all);
            }
            looked_at = most;
            most = (most * 4).min(MOST_LOOKED_AT);
        }
    }

    async fn look_at(&mut self, entity: &str, id: Uuid) -> Result<(), Problem> {
        let (entity, plan) = self.plan(entity).await?;
        let Some(see) = plan.see() else { return Ok(()) };
        let see = bind(see, self.call, self.runtime.source.clock.now());
        let record = self.snapshot.get(&entity, id, &see).await.map_err(store_problem)?;
        let record = record.filter(|r| !plan.hides_words() || says(r, &plan, &self.tokens));
        self.hits.extend(record.map(|record| reduce(record, &plan)));
        Ok(())
    }

    /// Asks each entity for what the actor may see of it, until there is enough.
    async fn rest(&mut self) -> Result<(), Problem> {
        let known: HashSet<Uuid> = self.hits.iter().map(|view| view.record.id()).collect();
        for entity in &self.runtime.service.entities {
            let is_searched = entity.fields.iter().any(|field| field.searchable);
            if entity.kind == EntityKind::Child || !is_searched {
                continue;
            }
            let (entity, plan) = self.plan(&entity.full_name()).await?;
            let Some(see) = plan.see() else { continue };
            let query = ListPlan {
                entity,
                predicates: bind(see, self.call, self.runtime.source.clock.now()),
                tokens: self.tokens.clone(),
                through: Vec::new(),
                order: Vec::new(),
                after: None,
                skip: 0,
                limit: self.limit as u32,
                lines: false,
            };
            let found = match plan.hides_words() {
                true => sift(self.snapshot, &query, &Words::own(&plan), self.limit).await?,
                false => self.snapshot.list(&query).await.map_err(store_problem)?,
            };
            let new = found.into_iter().filter(|record| !known.contains(&record.id()));
            self.hits.extend(new.map(|record| reduce(record, &plan)));
            if self.is_full() {
                self.hits.truncate(self.limit);
                return Ok(());
            }
        }
        Ok(())
    }
}
