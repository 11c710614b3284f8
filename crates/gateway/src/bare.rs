//! A handler that does nothing but answer: the yardstick that `megalith bench` measures reads
//! against. Same HTTP library, same connection settings, same log line, the same bytes.

use bytes::Bytes;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use std::convert::Infallible;
use std::time::Instant;
use tokio::net::TcpListener;

/// Answers every request with `body` until the process ends.
///
/// # Errors
/// An I/O error of the listener.
pub async fn serve(listener: TcpListener, body: Bytes) -> std::io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let body = body.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let (begun, body) = (Instant::now(), body.clone());
            async move {
                tracing::info!(
                    target: "megalith::request",
                    method = request.method().as_str(),
                    route = "/api/v1/operations/customers/{id}",
                    status = 200,
                    ms = begun.elapsed().as_micros() as f64 / 1_000.0,
                    bytes = body.len(),
                    request_id = "req_01m7y3btxze65rgzteqcjkbnes",
                    actor = "usr_01m7y3a7eyf6ttz11y02zxkshp",
                    org = "org_01m7y3a7fpf2p95m9k738c0j4f",
                );
                let answer = Response::builder().header("content-type", "application/json");
                Ok::<_, Infallible>(answer.body(Full::new(body)).unwrap_or_default())
            }
        });
        tokio::spawn(async move {
            let builder = auto::Builder::new(TokioExecutor::new());
            // How a connection ends is the client's affair.
            let _ = builder.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
