//! Counters, and their text for Prometheus.
//!
//! Counting touches atomics only; what is rare (errors by code) is behind a lock.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

/// Upper bounds of the latency buckets, in microseconds.
const BUCKETS: [u64; 14] =
    [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000];

/// What is counted of one operation.
#[derive(Debug, Default)]
pub(crate) struct OperationMeter {
    ok: AtomicU64,
    errors: Mutex<BTreeMap<&'static str, u64>>,
    buckets: [AtomicU64; BUCKETS.len()],
    /// Beyond the last bucket.
    slower: AtomicU64,
    microseconds: AtomicU64,
}

impl OperationMeter {
    /// Counts a call that took `elapsed` and ended well or with an error of this code.
    pub(crate) fn count(&self, error: Option<&'static str>, elapsed: Duration) {
        match error {
            None => drop(self.ok.fetch_add(1, Ordering::Relaxed)),
            Some(code) => *self.errors.lock().entry(code).or_default() += 1,
        }
        let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        let bucket = BUCKETS.iter().zip(&self.buckets).find(|(bound, _)| micros <= **bound);
        bucket.map_or(&self.slower, |(_, count)| count).fetch_add(1, Ordering::Relaxed);
        self.microseconds.fetch_add(micros, Ordering::Relaxed);
    }

    fn is_unused(&self) -> bool {
        self.ok.load(Ordering::Relaxed) == 0 && self.errors.lock().is_empty()
    }
}

/// What is counted of the whole front door.
#[derive(Debug, Default)]
pub(crate) struct Meters {
    /// Requests that never reached an operation, by code.
    refused: Mutex<BTreeMap<&'static str, u64>>,
    pub(crate) connections: AtomicI64,
    pub(crate) accepted: AtomicU64,
    pub(crate) in_flight: AtomicI64,
}

impl Meters {
    /// Counts a request that was refused before an operation was found.
    pub(crate) fn refused(&self, code: &'static str) {
        *self.refused.lock().entry(code).or_default() += 1;
    }
}

/// A number that somebody else knows, for the metrics page.
#[derive(Debug, Clone)]
pub struct Gauge {
    /// For example `garrison_store_revision`.
    pub name: &'static str,
    /// What it says, in one line.
    pub help: &'static str,
    /// `gauge` or `counter`.
    pub kind: &'static str,
    /// Now.
    pub value: f64,
}

/// The whole page, in Prometheus' text format 0.0.4.
pub(crate) fn page<'a>(
    meters: &Meters,
    operations: impl Iterator<Item = (&'static str, &'static str, &'a OperationMeter)>,
    gauges: &[Gauge],
) -> String {
    let used: Vec<_> = operations.filter(|(_, _, meter)| !meter.is_unused()).collect();
    let mut page = String::with_capacity(4096 + used.len() * 1024);
    write_requests(&mut page, meters, &used);
    write_latencies(&mut page, &used);
    let own = [
        (
            "garrison_connections",
            "Open connections.",
            "gauge",
            meters.connections.load(Ordering::Relaxed).to_string(),
        ),
        (
            "garrison_connections_accepted_total",
            "Connections since start.",
            "counter",
            meters.accepted.load(Ordering::Relaxed).to_string(),
        ),
        (
            "garrison_requests_in_flight",
            "Requests that are being served.",
            "gauge",
            meters.in_flight.load(Ordering::Relaxed).to_string(),
        ),
    ];
    for (name, help, kind, value) in own {
        write_family(&mut page, name, help, kind);
        let _ = writeln!(page, "{name} {value}");
    }
    for Gauge { name, help, kind, value } in gauges {
        write_family(&mut page, name, help, kind);
        let _ = writeln!(page, "{name} {value}");
    }
    page
}

type Used<'a> = (&'static str, &'static str, &'a OperationMeter);

// Writing to a string cannot fail, hence `let _ =` below.

fn write_family(page: &mut String, name: &str, help: &str, kind: &str) {
    let _ = writeln!(page, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn write_requests(page: &mut String, meters: &Meters, used: &[Used<'_>]) {
    const NAME: &str = "garrison_requests_total";
    write_family(page, NAME, "Requests by service, operation and error code (`OK` for none).", "counter");
    let mut line = |service: &str, operation: &str, code: &str, count: u64| {
        let labels = format!(r#"service="{service}",operation="{operation}",code="{code}""#);
        let _ = writeln!(page, "{NAME}{{{labels}}} {count}");
    };
    for (code, count) in meters.refused.lock().iter() {
        line("", "", code, *count);
    }
    for (service, operation, meter) in used {
        match meter.ok.load(Ordering::Relaxed) {
            0 => {}
            count => line(service, operation, "OK", count),
        }
        for (code, count) in meter.errors.lock().iter() {
            line(service, operation, code, *count);
        }
    }
}

fn write_latencies(page: &mut String, used: &[Used<'_>]) {
    const NAME: &str = "garrison_request_duration_seconds";
    write_family(page, NAME, "Time from a request's last byte to its answer.", "histogram");
    for (service, operation, meter) in used {
        let labels = format!(r#"service="{service}",operation="{operation}""#);
        let mut total = 0;
        for (bound, count) in BUCKETS.iter().zip(&meter.buckets) {
            total += count.load(Ordering::Relaxed);
            let seconds = Duration::from_micros(*bound).as_secs_f64();
            let _ = writeln!(page, r#"{NAME}_bucket{{{labels},le="{seconds}"}} {total}"#);
        }
        total += meter.slower.load(Ordering::Relaxed);
        let sum = Duration::from_micros(meter.microseconds.load(Ordering::Relaxed)).as_secs_f64();
        let _ = writeln!(page, r#"{NAME}_bucket{{{labels},le="+Inf"}} {total}"#);
        let _ = writeln!(page, "{NAME}_sum{{{labels}}} {sum}\n{NAME}_count{{{labels}}} {total}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_counts_calls_by_outcome_and_time() {
        let (meters, encrypt, unused) =
            (Meters::default(), OperationMeter::default(), OperationMeter::default());
        encrypt.count(None, Duration::from_micros(70));
        encrypt.count(None, Duration::from_secs(60));
        encrypt.count(Some("NotFoundException"), Duration::from_micros(40));
        meters.refused("UnknownOperationException");
        let gauges = [Gauge { name: "g", help: "h", kind: "gauge", value: 1.5 }];
        let operations = [("kms", "Encrypt", &encrypt), ("kms", "Decrypt", &unused)];
        let page = page(&meters, operations.into_iter(), &gauges);
        for line in [
            r#"garrison_requests_total{service="",operation="",code="UnknownOperationException"} 1"#,
            r#"garrison_requests_total{service="kms",operation="Encrypt",code="OK"} 2"#,
            r#"garrison_requests_total{service="kms",operation="Encrypt",code="NotFoundException"} 1"#,
            r#"garrison_request_duration_seconds_bucket{service="kms",operation="Encrypt",le="0.00005"} 1"#,
            r#"garrison_request_duration_seconds_bucket{service="kms",operation="Encrypt",le="0.0001"} 2"#,
            r#"garrison_request_duration_seconds_bucket{service="kms",operation="Encrypt",le="+Inf"} 3"#,
            r#"garrison_request_duration_seconds_count{service="kms",operation="Encrypt"} 3"#,
            "g 1.5",
        ] {
            assert!(page.lines().any(|l| l == line), "{line}\n{page}");
        }
        assert!(!page.contains("Decrypt"));
    }
}
