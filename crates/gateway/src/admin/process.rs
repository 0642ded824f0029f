//! What the operating system says of this process.
//!
//! Source: proc_pid_stat(5), proc_pid_statm(5). Linux reports times in hundredths of a second and, on what Garrison
//! is built for, pages of 4,096 bytes.

use crate::meters::Gauge;

const TICKS_PER_SECOND: f64 = 100.0;
const PAGE_BYTES: f64 = 4096.0;

/// CPU time and memory; what cannot be read is left out.
pub(super) fn gauges() -> Vec<Gauge> {
    let cpu = cpu_ticks(&std::fs::read_to_string("/proc/self/stat").unwrap_or_default()).map(|ticks| Gauge {
        name: "process_cpu_seconds_total",
        help: "User and system time of the process.",
        kind: "counter",
        value: ticks / TICKS_PER_SECOND,
    });
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let resident = statm.split(' ').nth(1).and_then(|pages| pages.parse::<f64>().ok()).map(|pages| Gauge {
        name: "process_resident_memory_bytes",
        help: "Memory of the process that is in RAM.",
        kind: "gauge",
        value: pages * PAGE_BYTES,
    });
    cpu.into_iter().chain(resident).collect()
}

/// Fields 14 and 15; the name in field 2 may hold spaces, so they are counted from its closing bracket.
fn cpu_ticks(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut times = fields.split(' ').skip(11).map(str::parse::<f64>);
    Some(times.next()?.ok()? + times.next()?.ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_found_behind_any_name() {
        let stat = "7 (a ) b) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0";
        assert_eq!(cpu_ticks(stat), Some(200.0));
        assert_eq!(cpu_ticks("nonsense"), None);
    }
}
