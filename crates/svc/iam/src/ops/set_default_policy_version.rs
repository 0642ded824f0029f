//! `SetDefaultPolicyVersion`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html>

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::managed_policies::{self, NamedPolicy};
use crate::records::Time;
use crate::repo;
use crate::service::Iam;

impl Handler<Iam> for operations::SetDefaultPolicyVersion {
    const ACCESS: Access = Access::write("iam:SetDefaultPolicyVersion");
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
        _: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.keys().get(key)
    }

    async fn execute(
        _: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let policy = target.customer()?;
        let version = policy.version(&input.version_id);
        let number = version
            .ok_or_else(|| managed_policies::version_not_found(&target.arn, &input.version_id))?
            .number;
        let mut changed = policy.record.clone();
        changed.default = number;
        changed.updated = Time::of(cx);
        let mut writes = WriteSet::new();
        repo::replace(&mut writes, cx.account(), policy, &changed);
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    fn input(name: &str) -> serde_json::Value {
        json!({"PolicyArn": format!("arn:aws:iam::111122223333:policy/{name}"), "VersionId": "v2"})
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        let arn = world.policy("Bob").await;
        assert_eq!(world.error("SetDefaultPolicyVersion", input("Bob")).await.0, "NoSuchEntityException");
        let version = json!({"PolicyArn": arn, "PolicyDocument": crate::testing::DOCUMENT});
        world.call("CreatePolicyVersion", version).await;
        world.call("SetDefaultPolicyVersion", input("Bob")).await;
        let found = world.call("GetPolicy", json!({"PolicyArn": arn})).await;
        assert_eq!(found["Policy"]["DefaultVersionId"], "v2");
        assert_eq!(
            world.error("SetDefaultPolicyVersion", input("Nobody")).await,
            (
                "NoSuchEntityException",
                "Policy arn:aws:iam::111122223333:policy/Nobody was not found.".to_owned()
            )
        );
        let (action, resource) = world.demands("SetDefaultPolicyVersion", input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:SetDefaultPolicyVersion", "arn:aws:iam::111122223333:policy/Bob")
        );
        let invalid = world
            .error(
                "SetDefaultPolicyVersion",
                json!({"PolicyArn": "arn:aws:iam::aws:role/X", "VersionId": "v2"}),
            )
            .await;
        assert_eq!(
            invalid,
            ("InvalidInputException", "ARN arn:aws:iam::aws:role/X is not valid.".to_owned())
        );
        let aws = world
            .error(
                "SetDefaultPolicyVersion",
                json!({"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess", "VersionId": "v1"}),
            )
            .await;
        assert_eq!(aws.0, "InvalidInputException");
    }
}
