//! An HTTP client that signs.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use garrison_sigv4::{AmzDate, Payload, Request, SecretAccessKey, Signer, SigningKey};
use garrison_types::Timestamp;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::kernel::REGION;

/// Which HTTP a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.1.
    One,
    /// HTTP/2, begun without an upgrade.
    Two,
}

/// An access key.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// The id.
    pub id: &'static str,
    /// The secret.
    pub secret: &'static str,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// A header as text; empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

enum Sender {
    One(http1::SendRequest<Full<Bytes>>),
    Two(http2::SendRequest<Full<Bytes>>),
}

/// One connection.
pub struct Client {
    sender: Sender,
    host: String,
    now: Timestamp,
}

impl Client {
    /// Connects without TLS. Signatures are dated `now`.
    pub async fn connect(address: SocketAddr, version: Version, now: Timestamp) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        Self::over(stream, address.to_string(), version, now).await
    }

    /// Connects with TLS to `localhost`.
    pub async fn connect_tls(
        address: SocketAddr,
        version: Version,
        now: Timestamp,
        mut config: rustls::ClientConfig,
    ) -> Self {
        let protocol = if version == Version::Two { "h2" } else { "http/1.1" };
        config.alpn_protocols = vec![protocol.into()];
        let stream = TcpStream::connect(address).await.unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        let stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
        Self::over(stream, format!("localhost:{}", address.port()), version, now).await
    }

    async fn over(
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        host: String,
        version: Version,
        now: Timestamp,
    ) -> Self {
        let io = TokioIo::new(stream);
        let sender = match version {
            Version::One => {
                let (sender, connection) = http1::handshake(io).await.unwrap();
                tokio::spawn(connection);
                Sender::One(sender)
            }
            Version::Two => {
                let (sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
                tokio::spawn(connection);
                Sender::Two(sender)
            }
        };
        Self { sender, host, now }
    }

    /// Sends a request as it is; `None` when the connection ends instead of an answer.
    pub async fn send(&mut self, request: http::Request<Full<Bytes>>) -> Option<Answer> {
        let answer = match &mut self.sender {
            Sender::One(sender) => sender.send_request(request).await,
            Sender::Two(sender) => sender.send_request(request).await,
        };
        let (parts, body) = answer.ok()?.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        Some(Answer { status: parts.status, headers: parts.headers, body })
    }

    /// A request to a path (with its query), with the host that this connection leads to.
    pub fn request(
        &self,
        method: &Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> http::Request<Full<Bytes>> {
        let target = match &self.sender {
            Sender::One(_) => path.to_owned(),
            Sender::Two(_) => format!("http://{}{path}", self.host),
        };
        let mut request = http::Request::builder().method(method.clone()).uri(target);
        if matches!(self.sender, Sender::One(_)) {
            request = request.header("host", &self.host);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Full::new(Bytes::copy_from_slice(body))).unwrap()
    }

    /// Signs and sends a `POST` to `/`.
    pub async fn call(&mut self, key: Key, service: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.post(key, service, "/", headers, body).await
    }

    /// Signs and sends a `POST`.
    pub async fn post(
        &mut self,
        key: Key,
        service: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let signed = self.sign(key, service, path, headers, body);
        let mut all = headers.to_vec();
        all.extend(signed.iter().map(|(name, value)| (*name, value.as_str())));
        let request = self.request(&Method::POST, path, &all, body);
        self.send(request).await.unwrap()
    }

    /// The headers that sign a `POST`.
    pub fn sign(
        &self,
        key: Key,
        service: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Vec<(&'static str, String)> {
        let mut all = vec![("host", self.host.as_bytes())];
        all.extend(headers.iter().map(|(name, value)| (*name, value.as_bytes())));
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let request = Request { method: "POST", path, query, headers: &all };
        self.signer(key, service, |signer| signer.sign(&request, &Payload::of(body)).unwrap())
    }

    /// The query of a presigned `GET` to `/` that holds for a minute.
    pub fn presign(&self, key: Key, service: &str, query: &str) -> String {
        let headers = [("host", self.host.as_bytes())];
        let request = Request { method: "GET", path: "/", query, headers: &headers };
        self.signer(key, service, |signer| signer.presign(&request, &Payload::of(b""), 60).unwrap())
    }

    fn signer<T>(&self, key: Key, service: &str, sign: impl FnOnce(Signer<'_>) -> T) -> T {
        let date = AmzDate::new(self.now);
        let secret = SecretAccessKey::new(key.secret.to_owned());
        let signing = SigningKey::derive(&secret, date.day(), REGION, service).unwrap();
        sign(Signer {
            access_key_id: key.id,
            session_token: None,
            region: REGION,
            service,
            date,
            key: &signing,
        })
    }
}
