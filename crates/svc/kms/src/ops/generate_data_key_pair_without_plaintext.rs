//! `GenerateDataKeyPairWithoutPlaintext`. Source: KMS API Reference, "GenerateDataKeyPairWithoutPlaintext".
//!
//! Action `kms:GenerateDataKeyPairWithoutPlaintext` on the key that wraps.

use garrison_api_kms::operations;
use garrison_api_kms::types::{
    GenerateDataKeyPairWithoutPlaintextRequest, GenerateDataKeyPairWithoutPlaintextResponse, GrantOperation,
};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Blob};

use crate::data_key::{self, DataKeyRequest};
use crate::service::Kms;
use crate::use_key::UseTarget;

impl Handler<Kms> for operations::GenerateDataKeyPairWithoutPlaintext {
    const ACCESS: Access =
        Access::key_use("kms:GenerateDataKeyPairWithoutPlaintext").omitting_request(&["GrantTokens"]);
    type Target = UseTarget;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<UseTarget>, ApiError> {
        request(input).resolve(kms, cx).await
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        input: &'a Self::Input,
        target: &'a UseTarget,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        data_key::condition(cx, target, input.encryption_context.as_ref(), Some(&input.key_pair_spec), key)
    }

    async fn execute(
        kms: &Kms,
        _cx: &Context,
        input: &Self::Input,
        target: &UseTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let request = request(input);
        request.ensure_wraps(target.snapshot())?;
        let pair = data_key::key_pair(kms, &input.key_pair_spec).await?;
        let wrapped = request.wrap(kms, target.snapshot(), &pair.private_pkcs8).await?;
        Ok(Reply::new(GenerateDataKeyPairWithoutPlaintextResponse {
            private_key_ciphertext_blob: Some(Blob(wrapped.ciphertext)),
            public_key: Some(Blob(pair.public_spki)),
            key_id: Some(target.snapshot().arn.to_string()),
            key_pair_spec: Some(input.key_pair_spec.clone()),
            key_material_id: wrapped.material,
        }))
    }
}

fn request(input: &GenerateDataKeyPairWithoutPlaintextRequest) -> DataKeyRequest<'_> {
    DataKeyRequest {
        action: "kms:GenerateDataKeyPairWithoutPlaintext",
        operation: "GenerateDataKeyPairWithoutPlaintext",
        grant: &GrantOperation::GenerateDataKeyPairWithoutPlaintext,
        key_id: &input.key_id,
        context: input.encryption_context.as_ref(),
        tokens: input.grant_tokens.as_deref(),
        dry_run: input.dry_run,
    }
}
