//! Direct calls within one process.

use crate::table::Table;
use async_trait::async_trait;
use kernel::service::{Peers, Undone};
use kernel::{Answer, Call, Command, Problem, Query, Runtime};
use std::sync::Arc;
use types::Uuid;

/// Calls the services of this process directly.
#[derive(Default)]
pub struct Local {
    table: Table,
}

impl Local {
    /// A link that reaches nobody until it is connected.
    pub fn new() -> Arc<Local> {
        Arc::default()
    }

    /// Makes the services of this process reachable, once.
    pub fn connect(&self, runtimes: &[Arc<Runtime>]) {
        self.table.connect(runtimes);
    }

    /// The services by name.
    pub fn table(&self) -> &Table {
        &self.table
    }
}

#[async_trait]
impl Peers for Local {
    async fn execute(&self, call: Call, command: Command) -> Result<Answer, Problem> {
        self.table.owner(&command.entity)?.execute(&call, &command).await
    }

    async fn ask(&self, service: &str, call: Call, query: Query) -> Result<Answer, Problem> {
        self.table.service(service)?.ask(&call, &query).await
    }

    async fn execute_all(
        &self,
        service: &str,
        call: Call,
        commands: Vec<Command>,
        act: &str,
        all_or_nothing: bool,
    ) -> Result<Vec<Result<Answer, Problem>>, Problem> {
        let runtime = self.table.service(service)?;
        runtime.execute_all(&call, &commands, act, all_or_nothing).await
    }

    async fn undo(
        &self,
        service: &str,
        call: Call,
        change_set: Uuid,
        preview: bool,
    ) -> Result<Undone, Problem> {
        self.table.service(service)?.undo(&call, change_set, preview).await
    }

    async fn contract(
        &self,
        service: &str,
        name: &str,
        call: Call,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, Problem> {
        self.table.service(service)?.contract(name, call, body).await
    }
}
