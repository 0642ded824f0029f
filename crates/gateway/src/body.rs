//! The body of an answer, as hyper takes it: there at once, or streamed.

use std::any::Any;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use garrison_schema::{ApiError, BytesStream};
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};

/// The body of an answer.
pub(crate) enum AnswerBody {
    /// It is there.
    Full(Full<Bytes>),
    /// It comes piece by piece.
    Stream(StreamOut),
}

/// A streamed body.
pub(crate) struct StreamOut {
    stream: BytesStream,
    /// How many bytes are to come, where that is known.
    left: Option<u64>,
    is_over: bool,
    /// What must live as long as the stream does.
    held: Vec<Box<dyn Any + Send>>,
}

/// A streamed answer cannot go on: hyper breaks the connection (HTTP/1.1) or resets the stream (HTTP/2).
#[derive(Debug, thiserror::Error)]
#[error("the answer broke off: {0}")]
pub(crate) struct Broken(&'static str);

impl AnswerBody {
    /// A body that is there.
    pub(crate) fn full(bytes: impl Into<Bytes>) -> Self {
        Self::Full(Full::new(bytes.into()))
    }

    /// A body of `length` bytes that comes piece by piece.
    pub(crate) fn stream(stream: BytesStream, length: Option<u64>) -> Self {
        Self::Stream(StreamOut { stream, left: length, is_over: false, held: Vec::new() })
    }

    /// Keeps something until the end of a stream; a body that is there does not need it any more.
    pub(crate) fn keep(&mut self, held: impl Any + Send) {
        if let Self::Stream(stream) = self {
            stream.held.push(Box::new(held));
        }
    }
}

impl StreamOut {
    /// Takes a piece into account.
    fn count(&mut self, piece: Result<Bytes, ApiError>) -> Result<Bytes, Broken> {
        let piece = piece.map_err(|error| {
            tracing::warn!(code = error.schema.name, internal = error.internal, "an answer broke off");
            Broken(error.schema.name)
        })?;
        if let Some(left) = &mut self.left {
            let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
            *left = left.checked_sub(length).ok_or(Broken("it is longer than it said"))?;
        }
        Ok(piece)
    }

    fn poll_piece(&mut self, task: &mut Context<'_>) -> Poll<Option<Result<Bytes, Broken>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let piece = match ready!(self.stream.as_mut().poll_next(task)) {
            Some(piece) => Some(self.count(piece)),
            None if self.left.is_some_and(|left| left > 0) => Some(Err(Broken("it is shorter than it said"))),
            None => None,
        };
        if !matches!(piece, Some(Ok(_))) {
            self.is_over = true;
            self.held.clear();
        }
        Poll::Ready(piece)
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        match self.get_mut() {
            Self::Full(full) => {
                let frame = ready!(Pin::new(full).poll_frame(task));
                Poll::Ready(frame.map(|frame| frame.map_err(|never| match never {})))
            }
            Self::Stream(stream) => {
                let piece = ready!(stream.poll_piece(task));
                Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Full(full) => full.is_end_stream(),
            Self::Stream(stream) => stream.is_over,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Full(full) => full.size_hint(),
            Self::Stream(StreamOut { left: Some(left), .. }) => SizeHint::with_exact(*left),
            Self::Stream(_) => SizeHint::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::stream;
    use garrison_kernel::errors;
    use http_body_util::BodyExt as _;

    use super::*;

    async fn read(pieces: Vec<Result<&'static str, ()>>, length: Option<u64>) -> Result<String, String> {
        let pieces = pieces.into_iter().map(|piece| {
            piece.map(|text| Bytes::from_static(text.as_bytes())).map_err(|()| errors::internal("lost"))
        });
        let mut body = AnswerBody::stream(Box::pin(stream::iter(pieces.collect::<Vec<_>>())), length);
        let held = Arc::new(());
        body.keep(Arc::clone(&held));
        assert_eq!((body.size_hint().exact(), Arc::strong_count(&held)), (length, 2));
        let mut text = String::new();
        while let Some(frame) = body.frame().await {
            let piece = frame.map_err(|error| error.to_string())?.into_data().unwrap();
            text.push_str(std::str::from_utf8(&piece).unwrap());
        }
        assert!(body.is_end_stream());
        assert_eq!(Arc::strong_count(&held), 1, "let go at the end");
        Ok(text)
    }

    #[tokio::test]
    async fn a_stream_ends_as_it_said_or_breaks() {
        assert_eq!(read(vec![Ok("ab"), Ok("c")], Some(3)).await.unwrap(), "abc");
        assert_eq!(read(vec![Ok("ab"), Ok("c")], None).await.unwrap(), "abc");
        assert_eq!(read(vec![], Some(0)).await.unwrap(), "");
        for (pieces, length, why) in [
            (vec![Ok("ab"), Err(())], Some(3), "InternalFailure"),
            (vec![Ok("ab")], Some(3), "shorter"),
            (vec![Ok("ab"), Ok("cd")], Some(3), "longer"),
        ] {
            let error = read(pieces, length).await.unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
