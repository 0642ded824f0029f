//! The report.

use garrison_clock::{Clock, SystemClock};

use crate::Result;
use crate::garrison::Idle;
use crate::scenario::Measured;
use crate::spread::Spread;

/// Where the time goes, from profiles that were taken by hand.
const PROFILE: &str = include_str!("../profile.md");

/// The whole report as Markdown.
pub(crate) fn whole(options: &str, load: &str, sections: &[String]) -> Result<String> {
    let info = std::fs::read_to_string("/proc/cpuinfo")?;
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown", |(_, model)| model);
    let cores = std::thread::available_parallelism()?;
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let date = SystemClock::default().now().to_iso8601_seconds();
    Ok(format!(
        "# Benchmarks\n\n\
         Written by `cargo xtask bench`, which builds the release profile and runs `garrison-bench`; do not edit it by hand. \
         Options go behind it: `cargo xtask bench {options}`; `--only` and the name of a part, for example `--only decisions`, \
         measures that part and prints what it finds.\n\n\
         Measured {date} on {cores} cores of {model}, Linux {kernel}, at a load average of {load} before the \
         run. The load matters: on a busy machine every figure rises, the ratios less so.\n\n\
         {}{PROFILE}",
        sections.concat(),
        kernel = kernel.trim()
    ))
}

/// The first columns of a row: name, median, user, system, least, most.
pub(crate) fn row(row: &Measured) -> String {
    let Spread { median, least, most } = row.total();
    let (user, system) = (row.of(|cpu| cpu.user).median, row.of(|cpu| cpu.system).median);
    format!("| {} | {median:.1} | {user:.1} | {system:.1} | {least:.1} | {most:.1} |", row.name)
}

/// How long starts took.
pub(crate) fn millis(idle: &Idle) -> String {
    let Spread { median, least, most } = Spread::of(idle.ready_millis.clone());
    format!("{median:.0} ms (median; {least:.0} to {most:.0})")
}

pub(crate) fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "missed" }
}

/// The machine's load average of a minute.
pub(crate) fn load() -> Result<String> {
    let load = std::fs::read_to_string("/proc/loadavg")?;
    Ok(load.split(' ').next().unwrap_or_default().to_owned())
}

#[expect(clippy::print_stdout, reason = "a report is for reading")]
pub(crate) fn print(report: &str) {
    println!("{report}");
}

/// Says what is being done, for whoever waits.
#[expect(clippy::print_stderr, reason = "it is no part of the report")]
pub(crate) fn progress(what: &str) {
    eprintln!("{what}");
}

pub(crate) fn complain(error: &str) {
    progress(&format!("error: {error}"));
}
