//! `EnableKey`. Source: KMS API Reference, "EnableKey".
//!
//! Action `kms:EnableKey` on the key, in the caller's own account. Key states `Enabled` and `Disabled`.

use garrison_api_kms::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::condition::{self, RequestKeys};
use crate::model::{KeyState, StateRule};
use crate::reply::changed;
use crate::resolve::{KeyTarget, ensure_state};
use crate::service::Kms;
use crate::{repo, rotation};

impl Handler<Kms> for operations::EnableKey {
    const ACCESS: Access = Access::write("kms:EnableKey");
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
        cx: &Context,
        _input: &Self::Input,
        target: &KeyTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        ensure_state(&target.key, StateRule::NotPending)?;
        let mut key = target.key.key.clone();
        key.state = KeyState::Enabled;
        let mut writes = WriteSet::new();
        rotation::resume(&mut writes, &target.key, &mut key, cx.time);
        repo::replace_key(&mut writes, &target.key, &key);
        Ok(changed(&target.key, writes))
    }
}
