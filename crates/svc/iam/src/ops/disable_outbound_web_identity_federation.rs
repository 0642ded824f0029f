//! `DisableOutboundWebIdentityFederation`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/DisableOutboundWebIdentityFederation>
//!
//! Action `iam:DisableOutboundWebIdentityFederation` on `*`.

use garrison_api_iam::errors as api;
use garrison_api_iam::operations::DisableOutboundWebIdentityFederation;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::records::OutboundFederation;
use crate::repo;
use crate::service::Iam;

impl Handler<Iam> for DisableOutboundWebIdentityFederation {
    const ACCESS: Access = Access::write("iam:DisableOutboundWebIdentityFederation");
    type Target = ();

    async fn resolve(_: &Iam, _: &Context, _: &Self::Input) -> Result<Resolved<()>, ApiError> {
        Ok(Resolved::new((), Check::any()))
    }

    async fn execute(iam: &Iam, cx: &Context, _: &Self::Input, (): &()) -> Result<Reply<Unit>, ApiError> {
        let found = iam.repo().get::<OutboundFederation>(cx.account(), OutboundFederation::NAME).await?;
        let Some(old) = found.filter(|found| found.enabled) else {
            return Err(api::feature_disabled_exception(
                "Outbound web identity federation is not enabled for this account.",
            ));
        };
        let mut writes = WriteSet::new();
        let new = OutboundFederation { enabled: false, ..old.record.clone() };
        repo::replace(&mut writes, cx.account(), &old, &new);
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn switches_it_off_once() {
        let world = World::new();
        assert_eq!(
            world.error("DisableOutboundWebIdentityFederation", json!({})).await.0,
            "FeatureDisabledException"
        );
        world.call("EnableOutboundWebIdentityFederation", json!({})).await;
        world.call("DisableOutboundWebIdentityFederation", json!({})).await;
        assert_eq!(
            world.error("DisableOutboundWebIdentityFederation", json!({})).await.0,
            "FeatureDisabledException"
        );
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let demanded = World::new().demands("DisableOutboundWebIdentityFederation", json!({})).await;
        assert_eq!(demanded, ("iam:DisableOutboundWebIdentityFederation".to_owned(), "*".to_owned()));
    }
}
