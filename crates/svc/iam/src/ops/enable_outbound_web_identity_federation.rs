//! `EnableOutboundWebIdentityFederation`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/EnableOutboundWebIdentityFederation>
//!
//! Action `iam:EnableOutboundWebIdentityFederation` on `*`.

use garrison_api_iam::errors as api;
use garrison_api_iam::operations::EnableOutboundWebIdentityFederation;
use garrison_api_iam::types::EnableOutboundWebIdentityFederationResponse;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::records::OutboundFederation;
use crate::repo;
use crate::service::Iam;

impl Handler<Iam> for EnableOutboundWebIdentityFederation {
    const ACCESS: Access = Access::write("iam:EnableOutboundWebIdentityFederation");
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
        let mut writes = WriteSet::new();
        let issuer = match &found {
            Some(found) if found.enabled => {
                return Err(api::feature_enabled_exception(
                    "Outbound web identity federation is already enabled for this account.",
                ));
            }
            // Who trusted the issuer before finds the same again.
            Some(found) => {
                let new = OutboundFederation { enabled: true, ..found.record.clone() };
                repo::replace(&mut writes, cx.account(), found, &new);
                new.issuer
            }
            None => {
                let issuer = format!("https://{}.tokens.sts.global.api.aws", iam.kernel().new_id());
                repo::create(&mut writes, cx.account(), &OutboundFederation::new(issuer.clone()));
                issuer
            }
        };
        let output = EnableOutboundWebIdentityFederationResponse { issuer_identifier: Some(issuer) };
        Ok(Reply::with_writes(output, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn gives_the_account_an_issuer() {
        let world = World::new();
        let first = world.call("EnableOutboundWebIdentityFederation", json!({})).await;
        let issuer = first["IssuerIdentifier"].as_str().unwrap();
        assert!(issuer.starts_with("https://") && issuer.ends_with(".tokens.sts.global.api.aws"), "{issuer}");
        assert_eq!(
            world.error("EnableOutboundWebIdentityFederation", json!({})).await.0,
            "FeatureEnabledException"
        );
        let account = "111122223333".parse().unwrap();
        let found = crate::providers::outbound_issuer(&world.iam, account).await.unwrap();
        assert_eq!(found.as_deref(), Some(issuer));
        world.call("DisableOutboundWebIdentityFederation", json!({})).await;
        assert_eq!(crate::providers::outbound_issuer(&world.iam, account).await.unwrap(), None);
        assert_eq!(world.call("EnableOutboundWebIdentityFederation", json!({})).await, first);
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let demanded = World::new().demands("EnableOutboundWebIdentityFederation", json!({})).await;
        assert_eq!(demanded, ("iam:EnableOutboundWebIdentityFederation".to_owned(), "*".to_owned()));
    }
}
