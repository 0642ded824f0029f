//! Measures Garrison's CPU per request beside bare servers, what authorization costs, and how it grows with an
//! organization, in one run, and writes `docs/benchmarks.md`.
//!
//! Absolute times on a shared machine are noise; CPU time of the server process over a fixed number of requests
//! and ratios within one run are not. Every figure is the median of several rounds, the servers taking turns.

mod api;
mod bare;
mod client;
mod decisions;
mod garrison;
mod landscape;
mod organization;
mod principals;
mod process;
mod report;
mod requests;
mod scenario;
mod spread;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

/// The same as Garrison's, so that the bare servers differ in what they do only.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What can go wrong here ends the run with a message.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Parser)]
#[command(about = "Measures Garrison's CPU per request beside bare servers")]
struct Arguments {
    #[command(subcommand)]
    bare: Option<Bare>,
    /// The release build of the binary under test; by default the one beside this program.
    #[arg(long)]
    garrison: Option<PathBuf>,
    /// Requests per scenario and round, after a tenth of that for warming up.
    #[arg(long, default_value_t = 10_000)]
    requests: u32,
    /// Rounds; the median counts.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Connections, each with one request under way.
    #[arg(long, default_value_t = 16)]
    connections: u32,
    /// Accounts of the large organization.
    #[arg(long, default_value_t = 5000)]
    accounts: usize,
    /// Only these parts, separated by commas. The report is then printed, not written.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Where the report goes; only printed when absent.
    #[arg(long)]
    output: Option<PathBuf>,
}

/// What can be measured apart.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The policy engine alone.
    Decisions,
    /// Requests beside those of bare servers.
    Requests,
    /// Requests by principals with and without policies.
    Principals,
    /// A large organization beside a small one.
    Organization,
}

/// The servers that Garrison is measured beside: this program runs itself as one.
#[derive(Subcommand, Clone, Copy)]
enum Bare {
    /// Answers every request with a few bytes.
    Hello,
    /// Reads the JSON of an Encrypt call, verifies its signature, and encrypts with AES-256-GCM under one key.
    Encrypt,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.bare {
        Some(Bare::Hello) => bare::serve(bare::Kind::Hello),
        Some(Bare::Encrypt) => bare::serve(bare::Kind::Encrypt),
        None => measure(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> Result<()> {
    let load = report::load()?;
    let itself = std::env::current_exe()?;
    let beside = itself.with_file_name("garrison");
    let sections = sections(arguments, &itself, arguments.garrison.as_deref().unwrap_or(&beside))?;
    let Arguments { requests, rounds, connections, accounts, .. } = *arguments;
    let options =
        format!("--requests {requests} --rounds {rounds} --connections {connections} --accounts {accounts}");
    let report = report::whole(&options, &load, &sections)?;
    report::print(&report);
    match &arguments.output {
        Some(path) if arguments.only.is_empty() => std::fs::write(path, report)?,
        _ => {}
    }
    Ok(())
}

/// A section for each part that is wanted.
fn sections(arguments: &Arguments, itself: &Path, binary: &Path) -> Result<Vec<String>> {
    let Arguments { requests, rounds, connections, accounts, .. } = *arguments;
    let extent = scenario::Extent { requests, rounds, connections };
    let wanted = |part| arguments.only.is_empty() || arguments.only.contains(&part);
    let mut sections = Vec::new();
    if wanted(Part::Requests) {
        report::progress("measuring requests");
        sections.push(requests::report(&garrison::Garrison::start(binary)?, itself, extent)?);
    }
    if wanted(Part::Decisions) {
        report::progress("measuring decisions");
        sections.push(decisions::report()?);
    }
    if wanted(Part::Principals) || wanted(Part::Organization) {
        let small = garrison::Garrison::start(binary)?;
        let members = landscape::build(&small, 1)?;
        let member = members.first().ok_or("an organization without members")?;
        if wanted(Part::Principals) {
            report::progress("measuring principals");
            let plain = garrison::Garrison::start(binary)?;
            sections.push(principals::report(&plain, &small, member, extent)?);
        }
        if wanted(Part::Organization) {
            sections.push(organization::report(binary, accounts, &small, member, extent)?);
        }
    }
    Ok(sections)
}
