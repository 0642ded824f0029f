//! Filter patterns, by which metric filters, subscription filters, FilterLogEvents and Live Tail choose events.
//!
//! Source: CloudWatch Logs User Guide, "Filter pattern syntax for metric filters, subscription filters, filter log
//! events, and Live Tail" (`FilterAndPatternSyntax`).

mod comparison;
mod cursor;
mod delimited;
mod error;
mod needle;
mod regex;
mod selector;
mod structured;
mod terms;

use self::cursor::Cursor;
use self::delimited::Delimited;
pub use self::error::{FilterPatternError, SelectorError};
pub use self::regex::MAX_REGEXES;
use self::selector::{Path, Tree};
use self::structured::Structured;
use self::terms::Terms;

/// The longest pattern, in bytes. AWS's model allows 1,024 characters.
pub const MAX_PATTERN_LEN: usize = 4 * 1024;

/// A compiled filter pattern.
#[derive(Debug)]
pub struct FilterPattern {
    form: Form,
    regexes: usize,
}

#[derive(Debug)]
enum Form {
    Everything,
    Terms(Terms),
    Json(Structured),
    Delimited(Delimited),
}

/// Which of the languages a pattern is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatternKind {
    /// Empty, or a quoted blank: every event matches.
    Everything,
    /// Terms, phrases and regular expressions that are looked for anywhere in the message.
    Terms,
    /// `{ … }`: conditions on the parts of a JSON object.
    Json,
    /// `[ … ]`: conditions on the fields of a line.
    Delimited,
}

/// Where in an event the value of a metric or of a dimension is: `$.latency` or `$bytes`.
///
/// Made by [`FilterPattern::selector`], for that pattern alone.
#[derive(Debug)]
pub struct Selector(Place);

#[derive(Debug)]
enum Place {
    Path(Tree),
    Field(usize),
}

impl FilterPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Its words are in [`FilterPatternError`]. Besides what is not in the language, AWS refuses more than two regular
    /// expressions, more than one wildcard in a property selector, and more than three in a pattern.
    pub fn parse(text: &str) -> Result<Self, FilterPatternError> {
        if text.len() > MAX_PATTERN_LEN {
            return Err(FilterPatternError::Syntax("longer than is read"));
        }
        let mut cursor = Cursor::new(text);
        cursor.skip_space();
        let form = match cursor.peek() {
            None => Form::Everything,
            Some('{') => Form::Json(Structured::parse(&mut cursor)?),
            Some('[') => Form::Delimited(Delimited::parse(&mut cursor)?),
            Some(_) => Terms::parse(&mut cursor)?.map_or(Form::Everything, Form::Terms),
        };
        cursor.skip_space();
        if cursor.peek().is_some() {
            return Err(FilterPatternError::Syntax("something follows the pattern"));
        }
        Ok(Self { form, regexes: cursor.regexes() })
    }

    /// Which language it is written in.
    pub fn kind(&self) -> PatternKind {
        match self.form {
            Form::Everything => PatternKind::Everything,
            Form::Terms(_) => PatternKind::Terms,
            Form::Json(_) => PatternKind::Json,
            Form::Delimited(_) => PatternKind::Delimited,
        }
    }

    /// How many regular expressions are in it. A log group may have five filters that have any.
    pub fn regexes(&self) -> usize {
        self.regexes
    }

    /// Whether metrics made with this pattern may have dimensions: JSON and space-delimited patterns only.
    pub fn supports_dimensions(&self) -> bool {
        matches!(self.form, Form::Json(_) | Form::Delimited(_))
    }

    /// Whether the event with this message is chosen.
    pub fn matches(&self, message: &str) -> bool {
        match &self.form {
            Form::Everything => true,
            Form::Terms(terms) => terms.matches(message),
            Form::Json(json) => json.matches(message),
            Form::Delimited(delimited) => delimited.matches(message),
        }
    }

    /// What TestMetricFilter answers as `extractedValues` for a message that matches: the value of every property
    /// (`$.eventType`) or named field (`$bytes`) of the pattern, in its order. Properties that are absent, or that
    /// are objects or arrays, are left out. `None` when the message does not match.
    pub fn extract(&self, message: &str) -> Option<Vec<(String, String)>> {
        match &self.form {
            Form::Json(json) => json.matches(message).then(|| json.extract(message)),
            Form::Delimited(delimited) => delimited.extract(message),
            Form::Everything | Form::Terms(_) => self.matches(message).then(Vec::new),
        }
    }

    /// Reads the `metricValue` or the value of a dimension of a metric filter with this pattern.
    ///
    /// # Errors
    /// `text` is not a property selector (`$.a.b[0]`) for a JSON pattern, or not the name of a field of a
    /// space-delimited pattern (`$bytes`). A number is for the caller to read.
    pub fn selector(&self, text: &str) -> Result<Selector, SelectorError> {
        match &self.form {
            Form::Json(_) => {
                let mut cursor = Cursor::new(text);
                let path = Path::parse(&mut cursor).map_err(|_| SelectorError::Syntax)?;
                if cursor.peek().is_some() || path.has_wildcard() {
                    return Err(SelectorError::Syntax);
                }
                Ok(Selector(Place::Path(Tree::new(std::iter::once(&path)))))
            }
            Form::Delimited(delimited) => {
                let name = text.strip_prefix('$').ok_or(SelectorError::Syntax)?;
                delimited.field(name).map(Place::Field).map(Selector).ok_or(SelectorError::UnknownField)
            }
            Form::Everything | Form::Terms(_) => Err(SelectorError::NotSupported),
        }
    }

    /// The value that `selector` names in `message`, if it has one. Whether the message matches is not looked at.
    pub fn select(&self, selector: &Selector, message: &str) -> Option<String> {
        match (&selector.0, &self.form) {
            (Place::Path(tree), _) => structured::select(tree, message),
            (Place::Field(field), Form::Delimited(delimited)) => delimited.select(*field, message),
            (Place::Field(_), _) => None,
        }
    }
}
