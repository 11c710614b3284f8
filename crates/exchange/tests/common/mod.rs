//! An executor that keeps records in memory, with the checks that imports meet.

#![allow(dead_code)]

use async_trait::async_trait;
use exchange::pipeline::{Executor, Import, Journal, Observer, Progress, Refused, Report, Write};
use exchange::{mapping::Mapping, pipeline::ImportError};
use expr::Context;
use kernel::schema::{Computing, Default as Start, slot};
use kernel::service::Registry;
use kernel::{Entity, FieldProblem, Kind, Problem, Record, View};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use types::{Instant, Rounding, Uuid, Value};

/// The entities of the services that imports fill.
pub fn registry() -> Registry {
    let entities = operations::service().entities.into_iter().chain(hr::service().entities);
    Registry::new(entities)
}

/// Where the small data of these tests lies.
pub fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// Records in memory.
#[derive(Default)]
pub struct Memory {
    registry: Registry,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    records: BTreeMap<(String, Uuid), Record>,
    /// The order in which records were made.
    order: Vec<Uuid>,
    next: u128,
    commits: usize,
    fail_at: Option<usize>,
    /// A field in which a duplicate makes the whole batch fail, as an index of a database does.
    unique_index: bool,
}

impl Memory {
    pub fn new() -> Memory {
        let state = State { unique_index: true, ..State::default() };
        Memory { registry: registry(), state: Mutex::new(state) }
    }

    /// Makes the commit of this number fail, once.
    pub fn fail_at(&self, commit: usize) {
        self.state.lock().unwrap().fail_at = Some(commit);
    }

    /// The records of an entity, in the order in which they were made.
    pub fn all(&self, entity: &str) -> Vec<Record> {
        let state = self.state.lock().unwrap();
        let found =
            state.order.iter().filter_map(|id| state.records.get(&(entity.to_owned(), *id)));
        found.cloned().collect()
    }

    /// The record with a key in another system.
    pub fn external(&self, entity: &str, name: &str, key: &str) -> Record {
        let found = self.all(entity).into_iter().find(|record| external(record, name) == key);
        found.unwrap_or_else(|| panic!("no {entity} {name} {key}"))
    }

    /// Changes a record as somebody else would.
    pub fn change(&self, record: &Record, field: &str, value: impl Into<Value>) {
        let mut changed = record.clone();
        changed.set(field, value);
        changed.values[slot::VERSION] = Value::Int(record.version() as i64 + 1);
        let key = (record.entity.full_name(), record.id());
        self.state.lock().unwrap().records.insert(key, changed);
    }

    fn found(&self, records: Vec<(String, Record)>) -> Vec<(String, View)> {
        let view = |record: Record| View {
            readable: vec![true; record.values.len()].into(),
            record,
            lines: Default::default(),
            replayed: false,
        };
        records.into_iter().map(|(key, record)| (key, view(record))).collect()
    }
}

/// The key of a record in another system; empty for none.
pub fn external(record: &Record, name: &str) -> String {
    member(&record.values[slot::EXTERNAL_IDS], name)
}

/// A member of a JSON object; empty for none.
pub fn member(value: &Value, name: &str) -> String {
    let Value::Json(json) = value else { return String::new() };
    let object: serde_json::Value = serde_json::from_str(json).unwrap();
    object[name].as_str().unwrap_or_default().to_owned()
}

/// The lines of a record.
pub fn rows(record: &Record, field: &str) -> Vec<Vec<Value>> {
    match record.get(field) {
        Value::Rows(rows) => rows.clone(),
        _ => Vec::new(),
    }
}

#[async_trait]
impl Executor for Memory {
    async fn by_external(
        &self,
        entity: &str,
        name: &str,
        keys: &[String],
    ) -> Result<Vec<(String, View)>, Problem> {
        assert!(keys.len() <= 1_000);
        let all = self.all(entity).into_iter().map(|record| (external(&record, name), record));
        Ok(self.found(all.filter(|(key, _)| keys.contains(key)).collect()))
    }

    async fn by_field(
        &self,
        entity: &str,
        field: &str,
        values: &[String],
    ) -> Result<Vec<(String, View)>, Problem> {
        let text = |record: &Record| record.get(field).as_text().unwrap_or_default().to_owned();
        let all = self.all(entity).into_iter().map(|record| (text(&record), record));
        Ok(self.found(all.filter(|(key, _)| values.contains(key)).collect()))
    }

    async fn write(
        &self,
        writes: Vec<Write>,
        dry_run: bool,
    ) -> Result<Vec<Result<Uuid, Problem>>, Problem> {
        assert!(writes.len() <= exchange::pipeline::CHUNK);
        let mut state = self.state.lock().unwrap();
        if state.fail_at == Some(state.commits) {
            state.fail_at = None;
            return Err(Problem::unavailable("down", "the database is away", 1));
        }
        let mut results = Vec::new();
        let mut drafts = Vec::new();
        for write in &writes {
            let entity = self.registry.get(&write.entity).unwrap().clone();
            let drafted = draft(&mut state, &self.registry, &entity, write);
            results.push(drafted.as_ref().map(Record::id).map_err(Clone::clone));
            drafts.extend(drafted.ok());
        }
        // As in a database, a value that another record has makes the whole commit fail.
        for (at, record) in drafts.iter().enumerate() {
            for (slot, field) in record.entity.fields.iter().enumerate() {
                let value = &record.values[slot];
                if !field.unique || value.is_null() {
                    continue;
                }
                let own = state.records.values().chain(&drafts[..at]);
                let is_taken = own
                    .filter(|other| other.entity.full_name() == record.entity.full_name())
                    .any(|other| other.id() != record.id() && other.values[slot] == *value);
                if is_taken {
                    let error =
                        FieldProblem::new(format!("/{}", field.name), "not_unique", "is taken");
                    return Err(Problem::conflict("not_unique", "taken").with(vec![error]));
                }
            }
        }
        if !dry_run {
            state.commits += 1;
            for record in drafts {
                let key = (record.entity.full_name(), record.id());
                if state.records.insert(key, record.clone()).is_none() {
                    state.order.push(record.id());
                }
            }
        }
        Ok(results)
    }
}

fn draft(
    state: &mut State,
    registry: &Registry,
    entity: &Arc<Entity>,
    write: &Write,
) -> Result<Record, Problem> {
    let mut problems = Vec::new();
    let mut record = match write.record {
        Some((id, known)) => {
            let found = &state.records[&(write.entity.clone(), id)];
            assert_eq!(known, kernel::Known::Exactly(found.version()));
            let mut record = found.clone();
            record.values[slot::VERSION] = Value::Int(found.version() as i64 + 1);
            record
        }
        None => {
            state.next += 1;
            let mut record = Record::empty(entity.clone());
            record.values[slot::ID] = Uuid::from_u128(state.next).into();
            record.values[slot::VERSION] = Value::Int(1);
            for (slot, field) in entity.fields.iter().enumerate() {
                if let Some(Start::Value(value)) = &field.default {
                    record.values[slot] = value.clone();
                }
            }
            record.values[slot::STATE] = write.state.as_deref().or(entity.first_state()).into();
            record.values[slot::NUMBER] = write.number.as_deref().into();
            record
        }
    };
    for (name, value) in &write.input.values {
        let at = entity.slot(name).unwrap();
        assert!(!entity.fields[at].read_only, "{name}");
        record.values[at] = match entity.fields[at].kind.merges() {
            true => kernel::field::merge(&record.values[at], value.clone()),
            false => value.clone(),
        };
    }
    let is_known = |state: &State, field: &kernel::Field, value: &Value| match &field.kind {
        Kind::Link { entity, .. } if registry.get(entity).is_some() => {
            value.as_id().is_none_or(|id| state.records.contains_key(&(entity.clone(), id)))
        }
        _ => true,
    };
    for (at, field) in entity.fields.iter().enumerate() {
        let pointer = format!("/{}", field.name);
        if field.required && record.values[at].is_null() {
            problems.push(FieldProblem::new(&pointer, "required", "must not be empty"));
        }
        if !is_known(state, field, &record.values[at]) {
            problems.push(FieldProblem::new(&pointer, "unknown_link", "leads nowhere"));
        }
        let Kind::Children { entity: child } = &field.kind else { continue };
        let child = registry.get(child).unwrap();
        let Value::Rows(mut rows) = record.values[at].clone() else { continue };
        for (index, row) in rows.iter_mut().enumerate() {
            row.resize(child.fields.len(), Value::Null);
            if row[slot::ID].is_null() {
                state.next += 1;
                row[slot::ID] = Uuid::from_u128(state.next).into();
            }
            for (at, field) in child.fields.iter().enumerate() {
                if let (Value::Null, Some(Start::Value(value))) = (&row[at], &field.default) {
                    row[at] = value.clone();
                }
                if !is_known(state, field, &row[at]) {
                    let pointer = format!("{pointer}/{index}/{}", field.name);
                    problems.push(FieldProblem::new(pointer, "unknown_link", "leads nowhere"));
                }
            }
            for (at, field) in child.fields.iter().enumerate() {
                if let Some(rule) = field.computed {
                    let parent = Some((&**entity, record.values.as_slice()));
                    let rounding = Rounding::HalfUp;
                    row[at] = rule(&Computing { entity: child, values: row, parent, rounding });
                }
            }
        }
        record.values[at] = Value::Rows(rows);
    }
    for (at, field) in entity.fields.iter().enumerate() {
        if let Some(rule) = field.computed {
            let rounding = Rounding::HalfUp;
            let values = &record.values;
            record.values[at] = rule(&Computing { entity, values, parent: None, rounding });
        }
    }
    if problems.is_empty() { Ok(record) } else { Err(Problem::invalid(problems)) }
}

/// What an import showed while it ran.
#[derive(Default)]
pub struct Seen {
    pub refused: Vec<Refused>,
    pub progressed: usize,
}

impl Observer for Seen {
    fn progressed(&mut self, _: &Progress, _: &str) {
        self.progressed += 1;
    }
    fn refused(&mut self, refused: &Refused) -> std::io::Result<()> {
        self.refused.push(refused.clone());
        Ok(())
    }
}

impl Seen {
    /// Line and reasons of each refused row.
    pub fn reasons(&self) -> Vec<(u64, String)> {
        self.refused.iter().map(|row| (row.line, row.reasons.join("; "))).collect()
    }
}

/// A journal in memory.
#[derive(Default)]
pub struct Kept(pub Mutex<Option<Progress>>);

#[async_trait]
impl Journal for Kept {
    async fn load(&self) -> Result<Option<Progress>, Problem> {
        Ok(self.0.lock().unwrap().clone())
    }
    async fn save(&self, progress: &Progress) -> Result<(), Problem> {
        *self.0.lock().unwrap() = Some(progress.clone());
        Ok(())
    }
}

/// Imports a source by a mapping.
pub async fn import(
    memory: &Memory,
    mapping: &Mapping,
    source: &Path,
    journal: &dyn Journal,
    dry_run: bool,
) -> (Result<Report, ImportError>, Seen) {
    let registry = registry();
    let context = Context::new(Instant(0), "UTC", vec![]);
    let import = Import {
        mapping,
        source,
        registry: &registry,
        executor: memory,
        journal,
        context,
        dry_run,
        rows: None,
    };
    let mut seen = Seen::default();
    let report = import.run(&mut seen).await;
    (report, seen)
}

/// Created, updated, unchanged, refused; their sum is what was read.
pub fn counts(report: &Report) -> [u64; 4] {
    let counts = report.total;
    let each = [counts.created, counts.updated, counts.unchanged, counts.refused];
    assert_eq!(each.iter().sum::<u64>(), counts.read, "the counts add up");
    each
}
