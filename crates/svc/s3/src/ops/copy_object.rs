//! `CopyObject`. Source: Amazon S3 API Reference, "CopyObject".
//!
//! Actions `s3:PutObject` on the object and `s3:GetObject` on the source, `s3:GetObjectVersion` for one of its versions;
//! those of tagging too when there are tags. The bytes are sealed anew, under a data key of the copy's own.

use garrison_api_s3::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use super::put_object::{Put, part};
use crate::about::{self, about};
use crate::checksum::Algorithm;
use crate::condition::RequestKeys;
use crate::conditional::{self, Conditions};
use crate::encryption::{self, Wanted};
use crate::records::{About, Object};
use crate::resolve::ObjectTarget;
use crate::sealed;
use crate::service::S3;
use crate::{copy, error, etag, versions};

/// The copy that is to be, and its source.
pub struct Copy {
    put: Put,
    source: ObjectTarget,
    /// The first question about the source.
    source_check: usize,
}

impl Handler<S3> for operations::CopyObject {
    const ACCESS: Access = Access::write("s3:PutObject").on_data();
    type Target = Copy;

    async fn resolve(s3: &S3, cx: &Context, input: &Self::Input) -> Result<Resolved<Copy>, ApiError> {
        let owner = input.expected_source_bucket_owner.as_deref();
        let (source, source_checks) = copy::source(s3, cx, &input.copy_source, owner).await?;
        let about = about_copy(input, &source)?;
        let copies_tags = !about.tags.is_empty() && !replaces_tags(input);
        let name = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
        let Resolved { target: put, mut checks, resources } =
            Put::resolve(s3, cx, name, &input.key, about).await?;
        let source_check = checks.len();
        checks.extend(source_checks);
        if copies_tags {
            let action =
                if source.wanted.is_some() { "s3:GetObjectVersionTagging" } else { "s3:GetObjectTagging" };
            checks.push(source.check(s3, cx).await?.action(action));
        }
        Ok(Resolved { target: Copy { put, source, source_check }, checks, resources })
    }

    fn condition<'a>(
        _s3: &'a S3,
        _cx: &'a Context,
        input: &'a Self::Input,
        copy: &'a Copy,
        check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        if check >= copy.source_check {
            return copy.source.condition(&RequestKeys::default(), key);
        }
        let request = RequestKeys {
            acl: input.acl.as_ref().map(types::ObjectCannedACL::as_str),
            copy_source: Some(&input.copy_source),
            metadata_directive: input.metadata_directive.as_ref().map(types::MetadataDirective::as_str),
            encryption: input.server_side_encryption.as_ref().map(types::ServerSideEncryption::as_str),
            kms_key: input.ssekms_key_id.as_deref(),
            storage_class: input.storage_class.as_ref().map(types::StorageClass::as_str),
            ..RequestKeys::default()
        };
        copy.put.condition(&request, key)
    }

    async fn execute(
        s3: &S3,
        cx: &Context,
        input: &Self::Input,
        copy: &Copy,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (target, source) = (&copy.put.target, &copy.source);
        let (source_version, source_object) = copy::object(source)?;
        let conditions = Conditions {
            if_match: input.copy_source_if_match.as_deref(),
            if_none_match: input.copy_source_if_none_match.as_deref(),
            if_modified_since: input.copy_source_if_modified_since,
            if_unmodified_since: input.copy_source_if_unmodified_since,
        };
        conditions.check_source(source_version, source_object)?;
        conditional::check_write(target, input.if_match.as_deref(), input.if_none_match.as_deref())?;
        check(input, copy)?;
        let algorithm = match &input.checksum_algorithm {
            Some(algorithm) => Algorithm::parse(algorithm.as_str())?,
            None => source_object.checksum.algorithm,
        };
        let plan = encryption::plan(&target.bucket, &input.key, &wanted(input))?;
        let (data_key, encryption) = s3.new_data_key(cx, &target.bucket, &input.key, plan).await?;
        let range = 0..source_object.size;
        let received = copy::bytes(s3, cx, source, &range, &data_key, algorithm).await?;
        let checksum = received.checksum.clone();
        let output = types::CopyObjectOutput {
            copy_object_result: Some(types::CopyObjectResult {
                e_tag: Some(etag::quoted(&received.etag)),
                last_modified: Some(cx.time.truncated_to_seconds()),
                checksum_type: Some(types::ChecksumType::FullObject),
                checksum_crc32: checksum.of(Algorithm::Crc32),
                checksum_crc32_c: checksum.of(Algorithm::Crc32c),
                checksum_crc64_nvme: checksum.of(Algorithm::Crc64Nvme),
                checksum_sha1: checksum.of(Algorithm::Sha1),
                checksum_sha256: checksum.of(Algorithm::Sha256),
                ..types::CopyObjectResult::default()
            }),
            copy_source_version_id: source.shown_version(source_version),
            server_side_encryption: Some(encryption.algorithm()),
            ssekms_key_id: encryption.kms_key().map(Into::into),
            bucket_key_enabled: encryption.bucket_key(),
            ..types::CopyObjectOutput::default()
        };
        let object = Object {
            etag: received.etag.clone(),
            size: received.size,
            about: copy.put.about.clone(),
            checksum,
            encryption,
            parts: vec![part(cx, 1, &received)],
            multipart: false,
        };
        let mut writes = WriteSet::new();
        sealed::claim(s3, &mut writes, &received).await?;
        let version = versions::add(s3, cx, &mut writes, target, Some(object)).await?;
        Ok(Reply::with_writes(types::CopyObjectOutput { version_id: version.id, ..output }, writes))
    }
}

fn replaces_metadata(input: &types::CopyObjectRequest) -> bool {
    input.metadata_directive == Some(types::MetadataDirective::Replace)
}

fn replaces_tags(input: &types::CopyObjectRequest) -> bool {
    input.tagging_directive == Some(types::TaggingDirective::Replace)
}

/// The copy's description: the source's, where the directives do not say that the request has it. The storage class is
/// always the request's.
fn about_copy(input: &types::CopyObjectRequest, source: &ObjectTarget) -> Result<About, ApiError> {
    let asked = about!(input)?;
    let object = source.version().and_then(|version| version.value.object.as_ref());
    let Some(of_source) = object.map(|object| &object.about) else { return Ok(asked) };
    let tags = if replaces_tags(input) { asked.tags.clone() } else { of_source.tags.clone() };
    let (storage_class, redirect) = (asked.storage_class.clone(), asked.redirect.clone());
    let base = if replaces_metadata(input) { asked } else { of_source.clone() };
    Ok(About { storage_class, redirect, tags, ..base })
}

fn wanted(input: &types::CopyObjectRequest) -> Wanted<'_> {
    Wanted {
        algorithm: input.server_side_encryption.as_ref(),
        kms_key: input.ssekms_key_id.as_deref(),
        context: input.ssekms_encryption_context.as_deref(),
        bucket_key: input.bucket_key_enabled,
        customer: input
            .sse_customer_algorithm
            .as_deref()
            .or(input.copy_source_sse_customer_algorithm.as_deref()),
    }
}

fn check(input: &types::CopyObjectRequest, copy: &Copy) -> Result<(), ApiError> {
    let (target, source) = (&copy.put.target, &copy.source);
    let grants =
        [&input.grant_full_control, &input.grant_read, &input.grant_read_acp, &input.grant_write_acp];
    let acl = input.acl.as_ref().map(types::ObjectCannedACL::as_str);
    about::check_acl(&target.bucket, acl, grants.iter().any(|grant| grant.is_some()))?;
    about::check_lock(input.object_lock_mode.is_some() || input.object_lock_legal_hold_status.is_some())?;
    let itself =
        target.bucket.name == source.bucket.name && target.key == source.key && source.wanted.is_none();
    let changes = replaces_metadata(input)
        || input.storage_class.is_some()
        || input.website_redirect_location.is_some()
        || input.server_side_encryption.is_some();
    if itself && !changes {
        return Err(error::invalid_request(
            "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
        ));
    }
    Ok(())
}
