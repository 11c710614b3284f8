//! The stores of a world, each counting what it committed so that a test can wait for the rest.

use super::Ground;
use super::ground::Place;
use async_trait::async_trait;
use kernel::log::{LogEntry, SignedHead};
use kernel::ports::{
    Attempt, Committed, InsideError, Placement, PremiseKey, Snapshot, Store, StoreError,
};
use kernel::write::{Sealed, store_problem};
use kernel::{Entity, Problem, Service};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use store::postgres::Cluster;
use store::sqlite::{Options, SqliteFile};
use tokio::sync::watch;
use types::Uuid;

/// Opens a store for every organisation and service that is asked for.
pub(super) struct Stores {
    ground: Arc<Ground>,
    /// The entities by service; under the empty name all of them.
    entities: HashMap<String, Vec<Arc<Entity>>>,
    clusters: HashMap<String, Arc<Cluster>>,
    files: Mutex<HashMap<PathBuf, Arc<SqliteFile>>>,
    open: Mutex<HashMap<(Uuid, String), Arc<Counted>>>,
}

impl Stores {
    pub(super) async fn new(ground: Arc<Ground>, services: &[Service]) -> Arc<Stores> {
        let all: Vec<_> = services.iter().flat_map(|service| service.stored().cloned()).collect();
        let mut entities = HashMap::from([(String::new(), all)]);
        for service in services {
            entities.insert(service.name.clone(), service.stored().cloned().collect());
        }
        let mut clusters = HashMap::new();
        if matches!(ground.place, Place::Databases(_)) {
            let names: Vec<String> = match ground.wire {
                true => services.iter().map(|service| service.name.clone()).collect(),
                false => vec![String::new()],
            };
            for name in names {
                let cluster = cluster(&ground, &name, &entities[&name]).await;
                clusters.insert(name, cluster);
            }
        }
        let (files, open) = (Mutex::default(), Mutex::default());
        Arc::new(Stores { ground, entities, clusters, files, open })
    }

    /// The database that a service of an organisation lies in: one for all, or its own.
    fn database_of(&self, service: &str) -> String {
        if self.ground.wire { service.to_owned() } else { String::new() }
    }

    fn open(&self, org: Uuid, service: &str) -> Result<Arc<dyn Store>, StoreError> {
        let database = self.database_of(service);
        let Place::Folder(folder) = &self.ground.place else {
            let absent = || StoreError::Internal(format!("this world has no service {service}"));
            let cluster = self.clusters.get(&database).ok_or_else(absent)?;
            return Ok(cluster.store(org, service));
        };
        let path = folder.join(format!("{}{org}.db", self.database_of(service)));
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match files.get(&path) {
            Some(file) => file.clone(),
            None => {
                let entities = self.entities.get(&database).cloned().unwrap_or_default();
                let signer = self.ground.signer.clone();
                let file = SqliteFile::open(&path, Options { entities, signer })?;
                let of_file = file.clone();
                let names = self.entities.keys().filter(|name| !name.is_empty());
                let here = names.filter(|name| self.database_of(name) == database);
                here.into_iter().try_for_each(|name| of_file.store(org, name).map(drop))?;
                files.insert(path, file.clone());
                file
            }
        };
        file.store(org, service)
    }

    /// Organisations whose stores were asked for in this world or before a restart.
    pub(super) fn orgs(&self) -> Vec<Uuid> {
        let known = self.ground.committed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut orgs: Vec<Uuid> = known.keys().map(|(org, _)| *org).collect();
        orgs.sort();
        orgs.dedup();
        orgs
    }

    fn counted(&self) -> Vec<Arc<Counted>> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.values().cloned().collect()
    }

    /// How many events were committed in all.
    pub(super) fn committed(&self) -> u64 {
        self.counted().iter().map(|store| store.committed.load(Ordering::SeqCst)).sum()
    }

    /// Waits until all that is committed is sealed.
    pub(super) async fn sealed(&self) {
        for store in self.counted() {
            let goal = store.committed.load(Ordering::SeqCst);
            let mut sealed = store.inner.sealed();
            let _ = sealed.wait_for(|sealed| *sealed >= goal).await;
        }
    }
}

async fn cluster(ground: &Ground, name: &str, entities: &[Arc<Entity>]) -> Arc<Cluster> {
    let database = ground.database(name).unwrap_or_else(|| panic!("the ground has databases"));
    let admin = Some(database.admin_url.as_str());
    let opened = Cluster::open(&database.service_url, admin, entities, ground.signer.clone());
    opened.await.unwrap_or_else(|why| panic!("the database {} does not open: {why}", database.name))
}

#[async_trait]
impl Placement for Stores {
    async fn store(&self, org: Uuid, service: &str) -> Result<Arc<dyn Store>, Problem> {
        let key = (org, service.to_owned());
        let known = self.open.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let inner = self.open(org, service).map_err(store_problem)?;
        let mut known = self.ground.committed.lock().unwrap_or_else(PoisonError::into_inner);
        let committed = known.entry(key.clone()).or_default().clone();
        let counted = Arc::new(Counted { inner, committed });
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(open.entry(key).or_insert(counted).clone())
    }
}

/// A store that counts its commits, one event each.
struct Counted {
    inner: Arc<dyn Store>,
    committed: Arc<AtomicU64>,
}

#[async_trait]
impl Store for Counted {
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError> {
        self.inner.snapshot().await
    }

    async fn commit(&self, sealed: Sealed) -> Result<Committed, StoreError> {
        let committed = self.inner.commit(sealed).await?;
        self.committed.fetch_add(1, Ordering::SeqCst);
        Ok(committed)
    }

    async fn commit_inside(
        &self,
        keys: Vec<PremiseKey>,
        attempt: Attempt,
    ) -> Result<Committed, InsideError> {
        let committed = self.inner.commit_inside(keys, attempt).await?;
        self.committed.fetch_add(1, Ordering::SeqCst);
        Ok(committed)
    }

    async fn log(&self, after: u64, limit: u32) -> Result<Vec<LogEntry>, StoreError> {
        self.inner.log(after, limit).await
    }

    async fn head(&self) -> Result<Option<SignedHead>, StoreError> {
        self.inner.head().await
    }

    async fn unsealed(&self) -> Result<u64, StoreError> {
        self.inner.unsealed().await
    }

    fn sealed(&self) -> watch::Receiver<u64> {
        self.inner.sealed()
    }

    async fn advance(&self, reader: &str, position: u64) -> Result<(), StoreError> {
        self.inner.advance(reader, position).await
    }

    async fn destroy_key(&self, subject: Uuid) -> Result<(), StoreError> {
        self.inner.destroy_key(subject).await
    }
}
