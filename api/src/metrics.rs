//! Numbers for Prometheus: requests by route and status with their durations, jobs, pay runs.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::Method;

/// Upper bounds of the durations, in microseconds, and as Prometheus writes them in seconds.
const BOUNDS: [(u128, &str); 12] = [
    (500, "0.0005"),
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (500_000, "0.5"),
    (1_000_000, "1"),
    (5_000_000, "5"),
];

type Route = (String, String, u16);

/// What this process has served.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    requests: Mutex<BTreeMap<Route, Series>>,
}

#[derive(Clone, Debug, Default)]
struct Series {
    count: u64,
    micros: u128,
    buckets: [u64; BOUNDS.len()],
}

impl Metrics {
    /// Counts one request.
    pub(crate) fn count(&self, method: &Method, pattern: &str, status: u16, took: Duration) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let series = requests
            .entry((method.to_string(), pattern.to_owned(), status))
            .or_default();
        series.count += 1;
        series.micros += took.as_micros();
        for (bucket, (bound, _)) in series.buckets.iter_mut().zip(BOUNDS) {
            *bucket += u64::from(took.as_micros() <= bound);
        }
    }

    /// The text format of Prometheus.
    pub(crate) fn render(&self) -> String {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut text = String::from(
            "# HELP ansinh_http_request_duration_seconds Time to answer a request.\n\
             # TYPE ansinh_http_request_duration_seconds histogram\n",
        );
        for ((method, route, status), series) in &requests {
            let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
            let name = "ansinh_http_request_duration_seconds";
            for (bucket, (_, bound)) in series.buckets.iter().zip(BOUNDS) {
                _ = writeln!(text, "{name}_bucket{{{labels},le=\"{bound}\"}} {bucket}");
            }
            _ = writeln!(text, "{name}_bucket{{{labels},le=\"+Inf\"}} {}", series.count);
            let (seconds, micros) = (series.micros / 1_000_000, series.micros % 1_000_000);
            _ = writeln!(text, "{name}_sum{{{labels}}} {seconds}.{micros:06}");
            _ = writeln!(text, "{name}_count{{{labels}}} {}", series.count);
        }
        text
    }
}

/// Appends a gauge with one value per set of labels.
pub(crate) fn gauge(text: &mut String, name: &str, help: &str, values: impl IntoIterator<Item = (String, i64)>) {
    _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
    for (labels, value) in values {
        _ = writeln!(text, "{name}{{{labels}}} {value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_cumulative() {
        let metrics = Metrics::default();
        for micros in [400, 900, 6_000_000] {
            metrics.count(&Method::GET, "/v1/me", 200, Duration::from_micros(micros));
        }
        let text = metrics.render();
        let labels = r#"method="GET",route="/v1/me",status="200""#;
        let name = "ansinh_http_request_duration_seconds";
        for line in [
            format!("{name}_bucket{{{labels},le=\"0.0005\"}} 1"),
            format!("{name}_bucket{{{labels},le=\"0.001\"}} 2"),
            format!("{name}_bucket{{{labels},le=\"5\"}} 2"),
            format!("{name}_bucket{{{labels},le=\"+Inf\"}} 3"),
            format!("{name}_sum{{{labels}}} 6.001300"),
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
        }
    }
}
