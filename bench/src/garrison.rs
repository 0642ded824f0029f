//! The binary under test, in normal mode: every signature verified, policies evaluated, audit on.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::Result;
use crate::client::{Connection, Credentials, kms_request};
use crate::process::Server;

/// A Garrison with an account of its own.
pub(crate) struct Garrison {
    binary: PathBuf,
    /// Holds its data until the end.
    _folder: TempDir,
    pub(crate) server: Server,
    pub(crate) who: Credentials,
}

/// What a fresh process takes before anybody calls it.
pub(crate) struct Idle {
    /// From exec to ready, in milliseconds, of several starts.
    pub(crate) ready_millis: Vec<f64>,
    /// Resident memory once ready, in MiB.
    pub(crate) resident_mib: f64,
}

impl Garrison {
    pub(crate) fn start(binary: &Path) -> Result<Self> {
        let folder = TempDir::new()?;
        let (server, _) = launch(binary, folder.path())?;
        let output = std::fs::read_to_string(folder.path().join("output"))?;
        let value = |name: &str| -> Result<String> {
            let line = output.lines().find_map(|line| line.trim().strip_prefix(&format!("export {name}=")));
            Ok(line.ok_or_else(|| format!("the first start printed no {name}:\n{output}"))?.trim().to_owned())
        };
        let who = Credentials {
            access_key_id: value("AWS_ACCESS_KEY_ID")?,
            secret: value("AWS_SECRET_ACCESS_KEY")?,
        };
        Ok(Self { binary: binary.to_owned(), _folder: folder, server, who })
    }

    /// Calls an operation once and gives a member of its answer.
    pub(crate) fn call(&self, operation: &str, body: &str, pointer: &str) -> Result<String> {
        let request = kms_request(self.server.address, &self.who, operation, body)?;
        let (status, answer) = Connection::open(self.server.address)?.call(&request)?;
        let answer: serde_json::Value = serde_json::from_slice(&answer)?;
        let member = answer.pointer(pointer).and_then(|value| value.as_str());
        Ok(member.ok_or_else(|| format!("{operation} answered {status}: {answer}"))?.to_owned())
    }

    /// Starts fresh processes, one after the other, and looks at each before anybody calls it.
    pub(crate) fn idle(&self) -> Result<Idle> {
        let mut ready_millis = Vec::new();
        let mut resident_mib = 0.0;
        for _ in 0..5 {
            let folder = TempDir::new()?;
            let (server, ready) = launch(&self.binary, folder.path())?;
            resident_mib = server.resident_mib()?;
            ready_millis.push(ready.as_secs_f64() * 1e3);
        }
        Ok(Idle { ready_millis, resident_mib })
    }
}

#[expect(clippy::disallowed_methods, reason = "measuring is what this program is for")]
fn launch(binary: &Path, folder: &Path) -> Result<(Server, Duration)> {
    let port_file = folder.join("port");
    let output = std::fs::File::create(folder.join("output"))?;
    let start = Instant::now();
    let mut child = Command::new(binary)
        .args(["serve", "--no-tls", "--listen", "127.0.0.1:0", "--port-file"])
        .arg(&port_file)
        .arg("--data-dir")
        .arg(folder.join("data"))
        .arg("--root-key-file")
        .arg(folder.join("root.key"))
        .stdout(Stdio::from(output.try_clone()?))
        .stderr(Stdio::from(output))
        .spawn()?;
    loop {
        if let Ok(port) = std::fs::read_to_string(&port_file)
            && let Ok(port) = port.trim().parse::<u16>()
        {
            return Ok((Server::new(child, SocketAddr::from(([127, 0, 0, 1], port))), start.elapsed()));
        }
        if child.try_wait()?.is_some() || start.elapsed() > Duration::from_secs(20) {
            let output = std::fs::read_to_string(folder.join("output"))?;
            return Err(format!("{} did not start:\n{output}", binary.display()).into());
        }
        std::thread::sleep(Duration::from_micros(200));
    }
}
