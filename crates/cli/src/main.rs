//! The `garrison` program: a command line around `garrison-server`.

mod command;
mod document;
mod keys;
mod logging;
mod policy;
mod serve;
mod settings;
mod values;

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::ArgMatches;
use clap_complete::Shell;
use garrison_server::{IssuedKey, RootKeys};

use crate::values::Values;

/// Answers are made of many small allocations on few threads, which it serves with less CPU than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Why the program ends with another code than 0.
pub(crate) enum Failure {
    /// The command line or the configuration is wrong: 2.
    Usage(String),
    /// Something failed: 1.
    Failed(String),
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::Failed(message)
    }
}

impl From<garrison_server::Error> for Failure {
    fn from(error: garrison_server::Error) -> Self {
        match error {
            garrison_server::Error::Config(message) => Self::Usage(message),
            other => Self::Failed(other.to_string()),
        }
    }
}

fn main() -> ExitCode {
    let matches = command::command().get_matches();
    let (message, code) = match run(&matches) {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Usage(message)) => (message, 2),
        Err(Failure::Failed(message)) => (message, 1),
    };
    // When standard error is gone, too, only the code is left to tell.
    let _ = writeln!(std::io::stderr(), "garrison: {message}");
    ExitCode::from(code)
}

fn run(matches: &ArgMatches) -> Result<(), Failure> {
    match matches.subcommand() {
        Some(("serve", matches)) => {
            serve::run(&Values::read(matches, command::SERVE).map_err(Failure::Usage)?)
        }
        Some(("backup", matches)) => {
            offline(matches, async |config| Ok(garrison_server::backup(&config, path(matches, "to")).await?))
        }
        Some(("restore", matches)) => offline(matches, async |config| {
            Ok(garrison_server::restore(&config, path(matches, "from")).await?)
        }),
        Some(("root-key", matches)) => root_key(matches),
        Some(("policy", matches)) => policy::run(matches),
        Some(("config", matches)) if matches.get_flag("markdown") => print(&document::page()),
        Some(("config", _)) => print(&document::file()),
        Some(("completions", matches)) => completions(matches),
        _ => print(&format!("garrison {}\n", env!("CARGO_PKG_VERSION"))),
    }
}

/// Runs a command that opens the store.
fn offline(
    matches: &ArgMatches,
    work: impl AsyncFnOnce(garrison_server::Config) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let values = Values::read(matches, command::STORE).map_err(Failure::Usage)?;
    let config = settings::offline(&values).map_err(Failure::Usage)?;
    logging::start("human", "warn").map_err(Failure::Usage)?;
    garrison_server::harden(false, true);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.map_err(|error| format!("cannot start threads: {error}"))?.block_on(work(config))
}

fn root_key(matches: &ArgMatches) -> Result<(), Failure> {
    match matches.subcommand() {
        Some(("create", matches)) => offline(matches, async |config| {
            let account = matches.get_one::<String>("for-account").map(|text| text.parse()).transpose();
            let account = account.map_err(|error| Failure::Usage(format!("{error}")))?;
            let IssuedKey { id, secret, account } = RootKeys::open(&config).await?.create(account).await?;
            let (id, secret) = (id.as_str(), secret.as_str());
            print(&format!(
                "This is a root access key of account {account}. It is shown this once.\n\n\
                 export AWS_ACCESS_KEY_ID={id}\nexport AWS_SECRET_ACCESS_KEY={secret}\n"
            ))
        }),
        Some(("deactivate", matches)) => offline(matches, async |config| {
            let id = matches.get_one::<String>("id").map(String::as_str).unwrap_or_default();
            Ok(RootKeys::open(&config).await?.deactivate(id).await?)
        }),
        Some((_, matches)) => offline(matches, async |config| {
            let keys = RootKeys::open(&config).await?.list().await?;
            let line = |key: &garrison_server::ListedKey| {
                let status = if key.active { "Active" } else { "Inactive" };
                format!("{} {} {status} {}\n", key.id, key.account, key.created)
            };
            print(&keys.iter().map(line).collect::<String>())
        }),
        None => Ok(()),
    }
}

fn completions(matches: &ArgMatches) -> Result<(), Failure> {
    let Some(shell) = matches.get_one::<Shell>("shell") else { return Ok(()) };
    let mut script = Vec::new();
    clap_complete::generate(*shell, &mut command::command(), "garrison", &mut script);
    print(&String::from_utf8_lossy(&script))
}

fn path<'a>(matches: &'a ArgMatches, name: &str) -> &'a Path {
    Path::new(matches.get_one::<String>(name).map(String::as_str).unwrap_or_default())
}

/// Prints to standard output.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    let printed = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    printed.map_err(|error| Failure::Failed(format!("cannot print: {error}")))
}
