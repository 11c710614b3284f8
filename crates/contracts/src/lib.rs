//! What services ask of each other: requests, answers and the way they travel.
//!
//! One file for each service that answers. A contract's names and meanings never change; a new
//! field of a request or an answer has a default, so that peers of two versions understand each
//! other.

/// Declares what a question is answered with and how it is called; `SERVICE` of the module says who
/// answers.
macro_rules! contract {
    ($request:ident => $answer:ty, $name:literal) => {
        impl $crate::Contract for $request {
            const SERVICE: &'static str = SERVICE;
            const NAME: &'static str = $name;
            type Request = $request;
            type Answer = $answer;
        }
    };
}

pub mod access;
pub mod admission;
pub mod auth;
pub mod demo;
pub mod hr;
pub mod own;
pub mod people;
pub mod platform;
pub mod upkeep;
pub mod users;

use futures::future::BoxFuture;
use kernel::command::Idempotency;
use kernel::log::hex;
use kernel::service::{Handler, Peers, Runtime};
use kernel::{Actor, Call, Problem};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use types::Uuid;

/// The system organisation: users, credentials, sessions, the catalog of organisations.
pub const SYSTEM_ORG: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000);

/// A question that one service answers to others.
pub trait Contract {
    /// The service that answers.
    const SERVICE: &'static str;
    /// The question's name, unique within the service.
    const NAME: &'static str;
    /// What is asked.
    type Request: Serialize + DeserializeOwned + Send + Sync + 'static;
    /// What is answered.
    type Answer: Serialize + DeserializeOwned + Send + Sync + 'static;
}

/// Asks another service.
///
/// # Errors
/// What the service answers, 503 when it cannot be reached, 500 when the two do not understand
/// each other.
pub async fn call<C: Contract>(
    peers: &dyn Peers,
    call: Call,
    request: &C::Request,
) -> Result<C::Answer, Problem> {
    let answer = peers.contract(C::SERVICE, C::NAME, call, encode(request)?).await?;
    decode::<C::Answer>(&answer, C::NAME)
}

/// What answers a contract: an async function of the run time, the call and the request.
pub trait Answers<C: Contract>: Send + Sync + 'static {
    /// The answer to one request.
    fn answer(
        &self,
        runtime: Arc<Runtime>,
        call: Call,
        request: C::Request,
    ) -> BoxFuture<'static, Result<C::Answer, Problem>>;
}

impl<C, F, Fut> Answers<C> for F
where
    C: Contract,
    F: Fn(Arc<Runtime>, Call, C::Request) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<C::Answer, Problem>> + Send + 'static,
{
    fn answer(
        &self,
        runtime: Arc<Runtime>,
        call: Call,
        request: C::Request,
    ) -> BoxFuture<'static, Result<C::Answer, Problem>> {
        Box::pin(self(runtime, call, request))
    }
}

/// The handler that a service registers under [`Contract::NAME`].
pub fn handler<C: Contract>(answers: impl Answers<C>) -> Handler {
    let answers = Arc::new(answers);
    Arc::new(move |runtime: &Arc<Runtime>, call: Call, body: Vec<u8>| {
        let (answers, runtime) = (answers.clone(), runtime.clone());
        Box::pin(async move {
            let request = decode::<C::Request>(&body, C::NAME)?;
            encode(&answers.answer(runtime, call, request).await?)
        })
    })
}

/// Whether the platform itself asks, not a person or a key.
///
/// # Errors
/// 403 for anyone else, naming `right`.
pub fn only_platform(call: &Call, right: &str) -> Result<(), Problem> {
    match call.actor {
        Actor::System | Actor::Service(_) => Ok(()),
        Actor::User(_) | Actor::ApiKey { .. } => Err(Problem::forbidden(right)),
    }
}

/// A call by the system in the system organisation, within the request of `call`.
pub fn in_system_org(call: &Call, reason: &str) -> Call {
    Call { request_id: call.request_id.clone(), ..Call::system(SYSTEM_ORG, reason) }
}

/// The call with a promise that a repetition of it with the same `parts` changes nothing more: a
/// lost answer is asked for again under the same request id. A call without one promises nothing.
pub fn once(runtime: &Runtime, call: Call, parts: &[&[u8]]) -> Call {
    if call.request_id.is_empty() {
        return call;
    }
    let all: Vec<&[u8]> =
        std::iter::once(call.request_id.as_bytes()).chain(parts.iter().copied()).collect();
    let fingerprint = runtime.keys.fingerprint(&all);
    let key = hex(&fingerprint);
    Call { idempotency: Some(Idempotency { key, fingerprint }), ..call }
}

fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let written = ciborium::into_writer(value, &mut bytes);
    written.map_err(|error| Problem::internal(format!("a contract cannot be encoded: {error}")))?;
    Ok(bytes)
}

fn decode<T: DeserializeOwned>(bytes: &[u8], name: &str) -> Result<T, Problem> {
    ciborium::from_reader(bytes)
        .map_err(|error| Problem::internal(format!("{name} cannot be read: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_answers_survive_the_way_there() {
        let answer = auth::LoginAnswer::Needs {
            needs: auth::Need::Org,
            orgs: vec![auth::OrgChoice {
                id: SYSTEM_ORG,
                slug: "northwind".to_owned(),
                name: "Northwind Traders".to_owned(),
            }],
            login_token: "mgl_x".to_owned(),
        };
        let back: auth::LoginAnswer = decode(&encode(&answer).unwrap(), "login").unwrap();
        assert_eq!(back, answer);
        assert!(decode::<auth::LoginAnswer>(&[0xff], "login").is_err());
    }

    #[test]
    fn a_value_of_any_length_survives_the_way_there() {
        for length in [0, 4_000, 5_000, 1_000_000] {
            let value = types::Value::Text("x".repeat(length));
            let back: types::Value = decode(&encode(&value).unwrap(), "value").unwrap();
            assert_eq!(back, value, "{length}");
        }
    }

    #[test]
    fn a_peer_of_an_older_version_is_understood() {
        #[derive(Serialize)]
        struct Older {
            email: String,
            password: String,
        }
        let older = Older { email: "a@example.org".into(), password: "p".into() };
        let read: auth::Login = decode(&encode(&older).unwrap(), "login").unwrap();
        assert_eq!(read.email, "a@example.org");
        assert_eq!(read.org, None);
    }
}
