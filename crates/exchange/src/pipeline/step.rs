//! One step of an import.

use super::compose::compose;
use super::draft::{Cell, Draft, Reading};
use super::executor::{Observer, Progress, Write};
use super::links::{Links, missing};
use super::refused::{Refused, reasons};
use super::spill::{Spill, fault};
use super::{CHUNK, Import, ImportError, Opened};
use crate::mapping::bind::{By, Lookup};
use crate::mapping::{Mode, Step, cell_text};
use crate::source::Row;
use kernel::schema::EntityKind;
use kernel::{FieldProblem, Kind, Problem, ProblemKind, View};
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use types::{Uuid, Value};

/// The ids of records that a dry run would make begin so.
const PRETENDED: u128 = 0x0dd0_0dd0_0dd0_0dd0 << 64;

/// The work on one step.
pub(super) struct StepRun<'a> {
    pub import: &'a Import<'a>,
    pub step: &'a Step,
    pub opened: Opened,
    pub links: &'a mut Links,
    pub progress: &'a mut Progress,
    pub observer: &'a mut dyn Observer,
    pub pretended: &'a mut u64,
    /// Hashes of the keys that the table named before.
    pub seen: HashSet<u128>,
    /// Hashes of the values that a dry run would give to fields where each stands once.
    pub taken: HashSet<u128>,
    /// Rows whose link leads to a row of this table that is not written yet.
    pub waiting: Vec<Draft>,
}

impl StepRun<'_> {
    pub(super) async fn run(&mut self) -> Result<(), ImportError> {
        let mut lines = self.read_lines()?;
        let done = self.progress.rows;
        let mut place = 0;
        let mut drafts = Vec::with_capacity(CHUNK);
        while let Some(row) = self.opened.table.next() {
            let row = if self.opened.bound.trim { row?.trimmed() } else { row? };
            let draft = self.draft(row, &mut lines)?;
            place += 1;
            if place <= done {
                continue;
            }
            match draft {
                Some(draft) => drafts.push(draft),
                None => self.counts().skipped += 1,
            }
            if drafts.len() == CHUNK {
                self.put(std::mem::take(&mut drafts)).await?;
                self.note(place).await?;
            }
        }
        self.put(drafts).await?;
        for draft in std::mem::take(&mut self.waiting) {
            let reasons = self.unmet(&draft);
            self.refuse(draft, reasons)?;
        }
        self.orphans(lines)?;
        self.note(place).await
    }

    fn counts(&mut self) -> &mut super::Counts {
        let step = self.progress.step;
        &mut self.progress.counts[step]
    }

    /// Keeps how far the step came, unless rows still wait.
    async fn note(&mut self, rows: u64) -> Result<(), ImportError> {
        if self.waiting.is_empty() {
            self.progress.rows = rows;
            self.import.journal.save(self.progress).await?;
        }
        self.observer.progressed(self.progress, &self.step.entity);
        Ok(())
    }

    /// Reads the tables of lines, each row under the key of its record.
    fn read_lines(&mut self) -> Result<Vec<Spill>, ImportError> {
        let tables = std::mem::take(&mut self.opened.lines);
        let mut spills = Vec::with_capacity(tables.len());
        let mut names = Vec::with_capacity(tables.len());
        for (index, (file, table)) in tables.into_iter().enumerate() {
            let mut spill = Spill::new().map_err(fault)?;
            let columns: Arc<[String]> = table.columns.clone().into();
            let done = self.progress.rows > 0;
            for row in table {
                let bound = &self.opened.bound.lines[index];
                let row = if bound.trim { row?.trimmed() } else { row? };
                let mut reasons = Vec::new();
                let values = bound.columns.values(&row, &mut reasons);
                let key = bound.parent.text(&row, &values, &self.import.context);
                match key {
                    Ok(key) if reasons.is_empty() => spill.keep(key, &row).map_err(fault)?,
                    // An earlier run told so already.
                    _ if done => {}
                    Ok(_) => self.refuse_line(&file, &columns, row, reasons)?,
                    Err(reason) => {
                        let text = format!("the key of its record {reason}");
                        self.refuse_line(&file, &columns, row, vec![text])?;
                    }
                }
            }
            spills.push(spill);
            names.push((file, columns));
        }
        self.opened.line_files = names;
        Ok(spills)
    }

    fn refuse_line(
        &mut self,
        file: &str,
        columns: &Arc<[String]>,
        row: Row,
        reasons: Vec<String>,
    ) -> Result<(), ImportError> {
        self.counts().read += 1;
        self.counts().refused += 1;
        let (file, columns) = (file.to_owned(), columns.clone());
        let refused = Refused { file, line: row.line, columns, cells: row.cells, reasons };
        self.observer.refused(&refused).map_err(ImportError::Refusals)
    }

    /// Refuses the lines whose record is not in the table.
    fn orphans(&mut self, lines: Vec<Spill>) -> Result<(), ImportError> {
        for (mut spill, index) in lines.into_iter().zip(0..) {
            for (key, at) in spill.rest().map_err(fault)? {
                let row = spill.row(at).map_err(fault)?;
                let (file, columns) = self.opened.line_files[index].clone();
                let text = format!("there is no record {key:?} that the line belongs to");
                self.refuse_line(&file, &columns, row, vec![text])?;
            }
        }
        Ok(())
    }

    /// Reads a row and its lines; none for a row that is passed over.
    fn draft(&mut self, row: Row, lines: &mut [Spill]) -> Result<Option<Draft>, ImportError> {
        let bound = &self.opened.bound;
        let reading = Reading { context: &self.import.context, entities: self.import.registry };
        let mut draft = match reading.draft(bound, row) {
            Ok(draft) => draft,
            Err(key) => {
                // The lines of a row that is passed over are passed over too.
                for spill in lines {
                    spill.take(&key).map_err(fault)?;
                }
                return Ok(None);
            }
        };
        if !draft.key.is_empty() && !self.seen.insert(hash(&draft.key)) {
            if self.step.distinct {
                return Ok(None);
            }
            draft.reasons.push(format!("the key {:?} stands in an earlier row", draft.key));
            return Ok(Some(draft));
        }
        for (table, spill) in bound.lines.iter().zip(lines) {
            let rows = spill.take(&draft.key).map_err(fault)?;
            let reasons = &mut draft.reasons;
            let read = rows.into_iter().map(|row| reading.line(table, row, reasons)).collect();
            draft.lines.push((table.slot, read));
        }
        Ok(Some(draft))
    }

    fn refuse(&mut self, draft: Draft, reasons: Vec<String>) -> Result<(), ImportError> {
        self.counts().read += 1;
        self.counts().refused += 1;
        let columns: Arc<[String]> = self.opened.table.columns.clone().into();
        let file = self.opened.file.clone();
        for row in draft.rows {
            let refused = Refused {
                file: file.clone(),
                line: row.line,
                columns: columns.clone(),
                cells: row.cells,
                reasons: reasons.clone(),
            };
            self.observer.refused(&refused).map_err(ImportError::Refusals)?;
        }
        // The lines of a refused record are refused with it, so that they can be given again.
        for ((_, lines), index) in draft.lines.into_iter().zip(0..) {
            for line in lines {
                let (file, columns) = self.opened.line_files[index].clone();
                let text = format!("its record {:?} was refused", draft.key);
                let (line, cells) = (line.row.line, line.row.cells);
                let refused = Refused { file, line, columns, cells, reasons: vec![text] };
                self.observer.refused(&refused).map_err(ImportError::Refusals)?;
            }
        }
        Ok(())
    }

    /// Deals with a chunk of rows, then with the rows that waited for one of them.
    async fn put(&mut self, drafts: Vec<Draft>) -> Result<(), ImportError> {
        let mut ready = Vec::new();
        for mut draft in drafts {
            match std::mem::take(&mut draft.reasons) {
                reasons if reasons.is_empty() => ready.push(draft),
                reasons => self.refuse(draft, reasons)?,
            }
        }
        self.find_links(&ready).await?;
        loop {
            let mut next = Vec::new();
            for draft in ready {
                let unmet = self.unmet(&draft);
                if unmet.is_empty() {
                    next.push(draft);
                } else if self.may_wait(&draft) {
                    self.waiting.push(draft);
                } else {
                    self.refuse(draft, unmet)?;
                }
            }
            if next.is_empty() {
                return Ok(());
            }
            self.write(next).await?;
            let waiting = std::mem::take(&mut self.waiting);
            let (met, still) = waiting.into_iter().partition(|draft| self.unmet(draft).is_empty());
            (ready, self.waiting) = (met, still);
        }
    }

    fn cells(draft: &Draft) -> impl Iterator<Item = &Cell> {
        let of_lines = draft.lines.iter().flat_map(|(_, lines)| lines);
        let of_lines = of_lines.flat_map(|line| &line.values);
        draft.values.iter().chain(of_lines).map(|(_, cell)| cell)
    }

    async fn find_links(&mut self, drafts: &[Draft]) -> Result<(), ImportError> {
        let mut wanted: HashMap<usize, HashSet<String>> = HashMap::new();
        for cell in drafts.iter().flat_map(Self::cells) {
            if let Cell::Link { lookup, keys, .. } = cell {
                wanted.entry(*lookup).or_default().extend(keys.iter().cloned());
            }
        }
        let mut wanted: Vec<(usize, HashSet<String>)> = wanted.into_iter().collect();
        wanted.sort_by_key(|(lookup, _)| *lookup);
        for (lookup, keys) in wanted {
            let lookup = &self.opened.bound.lookups[lookup];
            self.links.find(self.import.executor, lookup, keys).await?;
        }
        Ok(())
    }

    /// The links that lead nowhere yet.
    fn unmet(&self, draft: &Draft) -> Vec<String> {
        let mut unmet = Vec::new();
        for cell in Self::cells(draft) {
            let Cell::Link { lookup, keys, name, .. } = cell else { continue };
            let lookup = &self.opened.bound.lookups[*lookup];
            let nowhere = keys.iter().filter(|key| self.links.get(lookup, key).is_none());
            unmet.extend(nowhere.map(|key| missing(lookup, name, key)));
        }
        unmet.dedup();
        unmet
    }

    /// Whether every link that leads nowhere may lead to a later row of this table.
    fn may_wait(&self, draft: &Draft) -> bool {
        Self::cells(draft).all(|cell| match cell {
            Cell::Link { lookup, keys, .. } => {
                let known = &self.opened.bound.lookups[*lookup];
                self.opened.bound.is_own(*lookup)
                    || keys.iter().all(|key| self.links.get(known, key).is_some())
            }
            Cell::Ready(_) => true,
        })
    }

    /// The records that the drafts are about, as they are now.
    async fn existing(&self, drafts: &[Draft]) -> Result<HashMap<String, View>, ImportError> {
        let bound = &self.opened.bound;
        let entity = bound.entity.full_name();
        let keys: Vec<String> = drafts.iter().map(|draft| draft.key.clone()).collect();
        let executor = self.import.executor;
        let found = executor.by_external(&entity, &bound.external, &keys).await?;
        let mut existing: HashMap<String, View> = found.into_iter().collect();
        let Some(field) = &bound.matched else { return Ok(existing) };
        let mut wanted: HashMap<String, String> = HashMap::new();
        for draft in drafts.iter().filter(|draft| !existing.contains_key(&draft.key)) {
            if let Some(text) = self.matched_text(draft) {
                wanted.insert(text, draft.key.clone());
            }
        }
        let values: Vec<String> = wanted.keys().cloned().collect();
        if !values.is_empty() {
            for (value, view) in executor.by_field(&entity, field, &values).await? {
                if let Some(key) = wanted.get(&value) {
                    existing.insert(key.clone(), view);
                }
            }
        }
        Ok(existing)
    }

    /// The text of the field by which a record is recognised.
    fn matched_text(&self, draft: &Draft) -> Option<String> {
        let slot = self.opened.bound.entity.slot(self.opened.bound.matched.as_deref()?)?;
        draft.values.iter().find_map(|(at, cell)| match cell {
            Cell::Ready(value) if *at == slot && !value.is_null() => Some(cell_text(value)),
            _ => None,
        })
    }

    async fn write(&mut self, drafts: Vec<Draft>) -> Result<(), ImportError> {
        let existing = self.existing(&drafts).await?;
        let mut writes = Vec::with_capacity(drafts.len());
        for draft in drafts {
            let found = existing.get(&draft.key);
            if found.is_none()
                && let Some(id) = self.would_exist(&draft.key)
            {
                match self.step.mode {
                    Mode::Create => self.counts().unchanged += 1,
                    Mode::Upsert | Mode::Update => self.counts().updated += 1,
                }
                self.count(&draft, Some(id));
                continue;
            }
            if found.is_none() && self.step.mode == Mode::Update {
                let text = format!("there is no record with the key {:?}", draft.key);
                self.refuse(draft, vec![text])?;
                continue;
            }
            let keeps = self.step.mode == Mode::Create
                || self.opened.bound.entity.kind == EntityKind::AppendOnly;
            let composed = match found {
                Some(_) if keeps => None,
                _ => compose(&self.opened.bound, &draft, self.links, found),
            };
            match (composed, found) {
                (Some(write), _) => writes.push((draft, write)),
                (None, found) => {
                    self.counts().unchanged += 1;
                    let id = found.map(|view| view.record.id());
                    self.count(&draft, id);
                }
            }
        }
        self.commit(writes).await
    }

    /// The record that an earlier step of a dry run would have made under a key.
    fn would_exist(&self, key: &str) -> Option<Uuid> {
        let id = self.links.get(&self.own(), key).filter(|_| self.import.dry_run);
        id.filter(|id| id.as_u128() >> 64 == PRETENDED >> 64)
    }

    /// How other rows find the records of this step.
    fn own(&self) -> Lookup {
        let bound = &self.opened.bound;
        Lookup { entity: bound.entity.full_name(), by: By::External(bound.external.clone()) }
    }

    /// Counts a record that is now as its row says.
    fn count(&mut self, draft: &Draft, id: Option<Uuid>) {
        self.counts().read += 1;
        let lines: usize = draft.lines.iter().map(|(_, lines)| lines.len()).sum();
        self.counts().lines += lines as u64;
        let Some(id) = id else { return };
        let own = self.own();
        if let (Some(field), Some(text)) = (&self.opened.bound.matched, self.matched_text(draft)) {
            let by = By::Field(field.clone());
            self.links.put(&Lookup { by, entity: own.entity.clone() }, text, id);
        }
        self.links.put(&own, draft.key.clone(), id);
    }

    /// Commits, by halves where one record makes the whole fail.
    async fn commit(&mut self, writes: Vec<(Draft, Write)>) -> Result<(), ImportError> {
        let mut parts = vec![writes];
        while let Some(mut part) = parts.pop() {
            if part.is_empty() {
                continue;
            }
            let commands = part.iter().map(|(_, write)| write.clone()).collect();
            let results = match self.import.executor.write(commands, self.import.dry_run).await {
                Ok(results) if results.len() == part.len() => results,
                Ok(_) => {
                    let text = "a batch was answered with another number of results";
                    return Err(Problem::internal(text).into());
                }
                Err(problem) if !is_of_one(&problem) => return Err(problem.into()),
                Err(problem) if part.len() == 1 => vec![Err(problem)],
                Err(_) => {
                    let second = part.split_off(part.len() / 2);
                    parts.push(second);
                    parts.push(part);
                    continue;
                }
            };
            for ((draft, write), result) in part.into_iter().zip(results) {
                let result = match result {
                    Err(problem) if self.import.dry_run => self.without_pretended(problem, &write),
                    Ok(id) if self.import.dry_run => self.unless_taken(id, &write),
                    result => result,
                };
                match result {
                    Ok(id) => {
                        let counts = self.counts();
                        match write.record {
                            Some(_) => counts.updated += 1,
                            None => counts.created += 1,
                        }
                        let id = match write.record {
                            None if self.import.dry_run => self.pretend(),
                            _ => id,
                        };
                        self.count(&draft, Some(id));
                    }
                    Err(problem) => self.refuse(draft, reasons(&problem))?,
                }
            }
        }
        Ok(())
    }

    /// In a dry run no index knows the rows before: what two of them share is found here.
    fn unless_taken(&mut self, id: Uuid, write: &Write) -> Result<Uuid, Problem> {
        let entity = self.opened.bound.entity.clone();
        for (name, value) in &write.input.values {
            let is_unique = entity.field_named(name).is_some_and(|field| field.unique);
            if is_unique && !self.taken.insert(hash(&format!("{name}\0{}", cell_text(value)))) {
                let text = "is taken by an earlier row";
                let error = FieldProblem::new(format!("/{name}"), "not_unique", text);
                return Err(Problem::invalid(vec![error]));
            }
        }
        Ok(id)
    }

    fn pretend(&mut self) -> Uuid {
        *self.pretended += 1;
        Uuid::from_u128(PRETENDED | u128::from(*self.pretended))
    }

    /// In a dry run a link to a record that would be made leads nowhere, which is no fault.
    fn without_pretended(&self, mut problem: Problem, write: &Write) -> Result<Uuid, Problem> {
        let had_errors = !problem.errors.is_empty();
        problem.errors.retain(|error| !self.is_pretended(write, &error.pointer));
        if had_errors && problem.errors.is_empty() {
            return Ok(Uuid::nil());
        }
        Err(problem)
    }

    fn is_pretended(&self, write: &Write, pointer: &str) -> bool {
        let mut parts = pointer.trim_start_matches('/').split('/');
        let name = parts.next().unwrap_or_default();
        let Some((_, value)) = write.input.values.iter().find(|(known, _)| known == name) else {
            return false;
        };
        let value = match value {
            Value::Rows(rows) => {
                let entity = &self.opened.bound.entity;
                let child = match entity.field_named(name).map(|field| &field.kind) {
                    Some(Kind::Children { entity }) => self.import.registry.get(entity),
                    _ => None,
                };
                let row = parts.next().and_then(|at| rows.get(at.parse::<usize>().ok()?));
                let slot = parts.next().zip(child).and_then(|(name, child)| child.slot(name));
                row.zip(slot).and_then(|(row, slot)| row.get(slot))
            }
            value => Some(value),
        };
        let ids =
            |value: &Value| value.as_id().is_some_and(|id| id.as_u128() >> 64 == PRETENDED >> 64);
        match value {
            Some(Value::List(items)) => items.iter().any(ids),
            Some(value) => ids(value),
            None => false,
        }
    }
}

/// Whether one record may be what makes a whole batch fail.
fn is_of_one(problem: &Problem) -> bool {
    matches!(
        problem.kind,
        ProblemKind::Conflict
            | ProblemKind::Invalid
            | ProblemKind::Malformed
            | ProblemKind::NotFound
            | ProblemKind::PreconditionFailed
    )
}

/// Keys are remembered by 128 bits, so that a large table needs little memory.
fn hash(key: &str) -> u128 {
    let of = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, key).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    of(0) << 64 | of(1)
}
