//! What a Rust program does with KMS, with the SDK as it is. The environment says where Garrison is.

use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{DataKeySpec, KeySpec, KeyState, KeyUsageType, SigningAlgorithmSpec};

type Error = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let kms = aws_sdk_kms::Client::new(&aws_config::load_from_env().await);

    let created = kms.create_key().description("from Rust").send().await?;
    let key = created.key_metadata().ok_or("CreateKey answered no key")?;
    let expected = format!("arn:aws:kms:eu-central-1:123456789012:key/{}", key.key_id());
    assert_eq!(key.arn(), Some(expected.as_str()));
    kms.create_alias().alias_name("alias/rust").target_key_id(key.key_id()).send().await?;

    let sealed = kms.encrypt().key_id("alias/rust").plaintext(Blob::new("secret"));
    let sealed = sealed.encryption_context("tenant", "blue").send().await?;
    let blob = sealed.ciphertext_blob().ok_or("Encrypt answered no blob")?;
    let opened = kms.decrypt().ciphertext_blob(blob.clone()).encryption_context("tenant", "blue").send().await?;
    assert_eq!(opened.plaintext().map(AsRef::as_ref), Some(b"secret".as_slice()));
    let refused = kms.decrypt().ciphertext_blob(blob.clone()).send().await;
    assert!(refused.is_err_and(|error| error.into_service_error().is_invalid_ciphertext_exception()));
    let missing = kms.describe_key().key_id("alias/none").send().await;
    assert!(missing.is_err_and(|error| error.into_service_error().is_not_found_exception()));

    let data_key = kms.generate_data_key().key_id(key.key_id()).key_spec(DataKeySpec::Aes256).send().await?;
    let blob = data_key.ciphertext_blob().ok_or("GenerateDataKey answered no blob")?;
    let again = kms.decrypt().ciphertext_blob(blob.clone()).send().await?;
    assert_eq!(again.plaintext(), data_key.plaintext());

    let created = kms.create_key().key_spec(KeySpec::EccNistP256).key_usage(KeyUsageType::SignVerify).send().await?;
    let signing = created.key_metadata().ok_or("CreateKey answered no key")?.key_id();
    let algorithm = SigningAlgorithmSpec::EcdsaSha256;
    let message = Blob::new("message");
    let signed = kms.sign().key_id(signing).message(message.clone()).signing_algorithm(algorithm.clone()).send().await?;
    let signature = signed.signature().ok_or("Sign answered no signature")?;
    let verified = kms.verify().key_id(signing).message(message).signature(signature.clone());
    assert!(verified.signing_algorithm(algorithm).send().await?.signature_valid());

    let mut pages = kms.list_keys().limit(1).into_paginator().items().send();
    let mut keys = 0;
    while let Some(entry) = pages.next().await {
        entry?;
        keys += 1;
    }
    assert_eq!(keys, 2);

    let deletion = kms.schedule_key_deletion().key_id(key.key_id()).pending_window_in_days(7).send().await?;
    assert_eq!(deletion.key_state(), Some(&KeyState::PendingDeletion));
    println!("AWS SDK for Rust: passed");
    Ok(())
}
