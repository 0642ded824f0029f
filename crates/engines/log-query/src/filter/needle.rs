//! What must be in a message for a pattern to match it, so that most messages need not be read.

use memchr::memchr;
use memchr::memmem::Finder;

/// Texts of which at least one is in every message that can match.
#[derive(Debug, Default)]
pub(crate) struct Needles(Vec<Finder<'static>>);

impl Needles {
    /// At least one of `texts`; nothing is known when one of them is empty or there is none.
    pub(crate) fn any_of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let texts: Vec<&str> = texts.into_iter().collect();
        if texts.iter().any(|text| !is_plain(text)) {
            return Self::default();
        }
        Self(texts.into_iter().map(|text| Finder::new(text).into_owned()).collect())
    }

    /// Whether the JSON text `message` may match. A backslash may hide a needle.
    pub(crate) fn may_match(&self, message: &str) -> bool {
        let bytes = message.as_bytes();
        self.0.is_empty()
            || self.0.iter().any(|finder| finder.find(bytes).is_some())
            || memchr(b'\\', bytes).is_some()
    }
}

/// Whether JSON writes it as it is, if without backslashes.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c == '"' || c == '\\' || c.is_control())
}
