//! A client on a kept connection that tells a broken connection from an answer.

use serde_json::Value;
use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long an answer may take before the server counts as hanging.
const PATIENCE: Duration = Duration::from_secs(60);

/// A client of one server, signed in or not.
pub struct Client {
    address: String,
    token: String,
    stream: Option<BufReader<TcpStream>>,
}

/// What came back.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as it came.
    pub body: Vec<u8>,
    /// The body as JSON; null where there is none.
    pub json: Value,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?} {}", self.status, self.headers, self.json)
    }
}

impl Answer {
    /// The value of a header; empty if it is absent.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// The stable code of a problem; empty if this is none.
    pub fn code(&self) -> &str {
        let problem = Some(&self.json).filter(|_| self.status >= 400);
        problem.and_then(|problem| problem["code"].as_str()).unwrap_or_default()
    }

    /// The id of the record.
    pub fn id(&self) -> &str {
        self.json["id"].as_str().unwrap_or_else(|| panic!("no record: {self:?}"))
    }

    /// Checks that this is a problem that says when to come back and what to do meanwhile.
    pub fn says_what_to_do(&self) -> &Answer {
        let seconds: u32 = self.header("retry-after").parse().unwrap_or(0);
        assert!(seconds > 0, "no Retry-After: {self:?}");
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let detail = self.json["detail"].as_str().unwrap_or_default();
        let advice = ["Retry", "retry", "restore", "Use that one", "Wait"];
        assert!(advice.iter().any(|word| detail.contains(word)), "no advice: {self:?}");
        self
    }
}

impl Client {
    /// A client that connects when it first asks.
    pub fn new(address: &str, token: &str) -> Client {
        Client { address: address.to_owned(), token: token.to_owned(), stream: None }
    }

    /// Where the server is.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Another client of the same server, with a connection of its own.
    pub fn another(&self) -> Client {
        Client::new(&self.address, &self.token)
    }

    /// Sends JSON and reads the answer; the connection is opened anew after an error.
    ///
    /// # Errors
    /// When the connection breaks before the answer is whole: whether the request was executed is
    /// not known then.
    pub fn ask(&mut self, method: &str, path: &str, body: &str) -> Result<Answer> {
        self.send(method, path, &[], body.as_bytes())
    }

    /// As [`Client::ask`], with more headers and any bytes.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer> {
        let answer = self.exchange(method, path, headers, body);
        if answer.as_ref().map_or(true, |answer| answer.header("connection") == "close") {
            self.stream = None;
        }
        answer
    }

    fn exchange(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n", self.address);
        if !self.token.is_empty() {
            head += &format!("authorization: Bearer {}\r\n", self.token);
        }
        if !body.is_empty() || method == "POST" {
            head +=
                &format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len());
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += "\r\n";
        if self.stream.is_none() {
            let stream = TcpStream::connect(&self.address)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            self.stream = Some(BufReader::new(stream));
        }
        let lost = || Error::from(ErrorKind::UnexpectedEof);
        let stream = self.stream.as_mut().ok_or_else(lost)?;
        let mut request = head.into_bytes();
        request.extend_from_slice(body);
        // A server that refuses a large body may answer before it has taken all of it.
        let sent = stream.get_mut().write_all(&request);
        read(stream).map_err(|why| sent.err().unwrap_or(why))
    }
}

fn read(stream: &mut BufReader<TcpStream>) -> Result<Answer> {
    let lost = || Error::from(ErrorKind::UnexpectedEof);
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(lost)?;
    let mut headers = Vec::new();
    loop {
        line.clear();
        if stream.read_line(&mut line)? == 0 {
            return Err(lost());
        }
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let mut answer = Answer { status, headers, body: Vec::new(), json: Value::Null };
    answer.body = match answer.header("transfer-encoding") {
        "chunked" => chunks(stream)?,
        _ => {
            let mut body = vec![0; answer.header("content-length").parse().unwrap_or(0)];
            stream.read_exact(&mut body)?;
            body
        }
    };
    answer.json = serde_json::from_slice(&answer.body).unwrap_or_default();
    Ok(answer)
}

/// A body that is sent as it is made.
fn chunks(stream: &mut BufReader<TcpStream>) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim_end(), 16);
        let size = size.map_err(|_| Error::from(ErrorKind::UnexpectedEof))?;
        let mut chunk = vec![0; size + 2];
        stream.read_exact(&mut chunk)?;
        if size == 0 {
            return Ok(body);
        }
        body.extend_from_slice(&chunk[..size]);
    }
}

/// A text as it stands in an address.
pub fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
