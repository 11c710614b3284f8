//! Where records lie: the system's own in `system.db`, each organisation's in a file of its own,
//! or all of them in one PostgreSQL.
//!
//! Files are opened on first use and closed when nobody has used them for a while, so that an
//! installation of many organisations holds only those that are at work.

use crate::outcome::Failure;
use async_trait::async_trait;
use contracts::SYSTEM_ORG;
use contracts::platform::{OrgFacts, Orgs};
use kernel::keys::HeadSigner;
use kernel::ports::{Placement, Store, StoreError};
use kernel::service::Peers;
use kernel::write::store_problem;
use kernel::{Call, Entity, Problem};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, Weak};
use std::time::{Duration, Instant};
use store::postgres::Cluster;
use store::sqlite::{Options, SqliteFile};
use tokio::sync::mpsc;
use types::Uuid;

/// The placement in files, as the catalog names it.
pub const SQLITE: &str = "sqlite";
/// The placement in PostgreSQL, as the catalog names it.
pub const POSTGRES: &str = "postgres";

/// What a placement is made of.
pub struct Ground {
    /// The data folder.
    pub data: PathBuf,
    /// The entities of all services.
    pub entities: Vec<Arc<Entity>>,
    /// Signs the heads of the logs.
    pub signer: Arc<dyn HeadSigner>,
    /// The PostgreSQL of this installation, if it has one: the system's records are there then.
    pub cluster: Option<Arc<Cluster>>,
    /// Files that stay open however long nobody uses them.
    pub keep_open: usize,
}

impl Ground {
    /// The services that own entities, each once.
    fn services(&self) -> Vec<String> {
        let mut names: Vec<String> = self.entities.iter().map(|e| e.service.clone()).collect();
        names.sort();
        names.dedup();
        names
    }
}

/// Finds and opens the stores of organisations.
pub struct Placed {
    ground: Ground,
    catalog: OnceLock<Weak<dyn Peers>>,
    files: RwLock<HashMap<Uuid, Arc<Open>>>,
    /// Organisations that are known to be in PostgreSQL.
    in_cluster: RwLock<HashSet<Uuid>>,
    /// Held while a file is opened or closed, so that no file is open twice.
    opening: tokio::sync::Mutex<()>,
    opened: mpsc::UnboundedSender<Uuid>,
    /// Nothing is given out any more: the process ends.
    closed: AtomicBool,
    started: Instant,
}

/// Where an organisation is.
enum Place {
    File(Arc<Open>),
    Cluster(Arc<Cluster>),
}

/// An open file.
struct Open {
    file: Arc<SqliteFile>,
    /// When it was last asked for, in milliseconds since the start.
    used: AtomicU64,
}

impl Placed {
    /// Opens the system organisation. The receiver tells of every organisation that is opened, the
    /// system's first.
    ///
    /// # Errors
    /// When its database cannot be opened.
    pub async fn open(
        ground: Ground,
    ) -> Result<(Arc<Placed>, mpsc::UnboundedReceiver<Uuid>), Failure> {
        let (opened, told) = mpsc::unbounded_channel();
        let placed = Placed {
            ground,
            catalog: OnceLock::new(),
            files: RwLock::default(),
            in_cluster: RwLock::default(),
            opening: tokio::sync::Mutex::new(()),
            opened,
            closed: AtomicBool::new(false),
            started: Instant::now(),
        };
        if placed.ground.cluster.is_some() {
            placed.is_in_cluster(SYSTEM_ORG);
        } else {
            let path = placed.path(SYSTEM_ORG);
            let opened = placed.open_file(SYSTEM_ORG, &path).await;
            opened.map_err(|problem| Failure::of("open", path.display(), problem))?;
        }
        Ok((Arc::new(placed), told))
    }

    /// Names the services that know the catalog of organisations, once.
    pub fn connect(&self, peers: &Arc<dyn Peers>) {
        let _ = self.catalog.set(Arc::downgrade(peers));
    }

    /// The file of an organisation.
    pub fn path(&self, org: Uuid) -> PathBuf {
        file_of(&self.ground.data, org)
    }

    fn now(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    fn known(&self, org: Uuid) -> Option<Arc<Open>> {
        self.files.read().unwrap_or_else(PoisonError::into_inner).get(&org).cloned()
    }

    async fn open_file(&self, org: Uuid, path: &Path) -> Result<Arc<Open>, Problem> {
        if let Some(folder) = path.parent() {
            crate::os::create_private_folder(folder).map_err(|why| {
                Problem::unavailable("no_folder", format!("{}: {why}", folder.display()), 5)
            })?;
        }
        let options =
            Options { entities: self.ground.entities.clone(), signer: self.ground.signer.clone() };
        let (path, services) = (path.to_owned(), self.ground.services());
        let opening = move || -> Result<Arc<SqliteFile>, StoreError> {
            let file = SqliteFile::open(&path, options)?;
            // A store that is asked for the first time ever is noted by the writer; later, the
            // writer itself may be the one that asks.
            services.iter().try_for_each(|service| file.store(org, service).map(drop))?;
            Ok(file)
        };
        let opened = tokio::task::spawn_blocking(opening).await;
        let file = opened.map_err(|_| Problem::internal("opening a file panicked"))?;
        let file = file.map_err(store_problem)?;
        let open = Arc::new(Open { file, used: AtomicU64::new(self.now()) });
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        files.insert(org, open.clone());
        let _ = self.opened.send(org);
        Ok(open)
    }

    /// What the catalog says of an organisation.
    async fn look_up(&self, org: Uuid) -> Result<OrgFacts, Problem> {
        let peers = self.catalog.get().and_then(Weak::upgrade).ok_or_else(stopping)?;
        let call = Call::system(SYSTEM_ORG, "where an organisation is placed");
        let found = contracts::call::<Orgs>(&*peers, call, &Orgs { ids: Some(vec![org]) }).await?;
        found.into_iter().next().ok_or_else(|| Problem::not_found("organisation"))
    }

    /// Notes that an organisation is in PostgreSQL.
    fn is_in_cluster(&self, org: Uuid) {
        self.in_cluster.write().unwrap_or_else(PoisonError::into_inner).insert(org);
        let _ = self.opened.send(org);
    }

    /// The place of an organisation that was not asked for before.
    async fn find(&self, org: Uuid) -> Result<Place, Problem> {
        if org == SYSTEM_ORG {
            // Where it is stands in no catalog but its own, and it is open until the end.
            return Err(stopping());
        }
        let facts = self.look_up(org).await?;
        if facts.placement == POSTGRES {
            let text = "The organisation is in PostgreSQL. Name its address with --database.";
            let absent = || Problem::unavailable("not_placed_here", text, 60);
            let cluster = self.ground.cluster.clone().ok_or_else(absent)?;
            self.is_in_cluster(org);
            return Ok(Place::Cluster(cluster));
        }
        let _opening = self.opening.lock().await;
        if self.closed.load(Ordering::Acquire) {
            return Err(stopping());
        }
        if let Some(open) = self.known(org) {
            return Ok(Place::File(open));
        }
        let path = self.path(org);
        if facts.state != "creating" && !path.exists() {
            let text = format!("The file {} is missing. Restore it.", path.display());
            return Err(Problem::unavailable("org_missing", text, 60));
        }
        self.open_file(org, &path).await.map(Place::File)
    }

    /// The place of an organisation, if it was asked for before.
    fn place(&self, org: Uuid) -> Option<Place> {
        if let Some(open) = self.known(org) {
            return Some(Place::File(open));
        }
        let cluster = self.ground.cluster.as_ref()?;
        let here = self.in_cluster.read().unwrap_or_else(PoisonError::into_inner).contains(&org);
        here.then(|| Place::Cluster(cluster.clone()))
    }

    /// Organisations whose files nobody asked for within `idle`, the longest unused first; the
    /// ones that were used last stay open.
    pub fn idle(&self, idle: Duration) -> Vec<Uuid> {
        let before = self.now().saturating_sub(idle.as_millis() as u64);
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        let mut by_use: Vec<(u64, Uuid)> =
            files.iter().map(|(org, open)| (open.used.load(Ordering::Relaxed), *org)).collect();
        by_use.sort_unstable();
        let may_close = by_use.len().saturating_sub(self.ground.keep_open);
        by_use
            .into_iter()
            .take(may_close)
            .filter(|(used, org)| *used < before && *org != SYSTEM_ORG)
            .map(|(_, org)| org)
            .collect()
    }

    /// Closes the file of an organisation, unless someone uses it; whoever asks for it meanwhile
    /// waits until it is closed.
    pub async fn close(&self, org: Uuid) -> bool {
        let _opening = self.opening.lock().await;
        let Some(open) = self.take_unused(org) else { return false };
        // Closing waits for the writer and for the disk.
        tokio::task::spawn_blocking(move || drop(open)).await.is_ok()
    }

    fn take_unused(&self, org: Uuid) -> Option<Arc<Open>> {
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        let open = Arc::get_mut(files.get_mut(&org)?)?;
        if Arc::strong_count(&open.file) > 1 {
            return None;
        }
        files.remove(&org)
    }

    /// How many files are open.
    pub fn open_files(&self) -> usize {
        self.files.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Closes everything; whoever still asks is refused.
    pub fn close_all(&self) {
        self.closed.store(true, Ordering::Release);
        self.files.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn stopping() -> Problem {
    Problem::unavailable("stopping", "The server is stopping. Retry in a moment.", 1)
}

/// The file of an organisation in a data folder.
pub fn file_of(data: &Path, org: Uuid) -> PathBuf {
    match org {
        SYSTEM_ORG => data.join("system.db"),
        org => data.join("orgs").join(format!("{org}.db")),
    }
}

#[async_trait]
impl Placement for Placed {
    async fn store(&self, org: Uuid, service: &str) -> Result<Arc<dyn Store>, Problem> {
        if self.closed.load(Ordering::Acquire) {
            return Err(stopping());
        }
        let place = match self.place(org) {
            Some(place) => place,
            None => self.find(org).await?,
        };
        match place {
            Place::Cluster(cluster) => Ok(cluster.store(org, service)),
            Place::File(open) => {
                open.used.store(self.now(), Ordering::Relaxed);
                open.file.store(org, service).map_err(store_problem)
            }
        }
    }

    fn default_place(&self) -> &'static str {
        if self.ground.cluster.is_some() { POSTGRES } else { SQLITE }
    }
}
