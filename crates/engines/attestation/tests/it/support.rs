//! An attestation PKI of four authorities, as AWS's is, and documents that it signs.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P384_SHA384,
};
use time::OffsetDateTime;

/// 2027-01-15T08:00:00Z, in seconds: when documents are made.
pub(crate) const NOW: i64 = 1_800_000_000;

/// A certificate and its key.
pub(crate) struct Certified {
    pub(crate) params: CertificateParams,
    pub(crate) key: KeyPair,
    pub(crate) der: Vec<u8>,
}

/// From the root to the signer.
pub(crate) struct Pki {
    pub(crate) authorities: Vec<Certified>,
    pub(crate) signer: Certified,
}

impl Pki {
    /// Four authorities and a signer.
    pub(crate) fn new() -> Self {
        Self::with(|_, _| {})
    }

    /// The same; `change` sees the parameters of each certificate, the root's first (0), the signer's last (4).
    pub(crate) fn with(change: impl Fn(usize, &mut CertificateParams)) -> Self {
        Self::of(&[None, Some(2), Some(1), Some(0)], change)
    }

    /// Authorities with these path lengths, and a signer.
    pub(crate) fn of(lengths: &[Option<u8>], change: impl Fn(usize, &mut CertificateParams)) -> Self {
        let mut authorities: Vec<Certified> = Vec::new();
        for (i, length) in lengths.iter().enumerate() {
            let mut params = params(&format!("authority {i}"));
            params.is_ca =
                IsCa::Ca(length.map_or(BasicConstraints::Unconstrained, BasicConstraints::Constrained));
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
            change(i, &mut params);
            let issued = issue(params, authorities.last());
            authorities.push(issued);
        }
        let mut params = params("signer");
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        change(lengths.len(), &mut params);
        let signer = issue(params, authorities.last());
        Self { authorities, signer }
    }

    /// The root certificate.
    pub(crate) fn root(&self) -> &[u8] {
        &self.authorities[0].der
    }

    /// The bundle of a document.
    pub(crate) fn bundle(&self) -> Cbor {
        Cbor::Array(self.authorities.iter().map(|authority| Cbor::Bytes(authority.der.clone())).collect())
    }

    /// What a document of an enclave says: its registers hold their own index in every byte.
    pub(crate) fn members(&self, public_key: &[u8]) -> Members {
        let pcrs = (0..16).map(|index| (Cbor::Unsigned(index), Cbor::Bytes(vec![index as u8; 48]))).collect();
        Members(vec![
            ("module_id", Cbor::Text("i-0123456789abcdef0-enc0123456789abcdef".into())),
            ("digest", Cbor::Text("SHA384".into())),
            ("timestamp", Cbor::Unsigned(NOW as u64 * 1000)),
            ("pcrs", Cbor::Map(pcrs)),
            ("certificate", Cbor::Bytes(self.signer.der.clone())),
            ("cabundle", self.bundle()),
            ("public_key", Cbor::Bytes(public_key.to_vec())),
            ("user_data", Cbor::Null),
            ("nonce", Cbor::Bytes(vec![])),
        ])
    }

    /// Signs a payload: the document.
    pub(crate) fn sign(&self, payload: &[u8]) -> Vec<u8> {
        let (protected, unprotected) = (vec![0xA1, 0x01, 0x38, 0x22], Cbor::Map(vec![]));
        let signed = Cbor::Array(vec![
            Cbor::Text("Signature1".into()),
            Cbor::Bytes(protected.clone()),
            Cbor::Bytes(vec![]),
            Cbor::Bytes(payload.to_vec()),
        ]);
        let pkcs8 = self.signer.key.serialize_der();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &pkcs8).unwrap();
        let signature = key.sign(&SystemRandom::new(), &signed.encode()).unwrap().as_ref().to_vec();
        Cbor::Array(vec![
            Cbor::Bytes(protected),
            unprotected,
            Cbor::Bytes(payload.to_vec()),
            Cbor::Bytes(signature),
        ])
        .encode()
    }

    /// A document of an enclave with this public key.
    pub(crate) fn document(&self, public_key: &[u8]) -> Vec<u8> {
        self.sign(&self.members(public_key).encode())
    }
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = at(NOW - 3600);
    params.not_after = at(NOW + 3600);
    params
}

/// A point in time, in seconds.
pub(crate) fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap()
}

/// Issues a certificate, by itself when there is no issuer.
pub(crate) fn issue(params: CertificateParams, issuer: Option<&Certified>) -> Certified {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    let certificate = match issuer {
        None => params.self_signed(&key),
        Some(issuer) => params.signed_by(&key, &Issuer::from_params(&issuer.params, &issuer.key)),
    };
    let der = certificate.unwrap().der().to_vec();
    Certified { params, key, der }
}

/// The key pair of an enclave.
pub(crate) struct Enclave {
    pub(crate) private: PrivateDecryptingKey,
    pub(crate) pkcs8: Vec<u8>,
    pub(crate) spki: Vec<u8>,
}

impl Enclave {
    /// A pair of 2048 bits.
    pub(crate) fn new() -> Self {
        let private = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
        let pkcs8 = AsDer::<Pkcs8V1Der<'static>>::as_der(&private).unwrap().as_ref().to_vec();
        let spki =
            AsDer::<PublicKeyX509Der<'static>>::as_der(&private.public_key()).unwrap().as_ref().to_vec();
        Self { private, pkcs8, spki }
    }

    /// Opens an envelope, reading it as the Nitro Enclaves SDK does: BER with these very elements.
    pub(crate) fn open(&self, envelope: &[u8]) -> Vec<u8> {
        let (key, iv, content) = read_envelope(envelope);
        let decrypter = aws_lc_rs::rsa::OaepPrivateDecryptingKey::new(self.private.clone()).unwrap();
        let mut out = vec![0; decrypter.min_output_size()];
        let key = decrypter.decrypt(&aws_lc_rs::rsa::OAEP_SHA256_MGF1SHA256, key, &mut out, None).unwrap();
        assert_eq!(key.len(), 32);
        let key = aws_lc_rs::cipher::UnboundCipherKey::new(&aws_lc_rs::cipher::AES_256, key).unwrap();
        let key = aws_lc_rs::cipher::PaddedBlockDecryptingKey::cbc_pkcs7(key).unwrap();
        let iv: [u8; 16] = iv.try_into().unwrap();
        let mut content = content.to_vec();
        key.decrypt(&mut content, aws_lc_rs::cipher::DecryptionContext::Iv128(iv.into())).unwrap().to_vec()
    }
}

/// The encrypted key, the initialization vector and the content of an envelope with one recipient.
pub(crate) fn read_envelope(envelope: &[u8]) -> (&[u8], &[u8], &[u8]) {
    const DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07];
    let rest = envelope.strip_prefix(&[0x30, 0x80]).unwrap();
    let (oid, rest) = tlv(rest, 0x06);
    assert_eq!(oid, [DATA, &[3]].concat(), "enveloped data");
    let rest = rest.strip_prefix(&[0xA0, 0x80, 0x30, 0x80]).unwrap();
    let (version, rest) = tlv(rest, 0x02);
    assert_eq!(version, [2]);
    let (recipients, rest) = tlv(rest, 0x31);
    let (recipient, none) = tlv(recipients, 0x30);
    assert!(none.is_empty());
    let (version, recipient) = tlv(recipient, 0x02);
    assert_eq!(version, [2]);
    let (identifier, recipient) = tlv(recipient, 0x80);
    assert_eq!(identifier.len(), 20);
    let (_, recipient) = tlv(recipient, 0x30);
    let (key, none) = tlv(recipient, 0x04);
    assert!(none.is_empty());
    let rest = rest.strip_prefix(&[0x30, 0x80]).unwrap();
    let (oid, rest) = tlv(rest, 0x06);
    assert_eq!(oid, [DATA, &[1]].concat(), "data");
    let (algorithm, rest) = tlv(rest, 0x30);
    let (oid, parameter) = tlv(algorithm, 0x06);
    assert_eq!(oid, [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2A], "AES-256-CBC");
    let (iv, none) = tlv(parameter, 0x04);
    assert!(none.is_empty());
    let rest = rest.strip_prefix(&[0xA0, 0x80]).unwrap();
    let (content, rest) = tlv(rest, 0x04);
    assert_eq!(rest, [0; 10], "five ends of contents");
    (key, iv, content)
}

/// The value of an element of known length, and what follows.
fn tlv(bytes: &[u8], tag: u8) -> (&[u8], &[u8]) {
    assert_eq!(bytes[0], tag);
    match bytes[1] {
        len @ 0..0x80 => bytes[2..].split_at(len.into()),
        long => {
            let (octets, rest) = bytes[2..].split_at((long & 0x7F).into());
            rest.split_at(octets.iter().fold(0, |len, octet| (len << 8) | usize::from(*octet)))
        }
    }
}

/// A document's members, for tests to change.
pub(crate) struct Members(pub(crate) Vec<(&'static str, Cbor)>);

impl Members {
    /// Replaces a member.
    pub(crate) fn set(mut self, name: &str, value: Cbor) -> Self {
        self.0.iter_mut().find(|(found, _)| *found == name).unwrap().1 = value;
        self
    }

    /// Leaves a member out.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(found, _)| *found != name);
        self
    }

    /// Adds a member, or one more of that name.
    pub(crate) fn and(mut self, name: &'static str, value: Cbor) -> Self {
        self.0.push((name, value));
        self
    }

    pub(crate) fn encode(self) -> Vec<u8> {
        Cbor::Map(self.0.into_iter().map(|(name, value)| (Cbor::Text(name.into()), value)).collect()).encode()
    }
}

/// What documents are made of.
#[derive(Clone)]
pub(crate) enum Cbor {
    Unsigned(u64),
    Bytes(Vec<u8>),
    Text(String),
    Array(Vec<Cbor>),
    Map(Vec<(Cbor, Cbor)>),
    /// The same with a mark at its end instead of a count.
    OpenMap(Vec<(Cbor, Cbor)>),
    Null,
}

impl Cbor {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let entries = |entries: &[(Cbor, Cbor)]| -> Vec<u8> {
            entries.iter().flat_map(|(key, value)| [key.encode(), value.encode()].concat()).collect()
        };
        match self {
            Self::Unsigned(value) => head(0, *value),
            Self::Bytes(bytes) => [head(2, bytes.len() as u64), bytes.clone()].concat(),
            Self::Text(text) => [head(3, text.len() as u64), text.clone().into_bytes()].concat(),
            Self::Array(items) => {
                let items = items.iter().flat_map(Self::encode);
                head(4, self.len()).into_iter().chain(items).collect()
            }
            Self::Map(map) => [head(5, self.len()), entries(map)].concat(),
            Self::OpenMap(map) => [vec![0xBF], entries(map), vec![0xFF]].concat(),
            Self::Null => vec![0xF6],
        }
    }

    fn len(&self) -> u64 {
        match self {
            Self::Array(items) => items.len() as u64,
            Self::Map(map) => map.len() as u64,
            _ => 0,
        }
    }
}

fn head(major: u8, value: u64) -> Vec<u8> {
    let major = major << 5;
    match value {
        0..=23 => vec![major | value as u8],
        24..=0xFF => vec![major | 24, value as u8],
        0x100..=0xFFFF => [&[major | 25][..], &(value as u16).to_be_bytes()].concat(),
        0x1_0000..=0xFFFF_FFFF => [&[major | 26][..], &(value as u32).to_be_bytes()].concat(),
        _ => [&[major | 27][..], &value.to_be_bytes()].concat(),
    }
}
