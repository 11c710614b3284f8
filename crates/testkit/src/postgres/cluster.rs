//! A PostgreSQL cluster in a temporary folder, for one test run.
//!
//! This file uses the standard library only and nothing else of this crate: `xtask` includes it
//! by path, so that the project's commands compile in seconds.
//!
//! The cluster listens on 127.0.0.1 alone, on a free port, with passwords drawn for this run, and
//! flushes every commit, since durability is under test. A guard process holds the reading end of
//! a pipe; when the process that started the cluster ends, in whatever way, the pipe closes, and
//! the guard stops the server and removes the folder.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The variable that names a server's address for the migration role, a superuser.
pub const ADMIN_VARIABLE: &str = "MEGALITH_TEST_POSTGRES_ADMIN";
/// The variable that names the same server's address for the service role.
pub const SERVICE_VARIABLE: &str = "MEGALITH_TEST_POSTGRES";

const ADMIN_ROLE: &str = "megalith_admin";
const SERVICE_ROLE: &str = "megalith_service";
/// The user that PostgreSQL runs as when the tests run as root, which it refuses.
const SYSTEM_USER: &str = "postgres";
const START_ATTEMPTS: usize = 3;
const GUARD: &str = r#"trap "" INT TERM HUP
read -r _
folder=$1
shift
"$@" >/dev/null 2>&1
rm -rf -- "$folder"
"#;

/// A running cluster; dropping it stops the server and removes its folder.
pub struct Cluster {
    /// The address of its `postgres` database for the migration role.
    pub admin_url: String,
    /// The address of its `postgres` database for the service role.
    pub service_url: String,
    guard: Child,
}

impl Cluster {
    /// Makes and starts a cluster. The error says what is missing, or what PostgreSQL said.
    pub fn start() -> Result<Cluster, String> {
        let programs = programs().ok_or("initdb is neither on the PATH nor in a usual folder")?;
        let as_user = as_user()?;
        let folder = PathBuf::from(as_user.run("mktemp", |command| {
            command.arg("-d").arg(std::env::temp_dir().join("megalith-postgres-XXXXXX"));
        })?);
        let data = folder.join("data");
        let mut guard = guard(&folder, &as_user, &programs, &data)?;

        match create_and_start(&programs, &as_user, &folder, &data) {
            Ok((admin_url, service_url)) => Ok(Cluster { admin_url, service_url, guard }),
            Err(problem) => {
                release(&mut guard);
                Err(problem)
            }
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        release(&mut self.guard);
    }
}

/// Closes the guard's pipe and waits until it has cleaned up.
fn release(guard: &mut Child) {
    drop(guard.stdin.take());
    if let Err(problem) = guard.wait() {
        eprintln!("the guard of the test cluster did not end: {problem}");
    }
}

fn guard(folder: &Path, as_user: &AsUser, programs: &Path, data: &Path) -> Result<Child, String> {
    let mut command = Command::new("sh");
    command.args(["-c", GUARD, "guard"]).arg(folder).args(as_user.prefix());
    command.arg(programs.join("pg_ctl")).args(["-m", "immediate", "-w", "stop", "-D"]).arg(data);
    command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map_err(|problem| format!("cannot start sh: {problem}"))
}

fn create_and_start(
    programs: &Path,
    as_user: &AsUser,
    folder: &Path,
    data: &Path,
) -> Result<(String, String), String> {
    let admin_password = format!("{:016x}{:016x}", random(), random());
    let service_password = format!("{:016x}{:016x}", random(), random());
    let password_file = folder.join("password");
    std::fs::write(&password_file, &admin_password)
        .map_err(|problem| format!("cannot write {}: {problem}", password_file.display()))?;
    if as_user.switches() {
        // The folder itself is closed to all but its owner, so this opens the file to nobody else.
        run(Command::new("chown").arg(SYSTEM_USER).arg(&password_file))?;
    }

    let initdb = |locale: &[&str]| {
        as_user.run(programs.join("initdb"), |command| {
            command.arg("-D").arg(data).args(["-U", ADMIN_ROLE, "--auth=password", "--no-sync"]);
            command.arg("--pwfile").arg(&password_file).args(["--encoding=UTF8"]).args(locale);
        })
    };
    // People's order rather than code points, so that a forgotten collation shows up in the tests;
    // a PostgreSQL built without ICU, or older than 15, has only the plain order.
    let people = ["--locale=C", "--locale-provider=icu", "--icu-locale=en-US"];
    if initdb(&people).is_err() {
        initdb(&["--locale=C"])?;
    }

    let log = folder.join("log");
    let mut problem = String::new();
    for _ in 0..START_ATTEMPTS {
        // Another process may take the port between here and the start: then another is tried.
        let port = free_port()?;
        configure(data, port)?;
        let started = as_user.run(programs.join("pg_ctl"), |command| {
            command.args(["-w", "-t", "120", "start", "-D"]).arg(data).arg("-l").arg(&log);
        });
        match started {
            Ok(_) => {
                let address = |role: &str, password: &str| {
                    format!("postgres://{role}:{password}@127.0.0.1:{port}/postgres")
                };
                let admin_url = address(ADMIN_ROLE, &admin_password);
                let role = format!(
                    "CREATE ROLE {SERVICE_ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE \
                     NOBYPASSRLS PASSWORD '{service_password}'"
                );
                psql(&admin_url, &role)?;
                return Ok((admin_url, address(SERVICE_ROLE, &service_password)));
            }
            Err(said) => {
                let log = std::fs::read_to_string(&log).unwrap_or_default();
                problem = format!("{said}\n{log}");
            }
        }
    }
    Err(problem)
}

/// Appends the settings of this run; the last one of a name holds.
fn configure(data: &Path, port: u16) -> Result<(), String> {
    let settings = format!(
        "\nlisten_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\n\
         max_connections = 200\nfsync = on\nsynchronous_commit = on\nfull_page_writes = on\n\
         log_min_messages = warning\n"
    );
    let path = data.join("postgresql.conf");
    std::fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .and_then(|mut file| file.write_all(settings.as_bytes()))
        .map_err(|problem| format!("cannot write {}: {problem}", path.display()))
}

fn free_port() -> Result<u16, String> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|problem| format!("no free port on 127.0.0.1: {problem}"))
}

/// The folder with PostgreSQL's programs: that of the newest version found in the usual places,
/// else the one on the PATH that holds `initdb`.
pub fn programs() -> Option<PathBuf> {
    newest_in("/usr/lib/postgresql")
        .or_else(|| {
            let path = std::env::var_os("PATH")?;
            std::env::split_paths(&path).find(|folder| has_initdb(folder))
        })
        .or_else(|| {
            let usual = ["/opt/homebrew/opt/postgresql/bin", "/usr/local/pgsql/bin"];
            usual.map(PathBuf::from).into_iter().find(|folder| has_initdb(folder))
        })
}

fn newest_in(versions: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(versions).ok()?;
    entries
        .flatten()
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin"))).filter(|(_, folder)| has_initdb(folder))
        })
        .max()
        .map(|(_, folder)| folder)
}

fn has_initdb(folder: &Path) -> bool {
    folder.join(format!("initdb{}", std::env::consts::EXE_SUFFIX)).is_file()
}

/// Runs one statement with `psql` and answers what it printed, unaligned and without headings.
pub fn psql(url: &str, statement: &str) -> Result<String, String> {
    run(&mut psql_command(url, statement))
}

/// The call of `psql` that runs one statement; the caller decides whether to wait for it.
pub fn psql_command(url: &str, statement: &str) -> Command {
    let program = programs().map_or_else(|| PathBuf::from("psql"), |folder| folder.join("psql"));
    let mut command = Command::new(program);
    command.args(["-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1", "-c", statement]);
    command.arg("-d").arg(url).stdin(Stdio::null());
    command
}

/// The same address with another database: `postgres://user@host:5432/OTHER?parameters`.
pub fn with_database(url: &str, name: &str) -> String {
    let (address, parameters) = match url.split_once('?') {
        Some((address, parameters)) => (address, format!("?{parameters}")),
        None => (url, String::new()),
    };
    let authority = address.find("://").map_or(0, |at| at + 3);
    let end = address[authority..].find('/').map_or(address.len(), |at| authority + at);
    format!("{}/{name}{parameters}", &address[..end])
}

/// A number drawn from the operating system's randomness, by way of the standard library.
pub fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Whether programs must be started as another user, since PostgreSQL refuses to run as root.
enum AsUser {
    Same,
    Switched,
}

impl AsUser {
    fn switches(&self) -> bool {
        matches!(self, AsUser::Switched)
    }

    fn prefix(&self) -> &'static [&'static str] {
        if self.switches() { &["runuser", "-u", SYSTEM_USER, "--"] } else { &[] }
    }

    fn run(
        &self,
        program: impl AsRef<Path>,
        arguments: impl FnOnce(&mut Command),
    ) -> Result<String, String> {
        let program = program.as_ref();
        let mut command = match self.prefix() {
            [] => Command::new(program),
            [first, rest @ ..] => {
                let mut command = Command::new(first);
                command.args(rest).arg(program);
                command
            }
        };
        arguments(&mut command);
        // That user may not be allowed into the folder we stand in.
        run(command.current_dir("/").stdin(Stdio::null()))
    }
}

fn as_user() -> Result<AsUser, String> {
    if run(Command::new("id").arg("-u"))? != "0" {
        return Ok(AsUser::Same);
    }
    run(Command::new("id").args(["-u", SYSTEM_USER])).map_err(|_| {
        format!("PostgreSQL refuses to run as root, and there is no user `{SYSTEM_USER}`")
    })?;
    Ok(AsUser::Switched)
}

/// Runs a program to its end and answers its trimmed standard output.
///
/// Both outputs go to files of the child's own making or to pipes that close with it: a server
/// started by `pg_ctl` writes to its log and holds neither.
fn run(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|problem| format!("cannot run {name}: {problem}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{name} ended with {}: {}", output.status, said.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_database_of_the_same_server_keeps_the_rest_of_the_address() {
        for (url, expected) in [
            ("postgres://a:b@127.0.0.1:5432/postgres", "postgres://a:b@127.0.0.1:5432/other"),
            ("postgres://a@host", "postgres://a@host/other"),
            ("postgres://a@host/x?sslmode=disable", "postgres://a@host/other?sslmode=disable"),
            ("postgres://a@host?sslmode=disable", "postgres://a@host/other?sslmode=disable"),
        ] {
            assert_eq!(with_database(url, "other"), expected);
        }
    }

    #[test]
    fn two_random_numbers_differ() {
        assert_ne!(random(), random());
    }
}
