//! The reading half of a step: rows become drafts, and what they are about is looked up, while
//! the drafts before them are written.

use super::draft::{Cell, Draft, Reading};
use super::links::Links;
use super::reason::Reason;
use super::refused::Refused;
use super::seen::Seen;
use super::spill::{Spill, fault};
use super::{CHUNK, Import, ImportError, Opened, Progress};
use crate::mapping::bind::Bound;
use crate::mapping::{Step, cell_text};
use crate::source::{Row, Table};
use kernel::View;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::task::Poll;

/// Chunks that are read ahead together: how far the import came is kept once for each such group.
const GROUP: usize = 4;

/// Rows after which reading lets the writing go on.
const TURN: usize = 32;

/// Rows that are written together.
pub(super) struct Chunk {
    pub drafts: Vec<Draft>,
    /// Rows that the mapping passes over.
    pub skipped: u64,
    /// The place of the last row.
    pub place: u64,
    /// The records that the drafts are about, by key, as they were.
    pub existing: HashMap<String, View>,
}

/// Names and columns of a table of lines.
pub(super) type LineFile = (String, Arc<[String]>);

/// Reads the rows of a step.
pub(super) struct Reader<'a> {
    pub import: &'a Import<'a>,
    pub step: &'a Step,
    pub bound: Arc<Bound>,
    pub links: &'a Links,
    table: Table,
    lines: Vec<Spill>,
    seen: Seen,
    place: u64,
    /// How far an earlier run came.
    resumed: Progress,
    is_done: bool,
}

/// What is told of a step before its first row.
pub(super) struct Begun {
    pub file: String,
    pub columns: Arc<[String]>,
    pub line_files: Vec<LineFile>,
    /// Lines that cannot be given to a record.
    pub refused: Vec<Refused>,
}

impl<'a> Reader<'a> {
    /// Reads the tables of lines, each row under the key of its record.
    pub(super) fn begin(
        import: &'a Import<'a>,
        step: &'a Step,
        opened: Opened,
        links: &'a Links,
        resumed: Progress,
    ) -> Result<(Reader<'a>, Begun), ImportError> {
        let Opened { file, table, lines: tables, bound } = opened;
        let columns: Arc<[String]> = table.columns.clone().into();
        let (mut lines, mut line_files, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        for (of_lines, (file, table)) in bound.lines.iter().zip(tables) {
            let mut spill = Spill::new().map_err(fault)?;
            let columns: Arc<[String]> = table.columns.clone().into();
            for row in table {
                let row = if of_lines.trim { row?.trimmed() } else { row? };
                let mut reasons = Vec::new();
                let values = of_lines.columns.values(&row, &mut reasons);
                match of_lines.parent.text(&row, &values, &import.context) {
                    Ok(key) if reasons.is_empty() => {
                        spill.keep(key.into_owned(), &row).map_err(fault)?;
                        continue;
                    }
                    Ok(_) => {}
                    Err(reason) => {
                        let text = format!("the key of its record {reason}");
                        reasons = vec![Reason::new("unreadable_key", text)];
                    }
                }
                let (file, columns) = (file.clone(), columns.clone());
                let Row { line, cells, .. } = row;
                refused.push(Refused { file, line, columns, cells, reasons });
            }
            lines.push(spill);
            line_files.push((file, columns));
        }
        let bound = Arc::new(bound);
        let seen = Seen::default();
        let (place, is_done) = (0, false);
        let reader =
            Reader { import, step, bound, links, table, lines, seen, place, resumed, is_done };
        Ok((reader, Begun { file, columns, line_files, refused }))
    }

    /// Whether rows may be looked up before those ahead of them are written: not where a row may
    /// link to one of them, or be recognised as one of them.
    pub(super) fn may_look_ahead(&self) -> bool {
        let bound = &self.bound;
        bound.matched.is_none() && !(0..bound.lookups.len()).any(|lookup| bound.is_own(lookup))
    }

    /// The next rows, looked up; none after the last. Lets others go on now and then.
    pub(super) async fn group(&mut self) -> Result<Vec<Chunk>, ImportError> {
        let count = if self.may_look_ahead() { GROUP } else { 1 };
        let mut group = Vec::with_capacity(count);
        while group.len() < count && !self.is_done {
            let mut chunk = self.chunk().await?;
            self.look_up(&mut chunk).await?;
            group.push(chunk);
        }
        Ok(group)
    }

    async fn chunk(&mut self) -> Result<Chunk, ImportError> {
        let mut drafts = Vec::with_capacity(CHUNK);
        let mut skipped = 0;
        let mut turn = 0;
        while drafts.len() < CHUNK {
            let is_enough = self.import.rows.is_some_and(|most| self.place >= most);
            let next = if is_enough { None } else { self.table.next() };
            let Some(row) = next else {
                self.is_done = true;
                break;
            };
            let row = if self.bound.trim { row?.trimmed() } else { row? };
            let draft = self.draft(row)?;
            self.place += 1;
            turn += 1;
            if turn == TURN {
                turn = 0;
                let_others().await;
            }
            if self.place <= self.resumed.rows {
                continue;
            }
            match draft {
                None => skipped += 1,
                Some(draft) => {
                    let before = self.resumed.version_before(self.place);
                    drafts.push(Draft { place: self.place, before, ..draft });
                }
            }
        }
        Ok(Chunk { drafts, skipped, place: self.place, existing: HashMap::new() })
    }

    /// Reads a row and its lines; none for a row that is passed over.
    fn draft(&mut self, row: Row) -> Result<Option<Draft>, ImportError> {
        let bound = &self.bound;
        let reading = Reading { context: &self.import.context, entities: self.import.registry };
        let mut draft = match reading.draft(bound, row) {
            Ok(draft) => draft,
            Err(key) => {
                // The lines of a row that is passed over are passed over too.
                for spill in &mut self.lines {
                    spill.take(&key).map_err(fault)?;
                }
                return Ok(None);
            }
        };
        if !draft.key.is_empty() && !self.seen.insert(&draft.key).map_err(fault)? {
            if self.step.distinct {
                return Ok(None);
            }
            let text = format!("the key {:?} stands in an earlier row", draft.key);
            draft.reasons.push(Reason::new("repeated_key", text));
            return Ok(Some(draft));
        }
        for (table, spill) in bound.lines.iter().zip(&mut self.lines) {
            let rows = spill.take(&draft.key).map_err(fault)?;
            let reasons = &mut draft.reasons;
            let read = rows.into_iter().map(|row| reading.line(table, row, reasons)).collect();
            draft.lines.push((table.slot, read));
        }
        Ok(Some(draft))
    }

    /// Finds what the rows of a chunk are about and what they link to.
    async fn look_up(&self, chunk: &mut Chunk) -> Result<(), ImportError> {
        let sound = chunk.drafts.iter().filter(|draft| draft.reasons.is_empty());
        let drafts: Vec<&Draft> = sound.collect();
        find_links(self.import, &self.bound, self.links, &drafts).await?;
        chunk.existing = existing(self.import, &self.bound, &drafts).await?;
        Ok(())
    }

    /// Lines whose record is not in the table.
    pub(super) fn orphans(&mut self, files: &[LineFile]) -> Result<Vec<Refused>, ImportError> {
        let mut orphans = Vec::new();
        for (spill, (file, columns)) in self.lines.iter_mut().zip(files) {
            for (key, at) in spill.rest().map_err(fault)? {
                let Row { line, cells, .. } = spill.row(at).map_err(fault)?;
                let text = format!("there is no record {key:?} that the line belongs to");
                let (file, columns) = (file.clone(), columns.clone());
                let reasons = vec![Reason::new("no_record", text)];
                orphans.push(Refused { file, line, columns, cells, reasons });
            }
        }
        Ok(orphans)
    }
}

/// The cells of a draft and its lines.
pub(super) fn cells(draft: &Draft) -> impl Iterator<Item = &Cell> {
    let of_lines = draft.lines.iter().flat_map(|(_, lines)| lines);
    let of_lines = of_lines.flat_map(|line| &line.values);
    draft.values.iter().chain(of_lines).map(|(_, cell)| cell)
}

/// Finds the records that drafts link to.
pub(super) async fn find_links(
    import: &Import<'_>,
    bound: &Bound,
    links: &Links,
    drafts: &[&Draft],
) -> Result<(), ImportError> {
    let mut wanted: HashMap<usize, HashSet<String>> = HashMap::new();
    for cell in drafts.iter().flat_map(|draft| cells(draft)) {
        if let Cell::Link { lookup, keys, .. } = cell {
            wanted.entry(*lookup).or_default().extend(keys.iter().cloned());
        }
    }
    let mut wanted: Vec<(usize, HashSet<String>)> = wanted.into_iter().collect();
    wanted.sort_by_key(|(lookup, _)| *lookup);
    for (lookup, keys) in wanted {
        links.find(import.executor, &bound.lookups[lookup], keys).await?;
    }
    Ok(())
}

/// The records that drafts are about, as they are now.
pub(super) async fn existing(
    import: &Import<'_>,
    bound: &Bound,
    drafts: &[&Draft],
) -> Result<HashMap<String, View>, ImportError> {
    if drafts.is_empty() {
        return Ok(HashMap::new());
    }
    let entity = bound.entity.full_name();
    let keys: Vec<String> = drafts.iter().map(|draft| draft.key.clone()).collect();
    let found = import.executor.by_external(&entity, &bound.external, &keys).await?;
    let mut existing: HashMap<String, View> = found.into_iter().collect();
    let Some(field) = &bound.matched else { return Ok(existing) };
    let mut wanted: HashMap<String, String> = HashMap::new();
    for draft in drafts.iter().filter(|draft| !existing.contains_key(&draft.key)) {
        if let Some(text) = matched_text(bound, draft) {
            wanted.insert(text, draft.key.clone());
        }
    }
    let values: Vec<String> = wanted.keys().cloned().collect();
    if !values.is_empty() {
        for (value, view) in import.executor.by_field(&entity, field, &values).await? {
            if let Some(key) = wanted.get(&value) {
                existing.insert(key.clone(), view);
            }
        }
    }
    Ok(existing)
}

/// The text of the field by which a record is recognised.
pub(super) fn matched_text(bound: &Bound, draft: &Draft) -> Option<String> {
    let slot = bound.entity.slot(bound.matched.as_deref()?)?;
    draft.values.iter().find_map(|(at, cell)| match cell {
        Cell::Ready(value) if *at == slot && !value.is_null() => Some(cell_text(value)),
        _ => None,
    })
}

/// Lets what else this task does go on.
async fn let_others() {
    let mut had_turn = false;
    std::future::poll_fn(|context| match std::mem::replace(&mut had_turn, true) {
        true => Poll::Ready(()),
        false => {
            context.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await;
}
