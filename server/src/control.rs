//! How commands reach the server that holds the data folder: frames over loopback.
//!
//! A frame is its length (four bytes, the highest first) and CBOR. A connection begins with the
//! key of this run, which stands in a file that only the owner can read; whoever has it asks as
//! the system. The HTTP edge does not know this door.

use crate::lock::Announcement;
use async_trait::async_trait;
use kernel::Problem;
use kernel::log::reading::{BATCH, Logs};
use kernel::log::{LogEntry, SignedHead};
use link::Carrier;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use types::Uuid;

/// The longest frame, in bytes.
const LONGEST: u32 = 64 << 20;
/// The longest frame before the key was shown.
const LONGEST_KEY: u32 = 128;
/// How long the key may take.
const KEY_TIMEOUT: Duration = Duration::from_secs(5);

/// What a command asks.
#[derive(Serialize, Deserialize)]
enum Ask {
    /// A call of a service, in the form of `link`.
    Call(Vec<u8>),
    /// Sealed events.
    Log { org: Uuid, service: String, after: u64, limit: u32 },
    /// The newest signed head.
    Head { org: Uuid, service: String },
}

/// What the server tells.
#[derive(Serialize, Deserialize)]
enum Told {
    Called(Vec<u8>),
    Log(Vec<Entry>),
    Head(Option<String>),
    Problem(Problem),
}

/// A [`LogEntry`] in a frame.
#[derive(Serialize, Deserialize)]
struct Entry {
    position: u64,
    id: Uuid,
    bytes: Vec<u8>,
    number: String,
    hash: [u8; 32],
}

/// Answers the commands of the owner.
pub struct Control {
    listener: TcpListener,
}

impl Control {
    /// Opens the door on a free loopback port.
    ///
    /// # Errors
    /// When there is none.
    pub async fn open() -> std::io::Result<Control> {
        Ok(Control { listener: TcpListener::bind(("127.0.0.1", 0)).await? })
    }

    /// Where the door is.
    ///
    /// # Errors
    /// What the system answers.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until the task is dropped.
    pub async fn run(self, key: String, services: Arc<link::Local>, logs: Arc<dyn Logs>) {
        let key: Arc<str> = key.into();
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    let (key, services, logs) = (key.clone(), services.clone(), logs.clone());
                    tokio::spawn(async move {
                        if let Err(error) = converse(stream, &key, &services, &*logs).await {
                            tracing::debug!(%error, "a command's connection ended");
                        }
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a command could not connect");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
}

async fn converse(
    mut stream: TcpStream,
    key: &str,
    services: &link::Local,
    logs: &dyn Logs,
) -> std::io::Result<()> {
    let shown = tokio::time::timeout(KEY_TIMEOUT, read(&mut stream, LONGEST_KEY)).await;
    let shown = shown.map_err(|_| invalid("no key was shown"))??;
    if aws_lc_rs::constant_time::verify_slices_are_equal(&shown, key.as_bytes()).is_err() {
        return Err(invalid("a wrong key was shown"));
    }
    loop {
        let frame = match read(&mut stream, LONGEST).await {
            Ok(frame) => frame,
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        };
        let told = tell(&frame, services, logs).await.unwrap_or_else(Told::Problem);
        write(&mut stream, &encode(&told)?).await?;
    }
}

async fn tell(frame: &[u8], services: &link::Local, logs: &dyn Logs) -> Result<Told, Problem> {
    Ok(match decode(frame)? {
        Ask::Call(bytes) => Told::Called(link::serve(services.table(), &bytes).await?),
        Ask::Head { org, service } => {
            Told::Head(logs.head(org, &service).await?.map(|head| head.line()))
        }
        Ask::Log { org, service, after, limit } => {
            let entries = logs.log(org, &service, after, limit.min(BATCH)).await?;
            Told::Log(entries.into_iter().map(Entry::from).collect())
        }
    })
}

/// A command's connection to the server.
pub struct Client {
    stream: tokio::sync::Mutex<TcpStream>,
}

impl Client {
    /// Connects to an announced server.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn connect(announced: &Announcement) -> std::io::Result<Client> {
        let mut stream = TcpStream::connect(&announced.control).await?;
        write(&mut stream, announced.key.as_bytes()).await?;
        Ok(Client { stream: tokio::sync::Mutex::new(stream) })
    }

    async fn ask(&self, ask: &Ask) -> Result<Told, Problem> {
        let lost = |error: std::io::Error| {
            let text = format!("The running server does not answer ({error}).");
            Problem::unavailable("server_lost", text, 1)
        };
        let mut stream = self.stream.lock().await;
        write(&mut stream, &encode(ask).map_err(lost)?).await.map_err(lost)?;
        match decode(&read(&mut stream, LONGEST).await.map_err(lost)?)? {
            Told::Problem(problem) => Err(problem),
            told => Ok(told),
        }
    }
}

/// A client that services and logs are reached through.
#[derive(Clone)]
pub struct Shared(pub Arc<Client>);

#[async_trait]
impl Carrier for Shared {
    async fn carry(&self, request: Vec<u8>) -> Result<Vec<u8>, Problem> {
        match self.0.ask(&Ask::Call(request)).await? {
            Told::Called(reply) => Ok(reply),
            _ => Err(unexpected()),
        }
    }
}

#[async_trait]
impl Logs for Client {
    async fn log(
        &self,
        org: Uuid,
        service: &str,
        after: u64,
        limit: u32,
    ) -> Result<Vec<LogEntry>, Problem> {
        match self.ask(&Ask::Log { org, service: service.to_owned(), after, limit }).await? {
            Told::Log(entries) => Ok(entries.into_iter().map(LogEntry::from).collect()),
            _ => Err(unexpected()),
        }
    }

    async fn head(&self, org: Uuid, service: &str) -> Result<Option<SignedHead>, Problem> {
        match self.ask(&Ask::Head { org, service: service.to_owned() }).await? {
            Told::Head(None) => Ok(None),
            Told::Head(Some(line)) => {
                SignedHead::parse_line(&line).map(Some).ok_or_else(unexpected)
            }
            _ => Err(unexpected()),
        }
    }
}

impl From<LogEntry> for Entry {
    fn from(entry: LogEntry) -> Entry {
        let LogEntry { position, id, bytes, number, hash } = entry;
        Entry { position, id, bytes, number, hash }
    }
}

impl From<Entry> for LogEntry {
    fn from(entry: Entry) -> LogEntry {
        let Entry { position, id, bytes, number, hash } = entry;
        LogEntry { position, id, bytes, number, hash }
    }
}

fn unexpected() -> Problem {
    Problem::internal("the running server is of another version: stop it, or use its own binary")
}

fn invalid(text: &str) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, text)
}

fn encode<T: Serialize>(what: &T) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    ciborium::into_writer(what, &mut bytes).map_err(|error| invalid(&error.to_string()))?;
    Ok(bytes)
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    ciborium::from_reader(bytes).map_err(|_| unexpected())
}

async fn read(stream: &mut TcpStream, longest: u32) -> std::io::Result<Vec<u8>> {
    let length = stream.read_u32().await?;
    if length > longest {
        return Err(invalid("a frame is too long"));
    }
    let mut frame = vec![0; length as usize];
    stream.read_exact(&mut frame).await?;
    Ok(frame)
}

async fn write(stream: &mut TcpStream, frame: &[u8]) -> std::io::Result<()> {
    let length = u32::try_from(frame.len()).map_err(|_| invalid("a frame is too long"))?;
    stream.write_u32(length).await?;
    stream.write_all(frame).await?;
    stream.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    struct NoLogs;

    #[async_trait]
    impl Logs for NoLogs {
        async fn log(&self, _: Uuid, _: &str, _: u64, _: u32) -> Result<Vec<LogEntry>, Problem> {
            Ok(vec![LogEntry {
                position: 1,
                id: Uuid::from_u128(2),
                bytes: vec![3; 4],
                number: "N-1".into(),
                hash: [5; 32],
            }])
        }
        async fn head(&self, _: Uuid, service: &str) -> Result<Option<SignedHead>, Problem> {
            if service == "users" { Ok(None) } else { Err(Problem::not_found("service")) }
        }
    }

    #[tokio::test]
    async fn the_owner_is_answered_and_a_wrong_key_is_not() {
        let control = Control::open().await.unwrap();
        let announced = Announcement {
            control: control.address().unwrap().to_string(),
            key: "ab".repeat(32),
            listen: String::new(),
        };
        let run = control.run(announced.key.clone(), link::Local::new(), Arc::new(NoLogs));
        let running = tokio::spawn(run);

        let client = Client::connect(&announced).await.unwrap();
        let entries = client.log(Uuid::nil(), "users", 0, 10).await.unwrap();
        assert_eq!((entries[0].number.as_str(), entries[0].hash), ("N-1", [5; 32]));
        assert_eq!(client.head(Uuid::nil(), "users").await.unwrap(), None);
        assert_eq!(client.head(Uuid::nil(), "x").await.unwrap_err().code, "not_found");

        let stranger = Announcement { key: "cd".repeat(32), ..announced };
        let client = Client::connect(&stranger).await.unwrap();
        assert_eq!(client.head(Uuid::nil(), "users").await.unwrap_err().code, "server_lost");
        running.abort();
    }
}
