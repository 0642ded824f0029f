//! Small documents over HTTPS: bounded in size and time, from public addresses or those that the operator set.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::address::is_public;
use super::trust::IssuerTrust;
use super::{IssuerError, IssuerHost};

/// How long one document may take, connecting included.
const PATIENCE: Duration = Duration::from_secs(5);
/// The largest document.
const MAX_BYTES: usize = garrison_jwt::MAX_KEY_SET_LEN;

/// An HTTPS URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Url {
    /// Host and port as the URL has them, in lower case.
    authority: String,
    host: String,
    port: u16,
    path: String,
}

impl Url {
    /// None for a URL that is not HTTPS or has a user in it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let authority = uri.authority()?;
        if uri.scheme_str() != Some("https") || authority.as_str().contains('@') {
            return None;
        }
        Some(Self {
            authority: authority.as_str().to_ascii_lowercase(),
            host: authority.host().to_ascii_lowercase(),
            port: authority.port_u16().unwrap_or(443),
            path: uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        })
    }
}

/// Fetches documents.
pub(super) struct Fetcher {
    hosts: Vec<IssuerHost>,
    /// The authorities that the operating system trusts, read when they are first needed.
    public: OnceLock<RootCertStore>,
}

impl Fetcher {
    pub(super) fn new(hosts: Vec<IssuerHost>) -> Self {
        Self { hosts, public: OnceLock::new() }
    }

    /// A document. Redirects are not followed.
    pub(super) async fn get(&self, url: &Url, thumbprints: &[String]) -> Result<Bytes, IssuerError> {
        let slow = |_| IssuerError::Unreachable(format!("{} did not answer in time", url.authority));
        timeout(PATIENCE, self.exchange(url, thumbprints)).await.map_err(slow)?
    }

    async fn exchange(&self, url: &Url, thumbprints: &[String]) -> Result<Bytes, IssuerError> {
        let unreachable =
            |why: &dyn std::fmt::Display| IssuerError::Unreachable(format!("{}: {why}", url.authority));
        let mapped = self.hosts.iter().find(|mapped| mapped.host == url.authority);
        let address = match mapped {
            Some(mapped) => mapped.address,
            None => public_address(url).await?,
        };
        let stream = TcpStream::connect(address).await.map_err(|error| unreachable(&error))?;
        let roots = match mapped.filter(|mapped| !mapped.authorities.is_empty()) {
            Some(mapped) => store(mapped.authorities.iter().map(|der| CertificateDer::from(der.clone()))),
            None => self.public().clone(),
        };
        let name = url.host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(name).map_err(|error| unreachable(&error))?;
        let stream = connector(roots, thumbprints)?.connect(name, stream).await.map_err(|error| {
            let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
            match cause {
                Some(rustls::Error::InvalidCertificate(_) | rustls::Error::General(_)) => {
                    IssuerError::Certificate
                }
                _ => unreachable(&error),
            }
        })?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| unreachable(&error))?;
        let request = Request::get(&url.path)
            .header(header::HOST, &url.authority)
            .header(header::ACCEPT, "application/json")
            .header(header::USER_AGENT, "garrison")
            .body(Empty::<Bytes>::new())
            .map_err(|error| unreachable(&error))?;
        let answer = async {
            let answer = sender.send_request(request).await.map_err(|error| unreachable(&error))?;
            if answer.status() != StatusCode::OK {
                return Err(IssuerError::Answer(format!(
                    "{}{}: {}",
                    url.authority,
                    url.path,
                    answer.status()
                )));
            }
            let body = Limited::new(answer.into_body(), MAX_BYTES).collect().await;
            body.map(http_body_util::Collected::to_bytes)
                .map_err(|error| IssuerError::Answer(format!("{}: {error}", url.authority)))
        };
        // The connection lives as long as the answer takes.
        tokio::select! {
            biased;
            answer = answer => answer,
            Err(error) = connection => Err(unreachable(&error)),
        }
    }

    fn public(&self) -> &RootCertStore {
        self.public.get_or_init(|| store(rustls_native_certs::load_native_certs().certs.into_iter()))
    }
}

/// The host's address, of which it may have several; none of them may be of this server's own network.
async fn public_address(url: &Url) -> Result<SocketAddr, IssuerError> {
    let unreachable = |why: String| IssuerError::Unreachable(format!("{}: {why}", url.authority));
    let name = url.host.trim_start_matches('[').trim_end_matches(']');
    let found = lookup_host((name, url.port)).await.map_err(|error| unreachable(error.to_string()))?;
    let addresses: Vec<SocketAddr> = found.collect();
    if !addresses.iter().all(|address| is_public(address.ip())) {
        return Err(unreachable(
            "it has an address that is not public; `sts.issuers` can map the host".to_owned(),
        ));
    }
    addresses.first().copied().ok_or_else(|| unreachable("it has no address".to_owned()))
}

fn connector(roots: RootCertStore, thumbprints: &[String]) -> Result<TlsConnector, IssuerError> {
    let provider = Arc::new(default_provider());
    let trust = IssuerTrust::new(roots, thumbprints, Arc::clone(&provider));
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| IssuerError::Unreachable(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(trust))
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Certificates that cannot be read are left out.
fn store(certificates: impl Iterator<Item = CertificateDer<'static>>) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates);
    roots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_urls_are_urls() {
        let url = Url::parse("https://Issuer.example:8443/a?b").unwrap();
        assert_eq!((&*url.authority, &*url.host, url.port), ("issuer.example:8443", "issuer.example", 8443));
        assert_eq!(url.path, "/a?b");
        for text in
            ["http://issuer.example/", "https://user@issuer.example/", "/path", "issuer.example", "https://"]
        {
            assert_eq!(Url::parse(text), None, "{text}");
        }
    }

    #[tokio::test]
    async fn no_document_comes_from_this_network() {
        let fetcher = Fetcher::new(Vec::new());
        for host in ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.0.0.1"] {
            let url = Url::parse(&format!("https://{host}/")).unwrap();
            let Err(IssuerError::Unreachable(why)) = fetcher.get(&url, &[]).await else { panic!("{host}") };
            assert!(why.contains("not public"), "{why}");
        }
    }
}
