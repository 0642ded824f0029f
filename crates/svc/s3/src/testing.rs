//! A world with S3 in it, for unit tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use garrison_api_s3::{operations as api, types};
use garrison_blobs::LocalBlobs;
use garrison_clock::Clock as _;
use garrison_crypto::LockedSecret;
use garrison_kernel::ports::{DataKey, DataKeys};
use garrison_kernel::{Caller, Context, Handler, Principal, Service as _, dispatch, principal};
use garrison_schema::{ApiError, ByteStream, ErrorSchema};
use garrison_testkit::{ACCOUNT, REGION, TestKernel};
use tempfile::TempDir;

use crate::sealed;
use crate::service::{S3, S3Parts, S3Service};

/// Another account.
pub(crate) const STRANGER: &str = "444455556666";
/// The bucket of most tests.
pub(crate) const BUCKET: &str = "the-bucket";

/// S3 on a kernel on a temporary store.
pub(crate) struct World {
    pub(crate) test: TestKernel,
    pub(crate) s3: Arc<S3>,
    pub(crate) service: S3Service,
    pub(crate) folder: TempDir,
}

impl World {
    /// A world without buckets.
    pub(crate) fn empty() -> Self {
        let test = TestKernel::new();
        let folder = tempfile::tempdir().unwrap();
        let s3 = S3::new(S3Parts {
            kernel: Arc::clone(&test.kernel),
            blobs: Arc::new(LocalBlobs::open(folder.path()).unwrap()),
            data_keys: Arc::new(FakeKeys),
        });
        Self { service: S3Service::new(&s3), s3, test, folder }
    }

    /// A world with [`BUCKET`].
    pub(crate) async fn new() -> Self {
        let world = Self::empty();
        world.call(api::CreateBucket, create(BUCKET, Some(REGION))).await.unwrap();
        world
    }

    /// A world with [`BUCKET`] that keeps versions.
    pub(crate) async fn versioned() -> Self {
        let world = Self::new().await;
        world.set_versioning("Enabled").await;
        world
    }

    pub(crate) async fn set_versioning(&self, status: &str) {
        let input = types::PutBucketVersioningRequest {
            bucket: BUCKET.into(),
            versioning_configuration: types::VersioningConfiguration {
                status: Some(status.into()),
                mfa_delete: None,
            },
            ..Default::default()
        };
        self.call(api::PutBucketVersioning, input).await.unwrap();
    }

    /// The account's root user.
    pub(crate) fn root(&self) -> Context {
        self.test.context(ACCOUNT, REGION)
    }

    /// The same of another account.
    pub(crate) fn stranger(&self) -> Context {
        self.test.context(STRANGER, REGION)
    }

    /// A user of the account, who may do nothing.
    pub(crate) fn user(&self) -> Context {
        let mut cx = self.root();
        let principal = Principal::User(Arc::new(principal::User {
            account: cx.account(),
            name: "eve".into(),
            id: "AIDAEXAMPLE".into(),
            arn: format!("arn:aws:iam::{ACCOUNT}:user/eve").into(),
        }));
        cx.caller = Caller::new(principal, Some("AKIAEXAMPLE".into()));
        cx
    }

    /// Nobody in particular.
    pub(crate) fn anybody(&self) -> Context {
        let mut cx = self.root();
        cx.caller = Caller::new(Principal::Anonymous, None);
        cx
    }

    pub(crate) async fn call<O: Handler<S3>>(
        &self,
        operation: O,
        input: O::Input,
    ) -> Result<O::Output, ApiError> {
        self.call_as(&self.root(), operation, input).await
    }

    pub(crate) async fn call_as<O: Handler<S3>>(
        &self,
        cx: &Context,
        _operation: O,
        input: O::Input,
    ) -> Result<O::Output, ApiError> {
        Box::pin(dispatch::run::<S3, O>(&self.test.kernel, &self.s3, cx, &input)).await
    }

    /// Puts an object and gives its version's id.
    pub(crate) async fn put(&self, key: &str, bytes: &[u8]) -> Option<String> {
        self.call(api::PutObject, put(key, bytes)).await.unwrap().version_id
    }

    /// The bytes of an object.
    pub(crate) async fn get(&self, key: &str) -> Result<Vec<u8>, ApiError> {
        self.get_with(types::GetObjectRequest { key: key.into(), ..get() }).await.map(|(_, bytes)| bytes)
    }

    pub(crate) async fn get_with(
        &self,
        input: types::GetObjectRequest,
    ) -> Result<(types::GetObjectOutput, Vec<u8>), ApiError> {
        let output = self.call(api::GetObject, input).await?;
        let bytes = sealed::collect(output.body.as_ref().unwrap()).await?;
        assert_eq!(output.content_length, Some(bytes.len() as i64));
        Ok((output, bytes))
    }

    /// Deletes an object, or one of its versions.
    pub(crate) async fn delete(&self, key: &str, version: Option<&str>) -> types::DeleteObjectOutput {
        let input = types::DeleteObjectRequest {
            bucket: BUCKET.into(),
            key: key.into(),
            version_id: version.map(Into::into),
            ..Default::default()
        };
        self.call(api::DeleteObject, input).await.unwrap()
    }

    /// How many blobs there are.
    pub(crate) fn blobs(&self) -> usize {
        let folders = std::fs::read_dir(self.folder.path()).unwrap();
        folders
            .map(|folder| folder.unwrap().path())
            .filter(|folder| folder.file_name().unwrap().len() == 2)
            .map(|folder| std::fs::read_dir(folder).unwrap().count())
            .sum()
    }

    /// Does what falls due so many hours later.
    pub(crate) async fn advance(&self, hours: u64) {
        let now = self.test.clock.advance(std::time::Duration::from_secs(hours * 3600));
        for worker in self.service.workers() {
            worker.run_due(now).await.unwrap();
        }
    }
}

pub(crate) fn create(name: &str, region: Option<&str>) -> types::CreateBucketRequest {
    let configuration = region.map(|region| types::CreateBucketConfiguration {
        location_constraint: Some(region.into()),
        ..Default::default()
    });
    types::CreateBucketRequest {
        bucket: name.into(),
        create_bucket_configuration: configuration,
        ..Default::default()
    }
}

pub(crate) fn put(key: &str, bytes: &[u8]) -> types::PutObjectRequest {
    types::PutObjectRequest {
        bucket: BUCKET.into(),
        key: key.into(),
        body: Some(body(bytes)),
        ..Default::default()
    }
}

pub(crate) fn get() -> types::GetObjectRequest {
    types::GetObjectRequest { bucket: BUCKET.into(), ..Default::default() }
}

/// Bytes that come in uneven pieces.
pub(crate) fn body(bytes: &[u8]) -> ByteStream {
    let pieces: Vec<_> = bytes.chunks(9999).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    ByteStream::new(stream::iter(pieces), None)
}

/// Bytes without a period that hides misplaced segments.
pub(crate) fn sample(length: usize) -> Vec<u8> {
    (0..length as u64).map(|i| (i * i % 251) as u8).collect()
}

/// Asserts that a call was refused with an error, and gives its message.
#[track_caller]
pub(crate) fn refused<T>(result: Result<T, ApiError>, name: &str) -> String {
    match result {
        Ok(_) => panic!("expected {name}"),
        Err(error) => {
            assert_eq!(error.schema.name, name, "{error:?}");
            error.message
        }
    }
}

/// KMS as far as S3 sees it: keys are their ids, and `disabled` is not enabled.
struct FakeKeys;

fn disabled(key: &str) -> Result<(), ApiError> {
    static DISABLED: ErrorSchema =
        ErrorSchema { name: "DisabledException", query_code: None, http_status: 400, sender_fault: true };
    if key.contains("disabled") {
        Err(ApiError::new(&DISABLED, format!("{key} is disabled.")))
    } else {
        Ok(())
    }
}

fn sealed_context(key: &str, context: &BTreeMap<String, String>) -> Vec<u8> {
    format!("{key} {context:?}").into_bytes()
}

#[async_trait]
impl DataKeys for FakeKeys {
    async fn generate(
        &self,
        cx: &Context,
        key_id: &str,
        context: BTreeMap<String, String>,
    ) -> Result<DataKey, ApiError> {
        assert_eq!(cx.via.as_ref().unwrap().endpoint, format!("s3.{REGION}.amazonaws.com"));
        disabled(key_id)?;
        let arn = format!("arn:aws:kms:{REGION}:{ACCOUNT}:{key_id}");
        let ciphertext = sealed_context(&arn, &context);
        Ok(DataKey { plaintext: LockedSecret::copy_of(&[5; 32]).unwrap(), ciphertext, key_arn: arn.into() })
    }

    async fn decrypt(
        &self,
        _cx: &Context,
        key_arn: &str,
        ciphertext: &[u8],
        context: BTreeMap<String, String>,
    ) -> Result<LockedSecret, ApiError> {
        disabled(key_arn)?;
        assert_eq!(ciphertext, sealed_context(key_arn, &context));
        Ok(LockedSecret::copy_of(&[5; 32]).unwrap())
    }
}
