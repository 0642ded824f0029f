//! Certificates: who may issue, who may sign, for how long and under which root.

use std::sync::OnceLock;

use garrison_attestation::{AttestationError, TrustRoots, verify};
use garrison_types::Timestamp;
use rcgen::{BasicConstraints, CertificateParams, CustomExtension, IsCa, KeyUsagePurpose};

use crate::support::{Cbor, Certified, Enclave, NOW, Pki, at, issue};

fn outcome(pki: &Pki, roots: &TrustRoots, seconds: i64) -> Result<(), AttestationError> {
    static ENCLAVE: OnceLock<Enclave> = OnceLock::new();
    let document = pki.document(&ENCLAVE.get_or_init(Enclave::new).spki);
    verify(&document, roots, Timestamp::from_seconds(seconds)).map(drop)
}

fn trusting(pki: &Pki) -> TrustRoots {
    TrustRoots::new([pki.root()]).unwrap()
}

#[test]
fn the_root_is_one_that_is_trusted() {
    let (pki, other) = (Pki::new(), Pki::new());
    let both = TrustRoots::new([other.root(), pki.root()]).unwrap();
    assert_eq!(outcome(&pki, &both, NOW), Ok(()));
    for roots in [trusting(&other), TrustRoots::default()] {
        assert_eq!(outcome(&pki, &roots, NOW), Err(AttestationError::UntrustedRoot));
    }
    // An authority further down the chain may be what is trusted, but then a bundle has to begin with it.
    let roots = TrustRoots::new([&pki.authorities[1].der]).unwrap();
    assert_eq!(outcome(&pki, &roots, NOW), Err(AttestationError::UntrustedRoot));
}

#[test]
fn a_root_is_an_authority_with_the_right_key() {
    let pki = Pki::new();
    assert!(TrustRoots::new([&pki.signer.der]).is_err());
    assert!(TrustRoots::new([b"not a certificate"]).is_err());
    assert!(TrustRoots::new([[pki.root(), &[0]].concat()]).is_err());
    assert!(TrustRoots::new([b""; 0]).unwrap().is_empty());
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let p256 = pki.authorities[0].params.self_signed(&key).unwrap();
    assert!(TrustRoots::new([p256.der()]).is_err());
}

#[test]
fn roots_come_from_a_pem_file() {
    let (pki, other) = (Pki::new(), Pki::new());
    let pem = |der: &[u8]| {
        let body = base64_simd::STANDARD.encode_to_string(der);
        format!("-----BEGIN CERTIFICATE-----\r\n{body}\r\n-----END CERTIFICATE-----\r\n")
    };
    let file = format!("The roots:\n{}\n# the other one\n{}", pem(other.root()), pem(pki.root()));
    let roots = TrustRoots::from_pem(&file).unwrap();
    assert_eq!(outcome(&pki, &roots, NOW), Ok(()));
    assert_eq!(roots.into_certificates(), [other.root(), pki.root()]);
    let cut = file.trim_end().strip_suffix("-").unwrap();
    let swapped = file.replacen("-----\r\nM", "-----\r\n*", 1);
    for bad in ["", cut, &swapped, &pem(&pki.signer.der)] {
        assert!(TrustRoots::from_pem(bad).is_err(), "{bad}");
    }
}

#[test]
fn every_certificate_is_valid_now() {
    let pki = Pki::new();
    let roots = trusting(&pki);
    for (seconds, expected) in [
        (NOW - 3600, Ok(())),
        (NOW - 3601, Err(AttestationError::NotYetValid)),
        (NOW + 3600, Ok(())),
        (NOW + 3601, Err(AttestationError::Expired)),
        (-1, Err(AttestationError::NotYetValid)),
        (i64::MIN, Err(AttestationError::NotYetValid)),
    ] {
        assert_eq!(outcome(&pki, &roots, seconds), expected, "{seconds}");
    }
    for (i, change, expected) in (0..5).flat_map(|i| {
        let expired: fn(&mut CertificateParams) = |params| params.not_after = at(NOW - 1);
        let early: fn(&mut CertificateParams) = |params| params.not_before = at(NOW + 1);
        [(i, expired, AttestationError::Expired), (i, early, AttestationError::NotYetValid)]
    }) {
        let pki = Pki::with(|found, params| {
            if found == i {
                change(params)
            }
        });
        assert_eq!(outcome(&pki, &trusting(&pki), NOW), Err(expected), "{i}");
    }
}

#[test]
fn certificates_do_only_what_they_may() {
    type Change = fn(&mut CertificateParams);
    let changes: [(usize, &str, Change, bool); 10] = [
        (1, "too short a path", |p| p.is_ca = IsCa::Ca(BasicConstraints::Constrained(1)), false),
        (3, "any path", |p| p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained), true),
        (2, "no authority", |p| p.is_ca = IsCa::ExplicitNoCa, false),
        (2, "no constraints", |p| p.is_ca = IsCa::NoCa, false),
        (3, "no usage", |p| p.key_usages = vec![], false),
        (3, "another usage", |p| p.key_usages = vec![KeyUsagePurpose::DigitalSignature], false),
        (4, "an authority", |p| p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained), false),
        (4, "no constraints", |p| p.is_ca = IsCa::NoCa, true),
        (4, "no usage", |p| p.key_usages = vec![], false),
        (4, "another usage", |p| p.key_usages = vec![KeyUsagePurpose::KeyAgreement], false),
    ];
    for (i, what, change, good) in changes {
        let pki = Pki::with(|found, params| {
            if found == i {
                change(params)
            }
        });
        let result = outcome(&pki, &trusting(&pki), NOW);
        if good {
            assert_eq!(result, Ok(()), "{i}: {what}");
        } else {
            assert!(matches!(result, Err(AttestationError::Certificate(_))), "{i}: {what}: {result:?}");
        }
    }
}

#[test]
fn unknown_extensions_are_ignored_unless_critical() {
    for critical in [false, true] {
        let pki = Pki::with(|i, params| {
            if i == 2 {
                let mut extension =
                    CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99_999, 1], vec![5, 0]);
                extension.set_criticality(critical);
                params.custom_extensions = vec![extension];
            }
        });
        assert_eq!(outcome(&pki, &trusting(&pki), NOW).is_err(), critical);
    }
}

#[test]
fn extensions_are_single() {
    let usage = CustomExtension::from_oid_content(&[2, 5, 29, 15], vec![3, 2, 2, 4]);
    let pki = Pki::with(|i, params| {
        if i == 1 {
            params.custom_extensions = vec![usage.clone()];
        }
    });
    assert!(matches!(outcome(&pki, &trusting(&pki), NOW), Err(AttestationError::Certificate(_))));
}

#[test]
fn a_chain_is_whole_and_in_order() {
    let (pki, other, enclave) = (Pki::new(), Pki::new(), Enclave::new());
    let roots = trusting(&pki);
    let own: Vec<&Certified> = pki.authorities.iter().collect();
    let chains: [(&str, Vec<&Certified>); 5] = [
        ("without one", vec![own[0], own[1], own[3]]),
        ("without the last", vec![own[0], own[1], own[2]]),
        ("the other way round", vec![own[3], own[2], own[1], own[0]]),
        ("two exchanged", vec![own[0], own[2], own[1], own[3]]),
        ("one of the same name from elsewhere", vec![own[0], &other.authorities[1], own[2], own[3]]),
    ];
    for (what, chain) in chains {
        let bundle = Cbor::Array(chain.iter().map(|one| Cbor::Bytes(one.der.clone())).collect());
        let document = pki.sign(&pki.members(&enclave.spki).set("cabundle", bundle).encode());
        let result = verify(&document, &roots, Timestamp::from_seconds(NOW)).map(drop);
        let refused =
            matches!(result, Err(AttestationError::Certificate(_) | AttestationError::UntrustedRoot));
        assert!(refused, "{what}: {result:?}");
    }
}

#[test]
fn a_signer_cannot_issue() {
    // Somebody with an enclave of their own issues themselves a certificate with the signer's key.
    let (pki, enclave) = (Pki::new(), Enclave::new());
    let forged = issue(pki.signer.params.clone(), Some(&pki.signer));
    let mut authorities: Vec<Cbor> = pki.authorities.iter().map(|one| Cbor::Bytes(one.der.clone())).collect();
    authorities.push(Cbor::Bytes(pki.signer.der.clone()));
    let members = pki.members(&enclave.spki);
    let members =
        members.set("cabundle", Cbor::Array(authorities)).set("certificate", Cbor::Bytes(forged.der.clone()));
    let payload = members.encode();
    let own = Pki { signer: forged, ..Pki::new() };
    let result = verify(&own.sign(&payload), &trusting(&pki), Timestamp::from_seconds(NOW)).map(drop);
    assert!(matches!(result, Err(AttestationError::Certificate(_))), "{result:?}");
}
