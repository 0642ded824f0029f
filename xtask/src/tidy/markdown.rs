//! Links in Markdown lead somewhere.

use super::Complaint;
use super::tree::{File, Tree};

/// A complaint for each link to a file that is not there.
pub(super) fn links(file: &File, text: &str, tree: &Tree) -> Vec<Complaint> {
    if !file.path.ends_with(".md") {
        return Vec::new();
    }
    let mut complaints = Vec::new();
    let mut fenced = false;
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            let broken =
                targets(line).into_iter().filter(|target| !leads_somewhere(&file.path, target, tree));
            complaints.extend(
                broken.map(|to| Complaint::new(&file.path, number + 1, format!("broken link to `{to}`"))),
            );
        }
    }
    complaints
}

/// The targets of `[text](target)` outside of `code`.
fn targets(line: &str) -> Vec<&str> {
    // Every second piece between backticks is code.
    let prose = line.split('`').step_by(2);
    let after_brackets = prose.flat_map(|piece| piece.split("](").skip(1).collect::<Vec<_>>());
    // A link's text may be code, which ends the piece before `](`; then the piece starts with it, and the split above
    // still sees it.
    after_brackets.filter_map(|rest| rest.split([')', ' ']).next()).collect()
}

fn leads_somewhere(from: &str, target: &str, tree: &Tree) -> bool {
    let path = target.split('#').next().unwrap_or_default();
    if path.is_empty() || target.contains("://") || target.starts_with("mailto:") {
        return true;
    }
    let folder =
        if path.starts_with('/') { "" } else { from.rsplit_once('/').map_or("", |(folder, _)| folder) };
    resolve(folder, path).is_some_and(|path| tree.has(&path))
}

/// `path` seen from `folder`; nothing when it leaves the checkout.
fn resolve(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str) -> Vec<String> {
        let tree = Tree::of(&[("README.md", ""), ("docs/how-to/a.md", text), ("docs/b.md", "")]);
        let file = tree.files.iter().find(|file| file.path == "docs/how-to/a.md").unwrap();
        links(file, text, &tree).into_iter().map(|complaint| complaint.what).collect()
    }

    #[test]
    fn links_that_lead_somewhere() {
        for text in [
            "[b](../b.md) and [again](../b.md#part)",
            "[root](/README.md) [here](#part) [folder](..)",
            "[`code`](../b.md)",
            "[web](https://example.com/x.md) [mail](mailto:a@example.com)",
            "`[not](a-link.md)`",
            "```\n[not](a-link.md)\n```",
        ] {
            assert_eq!(broken(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn links_that_do_not() {
        assert_eq!(broken("[b](b.md)"), ["broken link to `b.md`"]);
        assert_eq!(
            broken("[`code`](c.md) [out](../../../x)"),
            ["broken link to `c.md`", "broken link to `../../../x`"]
        );
    }
}
