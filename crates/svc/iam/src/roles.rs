//! What the operations on roles share.

use garrison_api_iam::{errors as api, types};
use garrison_kernel::Context;
use garrison_policy::{DocumentKind, characters_for_quota};
use garrison_schema::ApiError;
use garrison_store::{Key, WriteSet};
use garrison_types::AccountId;

use crate::attachments::{self, Holder as _};
use crate::documents;
use crate::error;
use crate::instance_profiles;
use crate::last_used::Usable;
use crate::managed;
use crate::quota;
use crate::records::{LastUse, Record as _, Role, SERVICE_LINKED_PATH};
use crate::repo::{self, layout};
use crate::service::Iam;

/// A role by its unique id, as what is used.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct RoleId {
    account: AccountId,
    id: Box<str>,
}

impl RoleId {
    /// The role of an account with this unique id.
    pub(crate) fn new(account: AccountId, id: &str) -> Self {
        Self { account, id: id.into() }
    }
}

impl Usable for RoleId {
    const RECORDER: &'static str = "iam-role-use";

    fn record(&self) -> Key {
        layout::id(self.account, Role::KIND, &self.id)
    }

    fn place(&self) -> Key {
        layout::role_use(self.account, &self.id)
    }
}

/// A role's last use as the interface writes it; empty for none.
pub(crate) fn last_used(used: Option<LastUse>) -> types::RoleLastUsed {
    let (at, region) = used.map(|used| (used.at.0, used.region)).unzip();
    types::RoleLastUsed { last_used_date: at, region }
}

/// Checks a trust policy.
///
/// # Errors
/// `MalformedPolicyDocument`, `LimitExceeded`.
pub(crate) fn ensure_trust(text: &str) -> Result<(), ApiError> {
    documents::check(DocumentKind::RoleTrust, text)?;
    quota::TRUST_POLICY_SIZE.ensure(characters_for_quota(DocumentKind::RoleTrust, text))
}

/// Whether callers may make roles under a path.
///
/// # Errors
/// `InvalidInput`: it is kept for service-linked roles.
pub(crate) fn ensure_own_path(path: &str) -> Result<(), ApiError> {
    if path.starts_with(SERVICE_LINKED_PATH) {
        return Err(api::invalid_input_exception(format!(
            "The path {SERVICE_LINKED_PATH} is reserved for service-linked roles."
        )));
    }
    Ok(())
}

/// Adds a role that no caller makes, with policies that are all AWS's.
pub(crate) fn create_with_aws_policies(writes: &mut WriteSet, account: AccountId, role: &Role) {
    for arn in &role.policies.attached {
        let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
        if let Some(policy) = managed::by_resource(resource) {
            repo::link(writes, account, Role::ATTACHED, policy.id, &role.id);
        }
    }
    repo::create(writes, account, role);
}

/// Demands that a role is used nowhere and has no policies.
///
/// # Errors
/// `DeleteConflict`; the store failed.
pub(crate) async fn require_unused(
    iam: &Iam,
    account: AccountId,
    role: &Role,
    writes: &mut WriteSet,
) -> Result<(), ApiError> {
    let profiles = iam.repo().links(account, instance_profiles::PROFILES, &role.id).await?;
    if !profiles.to.is_empty() {
        return Err(error::delete_conflict("remove roles from instance profile"));
    }
    repo::require_links(writes, account, instance_profiles::PROFILES, &role.id, &profiles);
    attachments::ensure_none(role)
}

/// A role as lists and other entities show it: without boundary, tags and last use.
pub(crate) fn summary(role: &Role, cx: &Context) -> types::Role {
    types::Role {
        path: role.path.clone(),
        role_name: role.name.clone(),
        role_id: role.id.clone(),
        arn: role.arn(cx.partition(), cx.account()),
        create_date: role.created.0,
        assume_role_policy_document: Some(documents::encoded(&role.trust)),
        description: role.description.clone(),
        max_session_duration: Some(role.max_session),
        ..types::Role::default()
    }
}

/// A role with everything.
pub(crate) fn whole(role: &Role, used: Option<LastUse>, cx: &Context) -> types::Role {
    types::Role {
        permissions_boundary: attachments::boundary_to_api(role.boundary.as_deref()),
        tags: role.tags.to_api_if_any(),
        role_last_used: Some(last_used(used)),
        ..summary(role, cx)
    }
}
