//! `CreateOrganization`. Source: Organizations API Reference, "CreateOrganization".
//!
//! Action `organizations:CreateOrganization` on no resource.

use garrison_api_organizations::{errors, operations, types};
use garrison_kernel::{Access, Context, Reply};
use garrison_schema::ApiError;
use std::collections::BTreeSet;

use crate::act::Act;
use crate::creation::PRINCIPAL;
use crate::error::{self, Invalid};
use crate::id;
use crate::records::{Account, FeatureSet, Joined, Organization, Standing, Tags};
use crate::repo::Change;
use crate::scene::{Asked, Callers, Scene};
use crate::service::Organizations;

impl Act for operations::CreateOrganization {
    const ACCESS: Access = Access::write("organizations:CreateOrganization");
    const CALLERS: Callers = Callers::Anyone;

    fn asked(_: &Self::Input) -> Asked<'_> {
        Asked::nothing()
    }

    async fn act(
        service: &Organizations,
        cx: &Context,
        input: &Self::Input,
        _: &Scene,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (repo, now) = (service.repo(), cx.time.as_millis());
        let account = cx.account().to_string();
        let (standing, was) = repo.standing_of(&account).await?;
        if standing.organization.is_some() {
            return Err(errors::already_in_organization_exception(
                "The AWS account is already a member of an organization.",
            ));
        }
        let features = match &input.feature_set {
            None | Some(types::OrganizationFeatureSet::All) => FeatureSet::All,
            Some(types::OrganizationFeatureSet::ConsolidatedBilling) => FeatureSet::ConsolidatedBilling,
            Some(types::OrganizationFeatureSet::Unknown(_)) => {
                return Err(error::invalid(Invalid::InvalidEnum, "You specified an invalid value."));
            }
        };
        let org = Organization {
            id: id::new(service.kernel(), "o-", 10),
            management: account.clone(),
            root: id::new(service.kernel(), "r-", 4),
            features,
            created: now,
            policy_types: BTreeSet::new(),
            tags: Tags::new(),
        };
        let management = Account {
            id: account.clone(),
            name: standing.name.clone(),
            email: standing.email.clone(),
            joined: Joined::Invited,
            joined_at: now,
            closed: None,
            parent: org.root.clone(),
            tags: Tags::new(),
        };
        let mut change = Change::new(&org);
        change.standing(&account, was, &Standing { organization: Some(org.id.clone()), ..standing });
        change.account(&management, None);
        if features == FeatureSet::All {
            change.merge(service.roles().service_linked_role(cx.account(), PRINCIPAL, cx.time).await?);
        }
        let output = types::CreateOrganizationResponse { organization: Some(org.shown(&management.email)) };
        Ok(Reply::with_writes(output, change.finish()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{MANAGEMENT, OTHER, World, each, text};

    #[tokio::test]
    async fn an_organization_has_a_root_and_its_management_account() {
        let world = World::empty();
        let made = world.ok("CreateOrganization", json!({"FeatureSet": "ALL"})).await["Organization"].take();
        let id = text(&made["Id"]);
        assert!(id.starts_with("o-") && id.len() == 12, "{id}");
        assert_eq!(made["FeatureSet"], "ALL");
        assert_eq!(made["MasterAccountId"], MANAGEMENT);
        assert_eq!(
            made["MasterAccountArn"],
            format!("arn:aws:organizations::{MANAGEMENT}:account/{id}/{MANAGEMENT}")
        );
        assert_eq!(
            made["AvailablePolicyTypes"],
            json!([{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}])
        );
        let accounts = world.ok("ListAccounts", json!({})).await;
        assert_eq!(each(&accounts["Accounts"], "Id"), [MANAGEMENT]);
        assert!(world.stored(&["test-service-role", MANAGEMENT, "organizations.amazonaws.com"]).await);
    }

    #[tokio::test]
    async fn an_account_has_one_organization() {
        let world = World::new().await;
        assert_eq!(world.refused("CreateOrganization", json!({})).await, "AlreadyInOrganizationException");
        assert_eq!(
            world.refused_as(OTHER, "CreateOrganization", json!({"FeatureSet": "SOME"})).await,
            "InvalidInputException: INVALID_ENUM"
        );
        let billing =
            world.ok_as(OTHER, "CreateOrganization", json!({"FeatureSet": "CONSOLIDATED_BILLING"})).await;
        assert_eq!(billing["Organization"]["AvailablePolicyTypes"], json!([]));
    }
}
