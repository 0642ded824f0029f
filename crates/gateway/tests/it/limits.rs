//! Slow clients, huge requests, too many of them.

use std::net::SocketAddr;
use std::time::Duration;

use garrison_gateway::Limits;
use garrison_testkit::{KEY, Version};
use http::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::fakes::{JSON, World};

/// Sends bytes and waits for the connection's end; gives what came back.
async fn talk(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // A reset is an end as well.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn hasty() -> Limits {
    Limits {
        header_timeout: Duration::from_millis(100),
        body_timeout: Duration::from_millis(100),
        idle_timeout: Duration::from_millis(100),
        ..Limits::default()
    }
}

#[tokio::test]
async fn a_slow_client_is_cut_off() {
    let world = World::with(hasty(), None).await;
    let address = world.server.address;
    for never_whole in [b"".as_slice(), b"P", b"POST / HTTP/1.1\r\nHost: a\r\n", b"PRI * HTTP/2.0\r\n\r\n"] {
        talk(address, never_whole).await;
    }
    let head = format!(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n{}: {}\r\nX-Amz-Target: {}\r\n\r\nshort",
        JSON[0].0, JSON[0].1, JSON[1].1
    );
    let answer = talk(address, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains(r#""__type":"RequestTimeoutException""#), "{answer}");
}

#[tokio::test]
async fn a_request_beyond_the_bounds_is_refused_in_its_protocol() {
    let limits =
        Limits { body_bytes: 1000, uri_bytes: 100, headers: 20, header_bytes: 8192, ..Limits::default() };
    let world = World::with(limits, None).await;
    for version in [Version::One, Version::Two] {
        let mut client = world.server.client(version).await;
        let fits = format!("{{\"NextToken\":\"{}\"}}", "a".repeat(900));
        assert_eq!(client.call(KEY, "cloudtrail", &JSON, fits.as_bytes()).await.status.as_u16(), 200);
        let answer = client.call(KEY, "cloudtrail", &JSON, &[b' '; 1001]).await;
        assert_eq!(answer.status.as_u16(), 413);
        assert_eq!(answer.json()["__type"], "RequestEntityTooLargeException");
        let mut client = world.server.client(version).await;
        let answer = client.post(KEY, "cloudtrail", &format!("/?{}", "a".repeat(100)), &JSON, b"{}").await;
        assert_eq!(answer.status.as_u16(), 414);
        assert_eq!(answer.json()["__type"], "RequestUriTooLongException");
    }
    let many = "A: b\r\n".repeat(21);
    let answer =
        talk(world.server.address, format!("GET / HTTP/1.1\r\nHost: a\r\n{many}\r\n").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    let large = "a".repeat(10_000);
    let answer =
        talk(world.server.address, format!("GET / HTTP/1.1\r\nHost: a\r\nA: {large}\r\n\r\n").as_bytes())
            .await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
}

#[tokio::test]
async fn idle_connections_make_room() {
    let world = World::with(Limits { connections: 50, ..hasty() }, None).await;
    let mut idle = Vec::new();
    for _ in 0..300 {
        idle.push(TcpStream::connect(world.server.address).await.unwrap());
    }
    let mut client = world.server.client(Version::One).await;
    assert_eq!(client.call(KEY, "cloudtrail", &JSON, b"{}").await.status.as_u16(), 200);
    for mut connection in idle.drain(..200) {
        assert_eq!(connection.read(&mut [0; 1]).await.unwrap_or(0), 0, "it was closed");
    }
}

#[tokio::test]
async fn more_requests_at_once_than_allowed_are_refused() {
    let world = World::with(Limits { requests: 1, ..Limits::default() }, None).await;
    let mut first = world.server.client(Version::One).await;
    let waiting =
        tokio::spawn(async move { first.call(KEY, "cloudtrail", &JSON, br#"{"NextToken":"wait"}"#).await });
    world.entered.acquire().await.unwrap().forget();
    let mut second = world.server.client(Version::One).await;
    let answer = second.call(KEY, "cloudtrail", &JSON, b"{}").await;
    assert_eq!(answer.status.as_u16(), 503);
    assert_eq!(answer.json()["__type"], "ServiceUnavailableException");
    // Who asks for the health is answered all the same.
    let health = second.request(&Method::GET, "/_garrison/health", &[], b"");
    assert_eq!(second.send(health).await.unwrap().status.as_u16(), 200);
    world.gate.add_permits(1);
    assert_eq!(waiting.await.unwrap().status.as_u16(), 200);
    assert_eq!(second.call(KEY, "cloudtrail", &JSON, b"{}").await.status.as_u16(), 200);
}
