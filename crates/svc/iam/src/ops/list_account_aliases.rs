//! `ListAccountAliases`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccountAliases.html>
//!
//! Lists the alias of the account, of which there is one at most.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::account::Settings;
use crate::paging::Paging;
use crate::service::Iam;

impl Handler<Iam> for operations::ListAccountAliases {
    const ACCESS: Access = Access::read("iam:ListAccountAliases");
    type Target = ();

    async fn resolve(_: &Iam, _: &Context, _: &Self::Input) -> Result<Resolved<Self::Target>, ApiError> {
        Ok(Resolved::new((), Check::any()))
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        (): &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let paging = Paging::new(input.max_items, input.marker.as_deref())?;
        let page = paging.page_in_order(Settings::find(iam, cx).await?.now.alias);
        let is_truncated = page.is_truncated();
        let marker = page.marker;
        Ok(Reply::new(types::ListAccountAliasesResponse {
            account_aliases: page.items,
            is_truncated,
            marker,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        let page = world.call("ListAccountAliases", json!({})).await;
        assert_eq!((&page["AccountAliases"], &page["IsTruncated"]), (&json!([]), &json!(false)));
        world.call("CreateAccountAlias", json!({"AccountAlias": "acme"})).await;
        assert_eq!(world.call("ListAccountAliases", json!({})).await["AccountAliases"], json!(["acme"]));
        let (action, resource) = world.demands("ListAccountAliases", json!({})).await;
        assert_eq!((action.as_str(), resource.as_str()), ("iam:ListAccountAliases", "*"));
    }
}
