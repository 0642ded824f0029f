//! A query as it is written.

use super::period::Period;

/// A part of an expression, and where it stands in the text, in bytes.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) syntax: Syntax,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Node {
    /// How many nodes there are on the longest way into it.
    pub(crate) fn depth(&self) -> usize {
        let all = |list: &[Self]| list.iter().map(Self::depth).max().unwrap_or(0);
        1 + match &self.syntax {
            Syntax::Name(_) | Syntax::Text(_) | Syntax::Number(_) | Syntax::Bool(_) | Syntax::Period(_) => 0,
            Syntax::Negative(inner) | Syntax::Not(inner) => inner.depth(),
            Syntax::Like { value: inner, .. } | Syntax::Part { of: inner, .. } => inner.depth(),
            Syntax::And(left, right)
            | Syntax::Or(left, right)
            | Syntax::Compare(_, left, right)
            | Syntax::Arithmetic(_, left, right) => left.depth().max(right.depth()),
            Syntax::In { value, list, .. } => value.depth().max(all(list)),
            Syntax::Call { arguments, .. } => all(arguments),
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Syntax {
    /// The parts of a name: `a.b.0`.
    Name(Vec<String>),
    Text(String),
    Number(f64),
    Bool(bool),
    Period(Period),
    Negative(Box<Node>),
    Not(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    Arithmetic(Arithmetic, Box<Node>, Box<Node>),
    Like {
        value: Box<Node>,
        pattern: Match,
        negated: bool,
    },
    In {
        value: Box<Node>,
        list: Vec<Node>,
        negated: bool,
    },
    Call {
        name: String,
        arguments: Vec<Node>,
    },
    /// Parts of a map or a list: `jsonParse(x).a[0]`.
    Part {
        of: Box<Node>,
        path: Vec<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
}

/// What `like` and `=~` look for.
#[derive(Debug, Clone)]
pub(crate) enum Match {
    Part(Box<memchr::memmem::Finder<'static>>),
    Regex(Box<regex::Regex>),
}

/// An expression with the name that it gets.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) node: Node,
    pub(crate) alias: Option<String>,
}

/// How `parse` takes a text apart.
#[derive(Debug)]
pub(crate) enum Extraction {
    /// Texts between which there are values, one fewer than texts.
    Glob(Vec<String>),
    Regex(Box<regex::Regex>),
}

#[derive(Debug)]
pub(crate) enum Command {
    Fields(Vec<Item>),
    Display(Vec<Item>),
    Filter(Node),
    Stats {
        items: Vec<Item>,
        by: Vec<Item>,
    },
    /// Expressions, and whether each is descending.
    Sort(Vec<(Node, bool)>),
    Limit(usize),
    /// Without a source, it is `@message`.
    Parse {
        source: Option<Node>,
        extraction: Extraction,
        names: Vec<String>,
    },
    Dedup(Vec<Node>),
    /// What data protection has masked may be shown: nothing here is masked.
    Unmask,
}

/// A command, and where it stands in the text, in bytes.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) command: Command,
    pub(crate) start: usize,
    pub(crate) end: usize,
}
