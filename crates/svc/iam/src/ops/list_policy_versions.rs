//! `ListPolicyVersions`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyVersions.html>
//!
//! Newest first. Of AWS's policies only the default version is known.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::managed_policies::{self, Managed, NamedPolicy};
use crate::paging::Paging;
use crate::service::Iam;

impl Handler<Iam> for operations::ListPolicyVersions {
    const ACCESS: Access = Access::read("iam:ListPolicyVersions");
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
        _: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let paging = Paging::new(input.max_items, input.marker.as_deref())?;
        let versions = match target.get()? {
            Managed::Aws(policy) => vec![types::PolicyVersion {
                document: None,
                version_id: Some(policy.version.to_owned()),
                is_default_version: Some(true),
                create_date: Some(policy.updated),
            }],
            Managed::Customer(policy) => {
                let newest_first = policy.versions.iter().rev();
                let show =
                    |version| managed_policies::version_to_api(version, version.number == policy.default);
                newest_first.map(show).collect()
            }
        };
        let page = paging.page_in_order(versions);
        Ok(Reply::new(types::ListPolicyVersionsResponse {
            is_truncated: page.is_truncated(),
            versions: Some(page.items),
            marker: page.marker,
        }))
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
        let arn = world.policy("Bob").await;
        for _ in 0..2 {
            let version = json!({"PolicyArn": arn, "PolicyDocument": crate::testing::DOCUMENT});
            world.call("CreatePolicyVersion", version).await;
        }
        let page = world.call("ListPolicyVersions", json!({"PolicyArn": arn, "MaxItems": 2})).await;
        assert_eq!((&page["Versions"][0]["VersionId"], &page["IsTruncated"]), (&json!("v3"), &json!(true)));
        let page =
            world.call("ListPolicyVersions", json!({"PolicyArn": arn, "Marker": page["Marker"]})).await;
        assert_eq!(
            (&page["Versions"][0]["VersionId"], &page["Versions"][0]["IsDefaultVersion"]),
            (&json!("v1"), &json!(true))
        );
        let aws = json!({"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"});
        assert_eq!(world.call("ListPolicyVersions", aws).await["Versions"].as_array().unwrap().len(), 1);
        assert_eq!(
            world.error("ListPolicyVersions", input("Nobody")).await,
            (
                "NoSuchEntityException",
                "Policy arn:aws:iam::111122223333:policy/Nobody was not found.".to_owned()
            )
        );
        let (action, resource) = world.demands("ListPolicyVersions", input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:ListPolicyVersions", "arn:aws:iam::111122223333:policy/Bob")
        );
        let invalid =
            world.error("ListPolicyVersions", json!({"PolicyArn": "arn:aws:iam::aws:role/X"})).await;
        assert_eq!(
            invalid,
            ("InvalidInputException", "ARN arn:aws:iam::aws:role/X is not valid.".to_owned())
        );
    }
}
