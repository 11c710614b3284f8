//! Calls over bytes within one process, some of which are lost on purpose.
//!
//! A call that got no answer is sent again under the same call id; the callee remembers the id in
//! the transaction of its command, as it remembers a client's idempotency key, so that a command
//! whose answer was lost is not carried out twice. A contract call may come to several commands:
//! its id is the request's, from which the callee derives a key for each (`contracts::once`).

use crate::faults::{Fault, Faults};
use crate::form::{self, Reply, Request};
use crate::serve::serve;
use crate::table::Table;
use async_trait::async_trait;
use kernel::command::Idempotency;
use kernel::ports::Source;
use kernel::service::{Peers, Undone};
use kernel::{Answer, Call, Command, Problem, Query, Runtime};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use types::Uuid;

/// How often a call is sent before the other side counts as unreachable.
const ATTEMPTS: u32 = 6;

/// Calls the services of this process over bytes.
pub struct Wire {
    table: Table,
    faults: Faults,
    source: Source,
    retries: AtomicU64,
}

impl Wire {
    /// A link that reaches nobody until it is connected; `faults` says what it loses, call ids
    /// come from `source`.
    pub fn new(faults: Faults, source: Source) -> Arc<Wire> {
        Arc::new(Wire { table: Table::default(), faults, source, retries: AtomicU64::new(0) })
    }

    /// Makes the services of this process reachable, once.
    pub fn connect(&self, runtimes: &[Arc<Runtime>]) {
        self.table.connect(runtimes);
    }

    /// How many calls were sent again so far.
    pub fn retries(&self) -> u64 {
        self.retries.load(Ordering::Relaxed)
    }

    /// Sends a request until its answer comes through.
    async fn send(&self, request: &Request) -> Result<Sent, Problem> {
        let bytes = form::encode(request)?;
        let mut lost = None;
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                self.retries.fetch_add(1, Ordering::Relaxed);
            }
            let fault = self.faults.draw();
            if fault == Fault::CallLost {
                continue;
            }
            let reply = serve(&self.table, &bytes).await?;
            if fault == Fault::AnswerLost {
                lost.get_or_insert(reply);
                continue;
            }
            return Ok(Sent { reply: form::decode(&reply)?, lost });
        }
        let text = "The service does not answer. Retry in a moment.";
        Err(Problem::unavailable("unreachable", text, 1))
    }

    async fn answer(&self, to: &Runtime, request: &Request) -> Result<Answer, Problem> {
        let sent = self.send(request).await?;
        let mut answer = sent.reply.answer(&to.registry);
        if let Some(first) = sent.lost {
            as_first(&mut answer, form::decode::<Reply>(&first)?.answer(&to.registry));
        }
        answer
    }

    /// The call with an id that makes its repetition harmless; a client's own key serves as well.
    fn identified(&self, mut call: Call) -> Call {
        if call.idempotency.is_none() {
            let id = self.source.id();
            let mut fingerprint = [0; 32];
            fingerprint[..16].copy_from_slice(id.as_bytes());
            call.idempotency = Some(Idempotency { key: format!("call:{id}"), fingerprint });
        }
        call
    }

    /// The call with a request id, its own or a new one.
    fn requested(&self, mut call: Call) -> Call {
        if call.request_id.is_empty() {
            call.request_id = format!("call:{}", self.source.id());
        }
        call
    }
}

/// Says of a retry's answer what the first one said: that it repeats the first is between the two
/// sides; whether it repeats a request of the client's is what the client wants to know.
fn as_first(answer: &mut Result<Answer, Problem>, first: Result<Answer, Problem>) {
    if let Ok(Answer::Record(view)) = answer {
        view.replayed = matches!(first, Ok(Answer::Record(first)) if first.replayed);
    }
}

/// The reply that came through, and the first one that did not.
struct Sent {
    reply: Reply,
    lost: Option<Vec<u8>>,
}

#[async_trait]
impl Peers for Wire {
    async fn execute(&self, call: Call, command: Command) -> Result<Answer, Problem> {
        let to = self.table.owner(&command.entity)?;
        self.answer(&to, &Request::Execute { call: self.identified(call), command }).await
    }

    async fn ask(&self, service: &str, call: Call, query: Query) -> Result<Answer, Problem> {
        let to = self.table.service(service)?;
        self.answer(&to, &Request::Ask { service: service.to_owned(), call, query }).await
    }

    async fn execute_all(
        &self,
        service: &str,
        call: Call,
        commands: Vec<Command>,
        act: &str,
        all_or_nothing: bool,
    ) -> Result<Vec<Result<Answer, Problem>>, Problem> {
        let to = self.table.service(service)?;
        let call = self.identified(call);
        let (service, act) = (service.to_owned(), act.to_owned());
        let request = Request::ExecuteAll { service, call, commands, act, all_or_nothing };
        let sent = self.send(&request).await?;
        let mut answers = sent.reply.answers(&to.registry)?;
        if let Some(first) = sent.lost {
            let first = form::decode::<Reply>(&first)?.answers(&to.registry).unwrap_or_default();
            for (answer, first) in answers.iter_mut().zip(first) {
                as_first(answer, first);
            }
        }
        Ok(answers)
    }

    async fn undo(
        &self,
        service: &str,
        call: Call,
        change_set: Uuid,
        preview: bool,
    ) -> Result<Undone, Problem> {
        let service = service.to_owned();
        // Each attempt belongs to one undo, so that a repetition knows what was its own.
        let change_set_of_undo = call.change_set.unwrap_or_else(|| self.source.id());
        let call = Call { change_set: Some(change_set_of_undo), ..call };
        let request = Request::Undo { service, call, change_set, preview };
        self.send(&request).await?.reply.undone()
    }

    async fn contract(
        &self,
        service: &str,
        name: &str,
        call: Call,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, Problem> {
        let (service, name) = (service.to_owned(), name.to_owned());
        let call = self.requested(call);
        self.send(&Request::Contract { service, name, call, body }).await?.reply.body()
    }
}
