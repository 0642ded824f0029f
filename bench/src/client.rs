//! A small HTTP/1.1 client that sends the same signed bytes over and over: it must cost less than the server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use garrison_clock::{Clock, SystemClock};
use garrison_sigv4::{AmzDate, Payload, Request, SecretAccessKey, Signer, SigningKey, sha256};

use crate::Result;

/// Who signs.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) access_key_id: String,
    pub(crate) secret: String,
}

pub(crate) const REGION: &str = "us-east-1";

/// The bytes of a signed KMS request.
pub(crate) fn kms_request(
    address: SocketAddr,
    who: &Credentials,
    operation: &str,
    body: &str,
) -> Result<Vec<u8>> {
    let host = address.to_string();
    let target = format!("TrentService.{operation}");
    let headers: Vec<(&str, &[u8])> = vec![
        ("host", host.as_bytes()),
        ("content-type", b"application/x-amz-json-1.1"),
        ("x-amz-target", target.as_bytes()),
        (
            "user-agent",
            b"aws-cli/1.46.3 md/Botocore#1.44.5 ua/2.1 os/linux lang/python#3.11 cfg/retry-mode#legacy",
        ),
    ];
    let date = AmzDate::new(SystemClock::default().protocol_now());
    let secret = SecretAccessKey::new(who.secret.clone());
    let key = SigningKey::derive(&secret, date.day(), REGION, "kms")?;
    let signer = Signer {
        access_key_id: &who.access_key_id,
        session_token: None,
        region: REGION,
        service: "kms",
        date,
        key: &key,
    };
    let request = Request { method: "POST", path: "/", query: "", headers: &headers };
    let added = signer.sign(&request, &Payload::Sha256(sha256(body.as_bytes())))?;
    let mut bytes = b"POST / HTTP/1.1\r\n".to_vec();
    for (name, value) in
        headers.into_iter().chain(added.iter().map(|(name, value)| (*name, value.as_bytes())))
    {
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value);
        bytes.extend_from_slice(b"\r\n");
    }
    write!(bytes, "content-length: {}\r\n\r\n{body}", body.len())?;
    Ok(bytes)
}

/// One connection.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Sends a request and reads its answer.
    pub(crate) fn call(&mut self, request: &[u8]) -> Result<(u16, Vec<u8>)> {
        self.stream.get_mut().write_all(request)?;
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status: u16 = line.split(' ').nth(1).ok_or("no status line")?.parse()?;
        let mut length = 0;
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok((status, body))
    }
}
