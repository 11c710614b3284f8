//! Puts an installation together: services, placement, keys, link and bus.

use crate::facts::FactsCache;
use crate::keyfolder::KeyFolder;
use crate::lock::Lock;
use crate::outcome::Failure;
use crate::placement::{Ground, Placed};
use crate::settings::Settings;
use crate::source;
use bus::{Bus, Transport};
use contracts::SYSTEM_ORG;
use contracts::platform::Orgs;
use kernel::env::Compiled;
use kernel::ports::{Placement, Source};
use kernel::rights::{Facts, Plans};
use kernel::service::{Peers, Registry};
use kernel::write::store_problem;
use kernel::{Call, Entity, Runtime, Service};
use std::sync::Arc;
use std::time::Duration;
use store::postgres::Cluster;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use types::Uuid;

/// How long nobody must have used an organisation's file before it is closed.
const IDLE: Duration = Duration::from_secs(300);
/// How long the last deliveries may take at the end.
const LAST_DELIVERIES: Duration = Duration::from_secs(5);
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
    services.iter().flat_map(|service| service.entities.iter().cloned()).collect()
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
    bus: Arc<Bus>,
    runtimes: Vec<Arc<Runtime>>,
    keeper: JoinHandle<()>,
}

impl Installation {
    /// Opens the data folder or database that the settings name; an absent one is made.
    ///
    /// # Errors
    /// When a database or the key folder cannot be opened, or the two do not belong together.
    pub async fn open(settings: &Settings, lock: Lock) -> Result<Installation, Failure> {
        let services = services();
        let entities = entities(&services);
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
        let registry = Arc::new(Registry::new(entities.clone()));
        let data = settings.data.clone();
        let ground = Ground { data, entities, signer, cluster };
        let (placement, opened) = Placed::open(ground).await?;

        let link = link::Local::new();
        let peers: Arc<dyn Peers> = link.clone();
        placement.connect(&peers);
        let facts = Arc::new(FactsCache::new(peers.clone(), placement.clone()));
        let source = source::system();
        let runtimes: Vec<Arc<Runtime>> = services
            .into_iter()
            .map(|service| {
                Arc::new(Runtime {
                    service,
                    registry: registry.clone(),
                    placement: placement.clone(),
                    source: source.clone(),
                    keys: folder.keys.clone(),
                    peers: peers.clone(),
                    facts: facts.clone() as Arc<dyn Facts>,
                    plans: Plans::default(),
                    compiled: Compiled::default(),
                })
            })
            .collect();
        link.connect(&runtimes);
        let bus = Arc::new(Bus::new(runtimes.clone(), Transport::Direct));
        let keeper = Keeper { bus: bus.clone(), placement: placement.clone(), facts };
        let keeper = tokio::spawn(keeper.run(opened));
        let installation =
            Installation { registry, link, placement, folder, source, lock, bus, runtimes, keeper };
        installation.refuse_foreign_heads().await?;
        Ok(installation)
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
        // What a stuck listener refuses is delivered when its organisation is opened again.
        let _ = tokio::time::timeout(LAST_DELIVERIES, self.bus.settled()).await;
        self.keeper.abort();
        let _ = self.keeper.await;
        self.bus.stop().await;
        drop(self.runtimes);
        self.placement.close_all();
    }
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
    placement: Arc<Placed>,
    facts: Arc<FactsCache>,
}

impl Keeper {
    async fn run(self, mut opened: mpsc::UnboundedReceiver<Uuid>) {
        let mut sweep = tokio::time::interval(SWEEP);
        sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                org = opened.recv() => match org {
                    Some(org) => self.attend(org).await,
                    None => return,
                },
                _ = sweep.tick() => self.close_idle().await,
            }
        }
    }

    async fn attend(&self, org: Uuid) {
        if let Err(problem) = self.bus.attend(org).await {
            tracing::error!(%org, %problem, "events of an organisation are not delivered");
        }
    }

    async fn close_idle(&self) {
        for org in self.placement.idle(IDLE) {
            if !self.bus.is_idle(org) {
                continue;
            }
            self.bus.leave(org).await;
            self.facts.forget(org);
            if !self.placement.close(org).await {
                self.attend(org).await;
            }
        }
    }
}
