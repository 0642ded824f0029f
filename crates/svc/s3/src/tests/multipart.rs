//! Multipart uploads.

use garrison_api_s3::{operations as api, types};
use garrison_schema::ApiError;

use crate::checksum::{Algorithm, Hasher};
use crate::multipart::MIN_PART;
use crate::testing::{BUCKET, World, body, get, refused, sample};

const KEY: &str = "k";

fn begin(algorithm: Option<&str>, kind: Option<&str>) -> types::CreateMultipartUploadRequest {
    types::CreateMultipartUploadRequest {
        bucket: BUCKET.into(),
        key: KEY.into(),
        checksum_algorithm: algorithm.map(Into::into),
        checksum_type: kind.map(Into::into),
        content_type: Some("text/plain".into()),
        ..Default::default()
    }
}

fn part(id: &str, number: i32, bytes: &[u8]) -> types::UploadPartRequest {
    types::UploadPartRequest {
        bucket: BUCKET.into(),
        key: KEY.into(),
        upload_id: id.into(),
        part_number: number,
        body: Some(body(bytes)),
        ..Default::default()
    }
}

async fn upload(world: &World, id: &str, number: i32, bytes: &[u8]) -> types::CompletedPart {
    let output = world.call(api::UploadPart, part(id, number, bytes)).await.unwrap();
    types::CompletedPart {
        e_tag: output.e_tag,
        checksum_sha256: output.checksum_sha256,
        part_number: Some(number),
        ..Default::default()
    }
}

fn completing(id: &str, parts: &[types::CompletedPart]) -> types::CompleteMultipartUploadRequest {
    types::CompleteMultipartUploadRequest {
        bucket: BUCKET.into(),
        key: KEY.into(),
        upload_id: id.into(),
        multipart_upload: Some(types::CompletedMultipartUpload { parts: Some(parts.to_vec()) }),
        ..Default::default()
    }
}

async fn complete(
    world: &World,
    id: &str,
    parts: &[types::CompletedPart],
) -> Result<types::CompleteMultipartUploadOutput, ApiError> {
    world.call(api::CompleteMultipartUpload, completing(id, parts)).await
}

async fn id(world: &World, algorithm: Option<&str>, kind: Option<&str>) -> String {
    world.call(api::CreateMultipartUpload, begin(algorithm, kind)).await.unwrap().upload_id.unwrap()
}

#[tokio::test]
async fn parts_become_an_object() {
    let world = World::new().await;
    let id = id(&world, None, None).await;
    let all = sample(MIN_PART as usize + 70_000);
    let (first, last) = all.split_at(MIN_PART as usize);
    let second = upload(&world, &id, 7, last).await;
    // A part that is sent again takes the other's place.
    upload(&world, &id, 2, b"wrong").await;
    let first = upload(&world, &id, 2, first).await;
    upload(&world, &id, 9, &sample(10_000)).await;
    refused(world.get(KEY).await, "NoSuchKey");
    let output = complete(&world, &id, &[first, second]).await.unwrap();
    assert!(output.e_tag.unwrap().ends_with("-2\""));
    let mut hasher = Hasher::new(Algorithm::Crc64Nvme);
    hasher.update(&all);
    assert_eq!(output.checksum_crc64_nvme, Some(hasher.finish().value));
    assert_eq!(output.checksum_type.unwrap().as_str(), "FULL_OBJECT");
    assert!(world.get(KEY).await.unwrap() == all);

    let range =
        types::GetObjectRequest { key: KEY.into(), range: Some("bytes=5242870-5242889".into()), ..get() };
    assert_eq!(world.get_with(range).await.unwrap().1, all[5_242_870..5_242_890]);
    let numbered = |number| types::GetObjectRequest { key: KEY.into(), part_number: Some(number), ..get() };
    let (output, bytes) = world.get_with(numbered(2)).await.unwrap();
    assert!(bytes == last);
    assert_eq!(output.parts_count, Some(2));
    assert_eq!(output.content_type.as_deref(), Some("text/plain"));
    refused(world.get_with(numbered(3)).await, "InvalidPartNumber");
    refused(world.call(api::UploadPart, part(&id, 1, b"x")).await, "NoSuchUpload");
    world.advance(25).await;
    assert_eq!(world.blobs(), 2);
    assert!(world.get(KEY).await.unwrap() == all);
}

#[tokio::test]
async fn lists_that_cannot_be_completed() {
    let world = World::new().await;
    let id = id(&world, Some("SHA256"), None).await;
    let one = upload(&world, &id, 1, b"small").await;
    let two = upload(&world, &id, 2, b"smaller").await;
    for (parts, error) in [
        (vec![], "MalformedXML"),
        (vec![two.clone(), one.clone()], "InvalidPartOrder"),
        (vec![one.clone(), one.clone()], "InvalidPartOrder"),
        (vec![one.clone(), two.clone()], "EntityTooSmall"),
        (vec![types::CompletedPart { part_number: Some(3), ..one.clone() }], "InvalidPart"),
        (vec![types::CompletedPart { e_tag: Some("x".into()), ..one.clone() }], "InvalidPart"),
        (vec![types::CompletedPart { checksum_sha256: Some("x".into()), ..one.clone() }], "InvalidPart"),
    ] {
        refused(complete(&world, &id, &parts).await, error);
    }
    let sized = types::CompleteMultipartUploadRequest {
        mpu_object_size: Some(6),
        ..completing(&id, std::slice::from_ref(&one))
    };
    refused(world.call(api::CompleteMultipartUpload, sized).await, "InvalidRequest");
    let claimed = types::CompleteMultipartUploadRequest {
        checksum_sha256: Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".into()),
        ..completing(&id, std::slice::from_ref(&one))
    };
    refused(world.call(api::CompleteMultipartUpload, claimed).await, "BadDigest");
    refused(complete(&world, "none", std::slice::from_ref(&one)).await, "NoSuchUpload");
    for number in [0, 10_001] {
        refused(world.call(api::UploadPart, part(&id, number, b"x")).await, "InvalidArgument");
    }
    let output = complete(&world, &id, &[one]).await.unwrap();
    assert_eq!(output.checksum_type.unwrap().as_str(), "COMPOSITE");
    assert!(output.checksum_sha256.unwrap().ends_with("-1"));
    let attributes = types::GetObjectAttributesRequest {
        bucket: BUCKET.into(),
        key: KEY.into(),
        object_attributes: vec!["ObjectParts".into()],
        ..Default::default()
    };
    let parts = world.call(api::GetObjectAttributes, attributes).await.unwrap().object_parts.unwrap();
    assert_eq!((parts.total_parts_count, parts.parts.unwrap().len()), (Some(1), 1));
}

#[tokio::test]
async fn checksums_of_uploads() {
    let world = World::new().await;
    for (algorithm, kind, outcome) in [
        (Some("CRC32"), Some("FULL_OBJECT"), Ok(())),
        (Some("CRC32"), Some("COMPOSITE"), Ok(())),
        (Some("SHA1"), Some("FULL_OBJECT"), Err("InvalidRequest")),
        (Some("CRC64NVME"), Some("COMPOSITE"), Err("InvalidRequest")),
        (None, Some("COMPOSITE"), Err("InvalidRequest")),
        (Some("XXHASH3"), None, Err("NotImplemented")),
    ] {
        let result = world.call(api::CreateMultipartUpload, begin(algorithm, kind)).await;
        assert_eq!(result.map(|_| ()).map_err(|error| error.schema.name), outcome, "{algorithm:?} {kind:?}");
    }
    // A part may come with another checksum when the upload has none, and is held against it.
    let plain = id(&world, None, None).await;
    let with = |id: &str, value: &str| types::UploadPartRequest {
        checksum_crc32: Some(value.into()),
        ..part(id, 1, b"123456789")
    };
    let output = world.call(api::UploadPart, with(&plain, "y/Q5Jg==")).await.unwrap();
    assert_eq!(output.checksum_crc32.as_deref(), Some("y/Q5Jg=="));
    refused(world.call(api::UploadPart, with(&plain, "AAAAAA==")).await, "BadDigest");
    let sha = id(&world, Some("SHA256"), None).await;
    let message = refused(world.call(api::UploadPart, with(&sha, "y/Q5Jg==")).await, "InvalidRequest");
    assert_eq!(
        message,
        "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: crc32"
    );
}

#[tokio::test]
async fn uploads_are_listed_and_aborted() {
    let world = World::new().await;
    let id = id(&world, None, None).await;
    for number in 1..=3 {
        upload(&world, &id, number, &sample(5000)).await;
    }
    let mut list = types::ListPartsRequest {
        bucket: BUCKET.into(),
        key: KEY.into(),
        upload_id: id.clone(),
        max_parts: Some(2),
        ..Default::default()
    };
    let page = world.call(api::ListParts, list.clone()).await.unwrap();
    assert_eq!((page.is_truncated, page.next_part_number_marker), (Some(true), Some(2)));
    list.part_number_marker = page.next_part_number_marker;
    let page = world.call(api::ListParts, list.clone()).await.unwrap();
    assert_eq!((page.is_truncated, page.parts.unwrap()[0].size), (Some(false), Some(5000)));

    for key in ["a/1", "a/2", "z"] {
        let input = types::CreateMultipartUploadRequest { key: key.into(), ..begin(None, None) };
        world.call(api::CreateMultipartUpload, input).await.unwrap();
    }
    world.call(api::CreateMultipartUpload, begin(None, None)).await.unwrap();
    let uploads = types::ListMultipartUploadsRequest {
        bucket: BUCKET.into(),
        delimiter: Some("/".into()),
        ..Default::default()
    };
    let page = world.call(api::ListMultipartUploads, uploads.clone()).await.unwrap();
    assert_eq!(page.common_prefixes.unwrap()[0].prefix.as_deref(), Some("a/"));
    let keys: Vec<_> = page.uploads.unwrap().into_iter().map(|upload| upload.key.unwrap()).collect();
    assert_eq!(keys, ["k", "k", "z"]);
    let mut paged = types::ListMultipartUploadsRequest { delimiter: None, max_uploads: Some(1), ..uploads };
    let mut seen = Vec::new();
    loop {
        let page = world.call(api::ListMultipartUploads, paged.clone()).await.unwrap();
        seen.extend(page.uploads.unwrap().into_iter().map(|upload| upload.key.unwrap()));
        if page.is_truncated == Some(false) {
            break;
        }
        paged.key_marker = page.next_key_marker;
        paged.upload_id_marker = page.next_upload_id_marker;
    }
    assert_eq!(seen, ["a/1", "a/2", "k", "k", "z"]);

    let abort = types::AbortMultipartUploadRequest {
        bucket: BUCKET.into(),
        key: KEY.into(),
        upload_id: id,
        ..Default::default()
    };
    world.call(api::AbortMultipartUpload, abort.clone()).await.unwrap();
    refused(world.call(api::AbortMultipartUpload, abort).await, "NoSuchUpload");
    refused(world.call(api::ListParts, list).await, "NoSuchUpload");
    world.advance(25).await;
    assert_eq!(world.blobs(), 0);
    // What is being uploaded does not keep a bucket.
    let delete = types::DeleteBucketRequest { bucket: BUCKET.into(), ..Default::default() };
    world.call(api::DeleteBucket, delete).await.unwrap();
}
