//! `SetSecurityTokenServicePreferences`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetSecurityTokenServicePreferences.html>
//!
//! Sets which version of token the global endpoint of STS gives. Tokens here are the same either way: this is what
//! `GetAccountSummary` shows.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::account::Settings;
use crate::records::AccountSettings;
use crate::service::Iam;

impl Handler<Iam> for operations::SetSecurityTokenServicePreferences {
    const ACCESS: Access = Access::write("iam:SetSecurityTokenServicePreferences");
    type Target = Settings;

    async fn resolve(iam: &Iam, cx: &Context, _: &Self::Input) -> Result<Resolved<Self::Target>, ApiError> {
        Ok(Resolved::new(Settings::find(iam, cx).await?, Check::any()))
    }

    async fn execute(
        _: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let global_token_version = match input.global_endpoint_token_version {
            types::GlobalEndpointTokenVersion::V2Token => 2,
            _ => 1,
        };
        let mut writes = WriteSet::new();
        target.put(cx, &mut writes, &AccountSettings { global_token_version, ..target.now.clone() });
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        for (version, shown) in [("v2Token", 2), ("v1Token", 1)] {
            let input = json!({"GlobalEndpointTokenVersion": version});
            world.call("SetSecurityTokenServicePreferences", input.clone()).await;
            let summary = world.call("GetAccountSummary", json!({})).await;
            assert_eq!(summary["SummaryMap"]["GlobalEndpointTokenVersion"], shown);
            let (action, resource) = world.demands("SetSecurityTokenServicePreferences", input).await;
            assert_eq!((action.as_str(), resource.as_str()), ("iam:SetSecurityTokenServicePreferences", "*"));
        }
    }
}
