//! `GenerateDataKeyPair`. Source: KMS API Reference, "GenerateDataKeyPair".
//!
//! Action `kms:GenerateDataKeyPair` on the key that wraps.

use garrison_api_kms::operations;
use garrison_api_kms::types::{GenerateDataKeyPairRequest, GenerateDataKeyPairResponse, GrantOperation};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Blob};

use crate::data_key::{self, DataKeyRequest};
use crate::recipient;
use crate::service::Kms;
use crate::use_key::UseTarget;

impl Handler<Kms> for operations::GenerateDataKeyPair {
    const ACCESS: Access =
        Access::key_use("kms:GenerateDataKeyPair").omitting_request(&["GrantTokens", "Recipient"]);
    type Target = UseTarget;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<UseTarget>, ApiError> {
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
        let recipient = target.recipient.as_ref();
        let (plaintext, ciphertext_for_recipient) = recipient::deliver(kms, recipient, pair.private_pkcs8)?;
        let output = GenerateDataKeyPairResponse {
            private_key_ciphertext_blob: Some(Blob(wrapped.ciphertext)),
            private_key_plaintext: plaintext,
            public_key: Some(Blob(pair.public_spki)),
            key_id: Some(target.snapshot().arn.to_string()),
            key_pair_spec: Some(input.key_pair_spec.clone()),
            ciphertext_for_recipient,
            key_material_id: wrapped.material,
        };
        Ok(recipient::reply(output, recipient))
    }
}

fn request(input: &GenerateDataKeyPairRequest) -> DataKeyRequest<'_> {
    DataKeyRequest {
        action: "kms:GenerateDataKeyPair",
        operation: "GenerateDataKeyPair",
        grant: &GrantOperation::GenerateDataKeyPair,
        key_id: &input.key_id,
        context: input.encryption_context.as_ref(),
        tokens: input.grant_tokens.as_deref(),
        dry_run: input.dry_run,
    }
}
