//! A client that costs little: HTTP/1.1 on kept connections, requests made beforehand.

use crate::outcome::Failure;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A kept connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer: its status and body.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Connection, Failure> {
        let stream = TcpStream::connect(address).await;
        let stream = stream.map_err(|why| Failure::of("connect to", address, why))?;
        let _ = stream.set_nodelay(true);
        Ok(Connection { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a whole request and reads its answer.
    pub async fn send(&mut self, request: &[u8]) -> Result<Answer, Failure> {
        let failed = |why: std::io::Error| Failure::of("ask", "the server", why);
        self.stream.write_all(request).await.map_err(failed)?;
        self.buffer.clear();
        let head = loop {
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            if self.stream.read_buf(&mut self.buffer).await.map_err(failed)? == 0 {
                return Err(Failure::Failed("the server closed the connection".to_owned()));
            }
        };
        let text = String::from_utf8_lossy(&self.buffer[..head]).to_lowercase();
        let status = text.get(9..12).and_then(|digits| digits.parse().ok()).unwrap_or(0);
        let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
        while self.buffer.len() < head + length {
            if self.stream.read_buf(&mut self.buffer).await.map_err(failed)? == 0 {
                return Err(Failure::Failed("the answer was cut off".to_owned()));
            }
        }
        Ok(Answer { status, body: self.buffer[head..head + length].to_vec() })
    }
}

/// A request as bytes.
pub fn request(method: &str, path: &str, token: &str, body: &str) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n");
    if !token.is_empty() {
        text += &format!("authorization: Bearer {token}\r\n");
    }
    if !body.is_empty() {
        text += &format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len());
    }
    text += "\r\n";
    text += body;
    text.into_bytes()
}

/// Sends `count` requests over `connections` kept connections; every answer must be a success.
pub async fn load(
    address: SocketAddr,
    connections: usize,
    count: usize,
    make: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static,
) -> Result<(), Failure> {
    let (make, next) = (Arc::new(make), Arc::new(AtomicUsize::new(0)));
    let tasks: Vec<_> = (0..connections)
        .map(|_| {
            let (make, next) = (make.clone(), next.clone());
            tokio::spawn(async move {
                let mut connection = Connection::open(address).await?;
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return Ok(());
                    }
                    let answer = connection.send(&make(number)).await?;
                    if !(200..300).contains(&answer.status) {
                        let body = String::from_utf8_lossy(&answer.body).into_owned();
                        return Err(Failure::Failed(format!("{}: {body}", answer.status)));
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.map_err(|why| Failure::Failed(why.to_string()))??;
    }
    Ok(())
}

/// Signs in and gives the access token.
pub async fn sign_in(address: SocketAddr, email: &str, password: &str) -> Result<String, Failure> {
    let body = serde_json::json!({ "email": email, "password": password }).to_string();
    let request = request("POST", "/api/v1/auth/login", "", &body);
    let answer = Connection::open(address).await?.send(&request).await?;
    let answer: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let token = answer["access_token"].as_str().map(str::to_owned);
    token.ok_or_else(|| Failure::Failed(format!("sign-in failed: {answer}")))
}
