//! Versions, delete markers, and the version `null`.

use garrison_api_s3::{operations as api, types};

use crate::testing::{BUCKET, World, get, refused, sample};

async fn version(world: &World, key: &str, id: &str) -> Result<Vec<u8>, garrison_schema::ApiError> {
    let input = types::GetObjectRequest { key: key.into(), version_id: Some(id.into()), ..get() };
    world.get_with(input).await.map(|(output, bytes)| {
        assert_eq!(output.version_id.as_deref(), Some(id));
        bytes
    })
}

#[tokio::test]
async fn older_versions_stay() {
    let world = World::new().await;
    world.put("k", b"null").await;
    world.set_versioning("Enabled").await;
    let one = world.put("k", b"one").await.unwrap();
    let two = world.put("k", b"two").await.unwrap();
    assert_ne!(one, two);
    assert_eq!(world.get("k").await.unwrap(), b"two");
    for (id, bytes) in [("null", &b"null"[..]), (&one, b"one"), (&two, b"two")] {
        assert_eq!(version(&world, "k", id).await.unwrap(), bytes);
    }
    refused(version(&world, "k", "nonsense").await, "InvalidArgument");
    refused(version(&world, "other", &one).await, "NoSuchVersion");

    let marker = world.delete("k", None).await;
    assert_eq!(marker.delete_marker, Some(true));
    let marker = marker.version_id.unwrap();
    let error = world.get("k").await.unwrap_err();
    assert_eq!((error.schema.name, error.members.is_some()), ("NoSuchKey", true));
    refused(version(&world, "k", &marker).await, "MethodNotAllowed");
    assert_eq!(version(&world, "k", &two).await.unwrap(), b"two");

    // Without its marker the object is there again, without its newest version the one before it.
    let deleted = world.delete("k", Some(&marker)).await;
    assert_eq!((deleted.delete_marker, deleted.version_id), (Some(true), Some(marker)));
    assert_eq!(world.get("k").await.unwrap(), b"two");
    world.delete("k", Some(&one)).await;
    refused(version(&world, "k", &one).await, "NoSuchVersion");
    world.delete("k", Some(&two)).await;
    assert_eq!(world.get("k").await.unwrap(), b"null");
    world.delete("k", Some("null")).await;
    refused(world.get("k").await, "NoSuchKey");
}

#[tokio::test]
async fn suspension_replaces_the_null_version_only() {
    let world = World::versioned().await;
    let one = world.put("k", b"one").await.unwrap();
    world.set_versioning("Suspended").await;
    let big = sample(10_000);
    assert_eq!(world.put("k", &big).await, None);
    assert_eq!(world.put("k", b"null 2").await, None);
    assert_eq!(version(&world, "k", "null").await.unwrap(), b"null 2");
    assert_eq!(version(&world, "k", &one).await.unwrap(), b"one");
    world.set_versioning("Enabled").await;
    world.put("k", b"three").await.unwrap();
    world.set_versioning("Suspended").await;
    // The null version behind the newest one goes.
    let marker = world.delete("k", None).await;
    assert_eq!(marker.version_id.as_deref(), Some("null"));
    refused(version(&world, "k", "null").await, "MethodNotAllowed");
    assert_eq!(version(&world, "k", &one).await.unwrap(), b"one");
    world.advance(25).await;
    assert_eq!(world.blobs(), 0);
}

#[tokio::test]
async fn many_versions_leave_at_once() {
    let world = World::versioned().await;
    let one = world.put("k", b"one").await.unwrap();
    let two = world.put("k", b"two").await.unwrap();
    let three = world.put("k", b"three").await.unwrap();
    let other = world.put("other", b"x").await.unwrap();
    let delete = |items: &[(&str, Option<&str>)]| types::DeleteObjectsRequest {
        bucket: BUCKET.into(),
        delete: types::Delete {
            objects: items
                .iter()
                .map(|(key, version)| types::ObjectIdentifier {
                    key: (*key).into(),
                    version_id: version.map(Into::into),
                    ..Default::default()
                })
                .collect(),
            quiet: None,
        },
        ..Default::default()
    };
    let items =
        [("k", Some(three.as_str())), ("k", Some(two.as_str())), ("other", None), ("absent", Some("null"))];
    let output = world.call(api::DeleteObjects, delete(&items)).await.unwrap();
    assert_eq!(output.errors, None);
    let deleted = output.deleted.unwrap();
    assert_eq!(deleted.len(), 4);
    let marker = deleted.iter().find(|deleted| deleted.key.as_deref() == Some("other")).unwrap();
    assert_eq!(marker.delete_marker, Some(true));
    assert_eq!(world.get("k").await.unwrap(), b"one");
    refused(version(&world, "k", &two).await, "NoSuchVersion");
    assert_eq!(version(&world, "other", &other).await.unwrap(), b"x");

    let marker = marker.delete_marker_version_id.clone().unwrap();
    let items = [("k", Some(one.as_str())), ("other", Some(&marker)), ("other", Some(&other))];
    world.call(api::DeleteObjects, delete(&items)).await.unwrap();
    let bucket = types::DeleteBucketRequest { bucket: BUCKET.into(), ..Default::default() };
    world.call(api::DeleteBucket, bucket).await.unwrap();
    refused(world.call(api::DeleteObjects, delete(&[])).await, "NoSuchBucket");
}

#[tokio::test]
async fn deletions_may_have_conditions() {
    let world = World::new().await;
    world.put("k", b"hello").await;
    let with = |tag: &str| types::DeleteObjectRequest {
        bucket: BUCKET.into(),
        key: "k".into(),
        if_match: Some(tag.into()),
        ..Default::default()
    };
    refused(world.call(api::DeleteObject, with("\"x\"")).await, "PreconditionFailed");
    world.call(api::DeleteObject, with("\"5d41402abc4b2a76b9719d911017c592\"")).await.unwrap();
    refused(world.call(api::DeleteObject, with("\"x\"")).await, "NoSuchKey");
    assert_eq!(world.delete("k", None).await.version_id, None);
}
