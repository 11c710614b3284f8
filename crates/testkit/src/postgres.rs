//! A fresh PostgreSQL database for each test that asks for one.
//!
//! The server is the one named by `MEGALITH_TEST_POSTGRES_ADMIN` and `MEGALITH_TEST_POSTGRES`
//! (`cargo xtask test` starts one and sets both). When neither is set, as under a plain
//! `cargo test -p store`, the first test of the process starts a cluster of its own, which stops
//! when the process ends.

pub mod cluster;

use cluster::Cluster;
use std::process::{Child, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// An empty database of its own, dropped in the background once this value is.
pub struct TestDatabase {
    /// Its name, unique on the server.
    pub name: String,
    /// Its address for the migration role, which owns the database and may do everything.
    pub admin_url: String,
    /// Its address for the service role, which owns nothing and cannot pass row-level security.
    pub service_url: String,
}

/// Makes an empty database.
///
/// It sorts text as people do, not by code point, so that a statement which relies on the
/// server's order instead of naming its own is found.
///
/// # Panics
/// When no server can be reached or started; the text says what is missing.
pub fn database() -> TestDatabase {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let server = server();
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let name = format!(
        "megalith_test_{}_{count}_{:08x}",
        std::process::id(),
        cluster::random() & 0xffff_ffff
    );
    cluster::psql(&server.admin_url, &format!("CREATE DATABASE {name} TEMPLATE template0"))
        .unwrap_or_else(|problem| panic!("no test database: {problem}"));
    TestDatabase {
        admin_url: cluster::with_database(&server.admin_url, &name),
        service_url: cluster::with_database(&server.service_url, &name),
        name,
    }
}

impl TestDatabase {
    /// Starts to drop the database, closing whoever is still connected to it.
    fn begin_drop(&self) -> std::io::Result<Child> {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let mut command = cluster::psql_command(&server().admin_url, &statement);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()
    }
}

impl Drop for TestDatabase {
    /// Does not wait: a drop flushes the whole server, which is slow and proves nothing.
    fn drop(&mut self) {
        if let Err(problem) = self.begin_drop() {
            eprintln!("the test database {} stays behind: {problem}", self.name);
        }
    }
}

/// The two addresses that tests share.
struct Server {
    admin_url: String,
    service_url: String,
    /// Kept so that the cluster lives as long as the process.
    _cluster: Option<Cluster>,
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let named =
            (std::env::var(cluster::ADMIN_VARIABLE), std::env::var(cluster::SERVICE_VARIABLE));
        match named {
            (Ok(admin_url), Ok(service_url)) => Server { admin_url, service_url, _cluster: None },
            (Err(_), Err(_)) => {
                let cluster = Cluster::start()
                    .unwrap_or_else(|problem| panic!("no PostgreSQL for the tests: {problem}"));
                Server {
                    admin_url: cluster.admin_url.clone(),
                    service_url: cluster.service_url.clone(),
                    _cluster: Some(cluster),
                }
            }
            _ => panic!(
                "{} and {} are set together or not at all",
                cluster::ADMIN_VARIABLE,
                cluster::SERVICE_VARIABLE
            ),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_test_has_an_empty_database_of_its_own_until_it_lets_go() {
        let first = database();
        let second = database();
        assert_ne!(first.name, second.name);
        cluster::psql(&first.admin_url, "CREATE TABLE kept (id int)").unwrap();
        let tables = "SELECT count(*) FROM pg_tables WHERE tablename = 'kept'";
        assert_eq!(cluster::psql(&first.admin_url, tables).unwrap(), "1");
        assert_eq!(cluster::psql(&second.admin_url, tables).unwrap(), "0");

        assert!(first.begin_drop().unwrap().wait().unwrap().success());
        let left = format!("SELECT count(*) FROM pg_database WHERE datname = '{}'", first.name);
        assert_eq!(cluster::psql(&second.admin_url, &left).unwrap(), "0");
    }

    #[test]
    fn the_service_role_cannot_pass_row_level_security_nor_make_tables() {
        let database = database();
        let rights = "SELECT rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole \
                      FROM pg_roles WHERE rolname = current_user";
        assert_eq!(cluster::psql(&database.service_url, rights).unwrap(), "f");
        let refusal = cluster::psql(&database.service_url, "CREATE TABLE mine (id int)");
        assert!(refusal.unwrap_err().contains("permission denied"));
    }

    #[test]
    fn the_cluster_makes_every_commit_durable() {
        let database = database();
        for (setting, value) in
            [("fsync", "on"), ("synchronous_commit", "on"), ("max_connections", "200")]
        {
            let shown = cluster::psql(&database.admin_url, &format!("SHOW {setting}")).unwrap();
            assert_eq!(shown, value, "{setting}");
        }
    }
}
