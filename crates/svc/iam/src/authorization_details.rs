//! An account's users, groups, roles and policies as `GetAccountAuthorizationDetails` shows them.
//!
//! Source: IAM API Reference, "GetAccountAuthorizationDetails".

use garrison_api_iam::types::{
    AttachedPolicy, EntityType, GetAccountAuthorizationDetailsResponse, GroupDetail, ManagedPolicyDetail,
    PolicyDetail, PolicyVersion, RoleDetail, UserDetail,
};
use garrison_kernel::Context;
use garrison_schema::ApiError;

use crate::attachments::{self, boundary_to_api};
use crate::documents;
use crate::instance_profiles;
use crate::managed::{self, AwsPolicy};
use crate::managed_policies::{aws_to_api, customer_to_api, path_and_name, version_to_api};
use crate::paging::Paging;
use crate::records::{Group, InstanceProfile, ManagedPolicy, Policies, Role, User};
use crate::repo::Found;
use crate::roles::{self, RoleId};
use crate::service::Iam;

/// One entry of the list that pages are made of.
enum Item {
    User(Box<Found<User>>),
    Group(Box<Found<Group>>),
    Role(Box<Found<Role>>),
    Local(Box<Found<ManagedPolicy>>),
    /// One of AWS's that is used.
    Aws(&'static AwsPolicy),
}

/// A page of those entities that the filter names; without one of all.
///
/// # Errors
/// The store failed.
pub(crate) async fn page(
    iam: &Iam,
    cx: &Context,
    filter: Option<&[EntityType]>,
    paging: &Paging,
) -> Result<GetAccountAuthorizationDetailsResponse, ApiError> {
    let wanted = |kind: EntityType| filter.is_none_or(|filter| filter.is_empty() || filter.contains(&kind));
    let (account, mut items) = (cx.account(), Vec::new());
    if wanted(EntityType::User) {
        items.extend(iam.repo().all(account).await?.into_iter().map(|found| Item::User(Box::new(found))));
    }
    if wanted(EntityType::Group) {
        items.extend(iam.repo().all(account).await?.into_iter().map(|found| Item::Group(Box::new(found))));
    }
    if wanted(EntityType::Role) {
        items.extend(iam.repo().all(account).await?.into_iter().map(|found| Item::Role(Box::new(found))));
    }
    if wanted(EntityType::LocalManagedPolicy) {
        items.extend(iam.repo().all(account).await?.into_iter().map(|found| Item::Local(Box::new(found))));
    }
    if wanted(EntityType::AwsManagedPolicy) {
        for policy in managed::all() {
            let usage = attachments::usage(iam, account, policy.id).await?;
            if usage.attached + usage.boundary > 0 {
                items.push(Item::Aws(policy));
            }
        }
    }
    let page = paging.page_in_order(items);
    let mut answer = GetAccountAuthorizationDetailsResponse {
        user_detail_list: Some(Vec::new()),
        group_detail_list: Some(Vec::new()),
        role_detail_list: Some(Vec::new()),
        policies: Some(Vec::new()),
        is_truncated: page.is_truncated(),
        marker: page.marker,
    };
    for item in page.items {
        match item {
            Item::User(found) => {
                answer.user_detail_list.get_or_insert_default().push(user(iam, cx, &found).await?)
            }
            Item::Group(found) => answer.group_detail_list.get_or_insert_default().push(group(cx, &found)),
            Item::Role(found) => {
                answer.role_detail_list.get_or_insert_default().push(role(iam, cx, &found).await?)
            }
            Item::Local(found) => answer.policies.get_or_insert_default().push(local(iam, cx, &found).await?),
            Item::Aws(policy) => answer.policies.get_or_insert_default().push(aws(iam, cx, policy).await?),
        }
    }
    Ok(answer)
}

fn inline(policies: &Policies) -> Option<Vec<PolicyDetail>> {
    let detail = |(name, text): (&String, &String)| PolicyDetail {
        policy_name: Some(name.clone()),
        policy_document: Some(documents::encoded(text)),
    };
    (!policies.inline.is_empty()).then(|| policies.inline.iter().map(detail).collect())
}

fn attached(policies: &Policies) -> Option<Vec<AttachedPolicy>> {
    let policy = |arn: &String| AttachedPolicy {
        policy_name: path_and_name(arn).map(|(_, name)| name.to_owned()),
        policy_arn: Some(arn.clone()),
    };
    Some(policies.attached.iter().map(policy).collect())
}

async fn user(iam: &Iam, cx: &Context, user: &User) -> Result<UserDetail, ApiError> {
    let mut groups = Vec::new();
    for id in &user.groups {
        groups.extend(iam.repo().by_id::<Group>(cx.account(), id).await?.map(|group| group.record.name));
    }
    Ok(UserDetail {
        path: Some(user.path.clone()),
        user_name: Some(user.name.clone()),
        user_id: Some(user.id.clone()),
        arn: Some(user.arn(cx.partition(), cx.account())),
        create_date: Some(user.created.0),
        user_policy_list: inline(&user.policies),
        group_list: Some(groups),
        attached_managed_policies: attached(&user.policies),
        permissions_boundary: boundary_to_api(user.boundary.as_deref()),
        tags: Some(user.tags.to_api()),
    })
}

fn group(cx: &Context, group: &Group) -> GroupDetail {
    GroupDetail {
        path: Some(group.path.clone()),
        group_name: Some(group.name.clone()),
        group_id: Some(group.id.clone()),
        arn: Some(group.arn(cx.partition(), cx.account())),
        create_date: Some(group.created.0),
        group_policy_list: Some(inline(&group.policies).unwrap_or_default()),
        attached_managed_policies: attached(&group.policies),
    }
}

async fn role(iam: &Iam, cx: &Context, role: &Role) -> Result<RoleDetail, ApiError> {
    let account = cx.account();
    let mut profiles = Vec::new();
    for id in iam.repo().links(account, instance_profiles::PROFILES, &role.id).await?.to {
        profiles.extend(iam.repo().by_id::<InstanceProfile>(account, &id).await?.map(|found| found.record));
    }
    let used = iam.role_uses().of(&RoleId::new(account, &role.id)).await?;
    Ok(RoleDetail {
        path: Some(role.path.clone()),
        role_name: Some(role.name.clone()),
        role_id: Some(role.id.clone()),
        arn: Some(role.arn(cx.partition(), account)),
        create_date: Some(role.created.0),
        assume_role_policy_document: Some(documents::encoded(&role.trust)),
        instance_profile_list: Some(instance_profiles::all_to_api(iam, cx, &profiles).await?),
        role_policy_list: Some(inline(&role.policies).unwrap_or_default()),
        attached_managed_policies: attached(&role.policies),
        permissions_boundary: boundary_to_api(role.boundary.as_deref()),
        tags: Some(role.tags.to_api()),
        role_last_used: Some(roles::last_used(used)),
    })
}

async fn local(iam: &Iam, cx: &Context, policy: &ManagedPolicy) -> Result<ManagedPolicyDetail, ApiError> {
    let usage = attachments::usage(iam, cx.account(), &policy.id).await?;
    let versions = policy.versions.iter().rev().map(|version| {
        let shown = version_to_api(version, version.number == policy.default);
        PolicyVersion { document: Some(documents::encoded(&version.document)), ..shown }
    });
    let shown = customer_to_api(policy, cx.partition(), cx.account(), usage);
    Ok(detail(shown, versions.collect(), policy.description.clone()))
}

async fn aws(iam: &Iam, cx: &Context, policy: &'static AwsPolicy) -> Result<ManagedPolicyDetail, ApiError> {
    let usage = attachments::usage(iam, cx.account(), policy.id).await?;
    let version = PolicyVersion {
        document: Some(documents::encoded(&policy.document(cx.partition()))),
        version_id: Some(policy.version.to_owned()),
        is_default_version: Some(true),
        create_date: Some(policy.updated),
    };
    Ok(detail(aws_to_api(policy, cx.partition(), usage), vec![version], None))
}

fn detail(
    policy: garrison_api_iam::types::Policy,
    versions: Vec<PolicyVersion>,
    description: Option<String>,
) -> ManagedPolicyDetail {
    ManagedPolicyDetail {
        policy_name: policy.policy_name,
        policy_id: policy.policy_id,
        arn: policy.arn,
        path: policy.path,
        default_version_id: policy.default_version_id,
        attachment_count: policy.attachment_count,
        permissions_boundary_usage_count: policy.permissions_boundary_usage_count,
        is_attachable: policy.is_attachable,
        description,
        create_date: policy.create_date,
        update_date: policy.update_date,
        policy_version_list: Some(versions),
    }
}
