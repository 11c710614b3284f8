//! Services of another process, reached by whatever carries bytes there and back.

use crate::form::{self, Reply, Request};
use async_trait::async_trait;
use kernel::service::{Peers, Registry, Undone};
use kernel::{Answer, Call, Command, Problem, Query};
use std::sync::Arc;
use types::Uuid;

/// Brings a request to another process and its reply back.
#[async_trait]
pub trait Carrier: Send + Sync + 'static {
    /// The bytes that [`crate::serve`] answered there.
    async fn carry(&self, request: Vec<u8>) -> Result<Vec<u8>, Problem>;
}

/// The services behind a carrier.
pub struct Remote<C> {
    carrier: C,
    registry: Arc<Registry>,
}

impl<C: Carrier> Remote<C> {
    /// The services behind `carrier`, whose records are read against `registry`.
    pub fn new(carrier: C, registry: Arc<Registry>) -> Remote<C> {
        Remote { carrier, registry }
    }

    /// What carries the bytes.
    pub fn carrier(&self) -> &C {
        &self.carrier
    }

    async fn send(&self, request: &Request) -> Result<Reply, Problem> {
        form::decode(&self.carrier.carry(form::encode(request)?).await?)
    }
}

#[async_trait]
impl<C: Carrier> Peers for Remote<C> {
    async fn execute(&self, call: Call, command: Command) -> Result<Answer, Problem> {
        self.send(&Request::Execute { call, command }).await?.answer(&self.registry)
    }

    async fn ask(&self, service: &str, call: Call, query: Query) -> Result<Answer, Problem> {
        let service = service.to_owned();
        self.send(&Request::Ask { service, call, query }).await?.answer(&self.registry)
    }

    async fn execute_all(
        &self,
        service: &str,
        call: Call,
        commands: Vec<Command>,
        act: &str,
        all_or_nothing: bool,
    ) -> Result<Vec<Result<Answer, Problem>>, Problem> {
        let (service, act) = (service.to_owned(), act.to_owned());
        let request = Request::ExecuteAll { service, call, commands, act, all_or_nothing };
        self.send(&request).await?.answers(&self.registry)
    }

    async fn undo(
        &self,
        service: &str,
        call: Call,
        change_set: Uuid,
        preview: bool,
    ) -> Result<Undone, Problem> {
        let service = service.to_owned();
        self.send(&Request::Undo { service, call, change_set, preview }).await?.undone()
    }

    async fn contract(
        &self,
        service: &str,
        name: &str,
        call: Call,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, Problem> {
        let (service, name) = (service.to_owned(), name.to_owned());
        self.send(&Request::Contract { service, name, call, body }).await?.body()
    }
}
