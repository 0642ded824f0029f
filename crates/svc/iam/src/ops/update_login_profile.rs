//! `UpdateLoginProfile`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateLoginProfile.html>
//!
//! Gives a user another password, or has the user set one.

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::account::Settings;
use crate::passwords;
use crate::records::{Password, Time, User};
use crate::repo;
use crate::service::Iam;
use crate::subject::About;

impl Handler<Iam> for operations::UpdateLoginProfile {
    const ACCESS: Access = Access::write("iam:UpdateLoginProfile");
    type Target = About;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        About::resolve(iam, cx, Some(&input.user_name)).await
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        _: &'a Self::Input,
        About(target): &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.keys().get(key)
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        About(target): &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (user, old) = passwords::of(target)?;
        let reset_required = input.password_reset_required.unwrap_or(old.reset_required);
        let password = match &input.password {
            Some(text) => {
                let settings = Settings::find(iam, cx).await?;
                let policy = settings.now.password_policy.as_ref();
                passwords::change(iam.kernel(), policy, old, text, reset_required, Time(cx.time)).await?
            }
            None => Password { reset_required, ..old.clone() },
        };
        let changed = User { password: Some(password), ..user.record.clone() };
        let mut writes = WriteSet::new();
        repo::replace(&mut writes, cx.account(), user, &changed);
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
        world.call("CreateUser", json!({"UserName": "Bob"})).await;
        let input = json!({"UserName": "Bob", "Password": "Correct-horse-2"});
        assert_eq!(world.error("UpdateLoginProfile", input.clone()).await.0, "NoSuchEntityException");
        world.call("CreateLoginProfile", json!({"UserName": "Bob", "Password": "Correct-horse-1"})).await;
        let (action, resource) = world.demands("UpdateLoginProfile", input.clone()).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:UpdateLoginProfile", "arn:aws:iam::111122223333:user/Bob")
        );
        world.call("UpdateLoginProfile", input).await;
        let cx = world.as_user("Bob").await;
        let change = |old: &str| json!({"OldPassword": old, "NewPassword": "Correct-horse-3"});
        world.call("UpdateAccountPasswordPolicy", json!({"AllowUsersToChangePassword": true})).await;
        assert!(world.try_as(&cx, "ChangePassword", change("Correct-horse-1")).await.is_err());
        assert!(world.try_as(&cx, "ChangePassword", change("Correct-horse-2")).await.is_ok());
        world.call("UpdateLoginProfile", json!({"UserName": "Bob", "PasswordResetRequired": true})).await;
        let profile = world.call("GetLoginProfile", json!({"UserName": "Bob"})).await;
        assert_eq!(profile["LoginProfile"]["PasswordResetRequired"], true);
        let weak = json!({"UserName": "Bob", "Password": "x"});
        assert_eq!(world.error("UpdateLoginProfile", weak).await.0, "PasswordPolicyViolationException");
    }
}
