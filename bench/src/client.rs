//! A small HTTP/1.1 client that sends bytes signed beforehand: it must cost less than the server.

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
    /// Of temporary credentials.
    pub(crate) token: Option<String>,
}

pub(crate) const REGION: &str = "us-east-1";

/// A service and how it is called.
#[derive(Clone, Copy)]
pub(crate) struct Service {
    pub(crate) name: &'static str,
    pub(crate) protocol: Protocol,
}

#[derive(Clone, Copy)]
pub(crate) enum Protocol {
    /// JSON 1.1, with this prefix of the target.
    Json(&'static str),
    /// The query protocol, with this version of the interface.
    Query(&'static str),
}

pub(crate) const KMS: Service = Service { name: "kms", protocol: Protocol::Json("TrentService") };
pub(crate) const ORGANIZATIONS: Service =
    Service { name: "organizations", protocol: Protocol::Json("AWSOrganizationsV20161128") };
pub(crate) const IAM: Service = Service { name: "iam", protocol: Protocol::Query("2010-05-08") };
pub(crate) const STS: Service = Service { name: "sts", protocol: Protocol::Query("2011-06-15") };

/// The bytes of a signed request.
pub(crate) fn signed(
    address: SocketAddr,
    who: &Credentials,
    service: Service,
    operation: &str,
    body: &str,
) -> Result<Vec<u8>> {
    let (host, target) = match service.protocol {
        Protocol::Json(prefix) => (address.to_string(), Some(format!("{prefix}.{operation}"))),
        Protocol::Query(_) => (address.to_string(), None),
    };
    let content_type: &[u8] = match target {
        Some(_) => b"application/x-amz-json-1.1",
        None => b"application/x-www-form-urlencoded; charset=utf-8",
    };
    let mut headers: Vec<(&str, &[u8])> = vec![
        ("host", host.as_bytes()),
        ("content-type", content_type),
        (
            "user-agent",
            b"aws-cli/1.46.3 md/Botocore#1.44.5 ua/2.1 os/linux lang/python#3.11 cfg/retry-mode#legacy",
        ),
    ];
    headers.extend(target.as_ref().map(|target| ("x-amz-target", target.as_bytes())));
    let date = AmzDate::new(SystemClock::default().protocol_now());
    let secret = SecretAccessKey::new(who.secret.clone());
    let key = SigningKey::derive(&secret, date.day(), REGION, service.name)?;
    let signer = Signer {
        access_key_id: &who.access_key_id,
        session_token: who.token.as_deref(),
        region: REGION,
        service: service.name,
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
