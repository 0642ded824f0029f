//! Every operation asks for its own action on the resources that the Service Authorization Reference lists for it: with exactly
//! that permission it is allowed, and without any part of it denied.

use std::sync::Arc;

use garrison_api_organizations::Op;
use garrison_kernel::{Context, Session};
use garrison_policy::CompiledPolicy;
use garrison_types::Timestamp;
use serde_json::{Value, json};

use crate::testing::{MANAGEMENT, OTHER, World, deny, text};

/// Operation, input, and the resources of its action in the order of the questions. `$name` stands for an id, and `@name` for
/// the ARN of what has it.
const TABLE: &[(&str, &str, &[&str])] = &[
    ("ListRoots", "{}", &["*"]),
    ("DescribeOrganization", "{}", &["*"]),
    ("ListAccounts", "{}", &["*"]),
    ("DescribeAccount", r#"{"AccountId": "$account"}"#, &["@account"]),
    ("ListAccountsForParent", r#"{"ParentId": "$unit"}"#, &["@unit"]),
    ("ListChildren", r#"{"ParentId": "$root", "ChildType": "ACCOUNT"}"#, &["@root"]),
    ("ListParents", r#"{"ChildId": "$unit"}"#, &["@unit"]),
    ("DescribeOrganizationalUnit", r#"{"OrganizationalUnitId": "$unit"}"#, &["@unit"]),
    ("ListOrganizationalUnitsForParent", r#"{"ParentId": "$root"}"#, &["@root"]),
    ("DescribeCreateAccountStatus", r#"{"CreateAccountRequestId": "car-00000000"}"#, &["*"]),
    ("ListCreateAccountStatus", "{}", &["*"]),
    ("DescribePolicy", r#"{"PolicyId": "$policy"}"#, &["@policy"]),
    ("ListPolicies", r#"{"Filter": "TAG_POLICY"}"#, &["*"]),
    ("ListPoliciesForTarget", r#"{"TargetId": "$account", "Filter": "TAG_POLICY"}"#, &["@account"]),
    ("ListTargetsForPolicy", r#"{"PolicyId": "p-FullAWSAccess"}"#, &["@full"]),
    ("DescribeEffectivePolicy", r#"{"PolicyType": "TAG_POLICY", "TargetId": "$account"}"#, &["@account"]),
    ("ListAccountsWithInvalidEffectivePolicy", r#"{"PolicyType": "TAG_POLICY"}"#, &["*"]),
    (
        "ListEffectivePolicyValidationErrors",
        r#"{"AccountId": "$account", "PolicyType": "TAG_POLICY"}"#,
        &["@account"],
    ),
    ("ListAWSServiceAccessForOrganization", "{}", &["*"]),
    ("ListDelegatedAdministrators", "{}", &["*"]),
    ("ListDelegatedServicesForAccount", r#"{"AccountId": "$account"}"#, &["@account"]),
    ("DescribeResourcePolicy", "{}", &["*"]),
    ("ListTagsForResource", r#"{"ResourceId": "$root"}"#, &["@root"]),
    ("DescribeHandshake", r#"{"HandshakeId": "$handshake"}"#, &["@handshake"]),
    ("ListHandshakesForAccount", "{}", &["*"]),
    ("ListHandshakesForOrganization", "{}", &["*"]),
    ("DescribeResponsibilityTransfer", r#"{"Id": "$transfer"}"#, &["@transfer"]),
    ("ListInboundResponsibilityTransfers", r#"{"Type": "BILLING"}"#, &["*"]),
    ("ListOutboundResponsibilityTransfers", r#"{"Type": "BILLING"}"#, &["*"]),
    ("UpdateResponsibilityTransfer", r#"{"Id": "$transfer", "Name": "n"}"#, &["@transfer"]),
    ("TerminateResponsibilityTransfer", r#"{"Id": "$transfer"}"#, &["@transfer"]),
    ("TagResource", r#"{"ResourceId": "$account", "Tags": [{"Key": "k", "Value": "v"}]}"#, &["@account"]),
    ("UntagResource", r#"{"ResourceId": "$policy", "TagKeys": ["k"]}"#, &["@policy"]),
    ("CreateOrganization", "{}", &["*"]),
    ("CreateAccount", r#"{"Email": "x@example.com", "AccountName": "x"}"#, &["*"]),
    ("CreateGovCloudAccount", r#"{"Email": "y@example.com", "AccountName": "y"}"#, &["*"]),
    ("CreateOrganizationalUnit", r#"{"ParentId": "$root", "Name": "w"}"#, &["@root"]),
    ("UpdateOrganizationalUnit", r#"{"OrganizationalUnitId": "$unit", "Name": "z"}"#, &["@unit"]),
    (
        "MoveAccount",
        r#"{"AccountId": "$account", "SourceParentId": "$root", "DestinationParentId": "$unit"}"#,
        &["@account", "@root", "@unit"],
    ),
    ("CreatePolicy", r#"{"Type": "TAG_POLICY", "Name": "x", "Description": "", "Content": "{}"}"#, &["*"]),
    ("UpdatePolicy", r#"{"PolicyId": "$policy", "Name": "y"}"#, &["@policy"]),
    ("AttachPolicy", r#"{"PolicyId": "$policy", "TargetId": "$unit"}"#, &["@policy", "@unit"]),
    ("DetachPolicy", r#"{"PolicyId": "$policy", "TargetId": "$account"}"#, &["@policy", "@account"]),
    ("EnablePolicyType", r#"{"RootId": "$root", "PolicyType": "TAG_POLICY"}"#, &["@root"]),
    ("DisablePolicyType", r#"{"RootId": "$root", "PolicyType": "TAG_POLICY"}"#, &["@root"]),
    ("EnableAWSServiceAccess", r#"{"ServicePrincipal": "config.amazonaws.com"}"#, &["*"]),
    ("DisableAWSServiceAccess", r#"{"ServicePrincipal": "x.amazonaws.com"}"#, &["*"]),
    (
        "RegisterDelegatedAdministrator",
        r#"{"AccountId": "$account", "ServicePrincipal": "config.amazonaws.com"}"#,
        &["@account"],
    ),
    (
        "DeregisterDelegatedAdministrator",
        r#"{"AccountId": "$account", "ServicePrincipal": "config.amazonaws.com"}"#,
        &["@account"],
    ),
    ("PutResourcePolicy", r#"{"Content": "{}"}"#, &["*"]),
    ("DeleteResourcePolicy", "{}", &["*"]),
    ("InviteAccountToOrganization", r#"{"Target": {"Id": "999988887777", "Type": "ACCOUNT"}}"#, &["*"]),
    (
        "InviteOrganizationToTransferResponsibility",
        r#"{"Type": "BILLING", "Target": {"Id": "1", "Type": "ACCOUNT"}, "StartTimestamp": 1, "SourceName": "n"}"#,
        &["*"],
    ),
    ("AcceptHandshake", r#"{"HandshakeId": "$handshake"}"#, &["@handshake"]),
    ("DeclineHandshake", r#"{"HandshakeId": "$handshake"}"#, &["@handshake"]),
    ("CancelHandshake", r#"{"HandshakeId": "$handshake"}"#, &["@handshake"]),
    ("EnableAllFeatures", "{}", &["*"]),
    ("CloseAccount", r#"{"AccountId": "$account"}"#, &["@account"]),
    ("RemoveAccountFromOrganization", r#"{"AccountId": "$account"}"#, &["@account"]),
    ("LeaveOrganization", "{}", &["*"]),
    ("DeletePolicy", r#"{"PolicyId": "$policy"}"#, &["@policy"]),
    ("DeleteOrganizationalUnit", r#"{"OrganizationalUnitId": "$unit"}"#, &["@unit"]),
    ("DeleteOrganization", "{}", &["*"]),
];

/// The ids and ARNs that the table names.
async fn names(world: &World) -> Vec<(&'static str, String, String)> {
    let root = world.root().await;
    let (unit, account) = (world.unit(&root, "u").await, world.account("a").await);
    let policy = world.policy("SERVICE_CONTROL_POLICY", "p", &deny("s3:*")).await;
    let handshake = world.send_invitation("777788889999").await;
    world.ok_as(OTHER, "CreateOrganization", json!({})).await;
    let input = json!({
        "Type": "BILLING", "Target": {"Id": OTHER, "Type": "ACCOUNT"},
        "StartTimestamp": 1_801_440_000, "SourceName": "them",
    });
    world.ok("InviteOrganizationToTransferResponsibility", input).await;
    let transfers = world.ok("ListInboundResponsibilityTransfers", json!({"Type": "BILLING"})).await;
    let transfer = text(&transfers["ResponsibilityTransfers"][0]["Id"]);
    let org = text(&world.ok("DescribeOrganization", json!({})).await["Organization"]["Id"]);
    let arn = |kind: &str, id: &str| format!("arn:aws:organizations::{MANAGEMENT}:{kind}/{org}/{id}");
    let full = "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess".to_owned();
    vec![
        ("root", root.clone(), arn("root", &root)),
        ("unit", unit.clone(), arn("ou", &unit)),
        ("account", account.clone(), arn("account", &account)),
        ("policy", policy.clone(), arn("policy", &format!("service_control_policy/{policy}"))),
        ("handshake", handshake.clone(), arn("handshake", &format!("invite/{handshake}"))),
        ("transfer", transfer.clone(), arn("transfer", &format!("billing/inbound/{transfer}"))),
        ("full", "p-FullAWSAccess".to_owned(), full),
    ]
}

/// A call by the management account's root user whose session has one policy.
fn limited(world: &World, statements: &Value) -> Context {
    let mut cx = world.context(MANAGEMENT);
    let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let policy = Arc::new(CompiledPolicy::from_stored("session", document.as_bytes()));
    assert!(policy.poison().is_none(), "{document}");
    cx.caller = cx.caller.clone().with_session(Arc::new(Session {
        issued: cx.time,
        expires: Timestamp::from_millis(cx.time.as_millis() + 3_600_000),
        mfa: None,
        source_identity: None,
        tags: Vec::new(),
        transitive_tags: Vec::new(),
        policies: vec![policy],
        policy_arns: Vec::new(),
        provider: None,
        context: Vec::new(),
    }));
    cx
}

/// Whether a policy, and not the service, refuses the call.
async fn is_denied(world: &World, cx: &Context, operation: &str, input: &Value) -> bool {
    let result = world.call_in(cx, operation, input.clone()).await;
    result.is_err_and(|error| error.message.contains("is not authorized to perform"))
}

#[tokio::test]
async fn every_operation_asks_for_its_permission_and_no_other() {
    let world = World::new().await;
    let names = names(&world).await;
    for (operation, input, resources) in TABLE {
        let fill = |text: &str, sigil: char| {
            names.iter().fold(text.to_owned(), |text, (name, id, arn)| {
                text.replace(&format!("{sigil}{name}"), if sigil == '$' { id } else { arn })
            })
        };
        let input: Value = serde_json::from_str(&fill(input, '$')).unwrap();
        let resources: Vec<String> = resources.iter().map(|resource| fill(resource, '@')).collect();
        let action = format!("organizations:{operation}");
        for resource in &resources {
            let statements = json!([
                {"Effect": "Allow", "Action": "*", "Resource": "*"},
                {"Effect": "Deny", "Action": action, "Resource": resource},
            ]);
            let cx = limited(&world, &statements);
            assert!(is_denied(&world, &cx, operation, &input).await, "{operation} without {resource}");
        }
        let allowed = limited(&world, &json!([{"Effect": "Allow", "Action": action, "Resource": resources}]));
        assert!(!is_denied(&world, &allowed, operation, &input).await, "{operation} with {resources:?}");
    }
}

#[test]
fn every_operation_is_in_the_table() {
    for op in Op::ALL {
        assert_eq!(TABLE.iter().filter(|(name, ..)| *name == op.name()).count(), 1, "{}", op.name());
    }
}

#[tokio::test]
async fn tags_policy_types_and_services_are_condition_keys() {
    let world = World::new().await;
    let account = world.account("a").await;
    let tags = json!([{"Key": "k", "Value": "v"}]);
    world.ok("TagResource", json!({"ResourceId": account, "Tags": tags})).await;
    let condition = |key: &str, value: &str| json!({"StringEquals": {key: value}});
    for (operation, input, key, right) in [
        ("TagResource", json!({"ResourceId": account, "Tags": tags}), "aws:RequestTag/k", "v"),
        ("TagResource", json!({"ResourceId": account, "Tags": tags}), "aws:ResourceTag/k", "v"),
        ("UntagResource", json!({"ResourceId": account, "TagKeys": ["x"]}), "aws:TagKeys", "x"),
        ("ListPolicies", json!({"Filter": "TAG_POLICY"}), "organizations:PolicyType", "TAG_POLICY"),
        (
            "DescribePolicy",
            json!({"PolicyId": "p-FullAWSAccess"}),
            "organizations:PolicyType",
            "SERVICE_CONTROL_POLICY",
        ),
        (
            "EnableAWSServiceAccess",
            json!({"ServicePrincipal": "config.amazonaws.com"}),
            "organizations:ServicePrincipal",
            "config.amazonaws.com",
        ),
    ] {
        for (value, denied) in [(right, false), ("other", true)] {
            let statement = json!({
                "Effect": "Allow", "Action": "organizations:*", "Resource": "*", "Condition": condition(key, value),
            });
            let cx = limited(&world, &statement);
            assert_eq!(is_denied(&world, &cx, operation, &input).await, denied, "{operation} {key} {value}");
        }
    }
}

#[tokio::test]
async fn tags_of_something_new_are_a_permission_of_their_own() {
    let world = World::new().await;
    let input = json!({"ParentId": world.root().await, "Name": "u", "Tags": [{"Key": "k", "Value": "v"}]});
    let allow = |actions: Value| json!([{"Effect": "Allow", "Action": actions, "Resource": "*"}]);
    let create = "organizations:CreateOrganizationalUnit";
    for (actions, denied) in [(json!([create]), true), (json!([create, "organizations:TagResource"]), false)]
    {
        let cx = limited(&world, &allow(actions));
        assert_eq!(is_denied(&world, &cx, "CreateOrganizationalUnit", &input).await, denied);
    }
}
