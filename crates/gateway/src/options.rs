//! What bounds the front door.

use std::time::Duration;

/// Bounds on what one request, one connection and all of them together may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The longest request target, in bytes.
    pub uri_bytes: usize,
    /// The most headers of a request.
    pub headers: usize,
    /// The most bytes that the head of a request may have.
    pub header_bytes: usize,
    /// The largest body, in bytes.
    pub body_bytes: usize,
    /// The most bytes of large bodies (beyond 64 KiB) that are held at once, all requests together. At least
    /// `body_bytes`.
    pub body_memory: usize,
    /// How long the head of a request may take.
    pub header_timeout: Duration,
    /// How long the body of a request may take.
    pub body_timeout: Duration,
    /// After how long a connection without a request is closed; it may take up to twice that.
    pub idle_timeout: Duration,
    /// The most connections.
    pub connections: usize,
    /// The most requests that are served at once.
    pub requests: usize,
    /// The most requests at once on one HTTP/2 connection.
    pub streams: u32,
    /// How long accepted requests may take to finish once shutdown has begun.
    pub drain_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            uri_bytes: 16 << 10,
            headers: 100,
            header_bytes: 64 << 10,
            body_bytes: 10 << 20,
            body_memory: 256 << 20,
            header_timeout: Duration::from_secs(20),
            body_timeout: Duration::from_secs(60),
            idle_timeout: Duration::from_secs(60),
            connections: 10_000,
            requests: 2_000,
            streams: 250,
            drain_timeout: Duration::from_secs(25),
        }
    }
}

/// How the front door behaves.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The bounds.
    pub limits: Limits,
    /// Health, metrics and the like also answer peers that are not on the loopback interface.
    pub admin_anywhere: bool,
    /// Host names that clients reach S3 by, for example `garrison.example`; what stands before one of them is a bucket.
    /// `localhost` and names that begin with `s3.` need not be told.
    pub hosts: Vec<String>,
}
