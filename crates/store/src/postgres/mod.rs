//! Records and logs in PostgreSQL: a schema for each service, a transaction for each command.
//!
//! A commit is one round trip ([`commit`]); the log is sealed behind the writers' backs
//! ([`seal`]); reads are one statement, or one snapshot ([`read`]). Organisations share the
//! tables and are kept apart twice: every statement names its organisation, and row-level
//! security refuses the rows of any other.

mod aggregate;
mod commit;
mod connect;
mod ddl;
mod error;
mod group;
mod lock;
mod lone;
mod migrate;
mod numeric;
mod param;
mod pipeline;
pub mod raw;
mod read;
mod row;
mod seal;
mod shape;

use async_trait::async_trait;
use connect::{Address, Pools};
use error::Context;
use kernel::Entity;
use kernel::keys::HeadSigner;
use kernel::log::{Head, LogEntry, SignedHead};
use kernel::ports::{
    Attempt, Change, Committed, InsideError, PremiseKey, Snapshot, Store, StoreError,
};
use kernel::schema::slot;
use kernel::write::Sealed;
use lock::Locks;
use param::Param;
use pipeline::{Begin, Step, Transaction};
use read::PgSnapshot;
use row::Catalog;
use seal::get;
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::{Notify, OnceCell, watch};
use tokio_postgres::Row;
use types::{Instant, Uuid};

/// One database, and the stores of its organisations.
pub struct Cluster {
    database: Arc<Database>,
    stores: Mutex<HashMap<(Uuid, String), Arc<PgStore>>>,
}

/// What the stores of a database share.
struct Database {
    pools: Pools,
    signer: Arc<dyn HeadSigner>,
    catalog: Catalog,
    /// Where sealers and groups of commands run.
    runtime: tokio::runtime::Handle,
}

impl Cluster {
    /// Opens a database for a list of entities.
    ///
    /// `service_url` is the address of the role that reads and writes and owns nothing;
    /// `admin_url` that of the role that makes and changes tables. With the latter the tables are
    /// brought to the shape of `entities` first; without it they must have that shape already.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the server does not answer; [`StoreError::Newer`] when a
    /// newer program made the database; [`StoreError::Internal`] when an address cannot be read,
    /// or when the database was never prepared and no administrator's address is given.
    pub async fn open(
        service_url: &str,
        admin_url: Option<&str>,
        entities: &[Arc<Entity>],
        signer: Arc<dyn HeadSigner>,
    ) -> Result<Arc<Cluster>, StoreError> {
        let service = Address::parse(service_url)?;
        let catalog = Catalog::new(entities);
        if let Some(admin_url) = admin_url {
            migrate::migrate(&Address::parse(admin_url)?, service.role(), &catalog).await?;
        }
        migrate::check(&service).await?;
        let pools = Pools::new(&service)?;
        Ok(Arc::new(Cluster {
            database: Arc::new(Database {
                pools,
                signer,
                catalog,
                runtime: tokio::runtime::Handle::current(),
            }),
            stores: Mutex::default(),
        }))
    }

    /// The store of a service in an organisation; the same one for the same question.
    ///
    /// Nothing is asked of the database yet, so this cannot fail; its first use can.
    pub fn store(&self, org: Uuid, service: &str) -> Arc<dyn Store> {
        let mut stores = self.stores.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let store = stores.entry((org, service.to_owned())).or_insert_with(|| {
            let inner = Arc::new(Inner {
                database: self.database.clone(),
                id: org,
                service: service.to_owned(),
                org: OnceCell::new(),
                sealed: watch::Sender::new(0),
                poke: Arc::new(Notify::new()),
                queue: group::Queue::default(),
                keys: UsedKeys { next_sweep: AtomicI64::new(1), ..UsedKeys::default() },
            });
            let sealer = seal::run(Arc::downgrade(&inner), inner.poke.clone());
            self.database.runtime.spawn(sealer);
            Arc::new(PgStore { inner })
        });
        store.clone()
    }
}

/// The records and the log of one service in one organisation.
struct PgStore {
    inner: Arc<Inner>,
}

/// What a store, its snapshots and its sealer share.
struct Inner {
    database: Arc<Database>,
    /// The organisation.
    id: Uuid,
    service: String,
    /// The organisation's integer in this database, once it was asked for.
    org: OnceCell<i32>,
    sealed: watch::Sender<u64>,
    poke: Arc<Notify>,
    /// Commands on their way.
    queue: group::Queue,
    keys: UsedKeys,
}

/// When idempotency rows were kept and removed, in microseconds of the commands' clock.
#[derive(Default)]
struct UsedKeys {
    /// The time of the latest command with a key.
    latest: AtomicI64,
    /// A command of this time or later has the expired ones removed.
    next_sweep: AtomicI64,
}

impl Inner {
    /// The organisation's integer, handed out on first use.
    async fn org(&self) -> Result<i32, StoreError> {
        let ask = || async {
            let connection = self.database.pools.write().await?;
            let row = connection.query_one("SELECT megalith.org_of($1)", &[&self.id]).await;
            row.and_then(|row| row.try_get(0)).map_err(error::plain)
        };
        self.org.get_or_try_init(ask).await.copied()
    }

    /// A transaction that begins with its first statement.
    async fn transaction(&self, begin: Begin) -> Result<Transaction, StoreError> {
        let org = self.org().await?;
        let connection = match begin {
            Begin::Write | Begin::Group => self.database.pools.write().await?,
            Begin::Read => self.database.pools.read().await?,
        };
        Ok(Transaction::new(connection, org, begin))
    }

    /// The rows of one statement in a transaction of its own: one round trip.
    async fn rows(&self, begin: Begin, step: Step) -> Result<Vec<Row>, StoreError> {
        let transaction = self.transaction(begin).await?;
        let mut answers = transaction.commit(&[step], &Context::default()).await?;
        answers.pop().ok_or_else(seal::lost)
    }

    /// Commits a command: one that is one statement maybe with others, else by itself.
    async fn commit(self: &Arc<Self>, sealed: Sealed) -> Result<Committed, StoreError> {
        let catalog = &self.database.catalog;
        let place = commit::Place { catalog, service: &self.service, org: self.org().await? };
        let Some(step) = place.lone(&sealed)? else {
            let transaction = self.transaction(Begin::Write).await?;
            return self.write(sealed, transaction).await;
        };
        let keys = commit::keys(&sealed);
        let unique = |schema: &str, index: &str| catalog.unique(schema, index);
        let context = Context { keys: &keys, unique: Some(&unique) };
        group::commit(self, step, sealed.event().bytes.len(), &context).await?;
        self.committed(&sealed);
        let event = sealed.event().id;
        Ok(Committed { event, changes: sealed.into_changes() })
    }

    /// Has the sealer look.
    fn committed(&self, sealed: &Sealed) {
        if let Some(row) = sealed.idempotency() {
            self.keys.latest.fetch_max(row.at.0, Ordering::Relaxed);
        }
        self.poke.notify_one();
    }

    /// Commits a command in a transaction that may hold locks already.
    async fn write(
        &self,
        sealed: Sealed,
        mut transaction: Transaction,
    ) -> Result<Committed, StoreError> {
        let org = self.org().await?;
        let catalog = &self.database.catalog;
        let place = commit::Place { catalog, service: &self.service, org };
        let keys = commit::keys(&sealed);
        let unique = |schema: &str, index: &str| catalog.unique(schema, index);
        let context = Context { keys: &keys, unique: Some(&unique) };
        let mut steps = place.steps(&sealed)?;
        let mut drawn = Vec::new();
        if !sealed.draws().is_empty() {
            steps.extend(sealed.draws().iter().map(|draw| place.draw(draw)));
            let answers = transaction.run(&steps, &context).await?;
            let counts = &answers[answers.len() - sealed.draws().len()..];
            steps.clear();
            for (draw, count) in sealed.draws().iter().zip(counts) {
                let count: i64 = get(count.first().ok_or_else(seal::lost)?, 0)?;
                let number = draw.number(count as u64);
                let mut record = sealed.changes()[draw.change].record().clone();
                record.values[slot::NUMBER] = number.as_str().into();
                steps.push(catalog.table(&record.entity.full_name())?.number(org, &record)?);
                drawn.push((draw.change, number));
            }
        }
        drawn.sort_unstable();
        let numbers: Vec<&str> = drawn.iter().map(|(_, number)| number.as_str()).collect();
        steps.push(place.event(&sealed, numbers.join(" ")));
        transaction.commit(&steps, &context).await?;
        self.committed(&sealed);

        let event = sealed.event().id;
        let mut changes = sealed.into_changes();
        for (change, number) in drawn {
            if let Change::Insert(record) | Change::Update { after: record, .. } =
                &mut changes[change]
            {
                record.values[slot::NUMBER] = number.into();
            }
        }
        Ok(Committed { event, changes })
    }
}

#[async_trait]
impl Store for PgStore {
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError> {
        Ok(Box::new(PgSnapshot::new(self.inner.clone())))
    }

    async fn commit(&self, sealed: Sealed) -> Result<Committed, StoreError> {
        self.inner.commit(sealed).await
    }

    async fn commit_inside(
        &self,
        keys: Vec<PremiseKey>,
        attempt: Attempt,
    ) -> Result<Committed, InsideError> {
        let inner = &self.inner;
        let begin = async {
            let org = inner.org().await?;
            let mut transaction = inner.transaction(Begin::Write).await?;
            let locks = Locks::alone(&inner.service, org, &keys).step();
            let context = Context { keys: &keys, unique: None };
            transaction.run(locks.as_slice(), &context).await?;
            Ok(transaction)
        };
        let transaction = begin.await.map_err(InsideError::Store)?;
        let snapshot = PgSnapshot::inside(inner.clone(), transaction);
        let sealed = attempt(&snapshot).await.map_err(InsideError::Refused)?;
        let transaction = snapshot.into_transaction();
        let transaction = transaction.ok_or_else(|| InsideError::Store(seal::lost()))?;
        inner.write(sealed, transaction).await.map_err(InsideError::Store)
    }

    async fn log(&self, after: u64, limit: u32) -> Result<Vec<LogEntry>, StoreError> {
        let org = self.inner.org().await?;
        let sql = format!(
            "SELECT position, id, bytes, number, hash FROM {}._event \
             WHERE _org = $1 AND position > $2 ORDER BY position LIMIT $3",
            ddl::quoted(&self.inner.service)
        );
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let params = vec![Param::Int(org.into()), Param::Int(after), Param::Int(i64::from(limit))];
        let rows = self.inner.rows(Begin::Read, Step::new(sql, params)).await?;
        rows.iter().map(entry).collect()
    }

    async fn head(&self) -> Result<Option<SignedHead>, StoreError> {
        let org = self.inner.org().await?;
        let sql = format!(
            "SELECT size, root, at, key, signature FROM {}._log_head WHERE _org = $1",
            ddl::quoted(&self.inner.service)
        );
        let step = Step::new(sql, vec![Param::Int(org.into())]);
        let rows = self.inner.rows(Begin::Read, step).await?;
        rows.first().map(|row| self.inner.signed_head(row)).transpose()
    }

    async fn unsealed(&self) -> Result<u64, StoreError> {
        let org = self.inner.org().await?;
        let sql = format!(
            "SELECT count(*) FROM {}._event WHERE _org = $1 AND position IS NULL",
            ddl::quoted(&self.inner.service)
        );
        let step = Step::new(sql, vec![Param::Int(org.into())]);
        let rows = self.inner.rows(Begin::Read, step).await?;
        let lost = || StoreError::Internal("a count without a row".to_owned());
        let count: i64 = get(rows.first().ok_or_else(lost)?, 0)?;
        Ok(count.unsigned_abs())
    }

    fn sealed(&self) -> watch::Receiver<u64> {
        let receiver = self.inner.sealed.subscribe();
        // The sealer looks at once, and more often from now on.
        self.inner.poke.notify_one();
        receiver
    }

    async fn advance(&self, reader: &str, position: u64) -> Result<(), StoreError> {
        let org = self.inner.org().await?;
        let sql = format!(
            "INSERT INTO {}._cursor AS c (_org, reader, position) VALUES ($1, $2, $3) \
             ON CONFLICT (_org, reader) DO UPDATE SET position = excluded.position \
             WHERE c.position < excluded.position",
            ddl::quoted(&self.inner.service)
        );
        let position = i64::try_from(position).unwrap_or(i64::MAX);
        let params =
            vec![Param::Int(org.into()), Param::Text(reader.to_owned()), Param::Int(position)];
        self.inner.rows(Begin::Write, Step::new(sql, params)).await.map(|_| ())
    }

    async fn destroy_key(&self, subject: Uuid) -> Result<(), StoreError> {
        let org = self.inner.org().await?;
        let sql = format!(
            "DELETE FROM {}._subject_key WHERE _org = $1 AND subject = $2",
            ddl::quoted(&self.inner.service)
        );
        let step = Step::new(sql, vec![Param::Int(org.into()), Param::Uuid(subject)]);
        self.inner.rows(Begin::Write, step).await.map(|_| ())
    }
}

impl Inner {
    fn signed_head(&self, row: &Row) -> Result<SignedHead, StoreError> {
        let bytes = |column| get::<&[u8]>(row, column);
        let wrong = |_| StoreError::Corrupt("a signed head of another length".to_owned());
        Ok(SignedHead {
            head: Head {
                org: self.id,
                service: self.service.clone(),
                size: get::<i64>(row, 0)? as u64,
                root: seal::hash(bytes(1)?)?,
                at: Instant(get(row, 2)?),
            },
            key: bytes(3)?.try_into().map_err(wrong)?,
            signature: bytes(4)?.try_into().map_err(wrong)?,
        })
    }
}

/// An event of a log: position, id, bytes, number, hash.
fn entry(row: &Row) -> Result<LogEntry, StoreError> {
    Ok(LogEntry {
        position: get::<i64>(row, 0)? as u64,
        id: get(row, 1)?,
        bytes: get(row, 2)?,
        number: get(row, 3)?,
        hash: seal::hash(get(row, 4)?)?,
    })
}
