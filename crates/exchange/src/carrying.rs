//! Writing for an import: chunks of records become batches of commands at their service.

use crate::peers::Asking;
use crate::pipeline::{Executor, Write};
use async_trait::async_trait;
use kernel::command::{Answer, Command, Query, Verb};
use kernel::write::{IMPORT, REHEARSAL};
use kernel::{Call, Entity, Problem, View};
use types::Uuid;

/// Finds and writes the records of an import with the rights of its call; the change set of the
/// call takes what is written.
pub struct Carrying {
    /// Who asks whom.
    pub asking: Asking,
}

impl Carrying {
    /// What [`Executor::write`] does with `dry_run`, and each record as it would be saved, with
    /// what rules compute: of a write that is refused, as far as it could be made.
    ///
    /// # Errors
    /// As there.
    pub async fn rehearse(
        &self,
        writes: Vec<Write>,
    ) -> Result<Vec<(Option<View>, Result<Uuid, Problem>)>, Problem> {
        let known: Vec<Uuid> = writes.iter().map(record_of).collect();
        let call = Call { dry_run: true, ..self.asking.call.clone() };
        let answers = self.answers(call, writes, REHEARSAL).await?;
        let told = |(answer, known): (Result<Answer, Problem>, Uuid)| match answer {
            Ok(Answer::Record(view)) => (Some(view.clone()), Ok(view.record.id())),
            Ok(Answer::Draft(draft)) => (Some(draft.record), Err(draft.problem)),
            Ok(_) => (None, Ok(known)),
            Err(problem) => (None, Err(problem)),
        };
        Ok(answers.into_iter().zip(known).map(told).collect())
    }

    async fn answers(
        &self,
        call: Call,
        writes: Vec<Write>,
        act: &str,
    ) -> Result<Vec<Result<Answer, Problem>>, Problem> {
        let Some(first) = writes.first() else { return Ok(Vec::new()) };
        let entity = self.asking.registry.get(&first.entity);
        let service = entity.ok_or_else(|| Problem::not_found("entity"))?.service.clone();
        let commands: Vec<Command> = writes.into_iter().map(command).collect();
        self.asking.peers.execute_all(&service, call, commands, act, false).await
    }
}

#[async_trait]
impl Executor for Carrying {
    async fn by_external(
        &self,
        entity: &str,
        name: &str,
        keys: &[String],
    ) -> Result<Vec<(String, View)>, Problem> {
        self.asking.by_external(entity, name, keys).await
    }

    async fn by_field(
        &self,
        entity: &str,
        field: &str,
        values: &[String],
    ) -> Result<Vec<(String, View)>, Problem> {
        self.asking.by_field(entity, field, values).await
    }

    async fn seen(&self, entity: &Entity) -> Result<Vec<String>, Problem> {
        let (name, verb) = (entity.full_name(), "read".to_owned());
        let query = Query::Explain { entity: name, id: None, verb, roles: Vec::new() };
        match self.asking.peers.ask(&entity.service, self.asking.call.clone(), query).await? {
            Answer::Explained(explained) => Ok(explained.readable),
            _ => Err(Problem::internal("a question for a right was answered otherwise")),
        }
    }

    async fn write(
        &self,
        writes: Vec<Write>,
        dry_run: bool,
    ) -> Result<Vec<Result<Uuid, Problem>>, Problem> {
        let known: Vec<Uuid> = writes.iter().map(record_of).collect();
        let act = if dry_run { REHEARSAL } else { IMPORT };
        let answers = self.answers(self.asking.call.clone(), writes, act).await?;
        let id = |(answer, known): (Result<Answer, Problem>, Uuid)| match answer? {
            Answer::Record(view) => Ok(view.record.id()),
            _ => Ok(known),
        };
        Ok(answers.into_iter().zip(known).map(id).collect())
    }
}

/// The record that a write changes; nil for one that it makes.
fn record_of(write: &Write) -> Uuid {
    write.record.map_or(Uuid::nil(), |(id, _)| id)
}

fn command(write: Write) -> Command {
    let Write { entity, record, mut input, state, number } = write;
    let named = [("state", state), ("number", number)];
    for (name, value) in named.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        input.values.push((name.to_owned(), value.into()));
    }
    let verb = record.map_or(Verb::Create, |(id, known)| Verb::Update { id, known });
    Command { entity, verb, input }
}
