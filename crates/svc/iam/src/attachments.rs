//! The policies of users, groups and roles: inline ones, attached managed ones, and permissions boundaries.
//!
//! They stand in the record of whoever has them. Links lead from a managed policy's unique id to the unique ids of
//! those who have it, a relation for each kind and use: for counting, and so that none is deleted that is in use.

use std::collections::{BTreeSet, HashMap};

use garrison_api_iam::{errors as api, types};
use garrison_kernel::Context;
use garrison_policy::{DocumentKind, characters_for_quota};
use garrison_schema::ApiError;
use garrison_store::WriteSet;
use garrison_types::AccountId;

use crate::documents;
use crate::entity::Entity;
use crate::error;
use crate::managed_policies::{self, Managed, Usage};
use crate::names;
use crate::paging::{Page, Paging, has_prefix};
use crate::quota::{self, Quota};
use crate::records::{Group, Policies, Record, Role, User};
use crate::repo::{self, Found};
use crate::service::Iam;

/// Whoever has policies.
pub(crate) trait Holder: Entity {
    /// The relation of a managed policy to those who have it.
    const ATTACHED: &'static str;
    /// How many managed policies it may have.
    const MANAGED: Quota;
    /// How many characters its inline policies may have together.
    const INLINE: usize;

    /// The policies.
    fn policies(&self) -> &Policies;

    /// The policies.
    fn policies_mut(&mut self) -> &mut Policies;

    /// Whether it may have a managed policy.
    ///
    /// # Errors
    /// `PolicyNotAttachable`.
    fn ensure_attachable(&self, policy: &Managed) -> Result<(), ApiError> {
        match policy {
            Managed::Aws(policy) if policy.is_service_linked() => Err(api::policy_not_attachable_exception(
                "Cannot attach a Service Role Policy to a Customer Role.",
            )),
            _ => Ok(()),
        }
    }
}

/// Whoever can have a permissions boundary.
pub(crate) trait Bounded: Holder {
    /// The relation of a managed policy to those whom it bounds.
    const BOUNDARY: &'static str;

    /// The ARN of the boundary.
    fn boundary_mut(&mut self) -> &mut Option<String>;
}

macro_rules! holder {
    ($type:ident, $relation:literal, $managed:ident, $inline:literal) => {
        impl Holder for $type {
            const ATTACHED: &'static str = $relation;
            const MANAGED: Quota = quota::$managed;
            const INLINE: usize = $inline;

            fn policies(&self) -> &Policies {
                &self.policies
            }

            fn policies_mut(&mut self) -> &mut Policies {
                &mut self.policies
            }
        }
    };
}

holder!(User, "policy-user", ATTACHED_POLICIES_PER_USER, 2048);
holder!(Group, "policy-group", ATTACHED_POLICIES_PER_GROUP, 5120);
holder!(Role, "policy-role", ATTACHED_POLICIES_PER_ROLE, 10_240);

impl Bounded for User {
    const BOUNDARY: &'static str = "boundary-user";

    fn boundary_mut(&mut self) -> &mut Option<String> {
        &mut self.boundary
    }
}

impl Bounded for Role {
    const BOUNDARY: &'static str = "boundary-role";

    fn boundary_mut(&mut self) -> &mut Option<String> {
        &mut self.boundary
    }
}

/// The relations of a managed policy to those who have it.
const ATTACHED: [&str; 3] = [Group::ATTACHED, Role::ATTACHED, User::ATTACHED];
/// The relations of a managed policy to those whom it bounds.
const BOUNDING: [&str; 2] = [Role::BOUNDARY, User::BOUNDARY];

/// How often a managed policy is used in an account.
///
/// # Errors
/// The store failed.
pub(crate) async fn usage(iam: &Iam, account: AccountId, policy_id: &str) -> Result<Usage, ApiError> {
    let mut usage = Usage::default();
    for relation in ATTACHED {
        usage.attached += iam.repo().links(account, relation, policy_id).await?.to.len();
    }
    for relation in BOUNDING {
        usage.boundary += iam.repo().links(account, relation, policy_id).await?.to.len();
    }
    Ok(usage)
}

/// How often each managed policy is used in an account.
#[derive(Debug, Default)]
pub(crate) struct Usages(HashMap<String, Usage>);

impl Usages {
    /// How often the policy with this unique id is used.
    pub(crate) fn of(&self, policy_id: &str) -> Usage {
        self.0.get(policy_id).copied().unwrap_or_default()
    }
}

/// How often all managed policies are used in an account.
///
/// # Errors
/// The store failed.
pub(crate) async fn usages(iam: &Iam, account: AccountId) -> Result<Usages, ApiError> {
    let mut usages = HashMap::<_, Usage>::new();
    for relation in ATTACHED {
        for (id, count) in iam.repo().relation_sizes(account, relation).await? {
            usages.entry(id).or_default().attached += count;
        }
    }
    for relation in BOUNDING {
        for (id, count) in iam.repo().relation_sizes(account, relation).await? {
            usages.entry(id).or_default().boundary += count;
        }
    }
    Ok(Usages(usages))
}

/// Somebody who uses a managed policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Using {
    /// The kind, as records name it.
    pub(crate) kind: &'static str,
    /// The name.
    pub(crate) name: String,
    /// The unique id.
    pub(crate) id: String,
}

/// A page of those who use a managed policy: groups, roles, users, each in the order of their ids, once even if they use it
/// in two ways.
///
/// # Errors
/// The store failed.
pub(crate) async fn entities(
    iam: &Iam,
    cx: &Context,
    policy_id: &str,
    input: &types::ListEntitiesForPolicyRequest,
    paging: &Paging,
) -> Result<Page<Using>, ApiError> {
    let wanted = |kind: types::EntityType| input.entity_filter.as_ref().is_none_or(|filter| *filter == kind);
    let mut found = Vec::new();
    if wanted(types::EntityType::Group) {
        found.extend(users_of::<Group>(iam, cx, policy_id, &[Group::ATTACHED], input).await?);
    }
    if wanted(types::EntityType::Role) {
        found.extend(users_of::<Role>(iam, cx, policy_id, &[Role::ATTACHED, Role::BOUNDARY], input).await?);
    }
    if wanted(types::EntityType::User) {
        found.extend(users_of::<User>(iam, cx, policy_id, &[User::ATTACHED, User::BOUNDARY], input).await?);
    }
    Ok(paging.page_of(found, |using| format!("{}/{}", using.kind, using.id)))
}

async fn users_of<H: Holder>(
    iam: &Iam,
    cx: &Context,
    policy_id: &str,
    relations: &[&str],
    input: &types::ListEntitiesForPolicyRequest,
) -> Result<Vec<Using>, ApiError> {
    let mut ids = BTreeSet::new();
    for relation in relations {
        let is_wanted = match &input.policy_usage_filter {
            Some(types::PolicyUsageType::PermissionsPolicy) => *relation == H::ATTACHED,
            Some(types::PolicyUsageType::PermissionsBoundary) => *relation != H::ATTACHED,
            _ => true,
        };
        if is_wanted {
            ids.extend(iam.repo().links(cx.account(), relation, policy_id).await?.to);
        }
    }
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        if let Some(holder) = iam.repo().by_id::<H>(cx.account(), &id).await?
            && has_prefix(holder.path(), input.path_prefix.as_deref())
        {
            found.push(Using { kind: H::KIND, name: holder.name().to_owned(), id });
        }
    }
    Ok(found)
}

/// Demands that nobody has a policy.
///
/// # Errors
/// `DeleteConflict`; the store failed.
pub(crate) async fn require_unused(
    iam: &Iam,
    account: AccountId,
    policy_id: &str,
    writes: &mut WriteSet,
) -> Result<(), ApiError> {
    for relation in ATTACHED.iter().chain(&BOUNDING) {
        let links = iam.repo().links(account, relation, policy_id).await?;
        if !links.to.is_empty() {
            return Err(api::delete_conflict_exception("Cannot delete a policy attached to entities."));
        }
        repo::require_links(writes, account, relation, policy_id, &links);
    }
    Ok(())
}

/// Attaches a managed policy; it may be attached already.
///
/// # Errors
/// `InvalidInput`, `NoSuchEntity`, `PolicyNotAttachable`, `LimitExceeded`; the store failed.
pub(crate) async fn attach<H: Holder>(
    iam: &Iam,
    cx: &Context,
    holder: &Found<H>,
    arn: &str,
) -> Result<WriteSet, ApiError> {
    let mut writes = WriteSet::new();
    let mut changed = holder.record.clone();
    if attach_to(iam, cx, &mut changed, arn, &mut writes).await? {
        repo::replace(&mut writes, cx.account(), holder, &changed);
    }
    Ok(writes)
}

/// Attaches a managed policy to a record that the caller writes; false when it is attached already.
///
/// # Errors
/// As [`attach`].
pub(crate) async fn attach_to<H: Holder>(
    iam: &Iam,
    cx: &Context,
    holder: &mut H,
    arn: &str,
    writes: &mut WriteSet,
) -> Result<bool, ApiError> {
    managed_policies::ensure_policy_arn(arn)?;
    let policy = managed_policies::find(iam.repo(), cx.account(), arn).await?.ok_or_else(|| {
        api::no_such_entity_exception(format!("Policy {arn} does not exist or is not attachable."))
    })?;
    holder.ensure_attachable(&policy)?;
    if holder.policies().attached.iter().any(|attached| attached == arn) {
        return Ok(false);
    }
    H::MANAGED.ensure_room(holder.policies().attached.len())?;
    holder.policies_mut().attached.push(arn.to_owned());
    use_policy(writes, cx.account(), &policy, H::ATTACHED, holder);
    Ok(true)
}

/// Detaches a managed policy.
///
/// # Errors
/// `InvalidInput`, `NoSuchEntity`; the store failed.
pub(crate) async fn detach<H: Holder>(
    iam: &Iam,
    cx: &Context,
    holder: &Found<H>,
    arn: &str,
) -> Result<WriteSet, ApiError> {
    managed_policies::ensure_policy_arn(arn)?;
    let mut changed = holder.record.clone();
    let attached = &mut changed.policies_mut().attached;
    let Some(at) = attached.iter().position(|attached| attached == arn) else {
        return Err(managed_policies::not_found(arn));
    };
    attached.remove(at);
    let mut writes = WriteSet::new();
    release(iam, cx, &mut writes, arn, H::ATTACHED, &holder.record).await?;
    repo::replace(&mut writes, cx.account(), holder, &changed);
    Ok(writes)
}

/// The attached managed policies: `ListAttached…Policies`.
///
/// # Errors
/// The marker is none.
pub(crate) fn attached(
    policies: &Policies,
    prefix: Option<&str>,
    paging: &Paging,
) -> Page<types::AttachedPolicy> {
    let all = policies.attached.iter().filter_map(|arn| {
        let (path, name) = managed_policies::path_and_name(arn)?;
        has_prefix(path, prefix).then(|| types::AttachedPolicy {
            policy_name: Some(name.to_owned()),
            policy_arn: Some(arn.clone()),
        })
    });
    paging.page_in_order(all)
}

/// Sets the permissions boundary in a record that the caller writes.
///
/// # Errors
/// `InvalidInput`, `NoSuchEntity`; the store failed.
pub(crate) async fn set_boundary<H: Bounded>(
    iam: &Iam,
    cx: &Context,
    holder: &mut H,
    arn: &str,
    writes: &mut WriteSet,
) -> Result<(), ApiError> {
    managed_policies::ensure_policy_arn(arn)?;
    let policy = managed_policies::find(iam.repo(), cx.account(), arn).await?.ok_or_else(|| {
        api::no_such_entity_exception(format!("Scope ARN: {arn} does not exist or is not attachable."))
    })?;
    if holder.boundary() == Some(arn) {
        return Ok(());
    }
    clear_boundary(iam, cx, holder, writes).await?;
    *holder.boundary_mut() = Some(arn.to_owned());
    use_policy(writes, cx.account(), &policy, H::BOUNDARY, holder);
    Ok(())
}

/// Takes the permissions boundary off a record that the caller writes or deletes.
///
/// # Errors
/// The store failed.
pub(crate) async fn clear_boundary<H: Bounded>(
    iam: &Iam,
    cx: &Context,
    holder: &mut H,
    writes: &mut WriteSet,
) -> Result<(), ApiError> {
    if let Some(old) = holder.boundary_mut().take() {
        release(iam, cx, writes, &old, H::BOUNDARY, holder).await?;
    }
    Ok(())
}

/// Notes that `holder` uses `policy`, which must stay as it is until then.
fn use_policy(
    writes: &mut WriteSet,
    account: AccountId,
    policy: &Managed,
    relation: &str,
    holder: &impl Record,
) {
    if let Managed::Customer(found) = policy {
        repo::require(writes, account, found);
    }
    if let Some(id) = holder.id() {
        repo::link(writes, account, relation, policy.id(), id);
    }
}

/// Notes that `holder` uses the policy no longer.
async fn release(
    iam: &Iam,
    cx: &Context,
    writes: &mut WriteSet,
    arn: &str,
    relation: &str,
    holder: &impl Record,
) -> Result<(), ApiError> {
    if let (Some(policy), Some(id)) =
        (managed_policies::find(iam.repo(), cx.account(), arn).await?, holder.id())
    {
        repo::unlink(writes, cx.account(), relation, policy.id(), id);
    }
    Ok(())
}

/// Puts an inline policy.
///
/// # Errors
/// `ValidationError`, `MalformedPolicyDocument`, `LimitExceeded`.
pub(crate) fn put_inline<H: Holder>(
    cx: &Context,
    holder: &Found<H>,
    name: &str,
    document: &str,
) -> Result<WriteSet, ApiError> {
    names::check("policyName", name, 128)?;
    documents::check(DocumentKind::Identity, document)?;
    let mut changed = holder.record.clone();
    let inline = &mut changed.policies_mut().inline;
    inline.insert(name.to_owned(), document.to_owned());
    let size: usize = inline.values().map(|text| characters_for_quota(DocumentKind::Identity, text)).sum();
    if size > H::INLINE {
        return Err(api::limit_exceeded_exception(format!(
            "Maximum policy size of {} bytes exceeded for {} {}",
            H::INLINE,
            H::KIND,
            holder.name()
        )));
    }
    let mut writes = WriteSet::new();
    repo::replace(&mut writes, cx.account(), holder, &changed);
    Ok(writes)
}

/// The document of an inline policy, percent-encoded.
///
/// # Errors
/// `NoSuchEntity`.
pub(crate) fn inline<H: Holder>(holder: &H, name: &str) -> Result<String, ApiError> {
    let found = holder.policies().inline.get(name).ok_or_else(|| inline_not_found::<H>(name))?;
    Ok(documents::encoded(found))
}

/// Deletes an inline policy.
///
/// # Errors
/// `NoSuchEntity`.
pub(crate) fn delete_inline<H: Holder>(
    cx: &Context,
    holder: &Found<H>,
    name: &str,
) -> Result<WriteSet, ApiError> {
    let mut changed = holder.record.clone();
    if changed.policies_mut().inline.remove(name).is_none() {
        return Err(inline_not_found::<H>(name));
    }
    let mut writes = WriteSet::new();
    repo::replace(&mut writes, cx.account(), holder, &changed);
    Ok(writes)
}

fn inline_not_found<H: Holder>(name: &str) -> ApiError {
    error::not_found(&format!("{} policy", H::KIND), name)
}

/// Whether somebody has no policies, as deletion demands.
///
/// # Errors
/// `DeleteConflict`.
pub(crate) fn ensure_none(holder: &impl Holder) -> Result<(), ApiError> {
    if !holder.policies().attached.is_empty() {
        return Err(error::delete_conflict("detach all policies"));
    }
    if !holder.policies().inline.is_empty() {
        return Err(error::delete_conflict("delete policies"));
    }
    Ok(())
}

/// A permissions boundary as the interface writes it: the type is `Policy`, which the model does not name and AWS answers.
pub(crate) fn boundary_to_api(arn: Option<&str>) -> Option<types::AttachedPermissionsBoundary> {
    arn.map(|arn| types::AttachedPermissionsBoundary {
        permissions_boundary_type: Some("Policy".into()),
        permissions_boundary_arn: Some(arn.to_owned()),
    })
}
