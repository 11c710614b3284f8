//! An installation that servers are started on again and again, on either database.

use crate::client::Client;
use crate::process::{Folder, Server, megalith, run};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;
use testkit::postgres::{TestDatabase, database};

/// The customers.
pub const CUSTOMERS: &str = "/api/v1/operations/customers";

/// A data folder, and the database beside it if records are not in the folder.
pub struct Site {
    /// The data folder, with the keys.
    pub folder: Folder,
    /// The PostgreSQL database.
    pub database: Option<TestDatabase>,
    more: Vec<String>,
}

impl Site {
    /// Records in the folder.
    pub fn sqlite() -> Site {
        Site { folder: Folder::new(), database: None, more: Vec::new() }
    }

    /// Records in a database of their own.
    pub fn postgres() -> Site {
        let database = database();
        let mut site = Site::at(&database.service_url, &database.admin_url);
        site.database = Some(database);
        site
    }

    /// Records in the database of these addresses.
    pub fn at(service_url: &str, admin_url: &str) -> Site {
        let flags = ["--database", service_url, "--database-admin", admin_url];
        let more = flags.map(str::to_owned).to_vec();
        Site { folder: Folder::new(), database: None, more }
    }

    /// One site of each kind.
    pub fn each() -> [Site; 2] {
        [Site::sqlite(), Site::postgres()]
    }

    /// What this site is called in a failure.
    pub fn name(&self) -> &'static str {
        if self.more.is_empty() { "SQLite" } else { "PostgreSQL" }
    }

    /// The flags that lead a command to this site's database.
    pub fn more(&self) -> &[String] {
        &self.more
    }

    fn flags(&self) -> Vec<&str> {
        self.more.iter().map(String::as_str).collect()
    }

    /// Starts a server.
    pub fn serve(&self) -> Server {
        Server::start(self.folder.data(), &self.flags())
    }

    /// Starts a second server on the same database, with a data folder of its own.
    pub fn serve_beside(&self, other: &Folder) -> Server {
        let keys = self.folder.data().join("keys");
        let mut flags = self.flags();
        flags.extend(["--keys", keys.to_str().expect("a name in Unicode")]);
        Server::start(other.data(), &flags)
    }

    /// Tries to start a server that must refuse; gives its exit code and what it said.
    pub fn refused(&self) -> (i32, String) {
        let mut arguments = vec!["serve", "--listen", "127.0.0.1:0"];
        arguments.extend(self.flags());
        let mut child = megalith(self.folder.data(), &arguments)
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the binary starts");
        for _ in 0..600 {
            if child.try_wait().expect("a child").is_some() {
                let output = child.wait_with_output().expect("a child");
                let text = String::from_utf8_lossy(&output.stderr).into_owned();
                return (output.status.code().unwrap_or(-1), text);
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        let _ = child.kill();
        panic!("the server started");
    }

    /// Runs a command on the site.
    pub fn run(&self, arguments: &[&str]) -> (i32, String) {
        let mut all = arguments.to_vec();
        all.extend(self.flags());
        let (code, out, err) = run(self.folder.data(), &all);
        (code, out + &err)
    }

    /// A command on the site that is not run yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = megalith(self.folder.data(), arguments);
        command.args(self.flags());
        command
    }

    /// Checks that all logs are as they were sealed.
    pub fn verify(&self) {
        let (code, text) = self.run(&["verify"]);
        assert_eq!(code, 0, "{}: {text}", self.name());
    }

    /// The events of a log from a position on.
    pub fn events(&self, org: &str, service: &str, from: u64) -> Vec<Value> {
        let from = from.to_string();
        let (code, text) =
            self.run(&["log", "--org", org, "--service", service, "--from", &from, "--json"]);
        assert_eq!(code, 0, "{text}");
        text.lines().map(|line| serde_json::from_str(line).expect("an event")).collect()
    }

    /// The file of the organisation `northwind`.
    pub fn org_file(&self) -> PathBuf {
        let orgs = std::fs::read_dir(self.folder.data().join("orgs")).expect("a folder");
        let mut files = orgs.map(|entry| entry.expect("an entry").path());
        files.find(|path| path.extension().is_some_and(|end| end == "db")).expect("a file")
    }
}

/// A signed-in client.
pub fn signed_in(server: &Server) -> Client {
    Client::new(&server.address, &server.sign_in())
}
