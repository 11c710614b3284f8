//! Counts of requests by route and status, and how long they took, for `/metrics`.
//!
//! The routes are known when the edge starts, so counting is a look-up and two additions.

use crate::path::{AUTH, Places, SCHEMA};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Upper bounds of the histogram, in microseconds.
const BOUNDS: [u64; 10] =
    [500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 500_000, 2_500_000, 10_000_000];

#[derive(Default)]
struct Count {
    /// By the first digit of the status.
    statuses: [AtomicU64; 6],
    buckets: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

/// The counts of all routes.
pub(crate) struct Tally {
    routes: HashMap<String, Count>,
}

impl Tally {
    /// Every route at zero.
    pub fn new(places: &Places) -> Tally {
        let own = places.all();
        let own = own.flat_map(|place| {
            let single = [&place.collection, &place.record, &place.acts];
            single.into_iter().chain(&place.together)
        });
        let fixed =
            ["", "/", "/setup", "/assets/{name}", "/api/openapi.json", "/api/v1/search", SCHEMA];
        let probes = ["/healthz", "/readyz", "/metrics"];
        let auth = AUTH.iter().map(|(_, _, route)| *route);
        let all = own.map(String::as_str).chain(fixed).chain(probes).chain(auth);
        Tally { routes: all.map(|route| (route.to_owned(), Count::default())).collect() }
    }

    /// Counts one answer; requests of no route are counted under the empty one.
    pub fn count(&self, route: &str, status: u16, took: Duration) {
        let Some(count) = self.routes.get(route) else { return };
        let micros = took.as_micros() as u64;
        let bucket = BOUNDS.iter().position(|&bound| micros <= bound).unwrap_or(BOUNDS.len());
        count.statuses[usize::from(status / 100).min(5)].fetch_add(1, Relaxed);
        count.buckets[bucket].fetch_add(1, Relaxed);
        count.micros.fetch_add(micros, Relaxed);
    }

    /// Writes the routes that were asked for, in Prometheus' text format.
    pub fn write(&self, out: &mut String) {
        let mut routes: Vec<(&String, &Count)> = self.routes.iter().collect();
        routes.retain(|(_, count)| count.statuses.iter().any(|n| n.load(Relaxed) > 0));
        routes.sort_by_key(|(route, _)| *route);
        // Writing to a text cannot fail.
        let mut line = |text: std::fmt::Arguments<'_>| {
            let _ = writeln!(out, "{text}");
        };
        line(format_args!(
            "# HELP megalith_http_requests_total Requests by route and class of status."
        ));
        line(format_args!("# TYPE megalith_http_requests_total counter"));
        for (route, count) in &routes {
            for (class, number) in count.statuses.iter().enumerate() {
                let number = number.load(Relaxed);
                if number > 0 {
                    line(format_args!(
                        "megalith_http_requests_total{{route=\"{route}\",status=\"{class}xx\"}} {number}"
                    ));
                }
            }
        }
        let name = "megalith_http_request_seconds";
        line(format_args!("# HELP {name} Time from the request's headers to its answer."));
        line(format_args!("# TYPE {name} histogram"));
        for (route, count) in &routes {
            let mut total = 0;
            for (at, bucket) in count.buckets.iter().enumerate() {
                total += bucket.load(Relaxed);
                match BOUNDS.get(at) {
                    Some(bound) => {
                        let bound = *bound as f64 / 1e6;
                        line(format_args!(
                            "{name}_bucket{{route=\"{route}\",le=\"{bound}\"}} {total}"
                        ));
                    }
                    None => {
                        line(format_args!("{name}_bucket{{route=\"{route}\",le=\"+Inf\"}} {total}"))
                    }
                }
            }
            let seconds = count.micros.load(Relaxed) as f64 / 1e6;
            line(format_args!("{name}_sum{{route=\"{route}\"}} {seconds}"));
            line(format_args!("{name}_count{{route=\"{route}\"}} {total}"));
        }
    }
}
