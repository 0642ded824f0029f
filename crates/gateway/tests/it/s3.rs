//! A service whose operations are methods and URIs: routes, signatures, bodies that stream in and out.

use std::time::Duration;

use bytes::Bytes;
use garrison_clock::Clock as _;
use garrison_gateway::Limits;
use garrison_sigv4::{AmzDate, Payload, Request, SecretAccessKey, Signer, SigningKey, Streaming, sha256};
use garrison_testkit::{ACCOUNT, Answer, Client, KEY, Key, REGION, Version};
use http::Method;
use http_body_util::Full;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::fakes::{FORM, IDENTITY};
use crate::shelf::Store;

const HOST: &str = "s3.eu-central-1.amazonaws.com";
const UNSIGNED: Payload = Payload::Unsigned;

/// A request to be signed.
struct Sent<'a> {
    method: Method,
    host: &'a str,
    path: &'a str,
    headers: Vec<(&'a str, String)>,
    body: Vec<u8>,
}

impl<'a> Sent<'a> {
    fn new(method: Method, path: &'a str, body: impl Into<Vec<u8>>) -> Self {
        Self { method, host: HOST, path, headers: Vec::new(), body: body.into() }
    }

    fn host(self, host: &'a str) -> Self {
        Self { host, ..self }
    }

    fn with(mut self, name: &'a str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn signing<T>(&self, store: &Store, key: Key, sign: impl FnOnce(Signer<'_>, &Request<'_>) -> T) -> T {
        let date = AmzDate::new(store.server.world.clock.protocol_now());
        let secret = SecretAccessKey::new(key.secret.to_owned());
        let signing = SigningKey::derive(&secret, date.day(), REGION, "s3").unwrap();
        let mut headers = vec![("host", self.host.as_bytes())];
        headers.extend(self.headers.iter().map(|(name, value)| (*name, value.as_bytes())));
        let (path, query) = self.path.split_once('?').unwrap_or((self.path, ""));
        let request = Request { method: self.method.as_str(), path, query, headers: &headers };
        let (access_key_id, service) = (key.id, "s3");
        let signer =
            Signer { access_key_id, session_token: None, region: REGION, service, date, key: &signing };
        sign(signer, &request)
    }

    fn signed(mut self, store: &Store, key: Key, payload: &Payload) -> Self {
        let added = self.signing(store, key, |signer, request| signer.sign(request, payload).unwrap());
        self.headers.extend(added);
        self
    }

    /// Puts the body into signed chunks; the trailer too, when there is one.
    fn chunked(mut self, store: &Store, sizes: &[usize], trailer: Option<(&'static str, &str)>) -> Self {
        let form = if trailer.is_some() { Streaming::SignedTrailer } else { Streaming::Signed };
        let length = self.body.len().to_string();
        self = self.with("content-encoding", "aws-chunked").with("x-amz-decoded-content-length", &length);
        if let Some((name, _)) = trailer {
            self = self.with("x-amz-trailer", name);
        }
        self = self.signed(store, KEY, &Payload::Streaming(form));
        let date = AmzDate::new(store.server.world.clock.protocol_now());
        let authorization = self.headers.iter().find(|(name, _)| *name == "authorization").unwrap();
        let mut previous = authorization.1.rsplit_once("Signature=").unwrap().1.to_owned();
        let mut body = Vec::new();
        let mut rest = self.body.as_slice();
        let scope = format!("{}/{REGION}/s3/aws4_request", date.day());
        for size in sizes.iter().chain([&0]) {
            let (chunk, tail) = rest.split_at(*size);
            rest = tail;
            let text = format!(
                "AWS4-HMAC-SHA256-PAYLOAD\n{}\n{scope}\n{previous}\n{}\n{}",
                date.as_str(),
                hex(&sha256(b"")),
                hex(&sha256(chunk))
            );
            previous = mac(date.day(), &text);
            body.extend_from_slice(format!("{size:x};chunk-signature={previous}\r\n").as_bytes());
            body.extend_from_slice(chunk);
            if *size > 0 || trailer.is_none() {
                body.extend_from_slice(b"\r\n");
            }
        }
        if let Some((name, value)) = trailer {
            let canonical = format!("{name}:{value}\n");
            let text = format!(
                "AWS4-HMAC-SHA256-TRAILER\n{}\n{scope}\n{previous}\n{}",
                date.as_str(),
                hex(&sha256(canonical.as_bytes()))
            );
            let signature = mac(date.day(), &text);
            body.extend_from_slice(
                format!("{name}:{value}\r\nx-amz-trailer-signature:{signature}\r\n\r\n").as_bytes(),
            );
        }
        self.body = body;
        self
    }

    async fn send(self, client: &mut Client) -> Answer {
        let mut request =
            http::Request::builder().method(self.method).uri(self.path).header("host", self.host);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        client.send(request.body(Full::new(Bytes::from(self.body))).unwrap()).await.unwrap()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The signature of a chunk's text, by the documented derivation.
fn mac(day: &str, text: &str) -> String {
    use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
    let mut key = format!("AWS4{}", KEY.secret).into_bytes();
    for element in [day, REGION, "s3", "aws4_request"] {
        key = sign(&Key::new(HMAC_SHA256, &key), element.as_bytes()).as_ref().to_vec();
    }
    hex(sign(&Key::new(HMAC_SHA256, &key), text.as_bytes()).as_ref())
}

fn code(answer: &Answer) -> String {
    let text = answer.text();
    text.split(['<', '>']).skip_while(|part| *part != "Code").nth(1).unwrap_or_default().to_owned()
}

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|i| u8::try_from(i * 7 % 251).unwrap()).collect()
}

#[tokio::test]
async fn an_object_goes_in_and_out() {
    let store = Store::start().await;
    let mut client = store.server.client(Version::One).await;
    let body = bytes(300_000);
    for payload in [Payload::of(&body), UNSIGNED] {
        let sent = Sent::new(Method::PUT, "/box/a//b%20c?x-id=PutObject", body.clone())
            .with("content-encoding", "gzip")
            .signed(&store, KEY, &payload);
        let answer = sent.send(&mut client).await;
        assert_eq!((answer.status.as_u16(), answer.header("etag")), (200, "\"300000\""), "{}", answer.text());
        assert_eq!(answer.header("x-amz-request-id").len(), 36);
        assert_eq!(answer.header("x-amzn-requestid"), "", "S3 has its own");
    }
    let object = store.object("box/a//b c").unwrap();
    assert_eq!((object.bytes.as_ref(), object.encoding.as_deref()), (&body[..], Some("gzip")));
    assert_eq!((object.length, object.caller), (Some(300_000), format!("arn:aws:iam::{ACCOUNT}:root")));
    for host in ["box.s3.eu-central-1.amazonaws.com", "box.localhost:1234"] {
        let sent = Sent::new(Method::GET, "/a//b%20c", "").host(host).signed(&store, KEY, &Payload::of(b""));
        let answer = sent.send(&mut client).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 300_000));
        assert_eq!(answer.body, body);
        assert_eq!(answer.header("content-length"), "300000");
        assert_eq!(answer.header("x-amz-meta-name"), "=?UTF-8?B?Z3LDvG4=?=");
    }
    let sent = Sent::new(Method::HEAD, "/box/a//b%20c", "").signed(&store, KEY, &Payload::of(b""));
    let answer = sent.send(&mut client).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0));
    assert_eq!(answer.header("content-length"), "300000", "the object's, not the answer's");
    let sent = Sent::new(Method::GET, "/box/none", "").signed(&store, KEY, &Payload::of(b""));
    let answer = sent.send(&mut client).await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (404, "NoSuchKey"));
    assert!(answer.text().contains("<Resource>/box/none</Resource>"), "{}", answer.text());
    let sent = Sent::new(Method::HEAD, "/box/none", "").signed(&store, KEY, &Payload::of(b""));
    let answer = sent.send(&mut client).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (404, 0));
}

#[tokio::test]
async fn objects_go_over_http_2_and_beyond_the_bound_of_other_bodies() {
    let limits = Limits { body_bytes: 1 << 20, body_memory: 1 << 20, ..Limits::default() };
    let store = Store::with(limits).await;
    let body = bytes(5 << 20);
    let mut client = store.server.client(Version::Two).await;
    let host = store.server.address.to_string();
    let sent = Sent::new(Method::PUT, "/box/large", body.clone())
        .host(&host)
        .with("content-length", &body.len().to_string())
        .signed(&store, KEY, &Payload::of(&body));
    let headers: Vec<_> = sent.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let request = client.request(&Method::PUT, "/box/large", &headers, &body);
    let answer = client.send(request).await.unwrap();
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    assert_eq!(store.object("box/large").unwrap().bytes, body);
    let sent = Sent::new(Method::GET, "/box/large", "").host(&host).signed(&store, KEY, &Payload::of(b""));
    let headers: Vec<_> = sent.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let request = client.request(&Method::GET, "/box/large", &headers, b"");
    let answer = client.send(request).await.unwrap();
    assert_eq!((answer.header("content-length"), answer.body.len()), ("5242880", 5 << 20));
    assert_eq!(answer.body, body);
}

#[tokio::test]
async fn chunked_bodies_are_verified_as_they_come() {
    let store = Store::start().await;
    let mut client = store.server.client(Version::One).await;
    let body = bytes(100_000);
    let crc32c = "x-amz-checksum-crc32c";
    let value = base64_simd::STANDARD.encode_to_string(crc_fast::crc32_iscsi(&body).to_be_bytes());
    let sizes = [65_536, 30_000, 4_464];
    for trailer in [None, Some((crc32c, value.as_str()))] {
        let put = || Sent::new(Method::PUT, "/box/chunks", body.clone()).chunked(&store, &sizes, trailer);
        let answer = put().send(&mut client).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
        let object = store.object("box/chunks").unwrap();
        assert_eq!((object.bytes.as_ref(), object.encoding, object.length), (&body[..], None, Some(100_000)));
        assert_eq!(object.algorithm.as_deref(), trailer.map(|_| "CRC32C"));
        // One byte of the last chunk's data is another one.
        store.shelf.objects.lock().clear();
        let mut sent = put();
        let last = sent.body.windows(2).rposition(|pair| pair == [body[99_998], body[99_999]]).unwrap();
        sent.body[last] ^= 1;
        let answer = sent.send(&mut client).await;
        assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (403, "SignatureDoesNotMatch"));
        // Its end is missing.
        let mut sent = put();
        let length = sent.body.len();
        sent.body.truncate(length - 4);
        let answer = sent.send(&mut client).await;
        assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (400, "IncompleteBody"));
        assert_eq!(store.object("box/chunks"), None);
    }
    let wrong = Sent::new(Method::PUT, "/box/chunks", body.clone());
    let answer = wrong.chunked(&store, &sizes, Some((crc32c, "AAAAAA=="))).send(&mut client).await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (400, "BadDigest"));
    assert_eq!(store.object("box/chunks"), None);
    assert_eq!(store.shelf.failed.lock().len(), 5);
}

/// What SDKs send over TLS.
fn unsigned_chunks(body: &str, trailer: &str, value: &str) -> String {
    format!("{:x}\r\n{body}\r\n0\r\n{trailer}:{value}\r\n\r\n", body.len())
}

#[tokio::test]
async fn unsigned_chunks_are_verified_by_their_trailer() {
    let store = Store::start().await;
    let mut client = store.server.client(Version::One).await;
    let form = Payload::Streaming(Streaming::UnsignedTrailer);
    let crc32 = "x-amz-checksum-crc32";
    for (trailer, value, status) in
        [(crc32, "y/Q5Jg==", 200), (crc32, "AAAAAA==", 400), ("x-other", "1", 400)]
    {
        let put = || {
            Sent::new(Method::PUT, "/box/trailer", unsigned_chunks("123456789", trailer, value))
                .with("content-encoding", "aws-chunked")
                .with("x-amz-decoded-content-length", "9")
                .with("x-amz-trailer", crc32)
                .with("x-amz-sdk-checksum-algorithm", "CRC32")
        };
        let answer = put().signed(&store, KEY, &form).send(&mut client).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
        // Nobody signed at all: the framing is the same.
        let answer = put().send(&mut client).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
        assert_eq!(store.shelf.objects.lock().remove("box/trailer").is_some(), status == 200);
    }
    let answer = Sent::new(Method::PUT, "/box/trailer", unsigned_chunks("123456789", crc32, "y/Q5Jg=="))
        .with("content-encoding", "aws-chunked")
        .signed(&store, KEY, &form)
        .send(&mut client)
        .await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (411, "MissingContentLength"));
}

#[tokio::test]
async fn a_body_of_another_hash_is_not_kept() {
    let store = Store::start().await;
    let mut client = store.server.client(Version::One).await;
    let sent = Sent::new(Method::PUT, "/box/hash", "another").signed(&store, KEY, &Payload::of(b"body"));
    let answer = sent.send(&mut client).await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (400, "XAmzContentSHA256Mismatch"));
    assert_eq!(store.object("box/hash"), None);
}

#[tokio::test]
async fn bodies_that_are_not_streamed_have_their_checksums_verified() {
    let store = Store::start().await;
    let mut client = store.server.client(Version::One).await;
    let body = "<Delete><Object><Key>a</Key></Object></Delete>";
    let value =
        base64_simd::STANDARD.encode_to_string(crc_fast::crc32_iso_hdlc(body.as_bytes()).to_be_bytes());
    for (header, expected, status) in [
        (Some(("x-amz-checksum-crc32", value.as_str())), "<Deleted><Key>a</Key></Deleted>", 200),
        (Some(("x-amz-checksum-crc32", "AAAAAA==")), "<Code>BadDigest</Code>", 400),
        (Some(("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")), "<Code>BadDigest</Code>", 400),
        (Some(("content-md5", "AAAA")), "<Code>InvalidDigest</Code>", 400),
        (None, "Content-MD5 OR x-amz-checksum-*", 400),
    ] {
        let mut sent = Sent::new(Method::POST, "/box?delete", body);
        if let Some((name, value)) = header {
            sent = sent.with(name, value);
        }
        let answer = sent.signed(&store, KEY, &Payload::of(body.as_bytes())).send(&mut client).await;
        assert_eq!(answer.status.as_u16(), status, "{header:?} {}", answer.text());
        assert!(answer.text().contains(expected), "{header:?} {}", answer.text());
    }
}

#[tokio::test]
async fn signatures_fail_in_s3s_words() {
    let store = Store::start().await;
    let mut client = store.server.client(Version::One).await;
    let get = || Sent::new(Method::GET, "/box/a", "");
    let empty = Payload::of(b"");
    let wrong = Key { secret: "another", ..KEY };
    let unknown = Key { id: "AKIAUNKNOWN", ..KEY };
    for (sent, status, expected) in [
        (get().signed(&store, wrong, &empty), 403, "SignatureDoesNotMatch"),
        (get().signed(&store, unknown, &empty), 403, "InvalidAccessKeyId"),
        (get().with("x-amz-security-token", "t").signed(&store, KEY, &empty), 400, "InvalidToken"),
        (get().signed(&store, KEY, &empty).with("x-amz-acl", "private"), 403, "AccessDenied"),
        (get().with("authorization", "AWS AKID:c2ln"), 400, "InvalidRequest"),
        (
            get().with(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKID/20270115/eu-central-1/s3/aws4_request",
            ),
            400,
            "AuthorizationHeaderMalformed",
        ),
    ] {
        let answer = sent.send(&mut client).await;
        let is_date = answer.text().contains("valid Date");
        assert_eq!(answer.status.as_u16(), if is_date { 403 } else { status }, "{}", answer.text());
        assert_eq!(code(&answer), if is_date { "AccessDenied" } else { expected }, "{}", answer.text());
        assert_eq!(answer.header("content-type"), "application/xml");
    }
    let stale = get().signed(&store, KEY, &empty);
    store.server.world.clock.tick(Duration::from_secs(16 * 60));
    let answer = stale.send(&mut client).await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (403, "RequestTimeTooSkewed"));
}

#[tokio::test]
async fn presigned_urls_carry_headers() {
    let store = Store::start().await;
    let mut client = store.server.client(Version::One).await;
    let put = Sent::new(Method::PUT, "/box/presigned?x-amz-acl=public-read", "abc");
    let query = put.signing(&store, KEY, |signer, request| signer.presign(request, &UNSIGNED, 60).unwrap());
    let path = format!("/box/presigned?{query}");
    let answer = Sent { path: &path, ..Sent::new(Method::PUT, "", "abc") }.send(&mut client).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    let object = store.object("box/presigned").unwrap();
    assert_eq!((object.bytes.as_ref(), object.acl.as_deref()), (&b"abc"[..], Some("public-read")));
    let tampered = path.replace("public-read", "private");
    let answer = Sent { path: &tampered, ..Sent::new(Method::PUT, "", "abc") }.send(&mut client).await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (403, "SignatureDoesNotMatch"));
    store.server.world.clock.tick(Duration::from_secs(61));
    let answer = Sent { path: &path, ..Sent::new(Method::PUT, "", "abc") }.send(&mut client).await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (403, "AccessDenied"));
    assert!(answer.text().contains("Request has expired"), "{}", answer.text());
}

#[tokio::test]
async fn anyone_may_call_s3_and_nothing_else() {
    let store = Store::start().await;
    let mut client = store.server.client(Version::One).await;
    let answer = Sent::new(Method::PUT, "/box/open", "abc").send(&mut client).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    assert!(!store.object("box/open").unwrap().caller.contains(ACCOUNT));
    let answer = Sent::new(Method::GET, "/", "").host("localhost").send(&mut client).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    let sent = Sent::new(Method::GET, "/v20180820/configuration/publicAccessBlock", "");
    let answer = sent.with("x-amz-account-id", ACCOUNT).send(&mut client).await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (403, "AccessDenied"));
    // Forms are the query protocol's.
    let request = client.request(&Method::POST, "/", &FORM, IDENTITY);
    let answer = client.send(request).await.unwrap();
    assert_eq!(code(&answer), "MissingAuthenticationToken");
    let answer = client.call(KEY, "sts", &FORM, IDENTITY).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
}

#[tokio::test]
async fn requests_are_routed_by_the_head() {
    let store = Store::start().await;
    let mut client = store.server.client(Version::One).await;
    for (method, path, status, expected) in [
        (Method::GET, "/", 200, "<Name>arn:aws:iam::111122223333:root</Name>"),
        (Method::GET, "/?x-id=ListBuckets", 200, "<Name>arn:aws:iam::111122223333:root</Name>"),
        (Method::GET, "/box?acl", 501, "GetBucketAcl"),
        (Method::PUT, "/box/key?tagging", 501, "PutObjectTagging"),
        (Method::PATCH, "/box/key", 405, "MethodNotAllowed"),
        (Method::GET, "/box/%ff", 400, "InvalidURI"),
    ] {
        let answer =
            Sent::new(method, path, "").signed(&store, KEY, &Payload::of(b"")).send(&mut client).await;
        assert_eq!(answer.status.as_u16(), status, "{path} {}", answer.text());
        assert!(answer.text().contains(expected), "{path} {}", answer.text());
    }
    let control = "/v20180820/configuration/publicAccessBlock";
    let answer = Sent::new(Method::GET, control, "")
        .host("111122223333.localhost")
        .with("x-amz-account-id", ACCOUNT)
        .signed(&store, KEY, &Payload::of(b""))
        .send(&mut client)
        .await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    assert!(answer.text().contains("<BlockPublicAcls>true</BlockPublicAcls>"), "{}", answer.text());
}

/// The head of a request as text.
fn raw(sent: &Sent<'_>, more: &str) -> String {
    let mut head = format!("{} {} HTTP/1.1\r\nhost: {}\r\n{more}", sent.method, sent.path, sent.host);
    for (name, value) in &sent.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head + "\r\n"
}

async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.contains(end) {
        let length = stream.read(&mut buffer).await.unwrap();
        assert!(length > 0, "{text}");
        text.push_str(&String::from_utf8_lossy(&buffer[..length]));
    }
    text
}

#[tokio::test]
async fn a_body_is_asked_for_only_when_its_head_is_right() {
    let store = Store::start().await;
    let expects = "expect: 100-continue\r\ncontent-length: 5\r\n";
    let wrong = Key { secret: "another", ..KEY };
    let sent = Sent::new(Method::PUT, "/box/asked", "").signed(&store, wrong, &UNSIGNED);
    let mut stream = TcpStream::connect(store.server.address).await.unwrap();
    stream.write_all(raw(&sent, expects).as_bytes()).await.unwrap();
    let answer = read_until(&mut stream, "</Error>").await;
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    let sent = Sent::new(Method::PUT, "/box/asked", "").signed(&store, KEY, &UNSIGNED);
    let mut stream = TcpStream::connect(store.server.address).await.unwrap();
    stream.write_all(raw(&sent, expects).as_bytes()).await.unwrap();
    let answer = read_until(&mut stream, "\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 100 "), "{answer}");
    stream.write_all(b"hello").await.unwrap();
    let answer = read_until(&mut stream, "\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(store.object("box/asked").unwrap().bytes, "hello");
}

#[tokio::test]
async fn a_body_that_nobody_reads_does_not_cost_the_connection() {
    let store = Store::start().await;
    let mut client = store.server.client(Version::One).await;
    for path in ["/box/refused", "/box/key?tagging"] {
        let sent = Sent::new(Method::PUT, path, bytes(400_000)).signed(&store, KEY, &UNSIGNED);
        let answer = sent.send(&mut client).await;
        assert!(answer.status.as_u16() >= 400);
    }
    let answer =
        Sent::new(Method::PUT, "/box/after", "abc").signed(&store, KEY, &UNSIGNED).send(&mut client).await;
    assert_eq!(answer.status.as_u16(), 200, "the same connection");
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_nothing() {
    let store = Store::start().await;
    let sent = Sent::new(Method::PUT, "/box/half", "").signed(&store, KEY, &UNSIGNED);
    let mut stream = TcpStream::connect(store.server.address).await.unwrap();
    let mut request = raw(&sent, "content-length: 100000\r\n").into_bytes();
    request.extend_from_slice(&[b'a'; 1000]);
    stream.write_all(&request).await.unwrap();
    drop(stream);
    while store.shelf.failed.lock().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(*store.shelf.failed.lock(), ["IncompleteBody"]);
    assert_eq!(store.object("box/half"), None);
}

#[tokio::test]
async fn a_body_that_stalls_is_given_up() {
    let store = Store::with(Limits { body_timeout: Duration::from_millis(50), ..Limits::default() }).await;
    let sent = Sent::new(Method::PUT, "/box/slow", "").signed(&store, KEY, &UNSIGNED);
    let mut stream = TcpStream::connect(store.server.address).await.unwrap();
    stream.write_all(raw(&sent, "content-length: 10\r\n").as_bytes()).await.unwrap();
    let answer = read_until(&mut stream, "</Error>").await;
    assert!(
        answer.starts_with("HTTP/1.1 400 ") && answer.contains("<Code>RequestTimeout</Code>"),
        "{answer}"
    );
}

#[tokio::test]
async fn an_answer_that_breaks_off_breaks_its_connection() {
    let store = Store::start().await;
    let mut client = store.server.client(Version::One).await;
    let sent = Sent::new(Method::GET, "/box/broken", "").signed(&store, KEY, &Payload::of(b""));
    let request = http::Request::builder().uri(sent.path).header("host", sent.host);
    let request = sent.headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
    assert!(client.send(request.body(Full::default()).unwrap()).await.is_none());
}

#[tokio::test]
async fn a_stream_keeps_its_place_until_it_ends() {
    let store = Store::with(Limits { requests: 1, ..Limits::default() }).await;
    let sent = Sent::new(Method::GET, "/box/endless", "").signed(&store, KEY, &Payload::of(b""));
    let mut stream = TcpStream::connect(store.server.address).await.unwrap();
    stream.write_all(raw(&sent, "").as_bytes()).await.unwrap();
    read_until(&mut stream, "\r\n\r\n").await;
    let mut client = store.server.client(Version::One).await;
    let answer =
        Sent::new(Method::GET, "/", "").signed(&store, KEY, &Payload::of(b"")).send(&mut client).await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (503, "ServiceUnavailable"), "in S3's form");
    drop(stream);
    let get = || Sent::new(Method::GET, "/", "").signed(&store, KEY, &Payload::of(b""));
    while get().send(&mut client).await.status.as_u16() != 200 {
        tokio::task::yield_now().await;
    }
}
