//! Patterns of terms, which are looked for anywhere in a message.

use memchr::memmem::Finder;

use super::cursor::Cursor;
use super::error::FilterPatternError;
use super::regex::Regex;

/// The terms of a pattern.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    /// Each must be in the message.
    required: Vec<Term>,
    /// None may be in the message.
    excluded: Vec<Term>,
    /// One must be in the message.
    optional: Vec<Term>,
}

#[derive(Debug)]
enum Term {
    Text(Box<Finder<'static>>),
    Regex(Regex),
}

impl Terms {
    /// Reads terms up to the end; `None` when every message matches.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Result<Option<Self>, FilterPatternError> {
        let mut terms = Self::default();
        let mut any = false;
        while cursor.peek().is_some() {
            let list = if cursor.eat("?") {
                &mut terms.optional
            } else if cursor.eat("-") {
                &mut terms.excluded
            } else {
                &mut terms.required
            };
            any = true;
            list.extend(Term::parse(cursor)?);
            if !matches!(cursor.peek(), None | Some(' ' | '\t' | '\n' | '\r')) {
                return Err(FilterPatternError::Term(cursor.take_while(|c| !c.is_whitespace()).to_owned()));
            }
            cursor.skip_space();
        }
        // The guide: beside terms of another kind, those with a question mark are ignored.
        if !terms.required.is_empty() || !terms.excluded.is_empty() {
            terms.optional.clear();
        }
        let all = [&terms.required, &terms.excluded, &terms.optional];
        Ok((any && all.into_iter().any(|list| !list.is_empty())).then_some(terms))
    }

    pub(crate) fn matches(&self, message: &str) -> bool {
        self.required.iter().all(|term| term.is_in(message))
            && !self.excluded.iter().any(|term| term.is_in(message))
            && (self.optional.is_empty() || self.optional.iter().any(|term| term.is_in(message)))
    }
}

impl Term {
    /// Reads one term; `None` for a quoted blank, which is in every message.
    fn parse(cursor: &mut Cursor<'_>) -> Result<Option<Self>, FilterPatternError> {
        let text = match cursor.peek() {
            Some('"') => cursor.quoted('"')?,
            Some('%') => return cursor.regex().map(Self::Regex).map(Some),
            _ => {
                let word = cursor.take_while(|c| !c.is_whitespace());
                if word.is_empty() || !word.chars().all(|c| c.is_alphanumeric() || c == '_') {
                    return Err(FilterPatternError::Term(word.to_owned()));
                }
                word.to_owned()
            }
        };
        if text.is_empty() {
            return Err(FilterPatternError::Term("\"\"".to_owned()));
        }
        let blank = text.trim().is_empty();
        Ok((!blank).then(|| Self::Text(Box::new(Finder::new(&text).into_owned()))))
    }

    fn is_in(&self, message: &str) -> bool {
        match self {
            Self::Text(finder) => finder.find(message.as_bytes()).is_some(),
            Self::Regex(regex) => regex.is_match(message),
        }
    }
}
