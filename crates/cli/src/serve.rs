//! `garrison serve`.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use garrison_server::{Config, Server, Storage, harden};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::values::Values;
use crate::{Failure, logging, print, settings};

/// What a process exits with that a second signal cuts short.
const CUT_SHORT: i32 = 130;

/// Serves until a signal.
pub(crate) fn run(values: &Values) -> Result<(), Failure> {
    let config = settings::server(values).map_err(Failure::Usage)?;
    let (format, filter) = (values.text("log.format"), values.text("log.filter"));
    logging::start(format.unwrap_or_default(), filter.unwrap_or_default()).map_err(Failure::Usage)?;
    harden(config.strict_memory, config.development);
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if let Some(threads) = config.threads {
        builder.worker_threads(threads.max(1));
    }
    let runtime = builder.enable_all().build().map_err(|error| format!("cannot start threads: {error}"))?;
    let port_file = values.text("port_file").map(PathBuf::from);
    let outcome = runtime.block_on(serve(config, port_file.as_deref()));
    drop(runtime);
    if values.is_on("pause_after_shutdown").map_err(Failure::Usage)? {
        pause()?;
    }
    outcome
}

async fn serve(config: Config, port_file: Option<&Path>) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::from(format!("cannot listen for signals: {error}"));
    let (interrupt, terminate) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    let (interrupt, terminate) = (interrupt.map_err(failed)?, terminate.map_err(failed)?);
    let greeting = Greeting::of(&config);
    let server = Server::open(config).await?;
    print(&greeting.text(&server))?;
    if let Some(path) = port_file {
        write_port(path, server.address().port())?;
    }
    tracing::info!(address = %server.address(), "ready");
    Ok(server.run(stop(interrupt, terminate)).await?)
}

/// Resolves at the first signal; from then on another one ends the process at once.
async fn stop(mut interrupt: Signal, mut terminate: Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        std::process::exit(CUT_SHORT);
    });
}

/// What is printed when requests are answered.
struct Greeting {
    development: bool,
    temporary: bool,
    region: String,
}

impl Greeting {
    fn of(config: &Config) -> Self {
        Self {
            development: config.development,
            temporary: config.storage == Storage::Temporary,
            region: config.region.to_string(),
        }
    }

    fn text(&self, server: &Server) -> String {
        let endpoint = format!("{}://{}", server.scheme(), reachable(server.address()));
        let mode = match (self.development, self.temporary) {
            (false, _) => "",
            (true, false) => " in development mode",
            (true, true) => " in development mode, with a temporary data folder",
        };
        let mut text = format!("Garrison {} is ready at {endpoint}{mode}.\n", env!("CARGO_PKG_VERSION"));
        // Writing to a string cannot fail, here and below.
        if let Some(path) = server.made_certificate() {
            let _ = writeln!(text, "\nIts certificate was made just now; clients must trust it:\n");
            let _ = writeln!(text, "export AWS_CA_BUNDLE={}", path.display());
        }
        let (id, secret) = match (server.issued_key(), self.development) {
            (Some(key), _) => {
                let _ = writeln!(
                    text,
                    "\nThis is the root access key of account {}. It is shown this once.",
                    key.account
                );
                (key.id.as_str(), key.secret.as_str())
            }
            (None, true) => ("test", "test"),
            (None, false) => return text,
        };
        let region = &self.region;
        let _ = writeln!(text, "\nexport AWS_ENDPOINT_URL={endpoint}");
        let _ = writeln!(text, "export AWS_REGION={region} AWS_DEFAULT_REGION={region}");
        let _ = writeln!(text, "export AWS_ACCESS_KEY_ID={id}\nexport AWS_SECRET_ACCESS_KEY={secret}\n");
        text
    }
}

/// An address that a client on this machine can connect to.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Writes the port whole: whoever sees the file sees all of it.
fn write_port(path: &Path, port: u16) -> Result<(), String> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let written = std::fs::write(&part, format!("{port}\n")).and_then(|()| std::fs::rename(&part, path));
    written.map_err(|error| format!("cannot write the port to `{}`: {error}", path.display()))
}

fn pause() -> Result<(), Failure> {
    print("paused\n")?;
    let _ = std::io::stdout().flush();
    let mut rest = [0; 64];
    while std::io::stdin().read(&mut rest).is_ok_and(|read| read > 0) {}
    Ok(())
}
