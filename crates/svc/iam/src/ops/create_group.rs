//! `CreateGroup`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html>
//!
//! Makes a group.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::error;
use crate::groups;
use crate::names::{self, IdPrefix};
use crate::quota;
use crate::records::{Group, Policies, Time};
use crate::repo;
use crate::service::Iam;

impl Handler<Iam> for operations::CreateGroup {
    const ACCESS: Access = Access::write("iam:CreateGroup");
    type Target = String;

    async fn resolve(_: &Iam, cx: &Context, input: &Self::Input) -> Result<Resolved<Self::Target>, ApiError> {
        let path = names::path(input.path.as_deref())?;
        names::check("groupName", &input.group_name, 128)?;
        let arn = names::arn(cx.partition(), cx.account(), "group", &path, &input.group_name);
        Ok(Resolved::new(path, Check::resource(arn, cx.account())))
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let account = cx.account();
        if iam.repo().get::<Group>(account, &input.group_name).await?.is_some() {
            return Err(error::already_exists("Group", &input.group_name));
        }
        quota::GROUPS_PER_ACCOUNT.ensure_room(iam.repo().count::<Group>(account).await?)?;
        let group = Group {
            name: input.group_name.clone(),
            path: target.clone(),
            id: names::unique_id(iam.kernel().rng(), IdPrefix::Group),
            created: Time::of(cx),
            policies: Policies::default(),
        };
        let mut writes = WriteSet::new();
        repo::create(&mut writes, account, &group);
        Ok(Reply::with_writes(types::CreateGroupResponse { group: groups::to_api(&group, cx) }, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        let input = json!({"GroupName": "Admins", "Path": "/a/"});
        let (action, resource) = world.demands("CreateGroup", input.clone()).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:CreateGroup", "arn:aws:iam::111122223333:group/a/Admins")
        );
        let group = &world.call("CreateGroup", input).await["Group"];
        assert_eq!(group["Arn"], "arn:aws:iam::111122223333:group/a/Admins");
        assert!(group["GroupId"].as_str().unwrap().starts_with("AGPA"));
        let error = world.error("CreateGroup", json!({"GroupName": "admins"})).await;
        assert_eq!(
            error,
            ("EntityAlreadyExistsException", "Group with name admins already exists.".to_owned())
        );
        assert_eq!(world.error("CreateGroup", json!({"GroupName": "a b"})).await.0, "ValidationException");
        assert_eq!(
            world.error("CreateGroup", json!({"GroupName": "a", "Path": "a"})).await.0,
            "ValidationException"
        );
    }

    #[tokio::test]
    async fn there_is_a_quota() {
        let world = World::new();
        for i in 0..300 {
            world.call("CreateGroup", json!({"GroupName": format!("g{i}")})).await;
        }
        let error = world.error("CreateGroup", json!({"GroupName": "one-more"})).await;
        assert_eq!(
            error,
            ("LimitExceededException", "Cannot exceed quota for GroupsPerAccount: 300".to_owned())
        );
    }
}
