//! GetKeyPolicy, PutKeyPolicy, ListKeyPolicies.

use garrison_api_kms::{operations as api, types};
use garrison_schema::ApiError;

use crate::harness::{ACCOUNT, World, refused};

async fn put(world: &World, key_id: &str, policy: &str, bypass: bool) -> Result<(), ApiError> {
    let input = types::PutKeyPolicyRequest {
        key_id: key_id.into(),
        policy: policy.into(),
        policy_name: Some("default".into()),
        bypass_policy_lockout_safety_check: Some(bypass),
    };
    world.call(api::PutKeyPolicy, input).await.map(|_| ())
}

async fn get(world: &World, key_id: &str) -> Result<String, ApiError> {
    let input = types::GetKeyPolicyRequest { key_id: key_id.into(), policy_name: None };
    Ok(world.call(api::GetKeyPolicy, input).await?.policy.unwrap())
}

fn allow(action: &str) -> String {
    format!(
        "{{\"Version\":\"2012-10-17\",\n\t\"Statement\": [{{\"Effect\":\"Allow\",\"Principal\":{{\"AWS\":\
         \"arn:aws:iam::{ACCOUNT}:root\"}},\"Action\":\"{action}\",\"Resource\":\"*\"}}]}}"
    )
}

#[tokio::test]
async fn a_key_without_a_policy_gets_the_default_one() {
    let world = World::new();
    let key_id = world.key().await;
    let policy: serde_json::Value = serde_json::from_str(&get(&world, &key_id).await.unwrap()).unwrap();
    assert_eq!(
        policy,
        serde_json::json!({
            "Version": "2012-10-17",
            "Id": "key-default-1",
            "Statement": [{
                "Sid": "Enable IAM User Permissions",
                "Effect": "Allow",
                "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")},
                "Action": "kms:*",
                "Resource": "*",
            }],
        })
    );
    let list = world
        .call(api::ListKeyPolicies, types::ListKeyPoliciesRequest { key_id, ..Default::default() })
        .await;
    assert_eq!(list.unwrap().policy_names, Some(vec!["default".to_owned()]));
}

#[tokio::test]
async fn a_policy_comes_back_byte_for_byte() {
    let world = World::new();
    let key_id = world.key().await;
    let policy = allow("kms:*");
    put(&world, &key_id, &policy, false).await.unwrap();
    assert_eq!(get(&world, &key_id).await.unwrap(), policy);
    let other = types::GetKeyPolicyRequest { key_id, policy_name: Some("other".into()) };
    assert_eq!(
        refused(world.call(api::GetKeyPolicy, other).await, "NotFoundException"),
        "No such policy exists"
    );
}

#[tokio::test]
async fn bad_policies_are_refused() {
    let world = World::new();
    let key_id = world.key().await;
    let large =
        allow("kms:*").replace("2012-10-17\"", &format!("2012-10-17\",\"Id\":\"{}\"", "x".repeat(33_000)));
    for (policy, error) in [
        ("".to_owned(), "MalformedPolicyDocumentException"),
        ("{}".to_owned(), "MalformedPolicyDocumentException"),
        (allow("kms:*").replace("Allow", "Permit"), "MalformedPolicyDocumentException"),
        (
            allow("kms:*").replace(&format!("arn:aws:iam::{ACCOUNT}:root"), "nobody*"),
            "MalformedPolicyDocumentException",
        ),
        (large, "LimitExceededException"),
    ] {
        refused(put(&world, &key_id, &policy, true).await, error);
    }
}

#[tokio::test]
async fn nobody_locks_himself_out_by_accident() {
    let world = World::new();
    let key_id = world.key().await;
    let message =
        refused(put(&world, &key_id, &allow("kms:Encrypt"), false).await, "MalformedPolicyDocumentException");
    assert_eq!(message, "The new key policy will not allow you to update the key policy in the future.");
    put(&world, &key_id, &allow("kms:Encrypt"), true).await.unwrap();
    refused(get(&world, &key_id).await, "AccessDeniedException");
    let input = types::CreateKeyRequest { policy: Some(allow("kms:Encrypt")), ..Default::default() };
    refused(world.call(api::CreateKey, input).await, "MalformedPolicyDocumentException");
}
