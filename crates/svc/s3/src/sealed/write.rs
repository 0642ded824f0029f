//! Seals a stream into a blob while its checksums are computed.

use std::mem;

use bytes::Bytes;
use futures_util::StreamExt as _;
use garrison_blobs::BlobWriter;
use garrison_crypto::LockedSecret;
use garrison_crypto::segments::{SEGMENT_LEN, SegmentKey, TAG_LEN};
use garrison_kernel::Context;
use garrison_schema::ApiError;
use garrison_schema::BytesStream;
use garrison_store::{Key, Revision, WriteSet};
use md5::{Digest as _, Md5};

use crate::checksum::{Algorithm, Checksum, Hasher};
use crate::error;
use crate::etag;
use crate::records::{self, Blob, Body};
use crate::repo::layout;
use crate::service::S3;

/// Up to so many bytes stand in the record itself.
const MAX_INLINE: usize = 4096;
/// The most bytes of one request: 5 GiB.
pub(crate) const MAX_SIZE: u64 = 5 << 30;

/// What came of a stream.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) body: Body,
    pub(crate) size: u64,
    /// MD5 in hexadecimal digits.
    pub(crate) etag: String,
    pub(crate) checksum: Checksum,
    /// The checksum of the other algorithm that was asked for.
    pub(crate) other: Option<Checksum>,
    /// The doubtful blob's record, which goes when the blob becomes somebody's.
    doubt: Option<(Key, Revision)>,
}

/// Reads a stream to its end and keeps its bytes, sealed under the data key.
///
/// # Errors
/// The stream's own; `EntityTooLarge`; the store or the blob store failed.
pub(crate) async fn receive(
    s3: &S3,
    cx: &Context,
    mut stream: BytesStream,
    data_key: &LockedSecret,
    algorithm: Algorithm,
    other: Option<Algorithm>,
) -> Result<Received, ApiError> {
    let name = s3.new_blob_name();
    let key = SegmentKey::derive(data_key, name.as_bytes()).map_err(error::crypto)?;
    let (mut md5, mut hasher, mut size) = (Md5::new(), Hasher::new(algorithm), 0_u64);
    let mut other = other.filter(|other| *other != algorithm).map(Hasher::new);
    let mut segments = Segments { key, number: 0, buffer: Vec::new() };
    let mut blob: Option<(Box<dyn BlobWriter>, Key, Revision)> = None;
    while let Some(piece) = stream.next().await {
        let mut piece = piece?;
        md5.update(&piece);
        hasher.update(&piece);
        if let Some(other) = &mut other {
            other.update(&piece);
        }
        size += piece.len() as u64;
        if size > MAX_SIZE {
            return Err(error::entity_too_large());
        }
        while !piece.is_empty() {
            if let Some(sealed) = segments.fill(&mut piece)? {
                let (writer, ..) = match &mut blob {
                    Some(blob) => blob,
                    none => none.insert(begin(s3, cx, &name).await?),
                };
                writer.write(sealed).await.map_err(|error| error::blob(&error))?;
            }
        }
    }
    if blob.is_none() && segments.buffer.len() > MAX_INLINE {
        blob = Some(begin(s3, cx, &name).await?);
    }
    let last = segments.last()?;
    let (inline, doubt) = match blob {
        None => (Some(records::Bytes(last.into())), None),
        Some((mut writer, key, revision)) => {
            writer.write(last).await.map_err(|error| error::blob(&error))?;
            writer.finish().await.map_err(|error| error::blob(&error))?;
            (None, Some((key, revision)))
        }
    };
    Ok(Received {
        body: Body { name: Blob(name), inline },
        size,
        etag: etag::hex(&md5.finalize()),
        checksum: hasher.finish(),
        other: other.map(Hasher::finish),
        doubt,
    })
}

/// Enters the blob among the doubtful ones, then begins it.
async fn begin(
    s3: &S3,
    cx: &Context,
    name: &garrison_blobs::BlobName,
) -> Result<(Box<dyn BlobWriter>, Key, Revision), ApiError> {
    let key = layout::doubtful(cx.time, name);
    let mut writes = WriteSet::new();
    writes.create(key.clone(), Vec::new());
    let revision = s3.repo().commit(writes).await?;
    let writer = s3.blobs().create(name).await.map_err(|error| error::blob(&error))?;
    Ok((writer, key, revision))
}

/// Makes what was received somebody's, with the commit that names it.
///
/// # Errors
/// `RequestTimeout` when it took so long that the blob was swept.
pub(crate) async fn claim(s3: &S3, writes: &mut WriteSet, received: &Received) -> Result<(), ApiError> {
    let Some((key, revision)) = &received.doubt else { return Ok(()) };
    if !s3.repo().is_at(key, *revision).await? {
        return Err(error::request_timeout());
    }
    writes.delete(key.clone(), *revision);
    Ok(())
}

/// Bytes on their way into segments.
struct Segments {
    key: SegmentKey,
    number: u64,
    buffer: Vec<u8>,
}

impl Segments {
    /// Takes bytes from a piece. A full segment is sealed when more bytes come: only then it is not the last.
    fn fill(&mut self, piece: &mut Bytes) -> Result<Option<Bytes>, ApiError> {
        let mut sealed = None;
        if self.buffer.len() == SEGMENT_LEN {
            sealed = Some(self.seal(false)?);
        }
        if self.buffer.is_empty() && piece.len() + self.buffer.len() > MAX_INLINE {
            self.buffer.reserve_exact(SEGMENT_LEN + TAG_LEN);
        }
        let room = SEGMENT_LEN - self.buffer.len();
        self.buffer.extend_from_slice(&piece.split_to(room.min(piece.len())));
        Ok(sealed)
    }

    fn last(mut self) -> Result<Bytes, ApiError> {
        self.seal(true)
    }

    fn seal(&mut self, last: bool) -> Result<Bytes, ApiError> {
        let mut segment = mem::take(&mut self.buffer);
        self.key.seal(self.number, last, &mut segment).map_err(error::crypto)?;
        self.number += 1;
        Ok(segment.into())
    }
}
