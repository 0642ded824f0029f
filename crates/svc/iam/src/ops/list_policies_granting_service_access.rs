//! `ListPoliciesGrantingServiceAccess`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/ListPoliciesGrantingServiceAccess>
//!
//! Action `iam:ListPoliciesGrantingServiceAccess` on the user, group or role. Condition key `aws:ResourceTag/…`.

use garrison_api_iam::errors as api;
use garrison_api_iam::operations::ListPoliciesGrantingServiceAccess;
use garrison_api_iam::types::{
    ListPoliciesGrantingServiceAccessEntry, ListPoliciesGrantingServiceAccessResponse,
    PolicyGrantingServiceAccess, PolicyOwnerEntityType, PolicyType,
};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::granting;
use crate::paging::Paging;
use crate::principal_source::{Held, Source};
use crate::service::Iam;

impl Handler<Iam> for ListPoliciesGrantingServiceAccess {
    const ACCESS: Access = Access::read("iam:ListPoliciesGrantingServiceAccess");
    type Target = Source;

    async fn resolve(iam: &Iam, cx: &Context, input: &Self::Input) -> Result<Resolved<Source>, ApiError> {
        let source = Source::find(iam, cx, &input.arn).await?;
        let check = source.check();
        Ok(Resolved::new(source, check))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        _: &'a Self::Input,
        target: &'a Source,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.keys().get(key)
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Source,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let is_service = |name: &String| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if let Some(bad) = input.service_namespaces.iter().find(|name| !is_service(name)) {
            return Err(api::invalid_input_exception(format!("Invalid service namespace: {bad}")));
        }
        let held = target.policies(iam, cx).await?;
        let page = Paging::new(None, input.marker.as_deref())?.page_in_order(&input.service_namespaces);
        let entry = |service: &String| ListPoliciesGrantingServiceAccessEntry {
            service_namespace: Some(service.clone()),
            policies: Some(
                held.policies
                    .iter()
                    .filter(|policy| granting::grants(&policy.text, service))
                    .map(to_api)
                    .collect(),
            ),
        };
        Ok(Reply::new(ListPoliciesGrantingServiceAccessResponse {
            is_truncated: page.is_truncated(),
            policies_granting_service_access: page.items.into_iter().map(entry).collect(),
            marker: page.marker,
        }))
    }
}

/// Who has it is told of inline policies only.
fn to_api(held: &Held) -> PolicyGrantingServiceAccess {
    let (kind, name) = &held.holder;
    let inline = held.arn.is_none();
    PolicyGrantingServiceAccess {
        policy_name: held.name.clone(),
        policy_type: if inline { PolicyType::Inline } else { PolicyType::Managed },
        policy_arn: held.arn.clone(),
        entity_type: inline.then(|| PolicyOwnerEntityType::from(kind.to_ascii_uppercase())),
        entity_name: inline.then(|| name.clone()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{DOCUMENT, World};

    const ROLE: &str = "arn:aws:iam::111122223333:role/App";

    #[tokio::test]
    async fn answers_for_each_service() {
        let world = World::new();
        world.role("App").await;
        let audit = "arn:aws:iam::aws:policy/SecurityAudit";
        world.call("AttachRolePolicy", json!({"RoleName": "App", "PolicyArn": audit})).await;
        world
            .call("PutRolePolicy", json!({"RoleName": "App", "PolicyName": "p", "PolicyDocument": DOCUMENT}))
            .await;
        let input = json!({"Arn": ROLE, "ServiceNamespaces": ["s3", "iam", "polly-x"]});
        let output = world.call("ListPoliciesGrantingServiceAccess", input).await;
        let inline =
            json!({"PolicyName": "p", "PolicyType": "INLINE", "EntityType": "ROLE", "EntityName": "App"});
        let managed = json!({"PolicyName": "SecurityAudit", "PolicyType": "MANAGED", "PolicyArn": audit});
        assert_eq!(
            output["PoliciesGrantingServiceAccess"],
            json!([
                {"ServiceNamespace": "s3", "Policies": [inline, managed]},
                {"ServiceNamespace": "iam", "Policies": [managed]},
                {"ServiceNamespace": "polly-x", "Policies": []},
            ])
        );
        assert_eq!(output["IsTruncated"], false);
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let input = json!({"Arn": ROLE, "ServiceNamespaces": ["s3"]});
        let demanded = World::new().demands("ListPoliciesGrantingServiceAccess", input).await;
        assert_eq!(demanded, ("iam:ListPoliciesGrantingServiceAccess".to_owned(), ROLE.to_owned()));
    }

    #[tokio::test]
    async fn refuses() {
        let world = World::new();
        world.role("App").await;
        for (arn, service, error) in [
            ("arn:aws:iam::111122223333:role/Other", "s3", "NoSuchEntityException"),
            ("arn:aws:iam::111122223333:policy/Other", "s3", "InvalidInputException"),
            (ROLE, "s3:*", "InvalidInputException"),
        ] {
            let input = json!({"Arn": arn, "ServiceNamespaces": [service]});
            assert_eq!(
                world.error("ListPoliciesGrantingServiceAccess", input).await.0,
                error,
                "{arn} {service}"
            );
        }
    }
}
