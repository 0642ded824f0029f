//! What the condition keys and the second questions of operations decide, with sessions of a role as callers.

use std::sync::Arc;

use garrison_kernel::{Caller, Context, Principal, principal};
use serde_json::{Value, json};

use crate::testing::{DOCUMENT, TRUST, World};

/// A session of the role `Caller`, whose only inline policy holds one statement.
async fn session(world: &World, statement: &Value) -> Context {
    let policy = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    world
        .call("PutRolePolicy", json!({"RoleName": "Caller", "PolicyName": "P", "PolicyDocument": policy}))
        .await;
    let role = world.call("GetRole", json!({"RoleName": "Caller"})).await["Role"].clone();
    let text = |value: &Value| Arc::<str>::from(value.as_str().unwrap());
    let mut cx = world.root();
    let session = principal::AssumedRole {
        account: cx.account(),
        role_name: text(&role["RoleName"]),
        role_id: text(&role["RoleId"]),
        role_arn: text(&role["Arn"]),
        session_name: "s".into(),
        arn: "arn:aws:sts::111122223333:assumed-role/Caller/s".into(),
        user_id: "AROA:s".into(),
    };
    cx.caller = Caller::new(Principal::AssumedRole(Arc::new(session)), None);
    cx
}

const ROLE: &str = "arn:aws:iam::111122223333:role/App";
const POWER_USER: &str = "arn:aws:iam::aws:policy/PowerUserAccess";

fn when(action: &str, operator: &str, key: &str, value: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": "*", "Condition": {operator: {key: value}}})
}

fn allow(actions: &[&str], resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resource})
}

#[tokio::test]
async fn conditions_and_second_questions_decide() {
    let world = World::new();
    world.role("Caller").await;
    world.role("App").await;
    world.call("TagRole", json!({"RoleName": "App", "Tags": [{"Key": "Team", "Value": "a"}]})).await;
    world
        .call("PutRolePermissionsBoundary", json!({"RoleName": "App", "PermissionsBoundary": POWER_USER}))
        .await;
    world.call("CreateInstanceProfile", json!({"InstanceProfileName": "Web"})).await;
    let attach = |arn: &str| json!({"RoleName": "App", "PolicyArn": arn});
    let (new, mut tagged) = (json!({"RoleName": "New", "AssumeRolePolicyDocument": TRUST}), json!({}));
    tagged.clone_from(&new);
    tagged["Tags"] = json!([{"Key": "Team", "Value": "b"}]);
    let mut bounded = new.clone();
    bounded["PermissionsBoundary"] = POWER_USER.into();
    let inline = json!({"RoleName": "App", "PolicyName": "P", "PolicyDocument": DOCUMENT});
    let add = json!({"InstanceProfileName": "Web", "RoleName": "App"});
    let tags = json!({"RoleName": "App", "Tags": [{"Key": "Stage", "Value": "x"}]});
    let passed = when("iam:*", "StringEqualsIfExists", "iam:PassedToService", "ec2.amazonaws.com");
    let elsewhere = when("iam:*", "StringEqualsIfExists", "iam:PassedToService", "lambda.amazonaws.com");
    let policy_arn = |arn: &str| when("iam:AttachRolePolicy", "ArnEquals", "iam:PolicyARN", arn);
    let boundary = |action: &str, arn: &str| when(action, "StringEquals", "iam:PermissionsBoundary", arn);
    let team = |value: &str| when("iam:GetRole", "StringEquals", "iam:ResourceTag/team", value);
    for (statement, operation, input, allowed) in [
        (allow(&["iam:GetRole"], ROLE), "GetRole", json!({"RoleName": "App"}), true),
        (allow(&["iam:GetRole"], ROLE), "GetRole", json!({"RoleName": "Caller"}), false),
        (
            allow(&["iam:GetRole"], "arn:aws:iam::111122223333:role/a*"),
            "GetRole",
            json!({"RoleName": "app"}),
            false,
        ),
        (policy_arn(POWER_USER), "AttachRolePolicy", attach(POWER_USER), true),
        (
            policy_arn(POWER_USER),
            "AttachRolePolicy",
            attach("arn:aws:iam::aws:policy/AdministratorAccess"),
            false,
        ),
        (boundary("iam:PutRolePolicy", POWER_USER), "PutRolePolicy", inline.clone(), true),
        (boundary("iam:PutRolePolicy", "arn:aws:iam::aws:policy/Other"), "PutRolePolicy", inline, false),
        (boundary("iam:CreateRole", POWER_USER), "CreateRole", new.clone(), false),
        (allow(&["iam:CreateRole"], "*"), "CreateRole", tagged.clone(), false),
        (
            allow(&["iam:CreateRole", "iam:TagRole"], "arn:aws:iam::111122223333:role/New"),
            "CreateRole",
            tagged.clone(),
            true,
        ),
        (allow(&["iam:DeleteRole"], "*"), "DeleteRole", json!({"RoleName": "New"}), true),
        (when("iam:*Role", "StringEquals", "aws:RequestTag/Team", "a"), "CreateRole", tagged.clone(), false),
        (when("iam:*Role", "StringEquals", "aws:RequestTag/Team", "b"), "CreateRole", tagged, true),
        (boundary("iam:DeleteRole", POWER_USER), "DeleteRole", json!({"RoleName": "New"}), false),
        (allow(&["iam:DeleteRole"], "*"), "DeleteRole", json!({"RoleName": "New"}), true),
        (boundary("iam:CreateRole", POWER_USER), "CreateRole", bounded, true),
        (boundary("iam:DeleteRole", POWER_USER), "DeleteRole", json!({"RoleName": "New"}), true),
        (
            when("iam:TagRole", "ForAllValues:StringEquals", "aws:TagKeys", "Team"),
            "TagRole",
            tags.clone(),
            false,
        ),
        (when("iam:TagRole", "ForAllValues:StringEquals", "aws:TagKeys", "Stage"), "TagRole", tags, true),
        (team("a"), "GetRole", json!({"RoleName": "App"}), true),
        (team("b"), "GetRole", json!({"RoleName": "App"}), false),
        (allow(&["iam:AddRoleToInstanceProfile"], "*"), "AddRoleToInstanceProfile", add.clone(), false),
        (elsewhere, "AddRoleToInstanceProfile", add.clone(), false),
        (passed, "AddRoleToInstanceProfile", add, true),
        (allow(&["iam:ListRoles"], "*"), "ListRoles", json!({}), true),
        (allow(&["iam:ListRoles"], "arn:aws:iam::111122223333:role/a/*"), "ListRoles", json!({}), false),
        (
            allow(&["iam:GetPolicy"], "arn:aws:iam::aws:policy/*"),
            "GetPolicy",
            json!({"PolicyArn": POWER_USER}),
            true,
        ),
        (
            allow(&["iam:*"], "*"),
            "GetPolicy",
            json!({"PolicyArn": "arn:aws:iam::444455556666:policy/Theirs"}),
            false,
        ),
    ] {
        let cx = session(&world, &statement).await;
        let answer = world.test.call(&world.service, operation, &cx, &input).await;
        match (answer, allowed) {
            (Ok(_), true) => {}
            (Err(error), false) => {
                assert_eq!(error.schema.name, "AccessDenied", "{operation} {input} {statement}")
            }
            (answer, _) => panic!("{operation} {input} with {statement}: {answer:?}"),
        }
    }
}

#[tokio::test]
async fn a_missing_entity_is_no_news_for_who_may_not_look() {
    let world = World::new();
    world.role("Caller").await;
    let absent = json!({"RoleName": "Absent"});
    let cx = session(&world, &allow(&["iam:ListRoles"], "*")).await;
    let denied = world.test.call(&world.service, "GetRole", &cx, &absent).await.unwrap_err();
    assert_eq!(
        denied.message,
        "User: arn:aws:sts::111122223333:assumed-role/Caller/s is not authorized to perform: iam:GetRole on resource: \
         role Absent because no identity-based policy allows the iam:GetRole action"
    );
    let cx = session(&world, &allow(&["iam:GetRole"], "*")).await;
    let missing = world.test.call(&world.service, "GetRole", &cx, &absent).await.unwrap_err();
    assert_eq!(missing.schema.name, "NoSuchEntityException");
}
