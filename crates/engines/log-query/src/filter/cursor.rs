//! Reading a pattern from left to right.

use super::error::FilterPatternError;
use super::regex::{self, Regex};

/// A place in a pattern, and how many regular expressions have been read before it.
pub(crate) struct Cursor<'a> {
    rest: &'a str,
    regexes: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { rest: text, regexes: 0 }
    }

    pub(crate) fn regexes(&self) -> usize {
        self.regexes
    }

    pub(crate) fn rest(&self) -> &'a str {
        self.rest
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(crate) fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Passes `token` if it comes next.
    pub(crate) fn eat(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Passes `word`, in any case, if it comes next and is not the beginning of a longer word.
    pub(crate) fn eat_word(&mut self, word: &str) -> bool {
        let Some((start, rest)) = self.rest.split_at_checked(word.len()) else { return false };
        let found = start.eq_ignore_ascii_case(word) && !rest.starts_with(|c: char| c.is_alphanumeric());
        if found {
            self.rest = rest;
        }
        found
    }

    /// Passes as many characters as `belongs` to a word.
    pub(crate) fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        word
    }

    /// Reads what is between a pair of `quote`s, the first of which comes next. A backslash keeps the quote, or a
    /// backslash, from having a meaning.
    pub(crate) fn quoted(&mut self, quote: char) -> Result<String, FilterPatternError> {
        let mut text = String::new();
        let mut chars = self.rest.chars();
        chars.next();
        while let Some(c) = chars.next() {
            if c == quote {
                self.rest = chars.as_str();
                return Ok(text);
            }
            if c == '\\' {
                match chars.clone().next() {
                    Some(escaped) if escaped == quote || escaped == '\\' => {
                        text.push(escaped);
                        chars.next();
                        continue;
                    }
                    _ => {}
                }
            }
            text.push(c);
        }
        Err(FilterPatternError::Syntax("a quotation mark has no partner"))
    }

    /// Reads a regular expression, whose first `%` comes next.
    pub(crate) fn regex(&mut self) -> Result<Regex, FilterPatternError> {
        self.eat("%");
        let (text, rest) =
            self.rest.split_once('%').ok_or(FilterPatternError::Syntax("a regular expression has no end"))?;
        self.regexes += 1;
        if self.regexes > regex::MAX_REGEXES {
            return Err(FilterPatternError::Syntax("more regular expressions than a pattern may have"));
        }
        self.rest = rest;
        Regex::new(text)
    }
}
