//! A tier is a list of named steps. Every step runs, also after one has failed, and the tier closes with a table.

use std::time::{Duration, Instant};

use crate::{Result, ui};

/// One thing that a tier does.
pub(crate) struct Step<C> {
    /// What `--only` and `--skip` call it.
    pub(crate) name: &'static str,
    /// One line for `--list`.
    pub(crate) about: &'static str,
    /// Does it.
    pub(crate) run: fn(&C) -> Result<Outcome>,
}

/// How a step that did not fail ended.
pub(crate) enum Outcome {
    /// It did its work; the text says on what, and may be empty.
    Passed(String),
    /// It could not do its work here; the text says why.
    Skipped(String),
}

impl Outcome {
    /// Nothing to say but that it passed.
    pub(crate) fn passed() -> Self {
        Self::Passed(String::new())
    }
}

/// Which steps run.
#[derive(clap::Args)]
pub(crate) struct Selection {
    /// Run only these steps, separated by commas.
    #[arg(long, value_name = "STEPS", value_delimiter = ',')]
    only: Vec<String>,
    /// Leave these steps out.
    #[arg(long, value_name = "STEPS", value_delimiter = ',')]
    skip: Vec<String>,
    /// Stop at the first step that fails.
    #[arg(long)]
    fail_fast: bool,
    /// List the steps and do nothing.
    #[arg(long)]
    list: bool,
}

enum End {
    Passed(String),
    Skipped(String),
    Failed(String),
    NotReached,
}

struct Row {
    name: &'static str,
    took: Duration,
    end: End,
}

/// Runs the selected steps in order and prints the closing table.
///
/// # Errors
/// A selected step does not exist, or a step failed.
pub(crate) fn run<C>(tier: &str, steps: &[Step<C>], selection: &Selection, context: &C) -> Result {
    if selection.list {
        for step in steps {
            ui::plain(&format!("{:<12} {}", step.name, step.about));
        }
        return Ok(());
    }
    let chosen = choose(steps, selection)?;
    let start = now();
    let mut rows = Vec::new();
    let mut stopped = false;
    for step in chosen {
        let begun = now();
        let end = if stopped { End::NotReached } else { run_one(step, context) };
        stopped |= selection.fail_fast && matches!(end, End::Failed(_));
        rows.push(Row { name: step.name, took: begun.elapsed(), end });
    }
    for line in table(&rows) {
        ui::say(&line);
    }
    let failed: Vec<_> =
        rows.iter().filter(|row| matches!(row.end, End::Failed(_))).map(|row| row.name).collect();
    let took = start.elapsed().as_secs_f64();
    if failed.is_empty() {
        ui::say(&format!("{tier}: passed in {took:.1} s"));
        Ok(())
    } else {
        Err(format!("{tier}: {} failed, after {took:.1} s", failed.join(", ")).into())
    }
}

fn choose<'a, C>(steps: &'a [Step<C>], selection: &Selection) -> Result<Vec<&'a Step<C>>> {
    for name in selection.only.iter().chain(&selection.skip) {
        if !steps.iter().any(|step| step.name == name) {
            return Err(format!("there is no step `{name}`; --list shows them").into());
        }
    }
    let wanted = |name: &str| selection.only.is_empty() || selection.only.iter().any(|only| only == name);
    let unwanted = |name: &str| selection.skip.iter().any(|skip| skip == name);
    Ok(steps.iter().filter(|step| wanted(step.name) && !unwanted(step.name)).collect())
}

fn run_one<C>(step: &Step<C>, context: &C) -> End {
    ui::say(&format!("── {}: {}", step.name, step.about));
    let begun = now();
    let end = match (step.run)(context) {
        Ok(Outcome::Passed(note)) => End::Passed(note),
        Ok(Outcome::Skipped(reason)) => End::Skipped(reason),
        Err(error) => End::Failed(error.to_string()),
    };
    let seconds = begun.elapsed().as_secs_f64();
    match &end {
        End::Failed(error) => ui::say(&format!("{} FAILED after {seconds:.1} s: {error}", step.name)),
        End::Skipped(reason) => ui::say(&format!("{} skipped: {reason}", step.name)),
        End::Passed(_) | End::NotReached => ui::say(&format!("{} passed in {seconds:.1} s", step.name)),
    }
    end
}

fn table(rows: &[Row]) -> Vec<String> {
    let mut lines = vec![format!("{:<12} {:>9}  {:<8} {}", "step", "seconds", "result", "note")];
    lines.extend(rows.iter().map(|row| {
        let (result, note) = match &row.end {
            End::Passed(note) => ("pass", note.as_str()),
            End::Skipped(reason) => ("skipped", reason.as_str()),
            End::Failed(error) => ("FAIL", error.lines().next().unwrap_or_default()),
            End::NotReached => ("not run", "--fail-fast stopped before it"),
        };
        format!("{:<12} {:>9.1}  {result:<8} {note}", row.name, row.took.as_secs_f64()).trim_end().to_owned()
    }));
    lines
}

#[allow(
    clippy::disallowed_methods,
    reason = "the duration of a step is for the reader; nothing is decided by it"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    type Log = RefCell<Vec<&'static str>>;

    const STEPS: &[Step<Log>] = &[
        Step { name: "one", about: "passes", run: |log| note(log, "one", Ok(Outcome::passed())) },
        Step { name: "two", about: "fails", run: |log| note(log, "two", Err("broken\nin detail".into())) },
        Step {
            name: "three",
            about: "cannot",
            run: |log| note(log, "three", Ok(Outcome::Skipped("no disk".into()))),
        },
    ];

    fn note(log: &Log, name: &'static str, result: Result<Outcome>) -> Result<Outcome> {
        log.borrow_mut().push(name);
        result
    }

    fn select(only: &[&str], skip: &[&str], fail_fast: bool) -> Selection {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Selection { only: owned(only), skip: owned(skip), fail_fast, list: false }
    }

    #[test]
    fn every_step_runs_after_a_failure_and_the_tier_fails() {
        let log = Log::default();
        let error = run("tier", STEPS, &select(&[], &[], false), &log).unwrap_err().to_string();
        assert_eq!(*log.borrow(), ["one", "two", "three"]);
        assert!(error.starts_with("tier: two failed"), "{error}");
    }

    #[test]
    fn fail_fast_stops() {
        let log = Log::default();
        assert!(run("tier", STEPS, &select(&[], &[], true), &log).is_err());
        assert_eq!(*log.borrow(), ["one", "two"]);
    }

    #[test]
    fn only_and_skip_choose() {
        let log = Log::default();
        run("tier", STEPS, &select(&["one", "two"], &["two"], false), &log).unwrap();
        assert_eq!(*log.borrow(), ["one"]);
    }

    #[test]
    fn an_unknown_step_is_an_error_and_nothing_runs() {
        let log = Log::default();
        assert!(run("tier", STEPS, &select(&["four"], &[], false), &log).is_err());
        assert!(log.borrow().is_empty());
    }

    #[test]
    fn the_table_has_a_reason_for_every_skip_and_one_line_per_failure() {
        let row = |name, end| Row { name, took: Duration::from_millis(1500), end };
        let rows = [
            row("one", End::Passed(String::new())),
            row("two", End::Failed("broken\nin detail".into())),
            row("three", End::Skipped("no disk".into())),
        ];
        let lines = table(&rows);
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[1], "one                1.5  pass");
        assert_eq!(lines[2], "two                1.5  FAIL     broken");
        assert_eq!(lines[3], "three              1.5  skipped  no disk");
    }
}
