//! Condition operators by name.
//!
//! Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Set operators for multivalued
//! context keys".

use std::fmt;

/// How the values of a multivalued key are taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantifier {
    /// No prefix.
    Plain,
    /// `ForAllValues:`
    All,
    /// `ForAnyValue:`
    Any,
}

/// How a number or date relates to the policy's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Relation {
    pub(crate) fn holds<T: PartialOrd>(self, given: T, expected: T) -> bool {
        match self {
            Self::Equal => given == expected,
            Self::Less => given < expected,
            Self::LessOrEqual => given <= expected,
            Self::Greater => given > expected,
            Self::GreaterOrEqual => given >= expected,
        }
    }
}

/// What is compared, without negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    Numeric(Relation),
    Date(Relation),
    Bool,
    Binary,
    Ip,
    ArnEquals,
    /// The same under another name.
    ArnLike,
    Null,
}

/// A condition operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(crate) quantifier: Quantifier,
    pub(crate) comparison: Comparison,
    pub(crate) negated: bool,
    pub(crate) if_exists: bool,
}

impl Operator {
    /// The operator with this name, or `None` when there is none.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let (quantifier, rest) = if let Some(rest) = name.strip_prefix("ForAllValues:") {
            (Quantifier::All, rest)
        } else if let Some(rest) = name.strip_prefix("ForAnyValue:") {
            (Quantifier::Any, rest)
        } else {
            (Quantifier::Plain, name)
        };
        let (base, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |base| (base, true));
        let &(_, comparison, negated) = NAMES.iter().find(|(known, ..)| *known == base)?;
        let qualified = if_exists || quantifier != Quantifier::Plain;
        // `Null` itself asks whether the key exists.
        (comparison != Comparison::Null || !qualified).then_some(Self {
            quantifier,
            comparison,
            negated,
            if_exists,
        })
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = match self.quantifier {
            Quantifier::Plain => "",
            Quantifier::All => "ForAllValues:",
            Quantifier::Any => "ForAnyValue:",
        };
        let named = |entry: &&(&str, Comparison, bool)| entry.1 == self.comparison && entry.2 == self.negated;
        let name = NAMES.iter().find(named).map_or("", |entry| entry.0);
        write!(f, "{prefix}{name}{}", if self.if_exists { "IfExists" } else { "" })
    }
}

/// The operators without prefix and suffix: what each compares and whether it is negated.
const NAMES: [(&str, Comparison, bool); 27] = [
    ("StringEquals", Comparison::StringEquals, false),
    ("StringNotEquals", Comparison::StringEquals, true),
    ("StringEqualsIgnoreCase", Comparison::StringEqualsIgnoreCase, false),
    ("StringNotEqualsIgnoreCase", Comparison::StringEqualsIgnoreCase, true),
    ("StringLike", Comparison::StringLike, false),
    ("StringNotLike", Comparison::StringLike, true),
    ("NumericEquals", Comparison::Numeric(Relation::Equal), false),
    ("NumericNotEquals", Comparison::Numeric(Relation::Equal), true),
    ("NumericLessThan", Comparison::Numeric(Relation::Less), false),
    ("NumericLessThanEquals", Comparison::Numeric(Relation::LessOrEqual), false),
    ("NumericGreaterThan", Comparison::Numeric(Relation::Greater), false),
    ("NumericGreaterThanEquals", Comparison::Numeric(Relation::GreaterOrEqual), false),
    ("DateEquals", Comparison::Date(Relation::Equal), false),
    ("DateNotEquals", Comparison::Date(Relation::Equal), true),
    ("DateLessThan", Comparison::Date(Relation::Less), false),
    ("DateLessThanEquals", Comparison::Date(Relation::LessOrEqual), false),
    ("DateGreaterThan", Comparison::Date(Relation::Greater), false),
    ("DateGreaterThanEquals", Comparison::Date(Relation::GreaterOrEqual), false),
    ("Bool", Comparison::Bool, false),
    ("BinaryEquals", Comparison::Binary, false),
    ("IpAddress", Comparison::Ip, false),
    ("NotIpAddress", Comparison::Ip, true),
    ("ArnEquals", Comparison::ArnEquals, false),
    ("ArnNotEquals", Comparison::ArnEquals, true),
    ("ArnLike", Comparison::ArnLike, false),
    ("ArnNotLike", Comparison::ArnLike, true),
    ("Null", Comparison::Null, false),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_do_not_exist_are_refused() {
        for name in [
            "",
            "stringequals",
            "StringMatches",
            "NullIfExists",
            "ForAnyValue:Null",
            "ForSomeValues:StringEquals",
            "ForAnyValue:ForAllValues:StringEquals",
            "StringEqualsIfExistsIfExists",
            "NotBool",
            "IfExists",
        ] {
            assert_eq!(Operator::parse(name), None, "{name}");
        }
    }

    #[test]
    fn prefix_and_suffix_are_read() {
        let operator = Operator::parse("ForAllValues:StringNotLikeIfExists").unwrap();
        let expected = Operator {
            quantifier: Quantifier::All,
            comparison: Comparison::StringLike,
            negated: true,
            if_exists: true,
        };
        assert_eq!(operator, expected);
    }

    #[test]
    fn every_name_is_written_as_it_was_read() {
        for prefix in ["", "ForAllValues:", "ForAnyValue:"] {
            for suffix in ["", "IfExists"] {
                for (base, ..) in NAMES.iter().filter(|(name, ..)| *name != "Null") {
                    let name = format!("{prefix}{base}{suffix}");
                    assert_eq!(Operator::parse(&name).unwrap().to_string(), name);
                }
            }
        }
        assert_eq!(Operator::parse("Null").unwrap().to_string(), "Null");
    }
}
