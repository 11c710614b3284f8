//! The listener itself: both versions of HTTP, broken clients, and an end that finishes work.

use crate::fake::{Fake, TOKEN};
use gateway::Config;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// A listening edge: its address, the end, and the server's task.
async fn listen(
    config: Config,
) -> (std::net::SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, ended) = oneshot::channel();
    let edge = Fake::new().edge(config);
    let task = tokio::spawn(async move {
        let ended = async { drop(ended.await) };
        gateway::serve(listener, edge, ended).await.unwrap();
    });
    (address, end, task)
}

/// Everything that the server answers to these bytes until it closes.
async fn say(address: std::net::SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // A server that closes on a client that still sends may reset: what came before counts.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn one_connection_carries_several_requests_and_a_broken_one_ends_it() {
    let (address, end, task) = listen(Config::default()).await;
    for (bytes, expected) in [
        (
            "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\nGET /readyz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
            vec!["\"ok\"", "\"ready\""],
        ),
        (
            "GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n",
            vec!["400 Bad Request", "missing_host"],
        ),
        (
            "HEAD /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
            vec!["200 OK", "content-length:"],
        ),
        ("GET /healthz HTTP/9.9\r\n\r\n", vec!["400 Bad Request"]),
        ("nonsense\r\n\r\n", vec!["400 Bad Request"]),
        ("GET / HTTP/1.1\r\nhost: a\r\nbad header\r\n\r\n", vec!["400 Bad Request"]),
    ] {
        let answer = say(address, bytes.as_bytes()).await;
        for part in expected {
            assert!(answer.contains(part), "{bytes:?}: {answer}");
        }
    }
    end.send(()).unwrap();
    task.await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_read_as_a_request_is_refused_in_full() {
    let (address, end, task) = listen(Config::default()).await;
    let long_uri = format!("GET /?q={} HTTP/1.1\r\nhost: a\r\n\r\n", "a".repeat(70_000));
    let long_head = format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "a".repeat(300_000));
    let many = format!("GET / HTTP/1.1\r\nhost: a\r\n{}\r\n", "x: y\r\n".repeat(150));
    let then_long = format!("GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n{long_uri}");
    for (bytes, status, code) in [
        (long_uri.as_str(), 414, "uri_too_long"),
        (&long_head, 431, "headers_too_large"),
        (&many, 431, "headers_too_large"),
        ("nonsense\r\n\r\n", 400, "malformed_request"),
        ("GET / HTTP/1.1\r\nhost: a\r\nbad header\r\n\r\n", 400, "malformed_request"),
        (&then_long, 414, "uri_too_long"),
    ] {
        let what = &bytes[..bytes.len().min(40)];
        let answers = say(address, bytes.as_bytes()).await;
        let answer = answers.rfind("HTTP/1.1 4").map_or("", |at| &answers[at..]);
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{what}: {answer}");
        let header = |name: &str| {
            let found = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
            found.unwrap_or_else(|| panic!("{what}: no {name} in {head}")).to_owned()
        };
        assert_eq!(header("content-type"), "application/problem+json", "{what}");
        assert_eq!(header("content-length"), body.len().to_string(), "{what}");
        let problem: serde_json::Value = serde_json::from_str(body).expect("a problem");
        assert_eq!(
            (&problem["status"], &problem["code"]),
            (&status.into(), &code.into()),
            "{what}"
        );
        assert_eq!(problem["request_id"], header("x-request-id"), "{what}");
    }
    end.send(()).unwrap();
    task.await.unwrap();
}

#[tokio::test]
async fn a_panic_is_an_answer_and_the_connection_goes_on() {
    let (address, _end, _task) = listen(Config::default()).await;
    let body = r#"{"name": "panic"}"#;
    let post = format!(
        "POST /api/v1/operations/customers HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {TOKEN}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let next = "GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let answer = say(address, format!("{post}{next}").as_bytes()).await;
    assert!(answer.contains("500 Internal Server Error") && answer.contains("\"ok\""), "{answer}");
    assert!(!answer.contains("secret detail"), "{answer}");
}

#[tokio::test]
async fn a_client_that_sends_too_slowly_is_dropped() {
    let quick = Duration::from_millis(50);
    let config = Config { header_timeout: quick, body_timeout: quick, ..Config::default() };
    let (address, _end, _task) = listen(config).await;
    // No head, half of a head, and half of the preface of HTTP/2: the server closes each.
    for begin in ["", "GET / HTTP/1.1\r\nhost:", "PRI * HTTP"] {
        let answer = say(address, begin.as_bytes()).await;
        assert!(!answer.contains("200 OK"), "{begin:?}: {answer}");
    }
    let body = format!(
        "POST /api/v1/operations/customers HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {TOKEN}\r\n\
         content-type: application/json\r\ncontent-length: 100\r\n\r\n{{"
    );
    let answer = say(address, body.as_bytes()).await;
    assert!(answer.contains("408 Request Timeout"), "{answer}");
    let huge = format!(
        "POST /api/v1/operations/customers HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {TOKEN}\r\n\
         content-type: application/json\r\ncontent-length: 99999999999\r\n\r\n{{"
    );
    let answer = say(address, huge.as_bytes()).await;
    assert!(answer.contains("413 Payload Too Large"), "{answer}");
}

#[tokio::test]
async fn http_2_is_spoken_without_tls() {
    let (address, _end, _task) = listen(Config::default()).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The preface and an empty SETTINGS frame; the server answers with its own SETTINGS.
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(head[3], 4, "the first frame is SETTINGS");
}
