//! CreateKey, DescribeKey, ListKeys, EnableKey, DisableKey, UpdateKeyDescription, and how keys are named.

use garrison_api_kms::{operations as api, types};
use garrison_kernel::Service;

use crate::harness::{ACCOUNT, REGION, START, STRANGER, World, arn, refused};

fn create(spec: &str, usage: &str) -> types::CreateKeyRequest {
    types::CreateKeyRequest {
        key_spec: Some(spec.into()),
        key_usage: Some(usage.into()),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_key_is_created_as_aws_answers_it() {
    let world = World::new();
    let input = types::CreateKeyRequest { description: Some("test key 123".into()), ..Default::default() };
    let key = world.create(input).await;
    let expected = types::KeyMetadata {
        aws_account_id: Some(ACCOUNT.into()),
        key_id: key.key_id.clone(),
        arn: Some(arn(&key.key_id)),
        creation_date: Some(garrison_types::Timestamp::from_seconds(START)),
        enabled: Some(true),
        description: Some("test key 123".into()),
        key_usage: Some(types::KeyUsageType::EncryptDecrypt),
        key_state: Some(types::KeyState::Enabled),
        origin: Some(types::OriginType::AwsKms),
        key_manager: Some(types::KeyManagerType::Customer),
        customer_master_key_spec: Some(types::CustomerMasterKeySpec::SymmetricDefault),
        key_spec: Some(types::KeySpec::SymmetricDefault),
        encryption_algorithms: Some(vec![types::EncryptionAlgorithmSpec::SymmetricDefault]),
        multi_region: Some(false),
        current_key_material_id: key.current_key_material_id.clone(),
        ..Default::default()
    };
    assert_eq!(key, expected);
    assert_eq!(key.current_key_material_id.as_ref().unwrap().len(), 64);
    assert_eq!(key.key_id.len(), 36);
    assert_eq!(world.describe(&key.key_id).await.unwrap(), expected);
    assert_eq!(world.describe(&arn(&key.key_id)).await.unwrap(), expected);
}

#[tokio::test]
async fn every_spec_and_usage_makes_a_key_with_its_algorithms() {
    let world = World::new();
    for (spec, usage, algorithms) in [
        ("RSA_2048", "ENCRYPT_DECRYPT", &["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"][..]),
        ("ECC_NIST_P256", "SIGN_VERIFY", &["ECDSA_SHA_256"]),
        ("ECC_NIST_P384", "KEY_AGREEMENT", &["ECDH"]),
        ("ECC_SECG_P256K1", "SIGN_VERIFY", &["ECDSA_SHA_256"]),
        ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY", &["ED25519_PH_SHA_512", "ED25519_SHA_512"]),
        ("HMAC_384", "GENERATE_VERIFY_MAC", &["HMAC_SHA_384"]),
        ("ML_DSA_65", "SIGN_VERIFY", &["ML_DSA_SHAKE_256"]),
        ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE", &["ML_KEM"]),
        ("SM2", "SIGN_VERIFY", &["SM2DSA"]),
    ] {
        let key = world.create(create(spec, usage)).await;
        assert_eq!(key.key_spec.unwrap().as_str(), spec);
        assert_eq!(key.key_usage.unwrap().as_str(), usage);
        assert_eq!(key.current_key_material_id, None, "{spec}: only symmetric keys show a material");
        let listed: Vec<String> = [
            key.encryption_algorithms.iter().flatten().map(ToString::to_string).collect::<Vec<_>>(),
            key.signing_algorithms.iter().flatten().map(ToString::to_string).collect(),
            key.mac_algorithms.iter().flatten().map(ToString::to_string).collect(),
            key.key_agreement_algorithms.iter().flatten().map(ToString::to_string).collect(),
            key.encapsulation_algorithms.iter().flatten().map(ToString::to_string).collect(),
        ]
        .concat();
        assert_eq!(listed, algorithms, "{spec}");
    }
}

#[tokio::test]
async fn what_cannot_be_created_is_refused() {
    let world = World::new();
    let with = |change: fn(&mut types::CreateKeyRequest)| {
        let mut input = types::CreateKeyRequest::default();
        change(&mut input);
        input
    };
    for (input, name, message) in [
        (
            with(|i| i.key_spec = Some(types::KeySpec::Hmac256)),
            "ValidationException",
            "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
        ),
        (
            create("RSA_2048", "GENERATE_VERIFY_MAC"),
            "ValidationException",
            "KeyUsage GENERATE_VERIFY_MAC is not compatible with KeySpec RSA_2048",
        ),
        (
            with(|i| {
                i.key_spec = Some(types::KeySpec::Rsa2048);
                i.customer_master_key_spec = Some(types::CustomerMasterKeySpec::Rsa2048);
            }),
            "ValidationException",
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is \
             deprecated.",
        ),
        (
            with(|i| {
                i.origin = Some(types::OriginType::AwsCloudhsm);
                i.custom_key_store_id = Some("cks-1".into());
            }),
            "CustomKeyStoreNotFoundException",
            "Custom key store `cks-1` is not found: custom key stores are not built in Garrison.",
        ),
        (
            with(|i| i.origin = Some(types::OriginType::ExternalKeyStore)),
            "ValidationException",
            "You must specify a CustomKeyStoreId with Origin EXTERNAL_KEY_STORE.",
        ),
        (
            with(|i| i.xks_key_id = Some("x".into())),
            "ValidationException",
            "XksKeyId is not valid with Origin AWS_KMS.",
        ),
        (with(|i| i.policy = Some("{".into())), "MalformedPolicyDocumentException", ""),
    ] {
        let seen = refused(world.call(api::CreateKey, input).await, name);
        assert!(message.is_empty() || seen == message, "{seen}");
    }
    assert!(world.store.dump().is_empty(), "nothing was stored");
}

#[tokio::test]
async fn the_old_name_of_the_spec_still_works() {
    let world = World::new();
    let input = types::CreateKeyRequest {
        customer_master_key_spec: Some(types::CustomerMasterKeySpec::EccNistP521),
        key_usage: Some(types::KeyUsageType::SignVerify),
        ..Default::default()
    };
    assert_eq!(world.create(input).await.key_spec, Some(types::KeySpec::EccNistP521));
}

#[tokio::test]
async fn a_key_for_imported_material_waits_for_it() {
    let world = World::new();
    let input = types::CreateKeyRequest { origin: Some(types::OriginType::External), ..Default::default() };
    let key = world.create(input).await;
    assert_eq!(key.key_state, Some(types::KeyState::PendingImport));
    assert_eq!(key.enabled, Some(false));
    assert_eq!((key.current_key_material_id, key.expiration_model), (None, None));
    for result in [
        world.call(api::EnableKey, types::EnableKeyRequest { key_id: key.key_id.clone() }).await.map(|_| ()),
        world
            .call(api::DisableKey, types::DisableKeyRequest { key_id: key.key_id.clone() })
            .await
            .map(|_| ()),
    ] {
        let message = refused(result, "KMSInvalidStateException");
        assert_eq!(message, format!("{} is pending import.", arn(&key.key_id)));
    }
}

#[tokio::test]
async fn keys_are_found_by_what_aws_takes_and_by_nothing_else() {
    let world = World::new();
    let id = world.key().await;
    let absent = "00000000-0000-4000-8000-000000000000";
    for (name, message) in [
        (absent.to_owned(), format!("Key '{}' does not exist", arn(absent))),
        (arn(absent), format!("Key '{}' does not exist", arn(absent))),
        ("fake-key-id".into(), "Invalid keyId 'fake-key-id'".into()),
        ("mrk-fake-key-id".into(), "Invalid keyId 'mrk-fake-key-id'".into()),
        (
            "134f2428cec14b25a1ae9048164dba47".into(),
            "Invalid keyId '134f2428cec14b25a1ae9048164dba47'".into(),
        ),
        (
            "mrk-d3b95762d3b95762d3b95762d3b95762".into(),
            format!("Key '{}' does not exist", arn("mrk-d3b95762d3b95762d3b95762d3b95762")),
        ),
        (format!("arn:aws:kms:ap-southeast-1:{ACCOUNT}:key/{id}"), "Invalid arn ap-southeast-1".into()),
        ("alias/none".into(), format!("Alias arn:aws:kms:{REGION}:{ACCOUNT}:alias/none is not found.")),
    ] {
        assert_eq!(refused(world.describe(&name).await, "NotFoundException"), message);
    }
    let elsewhere = world.root_in(ACCOUNT, "ap-southeast-1");
    let message = refused(world.describe_as(&elsewhere, &id).await, "NotFoundException");
    assert_eq!(message, format!("Key 'arn:aws:kms:ap-southeast-1:{ACCOUNT}:key/{id}' does not exist"));
    // Another account sees neither the key nor whether there is one.
    let stranger = world.root_in(STRANGER, REGION);
    for name in [arn(&id), arn(absent)] {
        let message = refused(world.describe_as(&stranger, &name).await, "AccessDeniedException");
        assert_eq!(
            message,
            format!(
                "User: arn:aws:iam::{STRANGER}:root is not authorized to perform: kms:DescribeKey on resource: {name} \
                 because the resource does not exist in this Region, no resource-based policies allow access, or a \
                 resource-based policy explicitly denies access"
            )
        );
        let record = world.last_audit();
        assert_eq!(record["recipientAccountId"], STRANGER);
        assert_eq!((record.get("resources"), record.get("sharedEventID")), (None, None));
    }
}

#[tokio::test]
async fn keys_are_listed_page_by_page() {
    let world = World::new();
    let mut ids = Vec::new();
    for _ in 0..7 {
        ids.push(world.key().await);
    }
    world.call_as(&world.root_in(STRANGER, REGION), api::CreateKey, Default::default()).await.unwrap();
    world.call_as(&world.root_in(ACCOUNT, "us-east-1"), api::CreateKey, Default::default()).await.unwrap();
    ids.sort();
    let (mut marker, mut seen) = (None, Vec::new());
    loop {
        let input = types::ListKeysRequest { limit: Some(3), marker, ..Default::default() };
        let page = world.call(api::ListKeys, input).await.unwrap();
        for entry in page.keys.unwrap() {
            let id = entry.key_id.unwrap();
            assert_eq!(entry.key_arn.unwrap(), arn(&id));
            seen.push(id);
        }
        marker = page.next_marker;
        assert_eq!(page.truncated, Some(marker.is_some()));
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(seen, ids);
    let input = types::ListKeysRequest { marker: Some("nonsense".into()), ..Default::default() };
    refused(world.call(api::ListKeys, input).await, "InvalidMarkerException");
}

#[tokio::test]
async fn a_key_is_disabled_enabled_and_described_anew() {
    let world = World::new();
    let key_id = world.key().await;
    world.call(api::DisableKey, types::DisableKeyRequest { key_id: key_id.clone() }).await.unwrap();
    let key = world.describe(&key_id).await.unwrap();
    assert_eq!((key.enabled, key.key_state), (Some(false), Some(types::KeyState::Disabled)));
    let input = types::UpdateKeyDescriptionRequest { key_id: key_id.clone(), description: "new".into() };
    world.call(api::UpdateKeyDescription, input).await.unwrap();
    world.call(api::EnableKey, types::EnableKeyRequest { key_id: key_id.clone() }).await.unwrap();
    let key = world.describe(&key_id).await.unwrap();
    assert_eq!((key.enabled, key.description), (Some(true), Some("new".into())));
}

#[tokio::test]
async fn a_described_key_is_answered_from_memory() {
    let world = World::new();
    let key_id = world.key().await;
    world.describe(&key_id).await.unwrap();
    let before = world.store.reads();
    for _ in 0..10 {
        world.describe(&key_id).await.unwrap();
    }
    assert_eq!(world.store.reads(), before);
}

#[tokio::test]
async fn every_call_is_in_the_audit_log() {
    let world = World::new();
    let key_id = world.key().await;
    let record = world.last_audit();
    assert_eq!(record["eventName"], "CreateKey");
    assert_eq!(record["eventSource"], "kms.amazonaws.com");
    assert_eq!(record["resources"][0]["ARN"], arn(&key_id));
    assert_eq!(record["resources"][0]["type"], "AWS::KMS::Key");
    assert_eq!(record["responseElements"]["keyMetadata"]["keyId"], key_id);
    let disable = types::DisableKeyRequest { key_id: key_id.clone() };
    world.call(api::DisableKey, disable).await.unwrap();
    assert_eq!(world.last_audit()["responseElements"], serde_json::json!({ "keyId": arn(&key_id) }));
    refused(world.describe("nonsense").await, "NotFoundException");
    let record = world.last_audit();
    assert_eq!(
        (&record["eventName"], &record["errorCode"]),
        (&"DescribeKey".into(), &"NotFoundException".into())
    );
    assert_eq!(record["requestParameters"]["keyId"], "nonsense");
    assert_eq!(world.service().schema().name, "kms");
}

#[tokio::test]
async fn stored_secrets_are_ciphertext() {
    let world = World::new();
    let key_id = world.create(create("ECC_NIST_P256", "SIGN_VERIFY")).await.key_id;
    let dump = world.store.dump();
    let (_, material) = dump.iter().find(|(key, _)| key.contains("/material/")).unwrap();
    // Version, length of the public key, the public key; behind it the sealed PKCS#8, which would begin with a SEQUENCE
    // and hold the public key again if it were in the clear.
    let public_len = usize::try_from(u32::from_be_bytes(material[1..5].try_into().unwrap())).unwrap();
    let (public, sealed) = material[5..].split_at(public_len);
    let point = &public[public.len() - 64..];
    assert!(!sealed.windows(16).any(|window| window == &point[..16]));
    assert!(dump.iter().any(|(key, _)| key.ends_with(&format!("keys/{key_id}"))));
}
