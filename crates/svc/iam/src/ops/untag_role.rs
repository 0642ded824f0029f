//! `UntagRole`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagRole.html>

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::condition::Keys;
use crate::entity::Named;
use crate::records::Role;
use crate::repo;
use crate::service::Iam;
use crate::tagging;

impl Handler<Iam> for operations::UntagRole {
    const ACCESS: Access = Access::write("iam:UntagRole");
    type Target = Named<Role>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        Named::resolve(iam, cx, &input.role_name).await
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        input: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        Keys { tag_keys: &input.tag_keys, ..target.keys() }.get(key)
    }

    async fn execute(
        _: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let found = target.get()?;
        let mut changed = found.record.clone();
        tagging::remove(&mut changed.tags, &input.tag_keys)?;
        let mut writes = WriteSet::new();
        repo::replace(&mut writes, cx.account(), found, &changed);
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    fn input(name: &str, rest: &[(&str, serde_json::Value)]) -> serde_json::Value {
        let mut input = json!({"RoleName": name});
        for (member, value) in rest {
            input[*member] = value.clone();
        }
        input
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.role("Bob").await;
        let tags = json!([{"Key": "Team", "Value": "a"}, {"Key": "Stage", "Value": ""}]);
        world.call("TagRole", input("Bob", &[("Tags", tags)])).await;
        let keys = [("TagKeys", json!(["team", "absent"]))];
        let (action, resource) = world.demands("UntagRole", input("Bob", &keys)).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:UntagRole", "arn:aws:iam::111122223333:role/Bob")
        );
        world.call("UntagRole", input("Bob", &keys)).await;
        let found = world.call("ListRoleTags", input("Bob", &[])).await;
        assert_eq!(found["Tags"], json!([{"Key": "Stage", "Value": ""}]));
        let missing = world.error("UntagRole", input("Nobody", &keys)).await;
        assert_eq!(
            missing,
            ("NoSuchEntityException", "The role with name Nobody cannot be found.".to_owned())
        );
        let reserved = world.error("UntagRole", input("Bob", &[("TagKeys", json!(["aws:x"]))])).await;
        assert_eq!(reserved.0, "InvalidInputException");
        let linked = world.service_linked_role().await;
        world.call("TagRole", input(&linked, &[("Tags", json!([{"Key": "Team", "Value": "a"}]))])).await;
        world.call("UntagRole", input(&linked, &keys)).await;
        assert_eq!(world.call("ListRoleTags", input(&linked, &[])).await["Tags"], json!([]));
    }
}
