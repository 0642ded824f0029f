//! Checks that crates depend downward only (ARCHITECTURE.md, "Layers").

mod graph;
mod rules;

use crate::workspace::Workspace;
use crate::{Result, ui};

use self::graph::Graph;

/// Checks every dependency of every crate.
///
/// # Errors
/// One breaks a rule; each is printed.
pub(crate) fn run(workspace: &Workspace) -> Result {
    let graph = Graph::read(&workspace.metadata()?, &workspace.root)?;
    let complaints = rules::check(&graph);
    for complaint in &complaints {
        ui::plain(complaint);
    }
    if complaints.is_empty() {
        ui::say(&format!("depcheck: {} crates depend downward only", graph.crates.len()));
        Ok(())
    } else {
        Err(format!("depcheck: {} dependencies break a rule", complaints.len()).into())
    }
}
