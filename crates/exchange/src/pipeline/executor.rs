//! What an import asks of the world: finding records, writing them, remembering how far it came.

use super::refused::Refused;
use super::report::Counts;
use async_trait::async_trait;
use kernel::{Command, Input, Known, Problem, Verb, View};
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
}

/// Sees an import go on.
pub trait Observer: Send + Sync {
    /// A part of a step was committed; `of` names its entity.
    fn progressed(&mut self, progress: &Progress, of: &str) {
        let _ = (progress, of);
    }

    /// A row was refused.
    ///
    /// # Errors
    /// When it cannot be noted down; the import stops then.
    fn refused(&mut self, refused: &Refused) -> std::io::Result<()> {
        let _ = refused;
        Ok(())
    }
}

/// Looks away.
impl Observer for () {}

#[cfg(test)]
mod tests {
    use super::*;

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
