//! How a service writes an operation, and how dispatch sees it.
//!
//! An operation's file implements [`Handler`] for the generated marker type. [`registered`] erases the types, so
//! that the gateway and dispatch know no service.

use std::any::Any;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use garrison_policy::{CompiledPolicy, ResourcePolicyKind, Values};
use garrison_schema::{
    ApiError, Operation, OperationSchema, ReadError, Reader, ServiceSchema, Structure, WriteStructure,
};
use garrison_store::WriteSet;
use garrison_types::AccountId;

use crate::context::Context;
use crate::dispatch;
use crate::kernel::Kernel;
use crate::principal::Caller;

/// A future that dispatch awaits.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// When a call's audit record must be durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Before the answer: the call uses a key or a secret. (A change's record always is: it commits with it.)
    BeforeAnswer,
    /// Soon: the call only looks at metadata.
    Soon,
}

/// What an operation declares of itself for authorization and audit.
#[derive(Debug, Clone, Copy)]
pub struct Access {
    /// The IAM action, for example `kms:Decrypt`. Operations that ask several questions name the first here and
    /// the others in their [`Check`]s.
    pub action: &'static str,
    /// CloudTrail's `readOnly`.
    pub read_only: bool,
    /// When its audit record must be durable.
    pub durability: Durability,
    /// Whether the audit record holds the output as `responseElements`.
    pub response_elements: bool,
    /// Members of the input that the audit record leaves out beside those that the model calls sensitive.
    pub omit_request: &'static [&'static str],
    /// Text members of the input that the audit record shows with this value when the caller left them out.
    pub request_defaults: &'static [(&'static str, &'static str)],
    /// Members of the output that the audit record leaves out.
    pub omit_response: &'static [&'static str],
    /// The call is about what a resource holds, not about the resource: CloudTrail's category `Data`.
    pub data_event: bool,
}

impl Access {
    /// A call that only looks at metadata.
    pub const fn read(action: &'static str) -> Self {
        Self {
            action,
            read_only: true,
            durability: Durability::Soon,
            response_elements: false,
            omit_request: &[],
            request_defaults: &[],
            omit_response: &[],
            data_event: false,
        }
    }

    /// A call that uses a key or a secret and changes nothing.
    pub const fn key_use(action: &'static str) -> Self {
        Self { durability: Durability::BeforeAnswer, ..Self::read(action) }
    }

    /// A call that changes something.
    pub const fn write(action: &'static str) -> Self {
        Self { read_only: false, response_elements: true, ..Self::read(action) }
    }

    /// Leaves members of the input out of the audit record.
    #[must_use]
    pub const fn omitting_request(self, omit_request: &'static [&'static str]) -> Self {
        Self { omit_request, ..self }
    }

    /// Shows members of the input with their defaults in the audit record.
    #[must_use]
    pub const fn defaulting_request(self, request_defaults: &'static [(&'static str, &'static str)]) -> Self {
        Self { request_defaults, ..self }
    }

    /// Makes it a data event.
    #[must_use]
    pub const fn on_data(self) -> Self {
        Self { data_event: true, ..self }
    }

    /// Leaves members of the output out of the audit record.
    #[must_use]
    pub const fn omitting_response(self, omit_response: &'static [&'static str]) -> Self {
        Self { omit_response, ..self }
    }
}

/// What [`Handler::resolve`] found: what to work on, and the questions that authorization must ask.
#[derive(Debug)]
pub struct Resolved<T> {
    /// What the operation works on.
    pub target: T,
    /// All must be allowed; at least one. An operation without a resource asks about `*`.
    pub checks: Vec<Check>,
    /// The resources that the audit record names.
    pub resources: Vec<AuditResource>,
}

impl<T> Resolved<T> {
    /// A target with one question.
    pub fn new(target: T, check: Check) -> Self {
        Self { target, checks: vec![check], resources: Vec::new() }
    }

    /// Adds a question.
    #[must_use]
    pub fn and(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }

    /// Adds a resource to the audit record.
    #[must_use]
    pub fn with_resource(mut self, resource: AuditResource) -> Self {
        self.resources.push(resource);
        self
    }
}

/// One question to authorization: may the caller do this to that?
#[derive(Debug, Clone)]
pub struct Check {
    /// The action, when it is not the operation's own.
    pub action: Option<&'static str>,
    /// The resource's ARN, or `*`.
    pub resource: Arc<str>,
    /// The resource's account; none for `*`.
    pub account: Option<AccountId>,
    /// The resource's policy.
    pub policy: Option<Arc<CompiledPolicy>>,
    /// What that policy means for identity-based policies.
    pub policy_kind: ResourcePolicyKind,
    /// Who asks, when it is not the caller: somebody whom an identity provider vouches for.
    pub caller: Option<Caller>,
    /// A grant that allows this, when the service found one.
    pub grant: Option<Grant>,
    /// How a denial names the resource.
    pub shown: Shown,
}

/// How a denial names the resource that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// By its ARN, or `*`.
    Arn,
    /// Not at all.
    Nothing,
    /// In the service's own words, for example IAM's `role deploy`.
    Words(Arc<str>),
    /// By its ARN, but to whoever must not learn which resource it is, or whether it exists, by this phrase.
    ArnOr(&'static str),
}

impl Check {
    /// A question about no resource in particular.
    pub fn any() -> Self {
        Self {
            action: None,
            resource: "*".into(),
            account: None,
            policy: None,
            policy_kind: ResourcePolicyKind::Standard,
            caller: None,
            grant: None,
            shown: Shown::Arn,
        }
    }

    /// A question about a resource without a policy of its own.
    pub fn resource(arn: impl Into<Arc<str>>, account: AccountId) -> Self {
        Self { resource: arn.into(), account: Some(account), ..Self::any() }
    }

    /// The question asks for another action than the operation's own.
    #[must_use]
    pub fn action(mut self, action: &'static str) -> Self {
        self.action = Some(action);
        self
    }

    /// The resource has this policy.
    #[must_use]
    pub fn policy(mut self, policy: Arc<CompiledPolicy>) -> Self {
        self.policy = Some(policy);
        self
    }

    /// The resource has this policy, and identity policies count only where it delegates to its account.
    #[must_use]
    pub fn key_policy(mut self, policy: Arc<CompiledPolicy>) -> Self {
        self.policy_kind = ResourcePolicyKind::Key;
        self.policy(policy)
    }

    /// The resource is a role with this trust policy.
    #[must_use]
    pub fn trust_policy(mut self, policy: Arc<CompiledPolicy>) -> Self {
        self.policy_kind = ResourcePolicyKind::RoleTrust;
        self.policy(policy)
    }

    /// AWS's denial does not say `on resource: *`, as it does as a rule.
    #[must_use]
    pub fn unnamed(mut self) -> Self {
        self.shown = Shown::Nothing;
        self
    }

    /// AWS's denial names the resource in these words, not by its ARN.
    #[must_use]
    pub fn shown_as(mut self, words: impl Into<Arc<str>>) -> Self {
        self.shown = Shown::Words(words.into());
        self
    }

    /// The caller did not name the resource: a denial from outside its account says this phrase for it.
    #[must_use]
    pub fn found_by(mut self, phrase: &'static str) -> Self {
        self.shown = Shown::ArnOr(phrase);
        self
    }

    /// Somebody else than the caller asks.
    #[must_use]
    pub fn asked_by(mut self, caller: Caller) -> Self {
        self.caller = Some(caller);
        self
    }

    /// Who asks.
    pub(crate) fn caller<'a>(&'a self, cx: &'a Context) -> &'a Caller {
        self.caller.as_ref().unwrap_or(&cx.caller)
    }

    /// Whether a denial must not tell whether the resource exists: it is another account's. Roles are denied in the
    /// same words either way.
    pub(crate) fn hides_existence(&self, cx: &Context) -> bool {
        let elsewhere = self.account.is_some_and(|owner| owner != self.caller(cx).principal.account());
        elsewhere && self.policy_kind != ResourcePolicyKind::RoleTrust
    }

    /// A grant allows this.
    #[must_use]
    pub fn granted_by(mut self, grant: Option<Grant>) -> Self {
        self.grant = grant;
        self
    }
}

/// A KMS grant that covers a question: the service has checked its grantee, operations and constraints.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The grant's id.
    pub id: Arc<str>,
    /// The grantee as the grant names it.
    pub grantee: Arc<str>,
}

/// A resource as an audit record names it.
#[derive(Debug, Clone)]
pub struct AuditResource {
    /// For example `AWS::KMS::Key`.
    pub kind: &'static str,
    /// The ARN.
    pub arn: Arc<str>,
    /// The owner; its account gets a record of its own when the caller is another's.
    pub account: AccountId,
}

/// What [`Handler::execute`] did.
#[derive(Debug)]
pub struct Reply<O> {
    /// What the caller gets.
    pub output: O,
    /// What changes, or an empty set. Dispatch commits it together with the call's audit record, which comes behind
    /// those that the handler put there; on a conflict it resolves, authorizes and executes again.
    pub writes: WriteSet,
    /// Resources that came to be in this call, for the audit record.
    pub resources: Vec<AuditResource>,
    /// JSON of the audit record's `additionalEventData`.
    pub additional_event_data: Option<String>,
    /// JSON of the audit record's `responseElements`, where it is not the output.
    pub response_elements: Option<String>,
}

impl<O> Reply<O> {
    /// An answer that changes nothing.
    pub fn new(output: O) -> Self {
        Self::with_writes(output, WriteSet::new())
    }

    /// An answer and what changes.
    pub fn with_writes(output: O, writes: WriteSet) -> Self {
        Self { output, writes, resources: Vec::new(), additional_event_data: None, response_elements: None }
    }
}

/// The type of a service: what the model says of it, and (as a parameter of [`Handler`]) who handles what.
pub trait ServiceType: Send + Sync + 'static {
    /// What the model says of it.
    const SCHEMA: &'static ServiceSchema;
    /// What it says when a request quota is used up.
    const THROTTLED: &'static str = "Rate exceeded";

    /// Whether credentials of the caller's kind may be used for the service at all, before anything is looked at.
    ///
    /// # Errors
    /// They may not.
    fn admit(_caller: &Caller) -> Result<(), ApiError> {
        Ok(())
    }
}

/// An operation of the service `S`. Implemented once per operation, in the operation's own file.
pub trait Handler<S: ServiceType>: Operation {
    /// What it declares for authorization and audit.
    const ACCESS: Access;
    /// What it works on: found once, by [`Handler::resolve`].
    type Target: Send + Sync + 'static;

    /// Finds what the call is about. Reads only.
    ///
    /// # Errors
    /// The resource does not exist, or the input names none.
    fn resolve(
        service: &S,
        cx: &Context,
        input: &Self::Input,
    ) -> impl Future<Output = Result<Resolved<Self::Target>, ApiError>> + Send;

    /// The value of a condition key of the service's own (lower case) for the question at `check`. Asked only
    /// when a policy names the key.
    fn condition<'a>(
        _service: &'a S,
        _cx: &'a Context,
        _input: &'a Self::Input,
        _target: &'a Self::Target,
        _check: usize,
        _key: &str,
    ) -> Option<Values<'a>> {
        None
    }

    /// Does it. Computes without holding anything of the store's, and says what shall change.
    ///
    /// # Errors
    /// One of the errors that the model lists for the operation.
    fn execute(
        service: &S,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> impl Future<Output = Result<Reply<Self::Output>, ApiError>> + Send;
}

/// A structure of any operation.
pub trait AnyStructure: WriteStructure + Any + Send + Sync {
    /// For downcasting.
    fn as_any(&self) -> &dyn Any;
    /// For looking at.
    fn as_write(&self) -> &dyn WriteStructure;
}

impl<T: WriteStructure + Any + Send + Sync> AnyStructure for T {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_write(&self) -> &dyn WriteStructure {
        self
    }
}

/// An operation of any service.
pub trait AnyOperation: Send + Sync {
    /// What the model says of it.
    fn schema(&self) -> &'static OperationSchema;
    /// What it declares.
    fn access(&self) -> Access;
    /// Reads its input.
    ///
    /// # Errors
    /// The bytes are not what the protocol and the model demand.
    fn read(&self, reader: &mut dyn Reader) -> Result<Box<dyn AnyStructure>, ReadError>;
    /// Resolves, authorizes, executes, audits.
    ///
    /// # Errors
    /// What the caller shall see.
    fn dispatch<'a>(
        &'a self,
        kernel: &'a Kernel,
        cx: &'a Context,
        input: &'a dyn AnyStructure,
    ) -> BoxFuture<'a, Result<Box<dyn AnyStructure>, ApiError>>;
}

struct Registered<S, O> {
    service: Arc<S>,
    operation: PhantomData<fn() -> O>,
}

/// The operation `O` of a service, for its registration table.
pub fn registered<S, O>(service: &Arc<S>) -> Box<dyn AnyOperation>
where
    S: ServiceType,
    O: Handler<S>,
{
    Box::new(Registered::<S, O> { service: Arc::clone(service), operation: PhantomData })
}

impl<S: ServiceType, O: Handler<S>> AnyOperation for Registered<S, O> {
    fn schema(&self) -> &'static OperationSchema {
        O::SCHEMA
    }

    fn access(&self) -> Access {
        O::ACCESS
    }

    fn read(&self, reader: &mut dyn Reader) -> Result<Box<dyn AnyStructure>, ReadError> {
        Ok(Box::new(O::Input::read(reader, O::SCHEMA.input_member)?))
    }

    fn dispatch<'a>(
        &'a self,
        kernel: &'a Kernel,
        cx: &'a Context,
        input: &'a dyn AnyStructure,
    ) -> BoxFuture<'a, Result<Box<dyn AnyStructure>, ApiError>> {
        Box::pin(async move {
            let Some(input) = input.as_any().downcast_ref::<O::Input>() else {
                return Err(crate::errors::internal("dispatch was given another operation's input"));
            };
            let output = dispatch::run::<S, O>(kernel, &self.service, cx, input).await?;
            Ok(Box::new(output) as Box<dyn AnyStructure>)
        })
    }
}
