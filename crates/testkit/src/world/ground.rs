//! What a world stands on and leaves behind: databases, keys, the clock.

use super::Services;
use super::source::{Signer, TestChance, TestClock};
use crate::postgres::{TestDatabase, database};
use async_trait::async_trait;
use contracts::platform::Companies;
use contracts::users::Rules;
use kernel::keys::Keys;
use kernel::rights::{CompanyFacts, Facts, OrgFacts, Rule};
use kernel::service::Peers;
use kernel::{Call, Problem};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use types::{Instant, Uuid};

/// 2026-07-04T09:30:00Z, where every clock begins.
const BEGIN: Instant = Instant(1_783_157_400_000_000);

/// The databases of a world; they go when it is dropped.
pub struct Ground {
    /// Makes the services.
    pub services: Services,
    /// Calls and events go over bytes, and each service has databases of its own.
    pub wire: bool,
    /// The installation's keys.
    pub keys: Arc<Keys>,
    /// Signs the heads of logs and keeps them.
    pub signer: Arc<Signer>,
    /// What time it is.
    pub clock: Arc<TestClock>,
    /// Chance that follows from a seed and goes on after a restart.
    pub chance: Arc<TestChance>,
    pub(super) place: Place,
    /// Events committed so far, by organisation and service; they outlast a restart.
    pub(super) committed: Mutex<HashMap<(Uuid, String), Arc<AtomicU64>>>,
}

/// Where the databases are.
pub(super) enum Place {
    /// Files in a temporary folder.
    Folder(PathBuf),
    /// PostgreSQL databases by name: one, or one for each service.
    Databases(Mutex<HashMap<String, Arc<TestDatabase>>>),
}

impl Ground {
    /// Ground for SQLite, in a temporary folder.
    pub fn sqlite(services: Services) -> Ground {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let count = COUNTER.fetch_add(1, Ordering::Relaxed);
        let random = crate::postgres::cluster::random();
        let name = format!("megalith-world-{}-{count}-{random:016x}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder)
            .unwrap_or_else(|why| panic!("no folder {}: {why}", folder.display()));
        Ground::new(services, Place::Folder(folder))
    }

    /// Ground for PostgreSQL.
    pub fn postgres(services: Services) -> Ground {
        Ground::new(services, Place::Databases(Mutex::default()))
    }

    fn new(services: Services, place: Place) -> Ground {
        let keys = Keys::new(&[1; 32], &[2; 32]).unwrap_or_else(|| panic!("the keys are keys"));
        let keys = Arc::new(keys);
        Ground {
            services,
            wire: false,
            signer: Arc::new(Signer::new(keys.clone())),
            keys,
            clock: Arc::new(TestClock::at(BEGIN)),
            chance: Arc::new(TestChance::new(7)),
            place,
            committed: Mutex::default(),
        }
    }

    /// The folder with the files, on SQLite.
    pub fn folder(&self) -> Option<&PathBuf> {
        match &self.place {
            Place::Folder(folder) => Some(folder),
            Place::Databases(_) => None,
        }
    }

    /// The PostgreSQL database of a name, made when it is first asked for.
    pub(super) fn database(&self, name: &str) -> Option<Arc<TestDatabase>> {
        let Place::Databases(all) = &self.place else { return None };
        let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
        Some(all.entry(name.to_owned()).or_insert_with(|| Arc::new(database())).clone())
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        if let Place::Folder(folder) = &self.place
            && let Err(why) = std::fs::remove_dir_all(folder)
        {
            eprintln!("the folder {} stays behind: {why}", folder.display());
        }
    }
}

/// What organisations decided: set by the test, else by `platform` and `users` where the world has
/// them.
pub struct WorldFacts {
    /// What tests set.
    set: Mutex<HashMap<Uuid, OrgFacts>>,
    /// What was answered last.
    answered: Mutex<HashMap<Uuid, Arc<OrgFacts>>>,
    peers: Weak<dyn Peers>,
    services: Vec<String>,
}

impl WorldFacts {
    /// The world's organisation has one company, in Berlin, that counts in euros.
    pub(super) fn new(org: Uuid, peers: Weak<dyn Peers>, services: Vec<String>) -> Arc<WorldFacts> {
        let company = CompanyFacts {
            id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_00c1),
            zone: "Europe/Berlin".to_owned(),
            currency: "EUR".to_owned(),
            rounding: types::Rounding::HalfUp,
        };
        let facts = OrgFacts { companies: vec![company], ..OrgFacts::default() };
        let set = Mutex::new(HashMap::from([(org, facts)]));
        Arc::new(WorldFacts { set, answered: Mutex::default(), peers, services })
    }

    /// Changes what an organisation decided; the epoch moves on by itself.
    pub fn change(&self, org: Uuid, change: impl FnOnce(&mut OrgFacts)) {
        change(self.set.lock().unwrap_or_else(PoisonError::into_inner).entry(org).or_default());
    }

    /// Gives an organisation rules of its own.
    pub fn rule(&self, org: Uuid, rules: Vec<Rule>) {
        self.change(org, |facts| facts.rules = rules);
    }

    /// What services say of an organisation, where the test says nothing.
    async fn ask(&self, org: Uuid, facts: &mut OrgFacts) -> Result<(), Problem> {
        let Some(peers) = self.peers.upgrade() else { return Ok(()) };
        let has = |name: &str| self.services.iter().any(|service| service == name);
        let call = Call::system(org, "the facts of the organisation");
        if facts.companies.is_empty() && has("platform") {
            let asked = Companies { org };
            let companies = contracts::call::<Companies>(&*peers, call.clone(), &asked).await?;
            facts.companies = companies.into_iter().map(Into::into).collect();
        }
        if facts.rules.is_empty() && has("users") {
            facts.rules = contracts::call::<Rules>(&*peers, call, &Rules { org }).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Facts for WorldFacts {
    async fn of(&self, org: Uuid) -> Result<Arc<OrgFacts>, Problem> {
        if org == contracts::SYSTEM_ORG {
            return Ok(Arc::default());
        }
        let set = self.set.lock().unwrap_or_else(PoisonError::into_inner).get(&org).cloned();
        let mut facts = set.unwrap_or_default();
        self.ask(org, &mut facts).await?;
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let last = answered.get(&org);
        facts.epoch = last.map_or(1, |last| last.epoch);
        if let Some(last) = last.filter(|last| ***last == facts) {
            return Ok(last.clone());
        }
        facts.epoch += 1;
        let facts = Arc::new(facts);
        answered.insert(org, facts.clone());
        Ok(facts)
    }
}
