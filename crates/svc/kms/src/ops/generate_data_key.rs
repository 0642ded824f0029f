//! `GenerateDataKey`. Source: KMS API Reference, "GenerateDataKey".
//!
//! Action `kms:GenerateDataKey` on the key that wraps.

use garrison_api_kms::operations;
use garrison_api_kms::types::{GenerateDataKeyRequest, GenerateDataKeyResponse, GrantOperation};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Blob};

use crate::data_key::{self, DataKeyRequest};
use crate::recipient;
use crate::service::Kms;
use crate::use_key::UseTarget;

impl Handler<Kms> for operations::GenerateDataKey {
    const ACCESS: Access =
        Access::key_use("kms:GenerateDataKey").omitting_request(&["GrantTokens", "Recipient"]);
    type Target = UseTarget;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<UseTarget>, ApiError> {
        data_key::length(input.key_spec.as_ref(), input.number_of_bytes)?;
        let mut resolved = request(input).resolve(kms, cx).await?;
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
        data_key::condition(cx, target, input.encryption_context.as_ref(), None, key)
    }

    async fn execute(
        kms: &Kms,
        _cx: &Context,
        input: &Self::Input,
        target: &UseTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let request = request(input);
        request.ensure_wraps(target.snapshot())?;
        let secret = data_key::random(kms, data_key::length(input.key_spec.as_ref(), input.number_of_bytes)?);
        let wrapped = request.wrap(kms, target.snapshot(), &secret).await?;
        let recipient = target.recipient.as_ref();
        let (plaintext, ciphertext_for_recipient) = recipient::deliver(kms, recipient, secret)?;
        let output = GenerateDataKeyResponse {
            ciphertext_blob: Some(Blob(wrapped.ciphertext)),
            plaintext,
            key_id: Some(target.snapshot().arn.to_string()),
            ciphertext_for_recipient,
            key_material_id: wrapped.material,
        };
        Ok(recipient::reply(output, recipient))
    }
}

fn request(input: &GenerateDataKeyRequest) -> DataKeyRequest<'_> {
    DataKeyRequest {
        action: "kms:GenerateDataKey",
        operation: "GenerateDataKey",
        grant: &GrantOperation::GenerateDataKey,
        key_id: &input.key_id,
        context: input.encryption_context.as_ref(),
        tokens: input.grant_tokens.as_deref(),
        dry_run: input.dry_run,
    }
}
