//! `DisableKeyRotation`. Source: KMS API Reference, "DisableKeyRotation".
//!
//! Action `kms:DisableKeyRotation` on the key, in the caller's own account. Key state `Enabled`.

use garrison_api_kms::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::condition::{self, RequestKeys};
use crate::model::{Rotation, StateRule};
use crate::reply::changed;
use crate::resolve::{KeyTarget, ensure_state};
use crate::rotation;
use crate::service::Kms;

impl Handler<Kms> for operations::DisableKeyRotation {
    const ACCESS: Access = Access::write("kms:DisableKeyRotation");
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
        kms: &Kms,
        _cx: &Context,
        _input: &Self::Input,
        target: &KeyTarget,
    ) -> Result<Reply<Unit>, ApiError> {
        let key = &target.key;
        rotation::ensure_automatic(key)?;
        rotation::ensure_not_replica(key)?;
        ensure_state(key, StateRule::Enabled)?;
        let new = Rotation { enabled: false, next: None, ..key.key.rotation.clone() };
        let mut writes = WriteSet::new();
        rotation::set(&mut writes, &kms.family(key).await?, &new);
        Ok(changed(key, writes))
    }
}
