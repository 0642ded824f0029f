//! What `Sign` and `Verify` share: the algorithm and the kind of message, checked against the key.

use std::sync::Arc;

use garrison_api_kms::errors as api;
use garrison_api_kms::types::{MessageType as MessageTypeName, SigningAlgorithmSpec};
use garrison_crypto::CryptoError;
use garrison_crypto::keys::{KeyUsage, MessageType, SigningAlgorithm};
use garrison_kernel::{Context, errors};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::condition::{RequestKeys, about_key};
use crate::error;
use crate::model::{KeySnapshot, ReadyKey};
use crate::service::Kms;
use crate::use_key::{UseTarget, algorithm, ensure_usable};

/// A condition key of a call that signs or verifies.
pub(crate) fn condition<'a>(
    cx: &'a Context,
    target: &'a UseTarget,
    algorithm: &'a SigningAlgorithmSpec,
    message_type: Option<&'a MessageTypeName>,
    key: &str,
) -> Option<Values<'a>> {
    let request = RequestKeys {
        message_type: Some(message_type_name(message_type)),
        signing_algorithm: Some(algorithm.as_str()),
        ..RequestKeys::default()
    };
    about_key(cx, &target.key, &request, key)
}

/// How a message is signed.
#[derive(Clone, Copy)]
pub(crate) struct Signing {
    algorithm: SigningAlgorithm,
    message_type: MessageType,
}

impl Signing {
    /// Reads and checks what the caller wants of this key.
    ///
    /// # Errors
    /// The key's state or usage forbids it; `InvalidKeyUsageException` for an algorithm that is not the key's;
    /// `ValidationException` for a message that is no digest of the algorithm's.
    pub(crate) fn new(
        key: &KeySnapshot,
        name: &SigningAlgorithmSpec,
        message_type: Option<&MessageTypeName>,
        message: &[u8],
        operation: &str,
    ) -> Result<Self, ApiError> {
        ensure_usable(key, KeyUsage::SignVerify, operation)?;
        let (name, spec) = (name.as_str(), key.key.spec);
        let algorithm = algorithm(name, spec, spec.signing_algorithms())?;
        let type_name = message_type_name(message_type);
        let message_type = match message_type {
            None | Some(MessageTypeName::Raw) => MessageType::Raw,
            Some(MessageTypeName::Digest) => MessageType::Digest,
            Some(_) => MessageType::ExternalMu,
        };
        if !algorithm.takes(message_type) {
            return Err(errors::validation(format!(
                "MessageType {type_name} is not supported with signing algorithm {name}."
            )));
        }
        let expected = match message_type {
            MessageType::Raw => None,
            MessageType::Digest => algorithm.digest_len(),
            MessageType::ExternalMu => Some(64),
        };
        if expected.is_some_and(|expected| expected != message.len()) {
            return Err(errors::validation(format!("Digest is invalid length for algorithm {name}.")));
        }
        Ok(Self { algorithm, message_type })
    }
}

/// `kms:MessageType`: `RAW` when the caller says nothing.
pub(crate) fn message_type_name(message_type: Option<&MessageTypeName>) -> &str {
    message_type.map_or("RAW", MessageTypeName::as_str)
}

/// Signs. RSA takes long enough to hold up other calls and runs on a thread of its own.
///
/// # Errors
/// `KMSInternalException`.
pub(crate) async fn sign(
    kms: &Kms,
    ready: Arc<ReadyKey>,
    signing: Signing,
    message: &[u8],
) -> Result<Vec<u8>, ApiError> {
    let Signing { algorithm, message_type } = signing;
    let ReadyKey::Pair { private, .. } = &*ready else {
        return Err(error::crypto(CryptoError::UnsupportedAlgorithm));
    };
    if !is_slow(algorithm) {
        return private.sign(algorithm, message_type, message, kms.kernel().rng()).map_err(error::crypto);
    }
    let (ready, message, rng) = (Arc::clone(&ready), message.to_vec(), kms.kernel().shared_rng());
    let signed = kms.kernel().blocking(move || match &*ready {
        ReadyKey::Pair { private, .. } => private.sign(algorithm, message_type, &message, &*rng),
        ReadyKey::Symmetric(_) | ReadyKey::Mac(_) => Err(CryptoError::UnsupportedAlgorithm),
    });
    signed.await?.map_err(error::crypto)
}

/// Verifies.
///
/// # Errors
/// `KMSInvalidSignatureException`.
pub(crate) fn verify(
    ready: &ReadyKey,
    signing: Signing,
    message: &[u8],
    signature: &[u8],
) -> Result<(), ApiError> {
    let ReadyKey::Pair { public, .. } = ready else {
        return Err(error::crypto(CryptoError::UnsupportedAlgorithm));
    };
    public
        .verify(signing.algorithm, signing.message_type, message, signature)
        .map_err(|_| api::kms_invalid_signature_exception(""))
}

const fn is_slow(algorithm: SigningAlgorithm) -> bool {
    use SigningAlgorithm as S;
    matches!(
        algorithm,
        S::RsassaPssSha256
            | S::RsassaPssSha384
            | S::RsassaPssSha512
            | S::RsassaPkcs1V15Sha256
            | S::RsassaPkcs1V15Sha384
            | S::RsassaPkcs1V15Sha512
    )
}
