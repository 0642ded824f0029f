//! `ListOrganizationsFeatures`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/ListOrganizationsFeatures>
//!
//! Action `iam:ListOrganizationsFeatures` on `*`.

use garrison_api_iam::operations::ListOrganizationsFeatures;
use garrison_api_iam::types::ListOrganizationsFeaturesResponse;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::root_features;
use crate::service::Iam;

impl Handler<Iam> for ListOrganizationsFeatures {
    const ACCESS: Access = Access::read("iam:ListOrganizationsFeatures");
    type Target = ();

    async fn resolve(_: &Iam, _: &Context, _: &Self::Input) -> Result<Resolved<()>, ApiError> {
        Ok(Resolved::new((), Check::any()))
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        _: &Self::Input,
        (): &(),
    ) -> Result<Reply<Self::Output>, ApiError> {
        let organization = root_features::administrator(iam, cx).await?;
        let features = root_features::of(iam, &organization).await?;
        Ok(Reply::new(ListOrganizationsFeaturesResponse {
            organization_id: Some(organization.id.to_string()),
            enabled_features: Some(root_features::to_api(&features)),
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::root_features::tests::{ORGANIZATION, member, organization};
    use crate::testing::World;

    #[tokio::test]
    async fn answers() {
        let world = organization().await;
        let listed = world.call("ListOrganizationsFeatures", json!({})).await;
        assert_eq!(listed, json!({"OrganizationId": ORGANIZATION, "EnabledFeatures": []}));
        world.call("EnableOrganizationsRootSessions", json!({})).await;
        world.call("EnableOrganizationsRootCredentialsManagement", json!({})).await;
        let listed = world.call("ListOrganizationsFeatures", json!({})).await;
        assert_eq!(listed["EnabledFeatures"], json!(["RootCredentialsManagement", "RootSessions"]));
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let demanded = World::new().demands("ListOrganizationsFeatures", json!({})).await;
        assert_eq!(demanded, ("iam:ListOrganizationsFeatures".to_owned(), "*".to_owned()));
    }

    #[tokio::test]
    async fn refuses_others_than_the_management_account() {
        let alone = World::new().error("ListOrganizationsFeatures", json!({})).await;
        assert_eq!(alone.0, "OrganizationNotFoundException");
        let refused = member().await.error("ListOrganizationsFeatures", json!({})).await;
        assert_eq!(refused.0, "AccountNotManagementOrDelegatedAdministratorException");
    }
}
