//! `DeleteLoginProfile`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteLoginProfile.html>
//!
//! Takes a password from a user: the named one, or the caller.

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::passwords;
use crate::records::User;
use crate::repo;
use crate::service::Iam;
use crate::subject::About;

impl Handler<Iam> for operations::DeleteLoginProfile {
    const ACCESS: Access = Access::write("iam:DeleteLoginProfile");
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
        let (user, _) = passwords::of(target)?;
        let mut writes = WriteSet::new();
        repo::replace(&mut writes, cx.account(), user, &User { password: None, ..user.record.clone() });
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
        world.call("CreateLoginProfile", json!({"UserName": "Bob", "Password": "Correct-horse-1"})).await;
        let input = json!({"UserName": "Bob"});
        let (action, resource) = world.demands("DeleteLoginProfile", input.clone()).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:DeleteLoginProfile", "arn:aws:iam::111122223333:user/Bob")
        );
        world.call("DeleteLoginProfile", input.clone()).await;
        assert_eq!(world.error("GetLoginProfile", input.clone()).await.0, "NoSuchEntityException");
        assert_eq!(world.error("DeleteLoginProfile", input).await.0, "NoSuchEntityException");
    }
}
