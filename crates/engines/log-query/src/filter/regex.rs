//! The regular expressions of filter patterns: a small language, matched in linear time.
//!
//! Source: `FilterAndPatternSyntax`, "Supported regular expressions (regex) syntax".

use std::iter::Peekable;
use std::str::Chars;

use super::error::FilterPatternError;

/// The most regular expressions in one pattern.
pub const MAX_REGEXES: usize = 2;

/// How much memory one compiled expression may take, in bytes: repetitions of repetitions grow fast.
const SIZE_LIMIT: usize = 1 << 20;

/// Characters, besides letters and digits, that stand for themselves.
const SYMBOLS: &str = ":_#=@/;,- ";

/// Characters that have a meaning, and that a backslash makes plain.
const OPERATORS: &str = "^$?[]{}|\\*+.";

/// A compiled expression.
#[derive(Debug)]
pub(crate) struct Regex(::regex::Regex);

impl Regex {
    /// Reads what stands between two percent signs.
    pub(crate) fn new(text: &str) -> Result<Self, FilterPatternError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || SYMBOLS.contains(c) || OPERATORS.contains(c);
        if text.is_empty() || !text.chars().all(plain) {
            return Err(FilterPatternError::Term(format!("%{text}%")));
        }
        let translated =
            translate(text).ok_or(FilterPatternError::Syntax("an escape that is not supported"))?;
        ::regex::RegexBuilder::new(&translated)
            .dot_matches_new_line(true)
            .size_limit(SIZE_LIMIT)
            .build()
            .map(Self)
            .map_err(|_| FilterPatternError::Syntax("not a regular expression, or a too large one"))
    }

    /// Whether it matches anywhere in `text`.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

/// Writes the expression in the syntax of the `regex` crate, which has more operators than AWS's.
fn translate(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len() + 8);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => escape(&mut chars, &mut out)?,
            '[' => class(&mut chars, &mut out)?,
            '{' => repetition(&mut chars, &mut out)?,
            other => out.push(other),
        }
    }
    Some(out)
}

/// What follows a backslash. The classes are of ASCII, as the guide defines them.
fn escape(chars: &mut Peekable<Chars<'_>>, out: &mut String) -> Option<()> {
    let text = match chars.next()? {
        'd' => "[0-9]",
        'D' => "[^0-9]",
        's' => "[ \\t\\n\\r\\f\\v]",
        'S' => "[^ \\t\\n\\r\\f\\v]",
        'w' => "[a-zA-Z_0-9]",
        'W' => "[^a-zA-Z_0-9]",
        't' => "\\t",
        'n' => "\\n",
        'x' => {
            let (high, low) = (chars.next()?, chars.next()?);
            let code = high.to_digit(16)? * 16 + low.to_digit(16)?;
            if code >= 0x80 {
                return None;
            }
            out.push_str("\\x");
            out.extend([high, low]);
            return Some(());
        }
        other if SYMBOLS.contains(other) || OPERATORS.contains(other) => {
            out.push_str(&::regex::escape(other.encode_utf8(&mut [0; 4])));
            return Some(());
        }
        _ => return None,
    };
    out.push_str(text);
    Some(())
}

/// A character class, whose bracket has been read. Of what may stand in it, only a range, a negation and an escape
/// have a meaning; the `regex` crate knows sets of sets too.
fn class(chars: &mut Peekable<Chars<'_>>, out: &mut String) -> Option<()> {
    out.push('[');
    if chars.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    if chars.next_if_eq(&']').is_some() {
        out.push_str("\\]");
    }
    let mut after_hyphen = false;
    loop {
        let c = chars.next()?;
        match c {
            ']' => break,
            '\\' => escape(chars, out)?,
            '[' => out.push_str("\\["),
            '-' if after_hyphen => out.push_str("\\-"),
            other => out.push(other),
        }
        after_hyphen = c == '-';
    }
    out.push(']');
    Some(())
}

/// `{m,n}`, whose brace has been read: either number may be missing, and blanks are allowed.
fn repetition(chars: &mut Peekable<Chars<'_>>, out: &mut String) -> Option<()> {
    let mut inner = String::new();
    loop {
        match chars.next()? {
            '}' => break,
            ' ' => {}
            other => inner.push(other),
        }
    }
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (least, most) = inner.split_once(',').map_or((inner.as_str(), None), |(m, n)| (m, Some(n)));
    if !number(least) || !most.is_none_or(number) || (least.is_empty() && most.is_none_or(str::is_empty)) {
        return None;
    }
    let least = if least.is_empty() { "0" } else { least };
    out.push('{');
    out.push_str(least);
    if let Some(most) = most {
        out.push(',');
        out.push_str(most);
    }
    out.push('}');
    Some(())
}
