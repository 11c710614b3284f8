//! What happened to a record: its events, the newest first, as far as the actor may know.
//!
//! A field that the actor cannot read is in no change. Where only some records exist for the
//! actor, a value is told only where the record existed for the actor when it had it: the same
//! that `known_at` answers. A deleted record has its history for whoever could see it last.

use super::{is_visible, mark, parse_token, scope, size_of_page, snapshot, token};
use crate::command::{Call, FieldChange, Happening, History, LineChange, LineFate};
use crate::field::Kind;
use crate::history::{Replay, SubjectKeys, TOGETHER_BY_CHANCE, Until, drawn, replay};
use crate::log::event::{ChangeRecord, Event, EventValue};
use crate::log::{LogEntry, Recorded};
use crate::ports::Snapshot;
use crate::problem::Problem;
use crate::rights::Plan;
use crate::schema::{Entity, slot};
use crate::service::Runtime;
use crate::write::{bind, store_problem};
use std::collections::HashMap;
use std::sync::Arc;
use types::{Uuid, Value};

/// What merely follows from a change: the version, and the stamps that the event has itself.
const FOLLOWS: [usize; 6] = [
    slot::ID,
    slot::VERSION,
    slot::CREATED_AT,
    slot::CREATED_BY,
    slot::UPDATED_AT,
    slot::UPDATED_BY,
];

/// A page of a record's history.
///
/// # Errors
/// 404 for a record that does not exist, or did not when it was deleted, for the actor.
pub(super) async fn timeline(
    runtime: &Runtime,
    call: &Call,
    entity: &str,
    id: Uuid,
    (page_size, page_token): (u32, &str),
) -> Result<History, Problem> {
    let (entity, plan) = scope(runtime, call, entity).await?;
    let size = size_of_page(page_size)?;
    let question = mark(&[b"history", entity.full_name().as_bytes(), id.as_bytes()]);
    let after = parse_token(page_token, &question, 1)?;
    let snapshot = snapshot(runtime, call).await?;
    let line = Timeline { runtime, call, snapshot: &*snapshot, entity, plan, id };
    let before = match after.as_ref().map(|(values, _)| values.as_slice()) {
        Some([Value::Int(position)]) => u64::try_from(*position).unwrap_or_default(),
        _ => u64::MAX >> 1,
    };
    // Before all else: what is sealed for this question is in no view that began before it.
    let mut entries =
        line.snapshot.history_of(id, before, size + 1).await.map_err(store_problem)?;
    if !line.is_seen().await? {
        return Err(Problem::not_found(&line.entity.name));
    }
    let more = entries.len() > size as usize;
    entries.truncate(size as usize);
    let next_page_token = match entries.last() {
        Some(last) if more => token(&question, &[Value::Int(last.position as i64)], last.id),
        _ => String::new(),
    };
    let existed = line.existed().await?;
    let mut keys = SubjectKeys::new(runtime, line.snapshot);
    let mut items = Vec::with_capacity(entries.len());
    for entry in &entries {
        let event = Event::parse(&entry.bytes).map_err(|e| Problem::internal(e.to_string()))?;
        let seen = existed
            .as_ref()
            .map_or((true, true), |all| all.get(&event.id).copied().unwrap_or_default());
        if seen == (false, false) {
            continue;
        }
        for change in event.changes.iter().filter(|change| change.record == id) {
            items.push(line.happening(entry, &event, change, seen, &mut keys).await?);
        }
    }
    Ok(History { entity: line.entity.full_name(), items, next_page_token })
}

/// A record, and who asks for its history.
pub(super) struct Timeline<'a> {
    pub(super) runtime: &'a Runtime,
    pub(super) call: &'a Call,
    pub(super) snapshot: &'a dyn Snapshot,
    pub(super) entity: Arc<Entity>,
    pub(super) plan: Arc<Plan>,
    pub(super) id: Uuid,
}

impl Timeline<'_> {
    /// Whether the record exists for the actor, or did when it was deleted.
    async fn is_seen(&self) -> Result<bool, Problem> {
        let Some(see) = self.plan.see() else { return Ok(false) };
        let now = self.runtime.source.clock.now();
        let see = bind(see, self.call, now);
        let get = async |see: &[crate::schema::Predicate]| {
            let found = self.snapshot.get(&self.entity, self.id, see).await;
            found.map(|found| found.is_some()).map_err(store_problem)
        };
        if get(&see).await? {
            return Ok(true);
        }
        if !see.is_empty() && get(&[]).await? {
            return Ok(false);
        }
        let last = self.snapshot.history_of(self.id, u64::MAX >> 1, 1).await;
        let last = last.map_err(store_problem)?;
        let Some(event) = last.first().and_then(|last| Event::parse(&last.bytes).ok()) else {
            return Ok(false);
        };
        let name = self.entity.full_name();
        if !event.changes.iter().any(|change| change.record == self.id && change.entity == name) {
            return Ok(false);
        }
        let until = Until::Before(event.id);
        let was = replay(self.runtime, self.snapshot, &self.entity, self.id, until).await?;
        Ok(was.is_some_and(|record| is_visible(&self.plan, &record, self.call, now)))
    }

    /// Whether the record existed for the actor before and after each of its events; none where
    /// it always did.
    async fn existed(&self) -> Result<Option<HashMap<Uuid, (bool, bool)>>, Problem> {
        if self.plan.see().is_some_and(<[_]>::is_empty) {
            return Ok(None);
        }
        let now = self.runtime.source.clock.now();
        let events = self.snapshot.events_of(self.id).await.map_err(store_problem)?;
        let mut replay = Replay::new(self.runtime, self.snapshot, &self.entity, self.id);
        let (mut all, mut before) = (HashMap::with_capacity(events.len()), false);
        for Recorded { bytes, number } in events {
            let event = Event::parse(&bytes).map_err(|e| Problem::internal(e.to_string()))?;
            replay.apply(&event, &number).await?;
            let record = replay.record();
            let after = record.is_some_and(|r| is_visible(&self.plan, r, self.call, now));
            all.insert(event.id, (before, after));
            before = after;
        }
        Ok(Some(all))
    }

    /// What an event did to the record by one of its changes.
    pub(super) async fn happening(
        &self,
        entry: &LogEntry,
        event: &Event,
        change: &ChangeRecord,
        seen: (bool, bool),
        keys: &mut SubjectKeys<'_>,
    ) -> Result<Happening, Problem> {
        let together = TOGETHER_BY_CHANCE.iter().find(|act| **act == event.act);
        let is_own = event.changes.first().is_some_and(|first| first.record == self.id);
        let verb = match together {
            None if is_own => event.act.clone(),
            None => sort(change).to_owned(),
            Some(_) => self.act_of(change).unwrap_or_else(|| sort(change)).to_owned(),
        };
        let (mut changes, mut lines) = (Vec::new(), Vec::new());
        for slot in self.slots(change) {
            let name = &self.entity.fields[slot].name;
            let (before, was_erased) = side(&change.before, name, keys).await?;
            let (after, is_erased) = side(&change.after, name, keys).await?;
            match &self.entity.fields[slot].kind {
                Kind::Children { .. } => lines.extend(self.lines(slot, &before, &after, seen)),
                _ => changes.push(FieldChange {
                    field: name.clone(),
                    before: seen.0.then_some(before),
                    after: seen.1.then_some(after),
                    erased: was_erased || is_erased,
                }),
            }
        }
        changes.extend(self.drawn(entry, event, change).filter(|_| seen.1));
        let names_actor =
            if sort(change) == "create" { slot::CREATED_BY } else { slot::UPDATED_BY };
        let knows_actor = self.plan.readable()[names_actor];
        Ok(Happening {
            event: event.id,
            position: entry.position,
            at: event.at,
            actor: (knows_actor && !event.actor.is_nil()).then_some(event.actor),
            actor_kind: event.actor_kind.clone(),
            verb,
            through: together.map(|act| (*act).to_owned()),
            reason: event.reason.clone(),
            request_id: event.request_id.clone(),
            change_set: event.change_set,
            version: change.version,
            changes,
            lines,
        })
    }

    /// The slots of a change that the actor may read and that do not merely follow from others.
    fn slots(&self, change: &ChangeRecord) -> impl Iterator<Item = usize> + '_ {
        let mut slots: Vec<usize> = change
            .before
            .iter()
            .chain(&change.after)
            .filter_map(|(name, _)| self.entity.slot(name))
            .collect();
        slots.sort_unstable();
        slots.dedup();
        slots.into_iter().filter(|&slot| {
            self.plan.readable()[slot]
                && !FOLLOWS.contains(&slot)
                && self.entity.fields[slot].computed.is_none()
        })
    }

    /// The move between states that a change of a batch was.
    fn act_of(&self, change: &ChangeRecord) -> Option<&str> {
        let state = |side: &[(String, EventValue)]| -> Option<String> {
            let name = &self.entity.fields[slot::STATE].name;
            side.iter().find(|(known, _)| known == name).and_then(|(_, value)| match value {
                EventValue::Plain(value) => value.as_text().map(str::to_owned),
                EventValue::Cipher { .. } => None,
            })
        };
        let (from, to) = (state(&change.before)?, state(&change.after)?);
        let moves = self.entity.states.as_ref()?.moves.iter();
        let mut fitting = moves.filter(|known| known.from == from && known.to == to);
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Some(&only.act),
            _ => None,
        }
    }

    /// The document number that the event drew for the record: it is kept beside the event.
    fn drawn(
        &self,
        entry: &LogEntry,
        event: &Event,
        change: &ChangeRecord,
    ) -> impl Iterator<Item = FieldChange> + use<> {
        let number = (self.plan.readable()[slot::NUMBER])
            .then(|| drawn(&self.runtime.registry, &entry.number, event, change))
            .flatten();
        let field = self.entity.fields[slot::NUMBER].name.clone();
        number.into_iter().map(move |number| FieldChange {
            field: field.clone(),
            before: Some(Value::Null),
            after: Some(Value::Text(number)),
            erased: false,
        })
    }

    /// What happened to the lines in a field.
    fn lines(
        &self,
        field: usize,
        before: &Value,
        after: &Value,
        seen: (bool, bool),
    ) -> Vec<LineChange> {
        let Some(mask) = self.plan.lines().iter().find(|lines| lines.slot == field) else {
            return Vec::new();
        };
        let (old, new) = (rows(before), rows(after));
        let shown: Vec<usize> = (slot::FIRST..mask.entity.fields.len())
            .filter(|&at| mask.readable[at] && mask.entity.fields[at].computed.is_none())
            .collect();
        let id = |row: &[Value]| row.get(slot::ID).and_then(Value::as_id).unwrap_or_default();
        let changes = |was: Option<&[Value]>, is: Option<&[Value]>| -> Vec<FieldChange> {
            let value = |row: Option<&[Value]>, at: usize| {
                row.and_then(|row| row.get(at)).cloned().unwrap_or_default()
            };
            let change = |at: usize| {
                let (before, after) = (value(was, at), value(is, at));
                (before != after).then(|| FieldChange {
                    field: mask.entity.fields[at].name.clone(),
                    before: seen.0.then_some(before),
                    after: seen.1.then_some(after),
                    erased: false,
                })
            };
            shown.iter().filter_map(|&at| change(at)).collect()
        };
        let told = |id: Uuid, change: LineFate, changes: Vec<FieldChange>| LineChange {
            field: self.entity.fields[field].name.clone(),
            id,
            change,
            changes,
        };
        let mut all = Vec::new();
        for row in new {
            match old.iter().find(|was| id(was) == id(row)) {
                None => all.push(told(id(row), LineFate::Added, changes(None, Some(row)))),
                Some(was) => {
                    let changes = changes(Some(was), Some(row));
                    // What changed of it may all be hidden, or follow from other fields.
                    if !changes.is_empty() {
                        all.push(told(id(row), LineFate::Changed, changes));
                    }
                }
            }
        }
        for was in old.iter().filter(|was| !new.iter().any(|row| id(row) == id(was))) {
            all.push(told(id(was), LineFate::Removed, changes(Some(was), None)));
        }
        all
    }
}

fn rows(value: &Value) -> &[Vec<Value>] {
    match value {
        Value::Rows(rows) => rows,
        _ => &[],
    }
}

/// What a change did to its record, whatever act it belongs to.
fn sort(change: &ChangeRecord) -> &'static str {
    match change.version {
        0 => "delete",
        _ if change.is_first() => "create",
        _ => "update",
    }
}

/// A value of one side of a change, and whether it was erased.
async fn side(
    values: &[(String, EventValue)],
    name: &str,
    keys: &mut SubjectKeys<'_>,
) -> Result<(Value, bool), Problem> {
    let Some((_, value)) = values.iter().find(|(known, _)| known == name) else {
        return Ok((Value::Null, false));
    };
    let opened = keys.open(name, value).await?;
    let is_erased = opened.is_none();
    Ok((opened.unwrap_or_default(), is_erased))
}
