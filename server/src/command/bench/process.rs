//! A server in a process of its own, and what it uses.

use super::Scratch;
use crate::outcome::Failure;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// Ticks of processor time in a second, as Linux counts them for every program.
const TICKS: f64 = 100.0;

/// The first administrator of a measured server.
pub const EMAIL: &str = "bench@example.com";
/// The administrator's password.
pub const PASSWORD: &str = "a long bench password";

/// A process that ends with its owner.
pub struct Process {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From its start to its first accepted connection.
    pub started_in: Duration,
}

impl Process {
    /// Starts this program with arguments; `{address}` among them becomes a free loopback address.
    pub async fn start(arguments: &[&str]) -> Result<Process, Failure> {
        let failed = |why: std::io::Error| Failure::of("start", "a process", why);
        let free = std::net::TcpListener::bind("127.0.0.1:0").map_err(failed)?;
        let address = free.local_addr().map_err(failed)?;
        drop(free);
        let program = std::env::current_exe().map_err(failed)?;
        let arguments = arguments.iter().map(|a| a.replace("{address}", &address.to_string()));
        let begun = Instant::now();
        let child = Command::new(program)
            .args(arguments)
            .env("MEGALITH_ADMIN_EMAIL", EMAIL)
            .env("MEGALITH_ADMIN_PASSWORD", PASSWORD)
            .env("MEGALITH_ORG", "bench")
            .env("MEGALITH_LOG", "info")
            // The environment names the database of the other figures.
            .env_remove("MEGALITH_DATABASE")
            .env_remove("MEGALITH_DATABASE_ADMIN")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let mut process = Process { child, address, started_in: Duration::ZERO };
        while begun.elapsed() < PATIENCE {
            if TcpStream::connect(address).await.is_ok() {
                process.started_in = begun.elapsed();
                return Ok(process);
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Err(Failure::Failed("the measured process does not answer".to_owned()))
    }

    /// Starts a server on a data folder.
    pub async fn serve(data: &Path) -> Result<Process, Failure> {
        let data = data.to_string_lossy();
        Process::start(&["serve", "--data", &data, "--listen", "{address}"]).await
    }

    /// Processor time that it has used.
    pub fn cpu(&self) -> Result<Spent, Failure> {
        let why = || std::io::Error::other("this system does not tell the time of threads");
        Spent::by(self.child.id()).ok_or_else(|| Failure::of("measure", "a process", why()))
    }

    /// Resident memory, in megabytes.
    pub fn resident_mb(&self) -> Result<f64, Failure> {
        let path = format!("/proc/{}/status", self.child.id());
        let text = std::fs::read_to_string(&path).map_err(|why| Failure::of("read", &path, why))?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kb = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        Ok(kb.unwrap_or(0.0) / 1024.0)
    }
}

/// Seconds of processor time that this process has used, and those of its children that ended, to
/// a hundredth; zero where the system does not tell.
pub fn seconds() -> (f64, f64) {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the name in parentheses: state is the first word, then from the twelfth on user and
    // system time of the process and of its children.
    let words: Vec<&str> = text.rsplit(") ").next().unwrap_or("").split(' ').collect();
    let ticks = |at: usize| words.get(at).and_then(|w| w.parse::<f64>().ok()).unwrap_or(0.0);
    ((ticks(11) + ticks(12)) / TICKS, (ticks(13) + ticks(14)) / TICKS)
}

/// Processor time of a process by thread, in nanoseconds. (The time of the whole process is told
/// in hundredths of a second only, which is as much as a thousand answers take.)
#[derive(Clone, Debug, Default)]
pub struct Spent(HashMap<String, u64>);

impl Spent {
    /// What the process of an id has used; none where the system does not tell.
    pub fn by(process: u32) -> Option<Spent> {
        let mut threads = HashMap::new();
        for thread in std::fs::read_dir(format!("/proc/{process}/task")).ok()? {
            let thread = thread.ok()?;
            // One that ends meanwhile is gone.
            let Ok(text) = std::fs::read_to_string(thread.path().join("schedstat")) else {
                continue;
            };
            let nanos = text.split(' ').next()?.parse().ok()?;
            threads.insert(thread.file_name().to_string_lossy().into_owned(), nanos);
        }
        Some(Spent(threads))
    }

    /// Seconds since an earlier look; those of threads that ended meanwhile are lost.
    pub fn since(&self, earlier: &Spent) -> f64 {
        let of = |(thread, nanos): (&String, &u64)| {
            nanos.saturating_sub(earlier.0.get(thread).copied().unwrap_or(0))
        };
        self.0.iter().map(of).sum::<u64>() as f64 / 1e9
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server with an empty data folder.
pub async fn fresh() -> Result<(Scratch, Process), Failure> {
    let scratch = Scratch::new()?;
    let process = Process::serve(&scratch.path().join("data")).await?;
    Ok((scratch, process))
}
