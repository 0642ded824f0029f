//! Measuring: builds the release profile and hands over to the harness, which writes `docs/benchmarks.md`.

use crate::workspace::Workspace;
use crate::{Result, process};

/// Runs the harness with `args`.
///
/// # Errors
/// It or the server does not build, or the harness fails.
pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Result {
    let build = ["build", "--release", "--locked", "-p", "garrison-cli", "-p", "garrison-bench"];
    process::run(workspace.cargo().args(build))?;
    let mut harness = workspace.command(workspace.target.join("release/garrison-bench"));
    harness.arg("--output").arg(workspace.root.join("docs/benchmarks.md")).args(args);
    process::run(&mut harness)
}
