//! The values that a request gives its condition keys.

use std::fmt::{self, Write as _};
use std::net::IpAddr;

use garrison_types::Timestamp;

/// One value of a condition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// Text. Operators of other types read it in their own form: a number, an ISO 8601 date, an address, an ARN.
    Str(&'a str),
    /// Compared as the text `true` or `false`.
    Bool(bool),
    /// An integer; date operators read it as seconds since the epoch. Decimals are given as text.
    Int(i64),
    /// A point in time; as text, ISO 8601 in UTC without a fraction, as a number whole seconds since the epoch.
    Time(Timestamp),
    /// An address, as `aws:SourceIp` has it.
    Ip(IpAddr),
    /// Bytes, for `BinaryEquals`; other operators do not match them.
    Bytes(&'a [u8]),
}

/// All the values of one condition key.
///
/// An empty list is the same as an absent key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values<'a> {
    /// A single-valued key.
    One(Value<'a>),
    /// A multivalued key.
    Many(&'a [Value<'a>]),
    /// A multivalued key of texts, for callers that hold owned strings.
    Strings(&'a [String]),
}

impl<'a> Values<'a> {
    /// How many values there are.
    pub fn len(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Many(values) => values.len(),
            Self::Strings(values) => values.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value at `index`, counted from zero.
    pub fn get(&self, index: usize) -> Option<Value<'a>> {
        match self {
            Self::One(value) => (index == 0).then_some(*value),
            Self::Many(values) => values.get(index).copied(),
            Self::Strings(values) => values.get(index).map(|text| Value::Str(text)),
        }
    }

    /// Every value in order.
    pub fn iter(&self) -> impl Iterator<Item = Value<'a>> + use<'a> {
        let values = *self;
        (0..values.len()).filter_map(move |index| values.get(index))
    }
}

impl<'a> From<&'a str> for Values<'a> {
    fn from(text: &'a str) -> Self {
        Self::One(Value::Str(text))
    }
}

impl<'a> From<Value<'a>> for Values<'a> {
    fn from(value: Value<'a>) -> Self {
        Self::One(value)
    }
}

impl From<bool> for Values<'_> {
    fn from(value: bool) -> Self {
        Self::One(Value::Bool(value))
    }
}

impl From<i64> for Values<'_> {
    fn from(value: i64) -> Self {
        Self::One(Value::Int(value))
    }
}

impl<'a> From<&'a [String]> for Values<'a> {
    fn from(values: &'a [String]) -> Self {
        Self::Strings(values)
    }
}

/// The condition keys of a request: the engine asks for those that a policy names, so that costly ones can be
/// computed on demand.
///
/// The engine answers the keys that follow from the principal and the resource's account by itself (see
/// [`Principal`](crate::Principal) and [`Request`](crate::Request)) and does not ask for them here.
pub trait ConditionKeys {
    /// The values of `key`, or `None` when the request does not have it.
    ///
    /// `key` is the whole name in ASCII lower case, for example `aws:resourcetag/costcenter` or
    /// `kms:encryptioncontext:department`: names of condition keys are not case-sensitive, tag keys and
    /// encryption context keys in them included. Source: IAM User Guide, "IAM JSON policy elements: Condition".
    fn get(&self, key: &str) -> Option<Values<'_>>;
}

/// Condition keys held as a list, for callers that have them ready: names in any case, first match counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeyList<'a>(pub &'a [(&'a str, Values<'a>)]);

impl ConditionKeys for KeyList<'_> {
    fn get(&self, key: &str) -> Option<Values<'_>> {
        self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, values)| *values)
    }
}

/// The text of a value without allocation: borrowed, or written into a small buffer.
pub(crate) enum Text<'a> {
    Borrowed(&'a str),
    Written(Buffer),
}

impl Text<'_> {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Written(buffer) => buffer.as_str(),
        }
    }
}

/// Room for the longest text that a number, a time (up to the end of `i64`) or an address has.
pub(crate) struct Buffer {
    bytes: [u8; 48],
    length: usize,
}

impl Buffer {
    fn as_str(&self) -> &str {
        self.bytes.get(..self.length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

impl fmt::Write for Buffer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

impl<'a> Value<'a> {
    /// The value as string operators and policy variables see it; bytes have no text.
    pub(crate) fn text(self) -> Option<Text<'a>> {
        let mut buffer = Buffer { bytes: [0; 48], length: 0 };
        match self {
            Self::Str(text) => return Some(Text::Borrowed(text)),
            Self::Bool(true) => return Some(Text::Borrowed("true")),
            Self::Bool(false) => return Some(Text::Borrowed("false")),
            Self::Bytes(_) => return None,
            Self::Int(n) => write!(buffer, "{n}").ok()?,
            Self::Ip(address) => write!(buffer, "{address}").ok()?,
            Self::Time(time) => {
                let (y, mo, d, h, mi, s, _) = time.civil();
                write!(buffer, "{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}Z").ok()?;
            }
        }
        Some(Text::Written(buffer))
    }
}
