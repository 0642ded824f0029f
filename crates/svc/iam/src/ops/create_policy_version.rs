//! `CreatePolicyVersion`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html>

use garrison_api_iam::{errors as api, operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::managed_policies::{self, MAX_VERSIONS, NamedPolicy};
use crate::records::{PolicyVersion, Time};
use crate::repo;
use crate::service::Iam;

impl Handler<Iam> for operations::CreatePolicyVersion {
    const ACCESS: Access = Access::write("iam:CreatePolicyVersion");
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
        managed_policies::ensure_document(&input.policy_document)?;
        if policy.versions.len() >= MAX_VERSIONS {
            return Err(api::limit_exceeded_exception(
                "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing \
                 version.",
            ));
        }
        let mut changed = policy.record.clone();
        let (number, now) = (changed.last + 1, Time::of(cx));
        changed.last = number;
        changed.updated = now;
        if input.set_as_default == Some(true) {
            changed.default = number;
        }
        let version = PolicyVersion { number, created: now, document: input.policy_document.clone() };
        let shown = managed_policies::version_to_api(&version, number == changed.default);
        changed.versions.push(version);
        let mut writes = WriteSet::new();
        repo::replace(&mut writes, cx.account(), policy, &changed);
        Ok(Reply::with_writes(types::CreatePolicyVersionResponse { policy_version: Some(shown) }, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    fn input(name: &str) -> serde_json::Value {
        json!({"PolicyArn": format!("arn:aws:iam::111122223333:policy/{name}"), "PolicyDocument": crate::testing::DOCUMENT})
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.policy("Bob").await;
        let made = world.call("CreatePolicyVersion", input("Bob")).await["PolicyVersion"].clone();
        assert_eq!((&made["VersionId"], &made["IsDefaultVersion"]), (&json!("v2"), &json!(false)));
        let mut default = input("Bob");
        default["SetAsDefault"] = true.into();
        let made = world.call("CreatePolicyVersion", default).await["PolicyVersion"].clone();
        assert_eq!((&made["VersionId"], &made["IsDefaultVersion"]), (&json!("v3"), &json!(true)));
        world
            .call("DeletePolicyVersion", json!({"PolicyArn": input("Bob")["PolicyArn"], "VersionId": "v2"}))
            .await;
        for expected in ["v4", "v5", "v6"] {
            let made = world.call("CreatePolicyVersion", input("Bob")).await;
            assert_eq!(made["PolicyVersion"]["VersionId"], expected, "no number comes twice");
        }
        let (error, message) = world.error("CreatePolicyVersion", input("Bob")).await;
        assert_eq!(error, "LimitExceededException");
        assert!(message.starts_with("A managed policy can have up to 5 versions."), "{message}");
        let mut bad = input("Bob");
        bad["PolicyDocument"] = "{}".into();
        assert_eq!(world.error("CreatePolicyVersion", bad).await.0, "MalformedPolicyDocumentException");
        assert_eq!(
            world.error("CreatePolicyVersion", input("Nobody")).await,
            (
                "NoSuchEntityException",
                "Policy arn:aws:iam::111122223333:policy/Nobody was not found.".to_owned()
            )
        );
        let (action, resource) = world.demands("CreatePolicyVersion", input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:CreatePolicyVersion", "arn:aws:iam::111122223333:policy/Bob")
        );
        let invalid = world
            .error(
                "CreatePolicyVersion",
                json!({"PolicyArn": "arn:aws:iam::aws:role/X", "PolicyDocument": "{}"}),
            )
            .await;
        assert_eq!(
            invalid,
            ("InvalidInputException", "ARN arn:aws:iam::aws:role/X is not valid.".to_owned())
        );
        let aws = world
            .error(
                "CreatePolicyVersion",
                json!({"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess", "PolicyDocument": "{}"}),
            )
            .await;
        assert_eq!(aws.0, "InvalidInputException");
    }
}
