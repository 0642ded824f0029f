//! `CreateAccountAlias`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccountAlias.html>
//!
//! Gives the account an alias, which no other account has, instead of the one that it may have.

use garrison_api_iam::{errors as api, operations};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved, errors};
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::account::{self, Settings};
use crate::records::AccountSettings;
use crate::service::Iam;

impl Handler<Iam> for operations::CreateAccountAlias {
    const ACCESS: Access = Access::write("iam:CreateAccountAlias");
    type Target = Settings;

    async fn resolve(iam: &Iam, cx: &Context, _: &Self::Input) -> Result<Resolved<Self::Target>, ApiError> {
        Ok(Resolved::new(Settings::find(iam, cx).await?, Check::any()))
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let alias = &input.account_alias;
        if target.now.alias.as_ref() == Some(alias) {
            return Ok(Reply::new(Unit));
        }
        let taken = iam.repo().store().get(&account::alias_key(alias)).await;
        if taken.map_err(|error| errors::store(&error))?.is_some() {
            let message = format!("The account alias {alias} already exists.");
            return Err(api::entity_already_exists_exception(message));
        }
        let mut writes = WriteSet::new();
        if let Some(old) = &target.now.alias {
            writes.deletes.push(account::alias_key(old));
        }
        writes.create(account::alias_key(alias), cx.account().to_string());
        target.put(cx, &mut writes, &AccountSettings { alias: Some(alias.clone()), ..target.now.clone() });
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
        let input = |alias: &str| json!({"AccountAlias": alias});
        world.call("CreateAccountAlias", input("acme")).await;
        world.call("CreateAccountAlias", input("acme")).await;
        assert_eq!(world.call("ListAccountAliases", json!({})).await["AccountAliases"], json!(["acme"]));
        let other = world.test.context("444455556666", "eu-central-1");
        let error = world.try_as(&other, "CreateAccountAlias", input("acme")).await.unwrap_err();
        assert_eq!(error.schema.name, "EntityAlreadyExistsException");
        world.call("CreateAccountAlias", input("emca")).await;
        assert_eq!(world.call("ListAccountAliases", json!({})).await["AccountAliases"], json!(["emca"]));
        world.try_as(&other, "CreateAccountAlias", input("acme")).await.unwrap();
        let (action, resource) = world.demands("CreateAccountAlias", input("x")).await;
        assert_eq!((action.as_str(), resource.as_str()), ("iam:CreateAccountAlias", "*"));
    }
}
