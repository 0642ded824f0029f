//! Logs to standard error.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// What these say below the level of news is theirs to know: it may hold bytes of requests. A filter can name them
/// all the same.
const QUIET: &str = "h2=info,hyper=info,hyper_util=info,rustls=info,tokio_postgres=info";

/// Begins logging in a format, `human` or `json`, what a filter lets through.
pub(crate) fn start(format: &str, filter: &str) -> Result<(), String> {
    let filter =
        EnvFilter::try_new(format!("{QUIET},{filter}")).map_err(|error| format!("`log.filter`: {error}"))?;
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = match format {
        "human" => subscriber.try_init(),
        "json" => subscriber.json().flatten_event(true).with_ansi(false).try_init(),
        other => return Err(format!("`log.format` must be human or json, not `{other}`")),
    };
    started.map_err(|error| format!("cannot begin logging: {error}"))
}
