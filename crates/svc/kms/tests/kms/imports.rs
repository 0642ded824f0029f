//! GetParametersForImport, ImportKeyMaterial, DeleteImportedKeyMaterial, and the end of what expires.

use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrapPadded as _};
use garrison_api_kms::{operations as api, types};
use garrison_crypto::SystemRng;
use garrison_crypto::keys::{DataKeyPair, EncryptionAlgorithm, KeySpec, KeyUsage, PublicKey};
use garrison_kernel::Context;
use garrison_schema::{ApiError, Blob};
use garrison_types::Timestamp;

use crate::harness::{ACCOUNT, START, World, arn, refused};

const WEST: &str = "eu-west-1";

fn day(days: i64) -> Timestamp {
    Timestamp::from_seconds(START + days * 86_400)
}

/// What GetParametersForImport gave, and for what.
struct Way {
    algorithm: String,
    spec: KeySpec,
    public: Vec<u8>,
    token: Blob,
}

impl Way {
    async fn get(
        world: &World,
        cx: &Context,
        key_id: &str,
        algorithm: &str,
        spec: KeySpec,
    ) -> Result<Self, ApiError> {
        let input = types::GetParametersForImportRequest {
            key_id: key_id.into(),
            wrapping_algorithm: algorithm.into(),
            wrapping_key_spec: spec.name().into(),
        };
        let answer = world.call_as(cx, api::GetParametersForImport, input).await?;
        assert_eq!(answer.parameters_valid_to, Some(cx.time + std::time::Duration::from_secs(86_400)));
        let token = answer.import_token.unwrap();
        assert!(token.len() <= 6144, "{}", token.len());
        let public = answer.public_key.unwrap().to_vec();
        Ok(Self { algorithm: algorithm.into(), spec, public, token })
    }

    fn encrypt(&self, algorithm: EncryptionAlgorithm, plaintext: &[u8]) -> Vec<u8> {
        let public = PublicKey::load(self.spec, KeyUsage::EncryptDecrypt, &self.public).unwrap();
        public.encrypt(algorithm, plaintext, &SystemRng).unwrap()
    }

    /// What a customer sends for `material`.
    fn wrap(&self, material: &[u8]) -> Blob {
        use EncryptionAlgorithm as A;
        let kek = [0x4B; 32];
        let kwp = || {
            let mut wrapped = vec![0; material.len() + 15];
            let wrapping = AesKek::new(&AES_256, &kek).unwrap();
            wrapping.wrap_with_padding(material, &mut wrapped).unwrap().to_vec()
        };
        Blob(match self.algorithm.as_str() {
            "RSAES_OAEP_SHA_1" => self.encrypt(A::RsaesOaepSha1, material),
            "RSAES_OAEP_SHA_256" => self.encrypt(A::RsaesOaepSha256, material),
            "RSA_AES_KEY_WRAP_SHA_1" => [self.encrypt(A::RsaesOaepSha1, &kek), kwp()].concat(),
            "RSA_AES_KEY_WRAP_SHA_256" => [self.encrypt(A::RsaesOaepSha256, &kek), kwp()].concat(),
            "SM2PKE" => self.encrypt(A::Sm2Pke, material),
            other => panic!("{other}"),
        })
    }

    /// An import that does not expire.
    fn import(&self, key_id: &str, material: &[u8]) -> types::ImportKeyMaterialRequest {
        types::ImportKeyMaterialRequest {
            key_id: key_id.into(),
            import_token: self.token.clone(),
            encrypted_key_material: self.wrap(material),
            expiration_model: Some(types::ExpirationModelType::KeyMaterialDoesNotExpire),
            ..Default::default()
        }
    }
}

async fn oaep(world: &World, key_id: &str) -> Way {
    Way::get(world, &world.root(), key_id, "RSAES_OAEP_SHA_256", KeySpec::Rsa2048).await.unwrap()
}

async fn external(world: &World, spec: &str, usage: &str, multi_region: bool) -> String {
    let input = types::CreateKeyRequest {
        origin: Some(types::OriginType::External),
        key_spec: Some(spec.into()),
        key_usage: Some(usage.into()),
        multi_region: Some(multi_region),
        ..Default::default()
    };
    world.create(input).await.key_id
}

async fn symmetric(world: &World) -> String {
    external(world, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", false).await
}

async fn state(world: &World, key_id: &str) -> types::KeyState {
    world.describe(key_id).await.unwrap().key_state.unwrap()
}

async fn import(world: &World, input: types::ImportKeyMaterialRequest) -> Result<Option<String>, ApiError> {
    let key = input.key_id.clone();
    let answer = world.call(api::ImportKeyMaterial, input).await?;
    assert_eq!(answer.key_id, Some(arn(&key)));
    Ok(answer.key_material_id)
}

async fn delete(world: &World, key_id: &str, id: Option<&str>) -> Result<Option<String>, ApiError> {
    let input = types::DeleteImportedKeyMaterialRequest {
        key_id: key_id.into(),
        key_material_id: id.map(str::to_owned),
    };
    let answer = world.call(api::DeleteImportedKeyMaterial, input).await?;
    assert_eq!(answer.key_id, Some(arn(key_id)));
    Ok(answer.key_material_id)
}

async fn encrypt(world: &World, key_id: &str) -> Result<Blob, ApiError> {
    let plaintext = b"plaintext".to_vec().into();
    let input = types::EncryptRequest { key_id: key_id.into(), plaintext, ..Default::default() };
    Ok(world.call(api::Encrypt, input).await?.ciphertext_blob.unwrap())
}

async fn decrypts(world: &World, cx: &Context, blob: &Blob) -> Result<String, ApiError> {
    let input = types::DecryptRequest { ciphertext_blob: Some(blob.clone()), ..Default::default() };
    let answer = world.call_as(cx, api::Decrypt, input).await?;
    assert_eq!(&*answer.plaintext.unwrap(), b"plaintext");
    Ok(answer.key_material_id.unwrap())
}

async fn materials(world: &World, cx: &Context, key_id: &str) -> Vec<(String, String, String)> {
    let input = types::ListKeyRotationsRequest {
        key_id: key_id.into(),
        include_key_material: Some(types::IncludeKeyMaterial::AllKeyMaterial),
        ..Default::default()
    };
    let answer = world.call_as(cx, api::ListKeyRotations, input).await.unwrap();
    let show = |entry: types::RotationsListEntry| {
        let state = entry.key_material_state.unwrap().to_string();
        (entry.key_material_id.unwrap(), state, entry.import_state.unwrap().to_string())
    };
    answer.rotations.unwrap().into_iter().map(show).collect()
}

async fn rotate(world: &World, key_id: &str) -> Result<(), ApiError> {
    world.call(api::RotateKeyOnDemand, types::RotateKeyOnDemandRequest { key_id: key_id.into() }).await?;
    world.advance(0).await;
    Ok(())
}

fn with_type(
    input: types::ImportKeyMaterialRequest,
    import_type: types::ImportType,
) -> types::ImportKeyMaterialRequest {
    types::ImportKeyMaterialRequest { import_type: Some(import_type), ..input }
}

#[tokio::test]
async fn every_way_of_wrapping_brings_the_material_here() {
    let world = World::new();
    for (algorithm, spec) in [
        ("RSAES_OAEP_SHA_1", KeySpec::Rsa2048),
        ("RSAES_OAEP_SHA_256", KeySpec::Rsa3072),
        ("RSA_AES_KEY_WRAP_SHA_1", KeySpec::Rsa2048),
        ("RSA_AES_KEY_WRAP_SHA_256", KeySpec::Rsa4096),
        ("SM2PKE", KeySpec::Sm2),
    ] {
        let key_id = symmetric(&world).await;
        let way = Way::get(&world, &world.root(), &key_id, algorithm, spec).await.unwrap();
        let id = import(&world, way.import(&key_id, &[9; 32])).await.unwrap();
        let key = world.describe(&key_id).await.unwrap();
        assert_eq!(key.key_state, Some(types::KeyState::Enabled));
        assert_eq!(key.expiration_model, Some(types::ExpirationModelType::KeyMaterialDoesNotExpire));
        assert_eq!((key.current_key_material_id, key.valid_to), (id.clone(), None));
        let blob = encrypt(&world, &key_id).await.unwrap();
        assert_eq!(decrypts(&world, &world.root(), &blob).await.unwrap(), id.unwrap(), "{algorithm}");
    }
}

#[tokio::test]
async fn every_kind_of_key_can_be_imported() {
    let world = World::new();
    for (spec, usage) in [
        (KeySpec::Rsa2048, "SIGN_VERIFY"),
        (KeySpec::EccNistP256, "SIGN_VERIFY"),
        (KeySpec::EccSecgP256k1, "SIGN_VERIFY"),
        (KeySpec::EccNistP521, "KEY_AGREEMENT"),
        (KeySpec::EccNistEdwards25519, "SIGN_VERIFY"),
        (KeySpec::Hmac384, "GENERATE_VERIFY_MAC"),
        (KeySpec::Hmac512, "GENERATE_VERIFY_MAC"),
    ] {
        let key_id = external(&world, spec.name(), usage, false).await;
        let hybrid = "RSA_AES_KEY_WRAP_SHA_256";
        let way = Way::get(&world, &world.root(), &key_id, hybrid, KeySpec::Rsa2048).await.unwrap();
        let (material, public) = match spec {
            KeySpec::Hmac384 => (vec![3; 48], None),
            KeySpec::Hmac512 => (vec![3; 64], None),
            spec => {
                let pair = DataKeyPair::generate(spec, &SystemRng).unwrap();
                (pair.private_pkcs8.to_vec(), Some(pair.public_spki))
            }
        };
        assert_eq!(import(&world, way.import(&key_id, &material)).await.unwrap(), None, "{spec}");
        assert_eq!(state(&world, &key_id).await, types::KeyState::Enabled);
        if let Some(public) = public {
            let input = types::GetPublicKeyRequest { key_id: key_id.clone(), ..Default::default() };
            assert_eq!(world.call(api::GetPublicKey, input).await.unwrap().public_key, Some(Blob(public)));
        }
        // The same again is welcome, another one never.
        import(&world, way.import(&key_id, &material)).await.unwrap();
        let other = match spec {
            KeySpec::Hmac384 => vec![4; 48],
            KeySpec::Hmac512 => vec![4; 64],
            KeySpec::Rsa2048 => continue,
            spec => DataKeyPair::generate(spec, &SystemRng).unwrap().private_pkcs8.to_vec(),
        };
        refused(import(&world, way.import(&key_id, &other)).await, "IncorrectKeyMaterialException");
        let described = types::ImportKeyMaterialRequest {
            key_material_description: Some("x".into()),
            ..way.import(&key_id, &material)
        };
        refused(import(&world, described).await, "ValidationException");
        assert_eq!(delete(&world, &key_id, None).await.unwrap(), None);
        assert_eq!(state(&world, &key_id).await, types::KeyState::PendingImport);
    }
}

#[tokio::test]
async fn parameters_that_do_not_fit_are_refused() {
    let world = World::new();
    let key_id = symmetric(&world).await;
    let rsa = external(&world, "RSA_2048", "SIGN_VERIFY", false).await;
    let p521 = external(&world, "ECC_NIST_P521", "SIGN_VERIFY", false).await;
    let unsupported = "UnsupportedOperationException";
    for (key_id, algorithm, spec, name) in [
        (&key_id, "RSAES_PKCS1_V1_5", KeySpec::Rsa2048, unsupported),
        (&key_id, "SM2PKE", KeySpec::Rsa2048, unsupported),
        (&key_id, "RSAES_OAEP_SHA_256", KeySpec::Sm2, unsupported),
        (&rsa, "RSAES_OAEP_SHA_256", KeySpec::Rsa4096, unsupported),
        (&p521, "RSAES_OAEP_SHA_256", KeySpec::Rsa2048, unsupported),
        (&world.key().await, "RSAES_OAEP_SHA_256", KeySpec::Rsa2048, unsupported),
        (&"x".to_owned(), "RSAES_OAEP_SHA_256", KeySpec::Rsa2048, "NotFoundException"),
    ] {
        refused(Way::get(&world, &world.root(), key_id, algorithm, spec).await.map(|_| ()), name);
    }
    let schedule = types::ScheduleKeyDeletionRequest { key_id: key_id.clone(), pending_window_in_days: None };
    world.call(api::ScheduleKeyDeletion, schedule).await.unwrap();
    let way = Way::get(&world, &world.root(), &key_id, "RSAES_OAEP_SHA_256", KeySpec::Rsa2048).await;
    refused(way.map(|_| ()), "KMSInvalidStateException");
}

#[tokio::test]
async fn a_token_is_for_one_key_and_one_day() {
    let world = World::new();
    let (key_id, other) = (symmetric(&world).await, symmetric(&world).await);
    let way = oaep(&world, &key_id).await;
    refused(import(&world, way.import(&other, &[1; 32])).await, "InvalidImportTokenException");
    for token in
        [Vec::new(), vec![0; 100], way.token[1..].to_vec(), way.token[..way.token.len() - 1].to_vec()]
    {
        let input =
            types::ImportKeyMaterialRequest { import_token: Blob(token), ..way.import(&key_id, &[1; 32]) };
        refused(import(&world, input).await, "InvalidImportTokenException");
    }
    for at in (0..way.token.len()).step_by(97) {
        let mut token = way.token.to_vec();
        token[at] ^= 1;
        let input =
            types::ImportKeyMaterialRequest { import_token: Blob(token), ..way.import(&key_id, &[1; 32]) };
        refused(import(&world, input).await, "InvalidImportTokenException");
    }
    assert!(world.last_audit()["requestParameters"].get("importToken").is_none());
    assert!(world.last_audit()["requestParameters"].get("encryptedKeyMaterial").is_none());
    world.advance(1).await;
    refused(import(&world, way.import(&key_id, &[1; 32])).await, "ExpiredImportTokenException");
    assert_eq!(state(&world, &key_id).await, types::KeyState::PendingImport);
}

#[tokio::test]
async fn what_cannot_be_imported_is_refused() {
    let world = World::new();
    let key_id = symmetric(&world).await;
    let way = oaep(&world, &key_id).await;
    let base = || way.import(&key_id, &[1; 32]);
    let expiring = |valid_to| types::ImportKeyMaterialRequest {
        expiration_model: Some(types::ExpirationModelType::KeyMaterialExpires),
        valid_to,
        ..base()
    };
    let validation = "ValidationException";
    for (input, name) in [
        (
            types::ImportKeyMaterialRequest { encrypted_key_material: Blob(vec![1; 256]), ..base() },
            "InvalidCiphertextException",
        ),
        (
            types::ImportKeyMaterialRequest { encrypted_key_material: Blob(vec![1; 10]), ..base() },
            "InvalidCiphertextException",
        ),
        (way.import(&key_id, &[1; 31]), "IncorrectKeyMaterialException"),
        (way.import(&key_id, &[1; 33]), "IncorrectKeyMaterialException"),
        (expiring(None), validation),
        (types::ImportKeyMaterialRequest { expiration_model: None, ..base() }, validation),
        (types::ImportKeyMaterialRequest { valid_to: Some(day(10)), ..base() }, validation),
        (expiring(Some(day(0))), validation),
        (expiring(Some(day(366))), validation),
        (with_type(base(), types::ImportType::ExistingKeyMaterial), "IncorrectKeyMaterialException"),
        (types::ImportKeyMaterialRequest { key_material_id: Some("0".repeat(64)), ..base() }, validation),
        (
            types::ImportKeyMaterialRequest { key_id: world.key().await, ..base() },
            "UnsupportedOperationException",
        ),
        (types::ImportKeyMaterialRequest { key_id: "x".into(), ..base() }, "NotFoundException"),
    ] {
        refused(import(&world, input).await, name);
    }
    let id = import(&world, base()).await.unwrap().unwrap();
    for (input, name) in [
        (way.import(&key_id, &[2; 32]), "IncorrectKeyMaterialException"),
        (with_type(base(), types::ImportType::NewKeyMaterial), "IncorrectKeyMaterialException"),
        (
            types::ImportKeyMaterialRequest { key_material_id: Some("0".repeat(64)), ..base() },
            "IncorrectKeyMaterialException",
        ),
    ] {
        refused(import(&world, input).await, name);
    }
    import(&world, types::ImportKeyMaterialRequest { key_material_id: Some(id), ..base() }).await.unwrap();
    let schedule = types::ScheduleKeyDeletionRequest { key_id: key_id.clone(), pending_window_in_days: None };
    world.call(api::ScheduleKeyDeletion, schedule).await.unwrap();
    refused(import(&world, base()).await, "KMSInvalidStateException");
}

#[tokio::test]
async fn deleted_material_leaves_and_only_the_same_comes_back() {
    let world = World::new();
    let key_id = symmetric(&world).await;
    let way = oaep(&world, &key_id).await;
    assert_eq!(delete(&world, &key_id, None).await.unwrap(), None);
    let id = import(&world, way.import(&key_id, &[1; 32])).await.unwrap();
    let blob = encrypt(&world, &key_id).await.unwrap();
    let erasures = world.store.erasures();
    assert_eq!(delete(&world, &key_id, None).await.unwrap(), id);
    assert_eq!(world.store.erasures(), erasures + 1);
    assert!(!world.store.dump().iter().any(|(key, _)| key.contains("/material/")));
    assert_eq!(state(&world, &key_id).await, types::KeyState::PendingImport);
    assert_eq!(world.describe(&key_id).await.unwrap().expiration_model, None);
    refused(encrypt(&world, &key_id).await, "KMSInvalidStateException");
    refused(decrypts(&world, &world.root(), &blob).await, "KMSInvalidStateException");
    assert_eq!(delete(&world, &key_id, id.as_deref()).await.unwrap(), id, "once more changes nothing");
    refused(delete(&world, &key_id, Some(&"0".repeat(64))).await, "NotFoundException");
    refused(delete(&world, &world.key().await, None).await, "UnsupportedOperationException");
    refused(import(&world, way.import(&key_id, &[2; 32])).await, "IncorrectKeyMaterialException");
    assert_eq!(import(&world, way.import(&key_id, &[1; 32])).await.unwrap(), id);
    assert_eq!(decrypts(&world, &world.root(), &blob).await.unwrap(), id.unwrap());
    // A disabled key stays disabled when its material is imported again.
    world.call(api::DisableKey, types::DisableKeyRequest { key_id: key_id.clone() }).await.unwrap();
    import(&world, way.import(&key_id, &[1; 32])).await.unwrap();
    assert_eq!(state(&world, &key_id).await, types::KeyState::Disabled);
    // A key that waits for its deletion goes on waiting.
    let schedule =
        types::ScheduleKeyDeletionRequest { key_id: key_id.clone(), pending_window_in_days: Some(7) };
    world.call(api::ScheduleKeyDeletion, schedule).await.unwrap();
    delete(&world, &key_id, None).await.unwrap();
    assert_eq!(state(&world, &key_id).await, types::KeyState::PendingDeletion);
    world
        .call(api::CancelKeyDeletion, types::CancelKeyDeletionRequest { key_id: key_id.clone() })
        .await
        .unwrap();
    assert_eq!(state(&world, &key_id).await, types::KeyState::PendingImport);
}

#[tokio::test]
async fn material_expires_on_its_day() {
    let world = World::new();
    let key_id = symmetric(&world).await;
    let way = oaep(&world, &key_id).await;
    let until = |days| types::ImportKeyMaterialRequest {
        expiration_model: None,
        valid_to: Some(day(days)),
        ..way.import(&key_id, &[1; 32])
    };
    let id = import(&world, until(10)).await.unwrap().unwrap();
    let key = world.describe(&key_id).await.unwrap();
    assert_eq!(key.expiration_model, Some(types::ExpirationModelType::KeyMaterialExpires));
    assert_eq!(key.valid_to, Some(day(10)));
    // Another import changes the day.
    import(&world, until(20)).await.unwrap();
    let blob = encrypt(&world, &key_id).await.unwrap();
    world.advance(19).await;
    decrypts(&world, &world.root(), &blob).await.unwrap();
    world.advance(1).await;
    refused(decrypts(&world, &world.root(), &blob).await, "KMSInvalidStateException");
    let key = world.describe(&key_id).await.unwrap();
    assert_eq!((key.key_state, key.valid_to), (Some(types::KeyState::PendingImport), None));
    assert!(!world.store.dump().iter().any(|(key, _)| key.contains("/material/") || key.contains("kms-due")));
    let records = world.store.audit();
    let expired: Vec<_> = records.iter().filter(|r| r.event_name == "DeleteExpiredKeyMaterial").collect();
    assert_eq!(expired.len(), 1);
    let json: serde_json::Value = serde_json::from_slice(&expired[0].json).unwrap();
    assert_eq!(json["eventType"], "AwsServiceEvent");
    assert_eq!(json["serviceEventDetails"]["keyMaterialId"], id);
    assert_eq!(json["serviceEventDetails"]["keyId"], key_id);
    let way = oaep(&world, &key_id).await;
    import(&world, way.import(&key_id, &[1; 32])).await.unwrap();
    decrypts(&world, &world.root(), &blob).await.unwrap();
    world.advance(400).await;
    decrypts(&world, &world.root(), &blob).await.unwrap();
}

#[tokio::test]
async fn imported_material_rotates_on_demand() {
    let world = World::new();
    let key_id = symmetric(&world).await;
    let way = oaep(&world, &key_id).await;
    let new = |material: &[u8]| with_type(way.import(&key_id, material), types::ImportType::NewKeyMaterial);
    let described = types::ImportKeyMaterialRequest {
        key_material_description: Some("first".into()),
        ..way.import(&key_id, &[1; 32])
    };
    let first = import(&world, described).await.unwrap().unwrap();
    let blob = encrypt(&world, &key_id).await.unwrap();
    refused(rotate(&world, &key_id).await, "KMSInvalidStateException");
    let second = import(&world, new(&[2; 32])).await.unwrap().unwrap();
    let row = |id: &str, state: &str, import: &str| (id.to_owned(), state.to_owned(), import.to_owned());
    let root = world.root();
    let expected = [row(&first, "CURRENT", "IMPORTED"), row(&second, "PENDING_ROTATION", "IMPORTED")];
    assert_eq!(materials(&world, &root, &key_id).await, expected);
    refused(import(&world, new(&[3; 32])).await, "KMSInvalidStateException");
    // What waits for its rotation can be taken back without a trace.
    delete(&world, &key_id, Some(&second)).await.unwrap();
    assert_eq!(materials(&world, &root, &key_id).await, expected[..1]);
    assert_eq!(state(&world, &key_id).await, types::KeyState::Enabled);
    assert!(!world.store.dump().iter().any(|(key, _)| key.contains(&second)));
    import(&world, new(&[2; 32])).await.unwrap();
    rotate(&world, &key_id).await.unwrap();
    let expected = [row(&first, "NON_CURRENT", "IMPORTED"), row(&second, "CURRENT", "IMPORTED")];
    assert_eq!(materials(&world, &root, &key_id).await, expected);
    assert_eq!(decrypts(&world, &root, &blob).await.unwrap(), first);
    assert_eq!(world.describe(&key_id).await.unwrap().current_key_material_id, Some(second.clone()));
    let events: Vec<_> = world.store.audit().into_iter().filter(|r| r.event_name == "RotateKey").collect();
    let json: serde_json::Value = serde_json::from_slice(&events[0].json).unwrap();
    assert_eq!(json["serviceEventDetails"]["keyOrigin"], "EXTERNAL");

    // Each of its own materials must be there.
    delete(&world, &key_id, Some(&first)).await.unwrap();
    assert_eq!(state(&world, &key_id).await, types::KeyState::PendingImport);
    refused(encrypt(&world, &key_id).await, "KMSInvalidStateException");
    delete(&world, &key_id, None).await.unwrap();
    import(&world, way.import(&key_id, &[2; 32])).await.unwrap();
    assert_eq!(state(&world, &key_id).await, types::KeyState::PendingImport);
    import(&world, way.import(&key_id, &[1; 32])).await.unwrap();
    assert_eq!(state(&world, &key_id).await, types::KeyState::Enabled);
    let list = types::ListKeyRotationsRequest {
        key_id: key_id.clone(),
        include_key_material: Some(types::IncludeKeyMaterial::AllKeyMaterial),
        ..Default::default()
    };
    let listed = world.call(api::ListKeyRotations, list).await.unwrap().rotations.unwrap();
    assert_eq!(listed[0].key_material_description.as_deref(), Some("first"), "kept over deletion and return");
    assert_eq!(listed[1].rotation_type, Some(types::RotationType::OnDemand));
}

#[tokio::test]
async fn related_keys_are_imported_one_by_one() {
    let world = World::new();
    let key_id = external(&world, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", true).await;
    let way = oaep(&world, &key_id).await;
    let first = import(&world, way.import(&key_id, &[1; 32])).await.unwrap().unwrap();
    let replicate = types::ReplicateKeyRequest {
        key_id: key_id.clone(),
        replica_region: WEST.into(),
        ..Default::default()
    };
    world.call(api::ReplicateKey, replicate).await.unwrap();
    let west = world.root_in(ACCOUNT, WEST);
    let there = Way::get(&world, &west, &key_id, "RSAES_OAEP_SHA_256", KeySpec::Rsa2048).await.unwrap();
    let in_west = |input| world.call_as(&west, api::ImportKeyMaterial, input);
    // A token is for one region's key.
    refused(in_west(way.import(&key_id, &[1; 32])).await, "InvalidImportTokenException");
    refused(in_west(there.import(&key_id, &[2; 32])).await, "IncorrectKeyMaterialException");
    let new_there = with_type(there.import(&key_id, &[2; 32]), types::ImportType::NewKeyMaterial);
    refused(in_west(new_there).await, "UnsupportedOperationException");
    in_west(there.import(&key_id, &[1; 32])).await.unwrap();
    let blob = encrypt(&world, &key_id).await.unwrap();
    assert_eq!(decrypts(&world, &west, &blob).await.unwrap(), first);

    let new_here = with_type(way.import(&key_id, &[2; 32]), types::ImportType::NewKeyMaterial);
    let second = import(&world, new_here).await.unwrap().unwrap();
    let waiting = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION";
    let second_of =
        async |cx: &Context| materials(&world, cx, &key_id).await.into_iter().find(|m| m.0 == second);
    let row = |state: &str, import: &str| Some((second.clone(), state.to_owned(), import.to_owned()));
    assert_eq!(second_of(&world.root()).await, row(waiting, "IMPORTED"));
    assert_eq!(second_of(&west).await, row(waiting, "PENDING_IMPORT"));
    refused(rotate(&world, &key_id).await, "KMSInvalidStateException");
    in_west(there.import(&key_id, &[2; 32])).await.unwrap();
    assert_eq!(second_of(&world.root()).await, row("PENDING_ROTATION", "IMPORTED"));
    assert_eq!(second_of(&west).await, row("PENDING_ROTATION", "IMPORTED"));
    rotate(&world, &key_id).await.unwrap();
    assert_eq!(second_of(&west).await, row("CURRENT", "IMPORTED"));
    let blob = encrypt(&world, &key_id).await.unwrap();
    assert_eq!(decrypts(&world, &west, &blob).await.unwrap(), second);

    // What the primary key takes back before the rotation, its replicas lose too.
    let third = with_type(way.import(&key_id, &[3; 32]), types::ImportType::NewKeyMaterial);
    let third = import(&world, third).await.unwrap().unwrap();
    in_west(there.import(&key_id, &[3; 32])).await.unwrap();
    delete(&world, &key_id, Some(&third)).await.unwrap();
    assert!(!world.store.dump().iter().any(|(key, _)| key.contains(&third)));
    for cx in [&world.root(), &west] {
        assert_eq!(materials(&world, cx, &key_id).await.len(), 2);
    }
    // Expiry and deletion are each key's own affair.
    delete(&world, &key_id, None).await.unwrap();
    assert_eq!(state(&world, &key_id).await, types::KeyState::PendingImport);
    assert_eq!(decrypts(&world, &west, &blob).await.unwrap(), second);
}

#[tokio::test]
async fn policies_see_the_import() {
    let world = World::new();
    for (action, condition, denied) in [
        (
            "kms:GetParametersForImport",
            r#"{"StringEquals":{"kms:WrappingAlgorithm":"RSAES_OAEP_SHA_256"}}"#,
            true,
        ),
        (
            "kms:GetParametersForImport",
            r#"{"StringEquals":{"kms:WrappingAlgorithm":"RSAES_OAEP_SHA_1"}}"#,
            false,
        ),
        ("kms:GetParametersForImport", r#"{"StringEquals":{"kms:WrappingKeySpec":"RSA_2048"}}"#, true),
        ("kms:ImportKeyMaterial", r#"{"StringEquals":{"kms:ExpirationModel":"KEY_MATERIAL_EXPIRES"}}"#, true),
        (
            "kms:ImportKeyMaterial",
            r#"{"StringEquals":{"kms:ExpirationModel":"KEY_MATERIAL_DOES_NOT_EXPIRE"}}"#,
            false,
        ),
        ("kms:ImportKeyMaterial", r#"{"DateGreaterThan":{"kms:ValidTo":"2027-01-16T00:00:00Z"}}"#, true),
        ("kms:ImportKeyMaterial", r#"{"DateGreaterThan":{"kms:ValidTo":"2027-02-16T00:00:00Z"}}"#, false),
    ] {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[
                {{"Effect":"Allow","Principal":{{"AWS":"{ACCOUNT}"}},"Action":"kms:*","Resource":"*"}},
                {{"Effect":"Deny","Principal":"*","Action":"{action}","Resource":"*","Condition":{condition}}}]}}"#
        );
        let input = types::CreateKeyRequest {
            origin: Some(types::OriginType::External),
            policy: Some(policy),
            ..Default::default()
        };
        let key_id = world.create(input).await.key_id;
        let way = Way::get(&world, &world.root(), &key_id, "RSAES_OAEP_SHA_256", KeySpec::Rsa2048).await;
        let result = match way {
            Err(error) => Err(error),
            Ok(way) => {
                let input = types::ImportKeyMaterialRequest {
                    expiration_model: None,
                    valid_to: Some(day(10)),
                    ..way.import(&key_id, &[1; 32])
                };
                import(&world, input).await
            }
        };
        assert_eq!(result.is_err(), denied, "{action} {condition}: {result:?}");
        if denied {
            refused(result, "AccessDeniedException");
        }
    }
}

#[tokio::test]
async fn nothing_is_left_of_a_key_that_was_imported() {
    let world = World::new();
    let key_id = symmetric(&world).await;
    let way = oaep(&world, &key_id).await;
    let expiring = types::ImportKeyMaterialRequest {
        expiration_model: None,
        valid_to: Some(day(300)),
        ..way.import(&key_id, &[1; 32])
    };
    import(&world, expiring).await.unwrap();
    import(&world, with_type(way.import(&key_id, &[2; 32]), types::ImportType::NewKeyMaterial))
        .await
        .unwrap();
    let schedule = types::ScheduleKeyDeletionRequest { key_id, pending_window_in_days: Some(7) };
    world.call(api::ScheduleKeyDeletion, schedule).await.unwrap();
    world.advance(7).await;
    assert!(world.store.dump().is_empty(), "{:?}", world.store.dump());
}
