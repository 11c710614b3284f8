//! Connections: the address, TLS where it asks for it, and two pools.
//!
//! Writers and readers have pools of their own, so that long reads never keep a write waiting.
//! Every connection carries the limits of its pool: no writing transaction outlives a second or
//! so, whatever the program that opened it does.

use super::error;
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Timeouts};
use kernel::ports::StoreError;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use std::path::PathBuf;
use std::time::Duration;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long one statement of a writing transaction may run, and how long it may stand idle.
const WRITE_LIMIT_MS: u32 = 1_500;
/// How long one statement of a reading transaction may run, and how long it may stand idle.
const READ_LIMIT_MS: u32 = 30_000;
/// Connections of each pool in one process.
const POOL_SIZE: usize = 16;
/// How long a caller waits for a connection before it is told that there is none.
const WAIT: Duration = Duration::from_secs(5);
/// Prepared statements kept on one connection; beyond it they are all dropped and made anew.
const STATEMENTS: usize = 512;
/// Where systems keep the certificates they trust, for an address that names no file.
const SYSTEM_ROOTS: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// An address and how to speak to it.
#[derive(Clone)]
pub struct Address {
    config: Config,
    tls: Option<rustls::ClientConfig>,
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The configuration hides the password in its own output.
        write!(f, "{:?}, TLS: {}", self.config, self.tls.is_some())
    }
}

impl Address {
    /// Reads `postgres://role:password@host:port/database?sslmode=…&sslrootcert=…`.
    ///
    /// `sslmode` is `disable` (the default), or `require`, `verify-ca` or `verify-full`: these
    /// three all verify the server's certificate and its name, against `sslrootcert` (a PEM file)
    /// or, without it, the certificates that the system trusts. `options=-c%20name%3Dvalue` sets
    /// what else a connection should differ in, its time limits included.
    ///
    /// # Errors
    /// [`StoreError::Internal`] for an address that cannot be read or a file that is not there.
    pub fn parse(url: &str) -> Result<Address, StoreError> {
        let wrong = |why: String| StoreError::Internal(format!("the database address: {why}"));
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut encrypted, mut roots, mut rest) = (false, None, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslmode", "disable" | "prefer" | "allow")) => encrypted = false,
                Some(("sslmode", "require" | "verify-ca" | "verify-full")) => encrypted = true,
                Some(("sslmode", other)) => return Err(wrong(format!("sslmode {other}"))),
                Some(("sslrootcert", path)) => roots = Some(PathBuf::from(path)),
                _ => rest.push(pair),
            }
        }
        let plain =
            if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
        let mut config: Config = plain.parse().map_err(|e| wrong(format!("{e}")))?;
        config.ssl_mode(if encrypted { SslMode::Require } else { SslMode::Disable });
        config.application_name("megalith");
        config.connect_timeout(WAIT);
        let tls = encrypted.then(|| tls(roots)).transpose().map_err(wrong)?;
        Ok(Address { config, tls })
    }

    /// The role it signs in as.
    pub fn role(&self) -> &str {
        self.config.get_user().unwrap_or_default()
    }

    /// A connection of its own, outside any pool.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the server cannot be reached or refuses.
    pub async fn connect(&self) -> Result<Client, StoreError> {
        match &self.tls {
            Some(tls) => {
                let tls = MakeRustlsConnect::new(tls.clone());
                let (client, connection) = self.config.connect(tls).await.map_err(error::plain)?;
                tokio::spawn(connection);
                Ok(client)
            }
            None => {
                let (client, connection) =
                    self.config.connect(NoTls).await.map_err(error::plain)?;
                tokio::spawn(connection);
                Ok(client)
            }
        }
    }

    fn pool(&self, options: &str) -> Result<Pool, StoreError> {
        let mut config = self.config.clone();
        let given = config.get_options().unwrap_or_default();
        // The last of a name holds: an address may set other limits.
        config.options(format!("{options} {given}").trim());
        let manager = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = match &self.tls {
            Some(tls) => Manager::from_config(config, MakeRustlsConnect::new(tls.clone()), manager),
            None => Manager::from_config(config, NoTls, manager),
        };
        let timeouts = Timeouts { wait: Some(WAIT), create: Some(WAIT), recycle: Some(WAIT) };
        Pool::builder(manager)
            .max_size(POOL_SIZE)
            .timeouts(timeouts)
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|e| StoreError::Internal(e.to_string()))
    }
}

fn tls(roots: Option<PathBuf>) -> Result<rustls::ClientConfig, String> {
    let file = roots.or_else(|| SYSTEM_ROOTS.iter().map(PathBuf::from).find(|p| p.is_file()));
    let file = file.ok_or("no file of trusted certificates; name one with sslrootcert")?;
    let unreadable = |e: &dyn std::fmt::Display| format!("{}: {e}", file.display());
    let mut store = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(&file).map_err(|e| unreadable(&e))? {
        // A system's list may hold a certificate of a shape that is not understood here.
        let _ = store.add(certificate.map_err(|e| unreadable(&e))?);
    }
    if store.is_empty() {
        return Err(unreadable(&"holds no certificate"));
    }
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?;
    Ok(config.with_root_certificates(store).with_no_client_auth())
}

/// The connections of one process to one database.
pub struct Pools {
    write: Pool,
    read: Pool,
}

/// A connection from a pool; it goes back by itself.
pub type Connection = deadpool_postgres::Object;

impl Pools {
    /// Pools that open connections as they are needed.
    ///
    /// # Errors
    /// [`StoreError::Internal`] for settings that cannot be.
    pub fn new(address: &Address) -> Result<Pools, StoreError> {
        // Compiling a question to machine code takes longer than any question here may run.
        let limits = |ms: u32| {
            format!(
                "-c statement_timeout={ms} -c idle_in_transaction_session_timeout={ms} -c jit=off"
            )
        };
        Ok(Pools {
            write: address.pool(&limits(WRITE_LIMIT_MS))?,
            read: address
                .pool(&format!("{} -c default_transaction_read_only=on", limits(READ_LIMIT_MS)))?,
        })
    }

    /// A connection that may write.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when there is none.
    pub async fn write(&self) -> Result<Connection, StoreError> {
        take(&self.write).await
    }

    /// A connection that reads.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when there is none.
    pub async fn read(&self) -> Result<Connection, StoreError> {
        take(&self.read).await
    }
}

async fn take(pool: &Pool) -> Result<Connection, StoreError> {
    let connection = pool.get().await.map_err(error::pool)?;
    if connection.statement_cache.size() > STATEMENTS {
        connection.statement_cache.clear();
    }
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_whether_it_is_encrypted() {
        for (query, encrypted) in [
            ("", Some(false)),
            ("?sslmode=disable", Some(false)),
            ("?sslmode=sometimes", None),
            ("?sslmode=require&sslrootcert=/nowhere/root.pem", None),
            ("?connect_timeout=3", Some(false)),
        ] {
            let url = format!("postgres://role:secret@127.0.0.1:1/megalith{query}");
            let read = Address::parse(&url);
            assert_eq!(read.as_ref().ok().map(|a| a.tls.is_some()), encrypted, "{query}");
            if let Ok(address) = read {
                assert_eq!(address.role(), "role");
                assert!(!format!("{address:?}").contains("secret"));
            }
        }
    }
}
