//! Where requests arrive: what they all share, and what each of them works with.

use crate::attempts::Attempts;
use crate::password::Hasher;
use contracts::{Contract, SYSTEM_ORG, in_system_org};
use kernel::command::{Answer, Verb};
use kernel::log::hex;
use kernel::service::{Handler, Runtime};
use kernel::{Call, Command, Input, Problem, ProblemKind, Record};
use std::sync::Arc;
use types::Instant;

/// What all requests of a process share.
pub struct Desk {
    /// Failed sign-ins of the last minutes.
    pub attempts: Attempts,
    /// Hashes passwords, a few at a time.
    pub hasher: Hasher,
}

impl Desk {
    /// A desk that has seen nobody yet.
    pub fn open() -> Arc<Desk> {
        Arc::new(Desk { attempts: Attempts::default(), hasher: Hasher::new() })
    }
}

/// One request: the run time, its circumstances, the desk.
#[derive(Clone)]
pub struct Visit {
    /// The service at work.
    pub runtime: Arc<Runtime>,
    /// Under which call the request came.
    pub call: Call,
    /// What requests share.
    pub desk: Arc<Desk>,
}

/// The handler of a contract whose requests arrive at this desk.
pub fn answer<C, F, Fut>(desk: &Arc<Desk>, answer: F) -> Handler
where
    C: Contract,
    F: Fn(Visit, C::Request) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<C::Answer, Problem>> + Send + 'static,
{
    let desk = desk.clone();
    contracts::handler::<C>(move |runtime: Arc<Runtime>, call: Call, request: C::Request| {
        answer(Visit { runtime, call, desk: desk.clone() }, request)
    })
}

impl Visit {
    /// Now.
    pub fn now(&self) -> Instant {
        self.runtime.source.clock.now()
    }

    /// Random bytes that nobody can guess.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.runtime.source.chance.fill(&mut bytes);
        bytes
    }

    /// A secret for what this request makes: random, but the same when the request is repeated
    /// because its answer got lost, on whatever replica. Without a request id it is random only.
    pub fn secret_of_request(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        if self.call.request_id.is_empty() {
            return self.random();
        }
        let request = [purpose.as_bytes(), self.call.request_id.as_bytes()];
        self.runtime.keys.fingerprint(&[request.as_slice(), parts].concat())
    }

    /// What is kept of a secret: a keyed hash. It says nothing without the master key, so that
    /// comparing it takes no care of timing.
    pub fn fingerprint(&self, purpose: &str, secret: &[u8]) -> String {
        hex(&self.runtime.keys.fingerprint(&[purpose.as_bytes(), secret]))
    }

    /// Asks another service, as the platform.
    pub async fn ask<C: Contract>(&self, request: &C::Request) -> Result<C::Answer, Problem> {
        let call = in_system_org(&self.call, &format!("auth asks for {}", C::NAME));
        contracts::call::<C>(&*self.runtime.peers, call, request).await
    }

    /// Changes a record of this service, as the platform; answers it as it is then.
    pub async fn execute(
        &self,
        reason: &str,
        entity: &str,
        verb: Verb,
        input: Input,
    ) -> Result<Record, Problem> {
        self.execute_as(in_system_org(&self.call, reason), entity, verb, input).await
    }

    /// As [`Visit::execute`], under a call that was prepared for it.
    pub async fn execute_as(
        &self,
        call: Call,
        entity: &str,
        verb: Verb,
        input: Input,
    ) -> Result<Record, Problem> {
        let command = Command { entity: entity.to_owned(), verb, input };
        match self.runtime.execute(&call, &command).await? {
            Answer::Record(view) => Ok(view.record),
            _ => Err(Problem::internal("a command did not answer its record")),
        }
    }

    /// A record of this service, secrets and all.
    pub async fn get(&self, entity: &str, id: types::Uuid) -> Result<Option<Record>, Problem> {
        contracts::own::get(&self.runtime, SYSTEM_ORG, entity, id).await
    }

    /// The credential of a user, if there is a password.
    pub async fn credential(&self, user: types::Uuid) -> Result<Option<Record>, Problem> {
        let (entity, user) = (crate::Credential::ENTITY, user.into());
        let found = contracts::own::find(&self.runtime, SYSTEM_ORG, entity, "user", &user).await?;
        Ok(found.into_iter().next())
    }
}

/// 401 with a code.
pub fn unauthenticated(code: &str, text: &str) -> Problem {
    Problem::new(ProblemKind::Unauthenticated, code, text)
}

/// 401 for a token that is not one of ours.
pub fn invalid_token() -> Problem {
    unauthenticated("invalid_token", "This token is not valid. Sign in again.")
}

/// 401 for a token whose session or membership ended.
pub fn session_ended() -> Problem {
    unauthenticated("session_ended", "This session has ended. Sign in again.")
}

/// 403 for who does not belong to an organisation, or to one that does not exist.
pub fn no_membership() -> Problem {
    let text = "You do not belong to this organisation. Ask its administrator to add you.";
    Problem::new(ProblemKind::Forbidden, "no_membership", text)
}
