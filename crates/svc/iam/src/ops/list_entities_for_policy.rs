//! `ListEntitiesForPolicy`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html>

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::attachments;
use crate::attachments::Using;
use crate::managed_policies::NamedPolicy;
use crate::paging::Paging;
use crate::records::{Group, Record as _, Role};
use crate::service::Iam;

impl Handler<Iam> for operations::ListEntitiesForPolicy {
    const ACCESS: Access = Access::read("iam:ListEntitiesForPolicy");
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
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let paging = Paging::new(input.max_items, input.marker.as_deref())?;
        let page = attachments::entities(iam, cx, target.get()?.id(), input, &paging).await?;
        let mut output = types::ListEntitiesForPolicyResponse {
            is_truncated: page.is_truncated(),
            policy_groups: Some(Vec::new()),
            policy_users: Some(Vec::new()),
            policy_roles: Some(Vec::new()),
            marker: page.marker,
        };
        for Using { kind, name, id } in page.items {
            let (name, id) = (Some(name), Some(id));
            match kind {
                Group::KIND => output
                    .policy_groups
                    .get_or_insert_default()
                    .push(types::PolicyGroup { group_name: name, group_id: id }),
                Role::KIND => output
                    .policy_roles
                    .get_or_insert_default()
                    .push(types::PolicyRole { role_name: name, role_id: id }),
                _ => output
                    .policy_users
                    .get_or_insert_default()
                    .push(types::PolicyUser { user_name: name, user_id: id }),
            }
        }
        Ok(Reply::new(output))
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
        world.role("App").await;
        world.role("Other").await;
        world.call("CreateUser", json!({"UserName": "Ann", "Path": "/a/"})).await;
        world.call("CreateGroup", json!({"GroupName": "Admins"})).await;
        world.call("AttachRolePolicy", json!({"RoleName": "App", "PolicyArn": arn})).await;
        world.call("AttachUserPolicy", json!({"UserName": "Ann", "PolicyArn": arn})).await;
        world.call("AttachGroupPolicy", json!({"GroupName": "Admins", "PolicyArn": arn})).await;
        world
            .call("PutRolePermissionsBoundary", json!({"RoleName": "Other", "PermissionsBoundary": arn}))
            .await;
        for (more, users, groups, roles) in [
            (json!({}), 1, 1, 2),
            (json!({"EntityFilter": "Role"}), 0, 0, 2),
            (json!({"EntityFilter": "User"}), 1, 0, 0),
            (json!({"EntityFilter": "Group"}), 0, 1, 0),
            (json!({"EntityFilter": "AWSManagedPolicy"}), 0, 0, 0),
            (json!({"PathPrefix": "/a/"}), 1, 0, 0),
            (json!({"PolicyUsageFilter": "PermissionsBoundary"}), 0, 0, 1),
            (json!({"PolicyUsageFilter": "PermissionsPolicy"}), 1, 1, 1),
        ] {
            let mut input = input("Bob");
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let found = world.call("ListEntitiesForPolicy", input).await;
            let count = |member: &str| found[member].as_array().unwrap().len();
            assert_eq!(
                (count("PolicyUsers"), count("PolicyGroups"), count("PolicyRoles")),
                (users, groups, roles),
                "{more}"
            );
        }
        let (mut seen, mut marker) = (0, None);
        loop {
            let page = world
                .call("ListEntitiesForPolicy", json!({"PolicyArn": arn, "MaxItems": 1, "Marker": marker}))
                .await;
            seen += ["PolicyUsers", "PolicyGroups", "PolicyRoles"]
                .map(|m| page[m].as_array().unwrap().len())
                .iter()
                .sum::<usize>();
            marker = page.get("Marker").cloned();
            if marker.is_none() {
                break;
            }
        }
        assert_eq!(seen, 4);
        assert_eq!(
            world.error("ListEntitiesForPolicy", input("Nobody")).await,
            (
                "NoSuchEntityException",
                "Policy arn:aws:iam::111122223333:policy/Nobody was not found.".to_owned()
            )
        );
        let (action, resource) = world.demands("ListEntitiesForPolicy", input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:ListEntitiesForPolicy", "arn:aws:iam::111122223333:policy/Bob")
        );
        let invalid =
            world.error("ListEntitiesForPolicy", json!({"PolicyArn": "arn:aws:iam::aws:role/X"})).await;
        assert_eq!(
            invalid,
            ("InvalidInputException", "ARN arn:aws:iam::aws:role/X is not valid.".to_owned())
        );
    }
}
