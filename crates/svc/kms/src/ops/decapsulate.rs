//! `Decapsulate`. Source: KMS API Reference, "Decapsulate".
//!
//! Action `kms:Decapsulate` on the key.

use garrison_api_kms::operations;
use garrison_api_kms::types::{DecapsulateResponse, GrantOperation};
use garrison_crypto::CryptoError;
use garrison_crypto::keys::KeyUsage;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, SensitiveBlob};

use crate::condition::{RequestKeys, about_key};
use crate::error;
use crate::grants::GrantUse;
use crate::model::ReadyKey;
use crate::service::Kms;
use crate::use_key::{UseTarget, algorithm, end_dry_run, ensure_usable, invalid_ciphertext};

impl Handler<Kms> for operations::Decapsulate {
    const ACCESS: Access = Access::key_use("kms:Decapsulate").omitting_request(&["GrantTokens"]);
    type Target = UseTarget;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<UseTarget>, ApiError> {
        let wanted = GrantUse::new(GrantOperation::Decapsulate, input.grant_tokens.as_deref());
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
        ensure_usable(key, KeyUsage::EncapsulateDecapsulate, "Decapsulate")?;
        let (name, spec) = (input.encapsulation_algorithm.as_str(), key.key.spec);
        let algorithm = algorithm(name, spec, spec.encapsulation_algorithms())?;
        let ready = kms.current(key).await?;
        let ReadyKey::Pair { private, .. } = &*ready else {
            return Err(error::crypto(CryptoError::UnsupportedAlgorithm));
        };
        let ciphertext = &input.shared_secret_ciphertext_blob;
        // An altered ciphertext gives another secret and no error (FIPS 203); only its length can be wrong.
        let secret = private.decapsulate(algorithm, ciphertext).map_err(|_| invalid_ciphertext())?;
        end_dry_run(input.dry_run)?;
        Ok(Reply::new(DecapsulateResponse {
            key_id: Some(key.arn.to_string()),
            shared_secret: Some(SensitiveBlob::from(secret)),
            encapsulation_algorithm: Some(input.encapsulation_algorithm.clone()),
        }))
    }
}
