//! What `GenerateDataKey`, `GenerateDataKeyPair` and their forms without plaintext share.

use garrison_api_kms::types::{DataKeyPairSpec, DataKeySpec, GrantOperation};
use garrison_crypto::keys::{DataKeyPair, EncryptionAlgorithm, KeySpec, KeyUsage};
use garrison_kernel::{Context, Resolved, errors};
use garrison_policy::Values;
use garrison_schema::ApiError;
use zeroize::Zeroizing;

use crate::condition::{RequestKeys, about_key};
use crate::error;
use crate::grants::GrantUse;
use crate::model::KeySnapshot;
use crate::ops::encrypt::encrypt;
use crate::recipient;
use crate::service::Kms;
use crate::use_key::{EncryptionContext, SYMMETRIC_DEFAULT, UseTarget, encryption_algorithm, ensure_usable};

/// What the four operations ask for, apart from what they generate.
#[derive(Clone, Copy)]
pub(crate) struct DataKeyRequest<'a> {
    pub action: &'static str,
    pub operation: &'static str,
    pub grant: &'a GrantOperation,
    pub key_id: &'a str,
    pub context: Option<&'a EncryptionContext>,
    pub tokens: Option<&'a [String]>,
    pub dry_run: Option<bool>,
}

impl DataKeyRequest<'_> {
    /// The key that wraps.
    ///
    /// # Errors
    /// As [`Kms::resolve_use`].
    pub(crate) async fn resolve(&self, kms: &Kms, cx: &Context) -> Result<Resolved<UseTarget>, ApiError> {
        let wanted = GrantUse::new(self.grant.clone(), self.tokens).with_context(self.context);
        kms.resolve_use(cx, self.key_id, self.action, &wanted).await
    }

    /// Encrypts what was generated under the key that wraps, and says under which material.
    ///
    /// # Errors
    /// The key's state or usage forbids it; `DryRunOperationException`.
    pub(crate) async fn wrap(
        &self,
        kms: &Kms,
        key: &KeySnapshot,
        secret: &[u8],
    ) -> Result<Wrapped, ApiError> {
        let algorithm = EncryptionAlgorithm::SymmetricDefault;
        let ciphertext = encrypt(kms, key, algorithm, secret, self.context, self.dry_run).await?;
        let material = key.key.current_material().map(|material| material.id.to_string());
        Ok(Wrapped { ciphertext, material })
    }

    /// Refuses a key that cannot wrap: one of another state or usage, or an asymmetric one.
    ///
    /// # Errors
    /// `DisabledException`, `KMSInvalidStateException`, `InvalidKeyUsageException`.
    pub(crate) fn ensure_wraps(&self, key: &KeySnapshot) -> Result<(), ApiError> {
        ensure_usable(key, KeyUsage::EncryptDecrypt, self.operation)?;
        encryption_algorithm(SYMMETRIC_DEFAULT, key.key.spec).map(drop)
    }
}

/// A condition key of a call that generates a data key.
pub(crate) fn condition<'a>(
    cx: &'a Context,
    target: &'a UseTarget,
    context: Option<&'a EncryptionContext>,
    pair_spec: Option<&'a DataKeyPairSpec>,
    key: &str,
) -> Option<Values<'a>> {
    let request = RequestKeys {
        data_key_pair_spec: pair_spec.map(DataKeyPairSpec::as_str),
        encryption_algorithm: Some(SYMMETRIC_DEFAULT),
        encryption_context: context,
        encryption_context_keys: target.context_keys(context),
        recipient_attestation: recipient::conditions(target.recipient.as_ref()),
        ..RequestKeys::default()
    };
    about_key(cx, &target.key, &request, key)
}

/// A data key under its wrapping key.
pub(crate) struct Wrapped {
    pub ciphertext: Vec<u8>,
    /// `KeyMaterialId` of the wrapping material.
    pub material: Option<String>,
}

/// How many bytes a data key shall have: by its specification or by number, one of the two.
///
/// # Errors
/// `ValidationException`.
pub(crate) fn length(spec: Option<&DataKeySpec>, bytes: Option<i32>) -> Result<usize, ApiError> {
    match (spec, bytes) {
        (Some(DataKeySpec::Aes256), None) => Ok(32),
        (Some(DataKeySpec::Aes128), None) => Ok(16),
        (None, Some(bytes)) => Ok(usize::try_from(bytes).unwrap_or_default()),
        _ => Err(errors::validation("Please specify either number of bytes or key spec.")),
    }
}

/// Random bytes of this length.
pub(crate) fn random(kms: &Kms, length: usize) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(vec![0; length]);
    kms.kernel().rng().fill(&mut bytes);
    bytes
}

/// A new key pair, generated on a thread of its own: RSA takes long.
///
/// # Errors
/// `UnsupportedOperationException` for a specification that is not offered here.
pub(crate) async fn key_pair(kms: &Kms, spec: &DataKeyPairSpec) -> Result<DataKeyPair, ApiError> {
    let name = spec.as_str().to_owned();
    let spec: KeySpec = name.parse().map_err(|_| {
        garrison_api_kms::errors::unsupported_operation_exception(format!(
            "Key pair spec {name} is not supported."
        ))
    })?;
    let rng = kms.kernel().shared_rng();
    kms.kernel().blocking(move || DataKeyPair::generate(spec, &*rng)).await?.map_err(error::crypto)
}
