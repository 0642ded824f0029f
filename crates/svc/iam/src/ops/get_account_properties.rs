//! `GetAccountProperties`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountProperties.html>
//!
//! Shows the properties of the account. None has been set, since what they are about (Role Manager) is not built.

use std::collections::BTreeMap;

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::service::Iam;

impl Handler<Iam> for operations::GetAccountProperties {
    const ACCESS: Access = Access::read("iam:GetAccountProperties");
    type Target = ();

    async fn resolve(_: &Iam, _: &Context, _: &Self::Input) -> Result<Resolved<Self::Target>, ApiError> {
        Ok(Resolved::new((), Check::any()))
    }

    async fn execute(
        _: &Iam,
        _: &Context,
        _: &Self::Input,
        (): &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        Ok(Reply::new(types::GetAccountPropertiesResponse { properties: Some(BTreeMap::new()) }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        assert_eq!(world.call("GetAccountProperties", json!({})).await["Properties"], json!({}));
        let (action, resource) = world.demands("GetAccountProperties", json!({})).await;
        assert_eq!((action.as_str(), resource.as_str()), ("iam:GetAccountProperties", "*"));
    }
}
