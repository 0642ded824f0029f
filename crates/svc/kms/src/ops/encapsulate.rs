//! `Encapsulate`. Source: KMS API Reference, "Encapsulate".
//!
//! Action `kms:Encapsulate` on the key.

use garrison_api_kms::operations;
use garrison_api_kms::types::{EncapsulateResponse, GrantOperation};
use garrison_crypto::CryptoError;
use garrison_crypto::keys::KeyUsage;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Blob, SensitiveBlob};

use crate::condition::{RequestKeys, about_key};
use crate::error;
use crate::grants::GrantUse;
use crate::model::ReadyKey;
use crate::service::Kms;
use crate::use_key::{UseTarget, algorithm, end_dry_run, ensure_usable};

impl Handler<Kms> for operations::Encapsulate {
    const ACCESS: Access = Access::key_use("kms:Encapsulate").omitting_request(&["GrantTokens"]);
    type Target = UseTarget;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<UseTarget>, ApiError> {
        let wanted = GrantUse::new(GrantOperation::Encapsulate, input.grant_tokens.as_deref());
        kms.resolve_use(cx, &input.key_id, Self::ACCESS.action, &wanted).await
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        _input: &'a Self::Input,
        target: &'a UseTarget,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        about_key(cx, &target.key, &RequestKeys::default(), key)
    }

    async fn execute(
        kms: &Kms,
        _cx: &Context,
        input: &Self::Input,
        target: &UseTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let key = target.snapshot();
        ensure_usable(key, KeyUsage::EncapsulateDecapsulate, "Encapsulate")?;
        let (name, spec) = (input.encapsulation_algorithm.as_str(), key.key.spec);
        let algorithm = algorithm(name, spec, spec.encapsulation_algorithms())?;
        let ready = kms.current(key).await?;
        end_dry_run(input.dry_run)?;
        let ReadyKey::Pair { public, .. } = &*ready else {
            return Err(error::crypto(CryptoError::UnsupportedAlgorithm));
        };
        let encapsulated = public.encapsulate(algorithm).map_err(error::crypto)?;
        Ok(Reply::new(EncapsulateResponse {
            key_id: Some(key.arn.to_string()),
            shared_secret: Some(SensitiveBlob::from(encapsulated.shared_secret)),
            shared_secret_ciphertext_blob: Some(Blob(encapsulated.ciphertext)),
            encapsulation_algorithm: Some(input.encapsulation_algorithm.clone()),
        }))
    }
}
