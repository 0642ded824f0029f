//! What a SAML provider is made of: its metadata, and private keys for encrypted assertions.
//!
//! Source: IAM API Reference, "CreateSAMLProvider" and "UpdateSAMLProvider"; messages: IAM User Guide, "Troubleshoot SAML
//! federation with IAM".

use std::time::Duration;

use aws_lc_rs::signature::RsaKeyPair;
use garrison_api_iam::errors as api;
use garrison_api_iam::types::AssertionEncryptionModeType;
use garrison_kernel::Context;
use garrison_saml::Metadata;
use garrison_schema::ApiError;
use garrison_types::Timestamp;
use zeroize::Zeroizing;

use crate::records::{SamlKey, SamlProvider, Time};
use crate::service::Iam;
use crate::ssh_key::tlv;
use crate::{names, pem, providers, sealing};

/// The most private keys of a provider.
const MAX_KEYS: usize = 2;
/// How many characters the id of a key has.
const KEY_ID: usize = 26;
/// How long metadata holds that says nothing of it: a hundred years of 365.25 days.
const HUNDRED_YEARS: Duration = Duration::from_secs(36_525 * 86_400);
/// `AlgorithmIdentifier` of RSA keys, in DER (RFC 8017, A.1): `rsaEncryption` with no parameters.
const RSA: [u8; 15] = [0x30, 13, 0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 0x05, 0];

/// Until when a metadata document holds.
///
/// # Errors
/// `InvalidInput`: it is no metadata of an identity provider.
pub(crate) fn valid_until(document: &str, now: Timestamp) -> Result<Time, ApiError> {
    let metadata = Metadata::parse(document)
        .map_err(|bad| api::invalid_input_exception("Could not parse metadata").with_internal(bad))?;
    let until = metadata.valid_until.map(Timestamp::truncated_to_seconds);
    Ok(Time(until.unwrap_or(now + HUNDRED_YEARS)))
}

/// Adds a private key, an RSA key in PEM: PKCS#8 or PKCS#1.
///
/// # Errors
/// `InvalidInput`: it is none. `LimitExceeded`: there are two already.
pub(crate) fn add_key(
    iam: &Iam,
    cx: &Context,
    provider: &mut SamlProvider,
    text: &str,
) -> Result<(), ApiError> {
    let key = pkcs8(text).ok_or_else(|| api::invalid_input_exception("Invalid private key."))?;
    if provider.keys.len() >= MAX_KEYS {
        let message = format!("Private key limit of {MAX_KEYS} is reached.");
        return Err(api::limit_exceeded_exception(message));
    }
    let id = names::random_base32(iam.kernel().rng(), KEY_ID);
    let place = providers::key_place(cx.account(), provider, &id);
    let sealed = sealing::seal(iam.kernel(), &place, &key)?;
    provider.keys.push(SamlKey { id, added: Time::of(cx), sealed });
    Ok(())
}

/// Sets whether assertions must be encrypted, when a caller says so. When they must be, there must be a key.
///
/// # Errors
/// `InvalidInput`.
pub(crate) fn set_encryption(
    provider: &mut SamlProvider,
    mode: Option<&AssertionEncryptionModeType>,
) -> Result<(), ApiError> {
    if let Some(mode) = mode {
        provider.encryption = Some(mode.as_str().to_owned());
    }
    if provider.encryption_required() && provider.keys.is_empty() {
        return Err(api::invalid_input_exception(
            "Unable to set assertion encryption mode to Required because no private key is provided.",
        ));
    }
    Ok(())
}

/// The key in PKCS#8.
fn pkcs8(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let blocks = pem::blocks(text).ok()?;
    let [block] = blocks.as_slice() else { return None };
    let der = match block.label {
        "PRIVATE KEY" => Zeroizing::new(block.der.to_vec()),
        "RSA PRIVATE KEY" => {
            let octets = Zeroizing::new(tlv(0x04, &block.der));
            let parts = Zeroizing::new([&[0x02, 1, 0], RSA.as_slice(), &octets].concat());
            Zeroizing::new(tlv(0x30, &parts))
        }
        _ => return None,
    };
    RsaKeyPair::from_pkcs8(&der).ok()?;
    Some(der)
}

#[cfg(test)]
pub(crate) mod tests {
    use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
    use aws_lc_rs::rsa::{KeyPair, KeySize};

    use super::*;

    /// A new RSA key in PKCS#8.
    pub(crate) fn rsa_key() -> String {
        let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
        pem::encode("PRIVATE KEY", der.as_ref())
    }

    /// A metadata document of an identity provider, at least as long as the model demands.
    pub(crate) fn document(entity_id: &str, attributes: &str) -> String {
        let pem = crate::x509::tests::issue("idp.example.com").certificate;
        let base64 = base64_simd::STANDARD.encode_to_string(&*pem::blocks(&pem).unwrap()[0].der);
        let padding = " ".repeat(600);
        format!(
            r#"<?xml version="1.0"?><!--{padding}--><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity_id}"{attributes}>
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>
      {base64}
    </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>"#
        )
    }

    #[test]
    fn metadata_holds_until_it_says_or_for_a_hundred_years() {
        let now = Timestamp::from_seconds(0);
        let until = |attributes| valid_until(&document("x", attributes), now).unwrap().0;
        assert_eq!(until(r#" validUntil="2027-01-15T08:00:00.5Z""#), Timestamp::from_seconds(1_800_000_000));
        assert_eq!(until(""), Timestamp::from_seconds(3_155_760_000));
        assert!(valid_until("<a/>", now).is_err());
    }

    #[test]
    fn keys_of_both_forms_are_taken() {
        let key = rsa_key();
        let der = pkcs8(&key).unwrap();
        // Behind version and algorithm stands the other form, in an octet string.
        let (_, octets) = der.split_at(4 + 3 + RSA.len());
        let other = pem::encode("RSA PRIVATE KEY", octets.get(4..).unwrap());
        assert_eq!(pkcs8(&other).unwrap(), der);
        let elliptic = crate::x509::tests::issue("a.example").key;
        for text in
            ["", "x", &elliptic, &pem::encode("PRIVATE KEY", b"junk"), &pem::encode("CERTIFICATE", b"x")]
        {
            assert!(pkcs8(text).is_none(), "{text}");
        }
    }
}
