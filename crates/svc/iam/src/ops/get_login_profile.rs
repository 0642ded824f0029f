//! `GetLoginProfile`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetLoginProfile.html>
//!
//! Shows since when a user has a password: the named one, or the caller.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::passwords;
use crate::service::Iam;
use crate::subject::About;

impl Handler<Iam> for operations::GetLoginProfile {
    const ACCESS: Access = Access::read("iam:GetLoginProfile");
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
        _: &Iam,
        _: &Context,
        _: &Self::Input,
        About(target): &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (user, password) = passwords::of(target)?;
        let login_profile = types::LoginProfile {
            user_name: user.name.clone(),
            create_date: password.created.0,
            password_reset_required: Some(password.reset_required),
        };
        Ok(Reply::new(types::GetLoginProfileResponse { login_profile }))
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
        let input = json!({"UserName": "Bob"});
        let error = world.error("GetLoginProfile", input.clone()).await;
        assert_eq!(
            error,
            ("NoSuchEntityException", "Login Profile for User Bob cannot be found.".to_owned())
        );
        world.call("CreateLoginProfile", json!({"UserName": "Bob", "Password": "Correct-horse-1"})).await;
        let profile = &world.call("GetLoginProfile", input.clone()).await["LoginProfile"];
        assert_eq!((&profile["UserName"], &profile["PasswordResetRequired"]), (&json!("Bob"), &json!(false)));
        assert_eq!(profile["CreateDate"].as_f64(), Some(1_800_000_000.0));
        let (action, resource) = world.demands("GetLoginProfile", input).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:GetLoginProfile", "arn:aws:iam::111122223333:user/Bob")
        );
        assert_eq!(world.error("GetLoginProfile", json!({})).await.0, "NoSuchEntityException", "root's");
        assert_eq!(
            world.error("GetLoginProfile", json!({"UserName": "No"})).await.0,
            "NoSuchEntityException"
        );
    }
}
