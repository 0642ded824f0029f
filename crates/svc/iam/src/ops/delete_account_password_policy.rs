//! `DeleteAccountPasswordPolicy`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccountPasswordPolicy.html>
//!
//! Deletes the password policy of the account: the default one is applied again.

use garrison_api_iam::{errors as api, operations};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::account::Settings;
use crate::records::AccountSettings;
use crate::service::Iam;

impl Handler<Iam> for operations::DeleteAccountPasswordPolicy {
    const ACCESS: Access = Access::write("iam:DeleteAccountPasswordPolicy");
    type Target = Settings;

    async fn resolve(iam: &Iam, cx: &Context, _: &Self::Input) -> Result<Resolved<Self::Target>, ApiError> {
        Ok(Resolved::new(Settings::find(iam, cx).await?, Check::any()))
    }

    async fn execute(
        _: &Iam,
        cx: &Context,
        _: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        if target.now.password_policy.is_none() {
            let message = "The account policy with name PasswordPolicy cannot be found.";
            return Err(api::no_such_entity_exception(message));
        }
        let mut writes = WriteSet::new();
        target.put(cx, &mut writes, &AccountSettings { password_policy: None, ..target.now.clone() });
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
        assert_eq!(world.error("DeleteAccountPasswordPolicy", json!({})).await.0, "NoSuchEntityException");
        world.call("UpdateAccountPasswordPolicy", json!({"MinimumPasswordLength": 20})).await;
        world.call("DeleteAccountPasswordPolicy", json!({})).await;
        assert_eq!(world.error("GetAccountPasswordPolicy", json!({})).await.0, "NoSuchEntityException");
        let (action, resource) = world.demands("DeleteAccountPasswordPolicy", json!({})).await;
        assert_eq!((action.as_str(), resource.as_str()), ("iam:DeleteAccountPasswordPolicy", "*"));
    }
}
