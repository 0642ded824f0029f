//! Where things are.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::{Result, process};

/// The checkout, and the folder for what is built from it.
#[derive(Clone)]
pub(crate) struct Workspace {
    /// The folder of the root `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's target folder: binaries, the tools that the tests need, their virtual environment.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Finds the checkout that this program was started for.
    ///
    /// # Errors
    /// Cargo cannot read the workspace.
    pub(crate) fn find() -> Result<Self> {
        // `cargo run` says where the package is now; what was compiled in may be a checkout that is gone, because the
        // target folder can outlive it.
        let package = process::env("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&package).parent().ok_or("xtask is not inside a workspace")?.to_path_buf();
        let target = metadata(&root)?
            .get("target_directory")
            .and_then(Value::as_str)
            .map(PathBuf::from)
            .ok_or("cargo metadata names no target folder")?;
        Ok(Self { root, target })
    }

    /// `cargo`, the same that runs this task, in the root of the checkout.
    pub(crate) fn cargo(&self) -> Command {
        self.command(process::env("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    /// `program`, in the root of the checkout.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// Where tools that the tests need are installed: they live as long as the target folder.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// The members of the workspace and what each names, without resolving anything: works offline and on a tree whose lock
    /// file is stale.
    ///
    /// # Errors
    /// Cargo cannot read the workspace.
    pub(crate) fn metadata(&self) -> Result<Value> {
        metadata(&self.root)
    }
}

fn metadata(root: &Path) -> Result<Value> {
    let mut cargo = Command::new(process::env("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root).args(["metadata", "--no-deps", "--format-version", "1"]);
    Ok(serde_json::from_str(&process::output(&mut cargo)?)?)
}
