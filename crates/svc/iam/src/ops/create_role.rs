//! `CreateRole`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>
//!
//! With tags the caller needs `iam:TagRole` as well.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::attachments;
use crate::condition::Keys;
use crate::error;
use crate::names::{self, IdPrefix};
use crate::quota;
use crate::records::{DEFAULT_MAX_SESSION, Policies, Role, Time};
use crate::repo;
use crate::roles;
use crate::service::Iam;
use crate::tagging;

/// What the input says, checked.
#[derive(Debug)]
pub struct NewRole {
    path: String,
    tag_keys: Vec<String>,
}

impl Handler<Iam> for operations::CreateRole {
    const ACCESS: Access = Access::write("iam:CreateRole");
    type Target = NewRole;

    async fn resolve(_: &Iam, cx: &Context, input: &Self::Input) -> Result<Resolved<Self::Target>, ApiError> {
        let path = names::path(input.path.as_deref())?;
        names::check("roleName", &input.role_name, 64)?;
        let arn = names::arn(cx.partition(), cx.account(), "role", &path, &input.role_name);
        let target = NewRole { path, tag_keys: tagging::keys(input.tags.as_deref()) };
        let check = Check::resource(arn, cx.account());
        Ok(tagging::resolved(target, check, "iam:TagRole", input.tags.as_deref()))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        input: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        Keys {
            permissions_boundary: input.permissions_boundary.as_deref(),
            request_tags: input.tags.as_deref(),
            tag_keys: &target.tag_keys,
            ..Keys::default()
        }
        .get(key)
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        roles::ensure_own_path(&target.path)?;
        roles::ensure_trust(&input.assume_role_policy_document)?;
        let account = cx.account();
        if iam.repo().get::<Role>(account, &input.role_name).await?.is_some() {
            return Err(error::already_exists("Role", &input.role_name));
        }
        quota::ROLES_PER_ACCOUNT.ensure_room(iam.repo().count::<Role>(account).await?)?;
        let mut role = Role {
            name: input.role_name.clone(),
            path: target.path.clone(),
            id: names::unique_id(iam.kernel().rng(), IdPrefix::Role),
            created: Time::of(cx),
            trust: input.assume_role_policy_document.clone(),
            max_session: input.max_session_duration.unwrap_or(DEFAULT_MAX_SESSION),
            description: input.description.clone(),
            tags: tagging::of_new(input.tags.as_deref())?,
            boundary: None,
            policies: Policies::default(),
        };
        let mut writes = WriteSet::new();
        if let Some(boundary) = &input.permissions_boundary {
            attachments::set_boundary(iam, cx, &mut role, boundary, &mut writes).await?;
        }
        repo::create(&mut writes, account, &role);
        let output = types::CreateRoleResponse { role: roles::whole(&role, None, cx) };
        Ok(Reply::with_writes(output, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;
    const TRUST: &str = crate::testing::TRUST;

    fn input(name: &str) -> serde_json::Value {
        json!({"RoleName": name, "Path": "/a/", "AssumeRolePolicyDocument": TRUST})
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        let mut all = input("App");
        all["Description"] = "d".into();
        all["MaxSessionDuration"] = 7200.into();
        all["PermissionsBoundary"] = "arn:aws:iam::aws:policy/PowerUserAccess".into();
        all["Tags"] = json!([{"Key": "k", "Value": "v"}]);
        let made = world.call("CreateRole", all).await;
        let role = &made["Role"];
        assert_eq!(role["Arn"], "arn:aws:iam::111122223333:role/a/App");
        assert!(role["RoleId"].as_str().unwrap().starts_with("AROA"));
        assert!(role["AssumeRolePolicyDocument"].as_str().unwrap().starts_with("%7B%22Version%22"));
        let found = world.call("GetRole", json!({"RoleName": "APP"})).await;
        assert_eq!(found["Role"], *role);
        assert_eq!(
            role["PermissionsBoundary"]["PermissionsBoundaryArn"],
            "arn:aws:iam::aws:policy/PowerUserAccess"
        );
        let (action, resource) = world.demands("CreateRole", input("Other")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:CreateRole", "arn:aws:iam::111122223333:role/a/Other")
        );
    }

    #[tokio::test]
    async fn what_cannot_be_is_refused() {
        let world = World::new();
        world.call("CreateRole", input("App")).await;
        let taken = "Role with name app already exists.".to_owned();
        assert_eq!(world.error("CreateRole", input("app")).await, ("EntityAlreadyExistsException", taken));
        for (member, value, expected) in [
            ("AssumeRolePolicyDocument", json!("{}"), "MalformedPolicyDocumentException"),
            (
                "AssumeRolePolicyDocument",
                json!(TRUST.replace("Allow\"", &format!("Allow\",\"Sid\":\"{}\"", "x".repeat(2048)))),
                "LimitExceededException",
            ),
            ("Path", json!("a"), "ValidationException"),
            ("Path", json!("/aws-service-role/x/"), "InvalidInputException"),
            ("RoleName", json!("a b"), "ValidationException"),
            ("Tags", json!([{"Key": "aws:x", "Value": ""}]), "InvalidInputException"),
            (
                "PermissionsBoundary",
                json!("arn:aws:iam::111122223333:policy/Absent"),
                "NoSuchEntityException",
            ),
        ] {
            let mut input = input("New");
            input[member] = value;
            assert_eq!(world.error("CreateRole", input).await.0, expected, "{member}");
        }
    }
}
