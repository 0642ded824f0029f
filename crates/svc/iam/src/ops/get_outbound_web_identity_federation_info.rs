//! `GetOutboundWebIdentityFederationInfo`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/GetOutboundWebIdentityFederationInfo>
//!
//! Action `iam:GetOutboundWebIdentityFederationInfo` on `*`.

use garrison_api_iam::errors as api;
use garrison_api_iam::operations::GetOutboundWebIdentityFederationInfo;
use garrison_api_iam::types::GetOutboundWebIdentityFederationInfoResponse;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::records::OutboundFederation;
use crate::service::Iam;

impl Handler<Iam> for GetOutboundWebIdentityFederationInfo {
    const ACCESS: Access = Access::read("iam:GetOutboundWebIdentityFederationInfo");
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
        let found = iam.repo().get::<OutboundFederation>(cx.account(), OutboundFederation::NAME).await?;
        let Some(found) = found.filter(|found| found.enabled) else {
            return Err(api::feature_disabled_exception(
                "Outbound web identity federation is not enabled for this account.",
            ));
        };
        Ok(Reply::new(GetOutboundWebIdentityFederationInfoResponse {
            issuer_identifier: Some(found.issuer.clone()),
            jwt_vending_enabled: Some(true),
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn answers_while_it_is_on() {
        let world = World::new();
        assert_eq!(
            world.error("GetOutboundWebIdentityFederationInfo", json!({})).await.0,
            "FeatureDisabledException"
        );
        let enabled = world.call("EnableOutboundWebIdentityFederation", json!({})).await;
        let info = world.call("GetOutboundWebIdentityFederationInfo", json!({})).await;
        assert_eq!(info, json!({"IssuerIdentifier": enabled["IssuerIdentifier"], "JwtVendingEnabled": true}));
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let demanded = World::new().demands("GetOutboundWebIdentityFederationInfo", json!({})).await;
        assert_eq!(demanded, ("iam:GetOutboundWebIdentityFederationInfo".to_owned(), "*".to_owned()));
    }
}
