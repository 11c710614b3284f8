//! Delivers the sealed events of each service's log to the services that listen to it.
//!
//! One pump for each listener and organisation reads the log of the service listened to, from the
//! listener's own cursor on, and hands over one event at a time in the log's order. The effect of
//! an event and the cursor move in one transaction of the listening service, so an effect happens
//! once however often its event is delivered. An event that cannot be taken in is delivered again,
//! with growing pauses, and holds up only its own listener.

mod pump;
mod transport;

pub use pump::Stuck;
pub use transport::Transport;

use kernel::{Problem, Runtime};
use pump::{Pump, Route};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use types::Uuid;

/// The pumps of this process.
pub struct Bus {
    runtimes: Vec<Arc<Runtime>>,
    transport: Arc<Transport>,
    pumps: Mutex<HashMap<Uuid, Vec<Pump>>>,
}

impl Bus {
    /// A bus between these services, which delivers nothing until an organisation is attended.
    pub fn new(runtimes: Vec<Arc<Runtime>>, transport: Transport) -> Bus {
        Bus { runtimes, transport: Arc::new(transport), pumps: Mutex::default() }
    }

    /// Starts to deliver the events of an organisation; nothing changes if that has begun already.
    ///
    /// # Errors
    /// A [`Problem`] when one of the organisation's stores cannot be opened.
    pub async fn attend(&self, org: Uuid) -> Result<(), Problem> {
        if self.pumps().contains_key(&org) {
            return Ok(());
        }
        let mut pumps = Vec::new();
        for (listening, source, number) in self.routes() {
            let (to, service) = (&self.runtimes[listening], &self.runtimes[source]);
            let (from, store) = (service.store(org).await?, to.store(org).await?);
            let listener = to.service.listeners()[number].1;
            let reader = format!("{}.{}.{number}", to.service.name, service.service.name);
            let route = Route { org, reader, listener, runtime: to.clone(), from, store };
            pumps.push((route, self.transport.clone()));
        }
        let start = || pumps.into_iter().map(|(r, t)| Pump::start(r, t)).collect();
        self.pumps().entry(org).or_insert_with(start);
        Ok(())
    }

    /// Stops to deliver the events of an organisation and lets go of its stores. What was not
    /// delivered is delivered when it is attended again.
    pub async fn leave(&self, org: Uuid) {
        let pumps = self.pumps().remove(&org).unwrap_or_default();
        for pump in pumps {
            pump.stop().await;
        }
    }

    /// Stops all pumps.
    pub async fn stop(&self) {
        let orgs: Vec<Uuid> = self.pumps().keys().copied().collect();
        for org in orgs {
            self.leave(org).await;
        }
    }

    /// Whether every sealed event of an organisation has been delivered.
    pub fn is_idle(&self, org: Uuid) -> bool {
        self.pumps().get(&org).is_none_or(|pumps| pumps.iter().all(Pump::is_idle))
    }

    /// Waits until every event that is sealed by then has been taken in by all listeners, those
    /// of effects included.
    ///
    /// # Errors
    /// [`Stuck`] when a listener refuses an event again and again.
    pub async fn settled(&self) -> Result<(), Stuck> {
        loop {
            let waits: Vec<_> = self
                .pumps()
                .values()
                .flatten()
                .filter(|pump| !pump.is_idle())
                .map(Pump::caught_up)
                .collect();
            if waits.is_empty() {
                return Ok(());
            }
            for wait in waits {
                wait.await?;
            }
        }
    }

    /// Which runtime listens to which, with the listener's number.
    fn routes(&self) -> Vec<(usize, usize, usize)> {
        let position = |name: &str| self.runtimes.iter().position(|r| r.service.name == name);
        let of = |(listening, runtime): (usize, &Arc<Runtime>)| {
            let listeners = runtime.service.listeners().iter().enumerate();
            listeners
                .filter_map(|(number, (to, _))| Some((listening, position(to)?, number)))
                .collect::<Vec<_>>()
        };
        self.runtimes.iter().enumerate().flat_map(of).collect()
    }

    fn pumps(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, Vec<Pump>>> {
        self.pumps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
