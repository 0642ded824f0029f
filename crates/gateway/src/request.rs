//! One request from its first byte to its answer: limits, then the call, which runs to its end once it has begun.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use http::Request;
use hyper::body::Incoming;

use crate::admin;
use crate::call::{self, Peer};
use crate::encode::Answer;
use crate::gateway::Gateway;
use crate::limits::{self, Collected};
use crate::rest_call;

/// Answers one request.
pub(crate) async fn handle(gateway: Arc<Gateway>, peer: Arc<Peer>, request: Request<Incoming>) -> Answer {
    if request.uri().path().starts_with(admin::PREFIX) {
        return admin::handle(&gateway, &peer, request).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(permit) = Arc::clone(&gateway.requests).try_acquire_owned() else {
        return call::refuse_early(&gateway, &parts, &limits::busy("there are too many requests at once"));
    };
    if let Err(error) = limits::check_head(&parts, &gateway.options.limits) {
        return call::refuse_early(&gateway, &parts, &error);
    }
    let in_flight = InFlight::enter(Arc::clone(&gateway));
    if let Some(service) = rest_call::service_of(&gateway, &parts) {
        let running = async move {
            let mut answer = rest_call::serve(&gateway, &parts, service, body, &peer).await;
            answer.body_mut().keep((in_flight, permit));
            answer
        };
        return ToTheEnd::new(running).await;
    }
    let collected = limits::collect(body, &gateway.options.limits, &gateway.body_memory).await;
    let Collected { bytes, memory } = match collected {
        Ok(collected) => collected,
        Err(error) => return call::refuse_early(&gateway, &parts, &error),
    };
    let running = async move {
        let mut answer = call::serve(&gateway, &parts, bytes, &peer).await;
        drop(memory);
        answer.body_mut().keep((in_flight, permit));
        answer
    };
    ToTheEnd::new(running).await
}

/// Counts a request while it is served.
struct InFlight(Arc<Gateway>);

impl InFlight {
    fn enter(gateway: Arc<Gateway>) -> Self {
        gateway.meters.in_flight.fetch_add(1, Ordering::Relaxed);
        Self(gateway)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.meters.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A call that goes on when nobody waits for it any more: the client is gone, but what was begun is finished and
/// audited.
struct ToTheEnd(Option<Pin<Box<dyn Future<Output = Answer> + Send>>>);

impl ToTheEnd {
    fn new(call: impl Future<Output = Answer> + Send + 'static) -> Self {
        Self(Some(Box::pin(call)))
    }
}

impl Future for ToTheEnd {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Answer> {
        let Some(call) = &mut self.0 else { return Poll::Pending };
        let polled = call.as_mut().poll(task);
        if polled.is_ready() {
            self.0 = None;
        }
        polled
    }
}

impl Drop for ToTheEnd {
    fn drop(&mut self) {
        if let (Some(call), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(call);
        }
    }
}
