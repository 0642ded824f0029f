//! `DeleteAccountAlias`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccountAlias.html>
//!
//! Takes the alias from the account.

use garrison_api_iam::operations;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::account::{self, Settings};
use crate::error;
use crate::records::AccountSettings;
use crate::service::Iam;

impl Handler<Iam> for operations::DeleteAccountAlias {
    const ACCESS: Access = Access::write("iam:DeleteAccountAlias");
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
        if target.now.alias.as_ref() != Some(&input.account_alias) {
            return Err(error::not_found("account alias", &input.account_alias));
        }
        let mut writes = WriteSet::new();
        writes.deletes.push(account::alias_key(&input.account_alias));
        target.put(cx, &mut writes, &AccountSettings { alias: None, ..target.now.clone() });
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
        let input = json!({"AccountAlias": "acme"});
        assert_eq!(world.error("DeleteAccountAlias", input.clone()).await.0, "NoSuchEntityException");
        world.call("CreateAccountAlias", input.clone()).await;
        let (action, resource) = world.demands("DeleteAccountAlias", input.clone()).await;
        assert_eq!((action.as_str(), resource.as_str()), ("iam:DeleteAccountAlias", "*"));
        world.call("DeleteAccountAlias", input.clone()).await;
        assert_eq!(world.call("ListAccountAliases", json!({})).await["AccountAliases"], json!([]));
        let other = world.test.context("444455556666", "eu-central-1");
        world.try_as(&other, "CreateAccountAlias", input).await.unwrap();
    }
}
