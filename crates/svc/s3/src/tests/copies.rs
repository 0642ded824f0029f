//! Copies of objects and of parts.

use std::collections::BTreeMap;

use garrison_api_s3::{operations as api, types};

use crate::testing::{BUCKET, World, get, put, refused, sample};

fn copy(source: &str, key: &str) -> types::CopyObjectRequest {
    types::CopyObjectRequest {
        bucket: BUCKET.into(),
        key: key.into(),
        copy_source: format!("/{BUCKET}/{source}"),
        ..Default::default()
    }
}

fn head(key: &str) -> types::HeadObjectRequest {
    types::HeadObjectRequest { bucket: BUCKET.into(), key: key.into(), ..Default::default() }
}

#[tokio::test]
async fn a_copy_has_a_key_of_its_own_and_what_the_directives_say() {
    let world = World::new().await;
    let bytes = sample(200_000);
    let input = types::PutObjectRequest {
        content_type: Some("text/plain".into()),
        metadata: Some(BTreeMap::from([("a".to_owned(), "1".to_owned())])),
        tagging: Some("x=1".into()),
        storage_class: Some("STANDARD_IA".into()),
        ..put("a b+ä", &bytes)
    };
    world.call(api::PutObject, input).await.unwrap();
    let output = world.call(api::CopyObject, copy("a%20b+%C3%A4", "c")).await.unwrap();
    assert!(output.copy_object_result.unwrap().e_tag.is_some());
    assert!(world.get("c").await.unwrap() == bytes);
    let found = world.call(api::HeadObject, head("c")).await.unwrap();
    assert_eq!((found.content_type.as_deref(), found.tag_count), (Some("text/plain"), Some(1)));
    assert_eq!((found.storage_class, found.metadata.unwrap().len()), (None, 1));
    world.delete("a b+ä", None).await;
    world.advance(25).await;
    assert!(world.get("c").await.unwrap() == bytes);

    let replaced = types::CopyObjectRequest {
        metadata_directive: Some("REPLACE".into()),
        tagging_directive: Some("REPLACE".into()),
        content_type: Some("text/html".into()),
        tagging: Some("y=2&z=3".into()),
        ..copy("c", "d")
    };
    world.call(api::CopyObject, replaced).await.unwrap();
    let found = world.call(api::HeadObject, head("d")).await.unwrap();
    assert_eq!((found.content_type.as_deref(), found.tag_count), (Some("text/html"), Some(2)));
    assert_eq!(found.metadata, None);

    refused(world.call(api::CopyObject, copy("c", "c")).await, "InvalidRequest");
    let changed = types::CopyObjectRequest { storage_class: Some("STANDARD".into()), ..copy("c", "c") };
    world.call(api::CopyObject, changed).await.unwrap();
    assert!(world.get("c").await.unwrap() == bytes);
}

#[tokio::test]
async fn sources_are_asked_about() {
    let world = World::versioned().await;
    let one = world.put("a", b"one").await.unwrap();
    world.put("a", b"two").await.unwrap();
    let output = world.call(api::CopyObject, copy(&format!("a?versionId={one}"), "b")).await.unwrap();
    assert_eq!(output.copy_source_version_id, Some(one));
    assert!(output.version_id.is_some());
    assert_eq!(world.get("b").await.unwrap(), b"one");

    let tag = |if_match: Option<&str>, if_none_match: Option<&str>| types::CopyObjectRequest {
        copy_source_if_match: if_match.map(Into::into),
        copy_source_if_none_match: if_none_match.map(Into::into),
        ..copy("a", "b")
    };
    refused(world.call(api::CopyObject, tag(Some("\"x\""), None)).await, "PreconditionFailed");
    refused(world.call(api::CopyObject, tag(None, Some("*"))).await, "PreconditionFailed");
    refused(world.call(api::CopyObject, copy("missing", "b")).await, "NoSuchKey");
    let marker = world.delete("a", None).await.version_id.unwrap();
    refused(world.call(api::CopyObject, copy("a", "b")).await, "NoSuchKey");
    refused(world.call(api::CopyObject, copy(&format!("a?versionId={marker}"), "b")).await, "InvalidRequest");
    for source in ["", "bucket-only", "/%ff/x", "other-bucket/x"] {
        let input = types::CopyObjectRequest { copy_source: source.into(), ..copy("a", "b") };
        let error = world.call(api::CopyObject, input).await.unwrap_err().schema.name;
        assert_eq!(error, if source.starts_with("other") { "NoSuchBucket" } else { "InvalidArgument" });
    }
    refused(world.call_as(&world.user(), api::CopyObject, copy("a", "b")).await, "AccessDenied");
}

#[tokio::test]
async fn parts_are_copied_by_range() {
    let world = World::new().await;
    let bytes = sample(150_000);
    world.put("a", &bytes).await;
    let begin =
        types::CreateMultipartUploadRequest { bucket: BUCKET.into(), key: "k".into(), ..Default::default() };
    let upload_id = world.call(api::CreateMultipartUpload, begin).await.unwrap().upload_id.unwrap();
    let part = |range: &str| types::UploadPartCopyRequest {
        bucket: BUCKET.into(),
        key: "k".into(),
        upload_id: upload_id.clone(),
        part_number: 1,
        copy_source: format!("{BUCKET}/a"),
        copy_source_range: Some(range.into()),
        ..Default::default()
    };
    for range in ["bytes=0-150000", "bytes=5-2", "bytes=-5", "bytes=5-", "0-5"] {
        refused(world.call(api::UploadPartCopy, part(range)).await, "InvalidArgument");
    }
    let output = world.call(api::UploadPartCopy, part("bytes=60000-139999")).await.unwrap();
    let listed = types::CompletedPart {
        e_tag: output.copy_part_result.unwrap().e_tag,
        part_number: Some(1),
        ..Default::default()
    };
    let complete = types::CompleteMultipartUploadRequest {
        bucket: BUCKET.into(),
        key: "k".into(),
        upload_id: upload_id.clone(),
        multipart_upload: Some(types::CompletedMultipartUpload { parts: Some(vec![listed]) }),
        ..Default::default()
    };
    world.call(api::CompleteMultipartUpload, complete).await.unwrap();
    let input = types::GetObjectRequest { key: "k".into(), ..get() };
    assert!(world.get_with(input).await.unwrap().1 == bytes[60_000..140_000]);
}
