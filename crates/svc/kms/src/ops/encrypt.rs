//! `Encrypt`. Source: KMS API Reference, "Encrypt".
//!
//! Action `kms:Encrypt` on the key.

use garrison_api_kms::operations;
use garrison_api_kms::types::{EncryptRequest, EncryptResponse, EncryptionAlgorithmSpec, GrantOperation};
use garrison_crypto::keys::{EncryptionAlgorithm, KeySpec, KeyUsage};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved, errors};
use garrison_policy::Values;
use garrison_schema::validate::length_violation_message;
use garrison_schema::{ApiError, Blob};

use crate::condition::{RequestKeys, about_key};
use crate::error;
use crate::grants::GrantUse;
use crate::model::{KeySnapshot, ReadyKey};
use crate::service::Kms;
use crate::use_key::{
    EncryptionContext, SYMMETRIC_DEFAULT, UseTarget, context_bytes, encryption_algorithm,
    encryption_algorithm_name, end_dry_run, ensure_no_context, ensure_usable,
};

impl Handler<Kms> for operations::Encrypt {
    const ACCESS: Access = Access::key_use("kms:Encrypt")
        .omitting_request(&["GrantTokens"])
        .defaulting_request(&[("EncryptionAlgorithm", SYMMETRIC_DEFAULT)]);
    type Target = UseTarget;

    async fn resolve(
        kms: &Kms,
        cx: &Context,
        input: &EncryptRequest,
    ) -> Result<Resolved<UseTarget>, ApiError> {
        ensure_length(kms, &input.plaintext)?;
        let wanted = GrantUse::new(GrantOperation::Encrypt, input.grant_tokens.as_deref())
            .with_context(input.encryption_context.as_ref());
        kms.resolve_use(cx, &input.key_id, Self::ACCESS.action, &wanted).await
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        input: &'a EncryptRequest,
        target: &'a UseTarget,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let context = input.encryption_context.as_ref();
        let request = RequestKeys {
            encryption_algorithm: Some(encryption_algorithm_name(input.encryption_algorithm.as_ref())),
            encryption_context: context,
            encryption_context_keys: target.context_keys(context),
            ..RequestKeys::default()
        };
        about_key(cx, &target.key, &request, key)
    }

    async fn execute(
        kms: &Kms,
        _cx: &Context,
        input: &EncryptRequest,
        target: &UseTarget,
    ) -> Result<Reply<EncryptResponse>, ApiError> {
        let key = target.snapshot();
        ensure_usable(key, KeyUsage::EncryptDecrypt, "Encrypt")?;
        let name = encryption_algorithm_name(input.encryption_algorithm.as_ref());
        let algorithm = encryption_algorithm(name, key.key.spec)?;
        let context = input.encryption_context.as_ref();
        let ciphertext = encrypt(kms, key, algorithm, &input.plaintext, context, input.dry_run).await?;
        Ok(Reply::new(EncryptResponse {
            ciphertext_blob: Some(Blob(ciphertext)),
            key_id: Some(key.arn.to_string()),
            encryption_algorithm: Some(EncryptionAlgorithmSpec::from(algorithm.name())),
        }))
    }
}

/// The model's limit, which the operator may raise.
fn ensure_length(kms: &Kms, plaintext: &[u8]) -> Result<(), ApiError> {
    let most = kms.kernel().settings().kms_max_direct_plaintext;
    if plaintext.len() <= most {
        return Ok(());
    }
    let most = u64::try_from(most).unwrap_or(u64::MAX);
    Err(errors::validation(length_violation_message("plaintext", most)))
}

/// Encrypts under a key's current material.
///
/// # Errors
/// `ValidationException` for a plaintext that the algorithm cannot take; `DryRunOperationException`.
pub(crate) async fn encrypt(
    kms: &Kms,
    key: &KeySnapshot,
    algorithm: EncryptionAlgorithm,
    plaintext: &[u8],
    context: Option<&EncryptionContext>,
    dry_run: Option<bool>,
) -> Result<Vec<u8>, ApiError> {
    let ready = kms.current(key).await?;
    let rng = kms.kernel().rng();
    match &*ready {
        ReadyKey::Symmetric(symmetric) => {
            end_dry_run(dry_run)?;
            symmetric.encrypt(rng, plaintext, &context_bytes(context)).map_err(error::crypto)
        }
        ReadyKey::Pair { public, .. } => {
            ensure_no_context(context)?;
            ensure_fits(key, algorithm, plaintext)?;
            end_dry_run(dry_run)?;
            public.encrypt(algorithm, plaintext, rng).map_err(error::crypto)
        }
        ReadyKey::Mac(_) => Err(error::wrong_algorithm(algorithm.name(), key.key.spec)),
    }
}

/// RSAES-OAEP takes the modulus less two hashes and two bytes (RFC 8017 §7.1.1).
fn ensure_fits(key: &KeySnapshot, algorithm: EncryptionAlgorithm, plaintext: &[u8]) -> Result<(), ApiError> {
    let hash = match algorithm {
        EncryptionAlgorithm::RsaesOaepSha1 => 20,
        EncryptionAlgorithm::RsaesOaepSha256 => 32,
        EncryptionAlgorithm::SymmetricDefault | EncryptionAlgorithm::Sm2Pke => return Ok(()),
    };
    let modulus = match key.key.spec {
        KeySpec::Rsa2048 => 256,
        KeySpec::Rsa3072 => 384,
        _ => 512,
    };
    let most = modulus - 2 * hash - 2;
    if plaintext.len() <= most {
        return Ok(());
    }
    let (algorithm, spec) = (algorithm.name(), key.key.spec);
    Err(errors::validation(format!(
        "Algorithm {algorithm} and key spec {spec} cannot encrypt data larger than {most} bytes."
    )))
}
