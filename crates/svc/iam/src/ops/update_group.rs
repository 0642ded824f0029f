//! `UpdateGroup`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateGroup.html>
//!
//! Renames a group or moves it to another path. Both ARNs are asked about, as AWS documents it.

use garrison_api_iam::operations;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::entity::Named;
use crate::error;
use crate::names;
use crate::records::Group;
use crate::repo;
use crate::service::Iam;

/// The group as it is and as it shall be.
#[derive(Debug)]
pub struct Update {
    group: Named<Group>,
    changed: Option<Group>,
}

impl Handler<Iam> for operations::UpdateGroup {
    const ACCESS: Access = Access::write("iam:UpdateGroup");
    type Target = Update;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let group = Named::<Group>::find(iam, cx, &input.group_name).await?;
        let path = input.new_path.as_deref().map(|path| names::path(Some(path))).transpose()?;
        if let Some(name) = &input.new_group_name {
            names::check("newGroupName", name, 128)?;
        }
        let check = group.check();
        let changed = group.get().ok().map(|old| Group {
            name: input.new_group_name.clone().unwrap_or_else(|| old.name.clone()),
            path: path.unwrap_or_else(|| old.path.clone()),
            ..old.record.clone()
        });
        let renamed = changed.as_ref().map(|group| group.arn(cx.partition(), cx.account()));
        let other = renamed.filter(|arn| arn != group.arn()).map(|arn| Check::resource(arn, cx.account()));
        let mut resolved = Resolved::new(Update { group, changed }, check);
        resolved.checks.extend(other);
        Ok(resolved)
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let old = target.group.get()?;
        let Some(changed) = &target.changed else { return Err(error::not_found("group", &input.group_name)) };
        let taken = !changed.name.eq_ignore_ascii_case(&old.name)
            && iam.repo().get::<Group>(cx.account(), &changed.name).await?.is_some();
        if taken {
            return Err(error::already_exists("Group", &changed.name));
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
        world.call("CreateGroup", json!({"GroupName": "G"})).await;
        world.call("CreateGroup", json!({"GroupName": "H"})).await;
        let input = json!({"GroupName": "G", "NewGroupName": "Other", "NewPath": "/b/"});
        let (action, resource) = world.demands("UpdateGroup", input.clone()).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:UpdateGroup", "arn:aws:iam::111122223333:group/G")
        );
        world.call("UpdateGroup", input).await;
        let group = world.call("GetGroup", json!({"GroupName": "other"})).await;
        assert_eq!(group["Group"]["Arn"], "arn:aws:iam::111122223333:group/b/Other");
        for (input, error) in [
            (json!({"GroupName": "G", "NewPath": "/b/"}), "NoSuchEntityException"),
            (json!({"GroupName": "Other", "NewGroupName": "h"}), "EntityAlreadyExistsException"),
            (json!({"GroupName": "Other", "NewPath": "b"}), "ValidationException"),
        ] {
            assert_eq!(world.error("UpdateGroup", input.clone()).await.0, error, "{input}");
        }
    }
}
