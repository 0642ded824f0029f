//! Condition operators by name.
//!
//! Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Set operators for multivalued
//! context keys".

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
    Arn,
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
        let (comparison, negated) = base_operator(base)?;
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

/// The operator without prefix and suffix: what it compares and whether it is negated.
fn base_operator(name: &str) -> Option<(Comparison, bool)> {
    use Comparison::{
        Arn, Binary, Bool, Date, Ip, Null, Numeric, StringEquals, StringEqualsIgnoreCase, StringLike,
    };
    Some(match name {
        "StringEquals" => (StringEquals, false),
        "StringNotEquals" => (StringEquals, true),
        "StringEqualsIgnoreCase" => (StringEqualsIgnoreCase, false),
        "StringNotEqualsIgnoreCase" => (StringEqualsIgnoreCase, true),
        "StringLike" => (StringLike, false),
        "StringNotLike" => (StringLike, true),
        "NumericEquals" => (Numeric(Relation::Equal), false),
        "NumericNotEquals" => (Numeric(Relation::Equal), true),
        "NumericLessThan" => (Numeric(Relation::Less), false),
        "NumericLessThanEquals" => (Numeric(Relation::LessOrEqual), false),
        "NumericGreaterThan" => (Numeric(Relation::Greater), false),
        "NumericGreaterThanEquals" => (Numeric(Relation::GreaterOrEqual), false),
        "DateEquals" => (Date(Relation::Equal), false),
        "DateNotEquals" => (Date(Relation::Equal), true),
        "DateLessThan" => (Date(Relation::Less), false),
        "DateLessThanEquals" => (Date(Relation::LessOrEqual), false),
        "DateGreaterThan" => (Date(Relation::Greater), false),
        "DateGreaterThanEquals" => (Date(Relation::GreaterOrEqual), false),
        "Bool" => (Bool, false),
        "BinaryEquals" => (Binary, false),
        "IpAddress" => (Ip, false),
        "NotIpAddress" => (Ip, true),
        "ArnEquals" | "ArnLike" => (Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Arn, true),
        "Null" => (Null, false),
        _ => return None,
    })
}

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
}
