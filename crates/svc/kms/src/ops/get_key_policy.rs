//! `GetKeyPolicy`. Source: KMS API Reference, "GetKeyPolicy".
//!
//! Action `kms:GetKeyPolicy` on the key, in the caller's own account. Any key state. The text is the one that was put,
//! byte for byte.

use garrison_api_kms::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::condition::{self, RequestKeys};
use crate::key_policy;
use crate::resolve::KeyTarget;
use crate::service::Kms;

impl Handler<Kms> for operations::GetKeyPolicy {
    const ACCESS: Access = Access::read("kms:GetKeyPolicy");
    type Target = KeyTarget;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<KeyTarget>, ApiError> {
        Ok(kms.resolve_own_key(cx, &input.key_id, Self::ACCESS.action).await?.resolved())
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        _input: &'a Self::Input,
        target: &'a KeyTarget,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        condition::about_key(cx, target, &RequestKeys::default(), key)
    }

    async fn execute(
        _kms: &Kms,
        _cx: &Context,
        input: &Self::Input,
        target: &KeyTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        key_policy::check_name(input.policy_name.as_deref())?;
        Ok(Reply::new(types::GetKeyPolicyResponse {
            policy: Some(target.key.key.policy.to_string()),
            policy_name: Some(key_policy::NAME.to_owned()),
        }))
    }
}
