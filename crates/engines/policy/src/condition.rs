//! Conditions, compiled and evaluated.
//!
//! Source: IAM User Guide, "IAM JSON policy elements: Condition operators", "Conditions with multiple context keys
//! or values" and "Set operators for multivalued context keys".

use garrison_types::Timestamp;

use crate::date;
use crate::document::{ConditionBlock, Version, shorten};
use crate::error::PolicyError;
use crate::network::Network;
use crate::operator::{Comparison, Operator, Quantifier, Relation};
use crate::pattern::{ArnPattern, Case, Pattern, SplitArn, Syntax};
use crate::request::Request;
use crate::value::{Value, Values};

/// One operator applied to one key.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    pub(crate) operator: Operator,
    key: KeyName,
    expected: Expected,
}

/// The name of a condition key: in ASCII lower case, and behind it as written.
#[derive(Debug, Clone)]
struct KeyName(Box<str>);

impl KeyName {
    fn new(written: &str) -> Self {
        Self(format!("{}{written}", written.to_ascii_lowercase()).into())
    }

    fn halves(&self) -> (&str, &str) {
        self.0.split_at_checked(self.0.len() / 2).unwrap_or_default()
    }
}

/// The policy's values, read as the operator needs them.
#[derive(Debug, Clone)]
enum Expected {
    Texts(Case, Box<[Pattern]>),
    Arns(Box<[ArnPattern]>),
    Numbers(Relation, Box<[f64]>),
    Dates(Relation, Box<[Timestamp]>),
    Bytes(Box<[Box<[u8]>]>),
    Networks(Box<[Network]>),
    /// Whether the key must be absent.
    Absent(Box<[bool]>),
}

impl Condition {
    pub(crate) fn new(block: &ConditionBlock, version: Version) -> Result<Self, PolicyError> {
        let operator = Operator::parse(&block.operator)
            .ok_or_else(|| PolicyError::Operator(shorten(&block.operator)))?;
        let expected = Expected::new(operator.comparison, block, version)?;
        Ok(Self { operator, key: KeyName::new(&block.key), expected })
    }

    /// The key as written.
    pub(crate) fn key(&self) -> &str {
        self.key.halves().1
    }

    /// The request's values.
    pub(crate) fn given<'a>(&self, request: &'a Request<'_>) -> Option<Values<'a>> {
        request.condition_key(self.key.halves().0)
    }

    /// The policy's values as text.
    pub(crate) fn expected_texts(&self) -> Vec<String> {
        fn all<T: ToString>(values: &[T]) -> Vec<String> {
            values.iter().map(T::to_string).collect()
        }
        match &self.expected {
            Expected::Texts(_, patterns) => all(patterns),
            Expected::Arns(patterns) => all(patterns),
            Expected::Numbers(_, numbers) => all(numbers),
            Expected::Dates(_, dates) => all(dates),
            Expected::Bytes(list) => {
                list.iter().map(|bytes| base64_simd::STANDARD.encode_to_string(bytes)).collect()
            }
            Expected::Networks(networks) => all(networks),
            Expected::Absent(wanted) => all(wanted),
        }
    }

    /// Whether the condition holds for `request`.
    pub(crate) fn holds(&self, request: &Request<'_>) -> bool {
        let values = self.given(request);
        if let Expected::Absent(wanted) = &self.expected {
            return wanted.contains(&values.is_none());
        }
        let satisfies = |value| self.expected.matches(value, request) != self.operator.negated;
        match (self.operator.quantifier, values) {
            // An absent key does not equal anything: negated operators hold.
            (Quantifier::Plain, None) => self.operator.if_exists || self.operator.negated,
            (Quantifier::Plain, Some(values)) => {
                values.iter().any(|value| self.expected.matches(value, request)) != self.operator.negated
            }
            (Quantifier::All, values) => {
                values.is_none_or(|values| is_null(&values) || values.iter().all(satisfies))
            }
            // `IfExists` is asked of each value, so it changes nothing when there is none.
            (Quantifier::Any, values) => {
                values.is_some_and(|values| !is_null(&values) && values.iter().any(satisfies))
            }
        }
    }
}

/// Whether set operators take the values for an empty set: AWS counts an empty string as one.
fn is_null(values: &Values<'_>) -> bool {
    values.iter().all(|value| value == Value::Str(""))
}

impl Expected {
    fn new(comparison: Comparison, block: &ConditionBlock, version: Version) -> Result<Self, PolicyError> {
        let exact = Syntax::new(version, false);
        Ok(match comparison {
            Comparison::StringEquals => Self::Texts(Case::Exact, patterns(block, exact)?),
            Comparison::StringEqualsIgnoreCase => Self::Texts(Case::Ignored, patterns(block, exact)?),
            Comparison::StringLike => Self::Texts(Case::Exact, patterns(block, Syntax::new(version, true))?),
            Comparison::Bool => {
                let texts = patterns(block, exact)?;
                let readable =
                    |pattern: &Pattern| pattern.as_literal().is_none_or(|text| read_bool(text).is_some());
                match texts.iter().zip(&block.values).find(|(pattern, _)| !readable(pattern)) {
                    None => Self::Texts(Case::Ignored, texts),
                    Some((_, value)) => return Err(unreadable(block, value)),
                }
            }
            // What is no ARN equals no ARN.
            Comparison::ArnEquals | Comparison::ArnLike => Self::Arns(
                block
                    .values
                    .iter()
                    .filter_map(|value| ArnPattern::parse(value, version).transpose())
                    .collect::<Result<_, _>>()?,
            ),
            Comparison::Numeric(relation) => Self::Numbers(relation, read_all(block, read_number)?),
            Comparison::Date(relation) => Self::Dates(relation, read_all(block, date::parse)?),
            Comparison::Binary => Self::Bytes(read_all(block, |text| {
                base64_simd::STANDARD.decode_to_vec(text.as_bytes()).ok().map(Into::into)
            })?),
            Comparison::Ip => Self::Networks(read_all(block, Network::parse)?),
            Comparison::Null => Self::Absent(read_all(block, read_bool)?),
        })
    }

    /// Whether `value` matches one of the policy's values.
    fn matches(&self, value: Value<'_>, request: &Request<'_>) -> bool {
        match self {
            Self::Texts(case, patterns) => value.text().is_some_and(|text| {
                patterns.iter().any(|pattern| pattern.matches(text.as_str(), *case, request))
            }),
            Self::Arns(patterns) => value.text().is_some_and(|text| {
                let arn = SplitArn::new(text.as_str());
                patterns.iter().any(|pattern| pattern.matches(&arn, request))
            }),
            Self::Numbers(relation, numbers) => as_number(value)
                .is_some_and(|given| numbers.iter().any(|number| relation.holds(given, *number))),
            Self::Dates(relation, dates) => {
                as_date(value).is_some_and(|given| dates.iter().any(|date| relation.holds(given, *date)))
            }
            Self::Bytes(expected) => match value {
                Value::Bytes(given) => expected.iter().any(|bytes| **bytes == *given),
                Value::Str(given) => expected.iter().any(|bytes| **bytes == *given.as_bytes()),
                _ => false,
            },
            Self::Networks(networks) => {
                let address = match value {
                    Value::Ip(address) => Some(address),
                    Value::Str(text) => text.parse().ok(),
                    _ => None,
                };
                address.is_some_and(|address| networks.iter().any(|network| network.contains(address)))
            }
            Self::Absent(_) => false,
        }
    }
}

fn patterns(block: &ConditionBlock, syntax: Syntax) -> Result<Box<[Pattern]>, PolicyError> {
    block.values.iter().map(|value| Pattern::parse(value, syntax)).collect()
}

fn read_all<T>(block: &ConditionBlock, read: impl Fn(&str) -> Option<T>) -> Result<Box<[T]>, PolicyError> {
    block.values.iter().map(|value| read(value).ok_or_else(|| unreadable(block, value))).collect()
}

fn unreadable(block: &ConditionBlock, value: &str) -> PolicyError {
    PolicyError::ConditionValue { operator: block.operator.clone(), value: shorten(value) }
}

fn read_bool(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else {
        text.eq_ignore_ascii_case("false").then_some(false)
    }
}

/// An integer or decimal, possibly with an exponent; not the names of infinity that Rust would take.
fn read_number(text: &str) -> Option<f64> {
    let shape = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'));
    text.parse().ok().filter(|number: &f64| shape && number.is_finite())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "integers up to 2^53 are exact, and no condition key is larger"
)]
fn as_number(value: Value<'_>) -> Option<f64> {
    match value {
        Value::Int(number) => Some(number as f64),
        // `aws:EpochTime` may be compared as a number.
        Value::Time(time) => Some(time.as_millis().div_euclid(1000) as f64),
        Value::Str(text) => read_number(text),
        _ => None,
    }
}

fn as_date(value: Value<'_>) -> Option<Timestamp> {
    match value {
        Value::Time(time) => Some(time),
        Value::Int(seconds) => Some(Timestamp::from_seconds(seconds)),
        Value::Str(text) => date::parse(text),
        _ => None,
    }
}
