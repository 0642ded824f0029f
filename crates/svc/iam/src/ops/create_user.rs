//! `CreateUser`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html>
//!
//! Makes a user. With tags the caller needs `iam:TagUser` as well.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::attachments;
use crate::condition::Keys;
use crate::error;
use crate::names::{self, IdPrefix};
use crate::quota;
use crate::records::{Policies, Time, User};
use crate::repo;
use crate::service::Iam;
use crate::tagging;
use crate::users;

/// What the input says, checked.
#[derive(Debug)]
pub struct NewUser {
    path: String,
    tag_keys: Vec<String>,
}

impl Handler<Iam> for operations::CreateUser {
    const ACCESS: Access = Access::write("iam:CreateUser");
    type Target = NewUser;

    async fn resolve(_: &Iam, cx: &Context, input: &Self::Input) -> Result<Resolved<Self::Target>, ApiError> {
        let path = names::path(input.path.as_deref())?;
        names::check("userName", &input.user_name, 64)?;
        let arn = names::arn(cx.partition(), cx.account(), "user", &path, &input.user_name);
        let target = NewUser { path, tag_keys: tagging::keys(input.tags.as_deref()) };
        let check = Check::resource(arn, cx.account());
        Ok(tagging::resolved(target, check, "iam:TagUser", input.tags.as_deref()))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        input: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        Keys {
            permissions_boundary: input.permissions_boundary.as_deref(),
            request_tags: input.tags.as_deref(),
            tag_keys: &target.tag_keys,
            ..Keys::default()
        }
        .get(key)
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let account = cx.account();
        if iam.repo().get::<User>(account, &input.user_name).await?.is_some() {
            return Err(error::already_exists("User", &input.user_name));
        }
        quota::USERS_PER_ACCOUNT.ensure_room(iam.repo().count::<User>(account).await?)?;
        let mut user = User {
            name: input.user_name.clone(),
            path: target.path.clone(),
            id: names::unique_id(iam.kernel().rng(), IdPrefix::User),
            created: Time::of(cx),
            tags: tagging::of_new(input.tags.as_deref())?,
            boundary: None,
            policies: Policies::default(),
            groups: Vec::new(),
            access_keys: Vec::new(),
            mfa_devices: Vec::new(),
            password: None,
            other_credentials: Vec::new(),
        };
        let mut writes = WriteSet::new();
        if let Some(arn) = &input.permissions_boundary {
            attachments::set_boundary(iam, cx, &mut user, arn, &mut writes).await?;
        }
        repo::create(&mut writes, account, &user);
        let user = Some(users::whole(&user, cx));
        Ok(Reply::with_writes(types::CreateUserResponse { user }, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        let input = json!({"UserName": "Bob", "Path": "/a/", "Tags": [{"Key": "Team", "Value": "x"}]});
        let (action, resource) = world.demands("CreateUser", input.clone()).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:CreateUser", "arn:aws:iam::111122223333:user/a/Bob")
        );
        let user = &world.call("CreateUser", input.clone()).await["User"];
        assert_eq!(user["Arn"], "arn:aws:iam::111122223333:user/a/Bob");
        assert_eq!((&user["UserName"], &user["Path"]), (&json!("Bob"), &json!("/a/")));
        assert_eq!(user["Tags"], json!([{"Key": "Team", "Value": "x"}]));
        let id = user["UserId"].as_str().unwrap();
        assert!(id.starts_with("AIDA") && id.len() == 21, "{id}");
        let own = world.policy("Own").await;
        let bounded = json!({"UserName": "Eve", "PermissionsBoundary": own});
        let user = &world.call("CreateUser", bounded).await["User"];
        assert_eq!(
            user["PermissionsBoundary"],
            json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": own})
        );
    }

    #[tokio::test]
    async fn what_cannot_be_is_refused() {
        let world = World::new();
        world.call("CreateUser", json!({"UserName": "Bob"})).await;
        let error = world.error("CreateUser", json!({"UserName": "bOB"})).await;
        assert_eq!(error, ("EntityAlreadyExistsException", "User with name bOB already exists.".to_owned()));
        for (input, error) in [
            (json!({"UserName": "a b"}), "ValidationException"),
            (json!({"UserName": "a", "Path": "a"}), "ValidationException"),
            (json!({"UserName": "a", "Tags": [{"Key": "aws:a", "Value": ""}]}), "InvalidInputException"),
            (
                json!({"UserName": "a", "PermissionsBoundary": "arn:aws:iam::aws:policy/No"}),
                "NoSuchEntityException",
            ),
        ] {
            assert_eq!(world.error("CreateUser", input.clone()).await.0, error, "{input}");
        }
    }
}
