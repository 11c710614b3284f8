//! Counters in Prometheus form, and what the process itself uses.

use ::metrics::gauge;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::time::Instant;

/// Bounds of the buckets of every `_seconds` histogram.
const SECONDS: [f64; 12] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// The size of a memory page in `/proc/self/statm`, in bytes.
const PAGE: f64 = 4096.0;

/// The metrics of this process.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
    started: Instant,
}

impl Metrics {
    /// Collects from now on whatever the `metrics` macros report anywhere in the process.
    ///
    /// # Errors
    /// A text when the process collects already.
    pub fn install() -> Result<Metrics, String> {
        let suffix = metrics_exporter_prometheus::Matcher::Suffix("_seconds".to_owned());
        let builder = PrometheusBuilder::new();
        let builder = builder.set_buckets_for_metric(suffix, &SECONDS);
        let handle = builder.map_err(|error| error.to_string())?;
        let handle = handle.install_recorder().map_err(|error| error.to_string())?;
        ::metrics::describe_gauge!("process_resident_memory_bytes", "Memory in use.");
        ::metrics::describe_gauge!("process_open_fds", "Open file descriptors.");
        ::metrics::describe_gauge!("process_uptime_seconds", "Time since the start.");
        Ok(Metrics { handle, started: Instant::now() })
    }

    /// All metrics in the Prometheus text format.
    pub fn render(&self) -> String {
        gauge!("process_uptime_seconds").set(self.started.elapsed().as_secs_f64());
        if let Some(bytes) = resident_bytes() {
            gauge!("process_resident_memory_bytes").set(bytes);
        }
        if let Some(count) = open_files() {
            gauge!("process_open_fds").set(count);
        }
        self.handle.run_upkeep();
        self.handle.render()
    }
}

/// Resident memory; none where there is no `/proc`.
fn resident_bytes() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: f64 = text.split(' ').nth(1)?.parse().ok()?;
    Some(pages * PAGE)
}

/// Open file descriptors; none where there is no `/proc`.
fn open_files() -> Option<f64> {
    Some(std::fs::read_dir("/proc/self/fd").ok()?.count() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_rendered_beside_the_process() {
        let metrics = Metrics::install().unwrap();
        assert!(Metrics::install().is_err(), "one collector in a process");
        ::metrics::counter!("megalith_test_total", "kind" => "a").increment(3);
        ::metrics::histogram!("megalith_test_seconds").record(0.003);
        let text = metrics.render();
        for line in [
            "megalith_test_total{kind=\"a\"} 3",
            "megalith_test_seconds_bucket{le=\"0.005\"} 1",
            "process_uptime_seconds",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
    }
}
