//! Sockets: accepting, TLS, HTTP, idle connections, and the end of all that.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::call::Peer;
use crate::gateway::Gateway;
use crate::options::Limits;
use crate::request;
use crate::tls;

/// After what an error of the operating system leaves the listener room to recover, for example from too many open
/// files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves a listener until `shutdown` turns true, and then until what was accepted is finished or the time for that
/// is over. Returns how many requests were cut off; 0 as a rule.
pub async fn serve(
    gateway: Arc<Gateway>,
    listener: TcpListener,
    tls: Option<Arc<rustls::ServerConfig>>,
    shutdown: watch::Receiver<bool>,
) -> usize {
    let limits = gateway.options.limits.clone();
    let connections = limits.connections.clamp(1, Semaphore::MAX_PERMITS);
    let front = Front {
        builder: builder(&limits),
        acceptor: tls.map(TlsAcceptor::from),
        room: Arc::new(Semaphore::new(connections)),
        shutdown,
        gateway,
    };
    let front = Arc::new(front);
    let mut ending = front.shutdown.clone();
    {
        let mut end = pin!(ended(&mut ending));
        loop {
            // A full house leaves new connections in the system's queue until one of the old is closed.
            let accepted = async {
                let room = Arc::clone(&front.room).acquire_owned().await;
                (room, listener.accept().await)
            };
            tokio::select! {
                biased;
                () = &mut end => break,
                (Ok(room), accepted) = accepted => match accepted {
                    Ok((stream, address)) => drop(tokio::spawn(Arc::clone(&front).connection(stream, address, room))),
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection");
                        sleep(ACCEPT_PAUSE).await;
                    }
                },
                else => break,
            }
        }
    }
    drop(listener);
    front.drain(connections, &limits).await
}

/// Resolves once the flag has turned true, or nobody is left to turn it.
pub async fn ended(shutdown: &mut watch::Receiver<bool>) {
    // An error says that the sender is gone.
    let _ = shutdown.wait_for(|down| *down).await;
}

/// The protocols with their bounds.
fn builder(limits: &Limits) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_headers(limits.headers)
        // Less than this hyper does not take.
        .max_buf_size(limits.header_bytes.max(8192));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX))
        // A client that opens streams only to reset them is cut off (CVE-2023-44487).
        .max_pending_accept_reset_streams(20)
        .max_local_error_reset_streams(100)
        .initial_stream_window_size(1 << 20)
        .initial_connection_window_size(4 << 20)
        .keep_alive_interval(limits.idle_timeout)
        .keep_alive_timeout(limits.header_timeout);
    builder
}

struct Front {
    gateway: Arc<Gateway>,
    builder: Builder<TokioExecutor>,
    acceptor: Option<TlsAcceptor>,
    /// A permit for each connection that may be open.
    room: Arc<Semaphore>,
    shutdown: watch::Receiver<bool>,
}

/// How many requests a connection has begun and finished.
#[derive(Default)]
struct Activity {
    begun: AtomicU64,
    finished: AtomicU64,
}

impl Activity {
    /// The number of requests, when none is being served.
    fn at_rest(&self) -> Option<u64> {
        let finished = self.finished.load(Ordering::Relaxed);
        (self.begun.load(Ordering::Relaxed) == finished).then_some(finished)
    }
}

impl Front {
    async fn connection(self: Arc<Self>, stream: TcpStream, address: SocketAddr, room: OwnedSemaphorePermit) {
        let meters = &self.gateway.meters;
        meters.accepted.fetch_add(1, Ordering::Relaxed);
        meters.connections.fetch_add(1, Ordering::Relaxed);
        // Answers are written whole: waiting for more to send would only delay them.
        let _ = stream.set_nodelay(true);
        let ip = address.ip();
        match &self.acceptor {
            None => self.http(stream, Peer { ip, tls: None }).await,
            Some(acceptor) => match timeout(self.limits().header_timeout, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => {
                    let tls = tls::describe(stream.get_ref().1);
                    self.http(stream, Peer { ip, tls }).await;
                }
                Ok(Err(error)) => tracing::debug!(peer = %address, %error, "no TLS connection"),
                Err(_) => tracing::debug!(peer = %address, "the TLS handshake took too long"),
            },
        }
        meters.connections.fetch_sub(1, Ordering::Relaxed);
        drop(room);
    }

    fn limits(&self) -> &Limits {
        &self.gateway.options.limits
    }

    async fn http(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, peer: Peer) {
        let (peer, activity) = (Arc::new(peer), Arc::new(Activity::default()));
        let service = service_fn(|request| {
            activity.begun.fetch_add(1, Ordering::Relaxed);
            let finished = Finished(Arc::clone(&activity));
            let answer = request::handle(Arc::clone(&self.gateway), Arc::clone(&peer), request);
            async move {
                let mut answer = answer.await;
                answer.body_mut().keep(finished);
                Ok::<_, Infallible>(answer)
            }
        });
        let mut connection = Box::pin(self.builder.serve_connection(TokioIo::new(stream), service));
        let mut shutdown = self.shutdown.clone();
        let mut end = pin!(ended(&mut shutdown));
        // The time for the first request counts from here; afterwards an idle connection may stay longer.
        let mut tick = pin!(sleep(self.limits().header_timeout));
        let (mut seen, mut closing) = (0, false);
        loop {
            tokio::select! {
                biased;
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(peer = %peer.ip, %error, "a connection ended early");
                    }
                    return;
                }
                () = &mut end, if !closing => {
                    closing = true;
                    connection.as_mut().graceful_shutdown();
                }
                () = &mut tick => {
                    match activity.at_rest() {
                        // It was asked to end a whole period ago, and nothing is being served.
                        Some(_) if closing => return,
                        Some(count) if count == seen => {
                            closing = true;
                            connection.as_mut().graceful_shutdown();
                        }
                        Some(count) => seen = count,
                        None => {}
                    }
                    tick.as_mut().reset(Instant::now() + self.limits().idle_timeout);
                }
            }
        }
    }

    /// Waits until every connection is closed and every call done, or the time for that is over.
    async fn drain(&self, connections: usize, limits: &Limits) -> usize {
        let requests = limits.requests.min(Semaphore::MAX_PERMITS);
        let all = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let drained = timeout(limits.drain_timeout, async {
            // Calls whose client is gone go on without a connection.
            drop(self.room.acquire_many(all(connections)).await);
            drop(self.gateway.requests.acquire_many(all(requests)).await);
        });
        if drained.await.is_ok() {
            return 0;
        }
        let running = requests - self.gateway.requests.available_permits().min(requests);
        tracing::warn!(running, "shutdown does not wait any longer");
        running
    }
}

/// Counts a request as finished, when its answer has streamed out, or its client has gone away.
struct Finished(Arc<Activity>);

impl Drop for Finished {
    fn drop(&mut self) {
        self.0.finished.fetch_add(1, Ordering::Relaxed);
    }
}
