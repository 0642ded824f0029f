//! The files of the checkout that are or could be committed, without asking git: a checkout may come without it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::Result;

/// The files of a checkout.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) files: Vec<File>,
    /// Every path in it, folders too, with `/` between the parts.
    paths: BTreeSet<String>,
}

/// One file.
pub(super) struct File {
    /// From the root of the checkout, with `/` between the parts.
    pub(super) path: String,
    pub(super) bytes: u64,
    /// Absent when it is not UTF-8.
    pub(super) text: Option<String>,
}

impl Tree {
    /// Reads every file below `root` that `.gitignore` does not name.
    ///
    /// # Errors
    /// A folder or a file cannot be read.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let ignored = Ignored::parse(&fs::read_to_string(root.join(".gitignore")).unwrap_or_default());
        let mut tree = Self::default();
        tree.read_folder(root, "", &ignored)?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    /// A tree of texts.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let mut tree = Self::default();
        for (path, text) in files {
            tree.add((*path).to_owned(), text.as_bytes().to_vec());
        }
        tree
    }

    /// Whether there is a file or a folder at `path`.
    pub(super) fn has(&self, path: &str) -> bool {
        path.is_empty() || self.paths.contains(path)
    }

    /// The text of the file at `path`.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|file| file.path == path)?.text.as_deref()
    }

    fn read_folder(&mut self, root: &Path, folder: &str, ignored: &Ignored) -> Result {
        for entry in fs::read_dir(root.join(folder))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let kind = entry.file_type()?;
            if ignored.covers(&path, kind.is_dir()) {
                continue;
            }
            if kind.is_dir() {
                self.read_folder(root, &path, ignored)?;
            } else if kind.is_file() {
                let bytes = fs::read(entry.path()).map_err(|error| format!("{path}: {error}"))?;
                self.add(path, bytes);
            }
        }
        Ok(())
    }

    fn add(&mut self, path: String, bytes: Vec<u8>) {
        let parents = path.match_indices('/').filter_map(|(at, _)| path.get(..at)).map(str::to_owned);
        self.paths.extend(parents);
        self.paths.insert(path.clone());
        let size = bytes.len().try_into().unwrap_or(u64::MAX);
        self.files.push(File { path, bytes: size, text: String::from_utf8(bytes).ok() });
    }
}

/// What `.gitignore` names, in the forms that ours uses: `/path`, `name/`, `*.end`.
struct Ignored {
    patterns: Vec<String>,
}

impl Ignored {
    fn parse(text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self { patterns: lines.map(str::to_owned).collect() }
    }

    fn covers(&self, path: &str, folder: bool) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let fits = |pattern: &String| {
            if let Some(anchored) = pattern.strip_prefix('/') {
                anchored.trim_end_matches('/') == path
            } else if let Some(end) = pattern.strip_prefix('*') {
                name.ends_with(end)
            } else if let Some(pattern) = pattern.strip_suffix('/') {
                folder && pattern == name
            } else {
                pattern == name
            }
        };
        path == ".git" || self.patterns.iter().any(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_paths() {
        let ignored = Ignored::parse("# built\n/target\n/fuzz/corpus\n__pycache__/\n*.pyc\n");
        for (path, folder, covered) in [
            (".git", true, true),
            ("target", true, true),
            ("crates/target", true, false),
            ("fuzz/corpus", true, true),
            ("tests/__pycache__", true, true),
            ("tests/__pycache__", false, false),
            ("tests/a.pyc", false, true),
            ("tests/a.py", false, false),
            ("built", false, false),
        ] {
            assert_eq!(ignored.covers(path, folder), covered, "{path}");
        }
    }

    #[test]
    fn a_tree_has_its_folders() {
        let tree = Tree::of(&[("docs/how-to/a.md", "")]);
        assert!(
            tree.has("docs/how-to") && tree.has("docs") && tree.has("docs/how-to/a.md") && !tree.has("doc")
        );
    }
}
