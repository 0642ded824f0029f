//! Patterns of conditions on JSON events.

use super::comparison::{Comparison, Operator};
use super::cursor::Cursor;
use super::error::FilterPatternError;
use super::needle::Needles;
use super::selector::{Found, MAX_WILDCARDS, Path, Tree};
use crate::json::Scalar;

/// The most conditions in a pattern: as many as the bits of [`Structured::matches`].
const MAX_CONDITIONS: usize = 128;

/// The deepest nesting of parentheses.
const MAX_DEPTH: usize = 32;

/// A compiled pattern of conditions.
#[derive(Debug)]
pub(crate) struct Structured {
    /// Each selector once.
    paths: Vec<Path>,
    tree: Tree,
    conditions: Vec<Condition>,
    expression: Expression,
    needles: Needles,
}

#[derive(Debug)]
struct Condition {
    path: u16,
    test: Test,
}

#[derive(Debug)]
enum Test {
    Null,
    Bool(bool),
    Compare(Comparison),
    /// That there is anything. Its negation is in the expression.
    Exists,
}

#[derive(Debug)]
enum Expression {
    All(Vec<Self>),
    Any(Vec<Self>),
    /// The condition with this number holds for something.
    Holds(usize),
    /// The condition with this number holds for nothing.
    Not(usize),
}

impl Structured {
    /// Reads `{ … }`.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, FilterPatternError> {
        let mut parser = Parser { cursor, paths: Vec::new(), conditions: Vec::new(), wildcards: 0 };
        parser.cursor.eat("{");
        let expression = parser.any(0)?;
        parser.expect("}")?;
        let (paths, conditions) = (parser.paths, parser.conditions);
        let needles = Needles::any_of(required(&expression, &paths, &conditions).unwrap_or_default());
        Ok(Self { tree: Tree::new(paths.iter()), paths, conditions, expression, needles })
    }

    pub(crate) fn matches(&self, message: &str) -> bool {
        if !self.needles.may_match(message) {
            return false;
        }
        let mut held = 0_u128;
        let searched = self.tree.search(message, &mut |path, found| {
            for (condition, bit) in self.conditions.iter().zip(0..) {
                if condition.path == path && condition.test.holds(found) {
                    held |= 1 << bit;
                }
            }
        });
        searched.is_ok() && self.expression.holds(held)
    }

    /// The selectors of the pattern, as written, with the values that they name.
    pub(crate) fn extract(&self, message: &str) -> Vec<(String, String)> {
        let mut values = vec![None; self.paths.len()];
        let searched = self.tree.search(message, &mut |path, found| {
            if let Some(value) = values.get_mut(usize::from(path))
                && value.is_none()
            {
                *value = text_of(found);
            }
        });
        if searched.is_err() {
            return Vec::new();
        }
        let named = self.paths.iter().zip(values);
        named.filter_map(|(path, value)| Some((path.text.to_string(), value?))).collect()
    }
}

/// The value that the one selector of `tree` names in `message`: a string, a number or a boolean.
pub(crate) fn select(tree: &Tree, message: &str) -> Option<String> {
    let mut value = None;
    tree.search(message, &mut |_, found| value = text_of(found)).ok()?;
    value
}

fn text_of(found: Found<'_>) -> Option<String> {
    match found {
        Found::Container | Found::Scalar(Scalar::Null) => None,
        Found::Scalar(Scalar::Bool(value)) => Some(value.to_string()),
        Found::Scalar(Scalar::Number(text)) => Some(text.to_owned()),
        Found::Scalar(Scalar::String(text)) => Some(text.decode().into_owned()),
    }
}

impl Test {
    fn holds(&self, found: Found<'_>) -> bool {
        match (self, found) {
            (Self::Exists, _) | (Self::Null, Found::Scalar(Scalar::Null)) => true,
            (Self::Bool(value), Found::Scalar(Scalar::Bool(found))) => *value == found,
            (Self::Compare(comparison), Found::Scalar(scalar)) => match scalar {
                Scalar::Null => false,
                Scalar::Bool(value) => comparison.holds_for_text(if value { "true" } else { "false" }),
                Scalar::Number(text) => {
                    text.parse().is_ok_and(|number| comparison.holds_for_number(number, text))
                }
                Scalar::String(text) => comparison.holds_for_text(&text.decode()),
            },
            _ => false,
        }
    }
}

impl Expression {
    fn holds(&self, held: u128) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(held)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(held)),
            Self::Holds(condition) => held >> condition & 1 == 1,
            Self::Not(condition) => held >> condition & 1 == 0,
        }
    }
}

/// Texts of which one must be in a message for `expression` to hold; `None` when there are no such texts.
fn required<'p>(
    expression: &Expression,
    paths: &'p [Path],
    conditions: &'p [Condition],
) -> Option<Vec<&'p str>> {
    match expression {
        Expression::Not(_) => None,
        Expression::Holds(number) => {
            let condition = conditions.get(*number)?;
            let key = paths.get(usize::from(condition.path))?.longest_key();
            let value = match &condition.test {
                Test::Compare(comparison) => comparison.required_text(),
                _ => "",
            };
            // A value is usually rarer than a key.
            Some(vec![if value.len() >= 3 { value } else { key }])
        }
        Expression::Any(parts) => {
            let mut texts = Vec::new();
            for part in parts {
                texts.extend(required(part, paths, conditions)?);
            }
            Some(texts)
        }
        Expression::All(parts) => {
            let choices = parts.iter().filter_map(|part| required(part, paths, conditions));
            choices.max_by_key(|texts| {
                (std::cmp::Reverse(texts.len()), texts.iter().map(|text| text.len()).min())
            })
        }
    }
}

struct Parser<'c, 'a> {
    cursor: &'c mut Cursor<'a>,
    paths: Vec<Path>,
    conditions: Vec<Condition>,
    wildcards: usize,
}

impl Parser<'_, '_> {
    fn any(&mut self, depth: usize) -> Result<Expression, FilterPatternError> {
        self.list("||", Expression::Any, |parser| parser.all(depth))
    }

    fn all(&mut self, depth: usize) -> Result<Expression, FilterPatternError> {
        self.list("&&", Expression::All, |parser| parser.one(depth))
    }

    /// One or more parts with `separator` between them.
    fn list(
        &mut self,
        separator: &str,
        make: impl Fn(Vec<Expression>) -> Expression,
        part: impl Fn(&mut Self) -> Result<Expression, FilterPatternError>,
    ) -> Result<Expression, FilterPatternError> {
        let first = part(self)?;
        let mut parts = vec![first];
        loop {
            self.cursor.skip_space();
            if !self.cursor.eat(separator) {
                break;
            }
            parts.push(part(self)?);
        }
        if parts.len() > 1 {
            return Ok(make(parts));
        }
        parts.pop().ok_or(FilterPatternError::Syntax("no condition"))
    }

    fn one(&mut self, depth: usize) -> Result<Expression, FilterPatternError> {
        self.cursor.skip_space();
        if !self.cursor.eat("(") {
            return self.condition();
        }
        if depth >= MAX_DEPTH {
            return Err(FilterPatternError::Syntax("parentheses are nested too deeply"));
        }
        let inner = self.any(depth + 1)?;
        self.expect(")")?;
        Ok(inner)
    }

    fn condition(&mut self) -> Result<Expression, FilterPatternError> {
        let path = Path::parse(self.cursor)?;
        self.wildcards += usize::from(path.has_wildcard());
        if self.wildcards > MAX_WILDCARDS {
            return Err(FilterPatternError::Syntax("more wildcards than a pattern may have"));
        }
        self.cursor.skip_space();
        let (test, negated) = if self.cursor.eat_word("IS") {
            self.cursor.skip_space();
            (self.named_value()?, false)
        } else if self.cursor.eat_word("NOT") {
            self.cursor.skip_space();
            if !self.cursor.eat_word("EXISTS") {
                return Err(FilterPatternError::Syntax("NOT without EXISTS"));
            }
            (Test::Exists, true)
        } else {
            let operator = Operator::parse(self.cursor)
                .ok_or(FilterPatternError::Syntax("a selector without an operator"))?;
            (Test::Compare(Comparison::parse(operator, self.cursor, is_word)?), false)
        };
        if self.conditions.len() >= MAX_CONDITIONS {
            return Err(FilterPatternError::Syntax("more conditions than are read"));
        }
        let number = self.conditions.len();
        let path = self.path(path);
        self.conditions.push(Condition { path, test });
        Ok(if negated { Expression::Not(number) } else { Expression::Holds(number) })
    }

    fn named_value(&mut self) -> Result<Test, FilterPatternError> {
        let values = [("NULL", Test::Null), ("TRUE", Test::Bool(true)), ("FALSE", Test::Bool(false))];
        let found = values.into_iter().find(|(word, _)| self.cursor.eat_word(word));
        found.map(|(_, test)| test).ok_or(FilterPatternError::Syntax("IS without NULL, TRUE or FALSE"))
    }

    /// The number of `path`, which is entered when it is new.
    fn path(&mut self, path: Path) -> u16 {
        let number = self.paths.iter().position(|other| *other == path).unwrap_or(self.paths.len());
        if number == self.paths.len() {
            self.paths.push(path);
        }
        u16::try_from(number).unwrap_or(u16::MAX)
    }

    fn expect(&mut self, token: &str) -> Result<(), FilterPatternError> {
        self.cursor.skip_space();
        if self.cursor.eat(token) {
            Ok(())
        } else {
            Err(FilterPatternError::Syntax("a bracket has no partner"))
        }
    }
}

/// What a value without quotation marks consists of.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || "_*.-+:/@#".contains(c)
}
