//! SSH public keys, in the two forms that IAM takes and gives.
//!
//! Source: IAM API Reference, "UploadSSHPublicKey" (RSA of at least 2,048 bits); RFC 4253, 6.6 (`ssh-rsa`); RFC 8017, A.1.1
//! (`RSAPublicKey`).

use base64_simd::STANDARD;
use md5::{Digest, Md5};
use x509_cert::der::asn1::{BitStringRef, ObjectIdentifier, UintRef};
use x509_cert::der::{self, Decode, Reader, SliceReader};
use x509_cert::spki::AlgorithmIdentifierOwned;

use crate::pem;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const KIND: &str = "ssh-rsa";
/// The shortest modulus, in bits.
const MIN_BITS: usize = 2048;
/// The longest one.
const MAX_BITS: usize = 16_384;

/// Why a text is no key that IAM takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SshKeyError {
    /// It is neither `ssh-rsa …` nor PEM.
    Encoding,
    /// It is one of them, but not of an RSA key of the right length.
    Key,
}

/// An RSA public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SshKey {
    /// Big-endian, without leading zeros.
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl SshKey {
    /// Reads a key in either form.
    ///
    /// # Errors
    /// As the variants say.
    pub(crate) fn parse(text: &str) -> Result<Self, SshKeyError> {
        let text = text.trim();
        let key = match text.strip_prefix(KIND) {
            Some(rest) if rest.starts_with(char::is_whitespace) => {
                let base64 = rest.split_ascii_whitespace().next().ok_or(SshKeyError::Key)?;
                let bytes = STANDARD.decode_to_vec(base64).map_err(|_| SshKeyError::Key)?;
                from_wire(&bytes).ok_or(SshKeyError::Key)?
            }
            _ if text.starts_with("-----BEGIN ") => from_pem(text)?,
            _ => return Err(SshKeyError::Encoding),
        };
        let first = key.modulus.first().ok_or(SshKeyError::Key)?;
        let bits = key.modulus.len() * 8 - first.leading_zeros() as usize;
        let is_odd = |number: &[u8]| number.last().is_some_and(|last| last % 2 == 1);
        let sound = (MIN_BITS..=MAX_BITS).contains(&bits) && is_odd(&key.modulus) && is_odd(&key.exponent);
        if sound { Ok(key) } else { Err(SshKeyError::Key) }
    }

    /// `ssh-rsa …`, without a comment.
    pub(crate) fn to_ssh(&self) -> String {
        format!("{KIND} {}", STANDARD.encode_to_string(self.to_wire()))
    }

    /// `-----BEGIN PUBLIC KEY-----` with a `SubjectPublicKeyInfo`.
    pub(crate) fn to_pem(&self) -> String {
        let key = tlv(0x30, &[integer(&self.modulus), integer(&self.exponent)].concat());
        let algorithm = tlv(0x30, &[tlv(0x06, RSA.as_bytes()), tlv(0x05, &[])].concat());
        let bits = tlv(0x03, &[&[0], key.as_slice()].concat());
        pem::encode("PUBLIC KEY", &tlv(0x30, &[algorithm, bits].concat()))
    }

    /// The MD5 fingerprint of the wire form, as `ssh-keygen -E md5 -l` prints it.
    pub(crate) fn fingerprint(&self) -> String {
        let bytes = Md5::digest(self.to_wire());
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
    }

    fn to_wire(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in [KIND.as_bytes(), &signed(&self.exponent), &signed(&self.modulus)] {
            bytes.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            bytes.extend(part);
        }
        bytes
    }
}

/// With a zero before it where it would else be read as negative.
fn signed(number: &[u8]) -> Vec<u8> {
    let zero = number.first().is_none_or(|first| *first >= 0x80);
    std::iter::repeat_n(0, usize::from(zero)).chain(number.iter().copied()).collect()
}

fn integer(number: &[u8]) -> Vec<u8> {
    tlv(0x02, &signed(number))
}

/// DER: tag, length, contents.
pub(crate) fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len().to_be_bytes();
    let length: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut bytes = vec![tag];
    if contents.len() >= 0x80 {
        bytes.push(0x80 | u8::try_from(length.len()).unwrap_or_default());
    }
    if contents.is_empty() {
        bytes.push(0);
    }
    bytes.extend(length);
    bytes.extend(contents);
    bytes
}

fn from_wire(bytes: &[u8]) -> Option<SshKey> {
    let mut rest = bytes;
    let mut take = || {
        let (length, behind) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (part, behind) = behind.split_at_checked(length)?;
        rest = behind;
        Some(part)
    };
    let (kind, exponent, modulus) = (take()?, take()?, take()?);
    (kind == KIND.as_bytes() && rest.is_empty())
        .then(|| Some(SshKey { modulus: unsigned(modulus)?, exponent: unsigned(exponent)? }))?
}

/// The shortest form, without a sign; none for a negative number or zero.
fn unsigned(number: &[u8]) -> Option<Vec<u8>> {
    let positive = number.first().is_some_and(|first| *first < 0x80);
    let digits: Vec<u8> = number.iter().copied().skip_while(|byte| *byte == 0).collect();
    (positive && !digits.is_empty()).then_some(digits)
}

fn from_pem(text: &str) -> Result<SshKey, SshKeyError> {
    let blocks = pem::blocks(text).map_err(|_| SshKeyError::Key)?;
    let [block] = blocks.as_slice() else { return Err(SshKeyError::Key) };
    match block.label {
        "PUBLIC KEY" => from_spki(&block.der),
        "RSA PUBLIC KEY" => from_der(&block.der),
        _ => return Err(SshKeyError::Encoding),
    }
    .map_err(|_| SshKeyError::Key)
}

fn from_spki(bytes: &[u8]) -> der::Result<SshKey> {
    let mut reader = SliceReader::new(bytes)?;
    let (algorithm, key) = reader.sequence(|reader| {
        Ok::<_, der::Error>((AlgorithmIdentifierOwned::decode(reader)?, BitStringRef::decode(reader)?))
    })?;
    reader.finish()?;
    let wrong = || der::Error::from(der::ErrorKind::Failed);
    algorithm.assert_algorithm_oid(RSA).map_err(|_| wrong())?;
    from_der(key.as_bytes().ok_or_else(wrong)?)
}

fn from_der(bytes: &[u8]) -> der::Result<SshKey> {
    let mut reader = SliceReader::new(bytes)?;
    let key = reader.sequence(|reader| {
        let (modulus, exponent) = (UintRef::decode(reader)?, UintRef::decode(reader)?);
        Ok::<_, der::Error>(SshKey {
            modulus: modulus.as_bytes().to_vec(),
            exponent: exponent.as_bytes().to_vec(),
        })
    })?;
    reader.finish()?;
    Ok(key)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A key of `ssh-keygen -t rsa -b 2048`, and what `ssh-keygen -E md5 -lf` says of it.
    pub(crate) const SSH: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCU0ofZYAWk5ObOJaJp/03BQMNV8OfRe3movbXWk9G4cafKiZw711dBCOAuE0goDw9kgMa+7w/zFVlCtexWeMDo/d9ZtCC9eiSMT7QeIOI45nBj/thIg4HENWIS5WWOsadoMxFQTYsRAj7kisTFrpsMs97S5Y3wTuBsExRdXxub90OxP8X7C8YvnGAEanhr9waAdvruhJQk+51zahZnvBh/k75pB6Jvfu88y00j7hgsUn3sO7aeApRO3Z3cMVgCCO+JENfXL6AbesmvFspdoJOwwJwCgja1JZ2oQKdninR1uLG9IjlDrU/4Yb+0bZUZ0AUvIoBmj6fNbhJbHIbCPt2d";
    pub(crate) const FINGERPRINT: &str = "12:a3:41:bd:9f:61:bf:5e:d3:eb:20:42:19:2c:2b:6d";
    /// The same of `openssl rsa -RSAPublicKey_in -pubout`.
    pub(crate) const PEM: &str = "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAlNKH2WAFpOTmziWiaf9N\nwUDDVfDn0Xt5qL211pPRuHGnyomcO9dXQQjgLhNIKA8PZIDGvu8P8xVZQrXsVnjA\n6P3fWbQgvXokjE+0HiDiOOZwY/7YSIOBxDViEuVljrGnaDMRUE2LEQI+5IrExa6b\nDLPe0uWN8E7gbBMUXV8bm/dDsT/F+wvGL5xgBGp4a/cGgHb67oSUJPudc2oWZ7wY\nf5O+aQeib37vPMtNI+4YLFJ97Du2ngKUTt2d3DFYAgjviRDX1y+gG3rJrxbKXaCT\nsMCcAoI2tSWdqECnZ4p0dbixvSI5Q61P+GG/tG2VGdAFLyKAZo+nzW4SWxyGwj7d\nnQIDAQAB\n-----END PUBLIC KEY-----";

    #[test]
    fn both_forms_are_read_and_written() {
        let key = SshKey::parse(&format!("{SSH} somebody@example.com\n")).unwrap();
        assert_eq!(key.to_ssh(), SSH);
        assert_eq!(key.to_pem(), PEM);
        assert_eq!(key.fingerprint(), FINGERPRINT);
        assert_eq!(SshKey::parse(PEM).unwrap(), key);
        let rsa = tlv(0x30, &[integer(&key.modulus), integer(&key.exponent)].concat());
        assert_eq!(SshKey::parse(&pem::encode("RSA PUBLIC KEY", &rsa)).unwrap(), key);
    }

    #[test]
    fn other_keys_are_refused() {
        let short = SshKey { modulus: vec![0xff; 128], exponent: vec![1, 0, 1] };
        let even = SshKey { modulus: [vec![0xff; 255], vec![0xfe]].concat(), exponent: vec![1, 0, 1] };
        let long = SshKey { modulus: vec![0xff; 2049], exponent: vec![1, 0, 1] };
        let cut = SSH.get(..200).unwrap();
        for (text, error) in [
            ("", SshKeyError::Encoding),
            ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==", SshKeyError::Encoding),
            ("ssh-rsaAAAA", SshKeyError::Encoding),
            ("ssh-rsa", SshKeyError::Encoding),
            ("ssh-rsa #", SshKeyError::Key),
            ("ssh-rsa AAAA", SshKeyError::Key),
            (cut, SshKeyError::Key),
            (&short.to_ssh(), SshKeyError::Key),
            (&short.to_pem(), SshKeyError::Key),
            (&even.to_ssh(), SshKeyError::Key),
            (&long.to_ssh(), SshKeyError::Key),
            (&pem::encode("CERTIFICATE", b"junk"), SshKeyError::Encoding),
            (&pem::encode("PUBLIC KEY", b"junk"), SshKeyError::Key),
            ("-----BEGIN PUBLIC KEY-----", SshKeyError::Key),
        ] {
            assert_eq!(SshKey::parse(text).unwrap_err(), error, "{text}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(256))]
        #[test]
        fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..80)) {
            let text = STANDARD.encode_to_string(&bytes);
            let _ = SshKey::parse(&format!("ssh-rsa {text}"));
            let _ = SshKey::parse(&pem::encode("PUBLIC KEY", &bytes));
            let _ = SshKey::parse(&pem::encode("RSA PUBLIC KEY", &bytes));
        }
    }
}
