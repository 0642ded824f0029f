//! `CreateMultipartUpload`. Source: Amazon S3 API Reference, "CreateMultipartUpload".
//!
//! Action `s3:PutObject` on the object, `s3:PutObjectTagging` too when it comes with tags. The upload has the object's data
//! key from now on.

use garrison_api_s3::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use super::put_object::Put;
use crate::about::{self, about};
use crate::condition::RequestKeys;
use crate::encryption::{self, Wanted};
use crate::repo::{self, layout};
use crate::service::S3;
use crate::{etag, multipart, records};

impl Handler<S3> for operations::CreateMultipartUpload {
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
        let bucket = &put.target.bucket;
        let grants =
            [&input.grant_full_control, &input.grant_read, &input.grant_read_acp, &input.grant_write_acp];
        let acl = input.acl.as_ref().map(types::ObjectCannedACL::as_str);
        about::check_acl(bucket, acl, grants.iter().any(|grant| grant.is_some()))?;
        about::check_lock(input.object_lock_mode.is_some() || input.object_lock_legal_hold_status.is_some())?;
        let plan = multipart::checksum_plan(input.checksum_algorithm.as_ref(), input.checksum_type.as_ref())?;
        let wanted = Wanted {
            algorithm: input.server_side_encryption.as_ref(),
            kms_key: input.ssekms_key_id.as_deref(),
            context: input.ssekms_encryption_context.as_deref(),
            bucket_key: input.bucket_key_enabled,
            customer: input.sse_customer_algorithm.as_deref(),
        };
        let encryption = encryption::plan(bucket, &input.key, &wanted)?;
        let (_, encryption) = s3.new_data_key(cx, bucket, &input.key, encryption).await?;
        let asked = input.checksum_algorithm.is_some();
        let upload = multipart::begin(cx, put.about.clone(), encryption, plan, asked);
        let mut id = [0; 32];
        s3.kernel().rng().fill(&mut id);
        let id = etag::hex(&id);
        let output = types::CreateMultipartUploadOutput {
            bucket: Some(bucket.name.clone()),
            key: Some(input.key.clone()),
            upload_id: Some(id.clone()),
            server_side_encryption: Some(upload.encryption.algorithm()),
            ssekms_key_id: upload.encryption.kms_key().map(Into::into),
            bucket_key_enabled: upload.encryption.bucket_key(),
            checksum_algorithm: asked.then(|| upload.algorithm.name().into()),
            checksum_type: asked.then(|| if upload.full_object { "FULL_OBJECT" } else { "COMPOSITE" }.into()),
            ..types::CreateMultipartUploadOutput::default()
        };
        let mut writes = WriteSet::new();
        repo::require_bucket(&mut writes, bucket);
        writes.create(layout::upload(&bucket.name, &input.key, &id), records::encode(upload));
        Ok(Reply::with_writes(output, writes))
    }
}
