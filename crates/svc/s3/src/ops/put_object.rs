//! `PutObject`. Source: Amazon S3 API Reference, "PutObject".
//!
//! Action `s3:PutObject` on the object, `s3:PutObjectTagging` too when it comes with tags. The body is read once: what
//! came of it stays in its slot for the case that the commit must be tried again.

use std::sync::Arc;

use garrison_api_s3::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::about::{self, about};
use crate::checksum::Algorithm;
use crate::condition::RequestKeys;
use crate::encryption::{self, Wanted};
use crate::records::{About, Encryption, Object, Part, Time};
use crate::resolve::ObjectTarget;
use crate::sealed::{self, Received};
use crate::service::S3;
use crate::upload::{self, claims};
use crate::{conditional, error, etag, versions};

/// The object that is to be, and what is said of it.
pub struct Put {
    pub(crate) target: ObjectTarget,
    pub(crate) about: About,
    tag_keys: Vec<String>,
}

/// What came of the body.
struct Stored {
    received: Received,
    encryption: Encryption,
}

impl Put {
    /// A write of an object, with the questions about it.
    ///
    /// # Errors
    /// As [`S3::object`].
    pub(crate) async fn resolve(
        s3: &S3,
        cx: &Context,
        name: (&str, Option<&str>),
        key: &str,
        about: About,
    ) -> Result<Resolved<Self>, ApiError> {
        let bucket = s3.bucket(name.0, name.1).await?;
        let target = s3.object(bucket, key, None).await?;
        let check = target.check(s3, cx).await?;
        let tagging = check.clone().action("s3:PutObjectTagging");
        let Resolved { target, checks, resources } = target.audited(check);
        let tag_keys: Vec<String> = about.tags.keys().cloned().collect();
        let with_tags = !tag_keys.is_empty();
        let resolved = Resolved { target: Self { target, about, tag_keys }, checks, resources };
        Ok(if with_tags { resolved.and(tagging) } else { resolved })
    }

    /// The condition keys of a write.
    pub(crate) fn condition<'a>(&'a self, request: &RequestKeys<'a>, key: &str) -> Option<Values<'a>> {
        let request = RequestKeys { tags: Some(&self.about.tags), tag_keys: &self.tag_keys, ..*request };
        self.target.condition(&request, key)
    }
}

fn wanted(input: &types::PutObjectRequest) -> Wanted<'_> {
    Wanted {
        algorithm: input.server_side_encryption.as_ref(),
        kms_key: input.ssekms_key_id.as_deref(),
        context: input.ssekms_encryption_context.as_deref(),
        bucket_key: input.bucket_key_enabled,
        customer: input.sse_customer_algorithm.as_deref(),
    }
}

impl Handler<S3> for operations::PutObject {
    const ACCESS: Access = Access::write("s3:PutObject").on_data();
    type Target = Put;

    async fn resolve(s3: &S3, cx: &Context, input: &Self::Input) -> Result<Resolved<Put>, ApiError> {
        let name = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
        Put::resolve(s3, cx, name, &input.key, about!(input)?).await
    }

    fn condition<'a>(
        _s3: &'a S3,
        _cx: &'a Context,
        input: &'a Self::Input,
        put: &'a Put,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let request = RequestKeys {
            acl: input.acl.as_ref().map(types::ObjectCannedACL::as_str),
            encryption: input.server_side_encryption.as_ref().map(types::ServerSideEncryption::as_str),
            kms_key: input.ssekms_key_id.as_deref(),
            storage_class: input.storage_class.as_ref().map(types::StorageClass::as_str),
            if_match: input.if_match.as_deref(),
            if_none_match: input.if_none_match.as_deref(),
            ..RequestKeys::default()
        };
        put.condition(&request, key)
    }

    async fn execute(
        s3: &S3,
        cx: &Context,
        input: &Self::Input,
        put: &Put,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let target = &put.target;
        conditional::check_write(target, input.if_match.as_deref(), input.if_none_match.as_deref())?;
        let stored = match input.body.as_ref().and_then(garrison_schema::ByteStream::left::<Stored>) {
            Some(stored) => stored,
            None => {
                let stored = Arc::new(store(s3, cx, input, put).await?);
                if let Some(body) = &input.body {
                    body.leave(Arc::clone(&stored) as _);
                }
                stored
            }
        };
        let Stored { received, encryption } = &*stored;
        let object = Object {
            etag: received.etag.clone(),
            size: received.size,
            about: put.about.clone(),
            checksum: received.checksum.clone(),
            encryption: encryption.clone(),
            parts: vec![part(cx, 1, received)],
            multipart: false,
        };
        let mut writes = WriteSet::new();
        sealed::claim(s3, &mut writes, received).await?;
        let version = versions::add(s3, cx, &mut writes, target, Some(object)).await?;
        let checksum = &received.checksum;
        let output = types::PutObjectOutput {
            e_tag: Some(etag::quoted(&received.etag)),
            checksum_crc32: checksum.of(Algorithm::Crc32),
            checksum_crc32_c: checksum.of(Algorithm::Crc32c),
            checksum_crc64_nvme: checksum.of(Algorithm::Crc64Nvme),
            checksum_sha1: checksum.of(Algorithm::Sha1),
            checksum_sha256: checksum.of(Algorithm::Sha256),
            checksum_type: Some(types::ChecksumType::FullObject),
            server_side_encryption: Some(encryption.algorithm()),
            ssekms_key_id: encryption.kms_key().map(Into::into),
            bucket_key_enabled: encryption.bucket_key(),
            version_id: version.id,
            ..types::PutObjectOutput::default()
        };
        Ok(Reply::with_writes(output, writes))
    }
}

/// A part as it is kept.
pub(crate) fn part(cx: &Context, number: u32, received: &Received) -> Part {
    Part {
        number,
        size: received.size,
        checksum: Some(received.checksum.clone()),
        etag: received.etag.clone(),
        modified: Time(cx.time.truncated_to_seconds()),
        body: received.body.clone(),
    }
}

async fn store(
    s3: &S3,
    cx: &Context,
    input: &types::PutObjectRequest,
    put: &Put,
) -> Result<Stored, ApiError> {
    let bucket = &put.target.bucket;
    let grants =
        [&input.grant_full_control, &input.grant_read, &input.grant_read_acp, &input.grant_write_acp];
    let acl = input.acl.as_ref().map(types::ObjectCannedACL::as_str);
    about::check_acl(bucket, acl, grants.iter().any(|grant| grant.is_some()))?;
    about::check_lock(input.object_lock_mode.is_some() || input.object_lock_legal_hold_status.is_some())?;
    if input.write_offset_bytes.is_some() {
        return Err(error::not_built("Appending to objects is for directory buckets, which are not there."));
    }
    let claims = claims!(input)?;
    let plan = encryption::plan(bucket, &input.key, &wanted(input))?;
    let (data_key, encryption) = s3.new_data_key(cx, bucket, &input.key, plan).await?;
    let algorithm = claims.algorithm().unwrap_or(Algorithm::Crc64Nvme);
    let received = upload::receive(s3, cx, input.body.as_ref(), &claims, &data_key, algorithm).await?;
    Ok(Stored { received, encryption })
}
