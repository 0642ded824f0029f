//! What a task prints: one voice, so that a log of hundreds of lines can be searched for it.

use std::io::{self, IsTerminal, Write};

/// Prints one line of progress. A closed pipe is no error: the work goes on.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{}", marked(line, io::stdout().is_terminal()));
}

/// Prints a line as it is, without the mark.
pub(crate) fn plain(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Prints the error that ends the task.
pub(crate) fn complain(line: &str) {
    let _ = writeln!(io::stderr(), "error: {line}");
}

fn marked(line: &str, colour: bool) -> String {
    if colour { format!("\x1b[1;36mxtask:\x1b[0m {line}") } else { format!("xtask: {line}") }
}
