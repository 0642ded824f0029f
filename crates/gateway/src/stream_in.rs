//! A body that an operation reads while it comes in, verified on the way.
//!
//! The last piece is handed out only when all that the request says of its body has turned out true; otherwise an error
//! comes in its place.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use garrison_schema::ApiError;
use garrison_sigv4::{ChunkedDecoder, Trailer, sha256};
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

use crate::checksum::Checksums;
use crate::refusals;

/// So much of a body that nobody wants is read all the same, in bytes.
const DRAINED: u64 = 1 << 20;
/// How long that may take.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// What a body must still show once its request's head is verified.
pub(crate) enum Proof {
    /// Nothing.
    Nothing,
    /// This SHA-256.
    Sha256([u8; 32]),
    /// That its chunks are whole and, where they are signed, signed rightly.
    Chunks(Box<ChunkedDecoder>),
}

impl Proof {
    /// The body of which all is there, without its framing, and its trailers.
    ///
    /// # Errors
    /// It does not show what it must.
    pub(crate) fn whole(self, body: Bytes) -> Result<(Bytes, Vec<Trailer>), ApiError> {
        match self {
            Self::Nothing => Ok((body, Vec::new())),
            Self::Sha256(stated) if sha256(&body) == stated => Ok((body, Vec::new())),
            Self::Sha256(_) => Err(refusals::content_sha256_mismatch()),
            Self::Chunks(mut decoder) => {
                let mut plain = Vec::with_capacity(body.len());
                decoder.push(&body, &mut plain).map_err(refusals::chunk)?;
                Ok((plain.into(), decoder.finish().map_err(refusals::chunk)?))
            }
        }
    }
}

/// What is known of a body before it is read.
pub(crate) struct Expected {
    pub(crate) proof: Proof,
    pub(crate) checksums: Checksums,
    /// How many bytes it has without its framing.
    pub(crate) length: u64,
    /// How long the next piece may take.
    pub(crate) timeout: Duration,
}

/// A body of which, when it is dropped before its end, a little more is read: the client then reads the answer, and the
/// connection serves further requests.
pub(crate) struct Draining<B: Body<Data = Bytes> + Send + Unpin + 'static> {
    body: Option<B>,
    /// The client sends it only when it is asked to (`Expect: 100-continue`), and has not been.
    is_waiting: bool,
}

impl<B: Body<Data = Bytes> + Send + Unpin + 'static> Draining<B> {
    /// Of a request; `is_waiting` says that its client waits to be asked for it.
    pub(crate) fn new(body: B, is_waiting: bool) -> Self {
        Self { body: Some(body), is_waiting }
    }
}

impl<B: Body<Data = Bytes> + Send + Unpin + 'static> Body for Draining<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        self.is_waiting = false;
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(body).poll_frame(task));
        if !matches!(frame, Some(Ok(_))) {
            self.body = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(SizeHint::default, Body::size_hint)
    }
}

impl<B: Body<Data = Bytes> + Send + Unpin + 'static> Drop for Draining<B> {
    fn drop(&mut self) {
        let Some(body) = self.body.take().filter(|body| !self.is_waiting && !body.is_end_stream()) else {
            return;
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(drain(body));
        }
    }
}

/// The body as its operation reads it.
pub(crate) struct StreamIn<B> {
    body: B,
    proof: Option<Proof>,
    sha256: Option<aws_lc_rs::digest::Context>,
    checksums: Option<Checksums>,
    length: u64,
    seen: u64,
    /// The last piece so far.
    held: Option<Bytes>,
    is_over: bool,
    timeout: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

impl<B: Body<Data = Bytes> + Unpin> StreamIn<B> {
    pub(crate) fn new(body: B, expected: Expected) -> Self {
        let Expected { proof, checksums, length, timeout } = expected;
        let hashed = matches!(proof, Proof::Sha256(_));
        Self {
            body,
            proof: Some(proof),
            sha256: hashed.then(|| aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256)),
            checksums: Some(checksums),
            length,
            seen: 0,
            held: None,
            is_over: false,
            timeout,
            timer: None,
        }
    }

    /// The next piece as it came; none at the end.
    fn poll_piece(&mut self, task: &mut Context<'_>) -> Poll<Result<Option<Bytes>, ApiError>> {
        loop {
            match Pin::new(&mut self.body).poll_frame(task) {
                Poll::Ready(Some(Ok(frame))) => {
                    self.timer = None;
                    let Ok(piece) = frame.into_data() else { continue };
                    return Poll::Ready(Ok(Some(piece)));
                }
                Poll::Ready(None) => return Poll::Ready(Ok(None)),
                Poll::Ready(Some(Err(_))) => return Poll::Ready(Err(refusals::incomplete_body())),
                Poll::Pending => {
                    let timeout = self.timeout;
                    let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(timeout)));
                    ready!(timer.as_mut().poll(task));
                    return Poll::Ready(Err(refusals::request_timeout()));
                }
            }
        }
    }

    /// Takes the framing off a piece, and takes it into account.
    fn accept(&mut self, piece: Bytes) -> Result<Bytes, ApiError> {
        let plain = match &mut self.proof {
            Some(Proof::Chunks(decoder)) => {
                let mut plain = Vec::with_capacity(piece.len());
                decoder.push(&piece, &mut plain).map_err(refusals::chunk)?;
                Bytes::from(plain)
            }
            _ => piece,
        };
        self.seen = self.seen.saturating_add(u64::try_from(plain.len()).unwrap_or(u64::MAX));
        if self.seen > self.length {
            return Err(refusals::incomplete_body());
        }
        if let Some(sha256) = &mut self.sha256 {
            sha256.update(&plain);
        }
        if let Some(checksums) = &mut self.checksums {
            checksums.update(&plain);
        }
        Ok(plain)
    }

    /// Judges the whole body.
    fn finish(&mut self) -> Result<(), ApiError> {
        let trailers = match (self.proof.take(), self.sha256.take()) {
            (Some(Proof::Chunks(decoder)), _) => decoder.finish().map_err(refusals::chunk)?,
            (Some(Proof::Sha256(stated)), Some(computed)) if self.seen == self.length => {
                if computed.finish().as_ref() != stated {
                    return Err(refusals::content_sha256_mismatch());
                }
                Vec::new()
            }
            _ => Vec::new(),
        };
        // A connection that is torn down looks like the end of its body.
        if self.seen != self.length {
            return Err(refusals::incomplete_body());
        }
        self.checksums.take().map_or(Ok(()), |checksums| checksums.verify(&trailers))
    }

    fn poll_verified(&mut self, task: &mut Context<'_>) -> Poll<Result<Option<Bytes>, ApiError>> {
        loop {
            match ready!(self.poll_piece(task))? {
                Some(piece) => {
                    let plain = self.accept(piece)?;
                    if plain.is_empty() {
                        continue;
                    }
                    if let Some(before) = self.held.replace(plain) {
                        return Poll::Ready(Ok(Some(before)));
                    }
                }
                None => {
                    self.finish()?;
                    self.is_over = true;
                    return Poll::Ready(Ok(self.held.take()));
                }
            }
        }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Stream for StreamIn<B> {
    type Item = Result<Bytes, ApiError>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let polled = ready!(self.poll_verified(task));
        if polled.is_err() {
            self.is_over = true;
            self.held = None;
        }
        Poll::Ready(polled.transpose())
    }
}

async fn drain<B: Body<Data = Bytes> + Unpin>(mut body: B) {
    let end = Instant::now() + DRAIN_TIMEOUT;
    let mut drained = 0;
    while drained < DRAINED {
        let frame = std::future::poll_fn(|task| Pin::new(&mut body).poll_frame(task));
        let Ok(Some(Ok(frame))) = tokio::time::timeout_at(end, frame).await else { return };
        let length = frame.data_ref().map_or(0, Bytes::len);
        drained += u64::try_from(length).unwrap_or(DRAINED);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;
    use futures_util::StreamExt as _;
    use garrison_sigv4::Streaming;

    /// A body of pieces; it fails, or never ends, behind them.
    struct Pieces(VecDeque<Bytes>, End);

    #[derive(Clone, Copy)]
    enum End {
        Clean,
        Broken,
        Never,
    }

    impl Body for Pieces {
        type Data = Bytes;
        type Error = ();

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, ()>>> {
            match (self.0.pop_front(), self.1) {
                (Some(piece), _) => Poll::Ready(Some(Ok(Frame::data(piece)))),
                (None, End::Clean) => Poll::Ready(None),
                (None, End::Broken) => Poll::Ready(Some(Err(()))),
                (None, End::Never) => Poll::Pending,
            }
        }
    }

    async fn read(
        pieces: &[&'static str],
        end: End,
        length: u64,
        proof: Proof,
    ) -> (String, Option<&'static str>) {
        let pieces = pieces.iter().map(|piece| Bytes::from_static(piece.as_bytes())).collect();
        let expected =
            Expected { proof, checksums: Checksums::default(), length, timeout: Duration::from_millis(10) };
        let mut stream = StreamIn::new(Pieces(pieces, end), expected);
        let mut text = String::new();
        while let Some(piece) = stream.next().await {
            match piece {
                Ok(piece) => text.push_str(std::str::from_utf8(&piece).unwrap()),
                Err(error) => {
                    assert!(stream.next().await.is_none(), "an error is the last item");
                    return (text, Some(error.schema.name));
                }
            }
        }
        (text, None)
    }

    #[tokio::test]
    async fn a_body_that_is_as_it_was_said_comes_whole() {
        assert_eq!(read(&[], End::Clean, 0, Proof::Nothing).await, (String::new(), None));
        assert_eq!(read(&["ab", "", "c"], End::Clean, 3, Proof::Nothing).await, ("abc".to_owned(), None));
        let proof = Proof::Sha256(sha256(b"abc"));
        assert_eq!(read(&["a", "bc"], End::Clean, 3, proof).await, ("abc".to_owned(), None));
        let chunks = || Proof::Chunks(Box::new(ChunkedDecoder::unverified(Streaming::UnsignedTrailer, 3)));
        let whole = read(&["3\r\nab", "c\r\n0\r", "\nx-a:b\r\n\r\n"], End::Clean, 3, chunks()).await;
        assert_eq!(whole, ("abc".to_owned(), None));
    }

    #[tokio::test]
    async fn the_last_piece_of_another_body_does_not_come() {
        let wrong = || Proof::Sha256([0; 32]);
        let chunks = || Proof::Chunks(Box::new(ChunkedDecoder::unverified(Streaming::UnsignedTrailer, 3)));
        for (pieces, end, length, proof, text, code) in [
            (&["ab", "c"][..], End::Clean, 3, wrong(), "ab", "XAmzContentSHA256Mismatch"),
            (&["ab", "c"], End::Clean, 4, Proof::Nothing, "ab", "IncompleteBody"),
            (&["ab", "c"], End::Clean, 2, Proof::Nothing, "", "IncompleteBody"),
            (&["ab"], End::Broken, 3, Proof::Nothing, "", "IncompleteBody"),
            (&["ab"], End::Never, 3, Proof::Nothing, "", "RequestTimeout"),
            (&["3\r\nabc\r\n"], End::Clean, 3, chunks(), "", "IncompleteBody"),
            (&["3\r\nabc!"], End::Clean, 3, chunks(), "", "IncompleteBody"),
            (&["1\r\na\r\n", "1\r\nb\r\n"], End::Clean, 3, chunks(), "", "InvalidChunkSizeError"),
        ] {
            let (came, error) = read(pieces, end, length, proof).await;
            assert_eq!((came.as_str(), error), (text, Some(code)), "{pieces:?}");
        }
    }
}
