//! `DeletePolicy`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html>

use garrison_api_iam::{errors as api, operations};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::attachments;
use crate::managed_policies::NamedPolicy;
use crate::repo;
use crate::service::Iam;

impl Handler<Iam> for operations::DeletePolicy {
    const ACCESS: Access = Access::write("iam:DeletePolicy");
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
        iam: &Iam,
        cx: &Context,
        _: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let policy = target.customer()?;
        let (account, mut writes) = (cx.account(), WriteSet::new());
        attachments::require_unused(iam, account, &policy.id, &mut writes).await?;
        if policy.versions.len() > 1 {
            return Err(api::delete_conflict_exception(
                "This policy has more than one version. Before you delete a policy, you must delete the policy's \
                 versions. The default version is deleted with the policy.",
            ));
        }
        repo::delete(&mut writes, account, policy);
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    fn input(name: &str) -> serde_json::Value {
        json!({"PolicyArn": format!("arn:aws:iam::111122223333:policy/{name}")})
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.policy("Bob").await;
        world.role("App").await;
        let attached = json!({"RoleName": "App", "PolicyArn": input("Bob")["PolicyArn"]});
        world.call("AttachRolePolicy", attached.clone()).await;
        let used = "Cannot delete a policy attached to entities.".to_owned();
        assert_eq!(world.error("DeletePolicy", input("Bob")).await, ("DeleteConflictException", used));
        world.call("DetachRolePolicy", attached).await;
        let mut version = input("Bob");
        version["PolicyDocument"] = crate::testing::DOCUMENT.into();
        world.call("CreatePolicyVersion", version).await;
        let (error, message) = world.error("DeletePolicy", input("Bob")).await;
        assert_eq!(error, "DeleteConflictException");
        assert!(message.starts_with("This policy has more than one version."), "{message}");
        let mut version = input("Bob");
        version["VersionId"] = "v2".into();
        world.call("DeletePolicyVersion", version).await;
        let (action, resource) = world.demands("DeletePolicy", input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:DeletePolicy", "arn:aws:iam::111122223333:policy/Bob")
        );
        world.call("DeletePolicy", input("Bob")).await;
        assert_eq!(world.error("GetPolicy", input("Bob")).await.0, "NoSuchEntityException");
        assert_eq!(
            world.error("DeletePolicy", input("Nobody")).await,
            (
                "NoSuchEntityException",
                "Policy arn:aws:iam::111122223333:policy/Nobody was not found.".to_owned()
            )
        );
        let invalid = world.error("DeletePolicy", json!({"PolicyArn": "arn:aws:iam::aws:role/X"})).await;
        assert_eq!(
            invalid,
            ("InvalidInputException", "ARN arn:aws:iam::aws:role/X is not valid.".to_owned())
        );
        let aws = world
            .error("DeletePolicy", json!({"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}))
            .await;
        assert_eq!(aws.0, "InvalidInputException");
    }
}
