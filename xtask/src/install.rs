//! Installs what the tests need on a machine that has a Rust toolchain and a C compiler, and nothing else.
//!
//! Programs come from Debian when the task runs as root, cargo's from source into the target folder, Python's into a virtual
//! environment there. Whatever cannot be installed is said, with the command that a person would run.

use std::cell::OnceCell;
use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace::Workspace;
use crate::{Result, process, ui};

/// A program from cargo's registry, pinned: a newer one may have new opinions.
pub(crate) struct CargoTool {
    /// The package, which is also the binary.
    pub(crate) package: &'static str,
    /// The version that the tests were written with.
    pub(crate) version: &'static str,
}

/// Runs the unit tests, each in a process of its own.
pub(crate) const NEXTEST: CargoTool = CargoTool { package: "cargo-nextest", version: "0.9.143" };
/// Checks licences, bans and sources of dependencies.
pub(crate) const DENY: CargoTool = CargoTool { package: "cargo-deny", version: "0.20.2" };
/// Builds and runs fuzz targets.
pub(crate) const FUZZ: CargoTool = CargoTool { package: "cargo-fuzz", version: "0.13.2" };

/// Finds what is there and installs what is not, each thing once.
pub(crate) struct Installer {
    workspace: Workspace,
    lists: OnceCell<Result<(), String>>,
    python: OnceCell<Result<Venv, String>>,
    postgres: OnceCell<Result<PathBuf, String>>,
    aws_v2: OnceCell<Result<PathBuf, String>>,
}

/// A virtual environment with the pinned packages of `tests/clients/requirements.txt`.
pub(crate) struct Venv {
    /// Its `bin`.
    pub(crate) bin: PathBuf,
}

impl Installer {
    /// Nothing is installed before it is asked for.
    pub(crate) fn new(workspace: &Workspace) -> Self {
        Self {
            workspace: workspace.clone(),
            lists: OnceCell::new(),
            python: OnceCell::new(),
            postgres: OnceCell::new(),
            aws_v2: OnceCell::new(),
        }
    }

    /// The folder of PostgreSQL's server programs, installed from Debian if there is none.
    ///
    /// # Errors
    /// There is none and it cannot be installed; the text is the reason.
    pub(crate) fn postgres(&self) -> Result<&Path, String> {
        let found = self.postgres.get_or_init(|| {
            if find_postgres().is_none() {
                self.apt(&["postgresql"])?;
            }
            find_postgres().ok_or_else(|| "the Debian package postgresql brought no initdb".to_owned())
        });
        found.as_deref().map_err(Clone::clone)
    }

    /// The AWS CLI of version 2, installed from Debian if there is none.
    ///
    /// # Errors
    /// There is none and it cannot be installed; the text is the reason.
    pub(crate) fn aws_v2(&self) -> Result<&Path, String> {
        let found = self.aws_v2.get_or_init(|| {
            if find_aws_v2().is_none() {
                self.apt(&["awscli"])?;
            }
            find_aws_v2().ok_or_else(|| "the Debian package awscli here is not version 2".to_owned())
        });
        found.as_deref().map_err(Clone::clone)
    }

    /// Installs those of `programs` (the names of Debian's packages are the same) that are not in `PATH`.
    ///
    /// # Errors
    /// One is missing and cannot be installed; the text is the reason.
    pub(crate) fn programs(&self, programs: &[&str]) -> Result<(), String> {
        let missing: Vec<_> = programs.iter().copied().filter(|name| process::find(name).is_none()).collect();
        if missing.is_empty() { Ok(()) } else { self.apt(&missing) }
    }

    /// The virtual environment, made anew when `requirements.txt` or the interpreter has changed.
    ///
    /// # Errors
    /// There is no Python that can make one, or a package cannot be installed; the text is the reason.
    pub(crate) fn venv(&self) -> Result<&Venv, String> {
        let made = self.python.get_or_init(|| self.make_venv().map_err(|error| error.to_string()));
        made.as_ref().map_err(Clone::clone)
    }

    fn make_venv(&self) -> Result<Venv> {
        let list = self.workspace.root.join("tests/clients/requirements.txt");
        let wanted = fs::read_to_string(&list).map_err(|error| format!("{}: {error}", list.display()))?;
        if !python_can_make_venvs() {
            self.apt(&["python3", "python3-venv"])?;
        }
        let version = process::output(self.workspace.command("python3").arg("--version"))?;
        let stamp = format!("{version}{wanted}");
        let folder = self.workspace.target.join("venv");
        let stamp_file = folder.join("garrison-requirements");
        if fs::read_to_string(&stamp_file).ok().as_deref() != Some(stamp.as_str()) {
            if folder.exists() {
                fs::remove_dir_all(&folder)?;
            }
            process::run(self.workspace.command("python3").args(["-m", "venv"]).arg(&folder))?;
            let mut pip = self.workspace.command(folder.join("bin/python"));
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&list);
            process::run(&mut pip)?;
            // Last, so that an interrupted installation is not taken for a finished one.
            fs::write(&stamp_file, stamp)?;
        }
        Ok(Venv { bin: folder.join("bin") })
    }

    /// A cargo subcommand: the one in `PATH`, else the one installed here before, else installed now.
    ///
    /// # Errors
    /// It cannot be built.
    pub(crate) fn cargo_tool(&self, tool: &CargoTool) -> Result<PathBuf> {
        let installed = self.workspace.tools().join("bin").join(tool.package);
        if let Some(found) = process::find(tool.package) {
            return Ok(found);
        }
        if !installed.is_file() {
            let mut cargo = self.workspace.cargo();
            cargo.args(["install", "--quiet", "--locked", "--root"]).arg(self.workspace.tools());
            // Unoptimised: these tools work for seconds, and optimising them takes minutes.
            cargo.arg("--debug").arg(format!("{}@{}", tool.package, tool.version));
            cargo.env("CARGO_PROFILE_DEV_DEBUG", "0");
            // A folder of its own: the tools' dependencies are not ours.
            cargo.env("CARGO_TARGET_DIR", self.workspace.target.join("tools-build"));
            process::run(&mut cargo)?;
            // Hundreds of megabytes that nothing needs again.
            let _ = fs::remove_dir_all(self.workspace.target.join("tools-build"));
        }
        Ok(installed)
    }

    /// Installs Debian packages.
    fn apt(&self, packages: &[&str]) -> Result<(), String> {
        let by_hand = format!("apt-get install {}", packages.join(" "));
        if process::find("apt-get").is_none() {
            return Err(format!("missing, and there is no apt-get here to install {}", packages.join(", ")));
        }
        if !is_root() {
            return Err(format!("missing, and only root can install it: {by_hand}"));
        }
        let command = || {
            let mut apt = self.workspace.command("apt-get");
            apt.env("DEBIAN_FRONTEND", "noninteractive").args(["-y", "-qq"]);
            apt
        };
        self.lists
            .get_or_init(|| process::run(command().arg("update")).map_err(|error| error.to_string()))
            .clone()?;
        process::run(command().args(["install", "--no-install-recommends"]).args(packages))
            .map_err(|error| error.to_string())
    }
}

/// Whether this process may install packages.
fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    effective_user(&status) == Some("0")
}

/// The effective user id in the text of `/proc/PID/status`.
fn effective_user(status: &str) -> Option<&str> {
    status.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().nth(1)
}

fn find_postgres() -> Option<PathBuf> {
    // A link in PATH may stand alone: the server's other programs are beside what it leads to.
    let beside = |program: PathBuf| Some(program.canonicalize().ok()?.parent()?.to_path_buf());
    process::find("initdb").and_then(beside).or_else(|| {
        let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
        let bins = versions.flatten().map(|version| version.path().join("bin"));
        let servers = bins.filter(|bin| bin.join("initdb").is_file() && bin.join("postgres").is_file());
        servers.max_by_key(|bin| bin.parent().and_then(|v| v.file_name()?.to_str()?.parse::<u32>().ok()))
    })
}

fn find_aws_v2() -> Option<PathBuf> {
    process::find_all("aws").into_iter().find(|aws| {
        let version = process::output(std::process::Command::new(aws).arg("--version"));
        version.is_ok_and(|version| version.starts_with("aws-cli/2"))
    })
}

fn python_can_make_venvs() -> bool {
    let probe = ["-c", "import ensurepip, venv"];
    process::find("python3")
        .is_some_and(|python| process::output(std::process::Command::new(python).args(probe)).is_ok())
}

/// Says what a skipped step would have needed.
pub(crate) fn warn(reason: &str) {
    ui::say(&format!("note: {reason}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_effective_user_decides() {
        assert_eq!(effective_user("Name:\tx\nUid:\t1000\t0\t1000\t1000\n"), Some("0"));
        assert_eq!(effective_user("Name:\tx\n"), None);
    }
}
