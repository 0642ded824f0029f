//! What the operations on instance profiles share.

use garrison_api_iam::types;
use garrison_kernel::Context;
use garrison_schema::ApiError;

use crate::records::{InstanceProfile, Role};
use crate::roles;
use crate::service::Iam;

/// The relation of a role, by its unique id, to the unique ids of the instance profiles that it is in.
pub(crate) const PROFILES: &str = "role-profile";

/// An instance profile with its role.
///
/// # Errors
/// The store failed.
pub(crate) async fn to_api(
    iam: &Iam,
    cx: &Context,
    profile: &InstanceProfile,
) -> Result<types::InstanceProfile, ApiError> {
    let role = match &profile.role {
        Some(id) => iam.repo().by_id::<Role>(cx.account(), id).await?,
        None => None,
    };
    Ok(types::InstanceProfile {
        path: profile.path.clone(),
        instance_profile_name: profile.name.clone(),
        instance_profile_id: profile.id.clone(),
        arn: profile.arn(cx.partition(), cx.account()),
        create_date: profile.created.0,
        roles: role.iter().map(|role| roles::summary(role, cx)).collect(),
        tags: profile.tags.to_api_if_any(),
    })
}

/// Several of them.
///
/// # Errors
/// The store failed.
pub(crate) async fn all_to_api(
    iam: &Iam,
    cx: &Context,
    profiles: &[InstanceProfile],
) -> Result<Vec<types::InstanceProfile>, ApiError> {
    let mut all = Vec::with_capacity(profiles.len());
    for profile in profiles {
        all.push(types::InstanceProfile { tags: None, ..to_api(iam, cx, profile).await? });
    }
    Ok(all)
}
