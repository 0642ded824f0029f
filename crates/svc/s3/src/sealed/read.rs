//! Opens ranges of blobs, a few segments at a time.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use garrison_blobs::Blobs;
use garrison_crypto::LockedSecret;
use garrison_crypto::segments::{self, SEGMENT_LEN, SegmentKey, TAG_LEN};
use garrison_kernel::errors;
use garrison_schema::{ApiError, ByteStream};

use crate::error;
use crate::records::{Body, Part};
use crate::service::S3;

/// How many segments are read at once: a mebibyte.
const AT_ONCE: u64 = 16;

/// A range of one part's bytes.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    body: Body,
    size: u64,
    range: Range<u64>,
}

impl Piece {
    /// The pieces of parts that hold a range of the whole.
    pub(crate) fn of(parts: &[Part], range: &Range<u64>) -> Vec<Self> {
        let (mut at, mut pieces) = (0, Vec::new());
        for part in parts {
            let (start, end) = (range.start.max(at), range.end.min(at + part.size));
            if start < end {
                let range = start - at..end - at;
                pieces.push(Self { body: part.body.clone(), size: part.size, range });
            }
            at += part.size;
        }
        pieces
    }
}

struct Reader {
    blobs: Arc<dyn Blobs>,
    data_key: LockedSecret,
    pieces: VecDeque<Piece>,
}

impl Reader {
    async fn next(&mut self) -> Result<Option<Bytes>, ApiError> {
        let Some(mut piece) = self.pieces.pop_front() else { return Ok(None) };
        let key = SegmentKey::derive(&self.data_key, piece.body.name.0.as_bytes()).map_err(error::crypto)?;
        let covering = segments::covering(&piece.range);
        let now = covering.start..covering.end.min(covering.start + AT_ONCE);
        let lies = segments::sealed_range(&now, piece.size);
        let mut sealed = match &piece.body.inline {
            Some(inline) => inline.0.clone(),
            None => {
                let read = self.blobs.read(&piece.body.name.0, lies).await;
                read.map_err(|error| error::blob(&error))?.into()
            }
        };
        let count = segments::count(piece.size);
        let mut plaintext = Vec::with_capacity(sealed.len());
        for (number, segment) in now.clone().zip(sealed.chunks_mut(SEGMENT_LEN + TAG_LEN)) {
            let opened = key.open(number, number + 1 == count, segment);
            plaintext.extend_from_slice(opened.map_err(error::corrupt)?);
        }
        let begins = now.start * SEGMENT_LEN as u64;
        let ends = piece.range.end.min(now.end * SEGMENT_LEN as u64);
        let place = |at: u64| usize::try_from(at - begins).map_err(errors::internal);
        let mut bytes = Bytes::from(plaintext);
        if place(ends)? > bytes.len() {
            return Err(error::corrupt("a blob that is shorter than its record says"));
        }
        bytes.truncate(place(ends)?);
        let bytes = bytes.split_off(place(piece.range.start)?);
        piece.range.start = ends;
        if !piece.range.is_empty() {
            self.pieces.push_front(piece);
        }
        Ok(Some(bytes))
    }
}

/// The bytes of pieces, one after the other. The first of them are read before this returns, so that what is amiss
/// with most objects is an error of the call.
///
/// # Errors
/// The blob store failed, or the bytes are not those that were sealed.
pub(crate) async fn open(
    s3: &S3,
    data_key: LockedSecret,
    pieces: Vec<Piece>,
) -> Result<ByteStream, ApiError> {
    let length = pieces.iter().map(|piece| piece.range.end - piece.range.start).sum();
    let mut reader = Reader { blobs: Arc::clone(s3.blobs()), data_key, pieces: pieces.into() };
    let first = reader.next().await?.map(Ok);
    let rest = stream::try_unfold(reader, |mut reader| async move {
        Ok(reader.next().await?.map(|bytes| (bytes, reader)))
    });
    Ok(ByteStream::new(stream::iter(first).chain(rest), Some(length)))
}

/// All bytes of a stream, for tests and small bodies.
#[cfg(test)]
pub(crate) async fn collect(stream: &ByteStream) -> Result<Vec<u8>, ApiError> {
    let (mut stream, mut all) = (stream.take().unwrap(), Vec::new());
    while let Some(bytes) = stream.next().await {
        all.extend_from_slice(&bytes?);
    }
    Ok(all)
}
