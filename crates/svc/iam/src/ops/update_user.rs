//! `UpdateUser`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html>
//!
//! Renames a user or moves it to another path. Both ARNs are asked about, as AWS documents it.

use garrison_api_iam::operations;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::entity::Named;
use crate::error;
use crate::names;
use crate::records::User;
use crate::repo;
use crate::service::Iam;

/// The user as it is and as it shall be.
#[derive(Debug)]
pub struct Update {
    user: Named<User>,
    changed: Option<User>,
}

impl Handler<Iam> for operations::UpdateUser {
    const ACCESS: Access = Access::write("iam:UpdateUser");
    type Target = Update;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let user = Named::<User>::find(iam, cx, &input.user_name).await?;
        let path = input.new_path.as_deref().map(|path| names::path(Some(path))).transpose()?;
        if let Some(name) = &input.new_user_name {
            names::check("newUserName", name, 64)?;
        }
        let check = user.check();
        let changed = user.get().ok().map(|old| User {
            name: input.new_user_name.clone().unwrap_or_else(|| old.name.clone()),
            path: path.unwrap_or_else(|| old.path.clone()),
            ..old.record.clone()
        });
        let renamed = changed.as_ref().map(|user| user.arn(cx.partition(), cx.account()));
        let other = renamed.filter(|arn| arn != user.arn()).map(|arn| Check::resource(arn, cx.account()));
        let mut resolved = Resolved::new(Update { user, changed }, check);
        resolved.checks.extend(other);
        Ok(resolved)
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        _: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.user.keys().get(key)
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let old = target.user.get()?;
        let Some(changed) = &target.changed else { return Err(error::not_found("user", &input.user_name)) };
        let taken = !changed.name.eq_ignore_ascii_case(&old.name)
            && iam.repo().get::<User>(cx.account(), &changed.name).await?.is_some();
        if taken {
            return Err(error::already_exists("User", &changed.name));
        }
        let mut writes = WriteSet::new();
        repo::replace(&mut writes, cx.account(), old, changed);
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
        let made = world.call("CreateUser", json!({"UserName": "Bob"})).await;
        let input = json!({"UserName": "Bob", "NewUserName": "Alice", "NewPath": "/b/"});
        let (action, resource) = world.demands("UpdateUser", input.clone()).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:UpdateUser", "arn:aws:iam::111122223333:user/Bob")
        );
        world.call("UpdateUser", input).await;
        let user = world.call("GetUser", json!({"UserName": "Alice"})).await;
        assert_eq!(user["User"]["Arn"], "arn:aws:iam::111122223333:user/b/Alice");
        assert_eq!(user["User"]["UserId"], made["User"]["UserId"]);
        assert_eq!(world.error("GetUser", json!({"UserName": "Bob"})).await.0, "NoSuchEntityException");
        world.call("UpdateUser", json!({"UserName": "alice", "NewUserName": "ALICE"})).await;
        let user = world.call("GetUser", json!({"UserName": "alice"})).await;
        assert_eq!(user["User"]["UserName"], "ALICE", "only the case changes");
    }

    #[tokio::test]
    async fn what_cannot_be_is_refused() {
        let world = World::new();
        for name in ["Bob", "Eve"] {
            world.call("CreateUser", json!({"UserName": name})).await;
        }
        for (input, error) in [
            (json!({"UserName": "Nobody", "NewPath": "/b/"}), "NoSuchEntityException"),
            (json!({"UserName": "Bob", "NewUserName": "EVE"}), "EntityAlreadyExistsException"),
            (json!({"UserName": "Bob", "NewPath": "b"}), "ValidationException"),
            (json!({"UserName": "Bob", "NewUserName": "a b"}), "ValidationException"),
        ] {
            assert_eq!(world.error("UpdateUser", input.clone()).await.0, error, "{input}");
        }
    }
}
