//! What a command's rows need beside its values, computed by whoever asks and not by the writer,
//! whose time everyone shares: sort keys and words.

use super::Tables;
use crate::tables::{Part, Table, search_text, sort_key};
use kernel::ports::Change;
use kernel::schema::slot;
use kernel::text;
use kernel::write::Sealed;
use types::Value;

/// What one change needs.
#[derive(Debug, Default)]
pub struct Prepared {
    keys: Vec<(usize, Vec<u8>)>,
    words: String,
}

/// What each change of a command needs, in their order.
pub fn prepare(tables: &Tables, sealed: &Sealed) -> Vec<Prepared> {
    sealed.changes().iter().map(|change| Prepared::of(tables, change)).collect()
}

impl Prepared {
    fn of(tables: &Tables, change: &Change) -> Prepared {
        // A change of an entity without a table is refused when it is written.
        let Ok(table) = tables.of(&change.record().entity) else { return Prepared::default() };
        let table = &table.table;
        let (before, after) = match change {
            Change::Insert(record) => (None, record),
            Change::Update { before, after } => (Some(before), after),
            Change::Delete(_) => return Prepared::default(),
        };
        let is_new =
            |slot: usize| before.is_none_or(|before| before.values[slot] != after.values[slot]);
        let keys = table.columns.iter().enumerate().filter_map(|(at, column)| match column.part {
            Part::Key(slot) if is_new(slot) => Some((at, sort_key(&after.values[slot])?)),
            _ => None,
        });
        let keys = keys.collect();
        let changes_words = table.searchable().any(is_new);
        let words = if changes_words { search_text(table, &after.values) } else { String::new() };
        Prepared { keys, words }
    }

    /// The sort key in the column at `place`; none if the text is empty.
    pub fn key(&self, place: usize) -> Option<&[u8]> {
        self.keys.iter().find(|(at, _)| *at == place).map(|(_, key)| key.as_slice())
    }

    /// The words of the record, with those of a number that was drawn since; they are given once.
    pub fn take_words(&mut self, table: &Table, values: &[Value], drawn: Option<&str>) -> String {
        let mut words = std::mem::take(&mut self.words);
        match drawn {
            None => {}
            // An update that changed no words had none computed.
            Some(_) if words.is_empty() => words = search_text(table, values),
            Some(number) => text::write_tokens(number, &mut words),
        }
        words
    }

    /// Adds the sort key of a number that was drawn since.
    pub fn with_number(&mut self, table: &Table, number: &str) {
        let place = |column: &crate::tables::TableColumn| column.part == Part::Key(slot::NUMBER);
        if let Some(at) = table.columns.iter().position(place) {
            self.keys.push((at, text::sort_key(number)));
        }
    }
}
