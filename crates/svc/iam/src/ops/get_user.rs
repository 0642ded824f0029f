//! `GetUser`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html>
//!
//! Shows a user: the named one, or the caller, which may be the root user.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::service::Iam;
use crate::subject::{About, Subject};
use crate::users;

impl Handler<Iam> for operations::GetUser {
    const ACCESS: Access = Access::read("iam:GetUser");
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
        cx: &Context,
        _: &Self::Input,
        About(target): &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let user = match target {
            Subject::Root { .. } => users::root(cx),
            Subject::User(user) => users::whole(user.get()?, cx),
        };
        Ok(Reply::new(types::GetUserResponse { user }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.call("CreateUser", json!({"UserName": "Bob", "Path": "/a/"})).await;
        let user = &world.call("GetUser", json!({"UserName": "BOB"})).await["User"];
        assert_eq!(user["Arn"], "arn:aws:iam::111122223333:user/a/Bob");
        assert!(user.get("Tags").is_none() && user.get("PasswordLastUsed").is_none());
        let root = &world.call("GetUser", json!({})).await["User"];
        assert_eq!(root["Arn"], "arn:aws:iam::111122223333:root");
        assert_eq!(root["UserId"], "111122223333");
        let (action, resource) = world.demands("GetUser", json!({})).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:GetUser", "arn:aws:iam::111122223333:user/nobody")
        );
        let error = world.error("GetUser", json!({"UserName": "Eve"})).await;
        assert_eq!(error, ("NoSuchEntityException", "The user with name Eve cannot be found.".to_owned()));
    }
}
