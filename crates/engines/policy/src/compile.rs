//! Policies compiled for evaluation.

use std::sync::Arc;

use crate::condition::Condition;
use crate::decision::{PolicyKind, StatementRef};
use crate::document::{Limits, PolicyDocument, Selector, Statement, Version, shorten};
use crate::error::PolicyError;
use crate::index::{ANY_PATTERN, ActionIndex, hash};
use crate::pattern::{ArnPattern, Case, Pattern, SplitArn, Syntax};
use crate::principal::{PrincipalMatcher, Strength};
use crate::request::Request;

/// A policy ready for evaluation: patterns split, operators resolved, indexed by action.
#[derive(Debug)]
pub struct CompiledPolicy {
    name: Arc<str>,
    poison: Option<Box<PolicyError>>,
    statements: Box<[CompiledStatement]>,
    index: ActionIndex,
}

/// One statement, compiled.
#[derive(Debug)]
pub(crate) struct CompiledStatement {
    sid: Option<Box<str>>,
    pub(crate) allow: bool,
    principal: Option<Box<PrincipalMatcher>>,
    /// Whether it is `NotAction`.
    pub(crate) except_actions: bool,
    pub(crate) actions: Box<[Pattern]>,
    /// Whether it is `NotResource`.
    pub(crate) except_resources: bool,
    /// `None`: the resource that the policy hangs on.
    pub(crate) resources: Option<Box<[ArnPattern]>>,
    pub(crate) conditions: Box<[Condition]>,
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
    /// The hash of the action.
    pub(crate) action: u32,
    /// The hash of the action's service.
    pub(crate) service: u32,
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
        let statements = document.statements.iter().map(compile).collect::<Result<Box<[_]>, _>>();
        let indexed = statements.and_then(|statements| Ok((ActionIndex::new(&statements)?, statements)));
        match indexed {
            Ok((index, statements)) => Self { name: name.into(), poison: None, statements, index },
            Err(error) => Self::poisoned(name.into(), error),
        }
    }

    /// Reads and compiles a stored document; one that cannot be read denies everything.
    pub fn from_stored(name: impl Into<Arc<str>>, bytes: &[u8]) -> Self {
        Self::from_result(name, PolicyDocument::parse(bytes, &Limits::default()))
    }

    pub(crate) fn from_result(
        name: impl Into<Arc<str>>,
        document: Result<PolicyDocument, PolicyError>,
    ) -> Self {
        match document {
            Ok(document) => Self::new(name, &document),
            Err(error) => Self::poisoned(name.into(), error),
        }
    }

    fn poisoned(name: Arc<str>, error: PolicyError) -> Self {
        let index = ActionIndex::default();
        Self { name, poison: Some(Box::new(error)), statements: Box::default(), index }
    }

    /// The name it was compiled under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Why the policy denies everything, when it does because it cannot be understood.
    pub fn poison(&self) -> Option<&PolicyError> {
        self.poison.as_deref()
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
        self.visit(false, question, |at, statement| {
            found = statement.check(kind, question).ok().map(|_| at);
            found.is_none()
        });
        found
    }

    /// The first statement of that effect that applies, in an identity-based policy.
    pub(crate) fn find_identity(&self, allow: bool, question: &Question<'_>) -> Option<usize> {
        let mut found = None;
        self.visit(allow, question, |at, statement| {
            found = statement.check(PolicyKind::Identity, question).ok().map(|_| at);
            found.is_none()
        });
        found
    }

    /// Whether the statement at `at` applies, in an identity-based policy, by the action pattern at `pattern`.
    pub(crate) fn statement_applies(&self, at: usize, pattern: u16, question: &Question<'_>) -> bool {
        self.statements.get(at).is_some_and(|statement| {
            statement.matches_action_by(pattern, question)
                && statement.check(PolicyKind::Identity, question).is_ok()
        })
    }

    /// The statement that allows and names the principal most closely.
    pub(crate) fn find_allow(&self, kind: PolicyKind, question: &Question<'_>) -> Option<(Strength, usize)> {
        let mut best: Option<(Strength, usize)> = None;
        self.visit(true, question, |at, statement| {
            if let Ok(strength) = statement.check(kind, question)
                && best.is_none_or(|(known, _)| known < strength)
            {
                best = Some((strength, at));
            }
            best.is_none_or(|(strength, _)| strength != Strength::Direct)
        });
        best
    }

    /// Calls `visit` with every statement of that effect whose action matches, some perhaps twice, until it returns
    /// false.
    fn visit<'a>(
        &'a self,
        allow: bool,
        question: &Question<'_>,
        mut visit: impl FnMut(usize, &'a CompiledStatement) -> bool,
    ) {
        for entry in self.index.candidates(allow, question) {
            let at = usize::from(entry.statement);
            if let Some(statement) = self.statements.get(at)
                && statement.matches_action_by(entry.pattern, question)
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
        let principal = principal.map(Box::new);
        let actions = statement.action.patterns.iter().map(|text| Pattern::parse(text, Syntax::WILDCARDS));
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
        let action = question.request.action;
        let matches = |pattern: &Pattern| pattern.matches_without_variables(action, Case::Ignored);
        self.actions.iter().any(matches) != self.except_actions
    }

    /// Whether the action matches the pattern at `place`, or any at [`ANY_PATTERN`].
    pub(crate) fn matches_action_by(&self, place: u16, question: &Question<'_>) -> bool {
        if place == ANY_PATTERN {
            return self.matches_action(question);
        }
        let pattern = self.actions.get(usize::from(place));
        pattern
            .is_some_and(|pattern| pattern.matches_without_variables(question.request.action, Case::Ignored))
    }

    /// Whether the resource matches.
    pub(crate) fn matches_resource(&self, question: &Question<'_>) -> bool {
        let matches = |pattern: &ArnPattern| pattern.matches(&question.resource, question.request);
        self.resources.as_ref().is_none_or(|patterns| patterns.iter().any(matches) != self.except_resources)
    }

    /// How closely the principal is named, if at all.
    pub(crate) fn matches_principal(&self, kind: PolicyKind, question: &Question<'_>) -> Option<Strength> {
        match &self.principal {
            Some(principal) => principal.matches(question.request.principal, self.allow),
            // Where a principal should be named and none is, nobody is allowed and everybody denied.
            None if self.allow && names_principals(kind) => None,
            None => Some(Strength::Direct),
        }
    }

    /// Whether everything but the action matches, and how closely the principal is named.
    pub(crate) fn check(&self, kind: PolicyKind, question: &Question<'_>) -> Result<Strength, Mismatch<'_>> {
        if !self.matches_resource(question) {
            return Err(Mismatch::Resource);
        }
        let strength = self.matches_principal(kind, question).ok_or(Mismatch::Principal)?;
        match self.conditions.iter().find(|condition| !condition.holds(question.request)) {
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
