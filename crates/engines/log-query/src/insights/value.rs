//! Values, their order and their text.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use super::period::format_time;

/// What an expression yields.
///
/// Fields of events are texts, numbers too: what was written is what is shown. A text is taken for a number where a
/// number is needed.
#[derive(Debug, Clone, Default)]
pub(crate) enum Value<'a> {
    #[default]
    Missing,
    Bool(bool),
    Number(f64),
    /// Milliseconds since the epoch.
    Time(i64),
    Text(Cow<'a, str>),
    /// A map or a list.
    Json(Arc<serde_json::Value>),
}

impl<'a> Value<'a> {
    /// A number; what is not finite is missing.
    pub(crate) fn number_from(number: f64) -> Self {
        if number.is_finite() { Self::Number(number) } else { Self::Missing }
    }

    /// The same value without a copy of its text.
    pub(crate) fn borrowed(&'a self) -> Self {
        match self {
            Self::Text(text) => Self::Text(Cow::Borrowed(text)),
            other => other.clone(),
        }
    }

    pub(crate) fn into_owned(self) -> Value<'static> {
        match self {
            Self::Missing => Value::Missing,
            Self::Bool(value) => Value::Bool(value),
            Self::Number(value) => Value::Number(value),
            Self::Time(value) => Value::Time(value),
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Json(value) => Value::Json(value),
        }
    }

    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    /// Whether a filter lets it pass.
    pub(crate) fn is_true(&self) -> bool {
        match self {
            Self::Bool(value) => *value,
            Self::Text(text) if text.eq_ignore_ascii_case("true") => true,
            other => other.number().is_some_and(|number| number != 0.0),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "an f64 holds milliseconds exactly for 285,000 years")]
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Bool(value) => Some(f64::from(u8::from(*value))),
            Self::Time(millis) => Some(*millis as f64),
            Self::Text(text) => parse_number(text),
            Self::Missing | Self::Json(_) => None,
        }
    }

    /// Its text; a map, a list and what is missing have none.
    pub(crate) fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Bool(value) => Some(Cow::Borrowed(if *value { "1" } else { "0" })),
            Self::Number(number) => Some(Cow::Owned(format_number(*number))),
            Self::Time(millis) => Some(Cow::Owned(format_time(*millis))),
            Self::Missing | Self::Json(_) => None,
        }
    }

    /// Its text in a result.
    pub(crate) fn display(&self) -> Option<String> {
        match self {
            Self::Json(value) => Some(value.to_string()),
            other => other.text().map(Cow::into_owned),
        }
    }

    /// How it compares with `other`: as numbers if both are, else as texts. Two texts are compared as numbers only to
    /// be ordered: "007" is not "7". There is no comparison with a map, a list or what is missing.
    pub(crate) fn compare(&self, other: &Value<'_>, to_order: bool) -> Option<Ordering> {
        let texts = matches!((self, other), (Self::Text(_), Value::Text(_)));
        if (!texts || to_order)
            && let (Some(left), Some(right)) = (self.number(), other.number())
        {
            return left.partial_cmp(&right);
        }
        match (self, other) {
            (Self::Text(left), Value::Text(right)) => Some(left.cmp(right)),
            _ => Some(self.text()?.cmp(&other.text()?)),
        }
    }

    /// An order of all values: numbers, texts, then what is missing.
    pub(crate) fn order(&self, other: &Value<'_>) -> Ordering {
        match (self.number(), other.number()) {
            (Some(left), Some(right)) => left.total_cmp(&right),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => match (self.text(), other.text()) {
                (Some(left), Some(right)) => left.cmp(&right),
                (left, right) => right.is_some().cmp(&left.is_some()),
            },
        }
    }

    /// Appends what tells it from every other value.
    pub(crate) fn write_key(&self, key: &mut String) {
        match self.text() {
            Some(text) => {
                // The length keeps `a`,`bc` from `ab`,`c`.
                key.push_str(&text.len().to_string());
                key.push(':');
                key.push_str(&text);
            }
            None => key.push('-'),
        }
    }

    /// About how many bytes it takes, its place included.
    pub(crate) fn size(&self) -> usize {
        let held = match self {
            Self::Text(text) => text.len(),
            Self::Json(value) => json_size(value),
            _ => 0,
        };
        size_of::<Self>() + held
    }

    /// The part of a map or a list that `path` leads to.
    pub(crate) fn part(&self, path: &[String]) -> Value<'static> {
        let Self::Json(value) = self else { return Value::Missing };
        let mut value = &**value;
        for step in path {
            let next = match value {
                serde_json::Value::Array(list) => step.parse().ok().and_then(|index: usize| list.get(index)),
                other => other.get(step),
            };
            let Some(next) = next else { return Value::Missing };
            value = next;
        }
        match value {
            serde_json::Value::Null => Value::Missing,
            serde_json::Value::Bool(value) => Value::Bool(*value),
            serde_json::Value::Number(number) => Value::Text(Cow::Owned(number.to_string())),
            serde_json::Value::String(text) => Value::Text(Cow::Owned(text.clone())),
            container => Value::Json(Arc::new(container.clone())),
        }
    }
}

fn json_size(value: &serde_json::Value) -> usize {
    let inside = match value {
        serde_json::Value::String(text) => text.len(),
        serde_json::Value::Array(list) => list.iter().map(json_size).sum(),
        serde_json::Value::Object(map) => map.iter().map(|(key, value)| key.len() + json_size(value)).sum(),
        _ => 0,
    };
    size_of::<serde_json::Value>() + inside
}

/// A decimal number; words that Rust takes for numbers are none.
pub(crate) fn parse_number(text: &str) -> Option<f64> {
    let text = text.trim();
    let last = text.as_bytes().last()?;
    let first = text.as_bytes().first()?;
    let plausible = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    if !plausible(*last) || !(plausible(*first) || matches!(first, b'-' | b'+')) {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Whole numbers without a fraction, others with up to four decimals, as AWS shows them.
pub(crate) fn format_number(number: f64) -> String {
    if number.fract() == 0.0 {
        return format!("{:.0}", number + 0.0);
    }
    let text = format!("{number:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_at_most_four_decimals() {
        for (number, text) in [
            (122.070_312_5, "122.0703"),
            (40.0, "40"),
            (-0.0, "0"),
            (-0.000_01, "0"),
            (0.5, "0.5"),
            (1e21, "1000000000000000000000"),
            (2.000_04, "2"),
        ] {
            assert_eq!(format_number(number), text);
        }
    }

    #[test]
    fn only_decimal_numbers_are_numbers() {
        for (text, number) in [
            ("12", Some(12.0)),
            (" -1.5 ", Some(-1.5)),
            ("1e3", Some(1000.0)),
            (".5", Some(0.5)),
            ("inf", None),
            ("NaN", None),
            ("1_000", None),
            ("0x10", None),
            ("1e999", None),
            ("", None),
            ("10.0.0.1", None),
        ] {
            assert_eq!(parse_number(text), number, "{text}");
        }
    }
}
