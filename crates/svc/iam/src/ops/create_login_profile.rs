//! `CreateLoginProfile`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateLoginProfile.html>
//!
//! Gives a user a password: the named one, or the caller.

use garrison_api_iam::{errors as api, operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved, errors};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::account::Settings;
use crate::passwords;
use crate::records::{Time, User};
use crate::repo;
use crate::service::Iam;
use crate::subject::{About, Subject};

impl Handler<Iam> for operations::CreateLoginProfile {
    const ACCESS: Access = Access::write("iam:CreateLoginProfile");
    type Target = About;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        About::resolve(iam, cx, input.user_name.as_deref()).await
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
        let Subject::User(user) = target else {
            return Err(errors::validation("Must specify userName when calling with non-User credentials"));
        };
        let old = user.get()?;
        if old.password.is_some() {
            let message = format!("Login Profile for user {} already exists.", old.name);
            return Err(api::entity_already_exists_exception(message));
        }
        let text = input.password.as_ref().ok_or_else(|| errors::validation("Must specify a password."))?;
        let settings = Settings::find(iam, cx).await?;
        let reset_required = input.password_reset_required.unwrap_or_default();
        let policy = settings.now.password_policy.as_ref();
        let password = passwords::first(iam.kernel(), policy, text, reset_required, Time(cx.time)).await?;
        let changed = User { password: Some(password), ..old.record.clone() };
        let mut writes = WriteSet::new();
        repo::replace(&mut writes, cx.account(), old, &changed);
        let login_profile = types::LoginProfile {
            user_name: old.name.clone(),
            create_date: cx.time,
            password_reset_required: Some(reset_required),
        };
        Ok(Reply::with_writes(types::CreateLoginProfileResponse { login_profile }, writes))
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
        let input = json!({"UserName": "Bob", "Password": "Correct-horse-1", "PasswordResetRequired": true});
        let (action, resource) = world.demands("CreateLoginProfile", input.clone()).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:CreateLoginProfile", "arn:aws:iam::111122223333:user/Bob")
        );
        let weak = json!({"UserName": "Bob", "Password": "correct"});
        let error = world.error("CreateLoginProfile", weak).await;
        assert_eq!(error.0, "PasswordPolicyViolationException");
        let profile = &world.call("CreateLoginProfile", input.clone()).await["LoginProfile"];
        assert_eq!((&profile["UserName"], &profile["PasswordResetRequired"]), (&json!("Bob"), &json!(true)));
        let error = world.error("CreateLoginProfile", input).await;
        let message = "Login Profile for user Bob already exists.".to_owned();
        assert_eq!(error, ("EntityAlreadyExistsException", message));
        let error = world.error("CreateLoginProfile", json!({"UserName": "No", "Password": "x"})).await;
        assert_eq!(error.0, "NoSuchEntityException");
        let error = world.error("CreateLoginProfile", json!({"Password": "Correct-horse-1"})).await;
        assert_eq!(error.0, "ValidationException", "the root user has none");
    }
}
