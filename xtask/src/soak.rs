//! The second tier: what runs for hours. A short version of each is in the first.

use std::fs::{self, File};
use std::path::PathBuf;

use crate::install::{self, Installer};
use crate::steps::{self, Outcome, Selection, Step};
use crate::workspace::Workspace;
use crate::{Result, process, test, ui};

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
    /// How many generated cases the policy engine and the naive evaluator are compared on.
    #[arg(long, default_value_t = 10_000_000)]
    policy_cases: u64,
}

struct Context {
    workspace: Workspace,
    installer: Installer,
    args: Args,
}

const STEPS: &[Step<Context>] = &[
    Step { name: "store", about: "the stores alone: kills, power loss, each sync left out", run: store },
    Step { name: "clients", about: "client tests marked `soak`: kills under load, power loss", run: clients },
    Step {
        name: "policy",
        about: "the policy engine beside the naive evaluator, by the million",
        run: policy,
    },
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

/// By `cargo test`: the runner of the first tier ends a test after minutes.
fn store(context: &Context) -> Result<Outcome> {
    let mut tests = context.workspace.cargo();
    tests.args(["test", "--locked", "-p", "garrison-store-torture", "--", "--nocapture"]);
    test::require_postgres(&mut tests, context.installer.postgres()?);
    process::run(tests.env("GARRISON_KILLS", context.args.kills.to_string()))?;
    Ok(Outcome::Passed(format!("{} kills and {0} losses of power", context.args.kills)))
}

fn clients(context: &Context) -> Result<Outcome> {
    context.installer.postgres()?;
    let mut pytest = test::pytest(&context.workspace, &context.installer)?;
    pytest.args(["-s", "-m", "soak"]).env("GARRISON_KILLS", context.args.kills.to_string());
    process::run(&mut pytest)?;
    Ok(Outcome::Passed(format!("{} kills", context.args.kills)))
}

/// Optimised: it computes, and waits for nothing.
fn policy(context: &Context) -> Result<Outcome> {
    let mut tests = context.workspace.cargo();
    tests.args(["test", "--release", "--locked", "-p", "garrison-policy", "--test", "suite", "--"]);
    tests.args(["--ignored", "--nocapture", "very_many"]);
    process::run(tests.env("GARRISON_POLICY_CASES", context.args.policy_cases.to_string()))?;
    Ok(Outcome::Passed(format!("{} cases without a difference", context.args.policy_cases)))
}

fn fuzz(context: &Context) -> Result<Outcome> {
    let targets = fuzz_targets(&context.workspace)?;
    // The fuzzing engine is C++.
    context.installer.programs(&["g++"])?;
    let tool = context.installer.cargo_tool(&install::FUZZ)?;
    let home = context.workspace.target.join("fuzz");
    let seeds = home.join("seeds");
    let mut make = context.workspace.cargo();
    make.args(["run", "--quiet", "--locked", "--manifest-path", "fuzz/Cargo.toml", "--example", "seeds"]);
    process::run(make.arg("--target-dir").arg(&context.workspace.target).arg("--").arg(&seeds))?;
    let cargo_fuzz = |task: &str| {
        let mut command = context.workspace.command(&tool);
        command.args(["fuzz", task, "--sanitizer", "none", "--target-dir"]).arg(&home);
        // Coverage instrumentation is an unstable flag of the compiler; this admits it on the stable one.
        command.env("RUSTC_BOOTSTRAP", "1");
        command
    };
    process::run(&mut cargo_fuzz("build"))?;
    let seconds = context.args.fuzz_seconds;
    let (mut failed, mut found) = (Vec::new(), Vec::new());
    for target in &targets {
        let (corpus, log) = (home.join("corpus").join(target), home.join(format!("{target}.log")));
        fs::create_dir_all(&corpus)?;
        let mut run = cargo_fuzz("run");
        // The engine adds what it finds to the first folder only.
        let folders = [corpus, seeds.join(target)];
        run.arg(target).args(folders.iter().filter(|folder| folder.is_dir())).arg("--");
        run.arg(format!("-max_total_time={seconds}"));
        run.args(["-rss_limit_mb=2048", "-timeout=10", "-print_final_stats=1"]);
        run.stderr(File::create(&log)?);
        if process::run(&mut run).is_err() {
            failed.push(format!("{target} ({})", log.display()));
        }
        found.push(format!("{target}: {}", figures(&fs::read_to_string(&log)?)));
    }
    found.iter().for_each(|line| ui::say(line));
    if failed.is_empty() {
        Ok(Outcome::Passed(format!("{} targets, {seconds} s each", targets.len())))
    } else {
        Err(format!("{} of {} targets: {}", failed.len(), targets.len(), failed.join(", ")).into())
    }
}

/// What the engine's log says at its end: how many inputs were tried and how much of the code they reached.
fn figures(log: &str) -> String {
    let last =
        |mark: &str| log.lines().rev().find_map(|line| line.split_once(mark)?.1.split_whitespace().next());
    let (runs, edges) = (last("stat::number_of_executed_units:"), last(" cov: "));
    format!("{} inputs, {} edges", runs.unwrap_or("no"), edges.unwrap_or("no"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_s_last_figures_count() {
        let log = "#2\tINITED cov: 4 ft: 5 corp: 1/1b\n#8192\tpulse  cov: 17 ft: 40 corp: 9/1Kb lim: 8\n\
                   Done 9000 runs in 2 second(s)\nstat::number_of_executed_units: 9000\nstat::new_units_added: 3\n";
        assert_eq!(figures(log), "9000 inputs, 17 edges");
        assert_eq!(figures("error: could not compile"), "no inputs, no edges");
    }
}
