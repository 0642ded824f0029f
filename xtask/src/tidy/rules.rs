//! The rules. Each takes text and returns complaints, so that each is seen to fail in a test.

use toml::{Table, Value};

use super::tree::{File, Tree};
use super::{Complaint, lines_by_file};

/// No file is longer.
const MOST_LINES: usize = 1000;
/// Nine in ten files are shorter.
const USUAL_LINES: usize = 500;
/// No file is bigger, except data in `BIG_DATA`.
const MOST_BYTES: u64 = 1 << 20;

/// Folders that may hold big files, and why.
const BIG_DATA: &[(&str, &str)] = &[
    ("models/", "AWS's interface models, trimmed to structure"),
    ("crates/api/", "generated from the models"),
];

/// Words that say where something was written or fetched from instead of what it is. Each is in two halves, so that this file
/// does not contain them.
const UNWANTED: &[(&str, &str, &str)] = &[
    ("/wo", "rk/", "a path of one machine"),
    ("/ro", "ot/", "a path of one machine"),
    ("crates", ".io", "the host of a registry: say the package and its version"),
    ("pypi", ".org", "the host of a registry: say the package and its version"),
    ("pythonhosted", ".org", "the host of a registry: say the package and its version"),
    ("npmjs", ".org", "the host of a registry: say the package and its version"),
];

/// Lock files: their words are not ours.
fn is_foreign(path: &str) -> bool {
    path.rsplit('/').next() == Some("Cargo.lock")
}

/// A file that is too big.
pub(super) fn size(file: &File) -> Option<Complaint> {
    let allowed = BIG_DATA.iter().any(|(folder, _)| file.path.starts_with(folder));
    let too_big = file.bytes > MOST_BYTES && !allowed;
    too_big.then(|| {
        Complaint::new(
            &file.path,
            0,
            format!("{} bytes; data this big needs a line in tidy's list", file.bytes),
        )
    })
}

/// Words that no file should have.
pub(super) fn words(file: &File, text: &str) -> Vec<Complaint> {
    if is_foreign(&file.path) {
        return Vec::new();
    }
    let lines = text.lines().enumerate();
    let found = lines.flat_map(|(number, line)| {
        let unwanted = UNWANTED.iter().filter(|(first, second, _)| {
            line.match_indices(first)
                .any(|(at, _)| line.get(at + first.len()..).is_some_and(|rest| rest.starts_with(second)))
        });
        unwanted.map(move |(first, second, why)| (number + 1, format!("`{first}{second}`: {why}")))
    });
    found.map(|(number, what)| Complaint::new(&file.path, number, what)).collect()
}

/// A note that something is left to do, without the issue where it is followed.
pub(super) fn open_ends(file: &File, text: &str) -> Vec<Complaint> {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    let has_mark =
        |line: &str| line.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| marks.contains(&word));
    let open = text.lines().enumerate().filter(|(_, line)| has_mark(line) && !line.contains("/issues/"));
    let complaint = |(number, _)| {
        Complaint::new(&file.path, number + 1, "something left to do, without a link to its issue")
    };
    if is_foreign(&file.path) { Vec::new() } else { open.map(complaint).collect() }
}

/// Files that are too long, or too many that are long.
pub(super) fn length(tree: &Tree) -> Vec<Complaint> {
    let lines = lines_by_file(tree);
    let too_long = lines.iter().filter(|&(_, &count)| count > MOST_LINES);
    let mut complaints: Vec<_> = too_long
        .map(|(path, count)| Complaint::new(*path, 0, format!("{count} lines, at most {MOST_LINES}")))
        .collect();
    let long: Vec<_> = lines.iter().filter(|&(_, &count)| count >= USUAL_LINES).collect();
    if long.len() * 10 > lines.len() {
        let share = format!(
            "one of {} in {} files of {USUAL_LINES} lines or more; nine in ten are shorter",
            long.len(),
            lines.len()
        );
        complaints.extend(long.into_iter().map(|(path, _)| Complaint::new(*path, 0, share.clone())));
    }
    complaints
}

/// What every crate has: the workspace's lints, and a word on what it is.
pub(super) fn crates(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for file in &tree.files {
        let Some(folder) = file.path.strip_suffix("/Cargo.toml") else { continue };
        let manifest: Table = match file.text.as_deref().unwrap_or_default().parse() {
            Ok(manifest) => manifest,
            Err(error) => {
                complaints.push(Complaint::new(&file.path, 0, format!("no TOML: {error}")));
                continue;
            }
        };
        // A workspace of its own, such as the fuzz targets, has no lints to take.
        if manifest.contains_key("workspace") {
            continue;
        }
        if at(&manifest, &["lints", "workspace"]) != Some(&Value::Boolean(true)) {
            complaints.push(Complaint::new(&file.path, 0, "`[lints] workspace = true` is missing"));
        }
        let roots = ["src/lib.rs", "src/main.rs"].map(|root| format!("{folder}/{root}"));
        let undocumented =
            roots.iter().filter(|root| tree.text(root).is_some_and(|text| !starts_with_doc(text)));
        complaints.extend(
            undocumented.map(|root| Complaint::new(root, 1, "starts without a `//!` that says what it is")),
        );
    }
    complaints
}

/// Ordinary comments, such as the mark of generated code, may come before.
fn starts_with_doc(text: &str) -> bool {
    let ordinary =
        |line: &&str| line.trim().is_empty() || (line.starts_with("//") && !line.starts_with("//!"));
    text.lines().find(|line| !ordinary(line)).is_some_and(|line| line.starts_with("//!"))
}

/// What every service has: a page with its scope and its deviations from AWS.
pub(super) fn services(tree: &Tree) -> Vec<Complaint> {
    let manifests = tree.files.iter().filter_map(|file| {
        let folder = file.path.strip_prefix("crates/svc/")?.strip_suffix("/Cargo.toml")?;
        Some(format!("crates/svc/{folder}/README.md"))
    });
    manifests
        .filter(|page| !tree.has(page))
        .map(|page| Complaint::new(page, 0, "missing: a service states its scope and its known deviations"))
        .collect()
}

/// Each fuzz target is declared, and each declared target exists: an undeclared one is never run.
pub(super) fn fuzz(tree: &Tree) -> Vec<Complaint> {
    const MANIFEST: &str = "fuzz/Cargo.toml";
    let manifest = tree.text(MANIFEST).and_then(|text| text.parse::<Table>().ok()).unwrap_or_default();
    let bins = manifest.get("bin").and_then(Value::as_array).into_iter().flatten();
    let declared: Vec<_> =
        bins.filter_map(|bin| bin.get("path")?.as_str()).map(|path| format!("fuzz/{path}")).collect();
    let targets =
        tree.files.iter().map(|file| &file.path).filter(|path| path.starts_with("fuzz/fuzz_targets/"));
    let undeclared = targets.filter(|path| !declared.contains(path));
    let absent = declared.iter().filter(|path| !tree.has(path));
    let complaints =
        undeclared.map(|path| Complaint::new(path, 0, "not declared in fuzz/Cargo.toml, so it is never run"));
    complaints
        .chain(
            absent.map(|path| Complaint::new(MANIFEST, 0, format!("declares `{path}`, which is not there"))),
        )
        .collect()
}

/// The files that hold the policy hold it.
pub(super) fn policy(tree: &Tree) -> Vec<Complaint> {
    let table = |path: &str| tree.text(path).and_then(|text| text.parse::<Table>().ok()).unwrap_or_default();
    let mut complaints = Vec::new();
    let mut demand = |holds: bool, path: &str, what: &str| {
        if !holds {
            complaints.push(Complaint::new(path, 0, what));
        }
    };
    let licence = tree.text("LICENSE").is_some_and(|text| text.contains("Apache License"));
    demand(licence, "LICENSE", "the text of the Apache licence is missing");
    let lines = table("clippy.toml").get("too-many-lines-threshold").and_then(Value::as_integer);
    demand(
        lines == Some(100),
        "clippy.toml",
        "`too-many-lines-threshold = 100` is missing: functions have a budget",
    );
    let root = table("Cargo.toml");
    let lint = |group: &str, name: &str| {
        at(&root, &["workspace", "lints", group, name]).and_then(Value::as_str).map(str::to_owned)
    };
    demand(
        lint("rust", "unsafe_code").as_deref() == Some("forbid"),
        "Cargo.toml",
        "`unsafe_code` is not forbidden",
    );
    demand(lint("clippy", "too_many_lines").is_some(), "Cargo.toml", "the lint `too_many_lines` is not set");
    for name in [
        "unwrap_used",
        "expect_used",
        "panic",
        "unreachable",
        "indexing_slicing",
        "string_slice",
        "disallowed_methods",
        "allow_attributes_without_reason",
    ] {
        let denied = lint("clippy", name).as_deref() == Some("deny");
        demand(denied, "Cargo.toml", &format!("the lint `{name}` is not denied"));
    }
    complaints
}

fn at<'a>(table: &'a Table, keys: &[&str]) -> Option<&'a Value> {
    let (first, rest) = keys.split_first()?;
    rest.iter().try_fold(table.get(*first)?, |value, key| value.get(*key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.into(), bytes: text.len() as u64, text: Some(text.into()) }
    }

    fn whats(complaints: Vec<Complaint>) -> Vec<String> {
        complaints.into_iter().map(|complaint| complaint.what).collect()
    }

    #[test]
    fn a_big_file_needs_a_place_in_the_list() {
        let big = |path: &str| size(&File { path: path.into(), bytes: MOST_BYTES + 1, text: None });
        assert!(big("docs/film.gif").is_some());
        assert!(big("models/ec2.json").is_none());
        assert!(size(&file("docs/small.gif", "x")).is_none());
    }

    #[test]
    fn unwanted_words_are_found_with_their_line() {
        for (first, second, _) in UNWANTED {
            let text = format!("fine\nsee {first}{second}x\n");
            let found = words(&file("docs/a.md", &text), &text);
            assert_eq!(found.iter().map(|c| c.line).collect::<Vec<_>>(), [2], "{first}{second}");
            assert!(words(&file("Cargo.lock", &text), &text).is_empty());
        }
        assert!(words(&file("a", "a wo rk in progress"), "a framework for crates").is_empty());
    }

    #[test]
    fn something_left_to_do_needs_its_issue() {
        for mark in [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")] {
            let text = format!("// {mark}: later");
            assert_eq!(open_ends(&file("a.rs", &text), &text).len(), 1, "{mark}");
            let linked = format!("// {mark}(https://example.com/issues/7): later");
            assert!(open_ends(&file("a.rs", &linked), &linked).is_empty(), "{mark}");
        }
        let template = concat!("mktemp /tmp/a.XX", "XXXX");
        assert!(open_ends(&file("a.sh", template), template).is_empty());
    }

    #[test]
    fn length_has_two_budgets() {
        let lines = |count: usize| "x\n".repeat(count);
        let tree = |files: &[(String, String)]| {
            let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
            whats(length(&Tree::of(&files)))
        };
        let mut files: Vec<_> = (0..9).map(|n| (format!("{n}.rs"), lines(10))).collect();
        files.push(("long.rs".into(), lines(500)));
        assert_eq!(tree(&files), [""; 0]);
        files.push(("longer.py".into(), lines(1000)));
        assert_eq!(tree(&files).len(), 2, "two of eleven are long");
        files.pop();
        files.push(("longest.rs".into(), lines(1001)));
        assert!(tree(&files).iter().any(|what| what == "1001 lines, at most 1000"));
        files.pop();
        files.push(("generated.rs".into(), format!("{}\n{}", super::super::GENERATED, lines(5000))));
        files.push(("data.json".into(), lines(5000)));
        assert_eq!(tree(&files), [""; 0]);
    }

    #[test]
    fn a_crate_takes_the_lints_and_says_what_it_is() {
        let check = |manifest: &str, root: &str| {
            whats(crates(&Tree::of(&[("a/Cargo.toml", manifest), ("a/src/lib.rs", root)])))
        };
        let lints = "[lints]\nworkspace = true\n";
        assert_eq!(check(lints, "//! A."), [""; 0]);
        assert_eq!(check(lints, "// Generated.\n\n//! A."), [""; 0]);
        assert_eq!(check("[lints]\n", "//! A.").len(), 1);
        assert_eq!(check(lints, "use std::fs;\n//! A.").len(), 1);
        assert_eq!(check("[lints", "//! A.").len(), 1);
    }

    #[test]
    fn a_service_has_a_page() {
        assert_eq!(services(&Tree::of(&[("crates/svc/kms/Cargo.toml", "")])).len(), 1);
        assert_eq!(
            services(&Tree::of(&[("crates/svc/kms/Cargo.toml", ""), ("crates/svc/kms/README.md", "")])).len(),
            0
        );
    }

    #[test]
    fn fuzz_targets_are_declared() {
        let manifest = "[[bin]]\npath = 'fuzz_targets/a.rs'\n[[bin]]\npath = 'fuzz_targets/b.rs'\n";
        let tree = |files: &[(&str, &str)]| whats(fuzz(&Tree::of(files)));
        let (a, b, c) =
            (("fuzz/fuzz_targets/a.rs", ""), ("fuzz/fuzz_targets/b.rs", ""), ("fuzz/fuzz_targets/c.rs", ""));
        assert_eq!(tree(&[("fuzz/Cargo.toml", manifest), a, b]), [""; 0]);
        assert_eq!(
            tree(&[("fuzz/Cargo.toml", manifest), a]),
            ["declares `fuzz/fuzz_targets/b.rs`, which is not there"]
        );
        assert_eq!(tree(&[("fuzz/Cargo.toml", manifest), a, b, c]).len(), 1);
    }

    #[test]
    fn the_policy_is_demanded() {
        let missing = whats(policy(&Tree::of(&[])));
        assert_eq!(missing.len(), 12, "{missing:?}");
        let weak =
            Tree::of(&[("Cargo.toml", "[workspace.lints.clippy]\nunwrap_used = \"warn\"\npanic = \"deny\"")]);
        let complaints = whats(policy(&weak));
        assert!(complaints.contains(&"the lint `unwrap_used` is not denied".to_owned()));
        assert!(!complaints.contains(&"the lint `panic` is not denied".to_owned()));
    }
}
