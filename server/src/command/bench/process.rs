//! A server in a process of its own, and what it uses.

use super::Scratch;
use crate::outcome::Failure;
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

    /// Processor time that it has used, in seconds.
    pub fn cpu(&self) -> Result<f64, Failure> {
        let path = format!("/proc/{}/stat", self.child.id());
        let text = std::fs::read_to_string(&path).map_err(|why| Failure::of("read", &path, why))?;
        // After the name in parentheses: state is the first word, user and system time the
        // twelfth and thirteenth.
        let words: Vec<&str> = text.rsplit(") ").next().unwrap_or("").split(' ').collect();
        let ticks = |at: usize| words.get(at).and_then(|w| w.parse::<f64>().ok()).unwrap_or(0.0);
        Ok((ticks(11) + ticks(12)) / TICKS)
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
