//! What must be in a message for a pattern to match it, so that most messages need not be read.

use memchr::memmem::Finder;

/// Texts of which at least one is in every message that can match.
#[derive(Debug)]
pub(crate) struct Needles {
    texts: Vec<Finder<'static>>,
    /// The escapes behind which JSON may hide a character of a text.
    escapes: Vec<Finder<'static>>,
}

impl Needles {
    /// At least one of `texts`; nothing is known when one of them is empty or there is none.
    pub(crate) fn any_of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut texts: Vec<&str> = texts.into_iter().collect();
        if texts.iter().any(|text| !is_plain(text)) {
            texts.clear();
        }
        let slash = texts.iter().any(|text| text.contains('/')).then_some("\\/");
        Self {
            escapes: ["\\u"].into_iter().chain(slash).map(Finder::new).collect(),
            texts: texts.into_iter().map(|text| Finder::new(text).into_owned()).collect(),
        }
    }

    /// Whether the JSON text `message` may match.
    pub(crate) fn may_match(&self, message: &str) -> bool {
        let has = |finder: &Finder<'_>| finder.find(message.as_bytes()).is_some();
        self.texts.is_empty() || self.texts.iter().any(has) || self.escapes.iter().any(has)
    }
}

/// Whether JSON writes it as it is, unless with `\u` or `\/`.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c == '"' || c == '\\' || c.is_control())
}
