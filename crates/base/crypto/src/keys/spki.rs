//! X.509 SubjectPublicKeyInfo (RFC 5280) in its one DER form for each specification.
//!
//! AWS-LC's parsers are more lenient than a key service should be: they take bytes after the structure, bare points, and
//! curves spelt out as parameters (with a wrong cofactor, even). Everything is held to the form here first.

use super::spec::KeySpec;
use crate::der;

/// `id-ecPublicKey` (RFC 5480), in front of the curve.
macro_rules! on_curve {
    ($len:literal, $($curve:literal),+) => {
        &[0x30, $len, 0x06, 7, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1, 0x06, $($curve),+]
    };
}

/// The AlgorithmIdentifier; `None` for symmetric specifications. Sources: RFC 3279 (RSA), RFC 5480 and SEC 2 (curves), GM/T
/// 0006 (SM2), RFC 8410 (Ed25519), RFC 9881 (ML-DSA), RFC 9935 (ML-KEM).
fn identifier(spec: KeySpec) -> Option<&'static [u8]> {
    Some(match spec {
        KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => {
            &[0x30, 13, 0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1, 0x05, 0]
        }
        KeySpec::EccNistP256 => on_curve!(19, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7),
        KeySpec::EccNistP384 => on_curve!(16, 5, 0x2B, 0x81, 4, 0, 34),
        KeySpec::EccNistP521 => on_curve!(16, 5, 0x2B, 0x81, 4, 0, 35),
        KeySpec::EccSecgP256k1 => on_curve!(16, 5, 0x2B, 0x81, 4, 0, 10),
        KeySpec::Sm2 => on_curve!(19, 8, 0x2A, 0x81, 0x1C, 0xCF, 0x55, 1, 0x82, 0x2D),
        KeySpec::EccNistEdwards25519 => &[0x30, 5, 0x06, 3, 0x2B, 0x65, 0x70],
        KeySpec::MlDsa44 => &[0x30, 11, 0x06, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 17],
        KeySpec::MlDsa65 => &[0x30, 11, 0x06, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 18],
        KeySpec::MlDsa87 => &[0x30, 11, 0x06, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 19],
        KeySpec::MlKem512 => &[0x30, 11, 0x06, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 4, 1],
        KeySpec::MlKem768 => &[0x30, 11, 0x06, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 4, 2],
        KeySpec::MlKem1024 => &[0x30, 11, 0x06, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 4, 3],
        KeySpec::SymmetricDefault
        | KeySpec::Hmac224
        | KeySpec::Hmac256
        | KeySpec::Hmac384
        | KeySpec::Hmac512 => {
            return None;
        }
    })
}

/// The public key in its algorithm's own encoding, if `spki` is exactly one SubjectPublicKeyInfo of this specification.
pub(super) fn public_key(spec: KeySpec, spki: &[u8]) -> Option<&[u8]> {
    let mut outer = der::Reader::new(spki);
    let mut info = der::Reader::new(outer.element(der::SEQUENCE)?);
    outer.end()?;
    info.expect(identifier(spec)?)?;
    let key = info.element(der::BIT_STRING)?.strip_prefix(&[0])?;
    info.end()?;
    Some(key)
}

/// The SubjectPublicKeyInfo of a public key in its algorithm's own encoding.
pub(super) fn encode(spec: KeySpec, key: &[u8]) -> Option<Vec<u8>> {
    let bits = der::element(der::BIT_STRING, &[&[0], key]);
    Some(der::element(der::SEQUENCE, &[identifier(spec)?, &bits]))
}

/// The contents of `privateKey` of a PKCS#8 version 1 structure (RFC 5958) of this specification, whatever follows it there.
pub(super) fn private_key(spec: KeySpec, pkcs8: &[u8]) -> Option<&[u8]> {
    let mut outer = der::Reader::new(pkcs8);
    let mut info = der::Reader::new(outer.element(der::SEQUENCE)?);
    outer.end()?;
    info.expect(&[der::INTEGER, 1, 0])?;
    info.expect(identifier(spec)?)?;
    info.element(der::OCTET_STRING)
}

/// What [`private_key`] reads, with nothing after the private key.
pub(super) fn encode_private(spec: KeySpec, key: &[u8]) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    let identifier = identifier(spec)?;
    let body = 3 + identifier.len() + der::element_len(key.len());
    // Exactly as long as it will be: it must not move while the key is in it.
    let mut out = zeroize::Zeroizing::new(Vec::with_capacity(der::element_len(body)));
    der::push_header(&mut out, der::SEQUENCE, body);
    out.extend_from_slice(&[der::INTEGER, 1, 0]);
    out.extend_from_slice(identifier);
    der::push_header(&mut out, der::OCTET_STRING, key.len());
    out.extend_from_slice(key);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRng;
    use crate::keys::KeyMaterial;

    #[test]
    fn every_generated_public_key_has_the_form() {
        for &spec in KeySpec::ALL.iter().filter(|spec| spec.is_asymmetric()) {
            let material = KeyMaterial::generate(spec, &SystemRng).expect("generated");
            let spki = material.public_key_der().expect("asymmetric");
            let key = public_key(spec, spki).expect("in the form");
            assert_eq!(encode(spec, key).as_deref(), Some(spki), "{spec}");
            assert_eq!(public_key(spec, &[spki, &[0]].concat()), None, "{spec}");
        }
    }
}
