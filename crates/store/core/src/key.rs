//! Keys: paths of text components, ordered component by component.

use std::fmt;

/// What separates components; it sorts before every character that a component may hold.
const SEPARATOR: u8 = 0;

/// A record's key: one or more components, for example `kms`, account, region, `key`, id.
///
/// Components are joined by NUL, so that a component which is a prefix of another sorts before it and a range
/// over a path never catches a longer sibling. NULs inside a component are dropped.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Vec<u8>);

impl Key {
    /// The key of these components.
    pub fn of(components: &[&str]) -> Self {
        let mut bytes = Vec::with_capacity(components.iter().map(|c| c.len() + 1).sum());
        for (i, component) in components.iter().enumerate() {
            if i > 0 {
                bytes.push(SEPARATOR);
            }
            bytes.extend(component.bytes().filter(|b| *b != SEPARATOR));
        }
        Self(bytes)
    }

    /// A key as a backend stored it.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes that a backend stores and orders by.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The components.
    pub fn components(&self) -> impl Iterator<Item = &str> {
        self.0.split(|b| *b == SEPARATOR).map(|c| std::str::from_utf8(c).unwrap_or_default())
    }

    /// The last component.
    pub fn last(&self) -> &str {
        self.components().last().unwrap_or_default()
    }

    /// Whether the key lies below the path of these components (or is it).
    pub fn is_under(&self, components: &[&str]) -> bool {
        let prefix = Self::of(components).0;
        match self.0.strip_prefix(prefix.as_slice()) {
            Some(rest) => rest.first().is_none_or(|b| *b == SEPARATOR),
            None => false,
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.components().collect::<Vec<_>>().join("/"))
    }
}

/// A half-open range of keys in byte order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRange {
    /// The first key that belongs to it.
    pub start: Vec<u8>,
    /// The first key that no longer belongs to it.
    pub end: Vec<u8>,
}

impl KeyRange {
    /// Every key below the path of these components, the path itself not included.
    pub fn under(components: &[&str]) -> Self {
        let mut start = Key::of(components).0;
        let mut end = start.clone();
        start.push(SEPARATOR);
        end.push(SEPARATOR + 1);
        Self { start, end }
    }

    /// The part of the range behind `key`: where the next page starts.
    #[must_use]
    pub fn after(&self, key: &Key) -> Self {
        let mut start = key.as_bytes().to_vec();
        start.push(SEPARATOR);
        Self { start: start.max(self.start.clone()), end: self.end.clone() }
    }

    /// Whether a key lies in the range.
    pub fn contains(&self, key: &Key) -> bool {
        key.as_bytes() >= self.start.as_slice() && key.as_bytes() < self.end.as_slice()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_what_lies_below_its_path() {
        let range = KeyRange::under(&["kms", "1", "alias"]);
        for (components, inside) in [
            (["kms", "1", "alias", "a/b"].as_slice(), true),
            (&["kms", "1", "alias", ""], true),
            (&["kms", "1", "alias"], false),
            (&["kms", "1", "aliases", "a"], false),
            (&["kms", "2", "alias", "a"], false),
        ] {
            assert_eq!(range.contains(&Key::of(components)), inside, "{components:?}");
        }
    }

    #[test]
    fn the_next_page_starts_behind_the_last_key() {
        let range = KeyRange::under(&["a"]);
        let key = Key::of(&["a", "m"]);
        let rest = range.after(&key);
        assert!(!rest.contains(&key));
        assert!(rest.contains(&Key::of(&["a", "m", "x"])));
        assert!(rest.contains(&Key::of(&["a", "ma"])));
    }

    #[test]
    fn nul_cannot_move_a_component() {
        assert_eq!(Key::of(&["a\0b"]), Key::of(&["ab"]));
        assert!(Key::of(&["a", "b", "c"]).is_under(&["a", "b"]));
        assert!(!Key::of(&["a", "bc"]).is_under(&["a", "b"]));
    }
}
