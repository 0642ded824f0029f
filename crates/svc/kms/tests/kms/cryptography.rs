//! Every cryptographic operation: what it gives, and each way in which it refuses.

use garrison_api_kms::{operations as api, types};
use garrison_schema::{ApiError, Blob};

use crate::harness::{START, World, arn, refused};

const MESSAGE: &[u8] = b"message";

async fn of_spec(world: &World, spec: &str, usage: &str) -> String {
    let input = types::CreateKeyRequest {
        key_spec: Some(spec.into()),
        key_usage: Some(usage.into()),
        ..Default::default()
    };
    world.create(input).await.key_id
}

fn encrypt(key_id: &str, plaintext: &[u8]) -> types::EncryptRequest {
    types::EncryptRequest {
        key_id: key_id.into(),
        plaintext: plaintext.to_vec().into(),
        encryption_context: Some([("purpose".to_owned(), "test".to_owned())].into()),
        ..Default::default()
    }
}

fn decrypt(blob: &Blob) -> types::DecryptRequest {
    types::DecryptRequest {
        ciphertext_blob: Some(blob.clone()),
        encryption_context: Some([("purpose".to_owned(), "test".to_owned())].into()),
        ..Default::default()
    }
}

async fn encrypted(world: &World, key_id: &str, plaintext: &[u8]) -> Blob {
    world.call(api::Encrypt, encrypt(key_id, plaintext)).await.unwrap().ciphertext_blob.unwrap()
}

async fn decrypted(world: &World, blob: &Blob) -> Result<Vec<u8>, ApiError> {
    Ok(world.call(api::Decrypt, decrypt(blob)).await?.plaintext.unwrap().to_vec())
}

async fn disable(world: &World, key_id: &str) {
    world.call(api::DisableKey, types::DisableKeyRequest { key_id: key_id.into() }).await.unwrap();
}

#[tokio::test]
async fn a_ciphertext_opens_under_its_key_and_context_only() {
    let world = World::new();
    let (key_id, other) = (world.key().await, world.key().await);
    let answer = world.call(api::Encrypt, encrypt(&key_id, MESSAGE)).await.unwrap();
    assert_eq!(answer.key_id, Some(arn(&key_id)));
    let blob = answer.ciphertext_blob.unwrap();
    let answer = world.call(api::Decrypt, decrypt(&blob)).await.unwrap();
    assert_eq!((&*answer.plaintext.unwrap(), answer.key_id), (MESSAGE, Some(arn(&key_id))));

    let named = |key_id: &str| types::DecryptRequest { key_id: Some(key_id.into()), ..decrypt(&blob) };
    world.call(api::Decrypt, named(&key_id)).await.unwrap();
    refused(world.call(api::Decrypt, named(&other)).await, "IncorrectKeyException");
    let input = types::DecryptRequest { encryption_context: None, ..decrypt(&blob) };
    refused(world.call(api::Decrypt, input).await, "InvalidCiphertextException");
    for at in [0, 60, blob.len() - 1] {
        let mut altered = blob.clone();
        altered.0[at] ^= 1;
        refused(decrypted(&world, &altered).await, "InvalidCiphertextException");
    }
    let input = types::DecryptRequest { dry_run: Some(true), ..decrypt(&blob) };
    refused(world.call(api::Decrypt, input).await, "DryRunOperationException");
    let input = types::EncryptRequest { dry_run: Some(true), ..encrypt(&key_id, MESSAGE) };
    refused(world.call(api::Encrypt, input).await, "DryRunOperationException");
    refused(world.call(api::Decrypt, types::DecryptRequest::default()).await, "ValidationException");

    disable(&world, &key_id).await;
    refused(decrypted(&world, &blob).await, "DisabledException");
    refused(world.call(api::Encrypt, encrypt(&key_id, MESSAGE)).await, "DisabledException");
    let signer = of_spec(&world, "ECC_NIST_P256", "SIGN_VERIFY").await;
    refused(world.call(api::Encrypt, encrypt(&signer, MESSAGE)).await, "InvalidKeyUsageException");
}

#[tokio::test]
async fn the_operator_may_allow_a_mebibyte() {
    let world = World::new();
    let key_id = world.key().await;
    encrypted(&world, &key_id, &[7; 4096]).await;
    refused(world.call(api::Encrypt, encrypt(&key_id, &[7; 4097])).await, "ValidationException");

    let world = World::with(|settings| settings.kms_max_direct_plaintext = 1 << 20);
    let key_id = world.key().await;
    let plaintext = vec![7; 1 << 20];
    let blob = encrypted(&world, &key_id, &plaintext).await;
    let longer = vec![7; (1 << 20) + 1];
    refused(world.call(api::Encrypt, encrypt(&key_id, &longer)).await, "ValidationException");
    assert_eq!(decrypted(&world, &blob).await.unwrap(), plaintext);
    // What was encrypted stays readable when the setting is lowered: nothing that decrypts looks at it.
    let again = types::ReEncryptRequest {
        ciphertext_blob: Some(blob),
        source_encryption_context: decrypt(&Blob(Vec::new())).encryption_context,
        destination_encryption_context: decrypt(&Blob(Vec::new())).encryption_context,
        destination_key_id: world.key().await,
        ..Default::default()
    };
    let blob = world.call(api::ReEncrypt, again).await.unwrap().ciphertext_blob.unwrap();
    assert_eq!(decrypted(&world, &blob).await.unwrap(), plaintext);
}

#[tokio::test]
async fn a_used_up_quota_says_so() {
    let world = World::with(|settings| settings.request_quotas = [("kms:Encrypt".to_owned(), 1)].into());
    let key_id = world.key().await;
    encrypted(&world, &key_id, MESSAGE).await;
    let message = refused(world.call(api::Encrypt, encrypt(&key_id, MESSAGE)).await, "ThrottlingException");
    assert_eq!(
        message,
        "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."
    );
}

#[tokio::test]
async fn a_ciphertext_moves_to_another_key_and_context() {
    let world = World::new();
    let (from, to) = (world.key().await, world.key().await);
    let input = types::ReEncryptRequest {
        ciphertext_blob: Some(encrypted(&world, &from, MESSAGE).await),
        source_encryption_context: Some([("purpose".to_owned(), "test".to_owned())].into()),
        destination_key_id: to.clone(),
        ..Default::default()
    };
    let answer = world.call(api::ReEncrypt, input.clone()).await.unwrap();
    assert_eq!((answer.source_key_id, answer.key_id), (Some(arn(&from)), Some(arn(&to))));
    let moved = types::DecryptRequest { ciphertext_blob: answer.ciphertext_blob, ..Default::default() };
    assert_eq!(&*world.call(api::Decrypt, moved).await.unwrap().plaintext.unwrap(), MESSAGE);

    let wrong = types::ReEncryptRequest { source_encryption_context: None, ..input.clone() };
    refused(world.call(api::ReEncrypt, wrong).await, "InvalidCiphertextException");
    let wrong = types::ReEncryptRequest { source_key_id: Some(to.clone()), ..input.clone() };
    refused(world.call(api::ReEncrypt, wrong).await, "IncorrectKeyException");
    let dry = types::ReEncryptRequest { dry_run: Some(true), ..input.clone() };
    refused(world.call(api::ReEncrypt, dry).await, "DryRunOperationException");
    disable(&world, &to).await;
    refused(world.call(api::ReEncrypt, input).await, "DisabledException");
}

#[tokio::test]
async fn a_signature_is_for_one_message_algorithm_and_key() {
    let world = World::new();
    let key_id = of_spec(&world, "ECC_NIST_P256", "SIGN_VERIFY").await;
    let sign = types::SignRequest {
        key_id: key_id.clone(),
        message: MESSAGE.to_vec().into(),
        message_type: None,
        grant_tokens: None,
        signing_algorithm: "ECDSA_SHA_256".into(),
        dry_run: None,
    };
    let signature = world.call(api::Sign, sign.clone()).await.unwrap().signature.unwrap();
    let verify = types::VerifyRequest {
        key_id: key_id.clone(),
        message: MESSAGE.to_vec().into(),
        message_type: None,
        signature,
        signing_algorithm: "ECDSA_SHA_256".into(),
        grant_tokens: None,
        dry_run: None,
    };
    assert_eq!(world.call(api::Verify, verify.clone()).await.unwrap().signature_valid, Some(true));
    let wrong = types::VerifyRequest { message: b"other".to_vec().into(), ..verify.clone() };
    refused(world.call(api::Verify, wrong).await, "KMSInvalidSignatureException");
    let wrong = types::VerifyRequest { signing_algorithm: "ECDSA_SHA_384".into(), ..verify.clone() };
    refused(world.call(api::Verify, wrong).await, "InvalidKeyUsageException");
    let dry = types::VerifyRequest { dry_run: Some(true), ..verify };
    refused(world.call(api::Verify, dry).await, "DryRunOperationException");

    let wrong = types::SignRequest { signing_algorithm: "RSASSA_PSS_SHA_256".into(), ..sign.clone() };
    refused(world.call(api::Sign, wrong).await, "InvalidKeyUsageException");
    let wrong = types::SignRequest { message_type: Some(types::MessageType::Digest), ..sign.clone() };
    refused(world.call(api::Sign, wrong).await, "ValidationException");
    let wrong = types::SignRequest { key_id: world.key().await, ..sign.clone() };
    refused(world.call(api::Sign, wrong).await, "InvalidKeyUsageException");
    let dry = types::SignRequest { dry_run: Some(true), ..sign.clone() };
    refused(world.call(api::Sign, dry).await, "DryRunOperationException");
    disable(&world, &key_id).await;
    refused(world.call(api::Sign, sign).await, "DisabledException");
}

#[tokio::test]
async fn a_mac_is_for_one_message_algorithm_and_key() {
    let world = World::new();
    let key_id = of_spec(&world, "HMAC_256", "GENERATE_VERIFY_MAC").await;
    let generate = types::GenerateMacRequest {
        message: MESSAGE.to_vec().into(),
        key_id: key_id.clone(),
        mac_algorithm: "HMAC_SHA_256".into(),
        grant_tokens: None,
        dry_run: None,
    };
    let mac = world.call(api::GenerateMac, generate.clone()).await.unwrap().mac.unwrap();
    assert_eq!(mac.len(), 32);
    let verify = types::VerifyMacRequest {
        message: MESSAGE.to_vec().into(),
        key_id: key_id.clone(),
        mac_algorithm: "HMAC_SHA_256".into(),
        mac: mac.clone(),
        grant_tokens: None,
        dry_run: None,
    };
    assert_eq!(world.call(api::VerifyMac, verify.clone()).await.unwrap().mac_valid, Some(true));
    for wrong in [
        types::VerifyMacRequest { message: b"other".to_vec().into(), ..verify.clone() },
        types::VerifyMacRequest { mac: Blob(mac[..31].to_vec()), ..verify.clone() },
    ] {
        refused(world.call(api::VerifyMac, wrong).await, "KMSInvalidMacException");
    }
    let wrong = types::GenerateMacRequest { mac_algorithm: "HMAC_SHA_512".into(), ..generate.clone() };
    refused(world.call(api::GenerateMac, wrong).await, "InvalidKeyUsageException");
    let wrong = types::GenerateMacRequest { key_id: world.key().await, ..generate.clone() };
    refused(world.call(api::GenerateMac, wrong).await, "InvalidKeyUsageException");
    let dry = types::GenerateMacRequest { dry_run: Some(true), ..generate.clone() };
    refused(world.call(api::GenerateMac, dry).await, "DryRunOperationException");
    disable(&world, &key_id).await;
    refused(world.call(api::GenerateMac, generate).await, "DisabledException");
    refused(world.call(api::VerifyMac, verify).await, "DisabledException");
}

#[tokio::test]
async fn two_keys_agree_on_a_secret() {
    let world = World::new();
    let (one, two) = (
        of_spec(&world, "ECC_NIST_P256", "KEY_AGREEMENT").await,
        of_spec(&world, "ECC_NIST_P256", "KEY_AGREEMENT").await,
    );
    let mut secrets = Vec::new();
    let mut last = None;
    for (own, other) in [(&one, &two), (&two, &one)] {
        let input = types::GetPublicKeyRequest { key_id: other.clone(), grant_tokens: None };
        let input = types::DeriveSharedSecretRequest {
            key_id: own.clone(),
            key_agreement_algorithm: "ECDH".into(),
            public_key: world.call(api::GetPublicKey, input).await.unwrap().public_key.unwrap(),
            grant_tokens: None,
            dry_run: None,
            recipient: None,
        };
        let answer = world.call(api::DeriveSharedSecret, input.clone()).await.unwrap();
        secrets.push(answer.shared_secret.unwrap().to_vec());
        last = Some(input);
    }
    assert_eq!(secrets[0], secrets[1]);
    let input = last.unwrap();
    let wrong = types::DeriveSharedSecretRequest { public_key: Blob(vec![0x30, 0]), ..input.clone() };
    refused(world.call(api::DeriveSharedSecret, wrong).await, "ValidationException");
    let signer = of_spec(&world, "ECC_NIST_P256", "SIGN_VERIFY").await;
    let wrong = types::DeriveSharedSecretRequest { key_id: signer, ..input.clone() };
    refused(world.call(api::DeriveSharedSecret, wrong).await, "InvalidKeyUsageException");
    let dry = types::DeriveSharedSecretRequest { dry_run: Some(true), ..input };
    refused(world.call(api::DeriveSharedSecret, dry).await, "DryRunOperationException");
}

#[tokio::test]
async fn a_secret_is_encapsulated_for_a_key() {
    let world = World::new();
    let key_id = of_spec(&world, "ML_KEM_768", "ENCAPSULATE_DECAPSULATE").await;
    let input = types::EncapsulateRequest {
        key_id: key_id.clone(),
        encapsulation_algorithm: "ML_KEM".into(),
        grant_tokens: None,
        dry_run: None,
    };
    let made = world.call(api::Encapsulate, input.clone()).await.unwrap();
    let open = types::DecapsulateRequest {
        key_id: key_id.clone(),
        shared_secret_ciphertext_blob: made.shared_secret_ciphertext_blob.unwrap(),
        encapsulation_algorithm: "ML_KEM".into(),
        grant_tokens: None,
        dry_run: None,
    };
    let opened = world.call(api::Decapsulate, open.clone()).await.unwrap();
    assert_eq!(*opened.shared_secret.unwrap(), *made.shared_secret.unwrap());
    let short = types::DecapsulateRequest { shared_secret_ciphertext_blob: Blob(vec![0; 9]), ..open.clone() };
    refused(world.call(api::Decapsulate, short).await, "InvalidCiphertextException");
    let wrong = types::EncapsulateRequest { encapsulation_algorithm: "ML_KEM_9".into(), ..input.clone() };
    refused(world.call(api::Encapsulate, wrong).await, "InvalidKeyUsageException");
    let wrong = types::EncapsulateRequest { key_id: world.key().await, ..input.clone() };
    refused(world.call(api::Encapsulate, wrong).await, "InvalidKeyUsageException");
    disable(&world, &key_id).await;
    refused(world.call(api::Encapsulate, input).await, "DisabledException");
    refused(world.call(api::Decapsulate, open).await, "DisabledException");
}

#[tokio::test]
async fn the_last_use_that_succeeded_is_known_for_ninety_days() {
    let world = World::new();
    let key_id = world.key().await;
    let ask = || types::GetKeyLastUsageRequest { key_id: key_id.clone() };
    let day = |days: i64| Some(garrison_types::Timestamp::from_seconds(START + days * 86_400));
    let answer = world.call(api::GetKeyLastUsage, ask()).await.unwrap();
    assert_eq!((answer.key_last_usage, answer.tracking_start_date), (None, day(0)));

    let blob = encrypted(&world, &key_id, MESSAGE).await;
    world.advance(1).await;
    decrypted(&world, &blob).await.unwrap();
    world.advance(1).await;
    let wrong = types::DecryptRequest { encryption_context: None, ..decrypt(&blob) };
    refused(world.call(api::Decrypt, wrong).await, "InvalidCiphertextException");
    let answer = world.call(api::GetKeyLastUsage, ask()).await.unwrap();
    let usage = answer.key_last_usage.unwrap();
    assert_eq!(usage.operation, Some(types::KeyLastUsageTrackingOperation::Decrypt));
    assert_eq!((usage.timestamp, answer.tracking_start_date), (day(1), day(0)));

    world.advance(98).await;
    let answer = world.call(api::GetKeyLastUsage, ask()).await.unwrap();
    assert_eq!((answer.key_last_usage, answer.tracking_start_date), (None, day(10)));
    assert_eq!(answer.key_creation_date, day(0));
    refused(
        world.call(api::GetKeyLastUsage, types::GetKeyLastUsageRequest { key_id: "alias/x".into() }).await,
        "InvalidArnException",
    );
}
