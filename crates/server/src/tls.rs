//! The certificate of the listener.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;

use crate::config::Tls;
use crate::error::Error;

/// TLS as configured, and the file with the certificate that clients must trust, when one was made here.
pub(crate) struct Certificate {
    pub(crate) config: Option<Arc<ServerConfig>>,
    pub(crate) made: Option<PathBuf>,
}

/// Reads or makes the certificate. One that is made lies beside `folder`, and is for `host` and the loopback names.
pub(crate) fn certificate(tls: &Tls, folder: Option<&Path>, host: &str) -> Result<Certificate, Error> {
    match tls {
        Tls::Off => Ok(Certificate { config: None, made: None }),
        Tls::Files { certificate, key } => {
            let chain =
                std::fs::read(certificate).map_err(Error::file("read the certificate", certificate))?;
            let key = zeroize::Zeroizing::new(
                std::fs::read(key).map_err(Error::file("read the certificate's private key", key))?,
            );
            Ok(Certificate { config: Some(garrison_gateway::tls_config(&chain, &key)?), made: None })
        }
        Tls::SelfSigned => self_signed(folder, host),
    }
}

fn self_signed(folder: Option<&Path>, host: &str) -> Result<Certificate, Error> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    if !names.iter().any(|name| name == host) {
        names.push(host.to_owned());
    }
    let made = rcgen::generate_simple_self_signed(names)
        .map_err(|error| Error::Config(format!("cannot make a certificate for `{host}`: {error}")))?;
    let pem = made.cert.pem();
    let key = zeroize::Zeroizing::new(made.signing_key.serialize_pem());
    let config = garrison_gateway::tls_config(pem.as_bytes(), key.as_bytes())?;
    let path = folder.unwrap_or(Path::new("garrison")).with_extension("certificate.pem");
    // It is printed to be pasted into shells that stand elsewhere.
    let path = std::path::absolute(&path).map_err(Error::file("find", &path))?;
    std::fs::write(&path, pem).map_err(Error::file("write the certificate", &path))?;
    Ok(Certificate { config: Some(config), made: Some(path) })
}
