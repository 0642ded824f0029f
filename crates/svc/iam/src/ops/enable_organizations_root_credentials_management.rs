//! `EnableOrganizationsRootCredentialsManagement`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/EnableOrganizationsRootCredentialsManagement>
//!
//! Action `iam:EnableOrganizationsRootCredentialsManagement` on `*`.

use garrison_api_iam::operations::EnableOrganizationsRootCredentialsManagement;
use garrison_api_iam::types::EnableOrganizationsRootCredentialsManagementResponse;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::root_features;
use crate::service::Iam;

impl Handler<Iam> for EnableOrganizationsRootCredentialsManagement {
    const ACCESS: Access = Access::write("iam:EnableOrganizationsRootCredentialsManagement");
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
        let organization = root_features::management(iam, cx).await?;
        let (features, writes) =
            root_features::change(iam, &organization, |features| features.credentials_management = true)
                .await?;
        let output = EnableOrganizationsRootCredentialsManagementResponse {
            organization_id: Some(organization.id.to_string()),
            enabled_features: Some(root_features::to_api(&features)),
        };
        Ok(Reply::with_writes(output, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::root_features::tests::{ORGANIZATION, member, organization};
    use crate::testing::World;

    #[tokio::test]
    async fn switches_it_on() {
        let world = organization().await;
        for _ in 0..2 {
            let output = world.call("EnableOrganizationsRootCredentialsManagement", json!({})).await;
            assert_eq!(
                output,
                json!({"OrganizationId": ORGANIZATION, "EnabledFeatures": ["RootCredentialsManagement"]})
            );
        }
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let demanded = World::new().demands("EnableOrganizationsRootCredentialsManagement", json!({})).await;
        assert_eq!(demanded, ("iam:EnableOrganizationsRootCredentialsManagement".to_owned(), "*".to_owned()));
    }

    #[tokio::test]
    async fn refuses_others_than_the_management_account() {
        let alone = World::new().error("EnableOrganizationsRootCredentialsManagement", json!({})).await;
        assert_eq!(alone.0, "OrganizationNotFoundException");
        let refused = member().await.error("EnableOrganizationsRootCredentialsManagement", json!({})).await;
        assert_eq!(refused.0, "CallerIsNotManagementAccountException");
    }
}
