//! `RotateKeyOnDemand`. Source: KMS API Reference, "RotateKeyOnDemand".
//!
//! Action `kms:RotateKeyOnDemand` on the key, in the caller's own account. Key state `Enabled`. As on AWS the answer
//! comes when the rotation has begun; the worker completes it and records it.

use std::time::Duration;

use garrison_api_kms::{errors as api, operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::condition::{self, RequestKeys};
use crate::model::{Origin, Rotation, StateRule};
use crate::repo::{self, Due, DueKind, ON_DEMAND};
use crate::resolve::{KeyTarget, ensure_state};
use crate::rotation;
use crate::service::Kms;

/// The most on-demand rotations in a key's life (KMS Developer Guide, "Resource quotas").
const MAX_ROTATIONS: u8 = 25;
/// An automatic rotation that is this near goes first.
const IMMINENT: Duration = Duration::from_secs(20 * 60);

impl Handler<Kms> for operations::RotateKeyOnDemand {
    const ACCESS: Access = Access::write("kms:RotateKeyOnDemand");
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
        cx: &Context,
        _input: &Self::Input,
        target: &KeyTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let key = &target.key;
        rotation::ensure_symmetric(key)?;
        rotation::ensure_not_replica(key)?;
        ensure_state(key, StateRule::Enabled)?;
        let old = &key.key.rotation;
        if old.on_demand_started.is_some() {
            let message = format!("An on-demand rotation of {} is already in progress.", key.arn);
            return Err(api::conflict_exception(message));
        }
        if old.enabled && old.next.is_some_and(|next| next <= cx.time + IMMINENT) {
            let message = format!("An automatic rotation of {} begins within 20 minutes.", key.arn);
            return Err(api::conflict_exception(message));
        }
        if old.on_demand_count >= MAX_ROTATIONS {
            let message = format!("{} has had {MAX_ROTATIONS} on-demand rotations already.", key.arn);
            return Err(api::limit_exceeded_exception(message));
        }
        if key.key.origin == Origin::External && rotation::pending_material(&key.key).is_none() {
            let message = format!("{} has no key material in the state PENDING_ROTATION.", key.arn);
            return Err(api::kms_invalid_state_exception(message));
        }
        let new = Rotation {
            on_demand_count: old.on_demand_count.saturating_add(1),
            on_demand_started: Some(cx.time),
            ..old.clone()
        };
        let mut writes = WriteSet::new();
        rotation::set(&mut writes, &kms.family(key).await?, &new);
        let due = Due { at: cx.time, address: key.key.address.clone(), extra: ON_DEMAND.to_owned() };
        repo::schedule(&mut writes, DueKind::Rotation, &due);
        let output = types::RotateKeyOnDemandResponse { key_id: Some(key.key.address.id.to_string()) };
        Ok(Reply::with_writes(output, writes))
    }
}
