//! The report.

use std::fmt::Write as _;

use garrison_clock::{Clock, SystemClock};

use crate::Result;
use crate::garrison::Idle;
use crate::process::Cpu;
use crate::scenario::Scenario;

/// The scenario that has a target, what it is measured beside, and how many times that it may cost.
const TARGET: (&str, &str, f64) = ("Encrypt 32 B", "bare JSON + SigV4 + AES-GCM, 32 B", 1.4);

/// How the measurement was made.
pub(crate) struct Run {
    pub(crate) requests: u32,
    pub(crate) rounds: usize,
    pub(crate) connections: u32,
    /// The machine's load average of a minute when it began.
    pub(crate) load: String,
}

/// The report as Markdown.
pub(crate) fn write(
    run: &Run,
    scenarios: &[Scenario<'_>],
    samples: &[Vec<Cpu>],
    idle: &Idle,
) -> Result<String> {
    let median = |of: &dyn Fn(&Cpu) -> f64| -> Vec<Spread> {
        samples.iter().map(|samples| Spread::of(samples.iter().map(of).collect())).collect()
    };
    let (total, user, system) =
        (median(&|cpu| cpu.total()), median(&|cpu| cpu.user), median(&|cpu| cpu.system));
    let cost = |name: &str| {
        let place = scenarios.iter().position(|scenario| scenario.name == name);
        place.and_then(|place| total.get(place)).map_or(f64::NAN, |spread| spread.median)
    };
    let (subject, beside, target) = TARGET;
    let (hello, bare) = (cost("bare hello"), cost(beside));
    let mut text = head(run)?;
    text.push_str(
        "| Request | median | user | system | least | most | × bare hello | × bare Encrypt |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    let rows = scenarios.iter().zip(&total).zip(user.iter().zip(&system));
    for ((scenario, Spread { median, least, most }), (user, system)) in rows {
        // Writing into a String does not fail, here and below.
        let _ = writeln!(
            text,
            "| {} | {median:.1} | {:.1} | {:.1} | {least:.1} | {most:.1} | {:.2} | {:.2} |",
            scenario.name,
            user.median,
            system.median,
            median / hello,
            median / bare
        );
    }
    let ratio = cost(subject) / bare;
    let verdict = if ratio <= target { "met" } else { "missed" };
    let _ = writeln!(
        text,
        "\nThe target, {subject} at {target} times the bare server that does JSON, SigV4 and AES-GCM, is {verdict}: {ratio:.2}."
    );
    let ready = Spread::of(idle.ready_millis.clone());
    let _ = write!(
        text,
        "\nA first start, from exec to ready: {:.0} ms (median; {:.0} to {:.0}; target 100). Resident memory then: {:.1} MiB \
         (target 40).\n\n{}",
        ready.median,
        ready.least,
        ready.most,
        idle.resident_mib,
        include_str!("../profile.md")
    );
    Ok(text)
}

/// What was measured, how and on what.
fn head(run: &Run) -> Result<String> {
    let Run { requests, rounds, connections, load } = run;
    let info = std::fs::read_to_string("/proc/cpuinfo")?;
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown", |(_, model)| model);
    let cores = std::thread::available_parallelism()?;
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let date = SystemClock::default().now().to_iso8601_seconds();
    Ok(format!(
        "# Benchmarks\n\n\
         Written by `cargo xtask bench`, which builds the release profile and runs `garrison-bench`; do not edit it by hand. \
         Options go behind it: `cargo xtask bench --requests {requests} --rounds {rounds} --connections {connections}`.\n\n\
         Measured {date} on {cores} cores of {model}, Linux {kernel}, at a load average of {load} before the \
         run. The load matters: on a busy machine every figure rises, the ratios less so.\n\n\
         ## CPU time per request\n\n\
         CPU time of the server process for one request in microseconds, user and system: {requests} requests a round, \
         {rounds} rounds with the servers taking turns, {connections} connections with one request under way on each. \
         Garrison runs in normal mode: it verifies every signature, evaluates the key's policy, and its audit record is on disk \
         before the answer. The bare servers keep no record and link the same allocator.\n\n",
        kernel = kernel.trim()
    ))
}

/// The machine's load average of a minute.
pub(crate) fn load() -> Result<String> {
    let load = std::fs::read_to_string("/proc/loadavg")?;
    Ok(load.split(' ').next().unwrap_or_default().to_owned())
}

struct Spread {
    median: f64,
    least: f64,
    most: f64,
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        Self { median: at(values.len() / 2), least: at(0), most: at(values.len().saturating_sub(1)) }
    }
}

#[expect(clippy::print_stdout, reason = "a report is for reading")]
pub(crate) fn print(report: &str) {
    println!("{report}");
}

#[expect(clippy::print_stderr, reason = "so is what went wrong")]
pub(crate) fn complain(error: &str) {
    eprintln!("error: {error}");
}
