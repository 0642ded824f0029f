//! Key policies and condition keys, through the operations that every hand uses them by.

use garrison_api_kms::{operations as api, types};

use crate::harness::{ACCOUNT, REGION, STRANGER, World, arn, refused};

/// A policy that lets the owner do everything but `action` where `condition` holds.
fn deny(action: &str, condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Principal":{{"AWS":"{ACCOUNT}"}},"Action":"kms:*","Resource":"*"}},
            {{"Effect":"Deny","Principal":"*","Action":"{action}","Resource":"*","Condition":{condition}}}]}}"#
    )
}

async fn key_with(world: &World, policy: String) -> String {
    let input = types::CreateKeyRequest {
        policy: Some(policy),
        tags: Some(vec![types::Tag { tag_key: "Stage".into(), tag_value: "prod".into() }]),
        ..Default::default()
    };
    world.create(input).await.key_id
}

#[tokio::test]
async fn properties_of_the_key_decide() {
    let world = World::new();
    for (condition, denied) in [
        (r#"{"StringEquals":{"kms:KeySpec":"SYMMETRIC_DEFAULT"}}"#, true),
        (r#"{"StringEquals":{"kms:KeySpec":"RSA_2048"}}"#, false),
        (r#"{"StringEquals":{"kms:KeyUsage":"ENCRYPT_DECRYPT"}}"#, true),
        (r#"{"StringEquals":{"kms:KeyOrigin":"EXTERNAL"}}"#, false),
        (r#"{"Bool":{"kms:MultiRegion":"false"}}"#, true),
        (r#"{"Null":{"kms:MultiRegionKeyType":"true"}}"#, true),
        (r#"{"StringEquals":{"aws:ResourceTag/Stage":"prod"}}"#, true),
        (r#"{"StringEquals":{"aws:ResourceTag/Stage":"dev"}}"#, false),
        (r#"{"StringEquals":{"kms:CallerAccount":"111122223333"}}"#, true),
        (r#"{"ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/mine"}}"#, true),
        (r#"{"StringEquals":{"kms:RequestAlias":"alias/mine"}}"#, true),
        (r#"{"StringEquals":{"kms:RequestAlias":"alias/other"}}"#, false),
        (r#"{"Null":{"kms:ViaService":"false"}}"#, false),
    ] {
        let key_id = key_with(&world, deny("kms:DescribeKey", condition)).await;
        let alias = types::CreateAliasRequest { alias_name: "alias/mine".into(), target_key_id: key_id };
        world.call(api::CreateAlias, alias).await.unwrap();
        let result = world.describe("alias/mine").await;
        assert_eq!(result.is_err(), denied, "{condition}");
        if denied {
            refused(result, "AccessDeniedException");
        }
        let alias = types::DeleteAliasRequest { alias_name: "alias/mine".into() };
        world.call(api::DeleteAlias, alias).await.unwrap();
    }
}

#[tokio::test]
async fn the_request_decides() {
    let world = World::new();
    let condition = r#"{"NumericGreaterThan":{"kms:ScheduleKeyDeletionPendingWindowInDays":"10"}}"#;
    let key_id = key_with(&world, deny("kms:ScheduleKeyDeletion", condition)).await;
    let schedule =
        |days| types::ScheduleKeyDeletionRequest { key_id: key_id.clone(), pending_window_in_days: days };
    refused(world.call(api::ScheduleKeyDeletion, schedule(Some(11))).await, "AccessDeniedException");
    refused(world.call(api::ScheduleKeyDeletion, schedule(None)).await, "AccessDeniedException");
    world.call(api::ScheduleKeyDeletion, schedule(Some(10))).await.unwrap();

    let condition = r#"{"StringEquals":{"aws:RequestTag/secret":"yes"}}"#;
    let key_id = key_with(&world, deny("kms:TagResource", condition)).await;
    let tag = |key: &str, value: &str| types::TagResourceRequest {
        key_id: key_id.clone(),
        tags: vec![types::Tag { tag_key: key.into(), tag_value: value.into() }],
    };
    refused(world.call(api::TagResource, tag("secret", "yes")).await, "AccessDeniedException");
    world.call(api::TagResource, tag("secret", "no")).await.unwrap();

    let condition = r#"{"ForAnyValue:StringEquals":{"aws:TagKeys":"secret"}}"#;
    let key_id = key_with(&world, deny("kms:UntagResource", condition)).await;
    let untag =
        |key: &str| types::UntagResourceRequest { key_id: key_id.clone(), tag_keys: vec![key.into()] };
    refused(world.call(api::UntagResource, untag("secret")).await, "AccessDeniedException");
    world.call(api::UntagResource, untag("other")).await.unwrap();

    let condition = r#"{"Bool":{"kms:BypassPolicyLockoutSafetyCheck":"true"}}"#;
    let policy = deny("kms:PutKeyPolicy", condition);
    let key_id = key_with(&world, policy.clone()).await;
    let put = |bypass| types::PutKeyPolicyRequest {
        key_id: key_id.clone(),
        policy: policy.clone(),
        bypass_policy_lockout_safety_check: Some(bypass),
        ..Default::default()
    };
    refused(world.call(api::PutKeyPolicy, put(true)).await, "AccessDeniedException");
    world.call(api::PutKeyPolicy, put(false)).await.unwrap();
}

#[tokio::test]
async fn a_managed_key_is_for_its_service_only() {
    let world = World::new();
    let key_id = world.describe("alias/aws/ebs").await.unwrap().key_id;
    let input = types::CreateAliasRequest { alias_name: "alias/x".into(), target_key_id: key_id.clone() };
    refused(world.call(api::CreateAlias, input).await, "AccessDeniedException");
    let through = world.via("ec2.amazonaws.com", &format!("ec2.{REGION}.amazonaws.com"));
    world.describe_as(&through, &key_id).await.unwrap();
}

#[tokio::test]
async fn another_account_needs_the_key_policy() {
    let world = World::new();
    let stranger = world.root_in(STRANGER, REGION);
    let key_id = world.key().await;
    refused(world.describe_as(&stranger, &arn(&key_id)).await, "AccessDeniedException");
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Principal":{{"AWS":["{ACCOUNT}","{STRANGER}"]}},"Action":"kms:*","Resource":"*"}}]}}"#
    );
    let put = types::PutKeyPolicyRequest { key_id: key_id.clone(), policy, ..Default::default() };
    world.call(api::PutKeyPolicy, put).await.unwrap();
    assert_eq!(world.describe_as(&stranger, &arn(&key_id)).await.unwrap().key_id, key_id);
    // Both accounts have a record of it.
    let seen: Vec<String> =
        world.store.audit().iter().rev().take(2).map(|record| record.account.to_string()).collect();
    assert_eq!(seen, [ACCOUNT, STRANGER]);
    // Management of keys is for the owner alone, whatever the policy says.
    let disable = types::DisableKeyRequest { key_id: arn(&key_id) };
    refused(world.call_as(&stranger, api::DisableKey, disable).await, "AccessDeniedException");
}
