//! Phase 1: is the request of a size that is served, and does its body come in time?

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use bytes::{Bytes, BytesMut};
use garrison_kernel::errors;
use garrison_schema::{ApiError, ErrorSchema};
use http::request::Parts;
use http_body_util::BodyExt as _;
use hyper::body::Body;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::options::Limits;

/// Bodies up to this size are not counted against the memory for bodies: their number is bounded by that of requests.
const SMALL: usize = 64 << 10;

const fn schema(name: &'static str, query_code: &'static str, http_status: u16) -> ErrorSchema {
    ErrorSchema { name, query_code: Some(query_code), http_status, sender_fault: http_status < 500 }
}

static TOO_LARGE: ErrorSchema = schema("RequestEntityTooLargeException", "RequestEntityTooLarge", 413);
static URI_TOO_LONG: ErrorSchema = schema("RequestUriTooLongException", "RequestUriTooLong", 414);
static TIMEOUT: ErrorSchema = schema("RequestTimeoutException", "RequestTimeout", 408);
static INCOMPLETE: ErrorSchema = schema("IncompleteBodyException", "IncompleteBody", 400);

/// A body, with its share of the memory for bodies, to be kept as long as the bytes.
pub(crate) struct Collected {
    pub(crate) bytes: Bytes,
    pub(crate) memory: Option<OwnedSemaphorePermit>,
}

/// Counts the memory for large bodies, in KiB.
pub(crate) struct BodyMemory(Arc<Semaphore>);

impl BodyMemory {
    pub(crate) fn new(limits: &Limits) -> Self {
        let bytes = limits.body_memory.max(limits.body_bytes);
        Self(Arc::new(Semaphore::new(kib(bytes).min(Semaphore::MAX_PERMITS))))
    }

    fn take(&self, bytes: usize) -> Result<Option<OwnedSemaphorePermit>, ApiError> {
        if bytes <= SMALL {
            return Ok(None);
        }
        let permits = u32::try_from(kib(bytes)).map_err(|_| too_large(bytes))?;
        let permit = Arc::clone(&self.0).try_acquire_many_owned(permits);
        permit.map(Some).map_err(|_| busy("there are too many large requests at once"))
    }
}

fn kib(bytes: usize) -> usize {
    bytes.div_ceil(1024)
}

/// Refuses a head that is beyond the bounds. The number and size of headers are bounded where they are parsed.
pub(crate) fn check_head(parts: &Parts, limits: &Limits) -> Result<(), ApiError> {
    let length = parts.uri.path().len() + parts.uri.query().map_or(0, str::len);
    if length > limits.uri_bytes {
        let message = format!("The request target is longer than {} bytes.", limits.uri_bytes);
        return Err(ApiError::new(&URI_TOO_LONG, message));
    }
    Ok(())
}

/// Reads the body.
///
/// # Errors
/// It is too large, comes too slowly, or not whole; or there is no memory for it now.
pub(crate) async fn collect<B>(body: B, limits: &Limits, memory: &BodyMemory) -> Result<Collected, ApiError>
where
    B: Body<Data = Bytes>,
{
    let hint = body.size_hint();
    let declared = usize::try_from(hint.lower()).unwrap_or(usize::MAX);
    if declared > limits.body_bytes {
        return Err(too_large(limits.body_bytes));
    }
    // A body that does not say its length may turn out as large as is allowed.
    let expected = if hint.exact().is_some() { declared } else { limits.body_bytes };
    let memory = memory.take(expected)?;
    let mut reading = pin!(read(body, declared, limits.body_bytes));
    // Most bodies are there already, and need no timer.
    let ready = std::future::poll_fn(|task| match reading.as_mut().poll(task) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => Poll::Ready(None),
    });
    let bytes = match ready.await {
        Some(done) => done?,
        None => tokio::time::timeout(limits.body_timeout, reading)
            .await
            .map_err(|_| ApiError::new(&TIMEOUT, "The body of the request did not come in time."))??,
    };
    Ok(Collected { bytes, memory })
}

async fn read<B: Body<Data = Bytes>>(body: B, declared: usize, max: usize) -> Result<Bytes, ApiError> {
    let mut body = pin!(body);
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ApiError::new(&INCOMPLETE, "The body of the request is not whole."))?;
        let Ok(data) = frame.into_data() else { continue };
        if first.len() + rest.len() + data.len() > max {
            return Err(too_large(max));
        }
        if first.is_empty() && rest.is_empty() {
            first = data;
            continue;
        }
        if rest.is_empty() {
            rest.reserve(declared.max(first.len() + data.len()));
            rest.extend_from_slice(&std::mem::take(&mut first));
        }
        rest.extend_from_slice(&data);
    }
    Ok(if rest.is_empty() { first } else { rest.freeze() })
}

fn too_large(max: usize) -> ApiError {
    ApiError::new(&TOO_LARGE, format!("The body of the request is larger than {max} bytes."))
}

/// Too much at once: the caller should try again.
pub(crate) fn busy(why: &str) -> ApiError {
    ApiError::new(
        &errors::SERVICE_UNAVAILABLE,
        format!("Garrison cannot serve this request now: {why}; try again."),
    )
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::time::Duration;

    use http_body_util::Full;
    use hyper::body::Frame;

    use super::*;

    fn limits(body_bytes: usize) -> Limits {
        Limits {
            body_bytes,
            body_memory: body_bytes,
            body_timeout: Duration::from_millis(20),
            ..Limits::default()
        }
    }

    /// A body of chunks that does not say its length.
    struct Chunks(Vec<&'static [u8]>);

    impl Body for Chunks {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            let next = (!self.0.is_empty()).then(|| self.0.remove(0));
            Poll::Ready(next.map(|chunk| Ok(Frame::data(Bytes::from_static(chunk)))))
        }
    }

    struct Never;

    impl Body for Never {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Pending
        }
    }

    async fn collected(body: impl Body<Data = Bytes>, max: usize) -> Result<Vec<u8>, &'static str> {
        let limits = limits(max);
        let memory = BodyMemory::new(&limits);
        collect(body, &limits, &memory).await.map(|c| c.bytes.to_vec()).map_err(|e| e.schema.name)
    }

    #[tokio::test]
    async fn bodies_are_read_up_to_the_bound() {
        assert_eq!(collected(Full::new(Bytes::from_static(b"12345")), 5).await.unwrap(), b"12345");
        assert_eq!(collected(Full::new(Bytes::from_static(b"123456")), 5).await, Err(TOO_LARGE.name));
        assert_eq!(collected(Chunks(vec![b"12", b"3", b"45"]), 5).await.unwrap(), b"12345");
        assert_eq!(collected(Chunks(vec![b"12", b"3", b"456"]), 5).await, Err(TOO_LARGE.name));
        assert_eq!(collected(Chunks(vec![]), 5).await.unwrap(), b"");
    }

    #[tokio::test]
    async fn a_body_that_never_ends_times_out() {
        assert_eq!(collected(Never, 5).await, Err(TIMEOUT.name));
    }

    #[tokio::test]
    async fn large_bodies_share_a_bounded_memory() {
        let limits = Limits { body_bytes: 1 << 20, body_memory: 1 << 20, ..Limits::default() };
        let memory = BodyMemory::new(&limits);
        let large = || Full::new(Bytes::from(vec![0; 700 << 10]));
        let first = collect(large(), &limits, &memory).await.unwrap();
        let refused = collect(large(), &limits, &memory).await.err().unwrap();
        assert_eq!(refused.schema.name, errors::SERVICE_UNAVAILABLE.name);
        assert!(collect(Full::new(Bytes::from_static(b"small")), &limits, &memory).await.is_ok());
        drop(first);
        assert!(collect(large(), &limits, &memory).await.is_ok());
    }
}
