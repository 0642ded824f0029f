//! Measuring: builds the release profile and hands over to the harness, which writes `docs/benchmarks.md`.

use crate::workspace::Workspace;
use crate::{Result, process};

/// Runs the harness with `args`.
///
/// # Errors
/// There is no harness, it does not build, or it fails.
pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Result {
    if !workspace.root.join("bench/Cargo.toml").is_file() {
        return Err("the benchmark harness is not built yet: there is no bench/Cargo.toml".into());
    }
    process::run(workspace.cargo().args(["build", "--release", "-p", "garrison-cli"]))?;
    process::run(workspace.cargo().args(["run", "--release", "-p", "garrison-bench", "--"]).args(args))
}
