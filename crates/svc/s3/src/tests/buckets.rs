//! Buckets.

use garrison_api_s3::{operations as api, types};
use garrison_testkit::{ACCOUNT, REGION};

use crate::testing::{BUCKET, World, create, refused};

#[tokio::test]
async fn a_bucket_is_made_listed_and_deleted() {
    let world = World::new().await;
    let head = types::HeadBucketRequest { bucket: BUCKET.into(), ..Default::default() };
    let output = world.call(api::HeadBucket, head.clone()).await.unwrap();
    assert_eq!(output.bucket_region.as_deref(), Some(REGION));
    assert_eq!(output.bucket_arn.as_deref(), Some("arn:aws:s3:::the-bucket"));
    let location = types::GetBucketLocationRequest { bucket: BUCKET.into(), ..Default::default() };
    let output = world.call(api::GetBucketLocation, location).await.unwrap();
    assert_eq!(output.location_constraint.unwrap().as_str(), REGION);

    world.put("a", b"x").await;
    let delete = types::DeleteBucketRequest { bucket: BUCKET.into(), ..Default::default() };
    refused(world.call(api::DeleteBucket, delete.clone()).await, "BucketNotEmpty");
    world.delete("a", None).await;
    world.call(api::DeleteBucket, delete.clone()).await.unwrap();
    refused(world.call(api::DeleteBucket, delete).await, "NoSuchBucket");
    refused(world.call(api::HeadBucket, head).await, "NoSuchBucket");
    assert_eq!(world.call(api::ListBuckets, Default::default()).await.unwrap().buckets, Some(Vec::new()));
    world.call(api::CreateBucket, create(BUCKET, Some(REGION))).await.unwrap();
}

#[tokio::test]
async fn names_are_taken_once() {
    let world = World::new().await;
    refused(world.call(api::CreateBucket, create(BUCKET, Some(REGION))).await, "BucketAlreadyOwnedByYou");
    let stranger = world.stranger();
    let again = create(BUCKET, Some(REGION));
    refused(world.call_as(&stranger, api::CreateBucket, again).await, "BucketAlreadyExists");
    refused(world.call(api::CreateBucket, create("No", Some(REGION))).await, "InvalidBucketName");
}

#[tokio::test]
async fn a_bucket_lies_where_its_constraint_says() {
    let world = World::empty();
    for (called, constraint, outcome) in [
        ("us-east-1", None, Ok("us-east-1")),
        ("us-east-1", Some("eu-west-1"), Ok("eu-west-1")),
        ("us-east-1", Some("us-east-1"), Err("InvalidLocationConstraint")),
        ("eu-west-1", Some("EU"), Ok("eu-west-1")),
        ("eu-west-1", None, Err("IllegalLocationConstraintException")),
        ("eu-west-1", Some("eu-west-2"), Err("IllegalLocationConstraintException")),
    ] {
        let cx = world.test.context(ACCOUNT, called);
        let result = world.call_as(&cx, api::CreateBucket, create("abc", constraint)).await;
        let region = match result {
            Ok(_) => {
                let bucket = world.s3.repo().bucket("abc").await.unwrap().unwrap();
                let delete = types::DeleteBucketRequest { bucket: "abc".into(), ..Default::default() };
                world.call_as(&cx, api::DeleteBucket, delete).await.unwrap();
                Ok(bucket.record.region.clone())
            }
            Err(error) => Err(error.schema.name),
        };
        assert_eq!(region, outcome.map(str::to_owned), "{called} {constraint:?}");
    }
    // As it always was.
    let cx = world.test.context(ACCOUNT, "us-east-1");
    for _ in 0..2 {
        world.call_as(&cx, api::CreateBucket, create("abc", None)).await.unwrap();
    }
}

#[tokio::test]
async fn buckets_are_listed_in_pages() {
    let world = World::empty();
    for name in ["b-1", "b-2", "b-3", "c-1"] {
        world.call(api::CreateBucket, create(name, Some(REGION))).await.unwrap();
    }
    let mut input = types::ListBucketsRequest {
        prefix: Some("b-".into()),
        max_buckets: Some(2),
        bucket_region: Some(REGION.into()),
        ..Default::default()
    };
    let mut seen = Vec::new();
    loop {
        let page = world.call(api::ListBuckets, input.clone()).await.unwrap();
        seen.push(page.buckets.unwrap().into_iter().map(|bucket| bucket.name.unwrap()).collect::<Vec<_>>());
        input.continuation_token = page.continuation_token;
        if input.continuation_token.is_none() {
            break;
        }
    }
    assert_eq!(seen, [vec!["b-1", "b-2"], vec!["b-3"]]);
    let elsewhere =
        types::ListBucketsRequest { bucket_region: Some("eu-west-1".into()), ..Default::default() };
    assert_eq!(world.call(api::ListBuckets, elsewhere).await.unwrap().buckets, Some(Vec::new()));
    let zero = types::ListBucketsRequest { max_buckets: Some(0), ..Default::default() };
    refused(world.call(api::ListBuckets, zero).await, "InvalidArgument");
    let theirs = world.call_as(&world.stranger(), api::ListBuckets, Default::default()).await.unwrap();
    assert_eq!(theirs.buckets, Some(Vec::new()));
    refused(world.call_as(&world.anybody(), api::ListBuckets, Default::default()).await, "AccessDenied");
}

#[tokio::test]
async fn only_who_may_sees_a_bucket() {
    let world = World::new().await;
    let head = types::HeadBucketRequest { bucket: BUCKET.into(), ..Default::default() };
    let message = refused(world.call_as(&world.user(), api::HeadBucket, head.clone()).await, "AccessDenied");
    assert_eq!(
        message,
        format!(
            "User: arn:aws:iam::{ACCOUNT}:user/eve is not authorized to perform: s3:ListBucket on resource: \
             \"arn:aws:s3:::the-bucket\" because no identity-based policy allows the s3:ListBucket action"
        )
    );
    refused(world.call_as(&world.stranger(), api::HeadBucket, head.clone()).await, "AccessDenied");
    refused(world.call_as(&world.anybody(), api::HeadBucket, head.clone()).await, "AccessDenied");
    let expecting = types::HeadBucketRequest { expected_bucket_owner: Some("444455556666".into()), ..head };
    refused(world.call(api::HeadBucket, expecting).await, "AccessDenied");
}
