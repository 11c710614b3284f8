//! What a million records cost that ten thousand do not: point read, list page, create.

use super::client::{Connection, load, request, sign_in};
use super::http::{PATH, body, cost};
use super::process::{EMAIL, PASSWORD, Process, fresh};
use super::{Size, Table};
use crate::outcome::Failure;
use std::sync::Arc;

const SMALL: usize = 10_000;
/// Requests of each kind.
const ASKED: usize = 4_000;
/// Records that one request of the filling creates.
const BATCH: usize = 1_000;

/// Milliseconds of processor time for each request of one kind.
struct Costs {
    read: f64,
    page: f64,
    create: f64,
}

/// Measures at ten thousand records and at many.
pub async fn measure(table: &mut Table, size: Size) -> Result<(), Failure> {
    let (_scratch, server) = fresh().await?;
    let token: Arc<str> = sign_in(server.address, EMAIL, PASSWORD).await?.into();
    fill(&server, &token, 0, SMALL).await?;
    let small = costs(&server, &token, SMALL).await?;
    let mut filled = SMALL + ASKED;
    while filled < size.grown {
        let next = (filled + 100_000).min(size.grown);
        // Ten million take longer than a token lasts.
        let token: Arc<str> = sign_in(server.address, EMAIL, PASSWORD).await?.into();
        fill(&server, &token, filled, next).await?;
        filled = next;
        eprintln!("  {filled} of {} records", size.grown);
    }
    let token: Arc<str> = sign_in(server.address, EMAIL, PASSWORD).await?.into();
    let large = costs(&server, &token, filled).await?;
    for (what, small, large) in [
        ("point read", small.read, large.read),
        ("indexed list page", small.page, large.page),
        ("create", small.create, large.create),
    ] {
        let times = large / small;
        let what = format!("{what} at {} million against {SMALL}", size.grown / 1_000_000);
        let figure = format!("{large:.3} ms of {small:.3} ms = {times:.2} x");
        table.add(&what, figure, "<= 2 x", times <= 2.0);
    }
    Ok(())
}

/// Creates the customers of these numbers, in batches: what they cost is not measured here.
async fn fill(server: &Process, token: &Arc<str>, from: usize, to: usize) -> Result<(), Failure> {
    let token = token.clone();
    let batches = (to - from).div_ceil(BATCH);
    let batch = move |n: usize| {
        let first = from + n * BATCH;
        let numbers = first..(first + BATCH).min(to);
        let commands: Vec<String> =
            numbers.map(|number| format!(r#"{{"create":{}}}"#, body(number))).collect();
        let batch = format!(r#"{{"atomic":true,"commands":[{}]}}"#, commands.join(","));
        request("POST", &format!("{PATH}:batch"), &token, &batch)
    };
    load(server.address, 4, batches, batch).await
}

async fn costs(server: &Process, token: &Arc<str>, filled: usize) -> Result<Costs, Failure> {
    let sample = sample(server, token).await?;
    let (ids, instants): (Vec<String>, Vec<String>) = sample.into_iter().unzip();
    let read = {
        let token = token.clone();
        move |n: usize| request("GET", &format!("{PATH}/{}", ids[n * 7919 % ids.len()]), &token, "")
    };
    let page = {
        let token = token.clone();
        move |n: usize| {
            let from = &instants[n * 7919 % instants.len()];
            let query = format!(
                "filter=created_at%20%3E%3D%20instant(%27{from}%27)&order_by=created_at&page_size=50"
            );
            request("GET", &format!("{PATH}?{query}"), &token, "")
        }
    };
    let create = {
        let token = token.clone();
        move |n: usize| request("POST", PATH, &token, &body(filled + n))
    };
    // Once unmeasured: what was just written is still being tidied away, and pages are read in.
    load(server.address, 8, ASKED, read.clone()).await?;
    load(server.address, 8, ASKED, page.clone()).await?;
    Ok(Costs {
        read: cost(server, 8, ASKED, read).await?,
        page: cost(server, 8, ASKED, page).await?,
        create: cost(server, 64, ASKED, create).await?,
    })
}

/// Ids of records and when they were made, from all over: their names are in no order of time.
async fn sample(server: &Process, token: &str) -> Result<Vec<(String, String)>, Failure> {
    let mut connection = Connection::open(server.address).await?;
    let mut sample = Vec::new();
    let mut page = String::new();
    for _ in 0..5 {
        let path =
            format!("{PATH}?page_size=1000&fields=id,created_at&order_by=name&page_token={page}");
        let answer = connection.send(&request("GET", &path, token, "")).await?;
        let answer: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let items = answer["items"].as_array().cloned().unwrap_or_default();
        sample.extend(items.iter().filter_map(|item| {
            Some((item["id"].as_str()?.to_owned(), item["created_at"].as_str()?.to_owned()))
        }));
        page = answer["next_page_token"].as_str().unwrap_or_default().to_owned();
        if page.is_empty() {
            break;
        }
    }
    match sample.is_empty() {
        true => Err(Failure::Failed("the list has no ids".to_owned())),
        false => Ok(sample),
    }
}
