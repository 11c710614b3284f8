//! A running `megalith` and the plainest of HTTP clients.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::JoinHandle;

/// The administrator that [`Server::start`] makes.
pub const EMAIL: &str = "ada@example.org";
/// The administrator's password.
pub const PASSWORD: &str = "correct horse battery";

/// A temporary folder that goes with this value.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let count = COUNTER.fetch_add(1, Ordering::Relaxed);
        let name = format!("megalith-server-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&path);
        Folder(path)
    }

    pub fn data(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The binary with a clean environment.
pub fn megalith(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_megalith"));
    let ours = std::env::vars().map(|(name, _)| name).filter(|name| name.starts_with("MEGALITH_"));
    ours.for_each(|name| {
        command.env_remove(name);
    });
    command.arg("--data").arg(data).args(arguments).stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub fn run(data: &Path, arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = megalith(data, arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// A running server; when it ends, its log must not speak of a panic.
pub struct Server {
    child: Child,
    log: Option<JoinHandle<String>>,
    /// Its address, `127.0.0.1:PORT`.
    pub address: String,
    /// What it wrote before it served.
    pub preamble: String,
}

impl Server {
    /// Starts one with an administrator and the organisation `northwind`.
    pub fn start(data: &Path, arguments: &[&str]) -> Server {
        let mut command = megalith(data, &["serve", "--listen", "127.0.0.1:0"]);
        command.args(arguments).env("MEGALITH_ADMIN_EMAIL", EMAIL);
        command.env("MEGALITH_ADMIN_PASSWORD", PASSWORD).env("MEGALITH_ORG", "Northwind");
        Server::spawn(command)
    }

    /// Starts one and waits until it serves.
    pub fn spawn(mut command: Command) -> Server {
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut preamble = String::new();
        let address = loop {
            let mut line = String::new();
            assert_ne!(lines.read_line(&mut line).unwrap(), 0, "it ended: {preamble}");
            let parsed: Value = serde_json::from_str(&line).unwrap_or_default();
            if parsed["message"] == "serving" {
                let url = parsed["address"].as_str().unwrap();
                break url.strip_prefix("http://").unwrap().to_owned();
            }
            preamble.push_str(&line);
        };
        // The pipe must not fill up; the log is looked at in the end.
        let log = std::thread::spawn(move || {
            let mut log = Vec::new();
            let _ = lines.read_to_end(&mut log);
            String::from_utf8_lossy(&log).into_owned()
        });
        Server { child, log: Some(log), address, preamble }
    }

    /// Asks it; gives the status and the body.
    pub fn ask(&self, method: &str, path: &str, token: &str, body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let authorization = match token {
            "" => String::new(),
            token => format!("Authorization: Bearer {token}\r\n"),
        };
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{authorization}\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    /// Signs the administrator in.
    pub fn sign_in(&self) -> String {
        let body = format!(r#"{{"email":"{EMAIL}","password":"{PASSWORD}","org":"northwind"}}"#);
        let (status, answer) = self.ask("POST", "/api/v1/auth/login", "", &body);
        assert_eq!(status, 200, "{answer}");
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// The number of its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop and gives its exit code.
    pub fn stop(mut self) -> i32 {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.child.wait().unwrap().code().unwrap()
    }

    /// Ends it as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let log = self.log.take().and_then(|log| log.join().ok()).unwrap_or_default();
        let panicked = log.lines().find(|line| line.contains("panicked"));
        if !std::thread::panicking() {
            assert_eq!(panicked, None);
        }
    }
}
