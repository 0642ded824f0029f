//! `PutKeyPolicy`. Source: KMS API Reference, "PutKeyPolicy".
//!
//! Action `kms:PutKeyPolicy` on the key, in the caller's own account. Condition key
//! `kms:BypassPolicyLockoutSafetyCheck`. Any key state.

use garrison_api_kms::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::condition::{self, RequestKeys};
use crate::reply::changed;
use crate::resolve::KeyTarget;
use crate::service::Kms;
use crate::{key_policy, repo};

impl Handler<Kms> for operations::PutKeyPolicy {
    const ACCESS: Access = Access::write("kms:PutKeyPolicy");
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
        let bypass = input.bypass_policy_lockout_safety_check == Some(true);
        let request = RequestKeys { bypass_lockout_check: Some(bypass), ..RequestKeys::default() };
        condition::about_key(cx, target, &request, key)
    }

    async fn execute(
        _kms: &Kms,
        cx: &Context,
        input: &Self::Input,
        target: &KeyTarget,
    ) -> Result<Reply<Unit>, ApiError> {
        key_policy::check_name(input.policy_name.as_deref())?;
        let bypass = input.bypass_policy_lockout_safety_check == Some(true);
        let mut key = target.key.key.clone();
        key_policy::accept(cx, &key.address, &input.policy, bypass)?;
        key.policy = input.policy.as_str().into();
        let mut writes = WriteSet::new();
        repo::replace_key(&mut writes, &target.key, &key);
        Ok(changed(&target.key, writes))
    }
}
