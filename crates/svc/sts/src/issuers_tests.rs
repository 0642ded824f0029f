//! A real issuer: a TLS server with an authority of its own.

use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use garrison_jwt::{SigningAlgorithm, SigningKey};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

const HOST: &str = "issuer.test";

struct Issuer {
    address: SocketAddr,
    authority: Vec<u8>,
    served: Arc<AtomicUsize>,
}

/// Serves documents by path. With `chain` the authority's certificate comes with the server's.
async fn issuer(documents: Vec<(&'static str, String)>, chain: bool) -> Issuer {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    let mut certificates = vec![CertificateDer::from(certificate.der().to_vec())];
    let authority = authority.der().to_vec();
    if chain {
        certificates.push(CertificateDer::from(authority.clone()));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates, PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&served);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut head = vec![0; 4096];
            let read = stream.read(&mut head).await.unwrap_or_default();
            let head = String::from_utf8_lossy(&head[..read]).into_owned();
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            counter.fetch_add(1, Ordering::Relaxed);
            let found = documents.iter().find(|(own, _)| *own == path);
            let mut answer = Vec::new();
            match found {
                Some((_, body)) => {
                    write!(answer, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
                        .unwrap();
                }
                None => answer
                    .extend_from_slice(b"HTTP/1.1 302 Found\r\nlocation: /jwks\r\ncontent-length: 0\r\n\r\n"),
            }
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
    });
    Issuer { address, authority, served }
}

fn documents(issuer: &str, keys_at: &str, keys: String) -> Vec<(&'static str, String)> {
    let discovery = json!({ "issuer": issuer, "jwks_uri": keys_at }).to_string();
    vec![("/.well-known/openid-configuration", discovery), ("/jwks", keys)]
}

fn keys() -> String {
    let algorithm = SigningAlgorithm::Es384;
    let key =
        SigningKey::from_pkcs8(algorithm, "k".to_owned(), &SigningKey::generate(algorithm).unwrap()).unwrap();
    json!({ "keys": [key.jwk().unwrap()] }).to_string()
}

fn mapped(issuer: &Issuer, authorities: Vec<Vec<u8>>) -> Issuers {
    Issuers::new(vec![IssuerHost { host: HOST.to_owned(), address: issuer.address, authorities }])
}

fn thumbprint(der: &[u8]) -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, der);
    hash.as_ref().iter().map(|byte| format!("{byte:02X}")).collect()
}

#[tokio::test]
async fn keys_are_fetched_once_and_again_when_one_is_missing() {
    let server = issuer(documents("https://issuer.test", "https://issuer.test/jwks", keys()), false).await;
    let issuers = mapped(&server, vec![server.authority.clone()]);
    let at = |seconds: i64| Timestamp::from_seconds(1_800_000_000 + seconds);
    for (seconds, fresh, served) in
        [(0, false, 2), (599, false, 2), (5, true, 2), (10, true, 4), (300, false, 4), (700, false, 6)]
    {
        assert_eq!(issuers.keys(HOST, &[], at(seconds), fresh).await.unwrap().len(), 1);
        assert_eq!(server.served.load(Ordering::Relaxed), served, "after {seconds} s");
    }
}

#[tokio::test]
async fn a_server_shows_itself_by_an_authority_or_a_thumbprint() {
    let server = issuer(documents("https://issuer.test", "https://issuer.test/jwks", keys()), true).await;
    let now = Timestamp::from_seconds(1_800_000_000);
    let other = rcgen::generate_simple_self_signed(vec!["other".to_owned()]).unwrap().cert.der().to_vec();
    let (own, print) = (server.authority.clone(), thumbprint(&server.authority));
    for (authorities, thumbprints, expected) in [
        (vec![own.clone()], vec![], true),
        (vec![own], vec!["00".repeat(20)], true),
        (vec![other.clone()], vec![print], true),
        (vec![other.clone()], vec![], false),
        (vec![other.clone()], vec![thumbprint(&other)], false),
    ] {
        let keys = mapped(&server, authorities).keys(HOST, &thumbprints, now, false).await;
        assert_eq!(keys.is_ok(), expected, "{thumbprints:?}");
        assert!(expected || keys.err() == Some(IssuerError::Certificate));
    }
}

#[tokio::test]
async fn what_is_no_issuer_is_refused() {
    let now = Timestamp::from_seconds(1_800_000_000);
    let cases = [
        documents("https://other.test", "https://issuer.test/jwks", keys()),
        documents("https://issuer.test", "http://issuer.test/jwks", keys()),
        documents("https://issuer.test", "https://issuer.test/jwks", "{}".to_owned()),
        documents("https://issuer.test", "https://issuer.test/nothing", keys()),
        documents("https://issuer.test", "https://issuer.test/jwks", " ".repeat(300_000)),
        vec![("/.well-known/openid-configuration", "no JSON".to_owned())],
        vec![],
    ];
    for documents in cases {
        let server = issuer(documents, false).await;
        let found = mapped(&server, vec![server.authority.clone()]).keys(HOST, &[], now, false).await;
        let error = found.err().unwrap();
        assert!(matches!(error, IssuerError::Answer(_)), "{error:?}");
        assert_eq!(error.into_api().schema.name, "InvalidIdentityTokenException");
    }
    let server = issuer(documents("https://issuer.test", "https://127.0.0.1/jwks", keys()), false).await;
    let found = mapped(&server, vec![server.authority.clone()]).keys(HOST, &[], now, false).await;
    let error = found.err().unwrap();
    assert!(matches!(&error, IssuerError::Unreachable(why) if why.contains("not public")), "{error:?}");
    assert_eq!(error.into_api().schema.name, "IDPCommunicationErrorException");
}
