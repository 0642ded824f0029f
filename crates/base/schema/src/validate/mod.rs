//! Validation of a request against its model, in AWS's words.
//!
//! `1 validation error detected: Value '' at 'keyId' failed to satisfy constraint: Member must have length greater than
//! or equal to 1`: the wording, the paths and the forms of values are those of AWS's services, collected from
//! their answers. AWS gives several violations in no fixed order; here they come in the model's.

mod pattern;
mod render;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use garrison_types::Timestamp;

use crate::issues::{Issues, MAX_VIOLATIONS, Segment};
use crate::shape::{Kind, Member, Shape};
use crate::write::{WriteStructure, Writer};

pub use pattern::bad_patterns;

/// Checks an input: required members, lengths, ranges, patterns and enums.
///
/// `issues` are those of the reader that read the input: what it did not find. A request without violations
/// costs no allocation unless it holds lists or maps of structures.
///
/// # Errors
/// The whole message of AWS's `ValidationException`.
pub fn validate(input: &dyn WriteStructure, issues: &Issues) -> Result<(), String> {
    let mut validator =
        Validator { missing: issues.missing(), path: Vec::new(), collection: None, violations: Vec::new() };
    for path in issues.missing() {
        let text =
            format!("Value null at '{}' failed to satisfy constraint: Member must not be null", place(path));
        validator.push(text);
    }
    input.write_members(&mut validator);
    if validator.violations.is_empty() { Ok(()) } else { Err(message(&validator.violations)) }
}

/// The message for bytes or sensitive text longer than `max`, for a bound that is a setting and not the model's.
/// `path` is written as in the message, for example `plaintext`.
pub fn length_violation_message(path: &str, max: u64) -> String {
    message(&[violation(None, path, &format!("Member must have length less than or equal to {max}"))])
}

fn message(violations: &[String]) -> String {
    let plural = if violations.len() == 1 { "" } else { "s" };
    format!("{} validation error{plural} detected: {}", violations.len(), violations.join("; "))
}

fn violation(value: Option<&str>, path: &str, constraint: &str) -> String {
    let value = value.map_or(String::new(), |value| format!(" '{value}'"));
    format!("Value{value} at '{path}' failed to satisfy constraint: {constraint}")
}

/// `Tags`, 1, `TagKey` is `tags.1.member.tagKey`.
fn place(path: &[Segment]) -> String {
    let mut text = String::new();
    for segment in path {
        if !text.is_empty() {
            text.push('.');
        }
        // Writing to a string cannot fail.
        let _ = match segment {
            Segment::Member(name) => {
                push_camel(&mut text, name);
                Ok(())
            }
            Segment::Element(number) => write!(text, "{number}.member"),
            Segment::Entry(key) => write!(text, "{key}.member"),
        };
    }
    text
}

/// Appends the name with its first letter small.
fn push_camel(out: &mut String, name: &str) {
    let mut chars = name.chars();
    out.extend(chars.next().map(|c| c.to_ascii_lowercase()));
    out.push_str(chars.as_str());
}

/// What a shape demands, in the order in which AWS lists it for the items of a list or map.
fn constraints(shape: &'static Shape) -> Vec<String> {
    let mut texts = Vec::new();
    if let Kind::Enum(values) = shape.kind {
        texts.push(enum_text(values));
    }
    texts.extend(shape.constraints.max.map(|max| max_text(shape, max)));
    texts.extend(shape.constraints.min.map(|min| min_text(shape, min)));
    texts.extend(shape.constraints.pattern.map(pattern_text));
    match shape.kind {
        Kind::List(element) => texts.extend(items_text("Member", element)),
        Kind::Map(key, value) => {
            texts.extend(items_text("Map keys", key));
            texts.extend(items_text("Map value", value));
        }
        _ => {}
    }
    texts
}

fn items_text(what: &str, item: &'static Member) -> Option<String> {
    let texts = constraints(item.shape());
    (!texts.is_empty()).then(|| format!("{what} must satisfy constraint: [{}]", texts.join(", ")))
}

fn enum_text(values: &[&str]) -> String {
    format!("Member must satisfy enum value set: [{}]", values.join(", "))
}

fn pattern_text(pattern: &str) -> String {
    format!("Member must satisfy regular expression pattern: {pattern}")
}

fn max_text(shape: &Shape, max: i64) -> String {
    bound_text(shape, "less", max)
}

fn min_text(shape: &Shape, min: i64) -> String {
    bound_text(shape, "greater", min)
}

fn bound_text(shape: &Shape, side: &str, bound: i64) -> String {
    let (what, decimals) = match shape.kind {
        Kind::Integer | Kind::Long => ("value", ""),
        Kind::Float | Kind::Double => ("value", ".0"),
        _ => ("length", ""),
    };
    format!("Member must have {what} {side} than or equal to {bound}{decimals}")
}

/// A list or map of scalars is one value: if an item is bad, the message names the list and shows it whole.
#[derive(Default)]
struct Collection {
    /// What keys must satisfy, in a map.
    key_member: Option<&'static Member>,
    /// A path may lead through an item.
    deep: bool,
    /// The key of the entry that is being checked, when a path may lead through it.
    key: Option<String>,
    /// The number of the element that is being checked, when a path may lead through it.
    number: usize,
    bad_items: bool,
    bad_keys: bool,
}

struct Validator<'a> {
    missing: &'a [Vec<Segment>],
    /// Where the structure stands that is being checked.
    path: Vec<Segment>,
    /// The list or map whose items are being checked; `None` in a structure.
    collection: Option<Collection>,
    violations: Vec<String>,
}

impl Validator<'_> {
    fn push(&mut self, violation: String) {
        if !self.is_full() {
            self.violations.push(violation);
        }
    }

    /// Nothing more will be reported.
    fn is_full(&self) -> bool {
        self.violations.len() >= MAX_VIOLATIONS
    }

    /// The reader did not find the member, so that the value is only a default.
    fn is_missing(&self, member: &'static Member) -> bool {
        !self.missing.is_empty()
            && self.collection.is_none()
            && self.missing.iter().any(|path| {
                path.split_last().is_some_and(|(last, holder)| {
                    *last == Segment::Member(member.name) && holder == self.path.as_slice()
                })
            })
    }

    /// Notes what is wrong with a value: for an item, in its list or map.
    fn report(&mut self, member: &'static Member, value: Option<&str>, texts: &[String]) {
        if texts.is_empty() {
            return;
        }
        if let Some(collection) = &mut self.collection {
            collection.bad_items = true;
            return;
        }
        self.path.push(Segment::Member(member.name));
        let place = place(&self.path);
        self.path.pop();
        for text in texts {
            self.push(violation(value, &place, text));
        }
    }

    /// Checks text or bytes: lengths, enum, pattern.
    fn text(&mut self, member: &'static Member, length: impl Fn() -> usize, value: Option<&str>) {
        let shape = member.shape();
        let mut texts = Vec::new();
        match (&shape.kind, value) {
            (Kind::Enum(values), Some(value)) if !values.contains(&value) => texts.push(enum_text(values)),
            _ => {}
        }
        if let (Some(wanted), Some(value)) = (shape.constraints.pattern, value)
            && !pattern::matches(wanted, value)
        {
            texts.push(pattern_text(wanted));
        }
        texts.extend(length_violation(shape, length));
        if !texts.is_empty() && !self.is_missing(member) {
            self.report(member, value.filter(|_| !shape.sensitive), &texts);
        }
    }

    /// Checks a number.
    fn number(
        &mut self,
        member: &'static Member,
        is_below: impl Fn(i64) -> bool,
        is_above: impl Fn(i64) -> bool,
        value: impl std::fmt::Display,
    ) {
        let shape = member.shape();
        let mut texts = Vec::new();
        texts.extend(shape.constraints.max.filter(|max| is_above(*max)).map(|max| max_text(shape, max)));
        texts.extend(shape.constraints.min.filter(|min| is_below(*min)).map(|min| min_text(shape, min)));
        if !texts.is_empty() && !self.is_missing(member) {
            self.report(member, Some(&value.to_string()), &texts);
        }
    }

    /// Runs `check` where the value stands: one segment further, when structures may stand below.
    fn within(&mut self, member: &'static Member, inner: Option<Collection>, check: impl FnOnce(&mut Self)) {
        let segment = match &mut self.collection {
            None => Segment::Member(member.name),
            Some(Collection { key: Some(key), .. }) => Segment::Entry(std::mem::take(key)),
            Some(collection) => {
                collection.number += 1;
                Segment::Element(collection.number)
            }
        };
        let deep = leads_to_structures(member);
        if deep {
            self.path.push(segment);
        }
        let outer = std::mem::replace(&mut self.collection, inner);
        check(self);
        let inner = std::mem::replace(&mut self.collection, outer);
        if deep {
            self.path.pop();
        }
        if let (Some(inner), Some(outer)) = (inner, &mut self.collection) {
            outer.bad_items |= inner.bad_items | inner.bad_keys;
        }
    }

    /// Checks a list or map: its length, then its items.
    fn items(&mut self, member: &'static Member, len: usize, write: &mut dyn FnMut(&mut dyn Writer)) {
        if self.is_full() || self.is_missing(member) {
            return;
        }
        let shape = member.shape();
        let mut texts: Vec<String> = length_violation(shape, || len).into_iter().collect();
        let key_member = match shape.kind {
            Kind::Map(key, _) => Some(key),
            _ => None,
        };
        let collection =
            Collection { key_member, deep: leads_to_structures(member), ..Collection::default() };
        let (mut bad_keys, mut bad_items) = (false, false);
        self.within(member, Some(collection), |validator| {
            write(validator);
            if let Some(collection) = &validator.collection {
                (bad_keys, bad_items) = (collection.bad_keys, collection.bad_items);
            }
        });
        match shape.kind {
            Kind::List(element) if bad_items => texts.extend(items_text("Member", element)),
            Kind::Map(key, value) => {
                texts.extend(bad_keys.then(|| items_text("Map keys", key)).flatten());
                texts.extend(bad_items.then(|| items_text("Map value", value)).flatten());
            }
            _ => {}
        }
        if !texts.is_empty() {
            let value = render::items(shape, write);
            self.report(member, value.as_deref(), &texts);
        }
    }
}

/// A path may lead through the value: it is a structure, or its items are structures, lists or maps.
fn leads_to_structures(member: &'static Member) -> bool {
    match member.shape().kind {
        Kind::List(item) | Kind::Map(_, item) => {
            matches!(item.shape().kind, Kind::Structure { .. } | Kind::List(_) | Kind::Map(..))
        }
        _ => true,
    }
}

/// The key breaks what keys must satisfy.
fn is_bad_key(member: &'static Member, key: &str) -> bool {
    let shape = member.shape();
    length_violation(shape, || key.chars().count()).is_some()
        || shape.constraints.pattern.is_some_and(|wanted| !pattern::matches(wanted, key))
        || matches!(shape.kind, Kind::Enum(values) if !values.contains(&key))
}

fn length_violation(shape: &'static Shape, length: impl Fn() -> usize) -> Option<String> {
    let constraints = &shape.constraints;
    if constraints.min.is_none() && constraints.max.is_none() {
        return None;
    }
    let length = i64::try_from(length()).unwrap_or(i64::MAX);
    match (constraints.max, constraints.min) {
        (Some(max), _) if length > max => Some(max_text(shape, max)),
        (_, Some(min)) if length < min => Some(min_text(shape, min)),
        _ => None,
    }
}

impl Writer for Validator<'_> {
    fn boolean(&mut self, _member: &'static Member, _value: bool) {}

    fn integer(&mut self, member: &'static Member, value: i32) {
        self.long(member, value.into());
    }

    fn long(&mut self, member: &'static Member, value: i64) {
        self.number(member, |min| value < min, |max| value > max, value);
    }

    #[expect(clippy::cast_precision_loss, reason = "the bounds of the models are small")]
    fn double(&mut self, member: &'static Member, value: f64) {
        self.number(member, |min| value < min as f64, |max| value > max as f64, value);
    }

    fn string(&mut self, member: &'static Member, value: &str) {
        self.text(member, || value.chars().count(), Some(value));
    }

    fn blob(&mut self, member: &'static Member, value: &[u8]) {
        self.text(member, || value.len(), None);
    }

    fn timestamp(&mut self, _member: &'static Member, _value: Timestamp) {}

    fn document(&mut self, _member: &'static Member, _json: &str) {}

    fn structure(&mut self, member: &'static Member, value: &dyn WriteStructure) {
        if !self.is_full() && !self.is_missing(member) {
            self.within(member, None, |validator| value.write_members(validator));
        }
    }

    fn list(&mut self, member: &'static Member, len: usize, items: &mut dyn FnMut(&mut dyn Writer)) {
        self.items(member, len, items);
    }

    fn map(&mut self, member: &'static Member, len: usize, entries: &mut dyn FnMut(&mut dyn Writer)) {
        self.items(member, len, entries);
    }

    fn key(&mut self, key: &str) {
        let Some(collection) = &mut self.collection else { return };
        collection.bad_keys |= collection.key_member.is_some_and(|member| is_bad_key(member, key));
        if collection.deep {
            collection.key = Some(key.to_owned());
        }
    }
}
