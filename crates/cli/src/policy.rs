//! `garrison policy`: decisions explained, without a server.

use std::io::Read as _;

use clap::{Arg, ArgMatches, Command, ValueHint};

use crate::{Failure, print};

/// The subcommand.
pub(crate) fn command() -> Command {
    let file = Arg::new("file")
        .required(true)
        .value_name("FILE.json")
        .value_hint(ValueHint::FilePath)
        .help("The requests and their policies; `-` for standard input");
    Command::new("policy")
        .about("Decide requests over policies, without a server")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("explain")
                .about("Print the decision of each request, with every statement that matched or did not, as JSON")
                .arg(file),
        )
}

pub(crate) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let Some(("explain", matches)) = matches.subcommand() else { return Ok(()) };
    let name = matches.get_one::<String>("file").map(String::as_str).unwrap_or_default();
    let bytes = read(name).map_err(|error| Failure::Failed(format!("cannot read {name}: {error}")))?;
    let answer = garrison_policy::explain_scenarios(&bytes)
        .map_err(|error| Failure::Usage(format!("{name}: {error}")))?;
    print(&format!("{answer:#}\n"))
}

fn read(name: &str) -> std::io::Result<Vec<u8>> {
    if name != "-" {
        return std::fs::read(name);
    }
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explain(text: &str) -> Result<(), Failure> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("request.json");
        std::fs::write(&file, text).unwrap();
        let line = ["policy", "explain", file.to_str().unwrap()];
        run(&command().try_get_matches_from(line).unwrap())
    }

    #[test]
    fn a_file_of_the_wrong_form_is_a_usage_error_that_names_the_place() {
        let bad = r#"{"requests": [{"principal": {"kind": "Nobody"}, "action": "a:b"}]}"#;
        let Err(Failure::Usage(message)) = explain(bad) else { panic!("it was taken") };
        assert!(
            message.contains("request.json: requests[0].principal.kind: `Nobody` is none of"),
            "{message}"
        );
        let good = r#"{"principal": {"kind": "Anonymous"}, "action": "a:b"}"#;
        assert!(explain(good).is_ok());
    }

    #[test]
    fn a_file_that_is_not_there_fails() {
        let line = ["policy", "explain", "/nonexistent/file"];
        let failure = run(&command().try_get_matches_from(line).unwrap());
        assert!(matches!(failure, Err(Failure::Failed(message)) if message.contains("/nonexistent/file")));
    }
}
