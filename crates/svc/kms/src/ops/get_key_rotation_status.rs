//! `GetKeyRotationStatus`. Source: KMS API Reference, "GetKeyRotationStatus".
//!
//! Action `kms:GetKeyRotationStatus` on the key, which may be another account's. A key that waits for its deletion
//! does not rotate, and says so; nor does an asymmetric or an HMAC key.

use garrison_api_kms::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::condition::{self, RequestKeys};
use crate::resolve::{Accept, KeyTarget};
use crate::service::Kms;

impl Handler<Kms> for operations::GetKeyRotationStatus {
    const ACCESS: Access = Access::read("kms:GetKeyRotationStatus");
    type Target = KeyTarget;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<KeyTarget>, ApiError> {
        Ok(kms.resolve_key(cx, &input.key_id, Accept::Key, Self::ACCESS.action).await?.resolved())
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
        _input: &Self::Input,
        target: &KeyTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let key = &target.key.key;
        let enabled = key.rotation.enabled && !key.state.is_pending_deletion();
        Ok(Reply::new(types::GetKeyRotationStatusResponse {
            key_rotation_enabled: Some(enabled),
            key_id: Some(key.address.id.to_string()),
            rotation_period_in_days: key.rotation.period_days.filter(|_| enabled).map(i32::from),
            next_rotation_date: key.rotation.next.filter(|_| enabled),
            on_demand_rotation_start_date: key.rotation.on_demand_started,
        }))
    }
}
