//! `UntagPolicy`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagPolicy.html>

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::condition::Keys;
use crate::managed_policies::NamedPolicy;
use crate::repo;
use crate::service::Iam;
use crate::tagging;

impl Handler<Iam> for operations::UntagPolicy {
    const ACCESS: Access = Access::write("iam:UntagPolicy");
    type Target = NamedPolicy;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        NamedPolicy::resolve(iam, cx, &input.policy_arn).await
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
        let found = target.customer()?;
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
        let mut input = json!({"PolicyArn": format!("arn:aws:iam::111122223333:policy/{name}")});
        for (member, value) in rest {
            input[*member] = value.clone();
        }
        input
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.policy("Bob").await;
        let tags = json!([{"Key": "Team", "Value": "a"}, {"Key": "Stage", "Value": ""}]);
        world.call("TagPolicy", input("Bob", &[("Tags", tags)])).await;
        let keys = [("TagKeys", json!(["team", "absent"]))];
        let (action, resource) = world.demands("UntagPolicy", input("Bob", &keys)).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:UntagPolicy", "arn:aws:iam::111122223333:policy/Bob")
        );
        world.call("UntagPolicy", input("Bob", &keys)).await;
        let found = world.call("ListPolicyTags", input("Bob", &[])).await;
        assert_eq!(found["Tags"], json!([{"Key": "Stage", "Value": ""}]));
        let missing = world.error("UntagPolicy", input("Nobody", &keys)).await;
        assert_eq!(
            missing,
            (
                "NoSuchEntityException",
                "Policy arn:aws:iam::111122223333:policy/Nobody was not found.".to_owned()
            )
        );
        let reserved = world.error("UntagPolicy", input("Bob", &[("TagKeys", json!(["aws:x"]))])).await;
        assert_eq!(reserved.0, "InvalidInputException");
    }
}
