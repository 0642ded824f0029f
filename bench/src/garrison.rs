//! The binary under test, in normal mode: every signature verified, policies evaluated, audit on.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::Result;
use crate::api::Api;
use crate::client::Credentials;
use crate::process::Server;

/// A Garrison with a data folder of its own.
pub(crate) struct Garrison {
    binary: PathBuf,
    /// Holds its data until the end.
    folder: TempDir,
    pub(crate) server: Server,
    /// The root user of its first account.
    pub(crate) root: Credentials,
}

/// What a process takes before anybody calls it.
pub(crate) struct Idle {
    /// From exec to ready, in milliseconds, of several starts.
    pub(crate) ready_millis: Vec<f64>,
    /// Resident memory once ready, in MiB.
    pub(crate) resident_mib: f64,
}

/// How often a start is measured.
const STARTS: usize = 5;

impl Garrison {
    pub(crate) fn start(binary: &Path) -> Result<Self> {
        let folder = TempDir::new()?;
        let (server, _) = launch(binary, folder.path())?;
        let output = std::fs::read_to_string(folder.path().join("output"))?;
        let value = |name: &str| -> Result<String> {
            let line = output.lines().find_map(|line| line.trim().strip_prefix(&format!("export {name}=")));
            Ok(line.ok_or_else(|| format!("the first start printed no {name}:\n{output}"))?.trim().to_owned())
        };
        let root = Credentials {
            access_key_id: value("AWS_ACCESS_KEY_ID")?,
            secret: value("AWS_SECRET_ACCESS_KEY")?,
            token: None,
        };
        Ok(Self { binary: binary.to_owned(), folder, server, root })
    }

    /// A connection.
    pub(crate) fn api(&self) -> Result<Api> {
        Api::open(self.server.address)
    }

    /// Starts fresh processes, one after the other, and looks at each before anybody calls it.
    pub(crate) fn idle(&self) -> Result<Idle> {
        let mut idle = Idle { ready_millis: Vec::new(), resident_mib: 0.0 };
        for _ in 0..STARTS {
            let folder = TempDir::new()?;
            let (server, ready) = launch(&self.binary, folder.path())?;
            idle.resident_mib = server.resident_mib()?;
            idle.ready_millis.push(ready.as_secs_f64() * 1e3);
        }
        Ok(idle)
    }

    /// Kills the process and starts another one on its data, several times; the last one goes on.
    pub(crate) fn restart(&mut self) -> Result<Idle> {
        let mut idle = Idle { ready_millis: Vec::new(), resident_mib: 0.0 };
        for _ in 0..STARTS {
            self.server.end();
            let ready;
            (self.server, ready) = launch(&self.binary, self.folder.path())?;
            idle.resident_mib = self.server.resident_mib()?;
            idle.ready_millis.push(ready.as_secs_f64() * 1e3);
        }
        Ok(idle)
    }

    /// The size of the records, and of the audit log, on disk in MiB.
    pub(crate) fn disk_mib(&self) -> Result<(f64, f64)> {
        let data = self.folder.path().join("data");
        let audit = size_of(&data.join("audit"))?;
        Ok((size_of(&data)? - audit, audit))
    }
}

/// The blocks of every file below a folder, in MiB.
fn size_of(folder: &Path) -> Result<f64> {
    use std::os::unix::fs::MetadataExt as _;

    let mut mib = 0.0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        mib += if metadata.is_dir() {
            size_of(&entry.path())?
        } else {
            f64::from(u32::try_from(metadata.blocks())?) / 2048.0
        };
    }
    Ok(mib)
}

#[expect(clippy::disallowed_methods, reason = "measuring is what this program is for")]
fn launch(binary: &Path, folder: &Path) -> Result<(Server, Duration)> {
    let port_file = folder.join("port");
    if port_file.exists() {
        std::fs::remove_file(&port_file)?;
    }
    let output = std::fs::File::create(folder.join("output"))?;
    let start = Instant::now();
    let mut child = Command::new(binary)
        .args(["serve", "--no-tls", "--listen", "127.0.0.1:0", "--port-file"])
        .arg(&port_file)
        .arg("--data-dir")
        .arg(folder.join("data"))
        .arg("--root-key-file")
        .arg(folder.join("root.key"))
        // Room for a key of every account of a large organization.
        .args(["--kms-key-cache", "16384"])
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
