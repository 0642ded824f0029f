//! `GetAccountPasswordPolicy`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountPasswordPolicy.html>
//!
//! Shows the password policy of the account, when one was set.

use garrison_api_iam::{errors as api, operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::account::Settings;
use crate::service::Iam;

impl Handler<Iam> for operations::GetAccountPasswordPolicy {
    const ACCESS: Access = Access::read("iam:GetAccountPasswordPolicy");
    type Target = ();

    async fn resolve(_: &Iam, _: &Context, _: &Self::Input) -> Result<Resolved<Self::Target>, ApiError> {
        Ok(Resolved::new((), Check::any()))
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        _: &Self::Input,
        (): &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let settings = Settings::find(iam, cx).await?;
        let policy = settings.now.password_policy.ok_or_else(|| {
            let message = format!("The Password Policy with domain name {} cannot be found.", cx.account());
            api::no_such_entity_exception(message)
        })?;
        let count = |value: usize| i32::try_from(value).ok();
        let password_policy = types::PasswordPolicy {
            minimum_password_length: count(policy.minimum_length),
            require_symbols: Some(policy.symbols),
            require_numbers: Some(policy.numbers),
            require_uppercase_characters: Some(policy.uppercase),
            require_lowercase_characters: Some(policy.lowercase),
            allow_users_to_change_password: Some(policy.users_may_change),
            expire_passwords: Some(policy.max_age_days.is_some()),
            max_password_age: policy.max_age_days,
            password_reuse_prevention: policy.reuse_prevention.and_then(count),
            hard_expiry: policy.hard_expiry,
        };
        Ok(Reply::new(types::GetAccountPasswordPolicyResponse { password_policy }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        let error = world.error("GetAccountPasswordPolicy", json!({})).await;
        let message = "The Password Policy with domain name 111122223333 cannot be found.".to_owned();
        assert_eq!(error, ("NoSuchEntityException", message));
        world.call("UpdateAccountPasswordPolicy", json!({"MinimumPasswordLength": 20})).await;
        let found = world.call("GetAccountPasswordPolicy", json!({})).await;
        assert_eq!(found["PasswordPolicy"]["MinimumPasswordLength"], 20);
        let (action, resource) = world.demands("GetAccountPasswordPolicy", json!({})).await;
        assert_eq!((action.as_str(), resource.as_str()), ("iam:GetAccountPasswordPolicy", "*"));
    }
}
