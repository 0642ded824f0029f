//! The second tier: what runs for hours. A short version of each is in the first.

use std::fs;
use std::path::PathBuf;

use crate::install::{self, Installer};
use crate::steps::{self, Outcome, Selection, Step};
use crate::workspace::Workspace;
use crate::{Result, process, test};

/// What the second tier can be told.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    selection: Selection,
    /// How often a loaded server is killed at a random point.
    #[arg(long, default_value_t = 200)]
    kills: u32,
    /// How long each fuzz target runs.
    #[arg(long, default_value_t = 3600, value_name = "SECONDS")]
    fuzz_seconds: u32,
}

struct Context {
    workspace: Workspace,
    installer: Installer,
    args: Args,
}

const STEPS: &[Step<Context>] = &[
    Step { name: "clients", about: "client tests marked `soak`: kills under load, power loss", run: clients },
    Step { name: "fuzz", about: "every target of fuzz/", run: fuzz },
    Step { name: "js-sdk", about: "AWS SDK for JavaScript 3", run: js_sdk },
    Step { name: "rust-sdk", about: "AWS SDK for Rust", run: rust_sdk },
];

/// Runs the second tier.
///
/// # Errors
/// A step failed.
pub(crate) fn run(workspace: &Workspace, args: Args) -> Result {
    let context = Context { workspace: workspace.clone(), installer: Installer::new(workspace), args };
    steps::run("cargo xtask soak", STEPS, &context.args.selection, &context)
}

fn clients(context: &Context) -> Result<Outcome> {
    let mut pytest = test::pytest(&context.workspace, &context.installer)?;
    pytest.args(["-m", "soak"]).env("GARRISON_SOAK_KILLS", context.args.kills.to_string());
    process::run(&mut pytest)?;
    Ok(Outcome::Passed(format!("{} kills", context.args.kills)))
}

fn fuzz(context: &Context) -> Result<Outcome> {
    let targets = fuzz_targets(&context.workspace)?;
    // The fuzzing engine is C++.
    context.installer.programs(&["g++"])?;
    let tool = context.installer.cargo_tool(&install::FUZZ)?;
    let seconds = context.args.fuzz_seconds;
    let mut failed = Vec::new();
    for target in &targets {
        let mut command = context.workspace.command(&tool);
        command
            .args(["fuzz", "run", "--sanitizer", "none", "--target-dir"])
            .arg(context.workspace.target.join("fuzz"));
        command.args([target, "--"]);
        command.args([
            &format!("-max_total_time={seconds}"),
            "-rss_limit_mb=2048",
            "-timeout=10",
            "-print_final_stats=1",
        ]);
        // Coverage instrumentation is an unstable flag of the compiler; this admits it on the stable one.
        command.env("RUSTC_BOOTSTRAP", "1");
        if process::run(&mut command).is_err() {
            failed.push(target.as_str());
        }
    }
    if failed.is_empty() {
        Ok(Outcome::Passed(format!("{} targets, {seconds} s each", targets.len())))
    } else {
        Err(format!("{} of {} targets: {}", failed.len(), targets.len(), failed.join(", ")).into())
    }
}

/// The names of the targets that `fuzz/Cargo.toml` declares.
fn fuzz_targets(workspace: &Workspace) -> Result<Vec<String>> {
    let manifest: toml::Table = fs::read_to_string(workspace.root.join("fuzz/Cargo.toml"))?.parse()?;
    let bins =
        manifest.get("bin").and_then(toml::Value::as_array).ok_or("fuzz/Cargo.toml declares no target")?;
    Ok(bins.iter().filter_map(|bin| bin.get("name")?.as_str()).map(str::to_owned).collect())
}

fn js_sdk(context: &Context) -> Result<Outcome> {
    script(context, "tests/sdk-js/run")
}

fn rust_sdk(context: &Context) -> Result<Outcome> {
    script(context, "tests/sdk-rust/run")
}

/// Builds Garrison and runs a smoke test that brings its own tools.
fn script(context: &Context, path: &str) -> Result<Outcome> {
    let script: PathBuf = context.workspace.root.join(path);
    if !script.is_file() {
        return Err(format!("{path} is not built yet").into());
    }
    process::run(context.workspace.cargo().args(["build", "--locked", "-p", "garrison-cli"]))?;
    let mut command = context.workspace.command(script);
    command.env("GARRISON_BIN", context.workspace.target.join("debug/garrison"));
    process::run(&mut command)?;
    Ok(Outcome::passed())
}
