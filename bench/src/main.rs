//! Measures Garrison's CPU per request beside bare servers, in one run, and writes `docs/benchmarks.md`.
//!
//! Absolute times on a shared machine are noise; CPU time of the server process over a fixed number of requests
//! and ratios within one run are not. Every figure is the median of several rounds, the servers taking turns.

mod bare;
mod client;
mod garrison;
mod process;
mod report;
mod scenario;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

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
    #[arg(long, default_value_t = 20_000)]
    requests: u32,
    /// Rounds; the median counts.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Connections, each with one request under way.
    #[arg(long, default_value_t = 16)]
    connections: u32,
    /// Where the report goes; only printed when absent.
    #[arg(long)]
    output: Option<PathBuf>,
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
    let binary = arguments.garrison.clone().unwrap_or(beside);
    let garrison = garrison::Garrison::start(&binary)?;
    let hello = process::Server::bare(&itself, "hello")?;
    let encrypt = process::Server::bare(&itself, "encrypt")?;
    let scenarios = scenario::all(&garrison, &hello, &encrypt)?;
    let mut samples: Vec<Vec<process::Cpu>> = scenarios.iter().map(|_| Vec::new()).collect();
    for _ in 0..arguments.rounds {
        for (scenario, samples) in scenarios.iter().zip(&mut samples) {
            samples.push(scenario.run(arguments.requests, arguments.connections)?);
        }
    }
    let idle = garrison.idle()?;
    let Arguments { requests, rounds, connections, .. } = *arguments;
    let run = report::Run { requests, rounds, connections, load };
    let report = report::write(&run, &scenarios, &samples, &idle)?;
    report::print(&report);
    if let Some(path) = &arguments.output {
        std::fs::write(path, report)?;
    }
    Ok(())
}
