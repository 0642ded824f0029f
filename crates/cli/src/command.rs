//! The command line, made from the declaration of the keys.

use clap::builder::BoolishValueParser;
use clap::{Arg, ArgAction, Command, ValueHint, value_parser};
use clap_complete::Shell;

use crate::keys::{KEYS, Key, Scope};

/// What the exit codes mean; stands at the end of help.
pub(crate) const EXIT_CODES: &str = "Exit codes: 0 it ended as asked; 1 it failed, and standard error says why; \
    2 the command line or the configuration is wrong; 130 a second signal cut the shutdown short.";

/// Scopes of `serve`.
pub(crate) const SERVE: &[Scope] = &[Scope::Store, Scope::Serve, Scope::Hidden];
/// Scopes of commands that only open the store.
pub(crate) const STORE: &[Scope] = &[Scope::Store];

/// The whole command line.
pub(crate) fn command() -> Command {
    Command::new("garrison")
        .about("AWS's security services as one program, for the AWS CLI, SDKs and Terraform as they are")
        .version(env!("CARGO_PKG_VERSION"))
        .after_help(EXIT_CODES)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(with_keys(Command::new("serve").about("Serve the AWS APIs"), SERVE))
        .subcommand(
            with_keys(
                Command::new("backup").about("Copy records and audit log; a running server goes on"),
                STORE,
            )
            .arg(folder("to", "The folder to copy to: absent or empty")),
        )
        .subcommand(
            with_keys(Command::new("restore").about("Put a backup in place and check its root key"), STORE)
                .arg(folder("from", "The folder that `garrison backup` made")),
        )
        .subcommand(root_key())
        .subcommand(crate::policy::command())
        .subcommand(
            Command::new("config").about("Print every configuration key, as a file with comments").arg(
                Arg::new("markdown")
                    .long("markdown")
                    .action(ArgAction::SetTrue)
                    .help("As the page of the documentation"),
            ),
        )
        .subcommand(
            Command::new("completions")
                .about("Print the completions of a shell")
                .arg(Arg::new("shell").required(true).value_parser(value_parser!(Shell))),
        )
        .subcommand(Command::new("version").about("Print the version"))
}

fn root_key() -> Command {
    let account = Arg::new("for-account")
        .long("account")
        .value_name("ID")
        .help("The account; the first one if left out");
    let id = Arg::new("id").required(true).value_name("ID").help("The access key's id");
    Command::new("root-key")
        .about("Access keys of root users, while no server runs on the store")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            with_keys(Command::new("create").about("Make one, and print it once"), STORE).arg(account),
        )
        .subcommand(with_keys(Command::new("list").about("List them"), STORE))
        .subcommand(with_keys(Command::new("deactivate").about("Switch one off for good"), STORE).arg(id))
}

fn folder(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).required(true).value_name("DIR").value_hint(ValueHint::DirPath).help(help)
}

fn with_keys(command: Command, scopes: &[Scope]) -> Command {
    let config = Arg::new("config")
        .long("config")
        .env("GARRISON_CONFIG")
        .value_name("FILE")
        .value_hint(ValueHint::FilePath)
        .help("The configuration file, TOML; flags and environment variables count more");
    KEYS.iter()
        .filter(|key| scopes.contains(&key.scope))
        .map(argument)
        .fold(command.arg(config), Command::arg)
}

fn argument(key: &Key) -> Arg {
    let default = match key.default {
        "" | "false" => String::new(),
        default => format!(" [default: {default}]"),
    };
    let argument = Arg::new(key.name)
        .long(key.flag())
        .env(key.variable())
        // A connection string may hold a password.
        .hide_env_values(true)
        .hide(key.scope == Scope::Hidden)
        .help(format!("{}{default}", key.help));
    if key.is_switch() {
        return argument.action(ArgAction::SetTrue).value_parser(BoolishValueParser::new());
    }
    let hint = match key.value {
        "DIR" => ValueHint::DirPath,
        "FILE" => ValueHint::FilePath,
        _ => ValueHint::Other,
    };
    argument.value_name(key.value).value_hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Values;

    fn values(arguments: &[&str]) -> Result<Values, String> {
        let line = ["garrison", "serve"].iter().chain(arguments);
        let matches = command().try_get_matches_from(line).map_err(|error| error.to_string())?;
        Values::read(matches.subcommand_matches("serve").unwrap(), SERVE)
    }

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn flags_count_more_than_the_file_and_the_file_more_than_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("garrison.toml");
        std::fs::write(&file, "region = \"eu-central-1\"\ndev = true\nlog.format = \"json\"\n").unwrap();
        let file = file.to_str().unwrap();
        let with_file = values(&["--config", file, "--log-format", "human"]).unwrap();
        assert_eq!(with_file.text("region"), Some("eu-central-1"));
        assert_eq!(with_file.text("log.format"), Some("human"));
        assert_eq!(with_file.is_on("dev"), Ok(true));
        assert_eq!(with_file.text("listen"), Some("127.0.0.1:4566"));
        assert_eq!(with_file.text("data_dir"), None);
        assert!(values(&["--config", "/nonexistent/file"]).unwrap_err().contains("/nonexistent/file"));
        assert!(values(&["--no-such-flag"]).is_err());
    }
}
