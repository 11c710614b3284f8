//! Requests over HTTP with a token: throughput of creates, and processor time of the server.

use super::client::{Connection, load, request, sign_in};
use super::process::{EMAIL, PASSWORD, Process, fresh};
use super::{Size, Table, creates};
use crate::outcome::{Done, Failure, Outcome};
use bytes::Bytes;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use tokio::net::TcpListener;

/// Where customers are.
pub const PATH: &str = "/api/v1/operations/customers";
/// Connections of a load; as many as callers of the raw store.
const CONNECTIONS: usize = 64;
/// Records in the list that is read.
const LISTED: usize = 10_000;

/// The yardstick of reads: answers the bytes of a file.
pub async fn bare(listen: SocketAddr, file: &Path) -> Outcome {
    let body = std::fs::read(file).map_err(|why| Failure::of("read", file.display(), why))?;
    let listener = TcpListener::bind(listen).await;
    let listener = listener.map_err(|why| Failure::of("listen at", listen, why))?;
    let served = gateway::bare::serve(listener, Bytes::from(body)).await;
    served.map_err(|why| Failure::of("serve at", listen, why))?;
    Ok(Done::Well)
}

/// The n-th customer as the body of a request.
pub fn body(number: usize) -> String {
    let input = creates::customer(number);
    let fields = input
        .values
        .into_iter()
        .filter_map(|(name, value)| Some((name, serde_json::Value::from(value.as_text()?))));
    serde_json::Value::Object(fields.collect()).to_string()
}

/// Milliseconds of processor time that the server used for each of `count` requests.
pub async fn cost(
    server: &Process,
    connections: usize,
    count: usize,
    make: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static,
) -> Result<f64, Failure> {
    let before = server.cpu()?;
    load(server.address, connections, count, make).await?;
    Ok(server.cpu()?.since(&before) * 1_000.0 / count as f64)
}

/// Creates, then reads.
pub async fn measure(table: &mut Table, size: Size) -> Result<(), Failure> {
    let raw = creates::yardstick(size.creates).await?.raw;
    let (scratch, server) = fresh().await?;
    let token: Arc<str> = sign_in(server.address, EMAIL, PASSWORD).await?.into();

    let of = token.clone();
    let begun = Instant::now();
    let count = size.creates;
    let create = move |number| request("POST", PATH, &of, &body(number));
    let cpu = cost(&server, CONNECTIONS, count, create).await?;
    let each = begun.elapsed().as_secs_f64() / count as f64;
    let ratio = raw / each;
    let figure = format!("{:.0}/s = {:.0} % of raw", 1.0 / each, ratio * 100.0);
    table.add("durable creates over HTTP with a token", figure, ">= 25 % of raw", ratio >= 0.25);
    let what = "  server CPU for each";
    table.add(what, format!("{cpu:.3} ms"), "<= 0.25 ms", cpu <= 0.25);
    drop(server);
    drop(scratch);
    reads(table, size).await
}

/// Point reads and list pages on ten thousand records.
async fn reads(table: &mut Table, size: Size) -> Result<(), Failure> {
    let (scratch, server) = fresh().await?;
    let token: Arc<str> = sign_in(server.address, EMAIL, PASSWORD).await?.into();
    let of = token.clone();
    load(server.address, CONNECTIONS, LISTED, move |n| request("POST", PATH, &of, &body(n)))
        .await?;

    let list = request("GET", &format!("{PATH}?page_size=1"), &token, "");
    let answer = Connection::open(server.address).await?.send(&list).await?;
    let answer: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let id = answer["items"][0]["id"].as_str().unwrap_or_default().to_owned();
    let one = request("GET", &format!("{PATH}/{id}"), &token, "");
    let bytes = Connection::open(server.address).await?.send(&one).await?.body;
    let file = scratch.path().join("body");
    std::fs::write(&file, bytes).map_err(|why| Failure::of("write", file.display(), why))?;
    let bare = Process::start(&["bench", "bare", "{address}", &file.to_string_lossy()]).await?;
    let (warm, asked) = (size.requests / 10, one.clone());
    cost(&server, 8, warm, move |_| asked.clone()).await?;
    let asked = one.clone();
    let reading = cost(&server, 8, size.requests, move |_| asked.clone()).await?;
    let yardstick = cost(&bare, 8, size.requests, move |_| one.clone()).await?;
    let times = reading / yardstick;
    let figure = format!("{reading:.3} ms = {times:.1} x a bare {yardstick:.3} ms");
    table.add(
        "read one record over HTTP, server CPU",
        figure,
        "<= 4 x a bare handler",
        times <= 4.0,
    );

    let filter = "filter=code%20%3E%3D%20%27C00002000%27&order_by=name";
    let page = request("GET", &format!("{PATH}?{filter}&page_size=50"), &token, "");
    let asked = page.clone();
    cost(&server, 8, warm / 4, move |_| asked.clone()).await?;
    let listing = cost(&server, 8, size.requests / 4, move |_| page.clone()).await?;
    let what = "list 50 of 10,000, filtered and sorted by indexed fields";
    table.add(what, format!("{listing:.3} ms"), "<= 0.3 ms", listing <= 0.3);
    Ok(())
}

/// Start on existing data, and memory at rest.
pub async fn start(table: &mut Table) -> Result<(), Failure> {
    let (scratch, server) = fresh().await?;
    let token: Arc<str> = sign_in(server.address, EMAIL, PASSWORD).await?.into();
    load(server.address, 16, 2_000, move |n| request("POST", PATH, &token, &body(n))).await?;
    drop(server);
    let server = Process::serve(&scratch.path().join("data")).await?;
    let began = Instant::now();
    let answer =
        Connection::open(server.address).await?.send(&request("GET", "/readyz", "", "")).await?;
    let total = server.started_in + began.elapsed();
    let seconds = total.as_secs_f64();
    let what = "start on existing data to the first answer";
    let ready = answer.status == 200;
    table.add(what, format!("{seconds:.2} s"), "<= 0.3 s", seconds <= 0.3 && ready);
    let megabytes = server.resident_mb()?;
    let what = "resident memory at rest";
    table.add(what, format!("{megabytes:.0} MB"), "<= 60 MB", megabytes <= 60.0);
    Ok(())
}
