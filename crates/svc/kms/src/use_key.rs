//! What the operations that use a key share: finding it with the grants that count, and the checks before use.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::OnceLock;

use garrison_api_kms::errors as api;
use garrison_api_kms::types::EncryptionAlgorithmSpec;
use garrison_crypto::context::canonical_context;
use garrison_crypto::keys::{EncryptionAlgorithm, KeySpec, KeyUsage};
use garrison_kernel::{Context, Resolved};
use garrison_schema::ApiError;

use crate::error;
use crate::grants::GrantUse;
use crate::model::{KeySnapshot, StateRule};
use crate::recipient::Recipient;
use crate::resolve::{Accept, KeyTarget, ensure_state, ensure_usage};
use crate::service::Kms;

/// An encryption context, as inputs hold it.
pub(crate) type EncryptionContext = BTreeMap<String, String>;

/// A key that a call uses.
#[derive(Debug)]
pub struct UseTarget {
    /// The key.
    pub key: KeyTarget,
    /// Who gets the secret instead of the caller.
    pub(crate) recipient: Option<Recipient>,
    context_keys: OnceLock<Vec<String>>,
}

impl UseTarget {
    pub(crate) fn new(key: KeyTarget) -> Self {
        Self { key, recipient: None, context_keys: OnceLock::new() }
    }

    /// The key as it was resolved.
    pub(crate) fn snapshot(&self) -> &KeySnapshot {
        &self.key.key
    }

    /// The keys of an encryption context as `kms:EncryptionContextKeys` wants them: made when a policy asks.
    pub(crate) fn context_keys(&self, context: Option<&EncryptionContext>) -> &[String] {
        self.context_keys
            .get_or_init(|| context.map(|pairs| pairs.keys().cloned().collect()).unwrap_or_default())
    }
}

impl Kms {
    /// Finds the key that a call names and wants to use, with the question that its policy and its grants answer.
    ///
    /// # Errors
    /// As [`Kms::resolve_key`]; `InvalidGrantTokenException`.
    pub(crate) async fn resolve_use(
        &self,
        cx: &Context,
        key_id: &str,
        action: &'static str,
        wanted: &GrantUse<'_>,
    ) -> Result<Resolved<UseTarget>, ApiError> {
        let target = self.resolve_key(cx, key_id, Accept::KeyOrAlias, action).await?;
        self.resolved_use(cx, target, wanted)
    }

    /// The same for a key that is found already.
    pub(crate) fn resolved_use(
        &self,
        cx: &Context,
        target: KeyTarget,
        wanted: &GrantUse<'_>,
    ) -> Result<Resolved<UseTarget>, ApiError> {
        let check = self.check_with_grants(cx, &target, wanted)?;
        let resource = target.key.audit_resource();
        Ok(Resolved::new(UseTarget::new(target), check).with_resource(resource))
    }
}

/// Refuses a key that cannot be used now, or not for this.
///
/// # Errors
/// `DisabledException`, `KMSInvalidStateException`, `InvalidKeyUsageException`.
pub(crate) fn ensure_usable(key: &KeySnapshot, usage: KeyUsage, operation: &str) -> Result<(), ApiError> {
    ensure_state(key, StateRule::Enabled)?;
    ensure_usage(key, usage, operation)
}

/// The algorithm that a call names, which must be one of those that the key offers.
///
/// # Errors
/// `InvalidKeyUsageException`, also for a name that the interface knows and this build does not.
pub(crate) fn algorithm<T: FromStr + PartialEq>(
    name: &str,
    spec: KeySpec,
    offered: &[T],
) -> Result<T, ApiError> {
    let known = name.parse().ok();
    known.filter(|algorithm| offered.contains(algorithm)).ok_or_else(|| error::wrong_algorithm(name, spec))
}

/// The same for encryption.
///
/// # Errors
/// As [`algorithm`].
pub(crate) fn encryption_algorithm(name: &str, spec: KeySpec) -> Result<EncryptionAlgorithm, ApiError> {
    algorithm(name, spec, spec.encryption_algorithms())
}

/// The encryption algorithm that a call names, `SYMMETRIC_DEFAULT` when it names none.
pub(crate) fn encryption_algorithm_name(algorithm: Option<&EncryptionAlgorithmSpec>) -> &str {
    algorithm.map_or(SYMMETRIC_DEFAULT, EncryptionAlgorithmSpec::as_str)
}

/// The encryption algorithm of symmetric keys, and the default.
pub(crate) const SYMMETRIC_DEFAULT: &str = "SYMMETRIC_DEFAULT";

/// Refuses an encryption context for an asymmetric key, which cannot honour it.
///
/// # Errors
/// `ValidationException`.
pub(crate) fn ensure_no_context(context: Option<&EncryptionContext>) -> Result<(), ApiError> {
    match context {
        Some(pairs) if !pairs.is_empty() => Err(garrison_kernel::errors::validation(
            "EncryptionContext is not supported with asymmetric encryption algorithms.",
        )),
        _ => Ok(()),
    }
}

/// Ends a dry run: the call is allowed and would have succeeded.
///
/// # Errors
/// `DryRunOperationException`, when `flag` is set.
pub(crate) fn end_dry_run(flag: Option<bool>) -> Result<(), ApiError> {
    if flag == Some(true) {
        return Err(api::dry_run_operation_exception(
            "The request would have succeeded, but the DryRun option is set.",
        ));
    }
    Ok(())
}

/// The encryption context in the form that ciphertexts are bound to.
pub(crate) fn context_bytes(context: Option<&EncryptionContext>) -> Vec<u8> {
    let pairs = context.into_iter().flatten();
    canonical_context(pairs.map(|(key, value)| (key.as_str(), value.as_str())))
}

/// The ciphertext is cut, flipped, under another context, or none of ours. AWS says nothing more.
pub(crate) fn invalid_ciphertext() -> ApiError {
    api::invalid_ciphertext_exception("")
}
