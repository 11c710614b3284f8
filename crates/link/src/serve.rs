//! The answering side: a request in bytes, the reply in bytes.

use crate::form::{self, Reply, Request, WireAnswer};
use crate::table::Table;
use kernel::service::Registry;
use kernel::{Answer, Problem};

/// Reads a request, carries it out at the service it is for and writes the reply; a problem of
/// the request is part of the reply.
///
/// # Errors
/// 500 when the bytes are no request, or the reply has no wire form.
pub async fn serve(table: &Table, bytes: &[u8]) -> Result<Vec<u8>, Problem> {
    let reply = match reply(table, form::decode(bytes)?).await {
        Ok(reply) => reply,
        Err(problem) => Reply::Problem(problem),
    };
    form::encode(&reply)
}

async fn reply(table: &Table, request: Request) -> Result<Reply, Problem> {
    let wire =
        |answer: &Answer, registry: &Registry| Reply::Answer(WireAnswer::of(answer, registry));
    Ok(match request {
        Request::Execute { call, command } => {
            let runtime = table.owner(&command.entity)?;
            wire(&runtime.execute(&call, &command).await?, &runtime.registry)
        }
        Request::ExecuteAll { service, call, commands, act, all_or_nothing } => {
            let runtime = table.service(&service)?;
            let answers = runtime.execute_all(&call, &commands, &act, all_or_nothing).await?;
            let wire = |answer: Answer| WireAnswer::of(&answer, &runtime.registry);
            Reply::Answers(answers.into_iter().map(|answer| answer.map(wire)).collect())
        }
        Request::Undo { service, call, change_set, preview } => {
            Reply::Undone(table.service(&service)?.undo(&call, change_set, preview).await?)
        }
        Request::Ask { service, call, query } => {
            let runtime = table.service(&service)?;
            wire(&runtime.ask(&call, &query).await?, &runtime.registry)
        }
        Request::Contract { service, name, call, body } => {
            Reply::Body(table.service(&service)?.contract(&name, call, body).await?)
        }
    })
}
