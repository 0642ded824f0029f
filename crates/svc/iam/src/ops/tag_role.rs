//! `TagRole`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagRole.html>
//!
//! A service-linked role can be tagged like every other.

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

/// What is tagged, and with which keys.
#[derive(Debug)]
pub struct Tagged {
    entity: Named<Role>,
    tag_keys: Vec<String>,
}

impl Handler<Iam> for operations::TagRole {
    const ACCESS: Access = Access::write("iam:TagRole");
    type Target = Tagged;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let entity = Named::find(iam, cx, &input.role_name).await?;
        let check = entity.check();
        Ok(Resolved::new(Tagged { entity, tag_keys: tagging::keys(Some(&input.tags)) }, check))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        input: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        Keys { request_tags: Some(&input.tags), tag_keys: &target.tag_keys, ..target.entity.keys() }.get(key)
    }

    async fn execute(
        _: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let found = target.entity.get()?;
        let mut changed = found.record.clone();
        tagging::add(&mut changed.tags, &input.tags)?;
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
        let over = [("Tags", json!([{"Key": "team", "Value": "b"}]))];
        world.call("TagRole", input("Bob", &over)).await;
        let found = world.call("ListRoleTags", input("Bob", &[])).await;
        assert_eq!(found["Tags"], json!([{"Key": "team", "Value": "b"}, {"Key": "Stage", "Value": ""}]));
        let (action, resource) = world.demands("TagRole", input("Bob", &over)).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:TagRole", "arn:aws:iam::111122223333:role/Bob")
        );
        let missing = world.error("TagRole", input("Nobody", &over)).await;
        assert_eq!(
            missing,
            ("NoSuchEntityException", "The role with name Nobody cannot be found.".to_owned())
        );
        let reserved = [("Tags", json!([{"Key": "aws:x", "Value": ""}]))];
        assert_eq!(world.error("TagRole", input("Bob", &reserved)).await.0, "InvalidInputException");
        let many = (0..50).map(|i| json!({"Key": format!("k{i}"), "Value": ""})).collect::<Vec<_>>();
        assert_eq!(
            world.error("TagRole", input("Bob", &[("Tags", json!(many))])).await.0,
            "LimitExceededException"
        );
        let linked = world.service_linked_role().await;
        world.call("TagRole", input(&linked, &over)).await;
        let found = world.call("ListRoleTags", input(&linked, &[])).await;
        assert_eq!(found["Tags"], json!([{"Key": "team", "Value": "b"}]));
    }
}
