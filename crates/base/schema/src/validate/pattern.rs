//! The models' regular expressions, which are written for Java.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use regex::{Regex, RegexBuilder};

use crate::shape::{Kind, Member, Shape};

/// The greatest compiled expression. The models' own are a hundredth of it.
const SIZE_LIMIT: usize = 1 << 20;

/// Compiled expressions by their text. `None`: the engine refuses it, and then nothing matches.
static COMPILED: RwLock<Option<HashMap<&'static str, Option<Regex>>>> = RwLock::new(None);

/// The whole value matches.
pub(super) fn matches(pattern: &'static str, value: &str) -> bool {
    if let Some(known) = COMPILED.read().unwrap_or_else(PoisonError::into_inner).as_ref()
        && let Some(regex) = known.get(pattern)
    {
        return regex.as_ref().is_some_and(|regex| regex.is_match(value));
    }
    let regex = compile(pattern);
    let is_match = regex.as_ref().is_some_and(|regex| regex.is_match(value));
    let mut known = COMPILED.write().unwrap_or_else(PoisonError::into_inner);
    known.get_or_insert_default().insert(pattern, regex);
    is_match
}

fn compile(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(&format!(r"\A(?:{})\z", to_rust(pattern))).size_limit(SIZE_LIMIT).build().ok()
}

/// In Java `\w`, `\d` and `\s` are ASCII, and a hyphen after a range in a class is itself.
fn to_rust(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                let escaped = chars.next().unwrap_or('\\');
                let set = match escaped {
                    'w' => "a-zA-Z0-9_",
                    'd' => "0-9",
                    's' => r"\t\n\x0B\f\r ",
                    _ => {
                        out.push('\\');
                        out.push(escaped);
                        continue;
                    }
                };
                if in_class {
                    out.push_str(set);
                } else {
                    out.extend(["[", set, "]"]);
                }
                continue;
            }
            '[' => in_class = true,
            ']' => in_class = false,
            _ => {}
        }
        out.push(c);
    }
    out
}

/// The patterns in reach of the shape that the engine refuses; none, in a sound model.
pub fn bad_patterns(shape: &'static Shape) -> Vec<&'static str> {
    let mut seen: Vec<&'static Shape> = Vec::new();
    let mut open = vec![shape];
    while let Some(shape) = open.pop() {
        if seen.iter().any(|other| std::ptr::eq(*other, shape)) {
            continue;
        }
        seen.push(shape);
        match shape.kind {
            Kind::List(element) => open.push(element.shape()),
            Kind::Map(key, value) => open.extend([key.shape(), value.shape()]),
            _ => open.extend(shape.members().iter().map(Member::shape)),
        }
    }
    seen.iter()
        .filter_map(|shape| shape.constraints.pattern)
        .filter(|pattern| compile(pattern).is_none())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_java() {
        for (pattern, value, expected) in [
            ("^[a-zA-Z0-9:/_-]+$", "alias/a", true),
            ("^[a-zA-Z0-9:/_-]+$", "alias/a\n", false),
            ("[\\w]+", "a_1", true),
            ("[\\w]+", "é", false),
            ("\\d+", "٣", false),
            ("^[a-zA-Z0-9:/_\\s.-]+$", "a b\u{b}c", true),
            ("^[a-zA-Z0-9:/_\\s.-]+$", "a\u{a0}b", false),
            ("[\\u0020-\\u00FF]*", "ÿ", true),
            ("[\\u0020-\\u00FF]*", "Ā", false),
            ("a|b", "ab", false),
            ("^[a-zA-Z0-9-_.]+$", "a-_.", true),
            ("^[a-zA-Z0-9\\/+=]+$", "a/b", true),
            ("(", "(", false),
        ] {
            assert_eq!(matches(pattern, value), expected, "{pattern} on {value}");
            // The second time from the cache.
            assert_eq!(matches(pattern, value), expected, "{pattern} on {value}");
        }
    }
}
