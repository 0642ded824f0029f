//! Filter patterns beside plain evaluators: JSON conditions on a parsed tree, wildcards as regular expressions.

use garrison_log_query::FilterPattern;
use proptest::prelude::*;
use serde_json::Value;

/// A condition, in a form from which both a pattern and an answer can be made.
#[derive(Debug, Clone)]
enum Node {
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Leaf(Vec<Step>, Test),
}

#[derive(Debug, Clone)]
enum Step {
    Key(&'static str),
    Index(usize),
    AnyKey,
    AnyIndex,
}

#[derive(Debug, Clone)]
enum Test {
    Null,
    Bool(bool),
    Absent,
    Text(bool, String),
    Number(&'static str, i32),
}

impl Node {
    fn text(&self) -> String {
        match self {
            Self::And(a, b) => format!("({} && {})", a.text(), b.text()),
            Self::Or(a, b) => format!("({} || {})", a.text(), b.text()),
            Self::Leaf(path, test) => {
                format!("${}{}", path.iter().map(Step::text).collect::<String>(), test.text())
            }
        }
    }

    fn wildcards(&self) -> usize {
        match self {
            Self::And(a, b) | Self::Or(a, b) => a.wildcards() + b.wildcards(),
            Self::Leaf(path, _) => {
                path.iter().filter(|step| matches!(step, Step::AnyKey | Step::AnyIndex)).count()
            }
        }
    }

    fn holds(&self, event: &Value) -> bool {
        match self {
            Self::And(a, b) => a.holds(event) && b.holds(event),
            Self::Or(a, b) => a.holds(event) || b.holds(event),
            Self::Leaf(path, test) => {
                let found = path.iter().fold(vec![event], |found, step| {
                    found.into_iter().flat_map(|value| step.parts(value)).collect()
                });
                match test {
                    Test::Absent => found.is_empty(),
                    _ => found.into_iter().any(|value| test.holds(value)),
                }
            }
        }
    }
}

impl Step {
    fn text(&self) -> String {
        match self {
            Self::Key(key) if key.contains(|c: char| !c.is_alphanumeric()) => format!(".['{key}']"),
            Self::Key(key) => format!(".{key}"),
            Self::Index(index) => format!("[{index}]"),
            Self::AnyKey => ".*".to_owned(),
            Self::AnyIndex => "[*]".to_owned(),
        }
    }

    fn parts<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        match self {
            Self::Key(key) => value.as_object().and_then(|map| map.get(*key)).into_iter().collect(),
            Self::Index(index) => value.as_array().and_then(|list| list.get(*index)).into_iter().collect(),
            Self::AnyKey => value.as_object().into_iter().flat_map(|map| map.values()).collect(),
            Self::AnyIndex => value.as_array().into_iter().flatten().collect(),
        }
    }
}

impl Test {
    fn text(&self) -> String {
        match self {
            Self::Null => " IS NULL".to_owned(),
            Self::Bool(value) => format!(" IS {}", value.to_string().to_uppercase()),
            Self::Absent => " NOT EXISTS".to_owned(),
            Self::Text(equal, text) => {
                format!(" {} {}", if *equal { "=" } else { "!=" }, Value::from(text.as_str()))
            }
            Self::Number(operator, number) => format!(" {operator} {number}"),
        }
    }

    fn holds(&self, value: &Value) -> bool {
        let text = match value {
            Value::Null => return matches!(self, Self::Null),
            Value::Bool(value) => {
                if let Self::Bool(wanted) = self {
                    return wanted == value;
                }
                value.to_string()
            }
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.clone(),
            Value::Array(_) | Value::Object(_) => return false,
        };
        match self {
            Self::Text(equal, pattern) => wildcard(pattern).is_match(&text) == *equal,
            Self::Number(operator, number) => match (value.as_f64(), *operator) {
                (Some(value), _) => {
                    let number = f64::from(*number);
                    match *operator {
                        "=" => value == number,
                        "!=" => value != number,
                        ">" => value > number,
                        "<" => value < number,
                        ">=" => value >= number,
                        _ => value <= number,
                    }
                }
                (None, "=") => text == number.to_string(),
                (None, "!=") => text != number.to_string(),
                _ => false,
            },
            Self::Null | Self::Bool(_) | Self::Absent => false,
        }
    }
}

/// A text with asterisks as a regular expression.
fn wildcard(text: &str) -> regex::Regex {
    let parts: Vec<_> = text.split('*').map(regex::escape).collect();
    regex::Regex::new(&format!("(?s)^{}$", parts.join(".*"))).unwrap()
}

fn key() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("a"), Just("b"), Just("userName"), Just("c.d"), Just("é")]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => key().prop_map(Step::Key),
        2 => (0..3_usize).prop_map(Step::Index),
        1 => Just(Step::AnyKey),
        1 => Just(Step::AnyIndex)
    ]
}

fn test() -> impl Strategy<Value = Test> {
    prop_oneof![
        Just(Test::Null),
        any::<bool>().prop_map(Test::Bool),
        Just(Test::Absent),
        (any::<bool>(), "[ab1*]{0,3}").prop_map(|(equal, text)| Test::Text(equal, text)),
        (prop_oneof![Just("="), Just("!="), Just("<"), Just(">"), Just("<="), Just(">=")], -1..3)
            .prop_map(|(operator, number)| Test::Number(operator, number)),
    ]
}

fn node() -> impl Strategy<Value = Node> {
    let leaf = (prop::collection::vec(step(), 1..4), test()).prop_map(|(path, test)| Node::Leaf(path, test));
    leaf.prop_recursive(3, 8, 2, |inner| {
        (any::<bool>(), inner.clone(), inner).prop_map(|(and, a, b)| {
            let (a, b) = (Box::new(a), Box::new(b));
            if and { Node::And(a, b) } else { Node::Or(a, b) }
        })
    })
}

fn event() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-1..3_i32).prop_map(Value::from),
        "[ab1\"\\\\é]{0,3}".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..4).prop_map(|members| members
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect()),
        ]
    });
    prop::collection::vec((key(), value), 0..5)
        .prop_map(|members| members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json_conditions_agree_with_a_walk_over_the_tree(node in node(), event in event(), pretty in any::<bool>()) {
        let text = format!("{{ {} }}", node.text());
        let message = if pretty { serde_json::to_string_pretty(&event) } else { serde_json::to_string(&event) }.unwrap();
        match FilterPattern::parse(&text) {
            Ok(pattern) => prop_assert_eq!(pattern.matches(&message), node.holds(&event), "{} on {}", text, message),
            Err(error) => prop_assert!(node.wildcards() > 1, "{}: {}", text, error.reason()),
        }
    }

    #[test]
    fn wildcards_agree_with_regular_expressions(pattern in "[ab*]{1,6}", text in "[ab]{0,8}") {
        let compiled = FilterPattern::parse(&format!("{{ $.k = \"{pattern}\" }}")).unwrap();
        let event = serde_json::json!({ "k": text }).to_string();
        prop_assert_eq!(compiled.matches(&event), wildcard(&pattern).is_match(&text));
    }

    #[test]
    fn no_text_panics(pattern in "[{\\[%\"?$.a-c0-9=<>!&|()*,\\]} \\\\^é-]{0,40}", message in ".{0,40}") {
        if let Ok(pattern) = FilterPattern::parse(&pattern) {
            let matches = pattern.matches(&message);
            prop_assert_eq!(pattern.extract(&message).is_some(), matches);
        }
        let _ = FilterPattern::parse(&message);
    }

    #[test]
    fn terms_agree_with_contains(terms in prop::collection::vec("[-?]?[ab]{1,2}", 1..4), message in "[ab ]{0,6}") {
        let has = |term: &str| message.contains(term);
        let of = |sign: char| terms.iter().filter_map(move |term| term.strip_prefix(sign));
        let plain: Vec<_> = terms.iter().filter(|term| !term.starts_with(['-', '?'])).collect();
        let optional = !plain.is_empty() || of('-').next().is_some() || of('?').any(has);
        let expected = plain.iter().all(|term| has(term)) && !of('-').any(has) && optional;
        prop_assert_eq!(FilterPattern::parse(&terms.join(" ")).unwrap().matches(&message), expected);
    }
}
