//! What a value is compared with: a text with wildcards, a number, or a regular expression.

use std::cmp::Ordering;

use super::cursor::Cursor;
use super::error::FilterPatternError;
use super::regex::Regex;

/// A text in which `*` stands for any text: what comes between the asterisks.
#[derive(Debug)]
pub(crate) struct Glob(Box<[Box<str>]>);

impl Glob {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.split('*').map(Box::from).collect())
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        match &*self.0 {
            [] => text.is_empty(),
            [only] => **only == *text,
            [first, middle @ .., last] => {
                let Some(rest) = text.strip_prefix(&**first) else { return false };
                let Some(mut rest) = rest.strip_suffix(&**last) else { return false };
                middle.iter().all(|part| {
                    let Some((_, after)) = rest.split_once(&**part) else { return false };
                    rest = after;
                    true
                })
            }
        }
    }

    /// The longest text that whatever matches must contain.
    pub(crate) fn longest_part(&self) -> &str {
        self.0.iter().max_by_key(|part| part.len()).map_or("", |part| part)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    /// Reads an operator, if one comes next.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Option<Self> {
        cursor.skip_space();
        let operators = [
            ("!=", Self::NotEqual),
            (">=", Self::GreaterOrEqual),
            ("<=", Self::LessOrEqual),
            ("=", Self::Equal),
            (">", Self::Greater),
            ("<", Self::Less),
        ];
        operators.into_iter().find(|(text, _)| cursor.eat(text)).map(|(_, operator)| operator)
    }

    fn is_equality(self) -> bool {
        matches!(self, Self::Equal | Self::NotEqual)
    }

    fn admits(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// A condition on the value of one property or field.
#[derive(Debug)]
pub(crate) enum Comparison {
    Text { equal: bool, glob: Glob },
    Number { operator: Operator, number: f64, text: Box<str> },
    Regex { equal: bool, regex: Regex },
}

impl Comparison {
    /// Reads the operand of `operator`. An unquoted one consists of characters that `belongs`.
    pub(crate) fn parse(
        operator: Operator,
        cursor: &mut Cursor<'_>,
        belongs: impl Fn(char) -> bool,
    ) -> Result<Self, FilterPatternError> {
        cursor.skip_space();
        let equal = operator == Operator::Equal;
        let text = match cursor.peek() {
            Some('%') if operator.is_equality() => {
                return Ok(Self::Regex { equal, regex: cursor.regex()? });
            }
            Some('"') if operator.is_equality() => {
                return Ok(Self::Text { equal, glob: Glob::new(&cursor.quoted('"')?) });
            }
            _ => cursor.take_while(belongs),
        };
        if text.is_empty() {
            return Err(FilterPatternError::Syntax("an operator without a value"));
        }
        match number(text) {
            Some(number) => Ok(Self::Number { operator, number, text: text.into() }),
            None if operator.is_equality() => Ok(Self::Text { equal, glob: Glob::new(text) }),
            None => Err(FilterPatternError::Syntax("only numbers have an order")),
        }
    }

    /// Whether a text, for instance a field of a line, satisfies it. When it is a number, it may be compared as one.
    pub(crate) fn holds_for_word(&self, word: &str) -> bool {
        match (self, number(word)) {
            (Self::Number { .. }, Some(number)) => self.holds_for_number(number, word),
            _ => self.holds_for_text(word),
        }
    }

    /// Whether a text that is not to be taken for a number satisfies it.
    pub(crate) fn holds_for_text(&self, value: &str) -> bool {
        match self {
            Self::Text { equal, glob } => glob.matches(value) == *equal,
            Self::Regex { equal, regex } => regex.is_match(value) == *equal,
            Self::Number { operator, text, .. } => match operator {
                Operator::Equal => **text == *value,
                Operator::NotEqual => **text != *value,
                _ => false,
            },
        }
    }

    /// Whether a number, which is written as `text`, satisfies it.
    pub(crate) fn holds_for_number(&self, value: f64, text: &str) -> bool {
        match self {
            Self::Number { operator, number, .. } => {
                value.partial_cmp(number).is_some_and(|ordering| operator.admits(ordering))
            }
            _ => self.holds_for_text(text),
        }
    }

    /// A text that must be in whatever satisfies it; empty when there is none.
    pub(crate) fn required_text(&self) -> &str {
        match self {
            Self::Text { equal: true, glob } => glob.longest_part(),
            _ => "",
        }
    }
}

/// Reads a number: an optional sign, digits with an optional fraction, an optional exponent.
fn number(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-');
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') || !unsigned.chars().all(plain) {
        return None;
    }
    text.parse().ok()
}
