//! Throwaway PostgreSQL clusters for tests.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// The user `nobody`, whom root lends its clusters to: PostgreSQL refuses to run as root.
const NOBODY: u32 = 65_534;

/// A cluster of its own, on a socket in a temporary folder, gone when it is dropped.
pub struct Cluster {
    folder: TempDir,
    bin: PathBuf,
    durable: bool,
    settings: Vec<String>,
    server: Option<Child>,
}

impl Cluster {
    /// Starts a cluster; `None` when this machine has no PostgreSQL, which is said on standard error, unless
    /// `GARRISON_REQUIRE_POSTGRES` is set: then that is a failure. `GARRISON_POSTGRES_BIN` names the folder of
    /// its programs. A cluster that is not `durable` does not sync, for tests that do not lose power.
    pub fn start(durable: bool) -> Option<Self> {
        let mut cluster = Self::prepare(durable)?;
        cluster.boot();
        Some(cluster)
    }

    /// Starts a cluster that takes TLS connections with this certificate and key (PEM), and the port on
    /// 127.0.0.1 that it does so on.
    pub fn start_with_tls(certificate: &str, key: &str) -> Option<(Self, u16)> {
        let mut cluster = Self::prepare(false)?;
        for (name, content) in [("server.crt", certificate), ("server.key", key)] {
            let path = cluster.data().join(name);
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            give_away(&path);
        }
        let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        cluster.settings =
            vec!["listen_addresses=127.0.0.1".to_owned(), format!("port={port}"), "ssl=on".to_owned()];
        // The port is in the socket's name too.
        cluster.boot();
        Some((cluster, port))
    }

    fn prepare(durable: bool) -> Option<Self> {
        let Some(bin) = programs() else {
            let missing =
                "no PostgreSQL: neither GARRISON_POSTGRES_BIN nor PATH nor /usr/lib/postgresql has initdb";
            assert!(!is_set("GARRISON_REQUIRE_POSTGRES"), "{missing}");
            announce(&format!("SKIPPED: {missing}"));
            return None;
        };
        let folder = tempfile::Builder::new().prefix("garrison-pg-").tempdir().unwrap();
        open_to_all(folder.path());
        let cluster =
            Self { folder, bin, durable, settings: vec!["listen_addresses=".to_owned()], server: None };
        let template = template(&cluster.bin);
        run(Command::new("cp").arg("-r").arg(template).arg(cluster.data()));
        give_away(&cluster.data());
        give_away(cluster.folder.path());
        Some(cluster)
    }

    /// How to connect to it.
    pub fn connection(&self) -> String {
        format!("host={} user=garrison dbname=postgres", self.folder.path().display())
    }

    /// Runs a statement.
    pub fn sql(&self, statement: &str) {
        let mut psql = Command::new(self.bin.join("psql"));
        psql.args(["-U", "garrison", "-d", "postgres", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement]);
        run(psql.arg("-h").arg(self.folder.path()));
    }

    /// How to connect to a fresh database of it.
    pub fn database(&self, name: &str) -> String {
        self.sql(&format!("CREATE DATABASE {name}"));
        format!("host={} user=garrison dbname={name}", self.folder.path().display())
    }

    /// Kills every process of the server at once, as `kill -9` does.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            // Children first: they would notice their parent's end and might still finish something.
            let children = format!("/proc/{0}/task/{0}/children", server.id());
            let children = fs::read_to_string(children).unwrap_or_default();
            for child in
                children.split_whitespace().filter_map(|pid| pid.parse().ok()).filter_map(Pid::from_raw)
            {
                // A child may have ended by itself.
                let _ = kill_process(child, Signal::KILL);
            }
            server.kill().unwrap();
            server.wait().unwrap();
        }
    }

    /// Starts the server again after [`Cluster::kill`].
    pub fn boot(&mut self) {
        // A process of the one that was killed may hold the folder for a moment longer: then this one ends.
        for _ in 0..50 {
            if self.try_boot() {
                return;
            }
        }
        panic!("the server does not come up: {}", self.log());
    }

    /// Whether the server came up, and did not end at once.
    fn try_boot(&mut self) -> bool {
        let mut command = Command::new(self.bin.join("postgres"));
        command.arg("-D").arg(self.data()).arg("-k").arg(self.folder.path());
        command.args(["-c", "max_connections=60", "-c", "shared_buffers=16MB"]);
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        command.args(["-c", "logging_collector=off", "-c", "log_min_messages=fatal"]);
        if !self.durable {
            command.args(["-c", "fsync=off", "-c", "full_page_writes=off"]);
        }
        let log = File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        as_nobody(&mut command);
        let mut server = command.spawn().unwrap();
        for _ in 0..3000 {
            let mut ready = Command::new(self.bin.join("pg_isready"));
            ready.args(["-q", "-U", "garrison", "-d", "postgres", "-h"]).arg(self.folder.path());
            ready.args(["-p", self.port()]);
            if ready.status().unwrap().success() {
                self.server = Some(server);
                return true;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
            if server.try_wait().unwrap().is_some() {
                return false;
            }
        }
        self.server = Some(server);
        panic!("the server does not get ready: {}", self.log());
    }

    fn port(&self) -> &str {
        self.settings.iter().find_map(|setting| setting.strip_prefix("port=")).unwrap_or("5432")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            // "Immediate shutdown": the postmaster ends its children and itself.
            let pid = i32::try_from(server.id()).ok().and_then(Pid::from_raw);
            if pid.is_none_or(|pid| kill_process(pid, Signal::QUIT).is_err()) {
                let _ = server.kill();
            }
            let _ = server.wait();
        }
    }
}

/// Says something that a test runner must not hide. Runners capture output only; this is where it goes.
fn announce(text: &str) {
    use std::io::Write;
    // Nobody to tell it to is no reason to fail.
    let _ = writeln!(std::io::stderr(), "{text}");
}

#[expect(clippy::disallowed_methods, reason = "tests are configured by their environment")]
fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0")
}

/// The folder that has `initdb`.
#[expect(clippy::disallowed_methods, reason = "tests are configured by their environment")]
fn programs() -> Option<PathBuf> {
    let named = std::env::var_os("GARRISON_POSTGRES_BIN").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut installed: Vec<_> = installed.map(|version| version.path().join("bin")).collect();
    installed.sort();
    named
        .into_iter()
        .chain(installed.into_iter().rev())
        .chain(std::env::split_paths(&path))
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

/// A cluster as `initdb` makes it, made once per machine and kept for the next test.
fn template(bin: &Path) -> PathBuf {
    let version = Command::new(bin.join("postgres")).arg("--version").output().unwrap().stdout;
    let version: String =
        String::from_utf8_lossy(&version).chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
    let uid = rustix::process::getuid().as_raw();
    let home = std::env::temp_dir().join(format!("garrison-test-postgres-{uid}"));
    fs::create_dir_all(&home).unwrap();
    open_to_all(&home);
    let lock = File::create(home.join("lock")).unwrap();
    lock.lock().unwrap();
    let ready = home.join(format!("template-{version}"));
    if !ready.exists() {
        let work = tempfile::Builder::new().prefix("initdb-").tempdir_in(&home).unwrap();
        open_to_all(work.path());
        give_away(work.path());
        let data = work.path().join("data");
        let mut initdb = Command::new(bin.join("initdb"));
        initdb.arg("-D").arg(&data).args(["-U", "garrison", "-A", "trust", "--no-sync", "--no-locale"]);
        initdb.args(["-E", "UTF8", "--wal-segsize=1"]);
        as_nobody(&mut initdb);
        run(&mut initdb);
        fs::rename(data, &ready).unwrap();
    }
    ready
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn as_nobody(command: &mut Command) {
    command.current_dir("/");
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
}

/// Makes the user that the server runs as the owner of everything below a folder.
fn give_away(path: &Path) {
    if !is_root() {
        return;
    }
    chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    if path.is_dir() {
        fs::read_dir(path).unwrap().for_each(|entry| give_away(&entry.unwrap().path()));
    }
}

fn open_to_all(folder: &Path) {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
