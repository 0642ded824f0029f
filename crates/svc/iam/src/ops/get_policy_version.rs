//! `GetPolicyVersion`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html>
//!
//! The document is percent-encoded. Of AWS's policies only the default version is known.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::documents;
use crate::managed_policies::{self, Managed, NamedPolicy};
use crate::service::Iam;

impl Handler<Iam> for operations::GetPolicyVersion {
    const ACCESS: Access = Access::read("iam:GetPolicyVersion");
    type Target = NamedPolicy;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let policy = NamedPolicy::find(iam, cx, &input.policy_arn).await?;
        let words = format!("policy {} version {}", input.policy_arn, input.version_id);
        let check = policy.check().shown_as(words);
        Ok(Resolved::new(policy, check))
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
        _: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let missing = || managed_policies::version_not_found(&target.arn, &input.version_id);
        let version = match target.get()? {
            Managed::Aws(policy) if policy.version == input.version_id => types::PolicyVersion {
                document: Some(documents::encoded(&policy.document(target.partition()))),
                version_id: Some(policy.version.to_owned()),
                is_default_version: Some(true),
                create_date: Some(policy.updated),
            },
            Managed::Aws(_) => return Err(missing()),
            Managed::Customer(policy) => {
                let version = policy.version(&input.version_id).ok_or_else(missing)?;
                types::PolicyVersion {
                    document: Some(documents::encoded(&version.document)),
                    ..managed_policies::version_to_api(version, version.number == policy.default)
                }
            }
        };
        Ok(Reply::new(types::GetPolicyVersionResponse { policy_version: Some(version) }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    fn input(name: &str) -> serde_json::Value {
        json!({"PolicyArn": format!("arn:aws:iam::111122223333:policy/{name}"), "VersionId": "v1"})
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.policy("Bob").await;
        let found = world.call("GetPolicyVersion", input("Bob")).await["PolicyVersion"].clone();
        assert_eq!((&found["VersionId"], &found["IsDefaultVersion"]), (&json!("v1"), &json!(true)));
        assert!(found["Document"].as_str().unwrap().starts_with("%7B%22Version%22%3A%222012-10-17%22"));
        let aws = "arn:aws:iam::aws:policy/AdministratorAccess";
        let found = world.call("GetPolicyVersion", json!({"PolicyArn": aws, "VersionId": "v1"})).await;
        assert!(found["PolicyVersion"]["Document"].as_str().unwrap().contains("%22Action%22%3A%22%2A%22"));
        for arn in [aws, "arn:aws:iam::111122223333:policy/Bob"] {
            let absent = world.error("GetPolicyVersion", json!({"PolicyArn": arn, "VersionId": "v9"})).await;
            assert_eq!(absent.0, "NoSuchEntityException");
        }
        assert_eq!(
            world.error("GetPolicyVersion", input("Nobody")).await,
            (
                "NoSuchEntityException",
                "Policy arn:aws:iam::111122223333:policy/Nobody was not found.".to_owned()
            )
        );
        let (action, resource) = world.demands("GetPolicyVersion", input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:GetPolicyVersion", "arn:aws:iam::111122223333:policy/Bob")
        );
        let invalid = world
            .error("GetPolicyVersion", json!({"PolicyArn": "arn:aws:iam::aws:role/X", "VersionId": "v1"}))
            .await;
        assert_eq!(
            invalid,
            ("InvalidInputException", "ARN arn:aws:iam::aws:role/X is not valid.".to_owned())
        );
    }
}
