//! Puts an installation together: services, placement, keys, link and bus.

use crate::demo;
use crate::facts::FactsCache;
use crate::imports::ImportJob;
use crate::keyfolder::KeyFolder;
use crate::lock::Lock;
use crate::outcome::Failure;
use crate::placement::{Ground, Placed};
use crate::settings::Settings;
use crate::source;
use bus::{Bus, Transport};
use contracts::SYSTEM_ORG;
use contracts::platform::Orgs;
use exchange::spool::Spool;
use kernel::env::Compiled;
use kernel::keys::Keys;
use kernel::ports::{Placement, Source};
use kernel::rights::{Facts, Plans};
use kernel::service::{Peers, Registry};
use kernel::write::store_problem;
use kernel::{Call, Entity, Runtime, Service};
use platform::jobs::Worker;
use platform::log::VerifyJob;
use platform::samples::{FillJob, RemoveJob};
use std::sync::Arc;
use std::time::Duration;
use store::postgres::Cluster;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use types::Uuid;

/// How long nobody must have used an organisation's file before it is closed.
const IDLE: Duration = Duration::from_secs(300);
/// Files that stay open however long nobody uses them.
const KEEP_OPEN: usize = 64;
/// How long the last deliveries may take at the end.
const LAST_DELIVERIES: Duration = Duration::from_secs(5);
/// How often jobs are looked for that another process may have made.
const LOOK_FOR_JOBS: Duration = Duration::from_secs(10);
/// How often it is looked for uploads that nobody imported.
const SWEEP_UPLOADS: Duration = Duration::from_secs(3_600);
/// How often files are looked at.
const SWEEP: Duration = Duration::from_secs(30);

/// The services of this installation.
pub fn services() -> Vec<Service> {
    vec![
        auth::service(),
        users::service(),
        platform::service(),
        hr::service(),
        operations::service(),
    ]
}

fn entities(services: &[Service]) -> Vec<Arc<Entity>> {
    services.iter().flat_map(|service| service.stored().cloned()).collect()
}

/// The entities of all services.
pub fn registry() -> Arc<Registry> {
    Arc::new(Registry::new(entities(&services())))
}

/// An opened installation.
pub struct Installation {
    /// The entities of all services.
    pub registry: Arc<Registry>,
    /// Reaches the services.
    pub link: Arc<link::Local>,
    /// Where records lie.
    pub placement: Arc<Placed>,
    /// The keys.
    pub folder: KeyFolder,
    /// Time and chance.
    pub source: Source,
    /// Lets commands find this process.
    pub lock: Lock,
    /// Where uploaded files lie.
    pub spool: Arc<Spool>,
    bus: Arc<Bus>,
    parts: Parts,
    runtimes: Vec<Arc<Runtime>>,
    keeper: Arc<Keeper>,
    keeping: JoinHandle<()>,
    stop_working: watch::Sender<bool>,
    working: JoinHandle<()>,
}

impl Installation {
    /// Opens the data folder or database that the settings name; an absent one is made.
    ///
    /// # Errors
    /// When a database or the key folder cannot be opened, or the two do not belong together.
    pub async fn open(settings: &Settings, lock: Lock) -> Result<Installation, Failure> {
        let services = services();
        let entities = entities(&services);
        if let Some(fault) = Registry::new(entities.clone()).faults().first() {
            return Err(Failure::Failed(format!("a declaration cannot work: {fault}")));
        }
        refuse_new_keys(settings)?;
        let folder = KeyFolder::open(&settings.keys)?;
        let signer = folder.signer()?;
        let cluster = match &settings.database {
            None => None,
            Some(url) => {
                let admin = settings.database_admin.as_deref();
                let cluster = Cluster::open(url, admin, &entities, signer.clone()).await;
                Some(cluster.map_err(|why| Failure::of("open", "the database", why))?)
            }
        };
        let data = settings.data.clone();
        let ground = Ground { data, entities, signer, cluster, keep_open: KEEP_OPEN };
        let spool = spool(settings);
        Installation::on(ground, services, folder, lock, spool).await
    }

    /// Puts the services on a ground.
    async fn on(
        ground: Ground,
        services: Vec<Service>,
        folder: KeyFolder,
        lock: Lock,
        spool: Arc<Spool>,
    ) -> Result<Installation, Failure> {
        let registry = Arc::new(Registry::new(ground.entities.iter().cloned()));
        let (placement, opened) = Placed::open(ground).await?;

        let link = link::Local::new();
        let peers: Arc<dyn Peers> = link.clone();
        placement.connect(&peers);
        let facts = Arc::new(FactsCache::new(peers.clone(), placement.clone()));
        let source = source::system();
        let parts = Parts {
            registry: registry.clone(),
            placement: placement.clone(),
            keys: folder.keys.clone(),
            facts: facts.clone(),
        };
        let runtimes = parts.runtimes(services, &source, &peers);
        link.connect(&runtimes);
        let bus = Arc::new(Bus::new(runtimes.clone(), Transport::Direct));
        let on_postgres = placement.default_place() == crate::placement::POSTGRES;
        let platform = runtimes.iter().find(|runtime| runtime.service.name == "platform");
        let missing = || Failure::Failed("the service platform is missing".to_owned());
        let worker = Worker::new(platform.ok_or_else(missing)?.clone());
        let worker = worker.with(VerifyJob(Arc::new(folder.heads())));
        let worker = worker.with(FillJob(demo::samples)).with(RemoveJob);
        let worker = worker.with(ImportJob { spool: spool.clone(), is_only: !on_postgres });
        // Another process may have made the job: nothing tells this one.
        let worker = if on_postgres { worker.looking_every(LOOK_FOR_JOBS) } else { worker };
        let worker = Arc::new(worker);
        let (stop_working, stopped) = watch::channel(false);
        let working = tokio::spawn(worker.clone().run(stopped));
        let (of_bus, of_placement) = (bus.clone(), placement.clone());
        let of_spool = spool.clone();
        let keeper =
            Keeper { bus: of_bus, worker, placement: of_placement, facts, spool: of_spool };
        let keeper = Arc::new(keeper);
        let keeping = tokio::spawn(keeper.clone().run(opened));
        let installation = Installation {
            registry,
            link,
            placement,
            folder,
            source,
            lock,
            spool,
            bus,
            parts,
            runtimes,
            keeper,
            keeping,
            stop_working,
            working,
        };
        installation.refuse_foreign_heads().await?;
        Ok(installation)
    }

    /// The same services on another source of time and chance. The link reaches them while the
    /// run times are held.
    pub fn runtimes_on(&self, source: Source) -> (Arc<link::Local>, Vec<Arc<Runtime>>) {
        let link = link::Local::new();
        let peers: Arc<dyn Peers> = link.clone();
        let runtimes = self.parts.runtimes(services(), &source, &peers);
        link.connect(&runtimes);
        (link, runtimes)
    }

    /// Has the jobs of an organisation looked at at once.
    pub fn waker(&self) -> Arc<dyn Fn(Uuid) + Send + Sync> {
        let keeper = Arc::downgrade(&self.keeper);
        Arc::new(move |org| {
            if let Some(keeper) = keeper.upgrade() {
                keeper.worker.wake(org);
            }
        })
    }

    /// What organisations decided.
    pub fn facts(&self) -> Arc<dyn Facts> {
        self.parts.facts.clone()
    }

    /// The services, as a trait object.
    pub fn peers(&self) -> Arc<dyn Peers> {
        self.link.clone()
    }

    /// Refuses a database whose log was signed with another key: a wrong key folder would make
    /// every personal value unreadable and every proof fail.
    async fn refuse_foreign_heads(&self) -> Result<(), Failure> {
        for runtime in &self.runtimes {
            let store = self.placement.store(SYSTEM_ORG, &runtime.service.name).await?;
            let head = store.head().await.map_err(store_problem)?;
            if head.is_some_and(|head| head.key != self.folder.keys.public_key()) {
                return Err(Failure::Failed(format!(
                    "the records were signed with another key than that in {}: name the right \
                     key folder with --keys, or restore it from its backup",
                    self.folder.path.display()
                )));
            }
        }
        Ok(())
    }

    /// Opens every organisation in the background, so that events which waited for their
    /// listeners when an earlier server was killed are delivered before someone asks.
    pub fn catch_up(&self) {
        let (peers, placement) = (self.peers(), self.placement.clone());
        tokio::spawn(async move {
            let call = Call::system(SYSTEM_ORG, "events that a killed server left");
            match contracts::call::<Orgs>(&*peers, call, &Orgs { ids: None }).await {
                Err(problem) => tracing::warn!(%problem, "organisations could not be listed"),
                Ok(orgs) => {
                    for org in orgs {
                        if let Err(problem) = placement.store(org.id, "platform").await {
                            tracing::warn!(org = org.slug, %problem, "could not be opened");
                        }
                    }
                }
            }
        });
    }

    /// Ends: sealed events are delivered, files are closed.
    pub async fn close(self) {
        let _ = self.stop_working.send(true);
        let _ = self.working.await;
        // What a stuck listener refuses is delivered when its organisation is opened again.
        let _ = tokio::time::timeout(LAST_DELIVERIES, self.bus.settled()).await;
        self.keeping.abort();
        let _ = self.keeping.await;
        drop((self.keeper, self.parts));
        self.bus.stop().await;
        drop(self.runtimes);
        self.placement.close_all();
    }
}

/// What the run times of all services share.
struct Parts {
    registry: Arc<Registry>,
    placement: Arc<Placed>,
    keys: Arc<Keys>,
    facts: Arc<FactsCache>,
}

impl Parts {
    fn runtimes(
        &self,
        services: Vec<Service>,
        source: &Source,
        peers: &Arc<dyn Peers>,
    ) -> Vec<Arc<Runtime>> {
        let runtime = |service: Service| Runtime {
            service,
            registry: self.registry.clone(),
            placement: self.placement.clone(),
            source: source.clone(),
            keys: self.keys.clone(),
            peers: peers.clone(),
            facts: self.facts.clone() as Arc<dyn Facts>,
            plans: Plans::default(),
            compiled: Compiled::default(),
        };
        services.into_iter().map(|service| Arc::new(runtime(service))).collect()
    }
}

/// The spool of the data folder.
fn spool(settings: &Settings) -> Arc<Spool> {
    let fresh = kernel::log::hex(&source::random()[..8]);
    Arc::new(Spool::new(&settings.data.join("imports"), settings.most_import_bytes(), fresh))
}

/// An existing folder whose keys are gone must not get new ones.
fn refuse_new_keys(settings: &Settings) -> Result<(), Failure> {
    let has_data = crate::placement::file_of(&settings.data, SYSTEM_ORG).exists();
    if has_data && !settings.keys.join("signing.key").exists() {
        return Err(Failure::Failed(format!(
            "{} holds records, and {} no keys for them: name the right key folder with --keys, or \
             restore it from its backup",
            settings.data.display(),
            settings.keys.display()
        )));
    }
    Ok(())
}

/// Attends to the organisations that are opened, and closes those that nobody uses.
struct Keeper {
    bus: Arc<Bus>,
    worker: Arc<Worker>,
    placement: Arc<Placed>,
    facts: Arc<FactsCache>,
    spool: Arc<Spool>,
}

impl Keeper {
    async fn run(self: Arc<Self>, mut opened: mpsc::UnboundedReceiver<Uuid>) {
        let mut sweep = tokio::time::interval(SWEEP);
        sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut uploads = tokio::time::interval(SWEEP_UPLOADS);
        uploads.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = uploads.tick() => self.sweep_uploads(),
                org = opened.recv() => match org {
                    Some(org) => self.attend(org).await,
                    None => return,
                },
                _ = sweep.tick() => drop(self.close_idle(IDLE).await),
            }
        }
    }

    /// Removes uploads and refused rows that were kept long enough.
    fn sweep_uploads(&self) {
        let spool = self.spool.clone();
        tokio::task::spawn_blocking(move || {
            let before = std::time::SystemTime::now().checked_sub(exchange::spool::KEEP);
            let swept = before.map_or(0, |before| spool.sweep(before));
            if swept > 0 {
                tracing::info!(swept, "uploads were kept long enough and are removed");
            }
        });
    }

    async fn attend(&self, org: Uuid) {
        if let Err(problem) = self.bus.attend(org).await {
            tracing::error!(%org, %problem, "events of an organisation are not delivered");
        }
        // The system organisation has no jobs.
        if org != SYSTEM_ORG
            && let Err(problem) = self.worker.attend(org).await
        {
            tracing::error!(%org, %problem, "jobs of an organisation are not worked on");
        }
    }

    /// Closes what nobody has used for a while; gives how many files that were.
    async fn close_idle(&self, idle: Duration) -> usize {
        let mut closed = 0;
        for org in self.placement.idle(idle) {
            if !self.bus.is_idle(org) || !self.worker.is_idle(org) {
                continue;
            }
            self.worker.leave(org);
            self.bus.leave(org).await;
            self.facts.forget(org);
            match self.placement.close(org).await {
                true => closed += 1,
                false => self.attend(org).await,
            }
        }
        closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::Access;
    use contracts::platform::CreateOrg;
    use kernel::command::{List, Query, Verb};
    use kernel::{Answer, Command, Input};

    async fn installation(data: &std::path::Path) -> Installation {
        let Access::Free(lock) = Lock::take(data).unwrap() else { panic!("the folder is in use") };
        let folder = KeyFolder::open(&data.join("keys")).unwrap();
        let (services, signer) = (services(), folder.signer().unwrap());
        let entities = entities(&services);
        let ground =
            Ground { data: data.to_owned(), entities, signer, cluster: None, keep_open: 0 };
        let spool = Arc::new(Spool::new(&data.join("imports"), 1 << 20, "test".to_owned()));
        Installation::on(ground, services, folder, lock, spool).await.unwrap()
    }

    async fn create(link: Arc<link::Local>, org: Uuid, number: usize) {
        let input = Input::new().set("code", format!("C{number}")).set("name", "A customer");
        let command = Command { entity: "operations.customer".into(), verb: Verb::Create, input };
        link.execute(Call::system(org, "a test"), command).await.unwrap();
    }

    #[test]
    fn what_a_service_links_to_another_publishes() {
        assert_eq!(testkit::schema::faults_between(&services()), Vec::<String>::new());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn files_are_closed_under_way_and_no_record_is_lost() {
        let name = format!("megalith-wiring-{}", kernel::log::hex(&source::random()[..8]));
        let data = std::env::temp_dir().join(name);
        let installation = installation(&data).await;
        let request = CreateOrg {
            slug: "acme".to_owned(),
            name: "Acme".to_owned(),
            country: None,
            currency: None,
            zone: None,
            placement: None,
        };
        let call = Call::system(SYSTEM_ORG, "a test");
        let org = contracts::call::<CreateOrg>(&*installation.link, call, &request).await.unwrap();

        let mut closed = 0;
        for round in 0..20 {
            let one =
                |n: usize| tokio::spawn(create(installation.link.clone(), org.id, round * 4 + n));
            let (a, b) = (one(0), one(1));
            closed += installation.keeper.close_idle(Duration::ZERO).await;
            let (c, d) = (one(2), one(3));
            for task in [a, b, c, d] {
                task.await.unwrap();
            }
            closed += installation.keeper.close_idle(Duration::ZERO).await;
        }
        assert!(closed > 0, "nothing was ever closed");
        let entity = "operations.customer".to_owned();
        let list = List { entity, page_size: 1000, ..List::default() };
        let call = Call::system(org.id, "a test");
        let page = installation.link.ask("operations", call, Query::List(list)).await.unwrap();
        let Answer::Page(page) = page else { panic!("a list answers a page") };
        assert_eq!(page.items.len(), 80);
        let store = installation.placement.store(org.id, "operations").await.unwrap();
        assert_eq!(store.head().await.unwrap().unwrap().head.size, 80);
        drop(store);
        installation.close().await;
        std::fs::remove_dir_all(&data).unwrap();
    }
}
