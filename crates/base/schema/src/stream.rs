//! Bytes and events that are not in memory together.
//!
//! A value of one of these types is a slot that is emptied once, by whoever reads the stream to its end: so that it can
//! stand in an input or output, of which only a reference is handed on.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

pub use bytes::Bytes;
use futures_core::Stream;

use crate::error::ApiError;
use crate::write::WriteStructure;

/// Bytes, piece by piece. A failed piece is the last one, and its error is what a caller sees.
pub type BytesStream = Pin<Box<dyn Stream<Item = Result<Bytes, ApiError>> + Send>>;
/// Events, one by one. A failed one is the last one: an exception of the model's, or another error.
pub type EventsStream =
    Pin<Box<dyn Stream<Item = Result<Box<dyn WriteStructure + Send + Sync>, ApiError>> + Send>>;

/// A member whose bytes are streamed: the body of an HTTP message. The default is empty. A clone is the same slot.
#[derive(Clone)]
pub struct ByteStream {
    length: Option<u64>,
    slot: Arc<Mutex<Slot>>,
}

struct Slot {
    stream: Option<BytesStream>,
    left: Option<Arc<dyn Any + Send + Sync>>,
}

impl ByteStream {
    /// Bytes that come later; `length` is how many in all, where that is known.
    pub fn new(
        stream: impl Stream<Item = Result<Bytes, ApiError>> + Send + 'static,
        length: Option<u64>,
    ) -> Self {
        let slot = Slot { stream: Some(Box::pin(stream)), left: None };
        Self { length, slot: Arc::new(Mutex::new(slot)) }
    }

    /// How many bytes it had in all when it was made, where that is known.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// The bytes; `None` when somebody has taken them already.
    pub fn take(&self) -> Option<BytesStream> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner).stream.take()
    }

    /// Leaves in the slot what came of the bytes, for an operation that is run again.
    pub fn leave(&self, outcome: Arc<dyn Any + Send + Sync>) {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner).left = Some(outcome);
    }

    /// What was left of this type.
    pub fn left<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        let left = self.slot.lock().unwrap_or_else(PoisonError::into_inner).left.clone();
        left?.downcast().ok()
    }
}

impl Default for ByteStream {
    fn default() -> Self {
        Self::from(Bytes::new())
    }
}

impl From<Bytes> for ByteStream {
    fn from(bytes: Bytes) -> Self {
        let length = u64::try_from(bytes.len()).ok();
        Self::new(Once(Some(bytes)), length)
    }
}

impl From<Vec<u8>> for ByteStream {
    fn from(bytes: Vec<u8>) -> Self {
        Self::from(Bytes::from(bytes))
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.length {
            Some(length) => write!(f, "ByteStream({length} bytes)"),
            None => f.write_str("ByteStream(…)"),
        }
    }
}

/// Bytes that are there: one piece, or none when there are no bytes.
struct Once(Option<Bytes>);

impl Stream for Once {
    type Item = Result<Bytes, ApiError>;

    fn poll_next(mut self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.take().filter(|bytes| !bytes.is_empty()).map(Ok))
    }
}

/// A member that is an event stream of `T`, the union of its events. The default has none. A clone is the same slot.
pub struct EventStream<T> {
    events: Events,
    of: PhantomData<fn() -> T>,
}

/// An event stream as protocols see it.
#[derive(Clone, Default)]
pub struct Events(Arc<Mutex<Option<EventsStream>>>);

impl<T: WriteStructure + Send + Sync + 'static> EventStream<T> {
    /// Events that come later; each value of the union has one member.
    pub fn new(stream: impl Stream<Item = Result<T, ApiError>> + Send + 'static) -> Self {
        let erased: EventsStream = Box::pin(Erased(Box::pin(stream)));
        Self { events: Events(Arc::new(Mutex::new(Some(erased)))), of: PhantomData }
    }
}

impl<T> EventStream<T> {
    /// The stream as protocols see it.
    pub fn erased(&self) -> &Events {
        &self.events
    }
}

impl Events {
    /// The events; `None` when there are none, or somebody has taken them already.
    pub fn take(&self) -> Option<EventsStream> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<T> Clone for EventStream<T> {
    fn clone(&self) -> Self {
        Self { events: self.events.clone(), of: PhantomData }
    }
}

impl<T> Default for EventStream<T> {
    fn default() -> Self {
        Self { events: Events::default(), of: PhantomData }
    }
}

impl<T> fmt::Debug for EventStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventStream(…)")
    }
}

/// A stream whose items forget their type.
struct Erased<T>(Pin<Box<dyn Stream<Item = Result<T, ApiError>> + Send>>);

impl<T: WriteStructure + Send + Sync + 'static> Stream for Erased<T> {
    type Item = Result<Box<dyn WriteStructure + Send + Sync>, ApiError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let event = std::task::ready!(self.0.as_mut().poll_next(context));
        Poll::Ready(
            event.map(|event| event.map(|event| Box::new(event) as Box<dyn WriteStructure + Send + Sync>)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(mut stream: BytesStream) -> Vec<Bytes> {
        let mut context = Context::from_waker(std::task::Waker::noop());
        let mut pieces = Vec::new();
        while let Poll::Ready(Some(piece)) = stream.as_mut().poll_next(&mut context) {
            pieces.push(piece.expect("bytes that are there do not fail"));
        }
        pieces
    }

    #[test]
    fn bytes_are_taken_once_also_through_a_clone() {
        for (stream, length, pieces) in [
            (ByteStream::default(), 0, Vec::new()),
            (ByteStream::from(b"abc".to_vec()), 3, vec![Bytes::from_static(b"abc")]),
        ] {
            assert_eq!(stream.length(), Some(length));
            assert_eq!(format!("{stream:?}"), format!("ByteStream({length} bytes)"));
            let same = stream.clone();
            assert_eq!(same.take().map(drain), Some(pieces));
            assert!(stream.take().is_none());
            stream.leave(Arc::new(5_u32));
            assert_eq!((same.left::<u32>().as_deref(), same.left::<u8>()), (Some(&5), None));
        }
        assert_eq!(format!("{:?}", ByteStream::new(Once(None), None)), "ByteStream(…)");
    }

    #[test]
    fn events_keep_what_they_write() {
        assert!(EventStream::<crate::Unit>::default().erased().take().is_none());
        struct Two(u8);
        impl Stream for Two {
            type Item = Result<crate::Unit, ApiError>;
            fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
                self.0 += 1;
                Poll::Ready((self.0 <= 2).then_some(Ok(crate::Unit)))
            }
        }
        let stream = EventStream::new(Two(0));
        let mut events = stream.clone().erased().take().expect("nobody took it");
        assert!(stream.erased().take().is_none());
        let mut context = Context::from_waker(std::task::Waker::noop());
        let mut shapes = Vec::new();
        while let Poll::Ready(Some(Ok(event))) = events.as_mut().poll_next(&mut context) {
            shapes.push(event.shape().name);
        }
        assert_eq!(shapes, ["Unit", "Unit"]);
    }
}
