//! The first tier: everything that must hold before a change is merged, in minutes.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::install::{self, Installer};
use crate::steps::{self, Outcome, Selection, Step};
use crate::workspace::Workspace;
use crate::{Result, codegen, coverage, depcheck, process, tidy};

/// What the first tier can be told.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    selection: Selection,
    /// A clone of the RustSec advisory database, <https://github.com/RustSec/advisory-db>; without it advisories are not checked.
    #[arg(long, value_name = "DIR")]
    advisories: Option<PathBuf>,
    /// A folder with the `terraform` binary and a mirror of the AWS provider; without it Terraform is not tested.
    #[arg(long, value_name = "DIR")]
    terraform_plugins: Option<PathBuf>,
}

/// What every step sees.
struct Context {
    workspace: Workspace,
    installer: Installer,
    advisories: Option<PathBuf>,
    terraform_plugins: Option<PathBuf>,
}

const STEPS: &[Step<Context>] = &[
    Step { name: "fmt", about: "formatting", run: fmt },
    Step { name: "tidy", about: "budgets and habits", run: |c| done(tidy::run(&c.workspace)) },
    Step {
        name: "depcheck",
        about: "crates depend downward only",
        run: |c| done(depcheck::run(&c.workspace)),
    },
    Step { name: "codegen", about: "generated code is fresh", run: |_| done(codegen::check()) },
    Step {
        name: "coverage",
        about: "the list of operations is fresh",
        run: |c| done(coverage::run(&c.workspace, true)),
    },
    Step { name: "clippy", about: "lints, with warnings as errors", run: clippy },
    Step { name: "postgres", about: "a PostgreSQL server for the store suites", run: postgres },
    Step { name: "unit", about: "unit, property and store suites", run: unit },
    Step { name: "aws-v2", about: "AWS CLI 2 from Debian", run: aws_v2 },
    Step { name: "clients", about: "stock clients, end to end", run: clients },
    Step { name: "terraform", about: "Terraform's AWS provider", run: terraform },
    Step { name: "deny", about: "bans, licences and sources of dependencies", run: deny },
    Step { name: "advisories", about: "known vulnerabilities of dependencies", run: advisories },
];

/// Runs the first tier.
///
/// # Errors
/// A step failed.
pub(crate) fn run(workspace: &Workspace, args: Args) -> Result {
    let context = Context {
        workspace: workspace.clone(),
        installer: Installer::new(workspace),
        advisories: args.advisories.as_deref().map(absolute).transpose()?,
        terraform_plugins: args.terraform_plugins.as_deref().map(absolute).transpose()?,
    };
    steps::run("cargo xtask test", STEPS, &args.selection, &context)
}

fn absolute(folder: &Path) -> Result<PathBuf> {
    folder.canonicalize().map_err(|error| format!("{}: {error}", folder.display()).into())
}

fn done(result: Result) -> Result<Outcome> {
    result.map(|()| Outcome::passed())
}

fn fmt(context: &Context) -> Result<Outcome> {
    done(process::run(context.workspace.cargo().args(["fmt", "--all", "--check"])))
}

fn clippy(context: &Context) -> Result<Outcome> {
    let lint = ["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"];
    done(process::run(context.workspace.cargo().args(lint)))
}

fn postgres(context: &Context) -> Result<Outcome> {
    Ok(match context.installer.postgres() {
        Ok(bin) => Outcome::Passed(bin.display().to_string()),
        Err(reason) => Outcome::Skipped(format!("the store suite does not run on PostgreSQL: {reason}")),
    })
}

fn unit(context: &Context) -> Result<Outcome> {
    let nextest = context.installer.cargo_tool(&install::NEXTEST)?;
    let mut command = context.workspace.command(nextest);
    command.args(["nextest", "run", "--locked", "--workspace", "--no-fail-fast"]);
    let note = match context.installer.postgres() {
        Ok(bin) => {
            require_postgres(&mut command, bin);
            String::new()
        }
        Err(_) => "without PostgreSQL".to_owned(),
    };
    process::run(&mut command)?;
    Ok(Outcome::Passed(note))
}

/// Everything in `tests/clients` but the second tier and Terraform.
fn clients(context: &Context) -> Result<Outcome> {
    context.installer.programs(&["openssl", "jq"])?;
    let mut pytest = pytest(&context.workspace, &context.installer)?;
    pytest.args(["-m", "not soak and not terraform"]);
    done(process::run(&mut pytest))
}

fn aws_v2(context: &Context) -> Result<Outcome> {
    Ok(match context.installer.aws_v2() {
        Ok(aws) => Outcome::Passed(aws.display().to_string()),
        Err(reason) => Outcome::Skipped(format!("the client tests run with AWS CLI 1 only: {reason}")),
    })
}

fn terraform(context: &Context) -> Result<Outcome> {
    let Some(plugins) = &context.terraform_plugins else {
        return Ok(Outcome::Skipped(
            "no folder with Terraform and its AWS provider: --terraform-plugins DIR".to_owned(),
        ));
    };
    let mut pytest = pytest(&context.workspace, &context.installer)?;
    pytest.args(["-m", "terraform"]).env("GARRISON_TERRAFORM_PLUGINS", plugins);
    done(process::run(&mut pytest))
}

/// `pytest` on the client tests, with Garrison built and everything that they look for in the environment.
///
/// # Errors
/// Garrison does not build, or Python's packages cannot be installed.
pub(crate) fn pytest(workspace: &Workspace, installer: &Installer) -> Result<Command> {
    let venv = installer.venv()?;
    process::run(workspace.cargo().args(["build", "--locked", "-p", "garrison-cli"]))?;
    let mut pytest = workspace.command(venv.bin.join("python"));
    pytest.args(["-m", "pytest", "-ra", "tests/clients"]);
    pytest.env("GARRISON_BIN", workspace.target.join("debug/garrison"));
    pytest.env("PATH", process::path_with(&venv.bin)?);
    pytest.env("PYTHONDONTWRITEBYTECODE", "1");
    match installer.aws_v2() {
        Ok(aws) => pytest.env("GARRISON_AWS_CLI_V2", aws),
        Err(reason) => {
            install::warn(&format!("no AWS CLI 2: {reason}"));
            pytest.env("GARRISON_AWS_CLI_V2_ABSENT", reason)
        }
    };
    if let Ok(bin) = installer.postgres() {
        require_postgres(&mut pytest, bin);
    }
    Ok(pytest)
}

/// Says where PostgreSQL is, and that tests which do not find it there have failed: nobody reads of skipped tests.
pub(crate) fn require_postgres(tests: &mut Command, bin: &Path) {
    tests.env("GARRISON_POSTGRES_BIN", bin).env("GARRISON_REQUIRE_POSTGRES", "1");
}

fn deny(context: &Context) -> Result<Outcome> {
    let deny = context.installer.cargo_tool(&install::DENY)?;
    // The fuzz targets are a workspace of their own, with a lock file that must keep up with this one's.
    for manifest in ["Cargo.toml", "fuzz/Cargo.toml"] {
        let mut command = context.workspace.command(&deny);
        command.args(["--locked", "--manifest-path", manifest, "check", "bans", "licenses", "sources"]);
        process::run(&mut command)?;
    }
    Ok(Outcome::passed())
}

fn advisories(context: &Context) -> Result<Outcome> {
    let Some(database) = &context.advisories else {
        return Ok(Outcome::Skipped(
            "no clone of the RustSec advisory database: --advisories DIR".to_owned(),
        ));
    };
    let deny = context.installer.cargo_tool(&install::DENY)?;
    context.installer.programs(&["git"])?;
    let config = advisory_config(&context.workspace, database)?;
    let mut command = context.workspace.command(deny);
    command.args(["--locked", "--offline", "--config"]).arg(config).args(["check", "advisories"]);
    done(process::run(&mut command))
}

/// The name that cargo-deny gives to its copy of the RustSec database: the last part of the address and a hash of it.
const DATABASE_NAME: &str = "advisory-db-3157b0e258782691";

/// A copy of `deny.toml` that looks for the database in `database` instead of fetching it.
fn advisory_config(workspace: &Workspace, database: &Path) -> Result<PathBuf> {
    let folder = workspace.target.join("advisories");
    fs::create_dir_all(&folder)?;
    let link = folder.join(DATABASE_NAME);
    let _ = fs::remove_file(&link);
    symlink(database, &link)?;
    let mut config: toml::Table = fs::read_to_string(workspace.root.join("deny.toml"))?.parse()?;
    let section = config.entry("advisories").or_insert_with(|| toml::Value::Table(toml::Table::new()));
    let section = section.as_table_mut().ok_or("deny.toml: [advisories] is no table")?;
    section.insert("db-path".to_owned(), folder.display().to_string().into());
    let file = folder.join("deny.toml");
    fs::write(&file, config.to_string())?;
    Ok(file)
}
