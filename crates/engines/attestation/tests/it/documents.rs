//! What a document must be, and that nothing of it can be changed.

use garrison_attestation::{Attestation, AttestationError, MAX_DOCUMENT, Platform, TrustRoots, verify};
use garrison_types::Timestamp;

use crate::support::{Cbor, Enclave, NOW, Pki};

fn check(pki: &Pki, document: &[u8]) -> Result<Attestation, AttestationError> {
    verify(document, &TrustRoots::new([pki.root()]).unwrap(), Timestamp::from_seconds(NOW))
}

fn bytes(len: usize) -> Cbor {
    Cbor::Bytes(vec![7; len])
}

fn pcrs(registers: &[(u64, usize)]) -> Cbor {
    Cbor::Map(registers.iter().map(|(index, len)| (Cbor::Unsigned(*index), bytes(*len))).collect())
}

#[test]
fn a_genuine_document_proves_what_it_says() {
    let (pki, enclave) = (Pki::new(), Enclave::new());
    let document = pki.document(&enclave.spki);
    let attestation = check(&pki, &document).unwrap();
    assert_eq!(attestation.platform, Platform::NitroEnclave);
    assert_eq!(attestation.module_id, "i-0123456789abcdef0-enc0123456789abcdef");
    assert_eq!(attestation.timestamp, Timestamp::from_seconds(NOW));
    assert_eq!(attestation.pcrs.len(), 16);
    assert_eq!(attestation.pcrs[&3], [3; 48]);
    // With its tag it says the same.
    let tagged = [&[0xD2], &document[..]].concat();
    assert_eq!(check(&pki, &tagged).unwrap().pcrs, attestation.pcrs);
}

#[test]
fn a_tpm_says_so() {
    let (pki, enclave) = (Pki::new(), Enclave::new());
    let members = pki.members(&enclave.spki).without("pcrs").and("nitrotpm_pcrs", pcrs(&[(4, 48), (23, 48)]));
    let attestation = check(&pki, &pki.sign(&members.encode())).unwrap();
    assert_eq!(attestation.platform, Platform::NitroTpm);
    assert_eq!(attestation.pcrs.keys().copied().collect::<Vec<_>>(), [4, 23]);
}

#[test]
fn maps_may_be_open() {
    let (pki, enclave) = (Pki::new(), Enclave::new());
    let members =
        pki.members(&enclave.spki).0.into_iter().map(|(name, value)| (Cbor::Text(name.into()), value));
    check(&pki, &pki.sign(&Cbor::OpenMap(members.collect()).encode())).unwrap();
}

#[test]
fn the_limits_of_the_specification_hold() {
    let (pki, enclave) = (Pki::new(), Enclave::new());
    let all: Vec<_> = (0..32).map(|index| (index, 64)).collect();
    let text = |text: &str| Cbor::Text(text.into());
    for (name, value, good) in [
        ("module_id", text(""), false),
        ("module_id", bytes(3), false),
        ("digest", text("SHA256"), false),
        ("timestamp", Cbor::Unsigned(0), false),
        ("timestamp", Cbor::Unsigned(u64::MAX), false),
        ("timestamp", Cbor::Null, false),
        ("pcrs", pcrs(&[]), false),
        ("pcrs", pcrs(&all), true),
        ("pcrs", pcrs(&[(0, 32), (31, 64)]), true),
        ("pcrs", pcrs(&[(32, 48)]), false),
        ("pcrs", pcrs(&[(0, 47)]), false),
        ("pcrs", pcrs(&[(0, 48), (0, 48)]), false),
        ("pcrs", Cbor::Map(vec![(text("0"), bytes(48))]), false),
        ("pcrs", Cbor::Array(vec![]), false),
        ("certificate", bytes(0), false),
        ("certificate", bytes(1025), false),
        ("certificate", Cbor::Null, false),
        ("cabundle", Cbor::Array(vec![]), false),
        ("cabundle", Cbor::Array(vec![bytes(1025)]), false),
        ("cabundle", bytes(3), false),
        ("public_key", bytes(1025), false),
        ("public_key", bytes(0), false),
        ("user_data", bytes(1024), true),
        ("user_data", bytes(1025), false),
        ("nonce", bytes(1024), true),
        ("nonce", bytes(1025), false),
        ("nonce", text("nonce"), false),
    ] {
        let encoded = value.encode();
        let members = pki.members(&enclave.spki).set(name, value);
        let result = check(&pki, &pki.sign(&members.encode()));
        if good {
            assert!(result.is_ok(), "{name} {encoded:02x?}: {result:?}");
        } else {
            assert!(
                matches!(result, Err(AttestationError::Malformed(_))),
                "{name} {encoded:02x?}: {result:?}"
            );
        }
    }
}

#[test]
fn members_are_complete_known_and_single() {
    let (pki, enclave) = (Pki::new(), Enclave::new());
    for name in ["module_id", "digest", "timestamp", "pcrs", "certificate", "cabundle"] {
        let members = pki.members(&enclave.spki).without(name);
        let result = check(&pki, &pki.sign(&members.encode()));
        assert!(matches!(result, Err(AttestationError::Malformed(_))), "{name}: {result:?}");
    }
    for (name, value) in [
        ("nonce", Cbor::Null),
        ("module_id", Cbor::Text("i-2".into())),
        ("nitrotpm_pcrs", pcrs(&[(0, 48)])),
        ("surprise", Cbor::Null),
    ] {
        let members = pki.members(&enclave.spki).and(name, value);
        let result = check(&pki, &pki.sign(&members.encode()));
        assert!(matches!(result, Err(AttestationError::Malformed(_))), "{name}: {result:?}");
    }
    for name in ["user_data", "nonce"] {
        check(&pki, &pki.sign(&pki.members(&enclave.spki).without(name).encode())).unwrap();
    }
}

#[test]
fn without_a_usable_key_there_is_nobody_to_answer() {
    let (pki, enclave) = (Pki::new(), Enclave::new());
    let small = hex(SMALL_RSA);
    let ec = pki.signer.key.public_key_raw().to_vec();
    let cut = enclave.spki[..enclave.spki.len() - 1].to_vec();
    let long = [&enclave.spki[..], &[0]].concat();
    for value in
        [Cbor::Null, Cbor::Bytes(small), Cbor::Bytes(ec), Cbor::Bytes(cut), Cbor::Bytes(long), bytes(5)]
    {
        let members = pki.members(&enclave.spki).set("public_key", value);
        let result = check(&pki, &pki.sign(&members.encode()));
        assert_eq!(result.err(), Some(AttestationError::PublicKey));
    }
    let members = pki.members(&enclave.spki).without("public_key");
    assert_eq!(check(&pki, &pki.sign(&members.encode())).err(), Some(AttestationError::PublicKey));
}

#[test]
fn every_flipped_bit_is_noticed() {
    // A short chain, because most flips are noticed only after all of its signatures are checked.
    let (pki, enclave) = (Pki::of(&[None], |_, _| {}), Enclave::new());
    let roots = TrustRoots::new([pki.root()]).unwrap();
    let now = Timestamp::from_seconds(NOW);
    let mut document = pki.document(&enclave.spki);
    verify(&document, &roots, now).unwrap();
    for i in 0..document.len() {
        // One bit of each byte, not always the same one: the whole sweep would take eight times as long.
        let bit = 1 << (i % 8);
        document[i] ^= bit;
        assert!(verify(&document, &roots, now).is_err(), "bit {bit:#x} of byte {i}");
        document[i] ^= bit;
    }
}

#[test]
fn a_cut_or_longer_document_is_none() {
    let (pki, enclave) = (Pki::new(), Enclave::new());
    let document = pki.document(&enclave.spki);
    for len in 0..document.len() {
        let result = check(&pki, &document[..len]);
        assert!(matches!(result, Err(AttestationError::Malformed(_))), "{len}: {result:?}");
    }
    for longer in [[&document[..], &[0]].concat(), vec![0; MAX_DOCUMENT + 1]] {
        assert!(matches!(check(&pki, &longer), Err(AttestationError::Malformed(_))));
    }
}

#[test]
fn a_document_is_signed_by_its_own_signer_and_algorithm() {
    let (pki, other, enclave) = (Pki::new(), Pki::new(), Enclave::new());
    // Another signer's signature over the same members.
    let forged = other.sign(&pki.members(&enclave.spki).encode());
    assert_eq!(check(&pki, &forged).err(), Some(AttestationError::Signature));
    // A header that names another algorithm, or more than the algorithm; an unprotected header.
    let document = pki.document(&enclave.spki);
    for (from, to) in [
        (&[0x44, 0xA1, 0x01, 0x38, 0x22, 0xA0][..], &[0x44, 0xA1, 0x01, 0x38, 0x23, 0xA0][..]),
        (&[0x44, 0xA1, 0x01, 0x38, 0x22, 0xA0], &[0x43, 0xA1, 0x01, 0x26, 0xA0]),
        (&[0x44, 0xA1, 0x01, 0x38, 0x22, 0xA0], &[0x46, 0xA2, 0x01, 0x38, 0x22, 0x04, 0x40, 0xA0]),
        (&[0x44, 0xA1, 0x01, 0x38, 0x22, 0xA0], &[0x40, 0xA1, 0x01, 0x38, 0x22]),
        (&[0x44, 0xA1, 0x01, 0x38, 0x22, 0xA0], &[0x44, 0xA1, 0x01, 0x38, 0x22, 0xA1, 0x04, 0x40]),
    ] {
        let rest = document[1..].strip_prefix(from).unwrap();
        let changed = [&document[..1], to, rest].concat();
        assert!(matches!(check(&pki, &changed), Err(AttestationError::Malformed(_))), "{to:02x?}");
    }
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().map(|digit| digit.to_digit(16).unwrap() as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// SubjectPublicKeyInfo of an RSA key of 1024 bits, made with `openssl genrsa`.
const SMALL_RSA: &str = "30819f300d06092a864886f70d010101050003818d0030818902818100b7e34e4091568b9ed589e6f5f834d631309cca245146090682\
    10f7fcc7715f796dc2046f5c8a658e9c6e5182b3593cdd9f0d0a7495a07c9aadfdedbe8b0a2de454a2820474425db382f57ade441687\
    02448473d50ad0088378d7f50af8503e51100b2c40166aa2bfa77eaa00519ee3469f79a9191680e45746d43389930cd96f0203010001";
