//! `DeleteBucket`. Source: Amazon S3 API Reference, "DeleteBucket".
//!
//! Action `s3:DeleteBucket` on the bucket, which must be empty of versions; what is being uploaded to it ends.

use garrison_kernel::{Access, Reply};
use garrison_schema::Unit;
use garrison_store::WriteSet;

use crate::error;
use crate::repo::{self, layout};

bucket_operation!(DeleteBucket, Access::write("s3:DeleteBucket"), |s3, cx, _input, bucket| {
    let objects = layout::objects(&bucket.name);
    let (found, revision) = s3.repo().scan(&objects, 1).await?;
    if !found.is_empty() {
        return Err(error::bucket_not_empty());
    }
    let mut writes = WriteSet::new();
    writes.require_range(objects, revision);
    let uploads = layout::uploads(&bucket.name);
    let (_, revision) = s3.repo().scan(&uploads, 1).await?;
    writes.require_range(uploads.clone(), revision);
    for upload in s3.repo().all::<crate::records::Upload>(&uploads).await? {
        for part in s3.repo().all(&layout::parts(upload.key.last())).await? {
            repo::release(&mut writes, cx.time, [&part.value]);
            writes.delete(part.key, part.revision);
        }
        writes.delete(upload.key, upload.revision);
    }
    writes.delete(layout::bucket(&bucket.name), bucket.revision);
    writes.deletes.push(layout::owned(bucket.account(), &bucket.name));
    Ok(Reply::with_writes(Unit, writes))
});
