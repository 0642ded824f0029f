//! TLS 1.2 and 1.3, HTTP/1.1 and HTTP/2 over them, and what calls learn of it.

use std::sync::Arc;

use garrison_gateway::{Limits, tls_config};
use garrison_kernel::Kernel;
use garrison_testkit::{Client, KEY, Version, tls_pair};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, version};

use crate::fakes::{JSON, World};

fn trusting(certificate: &str, versions: &[&'static SupportedProtocolVersion]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

#[tokio::test]
async fn both_versions_of_tls_carry_both_versions_of_http() {
    let (certificate, key) = tls_pair();
    let config = tls_config(certificate.as_bytes(), key.as_bytes()).unwrap();
    let world = World::with(Limits::default(), Some(config)).await;
    let kernel: &Kernel = &world.server.world.kernel;
    for (version, name) in [(&version::TLS12, "TLSv1.2 TLS_ECDHE_"), (&version::TLS13, "TLSv1.3 TLS_AES_")] {
        for http in [Version::One, Version::Two] {
            let now = kernel.clock().protocol_now();
            let config = trusting(&certificate, &[version]);
            let mut client = Client::connect_tls(world.server.address, http, now, config).await;
            let answer = client.call(KEY, "cloudtrail", &JSON, b"{}").await;
            assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
            let seen = answer.json()["Events"][0]["EventSource"].as_str().unwrap().to_owned();
            assert!(seen.starts_with(name), "{seen}");
        }
    }
}

#[test]
fn a_pair_that_cannot_be_used_is_refused() {
    let (certificate, key) = tls_pair();
    let (other, _) = tls_pair();
    for (certificate, key) in
        [("", key.as_str()), (&certificate, ""), (&certificate, &certificate), (&other, &key)]
    {
        assert!(tls_config(certificate.as_bytes(), key.as_bytes()).is_err());
    }
}
