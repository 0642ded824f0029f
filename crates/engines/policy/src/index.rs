//! Finds the statements of a policy that can match an action.

use crate::compile::{CompiledStatement, Question};
use crate::error::PolicyError;
use crate::pattern::Pattern;

/// Stands for all the action patterns of a statement.
pub(crate) const ANY_PATTERN: u16 = u16::MAX;

/// What one action pattern of a statement can match, with the hash by which it is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ActionClass {
    /// An action without wildcards: the hash of the whole.
    Action(u32),
    /// Wildcards behind a plain service prefix: the hash of the prefix.
    Service(u32),
    /// `NotAction`, `*` or a wildcard in the prefix.
    Other,
}

/// The classes of the actions of a statement, each with the place of its pattern.
pub(crate) fn action_classes(statement: &CompiledStatement) -> Vec<(ActionClass, u16)> {
    let prefixes = statement.actions.iter().map(Pattern::literal_prefix);
    if statement.except_actions || prefixes.clone().any(|prefix| !prefix.contains(':')) {
        return vec![(ActionClass::Other, ANY_PATTERN)];
    }
    let class = |(pattern, prefix): (&Pattern, &str)| match pattern.as_literal() {
        Some(action) => ActionClass::Action(hash(action)),
        None => ActionClass::Service(hash(prefix.split(':').next().unwrap_or_default())),
    };
    statement.actions.iter().zip(prefixes).map(class).zip(0..ANY_PATTERN).collect()
}

/// The action patterns of the statements of a policy, apart by effect.
#[derive(Debug, Default)]
pub(crate) struct ActionIndex {
    /// First those of denials, each half sorted by class.
    entries: Box<[Entry]>,
    /// Where those of denials end, and in each half those of actions and of services.
    denies: u16,
    ends: [[u16; 2]; 2],
}

/// One action pattern of one statement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    hash: u32,
    pub(crate) statement: u16,
    pub(crate) pattern: u16,
}

impl ActionIndex {
    pub(crate) fn new(statements: &[CompiledStatement]) -> Result<Self, PolicyError> {
        let too_many = |limit: u16| PolicyError::TooMany { what: "actions", limit: usize::from(limit) };
        let fits = |statement: &CompiledStatement| statement.actions.len() < usize::from(ANY_PATTERN);
        if statements.len() > usize::from(u16::MAX) || !statements.iter().all(fits) {
            return Err(too_many(ANY_PATTERN));
        }
        let mut index = Self::default();
        let mut entries = Vec::new();
        for (allow, ends) in [false, true].into_iter().zip(&mut index.ends) {
            let mut half = Vec::new();
            for (at, statement) in (0_u16..).zip(statements).filter(|(_, statement)| statement.allow == allow)
            {
                half.extend(
                    action_classes(statement).into_iter().map(|(class, pattern)| (class, at, pattern)),
                );
            }
            half.sort_by_key(|(class, ..)| *class);
            let before = |class| entries.len() + half.partition_point(|(other, ..)| *other < class);
            let bounds = [before(ActionClass::Service(0)), before(ActionClass::Other)];
            for (end, bound) in ends.iter_mut().zip(bounds) {
                *end = u16::try_from(bound).map_err(|_| too_many(u16::MAX))?;
            }
            entries.extend(half.into_iter().map(|(class, statement, pattern)| {
                let hash = match class {
                    ActionClass::Action(hash) | ActionClass::Service(hash) => hash,
                    ActionClass::Other => 0,
                };
                Entry { hash, statement, pattern }
            }));
            if !allow {
                index.denies = u16::try_from(entries.len()).map_err(|_| too_many(u16::MAX))?;
            }
        }
        index.entries = entries.into();
        Ok(index)
    }

    /// What can match the action among the statements that allow, or deny.
    pub(crate) fn candidates(&self, allow: bool, question: &Question<'_>) -> impl Iterator<Item = &Entry> {
        let [denying, allowing] = self.ends;
        let denies = usize::from(self.denies);
        let (start, [actions, services], end) =
            if allow { (denies, allowing, self.entries.len()) } else { (0, denying, denies) };
        let (actions, services) = (usize::from(actions), usize::from(services));
        let run = |from: usize, to: usize| self.entries.get(from..to).unwrap_or_default();
        with_hash(run(start, actions), question.action)
            .iter()
            .chain(with_hash(run(actions, services), question.service))
            .chain(run(services, end))
    }
}

fn with_hash(sorted: &[Entry], hash: u32) -> &[Entry] {
    // Most are empty or have one action.
    if sorted.is_empty() {
        return sorted;
    }
    let start = sorted.partition_point(|entry| entry.hash < hash);
    let found = sorted.get(start..).unwrap_or_default();
    found.get(..found.partition_point(|entry| entry.hash == hash)).unwrap_or_default()
}

/// FNV-1a over the text in ASCII lower case. What has equal hashes is compared in full afterwards.
pub(crate) fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193)
    })
}
