//! OpenID Connect issuers: their keys, fetched and kept for a while.
//!
//! Source: OpenID Connect Discovery 1.0; IAM User Guide, "Create an OpenID Connect (OIDC) identity provider in IAM".

mod address;
mod fetch;
mod trust;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use garrison_api_sts::errors as api;
use garrison_jwt::JwkSet;
use garrison_schema::ApiError;
use garrison_types::Timestamp;
use parking_lot::Mutex;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::Value;

use fetch::{Fetcher, Url};

/// How long keys are kept.
const KEPT: Duration = Duration::from_secs(600);
/// How soon keys are fetched anew for a token that names one that is not among them.
const RENEWED: Duration = Duration::from_secs(10);
/// The most issuers whose keys are kept.
const MAX_ISSUERS: usize = 1000;

/// Where a host is, when names do not say: a private issuer, or one of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerHost {
    /// The host as it stands in URLs, in lower case, with its port if the URL has one.
    pub host: String,
    /// Where to connect to.
    pub address: SocketAddr,
    /// The certificates, in DER, of authorities that may sign its server's certificate; the public ones when empty.
    pub authorities: Vec<Vec<u8>>,
}

impl IssuerHost {
    /// A host at an address; `authorities` are certificates in PEM.
    ///
    /// # Errors
    /// What is wrong with the certificates.
    pub fn new(host: &str, address: SocketAddr, authorities: Option<&[u8]>) -> Result<Self, String> {
        let pem = authorities.unwrap_or_default();
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let found = found.map_err(|error| error.to_string())?;
        if found.is_empty() && authorities.is_some() {
            return Err("there is no certificate in it".to_owned());
        }
        let authorities = found.iter().map(|der| der.to_vec()).collect();
        Ok(Self { host: host.to_ascii_lowercase(), address, authorities })
    }
}

/// Issuers and their keys.
pub struct Issuers {
    fetcher: Fetcher,
    kept: Mutex<HashMap<String, Kept>>,
}

struct Kept {
    keys: Arc<JwkSet>,
    fetched: Timestamp,
}

/// Why there are no keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum IssuerError {
    /// The issuer cannot be reached, or does not answer in time.
    Unreachable(String),
    /// Its server's certificate is of no authority that is trusted, and matches no thumbprint.
    Certificate,
    /// It answers something else than keys.
    Answer(String),
}

impl IssuerError {
    /// In STS's words. Source: STS API Reference, "AssumeRoleWithWebIdentity", Errors.
    pub(crate) fn into_api(self) -> ApiError {
        match self {
            Self::Unreachable(why) => api::idp_communication_error_exception(
                "The request could not be fulfilled because the identity provider that was asked to verify the incoming \
                 identity token could not be reached.",
            )
            .with_internal(why),
            Self::Certificate => api::invalid_identity_token_exception(
                "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
            ),
            Self::Answer(why) => api::invalid_identity_token_exception(
                "Couldn't retrieve verification key from your identity provider,  please reference \
                 AssumeRoleWithWebIdentity documentation for requirements",
            )
            .with_internal(why),
        }
    }
}

impl Issuers {
    /// With hosts whose addresses are set. Other hosts are looked up, and must have public addresses.
    pub fn new(hosts: Vec<IssuerHost>) -> Self {
        Self { fetcher: Fetcher::new(hosts), kept: Mutex::default() }
    }

    /// The keys of the issuer `https://URL`. `fresh`: the ones that are kept do not have the key that is needed.
    ///
    /// # Errors
    /// See [`IssuerError`].
    pub(crate) async fn keys(
        &self,
        url: &str,
        thumbprints: &[String],
        now: Timestamp,
        fresh: bool,
    ) -> Result<Arc<JwkSet>, IssuerError> {
        let name = format!("{url} {}", thumbprints.join(","));
        let good_for = if fresh { RENEWED } else { KEPT };
        if let Some(kept) = self.kept.lock().get(&name).filter(|kept| now.since(kept.fetched) < good_for) {
            return Ok(Arc::clone(&kept.keys));
        }
        let keys = Arc::new(self.fetch(url, thumbprints).await?);
        self.keep(name, &keys, now);
        Ok(keys)
    }

    fn keep(&self, name: String, keys: &Arc<JwkSet>, fetched: Timestamp) {
        let mut kept = self.kept.lock();
        if kept.len() >= MAX_ISSUERS {
            kept.retain(|_, kept| fetched.since(kept.fetched) < KEPT);
        }
        if kept.len() < MAX_ISSUERS {
            kept.insert(name, Kept { keys: Arc::clone(keys), fetched });
        }
    }

    async fn fetch(&self, url: &str, thumbprints: &[String]) -> Result<JwkSet, IssuerError> {
        let answer = |why: &str| IssuerError::Answer(why.to_owned());
        let issuer = format!("https://{url}");
        let discovery = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let discovery = Url::parse(&discovery).ok_or_else(|| answer("the issuer is no URL"))?;
        let document = self.fetcher.get(&discovery, thumbprints).await?;
        let document: Value =
            serde_json::from_slice(&document).map_err(|_| answer("the discovery document is no JSON"))?;
        let text = |name: &str| document.get(name).and_then(Value::as_str);
        if text("issuer").is_none_or(|own| own.trim_end_matches('/') != issuer.trim_end_matches('/')) {
            return Err(answer("the discovery document is of another issuer"));
        }
        let keys =
            text("jwks_uri").and_then(Url::parse).ok_or_else(|| answer("`jwks_uri` is no HTTPS URL"))?;
        let keys = self.fetcher.get(&keys, thumbprints).await?;
        JwkSet::parse(&keys).map_err(|error| answer(&error.to_string()))
    }

    /// Puts keys in place as though they had been fetched.
    #[cfg(test)]
    pub(crate) fn remember(&self, url: &str, keys: JwkSet, fetched: Timestamp) {
        self.keep(format!("{url} "), &Arc::new(keys), fetched);
    }
}

#[cfg(test)]
#[path = "../issuers_tests.rs"]
mod tests;
