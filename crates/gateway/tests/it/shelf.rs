//! An S3 that keeps objects in memory and asks no policy, and a control plane that says what it is asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use garrison_api_s3::operations::{DeleteObjects, GetObject, HeadObject, ListBuckets, PutObject};
use garrison_api_s3::types::{
    Bucket, DeleteObjectsOutput, DeleteObjectsRequest, DeletedObject, GetObjectOutput, GetObjectRequest,
    HeadObjectOutput, HeadObjectRequest, ListBucketsOutput, ListBucketsRequest, PutObjectOutput,
    PutObjectRequest,
};
use garrison_api_s3control::operations::GetPublicAccessBlock;
use garrison_api_s3control::types::{
    GetPublicAccessBlockOutput, GetPublicAccessBlockRequest, PublicAccessBlockConfiguration,
};
use garrison_gateway::Limits;
use garrison_kernel::{
    Access, AnyOperation, Context, Handler, Kernel, Reply, Resolved, Service, ServiceType, errors, registered,
};
use garrison_schema::{ApiError, ByteStream, BytesStream, ServiceSchema};
use garrison_testkit::TestServer;
use parking_lot::Mutex;

/// What was put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) bytes: Bytes,
    pub(crate) encoding: Option<String>,
    pub(crate) algorithm: Option<String>,
    pub(crate) acl: Option<String>,
    pub(crate) length: Option<i64>,
    pub(crate) caller: String,
}

/// The S3.
#[derive(Default)]
pub(crate) struct Shelf {
    /// By bucket and key.
    pub(crate) objects: Mutex<BTreeMap<String, Object>>,
    /// The codes of the streams that failed.
    pub(crate) failed: Mutex<Vec<String>>,
}

impl ServiceType for Shelf {
    const SCHEMA: &'static ServiceSchema = &garrison_api_s3::SERVICE;
}

fn unasked() -> Result<Resolved<()>, ApiError> {
    Ok(Resolved { target: (), checks: Vec::new(), resources: Vec::new() })
}

impl Handler<Shelf> for PutObject {
    const ACCESS: Access = Access::read("s3:PutObject");
    type Target = ();

    async fn resolve(_: &Shelf, _: &Context, _: &PutObjectRequest) -> Result<Resolved<()>, ApiError> {
        unasked()
    }

    async fn execute(
        shelf: &Shelf,
        cx: &Context,
        input: &PutObjectRequest,
        (): &(),
    ) -> Result<Reply<PutObjectOutput>, ApiError> {
        if input.key == "refused" {
            return Err(errors::validation("not here"));
        }
        let mut pieces = input.body.as_ref().unwrap().take().unwrap();
        let mut bytes = Vec::new();
        while let Some(piece) = pieces.next().await {
            match piece {
                Ok(piece) => bytes.extend_from_slice(&piece),
                Err(error) => {
                    shelf.failed.lock().push(error.schema.name.to_owned());
                    return Err(error);
                }
            }
        }
        let e_tag = Some(format!("\"{}\"", bytes.len()));
        let object = Object {
            bytes: bytes.into(),
            encoding: input.content_encoding.clone(),
            algorithm: input.checksum_algorithm.as_ref().map(|algorithm| algorithm.as_str().to_owned()),
            acl: input.acl.as_ref().map(|acl| acl.as_str().to_owned()),
            length: input.content_length,
            caller: cx.caller.arn.to_string(),
        };
        shelf.objects.lock().insert(format!("{}/{}", input.bucket, input.key), object);
        Ok(Reply::new(PutObjectOutput { e_tag, ..PutObjectOutput::default() }))
    }
}

fn find(shelf: &Shelf, bucket: &str, key: &str) -> Result<Object, ApiError> {
    let found = shelf.objects.lock().get(&format!("{bucket}/{key}")).cloned();
    found.ok_or_else(|| garrison_api_s3::errors::no_such_key("The specified key does not exist."))
}

impl Handler<Shelf> for GetObject {
    const ACCESS: Access = Access::read("s3:GetObject");
    type Target = ();

    async fn resolve(_: &Shelf, _: &Context, _: &GetObjectRequest) -> Result<Resolved<()>, ApiError> {
        unasked()
    }

    async fn execute(
        shelf: &Shelf,
        _: &Context,
        input: &GetObjectRequest,
        (): &(),
    ) -> Result<Reply<GetObjectOutput>, ApiError> {
        let (pieces, length): (BytesStream, i64) = match input.key.as_str() {
            "broken" => {
                let pieces =
                    vec![Ok(Bytes::from(vec![b'a'; 100_000])), Err(errors::internal("the disk is gone"))];
                (Box::pin(stream::iter(pieces)), 1_000_000)
            }
            "endless" => (Box::pin(stream::repeat_with(|| Ok(Bytes::from(vec![b'a'; 100_000])))), 1 << 40),
            key => {
                let bytes = find(shelf, &input.bucket, key)?.bytes;
                let length = i64::try_from(bytes.len()).unwrap();
                let pieces: Vec<_> =
                    bytes.chunks(70_000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
                (Box::pin(stream::iter(pieces)), length)
            }
        };
        Ok(Reply::new(GetObjectOutput {
            body: Some(ByteStream::new(pieces, None)),
            content_length: Some(length),
            metadata: Some(BTreeMap::from([("name".to_owned(), "gr\u{fc}n".to_owned())])),
            ..GetObjectOutput::default()
        }))
    }
}

impl Handler<Shelf> for HeadObject {
    const ACCESS: Access = Access::read("s3:GetObject");
    type Target = ();

    async fn resolve(_: &Shelf, _: &Context, _: &HeadObjectRequest) -> Result<Resolved<()>, ApiError> {
        unasked()
    }

    async fn execute(
        shelf: &Shelf,
        _: &Context,
        input: &HeadObjectRequest,
        (): &(),
    ) -> Result<Reply<HeadObjectOutput>, ApiError> {
        let length = find(shelf, &input.bucket, &input.key)?.bytes.len();
        let content_length = Some(i64::try_from(length).unwrap());
        Ok(Reply::new(HeadObjectOutput { content_length, ..HeadObjectOutput::default() }))
    }
}

impl Handler<Shelf> for DeleteObjects {
    const ACCESS: Access = Access::read("s3:DeleteObject");
    type Target = ();

    async fn resolve(_: &Shelf, _: &Context, _: &DeleteObjectsRequest) -> Result<Resolved<()>, ApiError> {
        unasked()
    }

    async fn execute(
        _: &Shelf,
        _: &Context,
        input: &DeleteObjectsRequest,
        (): &(),
    ) -> Result<Reply<DeleteObjectsOutput>, ApiError> {
        let keys = input.delete.objects.iter().map(|object| object.key.clone());
        let deleted = keys.map(|key| DeletedObject { key: Some(key), ..DeletedObject::default() }).collect();
        Ok(Reply::new(DeleteObjectsOutput { deleted: Some(deleted), ..DeleteObjectsOutput::default() }))
    }
}

impl Handler<Shelf> for ListBuckets {
    const ACCESS: Access = Access::read("s3:ListAllMyBuckets");
    type Target = ();

    async fn resolve(_: &Shelf, _: &Context, _: &ListBucketsRequest) -> Result<Resolved<()>, ApiError> {
        unasked()
    }

    async fn execute(
        _: &Shelf,
        cx: &Context,
        _: &ListBucketsRequest,
        (): &(),
    ) -> Result<Reply<ListBucketsOutput>, ApiError> {
        let bucket = Bucket { name: Some(cx.caller.arn.to_string()), ..Bucket::default() };
        Ok(Reply::new(ListBucketsOutput { buckets: Some(vec![bucket]), ..ListBucketsOutput::default() }))
    }
}

/// The control plane.
pub(crate) struct Control;

impl ServiceType for Control {
    const SCHEMA: &'static ServiceSchema = &garrison_api_s3control::SERVICE;
}

impl Handler<Control> for GetPublicAccessBlock {
    const ACCESS: Access = Access::read("s3:GetAccountPublicAccessBlock");
    type Target = ();

    async fn resolve(
        _: &Control,
        _: &Context,
        _: &GetPublicAccessBlockRequest,
    ) -> Result<Resolved<()>, ApiError> {
        unasked()
    }

    async fn execute(
        _: &Control,
        _: &Context,
        _: &GetPublicAccessBlockRequest,
        (): &(),
    ) -> Result<Reply<GetPublicAccessBlockOutput>, ApiError> {
        let block = PublicAccessBlockConfiguration {
            block_public_acls: Some(true),
            ..PublicAccessBlockConfiguration::default()
        };
        Ok(Reply::new(GetPublicAccessBlockOutput { public_access_block_configuration: Some(block) }))
    }
}

struct Several(&'static ServiceSchema, Vec<Box<dyn AnyOperation>>);

impl Service for Several {
    fn schema(&self) -> &'static ServiceSchema {
        self.0
    }

    fn operation(&self, name: &str) -> Option<&dyn AnyOperation> {
        self.1.iter().find(|operation| operation.schema().name == name).map(|operation| &**operation)
    }
}

/// A front door over both, and the query service of the other tests.
pub(crate) struct Store {
    pub(crate) server: TestServer,
    pub(crate) shelf: Arc<Shelf>,
}

impl Store {
    pub(crate) async fn start() -> Self {
        Self::with(Limits::default()).await
    }

    pub(crate) async fn with(limits: Limits) -> Self {
        let shelf = Arc::new(Shelf::default());
        let services = |_: &Arc<Kernel>| -> Vec<Arc<dyn Service>> {
            vec![
                Arc::new(Several(
                    &garrison_api_s3::SERVICE,
                    vec![
                        registered::<Shelf, PutObject>(&shelf),
                        registered::<Shelf, GetObject>(&shelf),
                        registered::<Shelf, HeadObject>(&shelf),
                        registered::<Shelf, DeleteObjects>(&shelf),
                        registered::<Shelf, ListBuckets>(&shelf),
                    ],
                )),
                Arc::new(Several(
                    &garrison_api_s3control::SERVICE,
                    vec![registered::<Control, GetPublicAccessBlock>(&Arc::new(Control))],
                )),
                crate::fakes::who(),
            ]
        };
        Self { server: TestServer::start(services, limits, None).await, shelf }
    }

    /// What was put, by bucket and key.
    pub(crate) fn object(&self, name: &str) -> Option<Object> {
        self.shelf.objects.lock().get(name).cloned()
    }
}
