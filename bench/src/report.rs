//! The report.

use std::fmt::Write as _;

use crate::garrison::Idle;
use crate::scenario::{Sample, Scenario};

/// The report as Markdown.
pub(crate) fn write(
    requests: u32,
    rounds: usize,
    connections: u32,
    scenarios: &[Scenario<'_>],
    samples: &[Vec<Sample>],
    idle: &Idle,
) -> String {
    let cpu: Vec<Spread> =
        samples.iter().map(|s| Spread::of(s.iter().map(|s| s.cpu_micros).collect())).collect();
    let bare = |name: &str| {
        let place = scenarios.iter().position(|s| s.name == name);
        place.and_then(|i| cpu.get(i)).map_or(f64::NAN, |spread| spread.median)
    };
    let (hello, encrypt) = (bare("bare hello"), bare("bare JSON + SigV4 + AES-GCM, 32 B"));
    let mut text = format!(
        "CPU time of the server process per request, user and system, in microseconds: {requests} requests a round, {rounds} \
         rounds with the servers taking turns, {connections} connections.\n\n\
         | Request | median | least | most | × bare hello | × bare Encrypt |\n|---|---:|---:|---:|---:|---:|\n"
    );
    for (scenario, spread) in scenarios.iter().zip(&cpu) {
        let Spread { median, least, most } = spread;
        // Writing into a String does not fail.
        let _ = writeln!(
            text,
            "| {} | {median:.1} | {least:.1} | {most:.1} | {:.2} | {:.2} |",
            scenario.name,
            median / hello,
            median / encrypt
        );
    }
    let ready = Spread::of(idle.ready_millis.clone());
    let _ = write!(
        text,
        "\nA first start, from exec to ready: {:.0} ms (median; {:.0} to {:.0}). Resident memory then: {:.1} MiB.\n",
        ready.median, ready.least, ready.most, idle.resident_mib
    );
    text
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
