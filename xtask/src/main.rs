//! `cargo xtask`: every recurring task of this repository, as one program.
//!
//! **Invariant:** it names no crate of the workspace. It is compiled first on a fresh machine, and it must still run when the
//! workspace does not compile.

mod bench;
mod codegen;
mod coverage;
mod depcheck;
mod install;
mod process;
mod scaffold;
mod soak;
mod steps;
mod test;
mod tidy;
mod ui;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// What every task returns; the error is shown to the person who ran the task.
pub(crate) type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// The tasks of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the release binary and run it with --dev.
    Serve {
        /// Passed on to `garrison serve --dev`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Install what the tests need and run all of them: the first tier.
    Test(test::Args),
    /// The second tier: what runs for long.
    Soak(soak::Args),
    /// Generate crates/api/* from models/.
    Codegen(codegen::Args),
    /// Write docs/coverage.md: which operations exist and which do not, with the reason.
    Coverage {
        /// Write nothing; fail when the list is stale.
        #[arg(long)]
        check: bool,
    },
    /// Check the budgets and habits that no compiler checks.
    Tidy,
    /// Check that crates depend downward only.
    Depcheck,
    /// Write the file of one operation and enter it in the service's manifest.
    NewOp {
        /// The service as its model is named, for example `kms`.
        service: String,
        /// The operation as AWS spells it, for example `CreateKey`.
        operation: String,
    },
    /// Write the crates of one service: interface and implementation.
    NewService {
        /// The service as its model is named, for example `secretsmanager`.
        service: String,
    },
    /// Measure, and write docs/benchmarks.md.
    Bench {
        /// Passed on to the harness.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            ui::complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result {
    let workspace = Workspace::find()?;
    match task {
        Task::Serve { args } => serve(&workspace, &args),
        Task::Test(args) => test::run(&workspace, args),
        Task::Soak(args) => soak::run(&workspace, args),
        Task::Codegen(args) => codegen::run(&args),
        Task::Coverage { check } => coverage::run(&workspace, check),
        Task::Tidy => tidy::run(&workspace),
        Task::Depcheck => depcheck::run(&workspace),
        Task::NewOp { service, operation } => scaffold::new_op(&workspace, &service, &operation),
        Task::NewService { service } => scaffold::new_service(&workspace, &service),
        Task::Bench { args } => bench::run(&workspace, &args),
    }
}

fn serve(workspace: &Workspace, args: &[String]) -> Result {
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--release", "-p", "garrison-cli", "--", "serve", "--dev"]).args(args);
    process::run(&mut cargo)
}
