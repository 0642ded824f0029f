//! The words of a query.

use super::error::{Fault, Parsed};

/// One word of a query.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    /// A name with its parts: `a.b.0`. `quoted` when one of them stands in backticks.
    Name {
        parts: Vec<String>,
        quoted: bool,
    },
    /// What stands in quotation marks.
    Text(String),
    Number(f64),
    /// A number with letters behind it: `5m`.
    Period(f64, String),
    /// An operator, a bracket, a comma or a pipe.
    Symbol(&'static str),
    End,
}

/// A word and where it stands, in bytes.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    pub(crate) token: Token,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Longer ones first.
const SYMBOLS: &[&str] =
    &["!=", "<=", ">=", "=~", "=", "<", ">", "+", "-", "*", "/", "^", "%", "(", ")", "[", "]", ",", "|", "."];

/// Reads the words of a text one after another.
pub(crate) struct Lexer<'a> {
    pub(crate) text: &'a str,
    pub(crate) at: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Passes white space, and comments: from a `#` to the end of its line.
    fn skip_space(&mut self) {
        loop {
            let rest = self.rest().trim_start();
            self.at = self.text.len() - rest.len();
            if !rest.starts_with('#') {
                return;
            }
            self.at += rest.find('\n').unwrap_or(rest.len());
        }
    }

    /// The next word.
    pub(crate) fn next(&mut self) -> Parsed<Word> {
        self.skip_space();
        let start = self.at;
        let token = match self.peek() {
            None => Token::End,
            Some('"' | '\'') => Token::Text(self.text()?),
            Some(c) if c.is_ascii_digit() => self.number()?,
            Some('.') if self.rest().chars().nth(1).is_some_and(|c| c.is_ascii_digit()) => self.number()?,
            Some(c) if c == '`' || begins_name(c) => self.name()?,
            Some(other) => {
                let found = SYMBOLS.iter().find(|symbol| self.rest().starts_with(**symbol));
                let symbol = found.ok_or_else(|| {
                    Fault::new(format!("unexpected symbol found {other}"), start, start + other.len_utf8())
                })?;
                self.at += symbol.len();
                Token::Symbol(symbol)
            }
        };
        Ok(Word { token, start, end: self.at })
    }

    /// Reads a regular expression between slashes, the first of which is at `start`. A slash in it has a backslash
    /// before it.
    pub(crate) fn regex(&mut self, start: usize) -> Parsed<String> {
        let mut pattern = String::new();
        self.at = start + 1;
        let mut chars = self.rest().char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '/' => {
                    self.at += at + 1;
                    return Ok(pattern);
                }
                '\\' => {
                    let Some((_, escaped)) = chars.next() else { break };
                    if escaped != '/' {
                        pattern.push('\\');
                    }
                    pattern.push(escaped);
                }
                other => pattern.push(other),
            }
        }
        Err(Fault::new("a regular expression has no end", start, self.text.len()))
    }

    fn text(&mut self) -> Parsed<String> {
        let start = self.at;
        let mut value = String::new();
        let mut chars = self.rest().char_indices();
        let quote = chars.next().map(|(_, c)| c);
        while let Some((at, c)) = chars.next() {
            if Some(c) == quote {
                self.at += at + 1;
                return Ok(value);
            }
            match (c, chars.clone().next()) {
                ('\\', Some((_, escaped @ ('"' | '\'' | '\\' | 'n' | 't' | 'r')))) => {
                    chars.next();
                    value.push(match escaped {
                        'n' => '\n',
                        't' => '\t',
                        'r' => '\r',
                        other => other,
                    });
                }
                _ => value.push(c),
            }
        }
        Err(Fault::new("a quotation mark has no partner", start, self.text.len()))
    }

    /// Digits, a fraction and an exponent; letters behind them make a period of time.
    fn number(&mut self) -> Parsed<Token> {
        let start = self.at;
        self.pass(|c| c.is_ascii_digit());
        if self.peek() == Some('.') {
            self.at += 1;
            self.pass(|c| c.is_ascii_digit());
        }
        let exponent = self.rest().strip_prefix(['e', 'E']);
        let signed = exponent.map(|rest| rest.strip_prefix(['+', '-']).unwrap_or(rest));
        if let Some(digits) = signed
            && digits.starts_with(|c: char| c.is_ascii_digit())
        {
            self.at = self.text.len() - digits.len();
            self.pass(|c| c.is_ascii_digit());
        }
        let number = self.text.get(start..self.at).and_then(|text| text.parse().ok());
        let letters = self.at;
        self.pass(char::is_alphabetic);
        let unit = self.text.get(letters..self.at).unwrap_or_default();
        match number {
            Some(number) if unit.is_empty() => Ok(Token::Number(number)),
            Some(number) => Ok(Token::Period(number, unit.to_ascii_lowercase())),
            None => Err(Fault::new("not a number", start, self.at)),
        }
    }

    fn name(&mut self) -> Parsed<Token> {
        let (mut parts, mut quoted) = (Vec::new(), false);
        loop {
            let start = self.at;
            if self.peek() == Some('`') {
                let (inner, _) = self
                    .rest()
                    .get(1..)
                    .and_then(|rest| rest.split_once('`'))
                    .ok_or_else(|| Fault::new("a backtick has no partner", start, self.text.len()))?;
                self.at += inner.len() + 2;
                quoted = true;
                parts.push(inner.to_owned());
            } else {
                self.pass(continues_name);
                parts.push(self.text.get(start..self.at).unwrap_or_default().to_owned());
            }
            let mut after = self.rest().chars();
            if after.next() != Some('.') || !after.next().is_some_and(|c| c == '`' || continues_name(c)) {
                return Ok(Token::Name { parts, quoted });
            }
            self.at += 1;
        }
    }

    fn pass(&mut self, belongs: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|c| !belongs(c)).unwrap_or(rest.len());
    }
}

fn begins_name(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == '@'
}

fn continues_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '@'
}
