//! The writing half of a step: what was read and looked up is compared and written.

use super::compose::compose;
use super::draft::{Cell, Draft};
use super::executor::{Observer, Progress, Write};
use super::links::{Links, missing};
use super::reading::{Begun, Chunk, LineFile, Reader, cells, existing, find_links, matched_text};
use super::refused::{Refused, reasons};
use super::{Counts, Import, ImportError, Opened};
use crate::mapping::bind::{Bound, By, Lookup};
use crate::mapping::{Mode, Step};
use kernel::schema::EntityKind;
use kernel::{Problem, ProblemKind, View};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use types::Uuid;

mod rehearsal;

/// What the steps of an import share.
pub(super) struct Shared<'a> {
    pub links: &'a Links,
    pub progress: &'a mut Progress,
    pub observer: &'a mut dyn Observer,
    /// Records that a dry run would have made.
    pub pretended: &'a mut u64,
}

/// Does one step. The rows that come next are read and looked up while those before them are
/// written, so that neither the processor nor the database waits for the other.
pub(super) async fn run<'a>(
    import: &'a Import<'a>,
    step: &'a Step,
    opened: Opened,
    shared: Shared<'a>,
) -> Result<(), ImportError> {
    let resumed = shared.progress.clone();
    let (mut reader, begun) = Reader::begin(import, step, opened, shared.links, resumed)?;
    let mut run = StepRun::new(import, step, &reader, &begun, shared);
    run.refuse_lines(begun.refused)?;
    let ahead = reader.may_look_ahead();
    let mut group = reader.group().await?;
    while !group.is_empty() {
        run.intend(&group).await?;
        let next = if ahead {
            let (written, next) = futures::join!(run.put_all(group), reader.group());
            written?;
            next?
        } else {
            run.put_all(group).await?;
            reader.group().await?
        };
        group = next;
    }
    run.end().await?;
    run.refuse_orphans(reader.orphans(&begun.line_files)?)
}

/// The writing of one step.
struct StepRun<'a> {
    import: &'a Import<'a>,
    step: &'a Step,
    bound: Arc<Bound>,
    file: String,
    columns: Arc<[String]>,
    line_files: Vec<LineFile>,
    links: &'a Links,
    progress: &'a mut Progress,
    observer: &'a mut dyn Observer,
    pretended: &'a mut u64,
    /// Whether rows of this table may link to others of it, so that those written are remembered.
    is_linked: bool,
    /// Hashes of the values that a dry run would give to fields where each stands once.
    taken: HashSet<u128>,
    /// Rows whose link leads to a row of this table that is not written yet.
    waiting: Vec<Draft>,
}

impl<'a> StepRun<'a> {
    fn new(
        import: &'a Import<'a>,
        step: &'a Step,
        reader: &Reader<'_>,
        begun: &Begun,
        shared: Shared<'a>,
    ) -> StepRun<'a> {
        let Shared { links, progress, observer, pretended } = shared;
        StepRun {
            import,
            step,
            bound: reader.bound.clone(),
            file: begun.file.clone(),
            columns: begun.columns.clone(),
            line_files: begun.line_files.clone(),
            links,
            progress,
            observer,
            pretended,
            is_linked: !reader.may_look_ahead(),
            taken: HashSet::new(),
            waiting: Vec::new(),
        }
    }

    fn counts(&mut self) -> &mut Counts {
        let step = self.progress.step;
        &mut self.progress.counts[step]
    }

    /// Keeps what the rows that are written next had before, with how far the import came.
    async fn intend(&mut self, group: &[Chunk]) -> Result<(), ImportError> {
        let mut ahead = Progress { rows: self.progress.rows, ..Progress::default() };
        ahead.ahead = std::mem::take(&mut self.progress.ahead);
        let mut place = ahead.rows + ahead.ahead.iter().map(|(count, _)| count).sum::<u64>();
        for chunk in group {
            for draft in &chunk.drafts {
                while place + 1 < draft.place {
                    ahead.note_before(0);
                    place += 1;
                }
                let found = chunk.existing.get(&draft.key).map(|view| view.record.version());
                ahead.note_before(draft.before.or(found).unwrap_or(0));
                place += 1;
            }
        }
        self.progress.ahead = ahead.ahead;
        self.save().await
    }

    async fn save(&mut self) -> Result<(), ImportError> {
        self.progress.refused_until = self.observer.refused_until();
        self.import.journal.save(self.progress).await?;
        Ok(())
    }

    async fn put_all(&mut self, group: Vec<Chunk>) -> Result<(), ImportError> {
        for chunk in group {
            let place = chunk.place;
            self.counts().skipped += chunk.skipped;
            self.put(chunk).await?;
            if self.waiting.is_empty() {
                self.deal_with(place);
            }
            self.observer.progressed(self.progress, &self.step.entity);
        }
        Ok(())
    }

    /// All rows up to a place are dealt with.
    fn deal_with(&mut self, place: u64) {
        let mut passed = place - self.progress.rows;
        self.progress.rows = place;
        self.progress.ahead.retain_mut(|(count, _)| {
            let own = passed.min(*count);
            passed -= own;
            *count -= own;
            *count > 0
        });
    }

    /// What still waits at the end waits for nothing.
    async fn end(&mut self) -> Result<(), ImportError> {
        let drafts = std::mem::take(&mut self.waiting);
        find_links(self.import, &self.bound, self.links, &drafts.iter().collect::<Vec<_>>())
            .await?;
        self.put_ready(drafts, None).await?;
        for draft in std::mem::take(&mut self.waiting) {
            let reasons = self.unmet(&draft);
            self.refuse(draft, reasons)?;
        }
        Ok(())
    }

    fn tell_refused(&mut self, refused: &Refused) -> Result<(), ImportError> {
        self.observer.refused(refused).map_err(ImportError::Refusals)
    }

    /// Refuses lines that cannot be given to a record, unless an earlier run did.
    fn refuse_lines(&mut self, refused: Vec<Refused>) -> Result<(), ImportError> {
        match std::mem::replace(&mut self.progress.lines_read, true) {
            true => Ok(()),
            false => self.refuse_orphans(refused),
        }
    }

    fn refuse_orphans(&mut self, refused: Vec<Refused>) -> Result<(), ImportError> {
        for line in refused {
            self.counts().read += 1;
            self.counts().refused += 1;
            self.tell_refused(&line)?;
        }
        Ok(())
    }

    fn refuse(&mut self, draft: Draft, reasons: Vec<String>) -> Result<(), ImportError> {
        self.counts().read += 1;
        self.counts().refused += 1;
        for row in draft.rows {
            let (file, columns) = (self.file.clone(), self.columns.clone());
            let (line, cells, reasons) = (row.line, row.cells, reasons.clone());
            self.tell_refused(&Refused { file, line, columns, cells, reasons })?;
        }
        // The lines of a refused record are refused with it, so that they can be given again.
        for ((_, lines), index) in draft.lines.into_iter().zip(0..) {
            for line in lines {
                let (file, columns) = self.line_files[index].clone();
                let reasons = vec![format!("its record {:?} was refused", draft.key)];
                let (line, cells) = (line.row.line, line.row.cells);
                self.tell_refused(&Refused { file, line, columns, cells, reasons })?;
            }
        }
        Ok(())
    }

    /// Deals with a chunk of rows, then with the rows that waited for one of them.
    async fn put(&mut self, chunk: Chunk) -> Result<(), ImportError> {
        let mut ready = Vec::new();
        for mut draft in chunk.drafts {
            match std::mem::take(&mut draft.reasons) {
                reasons if reasons.is_empty() => ready.push(draft),
                reasons => self.refuse(draft, reasons)?,
            }
        }
        self.put_ready(ready, Some(chunk.existing)).await
    }

    /// Writes the drafts whose links are met, then those that waited for one of them.
    async fn put_ready(
        &mut self,
        mut ready: Vec<Draft>,
        mut existing_of: Option<HashMap<String, View>>,
    ) -> Result<(), ImportError> {
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
            let known = match existing_of.take() {
                Some(known) => known,
                None => {
                    let drafts: Vec<&Draft> = next.iter().collect();
                    existing(self.import, &self.bound, &drafts).await?
                }
            };
            self.write(next, &known).await?;
            let waiting = std::mem::take(&mut self.waiting);
            let (met, still) = waiting.into_iter().partition(|draft| self.unmet(draft).is_empty());
            (ready, self.waiting) = (met, still);
        }
    }

    /// The links that lead nowhere yet.
    fn unmet(&self, draft: &Draft) -> Vec<String> {
        let mut unmet = Vec::new();
        for cell in cells(draft) {
            let Cell::Link { lookup, keys, name, .. } = cell else { continue };
            let lookup = &self.bound.lookups[*lookup];
            let nowhere = keys.iter().filter(|key| self.links.get(lookup, key).is_none());
            unmet.extend(nowhere.map(|key| missing(lookup, name, key)));
        }
        unmet.dedup();
        unmet
    }

    /// Whether every link that leads nowhere may lead to a later row of this table.
    fn may_wait(&self, draft: &Draft) -> bool {
        cells(draft).all(|cell| match cell {
            Cell::Link { lookup, keys, .. } => {
                let known = &self.bound.lookups[*lookup];
                self.bound.is_own(*lookup)
                    || keys.iter().all(|key| self.links.get(known, key).is_some())
            }
            Cell::Ready(_) => true,
        })
    }

    async fn write(
        &mut self,
        drafts: Vec<Draft>,
        existing: &HashMap<String, View>,
    ) -> Result<(), ImportError> {
        let bound = self.bound.clone();
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
            // What an earlier run of this import wrote, just before it was interrupted.
            let written = found
                .filter(|view| draft.before.is_some_and(|before| view.record.version() > before));
            let was_created = written.is_some() && draft.before == Some(0);
            let keeps = self.step.mode == Mode::Create
                || bound.entity.kind == EntityKind::AppendOnly
                || was_created;
            let composed = match found {
                Some(_) if keeps => None,
                _ => compose(&bound, &draft, self.links, found),
            };
            match (composed, found) {
                (Some(write), _) => writes.push((draft, write)),
                (None, found) => {
                    match written {
                        Some(_) if was_created => self.counts().created += 1,
                        Some(_) if !keeps => self.counts().updated += 1,
                        _ => self.counts().unchanged += 1,
                    }
                    let id = found.map(|view| view.record.id());
                    self.count(&draft, id);
                }
            }
        }
        self.commit(writes).await
    }

    /// How other rows find the records of this step.
    fn own(&self) -> Lookup {
        let by = By::External(self.bound.external.clone());
        Lookup { entity: self.bound.entity.full_name(), by }
    }

    /// Counts a record that is now as its row says.
    fn count(&mut self, draft: &Draft, id: Option<Uuid>) {
        self.counts().read += 1;
        let lines: usize = draft.lines.iter().map(|(_, lines)| lines.len()).sum();
        self.counts().lines += lines as u64;
        let Some(id) = id.filter(|_| self.is_linked || self.import.dry_run) else { return };
        let own = self.own();
        let text = matched_text(&self.bound, draft);
        if let (Some(field), Some(text)) = (&self.bound.matched, text) {
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
