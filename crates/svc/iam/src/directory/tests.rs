use garrison_kernel::principal;
use garrison_kernel::{Caller, Principal};
use garrison_testkit::ACCOUNT;
use serde_json::{Value, json};

use super::*;
use crate::testing::World;

/// What a policy allows or denies.
fn document(effect: &str, action: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": {"Effect": effect, "Action": action, "Resource": "*"}})
        .to_string()
}

struct Stage {
    world: World,
    user: Principal,
    role: Principal,
}

impl Stage {
    /// A user `Ann`, a group `Team`, and a session of a role `App`.
    async fn new() -> Self {
        let world = World::new();
        let user = world.call("CreateUser", json!({"UserName": "Ann"})).await["User"].clone();
        world.call("CreateGroup", json!({"GroupName": "Team"})).await;
        world.role("App").await;
        let role = world.call("GetRole", json!({"RoleName": "App"})).await["Role"].clone();
        let text = |value: &Value| Arc::<str>::from(value.as_str().unwrap());
        let account = ACCOUNT.parse().unwrap();
        Self {
            user: Principal::User(Arc::new(principal::User {
                account,
                name: text(&user["UserName"]),
                id: text(&user["UserId"]),
                arn: text(&user["Arn"]),
            })),
            role: Principal::AssumedRole(Arc::new(principal::AssumedRole {
                account,
                role_name: text(&role["RoleName"]),
                role_id: text(&role["RoleId"]),
                role_arn: text(&role["Arn"]),
                session_name: "s".into(),
                arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/App/s").into(),
                user_id: format!("{}:s", role["RoleId"].as_str().unwrap()).into(),
            })),
            world,
        }
    }

    /// Whether somebody may list the account's aliases.
    async fn may(&self, who: &Principal) -> bool {
        let mut cx = self.world.root();
        cx.caller = Caller::new(who.clone(), None);
        let answer = self.world.test.call(&self.world.service, "ListAccountAliases", &cx, &json!({})).await;
        match answer {
            Err(error) if error.schema.name == "AccessDenied" => false,
            // Allowed, whether or not it is built.
            _ => true,
        }
    }

    async fn call(&self, operation: &str, input: Value) {
        self.world.call(operation, input).await;
    }
}

const READ: &str = "iam:List*";

#[tokio::test]
async fn what_a_call_changes_binds_the_next_call() {
    let stage = Stage::new().await;
    let arn = stage.world.policy("Own").await;
    let version = |effect: &str| json!({"PolicyArn": arn, "PolicyDocument": document(effect, READ), "SetAsDefault": true});
    for (operation, input, user, role) in [
        ("CreatePolicyVersion", version("Allow"), false, false),
        ("AttachUserPolicy", json!({"UserName": "Ann", "PolicyArn": arn}), true, false),
        ("AttachRolePolicy", json!({"RoleName": "App", "PolicyArn": arn}), true, true),
        ("SetDefaultPolicyVersion", json!({"PolicyArn": arn, "VersionId": "v1"}), false, false),
        ("SetDefaultPolicyVersion", json!({"PolicyArn": arn, "VersionId": "v2"}), true, true),
        (
            "PutUserPolicy",
            json!({"UserName": "Ann", "PolicyName": "P", "PolicyDocument": document("Deny", READ)}),
            false,
            true,
        ),
        ("DeleteUserPolicy", json!({"UserName": "Ann", "PolicyName": "P"}), true, true),
        (
            "PutUserPermissionsBoundary",
            json!({"UserName": "Ann", "PermissionsBoundary": "arn:aws:iam::aws:policy/AmazonS3FullAccess"}),
            false,
            true,
        ),
        ("DeleteUserPermissionsBoundary", json!({"UserName": "Ann"}), true, true),
        ("CreatePolicyVersion", version("Deny"), false, false),
        ("DetachRolePolicy", json!({"RoleName": "App", "PolicyArn": arn}), false, false),
        (
            "PutRolePolicy",
            json!({"RoleName": "App", "PolicyName": "P", "PolicyDocument": document("Allow", READ)}),
            false,
            true,
        ),
        ("DetachUserPolicy", json!({"UserName": "Ann", "PolicyArn": arn}), false, true),
        (
            "AttachGroupPolicy",
            json!({"GroupName": "Team", "PolicyArn": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}),
            false,
            true,
        ),
        ("AddUserToGroup", json!({"GroupName": "Team", "UserName": "Ann"}), true, true),
        ("RemoveUserFromGroup", json!({"GroupName": "Team", "UserName": "Ann"}), false, true),
    ] {
        stage.call(operation, input.clone()).await;
        assert_eq!(stage.may(&stage.user).await, user, "the user after {operation} {input}");
        assert_eq!(stage.may(&stage.role).await, role, "the role after {operation} {input}");
    }
}

#[tokio::test]
async fn another_role_of_the_same_name_is_another_role() {
    let stage = Stage::new().await;
    let allow = json!({"RoleName": "App", "PolicyName": "P", "PolicyDocument": document("Allow", READ)});
    stage.call("PutRolePolicy", allow.clone()).await;
    assert!(stage.may(&stage.role).await);
    stage.call("DeleteRolePolicy", json!({"RoleName": "App", "PolicyName": "P"})).await;
    stage.call("DeleteRole", json!({"RoleName": "App"})).await;
    stage.world.role("App").await;
    stage.call("PutRolePolicy", allow).await;
    assert!(!stage.may(&stage.role).await, "the session was made of the role before");
}

#[tokio::test]
async fn principals_share_compiled_policies_and_are_held_in_memory() {
    let stage = Stage::new().await;
    let arn = stage.world.policy("Own").await;
    for (operation, member, name) in
        [("AttachUserPolicy", "UserName", "Ann"), ("AttachRolePolicy", "RoleName", "App")]
    {
        for arn in [arn.as_str(), "arn:aws:iam::aws:policy/SecurityAudit"] {
            stage.call(operation, json!({member: name, "PolicyArn": arn})).await;
        }
    }
    stage.call("TagUser", json!({"UserName": "Ann", "Tags": [{"Key": "Team", "Value": "a"}]})).await;
    let directory = stage.world.iam.directory();
    assert!(directory.cached(&stage.user).is_none());
    let (user, role) =
        (directory.policies(&stage.user).await.unwrap(), directory.policies(&stage.role).await.unwrap());
    for (one, other) in user.policies.policies().iter().zip(role.policies.policies()) {
        assert!(Arc::ptr_eq(one, other), "{}", one.name());
    }
    assert_eq!(user.policies.policies().len(), 2);
    assert_eq!(user.tags, [("Team".to_owned(), "a".to_owned())]);
    assert!(Arc::ptr_eq(&directory.cached(&stage.user).unwrap(), &user));
    let federated = Principal::FederatedUser(Arc::new(principal::FederatedUser {
        account: ACCOUNT.parse().unwrap(),
        name: "f".into(),
        arn: format!("arn:aws:sts::{ACCOUNT}:federated-user/f").into(),
        user_id: format!("{ACCOUNT}:f").into(),
        issuer_arn: stage.user.arn(),
        issuer: stage.user.clone(),
    }));
    assert!(
        Arc::ptr_eq(&directory.policies(&federated).await.unwrap(), &user),
        "whose session it is decides"
    );
    let root = stage.world.root().caller.principal;
    let of_root = Principal::FederatedUser(Arc::new(principal::FederatedUser {
        account: ACCOUNT.parse().unwrap(),
        name: "f".into(),
        arn: format!("arn:aws:sts::{ACCOUNT}:federated-user/f").into(),
        user_id: format!("{ACCOUNT}:f").into(),
        issuer_arn: root.arn(),
        issuer: root,
    }));
    assert_eq!(directory.policies(&of_root).await.unwrap().policies.policies().len(), 1, "what root may");
    assert!(directory.managed_policy(&arn).await.unwrap().is_some());
    assert!(directory.managed_policy("arn:aws:iam::111122223333:policy/own").await.unwrap().is_none());
    stage.world.role("Unrelated").await;
    assert!(
        directory.cached(&stage.user).is_none(),
        "made anew after a change in the account, of what is in memory"
    );
    directory.forget();
    assert!(directory.cached(&stage.role).is_none());
    assert!(directory.cached(&stage.world.root().caller.principal).is_some(), "root users have no policies");
}

#[tokio::test]
async fn a_policy_that_is_gone_denies() {
    let stage = Stage::new().await;
    stage
        .call(
            "PutUserPolicy",
            json!({"UserName": "Ann", "PolicyName": "P", "PolicyDocument": document("Allow", READ)}),
        )
        .await;
    let arn = stage.world.policy("Own").await;
    stage.call("AttachUserPolicy", json!({"UserName": "Ann", "PolicyArn": arn})).await;
    assert!(stage.may(&stage.user).await);
    // As no operation would do it.
    let account: AccountId = ACCOUNT.parse().unwrap();
    let mut writes = garrison_store::WriteSet::new();
    writes.deletes.push(layout::entity(account, ManagedPolicy::KIND, "Own"));
    stage.world.iam.repo().store().commit(writes).await.unwrap();
    assert!(!stage.may(&stage.user).await);
}
