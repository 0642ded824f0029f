//! `UpdateAssumeRolePolicy`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html>

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::entity::Named;
use crate::records::Role;
use crate::repo;
use crate::roles;
use crate::service::Iam;

impl Handler<Iam> for operations::UpdateAssumeRolePolicy {
    const ACCESS: Access = Access::write("iam:UpdateAssumeRolePolicy");
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
        let found = target.modifiable()?;
        roles::ensure_trust(&input.policy_document)?;
        let mut changed = found.record.clone();
        changed.trust.clone_from(&input.policy_document);
        let mut writes = WriteSet::new();
        repo::replace(&mut writes, cx.account(), found, &changed);
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    fn input(name: &str) -> serde_json::Value {
        json!({"RoleName": name, "PolicyDocument": crate::testing::TRUST.replace("ec2", "lambda")})
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.role("Bob").await;
        world.call("UpdateAssumeRolePolicy", input("Bob")).await;
        let role = world.call("GetRole", json!({"RoleName": "Bob"})).await;
        assert!(role["Role"]["AssumeRolePolicyDocument"].as_str().unwrap().contains("lambda.amazonaws.com"));
        let bad =
            world.error("UpdateAssumeRolePolicy", json!({"RoleName": "Bob", "PolicyDocument": "{}"})).await;
        assert_eq!(bad.0, "MalformedPolicyDocumentException");
        let long = crate::testing::TRUST.replace("ec2", &"x".repeat(2048));
        let long =
            world.error("UpdateAssumeRolePolicy", json!({"RoleName": "Bob", "PolicyDocument": long})).await;
        assert_eq!(
            long,
            ("LimitExceededException", "Cannot exceed quota for ACLSizePerRole: 2048".to_owned())
        );
        assert_eq!(
            world.error("UpdateAssumeRolePolicy", input("Nobody")).await,
            ("NoSuchEntityException", "The role with name Nobody cannot be found.".to_owned())
        );
        let linked = world.service_linked_role().await;
        assert_eq!(
            world.error("UpdateAssumeRolePolicy", input(&linked)).await.0,
            "UnmodifiableEntityException"
        );
        let (action, resource) = world.demands("UpdateAssumeRolePolicy", input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:UpdateAssumeRolePolicy", "arn:aws:iam::111122223333:role/Bob")
        );
    }
}
