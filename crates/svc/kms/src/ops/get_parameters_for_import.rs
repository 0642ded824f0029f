//! `GetParametersForImport`. Source: KMS API Reference, "GetParametersForImport".
//!
//! Action `kms:GetParametersForImport` on the key, in the caller's own account. Condition keys
//! `kms:WrappingAlgorithm`, `kms:WrappingKeySpec`. Any key state but the deletion ones.

use garrison_api_kms::{errors as api, operations, types};
use garrison_crypto::keys::{KeySpec, WrappingAlgorithm};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Blob};
use zeroize::Zeroizing;

use crate::condition::{self, RequestKeys};
use crate::imports::{self, TOKEN_LIFE};
use crate::model::{KeySnapshot, StateRule};
use crate::resolve::{KeyTarget, ensure_state};
use crate::service::Kms;

impl Handler<Kms> for operations::GetParametersForImport {
    const ACCESS: Access = Access::read("kms:GetParametersForImport");
    type Target = KeyTarget;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<KeyTarget>, ApiError> {
        Ok(kms.resolve_own_key(cx, &input.key_id, Self::ACCESS.action).await?.resolved())
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        input: &'a Self::Input,
        target: &'a KeyTarget,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let request = RequestKeys {
            wrapping_algorithm: Some(input.wrapping_algorithm.as_str()),
            wrapping_key_spec: Some(input.wrapping_key_spec.as_str()),
            ..RequestKeys::default()
        };
        condition::about_key(cx, target, &request, key)
    }

    async fn execute(
        kms: &Kms,
        cx: &Context,
        input: &Self::Input,
        target: &KeyTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let key = &target.key;
        imports::ensure_external(key)?;
        ensure_state(key, StateRule::NotPendingDeletion)?;
        let (algorithm, spec) = wrapping(key, input)?;
        let pair = kms.generate(spec).await?;
        let valid_to = cx.time + TOKEN_LIFE;
        let token = kms.seal_import_token(key, algorithm, &pair, valid_to)?;
        let public = pair.public_key_der().unwrap_or_default().to_vec();
        Ok(Reply::new(types::GetParametersForImportResponse {
            key_id: Some(key.arn.to_string()),
            import_token: Some(Blob(token)),
            public_key: Some(Zeroizing::new(public).into()),
            parameters_valid_to: Some(valid_to),
        }))
    }
}

/// The algorithm and the kind of wrapping key, when they suit each other and the key.
fn wrapping(
    key: &KeySnapshot,
    input: &types::GetParametersForImportRequest,
) -> Result<(WrappingAlgorithm, KeySpec), ApiError> {
    let (algorithm, spec) = (input.wrapping_algorithm.as_str(), input.wrapping_key_spec.as_str());
    let refuse = |with: KeySpec| {
        api::unsupported_operation_exception(format!(
            "Wrapping algorithm {algorithm} with wrapping key spec {spec} cannot import key material for key spec {with}."
        ))
    };
    let own = key.key.spec;
    // RSAES_PKCS1_V1_5 is in the model still; AWS withdrew it in October 2023.
    let read = algorithm.parse::<WrappingAlgorithm>().ok().zip(spec.parse::<KeySpec>().ok());
    let (algorithm, spec) = read.ok_or_else(|| refuse(own))?;
    let hybrid =
        matches!(algorithm, WrappingAlgorithm::RsaAesKeyWrapSha1 | WrappingAlgorithm::RsaAesKeyWrapSha256);
    let own_is_rsa = matches!(own, KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096);
    let fits = match (algorithm, spec) {
        (WrappingAlgorithm::Sm2Pke, KeySpec::Sm2) => !own_is_rsa,
        (WrappingAlgorithm::Sm2Pke, _) | (_, KeySpec::Sm2) => false,
        // The private key of P-521 is longer than what RSAES-OAEP takes under 2,048 bits.
        (_, KeySpec::Rsa2048) if own == KeySpec::EccNistP521 => hybrid,
        (_, KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096) => hybrid || !own_is_rsa,
        _ => false,
    };
    if fits { Ok((algorithm, spec)) } else { Err(refuse(own)) }
}
