//! `DisableOrganizationsRootSessions`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/DisableOrganizationsRootSessions>
//!
//! Action `iam:DisableOrganizationsRootSessions` on `*`.

use garrison_api_iam::operations::DisableOrganizationsRootSessions;
use garrison_api_iam::types::DisableOrganizationsRootSessionsResponse;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::root_features;
use crate::service::Iam;

impl Handler<Iam> for DisableOrganizationsRootSessions {
    const ACCESS: Access = Access::write("iam:DisableOrganizationsRootSessions");
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
        let (features, writes) =
            root_features::change(iam, &organization, |features| features.sessions = false).await?;
        let output = DisableOrganizationsRootSessionsResponse {
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
    async fn switches_it_off() {
        let world = organization().await;
        world.call("EnableOrganizationsRootCredentialsManagement", json!({})).await;
        world.call("EnableOrganizationsRootSessions", json!({})).await;
        for _ in 0..2 {
            let output = world.call("DisableOrganizationsRootSessions", json!({})).await;
            assert_eq!(
                output,
                json!({"OrganizationId": ORGANIZATION, "EnabledFeatures": ["RootCredentialsManagement"]})
            );
        }
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let demanded = World::new().demands("DisableOrganizationsRootSessions", json!({})).await;
        assert_eq!(demanded, ("iam:DisableOrganizationsRootSessions".to_owned(), "*".to_owned()));
    }

    #[tokio::test]
    async fn refuses_others_than_the_management_account() {
        let alone = World::new().error("DisableOrganizationsRootSessions", json!({})).await;
        assert_eq!(alone.0, "OrganizationNotFoundException");
        let refused = member().await.error("DisableOrganizationsRootSessions", json!({})).await;
        assert_eq!(refused.0, "AccountNotManagementOrDelegatedAdministratorException");
    }
}
