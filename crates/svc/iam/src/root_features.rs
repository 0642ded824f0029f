//! What an organization lets its management account do with the root users of its members.
//!
//! Source: IAM User Guide, "Centralize root access for member accounts"; IAM API Reference,
//! "EnableOrganizationsRootSessions" and its like.

use garrison_api_iam::errors as api;
use garrison_api_iam::types::FeatureType;
use garrison_kernel::Context;
use garrison_kernel::identity::Organization;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::records::RootFeatures;
use crate::repo;
use crate::service::Iam;

/// The organization of a caller who must be its management account.
///
/// # Errors
/// `OrganizationNotFoundException`, `CallerIsNotManagementAccountException`; the store failed.
pub(crate) async fn management(iam: &Iam, cx: &Context) -> Result<Organization, ApiError> {
    let organization = organization(iam, cx).await?;
    if organization.management_account == cx.account() {
        return Ok(organization);
    }
    Err(api::caller_is_not_management_account_exception(
        "The request was rejected because the account making the request is not the management account of the organization.",
    ))
}

/// The organization of a caller who must be its management account. On AWS it may also be an account that the organization
/// has delegated IAM to.
///
/// # Errors
/// `OrganizationNotFoundException`, `AccountNotManagementOrDelegatedAdministratorException`; the store failed.
pub(crate) async fn administrator(iam: &Iam, cx: &Context) -> Result<Organization, ApiError> {
    let organization = organization(iam, cx).await?;
    if organization.management_account == cx.account() {
        return Ok(organization);
    }
    Err(api::account_not_management_or_delegated_administrator_exception(
        "The request was rejected because the account making the request is not the management account or delegated \
         administrator account for centralized root access.",
    ))
}

async fn organization(iam: &Iam, cx: &Context) -> Result<Organization, ApiError> {
    let membership = iam.kernel().organizations().membership(cx.account()).await?;
    membership.organization.clone().ok_or_else(|| {
        api::organization_not_found_exception(
            "The request was rejected because no organization is associated with your account.",
        )
    })
}

/// The features of an organization.
///
/// # Errors
/// The store failed.
pub(crate) async fn of(iam: &Iam, organization: &Organization) -> Result<RootFeatures, ApiError> {
    let found = iam.repo().get::<RootFeatures>(organization.management_account, RootFeatures::NAME).await?;
    let own = found.filter(|found| *found.organization == *organization.id);
    Ok(own.map_or_else(|| RootFeatures::none(&organization.id), |found| found.record))
}

/// The features as a change makes them, and the writes.
///
/// # Errors
/// The store failed.
pub(crate) async fn change(
    iam: &Iam,
    organization: &Organization,
    change: impl FnOnce(&mut RootFeatures),
) -> Result<(RootFeatures, WriteSet), ApiError> {
    let account = organization.management_account;
    let stored = iam.repo().get::<RootFeatures>(account, RootFeatures::NAME).await?;
    let mut features = of(iam, organization).await?;
    change(&mut features);
    let mut writes = WriteSet::new();
    match &stored {
        Some(stored) => repo::replace(&mut writes, account, stored, &features),
        None => repo::create(&mut writes, account, &features),
    }
    Ok((features, writes))
}

/// Those that are on.
pub(crate) fn to_api(features: &RootFeatures) -> Vec<FeatureType> {
    let all = [
        (features.credentials_management, FeatureType::RootCredentialsManagement),
        (features.sessions, FeatureType::RootSessions),
    ];
    all.into_iter().filter(|(on, _)| *on).map(|(_, feature)| feature).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use async_trait::async_trait;
    use garrison_kernel::identity::{Membership, Organizations};
    use garrison_testkit::ACCOUNT;
    use garrison_types::AccountId;
    use serde_json::json;

    use super::*;
    use crate::providers;
    use crate::testing::World;

    pub(crate) const ORGANIZATION: &str = "o-exampleorgid";

    /// Every account is in one organization.
    struct One(AccountId);

    #[async_trait]
    impl Organizations for One {
        fn cached(&self, _: AccountId) -> Option<Arc<Membership>> {
            None
        }

        async fn membership(&self, _: AccountId) -> Result<Arc<Membership>, ApiError> {
            let organization = Organization {
                id: ORGANIZATION.into(),
                path: "o-exampleorgid/r-ab12/".into(),
                management_account: self.0,
            };
            Ok(Arc::new(Membership { organization: Some(organization), ..Membership::default() }))
        }
    }

    fn world(management: &str) -> World {
        World::with(|parts| parts.organizations = Arc::new(One(management.parse().unwrap())))
    }

    /// A world whose account manages an organization.
    pub(crate) async fn organization() -> World {
        world(ACCOUNT)
    }

    /// A world whose account is a member of an organization.
    pub(crate) async fn member() -> World {
        world("444455556666")
    }

    #[tokio::test]
    async fn root_sessions_are_of_the_organization_that_allowed_them() {
        let (world, account) = (organization().await, ACCOUNT.parse().unwrap());
        assert!(!providers::root_sessions_enabled(&world.iam, account).await.unwrap());
        world.call("EnableOrganizationsRootSessions", json!({})).await;
        assert!(providers::root_sessions_enabled(&world.iam, account).await.unwrap());
        let stored =
            world.iam.repo().get::<RootFeatures>(account, RootFeatures::NAME).await.unwrap().unwrap();
        let former = RootFeatures { organization: "o-former".to_owned(), ..stored.record.clone() };
        let mut writes = WriteSet::new();
        repo::replace(&mut writes, account, &stored, &former);
        world.test.kernel.store().commit(writes).await.unwrap();
        assert!(!providers::root_sessions_enabled(&world.iam, account).await.unwrap());
        let listed = world.call("ListOrganizationsFeatures", json!({})).await;
        assert_eq!(listed["EnabledFeatures"], json!([]));
    }
}
