//! The writing half of a step: what was read and looked up is compared and written.

use super::compose::compose;
use super::draft::{Cell, Draft};
use super::executor::{Became, Observer, Progress, Write};
use super::links::{Links, missing};
use super::reading::{Begun, Chunk, LineFile, Reader, cells, existing, find_links, matched_text};
use super::reason::{Reason, reasons};
use super::refused::Refused;
use super::{Counts, Import, ImportError, Opened};
use crate::mapping::bind::{Bound, By, Lookup};
use crate::mapping::{Mode, Step};
use futures::future::{BoxFuture, FutureExt};
use futures::stream::{FuturesOrdered, StreamExt};
use kernel::schema::EntityKind;
use kernel::{Problem, ProblemKind, View};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use types::Uuid;

mod rehearsal;

/// Chunks that are written at the same time: one is checked while the one before it is committed.
const UNDER_WAY: usize = 2;

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
    run.intend(&group).await?;
    while !group.is_empty() {
        if ahead {
            // What comes next is known to the journal before the last of these rows are written,
            // so that the database need not wait for it.
            let mut known = run.so_far();
            let next = async {
                let next = reader.group().await?;
                let noted = note(&mut known, &next);
                if !next.is_empty() {
                    import.journal.save(&known).await?;
                }
                Ok::<_, ImportError>((next, noted))
            };
            let (written, next) = futures::join!(run.put_all(group), next);
            written?;
            let (next, noted) = match next {
                Ok(next) => next,
                Err(error) => {
                    // What is under way is written all the same, so it is counted: whoever stopped
                    // the import is told what it did.
                    run.settle(0).await?;
                    return Err(error);
                }
            };
            run.progress.expect(&noted);
            group = next;
        } else {
            run.put_all(group).await?;
            run.settle(0).await?;
            group = reader.group().await?;
            run.intend(&group).await?;
        }
    }
    run.settle(0).await?;
    run.end().await?;
    if import.rows.is_some() {
        // The records of the other lines were not looked at.
        return Ok(());
    }
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
    /// Chunks that are being written, in their order.
    under_way: FuturesOrdered<BoxFuture<'a, Written>>,
}

/// A chunk that was sent to be written. Nothing of it is counted before it is written, so that
/// what the journal keeps never holds a part of a chunk.
#[derive(Default)]
struct Sent {
    drafts: Vec<Draft>,
    /// The rows that need no writing.
    aside: Vec<(Draft, Aside)>,
    /// What was asked for, for a dry run to look at again.
    writes: Vec<Write>,
    /// The records that the drafts are about, as they were.
    existing: HashMap<String, View>,
    /// The place of the last row of its chunk, and the rows that were passed over.
    place: u64,
    skipped: u64,
}

/// Why a row is not written.
enum Aside {
    /// It is refused, for these reasons.
    Refused(Vec<Reason>),
    /// Its record is as it says, and counts as this.
    Same(Became, Option<Uuid>),
}

/// A chunk, and what became of it.
type Written = (Sent, Result<Vec<Result<Uuid, Problem>>, Problem>);

/// Notes the rows of a group in what the journal keeps: the versions that their records have
/// before they are written. Answers the versions alone.
fn note(progress: &mut Progress, group: &[Chunk]) -> Vec<u64> {
    let mut noted = Vec::new();
    let mut place = progress.rows + progress.ahead.iter().map(|(count, _)| count).sum::<u64>();
    for chunk in group {
        for draft in &chunk.drafts {
            if draft.place <= place {
                // An earlier run of the import noted it, with its version of before that.
                continue;
            }
            while place + 1 < draft.place {
                noted.push(0);
                place += 1;
            }
            let found = chunk.existing.get(&draft.key).map(|view| view.record.version());
            noted.push(draft.before.or(found).unwrap_or(0));
            place += 1;
        }
    }
    progress.expect(&noted);
    noted
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
            under_way: FuturesOrdered::new(),
        }
    }

    fn counts(&mut self) -> &mut Counts {
        let step = self.progress.step;
        &mut self.progress.counts[step]
    }

    /// Keeps what the rows that are written next had before, with how far the import came.
    async fn intend(&mut self, group: &[Chunk]) -> Result<(), ImportError> {
        if !group.is_empty() {
            let mut known = self.so_far();
            let noted = note(&mut known, group);
            self.progress.expect(&noted);
            self.import.journal.save(&known).await?;
        }
        Ok(())
    }

    /// How far the import came, as the journal keeps it.
    fn so_far(&mut self) -> Progress {
        self.progress.refused_until = self.observer.refused_until();
        self.progress.clone()
    }

    /// Writes the chunks of a group, each while the one before it is being committed where none
    /// depends on another; the last of them may still be under way then.
    async fn put_all(&mut self, group: Vec<Chunk>) -> Result<(), ImportError> {
        for chunk in group {
            if self.is_linked {
                self.put(chunk).await?;
            } else {
                self.begin(chunk);
            }
            self.settle(UNDER_WAY - 1).await?;
        }
        Ok(())
    }

    /// Waits until at most so many chunks are under way, and counts the others.
    async fn settle(&mut self, most: usize) -> Result<(), ImportError> {
        while self.under_way.len() > most
            && let Some((sent, result)) = self.under_way.next().await
        {
            let (place, skipped) = (sent.place, sent.skipped);
            self.finish(sent, result).await?;
            self.passed(place, skipped);
        }
        Ok(())
    }

    /// Counts a chunk that is dealt with.
    fn passed(&mut self, place: u64, skipped: u64) {
        self.counts().skipped += skipped;
        if self.waiting.is_empty() {
            self.deal_with(place);
        }
        self.observer.progressed(self.progress, &self.step.entity);
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

    fn refuse(&mut self, draft: Draft, reasons: Vec<Reason>) -> Result<(), ImportError> {
        self.counts().read += 1;
        self.counts().refused += 1;
        let reasons = reasons.into_iter();
        let reasons: Vec<Reason> =
            reasons.map(|reason| reason.with_column(&self.bound, &self.columns)).collect();
        for row in draft.rows {
            let (file, columns) = (self.file.clone(), self.columns.clone());
            let (line, cells, reasons) = (row.line, row.cells, reasons.clone());
            self.tell_refused(&Refused { file, line, columns, cells, reasons })?;
        }
        // The lines of a refused record are refused with it, so that they can be given again.
        for ((_, lines), index) in draft.lines.into_iter().zip(0..) {
            for line in lines {
                let (file, columns) = self.line_files[index].clone();
                let text = format!("its record {:?} was refused", draft.key);
                let reasons = vec![Reason::new("record_refused", text)];
                let (line, cells) = (line.row.line, line.row.cells);
                self.tell_refused(&Refused { file, line, columns, cells, reasons })?;
            }
        }
        Ok(())
    }

    /// Deals with a chunk of rows, then with the rows that waited for one of them.
    async fn put(&mut self, chunk: Chunk) -> Result<(), ImportError> {
        let (ready, refused) = ready(chunk.drafts);
        for (draft, reasons) in refused {
            self.refuse(draft, reasons)?;
        }
        self.put_ready(ready, Some(chunk.existing)).await?;
        self.passed(chunk.place, chunk.skipped);
        Ok(())
    }

    /// The drafts whose links are met, and the others with what is missing.
    fn part(&self, drafts: Vec<Draft>) -> (Vec<Draft>, Vec<(Draft, Vec<Reason>)>) {
        let (mut met, mut others) = (Vec::with_capacity(drafts.len()), Vec::new());
        for draft in drafts {
            let unmet = self.unmet(&draft);
            match unmet.is_empty() {
                true => met.push(draft),
                false => others.push((draft, unmet)),
            }
        }
        (met, others)
    }

    /// Writes the drafts whose links are met, then those that waited for one of them.
    async fn put_ready(
        &mut self,
        mut ready: Vec<Draft>,
        mut existing_of: Option<HashMap<String, View>>,
    ) -> Result<(), ImportError> {
        loop {
            let (next, unmet) = self.part(ready);
            for (draft, reasons) in unmet {
                if self.may_wait(&draft) {
                    self.waiting.push(draft);
                } else {
                    self.refuse(draft, reasons)?;
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
            self.write(next, known).await?;
            let waiting = std::mem::take(&mut self.waiting);
            let (met, still) = waiting.into_iter().partition(|draft| self.unmet(draft).is_empty());
            (ready, self.waiting) = (met, still);
        }
    }

    /// The links that lead nowhere yet.
    fn unmet(&self, draft: &Draft) -> Vec<Reason> {
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

    /// Compares drafts with their records: what must be written, and what is set aside.
    fn compare(
        &self,
        drafts: Vec<Draft>,
        existing: HashMap<String, View>,
        mut aside: Vec<(Draft, Aside)>,
    ) -> (Sent, Vec<Write>) {
        let mut changing = Vec::with_capacity(drafts.len());
        let mut writes = Vec::with_capacity(drafts.len());
        for draft in drafts {
            match self.needed(&draft, existing.get(&draft.key)) {
                Ok(write) => {
                    changing.push(draft);
                    writes.push(write);
                }
                Err(why) => aside.push((draft, why)),
            }
        }
        let kept = if self.import.dry_run { writes.clone() } else { Vec::new() };
        (Sent { drafts: changing, aside, writes: kept, existing, ..Sent::default() }, writes)
    }

    /// What must be written so that a draft's record is as it says; else why nothing is.
    fn needed(&self, draft: &Draft, found: Option<&View>) -> Result<Write, Aside> {
        let bound = &self.bound;
        if found.is_none()
            && let Some(id) = self.would_exist(&draft.key)
        {
            let became = match self.step.mode {
                Mode::Create => Became::Unchanged,
                Mode::Upsert | Mode::Update => Became::Updated,
            };
            return Err(Aside::Same(became, Some(id)));
        }
        if found.is_none() && self.step.mode == Mode::Update {
            let text = format!("there is no record with the key {:?}", draft.key);
            return Err(Aside::Refused(vec![Reason::new("unknown_key", text)]));
        }
        // What an earlier run of this import wrote, just before it was interrupted.
        let written =
            found.filter(|view| draft.before.is_some_and(|before| view.record.version() > before));
        let was_created = written.is_some() && draft.before == Some(0);
        let keeps = self.step.mode == Mode::Create
            || bound.entity.kind == EntityKind::AppendOnly
            || was_created;
        let composed = match found {
            Some(_) if keeps => None,
            _ => compose(bound, draft, self.links, found),
        };
        composed.ok_or_else(|| {
            let became = match written {
                Some(_) if was_created => Became::Created,
                Some(_) if !keeps => Became::Updated,
                _ => Became::Unchanged,
            };
            Aside::Same(became, found.map(|view| view.record.id()))
        })
    }

    /// How other rows find the records of this step.
    fn own(&self) -> Lookup {
        let by = By::External(self.bound.external.clone());
        Lookup { entity: self.bound.entity.full_name(), by }
    }

    /// Counts a record that is now as its row says.
    fn count(&mut self, draft: &Draft, became: Became, id: Option<Uuid>) {
        let counts = self.counts();
        counts.read += 1;
        match became {
            Became::Created => counts.created += 1,
            Became::Updated => counts.updated += 1,
            Became::Unchanged => counts.unchanged += 1,
        }
        let line = draft.rows.first().map_or(0, |row| row.line);
        self.observer.settled(&self.step.entity, line, &draft.key, became);
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

    /// Sends the rows of a chunk to be written.
    fn begin(&mut self, chunk: Chunk) {
        let (ready, mut refused) = ready(chunk.drafts);
        let (met, unmet) = self.part(ready);
        refused.extend(unmet);
        let aside = refused.into_iter().map(|(draft, why)| (draft, Aside::Refused(why))).collect();
        let (sent, writes) = self.compare(met, chunk.existing, aside);
        let sent = Sent { place: chunk.place, skipped: chunk.skipped, ..sent };
        self.under_way.push_back(send(self.import, sent, writes).boxed());
    }

    /// Writes drafts and waits for the end of it.
    async fn write(
        &mut self,
        drafts: Vec<Draft>,
        existing: HashMap<String, View>,
    ) -> Result<(), ImportError> {
        let (sent, writes) = self.compare(drafts, existing, Vec::new());
        let (sent, result) = send(self.import, sent, writes).await;
        self.finish(sent, result).await
    }

    /// Counts what was written. Where one record made the whole fail, the drafts are written again
    /// by halves.
    async fn finish(
        &mut self,
        sent: Sent,
        result: Result<Vec<Result<Uuid, Problem>>, Problem>,
    ) -> Result<(), ImportError> {
        let Sent { drafts, aside, writes, existing, .. } = sent;
        for (draft, why) in aside {
            match why {
                Aside::Refused(reasons) => self.refuse(draft, reasons)?,
                Aside::Same(became, id) => self.count(&draft, became, id),
            }
        }
        let results = match result {
            Ok(results) if results.len() == drafts.len() => results,
            Ok(_) => {
                let text = "a batch was answered with another number of results";
                return Err(Problem::internal(text).into());
            }
            Err(problem) if !is_of_one(&problem) => return Err(problem.into()),
            Err(problem) if drafts.len() == 1 => vec![Err(problem)],
            Err(_) => {
                let mut first = drafts;
                let second = first.split_off(first.len() / 2);
                for half in [first, second] {
                    let existing = half
                        .iter()
                        .filter_map(|draft| existing.get_key_value(&draft.key))
                        .map(|(key, view)| (key.clone(), view.clone()))
                        .collect();
                    Box::pin(self.write(half, existing)).await?;
                }
                return Ok(());
            }
        };
        let mut writes = writes.into_iter();
        for (draft, result) in drafts.into_iter().zip(results) {
            let result = match (writes.next(), result) {
                (Some(write), Err(problem)) => self.without_pretended(problem, &write),
                (Some(write), Ok(id)) => self.unless_taken(id, &write),
                (None, result) => result,
            };
            match result {
                Ok(id) => {
                    let is_new = !existing.contains_key(&draft.key);
                    let id = match is_new && self.import.dry_run {
                        true => self.pretend(),
                        false => id,
                    };
                    let became = if is_new { Became::Created } else { Became::Updated };
                    self.count(&draft, became, Some(id));
                }
                Err(problem) => self.refuse(draft, reasons(&problem))?,
            }
        }
        Ok(())
    }
}

/// The drafts with which nothing is wrong, and the others with what is.
fn ready(drafts: Vec<Draft>) -> (Vec<Draft>, Vec<(Draft, Vec<Reason>)>) {
    let (mut ready, mut others) = (Vec::with_capacity(drafts.len()), Vec::new());
    for mut draft in drafts {
        match std::mem::take(&mut draft.reasons) {
            reasons if reasons.is_empty() => ready.push(draft),
            reasons => others.push((draft, reasons)),
        }
    }
    (ready, others)
}

/// Writes what was compared.
async fn send(import: &Import<'_>, sent: Sent, writes: Vec<Write>) -> Written {
    let result = match writes.is_empty() {
        true => Ok(Vec::new()),
        false => import.executor.write(writes, import.dry_run).await,
    };
    (sent, result)
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
