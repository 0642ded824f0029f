//! `Sign`. Source: KMS API Reference, "Sign".
//!
//! Action `kms:Sign` on the key.

use garrison_api_kms::operations;
use garrison_api_kms::types::{GrantOperation, SignResponse};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Blob};

use crate::grants::GrantUse;
use crate::service::Kms;
use crate::signing::{self, Signing};
use crate::use_key::{UseTarget, end_dry_run};

impl Handler<Kms> for operations::Sign {
    const ACCESS: Access = Access::key_use("kms:Sign")
        .omitting_request(&["GrantTokens"])
        .defaulting_request(&[("MessageType", "RAW")]);
    type Target = UseTarget;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<UseTarget>, ApiError> {
        let wanted = GrantUse::new(GrantOperation::Sign, input.grant_tokens.as_deref());
        kms.resolve_use(cx, &input.key_id, Self::ACCESS.action, &wanted).await
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        input: &'a Self::Input,
        target: &'a UseTarget,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        signing::condition(cx, target, &input.signing_algorithm, input.message_type.as_ref(), key)
    }

    async fn execute(
        kms: &Kms,
        _cx: &Context,
        input: &Self::Input,
        target: &UseTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let key = target.snapshot();
        let signing =
            Signing::new(key, &input.signing_algorithm, input.message_type.as_ref(), &input.message, "Sign")?;
        let ready = kms.current(key).await?;
        end_dry_run(input.dry_run)?;
        let signature = signing::sign(kms, ready, signing, &input.message).await?;
        Ok(Reply::new(SignResponse {
            key_id: Some(key.arn.to_string()),
            signature: Some(Blob(signature)),
            signing_algorithm: Some(input.signing_algorithm.clone()),
        }))
    }
}
