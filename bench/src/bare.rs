//! The servers that Garrison is measured beside: the least that any server in its place must do.

use std::convert::Infallible;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, RandomizedNonceKey};
use base64_simd::STANDARD;
use garrison_clock::{Clock, SystemClock};
use garrison_sigv4::{Authentication, Body, Expect, SecretAccessKey, SigningKey};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;

use crate::Result;

/// What a bare server does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Answers.
    Hello,
    /// Parses JSON, verifies the signature without a cache of signing keys, encrypts, answers JSON.
    Encrypt,
}

/// Serves until it is ended; prints its address first.
#[expect(clippy::print_stdout, reason = "the address goes to the program that started this one")]
pub(crate) fn serve(kind: Kind) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        let key = Arc::new(RandomizedNonceKey::new(&AES_256_GCM, &[7; 32])?);
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let key = Arc::clone(&key);
            let service = service_fn(move |request| answer(kind, Arc::clone(&key), request));
            tokio::spawn(
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
            );
        }
    })
}

async fn answer(
    kind: Kind,
    key: Arc<RandomizedNonceKey>,
    request: Request<Incoming>,
) -> std::result::Result<Response<Full<Bytes>>, Infallible> {
    let body = match kind {
        Kind::Hello => Ok(Bytes::from_static(b"{}")),
        Kind::Encrypt => encrypt(&key, request).await,
    };
    let (status, body) = match body {
        Ok(body) => (200, body),
        Err(error) => (400, Bytes::from(error.to_string())),
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    Ok(response)
}

async fn encrypt(key: &RandomizedNonceKey, request: Request<Incoming>) -> Result<Bytes> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    verify(&head, &body)?;
    let input: serde_json::Value = serde_json::from_slice(&body)?;
    let plaintext = input.get("Plaintext").and_then(|value| value.as_str()).ok_or("no Plaintext")?;
    let mut buffer = STANDARD.decode_to_vec(plaintext)?;
    let nonce = key.seal_in_place_append_tag(Aad::empty(), &mut buffer)?;
    buffer.extend_from_slice(nonce.as_ref());
    let output = serde_json::json!({
        "CiphertextBlob": STANDARD.encode_to_string(&buffer),
        "KeyId": input.get("KeyId"),
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    });
    Ok(serde_json::to_vec(&output)?.into())
}

/// The secret is the caller's own, which this server does not know: it verifies against a fixed one and does not
/// care for the outcome, which costs the same.
fn verify(head: &http::request::Parts, body: &[u8]) -> Result<()> {
    let headers: Vec<(&str, &[u8])> =
        head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let request = garrison_sigv4::Request {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        headers: &headers,
    };
    let authentication = Authentication::parse(&request)?.ok_or("not signed")?;
    let now = SystemClock::default().protocol_now();
    let scope = authentication.scope.clone();
    let secret = SecretAccessKey::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned());
    let key = SigningKey::derive(&secret, &scope.day, &scope.region, &scope.service)?;
    let checked = authentication.check(now, &Expect { service: "kms", region: None })?;
    let _ = checked.verify(Body::Bytes(body), &key);
    Ok(())
}
