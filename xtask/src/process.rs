//! Running other programs: each command is shown before it runs, so that it can be repeated by hand.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Result, ui};

/// Shows and runs `command` with the terminal as its own.
///
/// # Errors
/// It cannot be started, or ends with anything but 0.
pub(crate) fn run(command: &mut Command) -> Result {
    let shown = shown(command);
    ui::say(&format!("$ {shown}"));
    let status = command.status().map_err(|error| format!("cannot start `{shown}`: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{shown}` ended with {status}").into()) }
}

/// Runs `command` silently and returns its standard output.
///
/// # Errors
/// It cannot be started, or ends with anything but 0: the message carries what it wrote to standard error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let out =
        command.stdin(Stdio::null()).output().map_err(|error| format!("cannot start `{shown}`: {error}"))?;
    if out.status.success() {
        Ok(String::from_utf8_lossy(&out.stdout).into_owned())
    } else {
        Err(format!("`{shown}` ended with {}: {}", out.status, String::from_utf8_lossy(&out.stderr).trim())
            .into())
    }
}

/// Every file called `name` in the folders of `PATH`, in their order.
pub(crate) fn find_all(name: &str) -> Vec<PathBuf> {
    let path = env("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(name)).filter(|file| file.is_file()).collect()
}

/// The first file called `name` in the folders of `PATH`.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    find_all(name).into_iter().next()
}

/// `PATH` with `folder` before everything else.
///
/// # Errors
/// `folder` has a character that `PATH` cannot hold.
pub(crate) fn path_with(folder: &Path) -> Result<std::ffi::OsString> {
    let path = env("PATH").unwrap_or_default();
    Ok(std::env::join_paths(std::iter::once(folder.to_path_buf()).chain(std::env::split_paths(&path)))?)
}

/// An environment variable of the person who runs the task.
#[allow(
    clippy::disallowed_methods,
    reason = "a task is configured by the shell that starts it; no service code runs here"
)]
pub(crate) fn env(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}

/// `command` as a person would type it, with what it adds to the environment.
fn shown(command: &Command) -> String {
    let variables = command.get_envs().filter_map(|(name, value)| {
        // A whole search path says nothing to the reader.
        let value = value.filter(|_| name != "PATH")?;
        Some(format!("{}={}", name.to_string_lossy(), quoted(value)))
    });
    let words = std::iter::once(command.get_program()).chain(command.get_args()).map(quoted);
    variables.chain(words).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:@,+%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_command_can_be_pasted() {
        let mut command = Command::new("pytest");
        command.args(["-m", "not soak", "it's"]).env("GARRISON_BIN", "/a/b").env("PATH", "/c");
        assert_eq!(shown(&command), r"GARRISON_BIN=/a/b pytest -m 'not soak' 'it'\''s'");
    }

    #[test]
    fn a_failing_command_is_an_error_with_its_words() {
        let error = output(Command::new("sh").args(["-c", "echo gone >&2; exit 3"])).unwrap_err().to_string();
        assert!(error.contains("exit status: 3") && error.ends_with("gone"), "{error}");
    }
}
