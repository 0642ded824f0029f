//! Property selectors, and the search of a JSON text for what they name.

use super::cursor::Cursor;
use super::error::FilterPatternError;
use crate::json::{Kind, RawString, Scalar, Scan, Scanner};

/// The most wildcards in the selectors of one pattern.
pub(crate) const MAX_WILDCARDS: usize = 3;

/// The most steps of one selector.
const MAX_STEPS: usize = 64;

/// One step from a value to a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(Box<str>),
    Index(usize),
    /// `.*`: any member of an object.
    AnyKey,
    /// `[*]`: any element of an array.
    AnyIndex,
}

/// A property selector: `$.a.b[0]`.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    steps: Box<[Step]>,
    /// As written.
    pub(crate) text: Box<str>,
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.steps == other.steps
    }
}

impl Path {
    /// Reads a selector, which begins with a dollar sign.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, FilterPatternError> {
        let start = cursor.rest();
        if !cursor.eat("$") {
            return Err(FilterPatternError::Syntax("a condition begins with a property selector"));
        }
        let mut steps = Vec::new();
        loop {
            if cursor.eat(".") {
                // A bracket after a period quotes a key that has periods itself.
                if !cursor.rest().starts_with("['") && !cursor.rest().starts_with("[\"") {
                    steps.push(Step::parse_key(cursor)?);
                    continue;
                }
            }
            if !cursor.eat("[") {
                break;
            }
            steps.push(Step::parse_bracket(cursor)?);
        }
        let text = start.strip_suffix(cursor.rest()).unwrap_or_default();
        if steps.is_empty() || steps.len() > MAX_STEPS || text.ends_with('.') {
            return Err(FilterPatternError::Syntax("a property selector names nothing, or too much"));
        }
        let path = Self { steps: steps.into(), text: text.into() };
        if path.wildcards() > 1 {
            return Err(FilterPatternError::Syntax("more than one wildcard in a property selector"));
        }
        Ok(path)
    }

    fn wildcards(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step, Step::AnyKey | Step::AnyIndex)).count()
    }

    pub(crate) fn has_wildcard(&self) -> bool {
        self.wildcards() > 0
    }

    /// The longest of its keys.
    pub(crate) fn longest_key(&self) -> &str {
        let key = |step: &'_ Step| match step {
            Step::Key(key) => key.len(),
            _ => 0,
        };
        match self.steps.iter().max_by_key(|step| key(step)) {
            Some(Step::Key(key)) => key,
            _ => "",
        }
    }
}

impl Step {
    fn parse_key(cursor: &mut Cursor<'_>) -> Result<Self, FilterPatternError> {
        if cursor.eat("*") {
            return Ok(Self::AnyKey);
        }
        let key = cursor.take_while(|c| c.is_alphanumeric() || c == '-' || c == '_');
        if key.is_empty() {
            return Err(FilterPatternError::Syntax("a property selector with a step that is no name"));
        }
        Ok(Self::Key(key.into()))
    }

    /// What follows an opening bracket.
    fn parse_bracket(cursor: &mut Cursor<'_>) -> Result<Self, FilterPatternError> {
        let step = match cursor.peek() {
            Some('*') => {
                cursor.eat("*");
                Self::AnyIndex
            }
            Some(quote @ ('\'' | '"')) => Self::Key(cursor.quoted(quote)?.into()),
            _ => {
                let digits = cursor.take_while(|c| c.is_ascii_digit());
                Self::Index(
                    digits.parse().map_err(|_| FilterPatternError::Syntax("an index that is no number"))?,
                )
            }
        };
        if cursor.eat("]") { Ok(step) } else { Err(FilterPatternError::Syntax("a bracket has no partner")) }
    }
}

/// Something that a selector names.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Found<'a> {
    /// An object or an array.
    Container,
    Scalar(Scalar<'a>),
}

/// Selectors, laid together so that one pass over a text finds what all of them name.
#[derive(Debug)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
}

/// A place that one or more selectors lead through.
#[derive(Debug, Default)]
struct Node {
    keys: Vec<(Box<str>, u16)>,
    indexes: Vec<(usize, u16)>,
    any_key: Option<u16>,
    any_index: Option<u16>,
    /// The selectors that end here.
    ends: Vec<u16>,
}

/// Nodes that lead to the value at hand: one by its keys and indexes, one more by each wildcard of the pattern.
#[derive(Debug, Clone, Copy, Default)]
struct Active {
    nodes: [u16; MAX_WILDCARDS + 1],
    len: usize,
}

impl Active {
    fn push(&mut self, node: u16) {
        if let Some(place) = self.nodes.get_mut(self.len) {
            *place = node;
            self.len += 1;
        }
    }

    fn iter(&self) -> impl Iterator<Item = usize> {
        self.nodes.iter().take(self.len).map(|node| usize::from(*node))
    }
}

impl Tree {
    /// Lays `paths` together. Together they have at most [`MAX_WILDCARDS`] wildcards and fit 16 bits.
    pub(crate) fn new<'p>(paths: impl Iterator<Item = &'p Path>) -> Self {
        let mut tree = Self { nodes: vec![Node::default()] };
        for (path, id) in paths.zip(0..) {
            let mut at = 0;
            for step in &path.steps {
                at = tree.child(at, step);
            }
            if let Some(node) = tree.nodes.get_mut(usize::from(at)) {
                node.ends.push(id);
            }
        }
        tree
    }

    /// The node that `step` leads to, made when there is none.
    fn child(&mut self, at: u16, step: &Step) -> u16 {
        let new = u16::try_from(self.nodes.len()).unwrap_or(u16::MAX);
        let Some(node) = self.nodes.get_mut(usize::from(at)) else { return at };
        let old = match step {
            Step::Key(key) => find(&node.keys, |other| other == key),
            Step::Index(index) => find(&node.indexes, |other| other == index),
            Step::AnyKey => node.any_key,
            Step::AnyIndex => node.any_index,
        };
        if let Some(old) = old {
            return old;
        }
        match step {
            Step::Key(key) => node.keys.push((key.clone(), new)),
            Step::Index(index) => node.indexes.push((*index, new)),
            Step::AnyKey => node.any_key = Some(new),
            Step::AnyIndex => node.any_index = Some(new),
        }
        self.nodes.push(Node::default());
        new
    }

    /// Reads a whole text, which must be an object or an array, and tells `found` each thing that a selector names:
    /// the number of the selector and the thing.
    pub(crate) fn search<'a>(&self, text: &'a str, found: &mut impl FnMut(u16, Found<'a>)) -> Scan<()> {
        let mut scanner = Scanner::new(text);
        if scanner.kind()? == Kind::Scalar {
            return Err(crate::json::Malformed);
        }
        let mut root = Active::default();
        root.push(0);
        self.value(&mut scanner, root, 0, found)?;
        scanner.end()
    }

    fn value<'a>(
        &self,
        scanner: &mut Scanner<'a>,
        active: Active,
        depth: usize,
        found: &mut impl FnMut(u16, Found<'a>),
    ) -> Scan<()> {
        let kind = scanner.kind()?;
        if kind == Kind::Scalar {
            let scalar = scanner.scalar()?;
            self.report(active, Found::Scalar(scalar), found);
            return Ok(());
        }
        self.report(active, Found::Container, found);
        let go_on = |tree: &Self, scanner: &mut Scanner<'a>, next: Active, found: &mut _| {
            if next.len == 0 { scanner.skip(depth + 1) } else { tree.value(scanner, next, depth + 1, found) }
        };
        if kind == Kind::Object {
            scanner.object(depth, |scanner, key| go_on(self, scanner, self.by_key(active, key), found))
        } else {
            scanner.array(depth, |scanner, index| go_on(self, scanner, self.by_index(active, index), found))
        }
    }

    fn report<'a>(&self, active: Active, what: Found<'a>, found: &mut impl FnMut(u16, Found<'a>)) {
        for node in active.iter().filter_map(|node| self.nodes.get(node)) {
            for id in &node.ends {
                found(*id, what);
            }
        }
    }

    fn by_key(&self, active: Active, key: RawString<'_>) -> Active {
        let mut next = Active::default();
        for node in active.iter().filter_map(|node| self.nodes.get(node)) {
            let named = find(&node.keys, |other| key.is(other));
            [named, node.any_key].into_iter().flatten().for_each(|node| next.push(node));
        }
        next
    }

    fn by_index(&self, active: Active, index: usize) -> Active {
        let mut next = Active::default();
        for node in active.iter().filter_map(|node| self.nodes.get(node)) {
            let named = find(&node.indexes, |other| *other == index);
            [named, node.any_index].into_iter().flatten().for_each(|node| next.push(node));
        }
        next
    }
}

fn find<T>(list: &[(T, u16)], is: impl Fn(&T) -> bool) -> Option<u16> {
    list.iter().find(|(name, _)| is(name)).map(|(_, node)| *node)
}
