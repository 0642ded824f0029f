//! Patterns of conditions on the fields of a line.

use super::comparison::{Comparison, Operator};
use super::cursor::Cursor;
use super::error::FilterPatternError;

/// The most fields in a pattern.
const MAX_FIELDS: usize = 256;

/// A compiled pattern of fields.
#[derive(Debug)]
pub(crate) struct Delimited {
    /// Fields counted from the first word of a line.
    head: Vec<Field>,
    /// Whether an ellipsis follows them.
    ellipsis: bool,
    /// Fields behind the ellipsis, counted to the last word of a line.
    tail: Vec<Field>,
}

#[derive(Debug)]
struct Field {
    /// Empty when the field has none.
    name: Box<str>,
    /// Alternatives, of each of which everything must hold; none when anything will do.
    alternatives: Vec<Vec<Comparison>>,
}

impl Delimited {
    /// Reads `[ … ]`.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, FilterPatternError> {
        let mut pattern = Self { head: Vec::new(), ellipsis: false, tail: Vec::new() };
        cursor.eat("[");
        loop {
            cursor.skip_space();
            if cursor.eat("...") {
                if pattern.ellipsis {
                    return Err(FilterPatternError::Syntax("more than one ellipsis"));
                }
                pattern.ellipsis = true;
            } else {
                let field = Field::parse(cursor)?;
                let list = if pattern.ellipsis { &mut pattern.tail } else { &mut pattern.head };
                list.push(field);
            }
            cursor.skip_space();
            if cursor.eat("]") {
                break;
            }
            if !cursor.eat(",") || pattern.head.len() + pattern.tail.len() > MAX_FIELDS {
                return Err(FilterPatternError::Syntax("a field without an end, or too many"));
            }
        }
        Ok(pattern)
    }

    pub(crate) fn matches(&self, line: &str) -> bool {
        self.values(line).is_some_and(|values| self.hold(&values))
    }

    /// The named fields with their values, if `line` matches.
    pub(crate) fn extract(&self, line: &str) -> Option<Vec<(String, String)>> {
        let values = self.values(line)?;
        if !self.hold(&values) {
            return None;
        }
        let named = self.fields().zip(values).filter(|(field, _)| !field.name.is_empty());
        Some(named.map(|(field, value)| (format!("${}", field.name), value.to_owned())).collect())
    }

    /// The number of the field with this name.
    pub(crate) fn field(&self, name: &str) -> Option<usize> {
        self.fields().position(|field| *field.name == *name)
    }

    /// The value of the field with this number, if `line` has the fields of the pattern.
    pub(crate) fn select(&self, field: usize, line: &str) -> Option<String> {
        self.values(line)?.get(field).map(|value| (*value).to_owned())
    }

    fn fields(&self) -> impl Iterator<Item = &Field> {
        self.head.iter().chain(&self.tail)
    }

    fn hold(&self, values: &[&str]) -> bool {
        self.fields().zip(values).all(|(field, value)| field.holds(value))
    }

    /// The value of each field; `None` when the line has too few words.
    fn values<'l>(&self, line: &'l str) -> Option<Vec<&'l str>> {
        let (mut values, mut rest) = (Vec::with_capacity(self.head.len() + self.tail.len()), line.trim());
        let whole = if self.ellipsis { self.head.len() } else { self.head.len().saturating_sub(1) };
        for _ in 0..whole {
            values.push(next_word(&mut rest)?);
        }
        if !self.ellipsis {
            // The last field has whatever is left, so that `[w1=ERROR, w2]` matches lines of any length.
            let mut after = rest;
            let word = next_word(&mut after)?;
            values.push(if after.is_empty() { word } else { rest });
            return Some(values);
        }
        let mut words = Vec::new();
        while let Some(word) = next_word(&mut rest) {
            words.push(word);
        }
        let start = words.len().checked_sub(self.tail.len())?;
        values.extend(words.into_iter().skip(start));
        Some(values)
    }
}

impl Field {
    /// Reads a name, or conditions on it that are combined with `&&` and `||`.
    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, FilterPatternError> {
        let mut field = Self { name: read_name(cursor).into(), alternatives: Vec::new() };
        let Some(operator) = Operator::parse(cursor) else { return Ok(field) };
        if field.name.is_empty() {
            return Err(FilterPatternError::Syntax("a condition on a field without a name"));
        }
        let mut all = vec![Comparison::parse(operator, cursor, is_word)?];
        loop {
            cursor.skip_space();
            let and = cursor.eat("&&");
            if !and && !cursor.eat("||") {
                break;
            }
            cursor.skip_space();
            // The guide itself once writes the second name in capitals.
            if !read_name(cursor).eq_ignore_ascii_case(&field.name) {
                return Err(FilterPatternError::Syntax("a condition on another field"));
            }
            let operator =
                Operator::parse(cursor).ok_or(FilterPatternError::Syntax("a field without an operator"))?;
            let comparison = Comparison::parse(operator, cursor, is_word)?;
            if !and {
                field.alternatives.push(std::mem::take(&mut all));
            }
            all.push(comparison);
        }
        field.alternatives.push(all);
        Ok(field)
    }

    fn holds(&self, value: &str) -> bool {
        self.alternatives.is_empty()
            || self.alternatives.iter().any(|all| all.iter().all(|one| one.holds_for_word(value)))
    }
}

fn read_name<'a>(cursor: &mut Cursor<'a>) -> &'a str {
    cursor.take_while(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

/// What a value without quotation marks consists of.
fn is_word(c: char) -> bool {
    !c.is_whitespace() && !",]&|\"=<>!()%".contains(c)
}

/// Takes the next field from `rest`: a word, or what is between brackets or quotation marks.
fn next_word<'l>(rest: &mut &'l str) -> Option<&'l str> {
    let line = rest.trim_start();
    let first = line.chars().next()?;
    let close = match first {
        '[' => Some(']'),
        '"' => Some('"'),
        _ => None,
    };
    let enclosed = close.and_then(|close| line.get(1..)?.split_once(close));
    let (word, after) = enclosed.unwrap_or_else(|| {
        let end = line.find(char::is_whitespace).unwrap_or(line.len());
        line.split_at_checked(end).unwrap_or((line, ""))
    });
    *rest = after.trim_start();
    Some(word)
}
