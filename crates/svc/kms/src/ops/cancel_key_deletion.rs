//! `CancelKeyDeletion`. Source: KMS API Reference, "CancelKeyDeletion".
//!
//! Action `kms:CancelKeyDeletion` on the key, in the caller's own account. The deletion states only.

use garrison_api_kms::{errors as api, operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::condition::{self, RequestKeys};
use crate::model::KeyState;
use crate::repo::{self, Due, DueKind};
use crate::resolve::KeyTarget;
use crate::rotation;
use crate::service::Kms;

impl Handler<Kms> for operations::CancelKeyDeletion {
    const ACCESS: Access = Access::write("kms:CancelKeyDeletion");
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
        _input: &Self::Input,
        target: &KeyTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let mut key = target.key.key.clone();
        let mut writes = WriteSet::new();
        match key.state {
            KeyState::PendingDeletion { at, .. } => {
                let due = Due { at, address: key.address.clone(), extra: String::new() };
                repo::unschedule(&mut writes, DueKind::Deletion, &due);
            }
            KeyState::PendingReplicaDeletion { .. } => {}
            _ => {
                let message = format!("{} is not pending deletion.", target.key.arn);
                return Err(api::kms_invalid_state_exception(message));
            }
        }
        key.state = KeyState::Disabled;
        rotation::settle(&mut key);
        repo::replace_key(&mut writes, &target.key, &key);
        let output = types::CancelKeyDeletionResponse { key_id: Some(target.key.arn.to_string()) };
        Ok(Reply::with_writes(output, writes))
    }
}
