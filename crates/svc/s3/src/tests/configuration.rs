//! A bucket's configuration: policies, Block Public Access, encryption, and what is only kept.

use garrison_api_s3::{operations as api, types};
use garrison_testkit::{ACCOUNT, REGION};

use crate::testing::{BUCKET, STRANGER, World, get, put, refused};

/// A statement of a bucket policy that lets a principal do something.
fn policy(principal: &str, actions: &str, more: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"{actions}","Resource":["arn:aws:s3:::{BUCKET}","arn:aws:s3:::{BUCKET}/*"]{more}}}]}}"#
    )
}

async fn put_policy(world: &World, policy: &str) -> Result<(), garrison_schema::ApiError> {
    let input =
        types::PutBucketPolicyRequest { bucket: BUCKET.into(), policy: policy.into(), ..Default::default() };
    world.call(api::PutBucketPolicy, input).await.map(|_| ())
}

async fn public_access(world: &World, block_policy: bool, restrict: bool) {
    let input = types::PutPublicAccessBlockRequest {
        bucket: BUCKET.into(),
        public_access_block_configuration: types::PublicAccessBlockConfiguration {
            block_public_policy: Some(block_policy),
            restrict_public_buckets: Some(restrict),
            ..Default::default()
        },
        ..Default::default()
    };
    world.call(api::PutPublicAccessBlock, input).await.unwrap();
}

fn a() -> types::GetObjectRequest {
    types::GetObjectRequest { key: "a".into(), ..get() }
}

#[tokio::test]
async fn a_policy_lets_others_in() {
    let world = World::new().await;
    world.put("a", b"x").await;
    let read = types::GetBucketPolicyRequest { bucket: BUCKET.into(), ..Default::default() };
    refused(world.call(api::GetBucketPolicy, read.clone()).await, "NoSuchBucketPolicy");
    let text = policy(&format!(r#"{{"AWS":"{STRANGER}"}}"#), "s3:GetObject", "");
    put_policy(&world, &text).await.unwrap();
    assert_eq!(world.call(api::GetBucketPolicy, read).await.unwrap().policy, Some(text));
    world.call_as(&world.stranger(), api::GetObject, a()).await.unwrap();
    refused(world.call_as(&world.stranger(), api::PutObject, put("a", b"y")).await, "AccessDenied");
    refused(world.call_as(&world.user(), api::GetObject, a()).await, "AccessDenied");
    // Who may not list does not learn that there is nothing.
    let gone = types::GetObjectRequest { key: "gone".into(), ..get() };
    let message =
        refused(world.call_as(&world.stranger(), api::GetObject, gone.clone()).await, "AccessDenied");
    assert!(message.contains("s3:ListBucket"), "{message}");
    let both = policy(&format!(r#"{{"AWS":"{STRANGER}"}}"#), "s3:*", "");
    put_policy(&world, &both).await.unwrap();
    refused(world.call_as(&world.stranger(), api::GetObject, gone).await, "NoSuchKey");

    let delete = types::DeleteBucketPolicyRequest { bucket: BUCKET.into(), ..Default::default() };
    world.call(api::DeleteBucketPolicy, delete).await.unwrap();
    refused(world.call_as(&world.stranger(), api::GetObject, a()).await, "AccessDenied");
}

#[tokio::test]
async fn a_policy_has_conditions() {
    let world = World::new().await;
    world
        .call(api::PutObject, types::PutObjectRequest { tagging: Some("Kind=Open".into()), ..put("a", b"x") })
        .await
        .unwrap();
    world.put("b", b"x").await;
    let stranger = format!(r#"{{"AWS":"{STRANGER}"}}"#);
    let tagged = r#","Condition":{"StringEquals":{"s3:ExistingObjectTag/Kind":"Open"}}"#;
    put_policy(&world, &policy(&stranger, "s3:GetObject", tagged)).await.unwrap();
    world.call_as(&world.stranger(), api::GetObject, a()).await.unwrap();
    let b = types::GetObjectRequest { key: "b".into(), ..get() };
    refused(world.call_as(&world.stranger(), api::GetObject, b).await, "AccessDenied");

    let prefixed = r#","Condition":{"StringLike":{"s3:prefix":"home/*"}}"#;
    put_policy(&world, &policy(&stranger, "s3:ListBucket", prefixed)).await.unwrap();
    let list = |prefix: &str| types::ListObjectsV2Request {
        bucket: BUCKET.into(),
        prefix: Some(prefix.into()),
        ..Default::default()
    };
    world.call_as(&world.stranger(), api::ListObjectsV2, list("home/x")).await.unwrap();
    refused(world.call_as(&world.stranger(), api::ListObjectsV2, list("")).await, "AccessDenied");

    let encrypted = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::{BUCKET}/*","Condition":{{"StringNotEquals":{{"s3:x-amz-server-side-encryption":"AES256"}}}}}}]}}"#
    );
    put_policy(&world, &encrypted).await.unwrap();
    let message = refused(world.call(api::PutObject, put("a", b"y")).await, "AccessDenied");
    assert!(message.contains("explicit deny in a resource-based policy"), "{message}");
    let input = types::PutObjectRequest { server_side_encryption: Some("AES256".into()), ..put("a", b"y") };
    world.call(api::PutObject, input).await.unwrap();
}

#[tokio::test]
async fn policies_that_cannot_be_are_refused() {
    let world = World::new().await;
    let good = policy(&format!(r#"{{"AWS":"{STRANGER}"}}"#), "s3:GetObject", "");
    for text in [
        "",
        "x",
        "{}",
        &good.replace("s3:::the-bucket", "s3:::other"),
        &good.replace("s3:GetObject", "kms:Decrypt"),
        &good.replace(r#""Principal":{"AWS":"444455556666"},"#, ""),
        &good.replace("Allow", "Perhaps"),
    ] {
        refused(put_policy(&world, text).await, "MalformedPolicy");
    }
}

#[tokio::test]
async fn block_public_access_beats_a_public_policy() {
    let world = World::new().await;
    world.put("a", b"x").await;
    let public = policy("\"*\"", "s3:GetObject", "");
    let message = refused(put_policy(&world, &public).await, "AccessDenied");
    assert!(message.contains("BlockPublicPolicy"), "{message}");
    public_access(&world, false, false).await;
    put_policy(&world, &public).await.unwrap();
    let status = types::GetBucketPolicyStatusRequest { bucket: BUCKET.into(), ..Default::default() };
    let status = world.call(api::GetBucketPolicyStatus, status).await.unwrap();
    assert_eq!(status.policy_status.unwrap().is_public, Some(true));
    world.call_as(&world.anybody(), api::GetObject, a()).await.unwrap();
    public_access(&world, false, true).await;
    refused(world.call_as(&world.anybody(), api::GetObject, a()).await, "AccessDenied");
    refused(world.call_as(&world.stranger(), api::GetObject, a()).await, "AccessDenied");
    // The owner's own users keep what the policy gives them.
    world.call_as(&world.user(), api::GetObject, a()).await.unwrap();
    let delete = types::DeletePublicAccessBlockRequest { bucket: BUCKET.into(), ..Default::default() };
    world.call(api::DeletePublicAccessBlock, delete).await.unwrap();
    world.call_as(&world.anybody(), api::GetObject, a()).await.unwrap();
    let read = types::GetPublicAccessBlockRequest { bucket: BUCKET.into(), ..Default::default() };
    refused(world.call(api::GetPublicAccessBlock, read).await, "NoSuchPublicAccessBlockConfiguration");
}

#[tokio::test]
async fn objects_are_encrypted_under_keys_of_kms() {
    let world = World::new().await;
    let kms = |key: Option<&str>| types::PutObjectRequest {
        server_side_encryption: Some("aws:kms".into()),
        ssekms_key_id: key.map(|key| key.to_owned().into()),
        ..put("a", b"secret")
    };
    let output = world.call(api::PutObject, kms(None)).await.unwrap();
    let managed = format!("arn:aws:kms:{REGION}:{ACCOUNT}:alias/aws/s3");
    assert_eq!(output.ssekms_key_id.as_deref(), Some(managed.as_str()));
    assert_eq!(world.get("a").await.unwrap(), b"secret");

    let encryption = |algorithm: &str, key: Option<&str>| types::PutBucketEncryptionRequest {
        bucket: BUCKET.into(),
        server_side_encryption_configuration: types::ServerSideEncryptionConfiguration {
            rules: vec![types::ServerSideEncryptionRule {
                apply_server_side_encryption_by_default: Some(types::ServerSideEncryptionByDefault {
                    sse_algorithm: algorithm.into(),
                    kms_master_key_id: key.map(|key| key.to_owned().into()),
                }),
                bucket_key_enabled: Some(true),
                ..Default::default()
            }],
        },
        ..Default::default()
    };
    world.call(api::PutBucketEncryption, encryption("aws:kms", Some("key/mine"))).await.unwrap();
    let output = world.call(api::PutObject, put("b", b"secret")).await.unwrap();
    assert_eq!(output.server_side_encryption.unwrap().as_str(), "aws:kms");
    assert!(output.ssekms_key_id.unwrap().ends_with("key/mine"));
    assert_eq!(output.bucket_key_enabled, Some(true));
    assert_eq!(world.get("b").await.unwrap(), b"secret");

    let message =
        refused(world.call(api::PutObject, kms(Some("key/disabled"))).await, "KMS.DisabledException");
    assert_eq!(message, "key/disabled is disabled.");
    let lonely = types::PutObjectRequest { ssekms_key_id: Some("key/x".to_owned().into()), ..put("a", b"x") };
    refused(world.call(api::PutObject, lonely).await, "InvalidArgument");
    refused(world.call(api::PutBucketEncryption, encryption("AES256", Some("x"))).await, "InvalidArgument");
    refused(world.call(api::PutBucketEncryption, encryption("aws:kms:dsse", None)).await, "NotImplemented");
    let read = types::GetBucketEncryptionRequest { bucket: BUCKET.into(), ..Default::default() };
    let found = world.call(api::GetBucketEncryption, read.clone()).await.unwrap();
    let rule = found.server_side_encryption_configuration.unwrap().rules.remove(0);
    assert_eq!(rule.bucket_key_enabled, Some(true));
    let delete = types::DeleteBucketEncryptionRequest { bucket: BUCKET.into(), ..Default::default() };
    world.call(api::DeleteBucketEncryption, delete).await.unwrap();
    let found = world.call(api::GetBucketEncryption, read).await.unwrap();
    let rule = found.server_side_encryption_configuration.unwrap().rules.remove(0);
    assert_eq!(rule.apply_server_side_encryption_by_default.unwrap().sse_algorithm.as_str(), "AES256");
}

#[tokio::test]
async fn what_is_kept_comes_back_until_it_is_deleted() {
    let world = World::new().await;
    let bucket = || BUCKET.to_owned();
    let tags = types::PutBucketTaggingRequest {
        bucket: bucket(),
        tagging: types::Tagging { tag_set: vec![types::Tag { key: "a".into(), value: "1".into() }] },
        ..Default::default()
    };
    let read = types::GetBucketTaggingRequest { bucket: bucket(), ..Default::default() };
    refused(world.call(api::GetBucketTagging, read.clone()).await, "NoSuchTagSet");
    world.call(api::PutBucketTagging, tags.clone()).await.unwrap();
    assert_eq!(world.call(api::GetBucketTagging, read.clone()).await.unwrap().tag_set, tags.tagging.tag_set);
    let delete = types::DeleteBucketTaggingRequest { bucket: bucket(), ..Default::default() };
    world.call(api::DeleteBucketTagging, delete).await.unwrap();
    refused(world.call(api::GetBucketTagging, read).await, "NoSuchTagSet");

    let rule = types::CORSRule {
        allowed_methods: vec!["GET".into()],
        allowed_origins: vec!["https://*.example.com".into()],
        max_age_seconds: Some(5),
        ..Default::default()
    };
    let cors = |rule: &types::CORSRule| types::PutBucketCorsRequest {
        bucket: bucket(),
        cors_configuration: types::CORSConfiguration { cors_rules: vec![rule.clone()] },
        ..Default::default()
    };
    let read = types::GetBucketCorsRequest { bucket: bucket(), ..Default::default() };
    refused(world.call(api::GetBucketCors, read.clone()).await, "NoSuchCORSConfiguration");
    world.call(api::PutBucketCors, cors(&rule)).await.unwrap();
    assert_eq!(
        world.call(api::GetBucketCors, read.clone()).await.unwrap().cors_rules,
        Some(vec![rule.clone()])
    );
    for wrong in [
        types::CORSRule { allowed_methods: vec!["PATCH".into()], ..rule.clone() },
        types::CORSRule { allowed_origins: vec!["*.*".into()], ..rule.clone() },
    ] {
        refused(world.call(api::PutBucketCors, cors(&wrong)).await, "InvalidRequest");
    }
    let delete = types::DeleteBucketCorsRequest { bucket: bucket(), ..Default::default() };
    world.call(api::DeleteBucketCors, delete).await.unwrap();
    refused(world.call(api::GetBucketCors, read).await, "NoSuchCORSConfiguration");

    let read = types::GetBucketOwnershipControlsRequest { bucket: bucket(), ..Default::default() };
    let found = world.call(api::GetBucketOwnershipControls, read.clone()).await.unwrap();
    let rules = found.ownership_controls.unwrap().rules;
    assert_eq!(rules[0].object_ownership.as_str(), "BucketOwnerEnforced");
    let put = types::PutBucketOwnershipControlsRequest {
        bucket: bucket(),
        ownership_controls: types::OwnershipControls {
            rules: vec![types::OwnershipControlsRule { object_ownership: "ObjectWriter".into() }],
        },
        ..Default::default()
    };
    world.call(api::PutBucketOwnershipControls, put).await.unwrap();
    let delete = types::DeleteBucketOwnershipControlsRequest { bucket: bucket(), ..Default::default() };
    world.call(api::DeleteBucketOwnershipControls, delete).await.unwrap();
    refused(world.call(api::GetBucketOwnershipControls, read).await, "OwnershipControlsNotFoundError");
}
