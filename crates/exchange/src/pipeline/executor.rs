//! What an import asks of the world: finding records, writing them, remembering how far it came.

use super::refused::Refused;
use super::report::Counts;
use async_trait::async_trait;
use kernel::{Command, Entity, Input, Known, Problem, Verb, View};
use serde::{Deserialize, Serialize};
use types::Uuid;

/// Finds and writes records, with the rights of who imports.
#[async_trait]
pub trait Executor: Send + Sync {
    /// The records of an entity that bear one of `keys` (at most 1,000) in `external_ids.NAME`,
    /// with their lines; keys without a record are left out.
    ///
    /// # Errors
    /// A [`Problem`] when the service cannot answer.
    async fn by_external(
        &self,
        entity: &str,
        name: &str,
        keys: &[String],
    ) -> Result<Vec<(String, View)>, Problem>;

    /// The records of an entity whose `field` has one of `values` (at most 1,000), with their
    /// lines; values without a record are left out.
    ///
    /// # Errors
    /// A [`Problem`] when the service cannot answer.
    async fn by_field(
        &self,
        entity: &str,
        field: &str,
        values: &[String],
    ) -> Result<Vec<(String, View)>, Problem>;

    /// The names of the fields of an entity that who imports can see: hints name no others. All
    /// of them where nobody says otherwise.
    ///
    /// # Errors
    /// A [`Problem`] when the service cannot answer.
    async fn seen(&self, entity: &Entity) -> Result<Vec<String>, Problem> {
        Ok(entity.shown().map(|slot| entity.fields[slot].name.clone()).collect())
    }

    /// Writes records of one entity, at most [`super::CHUNK`], as one commit of the import's
    /// change set; those that are refused do not keep the others from being written. No two are
    /// about the same record. Answers the id of each record, in order.
    ///
    /// With `dry_run` every check is made and nothing is committed; the id of a record that would
    /// be made may be any.
    ///
    /// # Errors
    /// A [`Problem`] of the whole: nothing was written then.
    async fn write(
        &self,
        writes: Vec<Write>,
        dry_run: bool,
    ) -> Result<Vec<Result<Uuid, Problem>>, Problem>;
}

/// One record to make or to change.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    /// The entity's full name.
    pub entity: String,
    /// The record to change and what is known of it; none for a new one.
    pub record: Option<(Uuid, Known)>,
    /// The fields' values; objects such as addresses are merged, lines are complete.
    pub input: Input,
    /// The state of a new record, other than the first. No act's effects run; the event says so.
    pub state: Option<String>,
    /// The number of a new document, which then draws none.
    pub number: Option<String>,
}

impl Write {
    /// The command of this write: state and number are among its values, as the fields of their
    /// names, which the write path takes from an import only.
    pub fn into_command(self) -> Command {
        let mut input = self.input;
        for (name, value) in [("state", self.state), ("number", self.number)] {
            input.values.extend(value.map(|value| (name.to_owned(), value.into())));
        }
        let verb = match self.record {
            Some((id, known)) => Verb::Update { id, known },
            None => Verb::Create,
        };
        Command { entity: self.entity, verb, input }
    }
}

/// Keeps how far an import came, so that it goes on there after an interruption.
///
/// It is told before rows are written which of them had a record then: after an interruption that
/// tells what the import itself wrote since, so that every row is counted once and as what it was.
#[async_trait]
pub trait Journal: Send + Sync {
    /// How far the import came; none for one that begins.
    ///
    /// # Errors
    /// A [`Problem`] when it cannot be read.
    async fn load(&self) -> Result<Option<Progress>, Problem>;

    /// Keeps how far the import came. Everything up to there is committed.
    ///
    /// # Errors
    /// A [`Problem`] when it cannot be kept.
    async fn save(&self, progress: &Progress) -> Result<(), Problem>;
}

/// An import that is not resumed.
#[async_trait]
impl Journal for () {
    async fn load(&self) -> Result<Option<Progress>, Problem> {
        Ok(None)
    }
    async fn save(&self, _: &Progress) -> Result<(), Problem> {
        Ok(())
    }
}

/// How far an import came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The step at work, from 0; as many as the mapping has when all is done.
    pub step: usize,
    /// Rows of that step's table that are dealt with.
    pub rows: u64,
    /// The counts of each step so far.
    pub counts: Vec<Counts>,
    /// The rows after those, as far as their writing may have begun: the versions that their
    /// records had before, 0 where there was none. Each pair is a number of rows and the version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ahead: Vec<(u64, u64)>,
    /// Whether the tables of lines of that step were read, and what is wrong there was told.
    #[serde(default)]
    pub lines_read: bool,
    /// How far the files of refused rows belong to what is counted here: what the observer said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused_until: Vec<(String, u64)>,
}

impl Progress {
    /// The version that the record of a row had before its writing may have begun; none where it
    /// did not begin.
    pub(super) fn version_before(&self, row: u64) -> Option<u64> {
        let mut at = row.checked_sub(self.rows + 1)?;
        for (count, version) in &self.ahead {
            match at.checked_sub(*count) {
                Some(left) => at = left,
                None => return Some(*version),
            }
        }
        None
    }

    /// Notes the versions before of the rows after those of [`Progress::ahead`].
    pub(super) fn expect(&mut self, versions: &[u64]) {
        for version in versions {
            match self.ahead.last_mut() {
                Some((count, known)) if known == version => *count += 1,
                _ => self.ahead.push((1, *version)),
            }
        }
    }

    /// Goes over to a step.
    pub(super) fn begin(&mut self, step: usize) {
        (self.step, self.rows, self.lines_read) = (step, 0, false);
        self.ahead.clear();
    }

    /// All counts together.
    pub fn total(&self) -> Counts {
        self.counts.iter().copied().fold(Counts::default(), Counts::plus)
    }
}

/// What a row became that was not refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    /// A new record.
    Created,
    /// Another state of a record.
    Updated,
    /// Nothing: the record was so already.
    Unchanged,
}

/// Sees an import go on.
pub trait Observer: Send + Sync {
    /// A part of a step was committed; `of` names its entity.
    fn progressed(&mut self, progress: &Progress, of: &str) {
        let _ = (progress, of);
    }

    /// The record of the row that begins on a line is now as the row says, or would be; `of` names
    /// its entity, `key` is the row's.
    fn settled(&mut self, of: &str, line: u64, key: &str, became: Became) {
        let _ = (of, line, key, became);
    }

    /// A row was refused.
    ///
    /// # Errors
    /// When it cannot be noted down; the import stops then.
    fn refused(&mut self, refused: &Refused) -> std::io::Result<()> {
        let _ = refused;
        Ok(())
    }

    /// An interrupted import goes on: of the files of refused rows only what
    /// [`Observer::refused_until`] said belongs to it.
    ///
    /// # Errors
    /// When the rest cannot be taken away; the import does not go on then.
    fn resumed(&mut self, progress: &Progress) -> std::io::Result<()> {
        let _ = progress;
        Ok(())
    }

    /// The files of refused rows and their lengths, kept with the progress.
    fn refused_until(&self) -> Vec<(String, u64)> {
        Vec::new()
    }
}

/// Looks away.
impl Observer for () {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_knows_the_version_that_its_record_had_before() {
        let mut progress = Progress { rows: 10, ..Progress::default() };
        progress.expect(&[0, 0, 0, 4, 4, 0]);
        assert_eq!(progress.ahead, [(3, 0), (2, 4), (1, 0)]);
        let of = |row| progress.version_before(row);
        let found: Vec<_> = (9..=17).map(of).collect();
        let known = [0, 0, 0, 4, 4, 0].map(Some);
        assert_eq!(found, [&[None, None], &known[..], &[None]].concat());
    }

    #[test]
    fn a_write_becomes_a_command_with_state_and_number_among_its_values() {
        let new = Write {
            entity: "operations.sales_order".to_owned(),
            record: None,
            input: Input::new().set("freight", 1i64),
            state: Some("shipped".to_owned()),
            number: None,
        };
        let command = new.clone().into_command();
        assert_eq!(command.verb, Verb::Create);
        assert_eq!(command.input, Input::new().set("freight", 1i64).set("state", "shipped"));
        let id = Uuid::from_u128(1);
        let old = Write { record: Some((id, Known::Exactly(3))), state: None, ..new };
        assert_eq!(old.into_command().verb, Verb::Update { id, known: Known::Exactly(3) });
    }
}
