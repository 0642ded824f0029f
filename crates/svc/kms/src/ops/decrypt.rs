//! `Decrypt`. Source: KMS API Reference, "Decrypt".
//!
//! Action `kms:Decrypt` on the key.
//!
//! A symmetric ciphertext names the key material that made it: the key that is authorized is the one that owns
//! the material, whatever the caller says.

use std::sync::Arc;

use garrison_api_kms::errors as api;
use garrison_api_kms::operations;
use garrison_api_kms::types::{
    DecryptRequest, DecryptResponse, DryRunModifierType, EncryptionAlgorithmSpec, GrantOperation,
};
use garrison_crypto::blob;
use garrison_crypto::keys::{EncryptionAlgorithm, KeyUsage};
use garrison_crypto::material_id::MaterialId;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved, ServiceType as _, errors};
use garrison_policy::Values;
use garrison_schema::ApiError;
use zeroize::Zeroizing;

use crate::condition::{RequestKeys, about_key};
use crate::error;
use crate::grants::GrantUse;
use crate::model::{ImportState, KeySnapshot, KeyState, Provenance, ReadyKey};
use crate::recipient;
use crate::resolve::{Accept, KeyTarget, OF_CIPHERTEXT};
use crate::service::Kms;
use crate::use_key::{
    EncryptionContext, SYMMETRIC_DEFAULT, UseTarget, context_bytes, encryption_algorithm,
    encryption_algorithm_name, end_dry_run, ensure_no_context, ensure_usable, invalid_ciphertext,
};

impl Handler<Kms> for operations::Decrypt {
    const ACCESS: Access = Access::key_use("kms:Decrypt")
        .omitting_request(&["GrantTokens", "Recipient"])
        .defaulting_request(&[("EncryptionAlgorithm", SYMMETRIC_DEFAULT)]);
    type Target = UseTarget;

    async fn resolve(
        kms: &Kms,
        cx: &Context,
        input: &DecryptRequest,
    ) -> Result<Resolved<UseTarget>, ApiError> {
        let request = DecryptionRequest::of(input);
        let target = find_key(kms, cx, &request, Self::ACCESS.action).await?;
        let wanted = GrantUse::new(GrantOperation::Decrypt, input.grant_tokens.as_deref())
            .with_context(input.encryption_context.as_ref());
        let mut resolved = kms.resolved_use(cx, target, &wanted)?;
        resolved.target.recipient = recipient::attest(kms, input.recipient.as_ref()).await?;
        Ok(resolved)
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        input: &'a DecryptRequest,
        target: &'a UseTarget,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let context = input.encryption_context.as_ref();
        let request = RequestKeys {
            encryption_algorithm: Some(DecryptionRequest::of(input).algorithm),
            encryption_context: context,
            encryption_context_keys: target.context_keys(context),
            recipient_attestation: recipient::conditions(target.recipient.as_ref()),
            ..RequestKeys::default()
        };
        about_key(cx, &target.key, &request, key)
    }

    async fn execute(
        kms: &Kms,
        _cx: &Context,
        input: &DecryptRequest,
        target: &UseTarget,
    ) -> Result<Reply<DecryptResponse>, ApiError> {
        let key = target.snapshot();
        ensure_usable(key, KeyUsage::EncryptDecrypt, "Decrypt")?;
        let request = DecryptionRequest::of(input);
        let algorithm = encryption_algorithm(request.algorithm, key.key.spec)?;
        if request.ciphertext.is_none() {
            end_dry_run(input.dry_run)?;
        }
        let decrypted = decrypt(kms, key, algorithm, &request).await?;
        end_dry_run(input.dry_run)?;
        let recipient = target.recipient.as_ref();
        let (plaintext, ciphertext_for_recipient) = recipient::deliver(kms, recipient, decrypted.plaintext)?;
        let output = DecryptResponse {
            key_id: Some(key.arn.to_string()),
            plaintext,
            encryption_algorithm: Some(EncryptionAlgorithmSpec::from(algorithm.name())),
            ciphertext_for_recipient,
            key_material_id: decrypted.material.map(|id| id.to_string()),
        };
        Ok(recipient::reply(output, recipient))
    }
}

/// What a decryption starts from: the input of `Decrypt`, or the source half of `ReEncrypt`'s.
pub(crate) struct DecryptionRequest<'a> {
    /// Absent only in a dry run that says so (`IGNORE_CIPHERTEXT`).
    pub ciphertext: Option<&'a [u8]>,
    pub key_id: Option<&'a str>,
    pub algorithm: &'a str,
    pub context: Option<&'a EncryptionContext>,
}

impl<'a> DecryptionRequest<'a> {
    fn of(input: &'a DecryptRequest) -> Self {
        let (dry_run, modifiers) = (input.dry_run, input.dry_run_modifiers.as_deref());
        Self {
            ciphertext: ciphertext(input.ciphertext_blob.as_deref(), dry_run, modifiers),
            key_id: input.key_id.as_deref(),
            algorithm: encryption_algorithm_name(input.encryption_algorithm.as_ref()),
            context: input.encryption_context.as_ref(),
        }
    }
}

/// The ciphertext that a call brings, unless it is a dry run that does not count it (`IGNORE_CIPHERTEXT`).
pub(crate) fn ciphertext<'a>(
    blob: Option<&'a [u8]>,
    dry_run: Option<bool>,
    modifiers: Option<&[DryRunModifierType]>,
) -> Option<&'a [u8]> {
    let ignored = dry_run == Some(true) && modifiers.is_some_and(|modifiers| !modifiers.is_empty());
    blob.filter(|_| !ignored)
}

/// What came out of a ciphertext.
pub(crate) struct Decrypted {
    pub plaintext: Zeroizing<Vec<u8>>,
    /// The material that had encrypted it, for symmetric keys.
    pub material: Option<MaterialId>,
}

/// The key that a decryption is about.
///
/// # Errors
/// `InvalidCiphertextException` for what is no ciphertext of ours, `IncorrectKeyException` when the caller names
/// another key, `AccessDeniedException` for a ciphertext of a key that is not there.
pub(crate) async fn find_key(
    kms: &Kms,
    cx: &Context,
    request: &DecryptionRequest<'_>,
    action: &'static str,
) -> Result<KeyTarget, ApiError> {
    let named = match request.key_id {
        Some(key_id) => Some(kms.resolve_key(cx, key_id, Accept::KeyOrAlias, action).await?),
        None => None,
    };
    let Some(ciphertext) = request.ciphertext else {
        return named.ok_or_else(|| errors::validation("Either CiphertextBlob or KeyId must be specified."));
    };
    if request.algorithm != SYMMETRIC_DEFAULT {
        return named.ok_or_else(|| {
            errors::validation("KeyId is required when the EncryptionAlgorithm is an asymmetric algorithm.")
        });
    }
    // A caller who names a key that cannot have made this is told so by execution, after authorization.
    if let Some(target) = &named
        && target.key.key.spec.is_asymmetric()
    {
        return Ok(target.clone());
    }
    let parsed = blob::Blob::parse(ciphertext).map_err(|_| invalid_ciphertext())?;
    let owner = kms.key_of_material(cx, parsed.material_id()).await?;
    match (named, owner) {
        (Some(named), Some(owner)) if Arc::ptr_eq(&named.key, &owner) || named.key.arn == owner.arn => {
            Ok(named)
        }
        (Some(_), _) => Err(incorrect_key()),
        (None, Some(owner)) => Ok(KeyTarget { by_ciphertext: true, ..KeyTarget::of(owner) }),
        (None, None) => Err(errors::denied_unnamed(Kms::SCHEMA, &cx.caller.arn, action, OF_CIPHERTEXT)),
    }
}

/// Decrypts with whichever material had encrypted.
///
/// # Errors
/// `InvalidCiphertextException`; `KMSInvalidStateException` when the material is not there.
pub(crate) async fn decrypt(
    kms: &Kms,
    key: &KeySnapshot,
    algorithm: EncryptionAlgorithm,
    request: &DecryptionRequest<'_>,
) -> Result<Decrypted, ApiError> {
    let ciphertext = request.ciphertext.unwrap_or_default();
    if algorithm == EncryptionAlgorithm::SymmetricDefault {
        return decrypt_blob(kms, key, ciphertext, request.context).await;
    }
    ensure_no_context(request.context)?;
    let ready = kms.current(key).await?;
    let ciphertext = ciphertext.to_vec();
    let arn = Arc::clone(&key.arn);
    // A private-key operation takes long enough to hold up other calls of its thread.
    let plaintext = kms
        .kernel()
        .blocking(move || match &*ready {
            ReadyKey::Pair { private, .. } => {
                private.decrypt(algorithm, &ciphertext).map_err(|_| invalid_ciphertext())
            }
            ReadyKey::Symmetric(_) | ReadyKey::Mac(_) => {
                Err(error::wrong_state(&arn, KeyState::PendingImport))
            }
        })
        .await??;
    Ok(Decrypted { plaintext, material: None })
}

async fn decrypt_blob(
    kms: &Kms,
    key: &KeySnapshot,
    ciphertext: &[u8],
    context: Option<&EncryptionContext>,
) -> Result<Decrypted, ApiError> {
    let parsed = blob::Blob::parse(ciphertext).map_err(|_| invalid_ciphertext())?;
    let id = parsed.material_id();
    let material = key.key.material(id).ok_or_else(incorrect_key)?;
    if let Provenance::Imported { state: ImportState::PendingImport, .. } = material.provenance {
        return Err(error::wrong_state(&key.arn, KeyState::PendingImport));
    }
    let ready = kms.ready(key, id).await?;
    let ReadyKey::Symmetric(symmetric) = &*ready else { return Err(invalid_ciphertext()) };
    let plaintext = symmetric.decrypt(&parsed, &context_bytes(context)).map_err(|_| invalid_ciphertext())?;
    Ok(Decrypted { plaintext, material: Some(id) })
}

fn incorrect_key() -> ApiError {
    api::incorrect_key_exception(
        "The key ID in the request does not identify a CMK that can perform this operation.",
    )
}
