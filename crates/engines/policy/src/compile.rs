//! Policies compiled for evaluation.

use std::sync::Arc;

use crate::condition::Condition;
use crate::decision::{PolicyKind, StatementRef};
use crate::document::{Limits, PolicyDocument, Selector, Statement, Version, shorten};
use crate::error::PolicyError;
use crate::pattern::{ArnPattern, Pattern, SplitArn, Syntax};
use crate::principal::{PrincipalMatcher, Strength};
use crate::request::Request;

/// A policy ready for evaluation: patterns split, operators resolved, indexed by action.
#[derive(Debug)]
pub struct CompiledPolicy {
    name: Arc<str>,
    poison: Option<PolicyError>,
    statements: Box<[CompiledStatement]>,
    denies: ActionIndex,
    allows: ActionIndex,
}

/// One statement, compiled.
#[derive(Debug)]
pub(crate) struct CompiledStatement {
    sid: Option<Box<str>>,
    pub(crate) allow: bool,
    principal: Option<PrincipalMatcher>,
    /// Whether it is `NotAction`.
    except_actions: bool,
    actions: Box<[Pattern]>,
    /// Whether it is `NotResource`.
    except_resources: bool,
    /// `None`: the resource that the policy hangs on.
    resources: Option<Box<[ArnPattern]>>,
    conditions: Box<[Condition]>,
}

/// What of a statement does not match.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mismatch<'a> {
    Principal,
    Action,
    Resource,
    Condition(&'a Condition),
}

/// A request prepared for matching against many statements.
pub(crate) struct Question<'a> {
    pub(crate) request: &'a Request<'a>,
    action: u64,
    service: u64,
    resource: SplitArn<'a>,
}

impl<'a> Question<'a> {
    pub(crate) fn new(request: &'a Request<'a>) -> Self {
        let service = request.action.split_once(':').map_or("", |(service, _)| service);
        Self {
            request,
            action: hash(request.action),
            service: hash(service),
            resource: SplitArn::new(request.resource),
        }
    }
}

impl CompiledPolicy {
    /// Compiles `document` under `name`, which decisions report (a policy's ARN or name).
    ///
    /// Never fails: a document with something in it that cannot be understood, such as an unknown condition
    /// operator, becomes a policy that denies everything, and [`poison`](Self::poison) says why.
    pub fn new(name: impl Into<Arc<str>>, document: &PolicyDocument) -> Self {
        let compile = |statement| CompiledStatement::new(statement, document.version);
        match document.statements.iter().map(compile).collect::<Result<Box<[_]>, _>>() {
            Ok(statements) => Self {
                name: name.into(),
                poison: None,
                denies: ActionIndex::new(&statements, false),
                allows: ActionIndex::new(&statements, true),
                statements,
            },
            Err(error) => Self::poisoned(name.into(), error),
        }
    }

    /// Reads and compiles a stored document; one that cannot be read denies everything.
    pub fn from_stored(name: impl Into<Arc<str>>, bytes: &[u8]) -> Self {
        match PolicyDocument::parse(bytes, &Limits::default()) {
            Ok(document) => Self::new(name, &document),
            Err(error) => Self::poisoned(name.into(), error),
        }
    }

    fn poisoned(name: Arc<str>, error: PolicyError) -> Self {
        let (denies, allows) = (ActionIndex::default(), ActionIndex::default());
        Self { name, poison: Some(error), statements: Box::default(), denies, allows }
    }

    /// The name it was compiled under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Why the policy denies everything, when it does because it cannot be understood.
    pub fn poison(&self) -> Option<&PolicyError> {
        self.poison.as_ref()
    }

    pub(crate) fn statements(&self) -> &[CompiledStatement] {
        &self.statements
    }

    /// How decisions name the statement at `at`.
    pub(crate) fn statement_ref(&self, kind: PolicyKind, at: usize) -> StatementRef<'_> {
        let sid = self.statements.get(at).and_then(|statement| statement.sid.as_deref());
        StatementRef { kind, policy: &self.name, statement: at, sid }
    }

    /// The first statement that denies.
    pub(crate) fn find_deny(&self, kind: PolicyKind, question: &Question<'_>) -> Option<usize> {
        let mut found = None;
        self.visit(&self.denies, question, |at, statement| {
            found = statement.check(kind, question).ok().map(|_| at);
            found.is_none()
        });
        found
    }

    /// The statement that allows and names the principal most closely.
    pub(crate) fn find_allow(&self, kind: PolicyKind, question: &Question<'_>) -> Option<(Strength, usize)> {
        let mut best: Option<(Strength, usize)> = None;
        self.visit(&self.allows, question, |at, statement| {
            if let Ok(strength) = statement.check(kind, question)
                && best.is_none_or(|(known, _)| known < strength)
            {
                best = Some((strength, at));
            }
            best.is_none_or(|(strength, _)| strength != Strength::Direct)
        });
        best
    }

    /// Calls `visit` with every statement of `index` whose action matches, some perhaps twice, until it returns
    /// false.
    fn visit<'a>(
        &'a self,
        index: &ActionIndex,
        question: &Question<'_>,
        mut visit: impl FnMut(usize, &'a CompiledStatement) -> bool,
    ) {
        let named = entries(&index.by_action, question.action)
            .iter()
            .chain(entries(&index.by_service, question.service));
        for entry in named {
            if let Some(statement) = self.statements.get(entry.statement)
                && let Some(pattern) = statement.actions.get(entry.pattern)
                && pattern.matches(question.request.action, question.request)
                && !visit(entry.statement, statement)
            {
                return;
            }
        }
        for &at in &index.others {
            if let Some(statement) = self.statements.get(at)
                && statement.matches_action(question)
                && !visit(at, statement)
            {
                return;
            }
        }
    }
}

impl CompiledStatement {
    fn new(statement: &Statement, version: Version) -> Result<Self, PolicyError> {
        let principal = statement.principal.as_ref().map(PrincipalMatcher::new).transpose()?;
        let syntax = Syntax { wildcards: true, variables: false, ignore_case: true };
        let actions = statement.action.patterns.iter().map(|text| Pattern::parse(text, syntax));
        let resources =
            statement.resource.as_ref().map(|selector| compile_resources(selector, version)).transpose()?;
        let conditions = statement.conditions.iter().map(|block| Condition::new(block, version));
        Ok(Self {
            sid: statement.sid.as_deref().map(Into::into),
            allow: statement.allow,
            principal,
            except_actions: statement.action.negated,
            actions: actions.collect::<Result<_, _>>()?,
            except_resources: statement.resource.as_ref().is_some_and(|selector| selector.negated),
            resources,
            conditions: conditions.collect::<Result<_, _>>()?,
        })
    }

    pub(crate) fn matches_action(&self, question: &Question<'_>) -> bool {
        let request = question.request;
        self.actions.iter().any(|pattern| pattern.matches(request.action, request)) != self.except_actions
    }

    /// Whether everything but the action matches, and how closely the principal is named.
    pub(crate) fn check(&self, kind: PolicyKind, question: &Question<'_>) -> Result<Strength, Mismatch<'_>> {
        let request = question.request;
        if let Some(resources) = &self.resources
            && resources.iter().any(|pattern| pattern.matches(&question.resource, request))
                == self.except_resources
        {
            return Err(Mismatch::Resource);
        }
        let strength = match &self.principal {
            Some(principal) => principal.matches(request.principal, self.allow).ok_or(Mismatch::Principal)?,
            // Where a principal should be named and none is, nobody is allowed and everybody denied.
            None if self.allow && names_principals(kind) => return Err(Mismatch::Principal),
            None => Strength::Direct,
        };
        match self.conditions.iter().find(|condition| !condition.holds(request)) {
            Some(condition) => Err(Mismatch::Condition(condition)),
            None => Ok(strength),
        }
    }
}

fn names_principals(kind: PolicyKind) -> bool {
    matches!(
        kind,
        PolicyKind::Resource | PolicyKind::RoleTrust | PolicyKind::Endpoint | PolicyKind::ResourceControl
    )
}

/// A resource that is no ARN is not understood: nobody can tell what it was meant to cover.
fn compile_resources(selector: &Selector, version: Version) -> Result<Box<[ArnPattern]>, PolicyError> {
    let compile =
        |text: &String| ArnPattern::parse(text, version)?.ok_or_else(|| PolicyError::Resource(shorten(text)));
    selector.patterns.iter().map(compile).collect()
}

/// Finds the statements that can match an action.
#[derive(Debug, Default)]
struct ActionIndex {
    /// Actions without wildcards, by the hash of the whole.
    by_action: Vec<IndexEntry>,
    /// Actions with wildcards behind a plain service prefix, by the hash of the prefix.
    by_service: Vec<IndexEntry>,
    /// Statements with `NotAction`, `*` or a wildcard in the prefix.
    others: Vec<usize>,
}

/// One action pattern of one statement, sorted by hash.
#[derive(Debug, Clone, Copy)]
struct IndexEntry {
    hash: u64,
    statement: usize,
    pattern: usize,
}

impl ActionIndex {
    /// The index of the statements that allow, or of those that deny.
    fn new(statements: &[CompiledStatement], allow: bool) -> Self {
        let mut index = Self::default();
        for (at, statement) in statements.iter().enumerate().filter(|(_, statement)| statement.allow == allow)
        {
            let prefixes = statement.actions.iter().map(Pattern::literal_prefix).collect::<Vec<_>>();
            let unbound = |prefix: &&str| !prefix.contains(':');
            if statement.except_actions || prefixes.iter().any(unbound) {
                index.others.push(at);
                continue;
            }
            for (place, (pattern, prefix)) in statement.actions.iter().zip(prefixes).enumerate() {
                let entry = |text: &str| IndexEntry { hash: hash(text), statement: at, pattern: place };
                match pattern.as_literal() {
                    Some(action) => index.by_action.push(entry(action)),
                    None => index.by_service.push(entry(prefix.split(':').next().unwrap_or_default())),
                }
            }
        }
        index.by_action.sort_by_key(|entry| entry.hash);
        index.by_service.sort_by_key(|entry| entry.hash);
        index
    }
}

fn entries(sorted: &[IndexEntry], hash: u64) -> &[IndexEntry] {
    // Most indexes are empty or have one action.
    if sorted.is_empty() {
        return sorted;
    }
    let start = sorted.partition_point(|entry| entry.hash < hash);
    let found = sorted.get(start..).unwrap_or_default();
    found.get(..found.partition_point(|entry| entry.hash == hash)).unwrap_or_default()
}

/// FNV-1a over the text in ASCII lower case. Equal hashes are compared in full afterwards.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
