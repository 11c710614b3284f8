//! What an organisation decided, read once and again whenever the logs it lies in have grown.

use async_trait::async_trait;
use contracts::platform::Companies;
use contracts::users::Rules;
use kernel::ports::Placement;
use kernel::rights::{Facts, OrgFacts};
use kernel::service::Peers;
use kernel::{Call, Problem};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use types::Uuid;

/// Reads facts from `platform` and keeps them while they hold.
pub struct FactsCache {
    peers: Arc<dyn Peers>,
    placement: Arc<dyn Placement>,
    system: Uuid,
    epochs: AtomicU64,
    known: Mutex<HashMap<Uuid, Known>>,
}

struct Known {
    facts: Arc<OrgFacts>,
    /// The logs that the facts come from, and their lengths when the facts were read.
    logs: Vec<(watch::Receiver<u64>, u64)>,
}

impl Known {
    fn holds(&self) -> bool {
        // Without a company the organisation is being made: its first one may be committed and
        // not yet sealed.
        let unchanged = |(log, read_at): &(watch::Receiver<u64>, u64)| *log.borrow() == *read_at;
        !self.facts.companies.is_empty() && self.logs.iter().all(unchanged)
    }
}

impl FactsCache {
    /// A cache that knows nothing yet.
    pub fn new(peers: Arc<dyn Peers>, placement: Arc<dyn Placement>) -> FactsCache {
        let system = contracts::SYSTEM_ORG;
        let (epochs, known) = (AtomicU64::new(1), Mutex::default());
        FactsCache { peers, placement, system, epochs, known }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets an organisation, whose store is about to be closed.
    pub fn forget(&self, org: Uuid) {
        self.known().remove(&org);
    }
}

#[async_trait]
impl Facts for FactsCache {
    async fn of(&self, org: Uuid) -> Result<Arc<OrgFacts>, Problem> {
        if org == self.system {
            return Ok(Arc::default());
        }
        if let Some(known) = self.known().get(&org).filter(|known| known.holds()) {
            return Ok(known.facts.clone());
        }
        let mut logs = Vec::new();
        for service in ["platform", "users"] {
            let log = self.placement.store(org, service).await?.sealed();
            // Before reading: what is committed meanwhile is read again next time.
            let read_at = *log.borrow();
            logs.push((log, read_at));
        }
        let call = Call::system(org, "the facts of the organisation");
        let rules = contracts::call::<Rules>(&*self.peers, call.clone(), &Rules { org }).await?;
        let companies =
            contracts::call::<Companies>(&*self.peers, call, &Companies { org }).await?;
        let companies = companies.into_iter().map(Into::into).collect();
        let mut facts = OrgFacts { epoch: 0, rules, companies };
        let mut all = self.known();
        if let Some(known) = all.get_mut(&org) {
            facts.epoch = known.facts.epoch;
            if facts == *known.facts {
                let facts = known.facts.clone();
                *known = Known { facts: facts.clone(), logs };
                return Ok(facts);
            }
        }
        facts.epoch = self.epochs.fetch_add(1, Ordering::Relaxed);
        let facts = Arc::new(facts);
        all.insert(org, Known { facts: facts.clone(), logs });
        Ok(facts)
    }
}
