//! Many policies of one principal, indexed together by action and resource.

use std::sync::Arc;

use crate::compile::{CompiledPolicy, CompiledStatement, Question};
use crate::index::{ActionClass, action_classes};
use crate::pattern::ArnPattern;

/// Identity-based policies of one principal, indexed together: deciding over a thousand statements takes little longer than
/// over fifty, because only those are looked at whose action and beginning of the resource match.
///
/// The index costs about 25 bytes for each pair of an action and a resource of a statement; policies with few statements
/// are searched without one. The policies themselves are shared.
#[derive(Debug, Default)]
pub struct IndexedPolicies {
    policies: Box<[Arc<CompiledPolicy>]>,
    /// The place of the first policy that cannot be understood.
    not_understood: Option<usize>,
    index: Option<Index>,
}

/// From how many statements on an index pays.
const WORTHWHILE: usize = 32;

impl IndexedPolicies {
    /// Indexes `policies`.
    pub fn new(policies: impl Into<Box<[Arc<CompiledPolicy>]>>) -> Self {
        let policies = policies.into();
        let statements = policies.iter().map(|policy| policy.statements().len()).sum::<usize>();
        // What cannot be counted in the entries is searched one by one.
        let index = if statements >= WORTHWHILE { Index::new(&policies) } else { None };
        Self { not_understood: policies.iter().position(|policy| policy.poison().is_some()), policies, index }
    }

    /// The policies, in the order given.
    pub fn policies(&self) -> &[Arc<CompiledPolicy>] {
        &self.policies
    }

    /// A policy that cannot be understood.
    pub(crate) fn not_understood(&self) -> Option<&CompiledPolicy> {
        self.policies.get(self.not_understood?).map(|policy| &**policy)
    }

    /// A statement that denies: its policy and its place there.
    pub(crate) fn find_deny(&self, question: &Question<'_>) -> Option<(&CompiledPolicy, usize)> {
        self.find(false, question)
    }

    /// A statement that allows: its policy and its place there.
    pub(crate) fn find_allow(&self, question: &Question<'_>) -> Option<(&CompiledPolicy, usize)> {
        self.find(true, question)
    }

    fn find(&self, allow: bool, question: &Question<'_>) -> Option<(&CompiledPolicy, usize)> {
        let Some(index) = &self.index else {
            return self
                .policies
                .iter()
                .find_map(|policy| Some((&**policy, policy.find_identity(allow, question)?)));
        };
        index.candidates(allow, question).find_map(|entry| {
            let policy = self.policies.get(usize::from(entry.policy))?;
            let at = usize::from(entry.statement);
            policy.statement_applies(at, entry.pattern, question).then_some((&**policy, at))
        })
    }
}

/// Entries by effect and class of action, within these by the text that their resources begin with.
#[derive(Debug)]
struct Index {
    entries: Box<[Entry]>,
    /// The prefixes of all entries.
    prefixes: Box<str>,
    /// The entries of one effect and class each, sorted by these.
    groups: Box<[Group]>,
}

#[derive(Debug)]
struct Group {
    key: (bool, ActionClass),
    start: u32,
    end: u32,
}

/// One action pattern and one resource pattern of one statement.
#[derive(Debug)]
struct Entry {
    /// What the resource begins with: a part of [`Index::prefixes`].
    prefix: (u32, u32),
    /// The nearest entry before this one in its group whose prefix this one's prefix begins with; [`NONE`] if there is none.
    parent: u32,
    policy: u16,
    statement: u16,
    pattern: u16,
}

const NONE: u32 = u32::MAX;

/// What is known of an entry while the index is made.
struct Draft {
    key: (bool, ActionClass),
    prefix: String,
    policy: u16,
    statement: u16,
    pattern: u16,
}

impl Index {
    /// None when there is more than its numbers can count.
    fn new(policies: &[Arc<CompiledPolicy>]) -> Option<Self> {
        let mut drafts = drafts(policies)?;
        drafts.sort_by(|a, b| (a.key, &a.prefix).cmp(&(b.key, &b.prefix)));
        let (mut entries, mut groups) = (Vec::<Entry>::with_capacity(drafts.len()), Vec::<Group>::new());
        let mut prefixes = String::new();
        // The entries of the group whose prefixes the one at hand begins with, innermost last.
        let mut chain: Vec<(u32, &str)> = Vec::new();
        for draft in &drafts {
            let at = u32::try_from(entries.len()).ok()?;
            match groups.last_mut() {
                Some(group) if group.key == draft.key => group.end = at + 1,
                _ => {
                    chain.clear();
                    groups.push(Group { key: draft.key, start: at, end: at + 1 });
                }
            }
            while chain.last().is_some_and(|(_, prefix)| !draft.prefix.starts_with(prefix)) {
                chain.pop();
            }
            let start = u32::try_from(prefixes.len()).ok()?;
            // Equal prefixes follow each other, and need their text only once.
            let prefix = match (chain.last(), entries.last()) {
                (Some((_, same)), Some(last)) if *same == draft.prefix => last.prefix,
                _ => {
                    prefixes.push_str(&draft.prefix);
                    (start, u32::try_from(draft.prefix.len()).ok()?)
                }
            };
            let parent = chain.last().map_or(NONE, |(at, _)| *at);
            chain.push((at, &draft.prefix));
            let Draft { policy, statement, pattern, .. } = *draft;
            entries.push(Entry { prefix, parent, policy, statement, pattern });
        }
        Some(Self { entries: entries.into(), prefixes: prefixes.into(), groups: groups.into() })
    }

    /// The entries whose action can match and whose prefix the resource begins with.
    fn candidates(&self, allow: bool, question: &Question<'_>) -> impl Iterator<Item = &Entry> {
        let resource = question.request.resource;
        [ActionClass::Action(question.action), ActionClass::Service(question.service), ActionClass::Other]
            .into_iter()
            .filter_map(move |class| self.last_before(self.group((allow, class))?, resource))
            .flat_map(move |last| std::iter::successors(Some(last), |entry| self.at(entry.parent)))
            .filter(move |entry| resource.starts_with(self.prefix(entry)))
    }

    fn group(&self, key: (bool, ActionClass)) -> Option<&Group> {
        self.groups.binary_search_by_key(&key, |group| group.key).ok().and_then(|at| self.groups.get(at))
    }

    /// The last entry of the group whose prefix does not sort behind `resource`: it and what its prefix begins with are
    /// all that `resource` can begin with.
    fn last_before(&self, group: &Group, resource: &str) -> Option<&Entry> {
        let entries = self.entries.get(group.start as usize..group.end as usize)?;
        let count = entries.partition_point(|entry| self.prefix(entry) <= resource);
        entries.get(count.checked_sub(1)?)
    }

    fn prefix(&self, entry: &Entry) -> &str {
        let (start, length) = (entry.prefix.0 as usize, entry.prefix.1 as usize);
        self.prefixes.get(start..start + length).unwrap_or_default()
    }

    fn at(&self, place: u32) -> Option<&Entry> {
        self.entries.get(place as usize)
    }
}

fn drafts(policies: &[Arc<CompiledPolicy>]) -> Option<Vec<Draft>> {
    let mut drafts = Vec::new();
    for (policy, compiled) in policies.iter().enumerate() {
        for (statement, compiled) in compiled.statements().iter().enumerate() {
            let (policy, statement) = (u16::try_from(policy).ok()?, u16::try_from(statement).ok()?);
            let prefixes = resource_prefixes(compiled);
            for (class, pattern) in action_classes(compiled) {
                let key = (compiled.allow, class);
                let draft =
                    |prefix: &String| Draft { key, prefix: prefix.clone(), policy, statement, pattern };
                drafts.extend(prefixes.iter().map(draft));
            }
        }
    }
    Some(drafts)
}

/// Texts with one of which every resource that the statement covers begins.
fn resource_prefixes(statement: &CompiledStatement) -> Vec<String> {
    let mut prefixes = match &statement.resources {
        Some(patterns) if !statement.except_resources => {
            patterns.iter().map(ArnPattern::literal_prefix).collect()
        }
        _ => vec![String::new()],
    };
    prefixes.sort_unstable();
    prefixes.dedup();
    prefixes
}
