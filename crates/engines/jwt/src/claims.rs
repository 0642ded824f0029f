//! What a token says.

use garrison_types::Timestamp;
use serde_json::{Map, Value};

/// The claims of a token (RFC 7519, section 4).
#[derive(Debug, Clone, PartialEq)]
pub struct Claims(Map<String, Value>);

impl Claims {
    pub(crate) fn new(claims: Map<String, Value>) -> Self {
        Self(claims)
    }

    /// A claim as it is.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A claim that is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A claim that is text or a list of texts, as `aud` and `amr` are; empty for anything else.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        match self.0.get(name) {
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// A claim that is a point in time: seconds since the epoch, with or without a fraction.
    pub fn time(&self, name: &str) -> Option<Timestamp> {
        let seconds = self.0.get(name)?;
        if let Some(seconds) = seconds.as_i64() {
            return seconds.checked_mul(1000).map(Timestamp::from_millis);
        }
        let millis = seconds.as_f64()? * 1000.0;
        // Within what a whole number of milliseconds can be.
        #[allow(
            clippy::cast_possible_truncation,
            reason = "the range is checked, and a fraction does not count"
        )]
        (millis.abs() < 9e15).then(|| Timestamp::from_millis(millis as i64))
    }
}
