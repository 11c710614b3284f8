//! The listener: HTTP/1 and HTTP/2 without TLS on one port, with limits that a slow or hostile
//! client meets before it costs anything, and an end that finishes what is under way.

use crate::edge::Edge;
use crate::line::Line;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// The most bytes of a request's head that are buffered; more is refused unread.
const MAX_HEAD: usize = 64 * 1024;
/// The most header lines of a request.
pub(crate) const MAX_HEADER_LINES: usize = 100;
/// The most requests under way on one HTTP/2 connection.
const MAX_STREAMS: u32 = 200;
/// How long requests under way may take after the end was asked for.
const GRACE: Duration = Duration::from_secs(20);

/// Serves until `shutdown` is done, then takes no new connection and finishes what is under way.
///
/// # Errors
/// An I/O error of the listener itself; those of single connections end only these.
pub async fn serve(
    listener: TcpListener,
    edge: Arc<Edge>,
    shutdown: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let builder = Arc::new(builder(edge.config.header_timeout));
    let places = Arc::new(Semaphore::new(edge.config.max_connections));
    let graceful = GracefulShutdown::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accept = async {
            let place = places.clone().acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            accepted = accept => accepted,
            () = &mut shutdown => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            // The client gave up in between, or descriptors ran out: neither ends the server.
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            }
        };
        let connection = connect(&builder, edge.clone(), stream, peer.ip(), &graceful);
        tokio::spawn(async move {
            connection.await;
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(GRACE, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut off");
    }
    Ok(())
}

fn builder(header_timeout: Duration) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADER_LINES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(MAX_HEAD as u32)
        .keep_alive_interval(header_timeout)
        .keep_alive_timeout(Duration::from_secs(20));
    builder
}

/// One connection until it ends; one that asks for nothing within the time of a head is dropped.
fn connect(
    builder: &Arc<auto::Builder<TokioExecutor>>,
    edge: Arc<Edge>,
    stream: TcpStream,
    client: std::net::IpAddr,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + Send + 'static {
    // Answers are small and whole: waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let patience = edge.config.header_timeout;
    let asked = Arc::new(AtomicBool::new(false));
    let refusing = edge.clone();
    let service = {
        let asked = asked.clone();
        service_fn(move |request| {
            asked.store(true, Ordering::Relaxed);
            let edge = edge.clone();
            async move { Ok::<_, Infallible>(edge.handle(request, client).await) }
        })
    };
    let stream = Line::new(stream, Box::new(move |status| refusing.refuse_unread(status)));
    let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
    let connection = graceful.watch(connection);
    async move {
        let mut connection = std::pin::pin!(connection);
        tokio::select! {
            _ = &mut connection => return,
            () = tokio::time::sleep(patience) => {}
        }
        if asked.load(Ordering::Relaxed) {
            // How a connection ends is the client's affair.
            let _ = connection.await;
        }
    }
}
