//! Whom the TLS server of an issuer must show itself by: a certificate of a trusted authority, or one whose chain has a
//! certificate of the provider's thumbprints.
//!
//! Source: IAM User Guide, "Obtain the thumbprint for an OpenID Connect identity provider".

use std::sync::Arc;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// Verifies the certificate of an issuer's server.
#[derive(Debug)]
pub(super) struct IssuerTrust {
    /// The authorities that are trusted anyway; none when there are none.
    trusted: Option<Arc<WebPkiServerVerifier>>,
    /// SHA-1 of certificates that are trusted for this provider, in hex.
    thumbprints: Vec<String>,
    provider: Arc<CryptoProvider>,
}

impl IssuerTrust {
    pub(super) fn new(roots: RootCertStore, thumbprints: &[String], provider: Arc<CryptoProvider>) -> Self {
        let trusted = verifier(roots, &provider).ok();
        Self { trusted, thumbprints: thumbprints.to_vec(), provider }
    }

    fn is_pinned(&self, certificate: &CertificateDer<'_>) -> bool {
        let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, certificate);
        let hex: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        self.thumbprints.iter().any(|thumbprint| thumbprint.eq_ignore_ascii_case(&hex))
    }
}

fn verifier(
    roots: RootCertStore,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, Error> {
    let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    builder.build().map_err(|error| Error::General(error.to_string()))
}

impl ServerCertVerifier for IssuerTrust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let by = |verifier: &WebPkiServerVerifier| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        let mut outcome = Err(Error::General("no authority is trusted".to_owned()));
        if let Some(trusted) = &self.trusted {
            outcome = by(trusted);
        }
        for pinned in intermediates.iter().filter(|certificate| self.is_pinned(certificate)) {
            if outcome.is_ok() {
                break;
            }
            let mut roots = RootCertStore::empty();
            roots.add(pinned.clone().into_owned())?;
            outcome = by(&*verifier(roots, &self.provider)?);
        }
        outcome
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
