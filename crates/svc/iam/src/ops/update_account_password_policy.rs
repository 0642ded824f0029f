//! `UpdateAccountPasswordPolicy`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html>
//!
//! Sets the password policy of the account: what is left out has its default again.

use garrison_api_iam::operations;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::account::Settings;
use crate::records::{AccountSettings, PasswordPolicy};
use crate::service::Iam;

/// Without `MinimumPasswordLength`.
const DEFAULT_LENGTH: usize = 6;

impl Handler<Iam> for operations::UpdateAccountPasswordPolicy {
    const ACCESS: Access = Access::write("iam:UpdateAccountPasswordPolicy");
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
        let count = |value: Option<i32>| value.and_then(|value| usize::try_from(value).ok());
        let policy = PasswordPolicy {
            minimum_length: count(input.minimum_password_length).unwrap_or(DEFAULT_LENGTH),
            symbols: input.require_symbols.unwrap_or_default(),
            numbers: input.require_numbers.unwrap_or_default(),
            uppercase: input.require_uppercase_characters.unwrap_or_default(),
            lowercase: input.require_lowercase_characters.unwrap_or_default(),
            users_may_change: input.allow_users_to_change_password.unwrap_or_default(),
            max_age_days: input.max_password_age.filter(|days| *days > 0),
            reuse_prevention: count(input.password_reuse_prevention).filter(|count| *count > 0),
            hard_expiry: input.hard_expiry,
        };
        let mut writes = WriteSet::new();
        let changed = AccountSettings { password_policy: Some(policy), ..target.now.clone() };
        target.put(cx, &mut writes, &changed);
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
        let whole = json!({
            "MinimumPasswordLength": 12, "RequireSymbols": true, "RequireNumbers": true,
            "RequireUppercaseCharacters": true, "RequireLowercaseCharacters": true,
            "AllowUsersToChangePassword": true, "MaxPasswordAge": 90, "PasswordReusePrevention": 5, "HardExpiry": true,
        });
        world.call("UpdateAccountPasswordPolicy", whole.clone()).await;
        let found = world.call("GetAccountPasswordPolicy", json!({})).await;
        let mut expected = whole;
        expected["ExpirePasswords"] = json!(true);
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(&found["PasswordPolicy"][key], value, "{key}");
        }
        world.call("CreateUser", json!({"UserName": "Bob"})).await;
        let error =
            world.error("CreateLoginProfile", json!({"UserName": "Bob", "Password": "Aa1aaaaaaaaa"})).await;
        assert_eq!(
            error,
            ("PasswordPolicyViolationException", "Password should have at least one symbol".to_owned())
        );
        world.call("UpdateAccountPasswordPolicy", json!({})).await;
        let found = world.call("GetAccountPasswordPolicy", json!({})).await;
        let policy = &found["PasswordPolicy"];
        assert_eq!((&policy["MinimumPasswordLength"], &policy["RequireSymbols"]), (&json!(6), &json!(false)));
        assert_eq!(policy["ExpirePasswords"], false);
        assert!(policy.get("MaxPasswordAge").is_none() && policy.get("HardExpiry").is_none());
        world.call("CreateLoginProfile", json!({"UserName": "Bob", "Password": "aaaaaa"})).await;
        let (action, resource) = world.demands("UpdateAccountPasswordPolicy", json!({})).await;
        assert_eq!((action.as_str(), resource.as_str()), ("iam:UpdateAccountPasswordPolicy", "*"));
    }
}
