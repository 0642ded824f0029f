//! `AssumeRole`: credentials of a session of a role that trusts the caller.
//!
//! <https://docs.aws.amazon.com/goto/WebAPI/sts-2011-06-15/AssumeRole>. Permissions: `sts:AssumeRole` on the role, by its
//! trust policy; with session tags, passed or inherited, `sts:TagSession` too; with a source identity, set or inherited,
//! `sts:SetSourceIdentity`.

use garrison_api_sts::operations::AssumeRole;
use garrison_api_sts::types::{AssumeRoleRequest, AssumeRoleResponse, AssumedRoleUser};
use garrison_kernel::session_token::{SessionGrant, assumed_role};
use garrison_kernel::{Access, Context, Handler, Principal, Reply, Resolved, Session, errors};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::error;
use crate::keys::RequestKeys;
use crate::mfa;
use crate::passed::{Passed, pairs};
use crate::role::{RoleTarget, session_seconds};
use crate::service::Sts;

/// What a request asks for.
#[derive(Debug)]
pub struct Target {
    role: RoleTarget,
    passed: Passed,
    source_identity: Option<String>,
    keys: RequestKeys,
}

impl Handler<Sts> for AssumeRole {
    const ACCESS: Access = Access { response_elements: true, ..Access::key_use("sts:AssumeRole") }
        .omitting_response(super::NOT_AUDITED);
    type Target = Target;

    async fn resolve(
        sts: &Sts,
        cx: &Context,
        input: &AssumeRoleRequest,
    ) -> Result<Resolved<Target>, ApiError> {
        may_assume(&cx.caller.principal)?;
        if input.provided_contexts.is_some() {
            // Only IAM Identity Center issues them, and it is not here.
            return Err(errors::validation(
                "The context assertion is of no context provider that is known here.",
            ));
        }
        let role = RoleTarget::find(sts, &input.role_arn).await?;
        let session = cx.caller.session.as_deref();
        let transitive = input.transitive_tag_keys.as_deref().unwrap_or_default();
        let requested = pairs(input.tags.as_deref());
        let passed = Passed::new(
            input.policy.as_deref(),
            input.policy_arns.as_deref(),
            requested.clone(),
            transitive,
            session.map(inherited_tags).unwrap_or_default(),
        )?;
        let source_identity = source_identity(session, input.source_identity.as_deref())?;
        let shown = mfa::verify(sts, cx, input.serial_number.as_deref(), input.token_code.as_deref()).await?;
        let keys = RequestKeys::default()
            .with("sts:externalid", input.external_id.as_deref())
            .with("sts:rolesessionname", Some(&*input.role_session_name))
            .with("sts:sourceidentity", source_identity.as_deref())
            .with("aws:multifactorauthpresent", shown.map(|_| "true"))
            .with("aws:multifactorauthage", shown.map(|_| "0"))
            .with_all("sts:transitivetagkeys", passed.transitive.clone())
            .with_tags(&passed.tags);
        let caller = shown.and_then(|shown| mfa::caller_with(&cx.caller, shown));
        let caller = caller.as_ref().unwrap_or(&cx.caller);
        let checks = role.checks("sts:AssumeRole", &passed, source_identity.is_some(), caller);
        let resources = vec![role.audited()];
        Ok(Resolved { target: Target { role, passed, source_identity, keys }, checks, resources })
    }

    fn condition<'a>(
        _: &'a Sts,
        _: &'a Context,
        _: &'a AssumeRoleRequest,
        target: &'a Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.keys.values(key)
    }

    async fn execute(
        sts: &Sts,
        cx: &Context,
        input: &AssumeRoleRequest,
        target: &Target,
    ) -> Result<Reply<AssumeRoleResponse>, ApiError> {
        let role = target.role.role()?;
        let chained = matches!(cx.caller.principal, Principal::AssumedRole(_));
        let seconds = session_seconds(role, input.duration_seconds, chained)?;
        target.passed.check_managed(sts, role.account).await?;
        let session = assumed_role(&role.arn, &role.id, &input.role_session_name)
            .ok_or_else(|| errors::internal("a role whose ARN is none"))?;
        let user =
            AssumedRoleUser { assumed_role_id: session.user_id.to_string(), arn: session.arn.to_string() };
        let mut grant = SessionGrant::new(Principal::AssumedRole(session.into()));
        target.passed.fill(&mut grant);
        grant.source_identity.clone_from(&target.source_identity);
        grant.minimum_token_size = minimum(input.minimum_session_token_size);
        let issued = sts.issue(&grant, cx.time, seconds)?;
        sts.directory().role_used(role.account, &role.name, cx);
        Ok(Reply::new(AssumeRoleResponse {
            credentials: Some(issued.credentials),
            assumed_role_user: Some(user),
            packed_policy_size: target.passed.packed,
            source_identity: target.source_identity.clone(),
            session_token_utilization: Some(issued.utilization),
            session_token_size: Some(issued.size),
        }))
    }
}

/// Root users and federated users may not assume roles, whatever policies say.
///
/// Source: IAM User Guide, "Compare AWS STS credentials"; STS API Reference, "AssumeRole".
fn may_assume(principal: &Principal) -> Result<(), ApiError> {
    match principal {
        Principal::Root { .. } => Err(error::access_denied("Roles may not be assumed by root accounts.")),
        Principal::FederatedUser(_) => {
            Err(error::access_denied("Cannot call AssumeRole with the credentials of a federated user"))
        }
        _ => Ok(()),
    }
}

/// The tags that the calling session hands on.
fn inherited_tags(session: &Session) -> Vec<(String, String)> {
    let handed_on =
        |key: &String| session.transitive_tags.iter().any(|other| other.eq_ignore_ascii_case(key));
    session.tags.iter().filter(|(key, _)| handed_on(key)).cloned().collect()
}

/// The source identity once set stays through every role of the chain.
fn source_identity(session: Option<&Session>, requested: Option<&str>) -> Result<Option<String>, ApiError> {
    let set = session.and_then(|session| session.source_identity.as_deref());
    match (set, requested) {
        (Some(set), Some(requested)) if set != requested => {
            Err(error::access_denied("The source identity of the calling session cannot be changed."))
        }
        (_, Some(requested)) if requested.to_ascii_lowercase().starts_with("aws:") => {
            Err(errors::validation("A source identity cannot begin with aws:."))
        }
        _ => Ok(set.or(requested).map(str::to_owned)),
    }
}

/// `MinimumSessionTokenSize` as a length.
pub(super) fn minimum(size: Option<i32>) -> usize {
    size.and_then(|size| usize::try_from(size).ok()).unwrap_or_default()
}

#[cfg(test)]
#[path = "assume_role_tests.rs"]
mod tests;
