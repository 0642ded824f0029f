//! `DeriveSharedSecret`. Source: KMS API Reference, "DeriveSharedSecret".
//!
//! Action `kms:DeriveSharedSecret` on the key.

use std::sync::Arc;

use garrison_api_kms::operations;
use garrison_api_kms::types::{DeriveSharedSecretResponse, GrantOperation, OriginType};
use garrison_crypto::CryptoError;
use garrison_crypto::keys::KeyUsage;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved, errors};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::condition::{RequestKeys, about_key};
use crate::error;
use crate::grants::GrantUse;
use crate::model::ReadyKey;
use crate::recipient;
use crate::service::Kms;
use crate::use_key::{UseTarget, algorithm, end_dry_run, ensure_usable};

impl Handler<Kms> for operations::DeriveSharedSecret {
    const ACCESS: Access =
        Access::key_use("kms:DeriveSharedSecret").omitting_request(&["GrantTokens", "Recipient"]);
    type Target = UseTarget;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<UseTarget>, ApiError> {
        let wanted = GrantUse::new(GrantOperation::DeriveSharedSecret, input.grant_tokens.as_deref());
        let mut resolved = kms.resolve_use(cx, &input.key_id, Self::ACCESS.action, &wanted).await?;
        resolved.target.recipient = recipient::attest(kms, input.recipient.as_ref()).await?;
        Ok(resolved)
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        input: &'a Self::Input,
        target: &'a UseTarget,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let request = RequestKeys {
            key_agreement_algorithm: Some(input.key_agreement_algorithm.as_str()),
            recipient_attestation: recipient::conditions(target.recipient.as_ref()),
            ..RequestKeys::default()
        };
        about_key(cx, &target.key, &request, key)
    }

    async fn execute(
        kms: &Kms,
        _cx: &Context,
        input: &Self::Input,
        target: &UseTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let key = target.snapshot();
        ensure_usable(key, KeyUsage::KeyAgreement, "DeriveSharedSecret")?;
        let (name, spec) = (input.key_agreement_algorithm.as_str(), key.key.spec);
        let algorithm = algorithm(name, spec, spec.key_agreement_algorithms())?;
        let ready = kms.current(key).await?;
        let (ready, peer) = (Arc::clone(&ready), input.public_key.to_vec());
        let derived = kms.kernel().blocking(move || match &*ready {
            ReadyKey::Pair { private, .. } => private.derive(algorithm, &peer),
            ReadyKey::Symmetric(_) | ReadyKey::Mac(_) => Err(CryptoError::UnsupportedAlgorithm),
        });
        let secret = derived.await?.map_err(|error| match error {
            CryptoError::InvalidPublicKey => errors::validation(format!(
                "The public key is not a valid DER-encoded X.509 SubjectPublicKeyInfo of key spec {spec}."
            )),
            other => error::crypto(other),
        })?;
        end_dry_run(input.dry_run)?;
        let recipient = target.recipient.as_ref();
        let (shared_secret, ciphertext_for_recipient) = recipient::deliver(kms, recipient, secret)?;
        let output = DeriveSharedSecretResponse {
            key_id: Some(key.arn.to_string()),
            shared_secret,
            ciphertext_for_recipient,
            key_agreement_algorithm: Some(input.key_agreement_algorithm.clone()),
            key_origin: Some(OriginType::from(key.key.origin.name())),
        };
        Ok(recipient::reply(output, recipient))
    }
}
