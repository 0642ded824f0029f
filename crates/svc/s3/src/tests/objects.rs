//! Objects: their bytes, their descriptions, and who may have them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use futures_util::stream;
use garrison_api_s3::{operations as api, types};
use garrison_kernel::{Handler, Reply};
use garrison_schema::ByteStream;
use garrison_testkit::ACCOUNT;
use garrison_types::Timestamp;

use crate::checksum::{Algorithm, Hasher};
use crate::repo::layout;
use crate::testing::{BUCKET, World, body, get, put, refused, sample};

const SEGMENT: usize = 64 * 1024;

#[tokio::test]
async fn bytes_come_back_as_they_went() {
    let world = World::new().await;
    for length in [0, 1, 4096, 4097, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, 17 * SEGMENT + 5] {
        let bytes = sample(length);
        world.put("k", &bytes).await;
        assert!(world.get("k").await.unwrap() == bytes, "{length}");
        for (range, part) in [
            ("bytes=0-0", 0..1),
            ("bytes=65530-65545", 65530..65546),
            ("bytes=-5", length.saturating_sub(5)..length),
            ("bytes=1000-", 1000..length),
        ] {
            let input = types::GetObjectRequest { key: "k".into(), range: Some(range.into()), ..get() };
            let part = part.start..part.end.min(length);
            if part.is_empty() {
                refused(world.get_with(input).await, "InvalidRange");
                continue;
            }
            let (output, found) = world.get_with(input).await.unwrap();
            assert!(found == bytes[part.clone()], "{length} {range}");
            let shown = format!("bytes {}-{}/{length}", part.start, part.end - 1);
            assert_eq!(output.content_range, Some(shown));
        }
    }
}

#[tokio::test]
async fn nothing_at_rest_is_plain() {
    let world = World::new().await;
    let planted = b"planted content that nobody must find ".repeat(4000);
    world.put("big", &planted).await;
    world.put("small", &planted[..38]).await;
    let needle = &planted[..38];
    let mut folders = vec![world.folder.path().to_owned()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(needle.len()).any(|window| window == needle));
        }
    }
    assert_eq!(files, 1);
    let entry = world.test.kernel.store().get(&layout::object(BUCKET, "small")).await.unwrap().unwrap();
    assert!(!entry.value.windows(10).any(|window| window == &needle[..10]));
    assert!(world.get("big").await.unwrap() == planted);
}

#[tokio::test]
async fn a_changed_blob_is_not_served() {
    let world = World::new().await;
    world.put("k", &sample(100_000)).await;
    let folder = std::fs::read_dir(world.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.file_name().unwrap().len() == 2)
        .unwrap();
    let file = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[5] ^= 1;
    let mut permissions = std::fs::metadata(&file).unwrap().permissions();
    #[expect(clippy::permissions_set_readonly_false, reason = "a file of a temporary folder")]
    permissions.set_readonly(false);
    std::fs::set_permissions(&file, permissions).unwrap();
    std::fs::write(&file, &bytes).unwrap();
    refused(world.get("k").await, "InternalFailure");
    std::fs::remove_file(&file).unwrap();
    refused(world.get("k").await, "InternalFailure");
}

#[tokio::test]
async fn what_is_said_of_an_object_comes_back() {
    let world = World::new().await;
    let input = types::PutObjectRequest {
        content_type: Some("text/plain".into()),
        cache_control: Some("no-cache".into()),
        content_language: Some("de".into()),
        metadata: Some(BTreeMap::from([("a".to_owned(), "1".to_owned())])),
        storage_class: Some("STANDARD_IA".into()),
        tagging: Some("x=1&y=2".into()),
        ..put("k", b"hello")
    };
    let output = world.call(api::PutObject, input).await.unwrap();
    assert_eq!(output.e_tag.as_deref(), Some("\"5d41402abc4b2a76b9719d911017c592\""));
    assert_eq!(output.server_side_encryption.unwrap().as_str(), "AES256");
    assert!(output.checksum_crc64_nvme.is_some());
    let head = types::HeadObjectRequest {
        bucket: BUCKET.into(),
        key: "k".into(),
        response_content_type: Some("text/html".into()),
        response_expires: Some(Timestamp::from_seconds(0)),
        ..Default::default()
    };
    let output = world.call(api::HeadObject, head).await.unwrap();
    assert_eq!(output.content_type.as_deref(), Some("text/html"));
    assert_eq!(output.expires.as_deref(), Some("Thu, 01 Jan 1970 00:00:00 GMT"));
    assert_eq!(output.cache_control.as_deref(), Some("no-cache"));
    assert_eq!(output.content_language.as_deref(), Some("de"));
    assert_eq!(output.metadata.unwrap().get("a").map(String::as_str), Some("1"));
    assert_eq!(output.storage_class.unwrap().as_str(), "STANDARD_IA");
    assert_eq!((output.tag_count, output.content_length), (Some(2), Some(5)));
    assert_eq!(output.version_id, None);
}

#[tokio::test]
async fn digests_are_held_against_the_body() {
    let world = World::new().await;
    let md5 = |text: &str| types::PutObjectRequest { content_md5: Some(text.into()), ..put("k", b"hello") };
    world.call(api::PutObject, md5("XUFAKrxLKna5cZ2REBfFkg==")).await.unwrap();
    refused(world.call(api::PutObject, md5("XUFAKrxLKna5cZ2REBfFkQ==")).await, "BadDigest");
    refused(world.call(api::PutObject, md5("short")).await, "InvalidDigest");
    let short = types::PutObjectRequest { content_length: Some(6), ..put("k", b"hello") };
    refused(world.call(api::PutObject, short).await, "IncompleteBody");

    let mut hasher = Hasher::new(Algorithm::Sha256);
    hasher.update(b"hello");
    let right = hasher.finish().value;
    let sha =
        |text: &str| types::PutObjectRequest { checksum_sha256: Some(text.into()), ..put("k", b"hello") };
    let output = world.call(api::PutObject, sha(&right)).await.unwrap();
    assert_eq!(output.checksum_sha256, Some(right.clone()));
    let message = refused(
        world
            .call(api::PutObject, types::PutObjectRequest { body: Some(body(b"hullo")), ..sha(&right) })
            .await,
        "BadDigest",
    );
    assert_eq!(message, "The SHA256 you specified did not match the calculated checksum.");
    refused(world.call(api::PutObject, sha("AAAA")).await, "InvalidRequest");
    let two = types::PutObjectRequest { checksum_crc32: Some("AAAAAA==".into()), ..sha(&right) };
    refused(world.call(api::PutObject, two).await, "InvalidRequest");
    let other = types::PutObjectRequest { checksum_sha512: Some("x".into()), ..put("k", b"hello") };
    refused(world.call(api::PutObject, other).await, "NotImplemented");

    let mode = |mode: Option<&str>| types::GetObjectRequest {
        key: "k".into(),
        checksum_mode: mode.map(Into::into),
        ..get()
    };
    assert_eq!(world.get_with(mode(Some("ENABLED"))).await.unwrap().0.checksum_sha256, Some(right));
    assert_eq!(world.get_with(mode(None)).await.unwrap().0.checksum_sha256, None);
    let named =
        types::PutObjectRequest { checksum_algorithm: Some("CRC32C".into()), ..put("k", b"123456789") };
    let output = world.call(api::PutObject, named).await.unwrap();
    assert_eq!(output.checksum_crc32_c.as_deref(), Some("4waSgw=="));
}

#[tokio::test]
async fn conditions_are_kept() {
    let world = World::new().await;
    let none = |key: &str| types::PutObjectRequest { if_none_match: Some("*".into()), ..put(key, b"hello") };
    world.call(api::PutObject, none("k")).await.unwrap();
    refused(world.call(api::PutObject, none("k")).await, "PreconditionFailed");
    let tag = "\"5d41402abc4b2a76b9719d911017c592\"";
    let matching =
        |key: &str, tag: &str| types::PutObjectRequest { if_match: Some(tag.into()), ..put(key, b"hello") };
    world.call(api::PutObject, matching("k", tag)).await.unwrap();
    refused(world.call(api::PutObject, matching("k", "\"x\"")).await, "PreconditionFailed");
    refused(world.call(api::PutObject, matching("absent", tag)).await, "NoSuchKey");

    let at = world.root().time;
    let before = Timestamp::from_seconds(at.as_seconds() - 1);
    let base = types::GetObjectRequest { key: "k".into(), ..get() };
    let text = |text: &str| Some(text.to_owned());
    for (if_match, if_none_match, modified, unmodified, outcome) in [
        (text(tag), None, None, None, Ok(())),
        (text("\"x\""), None, None, None, Err("PreconditionFailed")),
        (None, text(tag), None, None, Err("NotModified")),
        (None, text("\"x\""), None, None, Ok(())),
        (None, None, Some(at), None, Err("NotModified")),
        (None, None, Some(before), None, Ok(())),
        (None, None, None, Some(at), Ok(())),
        (None, None, None, Some(before), Err("PreconditionFailed")),
        // An entity tag counts more than a date.
        (text(tag), None, None, Some(before), Ok(())),
        (None, text("\"x\""), Some(at), None, Ok(())),
    ] {
        let input = types::GetObjectRequest {
            if_match,
            if_none_match,
            if_modified_since: modified,
            if_unmodified_since: unmodified,
            ..base.clone()
        };
        let shown = format!("{input:?}");
        let result = world.get_with(input).await.map(|_| ()).map_err(|error| error.schema.name);
        assert_eq!(result, outcome, "{shown}");
    }
}

#[tokio::test]
async fn tags_are_replaced_and_removed() {
    let world = World::new().await;
    world.put("k", b"x").await;
    let tags = |pairs: &[(&str, &str)]| types::PutObjectTaggingRequest {
        bucket: BUCKET.into(),
        key: "k".into(),
        tagging: types::Tagging {
            tag_set: pairs.iter().map(|(k, v)| types::Tag { key: (*k).into(), value: (*v).into() }).collect(),
        },
        ..Default::default()
    };
    world.call(api::PutObjectTagging, tags(&[("a", "1"), ("b", "2")])).await.unwrap();
    let list =
        types::GetObjectTaggingRequest { bucket: BUCKET.into(), key: "k".into(), ..Default::default() };
    let found = world.call(api::GetObjectTagging, list.clone()).await.unwrap().tag_set;
    assert_eq!(found.iter().map(|tag| tag.key.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    refused(world.call(api::PutObjectTagging, tags(&[("a", "1"), ("a", "2")])).await, "InvalidTag");
    let delete =
        types::DeleteObjectTaggingRequest { bucket: BUCKET.into(), key: "k".into(), ..Default::default() };
    world.call(api::DeleteObjectTagging, delete).await.unwrap();
    assert!(world.call(api::GetObjectTagging, list).await.unwrap().tag_set.is_empty());
    assert_eq!(world.get("k").await.unwrap(), b"x");
}

#[tokio::test]
async fn who_may_not_list_does_not_learn_what_is_missing() {
    let world = World::new().await;
    world.put("k", b"x").await;
    refused(world.get("missing").await, "NoSuchKey");
    for cx in [world.user(), world.stranger(), world.anybody()] {
        for key in ["k", "missing"] {
            let input = types::GetObjectRequest { key: key.into(), ..get() };
            refused(world.call_as(&cx, api::GetObject, input).await, "AccessDenied");
        }
        refused(world.call_as(&cx, api::PutObject, put("k", b"y")).await, "AccessDenied");
    }
    let input = types::GetObjectRequest { key: "k".into(), ..get() };
    let resolved = <api::GetObject as Handler<_>>::resolve(&world.s3, &world.root(), &input).await.unwrap();
    assert_eq!(resolved.checks.len(), 1);
    assert_eq!(&*resolved.checks[0].resource, "arn:aws:s3:::the-bucket/k");
    assert_eq!(resolved.checks[0].action, Some("s3:GetObject"));
    assert_eq!(resolved.checks[0].account.unwrap().as_str(), ACCOUNT);
    let kinds: Vec<_> = resolved.resources.iter().map(|resource| resource.kind).collect();
    assert_eq!(kinds, ["AWS::S3::Object", "AWS::S3::Bucket"]);
    let input = types::GetObjectRequest { key: "gone".into(), ..get() };
    let resolved = <api::GetObject as Handler<_>>::resolve(&world.s3, &world.root(), &input).await.unwrap();
    assert_eq!(resolved.checks[1].action, Some("s3:ListBucket"));
}

#[tokio::test]
async fn a_lost_race_does_not_read_the_body_again() {
    let world = World::new().await;
    let bytes = sample(100_000);
    // Another write of the same key, in the middle of the body.
    let (s3, kernel, cx) = (Arc::clone(&world.s3), Arc::clone(&world.test.kernel), world.root());
    let raced = Arc::new(AtomicBool::new(false));
    let (first, second) = bytes.split_at(70_000);
    let (first, second) = (Bytes::copy_from_slice(first), Bytes::copy_from_slice(second));
    let mark = Arc::clone(&raced);
    let racing = stream::once(async move {
        garrison_kernel::dispatch::run::<_, api::PutObject>(&kernel, &s3, &cx, &put("k", b"rival")).await?;
        mark.store(true, Ordering::Relaxed);
        Ok(second)
    });
    let stream = futures_util::StreamExt::chain(stream::iter([Ok(first)]), racing);
    let input = types::PutObjectRequest { body: Some(ByteStream::new(stream, None)), ..put("k", b"") };
    world.call(api::PutObject, input).await.unwrap();
    assert!(raced.load(Ordering::Relaxed));
    assert!(world.get("k").await.unwrap() == bytes);
    assert_eq!(world.blobs(), 1);
}

#[tokio::test]
async fn blobs_that_are_nobodys_go_after_a_day() {
    let world = World::new().await;
    let bytes = sample(10_000);
    world.put("k", &bytes).await;
    world.put("k", &bytes).await;
    assert_eq!(world.blobs(), 2);
    let failing = ByteStream::new(
        stream::iter([Ok(Bytes::from(bytes.clone())), Err(crate::error::bad_digest())]),
        None,
    );
    let input = types::PutObjectRequest { body: Some(failing), ..put("k", b"") };
    refused(world.call(api::PutObject, input).await, "BadDigest");
    world.advance(23).await;
    assert_eq!(world.blobs(), 2);
    world.advance(2).await;
    assert_eq!(world.blobs(), 1);
    assert!(world.get("k").await.unwrap() == bytes);
    world.delete("k", None).await;
    assert_eq!(world.blobs(), 1, "whoever reads it at this moment can go on");
    world.advance(25).await;
    assert_eq!(world.blobs(), 0);
    refused(world.get("k").await, "NoSuchKey");
}

#[tokio::test]
async fn what_is_not_built_says_so() {
    let world = World::new().await;
    for input in [
        types::PutObjectRequest { sse_customer_algorithm: Some("AES256".into()), ..put("k", b"x") },
        types::PutObjectRequest { server_side_encryption: Some("aws:kms:dsse".into()), ..put("k", b"x") },
        types::PutObjectRequest { object_lock_mode: Some("GOVERNANCE".into()), ..put("k", b"x") },
        types::PutObjectRequest { storage_class: Some("GLACIER".into()), ..put("k", b"x") },
    ] {
        refused(world.call(api::PutObject, input).await, "NotImplemented");
    }
    let private = types::GetObjectAclRequest { bucket: BUCKET.into(), key: "k".into(), ..Default::default() };
    refused(world.call(api::GetObjectAcl, private.clone()).await, "NoSuchKey");
    world.put("k", b"x").await;
    let found = world.call(api::GetObjectAcl, private).await.unwrap();
    let bucket = types::GetBucketAclRequest { bucket: BUCKET.into(), ..Default::default() };
    let of_bucket = world.call(api::GetBucketAcl, bucket).await.unwrap();
    assert_eq!((&found.owner, &found.grants), (&of_bucket.owner, &of_bucket.grants));
    assert_eq!(found.grants.unwrap()[0].grantee.as_ref().unwrap().id, found.owner.unwrap().id);
    let acl = types::PutObjectRequest { acl: Some("public-read".into()), ..put("k", b"x") };
    refused(world.call(api::PutObject, acl).await, "AccessControlListNotSupported");
}

#[tokio::test]
async fn attributes() {
    let world = World::new().await;
    world.put("k", b"hello").await;
    let mut input = types::GetObjectAttributesRequest {
        bucket: BUCKET.into(),
        key: "k".into(),
        object_attributes: ["ETag", "Checksum", "ObjectSize", "StorageClass", "ObjectParts"]
            .map(Into::into)
            .into(),
        ..Default::default()
    };
    let output = world.call(api::GetObjectAttributes, input.clone()).await.unwrap();
    assert_eq!(output.e_tag.as_deref(), Some("5d41402abc4b2a76b9719d911017c592"));
    assert_eq!((output.object_size, output.object_parts), (Some(5), None));
    assert_eq!(output.storage_class.unwrap().as_str(), "STANDARD");
    assert_eq!(output.checksum.unwrap().checksum_type.unwrap().as_str(), "FULL_OBJECT");
    input.object_attributes = vec!["Colour".into()];
    refused(world.call(api::GetObjectAttributes, input).await, "InvalidArgument");
}

/// A reply's type is what keeps a handler honest about what it writes.
#[tokio::test]
async fn reading_writes_nothing() {
    let world = World::new().await;
    world.put("k", b"x").await;
    let input = types::GetObjectRequest { key: "k".into(), ..get() };
    let resolved = <api::GetObject as Handler<_>>::resolve(&world.s3, &world.root(), &input).await.unwrap();
    let Reply { writes, .. } =
        <api::GetObject as Handler<_>>::execute(&world.s3, &world.root(), &input, &resolved.target)
            .await
            .unwrap();
    assert!(writes.is_empty());
}
