//! Every stored form comes back as it went, and the samples in `testdata/` open for ever.

use std::path::Path;

use garrison_crypto::keys::{KeySpec, KeyUsage};

use super::*;

fn address() -> KeyAddress {
    KeyAddress {
        account: "111122223333".parse().unwrap(),
        region: "eu-central-1".parse().unwrap(),
        id: "mrk-0123456789abcdef0123456789abcdef".into(),
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

/// A key that has something of everything.
fn full_key() -> Key {
    let material = |byte, state, provenance, rotated| Material {
        id: MaterialId::from_bytes([byte; 32]),
        state,
        created: at(1),
        provenance,
        rotated,
    };
    let imported = |state, valid_to: Option<Timestamp>| Provenance::Imported {
        state,
        valid_to,
        description: valid_to.map(|_| "from the vault".to_owned()),
    };
    Key {
        address: address(),
        created: at(0),
        description: "ß \"quoted\"".into(),
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsage::EncryptDecrypt,
        origin: Origin::External,
        manager: Manager::Customer,
        state: KeyState::PendingDeletion { at: at(100), window_days: 7 },
        policy: "{\n\t\"Version\" : \"2012-10-17\"}".into(),
        tags: BTreeMap::from([("a".to_owned(), String::new())]),
        materials: vec![
            material(1, MaterialState::NonCurrent, Provenance::Generated, None),
            material(
                2,
                MaterialState::Current,
                imported(ImportState::Imported, Some(at(50))),
                Some((at(9), RotationKind::OnDemand)),
            ),
            material(3, MaterialState::PendingRotation, imported(ImportState::PendingImport, None), None),
            material(
                4,
                MaterialState::PendingMultiRegionImportAndRotation,
                imported(ImportState::Imported, None),
                Some((at(10), RotationKind::Automatic)),
            ),
        ],
        rotation: Rotation {
            enabled: true,
            period_days: Some(90),
            next: Some(at(60)),
            on_demand_count: 3,
            on_demand_started: Some(at(70)),
        },
        multi_region: Some(MultiRegion {
            primary: "eu-west-1".parse().unwrap(),
            replicas: BTreeSet::from(["eu-central-1".parse().unwrap()]),
        }),
    }
}

fn full_grant() -> Grant {
    Grant {
        id: "ab".repeat(32).into(),
        name: Some("n".into()),
        created: at(2),
        grantee: "arn:aws:iam::111122223333:role/r".into(),
        grantee_is_service: false,
        retiring: Some("s3.amazonaws.com".into()),
        retiring_is_service: true,
        issuing_account: "444455556666".parse().unwrap(),
        operations: vec![GrantOperation::Decrypt, GrantOperation::CreateGrant],
        constraints: GrantConstraints {
            context_subset: Some(BTreeMap::from([("k".to_owned(), "v".to_owned())])),
            context_equals: None,
            source_arn: Some("arn:aws:s3:::b".into()),
        },
    }
}

fn full_alias() -> Alias {
    Alias {
        name: AliasName::parse("alias/team/x").unwrap(),
        target: address().id,
        created: at(3),
        updated: at(4),
    }
}

#[test]
fn keys_come_back() {
    let key = full_key();
    assert_eq!(decode_key(address(), &encode_key(&key)).unwrap(), key);
    let states = [
        KeyState::Enabled,
        KeyState::Disabled,
        KeyState::PendingImport,
        KeyState::PendingReplicaDeletion { window_days: 30 },
    ];
    for state in states {
        for spec in KeySpec::ALL {
            for usage in spec.usages() {
                let key = Key {
                    state,
                    spec: *spec,
                    usage: *usage,
                    origin: Origin::AwsKms,
                    manager: Manager::Aws,
                    tags: BTreeMap::new(),
                    materials: Vec::new(),
                    rotation: Rotation::default(),
                    multi_region: None,
                    ..full_key()
                };
                assert_eq!(decode_key(address(), &encode_key(&key)).unwrap(), key);
            }
        }
    }
}

#[test]
fn the_others_come_back() {
    let (grant, alias) = (full_grant(), full_alias());
    assert_eq!(decode_grant(&grant.id, &encode_grant(&grant)).unwrap(), grant);
    assert_eq!(decode_alias(alias.name.as_str(), &encode_alias(&alias)).unwrap(), alias);
    assert_eq!(decode_owner(&address().region, &encode_owner(&address())).unwrap(), address());
    let sealed = encode_sealed(Some(b"public"), b"sealed");
    assert_eq!(decode_sealed(&sealed).unwrap(), (&b"public"[..], &b"sealed"[..]));
    assert_eq!(decode_sealed(&encode_sealed(None, b"sealed")).unwrap(), (&b""[..], &b"sealed"[..]));
}

#[test]
fn damaged_and_newer_records_are_refused() {
    let key = encode_key(&full_key());
    for cut in 0..key.len() {
        assert!(decode_key(address(), &key[..cut]).is_err(), "cut at {cut}");
    }
    let newer = String::from_utf8(key).unwrap().replace("\"v\":\"1\"", "\"v\":\"2\"");
    assert!(decode_key(address(), newer.as_bytes()).is_err());
    for sealed in [&b""[..], &[2, 0, 0, 0, 0], &[1, 0, 0, 0], &[1, 0, 0, 0, 9, 1]] {
        assert!(decode_sealed(sealed).is_err(), "{sealed:?}");
    }
}

/// The samples were written by the release that introduced the version. A difference here means that data which
/// is out there no longer reads as it was meant.
#[test]
fn old_records_open() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let sample = |name: &str| std::fs::read(folder.join(name)).unwrap();
    assert_eq!(decode_key(address(), &sample("key.v1.json")).unwrap(), full_key());
    let (grant, alias) = (full_grant(), full_alias());
    assert_eq!(decode_grant(&grant.id, &sample("grant.v1.json")).unwrap(), grant);
    assert_eq!(decode_alias(alias.name.as_str(), &sample("alias.v1.json")).unwrap(), alias);
    assert_eq!(decode_owner(&address().region, &sample("owner.v1.json")).unwrap(), address());
    assert_eq!(decode_sealed(&sample("material.v1.bin")).unwrap(), (&b"public"[..], &b"sealed"[..]));
}
