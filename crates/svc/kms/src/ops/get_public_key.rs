//! `GetPublicKey`. Source: KMS API Reference, "GetPublicKey".
//!
//! Action `kms:GetPublicKey` on the key.

use garrison_api_kms::errors as api;
use garrison_api_kms::operations;
use garrison_api_kms::types::{GetPublicKeyResponse, GrantOperation};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Blob};

use crate::condition::{RequestKeys, about_key};
use crate::grants::GrantUse;
use crate::metadata::Algorithms;
use crate::model::{ReadyKey, StateRule};
use crate::resolve::ensure_state;
use crate::service::Kms;
use crate::use_key::UseTarget;

impl Handler<Kms> for operations::GetPublicKey {
    const ACCESS: Access = Access::key_use("kms:GetPublicKey").omitting_request(&["GrantTokens"]);
    type Target = UseTarget;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<UseTarget>, ApiError> {
        let wanted = GrantUse::new(GrantOperation::GetPublicKey, input.grant_tokens.as_deref());
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
        _input: &Self::Input,
        target: &UseTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let key = target.snapshot();
        let (spec, usage) = (key.key.spec, key.key.usage);
        if !spec.is_asymmetric() {
            let message = format!("{} is not valid for key spec {spec}.", Self::ACCESS.action);
            return Err(api::unsupported_operation_exception(message));
        }
        ensure_state(key, StateRule::Enabled)?;
        let ready = kms.current(key).await?;
        let public_key = match &*ready {
            ReadyKey::Pair { public_der, .. } => Some(Blob(public_der.clone())),
            ReadyKey::Symmetric(_) | ReadyKey::Mac(_) => None,
        };
        let algorithms = Algorithms::of(spec, usage);
        Ok(Reply::new(GetPublicKeyResponse {
            key_id: Some(key.arn.to_string()),
            public_key,
            customer_master_key_spec: Some(spec.name().into()),
            key_spec: Some(spec.name().into()),
            key_usage: Some(usage.name().into()),
            encryption_algorithms: algorithms.encryption,
            signing_algorithms: algorithms.signing,
            key_agreement_algorithms: algorithms.agreement,
            encapsulation_algorithms: algorithms.encapsulation,
        }))
    }
}
