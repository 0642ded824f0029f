//! `Recipient`: answers for attested enclaves, through dispatch.

use garrison_api_kms::types::{
    DataKeyPairSpec, DataKeySpec, KeyAgreementAlgorithmSpec, KeyEncryptionMechanism, KeySpec, KeyUsageType,
    RecipientInfo,
};
use garrison_api_kms::{operations as api, types};
use garrison_schema::{Blob, SensitiveBlob};
use serde_json::json;

use crate::attested::{Cbor, Enclave, Pki};
use crate::harness::{ACCOUNT, World, refused};

/// An enclave, who vouches for it, and a world that trusts them.
struct Scene {
    world: World,
    pki: Pki,
    enclave: Enclave,
}

impl Scene {
    fn new() -> Self {
        let (pki, enclave) = (Pki::new(), Enclave::new());
        let world = World::with(|settings| settings.kms_attestation_roots = vec![pki.root().to_vec()]);
        Self { world, pki, enclave }
    }

    fn recipient(&self) -> Option<RecipientInfo> {
        recipient(self.pki.document(&self.enclave.spki))
    }

    /// A key that everybody may manage, and that may be used where `condition` holds.
    async fn key(&self, condition: &str) -> String {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[
                {{"Effect":"Allow","Principal":{{"AWS":"{ACCOUNT}"}},"Resource":"*","Action":
                    ["kms:Create*","kms:Put*","kms:Describe*","kms:Encrypt"]}},
                {{"Effect":"Allow","Principal":{{"AWS":"{ACCOUNT}"}},"Resource":"*","Action":
                    ["kms:Decrypt","kms:GenerateDataKey","kms:GenerateDataKeyPair"],"Condition":{condition}}}]}}"#
        );
        self.world.create(types::CreateKeyRequest { policy: Some(policy), ..Default::default() }).await.key_id
    }

    fn open(&self, sealed: Option<Blob>) -> Vec<u8> {
        self.enclave.open(&sealed.unwrap())
    }
}

fn recipient(document: Vec<u8>) -> Option<RecipientInfo> {
    Some(RecipientInfo {
        key_encryption_algorithm: Some(KeyEncryptionMechanism::RsaesOaepSha256),
        attestation_document: Some(Blob(document)),
    })
}

fn data_key(key_id: &str, recipient: Option<RecipientInfo>) -> types::GenerateDataKeyRequest {
    types::GenerateDataKeyRequest {
        key_id: key_id.to_owned(),
        key_spec: Some(DataKeySpec::Aes256),
        recipient,
        ..Default::default()
    }
}

#[tokio::test]
async fn a_data_key_goes_to_the_enclave_and_comes_back_to_it() {
    let scene = Scene::new();
    let key_id = scene.world.key().await;
    let made = scene.world.call(api::GenerateDataKey, data_key(&key_id, scene.recipient())).await.unwrap();
    assert!(made.plaintext.is_none());
    let secret = scene.open(made.ciphertext_for_recipient);
    assert_eq!(secret.len(), 32);
    let decrypt = |recipient| types::DecryptRequest {
        ciphertext_blob: made.ciphertext_blob.clone(),
        recipient,
        ..Default::default()
    };
    let decrypted = scene.world.call(api::Decrypt, decrypt(scene.recipient())).await.unwrap();
    assert!(decrypted.plaintext.is_none());
    assert_eq!(scene.open(decrypted.ciphertext_for_recipient), secret);
    // The same ciphertext, for a caller without an enclave.
    let decrypted = scene.world.call(api::Decrypt, decrypt(None)).await.unwrap();
    assert!(decrypted.ciphertext_for_recipient.is_none());
    assert_eq!(*decrypted.plaintext.unwrap(), secret);
}

#[tokio::test]
async fn the_record_says_which_enclave() {
    let scene = Scene::new();
    let key_id = scene.world.key().await;
    scene.world.call(api::GenerateDataKey, data_key(&key_id, scene.recipient())).await.unwrap();
    let record = scene.world.last_audit();
    let register = |index: u8| base64_simd::STANDARD.encode_to_string([index; 48]);
    assert_eq!(
        record["additionalEventData"]["recipient"],
        json!({
            "attestationDocumentModuleId": "i-0123456789abcdef0-enc0123456789abcdef",
            "attestationDocumentEnclaveImageDigest": register(0),
            "attestationDocumentEnclavePCR1": register(1),
            "attestationDocumentEnclavePCR2": register(2),
            "attestationDocumentEnclavePCR3": register(3),
            "attestationDocumentEnclavePCR4": register(4),
            "attestationDocumentEnclavePCR8": register(8),
        })
    );
    assert_eq!(record["requestParameters"]["recipient"], json!(null));
    scene.world.call(api::GenerateDataKey, data_key(&key_id, None)).await.unwrap();
    assert_eq!(scene.world.last_audit()["additionalEventData"], json!(null));
}

#[tokio::test]
async fn private_keys_random_bytes_and_shared_secrets_go_to_the_enclave() {
    let scene = Scene::new();
    let key_id = scene.world.key().await;
    let request = types::GenerateDataKeyPairRequest {
        key_id,
        key_pair_spec: DataKeyPairSpec::EccNistP256,
        recipient: scene.recipient(),
        ..Default::default()
    };
    let pair = scene.world.call(api::GenerateDataKeyPair, request).await.unwrap();
    assert!(pair.private_key_plaintext.is_none());
    let private = scene.open(pair.ciphertext_for_recipient);
    let input =
        types::DecryptRequest { ciphertext_blob: pair.private_key_ciphertext_blob, ..Default::default() };
    let decrypted = scene.world.call(api::Decrypt, input).await.unwrap().plaintext;
    assert_eq!(decrypted.as_deref(), Some(private.as_slice()));

    let request = types::GenerateRandomRequest {
        number_of_bytes: Some(24),
        recipient: scene.recipient(),
        ..Default::default()
    };
    let random = scene.world.call(api::GenerateRandom, request).await.unwrap();
    assert!(random.plaintext.is_none());
    assert_eq!(scene.open(random.ciphertext_for_recipient).len(), 24);

    let agreement = types::CreateKeyRequest {
        key_spec: Some(KeySpec::EccNistP256),
        key_usage: Some(KeyUsageType::KeyAgreement),
        ..Default::default()
    };
    let key_id = scene.world.create(agreement).await.key_id;
    let derive = |recipient| types::DeriveSharedSecretRequest {
        key_id: key_id.clone(),
        key_agreement_algorithm: KeyAgreementAlgorithmSpec::Ecdh,
        public_key: pair.public_key.clone().unwrap(),
        recipient,
        ..Default::default()
    };
    let sealed = scene.world.call(api::DeriveSharedSecret, derive(scene.recipient())).await.unwrap();
    assert!(sealed.shared_secret.is_none());
    let clear: Option<SensitiveBlob> =
        scene.world.call(api::DeriveSharedSecret, derive(None)).await.unwrap().shared_secret;
    assert_eq!(clear.as_deref(), Some(scene.open(sealed.ciphertext_for_recipient).as_slice()));
}

#[tokio::test]
async fn policies_ask_for_measurements() {
    let scene = Scene::new();
    let of = |index: u8| format!("{index:02x}").repeat(48);
    let key = |name: &str, value: &str| {
        format!(r#"{{"StringEqualsIgnoreCase":{{"kms:RecipientAttestation:{name}":"{value}"}}}}"#)
    };
    for (condition, allowed) in [
        (key("ImageSha384", &of(0)), true),
        (key("ImageSha384", &of(1)), false),
        (key("PCR0", &of(0)), true),
        (key("PCR3", &of(3)), true),
        (key("PCR3", &of(4)), false),
        (key("PCR15", &of(15)), true),
        (key("PCR16", &of(16)), false),
        (key("NitroTPMPCR3", &of(3)), false),
        (r#"{"Null":{"kms:RecipientAttestation:PCR0":"false"}}"#.to_owned(), true),
    ] {
        let key_id = scene.key(&condition).await;
        let result = scene.world.call(api::GenerateDataKey, data_key(&key_id, scene.recipient())).await;
        if allowed {
            assert!(result.is_ok(), "{condition}: {result:?}");
        } else {
            refused(result, "AccessDeniedException");
        }
        // Without a document no condition of that kind holds.
        refused(
            scene.world.call(api::GenerateDataKey, data_key(&key_id, None)).await,
            "AccessDeniedException",
        );
    }
}

#[tokio::test]
async fn a_tpm_has_conditions_and_a_record_of_its_own() {
    let scene = Scene::new();
    let registers =
        (0..24).map(|index| (Cbor::Unsigned(index), Cbor::Bytes(vec![index as u8; 48]))).collect();
    let members =
        scene.pki.members(&scene.enclave.spki).without("pcrs").and("nitrotpm_pcrs", Cbor::Map(registers));
    let document = scene.pki.sign(&members.encode());
    let value = "04".repeat(48);
    for (name, allowed) in [("NitroTPMPCR4", true), ("PCR4", false), ("NitroTPMPCR5", false)] {
        let condition = format!(r#"{{"StringEquals":{{"kms:RecipientAttestation:{name}":"{value}"}}}}"#);
        let key_id = scene.key(&condition).await;
        let result =
            scene.world.call(api::GenerateDataKey, data_key(&key_id, recipient(document.clone()))).await;
        assert_eq!(result.is_ok(), allowed, "{name}: {result:?}");
        if allowed {
            let record = scene.world.last_audit();
            let recipient = record["additionalEventData"]["recipient"].as_object().unwrap();
            let mut names: Vec<_> = recipient.keys().map(String::as_str).collect();
            names.sort_unstable();
            let pcr = |n| format!("attestationDocumentNitroTPMPCR{n}");
            let mut expected: Vec<_> = [4, 7, 8, 9, 16, 23].map(pcr).into();
            expected.push("attestationDocumentModuleId".to_owned());
            expected.sort_unstable();
            assert_eq!(names, expected);
        }
    }
}

#[tokio::test]
async fn what_proves_nothing_is_refused() {
    let scene = Scene::new();
    let key_id = scene.world.key().await;
    let genuine = scene.pki.document(&scene.enclave.spki);
    let mut flipped = genuine.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let stranger = Pki::new().document(&scene.enclave.spki);
    let keyless = scene.pki.sign(&scene.pki.members(&scene.enclave.spki).without("public_key").encode());
    for (document, part) in [
        (b"document".to_vec(), "malformed"),
        (flipped, "signature"),
        (stranger, "trusted root"),
        (keyless, "public key"),
    ] {
        let result = scene.world.call(api::GenerateDataKey, data_key(&key_id, recipient(document))).await;
        let message = refused(result, "ValidationException");
        assert!(message.contains(part), "{message}");
    }
    for incomplete in [
        RecipientInfo { attestation_document: None, ..scene.recipient().unwrap() },
        RecipientInfo { key_encryption_algorithm: None, ..scene.recipient().unwrap() },
    ] {
        let result = scene.world.call(api::GenerateDataKey, data_key(&key_id, Some(incomplete))).await;
        refused(result, "ValidationException");
    }
    scene.world.clock.tick(std::time::Duration::from_secs(3601));
    let result = scene.world.call(api::GenerateDataKey, data_key(&key_id, recipient(genuine))).await;
    assert_eq!(refused(result, "ValidationException"), "The attestation document has expired.");
}

#[tokio::test]
async fn without_roots_the_setting_is_named() {
    let scene = Scene::new();
    let world = World::new();
    let key_id = world.key().await;
    let result = world.call(api::GenerateDataKey, data_key(&key_id, scene.recipient())).await;
    assert!(refused(result, "ValidationException").contains("kms.attestation_root_file"));
}
